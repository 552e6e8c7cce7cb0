"""Two tills at once: one coupon, one budget, one last time, one balance. The log has an order: one wins.

Whoever comes second gets the right rejection, or what is left; in either order the sums are the same.
"""

from itertools import permutations
from typing import Any

import pytest

from loyalty import commands as cmd
from loyalty.commands import SpendMode
from loyalty.commands.promotions import (
    AmountOff,
    Audience,
    Caps,
    GiveLot,
    GiveService,
    PercentOff,
    PointsFixed,
)
from loyalty.outcomes import Code, ConfirmDone, HoldDone, Rejected, UseServiceDone
from tests.loyalty.desk import adjust, adjustment, person, publish
from tests.loyalty.kit import DAY_MS, NOON, Shop, goods, purchase, receipt
from tests.loyalty.ledger import check

ANN, BEN = "c1000-1", "c2000-1"
UNTIL_MS = NOON + DAY_MS


def club(**funds: int) -> Shop:
    """Ann and Ben have 100 points each; partner 5 funds up to 10.00 and 100 points if not said otherwise."""
    shop = Shop()
    shop.define(
        welcome_points=0, earn_points=0, line_limit_basis_points=10_000, receipt_limit_basis_points=10_000
    )
    shop.run(cmd.DefinePartner(5, "board", funds.get("minor", 0), funds.get("points", 0)))
    for card in ("1000-1", "2000-1"):
        person(shop, "", card)
        adjust(shop, "c" + card, 100)
    return shop


def one_coupon() -> Shop:
    shop = club()
    publish(shop, 1, PercentOff(1000), who=Audience(coupon=True))
    shop.run(cmd.IssueCoupon("SUMMER", 1, 1, 0, 0, None))
    return shop


def capped(effect: Any, caps: Caps) -> Shop:
    shop = club()
    publish(shop, 1, effect, caps=caps)
    return shop


def funded(effect: Any, **funds: int) -> Shop:
    """A promotion that partner 5 pays for."""
    shop = club(**funds)
    publish(shop, 1, effect, funder=5)
    return shop


def buys(member: str, number: int, **rest: Any) -> cmd.Confirm:
    return purchase(member, goods(10_000), number=number, **rest)


def holds(member: str, number: int, **rest: Any) -> cmd.Hold:
    return cmd.Hold(buys(member, number, **rest), UNTIL_MS)


def came_to(answer: object) -> Any:
    """Money off and points by promotions, or the rejection."""
    if isinstance(answer, Rejected):
        return answer.code
    assert isinstance(answer, ConfirmDone | HoldDone)
    points = sum(one.points for one in answer.bill.applied)
    return (answer.bill.discount_minor, points)


OFF = PercentOff(1000)  # 10.00 of a purchase for 100.00
COUPON = {"coupons": ("SUMMER",)}
RACES = [  # the shop, two commands that meet, what the first comes to, what the second
    (one_coupon, buys(ANN, 1, **COUPON), buys(BEN, 2, **COUPON), (1000, 0), Code.COUPON_USED),
    (one_coupon, buys(ANN, 1, **COUPON), holds(BEN, 2, **COUPON), (1000, 0), Code.COUPON_USED),
    (one_coupon, holds(ANN, 1, **COUPON), holds(BEN, 2, **COUPON), (1000, 0), Code.COUPON_USED),
    (lambda: capped(OFF, Caps(total_times=1)), buys(ANN, 1), buys(BEN, 2), (1000, 0), (0, 0)),
    (lambda: capped(OFF, Caps(total_times=1)), buys(ANN, 1), holds(BEN, 2), (1000, 0), (0, 0)),
    (lambda: capped(OFF, Caps(total_times=1)), holds(ANN, 1), holds(BEN, 2), (1000, 0), (0, 0)),
    (lambda: capped(OFF, Caps(member_times=1)), buys(ANN, 1), buys(ANN, 2), (1000, 0), (0, 0)),
    (lambda: capped(OFF, Caps(member_times=1)), buys(ANN, 1), holds(ANN, 2), (1000, 0), (0, 0)),
    (lambda: capped(OFF, Caps(member_times=1)), buys(ANN, 1), buys(BEN, 2), (1000, 0), (1000, 0)),
    (lambda: capped(OFF, Caps(member_day_times=1)), buys(ANN, 1), holds(ANN, 2), (1000, 0), (0, 0)),
    (lambda: capped(OFF, Caps(budget_minor=1500)), buys(ANN, 1), buys(BEN, 2), (1000, 0), (500, 0)),
    (lambda: capped(OFF, Caps(budget_minor=1500)), holds(ANN, 1), buys(BEN, 2), (1000, 0), (500, 0)),
    (lambda: capped(AmountOff(900), Caps(budget_minor=900)), buys(ANN, 1), buys(BEN, 2), (900, 0), (0, 0)),
    (
        lambda: capped(PointsFixed(0, 80), Caps(budget_points=100)),
        buys(ANN, 1),
        buys(BEN, 2),
        (0, 80),
        (0, 20),
    ),
    (
        lambda: capped(GiveLot(0, 80, None, 0, 9), Caps(budget_points=80)),
        buys(ANN, 1),
        holds(BEN, 2),
        (0, 80),
        (0, 0),
    ),
    (lambda: funded(OFF, minor=1200), buys(ANN, 1), holds(BEN, 2), (1000, 0), (200, 0)),
    (lambda: funded(PointsFixed(0, 60), points=100), buys(ANN, 1), buys(BEN, 2), (0, 60), (0, 40)),
]


