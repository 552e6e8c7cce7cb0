"""A state in transit: slot by slot in key order, in hashed chunks, only what is unequal.

The sender holds one checkpoint still (`StateStore.open_snapshot`) while traffic goes on. It
says what it has (`manifest_of`); the receiver compares roots with its own state and with what
an interrupted attempt left, asks for the rest, builds it beside the old state and takes all of
it over in one step. No sockets here: the shell carries chunks over gRPC, the simulator in its
queue.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import blake2b
from typing import Final

import msgspec

from ftnode.core.invariants import invariant
from ftnode.store.state import (
    DIGEST_BYTES,
    KEY_MIN_BYTES,
    SLOTS,
    Checkpoint,
    Pair,
    Part,
    RottenValue,
    SnapshotReader,
    StateStore,
    slot_start,
)
from ftnode.store.state_roots import (
    EMPTY_ROOT,
    ROOTS_BYTES,
    count_root,
    pack_root,
    pair_hash,
    root_at,
    unequal_slots,
)

FORMAT: Final = 1
CHUNK_MAX_BYTES: Final = 1 << 20
CHUNK_HEAD_BYTES: Final = 64  # slot, number, last, hash and msgpack's own
PAIR_HEAD_BYTES: Final = 12  # msgpack's own
PAIRS_MAX_BYTES: Final = CHUNK_MAX_BYTES - CHUNK_HEAD_BYTES
STAGE_AT_ONCE_BYTES: Final = 8 << 20
UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)  # what a stranger's bytes raise


class SnapshotFault(Exception):
    """What came is not what was announced. The old state stands; ask again."""


class Manifest(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """What the sender has."""

    format: int
    checkpoint: Checkpoint
    roots: bytes  # packed, 64 KiB


class Chunk(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """Part of one slot. At most `CHUNK_MAX_BYTES` when encoded."""

    slot: int
    number: int  # from 0 in each slot
    last: bool  # of its slot
    hash: bytes  # blake2b-128 over the three above and `pairs`
    pairs: bytes  # msgpack of [[key, value], ...] in key order


_pack = msgspec.msgpack.Encoder().encode
_unpack_pairs = msgspec.msgpack.Decoder(list[Pair]).decode
_unpack_manifest = msgspec.msgpack.Decoder(Manifest).decode
_unpack_chunk = msgspec.msgpack.Decoder(Chunk).decode


def encode(message: Manifest | Chunk) -> bytes:
    """Bytes for the wire."""
    return _pack(message)


def decode_manifest(text: bytes) -> Manifest:
    """Raises SnapshotFault if it is no manifest that this version understands."""
    try:
        manifest = _unpack_manifest(text)
    except UNREADABLE as problem:
        raise SnapshotFault(f"not a manifest: {problem}") from problem
    if manifest.format != FORMAT:
        raise SnapshotFault(f"manifest of format {manifest.format}; this version reads {FORMAT}")
    if len(manifest.roots) != ROOTS_BYTES:
        raise SnapshotFault(f"manifest with {len(manifest.roots)} bytes of roots, should be {ROOTS_BYTES}")
    stands = manifest.checkpoint
    if stands.seq < 0 or {len(stands.digest), len(stands.entry_hash)} != {DIGEST_BYTES}:
        raise SnapshotFault(
            f"manifest at seq {stands.seq} with a digest or hash that is not {DIGEST_BYTES} bytes"
        )
    return manifest


def decode_chunk(text: bytes) -> Chunk:
    """Raises SnapshotFault if it is no chunk; its hash is checked by the receiver."""
    try:
        return _unpack_chunk(text)
    except UNREADABLE as problem:
        raise SnapshotFault(f"not a chunk: {problem}") from problem


def manifest_of(snapshot: SnapshotReader) -> Manifest:
    """What the sender says first."""
    return Manifest(FORMAT, snapshot.checkpoint, snapshot.roots)


def read_chunks(snapshot: SnapshotReader, slots: Iterable[int]) -> Iterator[Chunk]:
    """The sender: `slots` in the order given, each in at least one chunk.

    Raises:
        RottenValue: the sender's own disk is at fault; nothing wrong was sent.
        SnapshotFault: a slot's pairs do not add up to its root; ditto.
    """
    for slot in slots:
        total, number = 0, 0
        held: list[Pair] = []
        held_bytes = 0
        for pair in snapshot.pairs(slot):
            pair_bytes = len(pair[0]) + len(pair[1]) + PAIR_HEAD_BYTES
            if held and held_bytes + pair_bytes > PAIRS_MAX_BYTES:
                yield _chunk(slot, number, False, held)
                number, held, held_bytes = number + 1, [], 0
            held.append(pair)
            held_bytes += pair_bytes
            total += pair_hash(*pair)
        if pack_root(total) != root_at(snapshot.roots, slot):
            raise SnapshotFault(f"slot {slot} does not add up to its root; the sender's state is broken")
        yield _chunk(slot, number, True, held)


def is_whole(chunk: Chunk) -> bool:
    """Whether the chunk's hash is its own."""
    return chunk.hash == _chunk_hash(chunk.slot, chunk.number, chunk.last, chunk.pairs)


