"""`loyalty outbox`: what a till keeps until it has a definite answer. Look at it, and send it by hand."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import typer
from google.protobuf.json_format import MessageToDict
from rich.console import Console
from rich.table import Table

from loyalty.cli.show import EXIT_NOT_TAKEN, EXIT_REJECTED, EXIT_UNKNOWN, complain
from loyalty.client.client import TillClient
from loyalty.client.connect import credentials
from loyalty.client.outbox import Contents, Entry, Fate, Outbox, OutboxError, Sender, Settled, look
from loyalty.client.units import Units

HELP = """What a till keeps until it has a definite answer: sales without a line, commands in doubt.

list and show read the file, also while a till has it, also if it is damaged. send takes it for itself, so the
till has to be ended first; it sends in order, each command under its own request id, so nothing is booked
twice however often you call it.

Exit status of send: 0 nothing waits any more, 1 nothing waits but some were rejected or refused, 3 the file
cannot be had, 4 some still wait.
"""
FILE_DEFAULT: Final = "till.outbox"

app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode=None)
console = Console()

File = Annotated[str, typer.Option("--file", envvar="LOYALTY_OUTBOX", help="The till's outbox.")]


@app.command("list")
def list_entries(
    context: typer.Context,
    file: File = FILE_DEFAULT,
    everything: Annotated[bool, typer.Option("--all", help="Also those that are done.")] = False,
) -> None:
    """What waits, in the order of sending, and what a person has to look at."""
    contents = _look(file)
    if context.obj.as_json:
        print(json.dumps(_as_dict(contents, everything)))
    else:
        _tell(contents, everything)
    raise typer.Exit(EXIT_NOT_TAKEN if contents.damage else 0)


@app.command()
def show(
    context: typer.Context,
    position: Annotated[int, typer.Argument(help="As in the list.", min=1)],
    file: File = FILE_DEFAULT,
) -> None:
    """One entry: the whole command, and what came of it."""
    contents = _look(file)
    found = {entry.position: entry_dict(entry) for entry in contents.waiting}
    found |= {settled.entry.position: settled_dict(settled) for settled in contents.settled}
    if position not in found:
        complain(f"there is no entry {position} in {file}, or no more; `loyalty outbox list --all` shows all")
        raise typer.Exit(EXIT_REJECTED)
    if context.obj.as_json:
        print(json.dumps(found[position]))
    else:
        console.print_json(data=found[position])


@app.command()
def send(
    context: typer.Context,
    file: File = FILE_DEFAULT,
    seconds: Annotated[int, typer.Option(help="How long to go on asking for the first one.", min=1)] = 60,
) -> None:
    """Send what waits, in order, until nothing does."""
    settings = context.obj
    sent: list[Settled] = []
    try:
        why, waiting = asyncio.run(_send(settings, file, seconds, sent))
    except (OutboxError, ValueError, OSError) as problem:
        complain(str(problem))
        raise typer.Exit(EXIT_NOT_TAKEN) from None
    if settings.as_json:
        told = {"sent": [settled_dict(settled) for settled in sent], "waiting": waiting, "why": why}
        print(json.dumps(told))
    else:
        for settled in sent:
            console.print(settled_text(settled), highlight=False)
        console.print(f"{waiting} wait: {why}" if waiting else "nothing waits", highlight=False)
    if waiting:
        raise typer.Exit(EXIT_UNKNOWN)
    raise typer.Exit(0 if all(settled.fate is Fate.DONE for settled in sent) else EXIT_REJECTED)


async def _send(settings: Any, file: str, seconds: int, sent: list[Settled]) -> tuple[str, int]:
    """Why the first one still waits, and how many do."""
    tls = credentials(settings.ca, settings.certificate, settings.key)
    with Outbox.open(file) as outbox:
        async with Units(settings.targets, settings.policy, tls) as units:
            sender = Sender(outbox, TillClient(units))
            sender.on_settled = lambda settled, _: sent.append(settled)
            try:
                async with asyncio.timeout(seconds):
                    await sender.run()
            except TimeoutError:
                return sender.why or "no answer so far", outbox.waiting
    return "", 0


def _look(file: str) -> Contents:
    try:
        return look(file)
    except OutboxError as problem:
        complain(str(problem))
        raise typer.Exit(EXIT_NOT_TAKEN) from None


def _as_dict(contents: Contents, everything: bool) -> dict[str, Any]:
    return {
        "waiting": [entry_dict(entry) for entry in contents.waiting],
        "set_aside": [settled_dict(each) for each in contents.settled if each.fate is not Fate.DONE],
        **(
            {"done": [settled_dict(each) for each in contents.settled if each.fate is Fate.DONE]}
            if everything
            else {}
        ),
        "damage": list(contents.damage),
    }


def entry_dict(entry: Entry) -> dict[str, Any]:
    """A command that is kept, for programs."""
    return {
        "position": entry.position,
        "method": entry.method,
        "request_id": entry.request_id.hex(),
        "put_ms": entry.put_ms,
        "in_doubt": entry.in_doubt,
        "command": MessageToDict(entry.command, preserving_proto_field_name=True),
    }


def settled_dict(settled: Settled) -> dict[str, Any]:
    """The same with what came of it."""
    verdict, outcome = settled.verdict, settled.outcome
    told: dict[str, Any] = {"fate": verdict.fate.value, "settled_ms": settled.settled_ms, "seq": verdict.seq}
    if outcome is not None:
        told["outcome"] = MessageToDict(outcome, preserving_proto_field_name=True)
    else:
        told |= {"reason": verdict.reason, "field": verdict.field, "acceptable": verdict.acceptable}
    return {**entry_dict(settled.entry), **told}


def _tell(contents: Contents, everything: bool) -> None:
    for damage in contents.damage:
        console.print(f"[red]damaged[/]  {damage}", highlight=False)
    table = Table(box=None, pad_edge=False)
    for title in ("", "put (UTC)", "what", "came of it"):
        table.add_column(title, justify="left" if title else "right")
    for settled in contents.settled:
        if everything or settled.fate is not Fate.DONE:
            table.add_row(*_row(settled.entry), fate_text(settled))
    for entry in contents.waiting:
        table.add_row(*_row(entry), "[yellow]waits, in doubt[/]" if entry.in_doubt else "waits")
    if table.row_count:
        console.print(table)
    console.print(f"{len(contents.waiting)} wait", highlight=False)


def _row(entry: Entry) -> tuple[str, str, str]:
    when = datetime.fromtimestamp(entry.put_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return str(entry.position), when, entry_text(entry)


def entry_text(entry: Entry) -> str:
    """`sale 17/3/4711`: what a person calls the command."""
    command = entry.command
    match entry.method:
        case "Confirm":
            return f"sale {receipt_text(command.receipt)}"
        case "ReturnLines":
            return f"return {receipt_text(command.return_receipt)} of {receipt_text(command.receipt)}"
        case "Enrol":
            return f"enrol {command.phone or ', '.join(command.cards)}"
    return entry.method


def receipt_text(receipt: Any) -> str:
    """`17/3/4711/20261122`, as `--receipt` takes it."""
    return f"{receipt.store}/{receipt.terminal}/{receipt.number}/{receipt.business_day}"


def fate_text(settled: Settled) -> str:
    """What came of an entry, with rich's marks."""
    verdict = settled.verdict
    if settled.fate is Fate.DONE:
        return f"[green]done[/], entry {verdict.seq} of the pair's log"
    at = f" at {verdict.field}" if verdict.field else ""
    would = f" ({verdict.acceptable})" if verdict.acceptable else ""
    return f"[red]{settled.fate.value}[/] {verdict.reason}{at}{would}"


def settled_text(settled: Settled) -> str:
    return f"{settled.entry.position}  {entry_text(settled.entry)}  {fate_text(settled)}"
