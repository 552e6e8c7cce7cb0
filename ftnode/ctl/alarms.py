"""`ftctl alarms`: what needs a person now, and what to do about it."""

import asyncio
import difflib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final

import grpc
import typer
from google.protobuf.json_format import MessageToDict
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ftnode.alarms.catalogue import ROWS, TABLE, Row, Severity
from ftnode.core.record import UNITS
from ftnode.ctl import ask, words
from ftnode.ctl.ask import Silence
from ftnode.ctl.report import EXIT_DOWN, EXIT_NOT_DONE, EXIT_USAGE, EXIT_WARNING, EXIT_WELL
from ftnode.ctl.where import Where
from ftnode.v1 import admin_pb2, alarms_pb2_grpc
from ftnode.v1 import alarms_pb2 as pb

TEST_TIMEOUT_S: Final = 70.0  # longer than the longest alarms.webhook_deadline_ms
COLOURS: Final = {Severity.CRITICAL: "red", Severity.WARNING: "yellow"}
_CRITICAL: Final = admin_pb2.SEVERITY_CRITICAL
Find = Callable[[str], Where]
Answer = pb.ListAlarmsResponse | Silence


@dataclass(frozen=True, slots=True)
class Standing:
    """What both units said, as one."""

    alarms: tuple[pb.Alarm, ...]  # worst first
    answers: tuple[Answer, Answer]

    @property
    def heard(self) -> list[pb.ListAlarmsResponse]:
        """The answers of those that gave one."""
        return [answer for answer in self.answers if not isinstance(answer, Silence)]

    @property
    def exit_status(self) -> int:
        """What the shell learns."""
        if not self.heard or any(alarm.severity == _CRITICAL for alarm in self.alarms):
            return EXIT_DOWN
        return EXIT_WARNING if self.alarms else EXIT_WELL


def register(app: typer.Typer, where: Find) -> None:
    """Add `alarms`. `where` finds the pair."""

    @app.command("alarms")
    def alarms_command(
        code: Annotated[str, typer.Argument(help="Explain this one; `all`: every one there is.")] = "",
        test: Annotated[
            bool, typer.Option("--test", help="Post a test to every webhook of both units.")
        ] = False,
        as_json: Annotated[
            bool, typer.Option("--json", help="One JSON object instead of a picture.")
        ] = False,
        dir: Annotated[str, typer.Option("--dir", help="As before the command.", hidden=True)] = "",
    ) -> None:
        """What needs a person now, worst first, each with what to do. What mends itself is not shown.

        Exit status: 0 nothing; 3 warnings; 4 something critical, or neither unit answers. With --test: 1 if a
        webhook did not take it.
        """
        console = Console(highlight=False)
        if code:
            raise typer.Exit(explain(console, code, as_json))
        pair = where(dir)
        if test:
            raise typer.Exit(try_webhooks(pair, console, as_json))
        standing = asyncio.run(ask_both(pair))
        if as_json:
            print(json.dumps(as_dict(standing), indent=2))
        else:
            console.print(picture(standing, int(time.time() * 1000)))
        raise typer.Exit(standing.exit_status)


# ---------------------------------------------------------------- what stands


async def ask_both(where: Where) -> Standing:
    """One round of questions."""
    zero, one = await asyncio.gather(*(_ask(where, unit) for unit in UNITS))
    return Standing(_as_one((zero, one)), (zero, one))


async def _ask(where: Where, unit: int) -> Answer:
    async with ask.unit_channel(where, unit) as line:
        stub = alarms_pb2_grpc.AlarmServiceStub(line)
        try:
            answer: pb.ListAlarmsResponse = await stub.ListAlarms(
                pb.ListAlarmsRequest(), timeout=ask.TIMEOUT_S
            )
        except grpc.aio.AioRpcError as problem:
            reason = where.out_reason(unit)
            why = ask.in_words(problem, where.units[unit], ask.TIMEOUT_S)
            return Silence(f"kept out: {reason}" if reason else why)
        return answer


