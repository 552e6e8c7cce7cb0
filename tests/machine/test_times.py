"""Log times of entries that came, as the core judges them; and a set-time, as the executor sees it."""

import pytest

from ftnode.core.bound import Times
from ftnode.machine.kinds import Kind
from ftnode.machine.times import times_of
from ftnode.store.entry import Entry

N, S = 16, Kind.SET_TIME

RUNS = [  # (log time, kind) of each entry; what the core is told
    ([(5, N)], Times(5, 5, True)),
    ([(5, N), (5, N), (9, N)], Times(5, 9, True)),
    ([(5, N), (4, N), (9, N)], Times(5, 9, False)),
    ([(900, S)], Times(900, 900, True, first_set=True)),
    ([(900, S), (901, N)], Times(900, 901, True, first_set=True)),
    ([(5, N), (905, S), (906, N)], Times(5, 906, True, set_ms=900)),
    ([(5, N), (905, S), (906, N), (1006, S)], Times(5, 1006, True, set_ms=1000)),
]


@pytest.mark.parametrize(("run", "times"), RUNS)
def test_times(run: list[tuple[int, int]], times: Times) -> None:
    """First and last, in order or not, and what of it the operator did."""
    entries = [Entry(seq, 1, time_ms, 0, 1, kind) for seq, (time_ms, kind) in enumerate(run, 1)]
    assert times_of(entries) == times
