"""Which combination: what is worth most, what decides between equals, and what the search costs."""

from collections.abc import Sequence

import pytest

from loyalty.commands.basket import Line
from loyalty.commands.conditions import OneOf
from loyalty.commands.policies import Blocks, Policies, Rounding, RoundingOn, StackingModel
from loyalty.commands.promotions import (
    AmountOff,
    BuyGet,
    CheapestFree,
    Effect,
    FixedPrice,
    PercentOff,
    PointsFixed,
    PointsPer,
    PointsTimes,
)
from loyalty.engine.promote import Best, Earn, Purse, Spent, best
from loyalty.engine.promote.scene import Spend
from loyalty.outcomes import Reason, Search
from tests.loyalty.promote.kit import candidate, goods, numbers, promotion, reasons, scene
from tests.loyalty.promote.plain import best_of_all

ANY = OneOf("sku", ("any",))


def test_a_basket_without_promotions() -> None:
    """Only regular points."""
    found = best(scene([goods(1000), goods(99)], [], earn=Earn(1, 100), worths={0: (1, 2)}))
    assert found == Best((0, 0), Spent([0, 0], 0), (9, 1), (), (), (10, 2), (), Search(True, 0, 0))


POINTS_OR_MONEY = [  # worth of a point, effect against 1.00 off 10.00, chosen
    ((1, 1), PointsFixed(0, 99), 1),
    ((1, 1), PointsFixed(0, 101), 2),
    ((1, 2), PointsFixed(0, 199), 1),  # 0.995: one exact rational, nothing rounded
    ((1, 2), PointsFixed(0, 201), 2),
    ((1, 3), PointsFixed(0, 301), 2),
    ((1, 1), PointsPer(0, 11, 100), 2),
    ((1, 1), PointsFixed(7, 10**6), 1),  # of a wallet that is worth nothing
]


@pytest.mark.parametrize(("worth", "effect", "chosen"), POINTS_OR_MONEY)
def test_points_against_money(worth: tuple[int, int], effect: Effect, chosen: int) -> None:
    """At the wallet's published value."""
    of = [
        candidate(promotion(1, AmountOff(100), group=1), [0]),
        candidate(promotion(2, effect, group=1), [0]),
    ]
    assert numbers(best(scene([goods(1000)], of, worths={0: worth}))) == [chosen]


def test_a_discount_that_costs_more_points_than_it_saves_is_left_out() -> None:
    """0.01 off would lose the second block of 10.00, which earns 50 points of 0.01."""
    of = [candidate(promotion(1, AmountOff(1)), [0])]
    found = best(scene([goods(2000)], of, Policies(blocks=Blocks.WHOLE), earn=Earn(50, 1000)))
    assert (numbers(found), found.value) == ([], (100, 1))
    assert reasons(found) == {1: (Reason.WORTH_LESS, 0)}


def test_points_are_earned_on_what_a_discount_leaves() -> None:
    """The regular ones, and the same again by doubling, on half of 10.00."""
    of = [candidate(promotion(1, PercentOff(5000)), [0]), candidate(promotion(2, PointsTimes(20_000)), [0])]
    found = best(scene([goods(1000)], of, earn=Earn(1, 100)))
    assert (found.value, found.regular, found.given[0].points) == ((510, 1), (5,), (5,))


def pays(line: int, general: int) -> Spend:
    """Points pay 1.00 of one line, so many of them unrestricted, if the line is not reduced."""

    def spend(left: Sequence[int]) -> Spent:
        minor = [0, 0]
        if left[line] == 1000:
            minor[line] = 100
            return Spent(minor, general)
        return Spent(minor, 0)

    return spend


