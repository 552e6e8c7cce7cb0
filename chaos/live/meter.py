"""What the tills see right now, read from their own histories while they write them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from loyalty.client.history import Answered, Line, Sent, decode_line, now_us


@dataclass(slots=True)
class Meter:
    """Counts since the start, and of the last look. Times in microseconds of the histories' clock."""

    scheduled: int = 0
    definite: int = 0
    unknown: int = 0  # at the moment: told so, and not yet settled
    slowest_us: int = 0  # the longest wait that ended since the last `take`
    last_answer_us: int = 0
    waiting: dict[tuple[str, int], int] = field(default_factory=dict)  # call -> when it was due
    doubtful: set[tuple[str, int]] = field(default_factory=set)

    def see(self, source: str, line: Line) -> None:
        """Take in one line of the history `source`."""
        call = (source, line.n)
        if isinstance(line, Sent):
            self.scheduled += 1
            self.waiting[call] = line.scheduled_us
        else:
            self._see_answer(call, line)
        self.unknown = len(self.doubtful)

    def _see_answer(self, call: tuple[str, int], line: Answered) -> None:
        if line.told == "unknown":
            self.doubtful.add(call)
            return
        self.doubtful.discard(call)
        due_us = self.waiting.pop(call, line.answered_us)
        self.definite += 1
        self.slowest_us = max(self.slowest_us, line.answered_us - due_us)
        self.last_answer_us = max(self.last_answer_us, line.answered_us)

    def oldest_us(self) -> int:
        """How long the one who waits longest has been waiting."""
        return now_us() - min(self.waiting.values()) if self.waiting else 0

    def take_slowest_us(self) -> int:
        """The longest wait since the last time that this was asked."""
        slowest_us, self.slowest_us = self.slowest_us, 0
        return slowest_us


class Tails:
    """Follows all histories in a directory as they grow."""

    def __init__(self, directory: Path, pattern: str = "*.jsonl") -> None:
        self._directory = directory
        self._pattern = pattern
        self._open: dict[Path, BinaryIO] = {}
        self._rest: dict[Path, bytes] = {}

    def new_lines(self) -> Iterable[tuple[str, Line]]:
        """Whole lines written since the last call; a line in the making waits for its end."""
        for path in sorted(self._directory.glob(self._pattern)):
            if path not in self._open:
                self._open[path] = path.open("rb")
                self._rest[path] = b""
            *lines, self._rest[path] = (self._rest[path] + self._open[path].read()).split(b"\n")
            for line in lines:
                yield path.name, decode_line(line)

    def close(self) -> None:
        """Let go of the files."""
        for file in self._open.values():
            file.close()
        self._open.clear()
