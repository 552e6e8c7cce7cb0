"""What the cores of two units say to each other, to and from frames.

Heads are maps by field name, so that a later version may add a field with a default. The tail of
Append and Fetched is the entries' own encoded bytes, as in the log.
"""

from functools import lru_cache
from inspect import signature
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from ftnode.core.fsm import State
from ftnode.core.messages import (
    Ack,
    Append,
    Doubt,
    Fetch,
    Fetched,
    Goodbye,
    Hello,
    Message,
    Open,
    Reads,
    ReadsRun,
    Roots,
)
from ftnode.core.record import Record
from ftnode.wire.frames import Frame, FrameError, Kind, frame

_KINDS: Final[dict[type, Kind]] = {
    Hello: Kind.HELLO,
    Open: Kind.OPEN,
    Append: Kind.APPEND,
    Ack: Kind.ACK,
    Goodbye: Kind.GOODBYE,
    Doubt: Kind.DOUBT,
    Reads: Kind.READS,
    ReadsRun: Kind.READS_RUN,
    Roots: Kind.ROOTS,
    Fetch: Kind.FETCH,
    Fetched: Kind.FETCHED,
}
_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODERS: Final[dict[int, msgspec.msgpack.Decoder[Any]]] = {
    kind: msgspec.msgpack.Decoder(message) for message, kind in _KINDS.items()
}
_SEQS: Final[dict[type, tuple[str, ...]]] = {
    message: tuple(name for name in signature(message).parameters if name.endswith("_seq") or name == "seq")
    for message in _KINDS
}
CARRIERS: Final = frozenset({Kind.APPEND, Kind.FETCHED, Kind.READS})  # kinds with a tail: entries, reads

STATES: Final = frozenset(state.value for state in State)


def encode(message: Message, entries: bytes = b"") -> bytes:
    """The frame of a message; `entries` are the encoded entries that it carries."""
    return frame(_KINDS[type(message)], _ENCODER.encode(message), entries)


def is_message(kind: int) -> bool:
    """Whether a frame of this kind is for the core."""
    return kind in _DECODERS


def decode(got: Frame) -> Message:
    """The message of a frame for which `is_message`.

    Raises:
        FrameError: the head is not that message, or a tail came with a kind that has none.
    """
    if got.tail and got.kind not in CARRIERS:
        raise FrameError(
            f"{Kind(got.kind).name} came with {len(got.tail)} bytes behind it, which it never has"
        )
    try:
        message: Message = _DECODERS[got.kind].decode(got.head)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise FrameError(f"{Kind(got.kind).name} does not parse: {error}") from error
    if isinstance(message, Hello) and message.state not in STATES:
        raise FrameError(
            f"HELLO of a unit in {message.state!r}, which is none of {', '.join(sorted(STATES))}"
        )
    if problem := _problem(message):
        raise FrameError(f"{Kind(got.kind).name}: {problem}")
    return message


def _problem(message: Message) -> str | None:
    """Why no unit of ours says this, or None: what the core may not be asked to reason about."""
    record = getattr(message, "record", None)
    if record is not None and (wrong := _problem_of(record)):
        return f"its record is none: {wrong}"
    for name in _SEQS[type(message)]:
        if getattr(message, name) < 0:
            return f"{name} is {getattr(message, name)}"
    return None


@lru_cache(maxsize=8)
def _problem_of(record: Record) -> str | None:
    """Every message carries a record, and nearly always the same one."""
    return record.problem()


def with_digest(ack: Ack, digest: bytes) -> Ack:
    """The acknowledgement with the state's digest at its seq."""
    return replace(ack, digest=digest)


def with_hash(opening: Open, common_hash: bytes) -> Open:
    """The opening with the hash of the last common entry."""
    return replace(opening, common_hash=common_hash)
