"""`make durability`: is every acknowledged purchase there after the worst, once?

    python -m chaos.live.durability                 all three parts
    python -m chaos.live.durability kill --kills 5  units and witness killed, five times

kill     both units and the witness are killed under load, together or a moment apart
power    each has a disk of its own, and the power of all disks is cut under load; sometimes of one or two
control  as power, one cut to a fresh pair whose fsync does nothing: if no loss is found, the test is blind

One line per part, at the end one line of JSON; exit status 1 if a part is not proven. Power cuts need root.
"""

import asyncio
import json
import random
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any, Final, get_args

import typer

from chaos.live.durability_cabinet import LYING
from chaos.live.durability_disk import missing_for_power_cuts, own_namespace
from chaos.live.durability_run import Kind, Outcome, Run, play_control

PARTS: Final[tuple[Kind, ...]] = get_args(Kind)
ENDED_TOLD: Final = 5  # of the processes that ended by themselves


def main(
    parts: Annotated[list[str] | None, typer.Argument(help="kill, power, control; none: all.")] = None,
    kills: Annotated[int, typer.Option(min=1, max=100_000, help="How often all three are killed.")] = 100,
    cuts: Annotated[int, typer.Option(min=1, max=100_000, help="How often all three lose power.")] = 20,
    tills: Annotated[int, typer.Option(min=1, max=10_000, help="Tills that buy meanwhile.")] = 20,
    rate: Annotated[float, typer.Option(min=1, help="Calls a second, on schedule.")] = 60,
    seed: Annotated[int, typer.Option(min=0, help="Of who is hurt when; 0: another each time.")] = 0,
) -> None:
    """Kill and cut power under load; compare what tills were told with the statements."""
    chosen = [part for part in PARTS if part in (parts or PARTS)]
    for part in parts or []:
        if part not in PARTS:
            raise typer.BadParameter(f"{part}: want {', '.join(PARTS)}")
    missing = {part: why for part in chosen if (why := cannot(part))}
    if set(chosen) - set(missing) - {"kill"}:
        own_namespace()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    seed = seed or random.SystemRandom().randrange(1, 2**31)
    figures: dict[str, Any] = {}
    for part in chosen:
        if part in missing:
            print(f"NOT {part:<8} {missing[part]}", flush=True)
            figures[part] = {"verdict": "not run", "why": missing[part]}
        else:
            figures[part] = _one(part, kills if part == "kill" else cuts, tills, rate, seed)
    ok = all(part["verdict"] in ("kept", "sees") for part in figures.values())
    print(json.dumps({"ok": ok, "seed": seed, **figures}), flush=True)
    sys.exit(0 if ok else 1)


def cannot(part: Kind) -> str:
    """Why this part cannot be run here; empty if it can."""
    if part == "kill":
        return ""
    if part == "control" and shutil.which(LYING[-1]) is None:
        return f"no {LYING[-1]} here; `make setup-test` installs it"
    return missing_for_power_cuts()


def _one(part: Kind, times: int, tills: int, rate: float, seed: int) -> dict[str, Any]:
    """One part in a directory of its own, which is kept if something is off."""
    directory = Path(tempfile.mkdtemp(prefix=f"ftnode-{part}-"))
    if part == "control":
        outcome = play_control(directory, times, tills, rate, seed)
    else:
        outcome = asyncio.run(Run(part, directory, times, tills, rate, seed).play())
    known = outcome.figures()
    print(
        f"{'ok ' if outcome.ok else 'OFF'} {part:<8} {outcome.verdict}: {outcome.rounds} rounds and "
        f"{outcome.partial} partial ones, {known['acknowledged']} of {known['scheduled']} acknowledged, "
        f"{known['lost']} lost, {known['doubled']} doubled, {known['unknown']} unknown",
        flush=True,
    )
    _tell(outcome)
    if outcome.ok:
        shutil.rmtree(directory)
    else:
        print(f"    left to be looked at: {directory}", flush=True)
    return known


def _tell(outcome: Outcome) -> None:
    """What is wrong. What a control that sees has found is what it was meant to find."""
    for line in [] if outcome.ok else [*outcome.problems, *outcome.ended[-ENDED_TOLD:]]:
        print(f"    {line}", flush=True)


if __name__ == "__main__":
    typer.run(main)
