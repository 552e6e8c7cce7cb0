"""Faults at moments that no schedule would meet: a partner goes while a snapshot travels or a tail is cut,
a comparison ends when its session is over, an old word is heard again when it means something else.

The cabinet says what begins. What follows is drawn from the seed, like all harm.
"""

from typing import Final

from chaos.sim.harm import Harm
from chaos.sim.world import MS
from ftnode.core.messages import Doubt, Fetched, Message

CHANCE: Final = 0.5
ECHOES: Final = 6
SLOW_JOIN_MS: Final = 60
"""A disk with such syncs lets its unit's first acknowledgement in a new session come late."""
LEFT_ALONE_MS: Final = 6000
"""So long the other unit has to become active first."""


class Moments(Harm):
    """Listens to the cabinet until `until_us`; 0: not at all."""

    until_us = 0
    left_alone = -1  # a convicted unit that nobody looks after before `left_alone_until_us`
    left_alone_until_us = 0

    def snapshot(self, unit: int) -> None:
        """A unit asks for a snapshot: whoever sends it goes, and is back before the unit gives up waiting."""
        if self._strikes():
            self.world.fault("active ends during a snapshot", f"unit {1 - unit}")
            self._end_soon(1 - unit, 300)

    def cut(self, unit: int) -> None:
        """A unit cuts its tail: its disk takes long, and the active begins a new life meanwhile."""
        if self._strikes():
            self.world.fault("active ends while a tail is cut", f"unit {1 - unit}")
            self.cabinet.boxes[unit].hangs_until_us = self.world.now_us + self.world.between(100, 900) * MS
            self._end_soon(1 - unit, 100)

    def said(self, sender: int, message: Message, payload: object) -> None:
        """Words that are heard again, when the units may have changed places or need nothing any more."""
        match message:
            case Doubt(done=True) if self._strikes():
                self.world.fault("doubt heard again", f"from unit {sender}")
                self.left_alone, self.left_alone_until_us = sender, self.world.now_us + LEFT_ALONE_MS * MS
                for _ in range(ECHOES):
                    self._echo(self.world.between(4000, 16_000), sender, message, payload)
            case Fetched() if self._strikes():
                self.world.fault("entries heard again", f"from unit {sender}")
                self._echo(self.world.between(1, 300), sender, message, payload)

    def leaves_alone(self, unit: int) -> bool:
        """Does the operator look after the other unit first?"""
        return unit == self.left_alone and self.world.now_us < self.left_alone_until_us

    def leave_alone(self, unit: int, until_us: int) -> None:
        """Nobody looks after this unit before."""
        self.left_alone, self.left_alone_until_us = unit, until_us

    def slow_compare(self) -> bool:
        """The active's comparisons take long; soon the session in which they began may be over."""
        active = self.cabinet.active()
        if active is None:
            return False
        self.world.fault("slow comparison", f"unit {active.me}")
        box, other = active.box, self.cabinet.boxes[1 - active.me]
        box.compare_us = self.world.between(20, 900) * MS
        self.undo(self.short_or_long_us(), lambda: setattr(box, "compare_us", 0))
        if self.world.chance(0.7):
            other.fsync_us = SLOW_JOIN_MS * MS
            self.undo(2000 * MS, lambda: setattr(other, "fsync_us", 300))
            self.world.after(self.world.between(0, 600) * MS, self._end_soon, other.unit, 200)
        return True

    def _strikes(self) -> bool:
        return self.world.now_us < self.until_us and self.world.chance(CHANCE)

    def _end_soon(self, unit: int, restart_ms: int) -> None:
        restart_us = self.world.between(10, restart_ms) * MS
        self.world.after(self.world.between(0, 2 * MS), self.cabinet.kill, unit, False, restart_us)

    def _echo(self, delay_ms: int, sender: int, message: Message, payload: object) -> None:
        self.world.after(delay_ms * MS, self.cabinet.hear, 1 - sender, message, payload)
