"""Parts of a whole: they sum to it, keep to their caps, and are as near to their shares as they can be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.commands.policies import Distribution
from loyalty.engine.spread import share, spread, spread_by

CASES = [  # total, weights, caps, parts
    (10, (1, 1, 1), (10, 10, 10), [4, 3, 3]),  # equal remainders: the earlier line
    (100, (8990, 1500, 333), (100, 100, 100), [83, 14, 3]),
    (1, (1, 2), (9, 9), [0, 1]),  # the larger remainder
    (0, (5, 5), (5, 5), [0, 0]),
    (7, (0, 1), (9, 9), [0, 7]),  # no weight, no part
    (9, (1, 1, 1), (1, 9, 9), [1, 4, 4]),  # a cap's overflow goes to the others, in proportion
    (10, (1, 1, 1), (1, 9, 9), [1, 5, 4]),
    (6, (1, 1, 1), (1, 9, 9), [1, 3, 2]),  # one above its cap is above it
    (19, (1, 1, 1), (1, 9, 9), [1, 9, 9]),  # exactly what fits
    (5, (0, 0), (9, 9), [0, 0]),  # nobody to give to: the sum tells
]


@pytest.mark.parametrize(("total", "weights", "caps", "parts"), CASES)
def test_parts(total: int, weights: tuple[int, ...], caps: tuple[int, ...], parts: list[int]) -> None:
    """Numbers in the open."""
    assert spread(total, weights, caps) == parts


EVEN, FIRST = Distribution.EVEN, Distribution.FIRST_TAKES_REST

BY_POLICY = [  # policy, total, weights, caps, parts
    (Distribution.LARGEST_REMAINDER, 10, (600, 300, 100), None, [6, 3, 1]),
    (EVEN, 9, (600, 300, 100), None, [3, 3, 3]),  # whatever the lines cost
    (EVEN, 11, (600, 300, 100), None, [4, 4, 3]),  # units too few: the earlier ones
    (EVEN, 2, (600, 300, 100), None, [1, 1, 0]),
    (EVEN, 7, (0, 300, 100), None, [0, 4, 3]),  # no weight, no part
    (EVEN, 10, (600, 300, 100), (9, 9, 1), [5, 4, 1]),  # what a cap keeps out goes to the others
    (EVEN, 10, (600, 300, 100), (1, 9, 9), [1, 5, 4]),
    (EVEN, 10, (600, 300, 100), (1, 2, 9), [1, 2, 7]),  # one cap after the other
    (EVEN, 12, (600, 300, 100), (1, 2, 9), [1, 2, 9]),  # exactly what fits
    (EVEN, 0, (600, 300), (9, 9), [0, 0]),
    (EVEN, 5, (0, 0), (9, 9), [0, 0]),  # nobody to give to: the sum tells
    (FIRST, 10, (600, 300, 100), None, [6, 3, 1]),
    (FIRST, 11, (600, 300, 100), None, [7, 3, 1]),  # 6.6, 3.3, 1.1: the rest is 1
    (FIRST, 2, (100, 100, 100), None, [2, 0, 0]),
    (FIRST, 8, (0, 100, 100, 100), None, [0, 4, 2, 2]),  # the first with a weight
    (FIRST, 11, (600, 300, 100), (6, 9, 9), [6, 4, 1]),  # the first is full: the next
    (FIRST, 11, (600, 300, 100), (6, 3, 9), [6, 3, 2]),
    (FIRST, 10, (600, 300, 100), (4, 9, 9), [4, 5, 1]),
    (FIRST, 0, (600, 300), (9, 9), [0, 0]),
    (FIRST, 5, (0, 0), (9, 9), [0, 0]),
]


@pytest.mark.parametrize(("policy", "total", "weights", "caps", "parts"), BY_POLICY)
def test_parts_by_policy(
    policy: Distribution, total: int, weights: tuple[int, ...], caps: tuple[int, ...] | None, parts: list[int]
) -> None:
    """Numbers in the open."""
    assert spread_by(policy, total, weights, caps) == parts


PARTS = st.lists(st.tuples(st.integers(0, 10**15), st.integers(0, 10**15)), min_size=1, max_size=30)


@pytest.mark.parametrize("policy", Distribution)
@given(st.data(), PARTS)
def test_parts_sum_to_the_whole_and_keep_their_caps(
    policy: Distribution, data: st.DataObject, pairs: list[tuple[int, int]]
) -> None:
    """For whatever fits, by every policy."""
    weights = [weight for weight, _ in pairs]
    caps = [cap for _, cap in pairs]
    total = data.draw(st.integers(0, sum(cap for weight, cap in pairs if weight)))
    parts = spread_by(policy, total, weights, caps)
    assert sum(parts) == total
    assert all(0 <= part <= cap for part, cap in zip(parts, caps, strict=True))
    assert not any(part for part, weight in zip(parts, weights, strict=True) if not weight)


@given(st.data(), PARTS)
def test_even_parts_differ_only_where_a_cap_binds(data: st.DataObject, pairs: list[tuple[int, int]]) -> None:
    """A part below the greatest by more than the one unit too few is at its cap."""
    weights, caps = [weight for weight, _ in pairs], [cap for _, cap in pairs]
    total = data.draw(st.integers(0, sum(cap for weight, cap in pairs if weight)))
    parts = spread_by(EVEN, total, weights, caps)
    for part, cap, weight in zip(parts, caps, weights, strict=True):
        assert part == cap or part >= max(parts) - 1 or not weight


@given(st.integers(0, 10**15), st.lists(st.integers(1, 10**12), min_size=1, max_size=30))
def test_without_caps_no_part_is_a_unit_off_its_share(total: int, weights: list[int]) -> None:
    """Each part is its exact share, rounded down or up."""
    whole = sum(weights)
    for part, weight in zip(spread(total, weights, [total] * len(weights)), weights, strict=True):
        assert total * weight // whole <= part <= -(-total * weight // whole)


def test_two_hundred_caps_that_bind_one_after_the_other_end() -> None:
    """The worst number of rounds: each fills one part."""
    caps = [2**at for at in range(200)]
    parts = spread(sum(caps), [4 ** (200 - at) for at in range(200)], caps)
    assert parts == caps


@given(st.integers(0, 10**15), st.lists(st.integers(1, 10**9), min_size=1, max_size=20))
def test_shares_of_pieces_sum_to_the_whole(amount: int, pieces: list[int]) -> None:
    """However a whole is cut: differences of cumulative shares give all of it, never less than nothing."""
    whole, before, given_so_far = sum(pieces), 0, 0
    for piece in pieces:
        part = share(amount, before + piece, whole) - share(amount, before, whole)
        assert part >= 0
        before, given_so_far = before + piece, given_so_far + part
    assert given_so_far == amount
