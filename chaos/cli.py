"""The command line of `chaos`: do to a running pair what life does."""

import os
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from chaos.live import hands
from ftnode.pair.layout import PairDir, PairError

ENV_DIR: Final = "FTCTL_DIR"  # the same as for ftctl: one pair, one variable

app = typer.Typer(
    help="Pull, insert, crash and hang the units of a pair that `ftnode pair` runs.\n\n"
    "Exit status: 0 done, 1 not done (the last line says why), 2 the command line is wrong.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

_UNIT = Annotated[int, typer.Argument(min=0, max=1, help="0 or 1", metavar="UNIT")]
_NAME = Annotated[str, typer.Argument(help="0, 1 or witness", metavar="WHO")]
_DIR = Annotated[str, typer.Option("--dir", help="Directory of `ftnode pair`. Default: $FTCTL_DIR, or here.")]


@app.command()
def pull(unit: _UNIT, dir: _DIR = "") -> None:
    """Kill a unit, keep it out, and set its data aside: a box pulled out of its cabinet."""
    aside = hands.pull(_pair(dir), unit, "pulled with `chaos pull`")
    print(f"unit {unit} is out" + (f"; its data lies in {aside}" if aside else ""))


@app.command()
def insert(
    unit: _UNIT,
    disk: Annotated[Path | None, typer.Option(help="Not blank: with a copy of this data, set aside.")] = None,
    dir: _DIR = "",
) -> None:
    """Put a blank unit in: it rebuilds itself under traffic and joins."""
    hands.insert(_pair(dir), unit, disk)
    print(f"unit {unit} is in; see it join with: ftctl watch")


@app.command()
def crash(who: _NAME, dir: _DIR = "") -> None:
    """Kill a process; it is started again with its data."""
    hands.crash(_pair(dir), _name(who))
    print(f"{_name(who)} was killed; it is started again")


@app.command()
def hang(
    who: _NAME,
    seconds: Annotated[float, typer.Option(min=0.01, max=3600, help="For how long.")] = 5.0,
    dir: _DIR = "",
) -> None:
    """Stop a process without closing its connections, and let it go on after a while."""
    print(f"{_name(who)} hangs for {seconds:g} s", flush=True)
    hands.hang(_pair(dir), _name(who), seconds)
    print(f"{_name(who)} goes on")


def _pair(directory: str) -> PairDir:
    return PairDir.at(directory or os.environ.get(ENV_DIR, "") or ".")


def _name(who: str) -> str:
    names = {"0": "unit0", "1": "unit1", "unit0": "unit0", "unit1": "unit1", "witness": "witness"}
    if who not in names:
        raise typer.BadParameter(f"{who}: want 0, 1 or witness")
    return names[who]


def main() -> None:
    """Entry point."""
    try:
        app()
    except PairError as problem:
        print(f"chaos: {problem}", file=sys.stderr)
        sys.exit(1)
