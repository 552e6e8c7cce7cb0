"""Slot roots: sums of pair hashes, kept along or counted anew, the same."""

from hashlib import blake2b

from hypothesis import given
from hypothesis import strategies as st

from ftnode.store.state import SLOTS
from ftnode.store.state_roots import (
    EMPTY_ROOT,
    EMPTY_ROOTS,
    MODULUS,
    ROOTS_BYTES,
    RootSum,
    count_root,
    pack_root,
    pair_hash,
    root_at,
    unequal_slots,
)

KEYS = st.builds(
    lambda slot, name: slot.to_bytes(2, "big") + b"\0\1" + name, st.integers(0, 3), st.binary(max_size=1)
)


def test_pair_hashes_are_as_they_always_were() -> None:
    """blake2b-128 over the key's length in 2 bytes, key and value."""
    spelled = blake2b(b"\0\5" + b"\0\1\0\1k" + b"value", digest_size=16).digest()
    assert pair_hash(b"\0\1\0\1k", b"value") == int.from_bytes(spelled, "big")
    assert pair_hash(b"\0\1\0\1k", b"value") != pair_hash(b"\0\1\0\1kv", b"alue")


def test_sums_wrap() -> None:
    """Modulo 2^128, in both directions."""
    assert pack_root(MODULUS) == EMPTY_ROOT
    assert pack_root(-1) == b"\xff" * 16
    assert count_root([]) == EMPTY_ROOT


def test_unequal_slots() -> None:
    """First and last slot included."""
    other = b"\1" + EMPTY_ROOTS[1:-1] + b"\1"
    assert len(EMPTY_ROOTS) == ROOTS_BYTES
    assert unequal_slots(EMPTY_ROOTS, EMPTY_ROOTS) == []
    assert unequal_slots(EMPTY_ROOTS, other) == [0, SLOTS - 1]


@given(st.lists(st.tuples(KEYS, st.none() | st.binary(max_size=2)), max_size=30))
def test_kept_along_is_counted_anew(changes: list[tuple[bytes, bytes | None]]) -> None:
    """Any sequence of puts and deletes, in one sum or in many."""
    pairs: dict[bytes, bytes] = {}
    together, roots = RootSum(EMPTY_ROOTS), EMPTY_ROOTS
    for key, new in changes:
        together.replace(key, pairs.get(key), new)
        single = RootSum(roots)
        single.replace(key, pairs.get(key), new)
        roots = single.packed()
        if new is None:
            pairs.pop(key, None)
        else:
            pairs[key] = new
    assert together.packed() == roots
    for slot in range(4):
        inside = [(key, value) for key, value in pairs.items() if key[1] == slot]
        assert root_at(roots, slot) == count_root(inside)
