"""Slots of a snapshot, built in the bank that does not hold the slot now, then taken over at once.

The state in use is not touched until `install`, which flips the bank of all slots that came
and sets checkpoint and roots in one transaction. What it leaves behind is swept away with the
next checkpoints.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ftnode.store.state import Checkpoint, Pair, slot_start
from ftnode.store.state_lmdb_file import BANKS, STAGED, StateFile, seal
from ftnode.store.state_lmdb_writer import put_stale_slots, remove_range, stale_slots

if TYPE_CHECKING:
    from lmdb import Transaction, _Database

NO_LIMIT = 1 << 62


class LmdbStaging:
    """The `Staging` half of the LMDB store. Each call is a transaction of its own, in any thread."""

    def __init__(self, file: StateFile) -> None:
        self._file = file
        self.staging_slot: int | None = None  # begun and not ended: no checkpoint may be written now

    def staged_roots(self) -> dict[int, bytes]:
        txn = self._file.begin_read()
        try:
            return self._staged(txn)
        finally:
            txn.abort()

    def _staged(self, txn: "Transaction[bytes]") -> dict[int, bytes]:
        names = []
        cursor = txn.cursor(self._file.meta)
        found = cursor.set_range(STAGED)
        while found and cursor.key().startswith(STAGED):
            names.append(cursor.key())
            found = cursor.next()
        return {
            int.from_bytes(name[len(STAGED) :], "big"): self._file.record(txn, name, b"") for name in names
        }

    def stage_begin(self, slot: int) -> None:
        self._file.writable()
        with self._file.faults("stage"), self._file.env.begin(write=True) as txn:
            txn.delete(_staged_name(slot), db=self._file.meta)
            remove_range(txn, self._beside(txn, slot), slot_start(slot), slot_start(slot + 1), NO_LIMIT)
            # Until all of it came it is rubbish, should this be interrupted for good.
            put_stale_slots(self._file, txn, stale_slots(self._file, txn) | {slot})
        self.staging_slot = slot

    def stage_put(self, slot: int, pairs: Sequence[Pair]) -> None:
        self._file.writable()
        with self._file.faults("stage"), self._file.env.begin(write=True) as txn:
            bank = self._beside(txn, slot)
            for key, value in pairs:
                txn.put(key, seal(key, value), db=bank)

    def stage_end(self, slot: int, root: bytes) -> None:
        self._file.writable()
        with self._file.faults("stage"), self._file.env.begin(write=True) as txn:
            put_stale_slots(self._file, txn, stale_slots(self._file, txn) - {slot})
            self._file.put_record(txn, _staged_name(slot), root)
        self._file.sync()
        self.staging_slot = None

    def stage_drop(self) -> None:
        self._file.writable()
        with self._file.faults("stage"), self._file.env.begin(write=True) as txn:
            self._forget_staged(txn, stale_slots(self._file, txn))
        self.staging_slot = None

    def install(self, checkpoint: Checkpoint, roots: bytes, slots: Iterable[int]) -> None:
        self._file.writable()
        with self._file.faults("install"), self._file.env.begin(write=True) as txn:
            bank_of_slot = bytearray(self._file.bank_of_slots(txn))
            for slot in slots:
                bank_of_slot[slot] = 1 - bank_of_slot[slot]
            self._file.put_record(txn, BANKS, bytes(bank_of_slot))
            # Beside a slot taken over lies the old one, beside the others what came for nothing.
            self._forget_staged(txn, stale_slots(self._file, txn))
            self._file.put_checkpoint(txn, checkpoint, roots)
        self._file.sync()
        self.staging_slot = None

    def _forget_staged(self, txn: "Transaction[bytes]", stale: set[int]) -> None:
        staged = self._staged(txn)
        for slot in staged:
            txn.delete(_staged_name(slot), db=self._file.meta)
        put_stale_slots(self._file, txn, stale.union(staged))

    def _beside(self, txn: "Transaction[bytes]", slot: int) -> "_Database":
        """The bank that `slot` does not lie in."""
        return self._file.banks[1 - self._file.bank_of_slots(txn)[slot]]


def _staged_name(slot: int) -> bytes:
    return STAGED + slot.to_bytes(2, "big")
