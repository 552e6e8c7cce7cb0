"""Void and correction: on which day, what comes back, what is free again, and when nothing happens at all."""

from typing import Any

import pytest

from loyalty import commands as cmd
from loyalty.commands.conditions import OneOf
from loyalty.commands.promotions import Audience, Caps, GiveCoupon, GiveService, PercentOff
from loyalty.outcomes import Balance, Code, ConfirmDone, CorrectDone, Rejected, VoidDone
from tests.loyalty.desk import WHY, adjust, person, publish
from tests.loyalty.kit import DAY_MS, NOON, PHONE, TODAY, Shop, expect, goods, purchase, receipt
from tests.loyalty.ledger import check
from tests.loyalty.promotions import same_again

ANN, BEN = "p" + PHONE, "c2000-1"
HOUR_MS = 3_600_000
TAIPEI = ((0, 8 * 3600),)  # at noon in UTC it is eight in the evening there
RECEIPT = receipt(1)


def club(**changes: Any) -> Shop:
    """1 point for each 1.00, spendable at once; everything may be paid with points. Ann has 100, Ben none."""
    shop = Shop()
    plain = {"welcome_points": 0, "earn_points": 1, "earn_delay_days": 0, "late_receipt_max_days": 30}
    limits = {"line_limit_basis_points": 10_000, "receipt_limit_basis_points": 10_000}
    shop.define(**(plain | limits | changes))
    shop.enrol()
    person(shop, "", "2000-1")
    adjust(shop, ANN, 100)
    return shop


def void(name: cmd.ReceiptId = RECEIPT, reason: str = WHY) -> cmd.VoidReceipt:
    return cmd.VoidReceipt(name, reason)


def correct(*lines: cmd.Line, member: cmd.Who = ANN, **rest: Any) -> cmd.CorrectReceipt:
    return cmd.CorrectReceipt(purchase(member, *lines, number=1, **rest), WHY)


def code_of(outcome: object) -> Code | None:
    return outcome.code if isinstance(outcome, Rejected) else None


DAYS = [  # zone, hours from the booking at noon in UTC, late by hours, whether it can still be voided
    (((0, 0),), 1, 0, True),
    (((0, 0),), 11, 0, True),
    (((0, 0),), 12, 0, False),  # midnight: another day
    (TAIPEI, 3, 0, True),
    (TAIPEI, 4, 0, False),  # midnight comes earlier there
    (((0, 0),), 11, 48, True),  # a late receipt: on the day on which it was booked
    (((0, 0),), 12, 48, False),
]


@pytest.mark.parametrize(("zone", "hours", "late", "can"), DAYS)
def test_a_receipt_is_voided_or_corrected_on_its_day_at_the_store(
    zone: cmd.Zone, hours: int, late: int, can: bool
) -> None:
    """To the minute before midnight and at midnight."""
    shop = club()
    shop.run(cmd.DefineStore(17, "store", zone))
    day = TODAY - late // 24
    shop.buy(ANN, number=1, sold_ms=NOON - late * HOUR_MS, day=day)
    name = receipt(1, day=day)
    for milli, is_before in ((-1, True), (0, False)):
        one = same_again(shop)
        one.now_ms += hours * HOUR_MS + milli
        before = dict(one.state.pairs)
        answer = one.run(void(name))
        assert code_of(answer) is (None if can or is_before else Code.RECEIPT_OF_ANOTHER_DAY)
        assert isinstance(answer, VoidDone) or one.state.pairs == before
        check(one)


def test_a_voided_receipt_is_as_if_it_had_never_been() -> None:
    """Points spent come back, points earned go; lots, debt and balance are those of before."""
    shop = club()
    before = shop.balance(ANN)
    shop.buy(ANN, goods(5000), number=1, spend=60)
    assert shop.balance(ANN) == Balance(40 + 49, 89, 0, 0)
    undone = expect(shop.run(void()), VoidDone)
    assert (undone.returned.refund_minor, undone.returned.points_back, undone.returned.points_taken) == (
        4940,
        60,
        49,
    )
    assert undone.balance == shop.balance(ANN) == before
    check(shop)


def test_voiding_twice_is_voiding_once() -> None:
    """The second changes not one byte."""
    shop = club()
    shop.buy(ANN, number=1)
    expect(shop.run(void()), VoidDone)
    before = dict(shop.state.pairs)
    assert expect(shop.run(void()), VoidDone).repeated
    assert shop.state.pairs == before


def test_what_was_returned_before_stays_returned() -> None:
    """Half came back, then all is undone: the customer gets the other half, not the whole again."""
    shop = club()
    shop.buy(ANN, goods(5000, 2000), number=1, spend=60)
    shop.give_back(1, (1, 1000))
    undone = expect(shop.run(void()), VoidDone).returned
    assert (undone.refund_minor, undone.points_back, undone.points_taken) == (2470, 30, 25)
    assert shop.balance(ANN) == Balance(100, 100, 0, 0)
    assert (
        code_of(shop.run(cmd.ReturnLines(receipt(9), RECEIPT, (cmd.ReturnLine(1, 1),))))
        is Code.RECEIPT_VOIDED
    )
    check(shop)


