"""TOML to be read by people: keys before tables, lists on one line, numbers as they are written by hand."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

_PLAIN_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")


class Bare(NamedTuple):
    """What is written without quotes: 100.00 or 2026-11-01. Also what a number with a point is read as."""

    text: str


Shown = str | int | bool | Bare | list["Shown"] | dict[str, "Shown"]


def print_toml(table: Mapping[str, Shown], path: str = "") -> str:
    """The lines of a table and of those below it."""
    return "\n".join(_lines(table, path)) + "\n"


def _lines(table: Mapping[str, Shown], path: str) -> Iterator[str]:
    below = [(key, value) for key, value in table.items() if _is_below(value)]
    yield from (f"{_key(key)} = {print_value(value)}" for key, value in table.items() if not _is_below(value))
    for key, value in below:
        inner = f"{path}.{_key(key)}".removeprefix(".")
        if isinstance(value, dict):
            yield from ("", f"[{inner}]", *_lines(value, inner))
        elif isinstance(value, list):
            for part in value:
                yield from ("", f"[[{inner}]]", *_lines(part if isinstance(part, dict) else {}, inner))


def _is_below(value: Shown) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


def print_value(value: Shown) -> str:
    """A value that is no table, on one line."""
    if isinstance(value, Bare):
        return value.text
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(map(print_value, value))}]"
    return _text(value) if isinstance(value, str) else str(value)


def _text(text: str) -> str:
    if '"' in text and "'" not in text and text.isprintable():
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")  # the escapes of JSON are TOML's


def _key(key: str) -> str:
    return key if _PLAIN_KEY.fullmatch(key) else _text(key)
