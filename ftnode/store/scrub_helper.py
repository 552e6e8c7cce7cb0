"""Scrubbing in a process of its own, so that no byte of it is hashed in the unit's own loop.

The parent says what to read next, a portion at a time, and how fast; the child reads, rests and says what it
found. It opens the state read-only and holds a checkpoint still for one portion, or, if told, until it is let
go. Like other long work it takes processor and disk only when nobody else wants them.

    python -m ftnode.store.scrub_helper DIRECTORY ARCHIVE CABINET PARENT
"""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

import msgspec
import psutil

from ftnode.store.archive import Archive, ArchiveFault
from ftnode.store.child import Child, ChildGone, orphaned, read_message, settle_down, write_message
from ftnode.store.disk import RealDisk
from ftnode.store.scrub import (
    Finding,
    Pace,
    in_words,
    scrub_archived,
    scrub_promise,
    scrub_segment,
    scrub_slots,
)
from ftnode.store.state import Checkpoint, StoreFault
from ftnode.store.state_lmdb import LmdbSnapshot, LmdbStateStore
from ftnode.store.wal_piece import Piece

LOG: Final = "log"
STATE: Final = "state"
KILLED_BY_READING: Final = (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGFPE)


class Ask(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """One portion. What is left empty is not read."""

    bytes_per_s: int = 0  # 0: as fast as it goes
    cpu_percent: int = 100
    hold: bool = False  # keep this checkpoint for the asks that follow
    let_go: bool = False  # look at the newest again
    promise: bool = False
    slots: list[int] = []
    piece: Piece | None = None
    archived: list[str] = []


class Reply(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """What came of it."""

    findings: list[Finding] = []
    read_bytes: int = 0
    stands: Checkpoint | None = None  # the checkpoint whose slots were read or that is held
    roots: bytes = b""  # its packed roots, if it was told to hold it
    fault: str = ""  # it could not be read, for a reason that says nothing about rot


class ScrubGone(Exception):
    """The child ended. `by_reading`: what it read took it with it."""

    def __init__(self, why: str, by_reading: bool) -> None:
        super().__init__(why)
        self.by_reading = by_reading


_pack = msgspec.msgpack.Encoder().encode
_decode_ask = msgspec.msgpack.Decoder(Ask).decode
_decode_reply = msgspec.msgpack.Decoder(Reply).decode


class ScrubHelper:
    """The parent's side. `ask` waits: call it in a thread, one at a time."""

    def __init__(self, directory: Path, archive: str, cabinet: str) -> None:
        """Begins the child."""
        self._child = Child(__name__, str(directory), archive, cabinet)
        step_back(self._child.pid)

    def ask(self, ask: Ask) -> Reply:
        """One portion. Raises ScrubGone."""
        try:
            self._child.send(_pack(ask))
            return _decode_reply(self._child.receive())
        except ChildGone as gone:
            self._child.end()
            status = self._child.exit_status or 0
            by_reading = status < 0 and signal.Signals(-status) in KILLED_BY_READING
            how = f"by {signal.Signals(-status).name}" if status < 0 else f"with status {status}"
            raise ScrubGone(f"the helper that scrubs ended {how}", by_reading) from gone

    def kill(self) -> None:
        """Send it away now; whoever waits for it hears that it is gone."""
        self._child.kill()

    def end(self) -> None:
        """Wait until it is no more."""
        self._child.end(at_once=True)


def step_back(pid: int) -> None:
    """Processor and disk only when nobody else wants them."""
    with suppress(OSError):
        os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))
    with suppress(OSError, psutil.Error):
        psutil.Process(pid).ionice(psutil.IOPRIO_CLASS_IDLE)


# -------------------------------------------------------------------- in the child


class Scrub:
    """The child's half: what is open, and one portion after the other."""

    def __init__(self, directory: Path, archive: str, cabinet: str) -> None:
        """Opens nothing yet."""
        self._directory, self._archive_dir, self._cabinet = directory, archive, cabinet
        self._disk = RealDisk()
        self._store: LmdbStateStore | None = None
        self._held: LmdbSnapshot | None = None
        self._archive: Archive | None = None

    def portion(self, ask: Ask) -> Reply:
        """Read what is asked for."""
        reply, pace = Reply(), Pace(ask.bytes_per_s, ask.cpu_percent)
        try:
            for finding in self._findings(ask, reply, pace):
                reply.findings.append(finding)
        except StoreFault as fault:
            reply.findings.append(in_words(fault))
        except (OSError, ArchiveFault) as fault:
            reply.fault = str(fault)
        reply.read_bytes = pace.bytes
        return reply

    def _findings(self, ask: Ask, reply: Reply, pace: Pace) -> Iterator[Finding]:
        if ask.promise:
            yield from scrub_promise(self._disk, str(self._directory))
        if ask.piece is not None:
            yield from scrub_segment(self._disk, str(self._directory / LOG), ask.piece, pace)
        if ask.archived:
            yield from self._archived(ask.archived, pace)
        if ask.let_go or ask.hold:
            self._let_go()
        if ask.slots or ask.hold:
            yield from self._slots(ask, reply, pace)

    def _slots(self, ask: Ask, reply: Reply, pace: Pace) -> Iterator[Finding]:
        if self._store is None:
            self._store = LmdbStateStore(self._directory / STATE, read_only=True)
        snapshot = self._held or self._store.open_snapshot()
        try:
            reply.stands = snapshot.checkpoint
            if ask.hold:
                self._held, reply.roots = snapshot, snapshot.roots
            yield from scrub_slots(snapshot, ask.slots, pace)
        finally:
            if snapshot is not self._held:
                snapshot.close()

    def _archived(self, names: list[str], pace: Pace) -> Iterator[Finding]:
        archive = Archive(self._disk, self._archive_dir, self._cabinet)
        for name in names:
            yield from scrub_archived(archive, name, pace)

    def _let_go(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None


def serve(scrub: Scrub, parent: int, asks: IO[bytes], replies: IO[bytes]) -> None:
    """Portion after portion, until the unit lets go."""
    while (told := read_message(asks)) is not None and not orphaned(parent):
        write_message(replies, _pack(scrub.portion(_decode_ask(told))))


def main() -> None:
    """The child's command line."""
    parent = settle_down()
    with suppress(BrokenPipeError):
        scrub = Scrub(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
        serve(scrub, parent, sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
