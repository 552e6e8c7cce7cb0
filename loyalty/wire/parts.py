"""Parts of requests that several have in common: from protobuf to values, refusing what cannot be one."""

from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Any, Final, Generic, Protocol, TypeVar

from google.protobuf.message import DecodeError, Message

from loyalty.commands import PROGRAMME_DEFAULT, Profile, Who
from loyalty.commands import limits as lim
from loyalty.commands.places import card_token, external_token, phone_token
from loyalty.v1 import common_pb2 as pb
from loyalty.wire.calls import RefusalError

M = TypeVar("M", bound=Message)
E = TypeVar("E", bound=IntEnum)

SURELY_SHORT: Final = lim.TEXT_MAX_BYTES // 4  # characters; no character takes more than four bytes


class _WithHeader(Protocol):
    """What every command message has."""

    request_id: bytes
    seen_ms: int
    client_ms: int


class _ProtoEnum(Protocol):
    def items(self) -> Iterable[tuple[str, int]]:
        """Names and numbers."""


class Choice(Generic[E]):
    """An enum on both sides, with the same numbers. `unspecified`: what 0 means; None: it is refused."""

    def __init__(self, ours: type[E], theirs: _ProtoEnum, unspecified: E | None = None) -> None:
        """Made once for each field."""
        self.by_number: Final = {int(value): value for value in ours}
        if unspecified is not None:
            self.by_number[0] = unspecified
        self.theirs: Final = theirs

    def read(self, number: int, field: str) -> E:
        """The value, or a refusal that names all there are."""
        found = self.by_number.get(number)
        if found is None:
            raise unknown_value(field, number, self.theirs)
        return found


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


def texts(values: Sequence[str], field: str, most: int) -> tuple[str, ...]:
    """So many short texts at most."""
    if len(values) > most:
        raise too_many(field, len(values), most)
    return tuple([text(value, f"{field}[{at}]") for at, value in enumerate(values, 1)])


def filled(value: str, field: str) -> str:
    """A short text that must be there."""
    if not value:
        raise RefusalError(field, "is missing", f"1 to {lim.TEXT_MAX_BYTES} bytes")
    return text(value, field)


def page_size(size: int) -> int:
    """Items of a page; 0 means as many as usual."""
    if not 0 <= size <= lim.PAGE_MAX_ITEMS:
        raise RefusalError("page_size", f"is {size}", f"1 to {lim.PAGE_MAX_ITEMS}, or 0")
    return size or lim.PAGE_DEFAULT_ITEMS


def who(member: pb.MemberRef, field: str = "member") -> Who:
    """The member as named by the till."""
    which = member.WhichOneof("who")
    if which == "member_id":
        return member.member_id
    if which == "phone":
        return phone_token(text(member.phone, f"{field}.phone"))
    if which == "card":
        return card_token(text(member.card, f"{field}.card"))
    if which == "external":
        return external_token(text(member.external, f"{field}.external"))
    raise RefusalError(field, "is missing", "member_id, phone, card or external")


def profile(message: pb.Profile) -> Profile:
    """What is known of a person."""
    return Profile(
        message.birthday,
        text(message.language, "profile.language"),
        text(message.city, "profile.city"),
        texts(message.consents, "profile.consents", lim.MEMBER_MAX_CONSENTS),
        texts(message.segments, "profile.segments", lim.MEMBER_MAX_SEGMENTS),
    )


def number_of(value: IntEnum) -> Any:
    """An enum's value for a message: numbers are the same on both sides."""
    return int(value)


def too_many(field: str, count: int, most: int) -> RefusalError:
    """The refusal of a list that is too long."""
    return RefusalError(field, f"are {count}", f"at most {most}")


def unknown_value(field: str, number: int, enum: _ProtoEnum) -> RefusalError:
    """The refusal of an enum's value that this version does not know."""
    names = [name for name, value in enum.items() if value]
    return RefusalError(field, f"is {number}", "one of " + ", ".join(names))
