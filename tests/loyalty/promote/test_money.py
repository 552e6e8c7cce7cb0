"""Effects on money, each by itself: numbers in the open, one row a rule."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.commands.basket import Line
from loyalty.commands.conditions import OneOf
from loyalty.commands.policies import Distribution, LineFloor, Policies, Rounding, RoundingOn
from loyalty.commands.promotions import (
    AmountOff,
    Bundle,
    BundlePart,
    BuyGet,
    Caps,
    CheapestFree,
    Effect,
    FixedPrice,
    PercentOff,
)
from loyalty.engine.promote.bundle import bundle
from loyalty.engine.promote.ground import ground_of
from tests.loyalty.promote.kit import DEFAULT, NO_CAPS, alone, candidate, goods, promotion
from tests.profile import examples

Lines = Sequence[int | Line]
ANY = OneOf("sku", ("any",))
SUM, RULE = RoundingOn.SUM, RoundingOn.RULE
DOWN, HALF_UP, HALF_EVEN, UP = Rounding


def off(
    lines: Lines,
    effect: Effect,
    policies: Policies = DEFAULT,
    *,
    over: Sequence[int] | None = None,
    receipt: bool = False,
    caps: Caps = NO_CAPS,
    **more: Any,
) -> list[int]:
    """Money off each line, of one promotion over all of them unless told. A number is one piece's price."""
    basket = [goods(line) if isinstance(line, int) else line for line in lines]
    published = promotion(1, effect, receipt=receipt, caps=caps)
    of = candidate(published, range(len(basket)) if over is None else over, **more)
    return list(alone(basket, of, policies).discounts)


PERCENT = [  # amounts, basis points, rounding, on, money off
    ([999], 1000, DOWN, SUM, [99]),  # 99.9 cents
    ([999], 1000, HALF_UP, SUM, [100]),
    ([995], 1000, HALF_UP, SUM, [100]),  # exactly half
    ([995], 1000, HALF_EVEN, SUM, [100]),  # 99.5: the even neighbour is 100
    ([985], 1000, HALF_EVEN, SUM, [98]),  # 98.5: it is 98
    ([981], 1000, UP, SUM, [99]),
    ([15, 15], 1000, DOWN, SUM, [2, 1]),  # 3.0 together: the earlier line has the cent
    ([15, 15], 1000, DOWN, RULE, [1, 1]),  # 1.5 each, rounded by itself
    ([15, 15], 1000, HALF_UP, RULE, [2, 2]),
    ([15, 15], 1000, HALF_EVEN, RULE, [2, 2]),
    ([25, 25], 1000, HALF_EVEN, RULE, [2, 2]),
    ([11, 11], 1000, UP, RULE, [2, 2]),
    ([11, 11], 1000, UP, SUM, [2, 1]),  # 2.2 together
    ([1, 99, 333], 10_000, DOWN, SUM, [1, 99, 333]),  # 100 % leaves 0, never 0.01
    ([1, 99, 333], 10_000, DOWN, RULE, [1, 99, 333]),
    ([1, 1, 1], 9999, DOWN, SUM, [1, 1, 0]),  # 2.9997: cents only
    ([0, 100], 5000, UP, RULE, [0, 50]),
]


@pytest.mark.parametrize(("amounts", "basis_points", "rounding", "on", "wanted"), PERCENT)
def test_percent_off(
    amounts: list[int], basis_points: int, rounding: Rounding, on: RoundingOn, wanted: list[int]
) -> None:
    """Rounded as the programme says; on the sum, the sum is right to the cent."""
    policies = Policies(rounding=rounding, rounding_on=on)
    assert off(list(amounts), PercentOff(basis_points), policies) == wanted


