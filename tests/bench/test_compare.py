"""What the bench promises is judged at the boundary too."""

import pytest

from chaos.bench.compare import judge
from chaos.bench.workload import Measured, purchases


def measured(side: str, measure: str, rate: int, wait_ms: float) -> Measured:
    return Measured(side, measure, rate, 1.0, [wait_ms] * 3, 0.1)


CASES = [  # one caller's wait, 32 in flight, batches of 50: ours in percent of theirs; what is ok
    ((150, 60, 200), (True, True, True)),
    ((151, 60, 200), (False, True, True)),
    ((150, 59, 200), (True, False, True)),
    ((150, 60, 199), (True, True, False)),
]


@pytest.mark.parametrize(("percent", "ok"), CASES)
def test_the_three_promises(percent: tuple[int, int, int], ok: tuple[bool, bool, bool]) -> None:
    theirs = [
        measured("postgresql", "one caller", 1000, 100),
        measured("postgresql", "32 in flight", 1000, 1),
        measured("postgresql", "batches of 50", 4000, 1),
        measured("postgresql", "50 in a statement", 5000, 1),
    ]
    ours = [
        measured("ftnode", "one caller", 1000, percent[0]),
        measured("ftnode", "32 in flight", 10 * percent[1], 1),
        measured("ftnode", "batches of 50", 10 * percent[2], 1),
    ]
    compared = judge(ours + theirs)
    assert tuple(one.ok for one in compared) == (*ok, True, True)  # the last two are told, not promised
    assert [one.ratio * 100 for one in compared[:3]] == pytest.approx(percent)
    assert [one.ratio for one in compared[3:]] == pytest.approx([percent[2] / 400, percent[2] / 500])


def test_the_median_round_counts() -> None:
    """One disturbed round does not decide."""
    ours = [measured("ftnode", "32 in flight", rate, 1) for rate in (600, 10, 700)]
    theirs = [measured("postgresql", "32 in flight", rate, 1) for rate in (1000, 1000, 10)]
    rest = [
        measured(side, measure, 100, 1)
        for side in ("ftnode", "postgresql")
        for measure in ("one caller", "batches of 50", "50 in a statement")
        for _ in range(3)
    ]
    in_flight = judge(ours + theirs + rest)[1]
    assert in_flight.ratio == 0.6


def test_both_sides_buy_the_same() -> None:
    """The stream depends on seed and terminal alone."""
    first, again = purchases(1, 5), purchases(1, 5)
    assert [next(first) for _ in range(100)] == [next(again) for _ in range(100)]
    assert next(purchases(1, 6)) != next(purchases(1, 5))
