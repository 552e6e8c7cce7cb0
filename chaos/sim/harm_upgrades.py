"""Other programs on the units, and orders to switch: an operator who upgrades, aborts, and errs. (rule 19)

He installs what does not fit only knowingly; whatever he was told that it would do, it has to do.
"""

from typing import Final

from chaos.sim.cabinet import Cabinet
from chaos.sim.harm import Harm
from chaos.sim.harm_disks import Disks
from chaos.sim.harm_wires import Wires
from chaos.sim.life import Life
from chaos.sim.world import MS
from ftnode.core import upgrading, versions
from ftnode.core.events import UpgradeAsked
from ftnode.core.versions import Abort, Order, Prepare, Switch

NEWEST: Final = 5  # engine versions that are ever made
ERRS: Final = 0.15  # of installations, the program is not the right one
NEW_BOX: Final = 0.3  # of installations are of a whole new unit
CUT_OFF: Final = 0.25  # of orders are the last that the active says
ALL: Final = tuple(range(1, NEWEST + 1))


class Upgrades(Harm):
    """Programs and orders."""

    def __init__(self, cabinet: Cabinet, wires: Wires, disks: Disks) -> None:
        super().__init__(cabinet)
        self._wires, self._disks = wires, disks

    def install(self) -> bool:
        """A unit's process ends, another program is put in place, and started."""
        life = self.some_life()
        active = self.cabinet.active()
        if life is None or active is None:
            return False
        program = self._program(life, active)
        box = life.box
        box.misinstalled = not self._needed(life, active) <= {*program}
        self.world.fault(
            "a program that does not fit" if box.misinstalled else "another program",
            f"unit {life.me}: {box.program} -> {program}",
        )
        box.program = program
        restart_us = self.world.between(50, 800) * MS
        if self._disks.spare(life.me) and self.world.chance(NEW_BOX):
            self.world.fault("a new box with another program", f"unit {life.me}")
            self.cabinet.kill(life.me, True, None)
            box.replace_disk()
            self.world.after(restart_us, self.cabinet.boot, life.me)
        else:
            self.cabinet.kill(life.me, self.world.chance(0.2), restart_us)
        return True

    def _program(self, life: Life, active: Life) -> tuple[int, ...]:
        """The next one, the one before, or one without what is said to be needed no more."""
        known, in_force = life.box.program, upgrading.in_force(active.unit)
        if self.world.chance(ERRS):
            return (self.world.between(1, NEWEST),)
        if upgrading.may_drop(life.unit) and self.world.chance(0.3):
            return tuple(version for version in known if version >= upgrading.in_force(life.unit)) or known
        newest = max(max(box.program) for box in self.cabinet.boxes)
        if max(known) < newest and self.world.chance(0.6):
            return tuple(range(min(known), newest + 1))  # as the other one
        if max(known) > in_force and self.world.chance(0.4):
            return tuple(version for version in known if version <= in_force) or known  # back
        return tuple(range(min(known), min(max(known) + 1, NEWEST) + 1))

    def _needed(self, life: Life, active: Life) -> set[int]:
        """By this unit's own word what its disk needs, and what the active would have it execute."""
        own = upgrading.standing(life.unit)
        disk = {own.version} if upgrading.may_drop(life.unit) else versions.needed(own, 1)
        return disk | {upgrading.in_force(active.unit)} - {0}

    def order(self) -> bool:
        """The operator prepares, switches, or takes it back."""
        active = self.cabinet.active()
        if active is None:
            return False
        version = upgrading.in_force(active.unit) + self.world.between(0, 1)
        order: Order = self.world.random.choice(
            (Prepare(version), Prepare(version), Switch(version), Abort(0))
        )
        self.world.fault("upgrade ordered", str(order))
        if self.world.chance(CUT_OFF):  # the entry is this unit's alone, and another one takes over
            self._wires.cut("cut off while it switches", [(active.me, 1 - active.me)], 1500 * MS)
        elif self.world.chance(CUT_OFF):
            self.plan_end(active)
            active.end_in = self.world.between(1, 8)
        active.run(active.feed, UpgradeAsked(active.now_ms(), order))
        return True

    def look_after(self) -> None:
        """Somebody reads which program a unit needs, and installs one that has everything."""
        for life in list(self.cabinet.lives):
            if life is not None and life.unit.misfit and life.unit.lead is None:
                self.world.seen["a misfit was told and mended"] += 1
                life.box.program, life.box.misinstalled = ALL, False
                self.cabinet.kill(life.me, False, 100 * MS)
