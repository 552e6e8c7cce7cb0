"""`loyalty statement`: a member's movements as a table, as CSV, or as JSON; one page or all of them."""

import csv
import sys
from enum import StrEnum
from typing import Annotated, Any

import typer

from loyalty.cli import arguments
from loyalty.cli.arguments import Member
from loyalty.cli.desk import Desk, settings
from loyalty.cli.show import EXIT_DONE, show
from loyalty.cli.tell.points import by_wallet
from loyalty.cli.view import View, receipt
from loyalty.cli.words import name_of
from loyalty.client.answers import Answer, Done
from loyalty.commands.limits import PAGE_MAX_ITEMS
from loyalty.v1 import till_pb2 as till

COLUMNS = ("time", "entry", "what", "receipt", "returned_receipt", "points", "wallets", "reason", "actor")


class Format(StrEnum):
    """How it is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def statement(
    context: typer.Context,
    member: Member,
    items: Annotated[int, typer.Option(help="How many movements.", min=1, max=PAGE_MAX_ITEMS)] = 50,
    page: Annotated[str, typer.Option(help="Hex, from the page before.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="All pages, as of one moment.")] = False,
    form: Annotated[
        Format, typer.Option("--format", help="csv: `points` are bonus points, `wallets` others as 1:+300.")
    ] = Format.TABLE,
) -> None:
    """A member's movements, newest first."""
    options = settings(context)
    request = till.GetStatementRequest(
        programme=options.programme,
        member=arguments.member_ref(member),
        page_size=PAGE_MAX_ITEMS if everything else items,
        page_token=arguments.hexadecimal(page, "page"),
    )

    async def work(desk: Desk) -> int:
        answer = await (_all(desk, request) if everything else desk.ask("GetStatement", request))
        if form is Format.JSON:
            return show(answer, as_json=True)
        if form is Format.CSV and isinstance(answer, Done) and not options.as_json:
            _write(answer.outcome, await desk.view())
            return EXIT_DONE
        return await desk.show(answer)

    options.run(work)


async def _all(desk: Desk, request: till.GetStatementRequest) -> Answer[Any]:
    """All pages in one answer, or that of the first page which could not be had."""
    whole = await desk.ask("GetStatement", request)
    page = whole
    while isinstance(page, Done) and page.outcome.next_page_token:
        request.page_token = page.outcome.next_page_token
        page = await desk.ask("GetStatement", request)
        if isinstance(page, Done) and isinstance(whole, Done):
            whole.outcome.items.extend(page.outcome.items)
    if not isinstance(page, Done) or not isinstance(whole, Done):
        return page
    whole.outcome.next_page_token = b""
    return whole


def _write(done: till.GetStatementDone, view: View) -> None:
    """Comma-separated, one movement a line."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    for item in done.items:
        writer.writerow(
            (
                view.clock.iso(item.time_ms),
                item.seq,
                name_of(till.Movement, item.movement),
                receipt(item.receipt) if item.HasField("receipt") else "",
                receipt(item.returned_receipt) if item.HasField("returned_receipt") else "",
                item.points,
                " ".join(f"{wallet}:{points:+d}" for wallet, points in by_wallet(item) if wallet),
                item.reason,
                item.actor.decode(errors="replace"),
            )
        )
