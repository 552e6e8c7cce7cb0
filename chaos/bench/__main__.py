"""`make bench`: our pair beside PostgreSQL as a synchronous pair, the same purchases, in one run.

    python -m chaos.bench                      three rounds of five seconds each
    python -m chaos.bench --rounds 5 --seconds 10 --dir /mnt/disk

Both pairs run on this machine, with all their processes, on the same disk; clients are in this process. The
last line is JSON; exit status 0 if all that is promised was shown, 1 if not, 3 if it could not run.
"""

import asyncio
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop
from rich.console import Console
from rich.table import Table

from chaos.bench.compare import Compared, compare
from chaos.bench.ours import OurBench
from chaos.bench.postgres import PostgresBench
from chaos.bench.postgres_pair import PostgresMissing, PostgresPair
from chaos.bench.workload import Measured
from chaos.live.observer import Observer, TooLong
from chaos.live.stage import pair_running
from ftnode.ctl.where import find
from ftnode.pair.layout import PairDir, PairError, read_facts

DUPLEX_S = 60.0


def main(
    rounds: Annotated[int, typer.Option(min=1, help="Rounds; the medians are compared.")] = 3,
    seconds: Annotated[float, typer.Option(min=0.2, help="Of each measure and side in each round.")] = 5.0,
    directory: Annotated[str, typer.Option("--dir", help="Put both pairs' data under this directory.")] = "",
) -> None:
    """Compare the pair with PostgreSQL."""
    root = Path(tempfile.mkdtemp(prefix="ftnode-bench-", dir=directory or None))
    try:
        result = _run(root, rounds, seconds)
    except (PostgresMissing, PairError, RuntimeError) as problem:
        print(f"bench: {problem}", file=sys.stderr)
        print(json.dumps({"ok": False, "problem": str(problem)}))
        sys.exit(3)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    print(json.dumps(result))
    sys.exit(0 if result["ok"] else 1)


def _run(root: Path, rounds: int, seconds: float) -> dict[str, Any]:
    root.chmod(0o711)  # PostgreSQL's own user has to reach its directory below
    _say("starting PostgreSQL as a synchronous pair, and ours")
    with PostgresPair(root) as postgres, pair_running(root / "ours") as pair:
        compared = uvloop.run(_compare(postgres, pair, rounds, seconds))
    _show(compared, postgres.version)
    figures = {one.measure: one.as_json() for one in compared}
    version = {"postgresql_version": postgres.version, "rounds": rounds, "seconds": seconds}
    return {"ok": all(one.ok for one in compared), **version, "compared": figures}


async def _compare(postgres: PostgresPair, pair: PairDir, rounds: int, seconds: float) -> list[Compared]:
    targets = await until_duplex(pair)
    async with OurBench(targets) as ours, PostgresBench(postgres) as theirs:
        return await compare(ours, theirs, rounds, seconds, _tell)


async def until_duplex(pair: PairDir) -> str:
    """Wait until both units hold everything; the tills' targets. Raises PairError."""
    observer = Observer(find(str(pair.root)), _say)
    following = asyncio.ensure_future(observer.follow())
    try:
        await observer.until_duplex(DUPLEX_S)
    except TooLong as problem:
        raise PairError(str(problem)) from problem
    finally:
        following.cancel()
    return ",".join(unit.till for unit in read_facts(pair).units)


def _tell(measured: Measured) -> None:
    waits = measured.as_json()["wait_ms"]
    _say(f"  {measured.side:<11} {measured.measure:<15} {measured.rate_per_s:>9,.0f}/s  {waits}")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _show(compared: list[Compared], version: str) -> None:
    table = Table(box=None, pad_edge=False)
    for title in ("", "figure", "ours", f"PostgreSQL {version}", "ratio", "wanted", ""):
        table.add_column(title, justify="left" if title in ("", "figure") else "right")
    for one in compared:
        verdict = "ok" if one.ok else "MISSED"
        table.add_row(
            one.measure,
            one.figure,
            f"{one.ours:,.2f}",
            f"{one.theirs:,.2f}",
            f"{one.ratio:.2f}",
            one.wanted,
            verdict,
        )
    Console(stderr=True).print(table)


if __name__ == "__main__":
    typer.run(main)
