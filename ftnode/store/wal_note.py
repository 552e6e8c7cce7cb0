"""What is on disk before a log is cut, so that a crash in the middle ends in the same log.

A note says: from byte `at` of `segment` on the log is this one frame (with the lowered mark) and
nothing else; if `alone`, that segment is all there is. Carrying it out has three durable steps:

1. everything behind that byte is wiped, later segments (and, if alone, earlier ones) are gone;
2. the frame is written. It carries the number of this cut, so that finding it, or any frame written
   after it, proves that step 1 was done, even if the note itself came back later;
3. the note is taken away.
"""

from contextlib import suppress
from hashlib import blake2b
from typing import Final

import msgspec

from ftnode.store.disk import Disk, read_whole, write_whole
from ftnode.store.wal_audit import put_aside
from ftnode.store.wal_faults import LogFault
from ftnode.store.wal_frame import Frame
from ftnode.store.wal_scan import Found, Gap, Scan, segment_name, segments_in
from ftnode.store.wal_segment import create_segment, wipe

_NAME: Final = "cut"
_MAGIC: Final = b"FTC1"
_CHECK_BYTES: Final = 16


class Note(msgspec.Struct, frozen=True):
    """See above. `cuts` is the number that this cut will have been when it is done."""

    cuts: int
    head_seq: int  # where the log will end
    segment: int
    at: int
    frame: bytes
    alone: bool
    keep: bool  # if alone: earlier segments are kept for audit, under another name
    segment_bytes: int


def write_note(disk: Disk, directory: str, note: Note) -> None:
    """Make the note durable. From now on the cut will happen."""
    body = msgspec.msgpack.encode(note)
    check = blake2b(body, digest_size=_CHECK_BYTES).digest()
    write_whole(disk, f"{directory}/{_NAME}", _MAGIC + check + body)


def read_note(disk: Disk, directory: str) -> Note | None:
    """The note of a cut that may not have ended.

    Raises:
        LogFault: there is one, and it is rotten: how much of the log is valid is unknown.
    """
    path = f"{directory}/{_NAME}"
    data = read_whole(disk, path)
    if data is None:
        return None
    head = len(_MAGIC) + _CHECK_BYTES
    body = data[head:]
    if data[:head] != _MAGIC + blake2b(body, digest_size=_CHECK_BYTES).digest():
        raise LogFault(f"{path}: the note of a cut is rotten; keep this disk for audit, rejoin blank")
    return msgspec.msgpack.decode(body, type=Note)


def carry_out(disk: Disk, directory: str, note: Note) -> None:
    """Steps 1 to 3. Doing them again, from wherever a crash left them, gives the same log."""
    numbers = segments_in(disk, directory)
    for number in reversed(numbers):
        if number < note.segment and note.keep:
            put_aside(disk, directory, note.cuts, number)
        elif number > note.segment or (note.alone and number < note.segment):
            disk.unlink(f"{directory}/{segment_name(number)}")
    disk.fsync_dir(directory)
    if note.alone:
        file = create_segment(disk, directory, note.segment, note.segment_bytes)
    else:
        file = disk.open(f"{directory}/{segment_name(note.segment)}")
    try:
        wipe(file, note.at + len(note.frame))
        file.fdatasync()
        file.pwrite(note.frame, note.at)
        file.fdatasync()
    finally:
        file.close()
    drop_note(disk, directory)


def confirm(disk: Disk, directory: str, note: Note) -> None:
    """Steps 2 and 3, if the frame was found. It may have been found in the kernel's memory only."""
    file = disk.open(f"{directory}/{segment_name(note.segment)}")
    try:
        if file.pread(len(note.frame), note.at) == note.frame:
            file.pwrite(note.frame, note.at)
            file.fdatasync()
    finally:
        file.close()
    drop_note(disk, directory)


def drop_note(disk: Disk, directory: str) -> None:
    """Step 3."""
    with suppress(FileNotFoundError):
        disk.unlink(f"{directory}/{_NAME}")
    disk.fsync_dir(directory)


def newest_frame(scans: list[Scan]) -> Frame | None:
    """The last of the whole frames that know of most cuts; None if there is no frame."""
    newest: Frame | None = None
    for scan in scans:
        for item in scan.items:
            if isinstance(item, Gap):
                continue
            frame = item.frame if isinstance(item, Found) else item.first
            if newest is None or frame.cuts >= newest.cuts:
                newest = frame
    return newest


def cuts_seen(scans: list[Scan]) -> int:
    """The highest number of cuts that any whole frame knows of, -1 if there is no frame."""
    newest = newest_frame(scans)
    return newest.cuts if newest else -1
