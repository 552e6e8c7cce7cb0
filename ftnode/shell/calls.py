"""One call from its arrival to its definite answer, and what it may be told if there is none."""

import asyncio
from collections.abc import Sequence
from typing import Final

from ftnode.shell.table import ROTTEN, UNREADABLE, Answer, BadRequestError, Command, Lane, Lookup, Want
from ftnode.store.entry import ACTOR_MAX_BYTES, BODY_MAX_BYTES, REQUEST_ID_MAX_BYTES, SLOTS

OVERHEAD_BYTES: Final = 200  # what a waiting call costs beside its body


_I64: Final = 2**63
_WHY_NOT: Final = {
    UNREADABLE: "a bug of ours: this question cannot be answered now; the unit has noted why",
    ROTTEN: "the disk of the unit that was asked gave back what was not written there: ask again",
}


def check_fits(want: Want, actor: bytes) -> None:
    """A command that would not fit into an entry never comes near the log, whoever made it.

    Raises:
        BadRequestError: the field and what would fit.
    """
    if len(actor) > ACTOR_MAX_BYTES:
        raise BadRequestError("actor", f"has {len(actor)} bytes", f"at most {ACTOR_MAX_BYTES}")
    if not isinstance(want, Command):
        return
    if len(want.request_id) > REQUEST_ID_MAX_BYTES:
        wanted = f"at most {REQUEST_ID_MAX_BYTES} bytes"
        raise BadRequestError("request_id", f"has {len(want.request_id)} bytes", wanted)
    if len(want.body) > BODY_MAX_BYTES:
        raise BadRequestError("body", f"has {len(want.body)} bytes", f"at most {BODY_MAX_BYTES}")
    if not (0 <= want.kind < 1 << 16 and 0 <= want.tenant < 1 << 16 and 0 <= want.slot < SLOTS):
        raise BadRequestError(
            "command", f"kind {want.kind}, tenant {want.tenant}, slot {want.slot}", "in range"
        )
    if not (0 <= want.seen_ms < _I64 and -_I64 <= want.client_ms < _I64):
        raise BadRequestError("seen_ms", "or client_ms is no time", "milliseconds since 1970, UTC")


class NoRoomError(Exception):
    """A queue is full: the call was surely not taken, and may be tried again a little later."""


class UnknownError(Exception):
    """No answer in time: the call may have happened, may happen yet, or never."""


class Waiter:
    """Waits for all the answers of one gRPC call (one, or as many as its batch has)."""

    __slots__ = ("answers", "future", "left")

    def __init__(self, count: int) -> None:
        """`count` answers make the future's result: the list of them, in the order asked."""
        self.future: asyncio.Future[Sequence[Answer]] = asyncio.get_running_loop().create_future()
        self.answers: list[Answer] = [_NONE] * count
        self.left = count

    def put(self, place: int, answer: Answer) -> None:
        """One answer; the last one ends the wait. A second answer to one place changes nothing."""
        if self.answers[place] is not _NONE:
            return
        if answer.verdict in _WHY_NOT:
            self.fail(UnknownError(_WHY_NOT[answer.verdict]))
            return
        self.answers[place] = answer
        self.left -= 1
        if not self.left and not self.future.done():
            self.future.set_result(self.answers)

    def fail(self, error: Exception) -> None:
        """End the wait without an answer."""
        if not self.future.done():
            self.future.set_exception(error)


class Call:
    """One command, query or lookup on its way. Exactly one place holds it at a time."""

    __slots__ = (
        "actor",
        "arrived_ms",
        "lane",
        "maybe_taken",
        "number",
        "place",
        "reads",
        "size_bytes",
        "waiter",
        "want",
    )

    def __init__(
        self,
        want: Want,
        lane: Lane,
        actor: bytes,
        arrived_ms: int,
        waiter: Waiter | None,
        place: int = 0,
        number: int = 0,
    ) -> None:
        """`waiter` is None for a call that the partner sent on: it is answered by `number`."""
        self.want = want
        self.lane = lane
        self.actor = actor
        self.arrived_ms = arrived_ms
        self.waiter = waiter
        self.place = place
        self.number = number
        self.maybe_taken = False  # it was in a log or at the partner: "not taken" is no longer true
        self.reads = type(want) is not Command
        self.size_bytes = OVERHEAD_BYTES + (0 if isinstance(want, Lookup) else len(want.body))

    @property
    def given_up(self) -> bool:
        """Whether nobody waits for it any more."""
        return self.waiter is not None and self.waiter.future.done()


_NONE: Final = Answer(0, 0, 0, 0, b"")
