"""Where text for people goes: tables as wide as the terminal, or as they are when nobody looks at one."""

import sys
from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

_PIPED_COLUMNS: Final = 250  # nothing is wrapped on its way into a file

# Names of people's promotions are shown as they are, whatever brackets are in them: no markup.
console = Console(
    markup=False, emoji=False, highlight=False, width=None if sys.stdout.isatty() else _PIPED_COLUMNS
)


def say(*parts: str | tuple[str, str]) -> None:
    """One line, of texts and (text, style) pairs."""
    console.print(Text.assemble(*parts), soft_wrap=True)


def table(*titles: str, footer: Sequence[str] = (), title: str = "") -> Table:
    """A plain table. Titles that begin with > stand right, as numbers do."""
    made = Table(box=None, pad_edge=False, title=title or None, title_justify="left", title_style="bold")
    made.show_footer = bool(footer)
    for at, name in enumerate(titles):
        justify = "right" if name.startswith(">") else "left"
        foot = footer[at] if at < len(footer) else ""
        made.add_column(name.removeprefix(">"), foot, justify=justify, no_wrap=name.startswith(">"))  # type: ignore[arg-type]
    return made


def facts(*rows: tuple[str, str]) -> Table:
    """Names and what they are; rows without a value are left out."""
    made = Table(box=None, pad_edge=False, show_header=False)
    made.add_column(style="dim")
    made.add_column()
    for name, value in rows:
        if value:
            made.add_row(name, value)
    return made
