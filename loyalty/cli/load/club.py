"""What a till of a published programme does all day, with real articles: quotes before purchases, orders that
are held and captured, coupons, services, returns, voids. Nothing that the rules would refuse is asked for.

What takes two calls, as quote and confirm, waits until the first is answered; the second is this till's next.
"""

from collections import deque
from datetime import datetime, timedelta
from time import time
from typing import Any, Final

from loyalty.cli.load.catalogue import Article, Catalogue
from loyalty.cli.load.shopper import RETURNABLE_MAX, Mix, Planned, Shopper, key_of
from loyalty.client.answers import Answer, Done
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till

QUOTED_PERCENT: Final = 30  # of purchases
CAPTURED_PERCENT: Final = 90  # of orders; the rest is cancelled
VOIDS_PERCENT: Final = 2
VOIDABLE_PERCENT: Final = 25  # of receipts; the others may be returned
SERVICES_PERCENT: Final = 3
GIFT_PERCENT: Final = 25  # of members have a birthday these days
OTHERS_PERCENT: Final = 5  # of baskets hold a gift card too; of the web's, all have delivery
LINES: Final = (1, 1, 2, 2, 3, 3, 4, 5)
PIECES: Final = (1, 1, 1, 1, 2, 3)
PIECES_OF_MINOR: Final = 50_00  # of what is cheaper, more than one is bought
POINTS: Final = (500, 1000, 3000, 1_000_000)  # that a customer wants to spend at most; the last: all
COUPON_LEAST_MINOR: Final = 120_00
DAY_MS: Final = 86_400_000
HOLD_MS: Final = 2 * DAY_MS
PAST_DAYS: Final = (30, 12)  # before today: what a till without a line sold to each member
LATE_ROOM_MS: Final = 300_000  # so that the oldest is not too old when it arrives


