"""`make bench`: what the pair can do, in one run.

    python -m chaos.bench                              everything but soak, about six minutes
    python -m chaos.bench --what compare --rounds 5    one part: compare, idle, overload, isolation, backup,
                                                       replace or soak
    python -m chaos.bench --what replace --club DIR    DIR keeps its members for the next run

*compare*: the same purchases on PostgreSQL as a synchronous pair, in turns. *idle*: two thousand idle clients
beside the load. *overload*: three times what the pair can do, for a minute. *isolation*: the back office
exports all statements, computes liability and publishes promotions beside the tills. *backup*: the pair is
backed up meanwhile, whole, again and again. *replace*: a blank unit takes the place of one with 1,000,000
members, once undisturbed and once with ten interruptions (see `replace.py`). *soak*: nine tenths of what the
pair can do, for a quarter of an hour.

Both pairs run on this machine, with all their processes, on the same disk; clients are in this process. The
last line is JSON; exit status 0 if all that is promised was shown, 1 if not, 3 if it could not run.
"""

import asyncio
import json
import shutil
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final

import typer
import uvloop
from rich.console import Console
from rich.table import Table

from chaos.bench import club, isolation
from chaos.bench.backup import backup
from chaos.bench.built import COMPILED
from chaos.bench.compare import Compared, compare
from chaos.bench.idle import idle
from chaos.bench.ours import OurBench
from chaos.bench.overload import overload
from chaos.bench.postgres import PostgresBench
from chaos.bench.postgres_pair import PostgresMissing, PostgresPair
from chaos.bench.replace import replacing
from chaos.bench.soak import soak
from chaos.bench.storm import Storm
from chaos.bench.workload import MEMBERS, Measured
from chaos.live.observer import Observer, TooLong
from chaos.live.stage import pair_running
from ftnode.ctl.view import PairView
from ftnode.ctl.where import find
from ftnode.pair.layout import PairDir, PairError, read_facts

DUPLEX_S: Final = 60.0
CONNECTIONS_PER_UNIT: Final = 50  # as many tills have
MANY_MEMBERS: Final = 4_000  # for long storms: each purchase leaves its member a lot more to look at
PARTS: Final = ("compare", "idle", "overload", "isolation", "backup", "replace", "soak")
USUAL: Final = "compare,idle,overload,isolation"
ISOLATION_ROUNDS: Final = 4


def main(
    what: Annotated[str, typer.Option(help="Parts, with commas: see above.")] = USUAL,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds; the median of their ratios is judged.")] = 15,
    seconds: Annotated[float, typer.Option(min=0.2, help="Of each measure and side in each round.")] = 1.0,
    overload_s: Annotated[float, typer.Option(min=1.0, help="How long three times too much.")] = 60.0,
    soak_s: Annotated[float, typer.Option(min=1.0, help="How long nine tenths of what it can do.")] = 900.0,
    members: Annotated[int, typer.Option(min=1000, help="replace: so many are in the club.")] = 1_000_000,
    kept: Annotated[
        str, typer.Option("--club", help="replace: keep the club in this directory, or take it.")
    ] = "",
    directory: Annotated[str, typer.Option("--dir", help="Put both pairs' data under this directory.")] = "",
) -> None:
    """Measure the pair, and beside it PostgreSQL's."""
    parts = what.split(",")
    if unknown := set(parts) - set(PARTS):
        raise typer.BadParameter(f"--what {','.join(sorted(unknown))}: may be {', '.join(PARTS)}")
    root = Path(tempfile.mkdtemp(prefix="ftnode-bench-", dir=directory or None))
    root.chmod(0o711)  # PostgreSQL's own user has to reach its directory below
    try:
        bench = Bench(root, rounds, seconds, overload_s, soak_s, members, Path(kept or root / "club"))
        results = {part: bench.run(part) for part in PARTS if part in parts}
    except (PostgresMissing, PairError, TooLong, RuntimeError) as problem:
        print(f"bench: {problem}", file=sys.stderr)
        print(json.dumps({"ok": False, "problem": str(problem)}))
        sys.exit(3)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    ok = all(result["ok"] for result in results.values())
    print(json.dumps({"ok": ok, "compiled": COMPILED, "rounds": rounds, "seconds": seconds, **results}))
    sys.exit(0 if ok else 1)


