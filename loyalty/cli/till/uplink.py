"""The way from this till to the pair, and what is done while there is none.

Every command goes through the outbox: put, then sent. So a till that is killed while it asks knows
afterwards what it asked. Questions are asked directly, and not at all while nobody answers: the cashier does
not wait for a pair that is away; something in the background finds out when it is back.
"""

from collections.abc import Callable
from random import random
from typing import Any, Final, NamedTuple

from loyalty.client.answers import Answer, NotTaken, Unknown
from loyalty.client.client import TillClient
from loyalty.client.clock import Clock
from loyalty.client.methods import METHODS
from loyalty.client.outbox import Backoff, Outbox, OutboxError, Sender, Settled
from loyalty.client.outbox.sender import MALFORMED
from loyalty.v1 import till_pb2 as till

NOBODYS_ID = bytes(16)  # asked for to see whether anybody answers


NOBODY: Final = "no unit answers"
SAID: Final = (  # a status, and what a cashier calls it; all else is nobody
    ("RESOURCE_EXHAUSTED", "the pair is busy"),
    ("UNIMPLEMENTED", "what answers is no pair of ours"),
    ("UNAUTHENTICATED", "the pair does not know this till"),
    ("PERMISSION_DENIED", "the pair does not let this till in"),
)


class Sent(NamedTuple):
    """What became of a command that was put. `answer` None: it waits, and its answer is not known."""

    position: int
    settled: Settled | None = None
    answer: Answer[Any] | None = None


class Uplink:
    """One for a till."""

    IDLE_MS: Final = 1_000  # how often the background looks whether there is something to do

    def __init__(
        self, outbox: Outbox, client: TillClient, clock: Clock, chance: Callable[[], float] = random
    ) -> None:
        self.outbox = outbox
        self.client = client
        self.clock = clock
        self.forced_off = False
        self.since_ms = 0  # nobody answers, or off by hand; 0: up
        self._why = NOBODY
        self.trouble = ""  # with the outbox, while nobody looked
        self.sender = Sender(outbox, client, clock, chance)
        self.sender.on_settled = self._note
        self._backoff = Backoff(clock, chance)
        self._answers: dict[int, tuple[Settled, Answer[Any]]] = {}
        self._wanted: set[int] = set()  # positions that somebody stands there for

    @property
    def is_up(self) -> bool:
        return not self.since_ms

    @property
    def line(self) -> str:
        """`up`, `down`, `off`."""
        if self.forced_off:
            return "off"
        return "up" if self.is_up else "down"

    @property
    def why(self) -> str:
        """It is not up, in a few words."""
        if self.forced_off:
            return "the line is off"
        return self._why

    def force(self, off: bool) -> None:
        """Switch by hand."""
        if off and self.is_up:
            self.since_ms = self.clock.now_ms()
        self.forced_off = off
        if not off:
            self.since_ms = 0  # until somebody does not answer

    async def ask(self, name: str, request: Any) -> Answer[Any]:
        """A question: answered, refused for what it is, or unknown; that at once while nobody answers."""
        if not self.is_up:
            return Unknown(b"", self.why, 0)
        answer = await self.client.call(name, request)
        self._heard(answer)
        return answer if self.is_up else Unknown(b"", self.why, answer.tries)

    async def send(self, command: Any) -> Sent:
        """A command that is prepared: kept first, then sent behind all that wait.

        Raises:
            OutboxError: it could not be kept, and was not sent.
        """
        position = self.outbox.put(command, in_doubt=True)
        self._wanted.add(position)
        await self.drain()
        settled, answer = self._answers.pop(position, (None, None))
        self._wanted.discard(position)
        return Sent(position, settled, answer)

    def keep(self, command: Any) -> Sent:
        """A command that is prepared, without a line.

        Raises:
            OutboxError: it could not be kept.
        """
        return Sent(self.outbox.put(command))

    async def drain(self) -> bool:
        """Send what waits, now."""
        if self.forced_off:
            return False
        done = await self.sender.drain()
        if not done:
            self._lost(self.sender.why)
        return done

    async def tick(self) -> None:
        """What the background does each second: send when it is time, find out whether anybody is there."""
        try:
            await self._tick()
        except OutboxError as problem:  # the disk: the cashier has to know, and what waits stays where it is
            self.trouble = str(problem)
        else:
            self.trouble = ""

    async def _tick(self) -> None:
        if self.forced_off:
            return
        if self.outbox.waiting:
            if not self.sender.backoff.left_ms:
                await self.drain()
        elif not self.is_up and not self._backoff.left_ms:
            await self.probe()

    async def probe(self) -> None:
        """Is anybody there?"""
        body = till.GetOutcomeRequest(request_id=NOBODYS_ID).SerializeToString()
        self._heard(await self.client.ask_once(METHODS["GetOutcome"], b"", body))

    def _heard(self, answer: Answer[Any]) -> None:
        """Only what is wrong with the question itself is an answer of the pair, of all that was not taken."""
        match answer:
            case Unknown():
                self._backoff.grow()
                self._lost("")
            case NotTaken(status=status) if status != MALFORMED:
                self._backoff.grow(answer.retry_after_ms)
                self._lost(status)
            case _:
                self._found()

    def _lost(self, said: str) -> None:
        self._why = next((ours for theirs, ours in SAID if said.startswith(theirs)), NOBODY)
        if self.is_up:
            self.since_ms = self.clock.now_ms()

    def _found(self) -> None:
        self._backoff.end()
        if not self.forced_off:
            self.since_ms = 0

    def _note(self, settled: Settled, answer: Answer[Any]) -> None:
        """Each definite answer to what waited."""
        self._found()
        position = settled.entry.position
        if position in self._wanted:
            self._answers[position] = (settled, answer)
