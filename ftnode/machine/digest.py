"""The digest chain: what each entry did, over everything before it.

Two units whose digests are equal at a seq have executed the same entries with the same results
and the same writes. The text under the hash is msgpack, whose every value has one form here:
an array of the digest before, the entry's hash, the result, and the writes in key order, each
a key with a value or nil.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from ftnode.store.hashing import HASH_BYTES, hash16

DIGEST_BYTES: Final = HASH_BYTES

_encode: Final = msgspec.msgpack.Encoder().encode


def chain(before: bytes, entry_hash: bytes, result: bytes, writes: Mapping[bytes, bytes | None]) -> bytes:
    """The digest of an entry, 16 bytes.

    Args:
        before: digest of the entry before; 16 zero bytes before the first.
        entry_hash: of the entry, as in the log.
        result: verdict and outcome.
        writes: what it wrote; None for a deleted key.
    """
    pairs = [(key, writes[key]) for key in sorted(writes)]
    return hash16(_encode((before, entry_hash, result, pairs)))
