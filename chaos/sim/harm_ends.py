"""Ends of processes: killed, without power, between two effects, within a disk step, on request."""

from chaos.sim.harm import Harm
from chaos.sim.world import MS
from ftnode.core.events import SwitchoverAsked, TakeOutAsked

STATE_FLIP = 0.3  # of flips are where only a checkpoint looks
READS_FLIP = 0.3  # of flips are where only reads look
BOTH_FLIP = 0.15  # of flips hit the other unit too


class Ends(Harm):
    """Processes that end, stand still, or are told to."""

    def end(self, power: bool) -> bool:
        life = self.some_life()
        if life is None:
            return False
        self.world.fault("power cut" if power else "kill", f"unit {life.me}")
        self.cabinet.kill(life.me, power, self.restart_us())
        return True

    def end_both(self, power: bool) -> bool:
        self.world.fault("power cut of both" if power else "kill of both")
        for unit in (0, 1):
            self.cabinet.kill(unit, power, self.restart_us())
        return True

    def end_between_effects(self) -> bool:
        life = self.some_life()
        if life is None:
            return False
        self.plan_end(life)
        life.end_in = self.world.between(0, 60)
        return True

    def end_within_disk_step(self) -> bool:
        life = self.some_life()
        if life is None:
            return False
        self.plan_end(life)
        life.box.disk.stop_after = life.box.disk.steps + self.world.between(1, 12)
        return True

    def torn(self) -> bool:
        """Like the last, but the power goes and the very next write is torn."""
        life = self.some_life()
        if life is None:
            return False
        self.plan_end(life)
        life.power = True
        life.box.disk.stop_after = life.box.disk.steps + 1
        self.world.fault("torn write", f"unit {life.me}")
        return True

    def stall(self) -> bool:
        life = self.some_life()
        if life is None or life.box.paused_until_us > self.world.now_us:
            return False
        length_us = self.short_or_long_us()
        self.world.fault("stall", f"unit {life.me} for {length_us // MS} ms")
        life.pause(length_us)
        return True

    def switchover(self) -> bool:
        active = self.cabinet.active()
        if active is None:
            return False
        self.world.fault("switchover", f"from unit {active.me}")
        active.run(active.feed, SwitchoverAsked(active.now_ms()))
        return True

    def take_out(self, stay_out: bool) -> bool:
        life = self.some_life()
        if life is None:
            return False
        self.world.fault("taken out" if stay_out else "told to stop", f"unit {life.me}")
        life.restart_us = self.restart_us()
        life.run(life.feed, TakeOutAsked(life.now_ms(), stay_out))
        return True

    def memory(self) -> bool:
        """A bit flips in one unit's memory: its digests are wrong from now on. One at a time: who is on
        trial for a flip of the other one's is sound through what is in doubt, and not for ever."""
        life = self.some_life()
        other = None if life is None else self.cabinet.life(1 - life.me)
        if life is None or not self.cabinet.duplex() or (other is not None and other.book.harmed):
            return False
        self.world.fault("memory flip", f"unit {life.me}")
        if self.world.chance(STATE_FLIP):
            self.world.fault("memory changes where nobody looks", f"unit {life.me}")
            life.book.state_flipped = life.book.executor.compared_seq + 1
            life.book.harmed = True
            return True
        if self.world.chance(READS_FLIP):
            self.world.fault("memory shows reads something else", f"unit {life.me}")
            life.book.reads_flipped = life.book.harmed = True
            return True
        life.book.flip_memory()
        if other is not None and self.world.chance(BOTH_FLIP):
            self.world.fault("both memories flip", "")
            other.book.flip_memory()
        return True
