"""Conditions over a basket, compiled: a tree is walked once, when it is first met, and is a closure then.

The checks that a tree must pass before it is published are in `loyalty.engine.condition_problems`; what is
compiled here has passed them. Whatever does decode gives an answer all the same: a test of an attribute that
is missing or of another type does not hold.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final, TypeVar

from loyalty.commands import Line, LineKind
from loyalty.commands.conditions import (
    LINE_ATTRIBUTES,
    RECEIPT_ATTRIBUTES,
    All,
    Any,
    AnyCondition,
    Begins,
    Bought,
    Measure,
    Not,
    OneOf,
    Within,
)
from loyalty.engine.condition_problems import name_problem, problem_of

__all__ = [
    "Facts",
    "OneOfTest",
    "compile_line",
    "compile_receipt",
    "facts_of_line",
    "name_problem",
    "problem_of",
    "required_values",
    "value_of_line",
]

Facts = Mapping[str, str | int]  # attributes of a line, or of a receipt, by name
LineTest = Callable[[Facts], bool]
ReceiptTest = Callable[[Facts, Sequence[Facts]], bool]

COMPILED_MAX: Final = 16_384  # trees that are kept compiled: several of each promotion that can be in force

KINDS: Final = {LineKind.GOODS: "goods", LineKind.DELIVERY: "delivery", LineKind.GIFT_CARD: "gift_card"}

_Of = TypeVar("_Of")
_Test = Callable[[_Of], bool]
_Leaf = OneOf | Within | Begins | Bought
_Basket = tuple[Facts, Sequence[Facts]]


def facts_of_line(line: Line) -> dict[str, str | int]:
    """What line conditions see of a line: its attributes, and over them the built-in ones.

    `unit_price` without the till's word is amount by quantity, rounded down.
    """
    facts: dict[str, str | int] = dict(line.attributes)
    facts["sku"] = line.sku
    facts["kind"] = KINDS[line.kind]
    facts["amount"] = line.amount_minor
    facts["quantity"] = line.quantity_milli
    facts["unit_price"] = line.unit_price_minor or (
        line.amount_minor * 1000 // line.quantity_milli if line.quantity_milli > 0 else 0
    )
    return facts


def value_of_line(line: Line, attribute: str) -> str | int | None:
    """One of these facts; None: the line has no such attribute."""
    if attribute == "sku":
        return line.sku
    if attribute in LINE_ATTRIBUTES:
        return facts_of_line(line).get(attribute)
    for name, value in line.attributes:
        if name == attribute:
            return value
    return None


@lru_cache(maxsize=COMPILED_MAX)
def compile_line(condition: AnyCondition | None) -> LineTest:
    """The test of one line's facts. None: every line of goods."""
    return _is_goods if condition is None else _tree(condition, _of_line)


@lru_cache(maxsize=COMPILED_MAX)
def compile_receipt(condition: AnyCondition | None) -> ReceiptTest:
    """The test of a receipt's facts and its lines' facts. None: always true."""
    if condition is None:
        return lambda facts, lines: True
    test = _tree(condition, _of_basket)
    return lambda facts, lines: test((facts, lines))


def required_values(condition: AnyCondition | None) -> tuple[str, tuple[str, ...]] | None:
    """An attribute, and values of which a line must carry one, or the condition cannot hold.

    For a receipt condition it is a line that counts in one of its sums. Of several such attributes that with
    the fewest values, then the first by name; None if there is none. An index by it finds what can apply.
    """
    found = {} if condition is None else _required(condition)
    if not found:
        return None
    return min(found.items(), key=lambda pair: (len(pair[1]), pair[0]))


def _is_goods(facts: Facts) -> bool:
    return facts.get("kind") == "goods"


def _tree(node: AnyCondition, leaf: Callable[[_Leaf], _Test[_Of]]) -> _Test[_Of]:
    if isinstance(node, All):
        return _every(tuple([_tree(part, leaf) for part in node.parts]))
    if isinstance(node, Any):
        return _some(tuple([_tree(part, leaf) for part in node.parts]))
    if isinstance(node, Not):
        return _opposite(_tree(node.part, leaf))
    return leaf(node)


