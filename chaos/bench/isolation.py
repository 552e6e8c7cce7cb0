"""The back office works while tills buy: every statement exported, liability computed, promotions published.

Promised: the tills' throughput is at least 80 % of that without, and their p99 at most 1.5 times as long.

Phases with and without follow one another, and who is first changes with each round: what else the machine
does meets both. Throughput is that of a closed loop, as much as the pair can do; p99 that of an open loop at
a part of it, for in a closed loop a wait only says how many are waiting. An open loop lasts so long that a
checkpoint is due in it anyway: a shop that sells has one every 20,000 entries, reports or not. What is judged
is the median of the rounds' ratios.
"""

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from chaos.bench.office import PROMOTIONS, Work, at_work
from chaos.bench.storm import Storm, Tally

MEMBERS: Final = 10_000
CALLERS: Final = 64
SHARE: Final = 0.3  # of capacity, in the open loop: tills are not all busy at once
THROUGHPUT_LEAST: Final = 0.8
P99_MOST: Final = 1.5
OPEN_S: Final = 25.0
CLOSED_S: Final = 5.0
FIRST_S: Final = 10.0  # purchases before anything is measured: statements have something to tell


@dataclass(frozen=True, slots=True)
class Phase:
    """One measure: with the back office at work, or without."""

    busy: bool
    rate_per_s: float  # of the closed loop
    p99_ms: float  # of the open loop


@dataclass(frozen=True, slots=True)
class Isolated:
    """What came of it: the same number of phases with and without, in the order of the rounds."""

    phases: list[Phase]
    work: Work = field(default_factory=Work)
    unknown: int = 0
    refused: int = 0  # in the open loop

    @property
    def throughput(self) -> float:
        """With the back office, as a share of that without."""
        return statistics.median(busy.rate_per_s / calm.rate_per_s for busy, calm in self._rounds())

    @property
    def p99(self) -> float:
        """With the back office, as so many times that without."""
        return statistics.median(busy.p99_ms / calm.p99_ms for busy, calm in self._rounds())

    @property
    def ok(self) -> bool:
        """Whether it was as promised, and the back office did what it should have done meanwhile."""
        work = self.work
        did = work.exports and work.liabilities and work.published >= PROMOTIONS and not work.failed
        kept = self.throughput >= THROUGHPUT_LEAST and self.p99 <= P99_MOST
        return bool(did) and kept and not self.unknown

    def _rounds(self) -> list[tuple[Phase, Phase]]:
        busy = [phase for phase in self.phases if phase.busy]
        return list(zip(busy, [phase for phase in self.phases if not phase.busy], strict=True))

    def as_json(self) -> dict[str, Any]:
        """For the last line of the bench."""

        def middle(busy: bool, figure: str) -> float:
            found: list[float] = [getattr(one, figure) for one in self.phases if one.busy is busy]
            return round(statistics.median(found), 2)

        return {
            "ok": self.ok,
            "throughput": {
                "without_per_s": middle(False, "rate_per_s"),
                "with_per_s": middle(True, "rate_per_s"),
                "ratio": round(self.throughput, 3),
                "wanted": f">={THROUGHPUT_LEAST}",
                "ok": self.throughput >= THROUGHPUT_LEAST,
            },
            "p99_ms": {
                "without": middle(False, "p99_ms"),
                "with": middle(True, "p99_ms"),
                "ratio": round(self.p99, 3),
                "wanted": f"<={P99_MOST}",
                "ok": self.p99 <= P99_MOST,
            },
            "exports_of_all_statements": self.work.exports,
            "movements_exported": self.work.movements,
            "liabilities_computed": self.work.liabilities,
            "promotions_published": self.work.published,
            "failed": self.work.failed,
            "unknown": self.unknown,
            "refused": self.refused,
        }


async def isolation(storm: Storm, desks: str, rounds: int, tell: Callable[[str], None]) -> Isolated:
    """Measure with and without, in turns.

    Args:
        desks: both units' back-office addresses, with a comma.
    """
    first = await storm.closed_loop(CALLERS, FIRST_S)
    rate = first.rate_per_s * SHARE
    tell(f"  {first.rate_per_s:,.0f}/s before; open loop at {rate:,.0f}/s")
    phases: list[Phase] = []
    opened: list[Tally] = []
    work = Work()
    for number in range(rounds):
        for busy in (False, True) if number % 2 else (True, False):
            if busy:
                async with at_work(desks, work):
                    phase, tally = await measure(storm, busy, rate)
            else:
                phase, tally = await measure(storm, busy, rate)
            phases.append(phase)
            opened.append(tally)
            tell(
                f"  {'with' if busy else 'without':<8} {phase.rate_per_s:>8,.0f}/s  p99 {phase.p99_ms:.1f} ms"
            )
    unknown = sum(len(tally.unknown) for tally in opened)
    refused = sum(len(tally.refused) + tally.bare for tally in opened)
    return Isolated(phases, work, unknown, refused)


async def measure(storm: Storm, busy: bool, rate: float) -> tuple[Phase, Tally]:
    """One phase: p99 in an open loop, then throughput in a closed one."""
    opened = await storm.open_loop(rate, OPEN_S)
    closed = await storm.closed_loop(CALLERS, CLOSED_S)
    return Phase(busy, closed.rate_per_s, opened.waits().get("p99", float("inf"))), opened
