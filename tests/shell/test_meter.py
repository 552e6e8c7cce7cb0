"""How fast something goes: of the last seconds, not of all of it; and nothing where nothing is known."""

import pytest

from ftnode.shell.meter import WINDOW_S, Meter


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_the_rate_is_that_of_the_last_seconds() -> None:
    """A minute of 1,000 a second, then of 10: the first is forgotten after WINDOW_S."""
    clock = Clock()
    meter = Meter(clock)
    assert meter.per_s() == 0.0
    for each in (1000, 10):
        for _ in range(60):
            clock.now_s += 1
            meter.add(each)
        assert meter.per_s() == pytest.approx(each)
    assert meter.total == 60_600
    clock.now_s += WINDOW_S
    assert meter.per_s() < 10


def test_where_it_begins_is_not_what_was_done() -> None:
    """A unit that stands at entry 5,000 has not caught up with 5,000; one that begins anew steps not back."""
    clock = Clock()
    meter = Meter(clock)
    meter.restart(5000)
    clock.now_s += 1
    meter.reach(5100)
    assert meter.per_s() == pytest.approx(100)
    meter.reach(3000)
    clock.now_s += 2
    meter.reach(3050)
    assert meter.per_s() == pytest.approx(25)
