"""Days at a store: civil arithmetic against the standard library, midnights against a walk through time."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.commands import Zone
from loyalty.commands.policies import WindowEnd
from loyalty.engine.calendar import (
    DAY_MS,
    UTC,
    add_months,
    anniversary_days,
    day_at,
    day_in_year,
    day_start_ms,
    is_day_of_year,
    minute_of_day,
    month_of,
    month_start,
    parse_day,
    print_day,
    weekday,
    window_until_ms,
    year_start,
)

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


def numbered(written: int) -> int:
    """A day, written as YYYYMMDD."""
    day = parse_day(written)
    assert day is not None
    return day


@given(st.integers(0, 2_932_896))
def test_weekdays_months_and_years_are_those_of_the_standard_library(day: int) -> None:
    """Over all days of the calendar."""
    there = EPOCH + timedelta(days=day)
    assert weekday(day) == there.isoweekday()
    assert month_of(day) == there.year * 100 + there.month
    assert month_start(month_of(day)) == day - there.day + 1
    assert year_start(there.year) == day - there.timetuple().tm_yday + 1


MONTHS = [  # month, how many more, then
    (202611, 0, 202611),
    (202611, 1, 202612),
    (202611, 2, 202701),
    (202601, -1, 202512),
    (202612, 12, 202712),
    (202603, -36, 202303),
    (202612, 1, 202701),
]


@pytest.mark.parametrize(("month", "months", "then"), MONTHS)
def test_months_are_counted_over_the_turn_of_the_year(month: int, months: int, then: int) -> None:
    """And back."""
    assert add_months(month, months) == then
    assert add_months(then, -months) == month


ENDS = [  # first day, days, end, first day after the window
    (20261122, 1, WindowEnd.DAY, 20261123),
    (20261122, 365, WindowEnd.DAY, 20271122),
    (20261122, 8, WindowEnd.MONTH, 20261201),  # the last day is 29 November
    (20261122, 9, WindowEnd.MONTH, 20261201),  # the 30th
    (20261122, 10, WindowEnd.MONTH, 20270101),  # 1 December
    (20240130, 31, WindowEnd.MONTH, 20240301),  # 29 February
    (20261122, 40, WindowEnd.YEAR, 20270101),  # 31 December
    (20261122, 41, WindowEnd.YEAR, 20280101),  # 1 January
    (20261122, 40, WindowEnd.NEXT_YEAR, 20280101),
    (20261122, 41, WindowEnd.NEXT_YEAR, 20290101),
]


@pytest.mark.parametrize(("first", "days", "end", "after"), ENDS)
@pytest.mark.parametrize("zone", [UTC, TAIPEI, WEST, SPRING])
def test_windows_of_days_end_at_a_midnight_of_the_store(
    zone: Zone, first: int, days: int, end: WindowEnd, after: int
) -> None:
    """Whenever on the first day they began."""
    first_day, after_day = numbered(first), numbered(after)
    for from_ms in (day_start_ms(zone, first_day), day_start_ms(zone, first_day) + 10 * HOUR_MS):
        assert window_until_ms(zone, from_ms, first_day, days, end) == day_start_ms(zone, after_day)


def test_a_window_to_the_instant_is_days_of_24_hours() -> None:
    """Whatever the store's clock does meanwhile."""
    began_ms = NOV_22 - 5
    assert window_until_ms(SPRING, began_ms, 20_778, 2, WindowEnd.INSTANT) == NOV_22 - 5 + 48 * HOUR_MS


CLOCKS = [  # zone, instant, minute that the store's clock shows
    (UTC, NOV_22, 0),
    (UTC, NOV_22 - 1, 1439),
    (UTC, NOV_22 + 59_999, 0),
    (UTC, NOV_22 + 60_000, 1),
    (TAIPEI, NOV_22, 8 * 60),
    (WEST, NOV_22, 16 * 60),  # of the day before
    (SPRING, NOV_22 - 1, 1439),
    (SPRING, NOV_22, 60),  # the hour that never was
    (FALL, NOV_22 - HOUR_MS // 2, 1410),  # half past eleven, again
]


@pytest.mark.parametrize(("zone", "time_ms", "minute"), CLOCKS)
def test_the_store_s_clock(zone: Zone, time_ms: int, minute: int) -> None:
    """Minutes since its midnight."""
    assert minute_of_day(zone, time_ms) == minute


ANNIVERSARIES = [  # MMDD, a day, the days around it
    (1122, 20261122, (20251122, 20261122, 20271122)),
    (1231, 20260101, (20251231, 20261231, 20271231)),  # the nearest is yesterday
    (101, 20261231, (20250101, 20260101, 20270101)),  # the nearest is tomorrow
    (229, 20240101, (20230228, 20240229, 20250228)),  # only leap years have it
    (229, 20270101, (20260228, 20270228, 20280229)),
    (229, 21000101, (20990228, 21000228, 21010228)),  # 2100 is none
]


@pytest.mark.parametrize(("mmdd", "around", "days"), ANNIVERSARIES)
def test_anniversaries_around_a_day(mmdd: int, around: int, days: tuple[int, int, int]) -> None:
    """In the year before, this year, and the next."""
    assert anniversary_days(mmdd, numbered(around)) == tuple([numbered(day) for day in days])


def test_days_that_no_year_has() -> None:
    """29 February is one."""
    assert [mmdd for mmdd in (101, 229, 430, 1231) if not is_day_of_year(mmdd)] == []
    assert [mmdd for mmdd in (-101, 0, 100, 230, 431, 1301, 1232, 10101) if is_day_of_year(mmdd)] == []
    assert print_day(day_in_year(2026, 229)) == 20260228
