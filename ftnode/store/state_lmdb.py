"""The state store of real units: LMDB, larger than memory, one transaction a checkpoint.

Reads go through one read transaction that stands at a checkpoint until `refresh`. Writing is
done by `state_lmdb_writer`, in this process (tests, tools) or in a helper process of its own
(`state_helper`), so that counting roots and filling pages never holds up the hot path.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from ftnode.core.invariants import invariant
from ftnode.store.state import Checkpoint, CheckpointWriter, Pair, slot_of, slot_start
from ftnode.store.state_lmdb_file import MAP_MAX_BYTES, StateFile
from ftnode.store.state_lmdb_stage import LmdbStaging
from ftnode.store.state_lmdb_writer import LmdbWriter

if TYPE_CHECKING:
    import lmdb

READ_AT_ONCE_PAIRS = 64  # a lazy reader holds no cursor between portions of this many
KEPT_PAIRS = 1024  # read lately: what every purchase asks for is not found, checked and copied each time
KEPT_MAX_BYTES = 4096  # of one value


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
        self._look()

    def _look(self) -> None:
        """Open the view that reads see, and find out which bank each slot's pairs lie in."""
        self._txn = self._file.begin_read()
        self._checkpoint = self._file.checkpoint(self._txn)
        self._bank_of_slot = self._file.bank_of_slots(self._txn)
        self._only_bank = _only(self._bank_of_slot)
        self._cursors = [self._txn.cursor(bank) for bank in self._file.banks]
        self._database = None if self._only_bank is None else self._file.banks[self._only_bank]
        self._kept: dict[bytes, bytes] = {}

    @property
    def checkpoint(self) -> Checkpoint:
        return self._checkpoint

    @property
    def roots(self) -> bytes:
        return self._file.roots(self._txn)

    def get(self, key: bytes) -> bytes | None:
        value = self._kept.get(key)
        return self._find(key) if value is None else value

    def _find(self, key: bytes) -> bytes | None:
        """The checked value of a key, kept if it is small."""
        value = self._file.value(self._txn, key, self._database or self._bank(key))
        if value is not None and len(value) <= KEPT_MAX_BYTES:
            if len(self._kept) == KEPT_PAIRS:
                self._kept.clear()
            self._kept[key] = value
        return value

    def scan(self, start: bytes, stop: bytes, limit: int) -> list[Pair]:
        if limit <= 0 or start >= stop:
            return []
        if self._only_bank is not None:
            return self._file.pairs(self._cursors[self._only_bank], start, stop, limit)
        return list(islice(self.iterate(start, stop), limit))

    def iterate(self, start: bytes, stop: bytes) -> Iterator[Pair]:
        for bank, begin, end in _stretches(self._bank_of_slot, start, stop):
            while pairs := self._file.pairs(self._cursors[bank], begin, end, READ_AT_ONCE_PAIRS):
                yield from pairs
                begin = pairs[-1][0] + b"\0"

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

    def open_snapshot(self) -> "LmdbSnapshot":
        return LmdbSnapshot(self)

    def install(self, checkpoint: Checkpoint, roots: bytes, slots: Iterable[int]) -> None:
        super().install(checkpoint, roots, slots)
        self.refresh()

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            if self._writer is not None:
                self._writer.abort()
            self._txn.abort()
            self._file.close()

    def _bank(self, key: bytes) -> "lmdb._Database":
        return self._file.banks[self._bank_of_slot[slot_of(key)]]


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


def _only(bank_of_slot: bytes) -> int | None:
    """The bank, if all slots lie in one."""
    if not any(bank_of_slot):
        return 0
    return 1 if all(bank_of_slot) else None


def _stretches(bank_of_slot: Sequence[int], start: bytes, stop: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Split `start..stop` where the bank changes: (bank, start, stop) in key order."""
    if start >= stop:
        return
    first = int.from_bytes(start[:2].ljust(2, b"\0"), "big")
    last = min(int.from_bytes(stop[:2].ljust(2, b"\0"), "big"), len(bank_of_slot) - 1)
    begin = start
    for slot in range(first, last + 1):
        if slot == last or bank_of_slot[slot + 1] != bank_of_slot[slot]:
            end = stop if slot == last else slot_start(slot + 1)
            yield bank_of_slot[slot], begin, end
            begin = end
