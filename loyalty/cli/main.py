"""`loyalty`: a till and a back office on the command line, and the load generator."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from loyalty.cli import arguments
from loyalty.cli.load.command import load
from loyalty.cli.show import complain, show
from loyalty.client.answers import Answer
from loyalty.client.client import REQUEST_ID_BYTES, TillClient
from loyalty.client.connect import credentials
from loyalty.client.policy import Policy
from loyalty.client.units import Units
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till

HELP = """A till and a back office on the command line.

Give both units' addresses (--targets, or LOYALTY_TARGETS): whichever answers will do, and while one of them
is being pulled you will see one slow answer at most.

Exit status: 0 done, 1 rejected by the rules, 2 a wrong command line, 3 not taken (surely nothing happened),
4 unknown (it may have happened: ask again with the same --request-id).

MEMBER is a phone (+886912345678), a member id (81) or a card (card:2000-1234-5678).
"""

app = typer.Typer(help=HELP, no_args_is_help=True, add_completion=False, rich_markup_mode=None)
app.command("load")(load)


@dataclass(frozen=True, slots=True)
class Options:
    """What goes before the command."""

    targets: str
    as_json: bool
    programme: int
    policy: Policy
    ca: str
    certificate: str
    key: str
    wait: bool

    def run(self, ask: Callable[[TillClient], Awaitable[Answer[Any]]], request_id: bytes = b"") -> None:
        """Ask, show, and leave with the status that the answer means."""

        async def once() -> Answer[Any]:
            tls = credentials(self.ca, self.certificate, self.key)
            async with Units(self.targets, self.policy, tls) as units:
                client = TillClient(units)
                if request_id:  # the pair's time goes with the command: `abandon` will want one
                    await client.outcome(request_id)
                return await ask(client)

        try:
            answer = asyncio.run(once())
        except (ValueError, OSError) as problem:
            complain(str(problem))
            raise typer.Exit(2) from None
        raise typer.Exit(show(answer, self.as_json, request_id))


@app.callback()
def options(
    context: typer.Context,
    targets: Annotated[
        str, typer.Option(envvar="LOYALTY_TARGETS", help="HOST:PORT of each unit, with a comma.")
    ] = "127.0.0.1:7400,127.0.0.1:7410",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of text.")] = False,
    programme: Annotated[int, typer.Option(help="Programme number.", min=1, max=65534)] = 1,
    deadline_ms: Annotated[int, typer.Option(help="How long to ask, all tries together.", min=1)] = 5_000,
    wait: Annotated[
        bool, typer.Option("--wait", help="Ask again until the answer is definite, for a minute.")
    ] = False,
    ca: Annotated[str, typer.Option(envvar="LOYALTY_CA", help="PEM file of the cabinet's authority.")] = "",
    certificate: Annotated[str, typer.Option(envvar="LOYALTY_CERTIFICATE", help="Our PEM file.")] = "",
    key: Annotated[str, typer.Option(envvar="LOYALTY_KEY", help="PEM file of our key.")] = "",
) -> None:
    """Settings for all commands."""
    policy = Policy(deadline_ms=deadline_ms, hedge_after_ms=max(1, min(150, deadline_ms // 2)))
    context.obj = Options(targets, as_json, programme, policy, ca, certificate, key, wait)


Member = Annotated[str, typer.Argument(metavar="MEMBER", help="Phone, member id or card.")]
RequestId = Annotated[
    str, typer.Option(help="Hex, 8 to 64 bytes; new if left out. The same id asks for the same thing.")
]
Lines = Annotated[list[str], typer.Option("--line", help=arguments.LINE_FORM)]
SpendPoints = Annotated[int, typer.Option(help="Points to pay with: up to so many.", min=0)]
Exactly = Annotated[bool, typer.Option("--exactly", help="Spend exactly that, or nothing happens.")]
Receipt = Annotated[str, typer.Option(help=arguments.RECEIPT_FORM)]


@app.command()
def enrol(
    context: typer.Context,
    phone: Annotated[str, typer.Option(help="E.164, as in +886912345678.")] = "",
    card: Annotated[list[str] | None, typer.Option(help="Card number; may be given several times.")] = None,
    store: Annotated[int, typer.Option(help="Where it happens; 0 if not in a store.", min=0)] = 0,
    request_id: RequestId = "",
) -> None:
    """Make a person a member."""
    settings: Options = context.obj
    ours = _new_or(request_id)
    request = till.EnrolRequest(
        request_id=ours, programme=settings.programme, phone=phone, cards=card or [], store=store
    )
    settings.run(lambda client: client.enrol(request, until_definite=settings.wait), ours)


@app.command()
def find(context: typer.Context, member: Member) -> None:
    """Who is it, and how many points are there."""
    settings: Options = context.obj
    request = till.FindMemberRequest(programme=settings.programme, member=arguments.member_ref(member))
    settings.run(lambda client: client.find_member(request))


@app.command()
def quote(
    context: typer.Context,
    member: Member,
    line: Lines,
    store: Annotated[int, typer.Option(help="The store.", min=1)] = 1,
    spend: SpendPoints = 0,
    exactly: Exactly = False,
) -> None:
    """What a basket comes to. Stores nothing; the digest it shows can go with `confirm`."""
    settings: Options = context.obj
    request = till.QuoteRequest(
        programme=settings.programme,
        member=arguments.member_ref(member),
        store=store,
        lines=map(arguments.basket_line, line),
        spend=_spend(spend, exactly),
    )
    settings.run(lambda client: client.quote(request))


@app.command()
def confirm(
    context: typer.Context,
    member: Member,
    receipt: Receipt,
    line: Lines,
    spend: SpendPoints = 0,
    exactly: Exactly = False,
    quote_digest: Annotated[str, typer.Option(help="Hex, from the quote that the customer saw.")] = "",
    accept_changed: Annotated[bool, typer.Option("--accept-changed", help="Also if it changed.")] = False,
    request_id: RequestId = "",
) -> None:
    """Book a purchase. It counts once for ever, by its receipt."""
    settings: Options = context.obj
    ours = _new_or(request_id)
    request = till.ConfirmRequest(
        request_id=ours,
        programme=settings.programme,
        receipt=arguments.receipt_id(receipt),
        member=arguments.member_ref(member),
        lines=map(arguments.basket_line, line),
        spend=_spend(spend, exactly),
        quote_digest=bytes.fromhex(quote_digest),
        accept_changed=accept_changed,
    )
    settings.run(lambda client: client.confirm(request, until_definite=settings.wait), ours)


@app.command("return")
def return_lines(
    context: typer.Context,
    receipt: Receipt,
    return_receipt: Annotated[str, typer.Option(help="This return's own receipt; form as --receipt.")],
    line: Annotated[list[str], typer.Option("--line", help="NUMBER or NUMBER:PIECES, as in 2:1.")],
    request_id: RequestId = "",
) -> None:
    """Take goods back: any line, any quantity, at any store."""
    settings: Options = context.obj
    ours = _new_or(request_id)
    request = till.ReturnLinesRequest(
        request_id=ours,
        programme=settings.programme,
        return_receipt=arguments.receipt_id(return_receipt),
        receipt=arguments.receipt_id(receipt),
    )
    for number, quantity_milli in map(arguments.return_line, line):
        request.lines.add(line=number, quantity_milli=quantity_milli)
    settings.run(lambda client: client.return_lines(request, until_definite=settings.wait), ours)


@app.command()
def balance(context: typer.Context, member: Member) -> None:
    """A member's points: to spend, to come, owed, ending soon."""
    settings: Options = context.obj
    request = till.GetBalanceRequest(programme=settings.programme, member=arguments.member_ref(member))
    settings.run(lambda client: client.balance(request))


