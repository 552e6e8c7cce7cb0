"""Days at a store: civil arithmetic against the standard library, midnights against a walk through time."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.commands import Zone
from loyalty.engine.calendar import DAY_MS, UTC, day_at, day_start_ms, parse_day, print_day

HOUR_MS = 3_600_000
EPOCH = date(1970, 1, 1)

DAYS = [  # as written, days since 1970-01-01 or None
    (19700101, 0),
    (19691231, None),  # before the first
    (20261122, 20_779),
    (20240229, 19_782),
    (20230229, None),  # no leap year
    (21000229, None),  # a century is none
    (20000229, 11_016),  # but every fourth is
    (20261131, None),
    (20261301, None),
    (20260001, None),
    (20260100, None),
    (99991231, 2_932_896),
    (100000101, None),
    (0, None),
    (-20261122, None),
]


@pytest.mark.parametrize(("written", "day"), DAYS)
def test_days_are_read_as_the_calendar_has_them(written: int, day: int | None) -> None:
    """YYYYMMDD to a count, or None."""
    assert parse_day(written) == day


@given(st.integers(0, 2_932_896))
def test_reading_and_printing_agree_with_the_standard_library(day: int) -> None:
    """Both directions, over all days of the calendar."""
    there = EPOCH + timedelta(days=day)
    written = there.year * 10_000 + there.month * 100 + there.day
    assert parse_day(written) == day
    assert print_day(day) == written


NOV_22 = 20_779 * DAY_MS
TAIPEI: Zone = ((0, 8 * 3600),)
SPRING: Zone = ((0, 0), (NOV_22, 3600))  # the clock jumps from 24:00 to 01:00
FALL: Zone = ((0, 3600), (NOV_22 - HOUR_MS // 2, 0))  # half past midnight becomes half past eleven
WEST: Zone = ((0, -8 * 3600),)

MIDNIGHTS = [  # zone, first instant of 2026-11-22
    (UTC, NOV_22),
    (TAIPEI, NOV_22 - 8 * HOUR_MS),
    (WEST, NOV_22 + 8 * HOUR_MS),
    (SPRING, NOV_22),  # 00:00 never was: the day begins with the jump
    (FALL, NOV_22 - HOUR_MS),  # the first of two midnights
]


@pytest.mark.parametrize(("zone", "start_ms"), MIDNIGHTS)
def test_a_day_begins_at_the_store_s_midnight(zone: Zone, start_ms: int) -> None:
    """The instant itself, and the calendar a moment before and at it."""
    assert day_start_ms(zone, 20_779) == start_ms
    assert day_at(zone, start_ms - 1) == 20_778
    assert day_at(zone, start_ms) == 20_779


@st.composite
def zones(draw: st.DrawFn) -> Zone:
    """Up to four changes of offset around the day, hours apart."""
    changes = draw(st.lists(st.integers(-40, 40), unique=True, max_size=4).map(sorted))
    offsets = draw(st.lists(st.integers(-26, 28), min_size=len(changes) + 1, max_size=len(changes) + 1))
    starts = [0] + [NOV_22 + hours * HOUR_MS for hours in changes]
    return tuple((start, half * 1800) for start, half in zip(starts, offsets, strict=True))


@given(zones())
def test_a_day_begins_when_the_store_s_calendar_first_shows_it(zone: Zone) -> None:
    """Against walking in half hours: the first instant of the day or a later one, whatever the clock does."""
    step_ms = HOUR_MS // 2
    walk = range(NOV_22 - 100 * HOUR_MS, NOV_22 + 100 * HOUR_MS, step_ms)
    assert day_start_ms(zone, 20_779) == next(at_ms for at_ms in walk if day_at(zone, at_ms) >= 20_779)
