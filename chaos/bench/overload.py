"""Three times what the pair can do, for a minute: it goes on at its rate, says no to the rest, and recovers.

Promised: answered at least 80 % of capacity, the rest RESOURCE_EXHAUSTED with a pushback, none unknown,
normal within 2 s after.

Normal again is the beginning of the first second in which every window is as before, with nothing refused
after it. A slow window later on is not the overload's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any, Final

from chaos.bench.storm import Storm, Tally

CAPACITY_CALLERS: Final = 64
CAPACITY_S: Final = 15.0  # with checkpoints in it, as there are in a minute
TIMES: Final = 3.0
NORMAL_SHARE: Final = 0.5  # of capacity, before and after
BEFORE_S: Final = 16.0  # long enough for a checkpoint in it: its slower answers are normal
AFTER_S: Final = 4.0
ANSWERED_LEAST: Final = 0.8  # of capacity
NORMAL_WITHIN_S: Final = 2.0
WINDOW_S: Final = 0.25
CALM_WINDOWS: Final = 4  # so many in a row are normal again
SLOW_LEAST_MS: Final = (
    50.0  # a window is as before if its slowest tenth is not slower than this or ever before
)


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
            "refused_wait_ms": self.during.waits_refused(),
            "normal_after_s": round(self.normal_after_s, 2) if self.normal_after_s < inf else None,
        }


async def overload(storm: Storm, seconds: float, tell: Callable[[str], None]) -> Overloaded:
    """Measure capacity, then normal, then far too much, then normal again."""
    capacity = (await storm.closed_loop(CAPACITY_CALLERS, CAPACITY_S)).rate_per_s
    tell(f"  capacity {capacity:,.0f}/s")
    before = await storm.open_loop(capacity * NORMAL_SHARE, BEFORE_S)
    tell(f"  half of it: {before.waits()}")
    during = await storm.open_loop(capacity * TIMES, seconds)
    tell(
        f"  {TIMES:g} times it: {during.rate_per_s:,.0f}/s answered, {len(during.refused)} refused, "
        f"{len(during.unknown)} unknown; waits {during.waits()}, of the refused {during.waits_refused()}"
    )
    after = await storm.open_loop(capacity * NORMAL_SHARE, AFTER_S)
    return Overloaded(capacity, during, normal_after(before, after, during.ended))


def normal_after(before: Tally, after: Tally, ended: float) -> float:
    """Seconds from the end of the overload until it was as before; infinite if that was not seen."""
    usual = [_slowest_tenth(before, start) for start in _windows(before)]
    slow_ms = max([SLOW_LEAST_MS, *(wait for wait in usual if wait < inf)])
    starts = _windows(after)
    calm = [_slowest_tenth(after, start) <= slow_ms for start in starts]
    last_no = max([at for at, _ in (*after.refused, *after.unknown)], default=-inf)
    for n in range(len(starts) - CALM_WINDOWS + 1):
        if all(calm[n : n + CALM_WINDOWS]) and starts[n] > last_no:
            return starts[n] - ended
    return inf


def _windows(tally: Tally) -> list[float]:
    """Where its windows begin."""
    return [tally.began + n * WINDOW_S for n in range(int((tally.ended - tally.began) / WINDOW_S))]


def _slowest_tenth(tally: Tally, start: float) -> float:
    """The wait, in ms, that nine in ten answers of a window kept below; infinite without any."""
    waits = sorted(wait for at, wait in tally.answered if start <= at < start + WINDOW_S)
    return waits[len(waits) * 9 // 10] if waits else inf
