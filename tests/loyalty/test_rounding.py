"""One division, four ways with a fraction; beside the standard library's decimals."""

from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.commands.policies import Rounding
from loyalty.engine.rounding import divide

CASES = [  # numerator, denominator: down, half up, half even, up
    (0, 3, (0, 0, 0, 0)),
    (6, 3, (2, 2, 2, 2)),  # no fraction, no difference
    (5, 10, (0, 1, 0, 1)),  # exactly half: the even neighbour of 0 and 1 is 0
    (15, 10, (1, 2, 2, 2)),  # and that of 1 and 2 is 2
    (25, 10, (2, 3, 2, 3)),
    (249, 100, (2, 2, 2, 3)),  # just below half
    (251, 100, (2, 3, 3, 3)),  # just above
    (1, 3, (0, 0, 0, 1)),
    (2, 3, (0, 1, 1, 1)),
    (1, 10**15, (0, 0, 0, 1)),
]


@pytest.mark.parametrize(("numerator", "denominator", "wanted"), CASES)
def test_quotients(numerator: int, denominator: int, wanted: tuple[int, int, int, int]) -> None:
    """Numbers in the open, one column a policy."""
    ways = (Rounding.DOWN, Rounding.HALF_UP, Rounding.HALF_EVEN, Rounding.UP)
    assert tuple(divide(numerator, denominator, way) for way in ways) == wanted


DECIMALS = {
    Rounding.DOWN: ROUND_DOWN,
    Rounding.HALF_UP: ROUND_HALF_UP,
    Rounding.HALF_EVEN: ROUND_HALF_EVEN,
    Rounding.UP: ROUND_CEILING,
}


@given(st.integers(0, 10**18), st.sampled_from([1, 2, 4, 5, 8, 10, 100, 1000, 10_000, 10**6]))
def test_quotients_are_those_of_the_standard_library(numerator: int, denominator: int) -> None:
    """For denominators that decimals can write out."""
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(numerator) / denominator
        for way, name in DECIMALS.items():
            assert divide(numerator, denominator, way) == int(exact.quantize(Decimal(1), rounding=name))
