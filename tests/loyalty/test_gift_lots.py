"""Gifts in the whole engine: there by rule, real when first touched, once a year, in the books only then."""

from typing import Any

import pytest

from loyalty import commands as cmd
from loyalty.commands import Gift, GiftDay, SpendMode
from loyalty.commands.conditions import OneOf
from loyalty.outcomes import Balance, Code, ConfirmDone, Movement, QuoteDone, Rejected, Source
from tests.loyalty.desk import change, merged, person
from tests.loyalty.kit import DAY_MS, NOON, Shop, expect, goods, lots_of, purchase
from tests.loyalty.ledger import check, of_type

ANN, BEN = "c1000-1", "c2000-1"
HOUR_MS = 3_600_000
BORN = 19901124  # the day after tomorrow
BIRTHDAY = Gift(1, GiftDay.BIRTHDAY, 0, 300, 2, 3, 100, None)  # from today's midnight until that of the 28th
ENDS_MS = NOON + 5 * DAY_MS + 12 * HOUR_MS


def club(*gifts: Gift) -> Shop:
    """Ann's birthday is near, Ben's is not told; a receipt may be paid with points whole."""
    shop = Shop()
    shop.define(
        welcome_points=0,
        line_limit_basis_points=10_000,
        receipt_limit_basis_points=10_000,
        late_receipt_max_days=366,
        gifts=gifts or (BIRTHDAY,),
    )
    shop.now_ms -= 100 * DAY_MS  # members for a while
    person(shop, "", "1000-1", profile=cmd.Profile(BORN))
    person(shop, "", "2000-1")
    return shop.pass_days(100)


WINDOW = [  # milliseconds from noon, points that are there
    (-12 * HOUR_MS - 1, 0),
    (-12 * HOUR_MS, 300),
    (0, 300),
    (ENDS_MS - NOON - 1, 300),
    (ENDS_MS - NOON, 0),
]


@pytest.mark.parametrize(("time_ms", "points"), WINDOW)
def test_a_gift_is_there_inside_its_window_and_nobody_has_to_do_anything(time_ms: int, points: int) -> None:
    """In balance and quote alike; in the state there is nothing of it."""
    shop = club()
    shop.now_ms = NOON + time_ms
    before = dict(shop.state.pairs)
    assert shop.balance(ANN) == Balance(points, points, 0, 0)
    assert shop.balance(BEN) == Balance(0, 0, 0, 0)
    quoted = shop.ask(cmd.Quote(1, ANN, 17, 0, (goods(10_000),), 1000, SpendMode.UP_TO))
    assert expect(quoted, QuoteDone).bill.spent_points == points
    assert shop.state.pairs == before


def test_before_it_is_touched_a_gift_is_in_no_books() -> None:
    """Neither a lot nor in what is outstanding; then it is in both, at its whole window."""
    shop = club()
    assert not list(of_type(shop.state, b"T"))
    check(shop)
    shop.buy(ANN, goods(100), number=1, spend=30)
    answer: Any = shop.ask(cmd.ListLots(1, ANN))
    (item,) = [one for one in answer.lots if one.source is Source.GIFT]
    lot = item.lot
    assert (lot.points, lot.active_from_ms, lot.active_until_ms) == (270, NOON - 12 * HOUR_MS, ENDS_MS)
    assert item.partner == 0
    assert sum(int.from_bytes(value) for _, value in of_type(shop.state, b"T")) >= 270
    told: Any = shop.ask(cmd.GetStatement(1, ANN, 9, 0, 0))
    assert [one.movement for one in told.items] == [Movement.PURCHASE, Movement.GIFT, Movement.ENROL]
    check(shop)


TOUCHES = [
    purchase(ANN, goods(100)),
    cmd.Hold(purchase(ANN, goods(100)), NOON + DAY_MS),
    change(ANN),
    change(ANN, status=cmd.Status.BLOCKED),
    cmd.IssueCoupon("", 1, 1, 0, 0, ANN),  # rejected: there is no promotion 1
]


