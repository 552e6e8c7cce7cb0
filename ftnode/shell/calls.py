"""One call from its arrival to its definite answer, and what it may be told if there is none."""

import asyncio
from collections.abc import Sequence
from typing import Final

from ftnode.shell.table import Answer, Command, Lane, Lookup, Want

OVERHEAD_BYTES: Final = 200  # what a waiting call costs beside its body


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
