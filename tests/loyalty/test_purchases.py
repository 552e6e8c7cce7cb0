"""Purchases in every circumstance: tiers, channels, ceilings, tenders, wallets, late and blocked ones."""

from typing import Any

import pytest

from loyalty import commands as cmd
from loyalty.commands import (
    Currency,
    LineKind,
    SpendMode,
    Tender,
    TenderKind,
    Tier,
    Wallet,
    WalletKind,
    Worth,
)
from loyalty.commands.conditions import AttributeType, OneOf
from loyalty.commands.policies import Policies, SameReceipt
from loyalty.commands.promotions import GiveService, PercentOff, PointsFixed, PointsPer, When
from loyalty.outcomes import Balance, Code, ConfirmDone, DefineDone, QuoteDone, Rejected
from tests.loyalty.desk import WHY, adjust, change, publish
from tests.loyalty.kit import DAY_MS, NOON, PHONE, TODAY, Shop, expect, goods, purchase, receipt
from tests.loyalty.ledger import check

ANN = "p" + PHONE
HOUR_MS = 3_600_000
MIDNIGHT = NOON + 12 * HOUR_MS


def club(**changes: Any) -> Shop:
    """1 point for each 1.00, from the next midnight on; all may be paid with points. Ann has 100."""
    shop = Shop()
    plain = {"welcome_points": 0, "earn_points": 1, "earn_per_minor": 100}
    limits = {"line_limit_basis_points": 10_000, "receipt_limit_basis_points": 10_000}
    expect(shop.define(**(plain | limits | changes)), DefineDone)
    shop.enrol()
    adjust(shop, ANN, 100)
    return shop


def code_of(outcome: object) -> Code | None:
    return outcome.code if isinstance(outcome, Rejected) else None


TIERS = (Tier("blue", 0, 10_000), Tier("silver", 100_00, 15_000), Tier("gold", 500_00, 20_000))
RATES = [  # bought before, points for 50.00 now
    (0, 50),
    (99_99, 50),
    (100_00, 75),  # silver: times 1.5
    (499_99, 75),
    (500_00, 100),  # gold: times 2
]


@pytest.mark.parametrize(("before_minor", "points"), RATES)
def test_a_tier_multiplies_the_regular_points(before_minor: int, points: int) -> None:
    """From the purchase after the one that reached it; the boundary is in the higher tier."""
    shop = club(tiers=TIERS)
    shop.buy(ANN, goods(before_minor), number=1)
    assert shop.buy(ANN, goods(50_00), number=2).bill.earned_points == points
    check(shop)


def test_a_return_takes_the_tier_back_that_the_goods_reached() -> None:
    """And what was earned meanwhile stays as it was earned."""
    shop = club(tiers=TIERS)
    shop.buy(ANN, goods(100_00, 2000), number=1)
    shop.give_back(1, (1, 1))
    assert shop.buy(ANN, goods(50_00), number=2).bill.earned_points == 50
    check(shop)


BEGINS = [  # policy, the store's channel, when points begin: milliseconds from noon
    (SameReceipt.AFTER_DAYS, "shop", 12 * HOUR_MS),  # the next midnight
    (SameReceipt.AFTER_DAYS, "web", 12 * HOUR_MS + 13 * DAY_MS),
    (SameReceipt.AFTER_DAYS, "kiosk", 0),  # no delay there
    (SameReceipt.AT_ONCE, "shop", 0),
    (SameReceipt.AT_ONCE, "web", 0),
]


@pytest.mark.parametrize(("policy", "channel", "begins_ms"), BEGINS)
def test_when_points_begin_depends_on_the_channel(policy: SameReceipt, channel: str, begins_ms: int) -> None:
    """One day by default, 14 for the web, none at a kiosk; at once at once everywhere."""
    delays = (("kiosk", 0), ("web", 14))
    shop = club(channel_delays=delays, policies=Policies(same_receipt=policy))
    shop.run(cmd.DefineStore(17, "store", ((0, 0),), channel=channel))
    (earning,) = shop.buy(ANN, goods(50_00)).bill.earnings
    assert earning.lot is not None
    assert earning.lot.active_from_ms == NOON + begins_ms


