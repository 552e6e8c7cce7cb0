"""Reads segments and says what stands in them: frames that are whole, and gaps. Judges nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ftnode.store.disk import SECTOR_BYTES, Disk
from ftnode.store.entry import EntryFaultError
from ftnode.store.wal_frame import HEADER_BYTES, Frame, parse, payload_of

_SUFFIX: Final = ".seg"
_DIGITS: Final = 10


@dataclass(frozen=True, slots=True)
class Found:
    """A whole frame whose entries are chained to each other, and (epoch, last seq) of these."""

    frame: Frame
    ends: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Sectors `start..end` of a segment that hold no whole frame. `blank`: only NULs.

    `rotten`: the frame at its start was written as a whole, so it is not what a write that was torn left:
    that lacks whole sectors, which read as the NULs that were there before (see `ftnode.store.disk`).
    """

    segment: int
    start: int
    end: int
    blank: bool
    rotten: bool = False


@dataclass(frozen=True, slots=True)
class Skipped:
    """A closed segment that was not read, only its first header and that of the next segment."""

    first: Frame
    following: Frame
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Scan:
    """One segment. `items` cover it from byte 0 to its end, in order."""

    segment: int
    size_bytes: int
    items: tuple[Found | Gap | Skipped, ...]


def segment_name(segment: int) -> str:
    """File name of a segment."""
    return f"{segment:0{_DIGITS}d}{_SUFFIX}"


def segments_in(disk: Disk, directory: str) -> list[int]:
    """Numbers of the segments in a directory, ascending."""
    names = disk.listdir(directory)
    return sorted(int(name.removesuffix(_SUFFIX)) for name in names if name.endswith(_SUFFIX))


def read_first(disk: Disk, directory: str, segment: int) -> tuple[Frame | None, int]:
    """The header at byte 0, if there is one, and the segment's size in bytes."""
    file = disk.open(f"{directory}/{segment_name(segment)}")
    try:
        return parse(file.pread(HEADER_BYTES, 0), 0, segment, 0, None), file.size_bytes()
    finally:
        file.close()


def read_segment(disk: Disk, directory: str, segment: int, log_id: int | None) -> Scan:
    """Every byte of it, every hash checked. Holds the whole segment in memory meanwhile."""
    file = disk.open(f"{directory}/{segment_name(segment)}")
    try:
        data = file.pread(file.size_bytes(), 0)
    finally:
        file.close()
    return scan(data, segment, log_id)


def scan(data: bytes, segment: int, log_id: int | None) -> Scan:
    """Find the frames in a segment's bytes. `log_id` None: the first frame found says whose log it is."""
    return Scan(segment, len(data), tuple(_items(data, segment, log_id)))


def read_log(disk: Disk, directory: str, durable_seq: int) -> list[Scan]:
    """All segments, but for the inside of those that a restart need not read.

    A segment is skipped if all its entries are at or below `durable_seq`, of one epoch, and
    its own and the next segment's first header are readable.
    """
    numbers = segments_in(disk, directory)
    firsts = {number: read_first(disk, directory, number) for number in numbers}
    log_id = next((first.log_id for first, _ in firsts.values() if first), None)
    scans = []
    for number in numbers:
        first, size_bytes = firsts[number]
        following, _ = firsts.get(number + 1, (None, 0))
        if first and following and _may_skip(first, following, durable_seq):
            scans.append(Scan(number, size_bytes, (Skipped(first, following, size_bytes),)))
        else:
            scans.append(read_segment(disk, directory, number, log_id))
    return scans


def _may_skip(first: Frame, following: Frame, durable_seq: int) -> bool:
    return (
        following.segment_seq == following.first_seq
        and following.segment_seq - 1 <= durable_seq
        and first.prev_epoch == following.prev_epoch
        and first.log_id == following.log_id
    )


def _items(data: bytes, segment: int, log_id: int | None) -> Iterator[Found | Gap]:
    used_bytes = len(data.rstrip(b"\0"))
    at = gap_start = 0
    while at < used_bytes:
        frame = parse(data, at, segment, at, log_id)
        if frame is None or frame.end > len(data):
            at += SECTOR_BYTES
            continue
        log_id = frame.log_id
        try:
            run = payload_of(frame, data, at)
        except EntryFaultError:
            at += frame.span_bytes  # the header stands: whatever lies in its span is not another frame
            continue
        yield from _gap(data, segment, gap_start, at, used_bytes, log_id)
        yield Found(frame, run.ends if run else ())
        at = gap_start = frame.end
    yield from _gap(data, segment, gap_start, len(data), used_bytes, log_id)


def _gap(
    data: bytes, segment: int, start: int, end: int, used_bytes: int, log_id: int | None
) -> Iterator[Gap]:
    if start < end:
        blank = start >= used_bytes or not data[start : min(end, used_bytes)].strip(b"\0")
        yield Gap(segment, start, end, blank, rotten=not blank and _was_whole(data, segment, start, log_id))


def _was_whole(data: bytes, segment: int, at: int, log_id: int | None) -> bool:
    """Was every sector of the bad frame that begins here written? Its header lies in the first one."""
    frame = parse(data, at, segment, at, log_id)
    end = at + (HEADER_BYTES + frame.payload_bytes if frame is not None else SECTOR_BYTES)
    return all(data[start : start + SECTOR_BYTES].strip(b"\0") for start in range(at, end, SECTOR_BYTES))
