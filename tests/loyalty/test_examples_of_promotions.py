"""The numbers of promotions in RULES.md: each example is quoted from the page and tried."""

from typing import Any, Final

import pytest

from loyalty.commands import Line, LineKind, Policies, Promotion
from loyalty.commands import policies as pol
from loyalty.commands.conditions import Bought, Measure, OneOf
from loyalty.commands.promotions import (
    AmountOff,
    Bundle,
    BundlePart,
    BuyGet,
    Caps,
    CheapestFree,
    FixedPrice,
    PercentOff,
    PointsFixed,
    PointsPer,
    PointsTimes,
    Stacking,
)
from loyalty.outcomes import QuoteDone
from tests.loyalty.desk import promotion
from tests.loyalty.kit import Shop, expect, goods
from tests.loyalty.rules_page import line_off, of, policy, quote, says, shop

BICYCLE: Final = OneOf("sku", ("bike",))
HELMET: Final = OneOf("sku", ("helmet",))


TEN: Final = line_off(1, PercentOff(1000))
TEN_OFF: Final = promotion(1, AmountOff(1000))
SET: Final = Bundle(
    tuple([BundlePart(OneOf("sku", (sku,)), 1) for sku in ("ski", "boots", "bindings")]), 59_900
)
OFF: Final = [  # words, promotion, policies, lines, off each of them
    ("10 % off 0.25 is 0.02; 19.99 earns 99 points", TEN, policy(), of(25), [2]),
    (
        "10 % off 0.25 is 0.03; 19.99 earns 100 points",
        TEN,
        policy(rounding=pol.Rounding.HALF_UP),
        of(25),
        [3],
    ),
    ("10 % off 0.25 is 0.02, off 0.35 it is 0.04", TEN, policy(rounding=pol.Rounding.HALF_EVEN), of(25), [2]),
    ("10 % off 0.25 is 0.02, off 0.35 it is 0.04", TEN, policy(rounding=pol.Rounding.HALF_EVEN), of(35), [4]),
    ("| `UP` | 10 % off 0.25 is 0.03 |", TEN, policy(rounding=pol.Rounding.UP), of(25), [3]),
    ("10 % off three lines of 0.15 is 0.04, as 0.02, 0.01, 0.01", TEN, policy(), of(15, 15, 15), [2, 1, 1]),
    (
        "10 % off three lines of 0.15 is 0.01 each, 0.03 in all",
        TEN,
        policy(rounding_on=pol.RoundingOn.RULE),
        of(15, 15, 15),
        [1, 1, 1],
    ),
    (
        "10.00 off lines of 40.00, 20.00 and 2.00 is 6.45, 3.23 and 0.32",
        TEN_OFF,
        policy(),
        of(4000, 2000, 200),
        [645, 323, 32],
    ),
    (
        "4.00, 4.00 and 2.00 of these lines",
        TEN_OFF,
        policy(distribution=pol.Distribution.EVEN),
        of(4000, 2000, 200),
        [400, 400, 200],
    ),
    (
        "6.46, 3.22 and 0.32 of these lines",
        TEN_OFF,
        policy(distribution=pol.Distribution.FIRST_TAKES_REST),
        of(4000, 2000, 200),
        [646, 322, 32],
    ),
    (
        "10 % off 100.00 with a floor of 95.00 is 5.00",
        TEN,
        policy(line_floor=pol.LineFloor.LINE),
        [Line("shoes", 1000, 10_000, LineKind.GOODS, floor_minor=9500)],
        [500],
    ),
    (
        "10 % off 19.99, 5.00 and 0.01: 2.50 off, as 2.00, 0.50 and 0.00",
        TEN,
        policy(),
        of(1999, 500, 1),
        [200, 50, 0],
    ),
    (
        "5.00 off lines of 40.00 and 3.00: 5.00 and 3.00",
        line_off(1, AmountOff(500)),
        policy(),
        of(4000, 300),
        [500, 300],
    ),
    (
        "off each piece of two for 40.00: 10.00",
        line_off(1, AmountOff(500, True)),
        policy(),
        [goods(4000, 2000)],
        [1000],
    ),
    (
        "off the receipt of 40.00 and 10.00: 4.00 and 1.00",
        promotion(1, AmountOff(500)),
        policy(),
        of(4000, 1000),
        [400, 100],
    ),
    (
        "two pieces for 30.00 at 9.90 each: 10.20 off",
        line_off(1, FixedPrice(990)),
        policy(),
        [goods(3000, 2000)],
        [1020],
    ),
    (
        "1.234 kg for 20.00 at 9.90 a kilogram: 7.78 off",
        line_off(1, FixedPrice(990)),
        policy(),
        [goods(2000, 1234)],
        [778],
    ),
    (
        "seven pieces of 9.00, 8.00, 7.00, 6.00, 5.00, 4.00 and 3.00: 7.00 and 4.00 are free",
        line_off(1, CheapestFree(3)),
        policy(),
        of(900, 800, 700, 600, 500, 400, 300),
        [0, 0, 700, 0, 0, 400, 0],
    ),
    (
        "buy two, get one at half its price, of 9.00, 8.00 and 7.00: 3.50 off",
        line_off(1, BuyGet(2, 1, None, 5000)),
        policy(),
        of(900, 800, 700),
        [0, 0, 350],
    ),
    (
        "a helmet at half its price with a bike, of 60.00 and 40.00: 30.00 off",
        line_off(1, BuyGet(1, 1, HELMET, 5000), lines=BICYCLE),
        policy(),
        of(30_000, sku="bike") + of(6000, 4000, sku="helmet"),
        [0, 3000, 0],
    ),
    (
        "as a set for 599.00: 57.71, 28.86 and 14.43 off",
        line_off(1, SET),
        policy(),
        of(40_000, sku="ski") + of(20_000, sku="boots") + of(10_000, sku="bindings"),
        [5771, 2886, 1443],
    ),
]