CEILINGS = [  # most on a receipt, most on a day, points of three purchases for 60.00, the last a day later
    (0, 0, [60, 60, 60]),
    (50, 0, [50, 50, 50]),
    (0, 100, [60, 40, 60]),
    (0, 60, [60, 0, 60]),
    (50, 70, [50, 20, 50]),
]


@pytest.mark.parametrize(("receipt_max", "day_max", "earned"), CEILINGS)
def test_points_of_a_receipt_and_of_a_day_have_ceilings(
    receipt_max: int, day_max: int, earned: list[int]
) -> None:
    """What is above is not earned; lines and lots sum to what is."""
    shop = club(receipt_max_points=receipt_max, member_day_max_points=day_max)
    found = []
    for number, days in ((1, 0), (2, 0), (3, 1)):
        shop.pass_days(days)
        found.append(shop.buy(ANN, goods(20_00), goods(40_00), number=number, day=TODAY + days).bill)
    assert [bill.earned_points for bill in found] == earned
    assert [sum(line.earned_points for line in bill.lines) for bill in found] == earned
    check(shop)


def test_ceilings_hold_for_promotions_too_but_not_for_other_wallets() -> None:
    """60 regular points and 30 of a promotion under a ceiling of 70; wallet 1 has none."""
    shop = club(receipt_max_points=70, wallets=(Wallet(1, "club", WalletKind.BONUS, 0, 1),))
    publish(shop, 1, PointsFixed(0, 30))
    publish(shop, 2, PointsFixed(1, 500))
    bill = shop.buy(ANN, goods(60_00)).bill
    assert [(one.wallet, one.points) for one in bill.earnings] == [(0, 70), (1, 500)]
    check(shop)


LATE = [  # days from today on which it was sold, in the order of booking; points for 60.00 each, 100 a day
    ([0, 0], [60, 40]),
    ([-1, 0, -1], [60, 60, 40]),  # a late receipt finds what was earned on its own day
    ([0, -1, -1, 0], [60, 60, 40, 40]),
]


@pytest.mark.parametrize(("days", "earned"), LATE)
def test_the_ceiling_of_a_day_holds_for_late_receipts_of_it(days: list[int], earned: list[int]) -> None:
    """In whatever order they come."""
    shop = club(member_day_max_points=100)
    found = []
    for number, day in enumerate(days, 1):
        sold_ms = NOON + day * DAY_MS
        found.append(shop.buy(ANN, goods(60_00), number=number, sold_ms=sold_ms, day=TODAY + day).bill)
    assert [bill.earned_points for bill in found] == earned


PAID = [  # tenders of a purchase for 10.00 of which 60 points pay a part, whether they are taken
    ([], True),  # the till does not tell
    ([(TenderKind.CARD, 940)], True),
    ([(TenderKind.CASH, 1000), (TenderKind.CASH, -60)], False),  # nothing below 0: the change is not told
    ([(TenderKind.GIFT_CARD, 900), (TenderKind.OTHER, 40)], True),
    ([(TenderKind.CARD, 939)], False),
    ([(TenderKind.CARD, 941)], False),
    ([(TenderKind.CARD, 1000)], False),  # points are no tender
]


@pytest.mark.parametrize(("paid", "taken"), PAID)
def test_tenders_sum_to_what_is_to_be_paid(paid: list[tuple[TenderKind, int]], taken: bool) -> None:
    """To the cent, and how it was paid changes nothing that is earned."""
    shop = club()
    tenders = tuple(Tender(kind, minor) for kind, minor in paid)
    answer = shop.run(purchase(ANN, goods(1000), spend=60, tenders=tenders))
    assert code_of(answer) is (None if taken else Code.TENDERS_WRONG)
    assert not isinstance(answer, ConfirmDone) or answer.bill.earned_points == 9


ATTRIBUTES = [  # of a line, whether the programme can read them
    ((), True),
    ((("brand", "Nordkap"), ("size", 42)), True),
    ((("unheard-of", "x"),), True),  # what nobody declared nobody looks at
    ((("brand", 7),), False),  # a text is declared
    ((("size", "42"),), False),  # a number is
    ((("size", 42), ("brand", "Nordkap")), False),  # not in order
    ((("brand", "Nordkap"), ("brand", "Nordkap")), False),
    ((("", "x"),), False),
]


