"""The witness's one file: whole and synced before anybody hears of it.

Text, so that a person can read it: a line with the format, a line of JSON, a line with the checksum
of both. A new value is written beside the old one, synced, and renamed over it; then the directory is
synced. So the file is the old value or the new one, whenever the power fails.
"""

import fcntl
import hashlib
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from ftnode.core.record import NAME_MAX_CHARS, Record
from ftnode.witness.codec import CANONICAL

FORMAT: Final = b"ftnode-witness 1"
FILE_MAX_BYTES: Final = 65_536
_ADVICE: Final = (
    "A witness never guesses. Set this directory aside, start the witness with an empty one, "
    "and run `ftctl replace-witness`"
)


class WitnessDiskError(Exception):
    """The witness cannot keep its word with this directory; the text says what and what to do."""


@dataclass(frozen=True, slots=True)
class Kept:
    """All that a witness remembers."""

    cabinet: str
    witness_id: str
    told_seq: int
    record: Record | None


class RecordDisk:
    """The directory of one witness, held by one process at a time.

    Args:
        directory: made if it does not exist.
        fsync: `os.fsync`, or in tests something that fails or waits.
    """

    def __init__(self, directory: str | Path, fsync: Callable[[int], None] = os.fsync) -> None:
        self._dir = Path(directory)
        self._path = self._dir / "record"
        self._fsync = fsync
        self._lock_fd = -1
        self._dead = ""

    def open(self, cabinet: str) -> Kept:
        """Take the directory, and read what it holds or make a new witness of an empty one.

        What is read is written and synced anew before it counts: after a crash it may never have
        been on disk, only in memory.

        Raises:
            WitnessDiskError: corrupt, of another cabinet, in use, or not writable.
        """
        try:
            self._dir.mkdir(parents=True, exist_ok=True)
            self._sync_dir(self._dir.parent)
            self._take()
            kept = self._read(cabinet)
            self.write(kept)
        except OSError as error:
            self.close()
            raise WitnessDiskError(f"{self._dir}: {error.strerror or error}") from error
        except WitnessDiskError:
            self.close()
            raise
        return kept

    def write(self, kept: Kept) -> None:
        """Put `kept` on disk. Blocks; returns only after everything is synced.

        Raises:
            WitnessDiskError: it may or may not be on disk. This disk is not asked again, ever.
        """
        if self._dead:
            raise WitnessDiskError(self._dead)
        fresh = self._dir / "record.new"
        try:
            fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            try:
                _write_all(fd, encode(kept))
                self._fsync(fd)
            finally:
                os.close(fd)
            os.rename(fresh, self._path)
            self._sync_dir(self._dir)
        except OSError as error:
            self._dead = f"{self._path} cannot be kept: {error.strerror or error}"
            raise WitnessDiskError(self._dead) from error

    def close(self) -> None:
        """Let the directory go."""
        if self._lock_fd >= 0:
            os.close(self._lock_fd)
            self._lock_fd = -1

    def _take(self) -> None:
        self._lock_fd = os.open(self._dir / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock_fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise WitnessDiskError(f"{self._dir} is in use by another witness; give each its own") from error

    def _sync_dir(self, directory: Path) -> None:
        fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self._fsync(fd)
        finally:
            os.close(fd)

    def _read(self, cabinet: str) -> Kept:
        if not self._path.exists():
            return Kept(cabinet, secrets.token_hex(8), 0, None)
        try:
            kept = decode(self._path.read_bytes())
        except ValueError as error:
            raise WitnessDiskError(f"{self._path} is corrupt: {error}. {_ADVICE}.") from error
        if kept.cabinet != cabinet:
            raise WitnessDiskError(
                f"{self._path} belongs to cabinet {kept.cabinet!r}, not {cabinet!r}; give this one its own"
            )
        return kept


def encode(kept: Kept) -> bytes:
    """The file's bytes."""
    text = FORMAT + b"\n" + CANONICAL.encode(kept) + b"\n"
    return text + _checksum(text) + b"\n"


def decode(data: bytes) -> Kept:
    """What the file's bytes say.

    Raises:
        ValueError: they are not exactly what `encode` writes; the text says how.
    """
    if len(data) > FILE_MAX_BYTES:
        raise ValueError(f"{len(data)} bytes is too long")
    lines = data.split(b"\n")
    if lines[0] != FORMAT:
        raise ValueError(f"begins with {lines[0][:24]!r}, wanted {FORMAT!r}")
    if len(lines) != 4 or lines[3]:
        raise ValueError("cut off, or longer than it should be")
    if lines[2] != _checksum(b"\n".join(lines[:2]) + b"\n"):
        raise ValueError("the checksum differs")
    try:
        kept = msgspec.json.decode(lines[1], type=Kept)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error
    return _checked(kept)


def _checked(kept: Kept) -> Kept:
    """`kept`, if a witness of ours could have written it."""
    for text in (kept.cabinet, kept.witness_id):
        if not 0 < len(text) <= NAME_MAX_CHARS:
            raise ValueError(f"{text!r} is no name")
    if kept.told_seq < 0:
        raise ValueError(f"told_seq {kept.told_seq} is negative")
    if kept.record is None:
        return kept
    if problem := kept.record.problem():
        raise ValueError(problem)
    if replace(kept.record, cabinet=kept.cabinet, witness_id=kept.witness_id) != kept.record:
        raise ValueError("the record inside belongs to another cabinet or witness")
    return kept


def _checksum(text: bytes) -> bytes:
    return hashlib.blake2b(text, digest_size=16).hexdigest().encode()


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
