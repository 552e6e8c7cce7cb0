"""What people type, made into messages: members, receipts, lines, ids. Bad input says what is right."""

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

import typer

from loyalty.v1 import common_pb2 as common

LINE_FORM = "SKU:PIECES:AMOUNT, amount in cents, as in shoes:1:8990"
RECEIPT_FORM = "STORE/TERMINAL/NUMBER or STORE/TERMINAL/NUMBER/YYYYMMDD, as in 17/3/4711"


def member_ref(text: str) -> common.MemberRef:
    """`+886912345678` is a phone, `81` a member id, `card:81` or anything else a card."""
    if text.startswith("+"):
        return common.MemberRef(phone=text)
    if text.isascii() and text.isdigit():
        if int(text) >= 2**64:
            raise typer.BadParameter(f"member {text!r}: too long for a member id; wanted card:{text}?")
        return common.MemberRef(member_id=int(text))
    return common.MemberRef(card=text.removeprefix("card:"))


def receipt_id(text: str) -> common.ReceiptId:
    """Without a day, it is today (UTC)."""
    parts = text.split("/")
    if len(parts) not in (3, 4) or not all(part.isascii() and part.isdigit() for part in parts):
        raise typer.BadParameter(f"receipt {text!r}: wanted {RECEIPT_FORM}")
    day = int(parts[3]) if len(parts) == 4 else int(datetime.now(UTC).strftime("%Y%m%d"))
    try:
        return common.ReceiptId(
            store=int(parts[0]), terminal=int(parts[1]), number=int(parts[2]), business_day=day
        )
    except ValueError as error:
        raise typer.BadParameter(f"receipt {text!r}: a number is too large ({error})") from None


def basket_line(text: str) -> common.Line:
    """One line of a basket; a kind may follow: `card-10:1:1000:gift_card`."""
    parts = text.split(":")
    kinds = {
        name.removeprefix("LINE_KIND_").lower(): number
        for name, number in common.LineKind.items()
        if number != common.LINE_KIND_UNSPECIFIED
    }
    kind = parts[3] if len(parts) == 4 else "goods"
    if len(parts) not in (3, 4) or kind not in kinds:
        raise typer.BadParameter(f"line {text!r}: wanted {LINE_FORM}; kinds: {', '.join(kinds)}")
    try:
        return common.Line(
            sku=parts[0],
            quantity_milli=milli(parts[1], text),
            amount_minor=int(parts[2]),
            kind=common.LineKind.Name(kinds[kind]),
        )
    except ValueError:
        raise typer.BadParameter(f"line {text!r}: amount {parts[2]!r} is no whole number of cents") from None


def milli(text: str, whole: str) -> int:
    """`1` or `1.234` in thousandths."""
    try:
        thousandths = Decimal(text) * 1000
    except InvalidOperation:
        raise typer.BadParameter(f"{whole!r}: quantity {text!r} is no number") from None
    if thousandths != int(thousandths):
        raise typer.BadParameter(f"{whole!r}: quantity {text!r} is finer than a thousandth")
    return int(thousandths)


def return_line(text: str) -> tuple[int, int]:
    """`2` or `2:1.5`: line number, and thousandths to take back (one piece if left out)."""
    number, _, quantity = text.partition(":")
    if not (number.isascii() and number.isdigit()):
        raise typer.BadParameter(f"line {text!r}: wanted NUMBER or NUMBER:PIECES, as in 2:1")
    return int(number), milli(quantity or "1", text)


def request_id(text: str) -> bytes:
    """Hex, as every answer shows it."""
    try:
        value = bytes.fromhex(text)
    except ValueError:
        raise typer.BadParameter(f"request id {text!r} is not hexadecimal") from None
    if not 8 <= len(value) <= 64:
        raise typer.BadParameter(f"request id has {len(value)} bytes, wanted 8 to 64")
    return value
