"""Disks that fail a sync, hang, rot, are replaced or come back from a copy: never the last that counts."""

from chaos.sim.cabinet import Cabinet
from chaos.sim.harm import Harm
from chaos.sim.rotting import rot_one_entry
from chaos.sim.world import MS


class Disks(Harm):
    """See the module's text."""

    def __init__(self, cabinet: Cabinet) -> None:
        super().__init__(cabinet)
        self._watched: tuple[int, str] | None = None  # a rolled-back unit and its old incarnation

    def watches(self) -> bool:
        """Is a rolled-back disk in, not found out yet? Then nothing else may happen."""
        if self._watched is None:
            return False
        unit, incarnation = self._watched
        record = self.cabinet.witness.record
        if record is not None and record.incarnation_of(unit) == incarnation and unit in record.in_sync:
            return True
        self._watched = None
        return False

    def fsync_fails(self) -> bool:
        life = self.some_life()
        if life is None:
            return False
        self.world.fault("fsync fails", f"unit {life.me}")
        life.box.disk.fail_syncs = 1
        self.plan_end(life)
        return True

    def slow_disk(self) -> bool:
        box = self.cabinet.boxes[self.world.between(0, 1)]
        before_us, box.fsync_us = box.fsync_us, self.world.between(20, 500) * MS
        self.world.fault("slow disk", f"unit {box.unit}: {box.fsync_us // MS} ms")
        self.undo(self.short_or_long_us(), lambda: setattr(box, "fsync_us", min(before_us, 300)))
        return True

    def disk_hangs(self) -> bool:
        life = self.some_life()
        if life is None:
            return False
        length_us = self.short_or_long_us()
        self.world.fault("disk hangs", f"unit {life.me} for {length_us // MS} ms")
        life.box.hangs_until_us = self.world.now_us + length_us
        return True

    def spare(self, unit: int) -> bool:
        """May this unit's disk be destroyed, without destroying what somebody was shown?"""
        cabinet, other = self.cabinet, 1 - unit
        record, judge = cabinet.witness.record, cabinet.judge
        if record is None or other not in record.in_sync or cabinet.swap_pending(unit):
            return False
        box, seq = cabinet.boxes[other], judge.shown_seq
        return not box.rot and box.durable_seq >= seq and box.durable_hash.get(seq) == judge.hashes.get(seq)

    def blank(self) -> bool:
        unit = self.world.between(0, 1)
        if not self.spare(unit):
            return False
        self.world.fault("blank disk", f"unit {unit}")
        self.cabinet.kill(unit, True, None)
        self.cabinet.boxes[unit].replace_disk()
        self.world.after(self.restart_us(), self.cabinet.boot, unit)
        return True

    def roll_back(self) -> bool:
        """An older copy of a whole disk comes back, while the other unit can tell."""
        unit = self.world.between(0, 1)
        box, record = self.cabinet.boxes[unit], self.cabinet.witness.record
        if box.image is None or record is None or not self.cabinet.duplex() or not self.spare(unit):
            return False
        if not self.cabinet.connected or not self.cabinet.witness.up or not self.calm():
            return False
        self.world.fault(
            "rolled-back disk", f"unit {unit}, {(self.world.now_us - box.image.at_us) // MS} ms old"
        )
        self.cabinet.kill(unit, True, None)
        box.restore_image()
        self._watched = (unit, record.incarnation_of(unit) or "")
        self.world.after(self.world.between(20, 800) * MS, self.cabinet.boot, unit)
        return True

    def calm(self) -> bool:
        """No fault that would keep the units from talking to each other and the witness."""
        ways = self.cabinet.network.ways
        quiet = not any(way.cut or way.loss or way.held for row in ways for way in row)
        planned = any(life is not None and life.end_in >= 0 for life in self.cabinet.lives)
        stops = any(box.disk.stop_after is not None or box.disk.fail_syncs for box in self.cabinet.boxes)
        slow = any(box.hangs_until_us > self.world.now_us or box.fsync_us > 300 for box in self.cabinet.boxes)
        return quiet and not planned and not stops and not slow

    def rot(self) -> bool:
        unit = self.world.between(0, 1)
        seq = rot_one_entry(self.cabinet, unit)
        if not seq:
            return False
        self.world.fault("rot", f"unit {unit} seq {seq}")
        if self.world.chance(0.7):
            self.cabinet.kill(unit, self.world.chance(0.5), self.restart_us())
        return True
