"""The forms of what promotions and rules are made of: conditions, times, days of the week, zones."""

import re
from datetime import date, time
from typing import Any, Final

from loyalty.commands import Zone
from loyalty.commands.conditions import AnyCondition
from loyalty.commands.promotions import EVERY_DAY
from loyalty.text.conditions import parse_line_condition, parse_receipt_condition
from loyalty.text.errors import TextError, one_of
from loyalty.text.forms import Form, Place, Scope, shown
from loyalty.text.instants import expand_zone, instant_ms, print_instant
from loyalty.text.printing import print_condition
from loyalty.text.toml import Bare, Shown

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY_MINUTES: Final = 1440

_CLOCK: Final = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])")


def _read_line_condition(value: Any, place: Place) -> AnyCondition:
    return parse_line_condition(_text(value), place.scope.attributes, place.scope.exponent)


def _read_receipt_condition(value: Any, place: Place) -> AnyCondition:
    return parse_receipt_condition(_text(value), place.scope.attributes, place.scope.exponent)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TextError(f"{shown(value)} is no condition", "a condition in quotes, as 'brand = Nordkap'")
    return value


def _show_condition(value: AnyCondition, scope: Scope) -> Shown:
    return print_condition(value, scope.attributes, scope.exponent)


def _read_instant(value: Any, place: Place) -> int:
    if not isinstance(value, date):  # a date with a time is one too
        raise TextError(f"{shown(value)} is no date", "2026-12-24, 2026-12-24T08:00:00, or that with Z")
    return instant_ms(value, place.scope.zone)


def _read_weekdays(value: Any, place: Place) -> int:
    if not isinstance(value, list):
        raise TextError(f"{shown(value)} is no list", '["saturday", "sunday"]')
    for day in value:
        if day not in WEEKDAYS:
            raise TextError(f"{shown(day)} is no day of the week", one_of(WEEKDAYS, str(day)))
    return sum(1 << at for at, day in enumerate(WEEKDAYS) if day in value)


def _show_weekdays(value: int, scope: Scope) -> Shown:
    if not 0 <= value <= EVERY_DAY:
        raise ValueError(f"weekdays {value} has no text; want 0 to {EVERY_DAY}")
    return [day for at, day in enumerate(WEEKDAYS) if value >> at & 1]


def _read_minute(value: Any, place: Place) -> int:
    if isinstance(value, time):
        value = value.isoformat("minutes") if value == value.replace(second=0, microsecond=0) else str(value)
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    minute = int(found[1]) * 60 + int(found[2]) if found else DAY_MINUTES + 1
    if minute > DAY_MINUTES:
        raise TextError(f"{shown(value)} is no time of the day", '"08:30", up to "24:00"')
    return minute


def _show_minute(value: int, scope: Scope) -> Shown:
    if not 0 <= value <= DAY_MINUTES:
        raise ValueError(f"minute {value} has no text; want 0 to {DAY_MINUTES}")
    return f"{value // 60:02}:{value % 60:02}"


def _read_zone(value: Any, place: Place) -> Zone:
    if not isinstance(value, str):
        raise TextError(f"{shown(value)} is no zone", 'a zone, as "Europe/Vienna"')
    return expand_zone(value, place.scope.years)


def _show_zone(value: Zone, scope: Scope) -> Shown:
    raise ValueError("a zone's name cannot be told from its offsets")


LINE_CONDITION: Final = Form(_read_line_condition, _show_condition)
RECEIPT_CONDITION: Final = Form(_read_receipt_condition, _show_condition)
INSTANT: Final = Form(_read_instant, lambda value, scope: Bare(print_instant(value, scope.zone)))
WEEKDAY_NAMES: Final = Form(_read_weekdays, _show_weekdays)
MINUTE: Final = Form(_read_minute, _show_minute)
ZONE: Final = Form(_read_zone, _show_zone)
