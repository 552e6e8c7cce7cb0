"""Writing one checkpoint into LMDB: slices are gathered by slot, sorted, counted, and committed once."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

from ftnode.core.invariants import invariant
from ftnode.store.state import Change, Checkpoint, Pair, RottenValue, slot_start
from ftnode.store.state_lmdb_file import SEAL_BYTES, STALE, StateFile, seal, sound
from ftnode.store.state_roots import EMPTY_ROOTS, RootSum, pair_hash

if TYPE_CHECKING:
    from lmdb import Cursor, Transaction, _Database

SWEEP_MAX_PAIRS = 10_000  # stale pairs removed with one checkpoint


class LmdbWriter:
    """`CheckpointWriter` of LMDB. All steps but `put_slice` and `sync` belong in one thread."""

    def __init__(self, file: StateFile, checkpoint: Checkpoint, between_slots: Callable[[], None]) -> None:
        self._file = file
        self._between_slots = between_slots
        self._checkpoint = checkpoint
        self._slots: defaultdict[bytes, dict[bytes, bytes | None]] = defaultdict(dict)  # changes, by slot
        self._roots = EMPTY_ROOTS
        self._txn: Transaction[bytes] | None = None
        self.ended = False

    def put_slice(self, changes: Sequence[Change]) -> None:
        slots = self._slots
        for key, value in changes:
            slots[key[:2]][key] = value

    def prepare(self) -> bytes:
        self._file.writable()
        try:
            with self._file.faults("prepare a checkpoint of"):
                self._file.env.reader_check()  # readers that were killed hold pages no longer
                self._txn = self._file.env.begin(write=True)
                self._roots = self._put_all(self._txn)
                self._file.put_checkpoint(self._txn, self._checkpoint, self._roots)
                _sweep(self._file, self._txn)
        except BaseException:
            self.abort()
            raise
        return self._roots

    def _put_all(self, txn: "Transaction[bytes]") -> bytes:
        """Every change into its slot's bank, in key order, the roots kept along."""
        total = RootSum(self._file.roots(txn))
        bank_of_slot = self._file.bank_of_slots(txn)
        cursors = [txn.cursor(bank) for bank in self._file.banks]
        for name in sorted(self._slots):
            slot = int.from_bytes(name, "big")
            total.add(slot, self._put_slot(cursors[bank_of_slot[slot]], self._slots.pop(name)))
            self._between_slots()
        return total.packed()

    def _put_slot(self, cursor: "Cursor[bytes]", changes: dict[bytes, bytes | None]) -> int:
        """The changes of one slot; what they add to its root. The old values are checked."""
        keys = sorted(changes)
        added = 0
        for key, sealed in cursor.getmulti(keys):
            if not sound(key, sealed):
                raise RottenValue(str(self._file.path), key, "the stored pair does not match its checksum")
            added -= pair_hash(key, sealed[:-SEAL_BYTES])
            if changes[key] is None and cursor.set_key(key):
                cursor.delete()
        puts: list[Pair] = []
        for key in keys:
            value = changes[key]
            if value is not None:
                added += pair_hash(key, value)
                puts.append((key, value))
        cursor.putmulti(map(_sealed, puts))
        return added

    def write(self) -> None:
        invariant(self._txn is not None, "write before prepare", seq=self._checkpoint.seq)
        self._file.writable()
        txn, self._txn, self.ended = self._txn, None, True
        with self._file.faults("write"):
            if txn is not None:
                txn.commit()

    def sync(self) -> None:
        self._file.sync()

    def abort(self) -> None:
        self.ended = True
        self._slots.clear()
        if self._txn is not None:
            self._txn.abort()
            self._txn = None


def _sealed(pair: Pair) -> Pair:
    key, value = pair
    return key, seal(key, value)


def stale_slots(file: StateFile, txn: "Transaction[bytes]") -> set[int]:
    """Slots with pairs left over in the bank beside the one they lie in."""
    text = file.record(txn, STALE, b"")
    return msgspec.msgpack.decode(text, type=set[int]) if text else set()


def put_stale_slots(file: StateFile, txn: "Transaction[bytes]", stale: set[int]) -> None:
    """Remember what is still to be removed."""
    file.put_record(txn, STALE, msgspec.msgpack.encode(sorted(stale)))


def remove_range(txn: "Transaction[bytes]", bank: "_Database", start: bytes, stop: bytes, limit: int) -> int:
    """Delete up to `limit` pairs from `start` on; how many were."""
    cursor = txn.cursor(bank)
    removed = 0
    found = cursor.set_range(start)
    while found and removed < limit and cursor.key() < stop:
        cursor.delete()  # leaves the cursor at the next pair; an empty key at the end
        found = bool(cursor.key())
        removed += 1
    return removed


def _sweep(file: StateFile, txn: "Transaction[bytes]") -> None:
    """Remove a bounded part of what snapshots left behind."""
    stale = stale_slots(file, txn)
    if not stale:
        return
    bank_of_slot = file.bank_of_slots(txn)
    left = SWEEP_MAX_PAIRS
    for slot in sorted(stale):
        beside = file.banks[1 - bank_of_slot[slot]]
        left -= remove_range(txn, beside, slot_start(slot), slot_start(slot + 1), left)
        if left <= 0:
            break
        stale.remove(slot)
    put_stale_slots(file, txn, stale)
