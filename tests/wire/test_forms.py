"""Versions of the channel: the newest that both have is spoken, handshakes in one that never changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.live.upgrade.next.link_form import ThirdLink
from ftnode.wire import forms, handshake
from ftnode.wire.frames import Frame, FrameError, FrameReader, frame
from ftnode.wire.handshake import Handshake

MAX_BYTES = 4096
FRAMES = st.lists(
    st.tuples(st.integers(0, 255), st.binary(max_size=200), st.binary(max_size=300)), min_size=1, max_size=6
)


def hello(unit: int, **more: object) -> Handshake:
    return Handshake(cabinet="c", unit=unit, life=unit + 1, **more)  # type: ignore[arg-type]


AGREED = [  # what a unit says, what we speak with it
    ({"wire_version": 2}, 2),  # a program from before: it names one
    ({"wire_version": 2, "wire_versions": (2, 3)}, 2),  # ours is older
    ({"wire_version": 3, "wire_versions": (3, 4)}, 0),
    ({"wire_version": 9}, 0),
]


@pytest.mark.parametrize(("said", "version"), AGREED)
def test_the_newest_version_that_both_have_is_spoken(said: dict[str, object], version: int) -> None:
    """None in common is refused in words that name both sides and what to do."""
    theirs = hello(1, **said)
    assert forms.agreed(handshake.speaks(theirs)) == version
    problem = handshake.problem(hello(0), theirs)
    assert (problem is None) == (version > 0)
    if problem:
        assert "of the channel, this unit 2: start" in problem


def test_a_newer_program_speaks_the_old_version_with_an_old_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """With one of its own it speaks the new one; handshakes look alike in both, and say so."""
    before = handshake.encode(hello(0, wire_versions=forms.spoken()))
    monkeypatch.setitem(forms.FORMS, 3, ThirdLink())
    assert forms.spoken() == (2, 3)
    assert (forms.agreed((2,)), forms.agreed((2, 3)), forms.agreed((3, 4)), forms.agreed((4,))) == (
        2,
        3,
        3,
        0,
    )
    assert forms.form_of(2) is None
    assert isinstance(forms.reader_of(2, MAX_BYTES), FrameReader)
    newer = handshake.encode(hello(0, wire_versions=forms.spoken()))
    assert newer[8:10] == before[8:10]  # kind and version of the frame
    (got,) = forms.reader_of(forms.HANDSHAKES, MAX_BYTES).feed(newer)
    assert handshake.speaks(handshake.decode(got)) == (2, 3)
    assert handshake.decode(got).wire_version == 2  # for a program that knows of one only


@given(FRAMES, st.lists(st.integers(1, 97), min_size=1, max_size=20))
def test_the_other_layout_carries_the_same_frames(
    parts: list[tuple[int, bytes, bytes]], steps: list[int]
) -> None:
    """However the stream is cut; and it is another layout: neither reader takes the other's bytes."""
    form = ThirdLink()
    stream = form.outgoing(b"".join(frame(*part) for part in parts))
    reader, got, at, turn = form.reader(MAX_BYTES), [], 0, 0
    while at < len(stream):
        step = steps[turn % len(steps)]
        got += reader.feed(stream[at : at + step])
        at, turn = at + step, turn + 1
    assert got == [Frame(*part) for part in parts]
    with pytest.raises(FrameError):
        FrameReader(MAX_BYTES).feed(stream + bytes(16))
    with pytest.raises(FrameError):
        form.reader(MAX_BYTES).feed(frame(*parts[0]) + bytes(32))


def test_one_frame_is_taken_and_the_rest_is_left() -> None:
    """What comes behind a handshake may be in another layout already."""
    first, second = frame(1, b"a"), frame(2, b"b")
    reader = FrameReader(MAX_BYTES)
    assert reader.feed(first[:5], most=1) == []
    assert reader.feed(first[5:] + second + b"xyz", most=1) == [Frame(1, b"a", b"")]
    assert reader.rest() == second + b"xyz"