@dataclass(frozen=True, slots=True)
class Bench:
    """The parts. Each has a pair of its own, so that none inherits another's state."""

    root: Path
    rounds: int
    seconds: float
    overload_s: float
    soak_s: float
    members: int
    club: Path

    def run(self, part: str) -> dict[str, Any]:
        """One part's figures."""
        _say(f"{part}: starting")
        if part == "replace":
            return self._replace()
        with pair_running(self.root / part) as pair:
            if part == "compare":
                with PostgresPair(self.root) as postgres:
                    return uvloop.run(self._compare(pair, postgres))
            return uvloop.run(self._alone(part, pair))

    async def _compare(self, pair: PairDir, postgres: PostgresPair) -> dict[str, Any]:
        view = await view_duplex(pair)
        async with OurBench(_targets(pair), pids=_pids(pair)) as ours, PostgresBench(postgres) as theirs:
            compared = await compare(ours, theirs, view.active or 0, self.rounds, self.seconds, _tell)
        _show(compared, postgres.version)
        figures = {one.measure: one.as_json() for one in compared}
        ok = all(one.ok for one in compared)
        return {"ok": ok, "postgresql_version": postgres.version, **figures}

    async def _alone(self, part: str, pair: PairDir) -> dict[str, Any]:
        targets = await until_duplex(pair)
        if part == "isolation":
            return await self._isolation(pair, targets)
        if part == "backup":
            return await self._backup(pair, targets)
        async with OurBench(targets, member_count=MEMBERS if part == "idle" else MANY_MEMBERS) as ours:
            storm = Storm(ours, await ours.connections(CONNECTIONS_PER_UNIT))
            if part == "idle":
                return (await idle(storm, targets, self.rounds, self.seconds, _say)).as_json()
            if part == "soak":
                return (await soak(storm, partial(view_duplex, pair), self.soak_s, _say)).as_json()
            return (await overload(storm, self.overload_s, _say)).as_json()

    def _replace(self) -> dict[str, Any]:
        club.shape(self.members)
        sample = club.find(self.club, self.members)
        if sample is None:
            _say(f"  enrolling {self.members:,} members")
            sample = club.build(self.club, self.root / "enrolling", self.members, _say, until_duplex)
            shutil.rmtree(self.root / "enrolling")
        pair = PairDir.at(self.root / "replace")
        club.take(self.club, pair)
        return uvloop.run(replacing(pair, sample, self.members, _say))

    async def _isolation(self, pair: PairDir, targets: str) -> dict[str, Any]:
        desks = ",".join(unit.admin for unit in read_facts(pair).units)
        async with OurBench(targets, member_count=isolation.MEMBERS) as ours:
            storm = Storm(ours, await ours.connections(CONNECTIONS_PER_UNIT))
            found = await isolation.isolation(storm, desks, ISOLATION_ROUNDS, _say)
            return found.as_json()

    async def _backup(self, pair: PairDir, targets: str) -> dict[str, Any]:
        async with OurBench(targets, member_count=isolation.MEMBERS) as ours:
            storm = Storm(ours, await ours.connections(CONNECTIONS_PER_UNIT))
            keep = self.root / "kept"
            return (await backup(storm, pair.root, keep, ISOLATION_ROUNDS, _say)).as_json()


async def view_duplex(pair: PairDir) -> PairView:
    """Wait until both units hold everything. Raises PairError."""
    observer = Observer(find(str(pair.root)), _say)
    following = asyncio.ensure_future(observer.follow())
    try:
        return await observer.until_duplex(DUPLEX_S)
    except TooLong as problem:
        raise PairError(str(problem)) from problem
    finally:
        following.cancel()


async def until_duplex(pair: PairDir) -> str:
    """Wait until both units hold everything; the tills' targets. Raises PairError."""
    await view_duplex(pair)
    return _targets(pair)


def _targets(pair: PairDir) -> str:
    return ",".join(unit.till for unit in read_facts(pair).units)


def _pids(pair: PairDir) -> list[int]:
    facts = read_facts(pair)
    everybody = (facts.witness.process, *(unit.process for unit in facts.units))
    return [process.pid for process in everybody if process is not None]


def _tell(measured: Measured) -> None:
    waits = measured.as_json()["wait_ms"]
    rate, cost = (
        f"{measured.rate_per_s:>9,.0f}/s",
        f"{measured.server_us_per_purchase:>6,.0f} us of processors",
    )
    _say(f"  {measured.side:<11} {measured.measure:<15} {rate} {cost}  {waits}")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _show(compared: list[Compared], version: str) -> None:
    table = Table(box=None, pad_edge=False)
    for title in ("", "figure", "ours", f"PostgreSQL {version}", "ratio", "wanted", ""):
        table.add_column(title, justify="left" if title in ("", "figure") else "right")
    for one in compared:
        verdict = ("ok" if one.ok else "MISSED") if one.wanted else "told"
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
