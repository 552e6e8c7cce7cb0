"""What stands behind the identity of a receipt, as messages."""

from collections.abc import Sequence
from typing import Any

from loyalty import outcomes as out
from loyalty.commands import Line, Tender
from loyalty.v1 import till_pb2 as pb
from loyalty.wire.done.bills import bill, receipt
from loyalty.wire.done.till import returned
from loyalty.wire.parts import number_of


def get_receipt(message: pb.GetReceiptDone, done: out.GetReceiptDone, _: int) -> None:
    """A purchase, a return, a hold or a use of services."""
    match done.booked:
        case out.Purchase() as purchase:
            _purchase(message.purchase, purchase)
        case out.Return() as back:
            _return(message.returned, back)
        case out.HeldOrder() as order:
            _hold(message.hold, order)
        case out.ServiceUse() as use:
            _use(message.use, use)


def _purchase(message: pb.BookedPurchase, value: out.Purchase) -> None:
    _entry(message, value)
    receipt(message.receipt, value.receipt)
    message.sold_ms, message.offline, message.voided = value.sold_ms, value.offline, value.voided
    lines(message.lines, value.lines)
    bill(message.bill, value.bill)
    message.returned_milli.extend(value.returned_milli)
    _tenders(message.tenders, value.tenders)


def _return(message: pb.BookedReturn, value: out.Return) -> None:
    _entry(message, value)
    receipt(message.return_receipt, value.return_receipt)
    receipt(message.receipt, value.receipt)
    message.returned.SetInParent()
    returned(message.returned, value.returned)


def _hold(message: pb.BookedHold, value: out.HeldOrder) -> None:
    _entry(message, value)
    receipt(message.receipt, value.receipt)
    lines(message.lines, value.lines)
    bill(message.bill, value.bill)
    message.until_ms, message.state = value.until_ms, number_of(value.state)


def _use(message: pb.BookedUse, value: out.ServiceUse) -> None:
    _entry(message, value)
    receipt(message.use, value.use)
    message.service, message.times = value.service, value.times


def _entry(message: Any, value: out.AnyBooked) -> None:
    """Whose it is, and the entry that did it."""
    message.member_id, message.seq = value.member_id, value.seq
    message.time_ms, message.actor = value.time_ms, value.actor


def lines(messages: Any, values: Sequence[Line]) -> None:
    """A basket's lines."""
    for line in values:
        into = messages.add(
            sku=line.sku,
            quantity_milli=line.quantity_milli,
            amount_minor=line.amount_minor,
            kind=number_of(line.kind),
            unit_price_minor=line.unit_price_minor,
            tax_minor=line.tax_minor,
            floor_minor=line.floor_minor,
        )
        for name, value in line.attributes:
            if isinstance(value, str):
                into.attributes.add(name=name, text=value)
            else:
                into.attributes.add(name=name, number=value)


def _tenders(messages: Any, tenders: Sequence[Tender]) -> None:
    for tender in tenders:
        kind = number_of(tender.kind)
        messages.add(kind=kind, amount_minor=tender.amount_minor)
