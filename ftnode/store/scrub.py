"""Reads again what lies on a unit's disk and says what is not what was written. Repairs nothing. Pure but
for the reading; runs in a helper process, paced.

What it finds is a suspicion: the unit, which knows what it changed meanwhile, looks itself before it acts.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import msgspec

from ftnode.store.archive import Archive, ArchiveFault
from ftnode.store.disk import Disk
from ftnode.store.promise import promise_rot
from ftnode.store.state import RottenValue, SnapshotReader, StoreFault
from ftnode.store.state_roots import pack_root, pair_hash, root_at
from ftnode.store.wal_judge import judge
from ftnode.store.wal_piece import Piece
from ftnode.store.wal_scan import scan, segment_name

PACE_PAIRS: Final = 64  # between two looks at the clock


class Finding(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """Something is not what was written."""

    what: str  # "entries", "slot", "records", "archive", "promise"
    why: str
    first: int = 0  # entries: seqs; slot: its number, twice
    last: int = 0
    name: str = ""  # archive: of the segment


class Pace:
    """Keeps to so many bytes a second and such a share of a processor, by resting between readings.

    Args:
        bytes_per_s: 0: as fast as it goes.
        cpu_percent: of one processor.
    """

    def __init__(
        self, bytes_per_s: int, cpu_percent: int, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._bytes_per_s = bytes_per_s
        self._share = cpu_percent / 100
        self._sleep = sleep
        self.bytes = 0  # read since it was made
        self._since_s, self._cpu_s = time.monotonic(), time.thread_time()
        self._read = 0  # since the last rest

    def read(self, size_bytes: int) -> None:
        """So much was read: rest, if that is due."""
        self.bytes += size_bytes
        self._read += size_bytes
        now_s, cpu_s = time.monotonic(), time.thread_time()
        due_s = 0.0
        if self._bytes_per_s:
            due_s = self._read / self._bytes_per_s
        if self._share < 1:
            due_s = max(due_s, (cpu_s - self._cpu_s) / self._share)
        rest_s = due_s - (now_s - self._since_s)
        if rest_s > 0.001:
            self._sleep(rest_s)
            self._since_s, self._cpu_s, self._read = time.monotonic(), time.thread_time(), 0


def scrub_segment(disk: Disk, directory: str, piece: Piece, pace: Pace) -> list[Finding]:
    """Every byte of one segment as it is on disk: all hashes, and that it ends as it should.

    Raises:
        OSError: it cannot be read at all.
    """
    file = disk.open(f"{directory}/{segment_name(piece.segment)}")
    try:
        file.drop_cache()
        data = file.pread(piece.end_at, 0)
    finally:
        file.close()
    verdict = judge([scan(data, piece.segment, piece.log_id)], piece.last_seq, piece.last_hash)
    pace.read(len(data))
    if verdict is None:
        holes = [(piece.first_seq, piece.last_seq)]
    else:
        holes = [(hole.first_seq, hole.last_seq) for hole in verdict.holes]
    name = segment_name(piece.segment)
    return [
        Finding("entries", f"{name}: entries {first}..{last} are not what was written", first, last)
        for first, last in holes
    ]


def scrub_slots(snapshot: SnapshotReader, slots: Iterable[int], pace: Pace) -> Iterator[Finding]:
    """Every pair of `slots`: its seal, and that the slot's pairs add up to its recorded root.

    Raises:
        StoreFault: what holds the pairs together cannot be read.
    """
    roots = snapshot.roots
    for slot in slots:
        try:
            counted = _counted(snapshot, slot, pace)
        except RottenValue as rot:
            yield Finding("slot", str(rot), slot, slot)
            continue
        if counted != root_at(roots, slot):
            why = f"slot {slot} does not add up to the root recorded at entry {snapshot.checkpoint.seq}"
            yield Finding("slot", why, slot, slot)


def _counted(snapshot: SnapshotReader, slot: int, pace: Pace) -> bytes:
    total = size_bytes = 0
    for number, (key, value) in enumerate(snapshot.pairs(slot), 1):
        total += pair_hash(key, value)
        size_bytes += len(key) + len(value)
        if number % PACE_PAIRS == 0:
            pace.read(size_bytes)
            size_bytes = 0
    pace.read(size_bytes)
    return pack_root(total)


def scrub_archived(archive: Archive, name: str, pace: Pace) -> list[Finding]:
    """One archived segment against its manifest, which was read when `archive` was opened."""
    try:
        size_bytes = archive.check(name)
    except ArchiveFault as fault:
        return [Finding("archive", str(fault), name=name)]
    pace.read(size_bytes)
    return []


def scrub_promise(disk: Disk, directory: str) -> list[Finding]:
    """Both slots of the promise: one alone still stands, but is the last."""
    why = promise_rot(disk, directory)
    return [Finding("promise", why)] if why else []


def in_words(fault: StoreFault) -> Finding:
    """A state whose slots cannot be told apart any more."""
    return Finding("records", str(fault))
