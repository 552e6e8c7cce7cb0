"""Conditions from their text: which attributes there are, of what type, and whether a sum may stand there.

A condition about a line:      brand = Nordkap and unit_price >= 100.00
                               category in (ski, "ski boots") and not sku begins with OLD-
A condition about a receipt:   channel = web and weekday from 6 to 7
                               amount of (brand = Nordkap) >= 200.00 or lines of goods >= 10

`and` binds stronger than `or`, `not` stronger than both; parentheses may stand anywhere, and make a tree of
its own of what is in them. Money is written in the currency's units and quantities in pieces. `all (...)` and
`any (...)` are the long forms of `and` and `or`. A `#` begins a comment. The printer is in `printing`.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from lark import Token, Tree

from loyalty.commands.conditions import (
    LINE_ATTRIBUTES,
    RECEIPT_ATTRIBUTES,
    All,
    Any,
    AnyCondition,
    AttributeType,
    Begins,
    Bought,
    Measure,
    Not,
    OneOf,
    Within,
)
from loyalty.commands.limits import (
    CONDITION_MAX_DEPTH,
    CONDITION_MAX_NODES,
    CONDITION_MAX_PARTS,
    CONDITION_MAX_VALUES,
    TEXT_MAX_BYTES,
)
from loyalty.text.errors import TextError, one_of
from loyalty.text.figures import decimals_of, read_figure
from loyalty.text.grammar import parse

Types = Mapping[str, AttributeType]

MEASURES: Final = {"amount": Measure.AMOUNT, "quantity": Measure.QUANTITY, "lines": Measure.LINES}
MEASURE_TYPES: Final = {
    Measure.AMOUNT: AttributeType.MONEY,
    Measure.QUANTITY: AttributeType.QUANTITY,
    Measure.LINES: AttributeType.NUMBER,
}
_OF_TEXTS: Final = "=, !=, in (...), not in (...), begins with"
_OF_NUMBERS: Final = "=, !=, >=, <=, from ... to ..."


class _Scope(NamedTuple):
    """What can be seen from a part of the text."""

    text: str
    of_lines: Types
    exponent: int  # of the currency: 2 for 1.00
    about_lines: bool
    depth: int = 1

    def types(self) -> Types:
        return self.of_lines if self.about_lines else RECEIPT_ATTRIBUTES

    def error(self, at: Token, problem: str, wanted: str) -> TextError:
        return TextError.at(self.text, at.line or 1, at.column or 1, problem, wanted)


def parse_line_condition(text: str, attributes: Types, exponent: int) -> AnyCondition:
    """A condition about one line.

    Args:
        text: as above.
        attributes: those that the programme declares, with their types; the built-in ones are known.
        exponent: decimals of the currency that money is written in.

    Raises:
        TextError: with the place, what is wrong there, and what would be right.
    """
    return _read(text, _Scope(text, {**attributes, **LINE_ATTRIBUTES}, exponent, about_lines=True))


def parse_receipt_condition(text: str, attributes: Types, exponent: int) -> AnyCondition:
    """A condition about a receipt; `attributes` are those of its lines. Else as `parse_line_condition`."""
    return _read(text, _Scope(text, {**attributes, **LINE_ATTRIBUTES}, exponent, about_lines=False))


def _read(text: str, scope: _Scope) -> AnyCondition:
    condition = _build(parse(text), scope)
    if _count(condition) > CONDITION_MAX_NODES:
        raise TextError("the condition is too large", f"at most {CONDITION_MAX_NODES} tests, parts and sums")
    return condition


def _build(tree: Tree[Token], scope: _Scope) -> AnyCondition:
    two_levels = tree.data in ("differs", "none_of")
    if scope.depth + two_levels > CONDITION_MAX_DEPTH:
        problem = "too many levels of not, and, or, parentheses and sums"
        raise scope.error(_first(tree), problem, f"at most {CONDITION_MAX_DEPTH}")
    return _BUILDERS[tree.data](tree, scope)


def _parts(tree: Tree[Token], scope: _Scope) -> tuple[AnyCondition, ...]:
    if len(tree.children) > CONDITION_MAX_PARTS:
        problem = f"{len(tree.children)} parts in a row"
        raise scope.error(_first(tree), problem, f"at most {CONDITION_MAX_PARTS}; put some in parentheses")
    inner = scope._replace(depth=scope.depth + 1)
    return tuple(_build(part, inner) for part in tree.children if isinstance(part, Tree))


def _bought(tree: Tree[Token], scope: _Scope) -> AnyCondition:
    name, lines, bounds = tree.children
    measure = MEASURES[_token(name)]
    if scope.about_lines:
        problem = f"{name!s} of ... is a sum over lines, and this is about one line"
        raise scope.error(_token(name), problem, one_of(scope.types()))
    counted = None
    if isinstance(lines, Tree):
        counted = _build(lines, scope._replace(about_lines=True, depth=scope.depth + 1))
    return Bought(measure, counted, *_bounds(_tree(bounds), MEASURE_TYPES[measure], scope))


def _within(tree: Tree[Token], scope: _Scope) -> AnyCondition:
    name, bounds = tree.children
    type_ = _type(_token(name), scope)
    if type_ is AttributeType.TEXT:
        raise scope.error(_token(name), f"{name!s} is a text", f"{name!s} with {_OF_TEXTS}")
    return Within(str(name), *_bounds(_tree(bounds), type_, scope))


def _bounds(tree: Tree[Token], type_: AttributeType, scope: _Scope) -> tuple[int | None, int | None]:
    numbers = [_number(_token(child), type_, scope) for child in tree.children]
    if tree.data == "least":
        return numbers[0], None
    if tree.data == "most":
        return None, numbers[0]
    if numbers[0] > numbers[-1]:
        first, last = (_token(child) for child in tree.children)
        raise scope.error(first, f"from {first} to {last} holds for no number", f"from {last} to {first}")
    return numbers[0], numbers[-1]


def _equals(tree: Tree[Token], scope: _Scope) -> AnyCondition:
    name, value = (_token(child) for child in tree.children)
    type_ = _type(name, scope)
    if type_ is AttributeType.TEXT:
        return OneOf(str(name), (_text(value, scope),))
    number = _number(value, type_, scope)
    return Within(str(name), number, number)


def _one_of(tree: Tree[Token], scope: _Scope) -> AnyCondition:
    name, *values = (_token(child) for child in tree.children)
    if _type(name, scope) is not AttributeType.TEXT:
        raise scope.error(name, f"{name} is a number", f"{name} with {_OF_NUMBERS}")
    if len(values) > CONDITION_MAX_VALUES:
        raise scope.error(name, f"{len(values)} values", f"at most {CONDITION_MAX_VALUES}")
    return OneOf(str(name), tuple(_text(value, scope) for value in values))


def _begins(tree: Tree[Token], scope: _Scope) -> AnyCondition:
    name, value = (_token(child) for child in tree.children)
    if _type(name, scope) is not AttributeType.TEXT:
        raise scope.error(name, f"{name} is a number", f"{name} with {_OF_NUMBERS}")
    prefix = _text(value, scope)
    if not prefix:
        raise scope.error(value, "every text begins with an empty one", "what the text begins with")
    return Begins(str(name), prefix)


_BUILDERS: Final[dict[str, Callable[[Tree[Token], _Scope], AnyCondition]]] = {
    "every": lambda tree, scope: All(_parts(tree, scope)),
    "some": lambda tree, scope: Any(_parts(tree, scope)),
    "negation": lambda tree, scope: Not(_parts(tree, scope)[0]),
    "bought": _bought,
    "within": _within,
    "equals": _equals,
    "differs": lambda tree, scope: Not(_equals(tree, scope)),
    "one_of": _one_of,
    "none_of": lambda tree, scope: Not(_one_of(tree, scope)),
    "begins": _begins,
}


def _type(name: Token, scope: _Scope) -> AttributeType:
    types = scope.types()
    if name in types:
        return types[name]
    if scope.about_lines and name in RECEIPT_ATTRIBUTES:
        raise scope.error(name, f"{name} is of the receipt, and this is about one line", one_of(types))
    if not scope.about_lines and name in scope.of_lines:
        wanted = f"a sum over lines: amount of (...), quantity of (...) or lines of (...); or {one_of(types)}"
        raise scope.error(name, f"{name} is of a line, and this is about the receipt", wanted)
    raise scope.error(name, f"unknown attribute {str(name)!r}", one_of(types, name))


def _number(value: Token, type_: AttributeType, scope: _Scope) -> int:
    try:
        return read_figure(str(value), decimals_of(type_, scope.exponent))
    except TextError as error:
        raise scope.error(value, error.problem, error.wanted) from None


def _text(value: Token, scope: _Scope) -> str:
    text = str(value) if value.type == "WORD" else _unquoted(value, scope)
    if len(text) > TEXT_MAX_BYTES:
        raise scope.error(value, f"a text of {len(text)} characters", f"at most {TEXT_MAX_BYTES}")
    return text


def _unquoted(value: Token, scope: _Scope) -> str:
    r"""What the quotes hold: escapes are those of JSON, and \' is a quote."""
    body = re.sub(r"""\\.|\"""", lambda found: {'"': '\\"', "\\'": "'"}.get(found[0], found[0]), value[1:-1])
    try:
        text = json.loads(f'"{body}"')
        text.encode()  # half of a surrogate pair is no text
    except ValueError:
        raise scope.error(value, "an unknown escape in this text", r"\\ \" \' \n \t or \u00e9") from None
    return str(text)


def _count(condition: AnyCondition | None) -> int:
    if isinstance(condition, All | Any):
        return 1 + sum(_count(part) for part in condition.parts)
    if isinstance(condition, Not):
        return 1 + _count(condition.part)
    return 0 if condition is None else 1 + _count(condition.lines if isinstance(condition, Bought) else None)


def _first(tree: Tree[Token]) -> Token:
    """Where a part begins."""
    return Token("PLACE", "", line=tree.meta.line, column=tree.meta.column)


def _token(child: object) -> Token:
    if not isinstance(child, Token):
        raise TypeError(f"the grammar gave {child!r}, want a token")
    return child


def _tree(child: object) -> Tree[Token]:
    if not isinstance(child, Tree):
        raise TypeError(f"the grammar gave {child!r}, want a tree")
    return child
