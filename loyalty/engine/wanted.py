"""What would make a promotion apply, in a few words for people.

Each function takes what the promotion asks for and gives a text of an occasion: times are told by the store's
clock, amounts in its currency. A text is made only when a promotion is explained.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from loyalty.commands.conditions import All, AnyCondition, Bought, Measure
from loyalty.engine import calendar, conditions
from loyalty.engine.occasion import Occasion

Text = Callable[[Occasion], str]

_LISTED_MAX: Final = 5  # values named; of more it is said that there are more
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def text(words: str) -> Text:
    """These words."""
    return lambda o: words


def instant(word: str, time_ms: int) -> Text:
    """ "from 2026-12-01", "before 2026-12-24 18:00"."""
    return lambda o: f"{word} {_instant(o, time_ms)}"


def weekdays(bits: int) -> Text:
    """ "on Saturday, Sunday"."""
    return lambda o: "on " + ", ".join([name for at, name in enumerate(_DAYS) if bits >> at & 1])


def minutes(first: int, end: int) -> Text:
    """ "from 17:00 to 19:00"."""
    return lambda o: f"from {_clock(first)} to {_clock(end)}"


def one_of(word: str, values: Sequence[str | int]) -> Text:
    """ "tier silver, gold"."""
    return lambda o: f"{word} {_some(values)}"


def birthday(before_days: int, after_days: int) -> Text:
    """ "from 7 days before the birthday to 7 days after it"."""
    if not before_days and not after_days:
        return text("on the birthday")
    return text(f"from {before_days} days before the birthday to {after_days} days after it")


def goods(condition: AnyCondition | None) -> Text:
    """ "goods with sku 4711, 4712"."""
    return lambda o: "goods" + (_goods(condition) if condition is not None else "")


def receipt(condition: AnyCondition) -> Text:
    """ "goods for 200.00", as far as a sum over lines is missing."""
    return lambda o: next(_missing(condition, o), "what its condition on the receipt asks for")


def _instant(occasion: Occasion, time_ms: int) -> str:
    zone = occasion.basket.place.zone
    year, month_day = divmod(calendar.print_day(calendar.day_at(zone, time_ms)), 10_000)
    month, day = divmod(month_day, 100)
    minute = calendar.minute_of_day(zone, time_ms)
    return f"{year}-{month:02}-{day:02}" + (f" {_clock(minute)}" if minute else "")


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _some(values: Sequence[str | int]) -> str:
    more = ", ..." if len(values) > _LISTED_MAX else ""
    return ", ".join([str(value) for value in values[:_LISTED_MAX]]) + more


def _goods(condition: AnyCondition) -> str:
    required = conditions.required_values(condition)
    return " that it is about" if required is None else f" with {required[0]} {_some(required[1])}"


def _missing(condition: AnyCondition, occasion: Occasion) -> Iterator[str]:
    """Sums that have to be larger, where all parts have to hold."""
    if isinstance(condition, All):
        for part in condition.parts:
            yield from _missing(part, occasion)
    elif (
        isinstance(condition, Bought)
        and condition.least is not None
        and not conditions.compile_receipt(condition)(occasion.receipt_facts, occasion.facts)
    ):
        which = "goods" + (_goods(condition.lines) if condition.lines is not None else "")
        yield f"{which}, {_amount(condition.measure, condition.least, occasion)} or more"


def _amount(measure: Measure, least: int, occasion: Occasion) -> str:
    if measure is Measure.LINES:
        return f"{least} lines"
    exponent = occasion.exponent if measure is Measure.AMOUNT else 3
    whole, part = divmod(least, 10**exponent)
    number = f"{whole}.{part:0{exponent}}" if exponent and (part or measure is Measure.AMOUNT) else str(whole)
    return f"{number} {occasion.currency}" if measure is Measure.AMOUNT else f"{number} pieces"
