"""`make upgrade`: a real pair goes to its next version and back, while tills buy. No call may be refused.

    python -m chaos.live.upgrade                  all stories, two minutes
    python -m chaos.live.upgrade mixed --rounds 5 one
    python -m chaos.live.upgrade --list

The next program (`next_program.py`) differs in log, link and snapshot format and in one rule of the engine.
One line per story, at the end one line of JSON; exit status 1 if any is off.
"""

import json
import signal
import sys
import time
from typing import Annotated, Final

import typer

from chaos.live.own_directory import in_own_directory
from chaos.live.upgrade.stories import STORIES, Outcome, Story, play

TOLD: Final = 8


def main(
    stories: Annotated[list[str] | None, typer.Argument(help="Names; none: all.")] = None,
    rounds: Annotated[int, typer.Option(min=1, max=1000, help="Of `mixed`.")] = 2,
    show: Annotated[bool, typer.Option("--list", help="Say what there is, and do nothing.")] = False,
) -> None:
    """Upgrade a pair under traffic."""
    known = {story.name: story for story in STORIES}
    for name in stories or []:
        if name not in known:
            raise typer.BadParameter(f"{name}: want {', '.join(known)}")
    if show:
        for story in STORIES:
            print(f"{story.name:<10} {story.why}")
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began_s = time.monotonic()
    told = [_one(known[name], rounds) for name in stories or known]
    ok = all(one.ok for one in told)
    total = {
        name: sum(one.figures[name] for one in told)
        for name in ("calls", "refused", "unknown", "lost", "doubled")
    }
    verdict = {"ok": ok, "verdict": "pass" if ok else "fail", **total}
    verdict["digests_equal"] = all(one.figures["digests_equal"] for one in told)
    verdict["seconds"] = round(time.monotonic() - began_s)
    print(json.dumps({**verdict, **{one.story.name: one.figures for one in told}}))
    sys.exit(0 if ok else 1)


def _one(story: Story, rounds: int) -> Outcome:
    return in_own_directory(f"upgrade-{story.name}", lambda at: play(story, at, rounds), _in_words, TOLD)


def _in_words(told: Outcome) -> str:
    known = told.figures
    return (
        f"{known['calls']} calls, {known['refused']} refused, {known['unknown']} unknown, "
        f"{known['lost']} lost, {known['doubled']} doubled, longest wait {known['longest_wait_ms']} ms, "
        f"digests {'equal' if known['digests_equal'] else 'NOT EQUAL'}"
    )


if __name__ == "__main__":
    typer.run(main)
