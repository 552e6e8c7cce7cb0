"""Tills that buy while a pair is upgraded, and know of each purchase what they were told."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from chaos.live.observer import TooLong
from chaos.live.upgrade.next.engine import MOST_PIECES
from loyalty.client.answers import Done, NotTaken, Rejected
from loyalty.client.client import TillClient
from loyalty.client.policy import Policy
from loyalty.client.units import Units
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till

EVERY_S: Final = 0.03
WIDE_EVERY: Final = 7  # one purchase in so many has more pieces than the next version's rule allows
PRICE_MINOR: Final = 1_000
REFUSED_BY_RULE: Final = "QUANTITY_OUT_OF_RANGE"
PAGE: Final = 200
TOLD: Final = 5


@dataclass(slots=True)
class Told:
    """What all tills were told."""

    calls: int = 0
    done: int = 0
    refused: int = 0  # not taken, or rejected for another reason than the rule that changed
    unknown: int = 0  # at the end
    by_rule: int = 0  # rejected by the next version's rule
    wide_done: int = 0  # with so many pieces, and done: today's version has no such rule
    lost: int = 0
    doubled: int = 0
    longest_wait_ms: float = 0.0
    problems: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Till:
    """One till with a member of its own."""

    client: TillClient
    terminal: int
    told: Told
    member: int = 0
    number: int = 0
    booked: set[int] = field(default_factory=set)  # numbers of receipts that were answered with done
    not_booked: set[int] = field(default_factory=set)

    async def enrol(self, name: int) -> None:
        """Raises TooLong: nobody was enrolled."""
        phone = f"+8869{(name + self.terminal) % 10**8:08d}"
        answer = await self.client.enrol(till.EnrolRequest(phone=phone), until_definite=True)
        if not isinstance(answer, Done):
            raise TooLong(f"nobody could be enrolled: {answer}")
        self.member = answer.outcome.member_id

    async def buy(self) -> None:
        """One purchase, until it is definite."""
        self.number += 1
        day = datetime.now(UTC)
        business_day = day.year * 10_000 + day.month * 100 + day.day
        receipt = common.ReceiptId(
            store=1, terminal=self.terminal, number=self.number, business_day=business_day
        )
        request = till.ConfirmRequest(receipt=receipt, member=common.MemberRef(member_id=self.member))
        pieces = MOST_PIECES + 1 if self.number % WIDE_EVERY == 0 else 1
        request.lines.add(
            sku="4006381333931",
            quantity_milli=1000 * pieces,
            amount_minor=PRICE_MINOR * pieces,
            kind=common.LINE_KIND_GOODS,
        )
        told, began_s = self.told, time.monotonic()
        told.calls += 1
        answer = await self.client.confirm(request, until_definite=True)
        told.longest_wait_ms = max(told.longest_wait_ms, (time.monotonic() - began_s) * 1000)
        if isinstance(answer, Done):
            told.done += 1
            told.wide_done += pieces > MOST_PIECES
            self.booked.add(self.number)
        elif isinstance(answer, Rejected) and answer.reason == REFUSED_BY_RULE and pieces > MOST_PIECES:
            told.by_rule += 1
            self.not_booked.add(self.number)
        elif isinstance(answer, Rejected | NotTaken):
            told.refused += 1
            self.not_booked.add(self.number)
            told.problems.append(f"purchase {self.terminal}/{self.number} was refused: {answer}"[:300])
        else:
            told.unknown += 1

    async def keep_buying(self) -> None:
        """Until cancelled, between two purchases."""
        while True:
            await asyncio.shield(self.buy())
            await asyncio.sleep(EVERY_S)

    async def account(self) -> None:
        """Hold the member's statement against what we were told. Raises TooLong: it cannot be read."""
        found: Counter[int] = Counter()
        request = till.GetStatementRequest(member=common.MemberRef(member_id=self.member), page_size=PAGE)
        while True:
            answer = await self.client.statement(request)
            if not isinstance(answer, Done):
                raise TooLong(f"no statement of member {self.member}: {answer}")
            items = [item for item in answer.outcome.items if item.movement == till.MOVEMENT_PURCHASE]
            found.update(item.receipt.number for item in items)
            if not answer.outcome.next_page_token:
                break
            request.page_token = answer.outcome.next_page_token
        lost, doubled = self.booked - set(found), {number for number, times in found.items() if times > 1}
        wrongly = self.not_booked & set(found)
        self.told.lost += len(lost)
        self.told.doubled += len(doubled) + len(wrongly)
        if lost or doubled or wrongly:
            self.told.problems.append(
                f"till {self.terminal}: lost {sorted(lost)[:TOLD]}, doubled {sorted(doubled)[:TOLD]}, "
                f"booked though refused {sorted(wrongly)[:TOLD]}"
            )


@asynccontextmanager
async def shop(targets: str, tills: int, name: int) -> AsyncIterator[Told]:
    """So many tills buy as long as this lasts; then each is held against its member's statement.

    Raises:
        TooLong: nobody could be enrolled, or a statement not be read.
    """
    told = Told()
    async with Units(targets, Policy(deadline_ms=1000, hedge_after_ms=150)) as units:
        crew = [Till(TillClient(units), number, told) for number in range(1, tills + 1)]
        for one in crew:
            await one.enrol(name)
        buying = [asyncio.create_task(one.keep_buying()) for one in crew]
        try:
            yield told
        finally:
            for task in buying:
                task.cancel()
            for task in buying:
                with suppress(asyncio.CancelledError):
                    await task
        await asyncio.sleep(1)  # what was shielded ends
        for one in crew:
            await one.account()