def _as_one(answers: tuple[Answer, Answer]) -> tuple[pb.Alarm, ...]:
    """Each key once, in the words of the unit that tells; the other one may be a second behind it."""
    heard = [answer for answer in answers if not isinstance(answer, Silence)]
    tellers = [answer for answer in heard if answer.teller == answer.unit]
    found = {alarm.key: alarm for answer in (tellers or heard) for alarm in answer.alarms}
    return tuple(sorted(found.values(), key=lambda alarm: (-alarm.severity, alarm.raised_ms, alarm.key)))


def as_dict(standing: Standing) -> dict[str, Any]:
    """For programs, with the protos' own field names."""
    units = [
        {"unit": unit, "silence": answer.why} if isinstance(answer, Silence) else _dict(answer, "alarms")
        for unit, answer in zip(UNITS, standing.answers, strict=True)
    ]
    return {
        "alarms": [_dict(alarm) for alarm in standing.alarms],
        "units": units,
        "exit_status": standing.exit_status,
    }


def _dict(message: Any, without: str = "") -> dict[str, Any]:
    found: dict[str, Any] = MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    return {name: value for name, value in found.items() if name != without}


def picture(standing: Standing, now_ms: int) -> RenderableType:
    """For a person, also on a narrow screen."""
    parts: list[RenderableType] = []
    if not standing.heard:
        parts.append(_neither(standing))
    parts += [_block(alarm, now_ms) for alarm in standing.alarms]
    if not parts and any(isinstance(answer, Silence) for answer in standing.answers):
        parts.append(Text("No alarm so far. Look again in a minute: what lasts becomes one.", style="yellow"))
    elif not parts:
        parts.append(Text("Nothing needs you.", style="green"))
    for unit, answer in zip(UNITS, standing.answers, strict=True):
        if isinstance(answer, Silence) and standing.heard:
            parts.append(Text(f"unit {unit} gives no answer: {answer.why}", style="yellow"))
    parts.append(_told(standing, now_ms))
    return Padding(Group(*parts), (1, 0))


def _neither(standing: Standing) -> RenderableType:
    said = "; ".join(
        f"unit {unit}: {answer.why}"
        for unit, answer in zip(UNITS, standing.answers, strict=True)
        if isinstance(answer, Silence)
    )
    row = ROWS["no-answers"]
    texts = [("what", said), ("means", row.consequence), ("do", row.todo)]
    return _titled(Severity.CRITICAL, "Neither unit answers from here", "", texts, "seen by ftctl")


def _block(alarm: pb.Alarm, now_ms: int) -> RenderableType:
    severity = Severity.CRITICAL if alarm.severity == _CRITICAL else Severity.WARNING
    texts = [
        ("what", alarm.what),
        ("why", alarm.cause),
        ("means", alarm.consequence),
        ("do", alarm.todo),
    ]
    since = f"for {words.duration(max(0, now_ms - alarm.since_ms))}"
    return _titled(severity, alarm.headline, since, texts, f"{alarm.code}, told by unit {alarm.told_by}")


def _titled(
    severity: Severity, headline: str, since: str, texts: list[tuple[str, str]], foot: str
) -> RenderableType:
    title = Text.assemble(
        (f" {severity.upper()} ", f"bold reverse {COLOURS[severity]}"), (f" {headline}", "bold"), f"  {since}"
    )
    return Group(title, _texts([*texts, ("", foot)]), "")


def _texts(texts: list[tuple[str, str]]) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(style="dim", min_width=6)
    table.add_column()
    for name, text in texts:
        table.add_row(name, Text(text, style={"do": "cyan", "": "dim"}.get(name, "")))
    return table


