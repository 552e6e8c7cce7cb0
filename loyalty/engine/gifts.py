"""Gifts by rule, for a birthday or the day of enrolment: which are there now. Nobody hands them out.

A gift is a lot that exists inside its window, once a year, and becomes a real one when the member is
first looked at there; who did that remembers (gift, year). Source: loyalty/RULES.md, "Gifts".
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from loyalty.commands import Gift, GiftDay, Zone
from loyalty.engine.calendar import anniversary_days, day_at, day_start_ms, is_day_of_year, print_day


class DueGift(NamedTuple):
    """A gift whose window `[from_ms, until_ms)` holds."""

    gift: Gift
    year: int  # of the day that it is for; the window may begin in the year before, or end in the next
    from_ms: int
    until_ms: int


def due_gifts(
    gifts: Sequence[Gift], birthday: int, enrolled_day: int, zone: Zone, now_ms: int
) -> list[DueGift]:
    """Gifts whose window holds now, in the order of the rules.

    Args:
        gifts: the programme's; `before_days` and `after_days` at most GIFT_MAX_DAYS, so that the windows
            of one gift never meet.
        birthday: YYYYMMDD or MMDD; what no calendar has, as 0, is none. One on 29 February is kept on
            the 28th in years without it.
        enrolled_day: the first anniversary is a year later.
        zone: whose midnights the windows have.

    A window begins `before_days` before the day at midnight, and ends at the midnight that ends the
    day `after_days` after it.
    """
    today = day_at(zone, now_ms)
    due = []
    for gift in gifts:
        for day in _days(gift, birthday, enrolled_day, today):
            if not day - gift.before_days - 1 <= today <= day + gift.after_days + 1:
                continue  # not even near
            from_ms = day_start_ms(zone, day - gift.before_days)
            until_ms = day_start_ms(zone, day + gift.after_days + 1)
            if from_ms <= now_ms < until_ms:
                due.append(DueGift(gift, print_day(day) // 10_000, from_ms, until_ms))
    return due


def _days(gift: Gift, birthday: int, enrolled_day: int, today: int) -> Iterator[int]:
    """The days around today that a gift is for."""
    if gift.day is GiftDay.ANNIVERSARY:
        first_year = print_day(enrolled_day) // 10_000 + 1
        days = anniversary_days(print_day(enrolled_day) % 10_000, today)
        yield from [day for day in days if print_day(day) // 10_000 >= first_year]
    elif is_day_of_year(birthday % 10_000):
        yield from anniversary_days(birthday % 10_000, today)
