"""Which line of a TOML file a value stands on: the library that reads TOML does not tell.

It is enough to find headers and keys at the beginning of lines. What stands inside an inline table has the
line of the table.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final

from loyalty.text.errors import TextError, excerpt

Path = tuple[str | int, ...]  # ("promotion", 2, "effect", "percent"): numbers count from 1

_NAME: Final = r"""[A-Za-z0-9_.\-"' \t]+"""
_HEADER: Final = re.compile(rf"\s*(\[\[?)({_NAME})\]\]?\s*(?:#.*)?")
_KEY: Final = re.compile(rf"\s*({_NAME}?)\s*=\s*(.*)")
_LONG_QUOTES: Final = ('"""', "'''")


class Source:
    """A file's text, and where its keys are."""

    def __init__(self, text: str) -> None:
        self.text = text

    def error(self, path: Path, problem: str, wanted: str) -> TextError:
        """What is wrong at a key."""
        line = self.line_of(path)
        shown = self.text.split("\n")[line - 1] if line else ""
        column = len(shown) - len(shown.lstrip()) + 1
        return TextError(
            problem, wanted, line, 0, excerpt(self.text, line, column) if line else "", print_path(path)
        )

    def has(self, path: Path) -> bool:
        """Whether a key is written on a line of its own."""
        return path in self._lines

    def line_of(self, path: Path) -> int:
        """The line of a key, of the table around it if it is not found, or 0."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 0)

    @cached_property
    def _lines(self) -> Mapping[Path, int]:
        return dict(reversed(list(_keys(self.text))))  # the first of each


def print_path(path: Path) -> str:
    """As promotion[2].effect.percent."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def _keys(text: str) -> Iterator[tuple[Path, int]]:
    counts: dict[Path, int] = {}  # of tables that are one of several
    table: Path = ()
    closing = ""  # of a long text that goes on
    for number, line in enumerate(text.split("\n"), 1):
        if closing:
            closing = "" if closing in line else closing
        elif header := _HEADER.fullmatch(line):
            table = _resolve(_split(header[2]), counts, one_of_several=header[1] == "[[")
            yield table, number
            if isinstance(table[-1], int):
                yield table[:-1], number
        elif key := _KEY.fullmatch(line):
            yield (*table, *_split(key[1])), number
            opened = key[2][:3]
            closing = opened if opened in _LONG_QUOTES and opened not in key[2][3:] else ""


def _resolve(names: Path, counts: dict[Path, int], one_of_several: bool) -> Path:
    """A header's path, with the number of each table that is one of several."""
    path: Path = ()
    for name in names:
        path = (*path, name)
        if one_of_several and len(path) - sum(isinstance(part, int) for part in path) == len(names):
            counts[path] = counts.get(path, 0) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _split(name: str) -> Path:
    return tuple(part.strip().strip("\"'") for part in name.split("."))
