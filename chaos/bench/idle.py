"""Two thousand idle clients beside the load: rate and gap may suffer by a tenth at most."""

import asyncio
import statistics
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Final

from chaos.bench.storm import Storm, Tally
from chaos.live.crowd import crowd

CLIENTS: Final = 2_000
CALLERS: Final = 32
LOAD_SHARE: Final = 0.5  # of capacity, for the gap
TOLERANCE: Final = 0.1
GAP_WINDOW_S: Final = 0.5  # their longest gaps' median is compared: the longest of all is the machine's
GAP_LEAST_MS: Final = 10.0  # a beat of a unit's clock: below that a gap is how calls happen to meet
SETTLE_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Idle:
    """Rates of the rounds and gaps of their windows, without the crowd and with it."""

    rates: tuple[list[float], list[float]]
    gaps_ms: tuple[list[float], list[float]]

    @property
    def rate_ratio(self) -> float:
        return statistics.median(self.rates[1]) / statistics.median(self.rates[0])

    @property
    def gap_ratio(self) -> float:
        without, with_crowd = (max(statistics.median(gaps), GAP_LEAST_MS) for gaps in self.gaps_ms)
        return with_crowd / without

    @property
    def ok(self) -> bool:
        return self.rate_ratio >= 1 - TOLERANCE and self.gap_ratio <= 1 + TOLERANCE

    def as_json(self) -> dict[str, Any]:
        return {
            "ok": self.ok,
            "clients": CLIENTS,
            "rate_ratio": round(self.rate_ratio, 3),
            "gap_ratio": round(self.gap_ratio, 3),
            "rates_per_s": [[round(rate) for rate in rates] for rates in self.rates],
            "gap_ms": [round(statistics.median(gaps), 1) for gaps in self.gaps_ms],
            "longest_gap_ms": [round(max(gaps), 1) for gaps in self.gaps_ms],
        }


async def idle(storm: Storm, targets: str, rounds: int, seconds: float, tell: Callable[[str], None]) -> Idle:
    """Measure in turns, without the crowd and with it.

    Args:
        seconds: of each of the two measures in each turn.

    Raises:
        RuntimeError: the crowd could not connect.
    """
    result = Idle(([], []), ([], []))
    for _ in range(rounds):
        for with_crowd in (0, 1):
            async with AsyncExitStack() as stack:
                if with_crowd:
                    await asyncio.to_thread(stack.enter_context, crowd(targets, CLIENTS))
                await asyncio.sleep(SETTLE_S)
                closed = await storm.closed_loop(CALLERS, seconds)
                rate = statistics.median(result.rates[0] or [closed.rate_per_s])
                load = await storm.open_loop(rate * LOAD_SHARE, seconds)
            result.rates[with_crowd].append(closed.rate_per_s)
            result.gaps_ms[with_crowd].extend(load.longest_gaps_ms(GAP_WINDOW_S))
            tell(_words(with_crowd, closed, load))
    return result


def _words(with_crowd: int, closed: Tally, load: Tally) -> str:
    who = f"with {CLIENTS} idle" if with_crowd else "without them"
    gaps_ms = load.longest_gaps_ms(GAP_WINDOW_S)
    return (
        f"  {who:<15} {closed.rate_per_s:>8,.0f}/s, gap {statistics.median(gaps_ms):.1f} ms, "
        f"longest {max(gaps_ms):.1f} ms"
    )
