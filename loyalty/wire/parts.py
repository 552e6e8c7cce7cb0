"""Parts of requests that several have in common: from protobuf to values, refusing what cannot be one."""

from collections.abc import Iterable
from typing import Final, Protocol, TypeVar

from google.protobuf.message import DecodeError, Message

from loyalty.commands import PROGRAMME_DEFAULT, Line, LineKind, ReceiptId, SpendMode, Who
from loyalty.commands import limits as lim
from loyalty.commands.places import card_token, phone_token
from loyalty.v1 import common_pb2 as pb
from loyalty.wire.calls import RefusalError

M = TypeVar("M", bound=Message)

_KINDS: Final = {int(kind): kind for kind in LineKind}
_SPEND_MODES: Final = {int(mode): mode for mode in SpendMode if mode is not SpendMode.NONE}

_SURELY_SHORT: Final = lim.TEXT_MAX_BYTES // 4  # characters; no character takes more than four bytes


class _WithHeader(Protocol):
    """What every command message has."""

    request_id: bytes
    seen_ms: int
    client_ms: int


class _Enum(Protocol):
    def items(self) -> Iterable[tuple[str, int]]:
        """Names and numbers."""


def parse(message: type[M], body: bytes, max_bytes: int) -> M:
    """Bytes of a call to its message."""
    if len(body) > max_bytes:
        raise RefusalError("", f"is {len(body)} bytes", f"at most {max_bytes}")
    try:
        return message.FromString(body)
    except DecodeError:
        name = message.DESCRIPTOR.full_name
        raise RefusalError("", f"does not parse as {name}", f"a {name} in protobuf") from None


def request_id(value: bytes) -> bytes:
    """A request id of legal size."""
    if not lim.REQUEST_ID_MIN_BYTES <= len(value) <= lim.REQUEST_ID_MAX_BYTES:
        wanted = f"{lim.REQUEST_ID_MIN_BYTES} to {lim.REQUEST_ID_MAX_BYTES} bytes"
        raise RefusalError("request_id", f"is {len(value)} bytes", wanted)
    return value


def header(command: _WithHeader) -> tuple[bytes, int, int]:
    """Request id, seen_ms and client_ms."""
    if command.seen_ms < 0:
        raise RefusalError("seen_ms", f"is {command.seen_ms}", "the newest log_time_ms seen, or 0")
    return request_id(command.request_id), command.seen_ms, command.client_ms


def programme(number: int) -> int:
    """The programme meant; 0 is the first."""
    if number > lim.PROGRAMME_MAX:
        raise RefusalError("programme", f"is {number}", f"at most {lim.PROGRAMME_MAX}")
    return number or PROGRAMME_DEFAULT


def text(value: str, field: str) -> str:
    """A short text."""
    if len(value) > lim.TEXT_MAX_BYTES or len(value.encode()) > lim.TEXT_MAX_BYTES:
        raise RefusalError(field, f"is {len(value.encode())} bytes", f"at most {lim.TEXT_MAX_BYTES}")
    return value


def who(member: pb.MemberRef) -> Who:
    """The member as named by the till."""
    which = member.WhichOneof("who")
    if which == "member_id":
        return member.member_id
    if which == "phone":
        return phone_token(text(member.phone, "member.phone"))
    if which == "card":
        return card_token(text(member.card, "member.card"))
    raise RefusalError("member", "is missing", "member_id, phone or card")


def receipt(message: pb.ReceiptId) -> ReceiptId:
    """A receipt's identity; the engine checks its parts."""
    return ReceiptId(message.store, message.terminal, message.number, message.business_day)


def lines(messages: Iterable[pb.Line]) -> tuple[Line, ...]:
    """A basket's lines."""
    found: list[Line] = []
    for message in messages:
        kind, sku = _KINDS.get(message.kind), message.sku
        if kind is None:
            raise unknown_value(f"lines[{len(found) + 1}].kind", message.kind, pb.LineKind)
        if len(sku) > _SURELY_SHORT:
            text(sku, f"lines[{len(found) + 1}].sku")
        found.append(Line(sku, message.quantity_milli, message.amount_minor, kind))
    return tuple(found)


def spend(wish: pb.Spend) -> tuple[int, SpendMode]:
    """How many points, how firmly."""
    mode = _SPEND_MODES.get(wish.mode)
    if mode is None:
        raise unknown_value("spend.mode", wish.mode, pb.SpendMode)
    return wish.points, mode


def unknown_value(field: str, number: int, enum: _Enum) -> RefusalError:
    """The refusal of an enum's value that this version does not know."""
    names = [name for name, value in enum.items() if value]
    return RefusalError(field, f"is {number}", "one of " + ", ".join(names))
