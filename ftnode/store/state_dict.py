"""The state store of the simulator: a sorted dict with the crash contract of a disk.

`DictMedium` is the disk: it outlives the store object and is told what a crash left of it.
`DictStateStore` is the store opened on it. Everything is deterministic; what chance would
decide on a real disk (did the unsynced write survive?) the caller decides.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sortedcontainers import SortedDict

from ftnode.core.invariants import invariant
from ftnode.store.state import (
    BLANK,
    Change,
    Checkpoint,
    Pair,
    Part,
    RottenValue,
    StoreFault,
    StoreFull,
    StoreUnusable,
    slot_of,
    slot_start,
)
from ftnode.store.state_roots import EMPTY_ROOTS, RootSum

WHERE = "simulated disk"


@dataclass(slots=True)
class _Written:
    """A checkpoint that was written: the changes if reads do not see them yet, and the way back."""

    checkpoint: Checkpoint
    roots: bytes
    changes: dict[bytes, bytes | None]
    synced: bool = False


class DictMedium:
    """What lies on the simulated disk. The switches below make it fail."""

    def __init__(self) -> None:
        self.pairs: SortedDict[bytes, bytes] = SortedDict()
        self.checkpoint = BLANK
        self.roots = EMPTY_ROOTS
        self.written: _Written | None = None
        self.back: _Written | None = None  # how to undo what is folded in but not synced
        self.staged: dict[int, tuple[bytes | None, dict[bytes, bytes]]] = {}
        self.rotten: set[bytes] = set()
        self.read_only = False
        self.full = False
        self.sync_fails = False

    def power_loss(self, keep_unsynced: bool) -> None:
        """The unit lost its power. Open a new store afterwards; the old one must not be used.

        Args:
            keep_unsynced: whether a checkpoint that was written but not synced got to the disk
                by itself. A process that only died keeps it: pass True.
        """
        if keep_unsynced or (self.written is not None and self.written.synced):
            self.fold()
        self.written = None
        if self.back is not None and not keep_unsynced:
            self._set(self.back)
        self.back = None
        self.staged = {slot: place for slot, place in self.staged.items() if place[0] is not None}

    def rot(self, key: bytes) -> None:
        """Let the pair under `key` no longer match its checksum."""
        self.fold()
        self.rotten.add(key)

    def fold(self) -> None:
        """Bring what was written into what is read."""
        written = self.written
        if written is None:
            return
        old = {key: self.pairs.get(key) for key in written.changes}
        self.back = None if written.synced else _Written(self.checkpoint, self.roots, old)
        self._set(written)
        self.written = None

    def sync(self) -> None:
        """Everything written is safe now."""
        if self.written is not None:
            self.written.synced = True
        self.back = None

    def _set(self, state: _Written) -> None:
        for key, value in state.changes.items():
            if value is None:
                self.pairs.pop(key, None)
            else:
                self.pairs[key] = value
            self.rotten.discard(key)
        self.checkpoint, self.roots = state.checkpoint, state.roots


class DictStateStore:
    """`StateStore` on a `DictMedium`."""

    def __init__(self, medium: DictMedium) -> None:
        medium.fold()
        self._medium = medium
        self._unusable = ""
        self._quarantined: set[int] = set()
        self._writer: DictWriter | None = None

    @property
    def checkpoint(self) -> Checkpoint:
        return self._medium.checkpoint

    @property
    def roots(self) -> bytes:
        return self._medium.roots

    def get(self, key: bytes) -> bytes | None:
        value: bytes | None = self._medium.pairs.get(key)
        if self._medium.rotten or self._quarantined:
            self._check(key)
        return value

    def scan(self, start: bytes, stop: bytes, limit: int) -> list[Pair]:
        found: list[Pair] = []
        for pair in self.iterate(start, stop):
            if len(found) >= limit:
                break
            found.append(pair)
        return found

    def iterate(self, start: bytes, stop: bytes) -> Iterator[Pair]:
        pairs = self._medium.pairs
        for slot in sorted(self._quarantined):
            if start < slot_start(slot + 1) and stop > slot_start(slot):
                self._check(slot_start(slot))
        for key in pairs.irange(start, stop, inclusive=(True, False)):
            self._check(key)
            yield key, pairs[key]

    def begin_checkpoint(self, checkpoint: Checkpoint) -> "DictWriter":
        self.writable()
        invariant(self._writer is None, "a checkpoint is being written", seq=checkpoint.seq)
        self.refresh()
        self._writer = DictWriter(self, self._medium, checkpoint)
        return self._writer

    def refresh(self) -> Checkpoint:
        self._medium.fold()
        return self._medium.checkpoint

    def quarantine(self, slots: Iterable[int]) -> None:
        self._quarantined.update(slots)

    def open_snapshot(self) -> "DictSnapshot":
        self.refresh()
        return DictSnapshot(self._medium)

    def staged_roots(self) -> dict[int, bytes]:
        staged = self._medium.staged
        return {slot: root for slot, (root, _) in sorted(staged.items()) if root is not None}

    def stage(self, parts: Sequence[Part]) -> None:
        self.writable()
        staged = self._medium.staged
        for part in parts:
            pairs = {} if part.first else staged[part.slot][1]
            pairs.update(part.pairs)
            staged[part.slot] = (part.root, pairs)

    def stage_drop(self) -> None:
        self._medium.staged.clear()

    def install(self, checkpoint: Checkpoint, roots: bytes, slots: Iterable[int]) -> None:
        self.writable()
        self.refresh()
        medium = self._medium
        for slot in slots:
            for key in list(medium.pairs.irange(slot_start(slot), slot_start(slot + 1), (True, False))):
                del medium.pairs[key]
                medium.rotten.discard(key)
            medium.pairs.update(medium.staged[slot][1])
        medium.checkpoint, medium.roots, medium.back = checkpoint, roots, None
        medium.staged.clear()
        self._quarantined.clear()

    def close(self) -> None:
        self._unusable = self._unusable or "it was closed"

    def writable(self) -> None:
        """Raise the fault that stands in the way of writing, if any."""
        if self._unusable:
            raise StoreUnusable(f"{WHERE}: {self._unusable}; open the store anew")
        if self._medium.read_only:
            raise StoreFault(f"{WHERE}: read-only; a unit needs a writable disk")

    def sync(self) -> None:
        """The writer's last step."""
        self.writable()
        if self._medium.sync_fails:
            self._unusable = "a sync failed"
            raise StoreFault(f"{WHERE}: sync failed; the unit must stop")
        self._medium.sync()

    def writer_ended(self) -> None:
        """The writer wrote or gave up: the next may begin."""
        self._writer = None

    def _check(self, key: bytes) -> None:
        if slot_of(key) in self._quarantined:
            raise RottenValue(WHERE, key, "its slot does not add up to what was written")
        if key in self._medium.rotten:
            raise RottenValue(WHERE, key, "the stored pair does not match its checksum")


