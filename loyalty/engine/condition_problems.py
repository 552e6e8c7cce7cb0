"""What a condition must be before it is published: so that what is compiled needs no second look.

Source: loyalty/RULES.md, conditions; limits by name in loyalty/commands/limits.py.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from loyalty.commands.conditions import (
    KEYWORDS,
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
from loyalty.commands.limits import CONDITION_MAX_DEPTH, CONDITION_MAX_NODES

Types = Mapping[str, AttributeType]

ATTRIBUTE_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
_NAMES_MAX: Final = 12  # listed where one is unknown


class _Place(NamedTuple):
    """A node, where it is, and what is seen from there."""

    node: AnyCondition
    path: str
    depth: int
    types: Types
    of_receipt: bool


def problem_of(
    condition: AnyCondition | None, about_lines: bool, attributes: Types, field: str = ""
) -> tuple[str, str] | None:
    """The first thing that is wrong with a condition, in the order in which it is written.

    Args:
        condition: as it was decoded, not yet trusted; None is fine everywhere.
        about_lines: whether it looks at one line, or else at a receipt.
        attributes: those that the programme declares, by name.
        field: where the condition stands; without it "lines" or "receipt".

    Returns:
        The field ("lines.parts[2].attribute", counted from 1) and what would be right, or None. Never raises,
        however deep the tree.
    """
    if condition is None:
        return None
    of_lines = {**attributes, **LINE_ATTRIBUTES}
    path = field or ("lines" if about_lines else "receipt")
    root = _Place(condition, path, 1, of_lines if about_lines else RECEIPT_ATTRIBUTES, not about_lines)
    for count, place in enumerate(_walk(root, of_lines), 1):
        if count > CONDITION_MAX_NODES:
            return path, f"at most {CONDITION_MAX_NODES} tests, parts and sums in all"
        if place.depth > CONDITION_MAX_DEPTH:
            return place.path, f"at most {CONDITION_MAX_DEPTH} levels"
        for part, wanted in _problems(place):
            return f"{place.path}{part}", wanted
    return None


def name_problem(name: str) -> str | None:
    """What would be right instead of this name for an attribute of the programme; None if it is right."""
    if not ATTRIBUTE_NAME.fullmatch(name):
        return "a small letter, then small letters, digits and _, at most 32 in all"
    if name in LINE_ATTRIBUTES or name in RECEIPT_ATTRIBUTES:
        return "another name: every basket has this attribute already"
    if name in KEYWORDS:
        return "another name: conditions are written with this word"
    return None


def _walk(root: _Place, of_lines: Types) -> Iterator[_Place]:
    """All nodes in the order in which they are written; without recursion, for it may be too deep."""
    waiting = [root]
    while waiting:
        place = waiting.pop()
        yield place
        waiting.extend(reversed(_parts(place, of_lines)))


def _parts(place: _Place, of_lines: Types) -> list[_Place]:
    node, path, depth = place.node, place.path, place.depth + 1
    if isinstance(node, All | Any):
        parts = enumerate(node.parts, 1)
        return [place._replace(node=part, path=f"{path}.parts[{at}]", depth=depth) for at, part in parts]
    if isinstance(node, Not):
        return [place._replace(node=node.part, path=f"{path}.part", depth=depth)]
    if isinstance(node, Bought) and node.lines is not None:
        return [_Place(node.lines, f"{path}.lines", depth, of_lines, of_receipt=False)]
    return []


def _problems(place: _Place) -> Iterator[tuple[str, str]]:
    """What is wrong with the node itself: below which of its fields, and what would be right."""
    node = place.node
    if isinstance(node, OneOf | Within | Begins):
        yield from _problems_of_attribute(node, place.types)
    if isinstance(node, Bought) and not place.of_receipt:
        yield "", "a test of one line; sums over lines belong to what must hold for the receipt"
    if isinstance(node, Within | Bought):
        if node.least is None and node.most is None:
            yield ".least", "least, most, or both"
        elif node.least is not None and node.most is not None and node.least > node.most:
            yield ".least", f"at most {node.most}: as much as most"


def _problems_of_attribute(node: OneOf | Within | Begins, types: Types) -> Iterator[tuple[str, str]]:
    type_ = types.get(node.attribute)
    if type_ is None:
        names = list(types)
        more = ", ..." if len(names) > _NAMES_MAX else ""
        yield ".attribute", f"one of {', '.join(names[:_NAMES_MAX])}{more}"
    elif isinstance(node, Within) and type_ is AttributeType.TEXT:
        yield ".attribute", f"a number: {node.attribute} is a text, use one_of or begins"
    elif not isinstance(node, Within) and type_ is not AttributeType.TEXT:
        yield ".attribute", f"a text: {node.attribute} is a number, use within"
