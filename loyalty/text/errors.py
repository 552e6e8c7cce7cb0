"""What is said about a text that cannot be taken: where it is, what is wrong, what would be right."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final, Self

_LINE_MAX: Final = 100  # characters of the text's line that are shown
_NAMES_MAX: Final = 24  # that are listed


class TextError(ValueError):
    """A place in what somebody wrote, and what is wrong there.

    `line` and `column` count from 1; 0: not known. `excerpt` shows the line with a caret under the place.
    `where` names the place by its keys, if it is in a file: "promotion[2].lines".
    """

    def __init__(
        self, problem: str, wanted: str, line: int = 0, column: int = 0, excerpt: str = "", where: str = ""
    ) -> None:
        self.problem = problem
        self.wanted = wanted
        self.line = line
        self.column = column
        self.excerpt = excerpt
        self.where = where
        super().__init__(problem, wanted, line, column, excerpt, where)

    @classmethod
    def at(cls, text: str, line: int, column: int, problem: str, wanted: str) -> Self:
        """One that shows its place in the text."""
        return cls(problem, wanted, line, column, excerpt(text, line, column))

    def within(self, where: str, line: int) -> "TextError":
        """The same, seen from the file that the text is a part of: its line counts, the excerpt stays."""
        return TextError(self.problem, self.wanted, line, 0, self.excerpt, where)

    def __str__(self) -> str:
        places = (self.line and f"line {self.line}", self.column and f"column {self.column}", self.where)
        place = ", ".join(str(part) for part in places if part)
        lines = (
            f"{place}: {self.problem}" if place else self.problem,
            self.excerpt,
            f"wanted: {self.wanted}",
        )
        return "\n".join(line for line in lines if line)


def excerpt(text: str, line: int, column: int) -> str:
    """The line, and a caret under the place."""
    shown = text.split("\n")[line - 1].replace("\t", " ").rstrip()
    cut = max(0, column - _LINE_MAX // 2) if len(shown) > _LINE_MAX else 0
    return f"    {shown[cut : cut + _LINE_MAX]}\n    {' ' * (column - 1 - cut)}^"


def one_of(names: Iterable[str], written: str = "") -> str:
    """The names that would be right, and that which was probably meant."""
    known = list(names)
    listed = ", ".join(known[:_NAMES_MAX]) + (", ..." if len(known) > _NAMES_MAX else "")
    return (f"one of {listed}{did_you_mean(known, written)}" if len(known) > 1 else listed) or "nothing"


def did_you_mean(names: Iterable[str], written: str) -> str:
    """The name that is nearly what was written, as a question, or nothing."""
    by_letters = {name.lower(): name for name in names}
    near = get_close_matches(written.lower(), by_letters, 1)
    return f"; did you mean {by_letters[near[0]]}?" if near else ""
