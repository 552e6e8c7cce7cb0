"""Bits change on a running pair, one at a time: none may reach a till, and the right unit has to go.

    python -m chaos.live.flips                        fifty effective flips in each place
    python -m chaos.live.flips memory --times 5

Effective is a flip that was repaired, convicted somebody or ended a process; a bit that nobody looks at any
more is only counted. A table at the end says what was found by which check, and how soon. The last line is
JSON; exit status 1 if a till was told something wrong, the wrong unit went, or service did not go on.
"""

import asyncio
import json
import random
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from chaos.live.flips.report import Flips, table
from chaos.live.flips.run import PLACES, flip_all

SEED: Final = 1


def main(
    places: Annotated[list[str] | None, typer.Argument(help=f"Of {', '.join(PLACES)}; none: all.")] = None,
    times: Annotated[int, typer.Option(min=1, max=1000, help="Effective flips in each place.")] = 50,
    seed: Annotated[int, typer.Option(help="Which bits, where and when.")] = SEED,
) -> None:
    """Flip bits of a running pair."""
    chosen = places or list(PLACES)
    if unknown := [place for place in chosen if place not in PLACES]:
        raise typer.BadParameter(f"{', '.join(unknown)}: there are {', '.join(PLACES)}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    directory = Path(tempfile.mkdtemp(prefix="ftnode-flips-"))
    flips = Flips()
    asyncio.run(flip_all(directory, chosen, times, random.Random(seed), flips, say=_say))
    Console(stderr=True).print(table(flips))
    for problem in flips.problems:
        print(f"OFF  {problem}", flush=True)
    if flips.ok(chosen, times):
        shutil.rmtree(directory)
    else:
        print(f"left to be looked at: {directory}", flush=True)
    print(json.dumps(flips.figures(chosen, times)), flush=True)
    sys.exit(0 if flips.ok(chosen, times) else 1)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    typer.run(main)
