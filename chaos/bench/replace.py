"""A blank unit takes the place of another one while tills buy: how fast, and what the tills feel of it.

Promised, under a third of what the pair can do: the state comes at 10 MB/s or more; meanwhile the tills' p99
is at most twice that before, or 20 ms; no till waits longer than 250 ms. Twice: without a disturbance, and
with ten interruptions on the way (`replace_harm.py`). At the end both units' digests are equal, and both
disks, read again, say the same.

Tills call the unit that stays: what those feel whose unit is pulled is measured elsewhere (`chaos.live`).
"""

import asyncio
import json
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, field
from math import inf
from time import perf_counter
from typing import Any, Final

from chaos.bench.club import Shoppers, on_disk
from chaos.bench.replace_harm import INSTALLING, SNAPSHOT, TEN, Done, Interrupter, Line
from chaos.bench.storm import Storm, Tally
from chaos.live import hands
from chaos.live.observer import Observer, TooLong, is_duplex
from chaos.live.stage import pair_running
from ftnode.ctl import words
from ftnode.ctl.view import PairView, UnitView
from ftnode.ctl.where import find
from ftnode.pair import files
from ftnode.pair.layout import PairDir, read_facts
from ftnode.pair.settings import with_setting
from loyalty.client.accounting import percentiles

CALLERS: Final = 64
CONNECTIONS: Final = 100
DUPLEX_S: Final = 120.0
SHARE: Final = 1 / 3
MAXIMUM_S: Final = 8.0
BEFORE_S: Final = 20.0
BEFORE_MOST_S: Final = 120.0
AFTER_S: Final = 3.0  # duplex for so long: tills feel a swap late
JOIN_S: Final = 600.0  # longest for one replacement
MB: Final = 1_000_000
MB_PER_S_LEAST: Final = 10.0
P99_TIMES_MOST: Final = 2.0
P99_MS_ENOUGH: Final = 20.0
WAIT_MS_MOST: Final = 250.0
JUDGED_BYTES: Final = 50 * MB  # a rate over less says nothing
TELL_S: Final = 1.0
LOOK_S: Final = 0.01
DIGESTS_S: Final = 10.0  # longest from the last purchase to one seq on both
NEXT_S: Final = 5.0  # longest from duplex to what interrupts it


@dataclass(slots=True)
class Flow:
    """What came, and in how much time of travelling; from one view of the newcomer to the next."""

    bytes: int = 0
    snapshot_s: float = 0.0
    entries: int = 0
    log_s: float = 0.0
    seconds: float = 0.0  # from the pull to duplex
    tries: int = 0  # snapshots begun
    saved_bytes: int = 0
    _came_s: float = 0.0  # when the state was last seen to travel, or to be taken over
    _before: tuple[float, int, int] | None = None  # when, phase, bytes

    def see(self, view: PairView, newcomer: int) -> None:
        """Take in one view."""
        unit, now_s = view.units[newcomer], perf_counter()
        self._caught_up(unit, now_s)
        if unit.status is None or unit.state != "DUPLEXING" or not unit.status.HasField("duplexing"):
            self._before = None
            return
        at = unit.status.duplexing
        before, self._before = self._before, (now_s, at.phase, at.bytes_done)
        if at.phase == SNAPSHOT and (before is None or before[1] != SNAPSHOT or at.bytes_done < before[2]):
            self.tries += 1
            self.saved_bytes += at.bytes_saved
            self.bytes += at.bytes_done
        elif before is not None and at.phase == before[1] == SNAPSHOT:
            self.bytes += at.bytes_done - before[2]
            self.snapshot_s += now_s - before[0]

    def _caught_up(self, unit: UnitView, now_s: float) -> None:
        """From the state to standby: with taking it over and the swap, so the log alone goes faster."""
        if unit.status is None:
            return
        if unit.state == "DUPLEXING" and unit.status.duplexing.phase in (SNAPSHOT, INSTALLING):
            self._came_s = now_s
        elif unit.state == "STANDBY" and self._came_s:
            seqs = unit.status.seqs
            self.entries += seqs.executed_seq - seqs.checkpoint_seq
            self.log_s += now_s - self._came_s
            self._came_s = 0.0

    def as_json(self) -> dict[str, Any]:
        """Rates are of the time in which something travelled."""
        return {
            "bytes": self.bytes,
            "mb_per_s": round(self.mb_per_s, 1),
            "entries": self.entries,
            "entries_per_s": round(self.entries / self.log_s) if self.log_s else None,
            "seconds": round(self.seconds, 1),
            "tries": self.tries,
            "saved_bytes": self.saved_bytes,
        }

    @property
    def mb_per_s(self) -> float:
        """Of the state, decimal."""
        return self.bytes / MB / self.snapshot_s if self.snapshot_s else 0.0