LARGEST, EVEN, FIRST = Distribution
RECEIPT_WIDE = [  # amounts, effect, distribution, money off
    ([9000, 1000], AmountOff(500), LARGEST, [450, 50]),
    ([9000, 1000], AmountOff(500), EVEN, [250, 250]),
    ([9000, 1000, 1], AmountOff(500), FIRST, [451, 49, 0]),  # 449.95, 49.99, 0.04, and 2 cents
    ([9000, 100], AmountOff(500), EVEN, [400, 100]),  # what a line has no room for goes to the others
    ([100, 100, 100], AmountOff(100), LARGEST, [34, 33, 33]),  # the parts sum to the whole
    ([300, 100], AmountOff(500), LARGEST, [300, 100]),  # never below zero
    ([300, 0], AmountOff(500), EVEN, [300, 0]),
    ([1001, 1001], PercentOff(1000), LARGEST, [100, 100]),  # 200.2 together
    ([1009, 1009], PercentOff(1000), LARGEST, [101, 100]),  # 201.8: once over all
    ([9000, 1000], PercentOff(1000), EVEN, [500, 500]),  # one amount, spread by the policy
    ([1, 2], PercentOff(10_000), EVEN, [1, 2]),
]


@pytest.mark.parametrize(("amounts", "effect", "distribution", "wanted"), RECEIPT_WIDE)
def test_once_over_the_receipt(
    amounts: list[int], effect: Effect, distribution: Distribution, wanted: list[int]
) -> None:
    """One amount for all lines that the promotion is about, spread by the distribution policy."""
    assert off(list(amounts), effect, Policies(distribution=distribution), receipt=True) == wanted


LINES = [  # lines, effect, money off
    ([1000, 300], AmountOff(500), [500, 300]),  # of each line, not below zero
    ([goods(1000, 3), 300], AmountOff(200), [200, 200]),
    ([goods(1000, 3), 300], AmountOff(200, True), [600, 200]),  # of each piece
    ([goods(1234, milli=1234)], AmountOff(200, True), [200]),  # weighed goods are one piece
    ([goods(3000, 3), 800, 1000], FixedPrice(900), [300, 0, 100]),  # never raises
    ([goods(1234, milli=1234)], FixedPrice(500), [617]),  # 5.00 a kilo: 6.17
    ([goods(1000, milli=1333)], FixedPrice(500), [333]),  # 6.665: 333.5 off, rounded down
    ([1000], FixedPrice(0), [1000]),
]


@pytest.mark.parametrize(("lines", "effect", "wanted"), LINES)
def test_of_each_line(lines: Lines, effect: Effect, wanted: list[int]) -> None:
    """Amounts off and fixed prices."""
    assert off(lines, effect) == wanted


PIECES = [  # lines, effect, money off                       cheapest free: groups from the dearest piece on
    ([300, 200, 100], CheapestFree(3), [0, 0, 100]),
    ([300, 200, 100, 90], CheapestFree(2), [0, 200, 0, 90]),  # as often as fits, not once
    ([90, 300, 100, 200], CheapestFree(2), [90, 0, 0, 200]),  # whatever the order of the lines
    ([300, 200], CheapestFree(3), [0, 0]),  # a group must be full
    ([300, 200, 100, 90, 80], CheapestFree(3), [0, 0, 100, 0, 0]),
    ([goods(600, 6)], CheapestFree(3), [200]),  # six pieces of one line: two groups
    ([goods(1000, 3)], CheapestFree(3), [333]),  # 3.34, 3.33, 3.33
    ([goods(400, 4), 50], CheapestFree(5, 2), [100, 50]),
    ([goods(999, milli=1234), 100, 100], CheapestFree(3), [0, 0, 100]),  # of equal ones, the later line's
    ([goods(10**9, 10**6)], CheapestFree(2), [5 * 10**8]),  # a million pieces cost no more time than two
    # buy and get of the same lines: the cheapest of each group is got
    ([300, 200, 100], BuyGet(2, 1, None), [0, 0, 100]),
    ([300, 200, 100, 90, 80, 70], BuyGet(2, 1, None), [0, 0, 100, 0, 0, 70]),  # twice
    ([300, 200, 100], BuyGet(1, 1, None), [0, 200, 0]),
    ([300, 200], BuyGet(1, 1, None, 5000), [0, 100]),
    ([goods(300, 3)], BuyGet(2, 1, None), [100]),
    ([goods(200, 2)], BuyGet(2, 1, None), [0]),  # a piece is bought or got, not both
]


