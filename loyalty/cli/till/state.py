"""What one till remembers: where it stands, the basket on the counter, and what that comes to."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from loyalty.cli.till import screens
from loyalty.cli.till.amounts import day_number
from loyalty.cli.till.articles import Articles
from loyalty.cli.till.basket import Basket
from loyalty.cli.till.uplink import Uplink
from loyalty.client.answers import Answer, Done, NotTaken, Rejected
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till

NO_MEMBER = "no member yet: member PHONE|CARD|ID, or enrol PHONE"
REQUEST_ID_BYTES = 16


@dataclass(frozen=True)
class Place:
    """Where a till stands, and how money is written there."""

    store: int = 1
    terminal: int = 1
    programme: int = 1
    exponent: int = 2  # of the currency: 12.90 is 1290 with 2
    zone: tzinfo | None = None  # None: that of this machine

    @property
    def name(self) -> str:
        return f"{self.store}/{self.terminal}"


@dataclass
class State:
    """One till."""

    place: Place
    uplink: Uplink
    articles: Articles = field(default_factory=Articles)
    new_id: Callable[[], bytes] = lambda: os.urandom(REQUEST_ID_BYTES)
    basket: Basket = field(default_factory=Basket)
    quote: till.QuoteDone | None = None
    no_quote: str = ""  # why there is none
    changed: bool = False  # the customer is asked whether the new quote will do
    ended: bool = False
    number: int = 0  # of the receipt on the counter; 0: not taken yet
    at_least: int = 1  # receipts go on there
    mentioned: set[int] = field(default_factory=set)  # positions that a notice was about

    @property
    def now_ms(self) -> int:
        return self.uplink.clock.now_ms()

    def counter(self) -> screens.Counter:
        """The basket as it stands."""
        return screens.Counter(self.basket, self.quote, self.no_quote)

    async def recount(self, basket: Basket) -> screens.Screen:
        """Quote another basket and put it on the counter; if the rules do not take it, leave the old one."""
        before, self.basket = self.basket, basket
        self.quote, self.no_quote = None, ""
        if not basket.lines:
            return self.counter()
        if basket.member is None:
            self.no_quote = NO_MEMBER
            return self.counter()
        answer = await self.uplink.ask("Quote", self.quote_request())
        match answer:
            case Done(outcome=quote):
                self.quote = quote
            case Rejected() | NotTaken():
                return await self._take_back(before, refused(answer))
            case _:
                self.no_quote = f"{self.uplink.why}: amounts only, no discounts, no points to pay with"
        return self.counter()

    async def _take_back(self, before: Basket, refusal: screens.Refused) -> screens.Screen:
        """A wish that is refused leaves what there was; lines alone stay, whatever the rules say to them."""
        if (before.points, before.coupons) != (self.basket.points, self.basket.coupons):
            await self.recount(self.basket._replace(points=before.points, coupons=before.coupons))
        else:
            self.no_quote = refusal_text(refusal)
        return refusal

    def quote_request(self) -> till.QuoteRequest:
        basket = self.basket
        return till.QuoteRequest(
            programme=self.place.programme,
            member=basket.member,
            store=self.place.store,
            business_day=day_number(self.now_ms, self.place.zone),
            lines=basket.messages(),
            spend=basket.spend(),
            coupons=basket.coupons,
        )

    def receipt(self) -> common.ReceiptId:
        """The one on the counter; its number is taken for good when it is first needed."""
        if not self.number:
            self.number = self.take_number()
        return self.receipt_id(self.number)

    def take_number(self) -> int:
        """Never given out before by this till, whatever became of it."""
        return self.uplink.outbox.take_number(self.place.name, self.at_least)

    def receipt_id(self, number: int) -> common.ReceiptId:
        day = day_number(self.now_ms, self.place.zone)
        place = self.place
        return common.ReceiptId(store=place.store, terminal=place.terminal, number=number, business_day=day)

    def prepare(self, command: Any) -> Any:
        """With request id and times: what is sent then is sent like this for ever."""
        command.request_id = self.new_id()
        command.seen_ms = self.uplink.client.units.seen_ms
        command.client_ms = self.now_ms
        return command

    def begin_anew(self) -> None:
        """The next customer."""
        self.basket, self.quote, self.no_quote, self.number = Basket(), None, "", 0


def refused(answer: Answer[Any]) -> screens.Refused:
    """What the rules or the door said."""
    if isinstance(answer, Rejected):
        return screens.Refused(answer.reason, answer.field, answer.acceptable)
    if isinstance(answer, NotTaken):
        return screens.Refused(f"{answer.status}: {answer.problem}", answer.field)
    return screens.Refused("no answer")


def refusal_text(refusal: screens.Refused) -> str:
    """`BALANCE_TOO_LOW at spend.points (at most 500)`."""
    at = f" at {refusal.field}" if refusal.field else ""
    would = f" ({refusal.acceptable})" if refusal.acceptable else ""
    return f"{refusal.reason}{at}{would}"
