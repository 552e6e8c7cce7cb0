"""`loyalty partner`: brands and companies that issue, accept and fund."""

from typing import Annotated

import typer

from loyalty.cli import arguments
from loyalty.cli.arguments import RequestId
from loyalty.cli.desk import Desk, settings
from loyalty.v1 import back_office_pb2 as bo

HELP = """Partners: register one, change him, show what he has funded and issued.

`define` of a partner who is there changes what is given and leaves the rest as it is.
"""

app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode=None)

Number = Annotated[int, typer.Argument(metavar="PARTNER", help="The partner's number.", min=1)]


@app.command()
def show(context: typer.Context, partner: Number) -> None:
    """Who he is, what he pays for at most, and what he has funded and issued so far."""
    options = settings(context)
    options.ask("GetPartner", bo.GetPartnerRequest(programme=options.programme, partner=partner))


@app.command()
def define(
    context: typer.Context,
    partner: Number,
    name: Annotated[str | None, typer.Option(help="For people.")] = None,
    funds_money: Annotated[
        str | None, typer.Option(help="Most money off that he pays for in all, as 50000.00; 0: no limit.")
    ] = None,
    funds_points: Annotated[
        int | None, typer.Option(help="Most points issued on his account in all; 0: no limit.", min=0)
    ] = None,
    request_id: RequestId = "",
) -> None:
    """Register a partner, or change him."""
    options = settings(context)
    request = bo.DefinePartnerRequest(request_id=arguments.new_or(request_id), programme=options.programme)

    async def work(desk: Desk) -> int:
        known = await desk.find(
            "GetPartner", bo.GetPartnerRequest(programme=options.programme, partner=partner)
        )
        if known is not None:
            request.partner.CopyFrom(known.partner)
        request.partner.partner = partner
        if name is not None:
            request.partner.name = name
        if funds_money is not None:
            request.partner.funds_minor = (await desk.view()).read_money(funds_money)
        if funds_points is not None:
            request.partner.funds_points = funds_points
        return await desk.do_and_show("DefinePartner", request)

    options.run(work)
