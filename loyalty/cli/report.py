"""`loyalty report`: what is outstanding, who has what, what ends soon; as a table, CSV or JSON."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from google.protobuf.message import Message
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from loyalty.cli.report_forms import Form, Writer, writer
from loyalty.cli.show import EXIT_NOT_TAKEN, EXIT_REJECTED, EXIT_UNKNOWN, complain
from loyalty.client.connect import credentials
from loyalty.client.reports import ReportFailed, Reports
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import scans_pb2 as pb

HELP = """Reports over everything, read beside the units: no till waits for them.

They come from the back-office port of either unit (--office, or LOYALTY_OFFICE), as of its last checkpoint;
the report says which. A pair makes one when a report is asked for.

Exit status: 0 all of it, 1 rejected, 2 a wrong command line, 3 not taken, 4 it did not come to its end.
"""
OFFICE_DEFAULT: Final = "127.0.0.1:7403,127.0.0.1:7413"

app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode=None)

Office = Annotated[
    str, typer.Option(envvar="LOYALTY_OFFICE", help="HOST:PORT of each unit's back-office port.")
]
FormOption = Annotated[Form, typer.Option("--form", help="How to write it; --json before the command too.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="A file instead of the terminal.")]
FromSlot = Annotated[
    int, typer.Option(help="Go on from here; a report that broke off says where.", min=0, max=4095)
]
Slots = Annotated[int, typer.Option(help="So many of the 4096 parts; 0: all from there on.", min=0, max=4096)]


@app.command()
def liability(
    context: typer.Context,
    from_day: Annotated[int, typer.Option(help="YYYYMMDD, in UTC; 0: today. Earlier: what lapsed.")] = 0,
    until_day: Annotated[int, typer.Option(help="YYYYMMDD; 0: no limit.")] = 0,
    office: Office = OFFICE_DEFAULT,
    form: FormOption = Form.TABLE,
    output: Output = None,
) -> None:
    """Points outstanding by the day on which they end, kind of points, and who issued them."""
    request = pb.ScanLiabilityRequest(programme=context.obj.programme, from_day=from_day, until_day=until_day)
    _run(context, "ScanLiability", request, office, form, output)


@app.command("ending-soon")
def ending_soon(
    context: typer.Context,
    days: Annotated[int, typer.Option(help="So many times 24 hours ahead.", min=1, max=36_500)] = 30,
    from_slot: FromSlot = 0,
    slots: Slots = 0,
    office: Office = OFFICE_DEFAULT,
    form: FormOption = Form.TABLE,
    output: Output = None,
) -> None:
    """Whose points end soon."""
    request = pb.ScanEndingSoonRequest(
        programme=context.obj.programme, days=days, from_slot=from_slot, slots=slots
    )
    _run(context, "ScanEndingSoon", request, office, form, output)


@app.command()
def birthdays(
    context: typer.Context,
    first: Annotated[int, typer.Argument(metavar="FROM", help="MMDD, as 1224.")],
    last: Annotated[int, typer.Argument(metavar="UNTIL", help="MMDD, as 106; over New Year too.")],
    office: Office = OFFICE_DEFAULT,
    form: FormOption = Form.TABLE,
    output: Output = None,
) -> None:
    """Who has a birthday."""
    request = pb.ScanBirthdaysRequest(
        programme=context.obj.programme, from_month_day=first, until_month_day=last
    )
    _run(context, "ScanBirthdays", request, office, form, output)


@app.command()
def members(
    context: typer.Context,
    from_slot: FromSlot = 0,
    slots: Slots = 0,
    office: Office = OFFICE_DEFAULT,
    form: FormOption = Form.TABLE,
    output: Output = None,
) -> None:
    """All members with their balances."""
    request = pb.ScanMembersRequest(programme=context.obj.programme, from_slot=from_slot, slots=slots)
    _run(context, "ScanMembers", request, office, form, output)


@app.command()
def statements(
    context: typer.Context,
    from_slot: FromSlot = 0,
    slots: Slots = 0,
    office: Office = OFFICE_DEFAULT,
    form: FormOption = Form.TABLE,
    output: Output = None,
) -> None:
    """All movements of all members."""
    request = pb.ScanStatementsRequest(programme=context.obj.programme, from_slot=from_slot, slots=slots)
    _run(context, "ScanStatements", request, office, form, output)


@app.command()
def usage(
    context: typer.Context,
    office: Office = OFFICE_DEFAULT,
    form: FormOption = Form.TABLE,
    output: Output = None,
) -> None:
    """What promotions, and those who pay for them, gave so far."""
    request = pb.ScanUsageRequest(programme=context.obj.programme)
    _run(context, "ScanUsage", request, office, form, output)


# -------------------------------------------------------------------- how one is read


def _run(
    context: typer.Context, name: str, request: Message, office: str, form: Form, output: Path | None
) -> None:
    """Read it to its end, and leave with the status that it means."""
    settings = context.obj
    form = Form.JSON if settings.as_json else form
    try:
        tls = credentials(settings.ca, settings.certificate, settings.key)
        with ExitStack() as stack:
            file = stack.enter_context(output.open("w", newline="")) if output else sys.stdout
            status = asyncio.run(_read(office, tls, name, request, writer(form, name, file)))
    except (ValueError, OSError) as problem:
        complain(str(problem))
        raise typer.Exit(2) from None
    raise typer.Exit(status)


async def _read(office: str, tls: Any, name: str, request: Message, out: Writer) -> int:
    done = 0
    async with Reports(office, tls) as reports:
        try:
            with _bar() as bar:
                async for message in reports.read(name, request):
                    if message.HasField("rejected"):
                        return _rejected(message.rejected)
                    done = message.progress.slots_done
                    bar(message.progress)
                    out.rows(message)
        except ReportFailed as failed:
            return _failed(failed, done)
    out.end()
    return 0


def _rejected(rejection: common.Rejection) -> int:
    reason = common.RejectionCode.Name(rejection.code).removeprefix("REJECTION_CODE_")
    complain(f"{reason}: {rejection.field}; wanted: {rejection.acceptable}")
    return EXIT_REJECTED


def _failed(failed: ReportFailed, done: int) -> int:
    if failed.begun:
        complain(f"it broke off after {done} of the parts asked for ({failed}): what is here is not all")
        return EXIT_UNKNOWN
    complain(str(failed))
    return EXIT_NOT_TAKEN


@contextmanager
def _bar() -> Iterator[Any]:
    """How far it is, on a terminal; whoever redirects what is said to a file sees nothing of it."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("reading")

        def show(at: pb.Progress) -> None:
            progress.update(
                task,
                completed=at.slots_done,
                total=at.slots_total,
                description=f"as of entry {at.as_of_seq}",
            )

        yield show
