"""Flips a bit of what a unit has on its disk, while it runs: in its log, state, archive, promise.

The page cache is what everybody reads, so the unit sees the flipped bit as it would see one that the disk
gave back. Nothing is flipped that the unit has not finished writing; a flip that would meet nothing says so.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from ftnode.store.disk import RealDisk
from ftnode.store.promise import SLOT_BYTES
from ftnode.store.state import SLOTS, slot_of, slot_start
from ftnode.store.state_lmdb import LmdbStateStore
from ftnode.store.state_lmdb_file import CHECKPOINT, seal
from ftnode.store.wal_frame import HEADER_BYTES
from ftnode.store.wal_scan import Found, read_segment, segment_name, segments_in

KINDS: Final = ("log", "state", "archive", "promise")
LOOK_AT_SLOTS: Final = 256


class NothingToFlip(Exception):
    """There is nothing of that kind on this disk yet."""


@dataclass(frozen=True, slots=True)
class Flip:
    """What was done."""

    kind: str
    path: str
    byte: int
    bit: int
    what: str  # in words
    first: int = 0  # entries: seqs; state: the slot, twice
    last: int = 0


def flip(kind: str, directory: Path, rng: Random) -> Flip:
    """Flip one bit of one kind. Raises NothingToFlip."""
    return {"log": flip_log, "state": flip_state, "archive": flip_archive, "promise": flip_promise}[kind](
        directory, rng
    )


def flip_log(directory: Path, rng: Random, newest: bool = False, last_seq: int | None = None) -> Flip:
    """In the entries of a frame that is not the last one.

    Args:
        newest: in the segment that is being written; else in the oldest.
        last_seq: in none of the entries after this one.
    """
    disk, log = RealDisk(), str(directory / "log")
    numbers = segments_in(disk, log)
    for number in reversed(numbers) if newest else numbers:
        scan = read_segment(disk, log, number, None)
        frames = [one.frame for one in scan.items if isinstance(one, Found) and one.frame.payload_bytes]
        frames = [one for one in frames[:-1] if last_seq is None or one.last_seq <= last_seq]
        if not frames:
            continue
        frame = rng.choice(frames)
        at = frame.at + HEADER_BYTES + rng.randrange(frame.payload_bytes)
        what = f"entries {frame.first_seq}..{frame.last_seq}"
        path = directory / "log" / segment_name(number)
        return _flip("log", path, at, rng, what, frame.first_seq, frame.last_seq)
    raise NothingToFlip(f"{log}: no frame of that kind before the last one")


def flip_state(directory: Path, rng: Random) -> Flip:
    """In a value of the state, wherever its bytes lie in the file; pages that are free may have them too."""
    state = directory / "state"
    store = LmdbStateStore(state, read_only=True)
    try:
        pairs = []
        start = rng.randrange(SLOTS)
        for near in range(LOOK_AT_SLOTS):
            slot = (start + near * 17) % SLOTS
            pairs += store.scan(slot_start(slot), slot_start(slot + 1), 50)
        pairs = [(key, value) for key, value in pairs if len(value) >= 8]
    finally:
        store.close()
    if not pairs:
        raise NothingToFlip(f"{state}: no value was found")
    key, value = rng.choice(pairs)
    sealed = seal(key, value)
    places = _find_all(state / "data.mdb", sealed)
    if not places:
        raise NothingToFlip(f"{state}: slot {slot_of(key)} was written anew meanwhile")
    offset, bit = rng.randrange(len(value)), rng.randrange(8)
    for at in places:
        _flip_at(state / "data.mdb", at + offset, bit)
    slot = slot_of(key)
    return Flip("state", str(state / "data.mdb"), places[0] + offset, bit, f"slot {slot}", slot, slot)


def flip_checkpoint_record(directory: Path, rng: Random) -> Flip:
    """In the record that says where the state stands: without it, nothing of the state can be believed."""
    state = directory / "state"
    store = LmdbStateStore(state, read_only=True)
    try:
        with store._file.env.begin() as txn:
            sealed = txn.get(CHECKPOINT, db=store._file.meta)
    finally:
        store.close()
    places = _find_all(state / "data.mdb", bytes(sealed)) if sealed else []
    if not places:
        raise NothingToFlip(f"{state}: no checkpoint")
    offset, bit = rng.randrange(len(bytes(sealed or b"")) - 4), rng.randrange(8)
    for at in places:
        _flip_at(state / "data.mdb", at + offset, bit)
    return Flip("records", str(state / "data.mdb"), places[0] + offset, bit, "the checkpoint's record")


def archived(directory: Path) -> list[tuple[int, int]]:
    """(first, last) seq of every archived segment, by their names."""
    names = sorted(one.name.split("-") for one in (directory / "archive").glob("*.json"))
    return [(int(first), int(last)) for first, last, *_ in names]


def flip_archive(
    directory: Path, rng: Random, archive: Path | None = None, last_seq: int | None = None
) -> Flip:
    """In the data or the manifest of one archived segment; of none that goes beyond `last_seq`."""
    place = archive or directory / "archive"
    files = sorted(one for one in place.iterdir() if one.suffix in (".z", ".json")) if place.exists() else []
    files = [one for one in files if last_seq is None or int(one.name.split("-")[1]) <= last_seq]
    if not files:
        raise NothingToFlip(f"{place}: nothing is archived")
    path = rng.choice(files)
    return _flip("archive", path, rng.randrange(path.stat().st_size), rng, path.name)


def flip_promise(directory: Path, rng: Random) -> Flip:
    """In one of the two slots of the promise."""
    slot = rng.randrange(2)
    return _flip("promise", directory / "promise", slot * SLOT_BYTES + rng.randrange(60), rng, f"slot {slot}")


def _flip(kind: str, path: Path, at: int, rng: Random, what: str, first: int = 0, last: int = 0) -> Flip:
    bit = rng.randrange(8)
    _flip_at(path, at, bit)
    return Flip(kind, str(path), at, bit, what, first, last)


def _flip_at(path: Path, at: int, bit: int) -> None:
    fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        (old,) = os.pread(fd, 1, at)
        os.pwrite(fd, bytes([old ^ 1 << bit]), at)
        os.fdatasync(fd)
    finally:
        os.close(fd)


def _find_all(path: Path, text: bytes) -> list[int]:
    data, found = path.read_bytes(), []
    at = data.find(text)
    while at >= 0:
        found.append(at)
        at = data.find(text, at + 1)
    return found
