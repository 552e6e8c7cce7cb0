"""Conditions as people read them: the inverse of `conditions`. What is printed reads as the same tree."""

import json
import re
from typing import Final, NamedTuple

from loyalty.commands.conditions import (
    LINE_ATTRIBUTES,
    RECEIPT_ATTRIBUTES,
    All,
    Any,
    AnyCondition,
    AttributeType,
    Begins,
    Bought,
    Not,
    OneOf,
    Within,
)
from loyalty.text.conditions import MEASURE_TYPES, Types
from loyalty.text.figures import print_number

# As WORD in conditions.lark: what needs no quotes.
_WORD: Final = re.compile(r"(?!(?:and|or|not|in|of|from|to|begins|with)\Z)[-\w][-\w./&+:%]*")


class _Style(NamedTuple):
    types: Types
    exponent: int


def print_condition(condition: AnyCondition, attributes: Types, exponent: int) -> str:
    """The text of a condition about a line or a receipt, on one line.

    An attribute that the programme does not declare any more is shown with whole numbers.
    """
    return _text(condition, _Style({**attributes, **LINE_ATTRIBUTES, **RECEIPT_ATTRIBUTES}, exponent))


def _text(node: AnyCondition, style: _Style) -> str:
    if isinstance(node, All | Any):
        return _series(node, style)
    if isinstance(node, Not):
        return _opposite(node.part, style)
    if isinstance(node, Bought):
        lines = "goods" if node.lines is None else f"({_text(node.lines, style)})"
        bounds = _bounds(node.least, node.most, MEASURE_TYPES[node.measure], style)
        return f"{node.measure.name.lower()} of {lines} {bounds}"
    return _test(node, style)


def _series(node: All | Any, style: _Style) -> str:
    if len(node.parts) == 1:  # of one part: there is no `and` to show it
        return f"{'all' if isinstance(node, All) else 'any'} ({_text(node.parts[0], style)})"
    return (" and " if isinstance(node, All) else " or ").join(_part(part, style) for part in node.parts)


def _part(node: AnyCondition, style: _Style) -> str:
    text = _text(node, style)
    return f"({text})" if isinstance(node, All | Any) and len(node.parts) > 1 else text


def _opposite(part: AnyCondition, style: _Style) -> str:
    if isinstance(part, OneOf):
        return f"{part.attribute} {'!=' if len(part.values) == 1 else 'not in'} {_values(part.values)}"
    if isinstance(part, Within) and part.least == part.most:
        return f"{part.attribute} != {_bounds(part.least, part.most, _type(part, style), style)[2:]}"
    return f"not {_part(part, style)}"


def _test(node: OneOf | Within | Begins, style: _Style) -> str:
    if isinstance(node, OneOf):
        return f"{node.attribute} {'=' if len(node.values) == 1 else 'in'} {_values(node.values)}"
    if isinstance(node, Within):
        return f"{node.attribute} {_bounds(node.least, node.most, _type(node, style), style)}"
    return f"{node.attribute} begins with {_quoted(node.prefix)}"


def _type(node: Within, style: _Style) -> AttributeType:
    return style.types.get(node.attribute, AttributeType.NUMBER)


def _bounds(least: int | None, most: int | None, type_: AttributeType, style: _Style) -> str:
    shown = [print_number(value, type_, style.exponent) for value in (least, most) if value is not None]
    if not shown:
        raise ValueError("a range without bounds has no text; want least, most or both")
    if len(shown) == 1:
        return f"{'<=' if least is None else '>='} {shown[0]}"
    return f"= {shown[0]}" if least == most else f"from {shown[0]} to {shown[1]}"


def _values(values: tuple[str, ...]) -> str:
    shown = ", ".join(map(_quoted, values))
    return shown if len(values) == 1 else f"({shown})"


def _quoted(value: str) -> str:
    if _WORD.fullmatch(value):
        return value
    body = json.dumps(value, ensure_ascii=False)[1:-1]
    return f'"{body}"' if "'" in value else f"'{body.replace(chr(92) + chr(34), chr(34))}'"
