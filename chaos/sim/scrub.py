"""A life's scrubber: reads log and state again, and does with what it finds what a unit's shell does."""

from typing import TYPE_CHECKING, Final

from chaos.sim.disk import StoppedError
from chaos.sim.world import MS
from ftnode.core import events as ev
from ftnode.machine.arbitration import unsound_slots
from ftnode.store.entry import cut_run
from ftnode.store.state import RottenValue, slot_of

if TYPE_CHECKING:
    from chaos.sim.book import Book
    from chaos.sim.life import Life

EVERY_MS: Final = 300
WHY: Final = "the state is rotten"


class Scrubber:
    """See the module. `box.rot_slots` is the note that a unit keeps on its disk."""

    def __init__(self, life: "Life") -> None:
        self._life = life
        self._box = life.box

    @property
    def _book(self) -> "Book":
        return self._life.book

    def begin(self) -> None:
        """The next look."""
        self._life.later(EVERY_MS * MS, self._look)

    def _look(self) -> None:
        self.begin()
        unit = self._life.unit
        if unit.changing or unit.unfit:
            return
        if self._box.rot:  # what nobody harmed is whole, as every read of it shows
            self._look_at_log()
        if self._life.alive and self._box.medium.rotten:
            self._look_at_state()

    def _look_at_log(self) -> None:
        wal, seq = self._book.log.wal, 1
        while (seq := wal.scrub(seq)) != 1:
            pass
        self.log_rotten()

    def log_rotten(self) -> None:
        """Tell the core of entries that cannot be read."""
        log = self._book.log
        rotten = log.all_read()
        if rotten:
            self._life.world.seen["rot found while running"] += 1
            self._life.feed(ev.Rotted(self._life.now_ms(), rotten))
        else:
            self._box.rot = {seq for seq in self._box.rot if not self._reads_well(seq)}

    def _reads_well(self, seq: int) -> bool:
        """A write of the same sector that was under way may have come after the flip."""
        if seq > self._book.log.head_seq:
            return True  # cut as a torn record: it was above the mark
        run = self._book.log.read(seq)
        known = self._box.durable_hash.get(seq)
        return run is not None and cut_run(run, seq, seq).last_hash == known

    def _look_at_state(self) -> None:
        slots = sorted({slot_of(key) for key in self._box.medium.rotten})
        bad = [slot for slot, unsound in unsound_slots(self._book.store, slots) if unsound]
        fresh = set(bad) - self._box.rot_slots
        if fresh:
            self._life.world.seen["rotten state found"] += 1
            self._keep(fresh)
            self._life.feed(ev.RottenState(self._life.now_ms(), WHY))

    def met(self, rot: RottenValue) -> None:
        """It was needed: no entry is executed any more."""
        self._life.world.seen["rotten state met"] += 1
        self._keep({rot.slot})
        self._life.feed(ev.RottenState(self._life.now_ms(), str(rot), met=True))

    def tried(self, rot: RottenValue) -> None:
        """A re-execution in doubt needed it."""
        self._keep({rot.slot})
        self._life.feed(ev.RottenState(self._life.now_ms(), str(rot)))

    def read(self, rot: RottenValue) -> None:
        """A read needed it. The shell of a lone active would refuse just that one; here its process ends."""
        self._keep({rot.slot})
        self._life.end("a read needed what is rotten")
        raise StoppedError("a read needed what is rotten")

    def _keep(self, slots: "set[int]") -> None:
        self._box.rot_slots |= slots
        self._book.store.quarantine(slots)
