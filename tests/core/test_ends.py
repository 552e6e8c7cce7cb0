"""Where epochs end in a log: the arithmetic that finds what two logs share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftnode.core.ends import Ends, between, common_seq, cut, extended, last, merged

CASES = [  # mine, theirs, common
    ((), (), 0),
    (((1, 5),), (), 0),  # a blank disk
    (((1, 5),), ((1, 5),), 5),
    (((1, 5),), ((1, 3),), 3),  # behind
    (((1, 3),), ((1, 5),), 3),  # a tail that the new active does not have
    (((1, 5), (2, 9)), ((1, 5), (2, 7)), 7),
    (((1, 5), (3, 9)), ((1, 7),), 5),  # entries 6 and 7 of epoch 1 were never answered
    (((1, 5), (3, 9)), ((1, 5), (2, 8)), 5),  # epoch 2 lost
    (((3, 9),), ((3, 7),), 7),  # a trimmed log
    (((3, 9),), ((1, 5),), 0),  # nothing known in common: a snapshot
]


@pytest.mark.parametrize(("mine", "theirs", "seq"), CASES)
def test_common(mine: Ends, theirs: Ends, seq: int) -> None:
    assert common_seq(mine, theirs) == seq
    assert common_seq(theirs, mine) == seq


@st.composite
def logs(draw: st.DrawFn) -> list[int]:
    """The epoch of each entry, rising."""
    return sorted(draw(st.lists(st.integers(1, 6), max_size=20)))


def ends_of(epochs: list[int]) -> Ends:
    ends: Ends = ()
    for seq, epoch in enumerate(epochs, start=1):
        ends = extended(ends, epoch, seq)
    return ends


@given(logs())
def test_cut_is_the_log_without_its_tail(epochs: list[int]) -> None:
    for seq in range(len(epochs) + 1):
        assert cut(ends_of(epochs), seq) == ends_of(epochs[:seq])


@given(logs(), st.integers(1, 21), st.integers(0, 21))
def test_a_log_is_its_parts(epochs: list[int], from_seq: int, to_seq: int) -> None:
    """What was cut and what is sent after it make the whole log again."""
    ends = ends_of(epochs)
    run = between(ends, from_seq, min(to_seq, len(epochs)))
    if from_seq <= to_seq <= len(epochs):
        assert merged(cut(ends, from_seq - 1), run) == cut(ends, to_seq)
    assert last(ends)[1] == len(epochs)


@given(logs(), st.integers(0, 20), st.integers(0, 5), st.integers(0, 5))
def test_two_logs_share_what_they_had_before_they_parted(
    shared: list[int], kept: int, mine: int, theirs: int
) -> None:
    """One active per epoch: after a common prefix the epochs differ, and the prefix is found exactly."""
    prefix = shared[:kept]
    at = prefix[-1] if prefix else 0
    left = ends_of(prefix + [at + 1] * mine)
    right = ends_of(prefix + [at + 2] * theirs)
    assert common_seq(left, right) == len(prefix)
