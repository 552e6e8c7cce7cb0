"""A till's commands: enrol, quote, confirm, return, void, hold and what becomes of it, services."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from loyalty.cli import arguments
from loyalty.cli.arguments import Member, Reason, RequestId
from loyalty.cli.clocks import TIME_FORM
from loyalty.cli.desk import Desk, settings
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till

Lines = Annotated[list[str], typer.Option("--line", help=arguments.LINE_FORM)]
SpendPoints = Annotated[int, typer.Option(help="Points to pay with: up to so many.", min=0)]
Exactly = Annotated[bool, typer.Option("--exactly", help="Spend exactly that, or nothing happens.")]
Wallet = Annotated[int, typer.Option(help="Whose points are spent; 0 is bonus points.", min=0)]
Coupon = Annotated[list[str] | None, typer.Option(help="Code that the customer shows; may be repeated.")]
Receipt = Annotated[str, typer.Option(help=arguments.RECEIPT_FORM)]
TheReceipt = Annotated[str, typer.Argument(metavar="RECEIPT", help=arguments.RECEIPT_FORM)]
Tenders = Annotated[
    list[str] | None, typer.Option("--tender", help="How it was paid: cash:50.00; may be repeated.")
]

services = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Services that came with a purchase."
)


def enrol(
    context: typer.Context,
    phone: Annotated[str, typer.Option(help="E.164, as in +886912345678.")] = "",
    card: Annotated[list[str] | None, typer.Option(help="Card number; may be repeated.")] = None,
    external: Annotated[list[str] | None, typer.Option(help="Another system's id; may be repeated.")] = None,
    store: Annotated[int, typer.Option(help="Where it happens; 0 if not in a store.", min=0)] = 0,
    phone_passed_on: Annotated[
        bool, typer.Option("--phone-passed-on", help="Take the number from whoever had it before.")
    ] = False,
    request_id: RequestId = "",
) -> None:
    """Make a person a member."""
    options = settings(context)
    request = till.EnrolRequest(
        request_id=arguments.new_or(request_id),
        programme=options.programme,
        phone=phone,
        cards=card or [],
        store=store,
        externals=external or [],
        phone_passed_on=phone_passed_on,
    )
    options.run(lambda desk: desk.do_and_show("Enrol", request))


def quote(
    context: typer.Context,
    member: Member,
    line: Lines,
    store: Annotated[int, typer.Option(help="The store.", min=1)] = 1,
    spend: SpendPoints = 0,
    exactly: Exactly = False,
    wallet: Wallet = 0,
    coupon: Coupon = None,
) -> None:
    """What a basket comes to, and why. Stores nothing; the digest it shows can go with `confirm`."""
    options = settings(context)
    request = till.QuoteRequest(
        programme=options.programme,
        member=arguments.member_ref(member),
        store=store,
        spend=arguments.spend(spend, exactly, wallet),
        coupons=coupon or [],
    )

    async def work(desk: Desk) -> int:
        request.lines.extend(await lines_at(desk, store, line))
        return await desk.ask_and_show("Quote", request, store)

    options.run(work)


async def lines_at(desk: Desk, store: int, lines: Sequence[str]) -> list[common.Line]:
    """Lines as typed, in the store's currency."""
    view, currency = await desk.typing(store)
    return [arguments.basket_line(line, view, currency) for line in lines]


def confirm(
    context: typer.Context,
    member: Member,
    receipt: Receipt,
    line: Lines,
    spend: SpendPoints = 0,
    exactly: Exactly = False,
    wallet: Wallet = 0,
    coupon: Coupon = None,
    tender: Tenders = None,
    quote_digest: Annotated[str, typer.Option(help="Hex, from the quote that the customer saw.")] = "",
    accept_changed: Annotated[bool, typer.Option("--accept-changed", help="Also if it changed.")] = False,
    request_id: RequestId = "",
) -> None:
    """Book a purchase. It counts once for ever, by its receipt."""
    options = settings(context)
    request = till.ConfirmRequest(
        request_id=arguments.new_or(request_id),
        programme=options.programme,
        member=arguments.member_ref(member),
        spend=arguments.spend(spend, exactly, wallet),
        coupons=coupon or [],
        quote_digest=arguments.hexadecimal(quote_digest, "digest"),
        accept_changed=accept_changed,
    )

    async def work(desk: Desk) -> int:
        await fill(desk, request, receipt, line)
        request.tenders.extend(await _tenders(desk, request.receipt.store, tender))
        return await desk.do_and_show("Confirm", request, request.receipt.store)

    options.run(work)


async def fill(desk: Desk, request: Any, receipt: str, lines: Sequence[str]) -> None:
    """Identity and lines of a purchase, as typed."""
    request.receipt.CopyFrom(await desk.receipt(receipt))
    request.lines.extend(await lines_at(desk, request.receipt.store, lines))


