"""The first frame each way: who is calling. A stranger is told apart before anything else is read."""

from typing import Final

import msgspec

from ftnode.core.record import NAME_MAX_CHARS, UNITS
from ftnode.wire import forms
from ftnode.wire.frames import Frame, FrameError, Kind, frame

MAGIC: Final = b"ftnode lockstep"
HANDSHAKE_MAX_BYTES: Final = 4096  # a longer first frame is nobody of ours


class Handshake(msgspec.Struct, frozen=True, kw_only=True):
    """Who speaks: a unit of a cabinet, in one life of its process."""

    magic: bytes = MAGIC
    wire_version: int = msgspec.field(default_factory=lambda: forms.spoken()[0])  # the oldest that it speaks
    wire_versions: tuple[int, ...] = ()  # all that it speaks; empty: only that one
    cabinet: str
    unit: int
    life: int  # random per process: tells a unit that it talks to itself, and a restart from a reconnect
    till_address: str = ""  # where tills reach this unit, for its partner's status page
    equal: dict[str, int] = {}  # settings that must be the same on both units, by name


class SentAway(msgspec.Struct, frozen=True, kw_only=True):
    """Why a caller that was in order may not stay, and what it should do; the last frame it gets."""

    why: str


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(Handshake)
_AWAY_DECODER: Final = msgspec.msgpack.Decoder(SentAway)


def encode(handshake: Handshake) -> bytes:
    """The frame of a handshake."""
    return frame(Kind.HANDSHAKE, _ENCODER.encode(handshake))


def decode(got: Frame) -> Handshake:
    """The handshake of a connection's first frame.

    Raises:
        FrameError: it is none.
    """
    if got.kind != Kind.HANDSHAKE or got.tail:
        raise FrameError(f"the first frame is of kind {got.kind}, not a handshake")
    try:
        handshake = _DECODER.decode(got.head)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise FrameError(f"the handshake does not parse: {error}") from error
    if handshake.magic != MAGIC:
        raise FrameError("the handshake has not our magic: this is another protocol")
    if handshake.unit not in UNITS or not 0 < len(handshake.cabinet) <= NAME_MAX_CHARS:
        raise FrameError(f"the handshake names unit {handshake.unit}, which no cabinet has")
    return handshake


def encode_away(why: str) -> bytes:
    """The frame that sends a caller away."""
    return frame(Kind.SENT_AWAY, _ENCODER.encode(SentAway(why=why)))


def decode_away(got: Frame) -> str:
    """Why we are sent away.

    Raises:
        FrameError: it does not say so in our way.
    """
    try:
        return _AWAY_DECODER.decode(got.head).why
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise FrameError(f"being sent away does not parse: {error}") from error


def problem(ours: Handshake, theirs: Handshake) -> str | None:
    """Why these two may not talk, in words for the log and the other side, or None."""
    if theirs.life == ours.life:
        return "the lockstep channel leads back to this very unit; lockstep.peer_address must name the other"
    if theirs.cabinet != ours.cabinet:
        return f"the caller is of cabinet {theirs.cabinet!r}, this is {ours.cabinet!r}"
    if theirs.unit == ours.unit:
        return (
            f"the caller says that it is unit {theirs.unit}, and so are we: one of them has a wrong unit.id"
        )
    if not forms.agreed(speaks(theirs)):
        return (
            f"the caller speaks version {_words(speaks(theirs))} of the channel, this unit "
            f"{_words(forms.spoken())}: start the older unit with a program that reads the other one's, "
            "or the newer one with the program before it"
        )
    return _unequal(ours, theirs)


def speaks(handshake: Handshake) -> tuple[int, ...]:
    """The versions of the channel that a unit speaks, by its own word."""
    return handshake.wire_versions or (handshake.wire_version,)


def _words(versions: tuple[int, ...]) -> str:
    return " or ".join(map(str, versions))


def _unequal(ours: Handshake, theirs: Handshake) -> str | None:
    """A setting that only one of them knows is no reason: units of two versions meet during an upgrade."""
    found = [
        f"{name} is {ours.equal[name]} on unit {ours.unit} and {theirs.equal[name]} on unit {theirs.unit}"
        for name in sorted(ours.equal.keys() & theirs.equal.keys())
        if ours.equal[name] != theirs.equal[name]
    ]
    if not found:
        return None
    return (
        f"{', '.join(found)}: both units' must be equal; give the unit that joins the value of the one that "
        "runs, and start it again"
    )
