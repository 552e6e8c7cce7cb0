"""`ftctl history`: what happened to the pair, both units' memories as one story."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import grpc
import typer
from google.protobuf.json_format import MessageToDict
from rich.console import Console
from rich.text import Text

from ftnode.core.record import UNITS
from ftnode.ctl import ask
from ftnode.ctl.ask import Silence
from ftnode.ctl.report import EXIT_NOT_DONE, EXIT_USAGE, EXIT_WELL
from ftnode.ctl.where import Where
from ftnode.store.history import Happened, read
from ftnode.v1 import alarms_pb2 as pb
from ftnode.v1 import alarms_pb2_grpc

Find = Callable[[str], Where]
LAST: Final = 100
READ_S: Final = 60.0
SETTLE_S: Final = 0.5  # with --follow: how long a line waits for an earlier one of the other unit
AGAIN_S: Final = 1.0
HISTORY: Final = "history"  # below a unit's directory
_AGO: Final = re.compile(r"(\d{1,9}) ?(s|min|m|h|d)")
_SECONDS: Final = {"s": 1, "min": 60, "m": 60, "h": 3600, "d": 86_400}
_COLOURS: Final = {
    "alarm-raised": "yellow",
    "alarm-cleared": "green",
    "convicted": "red",
    "halt": "red",
    "unended": "red",
    "miscompare": "red",
}


def register(app: typer.Typer, where: Find) -> None:
    """Add `history`. `where` finds the pair."""

    @app.command("history")
    def history_command(
        since: Annotated[str, typer.Option(help="30min, 2h, 3d ago, or 2026-11-28T02:10 (UTC).")] = "",
        unit: Annotated[int, typer.Option(min=-1, max=1, help="Only what this unit wrote. -1: both.")] = -1,
        last: Annotated[int, typer.Option(min=0, help="Only so many of the newest lines. 0: all.")] = LAST,
        follow: Annotated[bool, typer.Option("--follow", help="Then go on, until Ctrl-C.")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
        dir: Annotated[str, typer.Option("--dir", help="As before the command.", hidden=True)] = "",
    ) -> None:
        """What happened: states and why, records, alarms, repairs, verdicts, and what operators asked for.

        Both units remember; what both wrote of one alarm is one line. A unit that is silent is read from its
        disk, if that is here. Times are UTC, by each unit's own clock. Exit status 1: no unit could be read.
        """
        try:
            since_ms = moment_of(since, int(time.time() * 1000))
        except ValueError as problem:
            typer.echo(f"ftctl: --since {since}: {problem}", err=True)
            raise typer.Exit(EXIT_USAGE) from problem
        teller = Teller(Console(highlight=False, soft_wrap=True), as_json)
        units = [unit] if unit >= 0 else list(UNITS)
        try:
            raise typer.Exit(asyncio.run(_tell(where(dir), units, since_ms, last, follow, teller)))
        except KeyboardInterrupt:
            raise typer.Exit(EXIT_WELL) from None


def moment_of(text: str, now_ms: int) -> int:
    """`2h` ago or an ISO time as UTC milliseconds; 0 for none. Raises ValueError."""
    if not text:
        return 0
    ago = _AGO.fullmatch(text.strip())
    if ago:
        return max(0, now_ms - int(ago[1]) * _SECONDS[ago[2]] * 1000)
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError("want 30min, 2h, 3d, or a time like 2026-11-28T02:10") from None
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)


# ---------------------------------------------------------------- merging


def in_order(lines: list[Happened]) -> list[Happened]:
    """By time; lines of one unit in the order it wrote them, and one alarm told by both once."""
    latest: dict[tuple[int, int], int] = {}
    keyed = []
    for line in sorted(lines, key=lambda line: (line.unit, line.boot, line.number)):
        at_ms = max(line.at_ms, latest.get((line.unit, line.boot), 0))  # a clock set back is no new order
        latest[line.unit, line.boot] = at_ms
        keyed.append((at_ms, line.unit, line.boot, line.number, line))
    return once([line for *_, line in sorted(keyed, key=lambda item: item[:4])], set())


def once(lines: list[Happened], seen: set[tuple[str, ...]]) -> list[Happened]:
    """Without what was told before; `seen` is added to."""
    kept = []
    for line in lines:
        name = _name(line)
        if name not in seen:
            seen.add(name)
            kept.append(line)
    return kept


def _name(line: Happened) -> tuple[str, ...]:
    if line.what in ("alarm-raised", "alarm-cleared") and "key" in line.more:
        return (line.what, line.more["key"], line.more.get("raised_ms", ""))
    return (str(line.unit), str(line.boot), str(line.number), str(line.at_ms))


# ---------------------------------------------------------------- reading


async def _tell(
    where: Where, units: list[int], since_ms: int, last: int, follow: bool, teller: "Teller"
) -> int:
    found = await asyncio.gather(*(_read(where, unit, since_ms) for unit in units))
    silent = []
    lines: list[Happened] = []
    for unit, said in zip(units, found, strict=True):
        if isinstance(said, Silence):
            silent.append(unit)
            typer.echo(f"ftctl: unit {unit} is not in this story: {said.why}", err=True)
        else:
            lines += said
    ordered = in_order(lines)
    for line in ordered[-last:] if last else ordered:
        teller.tell(line)
    if follow:
        await _follow(where, units, lines, teller)
    return EXIT_NOT_DONE if len(silent) == len(units) else EXIT_WELL


async def _read(where: Where, unit: int, since_ms: int) -> list[Happened] | Silence:
    """From the unit, or from its disk."""
    found = []
    try:
        async with asyncio.timeout(READ_S):
            async for line in _lines(where, unit, since_ms, follow=False):
                found.append(line)
    except (grpc.aio.AioRpcError, TimeoutError) as problem:
        why = f"not read within {READ_S:g} s"
        if isinstance(problem, grpc.aio.AioRpcError):
            why = ask.in_words(problem, where.units[unit], READ_S)
        directory = where.pair.data(f"unit{unit}") / HISTORY if where.pair is not None else None
        return _from_disk(directory, since_ms) or Silence(where.out_reason(unit) or why)
    return found


def _from_disk(directory: Path | None, since_ms: int) -> list[Happened]:
    try:
        return list(read(directory, since_ms)) if directory is not None else []
    except OSError:
        return []


async def _lines(where: Where, unit: int, since_ms: int, follow: bool) -> AsyncIterator[Happened]:
    async with ask.unit_channel(where, unit) as line:
        stub = alarms_pb2_grpc.AlarmServiceStub(line)
        async for answer in stub.ReadHistory(pb.ReadHistoryRequest(since_ms=since_ms, follow=follow)):
            for one in answer.happened:
                yield Happened(
                    1, one.at_ms, one.unit, one.boot, one.number, one.what, one.why, one.who, dict(one.more)
                )


async def _follow(where: Where, units: list[int], known: list[Happened], teller: "Teller") -> None:
    """What comes, a moment later, so that both units' lines fall into order; a unit that went away is asked
    again."""
    seen = {_name(line) for line in known}
    fresh: list[Happened] = []

    async def gather(unit: int) -> None:
        from_ms = max((line.at_ms for line in known if line.unit == unit), default=int(time.time() * 1000))
        while True:
            try:
                async for line in _lines(where, unit, from_ms, follow=True):
                    fresh.append(line)
                    from_ms = max(from_ms, line.at_ms)
            except grpc.aio.AioRpcError:
                pass
            await asyncio.sleep(AGAIN_S)

    tasks = [asyncio.create_task(gather(unit)) for unit in units]
    try:
        while True:
            await asyncio.sleep(SETTLE_S)
            ready, fresh[:] = in_order(fresh), []
            for line in once(ready, seen):
                teller.tell(line)
    finally:
        for task in tasks:
            task.cancel()


# ---------------------------------------------------------------- showing


class Teller:
    """A line each, for a person or for a program."""

    def __init__(self, console: Console, as_json: bool) -> None:
        """`as_json`: one object a line."""
        self._console, self._as_json = console, as_json
        self._day = ""

    def tell(self, line: Happened) -> None:
        """Print it."""
        if self._as_json:
            print(json.dumps(as_dict(line)), flush=True)
            return
        at = datetime.fromtimestamp(line.at_ms / 1000, UTC)
        if f"{at:%Y-%m-%d}" != self._day:
            self._day = f"{at:%Y-%m-%d}"
            self._console.print(Text(f"{self._day} (UTC)", style="bold"))
        self._console.print(words_of(line, f"{at:%H:%M:%S}"))


def as_dict(line: Happened) -> dict[str, Any]:
    """As the proto names its fields; numbers as numbers."""
    message = pb.Happened(
        at_ms=line.at_ms,
        unit=line.unit,
        boot=line.boot,
        number=line.number,
        what=line.what,
        why=line.why,
        who=line.who,
        more=line.more,
    )
    found: dict[str, Any] = MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    return {**found, "at_ms": line.at_ms, "boot": line.boot, "number": line.number}


def words_of(line: Happened, clock: str) -> Text:
    """One line for a person: when, who, what, why."""
    what = line.what.replace("_", " ").replace("-", " ")
    if line.what == "moved":
        what = f"{line.more.get('was', '?')} -> {line.more.get('state', '?')}"
    by = f" (by {line.who})" if line.who else ""
    return Text.assemble(
        (f"{clock}  ", "dim"),
        (f"unit {line.unit}  ", "cyan" if line.unit else "magenta"),
        (f"{what:<22}", _COLOURS.get(line.what, "bold" if line.what == "moved" else "")),
        f"  {line.why}{by}",
    )
