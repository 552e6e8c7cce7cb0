"""Log time: which clocks it follows, how fast, and that it never goes back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ftnode.core.clock import SLEW_PPM, LogClock, agreed_offset, begin, stamp, took

HOUR_MS = 3_600_000
TOLERANCE_MS = 1_000

AGREED = [  # ours, partner's, witness's; the offset followed
    (None, None, None, None),
    (0, None, None, None),  # one clock is no agreement
    (0, 900, None, 0),  # two within a second: the active's
    (0, 1_001, None, None),
    (0, None, 400, 0),
    (HOUR_MS, 0, 300, 300),  # ours is an hour off: the median of the three is one of the other two
    (0, HOUR_MS, 300, 300),
    (0, 300, HOUR_MS, 300),
    (0, 300, 200, 200),  # three agree: the median
    (0, HOUR_MS, -HOUR_MS, None),
]


@pytest.mark.parametrize(("mine", "partner", "witness", "offset"), AGREED)
def test_agreement(mine: int | None, partner: int | None, witness: int | None, offset: int | None) -> None:
    clock = LogClock(mine_ms=mine, partner_ms=partner, witness_ms=witness)
    assert agreed_offset(clock, TOLERANCE_MS) == offset


BEGIN = [  # last log time, offsets (ours, partner's, witness's), log time of the new epoch at 1,000 ms
    (5_000, (7_000, 7_000, 7_000), 8_000),  # after an outage: forward to where the clocks agree
    (5_000, (HOUR_MS, 7_000, 7_000), 8_000),  # our own clock an hour ahead moves nothing
    (5_000, (HOUR_MS, None, 7_000), 6_000),  # no two agree: on from the last entry, at our own rate
    (9_000, (7_000, 7_000, 7_000), 9_000),  # never back
    (0, (HOUR_MS, None, 7_000), 8_000),  # an empty log begins at the earliest clock
]


@pytest.mark.parametrize(("last_ms", "offsets", "begins_ms"), BEGIN)
def test_begin(last_ms: int, offsets: tuple[int | None, int | None, int | None], begins_ms: int) -> None:
    mine, partner, witness = offsets
    clock = LogClock(log_ms=last_ms, mine_ms=mine, partner_ms=partner, witness_ms=witness)
    begun, said = begin(clock, 1_000, TOLERANCE_MS)
    assert begun.log_ms == begins_ms
    assert bool(said) == (agreed_offset(clock, TOLERANCE_MS) is None)


def test_a_wall_clock_that_jumps_moves_log_time_by_no_more_than_the_slew() -> None:
    """An hour ahead for a minute: log time is at most 500 ppm of that minute off."""
    clock = LogClock(log_ms=10_000, mono_ms=0, mine_ms=HOUR_MS, witness_ms=HOUR_MS)
    at_ms = 0
    for now_ms in range(0, 60_001, 10):
        clock, at_ms = stamp(clock, now_ms, TOLERANCE_MS)
    assert 70_000 <= at_ms <= 70_000 + 60_000 * SLEW_PPM // 1_000_000 + 1


def test_a_correction_is_not_saved_up() -> None:
    """An hour in which the clocks agreed buys no jump when they agree on something else."""
    clock = LogClock(log_ms=10_000, mono_ms=0, mine_ms=10_000, partner_ms=10_000)
    for now_ms in range(0, HOUR_MS, 1_000):
        clock, _ = stamp(clock, now_ms, TOLERANCE_MS)
    before_ms = clock.log_ms
    ahead = replace(clock, mine_ms=10_900, partner_ms=10_900)
    _, at_ms = stamp(ahead, clock.mono_ms + 10, TOLERANCE_MS)
    assert at_ms - before_ms <= 10 + 2


def test_small_drift_is_followed() -> None:
    """Clocks 20 ms ahead are reached within two minutes."""
    clock = LogClock(log_ms=10_000, mono_ms=0, mine_ms=10_020, partner_ms=10_020)
    at_ms = 0
    for now_ms in range(0, 120_001, 50):
        clock, at_ms = stamp(clock, now_ms, TOLERANCE_MS)
    assert at_ms == 120_000 + 10_020


OWED = [  # last log time, offset on which two clocks agree, log time of an entry 5,000 ms later
    (10_000, 20_000, 25_000),  # forward
    (10_000, 8_000, 13_000),  # the time that passed is taken back in part: no entry has it
    (10_000, 2_000, 10_000),  # the last entry's time stays
]


@pytest.mark.parametrize(("last_ms", "offset_ms", "at_ms"), OWED)
def test_an_owed_step_goes_to_where_two_clocks_agree(last_ms: int, offset_ms: int, at_ms: int) -> None:
    """In either direction, once, never below the last entry; who owes none is only slewed."""
    clock = LogClock(log_ms=last_ms, owed=True, mine_ms=offset_ms, partner_ms=offset_ms)
    after, stamped_ms = stamp(clock, 5_000, TOLERANCE_MS)
    assert (stamped_ms, after.log_ms, after.owed) == (at_ms, at_ms, False)
    _, slewed_ms = stamp(replace(clock, owed=False), 5_000, TOLERANCE_MS)
    assert abs(slewed_ms - last_ms - 5_000) <= 5_000 * SLEW_PPM // 1_000_000


@given(
    st.lists(st.tuples(st.integers(0, 500), st.integers(-HOUR_MS, HOUR_MS), st.integers(-HOUR_MS, HOUR_MS)))
)
def test_log_time_never_goes_back(walls: list[tuple[int, int, int]]) -> None:
    clock, last_ms, now_ms = LogClock(log_ms=1_000_000), 1_000_000, 0
    for step_ms, mine_ms, partner_ms in walls:
        now_ms += step_ms
        clock, at_ms = stamp(replace(clock, mine_ms=mine_ms, partner_ms=partner_ms), now_ms, TOLERANCE_MS)
        assert at_ms >= last_ms
        last_ms = at_ms


def test_a_standby_goes_on_from_the_entry_it_took() -> None:
    """Its log decides, not what was in its memory."""
    clock = took(LogClock(log_ms=5_000), 9_000, 100)
    assert stamp(clock, 150, TOLERANCE_MS)[1] == 9_050
    assert took(clock, 8_000, 200).log_ms == 8_000
