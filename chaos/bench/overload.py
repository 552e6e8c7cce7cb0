"""Three times what the pair can do, for a minute: it goes on at its rate, says no to the rest, and recovers.

Promised: answered at least 80 % of capacity, the rest RESOURCE_EXHAUSTED with a pushback, none unknown,
normal within 2 s after.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from chaos.bench.storm import Storm, Tally

CAPACITY_CALLERS: Final = 64
CAPACITY_S: Final = 5.0
TIMES: Final = 3.0
NORMAL_SHARE: Final = 0.5  # of capacity, before and after
NORMAL_S: Final = 4.0
ANSWERED_LEAST: Final = 0.8  # of capacity
NORMAL_WITHIN_S: Final = 2.0
WINDOW_S: Final = 0.25
SLOW_FACTOR: Final = 3.0  # a window is normal if its slowest tenth is not slower than so often before
SLOW_LEAST_MS: Final = 50.0


@dataclass(frozen=True, slots=True)
class Overloaded:
    """What came of it."""

    capacity_per_s: float
    during: Tally
    normal_after_s: float

    @property
    def answered_share(self) -> float:
        return self.during.rate_per_s / self.capacity_per_s

    @property
    def ok(self) -> bool:
        return (
            self.answered_share >= ANSWERED_LEAST
            and not self.during.unknown
            and not self.during.bare
            and self.normal_after_s <= NORMAL_WITHIN_S
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "ok": self.ok,
            "capacity_per_s": round(self.capacity_per_s),
            "sent_per_s": round(self.during.sent / (self.during.ended - self.during.began)),
            "answered_share_of_capacity": round(self.answered_share, 3),
            "refused_with_pushback": len(self.during.refused),
            "refused_without": self.during.bare,
            "unknown": len(self.during.unknown),
            "first_unknown": self.during.unknown[0][1] if self.during.unknown else "",
            "wait_ms": self.during.waits(),
            "normal_after_s": round(self.normal_after_s, 2),
        }


async def overload(storm: Storm, seconds: float, tell: Callable[[str], None]) -> Overloaded:
    """Measure capacity, then normal, then far too much, then normal again."""
    capacity = (await storm.closed_loop(CAPACITY_CALLERS, CAPACITY_S)).rate_per_s
    tell(f"  capacity {capacity:,.0f}/s")
    before = await storm.open_loop(capacity * NORMAL_SHARE, NORMAL_S)
    tell(f"  half of it: {before.waits()}")
    during = await storm.open_loop(capacity * TIMES, seconds)
    tell(
        f"  {TIMES:g} times it: {during.rate_per_s:,.0f}/s answered, {len(during.refused)} refused, "
        f"{len(during.unknown)} unknown, {during.waits()}"
    )
    after = await storm.open_loop(capacity * NORMAL_SHARE, NORMAL_S)
    return Overloaded(capacity, during, normal_after(before, after, during.ended))


def normal_after(before: Tally, after: Tally, ended: float) -> float:
    """Seconds from the end of the overload until every window was as before; infinite if none was."""
    slow_ms = max(_ninth_tenth([wait for _, wait in before.answered]) * SLOW_FACTOR, SLOW_LEAST_MS)
    windows = int((after.ended - after.began) / WINDOW_S)
    bad = [n for n in range(windows) if not _normal(after, after.began + n * WINDOW_S, slow_ms)]
    if bad and bad[-1] == windows - 1:
        return float("inf")
    since = after.began + (bad[-1] + 1) * WINDOW_S if bad else after.began
    return since - ended


def _normal(tally: Tally, start: float, slow_ms: float) -> bool:
    """Whether the window beginning at `start` had answers, in time, and nothing else."""
    stop = start + WINDOW_S
    waits = [wait for at, wait in tally.answered if start <= at < stop]
    others = any(start <= at < stop for at in [*tally.refused, *(at for at, _ in tally.unknown)])
    return bool(waits) and not others and _ninth_tenth(waits) <= slow_ms


def _ninth_tenth(waits: list[float]) -> float:
    ranked = sorted(waits)
    return ranked[len(ranked) * 9 // 10] if ranked else float("inf")