@pytest.mark.parametrize(("lines", "effect", "wanted"), PIECES)
def test_pieces(lines: Lines, effect: Effect, wanted: list[int]) -> None:
    """As often as fits, and never on the wrong line."""
    assert off(lines, effect) == wanted


OTHERS = [  # lines, buy, get, effect, money off
    ([500, 90, 80], [0], [1, 2], BuyGet(1, 1, ANY), [0, 90, 0]),  # the dearest that may be got
    ([500, 500, 90, 80, 70], [0, 1], [2, 3, 4], BuyGet(1, 1, ANY), [0, 0, 90, 80, 0]),
    ([500, 90], [0], [1], BuyGet(2, 1, ANY), [0, 0]),
    ([goods(1000, 2), 90], [0], [1], BuyGet(2, 1, ANY, 3333), [0, 29]),
    ([500, 90], [0, 1], [1], BuyGet(1, 1, ANY), [0, 90]),  # line 2 could be bought too, but is got
    ([500, 90], [0, 1], [1], BuyGet(2, 1, ANY), [0, 0]),  # it cannot be both
    ([500, 400, 90], [0, 1, 2], [1, 2], BuyGet(2, 1, ANY), [0, 400, 0]),  # two others are left to buy
    ([500, 400], [0, 1], [0, 1], BuyGet(1, 1, ANY), [0, 400]),  # the same lines: the cheapest of each group
]


@pytest.mark.parametrize(("lines", "buy", "get", "effect", "wanted"), OTHERS)
def test_buy_some_and_get_others(
    lines: Lines, buy: list[int], get: list[int], effect: Effect, wanted: list[int]
) -> None:
    """A piece is bought or got; which, as is best for the customer."""
    assert off(lines, effect, over=buy, get=get) == wanted


def two(one: int, other: int, minor: int) -> Bundle:
    """A bundle of two parts."""
    return Bundle((BundlePart(ANY, one), BundlePart(ANY, other)), minor)


BUNDLES = [  # lines, parts, effect, money off
    ([600, 400], [[0], [1]], two(1, 1, 900), [60, 40]),  # in proportion
    ([600, 400], [[0], [1]], two(1, 1, 1100), [0, 0]),  # never raises
    ([600, 400], [[0], [1]], two(1, 1, 1000), [0, 0]),
    ([600, 500, 400], [[0, 1], [2]], two(1, 1, 900), [60, 0, 40]),  # the dearest first
    ([goods(1200, 2), goods(800, 2)], [[0], [1]], two(1, 1, 900), [120, 80]),  # as many as fit
    ([goods(1200, 2), goods(1200, 3)], [[0], [1]], two(1, 2, 1300), [43, 57]),  # one fits: 6.00 + 2 x 4.00
    ([600, 100, 400, 100], [[0, 1], [2, 3]], two(1, 1, 500), [300, 0, 200, 0]),  # the second would cost more
    ([600, 400], [[0, 1], [0]], two(1, 1, 900), [60, 40]),  # line 1 fits both parts, and is in one only
    ([600, 400, 300], [[0, 1, 2], [0]], two(2, 1, 1000), [139, 92, 69]),
    ([600], [[0], [0]], two(1, 1, 100), [0]),
    ([goods(600, 2)], [[0], [0]], two(1, 1, 100), [500]),
    ([600, 400], [[0, 1], []], two(1, 1, 100), [0, 0]),
]


@pytest.mark.parametrize(("lines", "parts", "effect", "wanted"), BUNDLES)
def test_bundles(lines: Lines, parts: list[list[int]], effect: Bundle, wanted: list[int]) -> None:
    """Parts together for one price."""
    over = sorted({line for part in parts for line in part})
    assert off(lines, effect, over=over, parts=parts) == wanted