@app.command()
def statement(
    context: typer.Context,
    member: Member,
    items: Annotated[int, typer.Option(help="How many movements.", min=1, max=200)] = 50,
    page: Annotated[str, typer.Option(help="Hex, from the page before.")] = "",
) -> None:
    """A member's movements, newest first."""
    settings: Options = context.obj
    request = till.GetStatementRequest(
        programme=settings.programme,
        member=arguments.member_ref(member),
        page_size=items,
        page_token=bytes.fromhex(page),
    )
    settings.run(lambda client: client.statement(request))


@app.command()
def outcome(context: typer.Context, request_id: Annotated[str, typer.Argument(help="Hex.")]) -> None:
    """What became of a request id. "Nothing so far" may still change; `abandon` makes sure."""
    settings: Options = context.obj
    ours = arguments.request_id(request_id)
    settings.run(lambda client: client.outcome(ours))


@app.command()
def abandon(
    context: typer.Context,
    request_id: Annotated[str, typer.Argument(help="Hex.")],
    seen_ms: Annotated[
        int, typer.Option(help="As the command had it: `unknown` shows it. 0: only what is kept can be told.")
    ] = 0,
) -> None:
    """End doubt: shows what became of the id or, if nothing did, makes sure that nothing ever will."""
    settings: Options = context.obj
    ours = arguments.request_id(request_id)
    settings.run(lambda client: client.abandon(ours, seen_ms))


def _new_or(text: str) -> bytes:
    return arguments.request_id(text) if text else os.urandom(REQUEST_ID_BYTES)


def _spend(points: int, exactly: bool) -> common.Spend | None:
    if not points:
        return None
    return common.Spend(points=points, mode=common.SPEND_MODE_EXACTLY if exactly else common.SPEND_MODE_UP_TO)


def main() -> None:
    """The `loyalty` command."""
    app()
