"""Baskets in TOML files, to try promotions on: `[[line]]` for each line, with the programme's attributes.

    coupons = ["SKI-2026"]

    [[line]]
    sku = "NK-4711"
    pieces = 2
    amount = 398.00
    attributes = { brand = "Nordkap", category = "ski_boots" }

`amount` is what the line costs, all pieces together. Left out: one piece, of goods, a price by the amount, no
tax in it and no floor.
"""

from dataclasses import replace
from typing import Any, Final, NamedTuple

from msgspec import Struct

from loyalty.commands import Attributes, Line, LineKind, Rules
from loyalty.commands.conditions import AttributeType
from loyalty.commands.limits import RECEIPT_MAX_LINES
from loyalty.text.errors import TextError, one_of
from loyalty.text.figures import QUANTITY_DECIMALS, decimals_of, print_figure, read_figure
from loyalty.text.files import open_file, scope_of_rules
from loyalty.text.forms import (
    MONEY,
    TEXT,
    Form,
    Key,
    Place,
    Scope,
    Shape,
    choice,
    read_record,
    record,
    several,
    shown,
)
from loyalty.text.instants import ZONE_UTC
from loyalty.text.toml import Bare, Shown

PIECE_MILLI: Final = 1000


class Basket(NamedTuple):
    """What a customer brings to the till."""

    lines: tuple[Line, ...]
    coupons: tuple[str, ...]


def read_basket(text: str, rules: Rules, currency: str = "") -> Basket:
    """A basket for a programme with these rules, its amounts in a currency; empty: the first.

    Raises:
        TextError: as `read_programme`.
    """
    place, table = open_file(text, ("coupons", "line"))
    place = place._replace(scope=replace(scope_of_rules(rules, ZONE_UTC), currency=currency))
    written = read_record(_BASKET, table, place)
    if not written.line:
        raise TextError("the basket has no lines", "[[line]] for each line")
    if len(written.line) > RECEIPT_MAX_LINES:
        raise TextError(f"the basket has {len(written.line)} lines", f"at most {RECEIPT_MAX_LINES}")
    return Basket(written.line, written.coupons)


class _Written(Struct, frozen=True, array_like=True, gc=False):
    """A file's top."""

    line: tuple[Line, ...] = ()
    coupons: tuple[str, ...] = ()


def _read_pieces(value: Any, place: Place) -> int:
    if isinstance(value, bool) or not isinstance(value, int | Bare):
        raise TextError(f"{shown(value)} is no number", "a number of pieces, as 2 or 0.5")
    return read_figure(value.text if isinstance(value, Bare) else str(value), QUANTITY_DECIMALS)


def _read_attributes(value: Any, place: Place) -> Attributes:
    """By the types that the programme declares."""
    if not isinstance(value, dict):
        raise place.error(f"{shown(value)} is no table", '{ brand = "Nordkap" }')
    for name in value:
        if name not in place.scope.attributes:
            problem = f"the programme declares no attribute {name!r}"
            raise place.at(name).error(problem, one_of(place.scope.attributes, name))
    return tuple((name, place.at(name).read(_VALUE, value[name])) for name in sorted(value))


def _read_value(value: Any, place: Place) -> str | int:
    type_ = place.scope.attributes[str(place.path[-1])]
    if type_ is AttributeType.TEXT:
        if not isinstance(value, str):
            raise TextError(f"{shown(value)} is no text", "a text in quotes")
        return value
    if isinstance(value, bool) or not isinstance(value, int | Bare):
        raise TextError(f"{shown(value)} is no number", "a number")
    return read_figure(
        value.text if isinstance(value, Bare) else str(value), decimals_of(type_, place.scope.exponent)
    )


def _not_shown(value: Any, scope: Scope) -> Shown:
    raise ValueError("baskets are read, and never printed")


_PIECES: Final = Form(_read_pieces, lambda value, scope: Bare(print_figure(value, QUANTITY_DECIMALS, True)))
_VALUE: Final = Form(_read_value, _not_shown)
_LINE: Final = Shape(
    Line,
    (
        Key("sku", TEXT),
        Key("pieces", _PIECES, "quantity_milli", PIECE_MILLI),
        Key("amount", MONEY, "amount_minor"),
        Key("kind", choice(LineKind), default=LineKind.GOODS),
        Key("price", MONEY, "unit_price_minor"),
        Key("tax", MONEY, "tax_minor"),
        Key("floor", MONEY, "floor_minor"),
        Key("attributes", Form(_read_attributes, _not_shown)),
    ),
)


_BASKET: Final = Shape(
    _Written,
    (
        Key("coupons", several(TEXT)),
        Key("line", several(record(_LINE))),
    ),
)
