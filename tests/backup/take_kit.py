"""A unit that can be backed up, and a way to it, for the tests of taking."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc

from ftnode.backup import take
from ftnode.backup.contents import look, writing
from ftnode.backup.take import LogGone, Taker, due
from ftnode.config.limits import Backup
from ftnode.shell.backups import BackupServer
from ftnode.shell.last_backup import LastBackup
from ftnode.store.archive import Archive, archive_closed
from ftnode.store.disk import RealDisk
from ftnode.store.state_lmdb import LmdbStateStore
from ftnode.store.wal import Wal
from ftnode.v1 import backup_pb2_grpc as pb_grpc
from tests.backup.kit import Past, executor_on, put, quiet
from tests.machine.log import checkpoint
from tests.machines import Register

ENTRIES = 400
SEGMENT_BYTES = 65_536  # a third of them in each


def make_past(fork_at: int = 0) -> Past:
    """Entries of half a kilobyte; from `fork_at` on others than usual."""
    return Past(
        [
            put(seq, seq % 50, b"%d %d" % (seq, fork_at and seq >= fork_at) + bytes(500))
            for seq in range(1, ENTRIES + 1)
        ]
    )


PAST = make_past()
FORK = make_past(fork_at=150)


class Unit:
    """What the server of backups knows of a unit: a real log, archive and state, and numbers."""

    def __init__(self, place: Path, past: Past = PAST, **limits: Any) -> None:
        place.mkdir()
        self.past = past
        self.store = LmdbStateStore(place / "state")
        self.executor = executor_on(self.store, [Register()])
        self.wal, _ = Wal.recover(RealDisk(), str(place / "log"), segment_bytes=SEGMENT_BYTES)
        self.wal.rewrite_tail()
        self.archive = Archive(RealDisk(), str(place / "archive"), "shop")
        self.why_not = ""
        running: Any = SimpleNamespace(
            settings=SimpleNamespace(
                backup=SimpleNamespace(**{name: setting.default for name, setting in _defaults()} | limits),
                unit=SimpleNamespace(cabinet="shop", id=1),
                state=SimpleNamespace(request_keep_days=2, prune_per_entry=4),
            ),
            fresh=SimpleNamespace(wanted=self._fresh),
            last_backup=LastBackup(place),
            opened=SimpleNamespace(directory=place, archive=self.archive),
            logbook=SimpleNamespace(wal=self.wal),
            driver=SimpleNamespace(unit=SimpleNamespace(log=SimpleNamespace(compared_seq=0))),
            runner=SimpleNamespace(executor=self.executor),
            unready=lambda: self.why_not,
        )
        self.running = running
        self.server = BackupServer(running)

    async def _fresh(self) -> None:
        if self.executor.executed_seq > self.store.checkpoint.seq:
            checkpoint(self.executor)

    def go_to(self, seq: int) -> None:
        """Log and execute through `seq`; closed segments are archived."""
        at = self.wal.head_seq
        for first in range(at + 1, seq + 1, 10):
            self.wal.append(self.past.part(first, min(first + 9, seq)), 0, 0)
        self.wal.sync()
        for number in range(at, seq):
            self.executor.execute(self.past.entries[number], self.past.hashes[number])
        self.executor.compared(seq)
        self.running.driver.unit.log.compared_seq = seq
        archive_closed(self.wal, self.archive, seq)

    def forget(self) -> int:
        """Closed segments go from log and archive; the first entry that is left."""
        self.wal.trim(self.wal.head_seq, self.wal.head_seq)
        self.archive.expire(1 << 60, 1)
        return self.wal.first_seq

    def close(self) -> None:
        self.wal.close()
        self.store.close()


def _defaults() -> list[tuple[str, Any]]:
    from ftnode.config.schema import settings_of

    return list(settings_of(Backup))


@asynccontextmanager
async def line_to(servicer: Any) -> AsyncIterator[grpc.aio.Channel]:
    """A channel to a server of its own."""
    server = grpc.aio.server()
    pb_grpc.add_BackupServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    options = [("grpc.max_receive_message_length", take.MESSAGE_MAX_BYTES)]
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=options) as channel:
            yield channel
    finally:
        await server.stop(0)


async def back_up(servicer: Any, root: Path, log_only: bool = False, full: bool = False) -> take.Taken:
    """As the command does it."""
    with writing(root):
        taker = Taker(root, 0, quiet)
        async with line_to(servicer) as line:
            head = None if log_only else await taker.state(line, full)
            for place, (from_seq, prev_hash) in enumerate(ways := due(look(root), head)):
                try:
                    await taker.log(line, look(root).cabinet, from_seq, prev_hash)
                    break
                except LogGone:
                    if place + 1 == len(ways):
                        raise
        taker.read_back()
    return taker.taken
