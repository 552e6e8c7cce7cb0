"""What clients and units say to each other in the simulation, and the history that the judges read."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Final

EXECUTED: Final = 0
TOO_OLD: Final = 1
REUSED: Final = 2
ABANDONED: Final = 3


@dataclass(frozen=True, slots=True)
class Job:
    """One thing that a client wants: what the machine is told, and what the judge makes of it."""

    operation: Hashable
    key: Hashable
    read: bool
    kind: int  # 0 for a read
    slot: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Request:
    """A try of a job as it travels. All tries of one job carry the same id, body and `seen_ms`."""

    request_id: bytes
    client: int
    job: Job
    seen_ms: int
    client_ms: int
    abandon: bool = False
    relayed: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a unit said. `known` False: it may have happened."""

    known: bool
    seq: int = 0
    time_ms: int = 0
    verdict: int = EXECUTED
    outcome: bytes = b""
    why: str = ""


UNKNOWN: Final = Answer(False)


@dataclass(slots=True)
class Done:
    """One job from first try to last word, as its client saw it. Times are the world's microseconds."""

    request_id: bytes
    client: int
    job: Job
    called_us: int
    returned_us: int | None = None  # None: unknown to the end
    answer: object = None
    refused: bool = False  # abandoned: surely never executed
    tries: int = 0
    gave_up: bool = False
    too_old: bool = False  # the last word was that it cannot be said any more


@dataclass(slots=True)
class History:
    """Every call of every client."""

    done: list[Done] = field(default_factory=list)
    answered: int = 0
    seen_ms: int = 0  # newest log time in any answer

    def commands(self) -> int:
        """How many writes were asked for."""
        return sum(not done.job.read for done in self.done)
