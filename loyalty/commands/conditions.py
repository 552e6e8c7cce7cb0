"""Conditions over a basket, as values: what a promotion is about and when it applies.

Two kinds share one tree. A *line condition* looks at one line ("brand is Nordkap and the unit costs 100.00
or more"). A *receipt condition* looks at where and how it is bought, and at sums over lines ("goods of the
brand Nordkap for 200.00 or more, and the channel is web"). `Bought` is the step from the one to the other.

Attributes of lines: the built-in ones below, and those that the programme declares. A line that does not
carry an attribute meets no test of it, so it meets `Not` of that test.
"""

from enum import IntEnum
from typing import Annotated, Final

from msgspec import Meta, Struct

from loyalty.commands.limits import CONDITION_MAX_PARTS, CONDITION_MAX_VALUES, TEXT_MAX_BYTES

AttributeName = Annotated[str, Meta(min_length=1, max_length=TEXT_MAX_BYTES)]
Value = Annotated[str, Meta(max_length=TEXT_MAX_BYTES)]


class AttributeType(IntEnum):
    """What an attribute's values are."""

    TEXT = 1
    NUMBER = 2  # whole
    MONEY = 3  # minor units
    QUANTITY = 4  # thousandths


LINE_ATTRIBUTES: Final = {  # of every line
    "sku": AttributeType.TEXT,
    "kind": AttributeType.TEXT,  # goods, delivery, gift_card
    "amount": AttributeType.MONEY,  # the line's, as the till said
    "unit_price": AttributeType.MONEY,
    "quantity": AttributeType.QUANTITY,
}
RECEIPT_ATTRIBUTES: Final = {
    "store": AttributeType.NUMBER,
    "partner": AttributeType.NUMBER,
    "city": AttributeType.TEXT,
    "country": AttributeType.TEXT,
    "channel": AttributeType.TEXT,  # shop, web
    "weekday": AttributeType.NUMBER,  # of the business day; Monday is 1
}
KEYWORDS: Final = (  # of the text form: no attribute is called so (loyalty/text/conditions.lark)
    "all",
    "and",
    "any",
    "begins",
    "from",
    "goods",
    "in",
    "lines",
    "not",
    "of",
    "or",
    "to",
    "with",
)


class Condition(Struct, frozen=True, array_like=True, gc=False):
    """Base of all nodes; in bytes each begins with its tag."""


class OneOf(Condition, frozen=True, tag=1):
    """The attribute is one of these texts. One value: equals."""

    attribute: AttributeName
    values: Annotated[tuple[Value, ...], Meta(min_length=1, max_length=CONDITION_MAX_VALUES)]


class Within(Condition, frozen=True, tag=2):
    """`least <= attribute <= most`; None: no bound on this side."""

    attribute: AttributeName
    least: int | None
    most: int | None


class Begins(Condition, frozen=True, tag=3):
    """The attribute's text begins with `prefix`."""

    attribute: AttributeName
    prefix: Annotated[Value, Meta(min_length=1)]


class All(Condition, frozen=True, tag=4):
    """Every part holds."""

    parts: Annotated[tuple["AnyCondition", ...], Meta(min_length=1, max_length=CONDITION_MAX_PARTS)]


class Any(Condition, frozen=True, tag=5):
    """At least one part holds."""

    parts: Annotated[tuple["AnyCondition", ...], Meta(min_length=1, max_length=CONDITION_MAX_PARTS)]


class Not(Condition, frozen=True, tag=6):
    """The part does not hold."""

    part: "AnyCondition"


class Measure(IntEnum):
    """What is summed over lines."""

    AMOUNT = 1  # minor units, as the till said
    QUANTITY = 2  # thousandths
    LINES = 3  # how many lines


class Bought(Condition, frozen=True, tag=7):
    """`least <= sum <= most` over the lines that meet `lines` (None: all lines of goods)."""

    measure: Measure
    lines: "AnyCondition | None"
    least: int | None
    most: int | None


AnyCondition = OneOf | Within | Begins | All | Any | Not | Bought
