"""One part that works badly at a time, out of a duplex pair at rest: who goes out, and how little may happen.

The shell's verdict is given as it would be (`Judged`); the disk below it is slow for real. The ill unit goes
out and no other, at most once while it is ill; if both are ill nobody moves; one whose faults come too often
is broken until cleared, unless the data depends on it.
"""

from collections.abc import Callable
from typing import Final

from chaos.sim.cabinet import Cabinet
from chaos.sim.judge import ViolationError
from chaos.sim.single import ANSWER_MS, GRACE_MS
from chaos.sim.single_clocks import SingleClocks
from chaos.sim.world import MS
from ftnode.core import events as ev
from ftnode.core.fsm import State

LENGTH_MS: Final = 8000
LOOK_MS: Final = 7500
REST_MS: Final = 7000
LAST_MS: Final = 33_000
NOTICED_MS: Final = 800  # from the fault to the verdict
SLOW_US: Final = 120 * MS
FSYNC_US: Final = 300
SLOW: Final = "its disk is slow"


class SingleGrey:
    """See the module. One fault at a time: `clocks` is not to begin one while ours lasts."""

    def __init__(self, cabinet: Cabinet, clocks: SingleClocks) -> None:
        self.cabinet, self.world, self._clocks = cabinet, cabinet.world, clocks
        self._actives = self._epoch = 0
        self._kinds: tuple[Callable[[int, int], None], ...] = (
            lambda active, standby: self._slow(active, active, 1, 2),
            lambda active, standby: self._slow(standby, standby, 0, 1),
            self._both,
            self._link,
            self._link_seen_by_one,
            lambda active, standby: self._worn(active, 1),
            lambda active, standby: self._worn(standby, 0),
        )

    def begin(self) -> bool:
        """Do one of them, if the pair is duplex and at rest."""
        cabinet, world = self.cabinet, self.world
        active = cabinet.active()
        if world.now_us > LAST_MS * MS or world.now_us < self._clocks.busy_until_us:
            return False
        if active is None or not cabinet.duplex() or not cabinet.connected:
            return False
        self._clocks.busy_until_us = world.now_us + (LENGTH_MS + REST_MS) * MS
        self._actives, self._epoch = cabinet.judge.actives, self._epoch_now()
        world.random.choice(self._kinds)(active.me, 1 - active.me)
        world.after(GRACE_MS * MS, self._ask)
        return True

    # --- the faults ---------------------------------------------------------------------------

    def _slow(self, unit: int, out: int, actives: int, swaps: int) -> None:
        self.world.fault("slow part", f"alone; the disk of unit {unit}")
        self._ail(unit)
        self.world.after(LOOK_MS * MS, self._look, out, actives, swaps)

    def _both(self, active: int, standby: int) -> None:
        """Nobody is better than the other: nothing moves."""
        self.world.fault("slow parts", "of both units")
        at_once = self.world.now_us + NOTICED_MS * MS
        for unit in (standby, active):
            self._ail(unit, at_once)
        self.world.after(LOOK_MS * MS, self._look, None, 0, 0)

    def _link(self, active: int, standby: int) -> None:
        """Entries towards the standby get lost, and are sent again: both are well, the active stays."""
        self.world.fault("bad link", f"from unit {active} to unit {standby}")
        self.world.after(NOTICED_MS * MS, self._judged, active, "", "entries are lost on the way", "")
        self.world.after(LENGTH_MS * MS, self._judged, active, "", "", "")
        self.world.after(LOOK_MS * MS, self._look, standby, 0, 1)

    def _link_seen_by_one(self, active: int, standby: int) -> None:
        """It falls silent and goes out; only it knows why: let in again, it would go out again and again."""
        self.world.fault("bad link", f"to unit {active}, as only unit {standby} sees it")
        way = self.cabinet.network.ways[standby][active]
        way.cut = True
        self.world.after(NOTICED_MS * MS, setattr, way, "cut", False)
        self.world.after(NOTICED_MS * MS - 1, self._judged, standby, "", "packets are lost", "")
        self.world.after(LENGTH_MS * MS, self._judged, standby, "", "", "")
        self.world.after(LOOK_MS * MS, self._look, standby, 0, 1)

    def _worn(self, unit: int, actives: int) -> None:
        """It stays out until somebody clears it."""
        self.world.fault("worn unit", f"unit {unit}")
        self.cabinet.moments.leave_alone(unit, self.world.now_us + LENGTH_MS * MS)
        self.world.after(NOTICED_MS * MS, self._judged, unit, "", "", "too many faults")
        self.world.after(LOOK_MS * MS, self._look, unit, actives, 1 + actives)
        self.world.after(LOOK_MS * MS, self._retired, unit)

    def _ail(self, unit: int, noticed_us: int = 0) -> None:
        box = self.cabinet.boxes[unit]
        box.fsync_us = SLOW_US
        world = self.world
        world.at(noticed_us or world.now_us + NOTICED_MS * MS, self._judged, unit, SLOW, "", "")
        world.after(LENGTH_MS * MS, self._mend, unit)

    def _mend(self, unit: int) -> None:
        self.cabinet.boxes[unit].fsync_us = FSYNC_US
        self._judged(unit, "", "", "")

    def _judged(self, unit: int, ailing: str, link: str, worn: str) -> None:
        life = self.cabinet.lives[unit]
        if life is not None:
            life.run(lambda: life.feed(ev.Judged(life.now_ms(), ailing, link, worn)))

    # --- what has to come of it ---------------------------------------------------------------

    def _ask(self) -> None:
        done = self.cabinet.probe()
        self.world.after(ANSWER_MS * MS, self._answered, done)

    def _answered(self, done: object) -> None:
        self.world.seen["progress asked for under a fault"] += 1
        if getattr(done, "returned_us", None) is None:
            raise ViolationError("stall", f"a part is ill, and a write of {ANSWER_MS} ms ago has no answer")

    def _look(self, out: int | None, actives: int, swaps: int) -> None:
        """Who is out, and how often the record was changed for it."""
        record = self.cabinet.witness.record
        wanted = (0, 1) if out is None else (1 - out,)
        if record is None or record.in_sync != wanted:
            named = record.in_sync if record else ()
            raise ViolationError(
                "ill", f"unit {out} is ill (None: both); in sync is {named}, wanted {wanted}"
            )
        changes, epochs = self.cabinet.judge.actives - self._actives, record.epoch - self._epoch
        if changes != actives or epochs > swaps:
            told = f"changes of the active: {changes}, wanted {actives}; of the record: {epochs} of {swaps}"
            raise ViolationError("flapping", f"unit {out} is ill (None: both); {told}")
        self.world.seen["an ill part was borne"] += 1

    def _retired(self, unit: int) -> None:
        life = self.cabinet.lives[unit]
        state = None if life is None else life.unit.state
        self._judged(unit, "", "", "")
        if state is not State.BROKEN:
            raise ViolationError("ill", f"unit {unit}'s faults come too often, and it is {state}")

    def _epoch_now(self) -> int:
        record = self.cabinet.witness.record
        return record.epoch if record is not None else 0
