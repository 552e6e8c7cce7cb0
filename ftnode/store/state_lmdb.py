"""The state store of real units: LMDB, larger than memory, one transaction a checkpoint.

Reads go through one read transaction that stands at a checkpoint until `refresh`. Writing is
done by `state_lmdb_writer`, in this process (tests, tools) or in a helper process of its own
(`state_helper`), so that counting roots and filling pages never holds up the hot path.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ftnode.core.invariants import invariant
from ftnode.store.state import SLOTS, Checkpoint, CheckpointWriter, Pair, slot_start
from ftnode.store.state_lmdb_file import MAP_MAX_BYTES, StateFile
from ftnode.store.state_lmdb_read import READ_AT_ONCE_PAIRS, LmdbReading
from ftnode.store.state_lmdb_stage import LmdbStaging
from ftnode.store.state_lmdb_writer import LmdbWriter
from ftnode.store.state_roots import EMPTY_ROOT, root_at

if TYPE_CHECKING:
    import lmdb


class LmdbStateStore(LmdbStaging):
    """`StateStore` on LMDB.

    Args:
        path: directory of the state.
        read_only: for long scans and re-execution in other processes.
        map_max_bytes: see `StateFile`.
        between_slots: called while a checkpoint is prepared, for whoever wants to let others run.

    Raises:
        StoreFault: the state cannot be opened; nothing was changed.
    """

    def __init__(
        self,
        path: Path,
        read_only: bool = False,
        map_max_bytes: int = MAP_MAX_BYTES,
        between_slots: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(StateFile(path, read_only, map_max_bytes))
        self._writer: LmdbWriter | None = None
        self._between_slots = between_slots
        self._closed = False
        self._reading = LmdbReading(self._file)
        # Every entry reads: no call lies between.
        self.get: Callable[[bytes], bytes | None] = self._reading.get
        self.scan: Callable[[bytes, bytes, int], list[Pair]] = self._reading.scan
        self.iterate: Callable[[bytes, bytes], Iterator[Pair]] = self._reading.iterate
        self._look()

    def _look(self) -> None:
        """Open the view that reads see."""
        self._txn = self._file.begin_read()
        self._checkpoint = self._file.checkpoint(self._txn)
        self._reading.look(self._txn)

    @property
    def checkpoint(self) -> Checkpoint:
        return self._checkpoint

    @property
    def roots(self) -> bytes:
        return self._file.roots(self._txn)

    def pair_bytes(self) -> int:
        """Of the file's pages, those that hold pairs: in use, or beside it."""
        stats = [self._txn.stat(bank) for bank in self._file.banks]
        return sum(stat["psize"] * (stat["leaf_pages"] + stat["overflow_pages"]) for stat in stats)

    def filled_slots(self) -> int:
        """Slots with something in them."""
        roots = self.roots
        return sum(root_at(roots, slot) != EMPTY_ROOT for slot in range(SLOTS))

    def begin_checkpoint(self, checkpoint: Checkpoint) -> CheckpointWriter:
        self._file.writable()
        free = self._writer is None or self._writer.ended
        invariant(free, "a checkpoint is being written", seq=checkpoint.seq)
        self.refresh()
        self._writer = LmdbWriter(self._file, checkpoint, self._between_slots)
        return self._writer

    def refresh(self) -> Checkpoint:
        self._txn.abort()
        self._look()
        return self._checkpoint

    def quarantine(self, slots: Iterable[int]) -> None:
        self._reading.quarantined.update(slots)
        self._reading.look(self._txn)

    def open_snapshot(self) -> "LmdbSnapshot":
        return LmdbSnapshot(self)

    def install(self, checkpoint: Checkpoint, roots: bytes, slots: Iterable[int]) -> None:
        super().install(checkpoint, roots, slots)
        self._reading.quarantined.clear()
        self.refresh()

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            if self._writer is not None:
                self._writer.abort()
            self._txn.abort()
            self._file.close()


class LmdbSnapshot:
    """`SnapshotReader`: a read transaction of its own, in the store's process.

    While it is open LMDB cannot use freed pages again, so the file grows with the traffic.
    """

    def __init__(self, store: LmdbStateStore) -> None:
        self._file = store._file
        self._txn: lmdb.Transaction[bytes] | None = self._file.begin_read()
        self._bank_of_slot = self._file.bank_of_slots(self._txn)
        self.checkpoint = self._file.checkpoint(self._txn)
        self.roots = self._file.roots(self._txn)

    def pairs(self, slot: int) -> Iterator[Pair]:
        begin, end = slot_start(slot), slot_start(slot + 1)
        bank = self._file.banks[self._bank_of_slot[slot]]
        while self._txn is not None:
            portion = self._file.pairs(self._txn.cursor(bank), begin, end, READ_AT_ONCE_PAIRS)
            if not portion:
                return
            yield from portion
            begin = portion[-1][0] + b"\0"
        invariant(False, "a closed snapshot was read", slot=slot)

    def close(self) -> None:
        if self._txn is not None:
            self._txn.abort()
            self._txn = None