@dataclass(frozen=True, slots=True)
class Felt:
    """What tills felt of a phase."""

    p50_ms: float
    p99_ms: float
    longest_ms: float
    answered: int
    refused: int  # surely not taken, with a time to come back
    not_answered: int

    @classmethod
    def of(cls, tally: Tally) -> "Felt":
        """All calls of the phase; those refused without a word when to come back count as not answered."""
        waits = [wait for _, wait in tally.answered]
        found = percentiles(waits, (50, 99))
        lost = len(tally.unknown) + tally.bare
        p50, p99 = (round(value, 2) for value in found.values())
        return cls(p50, p99, round(max(waits, default=0.0), 1), len(waits), len(tally.refused), lost)


@dataclass(slots=True)
class Act:
    """One replacement."""

    name: str
    flow: Flow = field(default_factory=Flow)
    tally: Tally = field(default_factory=Tally)
    interruptions: list[Done] = field(default_factory=list)
    wanted: int = 0  # interruptions
    digests_equal: bool | None = None  # None: never seen at one seq
    late_ms: float = 0.0  # longest that this process itself was held up: what tills felt may be ours

    def problems(self, before: Felt) -> list[str]:
        """What was promised and did not hold."""
        felt, found = Felt.of(self.tally), []
        if self.flow.bytes >= JUDGED_BYTES and self.flow.mb_per_s < MB_PER_S_LEAST:
            found.append(f"{self.flow.mb_per_s:.1f} MB/s, wanted {MB_PER_S_LEAST:g}")
        most_ms = max(P99_TIMES_MOST * before.p99_ms, P99_MS_ENOUGH)
        if felt.p99_ms > most_ms:
            found.append(f"p99 {felt.p99_ms} ms, wanted at most {most_ms:.1f}")
        if felt.longest_ms > WAIT_MS_MOST:
            found.append(f"a till waited {felt.longest_ms} ms, wanted at most {WAIT_MS_MOST:g}")
        if felt.refused:
            found.append(f"{felt.refused} calls were refused")
        if felt.not_answered:
            found.append(f"{felt.not_answered} calls were not answered")
        if len(self.interruptions) < self.wanted:
            found.append(f"{len(self.interruptions)} interruptions, wanted {self.wanted}")
        if not self.digests_equal:
            found.append("digests differ" if self.digests_equal is False else "digests were not compared")
        return [f"{self.name}: {one}" for one in found]

    def as_json(self) -> dict[str, Any]:
        """For the last line."""
        told = {
            "tills": asdict(Felt.of(self.tally)),
            **self.flow.as_json(),
            "digests_equal": self.digests_equal,
        }
        told["bench_late_ms"] = round(self.late_ms, 1)
        return {**told, "interruptions": self._by_interruption()} if self.wanted else told

    def _by_interruption(self) -> list[dict[str, Any]]:
        """Each with the longest wait of those calls that were answered before the next one came."""
        ends_s = [one.at_s for one in self.interruptions[1:]] + [inf]
        return [
            {
                "what": one.what,
                "longest_ms": round(
                    max((ms for at_s, ms in self.tally.answered if one.at_s <= at_s < end_s), default=0.0), 1
                ),
            }
            for one, end_s in zip(self.interruptions, ends_s, strict=True)
        ]


