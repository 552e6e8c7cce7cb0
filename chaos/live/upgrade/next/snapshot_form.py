"""Snapshot format 2: manifests and chunks are compressed, behind a mark and their length."""

import zlib
from typing import Final

from ftnode.store.snapshot import SnapshotFault

_MARK: Final = b"snapshot 2\n"
_LENGTH_BYTES: Final = 4
_MAX_BYTES: Final = 16 << 20


class SecondSnapshot:
    """See `ftnode.store.snapshot_forms.Form`."""

    number = 2

    def outgoing(self, text: bytes) -> bytes:
        """Compressed."""
        return _MARK + len(text).to_bytes(_LENGTH_BYTES, "big") + zlib.compress(text, 1)

    def incoming(self, text: bytes) -> bytes:
        """As it was."""
        head = len(_MARK) + _LENGTH_BYTES
        size_bytes = int.from_bytes(text[len(_MARK) : head], "big")
        if not text.startswith(_MARK) or len(text) <= head or size_bytes > _MAX_BYTES:
            raise SnapshotFault("not a manifest or chunk of format 2")
        try:
            plain = zlib.decompressobj().decompress(text[head:], size_bytes + 1)
        except zlib.error as error:
            raise SnapshotFault(f"a chunk of format 2 does not unpack: {error}") from error
        if len(plain) != size_bytes:
            raise SnapshotFault(f"a chunk of format 2 has {len(plain)} bytes, it says {size_bytes}")
        return plain
