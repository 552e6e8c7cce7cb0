"""What stands behind receipts, and what undoing, returning and using comes to."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from google.protobuf.message import Message

from loyalty.cli.console import console, facts, say, table
from loyalty.cli.tell.balances import tell_balance
from loyalty.cli.tell.bills import tell_bill, tell_confirmed
from loyalty.cli.view import View, listed, pieces, receipt
from loyalty.cli.words import name_of
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till


def _tell_receipt(done: till.GetReceiptDone, view: View) -> None:
    match done.WhichOneof("booked"):
        case "purchase":
            _tell_purchase(done.purchase, view)
        case "returned":
            booked = done.returned
            say(f"return {receipt(booked.return_receipt)} of {receipt(booked.receipt)}")
            _tell_returned(booked.returned, view)
            _tell_origin(booked, view)
        case "hold":
            _tell_order(done.hold, view)
        case "use":
            say(f"use {receipt(done.use.use)}: {done.use.times} x {done.use.service}")
            _tell_origin(done.use, view)


def _tell_purchase(booked: till.BookedPurchase, view: View) -> None:
    marks = [name for name, holds in (("voided", booked.voided), ("without a line", booked.offline)) if holds]
    say(f"purchase {receipt(booked.receipt)}{', ' if marks else ''}", (listed(marks), "red"))
    tell_bill(booked.bill, view, booked.lines)
    returned = [(at, milli) for at, milli in enumerate(booked.returned_milli, 1) if milli]
    if returned and not booked.voided:
        say("came back: " + listed(f"{pieces(milli)} of line {at}" for at, milli in returned))
    for line, sold in enumerate(booked.lines, 1):
        if sold.attributes:
            say((f"line {line}: {listed(_attribute(each) for each in sold.attributes)}", "dim"))
    paid = listed(
        f"{view.money(each.amount_minor, booked.bill.currency)} {name_of(common.TenderKind, each.kind)}"
        for each in booked.tenders
    )
    rows = (("paid", paid), ("sold", view.stated(booked.sold_ms)))
    version = ("rules", f"version {booked.bill.programme_version} of the programme")
    _tell_origin(booked, view, *rows, version)


def _attribute(attribute: common.Attribute) -> str:
    which = attribute.WhichOneof("value")
    return f"{attribute.name}={getattr(attribute, which) if which else ''}"


def _tell_order(booked: till.BookedHold, view: View) -> None:
    state = name_of(till.HoldState, booked.state)
    say(f"order {receipt(booked.receipt)}, {state}, held until {view.stated(booked.until_ms)}")
    tell_bill(booked.bill, view, booked.lines)
    _tell_origin(booked, view)


def _tell_origin(booked: Any, view: View, *rows: tuple[str, str]) -> None:
    """Whose it is, and who booked it when."""
    actor = booked.actor.decode(errors="replace")
    booked_by = f"{view.stated(booked.time_ms)} by {actor}, entry {booked.seq}"
    console.print(facts(("member", str(booked.member_id)), *rows, ("booked", booked_by)))


def _tell_returned(returned: Any, view: View) -> None:
    """Of a return or a void: the two messages say the same, field by field."""
    titles = (">line", ">pieces", ">refund", ">points back", ">points taken", ">left")
    sums = (
        "",
        "all",
        view.money(returned.refund_minor, view.local),
        *map(str, (returned.points_back, returned.points_taken)),
    )
    shown = table(*titles, footer=sums)
    for line in returned.lines:
        shown.add_row(
            str(line.line),
            pieces(line.quantity_milli),
            view.figure(line.refund_minor, view.local),
            str(line.points_back),
            str(line.points_taken),
            pieces(line.left_milli),
        )
    console.print(shown)
    remarks = (
        (returned.points_back_ended, "of the points that came back are in lots that have ended"),
        (returned.points_back_settled, "of the points that came back have paid a debt"),
        (returned.points_owed, "of the points taken are owed: they were spent already"),
        (
            returned.kept_back_points,
            f"were spent already: {view.money(returned.kept_back_minor, view.local)} is kept back",
        ),
        (returned.services_taken, "of the services go with the goods"),
    )
    for count, remark in remarks:
        if count:
            say(f"{count} {remark}")
    for each in returned.wallets:
        say(f"{each.points_taken} {view.wallet(each.wallet)} points taken, {each.points_owed} of them owed")


def _tell_returned_lines(done: till.ReturnLinesDone, view: View) -> None:
    again = "; it was taken before, nothing changed now" if done.repeated else ""
    say(f"return {receipt(done.return_receipt)} of {receipt(done.receipt)}{again}")
    _tell_returned(done, view)
    tell_balance(done.balance, view)


def _tell_voided(done: till.VoidDone, view: View) -> None:
    again = "; it was before, nothing changed now" if done.repeated else ""
    say(f"receipt {receipt(done.receipt)} of member {done.member_id} is voided{again}")
    _tell_returned(done.returned, view)
    tell_balance(done.balance, view)


def _tell_corrected(done: till.CorrectDone, view: View) -> None:
    say("the wrong receipt is undone:")
    _tell_returned(done.voided, view)
    say("and the right one booked:")
    tell_confirmed(done.confirmed, view)


def _tell_cancelled(done: till.CancelHoldDone, view: View) -> None:
    again = "; it was over before, nothing changed now" if done.repeated else ""
    ended = f", {done.points_back_ended} of them in lots that have ended" if done.points_back_ended else ""
    say(f"order {receipt(done.receipt)} is held no more: {done.points_back} points are back{ended}{again}")
    tell_balance(done.balance, view)


def _tell_used(done: till.UseServiceDone, view: View) -> None:
    again = "; it was booked before, nothing changed now" if done.repeated else ""
    say(f"{done.times} x {done.service} used, {done.left_times} left{again}")


TELLERS: Final[Mapping[type[Message], Callable[[Any, View], None]]] = {
    till.GetReceiptDone: _tell_receipt,
    till.ReturnLinesDone: _tell_returned_lines,
    till.VoidDone: _tell_voided,
    till.CorrectDone: _tell_corrected,
    till.CancelHoldDone: _tell_cancelled,
    till.UseServiceDone: _tell_used,
}
