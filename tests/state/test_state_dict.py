"""The simulator's store keeps the contract, and fails where it is told to."""

import pytest

from ftnode.store.state import StateStore, StoreFault, StoreFull, StoreUnusable
from ftnode.store.state_dict import DictMedium, DictStateStore
from tests.state.contract import A, StateContract, at, make


class DictDisk:
    def __init__(self) -> None:
        self.medium = DictMedium()

    def open(self) -> DictStateStore:
        return DictStateStore(self.medium)

    def synced(self) -> None:
        pass

    def crash(self, store: StateStore, keep_unsynced: bool) -> None:
        self.medium.power_loss(keep_unsynced)

    def rot(self, store: StateStore, key: bytes) -> None:
        self.medium.rot(key)


@pytest.fixture
def disk() -> DictDisk:
    return DictDisk()


class TestDictStateStore(StateContract):
    pass


def test_full(disk: DictDisk) -> None:
    """No room: the checkpoint before still stands, and the next try may succeed."""
    store = disk.open()
    make(disk, store, 1, [(A, b"1")])
    disk.medium.full = True
    with pytest.raises(StoreFull, match="no space left"):
        make(disk, store, 2, [(A, b"2")])
    assert store.refresh() == at(1)
    disk.medium.full = False
    make(disk, store, 2, [(A, b"2")])
    assert store.refresh() == at(2)


def test_read_only(disk: DictDisk) -> None:
    """A disk that became read-only takes nothing."""
    store = disk.open()
    disk.medium.read_only = True
    with pytest.raises(StoreFault, match="needs a writable disk"):
        make(disk, store, 1, [(A, b"1")])


def test_a_failed_sync_is_never_tried_again(disk: DictDisk) -> None:
    """It raises once; afterwards the store is unusable, also when the disk seems well."""
    store = disk.open()
    disk.medium.sync_fails = True
    with pytest.raises(StoreFault, match="sync failed"):
        make(disk, store, 1, [(A, b"1")])
    disk.medium.sync_fails = False
    with pytest.raises(StoreUnusable, match="a sync failed"):
        make(disk, store, 1, [(A, b"1")])


def test_a_write_makes_the_one_before_durable(disk: DictDisk) -> None:
    """As on a real disk, where the pages of a commit are synced together with the head page before."""
    store = disk.open()
    make(disk, store, 1, [(A, b"1")])
    make(disk, store, 2, [(A, b"2")], "write")
    make(disk, store, 3, [(A, b"3")], "write")
    disk.crash(store, keep_unsynced=False)
    store = disk.open()
    assert (store.checkpoint, store.get(A)) == (at(2), b"2")
