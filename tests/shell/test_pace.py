"""How many may wait: what was served lately says it, and a standstill does not."""

import pytest

from ftnode.shell import pace as pace_module
from ftnode.shell.pace import FLOOR_ENTRIES, WAIT_MS, WINDOW_MS, WINDOWS, Pace

MOST = 100_000


class Clock:
    """Milliseconds that pass when they are told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_ms = 1_000
        monkeypatch.setattr(pace_module, "_now_ms", lambda: self.now_ms)

    def serve(self, pace: Pace, count: int, windows: int = 1) -> None:
        """So many in each of some windows, all of which are closed afterwards."""
        for _ in range(windows):
            pace.served(count)
            self.now_ms += WINDOW_MS
        pace.served(0)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


SERVED = [  # entries in each window, how many may wait then
    (10_000, 10_000 * WAIT_MS // WINDOW_MS),
    (500, 700),
    (300, FLOOR_ENTRIES),  # a quiet unit takes what comes in a takeover
    (90_000, MOST),  # never above the configuration
]


@pytest.mark.parametrize(("served", "limit"), SERVED)
def test_as_many_wait_as_are_served_while_a_call_may_wait(clock: Clock, served: int, limit: int) -> None:
    pace = Pace(MOST)
    assert pace.limit_entries == MOST  # nothing is known yet
    clock.serve(pace, served, WINDOWS)
    assert pace.limit_entries == limit


def test_a_standstill_lowers_no_limit(clock: Clock) -> None:
    """A takeover serves nothing for half a second: what waits meanwhile is not refused."""
    pace = Pace(MOST)
    clock.serve(pace, 4_000, WINDOWS)
    before = pace.limit_entries
    clock.serve(pace, 0, 3 * WINDOWS)
    assert pace.limit_entries == before


def test_a_window_that_lasted_longer_counts_as_evenly_spread(clock: Clock) -> None:
    """Nobody looked at the clock for four windows: a quarter of it was served in each."""
    pace = Pace(MOST)
    pace.served(8_000)
    clock.now_ms += 4 * WINDOW_MS
    pace.served(0)
    assert pace.limit_entries == 2_000 * WAIT_MS // WINDOW_MS


def test_what_is_served_now_replaces_what_was_served_long_ago(clock: Clock) -> None:
    """Slower and faster again, after as many windows as are looked at."""
    pace = Pace(MOST)
    limits = []
    for served in (10_000, 1_000, 10_000):
        clock.serve(pace, served, WINDOWS)
        limits.append(pace.limit_entries)
    assert limits == [14_000, 1_400, 14_000]


def test_where_nothing_waits_only_the_configuration_counts(clock: Clock) -> None:
    """A batch call larger than a quiet unit's pace would be refused for ever."""
    pace = Pace(2_000)
    clock.serve(pace, 1, WINDOWS)
    assert pace.limit_entries == FLOOR_ENTRIES
    assert pace.fits(0, 2_000)
    assert not pace.fits(0, 2_001)
    assert pace.fits(1, FLOOR_ENTRIES - 1)
    assert not pace.fits(1, FLOOR_ENTRIES)
