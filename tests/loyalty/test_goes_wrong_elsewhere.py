"""What commonly goes wrong in loyalty programmes, one test for each, in the words of those it happens to."""

from typing import Any

import pytest

from loyalty import commands as cmd
from loyalty.commands import LineKind, SpendMode, Tender, TenderKind
from loyalty.commands.conditions import OneOf
from loyalty.commands.promotions import (
    AmountOff,
    Audience,
    BuyGet,
    Caps,
    PercentOff,
    PointsFixed,
    PointsTimes,
    Scope,
)
from loyalty.outcomes import Balance, Code, ConfirmDone, Rejected
from tests.loyalty.desk import adjust, merged, person, publish
from tests.loyalty.kit import NOON, PHONE, Shop, expect, goods, lots_of, purchase, receipt
from tests.loyalty.ledger import check

ANN, BEN = "p" + PHONE, "c2000-1"
HOUR_MS = 3_600_000
EVERYTHING = {"line_limit_basis_points": 10_000, "receipt_limit_basis_points": 10_000}
NOTHING = Balance(0, 0, 0, 0)


def club(**changes: Any) -> Shop:
    """1 point for each 1.00, spendable at once, a point is worth 0.01; all may be paid with points."""
    shop = Shop()
    plain = {"welcome_points": 0, "earn_points": 1, "earn_per_minor": 100, "earn_delay_days": 0}
    shop.define(**(plain | EVERYTHING | changes))
    shop.enrol()
    person(shop, "", "2000-1")
    return shop


def test_earned_points_are_not_kept_after_a_refund() -> None:
    """Bought, earned, brought back; also if they were spent in between: then they are owed."""
    shop = club()
    shop.buy(ANN, goods(100_00), number=1)
    shop.give_back(1, (1, 1000))
    assert shop.balance(ANN) == NOTHING
    shop.buy(ANN, goods(100_00), number=2)
    shop.buy(ANN, goods(1_00), number=3, spend=100)
    shop.give_back(2, (1, 1000))
    assert shop.balance(ANN) == Balance(0, 0, 0, 100)
    check(shop)


def test_spent_points_come_back_once() -> None:
    """With the goods that they paid for, into their own lots; the same return again gives nothing more."""
    shop = club()
    adjust(shop, ANN, 50, until_ms=NOON + HOUR_MS)
    adjust(shop, ANN, 50)
    shop.buy(ANN, goods(80, 2000), number=1, spend=80)
    ends = []
    for number in (11, 12, 12, 11):
        shop.give_back(1, (1, 1000), number=number)
        ends.append([lot.points for lot, _ in lots_of(shop.state, shop.enrol_id)])
    assert ends == [[10, 50], [50, 50], [50, 50], [50, 50]]
    over = shop.run(cmd.ReturnLines(receipt(13), receipt(1), (cmd.ReturnLine(1, 1),)))
    assert expect(over, Rejected).code is Code.RETURN_OVER_BOUGHT
    check(shop)


def test_a_discount_does_not_slide_onto_the_lines_that_stay() -> None:
    """10.00 off over three lines, one comes back: its own part of the discount goes with it."""
    shop = club()
    publish(shop, 1, AmountOff(1000), scope=Scope.RECEIPT)
    bill = shop.buy(ANN, goods(50_00), goods(30_00), goods(20_00), number=1).bill
    assert [line.discount_minor for line in bill.lines] == [500, 300, 200]
    refunds = [shop.give_back(1, (line, 1000)).returned.refund_minor for line in (1, 3, 2)]
    assert refunds == [45_00, 18_00, 27_00]
    assert sum(refunds) == bill.paid_minor == 90_00


def test_a_retry_or_an_offline_upload_does_not_double_points() -> None:
    """The till got no answer and sends again; hours later its outbox sends it once more, marked offline."""
    shop = club()
    bought = purchase(ANN, goods(100_00), sold_ms=NOON)
    shop.run(bought)
    for hours in (0, 1, 24 * 20):
        shop.now_ms += hours * HOUR_MS
        again = purchase(ANN, goods(100_00), sold_ms=NOON, offline=hours > 1)
        assert expect(shop.run(again), ConfirmDone).repeated
    assert shop.balance(ANN).active_points == 100
    check(shop)


