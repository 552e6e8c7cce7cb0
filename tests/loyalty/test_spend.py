"""Paying with points: which lots, how many, on which lines; and debts."""

import pytest

from loyalty import commands as cmd
from loyalty.commands import Line, LineKind, SpendMode
from loyalty.commands.conditions import OneOf
from loyalty.commands.limits import SPEND_MAX_LOTS
from loyalty.commands.promotions import GiveLot
from loyalty.outcomes import Balance, Code, ConfirmDone, QuoteDone, Rejected
from tests.loyalty.desk import publish
from tests.loyalty.kit import DAY_MS, NOON, PHONE, Shop, expect, goods, lots_of, purchase

ANN = "p" + PHONE
UP_TO, EXACTLY = SpendMode.UP_TO, SpendMode.EXACTLY


def ann_with_lots(*points: int) -> tuple[Shop, int]:
    """Ann with lots of these points, bought on successive days: the first ends first. 100 points a unit."""
    shop = Shop()
    shop.define(welcome_points=0, earn_points=1, earn_per_minor=1, earn_delay_days=0, lot_window_days=10)
    member = shop.enrol()
    for at, count in enumerate(points):
        shop.now_ms = NOON + at * DAY_MS
        shop.buy(ANN, goods(count), number=at + 1, day=20261122 + at)
    shop.define(
        earn_points=0, earn_delay_days=1, line_limit_basis_points=10_000, receipt_limit_basis_points=10_000
    )
    return shop, member


DRAWS = [  # points, (lot, points drawn) in order; lots of 30, 50 and 50 that end one day after the other
    (1, [(1, 1)]),
    (29, [(1, 29)]),
    (30, [(1, 30)]),  # exactly one lot: no empty draw follows
    (31, [(1, 30), (2, 1)]),
    (80, [(1, 30), (2, 50)]),
    (130, [(1, 30), (2, 50), (3, 50)]),
]


@pytest.mark.parametrize(("points", "draws"), DRAWS)
def test_the_lot_that_ends_first_pays_first(points: int, draws: list[tuple[int, int]]) -> None:
    """And what is left is left in the others."""
    shop, member = ann_with_lots(30, 50, 50)
    bill = shop.buy(ANN, spend=points, number=9, day=20261124).bill
    assert [(draw.lot, draw.points) for draw in bill.draws] == draws
    assert sum(lot.points for lot, _ in lots_of(shop.state, member)) == 130 - points


def test_only_what_is_active_pays() -> None:
    """Lots that ended a moment ago, and lots that begin in a moment, do not."""
    shop, _ = ann_with_lots(30, 50, 50)
    shop.now_ms = lots_of(shop.state, shop.enrol_id)[0][0].active_until_ms  # the first ends now
    refused = expect(shop.run(purchase(ANN, spend=101, number=9, day=20261201)), Rejected)
    assert (refused.code, refused.acceptable) == (Code.BALANCE_TOO_LOW, "at most 100")  # 130 on paper
    quoted = shop.ask(cmd.Quote(1, ANN, 17, 0, (goods(10_000),), 100, EXACTLY))
    assert [draw.lot for draw in expect(quoted, QuoteDone).bill.draws] == [2, 3]
    shop.now_ms -= 1  # a moment earlier all pay
    expect(shop.run(purchase(ANN, spend=130, number=9, day=20261201)), ConfirmDone)


def test_points_of_this_receipt_do_not_pay_for_it() -> None:
    """Even if they are active at once."""
    shop = Shop()
    shop.define(welcome_points=0, earn_delay_days=0)
    shop.enrol()
    assert shop.buy(ANN, spend=100, mode=UP_TO, number=1).bill.spent_points == 0
    assert shop.buy(ANN, spend=100, mode=UP_TO, number=2).bill.spent_points == 100