def _told(standing: Standing, now_ms: int) -> RenderableType:
    """Whether anybody else hears of it."""
    lines = []
    for answer in standing.heard:
        for webhook in answer.webhooks:
            if webhook.failing:
                said = (
                    f"does NOT take what unit {answer.unit} posts: {webhook.failing}; {webhook.waiting} wait"
                )
                lines.append(Text(f"{webhook.address} {said}", style="red"))
            elif answer.unit == answer.teller:
                ago = words.duration(max(0, now_ms - webhook.taken_ms))
                said = f"last took one {ago} ago" if webhook.taken_ms else "has had nothing to take yet"
                lines.append(
                    Text(f"posted by unit {answer.unit} to {webhook.address}, which {said}", style="dim")
                )
    if standing.heard and not any(answer.webhooks for answer in standing.heard):
        lines.append(Text("posted to nobody: alarms.webhook_urls is empty", style="dim"))
    return Group(*lines)


# ---------------------------------------------------------------- one explained


def explain(console: Console, code: str, as_json: bool) -> int:
    """The row of the table for a code, or all; asks no unit."""
    rows = TABLE if code == "all" else tuple(row for row in TABLE if row.code == code)
    if not rows:
        near = difflib.get_close_matches(code, ROWS, n=1, cutoff=0.0)
        typer.echo(
            f"ftctl: no alarm is called {code!r}; did you mean {near[0]}? All: ftctl alarms all", err=True
        )
        return EXIT_USAGE
    if as_json:
        print(json.dumps([_row_dict(row) for row in rows] if code == "all" else _row_dict(rows[0]), indent=2))
        return EXIT_WELL
    for row in rows:
        delays = f"counts after {row.raise_after_s} s, over after {row.clear_after_s} s without"
        texts = [("why", row.cause), ("means", row.consequence), ("do", row.todo)]
        texts = [(name, _with_letters(text)) for name, text in texts]
        if row.hidden_by:
            texts.append(("", f"not told while there is {' or '.join(row.hidden_by)}"))
        console.print(_titled(row.severity, _with_letters(row.headline), "", texts, f"{row.code}; {delays}"))
    return EXIT_WELL


def _with_letters(text: str) -> str:
    return text.format(unit="N", other="M")


def _row_dict(row: Row) -> dict[str, Any]:
    return {name: value for name, value in row._asdict().items() if not callable(value)}


# ---------------------------------------------------------------- a test


def try_webhooks(where: Where, console: Console, as_json: bool) -> int:
    """Let both units post a test; 1 if any address of any unit did not take it."""
    said = asyncio.run(_try_both(where))
    results = [
        {"unit": unit, "address": one.address, "failed": one.failed}
        for unit, answer in said.items()
        if not isinstance(answer, Silence)
        for one in answer.tested
    ]
    results += [
        {"unit": unit, "address": "", "failed": answer.why}
        for unit, answer in said.items()
        if isinstance(answer, Silence)
    ]
    failed = any(one["failed"] for one in results)
    if as_json:
        print(json.dumps({"tested": results, "ok": not failed}))
        return EXIT_NOT_DONE if failed else EXIT_WELL
    for one in results:
        to = f"unit {one['unit']}" + (f" to {one['address']}" if one["address"] else "")
        verdict = (f"FAILED: {one['failed']}", "red") if one["failed"] else ("taken", "green")
        console.print(Text.assemble(f"{to}: ", verdict))
    return EXIT_NOT_DONE if failed else EXIT_WELL


async def _try_both(where: Where) -> dict[int, pb.TestAlarmResponse | Silence]:
    answers = await asyncio.gather(*(_try(where, unit) for unit in UNITS))
    return dict(zip(UNITS, answers, strict=True))


async def _try(where: Where, unit: int) -> pb.TestAlarmResponse | Silence:
    async with ask.unit_channel(where, unit) as line:
        stub = alarms_pb2_grpc.AlarmServiceStub(line)
        try:
            answer: pb.TestAlarmResponse = await stub.TestAlarm(pb.TestAlarmRequest(), timeout=TEST_TIMEOUT_S)
        except grpc.aio.AioRpcError as problem:
            if problem.code() is grpc.StatusCode.FAILED_PRECONDITION:
                return Silence(problem.details() or "it has no webhook")
            return Silence(ask.in_words(problem, where.units[unit], TEST_TIMEOUT_S))
        return answer
