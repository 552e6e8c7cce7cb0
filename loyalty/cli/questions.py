"""What till and back office ask: members, points, movements, receipts, and what became of a command."""

from dataclasses import replace
from typing import Annotated

import typer

from loyalty.cli import arguments
from loyalty.cli.arguments import Member
from loyalty.cli.desk import Desk, settings
from loyalty.cli.show import show
from loyalty.client.answers import Done
from loyalty.v1 import till_pb2 as till


def find(context: typer.Context, member: Member) -> None:
    """Who is it, and how many points are there."""
    options = settings(context)
    request = till.FindMemberRequest(programme=options.programme, member=arguments.member_ref(member))
    options.ask("FindMember", request)


def balance(context: typer.Context, member: Member) -> None:
    """A member's points in all wallets, his tier, and what ends soon."""
    options = settings(context)
    request = till.GetBalanceRequest(programme=options.programme, member=arguments.member_ref(member))
    options.ask("GetBalance", request)


def lots(context: typer.Context, member: Member) -> None:
    """All that a member has: lots in spending order, services, coupons, what is held."""
    options = settings(context)
    request = till.ListLotsRequest(programme=options.programme, member=arguments.member_ref(member))
    options.ask("ListLots", request)


def receipt(
    context: typer.Context,
    receipt: Annotated[str, typer.Argument(metavar="RECEIPT", help=arguments.RECEIPT_FORM)],
) -> None:
    """What was booked under a receipt: a purchase, a return, an order held, a use of services."""
    options = settings(context)

    async def work(desk: Desk) -> int:
        which = await desk.receipt(receipt)
        request = till.GetReceiptRequest(programme=options.programme, receipt=which)
        answer = await desk.ask("GetReceipt", request)
        if options.as_json or not isinstance(answer, Done):
            return await desk.show(answer, store=which.store)
        view = await desk.view(which.store)
        if answer.outcome.HasField(
            "returned"
        ):  # its money is that of the purchase, wherever it was taken back
            view = replace(view, local=(await desk.view(answer.outcome.returned.receipt.store)).local)
        return show(answer, False, view=view)

    options.run(work)


def outcome(context: typer.Context, request_id: Annotated[str, typer.Argument(help="Hex.")]) -> None:
    """What became of a request id. "Nothing so far" may still change; `abandon` makes sure."""
    ours = arguments.request_id(request_id)

    async def work(desk: Desk) -> int:
        return await desk.show(await desk.tills.outcome(ours))

    settings(context).run(work)


def abandon(
    context: typer.Context,
    request_id: Annotated[str, typer.Argument(help="Hex.")],
    seen_ms: Annotated[
        int, typer.Option(help="As the command had it: `unknown` shows it. 0: only what is kept can be told.")
    ] = 0,
) -> None:
    """End doubt: shows what became of the id or, if nothing did, makes sure that nothing ever will."""
    ours = arguments.request_id(request_id)

    async def work(desk: Desk) -> int:
        return await desk.show(await desk.tills.abandon(ours, seen_ms))

    settings(context).run(work)