class ClubShopper(Shopper):
    """One till of a programme."""

    def __init__(self, terminal: int, catalogue: Catalogue, run: int, mix: Mix, seed: int) -> None:
        """`terminal` decides the store, too."""
        self.place = catalogue.stores[(terminal - 1) % len(catalogue.stores)]
        super().__init__(terminal, self.place.number, run, mix, seed)
        self.catalogue = catalogue
        self.pending: deque[Planned] = deque()
        self.coupons: dict[int, list[str]] = {}  # by member
        self.services: deque[tuple[int, str]] = deque()
        self.voidable: deque[tuple[int, common.ReceiptId]] = deque(maxlen=RETURNABLE_MAX)

    def enrolment(self, phone: str) -> till.EnrolRequest:
        """With a birthday; of some members it is these days."""
        near = self.rng.randrange(100) < GIFT_PERCENT
        days = self.rng.randint(-3, 3) if near else self.rng.randint(60, 300)
        born = datetime.now(self.catalogue.zone) + timedelta(days)
        profile = common.Profile(birthday=born.month * 100 + born.day, language="de")
        return till.EnrolRequest(phone=phone, store=self.store, profile=profile)

    def past(self, member: int) -> list[Planned]:
        """What the member bought before today, told late by a till that had no line."""
        return [self._late(member, days) for days in PAST_DAYS if days <= self.catalogue.late_max_days]

    def next(self) -> Planned:
        """What is half done; else something new, by chance."""
        if self.pending:
            return self.pending.popleft()
        dice = self.rng.randrange(100)
        if dice < SERVICES_PERCENT and self.services:
            return self._use_service()
        dice -= SERVICES_PERCENT
        if 0 <= dice < VOIDS_PERCENT and self.voidable:
            return self._void()
        return super().next()

    def learn(self, planned: Planned, answer: Answer[Any]) -> None:
        """Go on with what was answered."""
        if not isinstance(answer, Done):
            return
        match planned.method:
            case "Quote":
                self.pending.append(self._confirm(planned, answer.outcome.quote_digest))
            case "Hold":
                self.pending.append(self._finish(planned))
            case "Confirm" | "Capture":
                self._sold(planned, answer.outcome.bill)

    def _confirm(self, quoted: Planned, digest: bytes) -> Planned:
        """As quoted; if another purchase came between, the customer takes what it is now."""
        quote, receipt = quoted.request, self._receipt()
        request = till.ConfirmRequest(
            receipt=receipt,
            member=quote.member,
            lines=quote.lines,
            coupons=quote.coupons,
            quote_digest=digest,
            accept_changed=True,
        )
        if quote.HasField("spend"):
            request.spend.CopyFrom(quote.spend)
        return Planned("Confirm", request, quoted.member, key_of(receipt))

    def _finish(self, held: Planned) -> Planned:
        """The order is picked up, or not wanted any more."""
        receipt = held.request.order.receipt
        if self.rng.randrange(100) < CAPTURED_PERCENT:
            return Planned("Capture", till.CaptureRequest(receipt=receipt), held.member, held.receipt)
        return Planned("CancelHold", till.CancelHoldRequest(receipt=receipt), held.member, held.receipt)

    def _sold(self, planned: Planned, bill: common.Bill) -> None:
        """What came with the goods is used later; goods that brought nothing may come back."""
        soon_ms = int(time() * 1000) + DAY_MS
        for given in bill.coupons:  # of a late receipt, the window may be over
            if not 0 < given.active_until_ms < soon_ms:
                self.coupons.setdefault(planned.member, []).append(given.code)
        for service in bill.services:
            self.services.extend([(planned.member, service.service)] * service.times)
        is_late = planned.method == "Confirm" and planned.request.sold_ms
        if bill.coupons or bill.services or is_late or planned.method == "Capture":
            return
        if self.rng.randrange(100) < VOIDABLE_PERCENT:
            self.voidable.append((planned.member, planned.request.receipt))
        else:
            self.returnable.append((planned.member, planned.request))

    def _purchase(self, member: int, spends: bool) -> Planned:
        """A basket: asked about first, ordered, or paid at once."""
        lines = self._basket()
        request: Any
        if self.place.is_web:
            order = till.Purchase(receipt=self._receipt(), lines=lines)
            until_ms = int(time() * 1000) + HOLD_MS
            request = till.HoldRequest(order=order, until_ms=until_ms)
            planned = Planned("Hold", request, member, key_of(order.receipt))
            self._fill(request.order, member, spends)
        elif self.rng.randrange(100) < QUOTED_PERCENT:
            request = till.QuoteRequest(store=self.store, business_day=self._receipt().business_day)
            request.lines.extend(lines)
            planned = Planned("Quote", request, member)
            self._fill(request, member, spends)
        else:
            receipt = self._receipt()
            request = till.ConfirmRequest(receipt=receipt, lines=lines)
            planned = Planned("Confirm", request, member, key_of(receipt))
            self._fill(request, member, spends)
        return planned

    def _fill(self, request: Any, member: int, spends: bool) -> None:
        """Who buys, the coupon that he has, and points if he likes."""
        request.member.member_id = member
        codes = self.coupons.get(member, [])
        if codes and sum(line.amount_minor for line in request.lines) >= COUPON_LEAST_MINOR:
            request.coupons.append(codes.pop())
        if spends:
            unit = self.catalogue.spend_unit_points
            request.spend.points = self.rng.choice(POINTS) // unit * unit
            request.spend.mode = common.SPEND_MODE_UP_TO

    def _basket(self) -> list[common.Line]:
        """Different articles, of cheap ones several."""
        goods = self.rng.sample(self.catalogue.goods, min(self.rng.choice(LINES), len(self.catalogue.goods)))
        lines = [self._line(article) for article in goods]
        for article in self.catalogue.others:
            is_delivery = article.line.kind == common.LINE_KIND_DELIVERY
            wanted = self.place.is_web if is_delivery else self.rng.randrange(100) < OTHERS_PERCENT
            if wanted:
                lines.append(self._line(article))
        return lines

    def _line(self, article: Article) -> common.Line:
        cheap = article.price_minor < PIECES_OF_MINOR and article.line.kind == common.LINE_KIND_GOODS
        pieces = self.rng.choice(PIECES) if cheap else 1
        line = common.Line()
        line.CopyFrom(article.line)
        line.quantity_milli, line.amount_minor = pieces * 1000, pieces * article.price_minor
        return line

    def _late(self, member: int, days: int) -> Planned:
        sold_ms = int(time() * 1000) - days * DAY_MS + LATE_ROOM_MS
        sold = datetime.fromtimestamp(sold_ms / 1000, self.catalogue.zone)
        receipt = self._receipt()
        receipt.business_day = _day(sold)
        request = till.ConfirmRequest(receipt=receipt, lines=self._basket(), offline=True)
        request.member.member_id, request.sold_ms = member, sold_ms
        return Planned("Confirm", request, member, key_of(receipt))

    def _use_service(self) -> Planned:
        member, service = self.services.popleft()
        use = self._receipt()
        request = till.UseServiceRequest(use=use, service=service, times=1)
        request.member.member_id = member
        return Planned("UseService", request, member, key_of(use))

    def _void(self) -> Planned:
        member, receipt = self.voidable.popleft()
        request = till.VoidReceiptRequest(receipt=receipt, reason="wrong customer")
        return Planned("VoidReceipt", request, member, key_of(receipt))

    def _today(self) -> int:
        return _day(datetime.now(self.catalogue.zone))


def _day(at: datetime) -> int:
    return at.year * 10_000 + at.month * 100 + at.day