@pytest.mark.parametrize(("opened", "one", "other", "first", "second"), RACES)
def test_one_wins_and_the_other_gets_what_is_left(
    opened: Any, one: cmd.Command, other: cmd.Command, first: Any, second: Any
) -> None:
    """In either order."""
    for order in permutations((one, other)):
        shop = opened()
        assert [came_to(shop.run(command)) for command in order] == [first, second]
        check(shop)


SPENDING = [  # two who want the same 100 points, what becomes of the second
    (buys(ANN, 1, spend=80), buys(ANN, 2, spend=80), Code.BALANCE_TOO_LOW),
    (buys(ANN, 1, spend=80), holds(ANN, 2, spend=80), Code.BALANCE_TOO_LOW),
    (buys(ANN, 1, spend=80), buys(ANN, 2, spend=20), None),
    (buys(ANN, 1, spend=80), adjustment(ANN, -80), Code.BALANCE_TOO_LOW),
    (holds(ANN, 1, spend=80), adjustment(ANN, -20), None),
]


@pytest.mark.parametrize(("one", "other", "code"), SPENDING)
def test_two_who_want_the_same_points(one: cmd.Command, other: cmd.Command, code: Code | None) -> None:
    """No lot below zero, and no point twice."""
    for order in permutations((one, other)):
        shop = club()
        answers = [shop.run(command) for command in order]
        assert [getattr(answer, "code", None) for answer in answers] == [None, code]
        check(shop)


def test_whoever_wants_as_many_as_possible_gets_the_rest() -> None:
    """80 of 100 are gone: 20."""
    for order in permutations((80, 1000)):
        shop = club()
        spent = []
        for number, points in enumerate(order, 1):
            answer: Any = shop.run(buys(ANN, number, spend=points, mode=SpendMode.UP_TO))
            spent.append(answer.bill.spent_points)
        assert sum(spent) == 100
        check(shop)


def test_two_workshops_and_one_tune_up() -> None:
    """The bike came with one."""
    for order in permutations((1, 2)):
        shop = club()
        publish(shop, 1, GiveService("tune-up", 1, 365))
        shop.run(buys(ANN, 9))
        uses = [cmd.UseService(receipt(number, terminal=7), ANN, "tune-up", 1) for number in order]
        first, second = [shop.run(use) for use in uses]
        assert isinstance(first, UseServiceDone)
        assert isinstance(second, Rejected)
        assert second.code is Code.SERVICE_NOT_THERE
        check(shop)


def test_two_returns_of_the_same_piece() -> None:
    """At two stores at once: the second is more than was bought."""
    shop = club()
    shop.run(buys(ANN, 1))
    answers = []
    for number in (2, 3):
        back = cmd.ReturnLines(receipt(number, store=number), receipt(1), (cmd.ReturnLine(1, 600),))
        answers.append(shop.run(back))
    assert [getattr(answer, "code", None) for answer in answers] == [None, Code.RETURN_OVER_BOUGHT]
    check(shop)


def test_a_capture_and_a_cancelling_at_once() -> None:
    """Whichever comes first is what happened."""
    for order, codes in (
        ((cmd.Capture(receipt(1), 0), cmd.CancelHold(receipt(1))), [None, Code.HOLD_ENDED]),
        ((cmd.CancelHold(receipt(1)), cmd.Capture(receipt(1), 0)), [None, Code.HOLD_ENDED]),
    ):
        shop = club()
        shop.run(holds(ANN, 1, spend=80))
        assert [getattr(shop.run(command), "code", None) for command in order] == codes
        check(shop)
