"""Snapshots between two disks: only what is unequal travels, nothing half arrives, nothing damaged stays."""

import contextlib
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftnode.core.invariants import BrokenInvariantError
from ftnode.store.snapshot import (
    CHUNK_MAX_BYTES,
    STAGE_AT_ONCE_BYTES,
    Chunk,
    SnapshotFault,
    SnapshotReceiver,
    decode_chunk,
    decode_manifest,
    encode,
    manifest_of,
    read_chunks,
)
from ftnode.store.state import BLANK, KEY_MAX_BYTES, VALUE_MAX_BYTES, Change, RottenValue, StateStore
from ftnode.store.state_dict import DictMedium, DictStateStore
from ftnode.store.state_lmdb import LmdbStateStore
from ftnode.store.state_roots import EMPTY_ROOTS
from tests.state.contract import at, everything, key, recounted

SLOT_COUNT = 40


def write(store: StateStore, seq: int, changes: list[Change]) -> None:
    writer = store.begin_checkpoint(at(seq))
    writer.put_slice(changes)
    writer.prepare()
    writer.write()
    writer.sync()
    store.refresh()


def filled(store: StateStore, seed: int = 1) -> StateStore:
    """Some hundred pairs over 40 slots."""
    chance = random.Random(seed)
    names = {key(chance.randrange(SLOT_COUNT), f"{chance.randrange(1000):03}") for _ in range(400)}
    write(store, 5, [(name, chance.randbytes(20)) for name in sorted(names)])
    return store


@pytest.fixture(params=["dict", "lmdb"])
def blank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StateStore]:
    """A receiver's store, of either kind."""
    store = DictStateStore(DictMedium()) if request.param == "dict" else LmdbStateStore(tmp_path / "state")
    yield store
    store.close()


@pytest.fixture
def source() -> StateStore:
    """A sender's store."""
    return filled(DictStateStore(DictMedium()))


def move(
    source: StateStore,
    target: StateStore,
    chunks_max: int = 1 << 30,
    recount: bool = False,
    at_once_bytes: int = STAGE_AT_ONCE_BYTES,
) -> list[int]:
    """Send what is wanted, or its first chunks only; over bytes, as the wire does. The slots that went."""
    snapshot = source.open_snapshot()
    receiver = SnapshotReceiver(
        target, decode_manifest(encode(manifest_of(snapshot))), recount, at_once_bytes
    )
    went: list[int] = []
    for number, chunk in enumerate(read_chunks(snapshot, receiver.wanted_slots())):
        if number == chunks_max:
            return went
        receiver.take(decode_chunk(encode(chunk)))
        went.append(chunk.slot)
    receiver.install()
    snapshot.close()
    return went


def test_to_a_blank_disk(source: StateStore, blank: StateStore) -> None:
    """Everything arrives, with the sender's checkpoint and roots."""
    assert move(source, blank) == list(range(SLOT_COUNT))
    assert everything(blank) == everything(source)
    assert (blank.checkpoint, blank.roots) == (source.checkpoint, source.roots)
    assert blank.roots == recounted(blank)


def test_to_an_old_disk_only_unequal_slots_travel(source: StateStore, blank: StateStore) -> None:
    """Three slots changed since: three travel, also one that is empty now."""
    move(source, blank)
    gone: list[Change] = [(name, None) for name, _ in source.scan(key(9, ""), key(10, ""), 1000)]
    write(source, 6, [(key(3, "new"), b"x"), (key(99, "new"), b"x"), *gone])
    assert move(source, blank) == [3, 9, 99]
    assert everything(blank) == everything(source)
    assert move(source, blank) == []
    assert blank.checkpoint == at(6)


def test_a_disk_that_ran_ahead_is_put_right(source: StateStore, blank: StateStore) -> None:
    """What only the receiver has goes away."""
    move(source, blank)
    write(blank, 9, [(key(7, "mine"), b"x"), (key(77, "mine"), b"x")])
    assert move(source, blank) == [7, 77]
    assert everything(blank) == everything(source)


def test_interrupted_at_every_chunk(source: StateStore) -> None:
    """The old state stands; what came whole does not travel again, even from a newer checkpoint."""
    for stop in range(SLOT_COUNT):
        medium = DictMedium()
        target = DictStateStore(medium)
        write(target, 1, [(key(0, "old"), b"old")])
        first = move(source, target, stop, at_once_bytes=0)
        assert everything(target) == {key(0, "old"): b"old"}
        medium.power_loss(keep_unsynced=False)
        target = DictStateStore(medium)
        newer = filled(DictStateStore(DictMedium()))
        write(newer, 6, [(key(0, "more"), b"x")])
        went = move(newer, target)
        assert went == sorted({0, *range(SLOT_COUNT)} - (set(first) - {0}))
        assert everything(target) == everything(newer)


