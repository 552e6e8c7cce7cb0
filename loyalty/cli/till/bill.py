"""A bill as a table and a few lines: what each line came to, what was applied to it, and why not the rest."""

from collections.abc import Iterator
from datetime import tzinfo
from typing import Final, NamedTuple

from rich.markup import escape
from rich.table import Table

from loyalty.cli.till.amounts import date_time, money, pieces
from loyalty.cli.till.basket import Basket
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till

REASONS: Final = {
    "PAUSED": "paused",
    "NOT_NOW": "not at this time",
    "NOT_HERE": "not in this store",
    "NOT_FOR_MEMBER": "not for this member",
    "NO_COUPON": "needs a coupon",
    "NO_LINES": "nothing here that it is about",
    "CONDITION": "something is missing",
    "LIMIT": "applied as often as it may be",
    "BUDGET": "its budget is used up",
    "NO_EFFECT": "it would change nothing",
    "GROUP": "goes only instead of another",
    "WORTH_LESS": "without it the basket is worth more",
    "SEARCH_ENDED": "not tried to the end",
    "TOO_MANY": "as many apply as one receipt takes",
}


class Drawn(NamedTuple):
    """How amounts and times are written."""

    exponent: int
    zone: tzinfo | None

    def money(self, minor: int) -> str:
        return money(minor, self.exponent)


def bill_table(drawn: Drawn, basket: Basket, bill: common.Bill | None) -> Table:
    """One row for each line; columns that say nothing are left out."""
    table = Table(box=None, pad_edge=False, show_footer=bool(basket.lines))
    table.add_column("", justify="right")
    currency = f" in {bill.currency}" if bill is not None and bill.currency else ""
    table.add_column("article", f"all{currency}", overflow="fold")
    table.add_column("pieces", justify="right")
    table.add_column("price", justify="right")
    table.add_column("amount", drawn.money(basket.amount_minor), justify="right")
    discounts = bill is not None and bill.discount_minor != 0
    points = bill is not None and bill.spent_points != 0
    if bill is not None and discounts:
        table.add_column("discount", drawn.money(-bill.discount_minor), justify="right")
    if bill is not None and points:
        table.add_column("points", _spent(drawn, bill), justify="right")
    if bill is not None:
        table.add_column("to pay", drawn.money(bill.paid_minor), justify="right", footer_style="bold")
        table.add_column("earns", str(bill.earned_points), justify="right")
    for number, line in enumerate(basket.lines, start=1):
        name = line.article.name
        cells = [str(number), escape(name), pieces(line.milli), drawn.money(line.unit_minor)]
        cells.append(drawn.money(line.amount_minor))
        if bill is not None and number <= len(bill.lines):
            billed = bill.lines[number - 1]
            cells += [_off(drawn, billed.discount_minor)] if discounts else []
            cells += [_spent(drawn, billed)] if points else []
            cells += [drawn.money(billed.paid_minor), str(billed.earned_points)]
        table.add_row(*cells)
    return table


def _off(drawn: Drawn, minor: int) -> str:
    return drawn.money(-minor) if minor else ""


def _spent(drawn: Drawn, billed: common.BillLine | common.Bill) -> str:
    return f"{billed.spent_points} = {drawn.money(-billed.spent_minor)}" if billed.spent_points else ""


def bill_texts(drawn: Drawn, bill: common.Bill, quote: till.QuoteDone | None) -> Iterator[tuple[str, str]]:
    """What the table does not say: a title, given once, and a text."""
    yield from _titled("applied", [_applied(drawn, applied) for applied in bill.applied])
    if quote is not None:
        yield from _titled("not applied", [_passed_over(over) for over in quote.passed_over])
    yield from _titled("earns", [_earning(drawn, earning, bill) for earning in bill.earnings])
    yield from _titled("services", [_service(drawn, service) for service in bill.services])
    yield from _titled("coupons", [_coupon(drawn, coupon, bill) for coupon in bill.coupons])
    if quote is not None and quote.search.cut_short:
        most = drawn.money(quote.search.bound_minor)
        yield "search", f"ended before everything was tried: at most {most} more would have been possible"


