"""What every witness holds to, and the record's canonical bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ftnode.core.record import EPOCH_MAX, Record
from ftnode.v1 import witness_pb2 as pb
from ftnode.witness import codec, rules
from ftnode.witness.port import Held
from tests.witness.make import CABINET, alone, duplex, forced, joined

R = duplex()
BLANK = None

REFUSED = [  # unit, expected, wanted, the reason's words (None: may be tried)
    (0, BLANK, R, None),
    (0, BLANK, replace(R, epoch=9), None),  # a new witness starts where the cabinet is
    (0, R, alone(R, 0), None),
    (1, R, alone(R, 1), None),
    (1, R, forced(R, 1, "b2"), None),
    (0, R, replace(R, epoch=2, in_sync=()), "the wanted record is none: active 0"),
    (0, R, replace(R, epoch=2, in_sync=(1, 0)), "once, rising"),
    (0, R, replace(R, epoch=2, in_sync=(0, 2)), "once, rising"),
    (0, R, replace(R, epoch=2, active=2), "active 2 is not in"),
    (0, R, replace(R, epoch=2, incarnations=((0, "a1"),)), "has no incarnation"),
    (0, R, replace(R, epoch=2, incarnations=((0, "a1"), (1, ""))), "1 to 64 characters"),
    (0, replace(R, active=2), alone(R, 0), "the expected record is none"),
    (
        0,
        R,
        replace(alone(R, 0), cabinet="station"),
        "the witness keeps cabinet 'store-street', not 'station'",
    ),
    (0, replace(R, cabinet="station"), alone(R, 0), "keeps cabinet"),
    (0, R, replace(alone(R, 0), witness_id="w2"), "this is witness 'w1'"),
    (1, R, alone(R, 0), "unit 1 asks to make unit 0 active"),
    (0, R, replace(R, epoch=1, in_sync=(0,)), "epoch 1 does not follow 1 by exactly one"),
    (0, R, replace(R, epoch=3, in_sync=(0,)), "epoch 3 does not follow 1 by exactly one"),
    (0, BLANK, replace(R, epoch=0), "epoch 0 is not in"),
    (0, BLANK, replace(R, epoch=EPOCH_MAX + 1), "is not in"),
]


@pytest.mark.parametrize(("unit", "expected", "wanted", "why"), REFUSED)
def test_refusal(unit: int, expected: Record | None, wanted: Record, why: str | None) -> None:
    """Which changes a witness does not even try."""
    said = rules.refusal(CABINET, "w1", unit, expected, wanted)
    assert (said is None) if why is None else (said is not None and why in said), said


FLOOR = [  # old record, told before, new record, compared_seq of the swap, told after
    (BLANK, 0, R, 10, 10),
    (R, 10, alone(R, 1), 8, 10),  # the new active is behind in what it knows: the floor stays
    (R, 10, alone(R, 1), 12, 12),
    (alone(R, 0), 10, joined(alone(R, 0), 1, "b2"), 9, 10),
    (alone(R, 0), 10, forced(alone(R, 0), 1, "b2"), 7, 7),  # nobody who compared through 10 is left
    (R, 10, forced(R, 1, "b1"), 7, 10),  # forced, but it was in sync: it must show 10
    (R, 10, forced(R, 1, "b2"), 7, 7),  # the same unit on another disk
    (alone(R, 0), 10, replace(joined(alone(R, 0), 1, "b2"), active=1, in_sync=(1,)), 7, 7),
]


@pytest.mark.parametrize(("old", "told", "new", "compared", "wanted"), FLOOR)
def test_floor_after_a_swap(old: Record | None, told: int, new: Record, compared: int, wanted: int) -> None:
    """The floor never sinks while an in-sync incarnation stays in sync."""
    assert rules.told_after_swap(old, told, new, compared) == wanted


@pytest.mark.parametrize(
    ("record", "compared", "epoch", "wanted"),
    [(R, 12, 1, 12), (R, 9, 1, 10), (R, 99, 0, 10), (R, 99, 2, 10), (BLANK, 99, 0, 10), (BLANK, 99, 1, 10)],
)
def test_floor_after_a_read(record: Record | None, compared: int, epoch: int, wanted: int) -> None:
    """Only a unit in the record's epoch raises it: one that was replaced by force cannot."""
    assert rules.told_after_read(record, 10, compared, epoch) == wanted


names = st.text(min_size=1, max_size=64)
sets = st.sampled_from([(0,), (1,), (0, 1)])


@st.composite
def records(draw: st.DrawFn) -> Record:
    """Any valid record."""
    in_sync = draw(sets)
    named = ((0, draw(names)), (1, draw(names)))
    return Record(
        draw(names),
        draw(names),
        draw(st.integers(1, EPOCH_MAX)),
        draw(st.sampled_from(in_sync)),
        in_sync,
        named,
    )


@given(records(), records())
def test_canonical_bytes(one: Record, other: Record) -> None:
    """Bytes come back as the same record, and are equal exactly when the records are."""
    assert one.problem() is None
    assert codec.record_from_bytes(codec.record_to_bytes(one)) == one
    assert (codec.record_to_bytes(one) == codec.record_to_bytes(other)) == (one == other)


@given(records(), st.integers(0, 2**63), st.integers(0, 2**62))
def test_protobuf_and_back(record: Record, told_seq: int, wall_ms: int) -> None:
    """What the daemon says is what the unit hears."""
    for said in (Held("w1", record, told_seq, wall_ms), Held("w1", None, told_seq, wall_ms)):
        message = pb.Holding.FromString(codec.held_to_proto(said).SerializeToString())
        assert codec.held_from_proto(message) == said


GOOD = codec.record_to_bytes(R)
BAD = [
    b"",
    b"{}",
    b"[]",
    b"null",
    b"\xff",
    b"[" * 5000,
    GOOD[:-1],
    GOOD + b" ",
    GOOD.replace(b":1,", b":true,"),
]
BAD += [GOOD.replace(b'"epoch":1', b'"epoch":0'), GOOD.replace(b'"epoch":1', b'"epoch":1.0')]
BAD += [b'{"a":1,' + GOOD[1:]]


@pytest.mark.parametrize("data", BAD)
def test_what_is_no_record(data: bytes) -> None:
    """Damaged, foreign or merely not canonical: refused, never half understood."""
    with pytest.raises(codec.BadRecordError, match="record"):
        codec.record_from_bytes(data)


def test_a_holding_that_no_witness_of_ours_sends() -> None:
    """The other side of the wire is not trusted either."""
    for message in (pb.Holding(), pb.Holding(witness_id="w", record=pb.Record(cabinet="c"))):
        with pytest.raises(codec.BadRecordError):
            codec.held_from_proto(message)
