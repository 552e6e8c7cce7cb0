"""A snapshot built by a child process is the one that was sent, whatever happens to the child."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from ftnode.store.receive_helper import HelperReceiver
from ftnode.store.snapshot import SnapshotFault
from ftnode.store.snapshot_helper import HelperSnapshot
from ftnode.store.state import Change, StoreFault
from ftnode.store.state_helper import HelperStateStore
from ftnode.store.state_lmdb_file import MAP_MAX_BYTES
from tests.state.contract import AFTER_ONE, ONE, TWO, at, everything, key, make
from tests.state.test_state_lmdb import HelperDisk

SLOTS = 40
MANY: list[Change] = [
    (key(slot, f"{number:04}"), b"x" * 200) for slot in range(10, 10 + SLOTS) for number in range(50)
]


@pytest.fixture
def source(tmp_path: Path) -> Iterator[HelperStateStore]:
    """The active's state."""
    store = HelperStateStore(tmp_path / "active")
    make(HelperDisk(tmp_path / "active"), store, 1, ONE)
    yield store
    store.close()


@pytest.fixture
def target(tmp_path: Path) -> Iterator[HelperStateStore]:
    """A blank unit's."""
    store = HelperStateStore(tmp_path / "blank")
    yield store
    store.close()


@pytest.fixture
def snapshot(source: HelperStateStore, tmp_path: Path) -> Iterator[HelperSnapshot]:
    """Held at checkpoint 2, with many slots, while checkpoint 3 is the newest."""
    make(HelperDisk(tmp_path / "active"), source, 2, MANY)
    held = HelperSnapshot(tmp_path / "active")
    held.manifest()
    make(HelperDisk(tmp_path / "active"), source, 3, TWO)
    yield held
    held.close()


def receiver_of(target: HelperStateStore, path: Path, manifest: bytes) -> HelperReceiver:
    return HelperReceiver(path / "blank", MAP_MAX_BYTES, target, manifest)


def test_a_blank_unit_gets_all_of_it(
    snapshot: HelperSnapshot, target: HelperStateStore, tmp_path: Path
) -> None:
    """Small slots come several in a batch; the state becomes the snapshot's in the unit's own eyes."""
    receiver = receiver_of(target, tmp_path, snapshot.manifest())
    plan = receiver.plan()
    assert len(plan.wanted) == SLOTS + 3
    assert (plan.equal_slots, plan.resumed_slots, plan.saved_bytes) == (0, 0, 0)
    batches = list(snapshot.batches(plan.wanted))
    assert len(batches) < len(plan.wanted) / 10
    for batch in batches:
        receiver.take(batch)
    assert receiver.install() == at(2)
    assert everything(target) == AFTER_ONE | {name: value for name, value in MANY if value is not None}
    receiver.close()


def test_a_child_that_is_killed_has_not_lived_in_vain(
    snapshot: HelperSnapshot, target: HelperStateStore, tmp_path: Path
) -> None:
    """The next one asks only for what is not on disk yet, of the same snapshot, and it adds up."""
    snapshot_manifest = snapshot.manifest()
    first = receiver_of(target, tmp_path, snapshot_manifest)
    wanted = first.plan().wanted
    half = wanted[: len(wanted) // 2]
    for batch in snapshot.batches(half):
        first.take(batch)
    first.close()
    second = receiver_of(target, tmp_path, snapshot_manifest)
    os.kill(second.pid, signal.SIGKILL)
    with pytest.raises(SnapshotFault, match="the helper that stores snapshots is gone"):
        second.plan()
    second.close()
    third = receiver_of(target, tmp_path, snapshot_manifest)
    plan = third.plan()
    assert plan.resumed_slots == len(half)
    assert plan.wanted == wanted[len(half) :]
    assert plan.saved_bytes > 0
    for batch in snapshot.batches(plan.wanted):
        third.take(batch)
    assert third.install() == at(2)
    third.close()


def test_who_is_left_over_from_an_earlier_life_stores_nothing_more(
    snapshot: HelperSnapshot, target: HelperStateStore, tmp_path: Path
) -> None:
    """Its part of a slot would come over the whole slot that the next one stored, and be installed for it."""
    first = receiver_of(target, tmp_path, snapshot.manifest())
    wanted = first.plan().wanted
    for batch in snapshot.batches(wanted):
        first.take(batch[:1])  # of each batch something, and the last slots never
    second = receiver_of(target, tmp_path, snapshot.manifest())
    assert second.plan().wanted == wanted
    first.close()
    for batch in snapshot.batches(wanted):
        second.take(batch)
    assert not target.staged_roots() or len(target.staged_roots()) == len(wanted)
    assert second.install() == at(2)
    second.close()


def test_an_old_disk_wants_only_what_changed(
    source: HelperStateStore, target: HelperStateStore, tmp_path: Path
) -> None:
    """Equal slots stay, and it says how many and about how much that is."""
    make(HelperDisk(tmp_path / "active"), source, 2, MANY)
    make(HelperDisk(tmp_path / "blank"), target, 1, [*ONE, *MANY])
    make(HelperDisk(tmp_path / "active"), source, 3, [(key(12, "0000"), b"new")])
    held = HelperSnapshot(tmp_path / "active")
    receiver = receiver_of(target, tmp_path, held.manifest())
    plan = receiver.plan()
    assert plan.wanted == [12]
    assert plan.equal_slots == SLOTS - 1 + 3
    assert plan.saved_bytes > 100_000
    for batch in held.batches(plan.wanted):
        receiver.take(batch)
    receiver.install()
    source.refresh()
    assert everything(target) == everything(source)
    receiver.close()
    held.close()


def test_what_is_left_of_a_portion_is_not_taken_for_the_next(
    snapshot: HelperSnapshot, target: HelperStateStore, tmp_path: Path
) -> None:
    """A newcomer goes away in the middle; the one that comes back gets what it asks for."""
    receiver = receiver_of(target, tmp_path, snapshot.manifest())
    wanted = receiver.plan().wanted
    left = snapshot.batches(wanted)
    next(left)
    for batch in snapshot.batches(wanted):
        receiver.take(batch)
    assert receiver.install() == at(2)
    receiver.close()


def test_damage_is_told_as_what_it_is(
    snapshot: HelperSnapshot, target: HelperStateStore, tmp_path: Path
) -> None:
    """A chunk that changed on the way is the snapshot's fault, not the disk's; the old state stands."""
    receiver = receiver_of(target, tmp_path, snapshot.manifest())
    batch = next(iter(snapshot.batches(receiver.plan().wanted)))
    bad = batch[0][:-1] + bytes([batch[0][-1] ^ 1])
    receiver.take([bad])
    with pytest.raises(SnapshotFault, match="is damaged"):
        receiver.install()
    receiver.close()
    assert everything(target) == {}


def test_a_disk_without_room_is_the_disk_s_fault(source: HelperStateStore, tmp_path: Path) -> None:
    """Not the snapshot's: the unit must not ask for it again and again."""
    many: list[Change] = [(key(slot, "a"), b"x" * 500_000) for slot in range(60)]
    make(HelperDisk(tmp_path / "active"), source, 2, many)
    held = HelperSnapshot(tmp_path / "active")
    target = HelperStateStore(tmp_path / "blank", map_max_bytes=16 << 20)
    receiver = HelperReceiver(tmp_path / "blank", 16 << 20, target, held.manifest())

    def receive() -> None:
        for batch in held.batches(receiver.plan().wanted):
            receiver.take(batch)
        receiver.install()

    with pytest.raises(StoreFault, match="16777216 bytes are full"):
        receive()
    receiver.close()
    held.close()
    target.close()
