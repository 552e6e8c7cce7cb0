"""The port to the disk: few calls, and for each what is durable when.

Two implementations run the same contract suite (`tests/store/disk_contract.py`): `RealDisk` here,
and the simulator's, which tears, loses and rots on purpose. Nothing may be believed about an
implementation beyond these promises:

- A write or a new name is *durable* (survives a power cut) only when `fdatasync` of that file, or
  `fsync_dir` of that directory, was begun after it and returned. A file needs both: its bytes and
  its name.
- Of what was not yet durable, a power cut keeps any subset: whole sectors of `SECTOR_BYTES`, and names,
  in any order; a new length without its bytes reads as NULs. A sector is never torn, and a sector that
  was not written to is never harmed.
- Names change atomically: after a cut a renamed file is found under the old or the new name.
- A sync that raised is the end: what it should have made durable is lost or not, a second sync that
  returns proves nothing (the kernel marks the pages clean), and reading may still show the new bytes.
- A process that dies without a power cut loses nothing that was written; what its successor reads
  need not be durable for all that.
- Every trouble is an `OSError`. A full disk is one with `errno.ENOSPC`, and harms nothing else.

Writing, reading and syncing one file from several threads at once is allowed.
"""

import errno
import os
from contextlib import suppress
from typing import Final, Protocol

SECTOR_BYTES: Final = 512  # least that any disk writes as a whole
FILL_BYTES: Final = 1 << 20  # zeros written per call when a file is made
_TEMPORARY: Final = ".tmp"


class DiskFile(Protocol):
    """An open file."""

    def pwrite(self, data: bytes, at: int) -> None:
        """Write all of `data` at byte `at`; beyond the end the file grows."""

    def pread(self, size_bytes: int, at: int) -> bytes:
        """Read at byte `at`; shorter than asked for only at the end of the file."""

    def fdatasync(self) -> None:
        """Make all that was written to this file so far durable, by whichever handle; its length too."""

    def drop_cache(self) -> None:
        """Ask that reading what was synced comes from the disk itself. A wish: it may be ignored."""

    def size_bytes(self) -> int:
        """Length as of now, durable or not."""

    def close(self) -> None:
        """Give the handle back. Makes nothing durable. Closing twice is no error."""


class Disk(Protocol):
    """A file system, as far as we need one. Paths are absolute, parts joined by `/`."""

    def create(self, path: str, size_bytes: int) -> DiskFile:
        """A new file of zeros whose space is taken already, so that writing into it never finds a full disk.

        Raises:
            FileExistsError: there is one. OSError (ENOSPC): no room; then nothing is left behind.
        """

    def open(self, path: str) -> DiskFile:
        """An existing file, to read and write. FileNotFoundError if there is none."""

    def rename(self, old: str, new: str) -> None:
        """Give a file another name in the same directory, replacing what bore it."""

    def unlink(self, path: str) -> None:
        """Take a file's name away. FileNotFoundError if there is none."""

    def listdir(self, path: str) -> list[str]:
        """Names in a directory, sorted. FileNotFoundError if there is none."""

    def mkdir(self, path: str) -> None:
        """A new directory; one that exists is no error. Its own name is durable by the parent's sync."""

    def fsync_dir(self, path: str) -> None:
        """Make the names in this directory durable as they are now."""


class RealFile:
    """A file descriptor."""

    __slots__ = ("_fd",)

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def fileno(self) -> int:
        """The descriptor, for the kernel's asynchronous calls."""
        return self._fd

    def pwrite(self, data: bytes, at: int) -> None:
        """See `DiskFile`."""
        done = os.pwrite(self._fd, data, at)
        while done < len(data):  # the kernel may take less than all of it
            done += os.pwrite(self._fd, memoryview(data)[done:], at + done)

    def pread(self, size_bytes: int, at: int) -> bytes:
        """See `DiskFile`."""
        data = os.pread(self._fd, size_bytes, at)
        while len(data) < size_bytes and (more := os.pread(self._fd, size_bytes - len(data), at + len(data))):
            data += more
        return data

    def fdatasync(self) -> None:
        """See `DiskFile`. Lets other threads run meanwhile."""
        os.fdatasync(self._fd)

    def drop_cache(self) -> None:
        """See `DiskFile`."""
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(self._fd, 0, 0, os.POSIX_FADV_DONTNEED)

    def size_bytes(self) -> int:
        """See `DiskFile`."""
        return os.fstat(self._fd).st_size

    def close(self) -> None:
        """See `DiskFile`."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)


class RealDisk:
    """The operating system's files."""

    def create(self, path: str, size_bytes: int) -> RealFile:
        """See `Disk`. Zeros are really written: an fdatasync into space that was only reserved also
        has to convert it, 254 us against 172 us (median, 4 KiB into 16 MiB, ext4 on virtio)."""
        file = RealFile(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o640))
        try:
            for at in range(0, size_bytes, FILL_BYTES):
                file.pwrite(bytes(min(FILL_BYTES, size_bytes - at)), at)
        except OSError:
            file.close()
            with suppress(OSError):
                os.unlink(path)
            raise
        return file

    def open(self, path: str) -> RealFile:
        """See `Disk`."""
        return RealFile(os.open(path, os.O_RDWR | os.O_CLOEXEC))

    def rename(self, old: str, new: str) -> None:
        """See `Disk`."""
        if os.path.dirname(old) != os.path.dirname(new):
            raise OSError(errno.EXDEV, f"rename {old} to {new}: want one directory")
        os.rename(old, new)

    def unlink(self, path: str) -> None:
        """See `Disk`."""
        os.unlink(path)

    def listdir(self, path: str) -> list[str]:
        """See `Disk`."""
        return sorted(os.listdir(path))

    def mkdir(self, path: str) -> None:
        """See `Disk`."""
        with suppress(FileExistsError):
            os.mkdir(path, 0o750)

    def fsync_dir(self, path: str) -> None:
        """See `Disk`."""
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def write_whole(disk: Disk, path: str, data: bytes) -> None:
    """Put `data` durably under the name `path` in one step: before it the old file or none, then this."""
    unfinished = path + _TEMPORARY
    with suppress(FileNotFoundError):
        disk.unlink(unfinished)
    file = disk.create(unfinished, 0)
    try:
        file.pwrite(data, 0)
        file.fdatasync()
    finally:
        file.close()
    disk.rename(unfinished, path)
    disk.fsync_dir(parent(path))


def read_whole(disk: Disk, path: str) -> bytes | None:
    """All of the file, or None if there is none."""
    try:
        file = disk.open(path)
    except FileNotFoundError:
        return None
    try:
        return file.pread(file.size_bytes(), 0)
    finally:
        file.close()


def is_unfinished(name: str) -> bool:
    """Whether a file was left by a `write_whole` that did not end."""
    return name.endswith(_TEMPORARY)


def parent(path: str) -> str:
    """The directory that holds `path`."""
    return path.rsplit("/", 1)[0] or "/"
