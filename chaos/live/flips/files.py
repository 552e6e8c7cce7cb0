"""Flip bits of what a unit has in its state file: the value or the key of something that a member has.

What lies in a leaf of LMDB is a head of 8 bytes (length of the value, flags, length of the key), the key and
the value. Older copies may lie in pages that are free by now: all of them are flipped, at the same bit.
"""

import os
import random
import struct
from pathlib import Path
from typing import Final

NODE: Final = struct.Struct("<HHHH")  # value's length (low, high), flags, key's length
KEY_MAX_BYTES: Final = 511
VALUE_MAX_BYTES: Final = 2000  # of what lies in the leaf itself


def flip_state(state: Path, prefix: bytes, kind: str, chance: random.Random) -> bool:
    """One bit of a `value`, or of a `key`, whose key begins with `prefix`; False if there is none."""
    data = (state / "data.mdb").read_bytes()
    nodes = _nodes(data, prefix)
    if not nodes:
        return False
    key = chance.choice(sorted(nodes))
    at, size = (len(key), nodes[key][0][1]) if kind == "value" else (0, len(key))
    if not size:
        return False
    bit = chance.randrange(8 * size)
    fd = os.open(state / "data.mdb", os.O_RDWR | os.O_CLOEXEC)
    try:
        for place, _ in nodes[key]:
            where = place + at + bit // 8
            (old,) = os.pread(fd, 1, where)
            os.pwrite(fd, bytes([old ^ 1 << bit % 8]), where)
    finally:
        os.close(fd)
    return True


def _nodes(data: bytes, prefix: bytes) -> dict[bytes, list[tuple[int, int]]]:
    """By key: (where the key lies, length of the value) of every copy."""
    found: dict[bytes, list[tuple[int, int]]] = {}
    place = data.find(prefix)
    while place >= 0:
        low, high, flags, key_bytes = (
            NODE.unpack_from(data, place - NODE.size) if place >= NODE.size else (0,) * 4
        )
        if flags == 0 and high == 0 and len(prefix) <= key_bytes <= KEY_MAX_BYTES and low <= VALUE_MAX_BYTES:
            found.setdefault(data[place : place + key_bytes], []).append((place, low))
        place = data.find(prefix, place + 1)
    return found
