"""Whole numbers as people write them: money in the currency's units, quantities in pieces, percent."""

import re
from typing import Final

from loyalty.commands.conditions import AttributeType
from loyalty.text.errors import TextError

QUANTITY_DECIMALS: Final = 3
PERCENT_DECIMALS: Final = 2
INT64_MAX: Final = 2**63 - 1

_FIGURE: Final = re.compile(r"(-?)([0-9]{1,20})(?:\.([0-9]{1,20}))?")


def read_figure(text: str, decimals: int) -> int:
    """The number in units of its last decimal: "1.5" with two of them is 150.

    Raises:
        TextError: no number, finer than that, or beyond 64 bits; without a place.
    """
    wanted = (
        "a whole number"
        if decimals == 0
        else f"a number with at most {decimals} decimals, as {_like(decimals)}"
    )
    found = _FIGURE.fullmatch(text)
    if found is None:
        raise TextError(f"{text!r} is no number", wanted)
    sign, whole, fraction = found[1], found[2], (found[3] or "").rstrip("0")
    if len(fraction) > decimals:
        raise TextError(f"{text} has too many decimals", wanted)
    value = int(sign + whole + fraction.ljust(decimals, "0"))
    if abs(value) > INT64_MAX:
        raise TextError(f"{text} is too large", f"at most {print_figure(INT64_MAX, decimals)}")
    return value


def print_figure(value: int, decimals: int, trimmed: bool = False) -> str:
    """The inverse of `read_figure`; `trimmed` without zeros at the end."""
    digits = str(abs(value)).rjust(decimals + 1, "0")
    whole, fraction = digits[: len(digits) - decimals], digits[len(digits) - decimals :]
    if trimmed:
        fraction = fraction.rstrip("0")
    return f"{'-' if value < 0 else ''}{whole}{'.' if fraction else ''}{fraction}"


def decimals_of(type_: AttributeType, exponent: int) -> int:
    """How fine an attribute's numbers are."""
    return {AttributeType.MONEY: exponent, AttributeType.QUANTITY: QUANTITY_DECIMALS}.get(type_, 0)


def print_number(value: int, type_: AttributeType, exponent: int) -> str:
    """As a condition shows it: 100.00, 1.5, 7."""
    return print_figure(value, decimals_of(type_, exponent), trimmed=type_ is AttributeType.QUANTITY)


def _like(decimals: int) -> str:
    return print_figure(15 * 10 ** (decimals - 1), decimals)
