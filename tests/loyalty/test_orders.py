"""Hold, capture, cancel: what is reserved, until when to the millisecond, and what becomes of it."""

from typing import Any

import pytest

from loyalty import commands as cmd
from loyalty.commands import ReceiptId, Shortfall, SpendMode
from loyalty.commands.limits import HOLD_MAX_DAYS, MEMBER_MAX_HOLDS, SOLD_AHEAD_MAX_MS
from loyalty.commands.promotions import Audience, Caps, PercentOff
from loyalty.outcomes import (
    Balance,
    CancelHoldDone,
    Code,
    ConfirmDone,
    HeldOrder,
    HoldDone,
    HoldState,
    Rejected,
    VoidDone,
)
from tests.loyalty.desk import adjust, publish
from tests.loyalty.kit import DAY_MS, NOON, PHONE, Shop, expect, goods, purchase, receipt
from tests.loyalty.ledger import check
from tests.loyalty.promotions import same_again

ANN = "p" + PHONE
HOUR_MS = 3_600_000
UNTIL_MS = NOON + 48 * HOUR_MS
ORDER = receipt(1)


def club(**changes: Any) -> Shop:
    """Everything may be paid with points; 1 point for each 1.00. Ann has 100 points for ever."""
    shop = Shop()
    plain = {"welcome_points": 0, "earn_points": 1, "earn_per_minor": 100, "late_receipt_max_days": 366}
    limits = {"line_limit_basis_points": 10_000, "receipt_limit_basis_points": 10_000}
    shop.define(**(plain | limits | changes))
    shop.enrol()
    adjust(shop, ANN, 100)
    return shop


def hold(shop: Shop, number: int = 1, spend: int = 60, until_ms: int = UNTIL_MS, **rest: Any) -> HoldDone:
    """An order for 10.00 by default, paid with 60 points as far as they go."""
    order = purchase(ANN, goods(1000), number=number, spend=spend, mode=SpendMode.UP_TO, **rest)
    return expect(shop.run(cmd.Hold(order, until_ms)), HoldDone)


def code_of(outcome: object) -> Code | None:
    return outcome.code if isinstance(outcome, Rejected) else None


def state_of(shop: Shop, name: ReceiptId = ORDER) -> HoldState:
    answer: Any = shop.ask(cmd.GetReceipt(1, name))
    return expect(answer.booked, HeldOrder).state


def test_what_is_held_is_in_no_balance_and_pays_for_nothing_else() -> None:
    """Not twice: the rest is what another purchase can spend."""
    shop = club()
    held = hold(shop)
    assert held.bill.spent_points == 60
    assert held.balance == shop.balance(ANN) == Balance(40, 40, 0, 0)
    assert code_of(shop.run(purchase(ANN, goods(1000), number=2, spend=41))) is Code.BALANCE_TOO_LOW
    listed: Any = shop.ask(cmd.ListLots(1, ANN))
    assert [(one.receipt, one.points, one.until_ms) for one in listed.holds] == [(ORDER, 60, UNTIL_MS)]
    check(shop)


ENDS = [  # milliseconds to the hold's end, active points then, its state, what a capture and a cancelling say
    (-1, 40, HoldState.OPEN, None, (60, False)),
    (0, 100, HoldState.ENDED, Code.HOLD_ENDED, (0, True)),
    (1, 100, HoldState.ENDED, Code.HOLD_ENDED, (0, True)),
    (400 * DAY_MS, 100, HoldState.ENDED, Code.HOLD_ENDED, (0, True)),  # nobody looked for a year
]


@pytest.mark.parametrize(("after_ms", "points", "state", "captured", "cancelled"), ENDS)
def test_log_time_ends_a_hold_to_the_millisecond(
    after_ms: int, points: int, state: HoldState, captured: Code | None, cancelled: tuple[int, bool]
) -> None:
    """In balance, question, capture and cancelling alike; no job did it."""
    shop = club()
    hold(shop)
    shop.now_ms = UNTIL_MS + after_ms
    assert shop.balance(ANN).active_points == points
    assert state_of(shop) is state
    assert code_of(same_again(shop).run(cmd.Capture(ORDER, 0))) is captured
    gone = expect(shop.run(cmd.CancelHold(ORDER)), CancelHoldDone)
    assert (gone.points_back, gone.repeated) == cancelled
    assert shop.balance(ANN).active_points == 100
    check(shop)


