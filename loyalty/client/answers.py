"""What a client is told: done, rejected, not taken, or unknown. Nothing else, and never an exception.

Three of them are definite. *Unknown* is not "failed": it may have happened. Asking again with the same
request id is safe, and the only right thing to do.
"""

from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

Outcome = TypeVar("Outcome", covariant=True)


@dataclass(frozen=True)
class Done(Generic[Outcome]):
    """It happened, once, and both units hold it."""

    outcome: Outcome
    seq: int  # place in the pair's log
    epoch: int
    log_time_ms: int
    tries: int  # how often it was sent, hedges included


@dataclass(frozen=True, slots=True)
class Rejected:
    """The rules said no, for good under this request id; nothing was changed."""

    code: int  # loyalty.v1.RejectionCode
    reason: str  # its name without the prefix: "BALANCE_TOO_LOW"
    field: str
    acceptable: str
    seq: int
    epoch: int
    log_time_ms: int
    tries: int
    details: object = None  # the whole response, for what comes with a rejection (a new quote)


@dataclass(frozen=True, slots=True)
class NotTaken:
    """No unit took the command: it surely did not happen. Mend it, or come back later."""

    status: str  # gRPC status: "INVALID_ARGUMENT", "RESOURCE_EXHAUSTED"
    problem: str
    field: str
    tries: int
    retry_after_ms: int = 0  # above 0: nothing is wrong with the command


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have happened. Ask again with `request_id`, or `abandon(request_id, seen_ms)`."""

    request_id: bytes
    why: str
    tries: int
    seen_ms: int = 0  # as the command carried it


Answer: TypeAlias = Done[Outcome] | Rejected | NotTaken | Unknown
