"""Sends what an outbox holds: in order, each until its answer is definite, each as the same bytes."""

import asyncio
import random
from collections.abc import Callable
from typing import Any

from loyalty.client.answers import Answer, Done, NotTaken, Rejected
from loyalty.client.client import TillClient
from loyalty.client.clock import Clock, SystemClock
from loyalty.client.methods import TOO_OLD
from loyalty.client.outbox.entries import Entry, Fate, Settled, Verdict
from loyalty.client.outbox.limits import SEND_BACKOFF_FIRST_MS, SEND_BACKOFF_MOST_MS
from loyalty.client.outbox.outbox import Outbox

MALFORMED = "INVALID_ARGUMENT"  # what a door says about the command itself; all else is about the door


class Backoff:
    """How long to leave a pair alone that did not answer: doubled each time, half of it up to chance."""

    def __init__(self, clock: Clock, chance: Callable[[], float] = random.random) -> None:
        self._clock = clock
        self._chance = chance
        self._failures = 0
        self.not_before_ms = 0

    @property
    def left_ms(self) -> int:
        """0: ask now."""
        return max(self.not_before_ms - self._clock.now_ms(), 0)

    def grow(self, at_least_ms: int = 0) -> None:
        """It did not answer, or said for how long it wants to be left alone."""
        most_ms = min(SEND_BACKOFF_FIRST_MS << min(self._failures, 20), SEND_BACKOFF_MOST_MS)
        wait_ms = max(most_ms // 2 + int(most_ms * self._chance()) // 2, at_least_ms)
        self._failures += 1
        self.not_before_ms = self._clock.now_ms() + wait_ms

    def end(self) -> None:
        """It answered."""
        self._failures = self.not_before_ms = 0


class Sender:
    """One for an outbox. While the head has no definite answer all others wait: their order is kept."""

    def __init__(
        self,
        outbox: Outbox,
        client: TillClient,
        clock: Clock | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.outbox = outbox
        self.client = client
        self.clock = clock or SystemClock()
        self.why = ""  # the head was not settled when it was last asked
        self.on_settled: Callable[[Settled, Answer[Any]], None] = lambda settled, answer: None
        self.backoff = Backoff(self.clock, chance)
        self._one_at_a_time = asyncio.Lock()
        client.units.seen_ms = max(client.units.seen_ms, outbox.seen_ms)

    async def run(self) -> None:
        """Until nothing waits, however long that takes."""
        while not await self.drain():
            await self.clock.sleep_ms(max(self.backoff.left_ms, 1))

    async def drain(self) -> bool:
        """Send until nothing waits (True), or the head's answer is not definite (False: see `why`)."""
        async with self._one_at_a_time:
            while (head := self.outbox.head()) is not None:
                if not await self._ask(head):
                    return False
            self.why = ""
            return True

    async def _ask(self, head: Entry) -> bool:
        """Whether it is settled now."""
        again = head.in_doubt
        head = self.outbox.mark_in_doubt(head)
        answer = await self.client.ask_once(head.how, head.request_id, head.body)
        verdict = verdict_of(answer, again)
        if verdict is None:
            self._wait(answer)
            return False
        self.backoff.end()
        self.on_settled(self.outbox.settle(head, verdict), answer)
        return True

    def _wait(self, answer: Answer[Any]) -> None:
        if isinstance(answer, NotTaken):
            self.why = f"{answer.status}: {answer.problem}"
            self.backoff.grow(answer.retry_after_ms)
        else:
            self.why = getattr(answer, "why", "")
            self.backoff.grow()


def verdict_of(answer: Answer[Any], sent_before: bool) -> Verdict | None:
    """What an answer means for good; None: ask again.

    Args:
        sent_before: an earlier asking may have been taken.
    """
    match answer:
        case Done(outcome=outcome):
            body = outcome.SerializeToString()
            return Verdict(Fate.DONE, answer.seq, outcome=body, log_time_ms=answer.log_time_ms)
        case Rejected(code=code) if code == TOO_OLD and sent_before:
            told = "an earlier try may have been executed; the member's statement tells"
            return Verdict(
                Fate.UNKNOWN, answer.seq, answer.reason, answer.field, told, b"", answer.log_time_ms
            )
        case Rejected():
            said = (answer.reason, answer.field, answer.acceptable)
            return Verdict(Fate.REJECTED, answer.seq, *said, b"", answer.log_time_ms)
        case NotTaken(status=status) if status == MALFORMED and not answer.retry_after_ms:
            told = (
                "an earlier try may have been executed; the member's statement tells" if sent_before else ""
            )
            return Verdict(Fate.REFUSED, 0, answer.problem, answer.field, told)
    return None
