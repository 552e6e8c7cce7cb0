"""Where a field of the model stands in a file, for what is found out after the file was read.

Rules, stores and promotions are refused by the names of the model (`tiers[2].from_minor`), in minor units and
basis points. People are told the key, its line, and what would be right as they write it.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from loyalty.text.errors import TextError
from loyalty.text.figures import print_figure
from loyalty.text.forms import Shape
from loyalty.text.instants import print_instant
from loyalty.text.programme import CURRENCY, GIFT, PARTNER, POLICIES, RULES, STORE, TIER, WALLET, WORTH
from loyalty.text.promotions import (
    BUNDLE_PART,
    CAPS,
    EFFECTS,
    PROMOTION,
    STACKING,
    WHEN,
    WHERE,
    WHO,
)
from loyalty.text.source import Path, Source

_OF_RULES: Final[tuple[Shape[Any], ...]] = (RULES, POLICIES, CURRENCY, WALLET, WORTH, TIER, GIFT)
_OF_PROMOTIONS: Final[tuple[Shape[Any], ...]] = (PROMOTION, WHEN, WHERE, WHO, STACKING, CAPS, BUNDLE_PART)
_SHAPES: Final = (*_OF_RULES, PARTNER, STORE, *_OF_PROMOTIONS, *EFFECTS.values())
_PART: Final = re.compile(r"(\w+)(?:\[(\d+)\])?")
_NUMBER: Final = re.compile(r"\b\d+\b")


def _keys_of_fields() -> Mapping[str, tuple[str, ...]]:
    names: dict[str, list[str]] = {}
    for shape in _SHAPES:
        for key in shape.keys:
            known = names.setdefault(key.field or key.name, [])
            known += [key.name] if key.name not in known else []
    return {field: tuple(keys) for field, keys in names.items()}


_KEYS: Final = _keys_of_fields()


def find_key(source: Source, table: Path, field: str) -> Path:
    """The key that a field of a table is written under, as far as it is written.

    Args:
        table: ("promotion", 2)
        field: "effect.parts[1].lines", "from_ms"
    """
    path = table
    for name, number in _PART.findall(field):
        keys = _KEYS.get(name, (name,))
        key = next((key for key in keys if source.has((*path, key)) or source.has((*path, key, 1))), keys[0])
        path = (*path, key, int(number)) if number else (*path, key)
    return path


def mistake_in(
    source: Source, table: Path, field: str, wanted: str, exponent: int = 2, zone: str = "UTC"
) -> TextError:
    """What the engine refuses, as a mistake of the file.

    Args:
        field: as the engine calls it, inside the table.
        wanted: what the engine would take; its numbers are shown as the file writes them.
        exponent: decimals of the amounts there.
        zone: of the file's dates.
    """
    path = find_key(source, table, field)
    last = _PART.findall(field)[-1][0] if _PART.findall(field) else field
    key = next((part for part in reversed(path) if isinstance(part, str)), "")
    return source.error(path, f"{key} cannot be so", _as_written(wanted, path, last, exponent, zone))


def _as_written(wanted: str, path: Path, field: str, exponent: int, zone: str) -> str:
    def instant(found: re.Match[str]) -> str:
        return print_instant(int(found[0]), zone) if int(found[0]) else found[0]

    if field.endswith("_ms"):
        return _NUMBER.sub(instant, wanted)
    if field.endswith("basis_points"):
        decimals = 2 if str(path[-1]).endswith("percent") else 4
        return _NUMBER.sub(lambda found: print_figure(int(found[0]), decimals, trimmed=True), wanted)
    decimals = exponent if field.endswith("minor") else 0
    return _NUMBER.sub(lambda found: print_figure(int(found[0]), decimals), wanted)
