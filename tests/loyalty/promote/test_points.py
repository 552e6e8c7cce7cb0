"""What is earned: the base, regular points, and effects that give points. Numbers in the open."""

from collections.abc import Sequence
from typing import Any

import pytest

from loyalty.commands.basket import Line, LineKind
from loyalty.commands.policies import Blocks, Discounts, Policies, Rounding, RoundingOn, Tax
from loyalty.commands.promotions import (
    Caps,
    Effect,
    GiveCoupon,
    GiveLot,
    GiveService,
    PercentOff,
    PointsFixed,
    PointsPer,
    PointsTimes,
)
from loyalty.engine.promote import Earn, Purse, Spent, best
from loyalty.outcomes import Applied, AppliedLine, Reason
from tests.loyalty.promote.kit import NO_CAPS, candidate, goods, numbers, promotion, reasons, scene

PER_EURO = Earn(1, 100)
SUM, RULE = RoundingOn.SUM, RoundingOn.RULE


def half_by_points(left: Sequence[int]) -> Spent:
    """Points pay half of each line."""
    minor = [part // 2 for part in left]
    return Spent(minor, sum(minor))


BASES = [  # policies, points paid?, points of 12.00 with 2.00 tax in it, 50 % off
    (Policies(), False, 600),
    (Policies(), True, 300),  # what points paid earns nothing
    (Policies(base_discounts=Discounts.BEFORE), False, 1200),
    (Policies(base_discounts=Discounts.BEFORE), True, 900),
    (Policies(base_tax=Tax.WITHOUT), False, 500),  # 6.00 with 1.00 in it
    (Policies(base_tax=Tax.WITHOUT), True, 250),
    (Policies(base_tax=Tax.WITHOUT, base_discounts=Discounts.BEFORE), False, 1000),
    (Policies(base_tax=Tax.WITHOUT, base_discounts=Discounts.BEFORE), True, 750),
]


@pytest.mark.parametrize(("policies", "paid", "points"), BASES)
def test_the_base(policies: Policies, paid: bool, points: int) -> None:
    """With or without tax, before or after discounts, always after points."""
    of = candidate(promotion(1, PercentOff(5000)), [0])
    spend = half_by_points if paid else None
    found = best(scene([goods(1200, tax=200)], [of], policies, earn=Earn(1, 1), worths={}, spend=spend))
    assert found.regular == (points,)


REGULAR = [  # amounts, earn, policies, points of each line
    ([199, 199], PER_EURO, Policies(), (2, 1)),  # 3.98 together: 3; the earlier line has the larger part
    ([199, 199], PER_EURO, Policies(rounding=Rounding.UP), (2, 2)),
    ([199, 199], PER_EURO, Policies(rounding_on=RULE), (1, 1)),
    ([150, 250], PER_EURO, Policies(rounding=Rounding.HALF_UP, rounding_on=RULE), (2, 3)),
    ([150, 250], PER_EURO, Policies(rounding=Rounding.HALF_EVEN, rounding_on=RULE), (2, 2)),
    ([1999], Earn(10, 1000), Policies(), (19,)),  # a part of a block earns a part of the points
    ([1999], Earn(10, 1000), Policies(blocks=Blocks.WHOLE), (10,)),
    ([600, 600], Earn(10, 1000), Policies(blocks=Blocks.WHOLE), (5, 5)),  # blocks are the receipt's
    ([600, 600], Earn(10, 1000), Policies(blocks=Blocks.WHOLE, rounding_on=RULE), (5, 5)),
    ([1000], Earn(1, 100, 15_000), Policies(), (15,)),  # the tier
    ([1999], Earn(3, 1000, 15_000), Policies(blocks=Blocks.WHOLE), (4,)),  # 3, times 1.5
    ([1999], Earn(3, 1000, 15_000), Policies(blocks=Blocks.WHOLE, rounding=Rounding.UP), (5,)),
]


@pytest.mark.parametrize(("amounts", "earn", "policies", "points"), REGULAR)
def test_regular_points(amounts: list[int], earn: Earn, policies: Policies, points: tuple[int, ...]) -> None:
    """Rate, tier, rounding and blocks; the parts sum to the whole."""
    assert best(scene([goods(amount) for amount in amounts], [], policies, earn=earn)).regular == points


def test_what_is_no_goods_earns_nothing_and_takes_no_discount() -> None:
    """Delivery, and gift cards sold."""
    lines = [goods(1000), goods(500, kind=LineKind.DELIVERY), goods(2500, kind=LineKind.GIFT_CARD)]
    of = candidate(promotion(1, PercentOff(1000)), [0])
    found = best(scene(lines, [of], earn=PER_EURO))
    assert (found.regular, found.discounts) == ((9, 0, 0), (100, 0, 0))


def test_lines_without_regular_points() -> None:
    """As the programme says; the others are not changed by them."""
    found = best(scene([goods(1000), goods(1000)], [], earn=PER_EURO, earns=[False, True]))
    assert found.regular == (0, 10)


TWO = [goods(1000), goods(505)]
GIVEN = [  # effect, lines, limits, policies, points by the promotion       regular points of TWO: 10, 5
    (PointsPer(1, 3, 100), [0, 1], {}, Policies(), (30, 15)),
    (PointsPer(1, 3, 100), [1], {}, Policies(), (0, 15)),
    (PointsPer(1, 3, 100), [0, 1], {}, Policies(blocks=Blocks.WHOLE), (30, 15)),
    (PointsPer(1, 9, 1000), [0, 1], {}, Policies(), (9, 4)),
    (PointsPer(1, 9, 1000), [0, 1], {}, Policies(blocks=Blocks.WHOLE), (6, 3)),  # one block of both
    (PointsTimes(20_000), [0, 1], {}, Policies(), (10, 5)),  # doubled: as many again
    (PointsTimes(15_000), [1], {}, Policies(), (0, 2)),
    (PointsTimes(15_000), [1], {}, Policies(rounding=Rounding.UP), (0, 3)),  # of 6: 505 earns 5.05
    (PointsFixed(1, 100), [0, 1], {}, Policies(), (66, 34)),  # once a receipt, by what is left
    (PointsFixed(1, 100), [1], {}, Policies(), (0, 100)),
    (GiveLot(1, 100, None, 0, 30), [0, 1], {}, Policies(), (66, 34)),
    (PointsFixed(1, 100), [0, 1], {"points_left": 50}, Policies(), (33, 17)),
    (PointsFixed(1, 100), [0, 1], {"caps": Caps(receipt_points=50)}, Policies(), (33, 17)),
]


@pytest.mark.parametrize(("effect", "lines", "limits", "policies", "points"), GIVEN)
def test_points_of_a_promotion(
    effect: Effect, lines: list[int], limits: dict[str, Any], policies: Policies, points: tuple[int, ...]
) -> None:
    """Each effect, with its limits."""
    caps = limits.get("caps", NO_CAPS)
    of = candidate(promotion(1, effect, caps=caps), lines, points_left=limits.get("points_left"))
    found = best(scene(TWO, [of], policies, earn=PER_EURO, worths={0: (1, 1), 1: (1, 1)}))
    assert [one.points for one in found.given] == [points]
    assert found.applied[0].points == sum(points)


def test_two_multipliers_each_multiply_the_regular_points() -> None:
    """Double and triple are four times as many: 10 regular, 10 and 20 more."""
    both = [
        candidate(promotion(1, PointsTimes(20_000)), [0]),
        candidate(promotion(2, PointsTimes(30_000)), [0]),
    ]
    found = best(scene([goods(1000)], both, earn=PER_EURO))
    assert [found.regular, *[one.points for one in found.given]] == [(10,), (10,), (20,)]


def test_points_by_what_is_left_when_nothing_is() -> None:
    """All free, and the points are still given: evenly."""
    of = [
        candidate(promotion(1, PercentOff(10_000)), [0, 1]),
        candidate(promotion(2, PointsFixed(0, 5)), [0, 1]),
    ]
    found = best(scene(TWO, of))
    assert (found.discounts, found.given[0].points) == ((1000, 505), (3, 2))


LIMITED = [  # points_max, funder's points, regular, promotion 1 (30), promotion 2 (20, the funder's)
    (None, None, 10, 30, 20),
    (60, 20, 10, 30, 20),
    (50, None, 10, 30, 10),  # the receipt's limit: first the regular ones, then by number
    (15, None, 10, 5, None),
    (10, None, 10, None, None),
    (4, None, 4, None, None),
    (None, 7, 10, 30, 7),
    (None, 0, 10, 30, None),
]


@pytest.mark.parametrize(("most", "funds", "regular", "first", "second"), LIMITED)
def test_limits_that_promotions_share(
    most: int | None, funds: int | None, regular: int, first: int | None, second: int | None
) -> None:
    """Limits hold for automatic promotions, too."""
    of = [
        candidate(promotion(1, PointsFixed(0, 30)), [0]),
        candidate(promotion(2, PointsFixed(0, 20), funder=7), [0]),
    ]
    purses = {} if funds is None else {7: Purse(None, funds)}
    found = best(scene([goods(1000)], of, earn=PER_EURO, points_max=most, purses=purses))
    assert sum(found.regular) == regular
    by_number = {one.promotion: one.points for one in found.applied}
    assert (by_number.get(1), by_number.get(2)) == (first, second)
    told = reasons(found)
    if first is None:
        assert told[1] == (Reason.LIMIT, 0)
    if second is None:
        assert told[2][0] in (Reason.LIMIT, Reason.BUDGET)


def test_services_and_coupons_are_worth_nothing_and_given() -> None:
    """Nothing excludes them: per line, and per piece."""
    lines = [goods(50_000, 2), goods(900), goods(1234, milli=1234)]
    of = [
        candidate(promotion(3, GiveService("tune-up", 2, 365)), [0, 2]),
        candidate(promotion(4, GiveCoupon(9, 30)), [1], coupon="HELLO"),
        candidate(promotion(5, GiveService("tune-up", 2, 365), caps=Caps(receipt_times=1)), [0, 2]),
    ]
    found = best(scene(lines, of))
    assert [(one.promotion.number, one.times) for one in found.given] == [
        (3, (4, 0, 2)),
        (4, ()),
        (5, (2, 0, 0)),
    ]
    assert found.applied[1] == Applied(4, 1, "promotion 4", 0, 0, 1, 0, (AppliedLine(2, 0, 0),), "HELLO")
    assert found.value == (0, 1)


def test_a_group_excludes_a_gift() -> None:
    """What is worth something comes first; of two gifts the lower number."""
    of = [
        candidate(promotion(1, GiveCoupon(9, 30), group=1), [0]),
        candidate(promotion(2, PercentOff(1), group=1), [0]),
        candidate(promotion(3, GiveCoupon(9, 30), group=2), [0]),
        candidate(promotion(4, GiveCoupon(8, 30), group=2), [0]),
    ]
    found = best(scene([goods(100_000)], of))
    assert numbers(found) == [2, 3]
    assert reasons(found) == {1: (Reason.GROUP, 2), 4: (Reason.GROUP, 3)}


def test_points_of_a_wallet_without_a_value_are_given_too() -> None:
    """Nobody published what a partner's points are worth: they decide nothing, but are not lost."""
    of = [candidate(promotion(1, PointsFixed(5, 100)), [0]), candidate(promotion(2, PercentOff(1000)), [0])]
    found = best(scene([goods(1000)], of))
    assert (numbers(found), found.given[0].points, found.value) == ([2, 1], (100,), (100, 1))


def test_a_till_that_says_more_tax_than_amount() -> None:
    """Nonsense, but nothing goes below zero."""
    line = Line("sku", 1000, 100, LineKind.GOODS, tax_minor=150)
    found = best(scene([line], [], Policies(base_tax=Tax.WITHOUT), earn=Earn(1, 1)))
    assert found.regular == (0,)
