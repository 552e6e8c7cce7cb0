"""What a promotion asks of an occasion, compiled: checks in the order in which reasons are looked at.

A promotion that does not ask for something has no check of it, so that what is looked at often costs little.
"""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from loyalty.commands.limits import MEMBER_MAX_PURPOSE_LOTS
from loyalty.commands.promotions import (
    EVERY_DAY,
    Audience,
    Bundle,
    BuyGet,
    GiveLot,
    MoneyEffect,
    PointsFixed,
    PointsPer,
    PointsTimes,
    Promotion,
    When,
    Where,
)
from loyalty.engine import budgets, wanted
from loyalty.engine.conditions import LineTest, compile_line, compile_receipt
from loyalty.engine.occasion import Occasion
from loyalty.outcomes import Reason

POINTS_EFFECT: Final = (PointsPer, PointsTimes, PointsFixed, GiveLot)  # whose budgets are in points

Holds = Callable[[Occasion], bool]


class Check(NamedTuple):
    """One thing that has to be, why the promotion is passed over if it is not, and what would be right."""

    reason: Reason
    holds: Holds
    wanted: Callable[[Occasion], str]


class About(NamedTuple):
    """Which lines a promotion is about."""

    lines: LineTest
    get: LineTest | None  # of a BuyGet, where these are others
    parts: tuple[LineTest, ...]  # of a Bundle


def about(promotion: Promotion) -> About:
    """Compile the conditions over lines."""
    effect = promotion.effect
    get = compile_line(effect.get) if isinstance(effect, BuyGet) and effect.get is not None else None
    parts = tuple([compile_line(part.lines) for part in effect.parts]) if isinstance(effect, Bundle) else ()
    return About(compile_line(promotion.lines), get, parts)


def part_lines(occasion: Occasion, one: About, part: LineTest) -> tuple[int, ...]:
    """The lines of a bundle's part: those of the promotion that meet it."""
    mine = occasion.meeting(one.lines)
    if len(mine) == len(occasion.goods):
        return occasion.meeting(part)
    lines = frozenset(mine)  # asked only, never gone through
    return tuple([at for at in occasion.meeting(part) if at in lines])


def checks_of(promotion: Promotion, one: About) -> tuple[Check, ...]:
    """All checks, in order; a promotion applies if all hold."""
    paused = [Check(Reason.PAUSED, lambda o: False, wanted.text("that it goes on"))]
    return (
        *(paused if promotion.paused else ()),
        *_of_when(promotion.when),
        *_of_where(promotion.where),
        *_of_currency(promotion.currency),
        *_of_audience(promotion.who),
        *_of_coupon(promotion),
        *_of_lines(promotion, one),
        *_of_receipt(promotion),
        *_of_limits(promotion),
        *_of_budgets(promotion),
    )


def _of_when(when: When) -> Iterator[Check]:
    reason, from_ms, until_ms = Reason.NOT_NOW, when.from_ms, when.until_ms
    if from_ms:
        yield Check(reason, lambda o: o.basket.sold_ms >= from_ms, wanted.instant("from", from_ms))
    if until_ms:
        yield Check(reason, lambda o: o.basket.sold_ms < until_ms, wanted.instant("before", until_ms))
    if when.weekdays != EVERY_DAY:
        days = when.weekdays
        yield Check(reason, lambda o: days >> (o.weekday - 1) & 1 == 1, wanted.weekdays(days))
    first, end = when.from_minute, when.until_minute
    text = wanted.minutes(first, end)
    if first > end:
        yield Check(reason, lambda o: o.minute >= first or o.minute < end, text)
    elif (first, end) != (0, 1440):
        yield Check(reason, lambda o: first <= o.minute < end, text)


def _of_where(where: Where) -> Iterator[Check]:
    reason = Reason.NOT_HERE
    stores, partners, cities = where.stores, where.partners, where.cities
    countries, channels = where.countries, where.channels
    if countries:
        yield Check(reason, lambda o: o.basket.place.country in countries, wanted.one_of("in", countries))
    if cities:
        yield Check(reason, lambda o: o.basket.place.city in cities, wanted.one_of("in", cities))
    if partners:
        yield Check(reason, lambda o: o.basket.place.partner in partners, wanted.one_of("partner", partners))
    if stores:
        yield Check(reason, lambda o: o.basket.place.store in stores, wanted.one_of("store", stores))
    if channels:
        yield Check(reason, lambda o: o.basket.place.channel in channels, wanted.one_of("channel", channels))


