"""Reads clients' histories back: every call with when it was due, sent and answered, and what it was told."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from loyalty.client.history import Answered, Sent, decode_line

COMMANDS = ("Enrol", "Confirm", "ReturnLines")


@dataclass(slots=True)
class CallRecord:
    """One call. Without an answer it is unknown."""

    sent: Sent
    answers: list[Answered] = field(default_factory=list)

    @property
    def last(self) -> Answered | None:
        return self.answers[-1] if self.answers else None

    @property
    def told(self) -> str:
        """done, rejected, not_taken or unknown."""
        return self.answers[-1].told if self.answers else "unknown"

    @property
    def is_command(self) -> bool:
        return self.sent.method in COMMANDS

    @property
    def is_definite(self) -> bool:
        return self.told in ("done", "rejected")


def read_history(paths: Iterable[Path]) -> list[CallRecord]:
    """All calls of all files, by the time they were due.

    A last line without an end is what a killed client leaves, and is left out.

    Raises:
        ValueError: a line is damaged or out of place; names file and line.
    """
    calls: list[CallRecord] = []
    for path in paths:
        calls += _read_file(path)
    calls.sort(key=lambda call: call.sent.scheduled_us)
    return calls


def _read_file(path: Path) -> Iterable[CallRecord]:
    calls: dict[int, CallRecord] = {}
    lines = path.read_bytes().split(b"\n")
    for number, data in enumerate(lines[:-1], start=1):  # after the last newline: nothing, or a torn line
        where = f"{path}:{number}"
        try:
            line = decode_line(data)
        except ValueError as error:
            raise ValueError(f"{where}: not a line of a history ({error})") from error
        if isinstance(line, Sent):
            if line.n in calls:
                raise ValueError(f"{where}: call {line.n} was sent before: two writers on one file?")
            calls[line.n] = CallRecord(line)
        elif line.n in calls:
            calls[line.n].answers.append(line)
        else:
            raise ValueError(f"{where}: call {line.n} is answered but was never sent")
    return calls.values()