@pytest.mark.parametrize("touch", TOUCHES, ids=lambda one: type(one).__name__)
def test_a_gift_becomes_real_when_first_touched_by_what_is_not_rejected(touch: cmd.Command) -> None:
    """And once: what comes after finds the lot."""
    shop = club()
    is_rejected = isinstance(shop.run(touch), Rejected)
    for command in (touch, change(ANN), change(ANN)):
        shop.run(command)
    answer: Any = shop.ask(cmd.GetStatement(1, ANN, 50, 0, 0))
    movements = [item.movement for item in answer.items]
    assert movements.count(Movement.GIFT) == 1
    assert (movements[-2] is Movement.GIFT) or is_rejected
    assert shop.balance(ANN).active_points == 300
    check(shop)


def test_a_gift_comes_once_a_year() -> None:
    """Whatever the birthday is changed to in between; next year it is there again."""
    shop = club()
    shop.buy(ANN, goods(300), number=1, spend=300)
    for month_day in (1122, 1123, 1125):
        shop.run(change(ANN, profile=cmd.Profile(month_day)))
        assert shop.balance(ANN).active_points == 0
    shop.pass_days(366)
    assert shop.balance(ANN).active_points == 300
    check(shop)


def test_a_gift_missed_is_gone() -> None:
    """Nobody looked in the window: it never was."""
    shop = club().pass_days(30)
    assert shop.balance(ANN) == Balance(0, 0, 0, 0)
    shop.buy(ANN, number=1, day=20261222)
    assert not [1 for _, held in lots_of(shop.state, shop.enrol_id) if held.source is Source.GIFT]


def test_a_gift_may_be_for_some_goods_only() -> None:
    """It pays for wax, is in no balance, and comes first."""
    shop = club(Gift(1, GiftDay.BIRTHDAY, 0, 300, 2, 3, 100, OneOf("sku", ("wax",))))
    answer: Any = shop.ask(cmd.GetBalance(1, ANN))
    assert answer.balance.active_points == 0
    assert [lot.points for lot in answer.purposed] == [300]
    bill = shop.buy(ANN, goods(100), goods(50, sku="wax"), number=1, spend=1000, mode=SpendMode.UP_TO).bill
    assert [line.spent_points for line in bill.lines] == [0, 50]
    check(shop)


def test_two_who_are_one_person_have_one_birthday() -> None:
    """Ben told the same day; after the merge there is no second gift."""
    shop = club()
    shop.run(change(BEN, profile=cmd.Profile(BORN)))
    shop.run(change(BEN))
    shop.run(change(ANN))
    merged(shop, BEN, ANN)
    assert shop.balance(ANN).active_points == 600  # both were touched before anybody knew
    shop.run(change(ANN))
    assert shop.balance(ANN).active_points == 600
    other = club()
    other.run(change(BEN, profile=cmd.Profile(BORN)))
    merged(other, BEN, ANN)
    assert other.balance(ANN).active_points == 300
    check(other)


def test_an_untouched_gift_pays_and_can_be_given_back() -> None:
    """Confirmed straight away: the return puts the points into the lot that was made for it."""
    shop = club()
    done = expect(shop.run(purchase(ANN, goods(300), spend=300)), ConfirmDone)
    assert done.bill.draws[0].points == 300
    shop.give_back(1, (1, 1000))
    assert shop.balance(ANN) == Balance(300, 300, 0, 0)
    check(shop)


def test_a_rejected_purchase_leaves_the_gift_virtual() -> None:
    """Too much was wished for: not one byte, and the gift is there as before."""
    shop = club()
    before = dict(shop.state.pairs)
    refused = expect(shop.run(purchase(ANN, goods(10_000), spend=301)), Rejected)
    assert (refused.code, refused.acceptable) == (Code.BALANCE_TOO_LOW, "at most 300")
    assert shop.state.pairs == before
    assert shop.balance(ANN).active_points == 300


def test_the_answer_of_enrolling_tells_the_balance_that_a_question_tells() -> None:
    """On the birthday itself: the gift is there from the first moment."""
    shop = club()
    for card, born in (("3000-1", BORN), ("3000-2", 0)):
        answer: Any = shop.run(cmd.Enrol("", (card,), 0, (), cmd.Profile(born)))
        assert answer.balance == shop.balance("c" + card)
    check(shop)