def test_a_capture_books_what_was_held_and_its_points_count_from_then() -> None:
    """The bill is the hold's, whatever the rules say by now; one point comes a day after the pick-up."""
    shop = club()
    held = hold(shop, spend=0)
    shop.define(earn_points=1000, earn_per_minor=1)
    shop.now_ms += 24 * HOUR_MS
    done = expect(shop.run(cmd.Capture(ORDER, 0)), ConfirmDone)
    assert (done.bill.lines, done.bill.earned_points) == (held.bill.lines, 10)
    (earning,) = done.bill.earnings
    assert earning.lot is not None
    assert (
        earning.lot.active_from_ms == NOON + 36 * HOUR_MS
    )  # midnight after the pick-up, not after the order
    check(shop)


WINDOWS = [  # channel, days of delay, hours from noon until the pick-up, hours until the points begin
    ("shop", 1, 0, 12),
    ("shop", 1, 30, 36),
    ("web", 14, 0, 12 + 13 * 24),
    ("web", 14, 30, 12 + 14 * 24),  # fourteen days after it was picked up
]


@pytest.mark.parametrize(("channel", "days", "hours", "begins"), WINDOWS)
def test_points_of_a_web_order_begin_so_many_days_after_the_pick_up(
    channel: str, days: int, hours: int, begins: int
) -> None:
    """Days of the store, whose own channel decides."""
    shop = club(channel_delays=(("web", 14),))
    shop.run(cmd.DefineStore(17, "store", ((0, 0),), channel=channel))
    hold(shop, spend=0)
    shop.now_ms += hours * HOUR_MS
    done = expect(shop.run(cmd.Capture(ORDER, 0)), ConfirmDone)
    assert done.bill.earnings[0].lot is not None
    assert done.bill.earnings[0].lot.active_from_ms == NOON + begins * HOUR_MS


def captured(shop: Shop) -> None:
    hold(shop)
    expect(shop.run(cmd.Capture(ORDER, 0)), ConfirmDone)


def undone(shop: Shop) -> None:
    captured(shop)
    expect(shop.run(cmd.VoidReceipt(ORDER, "wrong order")), VoidDone)


def cancelled(shop: Shop) -> None:
    hold(shop)
    expect(shop.run(cmd.CancelHold(ORDER)), CancelHoldDone)


def bought(shop: Shop) -> None:
    shop.buy(ANN, goods(1000), number=1, spend=60, mode=SpendMode.UP_TO)


def nothing(shop: Shop) -> None:
    """Nothing stands under the identity."""


R = Code
BEFORE = [  # what stands there, and what is said to: hold again, capture, cancel, confirm
    (nothing, None, R.HOLD_UNKNOWN, R.HOLD_UNKNOWN, None),
    (hold, "repeated", None, None, R.HOLD_OPEN),
    (captured, R.RECEIPT_TAKEN, "repeated", R.HOLD_ENDED, "repeated"),
    (undone, R.RECEIPT_TAKEN, R.RECEIPT_VOIDED, R.HOLD_ENDED, R.RECEIPT_VOIDED),
    (cancelled, R.HOLD_ENDED, R.HOLD_ENDED, "repeated", R.RECEIPT_TAKEN),
    (bought, R.RECEIPT_TAKEN, R.HOLD_UNKNOWN, R.HOLD_UNKNOWN, "repeated"),
]


@pytest.mark.parametrize(("before", "held", "captures", "cancels", "confirms"), BEFORE)
def test_what_can_follow_what(
    before: Any, held: object, captures: object, cancels: object, confirms: object
) -> None:
    """Each question on a shop of its own; what is refused or repeated changes not one byte."""
    shop = club()
    before(shop)
    order = purchase(ANN, goods(1000), number=1, spend=60, mode=SpendMode.UP_TO)
    commands = (cmd.Hold(order, UNTIL_MS), cmd.Capture(ORDER, 0), cmd.CancelHold(ORDER), order)
    for command, said in zip(commands, (held, captures, cancels, confirms), strict=True):
        one = same_again(shop)
        answer: Any = one.run(command)
        if said == "repeated":
            assert answer.repeated
        else:
            assert code_of(answer) is said
        if said is not None:
            assert one.state.pairs == shop.state.pairs
        check(one)


def test_another_basket_under_a_held_identity_is_another_receipt() -> None:
    """Whether held again or bought."""
    shop = club()
    hold(shop)
    other = purchase(ANN, goods(1001), number=1, spend=60, mode=SpendMode.UP_TO)
    assert code_of(shop.run(cmd.Hold(other, UNTIL_MS))) is Code.RECEIPT_TAKEN
    assert code_of(shop.run(other)) is Code.RECEIPT_TAKEN


UNTIL = [  # milliseconds from now, or a day more than the longest
    (-1, False),
    (0, False),
    (1, True),
    (HOLD_MAX_DAYS * DAY_MS, True),
    (HOLD_MAX_DAYS * DAY_MS + 1, False),
]


