"""What the tests of the wire share: the method table by name, requests, and a way to see both sides agree."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from itertools import count
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from google.protobuf.message import Message
from msgspec import Struct, msgpack
from msgspec.structs import fields

from loyalty import commands as cmd
from loyalty import outcomes as out
from loyalty.front import METHODS
from loyalty.v1 import till_pb2 as pb
from loyalty.wire import conditions, programmes, promotions

ROWS: Final[dict[str, Any]] = {method.path.rpartition("/")[2]: method for method in METHODS}
ID: Final = b"0123456789abcdef"
NOON: Final = 1_795_348_800_000  # 2026-11-22 12:00 UTC
TODAY: Final = 20261122
PHONE: Final = "+886912345678"
PLACE: Final[dict[str, Any]] = {"log_time_ms": NOON, "seq": 41, "epoch": 7}
HEADER: Final[dict[str, Any]] = {"request_id": ID, "seen_ms": NOON - 5, "client_ms": NOON - 7}
SHOES: Final = cmd.Line("shoes", 1000, 10_000, cmd.LineKind.GOODS)
SHOES_SENT: Final = {"sku": "shoes", "quantity_milli": 1000, "amount_minor": 10_000, "kind": 1}


@dataclass(frozen=True)
class Answer:
    """An answer as the runtime gives it."""

    seq: int
    epoch: int
    time_ms: int
    verdict: int
    outcome: bytes


def decode(name: str, message: Message) -> Any:
    """What a method makes of a request."""
    (want,) = ROWS[name].decode(message.SerializeToString())
    return want


def encode(name: str, response: type[Message], outcome: out.Outcome | None, verdict: int = 0) -> Any:
    """The response that a method makes of an outcome."""
    body = b"" if outcome is None else msgpack.encode(outcome)
    return response.FromString(ROWS[name].encode([Answer(41, 7, NOON, verdict, body)]))


def receipt(number: int = 1, store: int = 17) -> cmd.ReceiptId:
    return cmd.ReceiptId(store, 3, number, TODAY)


def receipt_sent(number: int = 1, store: int = 17) -> dict[str, Any]:
    return {"store": store, "terminal": 3, "number": number, "business_day": TODAY}


def purchase_sent(**changes: Any) -> dict[str, Any]:
    """What a purchase says in ConfirmRequest and in Purchase."""
    values: dict[str, Any] = {"receipt": receipt_sent(), "member": {"phone": PHONE}, "lines": [SHOES_SENT]}
    return values | changes


def confirm_request(**changes: Any) -> pb.ConfirmRequest:
    return pb.ConfirmRequest(**(HEADER | purchase_sent() | changes))


def bought(**changes: Any) -> cmd.Confirm:
    """The value of `purchase_sent`."""
    values: dict[str, Any] = {
        "receipt": receipt(),
        "member": "p" + PHONE,
        "sold_ms": 0,
        "lines": (SHOES,),
        "spend_points": 0,
        "spend_mode": cmd.SpendMode.NONE,
        "quote_digest": b"",
        "accept_changed": False,
        "offline": False,
    }
    return cmd.Confirm(**(values | changes))


def sample(kind: Any, numbers: Iterator[int] | None = None) -> Any:
    """A value of a type with every part filled: no two numbers or texts in it are the same."""
    numbers = numbers or count(1)
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return sample(parts[0], numbers)
    if origin in (UnionType, Union):
        return sample(next(part for part in parts if part is not NoneType), numbers)
    if origin is tuple:
        inner = parts[:1] * 2 if parts[-1] is ... else parts
        return tuple(sample(part, numbers) for part in inner)
    if issubclass(kind, Struct):
        return kind(**{field.name: sample(field.type, numbers) for field in fields(kind)})
    if issubclass(kind, IntEnum):
        return list(kind)[-1]
    number = next(numbers)
    return {bool: True, int: number, str: f"text {number}", bytes: b"bytes %d" % number}[kind]


def disagreements(message: Any, value: Any, path: str = "") -> list[str]:
    """Where a message does not say what a value says, by the names of the value's fields."""
    if isinstance(value, cmd.Rules):
        return [] if programmes.read(message) == value else [path]
    if isinstance(value, cmd.Promotion):
        return [] if promotions.read(message, path) == value else [path]
    if isinstance(value, cmd.conditions.Condition):
        return [] if conditions.read(message, path) == value else [path]
    if isinstance(value, Struct):
        found = []
        for name in value.__struct_fields__:
            part, inner = _other_side(message, value, name)
            found += disagreements(part, inner, f"{path}.{name}")
        return found
    if isinstance(value, tuple):
        if len(message) != len(value):
            return [f"{path}: {len(message)} of {len(value)}"]
        pairs = enumerate(zip(message, value, strict=True))
        return [why for at, pair in pairs for why in disagreements(*pair, f"{path}[{at}]")]
    return [] if message == value else [f"{path}: {message!r}, not {value!r}"]


def _other_side(message: Any, value: Struct, name: str) -> tuple[Any, Any]:
    """The part of a message that says a field, and what it should say."""
    part = getattr(value, name)
    match value, name:
        case out.Search(), "exact":
            return message.cut_short, not part
        case out.ReturnLinesDone(), "returned":
            return message, part  # in one with the rest
        case out.GetReceiptDone(), "booked":
            return getattr(message, message.WhichOneof("booked")), part
        case out.GetStoreDone(), ("store" | "name" | "partner" | "country" | "city" | "channel" | "currency"):
            return getattr(message.store, name), part
        case out.GetStoreDone(), "zone":
            return [(offset.from_ms, offset.offset_s) for offset in message.store.zone], list(part)
        case out.GetPartnerDone(), ("partner" | "name" | "funds_minor" | "funds_points"):
            return getattr(message.partner, name), part
        case out.GetStatementDone(), "next_before_seq":
            return message.next_page_token, value.as_of_seq.to_bytes(8) + part.to_bytes(8)
        case cmd.Line(), "attributes":
            return [(one.name, one.text or one.number) for one in message.attributes], list(part)
    return getattr(message, name), part
