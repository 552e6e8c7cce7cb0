"""One bad clock at a time, out of a duplex pair at rest: what has to be named, and how little may happen.

The pair goes on answering; the clock that is off is named, and no other; who is active changes at most
once, and only if it was the active whose clock ran off or whose times were refused.
"""

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from chaos.sim.cabinet import Cabinet
from chaos.sim.harm_clocks import DAY_MS, HOUR_MS, YEAR_MS, Clocks
from chaos.sim.judge import ViolationError
from chaos.sim.network import WITNESS
from chaos.sim.single import ANSWER_MS, GRACE_MS
from chaos.sim.world import MS
from ftnode.core import clock, timekeeping
from ftnode.core.clock import MINE, NOBODY, PARTNER

LENGTH_MS: Final = 12_000  # 10 % too fast or slow shows within eight seconds
NAMED_MS: Final = 11_000
REST_MS: Final = 6000
LAST_MS: Final = 33_000  # one that begins later would be healed with all others in the middle of it
FAST_PPM: Final = 100_000
SET_MS: Final = 1_800_000


class SingleClocks(Clocks):
    """See the module."""

    def __init__(self, cabinet: Cabinet) -> None:
        super().__init__(cabinet)
        self.busy_until_us = 0
        self._done = 0
        self._kinds: tuple[Callable[[int, int], None], ...] = (
            lambda active, standby: self._wall(active),
            lambda active, standby: self._wall(standby),
            lambda active, standby: self._wall(WITNESS),
            lambda active, standby: self._rate(active, 1),
            lambda active, standby: self._rate(standby, 0),
            lambda active, standby: self._rate(WITNESS, 0),
            lambda active, standby: self._leap(active),
            lambda active, standby: self._leap(standby),
            lambda active, standby: self._bad_times(active),
            lambda active, standby: self._set_time(active),
        )

    def begin(self) -> bool:
        """Do one of them, if the pair is duplex and at rest."""
        cabinet, world = self.cabinet, self.world
        active = cabinet.active()
        if world.now_us > LAST_MS * MS or world.now_us < self.busy_until_us:
            return False
        if active is None or not cabinet.duplex() or not cabinet.connected:
            return False
        self.busy_until_us = world.now_us + (LENGTH_MS + REST_MS) * MS
        self._done = cabinet.judge.actives
        fault = world.random.choice(self._kinds)
        fault(active.me, 1 - active.me)
        world.after(GRACE_MS * MS, self._ask)
        return True

    # --- the faults ---------------------------------------------------------------------------

    def _wall(self, who: int) -> None:
        off_ms = self.world.random.choice((YEAR_MS, -DAY_MS, HOUR_MS, -5000))
        self.world.fault("clock off", f"alone; {who} by {off_ms} ms")
        self.clock(who).set_off(off_ms)
        self.world.after(NAMED_MS * MS, self._named, who, self._wall_named)
        self._ends(who, 0)

    def _rate(self, who: int, changes: int) -> None:
        ppm = self.world.random.choice((-FAST_PPM, FAST_PPM))
        self.world.fault("clock runs off", f"alone; {who} by {ppm} ppm")
        self.run_off(who, ppm)
        self.world.after(NAMED_MS * MS, self._named, who, self._rate_named)
        self._ends(who, changes, changes)

    def _leap(self, unit: int) -> None:
        life = self.cabinet.lives[unit]
        if life is not None:
            self.leap(life, HOUR_MS)
            self._ends(unit, 0)

    def _bad_times(self, unit: int) -> None:
        """A bit flips in the active's memory of log time: the next entries are an hour ahead, or more."""
        life = self.cabinet.lives[unit]
        if life is None:
            return
        by_ms = self.world.random.choice((HOUR_MS, YEAR_MS))
        self.world.fault("entries from the future", f"of unit {unit}")
        life.unit = replace(
            life.unit, clock=replace(life.unit.clock, log_ms=life.unit.clock.log_ms + by_ms, owed=False)
        )
        self.cabinet.probe()
        self._ends(unit, 1, 1)

    def _set_time(self, unit: int) -> None:
        """Nobody takes it for a bad clock."""
        life = self.cabinet.lives[unit]
        if life is not None:
            self.step_time(life, SET_MS)
            self.cabinet.probe()
            self._ends(unit, 0)

    # --- what has to come of it ---------------------------------------------------------------

    def _ask(self) -> None:
        done = self.cabinet.probe()
        self.world.after(ANSWER_MS * MS, self._answered, done)

    def _answered(self, done: object) -> None:
        self.world.seen["progress asked for under a fault"] += 1
        if getattr(done, "returned_us", None) is None:
            raise ViolationError("stall", f"a clock is off, and a write of {ANSWER_MS} ms ago has no answer")

    def _ends(self, who: int, most: int, least: int = 0) -> None:
        self.world.after(LENGTH_MS * MS, self._over, who, most, least)

    def _over(self, who: int, most: int, least: int) -> None:
        self.clock(who).mend()
        changes = self.cabinet.judge.actives - self._done
        if not least <= changes <= most:
            told = f"{who} was at fault; changes of the active: {changes}, wanted {least}..{most}"
            raise ViolationError("flapping", told)
        self.world.seen["a bad clock was borne"] += 1

    def _named(self, who: int, naming: Callable[[int], int | None]) -> None:
        """By one unit at least, and nobody else by any."""
        names = [naming(unit) for unit in (0, 1) if self.cabinet.lives[unit] is not None]
        if any(name not in (None, who) for name in names) or who not in names:
            raise ViolationError("named", f"the clock of {who} is off, and the units name {names}")
        self.world.seen["a bad clock was named"] += 1

    def _wall_named(self, unit: int) -> int | None:
        life = self.cabinet.lives[unit]
        off = None if life is None else clock.odd_one(life.unit.clock, life.unit.timing.clock_alarm_ms)
        return None if off is None else self._who(unit, off.who)

    def _rate_named(self, unit: int) -> int | None:
        life = self.cabinet.lives[unit]
        off = None if life is None else timekeeping.runs_off(life.unit)
        return None if off is None else self._who(unit, off.who)

    def _who(self, unit: int, name: str) -> int:
        return {MINE: unit, PARTNER: 1 - unit, NOBODY: -1}.get(name, WITNESS)
