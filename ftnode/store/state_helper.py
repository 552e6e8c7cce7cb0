"""Checkpoints written by a helper process, so that none of it holds up the unit's own loop.

Counting roots and filling pages costs about as much processor time as executing did, and LMDB
wants begin and commit in one thread; in a thread of the unit's process both would fight the
loop for the interpreter. So a child opens the same state and does it there. The parent sends
slices over a pipe. `begin_checkpoint` does not wait; the steps of the writer do: make them in a
thread. A child whose parent is gone does nothing more.

    python -m ftnode.store.state_helper PATH MAP_MAX_BYTES PARENT
"""

import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

import msgspec

from ftnode.core.invariants import invariant
from ftnode.store.breath import Breath
from ftnode.store.child import Child, ChildGone, orphaned, read_message, settle_down, write_message
from ftnode.store.state import Change, Checkpoint, CheckpointWriter, RottenValue, StoreFault, StoreFull
from ftnode.store.state_lmdb import LmdbStateStore
from ftnode.store.state_lmdb_file import MAP_MAX_BYTES

ANSWERED: Final = ("prepare", "write", "sync")
REST_SUM_S: Final = 2.0  # in one checkpoint: commands may come to wait for it


class Ask(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """Parent to child: one step of the writer."""

    step: str  # begin, put_slice, prepare, write, sync, abort
    checkpoint: Checkpoint | None = None
    changes: list[Change] = []


class Reply(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """Child to parent, for the steps in `ANSWERED`; they also tell what went wrong before."""

    roots: bytes = b""
    fault: str = ""
    full: bool = False
    rotten_key: bytes = b""


_encode = msgspec.msgpack.Encoder().encode
_decode_ask = msgspec.msgpack.Decoder(Ask).decode
_decode_reply = msgspec.msgpack.Decoder(Reply).decode


class HelperStateStore(LmdbStateStore):
    """The LMDB store whose checkpoints a child process writes. Reading and staging stay here."""

    def __init__(self, path: Path, map_max_bytes: int = MAP_MAX_BYTES) -> None:
        super().__init__(path, map_max_bytes=map_max_bytes)
        self._wait_for_writers()
        self._map_max_bytes = map_max_bytes
        self._helper: _Helper | None = _Helper(path, map_max_bytes)
        self._away: HelperWriter | None = None

    def begin_checkpoint(self, checkpoint: Checkpoint) -> CheckpointWriter:
        self._file.writable()
        free = self._away is None or self._away.ended
        invariant(free, "a checkpoint is being written", seq=checkpoint.seq)
        self.refresh()
        if self._helper is not None and not self._helper.child.lives():
            self._helper.child.end()
            self._helper = None
        if self._helper is None:
            self._helper = _Helper(self._file.path, self._map_max_bytes)
        self._helper.send(Ask("begin", checkpoint))
        self._away = HelperWriter(self, self._helper)
        return self._away

    def _wait_for_writers(self) -> None:
        """The helper of an earlier life may be in the middle of a commit: see what it left."""
        with self._file.faults("open"):
            self._file.env.begin(write=True).abort()
        self.refresh()

    def write_failed(self, why: str) -> None:
        """The disk is not to be trusted any more, in this process either."""
        self._file.unusable = self._file.unusable or why

    def writable(self) -> None:
        """Raise the fault that stands in the way of writing, if any."""
        self._file.writable()

    def close(self) -> None:
        if self._helper is not None:
            self._helper.child.end()
            self._helper = None
        super().close()


class HelperWriter:
    """`CheckpointWriter` by proxy."""

    def __init__(self, store: HelperStateStore, helper: "_Helper") -> None:
        self._store = store
        self._helper = helper
        self.ended = False

    def put_slice(self, changes: Sequence[Change]) -> None:
        self._helper.send(Ask("put_slice", None, list(changes)))

    def prepare(self) -> bytes:
        self._store.writable()
        try:
            return self._helper.ask(Ask("prepare")).roots
        except StoreFault:
            self.ended = True
            raise

    def write(self) -> None:
        self._store.writable()
        self.ended = True
        self._ask_or_stop("write")

    def sync(self) -> None:
        self._store.writable()
        self._ask_or_stop("sync")

    def abort(self) -> None:
        self.ended = True
        with suppress(StoreFault):  # a helper that is gone has forgotten it, too
            self._helper.send(Ask("abort"))

    def _ask_or_stop(self, step: str) -> None:
        try:
            self._helper.ask(Ask(step))
        except StoreFull:
            raise
        except StoreFault as fault:
            self._store.write_failed(f"a {step} failed ({fault})")
            raise


class _Helper:
    """The child, spoken to in the words above."""

    def __init__(self, path: Path, map_max_bytes: int) -> None:
        self._path = path
        self.child = Child(__name__, str(path), str(map_max_bytes))

    def send(self, ask: Ask) -> None:
        """Hand it over; waits only for room in the pipe."""
        try:
            self.child.send(_encode(ask))
        except ChildGone as why:
            raise StoreFault(f"{self._path}: the helper that writes checkpoints is gone ({why})") from why

    def ask(self, ask: Ask) -> Reply:
        """Hand it over and wait until it is done."""
        self.send(ask)
        try:
            reply = _decode_reply(self.child.receive())
        except ChildGone as why:
            raise StoreFault(
                f"{self._path}: the helper that writes checkpoints died during {ask.step!r} ({why})"
            ) from why
        if reply.rotten_key:
            raise RottenValue(
                str(self._path), reply.rotten_key, "the stored pair does not match its checksum"
            )
        if reply.fault:
            raise StoreFull(reply.fault) if reply.full else StoreFault(reply.fault)
        return reply


def serve(path: Path, map_max_bytes: int, parent: int, asks: IO[bytes], replies: IO[bytes]) -> None:
    """The child: one step after the other until the parent closes the pipe or is gone."""
    breath = Breath(REST_SUM_S)
    store = LmdbStateStore(path, map_max_bytes=map_max_bytes, between_slots=breath.take)
    writer: CheckpointWriter | None = None
    trouble: StoreFault | None = None  # of a step that is not answered
    while (text := read_message(asks)) is not None and not orphaned(parent):
        ask = _decode_ask(text)
        reply = Reply()
        try:
            if ask.checkpoint is not None:
                writer, trouble = None, None
                writer = store.begin_checkpoint(ask.checkpoint)
            elif trouble is not None:
                raise trouble
            elif writer is not None:
                if ask.step == "prepare":
                    breath.begin()
                reply = _step(writer, ask)
        except StoreFault as fault:
            trouble = fault
            reply = _told(fault)
        if ask.step in ANSWERED:
            write_message(replies, _encode(reply))
    store.close()


def _told(fault: StoreFault) -> Reply:
    rotten_key = fault.key if isinstance(fault, RottenValue) else b""
    return Reply(fault=str(fault), full=isinstance(fault, StoreFull), rotten_key=rotten_key)


def _step(writer: CheckpointWriter, ask: Ask) -> Reply:
    match ask.step:
        case "put_slice":
            writer.put_slice(ask.changes)
        case "prepare":
            return Reply(roots=writer.prepare())
        case "write":
            writer.write()
        case "sync":
            writer.sync()
        case "abort":
            writer.abort()
    return Reply()


def main() -> None:
    """The child's command line."""
    parent = settle_down()
    with suppress(BrokenPipeError):
        serve(Path(sys.argv[1]), int(sys.argv[2]), parent, sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
