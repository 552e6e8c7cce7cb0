"""What a request becomes at the door, and what an answer must offer to become a response.

Plain values: the runtime that serves them needs no type of ours, and we none of its.
"""

from typing import Final, NamedTuple, Protocol

# Verdicts of the runtime on a command, and what a look-up says when nothing is known.
EXECUTED: Final = 0
TOO_OLD: Final = 1
REUSED: Final = 2
ABANDONED: Final = 3
AHEAD: Final = 4
NOT_FOUND: Final = 255

KIND_ABANDON: Final = 2  # the runtime's own kind


class Command(NamedTuple):
    """Goes into the log. For an abandon, `request_id` is the id to give up and the body is empty."""

    kind: int
    tenant: int  # the programme
    slot: int
    request_id: bytes
    seen_ms: int
    client_ms: int
    body: bytes  # canonical


class Query(NamedTuple):
    """A question about the state."""

    body: bytes  # canonical


class Lookup(NamedTuple):
    """What became of a request id."""

    request_id: bytes


class Scan(NamedTuple):
    """A long read, answered in chunks from the last checkpoint."""

    body: bytes  # canonical


Want = Command | Query | Lookup


class Answer(Protocol):
    """A definite answer: where and when it was given, and what the machine said."""

    @property
    def seq(self) -> int:
        """Place in the log."""

    @property
    def epoch(self) -> int:
        """Of the pair's configuration."""

    @property
    def time_ms(self) -> int:
        """Log time."""

    @property
    def verdict(self) -> int:
        """EXECUTED, TOO_OLD, REUSED, ABANDONED, AHEAD or NOT_FOUND."""

    @property
    def outcome(self) -> bytes:
        """Canonical bytes; read only if the verdict is EXECUTED."""


class RefusalError(ValueError):
    """A request that does not parse or breaks a limit of size: surely not taken."""

    def __init__(self, field: str, problem: str, wanted: str) -> None:
        """`field` as "lines[2].kind" (counted from 1), `problem` as "is 70 bytes", `wanted` as "8 to 64"."""
        super().__init__(f"{field or 'request'}: {problem}; wanted: {wanted}")
        self.field = field
        self.problem = problem
        self.wanted = wanted

    def inside(self, outer: str) -> "RefusalError":
        """The same refusal, of a part of `outer`."""
        return RefusalError(f"{outer}.{self.field}" if self.field else outer, self.problem, self.wanted)