@pytest.mark.parametrize(("attributes", "taken"), ATTRIBUTES)
def test_attributes_of_lines(attributes: cmd.Attributes, taken: bool) -> None:
    """The answer names line and attribute."""
    shop = club(attributes=(("brand", AttributeType.TEXT), ("size", AttributeType.NUMBER)))
    line = cmd.Line("ski", 1000, 1000, LineKind.GOODS, attributes=attributes)
    answer = shop.run(purchase(ANN, goods(1), line))
    assert code_of(answer) is (None if taken else Code.ATTRIBUTE_INVALID)
    assert not isinstance(answer, Rejected) or answer.field.startswith("lines[2].attributes")


def platform() -> Shop:
    """Partners 1 and 2 with stores 17 and 18, the latter in crowns too at 19; wallet 1 is partner 2's."""
    shop = club(
        currencies=(Currency("CZK", 2, 1, 2500, 1, 25),),
        wallets=(Wallet(1, "Nordkap", WalletKind.PARTNER, 2, 1), Wallet(2, "club", WalletKind.BONUS, 0, 1)),
        worths=(
            Worth(1, "", 1, 1),
            Worth(1, "CZK", 25, 1),
            Worth(2, "", 2, 1, NOON - DAY_MS, NOON + DAY_MS),
        ),
    )
    for partner in (1, 2):
        shop.run(cmd.DefinePartner(partner, f"partner {partner}"))
    for store, partner, currency in ((17, 1, ""), (18, 2, ""), (19, 2, "CZK")):
        shop.run(cmd.DefineStore(store, "store", ((0, 0),), partner, currency=currency))
    for wallet in (1, 2):
        adjust(shop, ANN, 100, wallet=wallet, partner=wallet)
    return shop


ACCEPTED = [  # store, wallet, hours later, what 10 points pay, or why not
    (17, 0, 0, 10),
    (18, 0, 0, 10),
    (17, 1, 0, Code.WALLET_NOT_HERE),  # points of partner 2 at partner 1
    (18, 1, 0, 10),
    (19, 1, 0, 250),  # in crowns
    (19, 0, 0, Code.WALLET_NOT_HERE),  # bonus points have no worth in crowns
    (17, 2, 0, 20),
    (17, 2, 23, 20),
    (17, 2, 24, Code.WALLET_NOT_HERE),  # the worth ends to the millisecond
    (17, 3, 0, Code.WALLET_UNKNOWN),
    (17, -1, 0, Code.WALLET_UNKNOWN),
]


@pytest.mark.parametrize(("store", "wallet", "hours", "paid"), ACCEPTED)
def test_which_points_pay_where(store: int, wallet: int, hours: int, paid: int | Code) -> None:
    """A partner's at his stores only, each where it is worth something; a quote says the same."""
    shop = platform()
    shop.now_ms += hours * HOUR_MS
    day = TODAY + hours // 24
    answer = shop.run(purchase(ANN, goods(10_000), spend=10, store=store, wallet=wallet, day=day))
    asked = shop.ask(cmd.Quote(1, ANN, store, day, (goods(10_000),), 10, SpendMode.EXACTLY, wallet))
    assert code_of(answer) is code_of(asked)
    assert (answer.bill.spent_minor if isinstance(answer, ConfirmDone) else code_of(answer)) == paid
    check(shop)


@pytest.mark.parametrize(("spend", "code"), [(0, None), (10, Code.MEMBER_BLOCKED)])
def test_a_blocked_member_earns_and_returns_but_does_not_spend(spend: int, code: Code | None) -> None:
    """And when he is blocked no more, he spends again."""
    shop = club()
    shop.run(change(ANN, status=cmd.Status.BLOCKED))
    assert code_of(shop.run(purchase(ANN, number=1, spend=spend))) is code
    asked = shop.ask(cmd.Quote(1, ANN, 17, 0, (goods(10_000),), spend, SpendMode(2 if spend else 0)))
    assert code_of(asked) is code
    assert not isinstance(asked, QuoteDone) or asked.most_points == 0
    if not spend:
        assert shop.give_back(1, (1, 1000)).returned.points_taken == 100
    shop.run(change(ANN, status=cmd.Status.ACTIVE))
    assert code_of(shop.run(purchase(ANN, number=2, spend=10))) is None
    check(shop)