@pytest.mark.parametrize(("words", "one", "policies", "lines", "off"), OFF)
def test_money_off(words: str, one: Promotion, policies: Policies, lines: list[Line], off: list[int]) -> None:
    """One promotion on a basket."""
    says(words)
    done = expect(quote(shop(one, policies=policies), *lines), QuoteDone)
    assert [line.discount_minor for line in done.bill.lines] == off


@pytest.mark.parametrize(
    ("words", "effect", "more"),
    [
        ("10 for each 1.00 of 80.00 and 20.00: 800 and 200 more", PointsPer(0, 10, 100), [800, 200]),
        ("double: 80.00 and 20.00 earn 400 and 100 more", PointsTimes(20_000), [400, 100]),
        ("500: 400 and 100 more for 80.00 and 20.00", PointsFixed(0, 500), [400, 100]),
    ],
)
def test_more_points(words: str, effect: Any, more: list[int]) -> None:
    """Beside the regular points, 400 and 100."""
    says(words)
    bill = quote(shop(promotion(1, effect)), *of(8000, 2000)).bill
    assert [line.points for line in bill.applied[0].lines] == more
    assert [line.earned_points for line in bill.lines] == [400 + more[0], 100 + more[1]]


@pytest.mark.parametrize(
    ("words", "discounts", "points"),
    [
        ("100.00 with 20 % off earns 400 points", pol.Discounts.AFTER, 400),
        ("| `BEFORE` | it earns 500;", pol.Discounts.BEFORE, 500),
    ],
)
def test_the_base_of_discounts(words: str, discounts: pol.Discounts, points: int) -> None:
    """What is earned on 100.00 less 20 %."""
    says(words)
    found = shop(line_off(1, PercentOff(2000)), policies=policy(base_discounts=discounts))
    assert quote(found, goods(10_000)).bill.earned_points == points