def test_what_was_only_gathered_travels_again(source: StateStore) -> None:
    """Slots go to disk several at a time; an interruption costs those in hand and no others."""
    medium = DictMedium()
    assert move(source, DictStateStore(medium), 30, at_once_bytes=1700) == list(range(30))
    here = len(DictStateStore(medium).staged_roots())
    assert 0 < here < 30
    assert move(source, DictStateStore(medium)) == list(range(here, SLOT_COUNT))
    assert everything(DictStateStore(medium)) == everything(source)


def test_a_rotten_slot_is_replaced(tmp_path: Path, source: StateStore) -> None:
    """Recorded roots may be equal over rotten pairs: with `recount` the pairs themselves are believed."""
    medium = DictMedium()
    target = DictStateStore(medium)
    move(source, target)
    name = next(source.iterate(b"", b"\xff"))[0]
    medium.rot(name)
    assert move(source, target) == []  # by recorded roots nothing is wrong
    with pytest.raises(RottenValue):
        target.get(name)
    assert move(source, target, recount=True) == [0]
    assert target.get(name) == source.get(name)


def test_traffic_goes_on(blank: StateStore) -> None:
    """The sender checkpoints between chunks; what arrives is the checkpoint held, whole."""
    source = filled(DictStateStore(DictMedium()))
    wanted = everything(source)
    snapshot = source.open_snapshot()
    receiver = SnapshotReceiver(blank, manifest_of(snapshot))
    for number, chunk in enumerate(read_chunks(snapshot, receiver.wanted_slots())):
        write(source, 10 + number, [(key(number, "later"), b"x"), (key(39 - number, "000"), None)])
        receiver.take(chunk)
    receiver.install()
    assert everything(blank) == wanted
    assert blank.checkpoint == at(5)


def test_chunks_are_at_most_a_mebibyte() -> None:
    """The largest pairs, many small ones, and a slot that fills its last chunk exactly."""
    source = DictStateStore(DictMedium())
    largest: list[Change] = [
        (key(1, "x" * (KEY_MAX_BYTES - 5) + str(number)), bytes(VALUE_MAX_BYTES)) for number in range(4)
    ]
    small: list[Change] = [(key(2, f"{number:06}"), b"v" * 40) for number in range(30_000)]
    write(source, 1, [*largest, *small])
    snapshot = source.open_snapshot()
    chunks = list(read_chunks(snapshot, [1, 2, 3]))
    assert max(len(encode(chunk)) for chunk in chunks) <= CHUNK_MAX_BYTES
    assert [chunk.slot for chunk in chunks if chunk.last] == [1, 2, 3]
    assert sum(chunk.slot == 2 for chunk in chunks) == 2
    assert sum(chunk.slot == 3 for chunk in chunks) == 1  # empty, and said so
    target = DictStateStore(DictMedium())
    move(source, target)
    assert target.roots == source.roots


def changed(chunk: Chunk, **fields: object) -> Chunk:
    return msgspec.structs.replace(chunk, **fields)


def test_damaged_chunks_are_refused(source: StateStore, blank: StateStore) -> None:
    """Whatever is changed on the way; afterwards the right chunks still go in."""
    snapshot = source.open_snapshot()
    receiver = SnapshotReceiver(blank, manifest_of(snapshot))
    chunks = list(read_chunks(snapshot, receiver.wanted_slots()))
    one = chunks[0]
    text = bytearray(one.pairs)
    text[-1] ^= 1
    for wrong, says in (
        (changed(one, pairs=bytes(text)), "chunk 0 of slot 0 is damaged"),
        (changed(one, slot=1), "is damaged"),
        (changed(one, last=False), "is damaged"),
        (changed(one, hash=bytes(16)), "is damaged"),
    ):
        with pytest.raises(SnapshotFault, match=says):
            receiver.take(wrong)
    for chunk in chunks:
        receiver.take(chunk)
    receiver.install()
    assert everything(blank) == everything(source)


def forged(slot: int, number: int, last: bool, pairs: object) -> Chunk:
    """A chunk with a right hash over wrong contents."""
    from ftnode.store.snapshot import _chunk_hash

    text = pairs if isinstance(pairs, bytes) else msgspec.msgpack.encode(pairs)
    return Chunk(slot, number, last, _chunk_hash(slot, number, last, text), text)


