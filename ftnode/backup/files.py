"""The one form that every file of a backup has: it proves by itself that not a byte of it was changed.

    "ftnode backup 1\\n" | length of the header | header, JSON | its hash | body | hash of all before

A file gets its name when all of it is on disk: what an interrupted backup left ends with `.tmp` and counts
for nothing.
"""

import errno
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import IO, Final, TypeVar

import msgspec

FORMAT: Final = 1
MAGIC: Final = b"ftnode backup %d\n" % FORMAT
TEMPORARY: Final = ".tmp"
HEAD_MAX_BYTES: Final = 1 << 20
READ_BYTES: Final = 1 << 20  # of a body at once
REST_MAX_S: Final = 0.05
_ANY_MAGIC: Final = b"ftnode backup "
_LENGTH_BYTES: Final = 4
_HEAD_HASH_BYTES: Final = 16
_HASH_BYTES: Final = 32
FILE_MIN_BYTES: Final = len(MAGIC) + _LENGTH_BYTES + _HEAD_HASH_BYTES + _HASH_BYTES

Head = TypeVar("Head", bound=msgspec.Struct)


class BackupFault(Exception):
    """A backup cannot be taken, read or restored. Says what, where, and what would be right."""


class Damaged(BackupFault):
    """A file is not what was written: changed, cut short, or gone."""

    def __init__(self, path: Path, why: str) -> None:
        self.path = path
        self.why = why
        super().__init__(f"{path}: {why}")


class OtherFormat(Damaged):
    """Written by a later version of this program, if not damaged in its first line."""


class OtherHistory(BackupFault):
    """The pair's entries are not those of this backup."""

    def __init__(self, seq: int) -> None:
        super().__init__(
            f"the pair's entry {seq} is not the one in this backup: its history is another one (a forced "
            "start may have given up entries that are here); keep this backup, and use an empty directory now"
        )


class BackupFull(BackupFault):
    """No room where the backup is kept. What was complete before stays complete."""


class Draft:
    """A file in the making. Nobody sees it before `publish`.

    Raises:
        BackupFull, BackupFault: it cannot be written; also every other call.
    """

    def __init__(self, path: Path, head: msgspec.Struct) -> None:
        self.path = path
        self._temporary = path.with_name(path.name + TEMPORARY)
        self._hash = blake2b(digest_size=_HASH_BYTES)
        self.size_bytes = 0
        text = msgspec.json.encode(head)
        start = MAGIC + len(text).to_bytes(_LENGTH_BYTES, "big") + text
        try:
            self._file = open(self._temporary, "wb", buffering=READ_BYTES)  # noqa: SIM115 - until published
            self.add(start + blake2b(start, digest_size=_HEAD_HASH_BYTES).digest())
        except OSError as trouble:
            raise told(path, trouble) from trouble

    def add(self, data: bytes) -> None:
        """More of the body."""
        try:
            self._file.write(data)
        except OSError as trouble:
            self.drop()
            raise told(self.path, trouble) from trouble
        self._hash.update(data)
        self.size_bytes += len(data)

    def end(self) -> None:
        """All of the body is there; on disk when this returns, under its temporary name."""
        try:
            self._file.write(self._hash.digest())
            self._file.flush()
            os.fdatasync(self._file.fileno())
            self._file.close()
        except OSError as trouble:
            self.drop()
            raise told(self.path, trouble) from trouble
        self.size_bytes += _HASH_BYTES

    def rename(self) -> None:
        """Give it its name, in place of what bore it; durable with the directory's next sync."""
        try:
            os.replace(self._temporary, self.path)
        except OSError as trouble:
            raise told(self.path, trouble) from trouble

    def drop(self) -> None:
        """Forget it."""
        with suppress(OSError):
            self._file.close()
        with suppress(OSError):
            self._temporary.unlink()


