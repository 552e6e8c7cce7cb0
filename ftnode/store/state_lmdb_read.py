"""Reading the state as of a checkpoint: by key, remembering what was read lately, and in key order."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final

from ftnode.store.state import Pair, RottenValue, slot_of, slot_start
from ftnode.store.state_lmdb_file import StateFile

if TYPE_CHECKING:
    from lmdb import Cursor, Transaction, _Database

READ_AT_ONCE_PAIRS: Final = 64  # a lazy reader holds no cursor between portions of this many
ROTTEN: Final = 2  # in place of a bank: the slot is in quarantine
KEPT_PAIRS = 1024  # read lately: what every purchase asks for is not found, checked and copied each time
KEPT_MAX_BYTES = 4096  # of one value


class LmdbReading:
    """The reads of `LmdbStateStore`, as of where it looks."""

    def __init__(self, file: StateFile) -> None:
        """`look` comes before the first read."""
        self._file = file
        self.txn: Transaction[bytes]
        self.bank_of_slot = b""
        self.quarantined: set[int] = set()
        self._cursors: list[Cursor[bytes]] = []
        self._only_bank: int | None = None
        self._database: _Database | None = None
        self._kept: dict[bytes, bytes] = {}

    def look(self, txn: "Transaction[bytes]") -> None:
        """Read in this transaction from now on."""
        self.txn, self.bank_of_slot = txn, self._file.bank_of_slots(txn)
        self._cursors = [txn.cursor(bank) for bank in self._file.banks]
        if self.quarantined:
            marked = bytearray(self.bank_of_slot)
            for slot in self.quarantined:
                marked[slot] = ROTTEN
            self.bank_of_slot = bytes(marked)
        self._only_bank = None if self.quarantined else _only(self.bank_of_slot)
        self._database = None if self._only_bank is None else self._file.banks[self._only_bank]
        self._kept = {}

    def get(self, key: bytes) -> bytes | None:
        """The checked value of a key, kept if it is small."""
        if key in self._kept:
            return self._kept[key]
        bank = self._database
        if bank is None:
            place = self.bank_of_slot[slot_of(key)]
            if place == ROTTEN:
                raise self._in_quarantine(key)
            bank = self._file.banks[place]
        value = self._file.value(self.txn, key, bank)
        if value is not None and len(value) <= KEPT_MAX_BYTES:
            if len(self._kept) == KEPT_PAIRS:
                self._kept.clear()
            self._kept[key] = value
        return value

    def scan(self, start: bytes, stop: bytes, limit: int) -> list[Pair]:
        """At most `limit` pairs."""
        if limit <= 0 or start >= stop:
            return []
        if self._only_bank is not None:
            return self._file.pairs(self._cursors[self._only_bank], start, stop, limit)
        return list(islice(self.iterate(start, stop), limit))

    def iterate(self, start: bytes, stop: bytes) -> Iterator[Pair]:
        """All pairs, read in portions."""
        for bank, begin, end in _stretches(self.bank_of_slot, start, stop):
            if bank == ROTTEN:
                raise self._in_quarantine(begin.ljust(2, b"\0"))
            while pairs := self._file.pairs(self._cursors[bank], begin, end, READ_AT_ONCE_PAIRS):
                yield from pairs
                begin = pairs[-1][0] + b"\0"

    def _in_quarantine(self, key: bytes) -> RottenValue:
        return RottenValue(str(self._file.path), key, "its slot does not add up to what was written")


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
