"""A client's own record of what it asked and what it was told, as JSON lines, written and read.

Two lines per call: one before the first byte leaves, one for each answer. Each is one write(2) to a file
opened for appending, so a client that is killed leaves everything it had done; what was sent and has no
answer is unknown. (The file is not synced: it must survive the client, not the client's machine.)

Times are microseconds of CLOCK_MONOTONIC, which all processes of one machine share.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic_ns
from types import TracebackType
from typing import Any, Final, Literal, Self, TypeAlias

import msgspec

from loyalty.client.answers import Answer, Done, NotTaken, Rejected
from loyalty.client.figures import Details, details_of

ReceiptKey: TypeAlias = tuple[int, int, int, int]
"""Store, terminal, number, business day."""

Told: TypeAlias = Literal["done", "rejected", "not_taken", "unknown"]


class Sent(msgspec.Struct, tag="sent", tag_field="event", frozen=True, omit_defaults=True):
    """A call is about to leave."""

    n: int  # the call's number in this file
    till: int
    method: str
    scheduled_us: int  # when it should have left
    sent_us: int  # when it did
    request_id: str = ""  # hex; commands only
    member: int = 0
    receipt: ReceiptKey | None = None  # of the purchase, or of the return itself


class Answered(msgspec.Struct, tag="answered", tag_field="event", frozen=True, omit_defaults=True):
    """A call was answered. After `unknown` there may be another."""

    n: int
    answered_us: int
    told: Told
    tries: int = 1
    why: str = ""  # rejection reason, status, or what is known of the unknown
    seq: int = 0
    epoch: int = 0
    log_time_ms: int = 0
    member: int = 0  # as the pair says
    points: int = (
        0  # commands: change of the member's points; questions: his points, future and owed included
    )
    details: Details | None = None  # done, if the history is kept in detail


Line: TypeAlias = Sent | Answered
COMMANDS: Final = (
    "Enrol",
    "Confirm",
    "ReturnLines",
    "Hold",
    "Capture",
    "CancelHold",
    "VoidReceipt",
    "UseService",
)

_encoder: Final = msgspec.json.Encoder()
_decoder: Final[msgspec.json.Decoder[Line]] = msgspec.json.Decoder(Line)


def now_us() -> int:
    """The clock of all histories."""
    return monotonic_ns() // 1000


class HistoryWriter:
    """Appends to one file; each process has its own."""

    def __init__(self, path: Path) -> None:
        """Raises OSError if the file cannot be made; an old one is continued, never overwritten."""
        self.fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)

    def write(self, line: Line) -> None:
        """One line, on its way to the file before this returns. Raises OSError, on a full disk for one."""
        data = _encoder.encode(line) + b"\n"
        written = os.write(self.fd, data)
        if written != len(data):
            raise OSError(f"history: {written} of {len(data)} bytes written: is the disk full?")

    def close(self) -> None:
        os.close(self.fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def decode_line(data: bytes) -> Line:
    """Raises msgspec.DecodeError (a ValueError) for anything that is not a line of a history."""
    return _decoder.decode(data)


def answered(n: int, answer: Answer[Any], answered_us: int | None = None) -> Answered:
    """The line for an answer of `TillClient`."""
    at_us = now_us() if answered_us is None else answered_us
    match answer:
        case Done(outcome=outcome):
            member, points = effect_of(outcome)
            return Answered(
                n,
                at_us,
                "done",
                answer.tries,
                "",
                answer.seq,
                answer.epoch,
                answer.log_time_ms,
                member,
                points,
            )
        case Rejected(reason=reason):
            return Answered(
                n, at_us, "rejected", answer.tries, reason, answer.seq, answer.epoch, answer.log_time_ms
            )
        case NotTaken(status=status):
            return Answered(n, at_us, "not_taken", answer.tries, status)
        case _:
            return Answered(n, at_us, "unknown", answer.tries, answer.why)


def in_detail(line: Answered, method: str, answer: Answer[Any]) -> Answered:
    """The line of `answered`, with all that a judge can compare."""
    if not isinstance(answer, Done):
        return line
    details, points = details_of(method, answer.outcome)
    return msgspec.structs.replace(line, points=points, details=details)


def effect_of(outcome: Any) -> tuple[int, int]:
    """Member and points of an outcome message: what it changed or, for a question, what there is."""
    kind = type(outcome).__name__
    member = getattr(outcome, "member_id", 0)
    match kind:
        case "ConfirmDone":
            return member, outcome.bill.earned_points - outcome.bill.spent_points
        case "ReturnLinesDone":
            return member, outcome.points_back - outcome.points_taken
        case "EnrolDone" | "GetBalanceDone" | "FindMemberDone":
            balance = outcome.balance
            return member, balance.active_points + balance.future_points - balance.debt_points
    return member, 0


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