class Replacing:
    """The run. `storm` has its connections at the unit that stays, `most` at both."""

    def __init__(
        self, pair: PairDir, observer: Observer, storm: Storm, line: Line, tell: Callable[[str], None]
    ) -> None:
        """The pair is duplex and followed by the observer."""
        self._pair, self._observer, self._storm, self._line, self._tell = pair, observer, storm, line, tell
        self._rate = 0.0

    async def run(self, most: Storm, newcomer: int, members: int) -> dict[str, Any]:
        """All of it; the figures, with the verdict."""
        maximum = (await most.closed_loop(CALLERS, MAXIMUM_S)).rate_per_s
        self._rate = maximum * SHARE
        self._tell(f"  the pair can do {maximum:,.0f}/s; from here on {self._rate:,.0f}/s")
        await settled(self._pair, self._observer, newcomer, self._tell)
        before = Felt.of(await self._before())
        self._tell(
            f"  before: p50 {before.p50_ms} ms, p99 {before.p99_ms} ms, longest {before.longest_ms} ms"
        )
        calm, rough = Act("undisturbed"), Act("interrupted", wanted=len(TEN))
        await self._replace(calm, newcomer, None)
        await self._replace(rough, newcomer, Interrupter(self._pair, newcomer, self._line, self._tell))
        self._tell("  reading both disks again")
        verified = await _ftctl(self._pair, "verify", "--fast")
        problems = [*calm.problems(before), *rough.problems(before)]
        equal = verified.get("verdict") == "sound" and bool(verified.get("roots_equal"))
        if not equal:
            problems.append(f"the disks: {verified}")
        for one in problems:
            self._tell(f"  MISSED  {one}")
        return {
            "ok": not problems,
            "members": members,
            "maximum_per_s": round(maximum),
            "rate_per_s": round(self._rate),
            "before": asdict(before),
            "undisturbed": calm.as_json(),
            "interrupted": rough.as_json(),
            "verified": equal,
            "problems": problems,
        }

    async def _before(self) -> Tally:
        """As it is without: for BEFORE_S, and until a checkpoint was written, as there will be meanwhile."""
        began_s, began_seq = perf_counter(), self._checkpoint_seq()
        return await self._storm.open_loop(
            self._rate,
            BEFORE_MOST_S,
            ended=lambda: perf_counter() - began_s > BEFORE_S and self._checkpoint_seq() > began_seq,
        )

    def _checkpoint_seq(self) -> int:
        """Of the unit that is behind with it."""
        units = self._observer.view.units if self._observer.view is not None else ()
        return min((unit.status.seqs.checkpoint_seq for unit in units if unit.status is not None), default=0)

    async def _replace(self, act: Act, newcomer: int, interrupter: Interrupter | None) -> None:
        """Pull, put a blank one in, buy until it is a standby again."""
        await settled(self._pair, self._observer, newcomer, self._tell)
        self._tell(f"  {act.name}: unit {newcomer} is pulled, a blank one is put in")
        over = asyncio.Event()
        buying = asyncio.ensure_future(self._storm.open_loop(self._rate, JOIN_S, act.tally, over.is_set))
        watching = asyncio.ensure_future(self._watch(act, newcomer, interrupter))
        try:
            began_s = perf_counter()
            await asyncio.to_thread(hands.pull, self._pair, newcomer)
            await asyncio.to_thread(hands.insert, self._pair, newcomer)
            await self._joined(interrupter)
            act.flow.seconds = perf_counter() - began_s
            if interrupter is not None:
                await interrupter.end()
                act.interruptions = interrupter.done
            await asyncio.sleep(AFTER_S)
        finally:
            over.set()
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            await buying
        with suppress(TooLong):  # which is told as missed
            view = await self._observer.until(at_one_seq, "both at one seq", DIGESTS_S)
            act.digests_equal = view.digests_equal
        felt, flow = Felt.of(act.tally), act.flow
        self._tell(
            f"  {act.name}: {flow.bytes / MB:,.0f} MB at {flow.mb_per_s:.1f} MB/s, "
            f"joined in {flow.seconds:.1f} s; "
            f"p50 {felt.p50_ms} ms, p99 {felt.p99_ms} ms, longest {felt.longest_ms} ms"
        )

    async def _joined(self, interrupter: Interrupter | None) -> PairView:
        """Wait for a standby, and that all interruptions were done or none comes any more. Raises TooLong."""
        while True:
            view = await self._observer.until(is_duplex, "the blank unit is a standby", JOIN_S)
            if interrupter is None or interrupter.over:
                return view
            with suppress(TooLong):
                await self._observer.until(lambda view: not is_duplex(view), "the next interruption", NEXT_S)
                continue
            return view

    async def _watch(self, act: Act, newcomer: int, interrupter: Interrupter | None) -> None:
        told_s, seen = 0.0, None
        while True:
            began_s = perf_counter()
            await asyncio.sleep(LOOK_S)
            act.late_ms = max(act.late_ms, (perf_counter() - began_s - LOOK_S) * 1000)
            view = self._observer.view
            if view is None or view is seen:
                continue
            seen = view
            act.flow.see(view, newcomer)
            if interrupter is not None:
                interrupter.look(view)
            if perf_counter() - told_s >= TELL_S:
                told_s = perf_counter()
                self._say(view, newcomer)

    def _say(self, view: PairView, newcomer: int) -> None:
        unit = view.units[newcomer]
        if unit.status is not None and unit.status.HasField("duplexing"):
            self._tell("    " + "; ".join(line.strip() for line in words.progress(unit.status.duplexing)))
        else:
            self._tell(f"    unit {newcomer} {unit.state}")


