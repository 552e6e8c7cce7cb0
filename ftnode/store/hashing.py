"""The hash of digests, roots and names: BLAKE2b, 128 bits."""

from hashlib import blake2b
from typing import Final

HASH_BYTES: Final = 16

_EMPTY: Final = blake2b(digest_size=HASH_BYTES)


def hash16(text: bytes) -> bytes:
    """16 bytes. Copying a hash of nothing costs less than making one."""
    hashing = _EMPTY.copy()
    hashing.update(text)
    return hashing.digest()
