"""What a member has and what happened to it: lots, services, coupons, holds, movements, adjustments."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from google.protobuf.message import Message

from loyalty.cli.console import console, say, table
from loyalty.cli.tell.balances import tell_balance
from loyalty.cli.view import View, listed, receipt
from loyalty.cli.words import name_of
from loyalty.v1 import back_office_outcomes_pb2 as changes
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till

_MEMBERS_OWN: Final = (till.ACCOUNT_MEMBER_LOT, till.ACCOUNT_MEMBER_DEBT)


def _tell_lots(done: till.ListLotsDone, view: View) -> None:
    say(f"member {done.member_id}; times: {view.clock.name}")
    titles = (">lot", ">points", "wallet", "from", "until", ">priority", "", "source", "receipt", ">line")
    shown = table(*titles, ">promotion", ">partner", title="lots, as they would be spent")
    for item in done.lots:
        lot = item.lot
        shown.add_row(
            str(lot.lot),
            str(lot.points),
            view.wallet(lot.wallet),
            view.time(lot.active_from_ms),
            view.until(lot.active_until_ms),
            str(lot.priority),
            "some goods only" if lot.purposed else "",
            name_of(till.Source, item.source),
            receipt(item.receipt) if item.HasField("receipt") else "",
            *(str(number or "") for number in (item.line, item.promotion, item.partner)),
        )
    console.print(shown if done.lots else "no lots with points")
    if done.cut:
        say("there are more lots than are listed")
    _tell_services(done, view)
    _tell_coupons(done, view)
    _tell_holds(done, view)


def _tell_services(done: till.ListLotsDone, view: View) -> None:
    shown = table("service", ">left", "from", "until", "receipt", ">line", title="services")
    for item in done.services:
        window = (view.time(item.active_from_ms), view.until(item.active_until_ms))
        origin = receipt(item.receipt) if item.HasField("receipt") else ""
        shown.add_row(item.service, str(item.times), *window, origin, str(item.line or ""))
    if done.services:
        console.print(shown)


def _tell_coupons(done: till.ListLotsDone, view: View) -> None:
    shown = table("code", ">promotion", ">left", "from", "until", title="coupons")
    for item in done.coupons:
        window = (view.time(item.active_from_ms), view.until(item.active_until_ms))
        shown.add_row(item.code, str(item.promotion), str(item.times), *window)
    if done.coupons:
        console.print(shown)


def _tell_holds(done: till.ListLotsDone, view: View) -> None:
    shown = table("order", ">points", "wallet", "until", title="held")
    for item in done.holds:
        order = receipt(item.receipt)
        shown.add_row(order, str(item.points), view.wallet(item.wallet), view.time(item.until_ms))
    if done.holds:
        console.print(shown)


def tell_statement(done: till.GetStatementDone, view: View) -> None:
    """A page of movements, or several in one."""
    shown = table(f"when ({view.clock.name})", ">entry", "what", "receipt", ">points", "reason", "by")
    for item in done.items:
        shown.add_row(
            view.time(item.time_ms),
            str(item.seq),
            name_of(till.Movement, item.movement),
            _receipts(item),
            listed(f"{points:+d}{_of(wallet, view)}" for wallet, points in by_wallet(item)),
            item.reason,
            item.actor.decode(errors="replace"),
        )
    console.print(shown)
    if done.next_page_token:
        say((f"there is more: --all, or --page {done.next_page_token.hex()}", "dim"))


def by_wallet(item: till.StatementItem) -> list[tuple[int, int]]:
    """What a movement changed: (wallet, points), bonus points first if they did, or nothing else did."""
    changes = {0: item.points}
    for posting in item.postings:
        if posting.wallet and posting.account in _MEMBERS_OWN:
            changes[posting.wallet] = changes.get(posting.wallet, 0) + posting.points
    only_others = not item.points and any(changes.values())
    return [(wallet, points) for wallet, points in sorted(changes.items()) if wallet or not only_others]


def _of(wallet: int, view: View) -> str:
    return f" {view.wallet(wallet)}" if wallet else ""


def _receipts(item: till.StatementItem) -> str:
    of = f" of {receipt(item.returned_receipt)}" if item.HasField("returned_receipt") else ""
    return f"{receipt(item.receipt)}{of}" if item.HasField("receipt") else ""


def _tell_adjusted(done: changes.AdjustDone, view: View) -> None:
    again = "; it was booked before, nothing changed now" if done.repeated else ""
    what = f"{abs(done.points)} {view.wallet(done.wallet)} points {'given' if done.points > 0 else 'taken'}"
    say(f"{what}, reference {done.reference}{again}")
    if done.debt_paid_points:
        say(f"{done.debt_paid_points} of them pay a debt")
    if done.HasField("lot"):
        say(f"lot {done.lot.lot}: {_window(done.lot, view)}")
    if done.draws:
        say("from " + listed(f"lot {lot.lot}: {lot.points}" for lot in done.draws))
    tell_balance(done.balance, view, done.wallet)


def _window(lot: common.Lot, view: View) -> str:
    window = view.window(lot.active_from_ms, lot.active_until_ms)
    return f"{lot.points} points {window} ({view.clock.name})"


TELLERS: Final[Mapping[type[Message], Callable[[Any, View], None]]] = {
    till.ListLotsDone: _tell_lots,
    till.GetStatementDone: tell_statement,
    changes.AdjustDone: _tell_adjusted,
}
