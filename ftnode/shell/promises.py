"""The promise record on disk: written whole, in one step, synced before it is acted on.

    DIR/promise    JSON in one line, and its blake2b-128 in the next

What cannot be read is never guessed: a unit without its promises must not take part.
"""

from hashlib import blake2b
from typing import Final

import msgspec

from ftnode.core.promise import Promise
from ftnode.store.disk import Disk, read_whole, write_whole

NAME: Final = "promise"
FORMAT: Final = 1
_HASH_BYTES: Final = 16


class PromiseFault(Exception):
    """There is a promise file and it cannot be believed."""


class _Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: int
    promise: Promise


class PromiseStore:
    """See the module."""

    def __init__(self, disk: Disk, directory: str) -> None:
        """`directory` exists and is ours."""
        self._disk = disk
        self._path = f"{directory}/{NAME}"

    def load(self) -> Promise | None:
        """What was promised, None on a blank disk. Raises PromiseFault, OSError."""
        data = read_whole(self._disk, self._path)
        if data is None:
            return None
        text, _, said = data.rstrip(b"\n").rpartition(b"\n")
        if _hash(text) != said:
            raise PromiseFault(
                f"{self._path}: the checksum is wrong; this disk's promises are lost: start blank"
            )
        try:
            kept = msgspec.json.decode(text, type=_Kept)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise PromiseFault(
                f"{self._path}: {error}; start this unit with a newer version, or blank"
            ) from error
        if kept.format != FORMAT:
            raise PromiseFault(f"{self._path}: format {kept.format}, this version reads {FORMAT}")
        return kept.promise

    def keep(self, promise: Promise) -> None:
        """Put it on disk; durable when this returns. Raises OSError."""
        text = msgspec.json.encode(_Kept(FORMAT, promise))
        write_whole(self._disk, self._path, text + b"\n" + _hash(text) + b"\n")


def _hash(text: bytes) -> bytes:
    return blake2b(text, digest_size=_HASH_BYTES).hexdigest().encode()
