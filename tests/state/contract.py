"""What every state store must do, whatever it is made of. Real and simulated run the same tests."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

import pytest

from ftnode.store.snapshot import SnapshotReceiver, manifest_of, read_chunks
from ftnode.store.state import (
    BLANK,
    SLOTS,
    Change,
    Checkpoint,
    Part,
    RottenValue,
    StateStore,
    StoreFault,
)
from ftnode.store.state_roots import EMPTY_ROOTS, count_root, root_at


class Disk(Protocol):
    """What a store lies on, with the ways to hurt it."""

    def open(self) -> StateStore:
        """Open the store (again)."""

    def synced(self) -> None:
        """Told whenever a sync returned: what is there now survives everything."""

    def crash(self, store: StateStore, keep_unsynced: bool) -> None:
        """Power loss; what was written but not synced survives or not."""

    def rot(self, store: StateStore, key: bytes) -> None:
        """Change a byte of the stored pair; `store` is closed."""


def at(seq: int) -> Checkpoint:
    """A checkpoint whose fields all follow from `seq`."""
    return Checkpoint(seq, bytes([seq]) * 16, bytes([seq + 1]) * 16, 7, seq * 1000, 1, b"extra %d" % seq)


def key(slot: int, name: str) -> bytes:
    return slot.to_bytes(2, "big") + b"\0\1" + name.encode()


A, B, C, D = key(0, "a"), key(0, "b"), key(5, "c"), key(4095, "d")
ONE: list[Change] = [(B, b"1"), (A, b"1"), (D, b""), (C, b"one")]  # in no order, one empty value
TWO: list[Change] = [(A, None), (B, b"2"), (key(5, "e"), b"2")]
AFTER_ONE = {A: b"1", B: b"1", C: b"one", D: b""}
AFTER_TWO = {B: b"2", C: b"one", key(5, "e"): b"2", D: b""}
STEPS = ("put_slice", "prepare", "write", "sync")


def make(disk: Disk, store: StateStore, seq: int, changes: list[Change], last_step: str = "sync") -> None:
    """Write a checkpoint, one change a slice, and stop after `last_step`."""
    writer = store.begin_checkpoint(at(seq))
    for change in changes:
        writer.put_slice([change])
    for step in (writer.prepare, writer.write, writer.sync)[: STEPS.index(last_step)]:
        step()
    if last_step == "sync":
        disk.synced()


def everything(store: StateStore) -> dict[bytes, bytes]:
    return dict(store.iterate(b"", b"\xff"))


def recounted(store: StateStore) -> bytes:
    """All roots, counted from the pairs."""
    with_pairs: dict[int, list[tuple[bytes, bytes]]] = {}
    for name, value in store.iterate(b"", b"\xff"):
        with_pairs.setdefault(name[0] << 8 | name[1], []).append((name, value))
    return b"".join(count_root(with_pairs.get(slot, [])) for slot in range(SLOTS))


class StateContract:
    """Subclasses give a `disk` fixture."""

    @pytest.fixture
    def store(self, disk: Disk) -> Iterator[StateStore]:
        store = disk.open()
        yield store
        store.close()

    def test_blank(self, store: StateStore) -> None:
        """A new store stands at seq 0 with nothing in it."""
        assert store.checkpoint == BLANK
        assert store.roots == EMPTY_ROOTS
        assert store.get(A) is None
        assert store.scan(b"", b"\xff", 10) == []

    def test_a_checkpoint_changes_all_at_once(self, disk: Disk, store: StateStore) -> None:
        """Reads stay at the old checkpoint until `refresh`, then see all of the new one."""
        make(disk, store, 1, ONE)
        store.refresh()
        writer = store.begin_checkpoint(at(2))
        writer.put_slice(TWO)
        writer.prepare()
        assert everything(store) == AFTER_ONE
        writer.write()
        assert everything(store) == AFTER_ONE
        assert store.checkpoint == at(1)
        writer.sync()
        disk.synced()
        assert store.refresh() == at(2)
        assert everything(store) == AFTER_TWO
        assert store.get(A) is None
        assert store.get(D) == b""
        assert store.roots == recounted(store)

    def test_what_was_read_before_is_read_anew(self, disk: Disk, store: StateStore) -> None:
        """Each key by itself, before a checkpoint, while it is written and after it."""
        names = sorted(AFTER_ONE | AFTER_TWO)
        for seq, changes, after in ((1, ONE, AFTER_ONE), (2, TWO, AFTER_TWO)):
            before = [store.get(name) for name in names]
            make(disk, store, seq, changes)
            assert [store.get(name) for name in names] == before
            store.refresh()
            for _ in range(2):
                assert [store.get(name) for name in names] == [after.get(name) for name in names]

    def test_roots_are_known_before_the_write(self, disk: Disk, store: StateStore) -> None:
        """Both units compare what `prepare` gives; it is what the store then shows."""
        make(disk, store, 1, ONE)
        writer = store.begin_checkpoint(at(2))
        writer.put_slice(TWO)
        roots = writer.prepare()
        writer.write()
        writer.sync()
        store.refresh()
        assert roots == store.roots == recounted(store)
        assert root_at(roots, 5) == count_root([(C, b"one"), (key(5, "e"), b"2")])

    def test_abort_leaves_nothing(self, disk: Disk, store: StateStore) -> None:
        """A checkpoint given up at any step before `write` never was; the next one may begin."""
        make(disk, store, 1, ONE)
        for prepared in (False, True):
            writer = store.begin_checkpoint(at(2))
            writer.put_slice(TWO)
            if prepared:
                writer.prepare()
            writer.abort()
            assert store.refresh() == at(1)
            assert everything(store) == AFTER_ONE
        make(disk, store, 2, TWO)
        assert store.refresh() == at(2)

    @pytest.mark.parametrize("keep_unsynced", [False, True])
    @pytest.mark.parametrize("last_step", STEPS)
    def test_power_loss_after_every_step(self, disk: Disk, last_step: str, keep_unsynced: bool) -> None:
        """Before `write`: the old one. After `sync`: the new one. Between: either, never a mixture."""
        store = disk.open()
        make(disk, store, 1, ONE)
        store.refresh()
        make(disk, store, 2, TWO, last_step)
        disk.crash(store, keep_unsynced)
        store = disk.open()
        new = last_step == "sync" or (last_step == "write" and keep_unsynced)
        assert store.checkpoint == at(2 if new else 1)
        assert everything(store) == (AFTER_TWO if new else AFTER_ONE)
        assert store.roots == recounted(store)
        make(disk, store, 3, [(A, b"3")])  # and life goes on
        store.refresh()
        assert store.get(A) == b"3"
        assert store.roots == recounted(store)
        store.close()

    def test_power_loss_after_reads_saw_the_unsynced(self, disk: Disk) -> None:
        """`refresh` makes nothing durable."""
        store = disk.open()
        make(disk, store, 1, ONE)
        make(disk, store, 2, TWO, "write")
        assert store.refresh() == at(2)
        disk.crash(store, keep_unsynced=False)
        store = disk.open()
        assert store.checkpoint == at(1)
        assert everything(store) == AFTER_ONE
        store.close()

    SCANS: tuple[tuple[bytes, bytes, int, list[bytes]], ...] = (  # start, stop, limit, names found
        (b"", b"\xff", 10, [A, B, C, D]),
        (b"", b"\xff", 2, [A, B]),
        (b"", b"\xff", 0, []),
        (A, B, 10, [A]),  # the stop is not in it
        (A, B + b"\0", 10, [A, B]),
        (A + b"\0", D, 10, [B, C]),  # the start need not be there
        (key(1, ""), key(5, ""), 10, []),
        (key(5, ""), key(6, ""), 10, [C]),
        (D, b"\xff\xff", 10, [D]),
        (B, A, 10, []),  # the wrong way round
        (B, B, 10, []),
    )

    def test_scan(self, disk: Disk, store: StateStore) -> None:
        """In key order, start in it and stop not, no more than the limit."""
        make(disk, store, 1, ONE)
        store.refresh()
        for start, stop, limit, found in self.SCANS:
            case = f"{start!r}..{stop!r} limit {limit}"
            assert store.scan(start, stop, limit) == [(name, AFTER_ONE[name]) for name in found], case
            if limit == 10:
                assert [name for name, _ in store.iterate(start, stop)] == found, case

    def test_scan_of_many(self, disk: Disk, store: StateStore) -> None:
        """More pairs than a reader takes at once."""
        many: list[Change] = [(key(3, f"{number:04}"), b"%d" % number) for number in range(300)]
        make(disk, store, 1, many)
        store.refresh()
        assert list(store.iterate(key(3, ""), key(4, ""))) == many
        assert store.scan(key(3, ""), key(4, ""), 250) == many[:250]

    def test_rot_is_a_fault_and_names_the_place(self, disk: Disk) -> None:
        """A changed byte is never read as a value: not by get, scan, checkpoint or snapshot."""
        store = disk.open()
        make(disk, store, 1, ONE)
        store.close()
        disk.rot(store, C)
        store = disk.open()
        snapshot = store.open_snapshot()
        for read in (
            lambda: store.get(C),
            lambda: store.scan(b"", b"\xff", 10),
            lambda: list(snapshot.pairs(5)),
            lambda: make(disk, store, 2, [(C, b"new")], "prepare"),  # the old value counts in the root
        ):
            with pytest.raises(RottenValue, match=f"slot 5, key {C.hex()}") as caught:
                read()
            assert (caught.value.slot, caught.value.key) == (5, C)
        snapshot.close()
        assert store.get(A) == b"1"
        make(disk, store, 2, [(A, b"2")])  # what is sound can still be used
        store.close()

    def test_nothing_is_read_from_a_slot_in_quarantine(self, disk: Disk) -> None:
        """Not what it holds, not that it holds nothing; until a snapshot replaced it."""
        store = disk.open()
        make(disk, store, 1, ONE)
        store.refresh()
        assert store.get(C) is not None
        store.quarantine([5])
        for read in (
            lambda: store.get(C),
            lambda: store.get(key(5, "nothing there")),
            lambda: store.scan(b"", b"\xff", 10),
            lambda: list(store.iterate(key(5, "x"), key(5, "y"))),
        ):
            with pytest.raises(RottenValue, match="slot 5"):
                read()
        assert store.get(A) == b"1"
        assert store.scan(key(3, ""), key(4, ""), 5) == list(store.iterate(key(3, ""), key(4, "")))
        make(disk, store, 2, [(A, b"2")])
        store.refresh()
        assert store.get(A) == b"2"
        with pytest.raises(RottenValue):
            store.get(C)
        store.stage([Part(5, True, [(C, b"sound")], count_root([(C, b"sound")]))])
        store.install(store.checkpoint, store.roots, [5])
        assert store.get(C) == b"sound"
        store.close()

    def test_a_snapshot_holds_still(self, disk: Disk, store: StateStore) -> None:
        """It shows its checkpoint, slot by slot in key order, while later ones are written."""
        make(disk, store, 1, ONE)
        snapshot = store.open_snapshot()
        make(disk, store, 2, TWO)
        store.refresh()
        assert snapshot.checkpoint == at(1)
        assert list(snapshot.pairs(0)) == [(A, b"1"), (B, b"1")]
        assert list(snapshot.pairs(4095)) == [(D, b"")]
        assert list(snapshot.pairs(7)) == []
        assert root_at(snapshot.roots, 0) == count_root(snapshot.pairs(0))
        snapshot.close()
        snapshot.close()
        assert store.get(A) is None

    def test_staged_slots_change_nothing_until_installed(self, disk: Disk, store: StateStore) -> None:
        """They lie beside the state; one step makes them the state, the other slots stay."""
        make(disk, store, 1, ONE)
        store.refresh()
        pairs = [(A, b"new"), (key(0, "z"), b"new")]
        store.stage([Part(0, True, pairs[:1], None)])
        store.stage([Part(0, False, pairs[1:], count_root(pairs)), Part(5, True, [], count_root([]))])
        assert everything(store) == AFTER_ONE
        assert store.staged_roots() == {0: count_root(pairs), 5: count_root([])}
        wanted = {**dict(pairs), D: b""}
        roots = b"".join(
            count_root((k, v) for k, v in wanted.items() if k[:2] == slot.to_bytes(2, "big"))
            for slot in range(SLOTS)
        )
        store.install(at(9), roots, [0, 5])
        assert store.checkpoint == at(9)
        assert everything(store) == wanted
        assert store.roots == roots == recounted(store)
        assert store.staged_roots() == {}
        make(disk, store, 10, [(A, None), (C, b"back")])  # the next checkpoints go to the right place
        store.refresh()
        assert everything(store) == {key(0, "z"): b"new", C: b"back", D: b""}
        assert store.roots == recounted(store)

    def test_staging_survives_a_restart_slot_by_slot(self, disk: Disk) -> None:
        """What came whole stays; what came in part is forgotten; the state is the old one."""
        store = disk.open()
        make(disk, store, 1, ONE)
        store.stage([Part(0, True, [(A, b"whole")], b"r" * 16)])
        disk.synced()
        store.stage([Part(5, True, [(C, b"half")], None)])
        disk.crash(store, keep_unsynced=True)
        store = disk.open()
        assert store.staged_roots() == {0: b"r" * 16}
        assert everything(store) == AFTER_ONE
        store.stage([Part(5, True, [], EMPTY_ROOTS[:16])])  # begun again it is empty
        store.install(at(9), EMPTY_ROOTS, [0, 5])
        assert everything(store) == {A: b"whole", D: b""}
        store.close()

    def test_what_is_staged_outlives_checkpoints(self, disk: Disk, store: StateStore) -> None:
        """A unit may run for a while before an interrupted snapshot goes on."""
        make(disk, store, 1, ONE)
        pairs = [(A, b"new")]
        store.stage([Part(0, True, pairs, count_root(pairs))])
        store.stage([Part(5, True, [(C, b"cut off")], None)])
        make(disk, store, 2, TWO)
        assert store.staged_roots() == {0: count_root(pairs)}
        store.refresh()
        assert everything(store) == AFTER_TWO
        store.install(at(9), EMPTY_ROOTS, [0])
        assert store.scan(key(0, ""), key(1, ""), 9) == pairs

    def test_a_place_can_be_staged_again_and_again(self, disk: Disk, store: StateStore) -> None:
        """Installs go to and fro between the two places of a slot and leave nothing behind."""
        make(disk, store, 1, ONE)
        for round_ in range(4):
            value = b"%d" % round_
            store.stage([Part(0, True, [(A, value), (key(0, f"only {round_}"), value)], b"r" * 16)])
            store.install(at(2 + round_), EMPTY_ROOTS, [0])
            assert store.scan(key(0, ""), key(1, ""), 9) == [(A, value), (key(0, f"only {round_}"), value)]
        store.stage([Part(0, True, [(B, b"never taken")], b"r" * 16)])
        store.stage_drop()
        assert store.staged_roots() == {}
        assert store.get(B) is None

    def test_a_snapshot_moves_a_state(self, disk: Disk, store: StateStore) -> None:
        """Sender and receiver of `snapshot.py` on this store, onto itself after a change."""
        make(disk, store, 1, ONE)
        store.refresh()
        source = store.open_snapshot()
        make(disk, store, 2, TWO)
        store.refresh()
        receiver = SnapshotReceiver(store, manifest_of(source))
        assert receiver.wanted_slots() == [0, 5]  # slot 4095 is equal and does not travel
        for chunk in read_chunks(source, receiver.wanted_slots()):
            receiver.take(chunk)
        source.close()
        assert receiver.install() == at(1)
        assert everything(store) == AFTER_ONE

    def test_after_close_nothing_is_written(self, store: StateStore) -> None:
        """A closed store refuses; closing twice is fine."""
        store.close()
        with pytest.raises(StoreFault, match="open the store anew"):
            store.begin_checkpoint(replace(at(1)))
        store.close()