def test_two_tills_do_not_use_one_coupon_or_one_budget() -> None:
    """The second gets a definite answer: no coupon; and what is left of the budget."""
    shop = club()
    publish(shop, 1, PercentOff(1000), who=Audience(coupon=True), caps=Caps(budget_minor=1500))
    for code in ("FIRST", "SECOND"):
        shop.run(cmd.IssueCoupon(code, 1, 1, 0, 0, None))
    won = expect(shop.run(purchase(ANN, number=1, coupons=("FIRST",))), ConfirmDone)
    lost = expect(shop.run(purchase(BEN, number=2, coupons=("FIRST",))), Rejected)
    rest = expect(shop.run(purchase(BEN, number=3, coupons=("SECOND",))), ConfirmDone)
    assert (won.bill.discount_minor, lost.code, rest.bill.discount_minor) == (1000, Code.COUPON_USED, 500)
    check(shop)


@pytest.mark.parametrize("off_minor", [1, 2, 100, 999, 1000])
@pytest.mark.parametrize("lines", [(333, 333, 333), (1, 1, 998), (7, 0, 993), (1000,)])
def test_distributed_cents_sum_to_the_discount(off_minor: int, lines: tuple[int, ...]) -> None:
    """Whatever the amounts. (Where points are earned, 0.01 off may be worth less than the point it costs.)"""
    shop = club(earn_points=0)
    publish(shop, 1, AmountOff(off_minor), scope=Scope.RECEIPT)
    bill = shop.buy(ANN, *[goods(minor) for minor in lines]).bill
    assert (
        sum(line.discount_minor for line in bill.lines) == bill.discount_minor == min(off_minor, sum(lines))
    )


@pytest.mark.parametrize("scope", list(Scope))
def test_100_per_cent_off_leaves_nothing(scope: Scope) -> None:
    """Not 0.01 on some line."""
    shop = club()
    publish(shop, 1, PercentOff(10_000), scope=scope)
    bill = shop.buy(ANN, goods(333, 3000), goods(1, 7), goods(99_999, 1)).bill
    assert (bill.paid_minor, [line.paid_minor for line in bill.lines]) == (0, [0, 0, 0])


PIECES = [  # pieces of socks at 5.00 and of hats at 3.00, what is off: buy two, get the cheapest third free
    ((2, 0), 0),
    ((3, 0), 500),
    ((6, 0), 1000),  # twice, not once
    ((7, 0), 1000),
    ((2, 1), 300),  # of the three the hat is the cheapest
    ((0, 9), 900),
]


@pytest.mark.parametrize(("pieces", "off_minor"), PIECES)
def test_buy_two_get_one_free_is_applied_as_often_as_it_fits(pieces: tuple[int, int], off_minor: int) -> None:
    """Each time, and to the right piece; wine is not among what it is about."""
    shop = club()
    publish(shop, 1, BuyGet(2, 1, None), lines=OneOf("sku", ("socks", "hat")))
    socks, hats = pieces
    lines = [goods(500 * socks, 1000 * socks, "socks")] if socks else []
    lines += [goods(300 * hats, 1000 * hats, "hat")] if hats else []
    bill = shop.buy(ANN, goods(100, 1000, "wine"), *lines).bill
    assert bill.discount_minor == off_minor
    assert bill.lines[0].discount_minor == 0
    if hats == 1:
        assert bill.lines[2].discount_minor == 300


def test_balance_and_spending_look_at_the_same_lots() -> None:
    """What the balance says can be spent, to the point, at every moment; one more cannot."""
    shop = club()
    adjust(shop, ANN, 10, until_ms=NOON + HOUR_MS)
    adjust(shop, ANN, 20, from_ms=NOON + HOUR_MS)
    adjust(shop, ANN, 40, from_ms=NOON + 2 * HOUR_MS, until_ms=NOON + 3 * HOUR_MS)
    told = []
    for at_ms in (0, HOUR_MS - 1, HOUR_MS, 2 * HOUR_MS - 1, 2 * HOUR_MS, 3 * HOUR_MS - 1, 3 * HOUR_MS):
        one = Shop(shop.state.copy(), NOON + at_ms, shop.seq)
        points = one.balance(ANN).spendable_points
        told.append(points)
        over = one.run(purchase(ANN, spend=points + 1, number=1))
        assert expect(over, Rejected).code is Code.BALANCE_TOO_LOW
        one.buy(ANN, spend=points, number=1)
        assert one.balance(ANN).spendable_points == 0 + one.balance(ANN).active_points
    assert told == [10, 10, 20, 20, 60, 60, 20]


