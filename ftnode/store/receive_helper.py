"""A snapshot that arrives, checked and built by a child process: the unit's own loop goes on meanwhile.

The child compares roots, says which slots must travel, checks every chunk and puts it beside the state, on
disk. Only the last step, taking everything over, is the unit's own: nobody else writes its state.

    python -m ftnode.store.receive_helper PATH MAP_MAX_BYTES PARENT
"""

import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

import msgspec

from ftnode.core.invariants import invariant
from ftnode.store.child import Child, ChildGone, orphaned, read_message, settle_down, write_message
from ftnode.store.snapshot import Manifest, SnapshotFault, SnapshotReceiver, decode_chunk, decode_manifest
from ftnode.store.state import Checkpoint, StateStore, StoreFault, StoreFull
from ftnode.store.state_lmdb import LmdbStateStore
from ftnode.store.state_lmdb_stage import StagingTakenOver

# First byte of every message of the child.
PLAN: Final = b"p"
STAGED: Final = b"s"
SNAPSHOT_FAULT: Final = b"f"  # what came is wrong
STORE_FAULT: Final = b"d"  # the disk is
STORE_FULL: Final = b"l"

FINISH: Final = b""  # in place of a batch

_encode = msgspec.msgpack.Encoder().encode
_decode_batch = msgspec.msgpack.Decoder(list[bytes]).decode


class Begin(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """Parent to child, first: what is offered, and what of our own is not to be believed."""

    manifest: bytes
    distrust: list[int]


class Plan(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """Child to parent: what has to travel, and what need not."""

    wanted: list[int]
    equal_slots: int  # with something in them, and equal to our own
    resumed_slots: int  # here from an earlier try
    saved_bytes: int  # about so many lie in both, on our disk


_decode_begin = msgspec.msgpack.Decoder(Begin).decode
_decode_plan = msgspec.msgpack.Decoder(Plan).decode


class HelperReceiver:
    """The receiver of one snapshot. Every call but `kill` may wait: make them in a thread, in turn.

    Raises:
        SnapshotFault: what came is not what was announced, or the child is gone; the old state stands.
        StoreFault: our own disk.
    """

    def __init__(
        self,
        path: Path,
        map_max_bytes: int,
        store: StateStore,
        manifest: bytes,
        distrust: Iterable[int] = (),
    ) -> None:
        self._path, self._store = path, store
        self._stood_at = store.checkpoint
        self.manifest: Manifest = decode_manifest(manifest)
        self._begin = _encode(Begin(manifest, sorted(distrust)))
        self._child = Child(__name__, str(path), str(map_max_bytes))

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._child.pid

    def plan(self) -> Plan:
        """What has to travel; ask once, before anything is taken. Looks at what lies on the disk."""
        self._send(self._begin)
        return _decode_plan(self._receive(PLAN))

    def take(self, batch: Sequence[bytes]) -> None:
        """Encoded chunks, in the order in which their slots were wanted."""
        self._send(_encode(batch))

    def install(self) -> Checkpoint:
        """Take everything over in one step; durable when this returns."""
        self._send(FINISH)
        slots = msgspec.msgpack.decode(self._receive(STAGED), type=list[int])
        self.close()
        now = self._store.checkpoint
        invariant(
            now == self._stood_at, "the state moved on under a snapshot", was=self._stood_at.seq, now=now.seq
        )
        self._store.install(self.manifest.checkpoint, self.manifest.roots, slots)
        return self.manifest.checkpoint

    def kill(self) -> None:
        """Send it away and do not wait: a call that waits for it ends with SnapshotFault. `close` waits."""
        self._child.kill()

    def close(self) -> None:
        """Break off: it puts what it has on disk for the next try, and ends. May be called twice."""
        self._child.end()

    def _send(self, text: bytes) -> None:
        try:
            self._child.send(text)
        except ChildGone as why:
            self._receive(b"")  # its last words say more
            raise self._gone(why) from why

    def _receive(self, wanted: bytes) -> bytes:
        try:
            message = self._child.receive()
        except ChildGone as why:
            raise self._gone(why) from why
        kind, text = message[:1], message[1:]
        if kind == SNAPSHOT_FAULT:
            raise SnapshotFault(text.decode())
        if kind == STORE_FULL:
            raise StoreFull(text.decode())
        if kind == STORE_FAULT:
            raise StoreFault(text.decode())
        invariant(kind == wanted, "the helper that stores snapshots said something else", kind=kind)
        return text

    def _gone(self, why: ChildGone) -> SnapshotFault:
        return SnapshotFault(f"{self._path}: the helper that stores snapshots is gone ({why})")


def serve(path: Path, map_max_bytes: int, parent: int, asks: IO[bytes], replies: IO[bytes]) -> None:
    """The child: one snapshot, then the end."""
    text = read_message(asks)
    if text is None:
        return
    begin = _decode_begin(text)
    try:
        store = LmdbStateStore(path, map_max_bytes=map_max_bytes)
        store.claim_staging()
        receiver = SnapshotReceiver(store, decode_manifest(begin.manifest), distrust=begin.distrust)
        write_message(replies, PLAN + _encode(_plan(store, receiver)))
        while (batch := read_message(asks)) is not None and not orphaned(parent):
            if batch == FINISH:
                if missing := receiver.wanted_slots():
                    receiver.keep()
                    raise SnapshotFault(f"{len(missing)} slots did not come, the first is {missing[0]}")
                write_message(replies, STAGED + _encode(receiver.finish()))
                return
            for chunk in _decode_batch(batch):
                receiver.take(decode_chunk(chunk))
        receiver.keep()  # the unit was killed: it goes on from there when it is started again
    except StagingTakenOver:
        return
    except SnapshotFault as fault:
        write_message(replies, SNAPSHOT_FAULT + str(fault).encode())
    except StoreFull as fault:
        write_message(replies, STORE_FULL + str(fault).encode())
    except StoreFault as fault:
        write_message(replies, STORE_FAULT + str(fault).encode())


def _plan(store: LmdbStateStore, receiver: SnapshotReceiver) -> Plan:
    wanted = receiver.wanted_slots()
    equal, resumed = receiver.kept_slots()
    per_slot = store.pair_bytes() // max(1, store.filled_slots() + len(store.staged_roots()))
    return Plan(wanted, equal, resumed, per_slot * (equal + resumed))


def main() -> None:
    """The child's command line."""
    parent = settle_down()
    with suppress(BrokenPipeError):
        serve(Path(sys.argv[1]), int(sys.argv[2]), parent, sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
