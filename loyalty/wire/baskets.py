"""What a till sells, from protobuf to values: receipts, lines, the wish to spend, coupons, tenders."""

from collections.abc import Sequence
from typing import Final

from loyalty.commands import Attributes, Line, LineKind, ReceiptId, SpendMode, Tender, TenderKind
from loyalty.commands import limits as lim
from loyalty.v1 import common_pb2 as pb
from loyalty.wire import parts
from loyalty.wire.calls import RefusalError

_KINDS: Final = {int(kind): kind for kind in LineKind}
_SPEND_MODES: Final = {int(mode): mode for mode in SpendMode if mode is not SpendMode.NONE}
_TENDER_KINDS: Final = parts.Choice(TenderKind, pb.TenderKind)


def receipt(message: pb.ReceiptId) -> ReceiptId:
    """A receipt's identity; the engine checks its parts."""
    return ReceiptId(message.store, message.terminal, message.number, message.business_day)


def lines(messages: Sequence[pb.Line]) -> tuple[Line, ...]:
    """A basket's lines."""
    found: list[Line] = []
    for message in messages:
        kind, sku = _KINDS.get(message.kind), message.sku
        if kind is None:
            raise parts.unknown_value(f"lines[{len(found) + 1}].kind", message.kind, pb.LineKind)
        if len(sku) > parts.SURELY_SHORT:
            parts.text(sku, f"lines[{len(found) + 1}].sku")
        attributes = message.attributes
        found.append(
            Line(
                sku,
                message.quantity_milli,
                message.amount_minor,
                kind,
                message.unit_price_minor,
                message.tax_minor,
                message.floor_minor,
                _attributes(attributes, f"lines[{len(found) + 1}].attributes") if attributes else (),
            )
        )
    return tuple(found)


def spend(wish: pb.Spend) -> tuple[int, SpendMode, int]:
    """How many points, how firmly, of which wallet."""
    mode = _SPEND_MODES.get(wish.mode)
    if mode is None:
        raise parts.unknown_value("spend.mode", wish.mode, pb.SpendMode)
    return wish.points, mode, wish.wallet


NOTHING: Final = (0, SpendMode.NONE, 0)  # to spend


def coupons(codes: Sequence[str]) -> tuple[str, ...]:
    """Codes that the customer shows."""
    return parts.texts(codes, "coupons", lim.SPEND_MAX_COUPONS) if codes else ()


def tenders(messages: Sequence[pb.Tender]) -> tuple[Tender, ...]:
    """How it was paid."""
    if not messages:
        return ()
    if len(messages) > lim.RECEIPT_MAX_TENDERS:
        raise parts.too_many("tenders", len(messages), lim.RECEIPT_MAX_TENDERS)
    return tuple(
        [
            Tender(_TENDER_KINDS.read(message.kind, f"tenders[{at}].kind"), message.amount_minor)
            for at, message in enumerate(messages, 1)
        ]
    )


def _attributes(messages: Sequence[pb.Attribute], field: str) -> Attributes:
    """Sorted by name, each name once."""
    if len(messages) > lim.LINE_MAX_ATTRIBUTES:
        raise parts.too_many(field, len(messages), lim.LINE_MAX_ATTRIBUTES)
    values: dict[str, str | int] = {}
    for at, message in enumerate(messages, 1):
        name = parts.filled(message.name, f"{field}[{at}].name")
        if name in values:
            raise RefusalError(f"{field}[{at}].name", f'is "{name}" again', "each name once")
        values[name] = _value(message, f"{field}[{at}]")
    return tuple(sorted(values.items()))


def _value(message: pb.Attribute, field: str) -> str | int:
    which = message.WhichOneof("value")
    if which == "text":
        return parts.text(message.text, f"{field}.text")
    if which == "number":
        return message.number
    raise RefusalError(field, "has no value", "text or number")