def test_limits_hold_for_automatic_promotions_too() -> None:
    """Nobody showed a coupon, nobody asked: once a member, twice in all."""
    shop = club()
    person(shop, "", "3000-1")
    publish(shop, 1, PercentOff(1000), caps=Caps(member_times=1, total_times=2))
    who = [ANN, ANN, BEN, "c3000-1"]
    found = [shop.buy(member, number=number).bill.discount_minor for number, member in enumerate(who, 1)]
    assert found == [1000, 0, 1000, 0]


def test_gift_cards_and_wallets_as_payment_do_not_lower_what_is_earned() -> None:
    """However it is paid, but with points; a gift card that is sold earns nothing."""
    shop = club()
    earned = []
    for number, kind in enumerate(TenderKind, 1):
        paid = (Tender(kind, 100_00),)
        bill = expect(shop.run(purchase(ANN, goods(100_00), number=number, tenders=paid)), ConfirmDone).bill
        earned.append(bill.earned_points)
    assert earned == [100] * len(TenderKind)
    sold = cmd.Line("card", 1000, 100_00, LineKind.GIFT_CARD)
    assert shop.buy(ANN, goods(50_00), sold, number=9).bill.earned_points == 50
    assert shop.buy(ANN, goods(50_00), number=10, spend=450).bill.earned_points == 45


def test_voided_receipts_do_not_earn() -> None:
    """Nor do they keep what they earned, double points and gifts of points included."""
    shop = club()
    publish(shop, 1, PointsTimes(20_000))
    publish(shop, 2, PointsFixed(0, 7))
    assert shop.buy(ANN, goods(100_00), number=1).balance.active_points == 207
    shop.run(cmd.VoidReceipt(receipt(1), "typed wrong"))
    assert shop.balance(ANN) == NOTHING
    check(shop)


def test_merged_persons_lose_no_points() -> None:
    """Lots, points to come, debts; and goods bought before the merge still come back."""
    shop = club()
    shop.buy(ANN, goods(100_00), number=1)
    shop.buy(BEN, goods(30_00), number=2)
    shop.buy(BEN, goods(20), number=3, spend=20)
    adjust(shop, BEN, 5, from_ms=NOON + HOUR_MS)
    merged(shop, BEN, ANN)
    assert shop.balance(ANN) == shop.balance(BEN) == Balance(110, 110, 5, 0)
    shop.give_back(3, (1, 1000))
    shop.give_back(2, (1, 1000))
    assert shop.balance(ANN) == Balance(100, 100, 5, 0)
    check(shop)


def cost(shop: Shop, number: int) -> tuple[int, int]:
    """Reads and scanned pairs of one purchase with spending."""
    before = shop.state.reads, shop.state.scanned
    expect(shop.run(purchase(ANN, goods(100_00), number=number, spend=100)), ConfirmDone)
    return shop.state.reads - before[0], shop.state.scanned - before[1]


def test_40_000_cards_of_members_do_not_make_the_till_slow() -> None:
    """The same reads whoever else is there: counted, not timed."""
    few, many = club(), club()
    for number in range(40_000):
        many.run(cmd.Enrol("", (f"X-{number}",), 0))
    assert many.seq > 40_000
    for shop in (few, many):
        adjust(shop, ANN, 1000)
    assert cost(few, 1) == cost(many, 1) <= (12, 4)


def test_300_promotions_that_do_not_fit_do_not_make_the_till_slow() -> None:
    """Once they are indexed, none of them is read; each purchase reads as with one of them."""
    costs = []
    for count in (1, 300):
        shop = club()
        for number in range(1, count + 1):
            publish(shop, number, PercentOff(1000), lines=OneOf("sku", (f"other-{number}",)))
        adjust(shop, ANN, 1000)
        shop.buy(ANN, number=1)
        costs.append(cost(shop, 2))
    assert costs[0] == costs[1] <= (12, 4)


def test_points_are_spent_as_far_as_they_go() -> None:
    """The customer wants to use all: what is left is paid, and nothing is below zero."""
    shop = club()
    adjust(shop, ANN, 30)
    bill = shop.buy(ANN, goods(100), spend=10**6, mode=SpendMode.UP_TO).bill
    assert (bill.spent_points, bill.paid_minor) == (30, 70)