def at_one_seq(view: PairView) -> bool:
    """Nothing is bought any more, so both come to stand at one seq."""
    return is_duplex(view) and view.digests_equal is not None


async def settled(pair: PairDir, observer: Observer, newcomer: int, tell: Callable[[str], None]) -> None:
    """Duplex, and the other unit is active, also on a machine that was busy. Raises TooLong."""
    view = await observer.until_duplex(DUPLEX_S)
    if view.active == newcomer:
        tell("  they change places: who is active stays")
        await _ftctl(pair, "switchover", last_line="")
        await observer.until(lambda view: is_duplex(view) and view.active != newcomer, "switchover", DUPLEX_S)


async def replacing(
    pair: PairDir, sample: list[int], members: int, tell: Callable[[str], None]
) -> dict[str, Any]:
    """Start the pair with a line that can be cut, and replace one unit of it.

    Raises:
        PairError, TooLong: it did not get so far.
    """
    settings = files.read(pair)
    newcomer = 1
    line = Line(settings.units[1 - newcomer].admin.port)
    await line.open()
    path = pair.config(f"unit{newcomer}")
    wanted = f'"127.0.0.1:{line.port}"'
    path.write_text(with_setting(path.read_text(), "lockstep", "peer_admin_address", wanted))
    following: asyncio.Future[None] | None = None
    stack = ExitStack()
    try:
        await asyncio.to_thread(stack.enter_context, pair_running(pair.root))
        observer = Observer(find(str(pair.root)), lambda news: tell(f"  pair: {news}"))
        following = asyncio.ensure_future(observer.follow())
        await observer.until(on_disk, "checkpoints of all members", DUPLEX_S)
        await settled(pair, observer, newcomer, tell)
        tills = [unit.till for unit in read_facts(pair).units]
        async with (
            Shoppers(tills[1 - newcomer], sample) as staying,
            Shoppers(",".join(tills), sample) as both,
        ):
            storm = Storm(staying, await staying.connections(CONNECTIONS))
            most = Storm(both, await both.connections(CONNECTIONS // 2))
            return await Replacing(pair, observer, storm, line, tell).run(most, newcomer, members)
    finally:
        if following is not None:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
        await asyncio.to_thread(stack.close)
        await line.close()


async def _ftctl(pair: PairDir, *said: str, last_line: str = "--json") -> dict[str, Any]:
    """The last line of the command, if it is asked for."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from ftnode.ctl.main import main; main()"),
        *("--dir", str(pair.root), *said, *([last_line] if last_line else [])),
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    lines = out.decode().strip().splitlines()
    found: dict[str, Any] = json.loads(lines[-1]) if lines and last_line else {}
    return found
