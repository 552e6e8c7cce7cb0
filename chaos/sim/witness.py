"""The simulated witness: one record, compare-and-swap, the highest `compared_seq` it was told.

What it accepted is on its disk before it answers. A swap that arrives late is a swap: the
witness does not know that its sender gave up, crashed or was replaced.
"""

from collections.abc import Callable

from msgspec.structs import replace

from chaos.sim.clock import Clock
from chaos.sim.network import WITNESS, Network
from chaos.sim.world import World
from ftnode.core.record import Record, stays

Answer = Callable[[Record | None, int, int, bool, int, str], None]
"""Takes record, told_seq, wall_ms, won, mono_ms, and the id of the witness that answers."""


class SimWitness:
    """Answers what the network brings, unless it is down."""

    def __init__(self, world: World, network: Network, witness_id: str, record: Record | None) -> None:
        self.witness_id = witness_id
        self.record = record
        self.told_seq = 0
        self.up = True
        self.slow_us = 0
        self.strange = ""  # another witness answers instead: of another name, cabinet, or with no record
        self.life = 0
        self.clock = Clock(world)
        self.on_change: Callable[[Record | None, Record], None] | None = None  # the judges listen
        self._world = world
        self._network = network

    def read(self, unit: int, compared_seq: int, epoch: int, answer: Answer) -> None:
        """A read arrives, of a unit in `epoch`; `answer` is carried back."""
        self._after_a_moment(self._read, unit, compared_seq, epoch, answer)

    def swap(self, unit: int, expected: Record, wanted: Record, compared_seq: int, answer: Answer) -> None:
        """A compare-and-swap arrives; `answer` is carried back."""
        self._after_a_moment(self._swap, unit, expected, wanted, compared_seq, answer)

    def create(self, unit: int, wanted: Record, compared_seq: int, answer: Answer) -> None:
        """The first record arrives; `answer` is carried back."""
        self._after_a_moment(self._swap, unit, None, wanted, compared_seq, answer)

    def blank(self) -> None:
        """Its disk is replaced: another witness, empty, at the same address."""
        self.crash()
        self.witness_id, self.record, self.told_seq = f"{self.witness_id}'", None, 0

    def crash(self) -> None:
        """It loses what it was doing, never what it had accepted."""
        self.up = False
        self.life += 1

    def restart(self) -> None:
        """It is there again, with the record from its disk."""
        self.up = True

    def _after_a_moment(self, call: Callable[..., None], *args: object) -> None:
        if self.up:
            moment_us = 200 + int(self._world.random.random() * (300 + self.slow_us))
            self._world.after(moment_us, self._if_still, self.life, call, *args)

    def _if_still(self, life: int, call: Callable[..., None], *args: object) -> None:
        if self.up and life == self.life:
            call(*args)

    def _read(self, unit: int, compared_seq: int, epoch: int, answer: Answer) -> None:
        if self.record is not None and epoch == self.record.epoch:
            self.told_seq = max(self.told_seq, compared_seq)
        self._answer(unit, answer, False)

    def _swap(
        self, unit: int, expected: Record | None, wanted: Record, compared_seq: int, answer: Answer
    ) -> None:
        won = self.record == expected and not self.strange and wanted.witness_id == self.witness_id
        if won:
            kept_seq = self.told_seq if expected is not None and stays(expected, wanted) else 0
            self.told_seq = max(kept_seq, compared_seq)
            before, self.record = self.record, wanted
            self._world.note("witness", f"record {before and brief(before)} -> {brief(wanted)} by {unit}")
            if self.on_change is not None:
                self.on_change(before, wanted)
        self._answer(unit, answer, won)

    def _answer(self, unit: int, answer: Answer, won: bool) -> None:
        shown = (self._shown(), self.told_seq, self.clock.wall_ms(), won, self.clock.now_ms())
        self._network.send(WITNESS, unit, answer, *shown, self.witness_id)

    def _shown(self) -> Record | None:
        record = self.record
        if record is None or not self.strange:
            return record
        if self.strange == "empty":
            return None
        if self.strange == "cabinet":
            return replace(record, cabinet="another")
        return replace(record, witness_id="another")


def brief(record: Record) -> str:
    """The record in a few characters: epoch, active, in-sync set."""
    units = ",".join(str(unit) for unit in record.in_sync)
    return f"e{record.epoch} {record.active}*{{{units}}}"