def _every(parts: tuple[_Test[_Of], ...]) -> _Test[_Of]:
    def every(facts: _Of) -> bool:
        for part in parts:  # noqa: SIM110, a generator costs as much again as a test
            if not part(facts):
                return False
        return True

    return every


def _some(parts: tuple[_Test[_Of], ...]) -> _Test[_Of]:
    def some(facts: _Of) -> bool:
        for part in parts:  # noqa: SIM110, as above
            if part(facts):
                return True
        return False

    return some


def _opposite(part: _Test[_Of]) -> _Test[_Of]:
    return lambda facts: not part(facts)


def _of_line(node: _Leaf) -> LineTest:
    if isinstance(node, OneOf):
        return OneOfTest(node.attribute, node.values)
    if isinstance(node, Within):
        return _within(node.attribute, node.least, node.most)
    if isinstance(node, Begins):
        return _begins(node.attribute, node.prefix)
    return lambda facts: False  # a sum is over lines, not of one


def _of_basket(node: _Leaf) -> _Test[_Basket]:
    if isinstance(node, Bought):
        return _bought(node)
    test = _of_line(node)
    return lambda basket: test(basket[0])


class OneOfTest:
    """The commonest test, open to be asked of all lines in one go."""

    __slots__ = ("attribute", "values")

    def __init__(self, attribute: str, values: tuple[str, ...]) -> None:
        self.attribute = attribute
        self.values: frozenset[str | int] = frozenset(values)  # asked only, never gone through

    def __call__(self, facts: Facts) -> bool:
        return facts.get(self.attribute) in self.values


def _within(attribute: str, least: int | None, most: int | None) -> LineTest:
    def within(facts: Facts) -> bool:
        value = facts.get(attribute)
        return (
            isinstance(value, int) and (least is None or least <= value) and (most is None or value <= most)
        )

    return within


def _begins(attribute: str, prefix: str) -> LineTest:
    def begins(facts: Facts) -> bool:
        value = facts.get(attribute)
        return isinstance(value, str) and value.startswith(prefix)

    return begins


def _bought(node: Bought) -> _Test[_Basket]:
    counts, measure = compile_line(node.lines), _MEASURES[node.measure]
    least, most = node.least, node.most

    def bought(basket: _Basket) -> bool:
        total = sum([measure(facts) for facts in basket[1] if counts(facts)])
        return (least is None or least <= total) and (most is None or total <= most)

    return bought


def _whole(facts: Facts, attribute: str) -> int:
    value = facts.get(attribute)
    return value if isinstance(value, int) else 0


_MEASURES: Final[dict[Measure, Callable[[Facts], int]]] = {
    Measure.AMOUNT: lambda facts: _whole(facts, "amount"),
    Measure.QUANTITY: lambda facts: _whole(facts, "quantity"),
    Measure.LINES: lambda facts: 1,
}


def _required(node: AnyCondition) -> dict[str, tuple[str, ...]]:
    """Everything that could be asked for, by attribute."""
    if isinstance(node, OneOf):
        # Where it is bought says nothing about a line, and nearly every line is of the kind goods.
        asked = node.attribute not in RECEIPT_ATTRIBUTES and node.attribute != "kind"
        return {node.attribute: tuple(dict.fromkeys(node.values))} if asked else {}
    if isinstance(node, All):
        return _of_all([_required(part) for part in node.parts])
    if isinstance(node, Any):
        return _of_any([_required(part) for part in node.parts])
    if isinstance(node, Bought) and node.lines is not None and node.least is not None and node.least > 0:
        return _required(node.lines)  # without such a line the sum is 0
    return {}


def _of_all(parts: list[dict[str, tuple[str, ...]]]) -> dict[str, tuple[str, ...]]:
    """Each part's are asked for; where two ask for the same attribute, either's values do: take the fewer."""
    found: dict[str, tuple[str, ...]] = {}
    for part in parts:
        for attribute, values in part.items():
            if attribute not in found or len(values) < len(found[attribute]):
                found[attribute] = values
    return found


def _of_any(parts: list[dict[str, tuple[str, ...]]]) -> dict[str, tuple[str, ...]]:
    """What every part asks for, with the values of all of them."""
    return {
        attribute: tuple(dict.fromkeys(value for part in parts for value in part[attribute]))
        for attribute in (parts[0] if parts else ())
        if all(attribute in part for part in parts)
    }
