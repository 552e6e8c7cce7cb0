"""How frames are laid out in other versions of the channel, and which one two units speak.

A program makes and reads frames as `frames.py` does, in WIRE_VERSION. With a partner that does not read that
one, the channel turns every frame into the newest version that both have, and back. Handshakes, and nothing
else, are laid out as in version HANDSHAKES for ever: they are said before anything is known.

A new layout changes `frames.py` and leaves what was there as a `Form`, for one version at least: two units of
neighbouring programs have to understand each other while one after the other is replaced.
"""

from collections.abc import Iterable
from typing import Final, Protocol

from ftnode.wire.frames import WIRE_VERSION, Frame, FrameReader


class Reader(Protocol):
    """Cuts a stream of bytes into frames."""

    def feed(self, data: bytes, most: int = 0) -> list[Frame]:
        """The frames that are complete now, in order, at most so many; 0: all. Raises FrameError."""

    def rest(self) -> bytes:
        """What came in behind the last frame taken."""


class Form(Protocol):
    """One version of the layout."""

    @property
    def version(self) -> int:
        """As units tell each other."""

    def outgoing(self, data: bytes) -> bytes:
        """Frames as `frames.frame` made them, one or more, in this version."""

    def reader(self, frame_max_bytes: int) -> Reader:
        """For what comes in."""


HANDSHAKES: Final = 2
FORMS: Final[dict[int, Form]] = {}  # by version, beside WIRE_VERSION


def spoken() -> tuple[int, ...]:
    """The versions that this program has, ascending."""
    return tuple(sorted({WIRE_VERSION, *FORMS}))


def agreed(theirs: Iterable[int]) -> int:
    """The newest version that both have; 0: there is none."""
    return max({*spoken()} & {*theirs}, default=0)


def form_of(version: int) -> Form | None:
    """How to speak it; None: frames are made so."""
    return None if version == WIRE_VERSION else FORMS[version]


def reader_of(version: int, frame_max_bytes: int) -> Reader:
    """For what comes in."""
    form = form_of(version)
    return FrameReader(frame_max_bytes) if form is None else form.reader(frame_max_bytes)
