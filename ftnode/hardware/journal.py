"""A unit's faults on its own disk, a line of JSON each: they outlive its processes, not its disk.

Every life begins with a line and, told to end, ends with one. A life that only began ended by a fault: if
nobody could write down which (a dead disk takes no note), the end itself counts.
"""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, Literal

import msgspec

from ftnode.hardware.parts import Fault, Kind, Part

NAME: Final = "faults.jsonl"
LINES_MAX: Final = 1000  # then the oldest half goes
LINE_MAX_BYTES: Final = 1000
WHAT_MAX_CHARS: Final = 400


class Line(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True):
    """One line of the file."""

    at_ms: int
    does: Literal["begin", "end", "fault", "clear"]
    part: Part = Part.UNIT
    kind: Kind = Kind.SOFT
    what: str = ""


class Journal:
    """See the module. All methods are for one thread; what cannot be written is kept in memory and said."""

    def __init__(self, directory: Path, wall_ms: Callable[[], int], say: Callable[[str], None]) -> None:
        """`say` hears why something is not on disk; a full disk is no reason to end."""
        self._path = directory / NAME
        self._wall_ms = wall_ms
        self._say = say
        self.lines = self._read()

    @property
    def faults(self) -> list[Fault]:
        """Those since the unit was last cleared, oldest first."""
        return faults_of(self.lines)

    def begin(self) -> Fault | None:
        """This life begins; the fault that the last one ended by, if it did and had not noted it."""
        fault = None
        if unfinished(self.lines):
            fault = self.fault(Part.UNIT, Kind.SOFT, "the process before ended without being told to")
        self._add(Line(self._wall_ms(), "begin"))
        return fault

    def end(self) -> None:
        """Told to end: the next life has nothing to wonder about."""
        self._add(Line(self._wall_ms(), "end"))

    def fault(self, part: Part, kind: Kind, what: str) -> Fault:
        """Note a fault; on disk when this returns, if the disk takes it."""
        line = Line(self._wall_ms(), "fault", part, kind, what[:WHAT_MAX_CHARS])
        self._add(line)
        return Fault(line.at_ms, part, kind, line.what)

    def clear(self, why: str) -> None:
        """The operator has seen to it: count anew. What was stays in the file."""
        self._add(Line(self._wall_ms(), "clear", what=why[:WHAT_MAX_CHARS]))

    def _add(self, line: Line) -> None:
        self.lines.append(line)
        try:
            if len(self.lines) > LINES_MAX:
                self.lines = self.lines[-LINES_MAX // 2 :]
                self._rewrite()
            else:
                _append(self._path, msgspec.json.encode(line) + b"\n")
        except OSError as error:
            self._say(f"{self._path}: a fault could not be noted: {error.strerror or error}")

    def _rewrite(self) -> None:
        beside = self._path.with_suffix(".new")
        beside.unlink(missing_ok=True)
        _append(beside, b"".join(msgspec.json.encode(line) + b"\n" for line in self.lines))
        beside.rename(self._path)

    def _read(self) -> list[Line]:
        """What is there; lines that are none (torn by a power cut, or rotten) are passed over and said."""
        try:
            data = self._path.read_bytes() if self._path.exists() else b""
        except OSError as error:
            self._say(f"{self._path}: cannot be read: {error.strerror or error}")
            return []
        lines: list[Line] = []
        for number, text in enumerate(data.splitlines()[-LINES_MAX:], 1):
            try:
                if len(text) > LINE_MAX_BYTES:
                    raise msgspec.DecodeError(f"{len(text)} bytes")
                lines.append(msgspec.json.decode(text, type=Line))
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                self._say(f"{self._path}:{number}: not a line of ours, passed over: {error}")
        return lines


def faults_of(lines: Iterable[Line]) -> list[Fault]:
    """The faults since the last `clear`."""
    found: list[Fault] = []
    for line in lines:
        if line.does == "clear":
            found = []
        elif line.does == "fault":
            found.append(Fault(line.at_ms, line.part, line.kind, line.what))
    return found


def unfinished(lines: list[Line]) -> bool:
    """Did the last life begin, and neither end nor note the hard fault that it ended by?"""
    for line in reversed(lines):
        if line.does == "begin":
            return True
        if line.does == "end" or line.kind is Kind.HARD:
            return False
    return False


def _append(path: Path, data: bytes) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        if os.fstat(fd).st_size and not _ends_with_newline(path):
            data = b"\n" + data  # a torn line stays one line
        os.write(fd, data)
        os.fsync(fd)
    finally:
        os.close(fd)


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