class DictWriter:
    """`CheckpointWriter` of the sorted dict."""

    def __init__(self, store: DictStateStore, medium: DictMedium, checkpoint: Checkpoint) -> None:
        self._store = store
        self._medium = medium
        self._checkpoint = checkpoint
        self._changes: dict[bytes, bytes | None] = {}
        self._roots = EMPTY_ROOTS

    def put_slice(self, changes: Sequence[Change]) -> None:
        self._changes.update(changes)

    def prepare(self) -> bytes:
        self._store.writable()
        total = RootSum(self._store.roots)
        try:
            for key in sorted(self._changes):
                total.replace(key, self._store.get(key), self._changes[key])
        except StoreFault:
            self.abort()
            raise
        self._roots = total.packed()
        return self._roots

    def write(self) -> None:
        self._store.writable()
        if self._medium.full:
            self.abort()
            raise StoreFull(f"{WHERE}: no space left; the checkpoint before still stands")
        self._medium.sync()  # as on a real disk: a write makes the one before it durable
        self._medium.written = _Written(self._checkpoint, self._roots, self._changes)
        self._store.writer_ended()

    def sync(self) -> None:
        self._store.sync()

    def abort(self) -> None:
        self._changes = {}
        self._store.writer_ended()


class DictSnapshot:
    """`SnapshotReader`: a copy, because simulated states are small."""

    def __init__(self, medium: DictMedium) -> None:
        self.checkpoint = medium.checkpoint
        self.roots = medium.roots
        self._pairs = medium.pairs.copy()
        self._rotten = frozenset(medium.rotten)

    def pairs(self, slot: int) -> Iterator[Pair]:
        for key in self._pairs.irange(slot_start(slot), slot_start(slot + 1), inclusive=(True, False)):
            if key in self._rotten:
                raise RottenValue(WHERE, key, "the stored pair does not match its checksum")
            yield key, self._pairs[key]

    def close(self) -> None:
        self._pairs = SortedDict()
