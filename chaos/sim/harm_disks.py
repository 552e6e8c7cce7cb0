"""Disks that fail a sync, hang, rot, are replaced or come back from a copy: never the last that counts."""

from chaos.sim.harm import Harm
from chaos.sim.rotting import rot_one_entry, rot_state
from chaos.sim.world import MS


class Disks(Harm):
    """See the module's text."""

    def fsync_fails(self) -> bool:
        life = self.some_life()
        if life is None:
            return False
        self.world.fault("fsync fails", f"unit {life.me}")
        life.box.disk.fail_syncs = 1
        self.world.after(self.world.between(20, 900) * MS, self.cabinet.audit, life.me)
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
        if self.world.chance(0.3):
            life.box.disk.fail_syncs = 1  # and what it hung in never comes back well
            self.plan_end(life)
        return True

    def diagnosis_fails(self) -> bool:
        """A box whose next start finds something wrong with it."""
        unit = self.world.between(0, 1)
        self.world.fault("diagnosis fails", f"unit {unit}")
        self.cabinet.boxes[unit].ill = "the self test of the disk failed"
        self.cabinet.kill(unit, False, self.restart_us())
        return True

    def spare(self, unit: int) -> bool:
        """May this unit's disk be destroyed, without destroying what somebody was shown?"""
        cabinet, other = self.cabinet, 1 - unit
        record, judge = cabinet.record, cabinet.judge
        if record is None or other not in record.in_sync or cabinet.swap_pending(unit):
            return False
        box, seq = cabinet.boxes[other], judge.shown_seq
        if box.incarnation() != record.incarnation_of(other):
            return False  # a late swap named a stay that is over: the other unit is not in the set
        if judge.is_bound(other, record.epoch):
            return False  # it obeys this one: an outage that is accepted, but not for ever
        theirs = judge.unit_promise(other)
        if theirs is not None and theirs.witness_id != record.witness_id:
            return False  # it agreed to a witness that only this one can give its first record: the same
        if box.medium.rotten or box.rot_slots:
            return False  # what it holds cannot all be read
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
        box = self.cabinet.boxes[unit]
        if box.image is None or not self.cabinet.duplex() or not self.spare(unit):
            return False
        if box.image.durable_seq >= self.cabinet.witness.told_seq:
            return False  # nobody could tell this copy from the disk if the other unit went now
        record = self.cabinet.record
        if record is None or self.cabinet.judge.is_bound(unit, record.epoch):
            return False  # a copy that has forgotten this is told from the disk by nobody
        if not self.cabinet.connected or not self.cabinet.witness.up or not self.calm():
            return False
        self.world.fault(
            "rolled-back disk", f"unit {unit}, {(self.world.now_us - box.image.at_us) // MS} ms old"
        )
        self.cabinet.kill(unit, True, None)
        box.restore_image()
        boot_us = self.world.between(20, 800) * MS
        self.world.after(boot_us, self.cabinet.boot, unit)
        if self.world.chance(0.5):
            other_us = boot_us + self.world.between(-20, 300) * MS
            self.world.after(max(0, other_us), self.cabinet.kill, 1 - unit, False, self.restart_us())
        return True

    def calm(self) -> bool:
        """No fault that would keep the units from talking to each other and the witness."""
        ways = self.cabinet.network.ways
        quiet = not any(way.cut or way.loss for row in ways for way in row)
        planned = any(life is not None and life.end_in >= 0 for life in self.cabinet.lives)
        stops = any(box.disk.stop_after is not None or box.disk.fail_syncs for box in self.cabinet.boxes)
        slow = any(box.hangs_until_us > self.world.now_us or box.fsync_us > 300 for box in self.cabinet.boxes)
        quiet = quiet and self.cabinet.late is None
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

    def rot_in_state(self) -> bool:
        unit = self.world.between(0, 1)
        if not self.spare(unit) or not self.cabinet.duplex():
            return False
        key = rot_state(self.cabinet, unit)
        if not key:
            return False
        self.world.fault("rot in state", f"unit {unit} key {key}")
        if self.world.chance(0.3):
            self.cabinet.kill(unit, self.world.chance(0.5), self.restart_us())
        return True
