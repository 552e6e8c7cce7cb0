"""Snapshots read by a child process, so that feeding a newcomer never holds up the active's loop.

The child opens the state read-only, holds its newest checkpoint still, and sends the manifest. Then it is
asked for slots, a portion at a time, and sends their chunks encoded, as many in a message as fit. The parent
passes bytes on and looks at none. What was asked for last can be left and something else asked for.

    python -m ftnode.store.snapshot_helper PATH PARENT
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

import msgspec

from ftnode.store.child import Child, ChildGone, orphaned, read_message, settle_down, write_message
from ftnode.store.snapshot import CHUNK_MAX_BYTES, SnapshotFault, encode, manifest_of, read_chunks
from ftnode.store.state import SnapshotReader, StoreFault
from ftnode.store.state_lmdb import LmdbStateStore

# First byte of every message of the child.
MANIFEST: Final = b"m"
CHUNKS: Final = b"c"
END: Final = b"e"
FAULT: Final = b"f"

BATCH_BYTES: Final = 256 << 10  # small slots travel together; more in a message would hold up the unit's loop
PORTION_SLOTS: Final = 32  # asked for at once: so many are read to the end when the newcomer goes away

_encode_slots = msgspec.msgpack.Encoder().encode
_decode_slots = msgspec.msgpack.Decoder(list[int]).decode
_encode_batch = msgspec.msgpack.Encoder().encode
_decode_batch = msgspec.msgpack.Decoder(list[bytes]).decode


class HelperSnapshot:
    """One snapshot of the state in `path`. Every call but `kill` may wait: make them in a thread, in turn.

    Raises:
        SnapshotFault: the child failed, and why.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._child = Child(__name__, str(path))
        self._manifest = b""
        self._owed = 0  # portions asked for whose end did not come yet

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._child.pid

    def lives(self) -> bool:
        """Whether it can still be asked."""
        return self._child.lives()

    def kill(self) -> None:
        """Send it away and do not wait: a call that waits for it ends with SnapshotFault. `close` waits."""
        self._child.kill()

    def manifest(self) -> bytes:
        """What to send first; see `snapshot.decode_manifest`."""
        if not self._manifest:
            self._manifest = self._next()[1]
        return self._manifest

    def batches(self, slots: Iterable[int]) -> Iterator[list[bytes]]:
        """The slots wanted, as encoded chunks, several at a time and in order. After the manifest; what an
        earlier call left untaken is read to the end of its portion and dropped."""
        self.manifest()
        while self._owed:
            self._one()
        wanted = list(slots)
        portions = [wanted[at : at + PORTION_SLOTS] for at in range(0, len(wanted), PORTION_SLOTS)]
        for number, portion in enumerate(portions):
            if not number:
                self._ask(portion)
            if number + 1 < len(portions):
                self._ask(portions[number + 1])  # so that the child never waits for us
            while (batch := self._one()) is not None:
                yield batch

    def chunks(self, slots: Iterable[int]) -> Iterator[bytes]:
        """The same one by one."""
        for batch in self.batches(slots):
            yield from batch

    def close(self) -> None:
        """Let go at once, wherever it is; may be called twice."""
        self._child.end(at_once=True)

    def _ask(self, slots: Sequence[int]) -> None:
        try:
            self._child.send(_encode_slots(slots))
        except ChildGone as why:
            raise SnapshotFault(f"{self._path}: the helper that reads snapshots is gone ({why})") from why
        self._owed += 1

    def _one(self) -> list[bytes] | None:
        kind, text = self._next()
        if kind == END:
            self._owed -= 1
            return None
        return _decode_batch(text)

    def _next(self) -> tuple[bytes, bytes]:
        try:
            message = self._child.receive()
        except ChildGone as why:
            raise SnapshotFault(f"{self._path}: the helper that reads snapshots is gone ({why})") from why
        if message[:1] == FAULT:
            raise SnapshotFault(message[1:].decode())
        return message[:1], message[1:]


def serve(path: Path, parent: int, asks: IO[bytes], replies: IO[bytes]) -> None:
    """The child: one snapshot, as many portions of it as are asked for, then the end."""
    try:
        snapshot = LmdbStateStore(path, read_only=True).open_snapshot()
        write_message(replies, MANIFEST + encode(manifest_of(snapshot)))
        while (wanted := read_message(asks)) is not None:
            for batch in _batches(snapshot, _decode_slots(wanted)):
                if orphaned(parent):
                    return
                write_message(replies, CHUNKS + _encode_batch(batch))
            write_message(replies, END)
    except (StoreFault, SnapshotFault) as fault:
        write_message(replies, FAULT + str(fault).encode())


def _batches(snapshot: SnapshotReader, slots: list[int]) -> Iterator[list[bytes]]:
    """Chunks in order, gathered until BATCH_BYTES, never above CHUNK_MAX_BYTES together."""
    batch: list[bytes] = []
    size_bytes = 0
    for chunk in read_chunks(snapshot, slots):
        text = encode(chunk)
        if batch and size_bytes + len(text) > CHUNK_MAX_BYTES:
            yield batch
            batch, size_bytes = [], 0
        batch.append(text)
        size_bytes += len(text)
        if size_bytes >= BATCH_BYTES:
            yield batch
            batch, size_bytes = [], 0
    if batch:
        yield batch


def main() -> None:
    """The child's command line."""
    parent = settle_down()
    with suppress(BrokenPipeError):
        serve(Path(sys.argv[1]), parent, sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