def _of_currency(code: str) -> Iterator[Check]:
    reason = Reason.NOT_HERE
    if code:
        yield Check(reason, lambda o: o.currency == code, wanted.text(f"in {code}"))
    else:
        yield Check(reason, lambda o: o.currency == o.first_currency, lambda o: f"in {o.first_currency}")


def _of_audience(who: Audience) -> Iterator[Check]:
    reason, tiers, segments = Reason.NOT_FOR_MEMBER, who.tiers, who.segments
    if tiers:
        yield Check(reason, lambda o: o.tier in tiers, wanted.one_of("tier", tiers))
    if segments:
        text = wanted.one_of("segment", segments)
        yield Check(reason, lambda o: any(one in segments for one in o.segments), text)
    before, after = who.birthday_before_days, who.birthday_after_days
    if before >= 0 or after >= 0:
        before, after = max(before, 0), max(after, 0)
        yield Check(reason, lambda o: o.birthday_within(before, after), wanted.birthday(before, after))
    if who.first_purchase:
        yield Check(reason, lambda o: o.first_purchase, wanted.text("the first purchase"))


def _of_coupon(promotion: Promotion) -> Iterator[Check]:
    number = promotion.number
    if promotion.who.coupon:
        text = wanted.text("a coupon of this promotion")
        yield Check(Reason.NO_COUPON, lambda o: number in o.codes, text)


def _of_lines(promotion: Promotion, one: About) -> Iterator[Check]:
    reason, lines, get = Reason.NO_LINES, one.lines, one.get
    yield Check(reason, lambda o: bool(o.meeting(lines)), wanted.goods(promotion.lines))
    effect = promotion.effect
    if get is not None and isinstance(effect, BuyGet):
        yield Check(reason, lambda o: bool(o.meeting(get)), wanted.goods(effect.get))
    if isinstance(effect, Bundle):
        for part, test in zip(effect.parts, one.parts, strict=True):
            yield _of_part(one, test, wanted.goods(part.lines))


def _of_part(one: About, part: LineTest, text: Callable[[Occasion], str]) -> Check:
    return Check(Reason.NO_LINES, lambda o: bool(part_lines(o, one, part)), text)


def _of_receipt(promotion: Promotion) -> Iterator[Check]:
    condition = promotion.receipt
    if condition is not None:
        test = compile_receipt(condition)
        text = wanted.receipt(condition)
        yield Check(Reason.CONDITION, lambda o: test(o.receipt_facts, o.facts), text)


def _of_limits(promotion: Promotion) -> Iterator[Check]:
    reason, number, caps = Reason.LIMIT, promotion.number, promotion.caps
    member, day, total = caps.member_times, caps.member_day_times, caps.total_times
    if isinstance(promotion.effect, GiveLot) and promotion.effect.purpose is not None:
        text = wanted.text(f"fewer than {MEMBER_MAX_PURPOSE_LOTS} lots with a purpose")
        yield Check(reason, lambda o: o.purposed_lots < MEMBER_MAX_PURPOSE_LOTS, text)
    if member:
        text = wanted.text(f"at most {member} times by one member")
        yield Check(reason, lambda o: o.used_by(number).times < member, text)
    if day:
        text = wanted.text(f"at most {day} times by one member on one day")
        yield Check(reason, lambda o: budgets.times_on(o.used_by(number), o.basket.day) < day, text)
    if total:
        text = wanted.text(f"at most {total} times in all")
        yield Check(reason, lambda o: o.used(number).times < total, text)


def _of_budgets(promotion: Promotion) -> Iterator[Check]:
    """Something has to be left of what the effect takes: of its own budget and of its funder's."""
    reason, number, caps, funder = Reason.BUDGET, promotion.number, promotion.caps, promotion.funder
    own, theirs = wanted.text("a budget that is not used up"), wanted.text("a funder who has something left")
    minor, points = caps.budget_minor, caps.budget_points
    if isinstance(promotion.effect, MoneyEffect):
        if minor:
            yield Check(reason, lambda o: o.used(number).minor < minor, own)
        if funder:
            yield Check(reason, lambda o: o.purse(funder).minor != 0, theirs)
    elif isinstance(promotion.effect, POINTS_EFFECT):
        if points:
            yield Check(reason, lambda o: o.used(number).points < points, own)
        if funder:
            yield Check(reason, lambda o: o.purse(funder).points != 0, theirs)