def changes(drawn: Drawn, before: till.QuoteDone, now: till.QuoteDone) -> Iterator[str]:
    """What is not as it was, in the customer's words; nothing is left out silently."""
    compared = [
        ("to pay", drawn.money(before.bill.paid_minor), drawn.money(now.bill.paid_minor)),
        ("discount", drawn.money(before.bill.discount_minor), drawn.money(now.bill.discount_minor)),
        ("points spent", str(before.bill.spent_points), str(now.bill.spent_points)),
        ("points earned", str(before.bill.earned_points), str(now.bill.earned_points)),
        ("services", str(len(before.bill.services)), str(len(now.bill.services))),
        ("coupons", str(len(before.bill.coupons)), str(len(now.bill.coupons))),
    ]
    different = [f"{what}: {was} before, {now_is} now" for what, was, now_is in compared if was != now_is]
    gone, new = _names(before.bill), _names(now.bill)
    different += [f"no longer applied: {name}" for name in gone if name not in new]
    different += [f"applied now: {name}" for name in new if name not in gone]
    yield from different or ["the same sums, by other rules or other lots"]


def _titled(title: str, texts: list[str]) -> Iterator[tuple[str, str]]:
    for number, text in enumerate(texts):
        yield title if number == 0 else "", text


def _names(bill: common.Bill) -> list[str]:
    return [applied.name or f"promotion {applied.promotion}" for applied in bill.applied]


def _applied(drawn: Drawn, applied: common.Applied) -> str:
    came = [drawn.money(-applied.minor)] if applied.minor else []
    came += [f"+{applied.points} points"] if applied.points else []
    came += [f"{applied.times} times"] if applied.times > 1 else []
    lines = ", ".join(_on_line(drawn, line) for line in applied.lines)
    coupon = f", by coupon {applied.coupon}" if applied.coupon else ""
    name = applied.name or f"promotion {applied.promotion}"
    return f"{name}: {', '.join(came) or 'given'}{f' ({lines})' if lines else ''}{coupon}"


def _on_line(drawn: Drawn, line: common.AppliedLine) -> str:
    what = [drawn.money(-line.minor)] if line.minor else []
    what += [f"+{line.points}"] if line.points else []
    return f"line {line.line} {' '.join(what)}".rstrip()


def _passed_over(over: till.PassedOver) -> str:
    name = over.name or f"promotion {over.promotion}"
    code = till.PassedOverReason.Name(over.reason) if over.reason in till.PassedOverReason.values() else ""
    why = REASONS.get(code.removeprefix("PASSED_OVER_REASON_"), f"reason {over.reason}")
    wanted = f": {over.wanted}" if over.wanted else ""
    by = f" (promotion {over.by} took its place)" if over.by else ""
    return f"{name}: {why}{wanted}{by}"


def _earning(drawn: Drawn, earning: common.Earning, bill: common.Bill) -> str:
    whose = f" of wallet {earning.wallet}" if earning.wallet else ""
    by = next((f", {each.name}" for each in bill.applied if each.promotion == earning.promotion), "")
    debt = f", {earning.debt_paid_points} of them pay what is owed" if earning.debt_paid_points else ""
    window = ""
    if earning.HasField("lot"):
        begin, end = (
            date_time(at_ms, drawn.zone)
            for at_ms in (earning.lot.active_from_ms, earning.lot.active_until_ms)
        )
        window = f" from {begin}" + (f" until {end}" if end != "never" else "")
        window += ", for some goods only" if earning.lot.purposed else ""
    return f"{earning.points} points{whose}{window}{by}{debt}"


def _service(drawn: Drawn, service: common.ServiceGiven) -> str:
    end = date_time(service.active_until_ms, drawn.zone)
    return f"{service.times} × {service.service} with line {service.line}" + (
        f", until {end}" if end != "never" else ""
    )


def _coupon(drawn: Drawn, coupon: common.CouponGiven, bill: common.Bill) -> str:
    end = date_time(coupon.active_until_ms, drawn.zone)
    code = coupon.code or "a code when it is paid"
    return f"{code}, for promotion {coupon.of_promotion}" + (f", until {end}" if end != "never" else "")