TIES = [  # promotions (number, effect, lines, group), spend, chosen
    ([(1, PercentOff(1000), [0], 1), (2, PercentOff(1000), [0], 1)], None, [1]),  # equal: the lower number
    ([(2, PercentOff(1000), [0], 1), (1, AmountOff(100), [0], 1)], None, [1]),
    ([(1, PercentOff(1000), [0], 1), (2, PercentOff(1000), [1], 1)], pays(0, 100), [1]),  # no points then
    ([(1, PercentOff(1000), [0], 1), (2, PercentOff(1000), [1], 1)], pays(1, 100), [2]),  # before the number
    ([(1, PercentOff(1000), [0], 1), (2, PercentOff(1000), [1], 1)], pays(1, 0), [1]),  # these have a purpose
    ([(1, FixedPrice(900), [0], 0), (2, AmountOff(1000), [0], 0)], None, [2]),  # all off: one is enough
    ([(3, AmountOff(1000), [0], 0), (2, AmountOff(1000), [0], 0), (9, FixedPrice(0), [0], 0)], None, [2]),
]


@pytest.mark.parametrize(("stack", "spend", "chosen"), TIES)
def test_equal_value(
    stack: list[tuple[int, Effect, list[int], int]], spend: Spend | None, chosen: list[int]
) -> None:
    """Fewer unrestricted points, then fewer promotions, then lower numbers."""
    of = [candidate(promotion(number, effect, group=group), lines) for number, effect, lines, group in stack]
    found = best(scene([goods(1000), goods(1000)], of, spend=spend))
    assert numbers(found) == chosen


def test_fewer_unrestricted_points_come_before_fewer_promotions() -> None:
    """1.00 off either way, as their funder has no more; on both lines it saves the points."""
    of = [
        candidate(promotion(1, AmountOff(100), funder=7), [0]),
        candidate(promotion(2, AmountOff(50), funder=7), [0]),
        candidate(promotion(3, AmountOff(50), funder=7), [1]),
    ]
    lines, purses = [goods(1000), goods(1000)], {7: Purse(100, None)}
    assert numbers(best(scene(lines, of, purses=purses))) == [1]
    assert numbers(best(scene(lines, of, purses=purses, spend=pays(1, 100)))) == [2, 3]


UP_EACH = Policies(rounding=Rounding.UP, rounding_on=RoundingOn.RULE)
HALF_UP_EACH = Policies(rounding=Rounding.HALF_UP, rounding_on=RoundingOn.RULE)
ROUNDED = [  # lines, promotions in zones 0, 1, ..., policies, chosen                where cents decide
    (  # percentages rounded up compound to more than they are
        [goods(4), goods(8)],
        [
            (PercentOff(5000), [1], None),
            (PercentOff(2000), [1], None),
            (CheapestFree(2), [0, 1], None),
            (PercentOff(7000), [0, 1], None),
        ],
        UP_EACH,
        [1, 2, 4],
    ),
    (  # alone the last one takes nothing off: 0.3 cents each; after the first it is 0.6 of one line
        [goods(1, 2), goods(3, 2), goods(2, 2)],
        [(AmountOff(3), [0], None), (BuyGet(1, 1, ANY, 3000), [1], [0, 1, 2])],
        HALF_UP_EACH,
        [1, 2],
    ),
]


@pytest.mark.parametrize(("lines", "stack", "policies", "chosen"), ROUNDED)
def test_where_cents_decide(
    lines: list[Line],
    stack: list[tuple[Effect, list[int], list[int] | None]],
    policies: Policies,
    chosen: list[int],
) -> None:
    """What a promotion takes off alone is not always its most: the bounds know by how much."""
    of = [
        candidate(promotion(zone + 1, effect, zone=zone), over, get=get)
        for zone, (effect, over, get) in enumerate(stack)
    ]
    assert numbers(best(scene(lines, of, policies))) == chosen
    assert list(best_of_all(scene(lines, of, policies)).numbers) == chosen


