"""Clocks that are wrong: set wrong, run off, leap; one at a time, or two that differ. And set-time."""

from typing import Final

from chaos.sim.clock import Clock
from chaos.sim.harm import Harm
from chaos.sim.life import Life
from chaos.sim.network import WITNESS
from chaos.sim.world import MS
from ftnode.core.events import Paused, SetTimeAsked

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
YEAR_MS: Final = 365 * DAY_MS
WALL_MS: Final = (-DAY_MS, -HOUR_MS, -5000, 5000, HOUR_MS, YEAR_MS)
RATES_PPM: Final = (-100_000, -5000, 5000, 100_000)
GAINED_MS: Final = 1500  # by a fast clock before the pair has done something about it
LOOK_MS: Final = 100


class Clocks(Harm):
    """See the module."""

    def wall_off(self) -> bool:
        """One machine's wall clock is set wrong; the other two are the truth."""
        who = self._well()
        if who is None:
            return False
        off_ms = self.world.random.choice(WALL_MS)
        far = abs(off_ms) >= HOUR_MS
        self.world.fault("clock an hour off" if far else "clock off", f"{who} by {off_ms} ms")
        self.clock(who).set_off(off_ms)
        self._mend_later(who)
        return True

    def runs_off(self) -> bool:
        """One machine's clocks run too fast or too slowly."""
        who = self._well()
        if who is None:
            return False
        ppm = self.world.random.choice(RATES_PPM)
        self.world.fault("clock runs off", f"{who} by {ppm} ppm")
        self.run_off(who, ppm)
        self._mend_later(who)
        return True

    def leaps(self) -> bool:
        """A unit's monotonic clock jumps ahead: to itself it looks like a pause."""
        life = self.some_life()
        if life is None or any(clock.faulty for clock in self._all()):
            return False
        self.leap(life, self.world.random.choice((2000, HOUR_MS)))
        return True

    def two_off(self) -> bool:
        """Two of three are wrong, and not in the same way: no two agree."""
        if any(clock.faulty for clock in self._all()):
            return False
        self.world.fault("two clocks off")
        good = self.world.between(0, 2)
        offs = [YEAR_MS, -DAY_MS]
        self.world.random.shuffle(offs)
        for who in (0, 1, WITNESS):
            if who != good:
                self.clock(who).set_off(offs.pop())
                self._mend_later(who)
        return True

    def set_time(self) -> bool:
        """The operator steps log time forward. What he says is the truth from then on. Or he mistypes."""
        active = self.cabinet.active()
        if active is None:
            return False
        self.step_time(active, self.world.random.choice((-HOUR_MS, 0, 10, 2000)))
        return True

    # --- shared with the faults that come alone -----------------------------------------------

    def clock(self, who: int) -> Clock:
        """Of a unit, or of the witness."""
        return self.cabinet.witness.clock if who == WITNESS else self.cabinet.boxes[who].clock

    def run_off(self, who: int, ppm: int) -> None:
        """What it gains before somebody does something, or while it is alone, nobody can take back."""
        if ppm > 0:
            self.cabinet.judge.ahead_max_ms += GAINED_MS
        self.clock(who).run_at(ppm)
        self._count_alone(who)

    def leap(self, life: Life, by_ms: int) -> None:
        """As a process sees it: its loop stood still."""
        self.world.fault("clock leaps", f"unit {life.me} by {by_ms} ms")
        life.box.clock.leap(by_ms)
        life.run(life.feed, Paused(life.now_ms(), by_ms))

    def step_time(self, active: Life, by_ms: int) -> None:
        """Log time is behind, says the operator."""
        self.world.fault("set time", f"by {by_ms} ms")
        self.cabinet.judge.ahead_max_ms += max(0, by_ms)
        active.run(active.feed, SetTimeAsked(active.now_ms(), active.unit.clock.log_ms + by_ms))

    def _count_alone(self, who: int) -> None:
        """There is nobody to hand over to: log time runs at the rate of the only clock there is."""
        fast_ppm, record = self.clock(who).fast_ppm, self.cabinet.witness.record
        if record is not None and record.active == who and len(record.in_sync) == 1:
            self.cabinet.judge.ahead_max_ms += max(0, fast_ppm) * LOOK_MS // 1_000_000
        if self.clock(who).faulty:
            self.world.after(LOOK_MS * MS, self._count_alone, who)

    def _all(self) -> list[Clock]:
        return [self.clock(who) for who in (0, 1, WITNESS)]

    def _well(self) -> int | None:
        """Whose clock may be harmed: one at a time."""
        if any(clock.faulty for clock in self._all()):
            return None
        return self.world.random.choice((0, 1, WITNESS))

    def _mend_later(self, who: int) -> None:
        self.undo(self.short_or_long_us() * 2, self.clock(who).mend)
