"""Bills: what each line came to, which promotion did what on it, and why the others did not apply."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from google.protobuf.message import Message

from loyalty.cli.console import console, say, table
from loyalty.cli.tell.balances import tell_balance
from loyalty.cli.view import View, listed, pieces, receipt
from loyalty.cli.words import PASSED_OVER
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till


def tell_bill(bill: common.Bill, view: View, lines: Sequence[common.Line] = ()) -> None:
    """The table of lines, then what stands behind it. `lines`: as they were sold, if known."""
    _tell_lines(bill, view, lines)
    _tell_applied(bill, view)
    if bill.draws:
        drawn = listed(f"{lot.points} of lot {lot.lot}" for lot in bill.draws)
        say(f"paid with {bill.spent_points} {view.wallet(bill.wallet)} points: {drawn}")
    for earning in bill.earnings:
        say(_earning(earning, view))
    for service in bill.services:
        times = f"{service.times} x {service.service}"
        say(f"service for line {service.line}: {times}, until {view.until(service.active_until_ms)}")
    for coupon in bill.coupons:
        code = coupon.code or "made when it is booked"
        say(f"coupon of promotion {coupon.of_promotion}: {code}, until {view.until(coupon.active_until_ms)}")
    if bill.earnings or bill.services or bill.coupons:
        say((f"times: {view.clock.name}", "dim"))


def _tell_lines(bill: common.Bill, view: View, lines: Sequence[common.Line]) -> None:
    def money(minor: int) -> str:
        return view.figure(minor, bill.currency)

    sums = (bill.amount_minor, bill.discount_minor, bill.spent_minor, bill.paid_minor)
    foot = ["", *(("all", "") if lines else ("all",)), *map(money, sums), str(bill.earned_points)]
    names = ("what", ">pieces") if lines else ("",)
    code = view.code(bill.currency)
    shown = table(">line", *names, f">{code}", ">off", ">by points", ">to pay", ">points earned", footer=foot)
    for at, line in enumerate(bill.lines):
        what = (lines[at].sku, pieces(lines[at].quantity_milli)) if lines else ("",)
        parts = (line.amount_minor, line.discount_minor, line.spent_minor, line.paid_minor)
        shown.add_row(str(at + 1), *what, *map(money, parts), str(line.earned_points))
    console.print(shown)


def _tell_applied(bill: common.Bill, view: View) -> None:
    if not bill.applied:
        return
    shown = table(">promotion", "name", "lines", ">off", ">points", "", title="applied")
    for each in bill.applied:
        remarks = [f"{each.times} times"] if each.times > 1 else []
        remarks += [f"partner {each.funder} pays"] if each.funder else []
        remarks += [f"coupon {each.coupon}"] if each.coupon else []
        shown.add_row(
            str(each.promotion),
            each.name,
            listed(_on_line(line, view, bill.currency) for line in each.lines),
            view.figure(each.minor, bill.currency),
            str(each.points),
            listed(remarks),
        )
    console.print(shown)


def _on_line(line: common.AppliedLine, view: View, currency: str) -> str:
    """As 1: 20.00, or 2: 150 points."""
    parts = [view.figure(line.minor, currency)] if line.minor else []
    parts += [f"{line.points} points"] if line.points else []
    return f"{line.line}: {' and '.join(parts)}" if parts else str(line.line)


def _earning(earning: common.Earning, view: View) -> str:
    by = f" by promotion {earning.promotion}" if earning.promotion else ""
    text = f"earns {earning.points} {view.wallet(earning.wallet)} points{by}"
    if earning.debt_paid_points:
        text += f", {earning.debt_paid_points} of them pay a debt"
    if not earning.HasField("lot"):
        return text
    lot = earning.lot
    goods = ", for some goods only" if lot.purposed else ""
    return f"{text}: {view.window(lot.active_from_ms, lot.active_until_ms)}{goods}"


def tell_quote(quote: till.QuoteDone, view: View, lines: Sequence[common.Line] = ()) -> None:
    """What a basket comes to, and why each promotion that was not applied was not."""
    tell_bill(quote.bill, view, lines)
    if quote.passed_over:
        shown = table(">promotion", "name", "why not", title="not applied")
        for each in quote.passed_over:
            shown.add_row(str(each.promotion), each.name, _why_not(each))
        console.print(shown)
    if quote.search.cut_short:
        most = view.money(quote.search.bound_minor, quote.bill.currency)
        say(f"not everything was tried: at most {most} more would have been possible")
    say(f"at most {quote.most_points} points could be spent on this")
    tell_balance(quote.balance, view)
    say((f"digest {quote.quote_digest.hex()}", "dim"))


def _why_not(passed: till.PassedOver) -> str:
    reason = till.PassedOverReason.Name(passed.reason).removeprefix("PASSED_OVER_REASON_")
    text = PASSED_OVER.get(reason, reason)
    if passed.by:
        text += f": promotion {passed.by}"
    return f"{text}; wanted: {passed.wanted}" if passed.wanted else text


def tell_confirmed(done: till.ConfirmDone, view: View) -> None:
    """A booked purchase."""
    again = "; it was booked before, nothing changed now" if done.repeated else ""
    say(f"receipt {receipt(done.receipt)} of member {done.member_id}{again}")
    tell_bill(done.bill, view)
    tell_balance(done.balance, view)


def _tell_held(done: till.HoldDone, view: View) -> None:
    again = "; it was held before, nothing changed now" if done.repeated else ""
    say(f"order {receipt(done.receipt)} of member {done.member_id}{again}")
    say(f"held until {view.stated(done.until_ms)}")
    tell_bill(done.bill, view)
    tell_balance(done.balance, view)


TELLERS: Final[Mapping[type[Message], Callable[[Any, View], None]]] = {
    till.QuoteDone: tell_quote,
    till.ConfirmDone: tell_confirmed,
    till.HoldDone: _tell_held,
}