def publish(drafts: Sequence[Draft]) -> None:
    """Files that are all there get their names, durably.

    It may be the pair's own disk: between syncs it has as long a rest as a sync took.
    """
    for draft in drafts:
        began_s = time.monotonic()
        draft.end()
        time.sleep(min(time.monotonic() - began_s, REST_MAX_S))
    for draft in drafts:
        draft.rename()
    for directory in {draft.path.parent for draft in drafts}:
        sync_directory(directory)


def sync_directory(path: Path) -> None:
    """Make the names in it durable."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
    except OSError as trouble:
        if trouble.errno != errno.EINVAL:  # some network file systems cannot
            raise told(path, trouble) from trouble


class Reader:
    """A file of a backup, its header checked. Reads only: a backup may lie on a read-only disk.

    Raises:
        Damaged (OtherFormat: by a later version), BackupFault (the disk).
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with open(path, "rb") as file:
                self._start = self._read_start(file)
                self.size_bytes = os.fstat(file.fileno()).st_size
        except FileNotFoundError as gone:
            raise Damaged(path, "missing") from gone
        except OSError as trouble:
            raise told(path, trouble) from trouble
        if self.size_bytes < len(self._start) + _HASH_BYTES:
            raise Damaged(path, f"cut short: {self.size_bytes} bytes")

    def _read_start(self, file: IO[bytes]) -> bytes:
        """Everything before the body."""
        data = file.read(len(MAGIC) + _LENGTH_BYTES)
        if data[: len(MAGIC)] != MAGIC:
            line = data[: len(MAGIC)].split(b"\n")[0]
            number = line.removeprefix(_ANY_MAGIC)
            if line.startswith(_ANY_MAGIC) and number.isdigit() and int(number) > FORMAT:
                why = (
                    f"format {number.decode()}, this version reads {FORMAT}: use a version that is not older"
                )
                raise OtherFormat(self.path, f"{why} than the one that wrote it")
            raise Damaged(self.path, "does not begin as a file of a backup does")
        length = int.from_bytes(data[len(MAGIC) :], "big")
        self._head = file.read(min(length, HEAD_MAX_BYTES))
        its_hash = file.read(_HEAD_HASH_BYTES)
        if blake2b(data + self._head, digest_size=_HEAD_HASH_BYTES).digest() != its_hash:
            raise Damaged(self.path, "its header is damaged or cut short")
        return data + self._head + its_hash

    def head(self, kind: type[Head]) -> Head:
        """The header. Raises Damaged if it is another file's."""
        try:
            return msgspec.json.decode(self._head, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as trouble:
            raise Damaged(self.path, f"is another file than its name says: {trouble}") from trouble

    def body(self) -> Iterator[bytes]:
        """The body in pieces, each hashed; the last step raises Damaged if a byte of the file was changed."""
        hashed = blake2b(self._start, digest_size=_HASH_BYTES)
        left = self.size_bytes - len(self._start) - _HASH_BYTES
        try:
            with open(self.path, "rb") as file:
                file.seek(len(self._start))
                while left:
                    piece = file.read(min(left, READ_BYTES))
                    if not piece:
                        raise Damaged(self.path, "cut short while it was read")
                    hashed.update(piece)
                    left -= len(piece)
                    yield piece
                if file.read(_HASH_BYTES + 1) != hashed.digest():
                    raise Damaged(self.path, "its bytes do not match its hash")
        except OSError as trouble:
            raise told(self.path, trouble) from trouble


def drop_cache(path: Path) -> None:
    """Ask that reading it comes from the disk itself; it may be ignored."""
    with suppress(OSError):
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(fd)


def told(path: Path, trouble: OSError) -> BackupFault:
    """The system's trouble with a file, in our words."""
    if trouble.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return BackupFull(
            f"{path}: no room ({trouble.strerror}); make room and give the same command again: it goes on "
            "where it stopped"
        )
    return BackupFault(f"{path}: {trouble.strerror or trouble}")
