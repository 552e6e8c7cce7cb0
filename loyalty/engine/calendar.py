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

DAY_MS: Final = 86_400_000
UTC: Final[Zone] = ((0, 0),)

_MONTH_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_SLACK_MS: Final = ZONE_OFFSET_MAX_S * 1000


def _from_ms(offset: tuple[int, int]) -> int:
    return offset[0]


@lru_cache(maxsize=256)  # a few days, asked for with every receipt
def parse_day(yyyymmdd: int) -> int | None:
    """The day written as YYYYMMDD, or None if the calendar has no such day (years 1970 to 9999)."""
    year, month_day = divmod(yyyymmdd, 10_000)
    month, day = divmod(month_day, 100)
    if not (1970 <= year <= 9999 and 1 <= month <= 12):
        return None
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if not 1 <= day <= _MONTH_DAYS[month - 1] + leap:
        return None
    year -= month <= 2
    era, of_era = divmod(year, 400)
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def print_day(day: int) -> int:
    """The inverse of `parse_day`."""
    era, of_era = divmod(day + 719_468, 146_097)
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    shifted = (5 * of_year + 2) // 153
    month = shifted + 3 if shifted < 10 else shifted - 9
    year += era * 400 + (month <= 2)
    return year * 10_000 + month * 100 + of_year - (153 * shifted + 2) // 5 + 1


def day_at(zone: Zone, time_ms: int) -> int:
    """The day that the store's calendar shows at an instant."""
    at = max(bisect_right(zone, time_ms, key=_from_ms) - 1, 0) if len(zone) > 1 else 0
    return (time_ms + zone[at][1] * 1000) // DAY_MS


def day_start_ms(zone: Zone, day: int) -> int:
    """The first instant at which the store's calendar shows `day` or a later one; not before 1970."""
    midnight = day * DAY_MS
    if len(zone) == 1:
        return max(midnight - zone[0][1] * 1000, 0)
    first = max(bisect_right(zone, midnight - _SLACK_MS, key=_from_ms) - 1, 0)
    for at in range(first, len(zone)):
        from_ms, offset_s = zone[at]
        start = midnight - offset_s * 1000
        if at > first:
            start = max(start, from_ms)  # the clock jumped over midnight: the day began with the jump
        if at + 1 == len(zone) or start < zone[at + 1][0]:
            break
    return max(start, 0)
