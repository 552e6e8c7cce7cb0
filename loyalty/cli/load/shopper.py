"""What one till does all day: purchases with and without points, returns, a look at a balance.

Seeded, so a run can be repeated. Receipt numbers start where no other run has been.
"""

import random
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from loyalty.client.answers import Answer, Done
from loyalty.client.history import ReceiptKey
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till

RETURNABLE_MAX: Final = 50  # receipts remembered per till
NUMBERS_PER_RUN: Final = 10_000_000
SKUS: Final = ("shoes", "socks", "bottle", "tent", "bike-tube")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """What share of the calls is what; the rest are purchases without points.

    Raises:
        ValueError: the shares are negative or more than everything.
    """

    spending_percent: int = 20
    returns_percent: int = 5
    balances_percent: int = 15

    def __post_init__(self) -> None:
        shares = (self.spending_percent, self.returns_percent, self.balances_percent)
        if min(shares) < 0 or sum(shares) > 100:
            raise ValueError(f"mix: shares {shares} must each be 0 or more and 100 together at most")


@dataclass(frozen=True, slots=True)
class Planned:
    """A call to make: the request without its id and times."""

    method: str
    request: Any
    member: int
    receipt: ReceiptKey | None = None


class Shopper:
    """One till, its members and its receipts."""

    def __init__(self, terminal: int, store: int, run: int, mix: Mix, seed: int) -> None:
        """`run` is a number that no other run on this pair uses."""
        self.terminal = terminal
        self.store = store
        self.mix = mix
        self.rng = random.Random(seed * 1_000_003 + terminal)
        self.members: list[int] = []
        self.number = run * NUMBERS_PER_RUN
        self.returnable: deque[tuple[int, till.ConfirmRequest]] = deque(maxlen=RETURNABLE_MAX)

    def enrolment(self, phone: str) -> till.EnrolRequest:
        """To make a member."""
        return till.EnrolRequest(phone=phone, store=self.store)

    def past(self, member: int) -> list[Planned]:
        """What is to be booked of a new member before the load begins."""
        return []

    def next(self) -> Planned:
        """The next call, by chance. Needs at least one member."""
        member = self.rng.choice(self.members)
        dice = self.rng.randrange(100)
        if dice < self.mix.balances_percent:
            request = till.GetBalanceRequest(member=common.MemberRef(member_id=member))
            return Planned("GetBalance", request, member)
        dice -= self.mix.balances_percent
        if dice < self.mix.returns_percent and self.returnable:
            return self._return()
        dice -= self.mix.returns_percent
        return self._purchase(member, spends=0 <= dice < self.mix.spending_percent)

    def purchase(self) -> Planned:
        """A purchase without points, for measurements."""
        return self._purchase(self.rng.choice(self.members), spends=False)

    def learn(self, planned: Planned, answer: Answer[Any]) -> None:
        """Remember a purchase that was booked: it can come back."""
        if planned.method == "Confirm" and isinstance(answer, Done):
            self.returnable.append((planned.member, planned.request))

    def _purchase(self, member: int, spends: bool) -> Planned:
        receipt = self._receipt()
        request = till.ConfirmRequest(receipt=receipt, member=common.MemberRef(member_id=member))
        for _ in range(self.rng.randint(1, 3)):
            request.lines.add(
                sku=self.rng.choice(SKUS),
                quantity_milli=1000 * self.rng.randint(1, 3),
                amount_minor=self.rng.randint(100, 20_000),
                kind=common.LINE_KIND_GOODS,
            )
        if spends:
            request.spend.points = self.rng.randint(1, 500)
            request.spend.mode = common.SPEND_MODE_UP_TO
        return Planned("Confirm", request, member, key_of(receipt))

    def _return(self) -> Planned:
        """One line of an earlier receipt, whole; each receipt comes back at most once here."""
        member, bought = self.returnable.popleft()
        receipt = self._receipt()
        request = till.ReturnLinesRequest(return_receipt=receipt, receipt=bought.receipt)
        line = self.rng.randrange(len(bought.lines))
        request.lines.add(line=line + 1, quantity_milli=bought.lines[line].quantity_milli)
        return Planned("ReturnLines", request, member, key_of(receipt))

    def _receipt(self) -> common.ReceiptId:
        self.number += 1
        return common.ReceiptId(
            store=self.store, terminal=self.terminal, number=self.number, business_day=self._today()
        )

    def _today(self) -> int:
        today = datetime.now(UTC)
        return today.year * 10_000 + today.month * 100 + today.day


def key_of(receipt: common.ReceiptId) -> ReceiptKey:
    """As histories name it."""
    return receipt.store, receipt.terminal, receipt.number, receipt.business_day
