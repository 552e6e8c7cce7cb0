"""Frames: whole however the stream is cut, and nothing but frames of ours gets in."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftnode.wire.frames import HEADER, WIRE_VERSION, Frame, FrameError, FrameReader, frame

MAX_BYTES = 4096
FRAMES = st.lists(
    st.tuples(st.integers(0, 255), st.binary(max_size=200), st.binary(max_size=300)), min_size=1, max_size=8
)


@given(FRAMES, st.lists(st.integers(1, 97), min_size=1, max_size=40))
def test_frames_survive_every_way_of_cutting_the_stream(
    parts: list[tuple[int, bytes, bytes]], steps: list[int]
) -> None:
    """What went in comes out, in order, in whatever pieces TCP delivers it."""
    stream = b"".join(frame(*part) for part in parts)
    reader, got, at = FrameReader(MAX_BYTES), [], 0
    turn = 0
    while at < len(stream):
        step = steps[turn % len(steps)]
        got += reader.feed(stream[at : at + step])
        at, turn = at + step, turn + 1
    assert got == [Frame(*part) for part in parts]


def header(
    length: int = 12, head: int = 0, kind: int = 19, version: int = WIRE_VERSION, zero: int = 0
) -> bytes:
    return HEADER.pack(length, head, kind, version, zero, 0)


WRONG = [  # bytes, what the error says
    (b"GET / HTTP/1.1\r\n\r\n", "no unit of ours"),
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x00", "no unit of ours"),  # a TLS hello
    (header(version=1), "frame version 1.0 is not 2.0"),
    (header(zero=7), "2.7"),
    (header(length=MAX_BYTES - 3), "above lockstep.frame_max_bytes"),  # one byte too long
    (header(length=2**32 - 1), "above lockstep.frame_max_bytes"),
    (header(length=13, head=2), "does not fit"),
    (header(length=0), "does not fit"),  # shorter than its own header
]


@pytest.mark.parametrize(("data", "word"), WRONG)
def test_what_is_no_frame_is_refused_before_its_body_arrives(data: bytes, word: str) -> None:
    """A wrong length never makes a unit wait for, or keep, more than the limit."""
    with pytest.raises(FrameError, match=word):
        FrameReader(MAX_BYTES).feed(data)


def test_the_longest_frame_passes() -> None:
    """The limit counts the whole frame, its header included."""
    data = frame(19, b"", b"x" * (MAX_BYTES - HEADER.size))
    assert len(data) == MAX_BYTES
    assert FrameReader(MAX_BYTES).feed(data)[0].tail == b"x" * (MAX_BYTES - HEADER.size)


@given(st.binary(max_size=300))
def test_garbage_raises_nothing_else(data: bytes) -> None:
    """Random bytes are frames, too short, or a FrameError."""
    with contextlib.suppress(FrameError):
        FrameReader(MAX_BYTES).feed(data)


@given(st.data())
def test_a_frame_of_which_one_bit_changed_never_gets_in(data: st.DataObject) -> None:
    """Wherever it is: header, head, tail or the check itself. At worst its reader waits for more."""
    good = frame(20, b"head of a frame", b"and its tail")
    bit = data.draw(st.integers(0, 8 * len(good) - 1))
    bad = bytearray(good)
    bad[bit // 8] ^= 1 << bit % 8
    with contextlib.suppress(FrameError):
        assert FrameReader(MAX_BYTES).feed(bytes(bad) + good) == []
