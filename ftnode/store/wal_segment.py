"""A segment file in use: its handle, where its frames lie, and what of it is not yet synced."""

from array import array
from bisect import bisect_right
from contextlib import suppress
from typing import Final

from ftnode.store.disk import FILL_BYTES, Disk, DiskFile
from ftnode.store.wal_frame import Frame
from ftnode.store.wal_scan import segment_name

SEGMENT_MIN_BYTES: Final = 4096
SEGMENT_MAX_BYTES: Final = 1 << 30  # a byte's place in it fits a frame's header
SEGMENT_BYTES: Final = 16 << 20  # 31 ms to fill with zeros and sync here; a boot reads one or two


class Tracked:
    """A file, and how many writes to it were made and are known to be synced."""

    __slots__ = ("file", "synced", "written")

    def __init__(self, file: DiskFile) -> None:
        self.file = file
        self.written = 0
        self.synced = 0


class Segment(Tracked):
    """One segment. Its `last_seq` is `first_seq - 1` as long as it holds no entry.

    `prev_hash` is that of entry `first_seq - 1`, None if it is not known. What a segment that is
    not `indexed` holds inside was not read in this life.
    """

    __slots__ = (
        "ats",
        "cuts",
        "end_at",
        "first_known",
        "first_seq",
        "indexed",
        "last_hash",
        "last_seq",
        "number",
        "prev_hash",
        "seqs",
        "size_bytes",
    )

    def __init__(
        self, file: DiskFile, number: int, size_bytes: int, first_seq: int, prev_hash: bytes | None
    ) -> None:
        super().__init__(file)
        self.number = number
        self.size_bytes = size_bytes
        self.first_seq = first_seq
        self.first_known = True  # False: guessed, since no frame in it can be read
        self.prev_hash = prev_hash
        self.last_seq = first_seq - 1
        self.last_hash = prev_hash
        self.end_at = 0
        self.cuts: int | None = None  # of the first frame in it
        self.seqs = array("Q")  # first seq of each frame that carries entries, ascending
        self.ats = array("L")  # and the byte at which that frame starts
        self.indexed = True

    def note(self, frame: Frame) -> None:
        """A frame lies here now, behind all others."""
        if self.cuts is None:
            self.cuts = frame.cuts
        if frame.first_seq == self.first_seq:
            self.prev_hash = frame.prev_hash
        if frame.last_seq >= frame.first_seq:
            self.seqs.append(frame.first_seq)
            self.ats.append(frame.at)
            self.last_seq = frame.last_seq
            self.last_hash = frame.last_hash
        self.end_at = frame.end

    def find(self, seq: int) -> int | None:
        """The byte at which the last frame starts that may hold `seq`."""
        place = bisect_right(self.seqs, seq) - 1
        return self.ats[place] if place >= 0 else None


def create_segment(disk: Disk, directory: str, number: int, size_bytes: int) -> DiskFile:
    """A segment of zeros whose bytes, length and name are durable; one of that name is replaced.

    Raises:
        OSError: no room, and nothing is left behind; or the disk failed.
    """
    path = f"{directory}/{segment_name(number)}"
    with suppress(FileNotFoundError):
        disk.unlink(path)
    file = disk.create(path, size_bytes)
    try:
        file.fdatasync()
        disk.fsync_dir(directory)
    except OSError:
        file.close()
        raise
    return file


def used_bytes(file: DiskFile, from_at: int) -> bytes:
    """What lies in a segment from byte `from_at` on, without the NULs behind it."""
    return file.pread(file.size_bytes() - from_at, from_at).rstrip(b"\0")


def wipe(file: DiskFile, from_at: int) -> None:
    """Make everything from byte `from_at` on zeros, also what reads as zeros already: after a failed
    sync of an earlier life these may be in the kernel's memory only. Not synced."""
    size_bytes = file.size_bytes()
    for at in range(from_at, size_bytes, FILL_BYTES):
        file.pwrite(bytes(min(FILL_BYTES, size_bytes - at)), at)
