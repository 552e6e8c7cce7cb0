"""What must hold at every step of a walk, whatever was done to the pair."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ftnode.core.fsm import State

if TYPE_CHECKING:
    from tests.core.parts import Entry
    from tests.core.world import World


class Judge:
    """Sees every answer that leaves, every record, every cut."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.answers: list[Entry] = []  # the history that the outside has seen, by seq from 1
        self.lives = [0, 0]
        self.allowed_broken = [False, False]  # who may be convicted

    @property
    def answered_seq(self) -> int:
        """Everything through here was answered or shown."""
        return len(self.answers)

    def check(self, holds: bool, claim: str, *values: object) -> None:
        if not holds:
            raise AssertionError(f"at {self._world.now_ms}: {claim}: {values}")

    # --- answers ---------------------------------------------------------------------------

    def released(self, at: int, seq: int) -> None:
        """Commands through `seq` are answered: they are what they were for ever, and both hold them."""
        self._shown(at, seq)
        self.held_by_the_set()

    def read(self, at: int, asked_seq: int, seen_seq: int) -> None:
        """A read is answered: nothing that had been answered when it came is missing, nothing is dirty."""
        self.check(seen_seq >= asked_seq, "a stale read", at, seen_seq, asked_seq)
        self._shown(at, seen_seq)
        self.held_by_the_set()

    def _shown(self, at: int, seq: int) -> None:
        executed = self._world.nodes[at].executed
        self.check(len(executed) >= seq, "an answer before its execution", at, seq, len(executed))
        both = min(seq, len(self.answers))
        self.check(executed[:both] == self.answers[:both], "an answered entry is another one now", at, seq)
        self.answers += executed[both:seq]

    # --- who holds what --------------------------------------------------------------------

    def recorded(self) -> None:
        """The record changed: whoever it names holds everything that was answered."""
        self.held_by_the_set()

    def held_by_the_set(self) -> None:
        """Rule 1, and trap 4: each unit that may be promoted, whenever it may be, holds it durably."""
        world = self._world
        for at in world.record.in_sync:
            node = world.nodes[at]
            promise = node.disk.promise
            if node.faulty or promise is None or promise.incarnation != world.record.incarnation_of(at):
                continue
            if promise.bound_epoch >= world.record.epoch:
                continue  # it takes over from nobody before a later record names it again
            held = node.disk.log[: node.disk.durable]
            self.check(held[: len(self.answers)] == self.answers, "a unit in the set lacks an answer", at)

    def cut(self, at: int, seq: int) -> None:
        """What is cut was never answered."""
        log, same = self._world.nodes[at].disk.log, 0
        while same < min(len(log), len(self.answers)) and log[same] == self.answers[same]:
            same += 1
        self.check(seq >= same or self._world.nodes[at].faulty, "an answer is cut", at, seq, same)

    def stamped(self, at: int, before: "Sequence[Entry]", entries: "Sequence[Entry]") -> None:
        """Log time never goes back."""
        times = [time_ms for _, time_ms, _ in (*before, *entries)]
        self.check(times == sorted(times), "log time goes back", at, times)

    def compared(self, at: int, seq: int, same: bool) -> None:
        self.check(same, "digests of equal machines differ", at, seq)

    def look(self, at: int) -> None:
        """After each step of a core."""
        node = self._world.nodes[at]
        state = node.unit.state
        self.check(state is not State.BROKEN or self.allowed_broken[at], "a healthy unit is convicted", at)