FORGED = [  # chunk, what is said of it
    (forged(0, 1, True, []), "got chunk 1 of slot 0, wanted chunk 0 of slot -1"),
    (forged(4096, 0, True, []), "there is no slot 4096"),
    (forged(50, 0, True, []), "slot 50 is equal and was not asked for"),
    (forged(0, 0, True, [[key(0, "a"), b"x"]]), "slot 0 does not add up"),
    (forged(0, 0, True, []), "slot 0 does not add up"),
    (forged(0, 0, True, [[key(1, "a"), b"x"]]), "is out of place in slot 0"),
    (forged(0, 0, True, [[b"\0", b"x"]]), "is out of place in slot 0"),
    (forged(0, 0, True, [[key(0, "b"), b""], [key(0, "a"), b""]]), "is out of place"),
    (forged(0, 0, True, [[key(0, "a"), b""], [key(0, "a"), b""]]), "is out of place"),
    (forged(0, 0, True, b"\xc1"), "chunk 0 of slot 0: "),
]


@pytest.mark.parametrize(("chunk", "says"), FORGED)
def test_nonsense_is_refused(source: StateStore, chunk: Chunk, says: str) -> None:
    """Nothing is believed because it is well wrapped; the old state stands."""
    target = DictStateStore(DictMedium())
    receiver = SnapshotReceiver(target, manifest_of(source.open_snapshot()))
    with pytest.raises(SnapshotFault, match=says):
        receiver.take(chunk)
    with pytest.raises(BrokenInvariantError, match="before all of it came"):
        receiver.install()
    assert (target.checkpoint, everything(target)) == (BLANK, {})


SCRAPS = st.one_of(
    st.binary(max_size=40),
    st.just(b"\x95" + b"\x91" * 3000),
    st.lists(st.one_of(st.integers(), st.binary(max_size=17), st.text(max_size=3), st.booleans()), max_size=6)
    .filter(lambda parts: all(not isinstance(part, int) or -(2**63) <= part < 2**64 for part in parts))
    .map(msgspec.msgpack.encode),
    st.integers(0, 60).map(lambda cut: encode(Chunk(1, 0, True, bytes(16), b"\x90"))[:cut]),
    st.binary(max_size=3).map(
        lambda name: b"\x93\x01\x81" + bytes([0xA0 + len(name)]) + name + b"\x00\xc4\x00"
    ),
)


@given(SCRAPS)
def test_scraps_are_refused(text: bytes) -> None:
    """Whatever bytes come: a fault in our words, or a message."""
    for decode in (decode_manifest, decode_chunk):
        with contextlib.suppress(SnapshotFault):
            decode(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"", "not a manifest"),
        (msgspec.msgpack.encode([1, replace(BLANK, digest=b""), EMPTY_ROOTS]), "that is not 16 bytes"),
        (
            msgspec.msgpack.encode([2, BLANK, EMPTY_ROOTS]),
            "format 2; this version reads 1",
        ),
        (msgspec.msgpack.encode([1, BLANK, b"x"]), "1 bytes of roots, should be 65536"),
    ],
)
def test_manifests_of_strangers(text: bytes, says: str) -> None:
    """Another version's, or nonsense."""
    with pytest.raises(SnapshotFault, match=says):
        decode_manifest(text)


def test_a_sender_with_a_broken_state_notices() -> None:
    """Pairs that do not add up to the recorded root are not passed on as truth."""
    medium = DictMedium()
    source = filled(DictStateStore(medium))
    medium.pairs[key(4, "smuggled")] = b"x"
    with pytest.raises(SnapshotFault, match="slot 4 does not add up to its root"):
        list(read_chunks(source.open_snapshot(), [3, 4]))


def test_the_state_may_not_move_under_a_snapshot(source: StateStore, blank: StateStore) -> None:
    """A checkpoint between plan and install would leave slots of two states: our bug, and it stops us."""
    snapshot = source.open_snapshot()
    receiver = SnapshotReceiver(blank, manifest_of(snapshot))
    for chunk in read_chunks(snapshot, receiver.wanted_slots()):
        receiver.take(chunk)
    write(blank, 1, [(key(50, "a"), b"x")])
    with pytest.raises(BrokenInvariantError, match="moved on under a snapshot"):
        receiver.install()


def test_the_receiver_may_keep_its_own_word(source: StateStore, blank: StateStore) -> None:
    """`extra` speaks of the unit, not of the state."""
    snapshot = source.open_snapshot()
    receiver = SnapshotReceiver(blank, manifest_of(snapshot))
    for chunk in read_chunks(snapshot, receiver.wanted_slots()):
        receiver.take(chunk)
    assert receiver.install(b"mine").extra == b"mine"
    assert blank.checkpoint.extra == b"mine"