D, G = LineKind.DELIVERY, LineKind.GIFT_CARD
LIMITS: list[
    tuple[int, int, tuple[Line, ...], int]
] = [  # % of line and receipt, lines, most points; a point is 1
    (3000, 3000, (goods(1000),), 300),
    (3000, 3000, (goods(999),), 299),  # 299.7
    (3000, 3000, (goods(3),), 0),
    (3000, 3000, (goods(5), goods(5)), 2),  # each line for itself: 1.5 and 1.5
    (10000, 3000, (goods(5), goods(5)), 3),  # together
    (3000, 10000, (goods(1000), goods(1)), 300),
    (10000, 10000, (goods(1000), goods(1)), 1001),
    (0, 10000, (goods(1000),), 0),
    (10000, 10000, (goods(700), Line("d", 1000, 300, D), Line("g", 1000, 5000, G)), 700),  # goods only
    (3000, 10000, (goods(0),), 0),
]


@pytest.mark.parametrize(("line", "whole", "lines", "most"), LIMITS)
def test_limits_of_lines_and_receipt(line: int, whole: int, lines: tuple[Line, ...], most: int) -> None:
    """The most that may be spent: as many when asked for up to a lot, refused one above."""
    shop, _ = ann_with_lots(100_000)
    shop.define(line_limit_basis_points=line, receipt_limit_basis_points=whole)
    above = purchase(ANN, *lines, spend=most + 1, number=8)
    refused = expect(shop.run(above), Rejected)
    assert (refused.code, refused.acceptable) == (Code.SPEND_OVER_LIMIT, f"at most {most}")
    bill = shop.buy(ANN, *lines, spend=99_999, mode=UP_TO, number=9).bill
    assert bill.spent_points == most
    assert all(part.spent_minor <= part.amount_minor * line // 10_000 for part in bill.lines)


# points -> money, unit, asked for, mode, spent points and money or the refusal
UNITS: list[tuple[tuple[int, int], int, int, SpendMode, tuple[int, int] | Code]] = [
    ((1, 1), 100, 250, UP_TO, (200, 200)),
    ((1, 1), 100, 250, EXACTLY, Code.SPEND_NOT_WHOLE_UNITS),
    ((1, 1), 100, 300, EXACTLY, (300, 300)),
    ((100, 1), 1, 2, EXACTLY, (2, 200)),  # a point is worth a unit of money
    ((100, 1), 1, 4, EXACTLY, Code.SPEND_OVER_LIMIT),  # the limit is 300
    ((1, 10), 10, 95, UP_TO, (90, 9)),  # ten points a cent: never a part of a cent
    ((1, 10), 10, 3000, EXACTLY, (3000, 300)),
    ((2, 3), 3, 100, UP_TO, (99, 66)),
]


@pytest.mark.parametrize("limits", [(3000, 10_000), (10_000, 3000)])  # of the line, of the receipt
@pytest.mark.parametrize(("value", "unit", "asked", "mode", "answer"), UNITS)
def test_units_and_worth(
    value: tuple[int, int],
    unit: int,
    asked: int,
    mode: SpendMode,
    answer: tuple[int, int] | Code,
    limits: tuple[int, int],
) -> None:
    """Points are spent in whole units worth whole money, whichever limit binds."""
    shop, _ = ann_with_lots(100_000)
    shop.define(
        point_value_minor=value[0],
        point_value_points=value[1],
        spend_unit_points=unit,
        line_limit_basis_points=limits[0],
        receipt_limit_basis_points=limits[1],
    )
    outcome = shop.run(purchase(ANN, goods(1000), spend=asked, mode=mode, number=9))
    if isinstance(answer, Code):
        assert expect(outcome, Rejected).code is answer
    else:
        bill = expect(outcome, ConfirmDone).bill
        assert (bill.spent_points, bill.spent_minor, bill.paid_minor) == (*answer, 1000 - answer[1])


def test_spending_is_spread_by_line_value() -> None:
    """Largest remainder, ties to the earlier line; the parts sum to the whole."""
    shop, _ = ann_with_lots(1000)
    bill = shop.buy(ANN, goods(100), goods(100), goods(100), spend=100, number=9).bill
    assert [line.spent_points for line in bill.lines] == [34, 33, 33]
    assert [line.paid_minor for line in bill.lines] == [66, 67, 67]


def test_all_of_a_basket_paid_leaves_nothing() -> None:
    """100 % off leaves no cent."""
    shop, _ = ann_with_lots(1000)
    bill = shop.buy(ANN, goods(333), goods(333), goods(334), spend=1000, number=9).bill
    assert (bill.paid_minor, [line.paid_minor for line in bill.lines]) == (0, [0, 0, 0])


def test_one_receipt_empties_a_bounded_number_of_lots() -> None:
    """Beyond that a refusal that says how many points are possible, or as many, in whole units."""
    shop = Shop()
    shop.define(welcome_points=0, earn_points=1, earn_per_minor=1, earn_delay_days=0)
    shop.enrol()
    for number in range(SPEND_MAX_LOTS + 10):
        shop.buy(ANN, goods(3), number=number + 1)
    shop.define(earn_points=0, spend_unit_points=5)
    most = 3 * SPEND_MAX_LOTS // 5 * 5
    refused = expect(shop.run(purchase(ANN, spend=most + 5, number=9000)), Rejected)
    assert (refused.code, refused.acceptable) == (Code.SPEND_TOO_MANY_LOTS, f"at most {most}")
    quoted = shop.ask(cmd.Quote(1, ANN, 17, 0, (goods(10_000),), 0, SpendMode.NONE))
    assert expect(quoted, QuoteDone).most_points == most  # and exactly that can be spent
    expect(
        Shop(shop.state.copy(), shop.now_ms, shop.seq).run(purchase(ANN, spend=most, number=9002)),
        ConfirmDone,
    )
    bill = shop.buy(ANN, spend=most + 5, mode=UP_TO, number=9001).bill
    assert (bill.spent_points, len(bill.draws)) == (most, most // 3)


def test_a_debt_holds_points_back_and_the_next_earned_pay_it() -> None:
    """Ann earns 500 and spends them; the goods come back: she owes 500."""
    shop = Shop()
    shop.define(welcome_points=0, earn_delay_days=0, lot_window_days=0)
    member = shop.enrol()
    shop.buy(ANN, goods(10_000), number=1)  # earns 500
    shop.buy(ANN, goods(10_000), number=2, spend=500)  # pays 500, earns 475
    returned = shop.give_back(1, (1, 1000)).returned
    assert (returned.refund_minor, returned.points_taken, returned.points_owed) == (10_000, 500, 500)
    assert shop.balance(member) == Balance(475, 0, 0, 500)
    assert expect(shop.run(purchase(ANN, spend=1, number=3)), Rejected).code is Code.BALANCE_TOO_LOW

    bill = shop.buy(ANN, goods(8_000), number=4).bill  # earns 400: all for the debt
    assert (bill.earned_points, bill.debt_paid_points, bill.earnings[0].lot) == (400, 400, None)
    assert shop.balance(member) == Balance(475, 375, 0, 100)
    bill = shop.buy(ANN, goods(4_000), number=5).bill  # earns 200
    assert (bill.earned_points, bill.debt_paid_points) == (200, 100)
    assert shop.balance(member) == Balance(575, 575, 0, 0)


def test_who_has_points_with_a_purpose_need_not_spend_them() -> None:
    """He buys what they are for, and keeps them."""
    shop = Shop()
    shop.define(welcome_points=0, earn_points=0)
    shop.enrol()
    publish(shop, 1, GiveLot(0, 40, OneOf("sku", ("wax",)), 0, 10))
    shop.buy(ANN, number=1)
    bill = shop.buy(ANN, goods(1000, sku="wax"), number=2).bill
    assert (bill.spent_points, bill.draws) == (0, ())