def applied(found: Shop, *lines: Line) -> tuple[list[tuple[int, int]], list[tuple[int, str, int]]]:
    """What was applied, with money off; what was not, with the reason and by what."""
    done = quote(found, *lines)
    return (
        [(one.promotion, one.minor) for one in done.bill.applied],
        [(one.promotion, one.reason.name, one.by) for one in done.passed_over],
    )


def test_what_goes_together() -> None:
    """Groups and the two models."""
    says("20 % off and 25.00 off in one group, on 100.00: 25.00 off")
    group = Stacking(group=1)
    found = shop(line_off(1, PercentOff(2000), stacking=group), promotion(2, AmountOff(2500), stacking=group))
    assert applied(found, goods(10_000)) == ([(2, 2500)], [(1, "GROUP", 2)])

    says("10 % and 20 % in zone 0, 10 % in zone 1, on 100.00: 10.00, 20.00 and 7.00 off")
    found = shop(TEN, line_off(2, PercentOff(2000)), line_off(3, PercentOff(1000), stacking=Stacking(zone=1)))
    assert applied(found, goods(10_000)) == ([(1, 1000), (2, 2000), (3, 700)], [])

    says("10 % and 20 % that compete, another 10 %, on 100.00: 20.00 and 8.00 off")
    rival = Stacking(competes=True)
    found = shop(
        line_off(1, PercentOff(1000), stacking=rival),
        line_off(2, PercentOff(2000), stacking=rival),
        line_off(3, PercentOff(1000)),
        policies=policy(stacking=pol.StackingModel.COMPETE_THEN_COMPOUND),
    )
    assert applied(found, goods(10_000)) == ([(2, 2000), (3, 800)], [(1, "WORTH_LESS", 2)])


def test_what_is_best() -> None:
    """Points count at their worth; of equal value fewer promotions, then lower numbers."""
    says("5 % off is worth 5.00 and 475 points, 9.75 in all", "is worth 1500 points, 15.00, and is taken")
    group = Stacking(group=1)
    cheaper = line_off(1, PercentOff(500), stacking=group)
    found = shop(cheaper, promotion(2, PointsTimes(30_000), stacking=group))
    assert quote(shop(cheaper), goods(10_000)).bill.earned_points == 475
    assert applied(found, goods(10_000)) == ([(2, 0)], [(1, "GROUP", 2)])
    assert quote(found, goods(10_000)).bill.earned_points == 1500

    says("10 % off and 10.00 off, numbers 7 and 5 of one group, on 100.00: number 5")
    found = shop(line_off(7, PercentOff(1000), stacking=group), promotion(5, AmountOff(1000), stacking=group))
    assert applied(found, goods(10_000)) == ([(5, 1000)], [(7, "GROUP", 5)])

    says("a price of 9.90 in zone 1 after 10 % off in zone 0, on 20.00: 9.90 either way")
    found = shop(line_off(1, FixedPrice(990), stacking=Stacking(zone=1)), line_off(2, PercentOff(1000)))
    assert applied(found, goods(2000)) == ([(1, 1010)], [(2, "WORTH_LESS", 1)])


def test_budgets() -> None:
    """What is left is given, then nothing."""
    says("20 % off with a budget of 25.00: three purchases of 100.00 get 20.00, 5.00 and nothing")
    found = shop(line_off(1, PercentOff(2000), caps=Caps(budget_minor=2500)))
    off = [found.buy(found.enrol_id, goods(10_000)).bill.discount_minor for _ in range(3)]
    assert off == [2000, 500, 0]
    assert applied(found, goods(10_000)) == ([], [(1, "BUDGET", 0)])


def test_what_is_wanted() -> None:
    """What would make a promotion apply."""
    says('("goods, 200.00 EUR or more")', "two pieces for three for two")
    found = shop(line_off(1, PercentOff(500), receipt=Bought(Measure.AMOUNT, None, 20_000, None)))
    assert quote(found, goods(15_000)).passed_over[0].wanted == "goods, 200.00 EUR or more"
    assert applied(shop(line_off(1, CheapestFree(3))), goods(1000, 2000)) == ([], [(1, "NO_EFFECT", 0)])
