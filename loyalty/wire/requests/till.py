"""Commands of tills. Each belongs to the slot of the receipt or of the member that it is about."""

from collections.abc import Callable
from typing import Any, Final

from msgspec import msgpack

from loyalty import commands as cmd
from loyalty.commands import Kind
from loyalty.commands import limits as lim
from loyalty.commands.places import natural_token, receipt_key, receipt_slot, token_slot, who_slot
from loyalty.v1 import till_pb2 as pb
from loyalty.wire import baskets, parts
from loyalty.wire.calls import KIND_ABANDON, Command, Lookup, RefusalError

_encode: Final = msgpack.Encoder().encode


def enrol(message: pb.EnrolRequest) -> Command:
    """An enrolment; it belongs to the slot of the person's natural token."""
    request_id, seen_ms, client_ms = parts.header(message)
    tenant = parts.programme(message.programme)
    phone = parts.text(message.phone, "phone")
    cards = tuple([parts.text(card, f"cards[{at}]") for at, card in enumerate(message.cards, 1)])
    externals = parts.texts(message.externals, "externals", lim.MEMBER_MAX_EXTERNALS)
    profile = parts.profile(message.profile) if message.HasField("profile") else cmd.Profile()
    slot = token_slot(tenant, natural_token(phone, cards, externals))
    body = _encode(cmd.Enrol(phone, cards, message.store, externals, profile, message.phone_passed_on))
    return Command(Kind.ENROL, tenant, slot, request_id, seen_ms, client_ms, body)


def confirm(message: pb.ConfirmRequest) -> Command:
    """A purchase; it belongs to the member's slot, or to that of the phone or card he is named by."""
    request_id, seen_ms, client_ms = parts.header(message)
    tenant = parts.programme(message.programme)
    purchase = _purchase(message)
    slot = who_slot(tenant, purchase.member)
    return Command(Kind.CONFIRM, tenant, slot, request_id, seen_ms, client_ms, _encode(purchase))


def return_lines(message: pb.ReturnLinesRequest) -> Command:
    """A return; it belongs to the slot of the purchase's identity."""
    receipt = baskets.receipt(message.receipt)
    lines = tuple([cmd.ReturnLine(line.line, line.quantity_milli) for line in message.lines])
    command = cmd.ReturnLines(baskets.receipt(message.return_receipt), receipt, lines)
    return _of_receipt(Kind.RETURN_LINES, message, receipt, command)


def void_receipt(message: pb.VoidReceiptRequest) -> Command:
    """A receipt is undone."""
    receipt = baskets.receipt(message.receipt)
    command = cmd.VoidReceipt(receipt, parts.text(message.reason, "reason"))
    return _of_receipt(Kind.VOID_RECEIPT, message, receipt, command)


def correct_receipt(message: pb.CorrectReceiptRequest) -> Command:
    """A receipt is undone, and the right one booked."""
    right = _inner(message.right, "right")
    command = cmd.CorrectReceipt(right, parts.text(message.reason, "reason"))
    return _of_receipt(Kind.CORRECT_RECEIPT, message, right.receipt, command)


def hold(message: pb.HoldRequest) -> Command:
    """An order; it belongs where its purchase would."""
    request_id, seen_ms, client_ms = parts.header(message)
    tenant = parts.programme(message.programme)
    order = _inner(message.order, "order")
    slot = who_slot(tenant, order.member)
    body = _encode(cmd.Hold(order, message.until_ms))
    return Command(Kind.HOLD, tenant, slot, request_id, seen_ms, client_ms, body)


def capture(message: pb.CaptureRequest) -> Command:
    """An order is bought."""
    receipt = baskets.receipt(message.receipt)
    command = cmd.Capture(receipt, message.sold_ms, baskets.tenders(message.tenders))
    return _of_receipt(Kind.CAPTURE, message, receipt, command)


def cancel_hold(message: pb.CancelHoldRequest) -> Command:
    """An order is given up."""
    receipt = baskets.receipt(message.receipt)
    return _of_receipt(Kind.CANCEL_HOLD, message, receipt, cmd.CancelHold(receipt))


def use_service(message: pb.UseServiceRequest) -> Command:
    """Services are used; it belongs to the member's slot."""
    request_id, seen_ms, client_ms = parts.header(message)
    tenant = parts.programme(message.programme)
    member = parts.who(message.member)
    service = parts.filled(message.service, "service")
    body = _encode(cmd.UseService(baskets.receipt(message.use), member, service, message.times))
    slot = who_slot(tenant, member)
    return Command(Kind.USE_SERVICE, tenant, slot, request_id, seen_ms, client_ms, body)


def abandon(message: pb.AbandonRequest) -> Command:
    """The runtime's own command; the id is the one to give up."""
    request_id, seen_ms, client_ms = parts.header(message)
    return Command(KIND_ABANDON, 0, 0, request_id, seen_ms, client_ms, b"")


def get_outcome(message: pb.GetOutcomeRequest) -> Lookup:
    """A look-up of a request id."""
    return Lookup(parts.request_id(message.request_id))


def one_of(message: pb.Command) -> Command:
    """A command of a batch or stream."""
    if message.ByteSize() > lim.COMMAND_MAX_BYTES:
        raise RefusalError("", f"is {message.ByteSize()} bytes", f"at most {lim.COMMAND_MAX_BYTES}")
    which = message.WhichOneof("command")
    if which is None:
        raise RefusalError("command", "is missing", "one of " + ", ".join(_ONE_OF))
    return _ONE_OF[which](getattr(message, which))


def _purchase(message: pb.ConfirmRequest | pb.Purchase) -> cmd.Confirm:
    """What both messages say under the same names."""
    member = parts.who(message.member)
    points, mode, wallet = baskets.spend(message.spend) if message.HasField("spend") else baskets.NOTHING
    digest = message.quote_digest
    if digest and len(digest) != lim.QUOTE_DIGEST_BYTES:
        wanted = f"the {lim.QUOTE_DIGEST_BYTES} bytes of a quote, or nothing"
        raise RefusalError("quote_digest", f"is {len(digest)} bytes", wanted)
    return cmd.Confirm(
        baskets.receipt(message.receipt),
        member,
        message.sold_ms,
        baskets.lines(message.lines),
        points,
        mode,
        digest,
        message.accept_changed,
        message.offline,
        wallet,
        baskets.coupons(message.coupons),
        baskets.tenders(message.tenders),
    )


def _inner(message: pb.Purchase, field: str) -> cmd.Confirm:
    try:
        return _purchase(message)
    except RefusalError as why:
        raise why.inside(field) from None


def _of_receipt(kind: Kind, message: Any, receipt: cmd.ReceiptId, command: cmd.Command) -> Command:
    """A command that belongs to the slot of a receipt's identity."""
    request_id, seen_ms, client_ms = parts.header(message)
    tenant = parts.programme(message.programme)
    slot = receipt_slot(tenant, receipt_key(receipt)) if receipt.business_day >= 0 else 0
    return Command(kind, tenant, slot, request_id, seen_ms, client_ms, _encode(command))


_ONE_OF: Final[dict[str, Callable[[Any], Command]]] = {
    "enrol": enrol,
    "confirm": confirm,
    "return_lines": return_lines,
    "void_receipt": void_receipt,
    "correct_receipt": correct_receipt,
    "hold": hold,
    "capture": capture,
    "cancel_hold": cancel_hold,
    "use_service": use_service,
}
