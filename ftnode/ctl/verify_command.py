"""The command line of `ftctl verify`: bars while it reads, a table and a line of JSON at the end."""

import asyncio
import json
import time
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn
from rich.table import Table

from ftnode.ctl import words
from ftnode.ctl.verify import Result, UnitResult, as_json, verify
from ftnode.ctl.where import Where

LINE_EVERY_S: Final = 5.0  # without a terminal
GOOD, BAD, UNSURE = "green", "red", "yellow"


def run(where: Where, units: list[int], fast: bool, as_json_only: bool) -> int:
    """Verify, show it, and say it in a last line of JSON; the exit status."""
    began_s = time.monotonic()
    console = Console(highlight=False, stderr=as_json_only)
    result = asyncio.run(_shown(where, units, fast, console))
    told = {**as_json(result), "seconds": round(time.monotonic() - began_s, 1)}
    if not as_json_only:
        console.print(table(result))
        for line in said(result):
            console.print(line)
    print(json.dumps(told))
    return result.exit_status


async def _shown(where: Where, units: list[int], fast: bool, console: Console) -> Result:
    if not console.is_terminal:
        return await verify(where, units, fast, _Lines(console).tell)
    columns = (TextColumn("unit {task.fields[unit]}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, TextColumn("{task.description}"), console=console, transient=True) as progress:
        tasks: dict[int, TaskID] = {
            unit: progress.add_task("begins", unit=unit, total=None) for unit in units
        }

        def tell(result: Result) -> None:
            for one in result.units:
                progress.update(
                    tasks[one.unit],
                    completed=one.read_bytes,
                    total=one.total_bytes or None,
                    description=_now(one),
                )

        return await verify(where, units, fast, tell)


class _Lines:
    """A line now and then, for a log."""

    def __init__(self, console: Console) -> None:
        self._console, self._said_s = console, time.monotonic()

    def tell(self, result: Result) -> None:
        """Something was read."""
        if time.monotonic() - self._said_s < LINE_EVERY_S:
            return
        self._said_s = time.monotonic()
        parts = [
            f"unit {one.unit} {_now(one)} {words.size(one.read_bytes)} of {words.size(one.total_bytes)}"
            for one in result.units
        ]
        self._console.print(" | ".join(parts))


def _now(one: UnitResult) -> str:
    if one.trouble:
        return "not read"
    return "done" if one.done else one.part or "begins"


def table(result: Result) -> Table:
    """A row for each unit."""
    shown = Table(box=None, pad_edge=False)
    for name in ("unit", "state at entry", "log", "archived", "read", "verdict"):
        shown.add_column(name)
    for one in result.units:
        begun = one.begun
        shown.add_row(
            str(one.unit),
            words.count(begun.checkpoint_seq) if begun else "-",
            f"{words.count(begun.first_seq)}..{words.count(begun.last_seq)}" if begun else "-",
            words.count(begun.archived_segments) if begun else "-",
            words.size(one.read_bytes),
            _verdict(one),
        )
    return shown


def _verdict(one: UnitResult) -> str:
    if one.findings:
        return f"[{BAD}]{len(one.findings)} found[/]"
    return f"[{GOOD}]sound[/]" if one.sound else f"[{UNSURE}]not read[/]"


def said(result: Result) -> list[str]:
    """What was found, and what the units say of each other, a line each."""
    lines = [f"unit {one.unit}: {one.trouble}" for one in result.units if one.trouble]
    lines += [f"unit {one.unit}: {found.why}" for one in result.units for found in one.findings]
    if result.roots_equal:
        lines.append(f"the states are equal at entry {words.count(result.checkpoint_seq)}")
    elif result.roots_equal is False:
        slots = ", ".join(map(str, result.unequal_slots[:5])) or "none: their digests do"
        lines.append(f"[{BAD}]the states differ[/] at entry {result.checkpoint_seq}; slots: {slots}")
    elif len(result.units) > 1 and all(one.begun for one in result.units):
        lines.append("the units were not seen at the same checkpoint: states not compared")
    low, high = result.log_compared
    if result.log_equal is not None:
        equal = "are equal" if result.log_equal else f"[{BAD}]differ[/]"
        lines.append(f"the logs {equal} from entry {words.count(low)} to {words.count(high)}")
    if any(one.findings for one in result.units):
        lines.append("what was found is mended from the other unit, as far as it can be: see `ftctl status`")
    return lines
