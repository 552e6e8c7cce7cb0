"""As much as the pair can do, for a quarter of an hour: nobody takes over, nobody is put out.

A pair that is only busy must not look sick. Every change of roles or of the in-sync set begins an epoch, so
equal epochs before and after say that there was none in between.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from chaos.bench.storm import Storm, Tally
from ftnode.ctl.view import PairView

CAPACITY_CALLERS: Final = 64
CAPACITY_S: Final = 15.0  # with checkpoints in it, as there are in a minute
SHARE: Final = 0.9  # of the capacity found
TOLD_EVERY_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Soaked:
    """What came of it."""

    capacity_per_s: float
    during: Tally
    epochs: tuple[int, int]  # before, after; duplex both times

    @property
    def ok(self) -> bool:
        return self.epochs[0] == self.epochs[1] and bool(self.during.answered) and not self.during.unknown

    def as_json(self) -> dict[str, Any]:
        return {
            "ok": self.ok,
            "seconds": round(self.during.ended - self.during.began),
            "capacity_per_s": round(self.capacity_per_s),
            "sent_per_s": round(self.during.sent / (self.during.ended - self.during.began)),
            "answered_per_s": round(self.during.rate_per_s),
            "refused": len(self.during.refused) + self.during.bare,
            "unknown": len(self.during.unknown),
            "first_unknown": self.during.unknown[0][1] if self.during.unknown else "",
            "wait_ms": self.during.waits(),
            "longest_gap_ms": round(self.during.longest_gap_ms(), 1),
            "epochs": list(self.epochs),
        }


async def soak(
    storm: Storm, look: Callable[[], Awaitable[PairView]], seconds: float, tell: Callable[[str], None]
) -> Soaked:
    """Measure capacity, then ask for nine tenths of it, on schedule, for `seconds`.

    Args:
        look: a view of a duplex pair. Raises PairError if it does not become that.
    """
    before = await look()
    capacity = (await storm.closed_loop(CAPACITY_CALLERS, CAPACITY_S)).rate_per_s
    tell(f"  capacity {capacity:,.0f}/s; {SHARE:.0%} of it for {seconds:,.0f} s")
    ticking = asyncio.ensure_future(_tick(seconds, tell))
    during = await storm.open_loop(capacity * SHARE, seconds)
    ticking.cancel()
    after = await look()
    return Soaked(capacity, during, (before.epoch, after.epoch))


async def _tick(seconds: float, tell: Callable[[str], None]) -> None:
    passed = 0.0
    while passed + TOLD_EVERY_S < seconds:
        await asyncio.sleep(TOLD_EVERY_S)
        passed += TOLD_EVERY_S
        tell(f"  {passed:,.0f} s of {seconds:,.0f}")
