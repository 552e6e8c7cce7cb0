"""What a standby lets pass of the active's log time: never back, no faster than it can explain."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftnode.core.bound import Bound, Times, let_pass, objection
from ftnode.core.clock import LogClock, took

HOUR_MS = 3_600_000
AHEAD_MS, NEAR_MS = 1_000, 250
START_MS = 50 * HOUR_MS  # log time when the standby begins to watch, at 0 of its own clock


@dataclass
class Standby:
    """One that takes what it does not object to."""

    clock: LogClock = field(default_factory=lambda: LogClock(log_ms=START_MS))
    bound: Bound = field(default_factory=Bound)

    def hears(self, times: Times, now_ms: int) -> str:
        """The objection, empty if it was taken."""
        why = objection(self.bound, self.clock, times, now_ms, AHEAD_MS, NEAR_MS)
        if not why:
            self.bound = let_pass(self.bound, self.clock, times, now_ms, AHEAD_MS)
            self.clock = took(self.clock, times.last_ms, now_ms)
        return why


def at(log_ms: int) -> Times:
    return Times(log_ms, log_ms, ordered=True)


def watching(agreed_ms: int | None = None) -> Standby:
    """Has seen entries for five seconds, each 100 ms. `agreed_ms`: log time at 0 by two clocks."""
    standby = Standby(LogClock(log_ms=START_MS, mine_ms=agreed_ms, witness_ms=agreed_ms))
    for now_ms in range(0, 5_000, 100):
        assert not standby.hears(at(START_MS + now_ms), now_ms)
    return standby


ENTRIES = [  # log time and our clock, since the watch began; two clocks' offset from the truth; taken?
    (6_000, 6_000, None, True),
    (6_000, 16_000, None, True),  # it came late
    (6_900, 6_000, None, True),  # within the tolerance
    (7_100, 6_000, None, False),
    (7_100, 6_000, 200, True),  # but two clocks agree on it
    (HOUR_MS, 6_000, None, False),
    (HOUR_MS, 6_000, 0, False),
    (HOUR_MS, 6_000, HOUR_MS, True),  # a step after an outage, to where two agree
    (2 * HOUR_MS, 2 * HOUR_MS, None, True),  # a quiet night
    (2 * HOUR_MS + 5_500, 2 * HOUR_MS, None, False),  # 500 ppm of two hours are 3.6 s, and a second
    (4_800, 6_000, None, False),  # back
]


@pytest.mark.parametrize(("log_ms", "now_ms", "agreed_ms", "taken"), ENTRIES)
def test_what_is_taken(log_ms: int, now_ms: int, agreed_ms: int | None, taken: bool) -> None:
    standby = watching(None if agreed_ms is None else START_MS + agreed_ms)
    assert (standby.hears(at(START_MS + log_ms), now_ms) == "") == taken


def test_entries_out_of_order_are_not_taken() -> None:
    """Within one message, too."""
    assert "back" in watching().hears(Times(START_MS + 6_000, START_MS + 6_000, ordered=False), 6_000)


def test_tolerance_is_not_a_pace() -> None:
    """A clock 10 % fast stays within the tolerance entry by entry, and is refused after some seconds."""
    standby, now_ms, refused = watching(), 5_000, ""
    while not refused and now_ms < 60_000:
        now_ms += 100
        refused = standby.hears(at(START_MS + 5_000 + (now_ms - 5_000) * 11 // 10), now_ms)
    assert refused
    assert 14_000 <= now_ms <= 16_500


def test_a_first_word_that_came_late_does_not_bind() -> None:
    """What comes in time right after it is not too fast."""
    standby = Standby()
    assert not standby.hears(at(START_MS), 900)
    for now_ms in range(1_000, 60_000, 100):
        assert not standby.hears(at(START_MS + now_ms), now_ms)


def test_what_nobody_watched_is_held_against_two_clocks_alone() -> None:
    """A standby that has just joined: log time was right, and leaps with the very first entry."""
    right = Standby(LogClock(log_ms=START_MS, mine_ms=START_MS, witness_ms=START_MS))
    assert right.hears(at(START_MS + HOUR_MS), 1_000)
    ahead = Standby(LogClock(log_ms=START_MS + 9_000, mine_ms=START_MS, witness_ms=START_MS))
    assert not ahead.hears(at(START_MS + 20_000), 1_000)  # it was ahead before: nothing to hold it against


SETS = [
    Times(START_MS + HOUR_MS, START_MS + HOUR_MS, True, first_set=True),
    Times(START_MS + 6_000, START_MS + HOUR_MS, True, set_ms=HOUR_MS - 6_000),  # behind another entry
]


@pytest.mark.parametrize("times", SETS)
def test_a_set_time_is_taken_and_what_follows_goes_on_from_there(times: Times) -> None:
    standby = watching(START_MS)
    assert not standby.hears(times, 6_000)
    assert not standby.hears(at(START_MS + HOUR_MS + 4_000), 10_000)
    assert standby.hears(at(START_MS + HOUR_MS + 8_000), 10_100)


@given(st.lists(st.tuples(st.integers(1, 400), st.integers(0, 900)), max_size=200), st.integers(-400, 400))
def test_no_false_alarm_for_an_active_that_is_only_a_little_off(
    steps: list[tuple[int, int]], drift_ppm: int
) -> None:
    """Its clock drifts by less than 500 ppm, its words come up to 900 ms late: all is taken."""
    standby, true_ms, heard_ms = Standby(), 0, 0
    for step_ms, late_ms in steps:
        true_ms += step_ms
        heard_ms = max(heard_ms, true_ms + late_ms)  # in order
        assert not standby.hears(at(START_MS + true_ms + true_ms * drift_ppm // 1_000_000), heard_ms)
