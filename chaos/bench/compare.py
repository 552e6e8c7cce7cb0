"""Our pair and PostgreSQL's side by side, measured in turns: a noisy machine is noisy for both.

What is judged is the median of the rounds' ratios: of two measures a second apart, not minutes apart.
"""

import gc
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from chaos.bench.ours import OurBench
from chaos.bench.postgres import PostgresBench
from chaos.bench.workload import Measured
from loyalty.client.accounting import percentiles

IN_FLIGHT: Final = 32
BATCH: Final = 50
BATCH_CALLERS: Final = 4

# Promised: ours against theirs. What batches are held against: decisions/0062.
IN_FLIGHT_LEAST: Final = 0.6
BATCHES_LEAST: Final = 2.0
ONE_CALLER_MOST: Final = 1.5

ONE_CALLER: Final = "one caller"
MANY: Final = f"{IN_FLIGHT} in flight"
BATCHES: Final = f"batches of {BATCH}"
STATEMENT: Final = f"{BATCH} in a statement"  # only PostgreSQL has it


@dataclass(frozen=True, slots=True)
class Compared:
    """One measure on both sides, over all rounds."""

    measure: str
    figure: str  # "rate_per_s", the median of the rounds' rates, or "wait_ms", the median wait
    ours: float
    theirs: float
    ratio: float  # the median of the rounds' ratios
    wanted: str  # ">=0.6", "<=1.5"; empty: told, not promised
    processor_us: tuple[float, float] = (0.0, 0.0)  # per purchase, of all processes: ours, theirs

    @property
    def ok(self) -> bool:
        if not self.wanted:
            return True
        sign, limit = self.wanted[:2], float(self.wanted[2:])
        return self.ratio >= limit if sign == ">=" else self.ratio <= limit

    def as_json(self) -> dict[str, Any]:
        return {
            "figure": self.figure,
            "ours": round(self.ours, 3),
            "postgresql": round(self.theirs, 3),
            "ratio": round(self.ratio, 3),
            "wanted": self.wanted,
            "ok": self.ok,
            "processor_us_per_purchase": [round(cost, 1) for cost in self.processor_us],
        }


async def compare(
    ours: OurBench,
    theirs: PostgresBench,
    active: int,
    rounds: int,
    seconds: float,
    tell: Callable[[Measured], None],
) -> list[Compared]:
    """Measure in turns; whoever goes first changes with each round.

    Args:
        active: our active unit. The single caller asks it, as the other side's asks its active server.
        seconds: of each measure, of each side, in each round.
        tell: called with each measure as it ends.
    """
    measured: list[Measured] = []
    gc.collect()
    gc.freeze()
    sides = (_Side(ours, active), _Side(theirs, 0))
    for number in range(rounds):
        for measure in (_Side.one_caller, _Side.in_flight, _Side.batches):
            for side in sides if number % 2 else reversed(sides):
                measured.append(await measure(side, seconds))
                tell(measured[-1])
        measured.append(await theirs.statements(BATCH, seconds, BATCH_CALLERS))
        tell(measured[-1])
    return judge(measured)


@dataclass(frozen=True, slots=True)
class _Side:
    """The same three measures on either side."""

    bench: OurBench | PostgresBench
    unit: int  # that a single caller asks, on our side

    async def one_caller(self, seconds: float) -> Measured:
        if isinstance(self.bench, OurBench):
            return await self.bench.one_caller(seconds, self.unit)
        return await self.bench.one_caller(seconds)

    async def in_flight(self, seconds: float) -> Measured:
        return await self.bench.in_flight(IN_FLIGHT, seconds)

    async def batches(self, seconds: float) -> Measured:
        return await self.bench.batches(BATCH, seconds, BATCH_CALLERS)


def judge(measured: Sequence[Measured]) -> list[Compared]:
    """The three comparisons that were promised, then two more against batches on the other side."""

    def of(side: str, measure: str) -> list[Measured]:
        return [one for one in measured if one.side == side and one.measure == measure]

    def row(name: str, measure: str, against: str, wanted: str, figure: str = "rate_per_s") -> Compared:
        ours, theirs = of("ftnode", measure), of("postgresql", against)
        found = _rate if figure == "rate_per_s" else _wait_ms
        ratio = statistics.median(_share(found([a]), found([b])) for a, b in zip(ours, theirs, strict=True))
        costs_us = _cost_us(ours), _cost_us(theirs)
        return Compared(name, figure, found(ours), found(theirs), ratio, wanted, costs_us)

    return [
        row(ONE_CALLER, ONE_CALLER, ONE_CALLER, f"<={ONE_CALLER_MOST}", "wait_ms"),
        row(MANY, MANY, MANY, f">={IN_FLIGHT_LEAST}"),
        row(BATCHES, BATCHES, MANY, f">={BATCHES_LEAST}"),
        row(f"{BATCHES}, both", BATCHES, BATCHES, ""),
        row(f"{BATCHES}, theirs {STATEMENT}", BATCHES, STATEMENT, ""),
    ]


def _share(ours: float, theirs: float) -> float:
    return ours / theirs if theirs else float("inf")


def _rate(measured: Sequence[Measured]) -> float:
    return statistics.median(one.rate_per_s for one in measured)


def _cost_us(measured: Sequence[Measured]) -> float:
    return statistics.median(one.server_us_per_purchase for one in measured)


def _wait_ms(measured: Sequence[Measured]) -> float:
    return percentiles([wait for one in measured for wait in one.waits_ms], (50,)).get("p50", float("inf"))