@pytest.mark.parametrize(("from_now_ms", "can_be"), UNTIL)
def test_a_hold_ends_later_than_now_and_not_too_late(from_now_ms: int, can_be: bool) -> None:
    """Boundaries beside each other."""
    answer = club().run(cmd.Hold(purchase(ANN), NOON + from_now_ms))
    assert code_of(answer) is (None if can_be else Code.HOLD_UNTIL_OUT_OF_RANGE)


SOLD = [  # milliseconds of the pick-up from the hold, two hours before now
    (-1, Code.SOLD_AHEAD),  # before it was held
    (0, None),
    (2 * HOUR_MS + SOLD_AHEAD_MAX_MS, None),
    (2 * HOUR_MS + SOLD_AHEAD_MAX_MS + 1, Code.SOLD_AHEAD),
]


@pytest.mark.parametrize(("sold_ms", "code"), SOLD)
def test_an_order_is_picked_up_after_it_was_held_and_not_ahead(sold_ms: int, code: Code | None) -> None:
    """A till's clock may be a little fast."""
    shop = club()
    hold(shop)
    shop.now_ms += 2 * HOUR_MS
    assert code_of(shop.run(cmd.Capture(ORDER, NOON + sold_ms))) is code


def test_a_member_has_so_many_open_holds() -> None:
    """One that ends makes room for another, by log time alone."""
    shop = club()
    for number in range(1, MEMBER_MAX_HOLDS + 1):
        hold(shop, number, spend=1, until_ms=NOON + number * HOUR_MS)
    over = cmd.Hold(purchase(ANN, number=99), UNTIL_MS)
    assert code_of(shop.run(over)) is Code.TOO_MANY_HOLDS
    shop.now_ms += HOUR_MS
    assert code_of(shop.run(over)) is None
    check(shop)


def test_points_that_ended_while_they_were_held_come_back_ended() -> None:
    """Their own window, not a new one; the answer says how many."""
    shop = club()
    adjust(shop, ANN, -100)
    adjust(shop, ANN, 70, until_ms=NOON + HOUR_MS)
    hold(shop)
    shop.now_ms += HOUR_MS
    gone = expect(shop.run(cmd.CancelHold(ORDER)), CancelHoldDone)
    assert (gone.points_back, gone.points_back_ended) == (60, 60)
    assert gone.balance == Balance(0, 0, 0, 0)
    check(shop)


@pytest.mark.parametrize("shortfall", [Shortfall.NEGATIVE, Shortfall.CLAMP])
@pytest.mark.parametrize("by_time", [False, True])
def test_what_was_taken_back_while_it_was_held_does_not_come_back(
    shortfall: Shortfall, by_time: bool
) -> None:
    """Bought, its points held for an order, brought back, the order cancelled: as if nothing had been."""
    shop = club(earn_delay_days=0, shortfall=shortfall)
    adjust(shop, ANN, -100)
    shop.buy(ANN, goods(10_000), number=2)
    hold(shop, spend=100)
    shop.give_back(2, (1, 1000))
    if by_time:
        shop.now_ms = UNTIL_MS
    else:
        shop.run(cmd.CancelHold(ORDER))
    assert shop.balance(ANN) == Balance(0, 0, 0, 0)
    shop.run(purchase(ANN, goods(1), number=3, day=0))  # rejected: nothing is written for it
    check(shop)


def test_tenders_are_those_of_the_pick_up() -> None:
    """They sum to what the hold left to pay, 10.00 less 60 points."""
    shop = club()
    hold(shop)
    tender = [(cmd.Tender(cmd.TenderKind.CASH, minor),) for minor in (939, 940)]
    assert code_of(shop.run(cmd.Capture(ORDER, 0, tender[0]))) is Code.TENDERS_WRONG
    assert code_of(shop.run(cmd.Capture(ORDER, 0, tender[1]))) is None


def earned(shop: Shop, number: int, **rest: Any) -> int:
    """Points of a purchase of 100.00."""
    return shop.buy(ANN, goods(10_000), number=number, **rest).bill.earned_points


def test_what_held_orders_will_earn_counts_for_the_day_on_which_they_were_held() -> None:
    """At most 150 a day: two orders of 100 cannot both have passed the limit when they are picked up."""
    shop = club(member_day_max_points=150)
    first = expect(shop.run(cmd.Hold(purchase(ANN, goods(10_000), number=1), UNTIL_MS)), HoldDone)
    second = expect(shop.run(cmd.Hold(purchase(ANN, goods(10_000), number=2), UNTIL_MS)), HoldDone)
    assert (first.bill.earned_points, second.bill.earned_points) == (100, 50)
    assert earned(shop, 3) == 0
    for number in (1, 2):
        expect(shop.run(cmd.Capture(receipt(number), 0)), ConfirmDone)
    assert earned(shop, 4) == 0


