"""Promotions, both ways: from protobuf to values, refusing what cannot be one, and back.

Where a message says nothing, the value has its default: EVERY_DAY, midnight, one free piece, priority 128.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from loyalty.commands import limits as lim
from loyalty.commands import promotions as pro
from loyalty.v1 import promotions_pb2 as pb
from loyalty.wire import conditions, parts
from loyalty.wire.calls import RefusalError
from loyalty.wire.effects import read_effect, write_effect

_SCOPES: Final = parts.Choice(pro.Scope, pb.Scope, pro.Scope.LINE)
_ALL: Final = lim.WHERE_MAX_VALUES


def read(message: pb.Promotion, field: str) -> pro.Promotion:
    """A promotion; `field` is what a refusal calls it: "promotion"."""
    return pro.Promotion(
        message.number,
        parts.text(message.name, f"{field}.name"),
        message.paused,
        _when(message.when, f"{field}.when"),
        _where(message.where, f"{field}.where"),
        _audience(message.who, f"{field}.who"),
        conditions.maybe(message.lines, message.HasField("lines"), f"{field}.lines"),
        conditions.maybe(message.receipt, message.HasField("receipt"), f"{field}.receipt"),
        _SCOPES.read(message.scope, f"{field}.scope"),
        read_effect(message.effect, f"{field}.effect"),
        _same(pro.Stacking, message.stacking),
        _same(pro.Caps, message.caps),
        message.funder,
        parts.text(message.currency, f"{field}.currency"),
    )


def write(message: pb.Promotion, value: pro.Promotion) -> None:
    """The same, backwards."""
    message.number, message.name, message.paused = value.number, value.name, value.paused
    _write_when(message.when, value.when)
    for name in pro.Where.__struct_fields__:
        getattr(message.where, name).extend(getattr(value.where, name))
    _write_audience(message.who, value.who)
    if value.lines is not None:
        conditions.write(message.lines, value.lines)
    if value.receipt is not None:
        conditions.write(message.receipt, value.receipt)
    message.scope = parts.number_of(value.scope)
    write_effect(message.effect, value.effect)
    _write_same(message.stacking, value.stacking)
    _write_same(message.caps, value.caps)
    message.funder, message.currency = value.funder, value.currency


def _when(message: pb.When, field: str) -> pro.When:
    weekdays = 0
    for at, day in enumerate(message.weekdays, 1):
        if not 1 <= day <= 7:
            raise RefusalError(f"{field}.weekdays[{at}]", f"is {day}", "1 (Monday) to 7 (Sunday)")
        weekdays |= 1 << (day - 1)
    until_minute = message.until_minute if message.HasField("until_minute") else 1440
    days = weekdays or pro.EVERY_DAY
    return pro.When(message.from_ms, message.until_ms, days, message.from_minute, until_minute)


def _write_when(message: pb.When, value: pro.When) -> None:
    message.from_ms, message.until_ms = value.from_ms, value.until_ms
    message.from_minute, message.until_minute = value.from_minute, value.until_minute
    if value.weekdays != pro.EVERY_DAY:
        message.weekdays.extend([day for day in range(1, 8) if value.weekdays >> (day - 1) & 1])


def _where(message: pb.Where, field: str) -> pro.Where:
    return pro.Where(
        parts.texts(message.countries, f"{field}.countries", _ALL),
        parts.texts(message.cities, f"{field}.cities", _ALL),
        _numbers(message.partners, f"{field}.partners"),
        _numbers(message.stores, f"{field}.stores"),
        parts.texts(message.channels, f"{field}.channels", _ALL),
    )


def _numbers(values: Sequence[int], field: str) -> tuple[int, ...]:
    if len(values) > _ALL:
        raise parts.too_many(field, len(values), _ALL)
    return tuple(values)


def _audience(message: pb.Audience, field: str) -> pro.Audience:
    before, after = -1, -1
    if message.HasField("birthday"):
        before, after = message.birthday.before_days, message.birthday.after_days
    return pro.Audience(
        parts.texts(message.tiers, f"{field}.tiers", _ALL),
        parts.texts(message.segments, f"{field}.segments", _ALL),
        before,
        after,
        message.first_purchase,
        message.coupon,
    )


def _write_audience(message: pb.Audience, value: pro.Audience) -> None:
    message.tiers.extend(value.tiers)
    message.segments.extend(value.segments)
    if (value.birthday_before_days, value.birthday_after_days) != (-1, -1):
        message.birthday.SetInParent()  # 0 and 0 is a window too
        message.birthday.before_days = value.birthday_before_days
        message.birthday.after_days = value.birthday_after_days
    message.first_purchase, message.coupon = value.first_purchase, value.coupon


def _same(of: Callable[..., Any], message: Any) -> Any:
    """Field by field: names are the same on both sides."""
    return of(*[getattr(message, name) for name in of.__struct_fields__])  # type: ignore[attr-defined]


def _write_same(message: Any, value: Any) -> None:
    for name in value.__struct_fields__:
        setattr(message, name, getattr(value, name))
