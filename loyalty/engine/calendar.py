"""Days at a store, from numbers alone: no zone database is ever read.

A *day* here is the count of days since 1970-01-01 in the store's zone. Source of the civil
arithmetic: eras of 400 years from 1 March 0000, as in H. Hinnant, "chrono-compatible low-level
date algorithms".
"""

from bisect import bisect_right
from functools import lru_cache
from typing import Final

from loyalty.commands import Zone
from loyalty.commands.limits import ZONE_OFFSET_MAX_S
from loyalty.commands.policies import WindowEnd

DAY_MS: Final = 86_400_000
MINUTE_MS: Final = 60_000
UTC: Final[Zone] = ((0, 0),)

_DAY: Final = WindowEnd.DAY
_INSTANT: Final = WindowEnd.INSTANT
_MONTH_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_SLACK_MS: Final = ZONE_OFFSET_MAX_S * 1000
_ANY_OFFSET_S: Final = 2**31  # after every offset that begins at the same instant


def _count_days(year: int, month: int, day: int) -> int:
    year -= month <= 2
    era, of_era = divmod(year, 400)
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


@lru_cache(maxsize=256)  # a few days, asked for with every receipt
def parse_day(yyyymmdd: int) -> int | None:
    """The day written as YYYYMMDD, or None if the calendar has no such day (years 1970 to 9999)."""
    year, month_day = divmod(yyyymmdd, 10_000)
    month, day = divmod(month_day, 100)
    if not (1970 <= year <= 9999 and 1 <= month <= 12):
        return None
    if not 1 <= day <= _MONTH_DAYS[month - 1] + (month == 2 and _is_leap(year)):
        return None
    return _count_days(year, month, day)


@lru_cache(maxsize=1024)  # the same
def print_day(day: int) -> int:
    """The inverse of `parse_day`."""
    era, of_era = divmod(day + 719_468, 146_097)
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    shifted = (5 * of_year + 2) // 153
    month = shifted + 3 if shifted < 10 else shifted - 9
    year += era * 400 + (month <= 2)
    return year * 10_000 + month * 100 + of_year - (153 * shifted + 2) // 5 + 1


def month_of(day: int) -> int:
    """The month of a day, as YYYYMM."""
    return print_day(day) // 100


def add_months(month: int, months: int) -> int:
    """So many months after YYYYMM, or before it."""
    year, of_year = divmod(month // 100 * 12 + month % 100 - 1 + months, 12)
    return year * 100 + of_year + 1


def month_start(month: int) -> int:
    """The first day of YYYYMM."""
    return _count_days(month // 100, month % 100, 1)


def year_start(year: int) -> int:
    """1 January."""
    return _count_days(year, 1, 1)


def weekday(day: int) -> int:
    """1 is Monday, 7 Sunday; 1970-01-01 was a Thursday."""
    return (day + 3) % 7 + 1


def day_at(zone: Zone, time_ms: int) -> int:
    """The day that the store's calendar shows at an instant."""
    return _local_ms(zone, time_ms) // DAY_MS


def minute_of_day(zone: Zone, time_ms: int) -> int:
    """The minute that the store's clock shows at an instant, 0 to 1439."""
    return _local_ms(zone, time_ms) % DAY_MS // MINUTE_MS


def _local_ms(zone: Zone, time_ms: int) -> int:
    at = max(bisect_right(zone, (time_ms, _ANY_OFFSET_S)) - 1, 0) if len(zone) > 1 else 0
    return time_ms + zone[at][1] * 1000


def day_start_ms(zone: Zone, day: int) -> int:
    """The first instant at which the store's calendar shows `day` or a later one; not before 1970."""
    midnight = day * DAY_MS
    if len(zone) == 1:
        return max(midnight - zone[0][1] * 1000, 0)
    first = max(bisect_right(zone, (midnight - _SLACK_MS, _ANY_OFFSET_S)) - 1, 0)
    for at in range(first, len(zone)):
        from_ms, offset_s = zone[at]
        start = midnight - offset_s * 1000
        if at > first:
            start = max(start, from_ms)  # the clock jumped over midnight: the day began with the jump
        if at + 1 == len(zone) or start < zone[at + 1][0]:
            break
    return max(start, 0)


def window_until_ms(zone: Zone, from_ms: int, from_day: int, days: int, end: WindowEnd) -> int:
    """When a window of so many days ends.

    Args:
        zone: of the store.
        from_ms: when it begins; counts with INSTANT only.
        from_day: the first of its days.
        days: at least 1; the last of them is `from_day + days - 1`.
        end: DAY, MONTH, YEAR: with the last day, its month or year. NEXT_YEAR: with the year after that.
            INSTANT: to the millisecond, in days of 24 hours.

    Returns:
        The first instant after the window.

    Source: loyalty/RULES.md, "Points".
    """
    if end is _INSTANT:
        return from_ms + days * DAY_MS
    until_day = from_day + days
    if end is _DAY:
        return day_start_ms(zone, until_day)
    if end is WindowEnd.MONTH:
        return day_start_ms(zone, month_start(add_months(month_of(until_day - 1), 1)))
    last_year = print_day(until_day - 1) // 10_000 + (end is WindowEnd.NEXT_YEAR)
    return day_start_ms(zone, year_start(last_year + 1))


def is_day_of_year(mmdd: int) -> bool:
    """Whether some year has the day MMDD."""
    return 0 < mmdd < 10_000 and parse_day(20_000_000 + mmdd) is not None


def day_in_year(year: int, mmdd: int) -> int:
    """The day MMDD of a year; 29 February is the 28th in years without one."""
    if mmdd == 229 and not _is_leap(year):
        mmdd = 228
    return _count_days(year, mmdd // 100, mmdd % 100)


def anniversary_days(mmdd: int, around_day: int) -> tuple[int, int, int]:
    """The days MMDD in the year before the one of a day, in that year, and in the year after."""
    year = print_day(around_day) // 10_000
    return day_in_year(year - 1, mmdd), day_in_year(year, mmdd), day_in_year(year + 1, mmdd)
