"""Rows into chunks, and the walks that several scans share."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from msgspec import Raw

from loyalty.commands.places import NUMBER_BITS
from loyalty.commands.scans import SLOT_LAST
from loyalty.engine import keys, records
from loyalty.engine.records import encode
from loyalty.engine.state import Reader
from loyalty.outcomes import Rejected
from loyalty.outcomes.scans import Chunk

CHUNK_BYTES: Final = 32 * 1024  # of rows, from which on a chunk goes out
SLOTS_PER_CHUNK: Final = 64  # without a row the asker still hears how far it is
PAGE_PAIRS: Final = 256  # read at once


class Rows:
    """Gathers rows until they are worth a chunk."""

    def __init__(self, slots_total: int) -> None:
        self._slots_total = slots_total
        self._rows: list[Raw] = []
        self._bytes = 0

    def add(self, row: Any) -> bool:
        """One more; whether it is time for a chunk."""
        text = encode(row)
        self._rows.append(Raw(text))
        self._bytes += len(text)
        return self._bytes >= CHUNK_BYTES

    def chunk(self, slots_done: int) -> bytes:
        """All of them; none are left."""
        text = encode(Chunk(slots_done, self._slots_total, tuple(self._rows)))
        self._rows, self._bytes = [], 0
        return text


def by_slot(slots: range, rows_of: Callable[[int], Iterable[Any]]) -> Iterator[bytes]:
    """Chunks of what each slot gives; now and then one that only tells how far it is."""
    rows = Rows(len(slots))
    for done, slot in enumerate(slots):
        for row in rows_of(slot):
            if rows.add(row):
                yield rows.chunk(done)
        if (done + 1) % SLOTS_PER_CHUNK == 0:
            yield rows.chunk(done + 1)
    yield rows.chunk(len(slots))


def slots(from_slot: int, until_slot: int) -> range:
    """Those asked for, as far as they exist."""
    return range(max(from_slot, 0), min(until_slot, SLOT_LAST) + 1)


def refused(rejected: Rejected) -> Iterator[bytes]:
    """The one chunk of a scan that cannot be."""
    yield encode(Chunk(0, 0, (), rejected))


def pairs(state: Reader, start: bytes, stop: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Everything in a range, page by page."""
    while page := state.scan(start, stop, PAGE_PAIRS):
        yield from page
        if len(page) < PAGE_PAIRS:
            return
        start = page[-1][0] + b"\0"


def of_type(state: Reader, slot: int, tenant: int, type_: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Everything of a type in a slot."""
    return pairs(state, keys.head(slot, tenant, type_), keys.head(slot, tenant, bytes([type_[0] + 1])))


def member_ids(state: Reader, slot: int, tenant: int) -> Iterator[int]:
    """Everybody who was enrolled in a slot, the merged ones too."""
    given = int.from_bytes(state.get(keys.members_of_slot(slot, tenant)) or b"")
    for number in range(1, given + 1):
        yield slot << NUMBER_BITS | number


def member_of(state: Reader, tenant: int, member_id: int) -> records.Member | None:
    """His record as it was last written."""
    value = state.get(keys.of_member(tenant, member_id, b"M"))
    return None if value is None else records.member(value)