LIMITED = [  # lines, effect, limits, money off
    ([900, 100], PercentOff(5000), {"caps": Caps(receipt_minor=100)}, [90, 10]),
    ([900, 100], PercentOff(5000), {"minor_left": 100}, [90, 10]),
    ([900, 100], PercentOff(5000), {"minor_left": 50, "caps": Caps(receipt_minor=100)}, [45, 5]),
    ([900, 100], PercentOff(5000), {"minor_left": 0}, [0, 0]),
    ([900, 100], PercentOff(5000), {"times_left": 0}, [0, 0]),
    ([300, 200, 100, 90], CheapestFree(2), {"caps": Caps(receipt_times=1)}, [0, 200, 0, 0]),
    ([300, 200, 100, 90], BuyGet(1, 1, None), {"caps": Caps(receipt_times=1)}, [0, 200, 0, 0]),
]


@pytest.mark.parametrize(("lines", "effect", "limits", "wanted"), LIMITED)
def test_limits(lines: Lines, effect: Effect, limits: dict[str, Any], wanted: list[int]) -> None:
    """What a promotion's own limits leave is cut in proportion; of groups, the first count."""
    assert off(lines, effect, **limits) == wanted


def test_a_limit_of_bundles_keeps_the_dearest() -> None:
    """One of two."""
    lines = [goods(1200, 2), goods(800, 2)]
    assert off(lines, two(1, 1, 900), parts=[[0], [1]], caps=Caps(receipt_times=1)) == [60, 40]


FLOORS = [  # lines, effect, scope, money off
    ([goods(1000, floor=700)], PercentOff(5000), False, [300]),
    ([goods(1000, floor=2000)], PercentOff(5000), False, [0]),  # a floor above the amount: nothing
    ([goods(1000, floor=900), goods(1000)], AmountOff(500), True, [100, 400]),  # the rest goes to the other
    ([goods(1000, floor=900), goods(1000)], PercentOff(5000), False, [100, 500]),  # a line's part does not
    ([goods(300), goods(200, floor=150)], CheapestFree(2), False, [0, 50]),
]


@pytest.mark.parametrize(("lines", "effect", "receipt", "wanted"), FLOORS)
def test_floors(lines: Lines, effect: Effect, receipt: bool, wanted: list[int]) -> None:
    """No discount takes a line below its floor, if the programme says so."""
    policies = Policies(line_floor=LineFloor.LINE)
    assert off(lines, effect, policies, receipt=receipt) == wanted


def test_without_the_policy_floors_do_not_matter() -> None:
    """The default."""
    assert off([goods(1000, floor=700)], PercentOff(5000)) == [500]


SMALL = st.lists(st.tuples(st.integers(1, 20), st.integers(1, 2), st.integers(1, 3)), min_size=1, max_size=3)


@examples(150)
@given(SMALL, st.integers(1, 2), st.integers(1, 2))
def test_as_many_bundles_as_fit_of_the_dearest_pieces(
    lines: list[tuple[int, int, int]], one: int, other: int
) -> None:
    """Beside every way to deal single pieces to parts, also where lines fit both."""
    basket = [goods(price * pieces, pieces) for price, pieces, _ in lines]
    parts = [[at for at, line in enumerate(lines) if line[2] & bit] for bit in (1, 2)]
    pieces = [(price, fits) for price, count, fits in lines for _ in range(count)]
    most, dearest = 0, 0
    for part_of in product((0, 1, 2), repeat=len(pieces)):  # 0: in no bundle
        counts = part_of.count(1), part_of.count(2)
        times = counts[0] // one
        if counts != (times * one, times * other) or any(
            part and not fits & part for part, (_, fits) in zip(part_of, pieces, strict=True)
        ):
            continue
        cost = sum(price for part, (price, _) in zip(part_of, pieces, strict=True) if part)
        most, dearest = max((most, dearest), (times, cost))
    effect = Bundle((BundlePart(ANY, one), BundlePart(ANY, other)), 0)
    over = sorted({*parts[0], *parts[1]})
    ground = ground_of(basket, Policies())
    minor, times = bundle(effect, parts, over, ground, ground.amounts, 99)
    assert (times, sum(minor)) == (most, dearest)
