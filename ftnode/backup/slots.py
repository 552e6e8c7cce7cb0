"""Slots of a snapshot in files: checked pair by pair before they are kept, and whenever they are read."""

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from ftnode.backup.files import Damaged, Draft, Reader
from ftnode.backup.records import SlotHead
from ftnode.store.snapshot import (
    CHUNK_MAX_BYTES,
    UNREADABLE,
    Chunk,
    SnapshotFault,
    decode_chunk,
    encode,
    is_whole,
)
from ftnode.store.state import KEY_MIN_BYTES, Pair, slot_start
from ftnode.store.state_roots import pack_root, pair_hash

PACK_LEVEL: Final = 1  # three quarters of what the best would save, for a fifth of its time
_LENGTH_BYTES: Final = 4
_unpack_pairs = msgspec.msgpack.Decoder(list[Pair]).decode


class SlotCheck:
    """Chunks of one slot in their order, up to its root."""

    def __init__(self, slot: int, root: bytes) -> None:
        self._slot, self._root = slot, root
        self._number = 0
        self._total = 0
        self._last_key = b""
        self.ended = False

    def take(self, chunk: Chunk) -> None:
        """The next chunk. Raises SnapshotFault: it is damaged, not the next, or the slot does not add up."""
        if self.ended or (chunk.slot, chunk.number) != (self._slot, self._number) or not is_whole(chunk):
            raise SnapshotFault(f"chunk {self._number} of slot {self._slot} is damaged or missing")
        try:
            pairs = _unpack_pairs(chunk.pairs)
        except UNREADABLE as problem:
            raise SnapshotFault(f"chunk {chunk.number} of slot {chunk.slot}: {problem}") from problem
        for key, value in pairs:
            if key <= self._last_key or key[:2] != slot_start(self._slot) or len(key) < KEY_MIN_BYTES:
                raise SnapshotFault(f"key {key.hex()} is out of place in slot {self._slot}")
            self._last_key = key
            self._total += pair_hash(key, value)
        self._number += 1
        self.ended = chunk.last
        if chunk.last and pack_root(self._total) != self._root:
            raise SnapshotFault(f"slot {self._slot} does not add up to its root")


class SlotDraft:
    """A slot file in the making."""

    def __init__(self, directory: Path, slot: int, root: bytes) -> None:
        head = SlotHead(slot=slot, root=root.hex())
        self._check = SlotCheck(slot, root)
        self._packer = zlib.compressobj(PACK_LEVEL)
        self.draft = Draft(directory / head.name, head)

    def take(self, chunk: Chunk) -> None:
        """Check and keep the next chunk. Raises SnapshotFault, BackupFault."""
        self._check.take(chunk)
        text = encode(chunk)
        self.draft.add(self._packer.compress(len(text).to_bytes(_LENGTH_BYTES, "big") + text))
        if chunk.last:
            self.draft.add(self._packer.flush())


def read_slot(directory: Path, slot: int, root: bytes) -> Iterator[Chunk]:
    """The chunks of a slot, each checked; the last step raises Damaged if anything of the file was changed.

    Raises:
        Damaged: it is missing, changed or cut short.
    """
    reader = Reader(directory / SlotHead(slot=slot, root=root.hex()).name)
    check = SlotCheck(slot, root)
    for text in _messages(reader):
        try:
            chunk = decode_chunk(text)
            check.take(chunk)
        except SnapshotFault as fault:
            raise Damaged(reader.path, str(fault)) from fault
        yield chunk
    if not check.ended:
        raise Damaged(reader.path, f"slot {slot} is not all there")


def _messages(reader: Reader) -> Iterator[bytes]:
    """The packed body as the messages it was made of, never much more than one in memory."""
    unpacker = zlib.decompressobj()
    held = b""
    for piece in reader.body():
        left, full = piece, True
        while left or full:
            try:
                unpacked = unpacker.decompress(left, CHUNK_MAX_BYTES)
            except zlib.error as fault:
                raise Damaged(reader.path, f"cannot be unpacked: {fault}") from fault
            held += unpacked
            left, full = unpacker.unconsumed_tail, len(unpacked) == CHUNK_MAX_BYTES
            while (size := _size(reader.path, held)) is not None:
                yield held[_LENGTH_BYTES : _LENGTH_BYTES + size]
                held = held[_LENGTH_BYTES + size :]
    if held or not unpacker.eof or unpacker.unused_data:
        raise Damaged(reader.path, "is not packed as it should be")


def _size(path: Path, held: bytes) -> int | None:
    """Length of the message at the beginning of `held`, if all of it is there."""
    if len(held) < _LENGTH_BYTES:
        return None
    size = int.from_bytes(held[:_LENGTH_BYTES], "big")
    if size > CHUNK_MAX_BYTES:
        raise Damaged(path, f"a chunk of {size} bytes; at most {CHUNK_MAX_BYTES}")
    return size if len(held) >= _LENGTH_BYTES + size else None
