"""Parts of a whole: they sum to it, keep to their caps, and are as near to their shares as they can be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.engine.spread import share, spread

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


PARTS = st.lists(st.tuples(st.integers(0, 10**15), st.integers(0, 10**15)), min_size=1, max_size=30)


@given(st.data(), PARTS)
def test_parts_sum_to_the_whole_and_keep_their_caps(
    data: st.DataObject, pairs: list[tuple[int, int]]
) -> None:
    """For whatever fits."""
    weights = [weight for weight, _ in pairs]
    caps = [cap for _, cap in pairs]
    total = data.draw(st.integers(0, sum(cap for weight, cap in pairs if weight)))
    parts = spread(total, weights, caps)
    assert sum(parts) == total
    assert all(0 <= part <= cap for part, cap in zip(parts, caps, strict=True))
    assert not any(part for part, weight in zip(parts, weights, strict=True) if not weight)


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
