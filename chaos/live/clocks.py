"""`make clocks`: wrong clocks on a real pair. No points may end early, the clock that is off is named.

    python -m chaos.live.clocks                  all stories
    python -m chaos.live.clocks drift            one
    python -m chaos.live.clocks --list

Each process sees clocks of its own (`chaos/live/clock_shim.c`, built by the machine's C compiler); the
machine's clock is not touched. One line per story, at the end one line of JSON; exit status 1 if any is off.
"""

import json
import signal
import sys
from typing import Annotated, Final

import typer

from chaos.live.clock_stories import STORIES, Story, Told, play
from chaos.live.own_directory import in_own_directory
from chaos.live.shim import missing_for_shim

TOLD: Final = 6  # problems of a story; the last ones say what came of it


def main(
    stories: Annotated[list[str] | None, typer.Argument(help="Names; none: all.")] = None,
    show: Annotated[bool, typer.Option("--list", help="Say what there is, and do nothing.")] = False,
) -> None:
    """Let clocks be wrong."""
    known = {story.name: story for story in STORIES}
    for name in stories or []:
        if name not in known:
            raise typer.BadParameter(f"{name}: want {', '.join(known)}")
    if show:
        for story in STORIES:
            print(f"{story.name:<16} {story.why}")
        return
    if missing := missing_for_shim():
        print(json.dumps({"ok": False, "why": missing}))
        sys.exit(1)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    told = [_one(known[name]) for name in stories or known]
    print(json.dumps({"ok": all(one.ok for one in told), **{one.story.name: one.figures for one in told}}))
    sys.exit(0 if all(one.ok for one in told) else 1)


def _one(story: Story) -> Told:
    return in_own_directory(story.name, lambda at: play(story, at), _in_words, TOLD)


def _in_words(told: Told) -> str:
    known = told.figures
    return (
        f"{known['answered']} purchases, longest wait {known['longest_wait_ms']} ms; log time at most "
        f"{known['log_time_ahead_ms']} ms ahead, at the end {known['log_time_ahead_at_the_end_ms']} ms; "
        f"active {known['active']}"
    )


if __name__ == "__main__":
    typer.run(main)
