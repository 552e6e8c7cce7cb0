"""A member's tier, from his turnover by month: computed when it is asked for, never by a pass over all.

Up at once, with the purchase that reaches a tier; down at the end of a period, and after the
programme's days of grace. What was reached in a calendar year counts until the end of the next; with
rolling months the turnover of so many of them counts until the end of the last one. A return lowers
the turnover of the purchase's own month. Source: loyalty/RULES.md, "Tiers".
"""

from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from loyalty.commands import Rules, TierPeriod
from loyalty.commands.limits import TOTAL_MAX_MINOR
from loyalty.commands.policies import TierBoundary
from loyalty.engine.calendar import add_months, month_of, month_start, year_start

# (month as YYYYMM, minor units of the programme's first currency), ascending, none of them 0.
Turnover = tuple[tuple[int, int], ...]


class NextTier(NamedTuple):
    """The tier above, and for how much more has to be bought now to reach it."""

    name: str
    missing_minor: int


class _Period(NamedTuple):
    """Months whose turnover together reaches a tier, and the first day on which it counts no more."""

    first_month: int
    last_month: int
    counts_until_day: int


def count(turnover: Turnover, day: int, minor: int, sold: Rules, now: Rules) -> Turnover:
    """Count a purchase, or what of it is returned, if there were tiers when it was sold.

    Which months still matter is a question to the rules of now, or to those if they have no tiers.
    """
    if not sold.tiers:
        return turnover
    return add_turnover(turnover, day, minor, now if now.tiers else sold)


def add_turnover(turnover: Turnover, day: int, minor: int, rules: Rules) -> Turnover:
    """Count a purchase of a business day or, below 0, what of it is returned.

    A programme without tiers counts nothing. Months that are too long before the newest one to matter
    on its days or later, by these rules, are dropped: at most TIER_MONTHS_MAX and those of
    TIER_GRACE_MAX_DAYS stay.
    """
    if not rules.tiers:
        return ()
    month = month_of(day)
    if turnover and turnover[-1][0] == month and turnover[0][0] >= _oldest_month(rules, month):
        total = min(turnover[-1][1] + minor, TOTAL_MAX_MINOR)  # another purchase of the newest month
        return (*turnover[:-1], (month, total)) if total else turnover[:-1]
    months = dict(turnover)
    months[month] = min(months.get(month, 0) + minor, TOTAL_MAX_MINOR)
    oldest = _oldest_month(rules, max(months))
    return tuple(sorted([counted for counted in months.items() if counted[1] and counted[0] >= oldest]))


@lru_cache(maxsize=256)  # of a few months, asked for with every receipt
def _oldest_month(rules: Rules, month: int) -> int:
    """The first month that matters on a day of `month`."""
    return _periods(rules, month_start(month))[0].first_month


def tier_at(rules: Rules, turnover: Turnover, day: int) -> int:
    """The tier on a day, as its place in `rules.tiers`; 0, the first, also where there are none."""
    if len(rules.tiers) <= 1:
        return 0
    month = month_of(day)
    return _tier_of(rules, max([_sum(turnover, period, month) for period in _periods(rules, day)]))


def counting_minor(rules: Rules, turnover: Turnover, day: int) -> int:
    """The turnover of the period that a purchase of the day goes into."""
    return _sum(turnover, _periods(rules, day)[-1], month_of(day))


def next_tier(rules: Rules, turnover: Turnover, day: int) -> NextTier | None:
    """The tier above that of `tier_at`; None: there is none."""
    above = tier_at(rules, turnover, day) + 1
    if above >= len(rules.tiers):
        return None
    current = _periods(rules, day)[-1]
    least_minor = rules.tiers[above].from_minor + (rules.policies.tier_boundary is TierBoundary.ABOVE)
    return NextTier(rules.tiers[above].name, least_minor - _sum(turnover, current, month_of(day)))


def held_until_day(rules: Rules, turnover: Turnover, day: int) -> int | None:
    """The first day on which the tier of `tier_at` is lost if nothing is bought until then; None: never."""
    tier = tier_at(rules, turnover, day)
    if not tier:
        return None
    periods = (*_periods(rules, day), *_periods_to_come(rules, day))
    month = month_of(day)
    holding = [period for period in periods if _tier_of(rules, _sum(turnover, period, month)) >= tier]
    return max([period.counts_until_day for period in holding])


@lru_cache(maxsize=1024)  # a few days, asked for with every receipt
def _periods(rules: Rules, day: int) -> tuple[_Period, ...]:
    """Those that count on a day, in order; the last is the one that a purchase of the day goes into.

    As the grace goes, all those count that did `tier_grace_days` before or since.
    """
    grace_day = day - rules.tier_grace_days
    if rules.tier_period is TierPeriod.CALENDAR_YEAR:
        years = range(month_of(grace_day) // 100 - 1, month_of(day) // 100 + 1)
        return tuple([_year(rules, year) for year in years])
    return tuple(_rolling(rules, month_of(grace_day), month_of(day)))


def _periods_to_come(rules: Rules, day: int) -> list[_Period]:
    """Those that will count later, and have months up to the day's own in them."""
    if rules.tier_period is TierPeriod.CALENDAR_YEAR:
        return []  # a year that ended needs no other to count on
    month = month_of(day)
    return list(_rolling(rules, add_months(month, 1), add_months(month, rules.tier_months - 1)))


def _year(rules: Rules, year: int) -> _Period:
    return _Period(year * 100 + 1, year * 100 + 12, year_start(year + 2) + rules.tier_grace_days)


def _rolling(rules: Rules, from_month: int, to_month: int) -> Iterator[_Period]:
    """The periods that end with each of these months."""
    month = from_month
    while month <= to_month:
        after = add_months(month, 1)
        until_day = month_start(after) + rules.tier_grace_days
        yield _Period(add_months(after, -rules.tier_months), month, until_day)
        month = after


def _sum(turnover: Turnover, period: _Period, month: int) -> int:
    """The turnover of the period's months, without those after the month."""
    first, last, total = period.first_month, min(period.last_month, month), 0
    for one, minor in turnover:
        if first <= one <= last:
            total += minor
    return total


def _tier_of(rules: Rules, minor: int) -> int:
    """The highest tier that a turnover reaches; the first needs none."""
    return max(bisect_right(_least(rules), minor) - 1, 0)


@lru_cache(maxsize=256)
def _least(rules: Rules) -> tuple[int, ...]:
    """The turnover that each tier needs, ascending."""
    above = rules.policies.tier_boundary is TierBoundary.ABOVE
    return tuple([tier.from_minor + above for tier in rules.tiers])