def limited() -> Shop:
    """Ten per cent off, once in all, with a coupon, out of a budget of 10.00."""
    shop = club()
    who = Audience(coupon=True)
    publish(shop, 7, PercentOff(1000), who=who, caps=Caps(total_times=1, member_times=1, budget_minor=1000))
    shop.run(cmd.IssueCoupon("SUMMER", 7, 1, 0, 0, None))
    return shop


def with_coupon(number: int, member: cmd.Who = ANN, amount_minor: int = 8000) -> cmd.Confirm:
    return purchase(member, goods(amount_minor), number=number, coupons=("summer",))


def test_voiding_gives_back_coupon_budget_and_limits() -> None:
    """The next one gets what the first had; a return would not have given it back."""
    shop = limited()
    first = expect(shop.run(with_coupon(1)), ConfirmDone)
    assert first.bill.discount_minor == 800
    assert code_of(shop.run(with_coupon(2, BEN))) is Code.COUPON_USED
    returned = same_again(shop)
    returned.give_back(1, (1, 1000))
    assert code_of(returned.run(with_coupon(2, BEN))) is Code.COUPON_USED
    expect(shop.run(void()), VoidDone)
    assert expect(shop.run(with_coupon(2, BEN)), ConfirmDone).bill.discount_minor == 800
    check(shop)


def test_a_correction_uses_the_coupon_and_the_budget_that_it_gave_back() -> None:
    """The only coupon, the only time, a budget of 10.00: 8.00 before, 9.00 after."""
    shop = limited()
    shop.run(with_coupon(1))
    done = expect(shop.run(cmd.CorrectReceipt(with_coupon(1, ANN, 9000), WHY)), CorrectDone)
    assert done.confirmed.bill.discount_minor == 900
    used: Any = shop.ask(cmd.GetPromotion(1, 7, 0))
    assert (used.usage.times, used.usage.minor) == (1, 900)
    coupon: Any = shop.ask(cmd.GetCoupon(1, "SUMMER"))
    assert coupon.used_times == 1
    check(shop)


def test_a_correction_books_the_right_basket_under_the_same_identity() -> None:
    """50.00 for 60.00, spent 60: the difference is the whole, and a return goes by the right one."""
    shop = club()
    shop.buy(ANN, goods(6000), number=1, spend=60)
    done = expect(shop.run(correct(goods(5000), spend=10)), CorrectDone)
    assert (done.voided.refund_minor, done.voided.points_back, done.voided.points_taken) == (5940, 60, 59)
    assert (done.confirmed.bill.paid_minor, done.confirmed.bill.earned_points) == (4990, 49)
    assert shop.balance(ANN) == Balance(90 + 49, 139, 0, 0)
    assert shop.give_back(1, (1, 1000)).returned.refund_minor == 4990
    assert shop.balance(ANN) == Balance(100, 100, 0, 0)
    check(shop)


def test_a_correction_to_another_member() -> None:
    """The card was the wrong one: Ann has what she had, Ben what he bought."""
    shop = club()
    shop.buy(ANN, goods(5000), number=1, spend=60)
    done = expect(shop.run(correct(goods(5000), member=BEN)), CorrectDone)
    assert shop.balance(ANN) == Balance(100, 100, 0, 0)
    assert done.confirmed.balance == shop.balance(BEN) == Balance(50, 50, 0, 0)
    check(shop)


def test_correcting_twice_is_correcting_once() -> None:
    """A receipt that is as it should be already stays as it is, whenever that is said again."""
    shop = club()
    shop.buy(ANN, goods(5000), number=1, spend=60)
    done = expect(shop.run(correct(goods(4000), member=BEN)), CorrectDone)
    before = dict(shop.state.pairs)
    for days in (0, 40):
        shop.pass_days(days)
        again = expect(shop.run(correct(goods(4000), member=BEN)), CorrectDone)
        assert again.confirmed.repeated
        assert again.confirmed.bill == done.confirmed.bill
        assert (again.voided.refund_minor, again.voided.lines) == (0, ())
        assert shop.state.pairs == before


def bought(shop: Shop) -> None:
    shop.buy(ANN, goods(5000), number=1)


def returned(shop: Shop) -> None:
    bought(shop)
    shop.give_back(1, (1, 1))


def undone(shop: Shop) -> None:
    bought(shop)
    shop.run(void())


def a_day_later(shop: Shop) -> None:
    bought(shop)
    shop.pass_days(1)


def nothing(_: Shop) -> None:
    """Nothing stands there."""


