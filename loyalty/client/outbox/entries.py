"""What an outbox keeps, as values, and what can go wrong with it."""

from enum import StrEnum
from typing import Any, Final, NamedTuple

from loyalty.client.methods import METHODS, SERVICE, Method

KEPT_METHODS: Final = {
    method.request: method.name
    for method in METHODS.values()
    if method.is_command and method.service == SERVICE and method.name != "Abandon"
}


OFFLINE_METHODS: Final = ("Confirm", "Enrol", "ReturnLines")  # that a till may promise without a line


class Fate(StrEnum):
    """What came of an entry, for good."""

    DONE = "done"
    REJECTED = "rejected"  # the rules said no; nothing was changed
    REFUSED = "refused"  # no unit takes such a command
    UNKNOWN = "unknown"  # asked too late: nobody can tell any more whether an early try was executed


class Entry(NamedTuple):
    """One command, as it was put."""

    position: int  # from 1, no gaps; the order of sending
    method: str  # "Confirm"
    request_id: bytes
    body: bytes  # the whole request; the same bytes in every try
    put_ms: int  # by the till's clock
    in_doubt: bool  # it was sent before, so it may have been executed

    @property
    def command(self) -> Any:
        """The request's message."""
        return self.how.request.FromString(self.body)

    @property
    def how(self) -> Method:
        return METHODS[self.method]


class Verdict(NamedTuple):
    """A definite answer, as it is kept."""

    fate: Fate
    seq: int = 0  # place in the pair's log; 0: it has none
    reason: str = ""  # "BALANCE_TOO_LOW", or what the door said
    field: str = ""
    acceptable: str = ""
    outcome: bytes = b""  # of what was done: its message
    log_time_ms: int = 0


class Settled(NamedTuple):
    """An entry with what came of it."""

    entry: Entry
    verdict: Verdict
    settled_ms: int  # by the till's clock
    told: bool = False  # a person has seen it

    @property
    def fate(self) -> Fate:
        return self.verdict.fate

    @property
    def reason(self) -> str:
        return self.verdict.reason

    @property
    def outcome(self) -> Any:
        """The message of what was done (`ConfirmDone`); None if it was not."""
        if self.fate is not Fate.DONE:
            return None
        response = self.entry.how.response()
        return type(getattr(response, "done")).FromString(self.verdict.outcome)  # noqa: B009


class OutboxError(Exception):
    """The outbox cannot do what was asked; the text says why, and what to do."""


class OutboxHeldError(OutboxError):
    """Another process has the file."""


class OutboxFullError(OutboxError):
    """A limit is reached; nothing was kept."""


class OutboxRefusedError(OutboxError):
    """This command is nothing for an outbox; nothing was kept."""


class OutboxDiskError(OutboxError):
    """The disk is full or failing: nothing is promised. To put the same command again is safe."""


class OutboxDamagedError(OutboxError):
    """The file is not what was written. Nothing in it was changed."""
