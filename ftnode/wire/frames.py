"""Frames on the lockstep channel: length-prefixed, typed, versioned, bounded.

A frame is a 16-byte header, a head in msgpack and a tail of raw bytes that nobody re-encodes:

    length of what follows (4) | length of the head (4) | kind (1) | version (1) | zero (2) | check (4)
    head | tail

The check is the CRC-32 of everything else in the frame. TCP's own sum misses one bad packet in 65,536, and
nothing that changes between socket and wire; a changed digest would set two healthy units against each
other. A frame that does not add up ends the connection, and what it carried is said again.
"""

import struct
from enum import IntEnum
from typing import Final, NamedTuple
from zlib import crc32

WIRE_VERSION: Final = 2  # of frame layout and heads; raised when an older unit could not read them
HEADER: Final = struct.Struct("!IIBBHI")
_SUMMED: Final = struct.Struct("!IIBBH")  # of the header, without the check itself
CHECK_BYTES: Final = 4
_LENGTH_BYTES: Final = 4
_FIXED_BYTES: Final = HEADER.size - _LENGTH_BYTES  # of the header, counted in the length


class Kind(IntEnum):
    """What a frame carries. Numbers are never used again for something else."""

    HANDSHAKE = 1
    SENT_AWAY = 2
    HELLO = 16
    OPEN = 17
    APPEND = 18
    ACK = 19
    GOODBYE = 20
    FETCH = 21
    FETCHED = 22
    DOUBT = 23
    READS = 24
    READS_RUN = 25
    ROOTS = 26
    SERVING = 32
    RELAY = 33
    REPLIES = 34
    SWITCHOVER = 35


def _adds_up(data: bytes, at: int, end: int) -> bool:
    with memoryview(data) as view:
        check = crc32(view[at + HEADER.size : end], crc32(view[at : at + _SUMMED.size]))
    return check == int.from_bytes(data[at + _SUMMED.size : at + HEADER.size], "big")


class Frame(NamedTuple):
    """One frame as it came in."""

    kind: int
    head: bytes
    tail: bytes


class FrameError(ValueError):
    """The bytes are no frame of ours; the connection they came by is of no use any more."""


def frame(kind: int, head: bytes, tail: bytes = b"") -> bytes:
    """The bytes of one frame."""
    length = _FIXED_BYTES + len(head) + len(tail)
    start = _SUMMED.pack(length, len(head), kind, WIRE_VERSION, 0)
    check = crc32(tail, crc32(head, crc32(start)))
    return b"".join((start, check.to_bytes(CHECK_BYTES, "big"), head, tail))


class FrameReader:
    """Cuts a stream of bytes into frames. After a FrameError it must be thrown away."""

    def __init__(self, frame_max_bytes: int) -> None:
        """`frame_max_bytes` bounds a whole frame, so that a wrong length cannot fill the memory."""
        self._max_bytes = frame_max_bytes
        self._rest = bytearray()

    def feed(self, data: bytes, most: int = 0) -> list[Frame]:
        """The frames that are complete now, in order, at most so many; 0: all.

        Raises:
            FrameError: what is wrong with the bytes and what was expected.
        """
        if self._rest:
            self._rest += data
            data = bytes(self._rest) if self._complete() else b""
            if not data:
                return []
        frames, used = self._cut(data, most)
        self._rest = bytearray(data[used:])
        return frames

    def rest(self) -> bytes:
        """What came in behind the last frame taken."""
        return bytes(self._rest)

    def _complete(self) -> bool:
        """Whether the bytes kept back hold a whole frame; saves copying them for each piece of a long one."""
        if len(self._rest) < _SUMMED.size:
            return False
        length = self._checked(self._rest, 0)[0]
        return len(self._rest) >= _LENGTH_BYTES + length

    def _cut(self, data: bytes, most: int) -> tuple[list[Frame], int]:
        frames: list[Frame] = []
        at = 0
        while len(data) - at >= _SUMMED.size and not 0 < most == len(frames):
            length, head_bytes, kind = self._checked(data, at)
            end = at + _LENGTH_BYTES + length
            if end > len(data):
                break
            if not _adds_up(data, at, end):
                raise FrameError(f"a frame of kind {kind} and {length} bytes changed on its way")
            head_at = at + HEADER.size
            tail_at = head_at + head_bytes
            frames.append(Frame(kind, data[head_at:tail_at], data[tail_at:end]))
            at = end
        return frames, at

    def _checked(self, data: bytes | bytearray, at: int) -> tuple[int, int, int]:
        """(length, length of the head, kind) of the header at `at`."""
        length, head_bytes, kind, version, zero = _SUMMED.unpack_from(data, at)
        if version != WIRE_VERSION or zero != 0:
            raise FrameError(
                f"frame version {version}.{zero} is not {WIRE_VERSION}.0, or this is no unit of ours"
            )
        if length + _LENGTH_BYTES > self._max_bytes:
            raise FrameError(
                f"a frame of {length} bytes is above lockstep.frame_max_bytes = {self._max_bytes}"
            )
        if head_bytes > length - _FIXED_BYTES:
            raise FrameError(f"a head of {head_bytes} bytes does not fit in a frame of {length}")
        return length, head_bytes, kind
