"""Snapshots read by a child process, so that feeding a newcomer never holds up the active's loop.

The child opens the state read-only, holds its newest checkpoint still, and sends the manifest,
then, told the slots, the chunks, encoded. The parent passes bytes on and looks at none.

    python -m ftnode.store.snapshot_helper PATH PARENT
"""

import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

import msgspec

from ftnode.store.child import Child, ChildGone, orphaned, read_message, settle_down, write_message
from ftnode.store.snapshot import SnapshotFault, encode, manifest_of, read_chunks
from ftnode.store.state import StoreFault
from ftnode.store.state_lmdb import LmdbStateStore

# First byte of every message of the child.
MANIFEST: Final = b"m"
CHUNK: Final = b"c"
END: Final = b"e"
FAULT: Final = b"f"

_encode_slots = msgspec.msgpack.Encoder().encode
_decode_slots = msgspec.msgpack.Decoder(list[int]).decode


class HelperSnapshot:
    """One snapshot of the state in `path`. Every call but `close` may wait: make them in a thread.

    Raises:
        SnapshotFault: the child failed, and why.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._child = Child(__name__, str(path))
        self._asked = False

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._child.pid

    def kill(self) -> None:
        """Send it away and do not wait: a call that waits for it ends with SnapshotFault. `close` waits."""
        self._child.kill()

    def manifest(self) -> bytes:
        """What to send first; see `snapshot.decode_manifest`. Ask once."""
        return self._next()[1]

    def chunks(self, slots: Iterable[int]) -> Iterator[bytes]:
        """The slots wanted, as encoded chunks. Ask once, after the manifest."""
        self._send(_encode_slots(list(slots)))
        while True:
            kind, text = self._next()
            if kind == END:
                return
            yield text

    def close(self) -> None:
        """Let go at once, wherever it is; may be called twice."""
        self._child.end(at_once=True)

    def _send(self, text: bytes) -> None:
        try:
            self._child.send(text)
        except ChildGone as why:
            raise SnapshotFault(f"{self._path}: the helper that reads snapshots is gone ({why})") from why

    def _next(self) -> tuple[bytes, bytes]:
        try:
            message = self._child.receive()
        except ChildGone as why:
            raise SnapshotFault(f"{self._path}: the helper that reads snapshots is gone ({why})") from why
        if message[:1] == FAULT:
            raise SnapshotFault(message[1:].decode())
        return message[:1], message[1:]


def serve(path: Path, parent: int, asks: IO[bytes], replies: IO[bytes]) -> None:
    """The child: one snapshot, then the end."""
    try:
        store = LmdbStateStore(path, read_only=True)
        snapshot = store.open_snapshot()
        write_message(replies, MANIFEST + encode(manifest_of(snapshot)))
        wanted = read_message(asks)
        if wanted is None:
            return
        for chunk in read_chunks(snapshot, _decode_slots(wanted)):
            if orphaned(parent):
                return
            write_message(replies, CHUNK + encode(chunk))
        write_message(replies, END)
    except (StoreFault, SnapshotFault) as fault:
        write_message(replies, FAULT + str(fault).encode())


def main() -> None:
    """The child's command line."""
    parent = settle_down()
    with suppress(BrokenPipeError):
        serve(Path(sys.argv[1]), parent, sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
