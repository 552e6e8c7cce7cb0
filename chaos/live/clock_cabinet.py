"""A cabinet whose three machines have clocks of their own, a till that buys, and somebody who watches."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from chaos.live.durability_cabinet import Cabinet
from chaos.live.observer import TooLong
from chaos.live.shim import WrongClock, build, wrapped
from ftnode.ctl import ask
from ftnode.ctl.view import PairView, look
from ftnode.pair.layout import NAMES
from loyalty.client.answers import Done
from loyalty.client.client import TillClient
from loyalty.client.policy import Policy
from loyalty.client.units import Units
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till

BUY_EVERY_S: Final = 0.1
LOOK_EVERY_S: Final = 0.1
PRICE_MINOR: Final = 100_000
LATE_WORD_MS: Final = 250  # between what a status says and our own look at the clock, on a busy machine


class ClockedCabinet(Cabinet):
    """As its base; `clocks` by name. A file of each lies beside the data."""

    clocks: dict[str, WrongClock]

    def __enter__(self) -> "ClockedCabinet":
        super().__enter__()
        try:
            library = build(self.pair.root)
            self.clocks = {name: WrongClock(library, self.pair.root / f"{name}.clock") for name in NAMES}
        except BaseException:
            self._leave()
            raise
        return self

    def start(self, name: str) -> None:
        """See the base: with the clocks of that machine."""
        self.wrapper = wrapped(self.clocks[name])
        super().start(name)


@dataclass(slots=True)
class Seen:
    """What came of it, as tills and operators saw it."""

    base_s: float = 0.0  # the truth beside this machine's clock: a story may play three days ago
    views: int = 0
    ahead_ms: list[int] = field(default_factory=list)  # log time minus the truth, at each look
    actives: list[int] = field(default_factory=list)  # each that was another than the one before
    names: set[tuple[str, str]] = field(default_factory=set)  # (code, what) of all that was said to be wrong
    answered: int = 0
    closed: bool = False  # the shop is, and nobody buys
    problems: list[str] = field(default_factory=list)
    longest_wait_ms: float = 0.0

    def true_ms(self) -> int:
        """UTC, as the story has it."""
        return round((time.time() + self.base_s) * 1000)

    def look_at(self, view: PairView) -> None:
        """Take in one view of both units."""
        self.views += 1
        if view.active is not None and (not self.actives or self.actives[-1] != view.active):
            self.actives.append(view.active)
        self.names |= {(wrong.code, wrong.what) for wrong in view.wrong}
        for unit in view.units:
            if unit.status is not None and unit.status.log_time_ms and unit.unit == view.active:
                self.ahead_ms.append(unit.status.log_time_ms - self.true_ms())

    def named(self, code: str, *words: str) -> bool:
        """Whether `ftctl status` said so at any time."""
        return any(code == told and all(word in what for word in words) for told, what in self.names)


@dataclass(slots=True)
class Saver:
    """A member with points that last long, and a till at which he buys."""

    client: TillClient
    seen: Seen
    member: int = 0
    number: int = 0
    lots: list[tuple[int, int]] = field(default_factory=list)  # (points, active until)

    async def begin(self, name: int) -> int:
        """Enrol, buy, and look at what was earned; how long the points last from now on, in ms."""
        phone = f"+8869{name % 10**8:08d}"
        enrolled = await self.client.enrol(till.EnrolRequest(phone=phone), until_definite=True)
        if not isinstance(enrolled, Done):
            raise TooLong(f"nobody could be enrolled: {enrolled}")
        self.member = enrolled.outcome.member_id
        await self.buy()
        self.lots = await self.holds()
        if not self.lots:
            raise TooLong("a purchase earned no points: there is nothing that could end early")
        ends_ms = [until_ms for _, until_ms in self.lots if until_ms]
        return min(ends_ms) - self.seen.true_ms() if ends_ms else 0

    async def buy(self) -> None:
        """One purchase, until it is definite."""
        self.number += 1
        day = datetime.fromtimestamp(self.seen.true_ms() / 1000, UTC)
        receipt = common.ReceiptId(
            store=1,
            terminal=1,
            number=self.number,
            business_day=day.year * 10_000 + day.month * 100 + day.day,
        )
        request = till.ConfirmRequest(receipt=receipt, member=common.MemberRef(member_id=self.member))
        kind = common.LINE_KIND_GOODS
        request.lines.add(sku="4006381333931", quantity_milli=1000, amount_minor=PRICE_MINOR, kind=kind)
        began_s = time.monotonic()
        answer = await self.client.confirm(request, until_definite=True)
        self.seen.longest_wait_ms = max(self.seen.longest_wait_ms, (time.monotonic() - began_s) * 1000)
        if isinstance(answer, Done):
            self.seen.answered += 1
        else:
            self.seen.problems.append(f"purchase {self.number}: " + " ".join(str(answer).split())[:200])

    async def holds(self) -> list[tuple[int, int]]:
        """Lots of the first purchase, as the pair has them now."""
        request = till.ListLotsRequest(member=common.MemberRef(member_id=self.member))
        answer = await self.client.lots(request)
        if not isinstance(answer, Done):
            raise TooLong(f"no lots of member {self.member}: {answer}")
        lots = [item for item in answer.outcome.lots if item.receipt.number == 1]
        return [(item.lot.points, item.lot.active_until_ms) for item in lots]

    async def keeps_buying(self) -> None:
        """Until cancelled."""
        while True:
            if not self.seen.closed:
                await self.buy()
            await asyncio.sleep(BUY_EVERY_S)


@asynccontextmanager
async def shop(cabinet: Cabinet, seen: Seen) -> AsyncIterator[Saver]:
    """A till of the pair."""
    async with Units(cabinet.targets, Policy(deadline_ms=1000, hedge_after_ms=150)) as units:
        yield Saver(TillClient(units), seen)


@asynccontextmanager
async def watched(cabinet: Cabinet, seen: Seen, saver: Saver) -> AsyncIterator[None]:
    """While this lasts, tills buy and somebody looks."""
    tasks = [asyncio.create_task(saver.keeps_buying()), asyncio.create_task(_watch(cabinet, seen))]
    try:
        yield
    finally:
        await _ended(tasks)


async def _ended(tasks: Iterable["asyncio.Task[None]"]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task


async def _watch(cabinet: Cabinet, seen: Seen) -> None:
    while True:
        cabinet.mind()
        seen.look_at(look(await ask.ask_all(cabinet.where)))
        await asyncio.sleep(LOOK_EVERY_S)
