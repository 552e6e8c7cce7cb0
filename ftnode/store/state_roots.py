"""Slot roots: for each slot the sum modulo 2^128 of the hashes of its pairs.

A sum does not depend on order, so it is kept by adding the new pair and taking the old one
away, and two units that hold the same pairs have the same root, however they came by them.
"""

from collections.abc import Iterable
from struct import Struct
from typing import Final

from ftnode.store.hashing import HASH_BYTES, hash16
from ftnode.store.state import SLOTS, Pair, slot_of

ROOT_BYTES: Final = HASH_BYTES
ROOTS_BYTES: Final = SLOTS * ROOT_BYTES
MODULUS: Final = 1 << (8 * ROOT_BYTES)
EMPTY_ROOT: Final = bytes(ROOT_BYTES)
EMPTY_ROOTS: Final = bytes(ROOTS_BYTES)

_number: Final = int.from_bytes
_length: Final = Struct(">H").pack


def pair_hash(key: bytes, value: bytes) -> int:
    """What one pair adds to its slot's root: 128 bits over the key's length, key and value."""
    return _number(hash16(_length(len(key)) + key + value), "big")


def count_root(pairs: Iterable[Pair]) -> bytes:
    """The root of a slot that holds exactly `pairs`."""
    return pack_root(sum(pair_hash(key, value) for key, value in pairs))


def pack_root(total: int) -> bytes:
    """16 bytes, big endian."""
    return (total % MODULUS).to_bytes(ROOT_BYTES, "big")


def root_at(roots: bytes, slot: int) -> bytes:
    """The root of one slot out of the packed 4,096."""
    return roots[slot * ROOT_BYTES : (slot + 1) * ROOT_BYTES]


def unequal_slots(one: bytes, other: bytes) -> list[int]:
    """Slots whose roots differ between two packed rows of roots."""
    if one == other:
        return []
    return [slot for slot in range(SLOTS) if root_at(one, slot) != root_at(other, slot)]


class RootSum:
    """Packed roots with changes added up beside them; unpacked only where something changed."""

    def __init__(self, roots: bytes) -> None:
        self._roots = roots
        self._changed: dict[int, int] = {}

    def replace(self, key: bytes, old: bytes | None, new: bytes | None) -> None:
        """`key` had `old` and now has `new`; None is no pair at all."""
        added = 0
        if old is not None:
            added -= pair_hash(key, old)
        if new is not None:
            added += pair_hash(key, new)
        self.add(slot_of(key), added)

    def add(self, slot: int, added: int) -> None:
        """What `slot` got, less what it lost."""
        self._changed[slot] = self._changed.get(slot, 0) + added

    def packed(self) -> bytes:
        """All 4,096 roots with the changes in."""
        roots = bytearray(self._roots)
        for slot, change in self._changed.items():
            at = slot * ROOT_BYTES
            before = int.from_bytes(roots[at : at + ROOT_BYTES], "big")
            roots[at : at + ROOT_BYTES] = pack_root(before + change)
        return bytes(roots)