def _chunk(slot: int, number: int, last: bool, pairs: list[Pair]) -> Chunk:
    text = _pack(pairs)
    return Chunk(slot, number, last, _chunk_hash(slot, number, last, text), text)


def _chunk_hash(slot: int, number: int, last: bool, pairs: bytes) -> bytes:
    head = b"%d.%d.%d." % (slot, number, last)
    return blake2b(head + pairs, digest_size=16).digest()


def is_still_right(staged_root: bytes, announced_root: bytes) -> bool:
    """Whether a slot that came in an earlier attempt, perhaps of another snapshot, need not come again."""
    return staged_root == announced_root


class SnapshotReceiver:
    """The receiver of one snapshot. Every call may block on the disk.

    Args:
        store: holds the old state (blank, old, or current but for one rotten slot).
        manifest: what the sender has.
        recount: do not believe one's own recorded roots, count them from the pairs: for a disk
            that was found rotten or came from elsewhere. Reads the whole state.
        stage_at_once_bytes: how much is gathered before it goes to disk; an interruption loses it.
        distrust: slots of ours that are known to be rotten, whatever their recorded roots say.
    """

    def __init__(
        self,
        store: StateStore,
        manifest: Manifest,
        recount: bool = False,
        stage_at_once_bytes: int = STAGE_AT_ONCE_BYTES,
        distrust: Iterable[int] = (),
    ) -> None:
        self._store = store
        self._stage_at_once_bytes = stage_at_once_bytes
        self._gathered: list[Part] = []
        self._gathered_bytes = 0
        self._manifest = manifest
        self._stood_at = store.checkpoint
        self._unequal = sorted({*_unequal(store, manifest.roots, recount), *distrust})
        self._asked_for = frozenset(self._unequal)
        self._here = {
            slot
            for slot, root in store.staged_roots().items()
            if is_still_right(root, root_at(manifest.roots, slot))  # from an earlier attempt
        }
        self._slot = -1
        self._number = 0
        self._total = 0
        self._last_key = b""

    def wanted_slots(self) -> list[int]:
        """Slots that still must travel, in key order."""
        return [slot for slot in self._unequal if slot not in self._here]

    def kept_slots(self) -> tuple[int, int]:
        """Slots with something in them that need not travel: (equal to our own, here from an earlier try)."""
        return (
            sum(
                slot not in self._asked_for and root_at(self._manifest.roots, slot) != EMPTY_ROOT
                for slot in range(SLOTS)
            ),
            sum(slot in self._here for slot in self._unequal),
        )

    def take(self, chunk: Chunk) -> None:
        """Put one chunk beside the state.

        Raises:
            SnapshotFault: damaged, out of order, not asked for, or its slot does not add up.
            StoreFault: our own disk.
        """
        if chunk.hash != _chunk_hash(chunk.slot, chunk.number, chunk.last, chunk.pairs):
            raise SnapshotFault(f"chunk {chunk.number} of slot {chunk.slot} is damaged")
        if chunk.number == 0:
            self._begin(chunk.slot)
        if (chunk.slot, chunk.number) != (self._slot, self._number):
            raise SnapshotFault(
                f"got chunk {chunk.number} of slot {chunk.slot}, "
                f"wanted chunk {self._number} of slot {self._slot}"
            )
        pairs = self._checked(chunk)
        root = self._root(chunk.slot) if chunk.last else None
        self._gathered.append(Part(chunk.slot, chunk.number == 0, pairs, root))
        self._gathered_bytes += len(chunk.pairs)
        self._number += 1
        if chunk.last:
            self._slot = -1
            self._here.add(chunk.slot)
        if self._gathered_bytes >= self._stage_at_once_bytes:
            self._stage()

    def _begin(self, slot: int) -> None:
        if not 0 <= slot < SLOTS:
            raise SnapshotFault(f"there is no slot {slot}; slots are 0..{SLOTS - 1}")
        if slot not in self._asked_for:
            raise SnapshotFault(f"slot {slot} is equal and was not asked for")
        self._here.discard(slot)
        self._slot, self._number, self._total, self._last_key = slot, 0, 0, b""

    def _checked(self, chunk: Chunk) -> list[Pair]:
        try:
            pairs = _unpack_pairs(chunk.pairs)
        except UNREADABLE as problem:
            raise SnapshotFault(f"chunk {chunk.number} of slot {chunk.slot}: {problem}") from problem
        for key, value in pairs:
            if key <= self._last_key or key[:2] != slot_start(chunk.slot) or len(key) < KEY_MIN_BYTES:
                raise SnapshotFault(f"key {key.hex()} is out of place in slot {chunk.slot}")
            self._last_key = key
            self._total += pair_hash(key, value)
        return pairs

    def _root(self, slot: int) -> bytes:
        root = pack_root(self._total)
        if root != root_at(self._manifest.roots, slot):
            self._slot = -1
            raise SnapshotFault(f"slot {slot} does not add up to the root that was announced")
        return root

    def _stage(self) -> None:
        if self._gathered:
            self._store.stage(self._gathered)
        self._gathered, self._gathered_bytes = [], 0

    def keep(self) -> None:
        """What came so far lies on disk, for the next try. Raises StoreFault."""
        self._stage()

    def finish(self) -> list[int]:
        """All that came lies on disk beside the state; the slots that `install` is to take over.

        Raises:
            StoreFault: our own disk.
        """
        missing = self.wanted_slots()
        invariant(not missing, "a snapshot is installed before all of it came", missing=missing[:5])
        self._stage()
        return self._unequal

    def install(self, extra: bytes | None = None) -> Checkpoint:
        """Take everything over in one step; durable when this returns.

        Args:
            extra: what the checkpoint says of this unit; None keeps the sender's.

        Raises:
            StoreFault: our own disk; the old state stands.
        """
        slots = self.finish()
        now = self._store.checkpoint
        invariant(
            now == self._stood_at, "the state moved on under a snapshot", was=self._stood_at.seq, now=now.seq
        )
        checkpoint = self._manifest.checkpoint
        if extra is not None:
            checkpoint = replace(checkpoint, extra=extra)
        self._store.install(checkpoint, self._manifest.roots, slots)
        return checkpoint


def _unequal(store: StateStore, roots: bytes, recount: bool) -> list[int]:
    """Slots that differ from `roots`, by our recorded roots or by the pairs themselves."""
    if not recount:
        return unequal_slots(store.roots, roots)
    return [slot for slot in range(SLOTS) if _counted_root(store, slot) != root_at(roots, slot)]


def _counted_root(store: StateStore, slot: int) -> bytes | None:
    try:
        return count_root(store.iterate(slot_start(slot), slot_start(slot + 1)))
    except RottenValue:
        return None