def test_an_order_does_not_count_again_on_the_day_of_its_pick_up() -> None:
    """Held today, picked up tomorrow: tomorrow's 150 are there."""
    shop = club(member_day_max_points=150)
    shop.run(cmd.Hold(purchase(ANN, goods(10_000), number=1), UNTIL_MS))
    shop.now_ms += 24 * HOUR_MS
    expect(shop.run(cmd.Capture(ORDER, 0)), ConfirmDone)
    assert [earned(shop, number, day=20261123) for number in (2, 3)] == [100, 50]


@pytest.mark.parametrize("ended_by", [cmd.CancelHold(ORDER), None])
def test_a_hold_that_ends_gives_its_part_of_the_days_limit_back(ended_by: cmd.Command | None) -> None:
    """Cancelled or by time."""
    shop = club(member_day_max_points=150)
    shop.run(cmd.Hold(purchase(ANN, goods(10_000), number=1), NOON + HOUR_MS))
    if ended_by is None:
        shop.now_ms += HOUR_MS
    else:
        shop.run(ended_by)
    assert (earned(shop, 2), earned(shop, 3)) == (100, 50)


def test_an_undone_order_gives_back_what_it_took_on_the_day_when_it_was_held() -> None:
    """Once a day: held today, picked up tomorrow, voided then; today's one time is there again."""
    shop = club()
    publish(shop, 7, PercentOff(1000), caps=Caps(member_day_times=1))
    shop.run(cmd.Hold(purchase(ANN, number=1), UNTIL_MS))
    assert not shop.buy(ANN, number=2).bill.applied
    shop.now_ms += 24 * HOUR_MS
    expect(shop.run(cmd.Capture(ORDER, 0)), ConfirmDone)
    assert not shop.buy(ANN, number=3, sold_ms=NOON).bill.applied
    expect(shop.run(cmd.VoidReceipt(ORDER, "wrong order")), VoidDone)
    assert shop.buy(ANN, number=4, sold_ms=NOON).bill.applied
    assert shop.buy(ANN, number=5, day=20261123).bill.applied
    assert not shop.buy(ANN, number=6, day=20261123).bill.applied
    check(shop)


ANYBODYS = "p+886900000001"


def with_coupon(number: int, member: cmd.Who = ANN, **rest: Any) -> cmd.Confirm:
    return purchase(member, goods(1000), number=number, coupons=("SUMMER",), **rest)


def one_coupon() -> Shop:
    """A single coupon that whoever has it can use, out of a budget of 1.00, once in all."""
    shop = club()
    shop.enrol("+886900000001")
    caps = Caps(total_times=1, budget_minor=100)
    publish(shop, 7, PercentOff(1000), who=Audience(coupon=True), caps=caps, funder=0)
    shop.run(cmd.IssueCoupon("SUMMER", 7, 1, 0, 0, None))
    return shop


FREE = [  # milliseconds to the end of Ann's hold, what another member is told who shows the coupon
    (-1, Code.COUPON_USED),
    (0, None),
    (400 * DAY_MS, None),
]


@pytest.mark.parametrize(("after_ms", "code"), FREE)
def test_a_coupon_that_was_held_is_free_for_anybody_when_the_hold_ends(
    after_ms: int, code: Code | None
) -> None:
    """By log time alone, though nobody has looked at Ann since; when somebody does, not twice."""
    shop = one_coupon()
    expect(shop.run(cmd.Hold(with_coupon(1), UNTIL_MS)), HoldDone)
    shop.now_ms = UNTIL_MS + after_ms
    coupon: Any = shop.ask(cmd.GetCoupon(1, "SUMMER"))
    assert coupon.used_times == (0 if code is None else 1)
    day = 20261124 if after_ms < DAY_MS else 20271229
    answer = shop.run(with_coupon(2, ANYBODYS, day=day))
    assert code_of(answer) is code
    if isinstance(answer, ConfirmDone):
        assert answer.bill.discount_minor == 100
    shop.run(cmd.CancelHold(ORDER))
    again: Any = shop.ask(cmd.GetCoupon(1, "SUMMER"))
    assert again.used_times == (1 if code is None else 0)
    check(shop)


def test_a_captured_order_has_used_its_coupon_and_budget_for_good() -> None:
    """Also after the time at which the hold would have ended."""
    shop = one_coupon()
    shop.run(cmd.Hold(with_coupon(1), UNTIL_MS))
    expect(shop.run(cmd.Capture(ORDER, 0)), ConfirmDone)
    shop.now_ms = UNTIL_MS + 1
    assert code_of(shop.run(with_coupon(2, ANYBODYS, day=20261124))) is Code.COUPON_USED
    usage: Any = shop.ask(cmd.GetPromotion(1, 7, 0))
    assert (usage.usage.times, usage.usage.minor) == (1, 100)
    check(shop)