def test_a_blocked_member_uses_no_services() -> None:
    """They wait for him."""
    shop = club()
    publish(shop, 1, GiveService("tune-up", 1, 365))
    shop.buy(ANN, number=1)
    use = cmd.UseService(receipt(2), ANN, "tune-up", 1)
    shop.run(change(ANN, status=cmd.Status.BLOCKED))
    assert code_of(shop.run(use)) is Code.MEMBER_BLOCKED
    shop.run(change(ANN, status=cmd.Status.ACTIVE))
    assert code_of(shop.run(use)) is None


YESTERDAY = NOON - DAY_MS
SALE = When(YESTERDAY, NOON)  # it ended at noon today
SOLD = [  # milliseconds from now, whether the promotion of yesterday applies
    (-DAY_MS - 1, False),
    (-DAY_MS, True),
    (-1, True),
    (0, False),
]


@pytest.mark.parametrize(("sold_ms", "applies"), SOLD)
def test_the_time_of_sale_decides_about_promotions(sold_ms: int, applies: bool) -> None:
    """Not when the receipt came."""
    shop = club()
    publish(shop, 1, PercentOff(1000), when=SALE)
    day = TODAY + (sold_ms - 12 * HOUR_MS) // DAY_MS + 1
    bill = shop.buy(ANN, sold_ms=NOON + sold_ms, day=day).bill
    assert bill.discount_minor == (1000 if applies else 0)


def quoted(shop: Shop) -> bytes:
    return expect(
        shop.ask(cmd.Quote(1, ANN, 17, 0, (goods(10_000),), 0, SpendMode.NONE)), QuoteDone
    ).quote_digest


def nothing(_: Shop) -> None:
    """Nothing happens between quote and confirm."""


BETWEEN = [  # what happens between quote and confirm, whether the quote holds
    (nothing, True),
    (lambda shop: publish(shop, 1, PercentOff(1000)), False),
    (lambda shop: publish(shop, 1, PercentOff(1000), lines=OneOf("sku", ("wax",))), True),  # not about this
    (lambda shop: publish(shop, 1, PointsPer(0, 1, 100)), False),
    (lambda shop: shop.define(earn_points=2), False),
    (lambda shop: adjust(shop, ANN, 5), True),  # nothing of it is spent
]


@pytest.mark.parametrize(("between", "holds"), BETWEEN)
def test_a_quote_holds_as_long_as_its_result_does(between: Any, holds: bool) -> None:
    """A promotion that begins between them changes it, if it concerns the basket; the new quote is told."""
    shop = club()
    digest = quoted(shop)
    between(shop)
    pairs = dict(shop.state.pairs)
    answer = shop.run(purchase(ANN, digest=digest))
    if holds:
        expect(answer, ConfirmDone)
        return
    assert code_of(answer) is Code.QUOTE_CHANGED
    assert shop.state.pairs == pairs
    told = expect(answer, Rejected).new_quote
    assert told is not None
    assert told.quote_digest == quoted(shop)
    booked = expect(shop.run(purchase(ANN, digest=told.quote_digest)), ConfirmDone)
    assert booked.bill == told.bill


def test_a_quote_names_the_version_of_what_was_applied() -> None:
    """Published again with the same words: what a customer was told is told anew."""
    shop = club()
    publish(shop, 1, PercentOff(1000))
    digest = quoted(shop)
    publish(shop, 1, PercentOff(1000))
    assert code_of(shop.run(purchase(ANN, digest=digest))) is Code.QUOTE_CHANGED


def test_an_accepted_change_is_booked() -> None:
    """The till said that the customer takes what is right now."""
    shop = club()
    digest = quoted(shop)
    publish(shop, 1, PercentOff(1000))
    done = expect(shop.run(purchase(ANN, digest=digest, accept=True)), ConfirmDone)
    assert (done.bill.discount_minor, done.balance) == (1000, Balance(100, 100, 90, 0))
    assert shop.run(cmd.VoidReceipt(done.receipt, WHY))
