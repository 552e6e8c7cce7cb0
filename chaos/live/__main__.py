"""`make chaos`: scenarios on a real pair under load, each hurt and healed, judged by the tills' own books.

    python -m chaos.live                              every scenario once
    python -m chaos.live kill-active --times 20       twenty kills in one run, gap and wait in nine of ten
    python -m chaos.live --list

One line per scenario, at the end one line of JSON; exit status 1 if any scenario is off.
"""

import json
import signal
import sys
from typing import Annotated, Any

import typer

from chaos.live.own_directory import in_own_directory
from chaos.live.play import Audience, Played, play
from chaos.live.scenario import Scenario, load, names


def main(
    scenarios: Annotated[list[str] | None, typer.Argument(help="Names; none: all.")] = None,
    times: Annotated[int, typer.Option(min=1, max=1000, help="Repetitions of hurt and heal.")] = 1,
    tills: Annotated[int, typer.Option(min=1, help="Tills that buy meanwhile.")] = 50,
    rate: Annotated[float, typer.Option(min=1, help="Calls a second, on schedule, over both units.")] = 300,
    idle: Annotated[int, typer.Option(min=0, help="Idle clients, connected beside the tills.")] = 0,
    show: Annotated[bool, typer.Option("--list", help="Say what there is, and do nothing.")] = False,
) -> None:
    """Hurt and heal a pair under load."""
    try:
        chosen = [load(name) for name in scenarios or names()]
    except ValueError as problem:
        raise typer.BadParameter(str(problem)) from None
    if show:
        for scenario in chosen:
            print(f"{scenario.name:<18} {scenario.why}")
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    played = [_one(scenario, times, Audience(tills, rate, idle)) for scenario in chosen]
    print(json.dumps(_summary(played)), flush=True)
    sys.exit(0 if all(one.ok for one in played) else 1)


def _one(scenario: Scenario, times: int, audience: Audience) -> Played:
    """One scenario on a pair of its own."""
    return in_own_directory(
        scenario.name, lambda at: play(scenario, at, times, audience), lambda played: played.in_words()
    )


def _summary(played: list[Played]) -> dict[str, Any]:
    return {
        "scenarios": len(played),
        "off": [one.scenario.name for one in played if not one.ok],
        "figures": {one.scenario.name: one.figures() for one in played},
    }


if __name__ == "__main__":
    typer.run(main)
