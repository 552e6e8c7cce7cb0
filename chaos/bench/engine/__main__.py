"""`make bench-engine`: what the engine costs, on one core.

    python -m chaos.bench.engine                         cost and worst, some minutes
    python -m chaos.bench.engine --what cost             one part: cost, worst or large
    python -m chaos.bench.engine --what large            2,500,000 members against 10,000: ten minutes, 4 GiB

Progress and a table go to standard error. The last line is JSON: every figure, with a verdict. Exit status 0
if all that is promised was shown, 1 if not.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from chaos.bench.built import COMPILED
from chaos.bench.engine import cost, large, worst
from chaos.bench.engine.cases import CASES
from chaos.bench.engine.judge import Row, all_ok
from chaos.bench.engine.unit import WARM_ENTRIES, Unit, pin

PARTS: Final = ("cost", "worst", "large")
Tick = Callable[[], None]


def main(
    what: Annotated[str, typer.Option(help="Parts, with commas: cost, worst, large.")] = "cost,worst",
    entries: Annotated[int, typer.Option(min=100, help="Measured entries of each row of cost.")] = 4_000,
    members: Annotated[int, typer.Option(min=1000, help="Of large.")] = large.MEMBERS,
    partners: Annotated[int, typer.Option(min=6, max=100_000, help="Of large.")] = 12_000,
    stores: Annotated[int, typer.Option(min=100, help="Of large.")] = 800_000,
    directory: Annotated[str, typer.Option("--dir", help="Put the state under this directory.")] = "",
) -> None:
    """Measure the engine; judge it by what is promised."""
    parts = what.split(",")
    if unknown := set(parts) - set(PARTS):
        raise typer.BadParameter(f"--what {','.join(sorted(unknown))}: may be {', '.join(PARTS)}")
    core = pin()
    root = Path(tempfile.mkdtemp(prefix="loyalty-bench-", dir=directory or None))
    rows: list[Row] = []
    try:
        with _progress() as progress:
            if "cost" in parts:
                rows += _cost(progress, root / "cost", cost.Sizes(entries=entries))
            if "worst" in parts:
                rows += _worst(progress, root / "worst")
            if "large" in parts:
                rows += _large(progress, root, large.Size(members, partners, stores), entries)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    _show(rows)
    ok = all_ok(rows)
    found = {row.name: row.as_json() for row in rows}
    print(json.dumps({"ok": ok, "compiled": COMPILED, "core": core, "rows": found}))
    sys.exit(0 if ok else 1)


def _cost(progress: Progress, path: Path, sizes: cost.Sizes) -> list[Row]:
    unit = Unit(path)
    club = cost.Club(unit, sizes)
    club.prepare(_bar(progress, "cost: a club of members", club.work))
    rows = cost.measure(club, _bar(progress, "cost: purchases and quotes", cost.measured(sizes)))
    unit.close()
    return rows


def _worst(progress: Progress, path: Path) -> list[Row]:
    return worst.measure(path, CASES, _bar(progress, "worst: commands and queries", len(CASES)))


def _large(progress: Progress, root: Path, size: large.Size, entries: int) -> list[Row]:
    if (free := shutil.disk_usage(root).free) < (wanted := large.wanted_bytes(size)):
        raise typer.BadParameter(f"{root} has {free} bytes free, {wanted} are wanted: see --dir, --members")
    ticks = (
        _bar(progress, "large: a small club", large.SMALL.entries),
        _bar(progress, "large: a large club", size.entries),
        _bar(progress, "large: purchases in turns", entries + WARM_ENTRIES),
    )
    return large.measure(root, size, entries, ticks)


def _progress() -> Progress:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    return Progress(*columns, console=Console(stderr=True), refresh_per_second=2)


def _bar(progress: Progress, name: str, total: int) -> Tick:
    task = progress.add_task(name, total=total)
    return lambda: progress.advance(task)


def _show(rows: list[Row]) -> None:
    table = Table(box=None, pad_edge=False)
    for title in ("", "median", "p99", "", "wanted", "", ""):
        table.add_column(title, justify="right" if title in ("median", "p99") else "left")
    for row in rows:
        tail = "" if row.p99 is None else f"{row.p99:,.2f}"
        table.add_row(row.name, f"{row.value:,.2f}", tail, row.unit, row.wanted, row.verdict, row.note)
    Console(stderr=True, width=180 if not sys.stderr.isatty() else None).print(table)


if __name__ == "__main__":
    typer.run(main)
