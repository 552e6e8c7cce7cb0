"""Slots of a snapshot, built in the bank that does not hold the slot now, then taken over at once.

The state in use is not touched until `install`, which flips the bank of all slots that came
and sets checkpoint and roots in one transaction. What it leaves behind is swept away with the
next checkpoints.
"""

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ftnode.store.state import Checkpoint, Part, slot_start
from ftnode.store.state_lmdb_file import BANKS, STAGED, StateFile, seal
from ftnode.store.state_lmdb_writer import put_stale_slots, remove_range, stale_slots

if TYPE_CHECKING:
    from lmdb import Transaction, _Database

NO_LIMIT = 1 << 62
CLAIM_BYTES = 16
STAGER = b"stager"


class StagingTakenOver(Exception):
    """Another process has begun to store a snapshot in this state: this one has to end."""


class LmdbStaging:
    """The `Staging` half of the LMDB store. Each call is a transaction of its own, in any thread."""

    def __init__(self, file: StateFile) -> None:
        self._file = file
        self._claim = b""

    def claim_staging(self) -> None:
        """From now on only this store's `stage` counts, of all that are open: a helper of an earlier life may
        still be at work, and would put what it has over what came since. Raises StoreFault."""
        self._file.writable()
        self._claim = os.urandom(CLAIM_BYTES)
        with self._file.faults("stage"), self._file.env.begin(write=True) as txn:
            self._file.put_record(txn, STAGER, self._claim)

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

    def stage(self, parts: Sequence[Part]) -> None:
        self._file.writable()
        with self._file.faults("stage"), self._file.env.begin(write=True) as txn:
            if self._claim and self._file.record(txn, STAGER, b"") != self._claim:
                raise StagingTakenOver(f"{self._file.path}: somebody else stores a snapshot here since")
            bank_of_slot = self._file.bank_of_slots(txn)
            stale = stale_slots(self._file, txn)
            for part in parts:
                self._stage(txn, part, self._file.banks[1 - bank_of_slot[part.slot]])
                # Until all of it came it is rubbish, should this be interrupted for good.
                (stale.add if part.root is None else stale.discard)(part.slot)
            put_stale_slots(self._file, txn, stale)

    def _stage(self, txn: "Transaction[bytes]", part: Part, beside: "_Database") -> None:
        if part.first:
            txn.delete(_staged_name(part.slot), db=self._file.meta)
            remove_range(txn, beside, slot_start(part.slot), slot_start(part.slot + 1), NO_LIMIT)
        txn.cursor(beside).putmulti((key, seal(key, value)) for key, value in part.pairs)
        if part.root is not None:
            self._file.put_record(txn, _staged_name(part.slot), part.root)

    def stage_drop(self) -> None:
        self._file.writable()
        with self._file.faults("stage"), self._file.env.begin(write=True) as txn:
            self._forget_staged(txn, stale_slots(self._file, txn))

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

    def _forget_staged(self, txn: "Transaction[bytes]", stale: set[int]) -> None:
        staged = self._staged(txn)
        for slot in staged:
            txn.delete(_staged_name(slot), db=self._file.meta)
        put_stale_slots(self._file, txn, stale.union(staged))


def _staged_name(slot: int) -> bytes:
    return STAGED + slot.to_bytes(2, "big")
