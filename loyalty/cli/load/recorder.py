"""One call of the load: sent when due, asked again until definite, every step in the history."""

import asyncio
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic, time
from typing import Any

from loyalty.client.answers import Answer, Unknown
from loyalty.client.client import REQUEST_ID_BYTES, TillClient
from loyalty.client.figures import Figures
from loyalty.client.history import Answered, HistoryWriter, Sent, answered, in_detail, now_us
from loyalty.client.methods import METHODS

AGAIN_AFTER_S = 0.05
SALES = ("Confirm", "Capture")


@dataclass(slots=True)
class Takings:
    """What the tills were told of money and points so far."""

    receipts: int = 0
    money_off_minor: int = 0
    points_issued: int = 0  # with receipts
    points_spent: int = 0
    promotions: int = 0  # applied, receipt by receipt

    def take(self, figures: Figures) -> None:
        """One more receipt."""
        self.receipts += 1
        self.money_off_minor += figures.discount_minor
        self.points_issued += figures.earned_points
        self.points_spent += figures.spent_points
        self.promotions += len(figures.applied)


@dataclass(slots=True)
class Progress:
    """What a run has come to, for the line that people watch."""

    sent: int = 0
    told: Counter[str] = field(default_factory=Counter)
    waits_ms: list[float] = field(default_factory=list)  # of this second; the reader empties it
    epoch: int = 0  # newest seen
    takings: Takings = field(default_factory=Takings)  # of histories kept in detail

    @property
    def in_flight(self) -> int:
        return self.sent - self.told.total()


class Recorder:
    """Makes calls and writes them down."""

    def __init__(self, history: HistoryWriter | None, progress: Progress, is_detailed: bool = False) -> None:
        """`is_detailed`: bills and balances go into the history, too; it costs the client a little more."""
        self.history = history
        self.is_detailed = is_detailed
        self.progress = progress
        self.calls = 0

    async def call(
        self,
        client: TillClient,
        till: int,
        method_name: str,
        request: Any,
        *,
        scheduled_us: int,
        member: int = 0,
        receipt: tuple[int, int, int, int] | None = None,
        on_answer: Callable[[Answer[Any]], None] | None = None,
    ) -> Answer[Any]:
        """Ask until definite or until the policy's patience ends.

        `request` becomes ours: id and times are written into it.
        """
        method = METHODS[method_name]
        request_id = b""
        if method.is_command:
            request_id = request.request_id = os.urandom(REQUEST_ID_BYTES)
            request.seen_ms, request.client_ms = client.units.seen_ms, int(time() * 1000)
        body = request.SerializeToString()
        n = self.calls = self.calls + 1
        self.progress.sent += 1
        if self.history:
            sent = Sent(n, till, method_name, scheduled_us, now_us(), request_id.hex(), member, receipt)
            self.history.write(sent)
        give_up = monotonic() + client.units.policy.give_up_after_ms / 1000
        before: Unknown | None = None
        while True:
            answer = await client.ask_once(method, request_id, body, None, before)
            line = answered(n, answer)
            if self.is_detailed:
                line = self._in_detail(line, method_name, answer)
            if self.history:
                self.history.write(line)
            if not isinstance(answer, Unknown) or monotonic() > give_up:
                break
            before = answer
            await asyncio.sleep(AGAIN_AFTER_S)
        self.progress.told[line.told] += 1
        self.progress.epoch = max(self.progress.epoch, line.epoch)
        self.progress.waits_ms.append((line.answered_us - scheduled_us) / 1000)
        if on_answer:
            on_answer(answer)
        return answer

    def _in_detail(self, line: Answered, method: str, answer: Answer[Any]) -> Answered:
        line = in_detail(line, method, answer)
        if line.details is not None and method in SALES:
            self.progress.takings.take(line.details.figures)
        return line
