"""What a unit sends on to the active for its own callers, in batches, and what comes back.

An item is the command as it was parsed where the call came in: the active does not parse again,
and an item sent twice is executed once, by its request id.
"""

from enum import IntEnum
from typing import Final, TypeVar

import msgspec

from ftnode.wire.frames import Frame, FrameError, Kind, frame


class Sort(IntEnum):
    """What an item asks for."""

    COMMAND = 0
    QUERY = 1
    LOOKUP = 2  # the outcome of a request id


class Reply(IntEnum):
    """What became of an item."""

    ANSWERED = 0
    NOT_ACTIVE = 1  # nothing was done with it here; it may still be in an older log
    REFUSED = 2  # no room: surely not taken


class Item(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One call sent on."""

    number: int  # the sender's, unique on the connection
    sort: Sort
    lane: int
    kind: int
    tenant: int
    slot: int
    request_id: bytes
    actor: bytes
    seen_ms: int
    client_ms: int
    body: bytes


class Answered(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One call answered; the numbers after `reply` are 0 unless it is ANSWERED."""

    number: int
    reply: Reply
    seq: int = 0
    epoch: int = 0
    time_ms: int = 0
    verdict: int = 0
    outcome: bytes = b""


class Serving(msgspec.Struct, frozen=True):
    """Whether the sender answers clients now: told on every connection and at every change."""

    serving: bool


_T = TypeVar("_T")
_ENCODER: Final = msgspec.msgpack.Encoder()
_ITEMS: Final = msgspec.msgpack.Decoder(list[Item])
_ANSWERS: Final = msgspec.msgpack.Decoder(list[Answered])
_SERVING: Final = msgspec.msgpack.Decoder(Serving)


def encode_items(items: list[Item]) -> bytes:
    """The frame of a batch of items."""
    return frame(Kind.RELAY, _ENCODER.encode(items))


def encode_answers(answers: list[Answered]) -> bytes:
    """The frame of a batch of answers."""
    return frame(Kind.REPLIES, _ENCODER.encode(answers))


def encode_serving(serving: bool) -> bytes:
    """The frame that says whether the sender answers clients now."""
    return frame(Kind.SERVING, _ENCODER.encode(Serving(serving)))


def decode_items(got: Frame) -> list[Item]:
    """The items of a RELAY frame; FrameError if it holds none."""
    return _decoded(got, _ITEMS)


def decode_answers(got: Frame) -> list[Answered]:
    """The answers of a REPLIES frame; FrameError if it holds none."""
    return _decoded(got, _ANSWERS)


def decode_serving(got: Frame) -> bool:
    """What a SERVING frame says; FrameError if it says nothing."""
    return _decoded(got, _SERVING).serving


def _decoded(got: Frame, decoder: "msgspec.msgpack.Decoder[_T]") -> _T:
    try:
        return decoder.decode(got.head)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise FrameError(f"{Kind(got.kind).name} does not parse: {error}") from error