async def _tenders(desk: Desk, store: int, tenders: Sequence[str] | None) -> list[common.Tender]:
    if not tenders:
        return []
    view, currency = await desk.typing(store)
    return [arguments.tender(each, view, currency) for each in tenders]


def return_lines(
    context: typer.Context,
    receipt: Receipt,
    return_receipt: Annotated[str, typer.Option(help="This return's own receipt; form as --receipt.")],
    line: Annotated[list[str], typer.Option("--line", help="NUMBER or NUMBER:PIECES, as in 2:1.")],
    request_id: RequestId = "",
) -> None:
    """Take goods back: any line, any quantity, at any store."""
    options = settings(context)
    request = till.ReturnLinesRequest(request_id=arguments.new_or(request_id), programme=options.programme)
    for number, quantity_milli in map(arguments.return_line, line):
        request.lines.add(line=number, quantity_milli=quantity_milli)

    async def work(desk: Desk) -> int:
        request.return_receipt.CopyFrom(await desk.receipt(return_receipt))
        request.receipt.CopyFrom(await desk.receipt(receipt))
        return await desk.do_and_show("ReturnLines", request, request.receipt.store)

    options.run(work)


def void(context: typer.Context, receipt: TheReceipt, reason: Reason, request_id: RequestId = "") -> None:
    """Undo a receipt on its own business day, as if it had never been."""
    options = settings(context)
    request = till.VoidReceiptRequest(
        request_id=arguments.new_or(request_id), programme=options.programme, reason=reason
    )
    options.run(lambda desk: _about_receipt(desk, "VoidReceipt", request, receipt))


async def _about_receipt(desk: Desk, name: str, request: Any, receipt: str) -> int:
    request.receipt.CopyFrom(await desk.receipt(receipt))
    return await desk.do_and_show(name, request, request.receipt.store)


def hold(
    context: typer.Context,
    member: Member,
    receipt: Receipt,
    line: Lines,
    until: Annotated[str, typer.Option(help=f"When it gives back by itself: {TIME_FORM}.")],
    spend: SpendPoints = 0,
    exactly: Exactly = False,
    wallet: Wallet = 0,
    coupon: Coupon = None,
    request_id: RequestId = "",
) -> None:
    """Reserve points and budgets for a web order. Its receipt names it from now on."""
    options = settings(context)
    order = till.Purchase(
        member=arguments.member_ref(member),
        spend=arguments.spend(spend, exactly, wallet),
        coupons=coupon or [],
    )
    request = till.HoldRequest(
        request_id=arguments.new_or(request_id), programme=options.programme, order=order
    )

    async def work(desk: Desk) -> int:
        await fill(desk, request.order, receipt, line)
        store = request.order.receipt.store
        request.until_ms = (await desk.place(store)).clock.read(until)
        return await desk.do_and_show("Hold", request, store)

    options.run(work)


def capture(
    context: typer.Context, receipt: TheReceipt, tender: Tenders = None, request_id: RequestId = ""
) -> None:
    """Book an order as it was held."""
    options = settings(context)
    request = till.CaptureRequest(request_id=arguments.new_or(request_id), programme=options.programme)

    async def work(desk: Desk) -> int:
        request.receipt.CopyFrom(await desk.receipt(receipt))
        request.tenders.extend(await _tenders(desk, request.receipt.store, tender))
        return await desk.do_and_show("Capture", request, request.receipt.store)

    options.run(work)


def cancel(context: typer.Context, receipt: TheReceipt, request_id: RequestId = "") -> None:
    """Give back what was held for an order."""
    options = settings(context)
    request = till.CancelHoldRequest(request_id=arguments.new_or(request_id), programme=options.programme)
    options.run(lambda desk: _about_receipt(desk, "CancelHold", request, receipt))


@services.command("use")
def use_service(
    context: typer.Context,
    member: Member,
    service: Annotated[str, typer.Argument(help="Kind of service, as in tune-up.")],
    use: Annotated[str, typer.Option(help="This use's own receipt: " + arguments.RECEIPT_FORM)],
    times: Annotated[int, typer.Option(help="How many.", min=1)] = 1,
    request_id: RequestId = "",
) -> None:
    """Use services; those that end soonest first."""
    options = settings(context)
    request = till.UseServiceRequest(
        request_id=arguments.new_or(request_id),
        programme=options.programme,
        member=arguments.member_ref(member),
        service=service,
        times=times,
    )

    async def work(desk: Desk) -> int:
        request.use.CopyFrom(await desk.receipt(use))
        return await desk.do_and_show("UseService", request, request.use.store)

    options.run(work)
