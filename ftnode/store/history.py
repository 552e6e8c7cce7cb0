"""A unit's history: what happened to it and to the pair, a line of JSON each, for people to read later.

Two files take turns, so that the whole never grows beyond its limit: when `now.jsonl` holds half of it, it
becomes `before.jsonl`, and the older half goes. A line counts once its newline is there: what a crash left
torn is cut at the next start. A line that cannot be read is skipped and counted, never guessed.

Nothing of the protocol depends on it: a history that cannot be written is reported, and the unit serves.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

FORMAT: Final = 1  # of a line
LINE_MAX_BYTES: Final = 8192  # longer texts are cut before they get here
NOW: Final = "now.jsonl"
BEFORE: Final = "before.jsonl"


class Happened(Struct, frozen=True, omit_defaults=True):
    """One line. `boot` and `number` order the lines of one unit when its clock was set back."""

    v: int
    at_ms: int  # UTC, this host's clock
    unit: int
    boot: int
    number: int  # from 1 in each life of the process
    what: str  # moved, record, alarm-raised, switchover_asked ...
    why: str = ""
    who: str = ""  # the operator who asked for it
    more: dict[str, str] = {}


_DECODER: Final = msgspec.json.Decoder(Happened)


class HistoryFile:
    """See the module. Used by one thread at a time; every method may wait for the disk."""

    def __init__(self, directory: Path, max_bytes: int) -> None:
        """Make the directory, cut a torn last line. Raises OSError."""
        self._directory, self._half_bytes = directory, max_bytes // 2
        directory.mkdir(mode=0o700, exist_ok=True)
        self._now = directory / NOW
        self._fd = os.open(self._now, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._bytes = self._cut_torn()
        _sync_directory(directory)

    def append(self, happened: Iterable[Happened]) -> None:
        """Write lines and sync them. Raises OSError; then none of them counts, and the file is as before."""
        data = b"".join(msgspec.json.encode(one) + b"\n" for one in happened)
        if self._bytes and self._bytes + len(data) > self._half_bytes:
            self._turn()
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(self._fd, view) :]
            os.fdatasync(self._fd)
        except OSError:
            os.ftruncate(self._fd, self._bytes)
            raise
        self._bytes += len(data)

    def last(self) -> Happened | None:
        """The newest line that can be read, if there is one near the end."""
        for name in (NOW, BEFORE):
            try:
                with (self._directory / name).open("rb") as file:
                    file.seek(max(0, file.seek(0, os.SEEK_END) - 8 * LINE_MAX_BYTES))
                    found = [happened for line in file if (happened := decode(line)) is not None]
            except FileNotFoundError:
                continue
            if found:
                return found[-1]
        return None

    def close(self) -> None:
        """Give the file back."""
        os.close(self._fd)

    def _cut_torn(self) -> int:
        size = os.fstat(self._fd).st_size
        at = size
        while at > 0:
            from_at = max(0, at - LINE_MAX_BYTES)
            newline = os.pread(self._fd, at - from_at, from_at).rfind(b"\n")
            if newline >= 0:
                at = from_at + newline + 1
                break
            at = from_at
        if at < size:
            os.ftruncate(self._fd, at)
            os.fdatasync(self._fd)
        return at

    def _turn(self) -> None:
        os.replace(self._now, self._directory / BEFORE)
        fd = os.open(self._now, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        os.close(self._fd)
        self._fd, self._bytes = fd, 0
        _sync_directory(self._directory)


def read(directory: Path, since_ms: int = 0) -> Iterator[Happened]:
    """The lines from `since_ms` on, oldest first; also while somebody writes. Raises OSError."""
    for name in (BEFORE, NOW):
        for happened in lines(directory / name):
            if happened.at_ms >= since_ms:
                yield happened


def lines(path: Path) -> Iterator[Happened]:
    """What can be read of one file; torn or spoilt lines, and those of another format, are left out."""
    try:
        with path.open("rb") as file:
            for line in file:
                happened = decode(line)
                if happened is not None:
                    yield happened
    except FileNotFoundError:
        return


def decode(line: bytes) -> Happened | None:
    """One line with its newline, None if it cannot be read."""
    if not line.endswith(b"\n"):
        return None
    try:
        happened = _DECODER.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return happened if happened.v == FORMAT else None


def _sync_directory(directory: Path) -> None:
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
