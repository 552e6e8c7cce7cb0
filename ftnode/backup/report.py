"""What the commands say: progress while they work, tables for people, one line of JSON at the end."""

import json
import sys
import time
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from ftnode.backup.contents import Contents, Reach
from ftnode.backup.points import instant

EVERY_S: Final = 2.0  # without a terminal: a line for each step, and so often while one goes on
ON_TERMINAL_S: Final = 0.1


class Progress:
    """How far it is, on standard error: a line that moves on a terminal, now and then a line elsewhere."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._terminal = sys.stderr.isatty()
        self._every_s = ON_TERMINAL_S if self._terminal else EVERY_S
        self._what = ""
        self._said_s = 0.0

    def say(self, what: str, done: int, total: int) -> None:
        """`done` of `total`."""
        now_s = time.monotonic()
        ends = done >= total
        if self._quiet or (what == self._what and not ends and now_s - self._said_s < self._every_s):
            return
        if not self._terminal and not ends and what != self._what:
            self._what, self._said_s = what, now_s
            return  # short steps are told once, at their end
        self._what, self._said_s = what, now_s
        text = f"{what}: {done:,} of {total:,}"
        print(
            f"\r\x1b[K{text}" if self._terminal else text, end="" if self._terminal else "\n", file=sys.stderr
        )
        sys.stderr.flush()

    def tell(self, sentence: str) -> None:
        """Something that a person should know."""
        if not self._quiet:
            print(f"\r\x1b[K{sentence}" if self._terminal else sentence, file=sys.stderr)

    def end(self) -> None:
        """Nothing moves any more."""
        if self._terminal and self._what and not self._quiet:
            print(file=sys.stderr)


def last_line(figures: dict[str, Any]) -> None:
    """For programs."""
    print(json.dumps(figures))


def reaches_json(reaches: tuple[Reach, ...]) -> list[dict[str, Any]]:
    """What can be restored."""
    return [
        {
            "first_seq": reach.first_seq,
            "first_time": instant(reach.first_ms),
            "last_seq": reach.last_seq,
            "last_time": instant(reach.last_ms),
            "snapshots": [head.seq for head in reach.snapshots],
        }
        for reach in reaches
    ]


def show_contents(contents: Contents, console: Console) -> None:
    """Snapshots and what can be restored, as tables."""
    table = Table("snapshot at entry", "log time", "slots", "taken", "from unit", title=contents.cabinet)
    for head in contents.snapshots:
        row = (f"{head.seq:,}", instant(head.time_ms), f"{head.slots:,}", instant(head.taken_ms))
        table.add_row(*row, str(head.source.unit))
    console.print(table)
    for reach in contents.reaches:
        console.print(
            f"can be restored: every point from {instant(reach.first_ms)} (entry {reach.first_seq:,}) "
            f"to {instant(reach.last_ms)} (entry {reach.last_seq:,})"
        )
    if not contents.reaches:
        console.print("nothing can be restored: there is no snapshot")
    for fault in contents.damaged:
        console.print(f"[red]damaged[/red]  {fault}")
