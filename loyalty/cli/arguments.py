"""What people type, made into messages: members, receipts, lines, ids. Bad input says what is right."""

import os
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final

import typer

from loyalty.cli.view import View
from loyalty.client.caller import REQUEST_ID_BYTES
from loyalty.commands.conditions import AttributeType
from loyalty.text.errors import TextError, one_of
from loyalty.text.figures import decimals_of, read_figure
from loyalty.v1 import common_pb2 as common

LINE_FORM: Final = (
    "SKU:PIECES:AMOUNT, what the line costs, as in shoes:1:89.90; then :KIND if it is no goods, and "
    ",NAME=VALUE for each attribute, as in boots:1:199,brand=Nordkap"
)
RECEIPT_FORM: Final = "STORE/TERMINAL/NUMBER or STORE/TERMINAL/NUMBER/YYYYMMDD, as in 17/3/4711"

Member = Annotated[
    str, typer.Argument(metavar="MEMBER", help="Phone, member id, card or external id.", show_default=False)
]
RequestId = Annotated[
    str, typer.Option(help="Hex, 8 to 64 bytes; new if left out. The same id asks for the same thing.")
]
Reason = Annotated[str, typer.Option(help="Why, for the audit; up to 64 bytes.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def member_ref(text: str) -> common.MemberRef:
    """`+886912345678` is a phone, `81` a member id, `ext:crm:81` an external id, all else a card."""
    if text.startswith("+"):
        return common.MemberRef(phone=text)
    if text.startswith("ext:"):
        return common.MemberRef(external=text.removeprefix("ext:"))
    if text.isascii() and text.isdigit():
        if int(text) >= 2**64:
            raise typer.BadParameter(f"member {text!r}: too long for a member id; wanted card:{text}?")
        return common.MemberRef(member_id=int(text))
    return common.MemberRef(card=text.removeprefix("card:"))


def receipt_id(text: str) -> common.ReceiptId:
    """What a receipt is called; the business day is 0 if it was left out."""
    parts = text.split("/")
    if len(parts) not in (3, 4) or not all(part.isascii() and part.isdigit() for part in parts):
        raise typer.BadParameter(f"receipt {text!r}: wanted {RECEIPT_FORM}")
    try:
        store, terminal, number, day = (int(part) for part in (*parts, "0")[:4])
        return common.ReceiptId(store=store, terminal=terminal, number=number, business_day=day)
    except ValueError as error:
        raise typer.BadParameter(f"receipt {text!r}: a number is too large ({error})") from None


def basket_line(text: str, view: View, currency: str = "") -> common.Line:
    """One line of a basket, as `LINE_FORM` says; amounts in the currency's units."""
    head, *attributes = text.split(",")
    parts = head.split(":")
    kinds = {
        name.removeprefix("LINE_KIND_").lower(): number
        for name, number in common.LineKind.items()
        if number != common.LINE_KIND_UNSPECIFIED
    }
    kind = parts[3] if len(parts) == 4 else "goods"
    if len(parts) not in (3, 4) or kind not in kinds:
        raise typer.BadParameter(f"line {text!r}: wanted {LINE_FORM}; kinds: {', '.join(kinds)}")
    try:
        amount_minor = view.read_money(parts[2], currency)
    except TextError as mistake:
        raise typer.BadParameter(f"line {text!r}: {mistake.problem}; wanted {mistake.wanted}") from None
    line = common.Line(sku=parts[0], quantity_milli=milli(parts[1], text), amount_minor=amount_minor)
    line.kind = common.LineKind.Name(kinds[kind])  # type: ignore[assignment]
    for attribute in attributes:
        _add_attribute(line, attribute, view, currency)
    return line


def _add_attribute(line: common.Line, text: str, view: View, currency: str) -> None:
    """`brand=Nordkap`, of the type that the programme declares."""
    name, equals, value = text.partition("=")
    types = dict(view.rules.attributes) if view.rules else {}
    if not equals or name not in types:
        raise typer.BadParameter(f"attribute {text!r}: wanted NAME=VALUE, NAME {one_of(types, name)}")
    if types[name] is AttributeType.TEXT:
        line.attributes.add(name=name, text=value)
        return
    try:
        number = read_figure(value, decimals_of(types[name], view.decimals(currency)))
    except TextError as mistake:
        raise typer.BadParameter(f"attribute {text!r}: {mistake.problem}; wanted {mistake.wanted}") from None
    line.attributes.add(name=name, number=number)


def milli(text: str, whole: str) -> int:
    """`1` or `1.234` in thousandths."""
    try:
        thousandths = Decimal(text) * 1000
        whole_ones = int(thousandths)
    except (InvalidOperation, ValueError, OverflowError):
        raise typer.BadParameter(f"{whole!r}: quantity {text!r} is no number") from None
    if thousandths != whole_ones:
        raise typer.BadParameter(f"{whole!r}: quantity {text!r} is finer than a thousandth")
    if abs(whole_ones) >= 2**63:
        raise typer.BadParameter(f"{whole!r}: quantity {text!r} is too large")
    return whole_ones


def return_line(text: str) -> tuple[int, int]:
    """`2` or `2:1.5`: line number, and thousandths to take back (one piece if left out)."""
    number, _, quantity = text.partition(":")
    if not (number.isascii() and number.isdigit() and int(number) < 2**32):
        raise typer.BadParameter(f"line {text!r}: wanted NUMBER or NUMBER:PIECES, as in 2:1")
    return int(number), milli(quantity or "1", text)


def tender(text: str, view: View, currency: str = "") -> common.Tender:
    """`cash:50.00`"""
    kinds = {name.removeprefix("TENDER_KIND_").lower(): number for name, number in common.TenderKind.items()}
    kind, _, amount = text.partition(":")
    if not kinds.get(kind):
        raise typer.BadParameter(f"tender {text!r}: wanted KIND:AMOUNT, KIND {one_of(list(kinds)[1:], kind)}")
    made = common.Tender(amount_minor=view.read_money(amount, currency))
    made.kind = common.TenderKind.Name(kinds[kind])  # type: ignore[assignment]
    return made


def spend(points: int, exactly: bool, wallet: int = 0) -> common.Spend | None:
    """The wish to pay with points, if there is one."""
    if not points:
        return None
    mode: Any = common.SPEND_MODE_EXACTLY if exactly else common.SPEND_MODE_UP_TO
    return common.Spend(points=points, mode=mode, wallet=wallet)


def request_id(text: str) -> bytes:
    """Hex, as every answer shows it."""
    return hexadecimal(text, "request id", 8, 64)


def hexadecimal(text: str, what: str, least: int = 0, most: int = 64) -> bytes:
    """Bytes as answers show them."""
    try:
        value = bytes.fromhex(text)
    except ValueError:
        raise typer.BadParameter(f"{what} {text!r} is not hexadecimal") from None
    if not least <= len(value) <= most:
        raise typer.BadParameter(f"{what} has {len(value)} bytes, wanted {least} to {most}")
    return value


def new_or(text: str) -> bytes:
    """A request id as typed, or a new one."""
    return request_id(text) if text else os.urandom(REQUEST_ID_BYTES)
