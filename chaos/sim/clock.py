"""A simulated machine's clocks: a monotonic one that runs a little off, a wall clock on top."""

from typing import Final

from msgspec.structs import replace

from chaos.sim.world import EPOCH_MS, MS, World
from ftnode.core.state import NEVER, Unit
from ftnode.core.timers import next_deadline_ms

MILLION: Final = 1_000_000


class Clock:
    """Both run at one rate, as on a real board. Faults change the rate, the offset, or let one leap."""

    def __init__(self, world: World, drift_ppm: int = 0, offset_ms: int = 0) -> None:
        self._world = world
        self._drift_ppm = drift_ppm  # its own, within what is sold
        self._ppm = drift_ppm
        self._at_us = 0  # the world's time at which the rate was last changed, and what was shown then
        self._mono_us = world.between(0, 10**9)
        self._wall_us = EPOCH_MS * MS
        self.offset_ms = offset_ms  # of the wall clock, by somebody's mistake
        self.faulty = False

    def now_ms(self) -> int:
        """Monotonic; its origin means nothing."""
        return (self._mono_us + self._passed_us()) // MS

    def wall_ms(self) -> int:
        """What the unit takes for UTC."""
        return (self._wall_us + self._passed_us()) // MS + self.offset_ms

    def true_ms(self) -> int:
        """UTC as it is, which no unit knows."""
        return EPOCH_MS + self._world.now_us // MS

    def true_us(self, now_ms: int) -> int:
        """When (in the world's time) this clock will show `now_ms` of `now_ms()`."""
        passed_us = now_ms * MS - self._mono_us
        return self._at_us + passed_us * MILLION // (MILLION + self._ppm) + 1

    def run_at(self, ppm: int) -> None:
        """From now on both run so much faster than they should."""
        passed_us = self._passed_us()
        self._mono_us += passed_us
        self._wall_us += passed_us
        self._at_us, self._ppm, self.faulty = self._world.now_us, ppm, True

    def leap(self, by_ms: int) -> None:
        """The monotonic clock alone jumps forward, which it must never do."""
        self._mono_us += by_ms * MS

    def set_off(self, by_ms: int) -> None:
        """The wall clock alone is set wrong."""
        self.offset_ms += by_ms
        self.faulty = True

    def mend(self) -> None:
        """The rate is its own again, and the wall clock is set right."""
        self.run_at(self._drift_ppm)
        self._wall_us = self.true_ms() * MS
        self.offset_ms, self.faulty = 0, False

    @property
    def fast_ppm(self) -> int:
        """How much faster than it should it runs by a fault."""
        return self._ppm if self.faulty else 0

    def _passed_us(self) -> int:
        true_us = self._world.now_us - self._at_us
        return true_us + true_us * self._ppm // MILLION


def due_ms(unit: Unit) -> int:
    """When a core needs its clock again; a beat that is overdue waits for something else than time."""
    timers = unit.timers
    if timers.beat_ms != NEVER and timers.beat_ms + unit.timing.heartbeat_ms <= timers.now_ms:
        unit = replace(unit, timers=replace(timers, beat_ms=NEVER))
    return next_deadline_ms(unit)
