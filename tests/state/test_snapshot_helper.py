"""A snapshot read by a child process is the same snapshot."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from ftnode.store.snapshot import SnapshotFault, SnapshotReceiver, decode_chunk, decode_manifest
from ftnode.store.snapshot_helper import HelperSnapshot
from ftnode.store.state import Change
from ftnode.store.state_dict import DictMedium, DictStateStore
from ftnode.store.state_helper import HelperStateStore
from tests.state.contract import AFTER_ONE, ONE, TWO, A, at, everything, key, make
from tests.state.test_state_lmdb import HelperDisk, LmdbDisk


@pytest.fixture
def source(tmp_path: Path) -> Iterator[HelperStateStore]:
    """A unit's state with one checkpoint."""
    store = HelperStateStore(tmp_path / "state")
    make(HelperDisk(tmp_path / "state"), store, 1, ONE)
    yield store
    store.close()


def test_it_moves_the_checkpoint_that_was_there(source: HelperStateStore, tmp_path: Path) -> None:
    """While the unit writes the next one."""
    snapshot = HelperSnapshot(tmp_path / "state")
    target = DictStateStore(DictMedium())
    receiver = SnapshotReceiver(target, decode_manifest(snapshot.manifest()))
    make(HelperDisk(tmp_path / "state"), source, 2, TWO)
    assert receiver.wanted_slots() == [0, 5, 4095]
    for text in snapshot.chunks(receiver.wanted_slots()):
        receiver.take(decode_chunk(text))
    assert receiver.install() == at(1)
    assert everything(target) == AFTER_ONE
    snapshot.close()
    snapshot.close()


def test_it_can_be_left_at_any_point(source: HelperStateStore, tmp_path: Path) -> None:
    """The newcomer went away: the child goes, too, and holds no page of the file any more."""
    many: list[Change] = [(key(2, f"{number:06}"), b"x" * 100) for number in range(40_000)]
    make(HelperDisk(tmp_path / "state"), source, 2, many)
    for taken in (0, 1, 2):
        snapshot = HelperSnapshot(tmp_path / "state")
        if taken:
            snapshot.manifest()
        chunks = snapshot.chunks([2, 5])
        for _ in range(taken - 1):
            next(chunks)
        snapshot.close()
    make(HelperDisk(tmp_path / "state"), source, 3, TWO)
    assert source._helper is not None
    readers = [int(line.split()[0]) for line in source._file.env.readers().splitlines()[1:]]
    assert set(readers) <= {os.getpid(), source._helper.child.pid}


def test_a_child_that_dies_is_a_fault(source: HelperStateStore, tmp_path: Path) -> None:
    """And not a snapshot that ended early."""
    snapshot = HelperSnapshot(tmp_path / "state")
    snapshot.manifest()
    os.kill(snapshot._child.pid, signal.SIGKILL)
    with pytest.raises(SnapshotFault, match="the helper that reads snapshots is gone"):
        list(snapshot.chunks([0]))
    snapshot.close()


def test_a_rotten_state_is_not_passed_on(tmp_path: Path) -> None:
    """The fault comes through with its words."""
    disk = LmdbDisk(tmp_path / "state")
    store = disk.open()
    make(disk, store, 1, ONE)
    store.close()
    disk.rot(store, A)
    snapshot = HelperSnapshot(tmp_path / "state")
    snapshot.manifest()
    with pytest.raises(SnapshotFault, match=f"slot 0, key {A.hex()}: the stored pair does not match"):
        list(snapshot.chunks([0]))
    snapshot.close()


def test_where_nothing_is(tmp_path: Path) -> None:
    """No state, no snapshot."""
    snapshot = HelperSnapshot(tmp_path / "nothing")
    with pytest.raises(SnapshotFault, match="no state here to read"):
        snapshot.manifest()
    snapshot.close()
