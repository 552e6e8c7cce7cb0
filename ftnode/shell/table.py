"""What the application tells the shell about its gRPC methods: path, shape, lane, parse, answer.

The shell never sees a type of the application. It moves bytes between a method's `decode`, the log
and the method's `encode`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final, TypeAlias

import msgspec

EXECUTED: Final = 0  # verdicts of the runtime on a command; `ftnode.machine` gives them
NOT_FOUND: Final = 255  # a lookup found nothing: not so far
ROTTEN: Final = 253  # where the answer lies the disk is at fault: whoever asked is told that nobody knows
UNREADABLE: Final = 254  # the application failed at a read: whoever asked is told that nobody knows


class Shape(StrEnum):
    """How requests and answers come."""

    UNARY = "unary"
    BATCH = "batch"  # many in one call, answered in order
    STREAM = "stream"  # many in one stream, answered in order


class Lane(IntEnum):
    """Classes of traffic: a higher number waits for a lower one. Each has its port."""

    TILL = 0
    BACK_OFFICE = 1


class Command(msgspec.Struct, frozen=True, gc=False):
    """Goes into the log; executed once per actor and request id."""

    kind: int
    tenant: int
    slot: int
    request_id: bytes
    seen_ms: int  # newest log time that the client was told
    client_ms: int
    body: bytes  # canonical bytes


class Query(msgspec.Struct, frozen=True, gc=False):
    """A read: takes a barrier, changes nothing."""

    body: bytes


class Lookup(msgspec.Struct, frozen=True, gc=False):
    """What became of a request id of this actor."""

    request_id: bytes


class Scan(msgspec.Struct, frozen=True, gc=False):
    """A long read of the last checkpoint: answered in chunks, by a helper process."""

    body: bytes


Want: TypeAlias = Command | Query | Lookup


class Answer(msgspec.Struct, frozen=True, gc=False):
    """A definite answer, and where in the log it was given."""

    seq: int
    epoch: int
    time_ms: int
    verdict: int
    outcome: bytes


class BadRequestError(ValueError):
    """A request that does not parse or breaks a limit: surely not taken."""

    def __init__(self, field: str, problem: str, wanted: str) -> None:
        """`field` is the path in the request, `problem` what is wrong, `wanted` what would be right."""
        super().__init__(f"{field}: {problem}; {wanted}")
        self.field = field
        self.problem = problem
        self.wanted = wanted


@dataclass(frozen=True, slots=True)
class Method:
    """One gRPC method. `decode` raises BadRequestError; `encode` never raises.

    For UNARY and STREAM, `decode` gives one want for a request and `encode` takes one answer. For
    BATCH they give and take sequences of equal length, in order; no wants at all is a bad request.
    """

    path: str  # "/package.Service/Method"
    shape: Shape
    lane: Lane
    decode: Callable[[bytes], Sequence[Want]]
    encode: Callable[[Sequence[Answer]], bytes]
    # For streams that go on after a message that was surely not taken: (field, problem, wanted,
    # retry_after_ms) -> the answer to that message. None: such a message ends the stream.
    encode_not_taken: Callable[[str, str, str, int], bytes] | None = None


@dataclass(frozen=True, slots=True)
class ScanMethod:
    """One gRPC method with one request and a stream of answers, one for each chunk of the machine's scan.

    `decode` raises BadRequestError. `encode` runs in the helper process: it has to be a function that can
    be imported by its module and name. Its answers have the seq, epoch and log time of the checkpoint.
    """

    path: str
    lane: Lane
    decode: Callable[[bytes], Scan]
    encode: Callable[[Answer], bytes]