def test_why_not() -> None:
    """One promotion for each reason; what is wanted is told in pieces."""
    of = [
        candidate(promotion(1, PercentOff(1000)), [0], times_left=0),
        candidate(promotion(2, PercentOff(1000)), [0], minor_left=0),
        candidate(promotion(3, FixedPrice(5000)), [0]),
        candidate(promotion(4, PercentOff(9000), group=1), [0]),
        candidate(promotion(5, PercentOff(10_000), group=1), [0]),
        candidate(promotion(6, PercentOff(100), zone=1), [0]),  # nothing is left to take it off
    ]
    assert reasons(best(scene([goods(1000)], of))) == {
        1: (Reason.LIMIT, 0),
        2: (Reason.BUDGET, 0),
        3: (Reason.NO_EFFECT, 0),
        4: (Reason.GROUP, 5),
        6: (Reason.WORTH_LESS, 5),
    }


TEN_LINES = [goods(1000 * at + 99, 1 + at % 3) for at in range(1, 11)]
COMPETE = Policies(stacking=StackingModel.COMPETE_THEN_COMPOUND)


@pytest.mark.parametrize("policies", [Policies(), COMPETE])
@pytest.mark.parametrize("zones", [1, 2, 10])
def test_ten_that_go_together_are_found_at_once(policies: Policies, zones: int) -> None:
    """A step is a promotion computed on a line; more than a few times all of them are not needed."""
    of = [
        candidate(promotion(at + 1, PercentOff(500 + 100 * at), zone=at % zones), range(10))
        for at in range(10)
    ]
    found = best(scene(TEN_LINES, of, policies, earn=Earn(1, 100)))
    assert len(found.applied) == 10
    assert found.search.exact
    assert found.search.steps < 400


@pytest.mark.parametrize("policies", [Policies(), COMPETE])
def test_ten_of_which_six_are_in_conflict(policies: Policies) -> None:
    """Of a group, or for each line."""
    of = [
        candidate(
            promotion(at + 1, PercentOff(500 + 100 * at), group=int(at < 6), competes=at < 6), range(10)
        )
        for at in range(10)
    ]
    found = best(scene(TEN_LINES, of, policies, earn=Earn(1, 100)))
    assert numbers(found) == [6, 7, 8, 9, 10]
    assert found.search.exact
    assert found.search.steps < 400


def test_the_search_ends() -> None:
    """A hundred promotions on forty lines, in conflict: the best so far, with a bound, and told so."""
    lines = [goods(100 * at + 99, 1 + at % 3) for at in range(1, 41)]
    effects: list[Effect] = [PercentOff(400), AmountOff(50), PercentOff(200), PercentOff(300)]
    of = [
        candidate(promotion(at + 1, effects[at % 4], zone=at % 5, group=at % 30), range(at % 17, 40))
        for at in range(100)
    ]
    found = best(scene(lines, of, steps_max=5000))
    assert not found.search.exact
    assert 5000 <= found.search.steps < 10_000
    assert 0 < found.search.bound_minor < sum(line.amount_minor for line in lines)
    assert {reason for reason, _ in reasons(found).values()} <= {Reason.GROUP, Reason.SEARCH_ENDED}


def test_more_promotions_than_steps() -> None:
    """Some are not even computed; the bound knows of them."""
    of = [candidate(promotion(at + 1, PercentOff(100), group=1), [0]) for at in range(99)]
    found = best(scene([goods(1000)], of, steps_max=20))
    assert numbers(found) == [1]
    assert reasons(found)[99] == (Reason.SEARCH_ENDED, 0)
    assert not found.search.exact
    assert found.search.bound_minor >= 990


def test_nothing_overflows() -> None:
    """The largest amounts and quantities that a till may send."""
    lines = [goods(10**15, milli=10**9), goods(10**15, milli=10**9 - 1)]
    of = [
        candidate(promotion(1, PercentOff(9999)), [0, 1]),
        candidate(promotion(2, AmountOff(10**15, True)), [0]),
    ]
    found = best(scene(lines, of, earn=Earn(10**6, 1), worths={0: (10**6, 1)}))
    assert found.search.exact
    assert all(0 <= off <= line.amount_minor for off, line in zip(found.discounts, lines, strict=True))
