"""Gifts: which are there at an instant, by birthday and enrolment, over years, leap days and zones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.commands import Gift, GiftDay, Zone
from loyalty.engine.calendar import DAY_MS, UTC, day_start_ms, parse_day, print_day
from loyalty.engine.gifts import DueGift, due_gifts

HOUR_MS = 3_600_000
BIRTHDAY = Gift(1, GiftDay.BIRTHDAY, 0, 500, 7, 14, 128, None)
ON_THE_DAY = Gift(2, GiftDay.BIRTHDAY, 0, 100, 0, 0, 128, None)
YEARS = Gift(3, GiftDay.ANNIVERSARY, 0, 50, 0, 30, 128, None)


def numbered(written: int) -> int:
    """A day, written as YYYYMMDD."""
    day = parse_day(written)
    assert day is not None
    return day


def noon_ms(written: int) -> int:
    """Noon of a day in UTC."""
    return numbered(written) * DAY_MS + 12 * HOUR_MS


CASES = [  # birthday, enrolled, today, (gift, year, first day, first day after) of each that is there
    (0, 20240510, 20260101, []),  # not told: no birthday
    (19900931, 20240510, 20260930, []),  # no such day
    (19900515, 20240510, 20260507, []),
    (19900515, 20240420, 20260508, [(1, 2026, 20260508, 20260530), (3, 2026, 20260420, 20260521)]),
    (19900515, 20240601, 20260508, [(1, 2026, 20260508, 20260530)]),  # seven days before
    (515, 20240601, 20260515, [(1, 2026, 20260508, 20260530), (2, 2026, 20260515, 20260516)]),  # no year told
    (19900515, 20240601, 20260516, [(1, 2026, 20260508, 20260530)]),
    (19900515, 20240601, 20260529, [(1, 2026, 20260508, 20260530)]),  # fourteen days after
    (19900515, 20240601, 20260530, []),
    (19900103, 20240601, 20251227, [(1, 2026, 20251227, 20260118)]),  # next year's, in this one
    (19901231, 20240601, 20260110, [(1, 2025, 20251224, 20260115)]),  # last year's, in this one
    (20000229, 20240601, 20260228, [(1, 2026, 20260221, 20260315), (2, 2026, 20260228, 20260301)]),
    (20000229, 20240601, 20280229, [(1, 2028, 20280222, 20280315), (2, 2028, 20280229, 20280301)]),
    (20000229, 20240601, 20280228, [(1, 2028, 20280222, 20280315)]),  # a leap year: not on the 28th
    (0, 20260420, 20260420, []),  # the day of enrolment is no anniversary
    (0, 20250420, 20260419, []),
    (0, 20250420, 20260420, [(3, 2026, 20260420, 20260521)]),
    (0, 20251220, 20260105, []),  # the first is in December
    (0, 20241220, 20260105, [(3, 2025, 20251220, 20260120)]),
    (0, 20240229, 20250228, [(3, 2025, 20250228, 20250331)]),
]


@pytest.mark.parametrize(("birthday", "enrolled", "today", "there"), CASES)
def test_the_gifts_of_a_day(
    birthday: int, enrolled: int, today: int, there: list[tuple[int, int, int, int]]
) -> None:
    """At noon; windows begin and end at midnights."""
    due = due_gifts((BIRTHDAY, ON_THE_DAY, YEARS), birthday, numbered(enrolled), UTC, noon_ms(today))
    assert [
        (one.gift.number, one.year, print_day(one.from_ms // DAY_MS), print_day(one.until_ms // DAY_MS))
        for one in due
    ] == there
    assert all(one.from_ms % DAY_MS == one.until_ms % DAY_MS == 0 for one in due)


NOV_22 = numbered(20261122)
TAIPEI: Zone = ((0, 8 * 3600),)
SPRING: Zone = ((0, 0), (NOV_22 * DAY_MS, 3600))  # the clock jumps from 24:00 to 01:00
FALL: Zone = ((0, 3600), (NOV_22 * DAY_MS - HOUR_MS // 2, 0))  # half past midnight becomes half past eleven


@pytest.mark.parametrize("zone", [UTC, TAIPEI, SPRING, FALL])
@pytest.mark.parametrize("mmdd", [1121, 1122, 1123])
def test_a_window_holds_from_its_first_instant_until_before_its_last(zone: Zone, mmdd: int) -> None:
    """To the millisecond, also when the clock is changed at that midnight."""
    day = numbered(20_260_000 + mmdd)
    from_ms, until_ms = day_start_ms(zone, day), day_start_ms(zone, day + 1)
    wanted = [DueGift(ON_THE_DAY, 2026, from_ms, until_ms)]
    for now_ms in (from_ms, until_ms - 1):
        assert due_gifts((ON_THE_DAY,), mmdd, 0, zone, now_ms) == wanted
    for now_ms in (from_ms - 1, until_ms, until_ms + HOUR_MS // 4):
        assert due_gifts((ON_THE_DAY,), mmdd, 0, zone, now_ms) == []


DAYS = st.integers(numbered(20200101), numbered(20291231))


@given(
    st.sampled_from(GiftDay), st.integers(0, 92), st.integers(0, 92), DAYS, DAYS, st.integers(0, DAY_MS - 1)
)
def test_a_gift_is_there_once_a_year_on_every_day_of_its_window(
    day: GiftDay, before: int, after: int, born: int, today: int, ms: int
) -> None:
    """Against trying every year: at most one window of a gift holds at a time."""
    gift = Gift(9, day, 0, 1, before, after, 128, None)
    due = due_gifts(
        (gift,), print_day(born) if day is GiftDay.BIRTHDAY else 0, born, UTC, today * DAY_MS + ms
    )
    years = []
    for year in range(2018, 2032):
        mmdd = print_day(born) % 10_000
        on = parse_day(year * 10_000 + mmdd) or parse_day(year * 10_000 + 228)
        assert on is not None
        counts = day is GiftDay.BIRTHDAY or year > print_day(born) // 10_000
        if counts and on - before <= today <= on + after:
            years.append(year)
    assert [one.year for one in due] == years
    assert len(years) <= 1