def held(shop: Shop) -> None:
    shop.run(cmd.Hold(purchase(ANN, goods(5000), number=1), NOON + DAY_MS))


BEN_SPENDS = correct(goods(100), member=BEN, spend=1)
REFUSED = [  # before, command, why not
    (bought, void(reason=" "), Code.REASON_MISSING),
    (bought, cmd.CorrectReceipt(purchase(ANN), ""), Code.REASON_MISSING),
    (bought, void(receipt(0)), Code.RECEIPT_MALFORMED),
    (nothing, void(), Code.RECEIPT_UNKNOWN),
    (nothing, correct(), Code.RECEIPT_UNKNOWN),
    (held, void(), Code.RECEIPT_UNKNOWN),  # nothing was sold: cancel it
    (held, correct(), Code.RECEIPT_UNKNOWN),
    (bought, correct(goods(-1)), Code.AMOUNT_OUT_OF_RANGE),
    (bought, correct(member="c9999"), Code.MEMBER_UNKNOWN),
    (undone, correct(goods(100)), Code.RECEIPT_VOIDED),
    (a_day_later, void(), Code.RECEIPT_OF_ANOTHER_DAY),
    (a_day_later, correct(goods(100)), Code.RECEIPT_OF_ANOTHER_DAY),
    (returned, correct(goods(100)), Code.RECEIPT_RETURNED),
    (bought, correct(goods(100), sold_ms=NOON + DAY_MS), Code.SOLD_AHEAD),
    (bought, BEN_SPENDS, Code.BALANCE_TOO_LOW),  # after the wrong one was undone: that is undone again
    (bought, correct(goods(100), digest=b"x" * 16), Code.QUOTE_CHANGED),
]


@pytest.mark.parametrize(("before", "command", "code"), REFUSED)
def test_what_is_refused_leaves_all_as_it_was(before: Any, command: cmd.Command, code: Code) -> None:
    """Not one byte: also where the wrong receipt was undone already when the right one could not be."""
    shop = club()
    before(shop)
    pairs = dict(shop.state.pairs)
    assert code_of(shop.run(command)) is code
    assert shop.state.pairs == pairs


def with_gifts() -> Shop:
    """A coupon of promotion 7 and two tune-ups come with skis; Ann buys skis and wax."""
    shop = club()
    publish(shop, 7, PercentOff(1000), who=Audience(coupon=True))
    publish(shop, 8, GiveCoupon(7, 30), lines=OneOf("sku", ("skis",)))
    publish(shop, 9, GiveService("tune-up", 2, 365), lines=OneOf("sku", ("skis",)))
    shop.buy(ANN, goods(1000, sku="wax"), goods(30_000, 2000, "skis"), number=1)
    return shop


def code_given(shop: Shop) -> str:
    answer: Any = shop.ask(cmd.GetReceipt(1, RECEIPT))
    (given,) = answer.booked.bill.coupons
    return str(given.code)


def can_use(shop: Shop) -> bool:
    bought = purchase(ANN, goods(1000), number=99, coupons=(code_given(shop),))
    answer = same_again(shop).run(bought)
    assert isinstance(answer, ConfirmDone) or code_of(answer) in (Code.COUPON_USED, Code.COUPON_ENDED)
    return isinstance(answer, ConfirmDone)


def tune_ups(shop: Shop) -> int:
    answer: Any = shop.ask(cmd.ListLots(1, ANN))
    assert len(answer.coupons) == can_use(shop)
    return sum(one.times for one in answer.services)


def test_coupons_and_services_go_with_a_voided_receipt() -> None:
    """They came with it; what was bought with the coupon meanwhile stays."""
    shop = with_gifts()
    assert (can_use(shop), tune_ups(shop)) == (True, 4)
    expect(shop.run(void()), VoidDone)
    assert (can_use(shop), tune_ups(shop)) == (False, 0)
    check(shop)


def test_a_coupon_goes_with_the_last_of_the_goods_that_it_came_with() -> None:
    """Of two pairs of skis the first takes two tune-ups, the second the other two and the coupon."""
    shop = with_gifts()
    seen = []
    for line, milli in ((1, 1000), (2, 1000), (2, 999), (2, 1)):
        shop.give_back(1, (line, milli))
        seen.append((can_use(shop), tune_ups(shop)))
    assert seen == [(True, 4), (True, 2), (True, 1), (False, 0)]
    check(shop)


def test_a_coupon_that_was_used_stays_used() -> None:
    """Its receipt stands as it was."""
    shop = with_gifts()
    bought = purchase(ANN, goods(1000), number=2, coupons=(code_given(shop),))
    assert expect(shop.run(bought), ConfirmDone).bill.applied
    expect(shop.run(void()), VoidDone)
    assert not can_use(shop)
    expect(shop.run(void(receipt(2))), VoidDone)  # gives the use back, of a coupon that is no more
    assert not can_use(shop)
    check(shop)
