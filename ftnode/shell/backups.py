"""Giving out what a backup is made of, beside the tills: a state held still, and the log behind it.

The state is read by a helper process that takes processor and disk only when nobody else wants them. Of the
log, archived segments leave as the files they are; only what is not archived yet, a segment or two, is read
here, in a thread that rests longer than it works.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final

import grpc
import msgspec
import structlog

from ftnode.shell import boot, execution, refusals, status
from ftnode.shell.scan_helper import step_back
from ftnode.shell.unit import RunningUnit
from ftnode.store.archive import Archive, ArchiveFault, Manifest
from ftnode.store.entry import HASH_BYTES, Run, cut_run, written_by
from ftnode.store.snapshot import SnapshotFault
from ftnode.store.snapshot_helper import HelperSnapshot
from ftnode.store.state import SLOTS, StoreFault
from ftnode.store.state_lmdb_file import FORMAT as STATE_FORMAT
from ftnode.store.wal import Wal
from ftnode.store.wal_faults import LogFault, LogGone
from ftnode.v1 import backup_pb2 as pb
from ftnode.v1 import backup_pb2_grpc as pb_grpc

PIECE_BYTES: Final = 256 << 10  # of an archived segment in one message
READ_BYTES: Final = 1 << 16  # of the log at once: checking the chain of so many takes about a millisecond
REST_PARTS: Final = 4  # for each part of its time that reading the log works, it rests so many
TURN_WAIT_S: Final = 2.0
PUSHBACK_MS: Final = 30_000
_END: Final = None


class BackupServer(pb_grpc.BackupServiceServicer):
    """See the module and the proto."""

    def __init__(self, running: RunningUnit) -> None:
        """Reads what the unit holds; changes nothing but that a checkpoint is asked for."""
        self.bytes_sent = 0  # since the start of the process
        self._running = running
        self._settings = running.settings.backup
        self._turns = asyncio.Lock()
        self._log = structlog.get_logger()

    # ---------------------------------------------------------------- the state

    async def Snapshot(self, requests: AsyncIterator[pb.BackupServiceSnapshotRequest], context: Any) -> None:
        """See the proto."""
        first = await anext(requests, pb.BackupServiceSnapshotRequest())
        async with self._turn(first.cabinet, context) as thread:
            await self._running.fresh.wanted()
            snapshot = HelperSnapshot(self._running.opened.directory / boot.STATE)
            step_back(snapshot.pid, self._settings.processor == "idle")
            try:
                await self._send_state(snapshot, thread, requests, first.max_bytes_per_s, context)
            finally:
                snapshot.kill()  # a read that is under way in the thread ends with it
                await asyncio.shield(_in(thread, snapshot.close))

    async def _send_state(
        self,
        snapshot: HelperSnapshot,
        thread: ThreadPoolExecutor,
        requests: AsyncIterator[pb.BackupServiceSnapshotRequest],
        wished: int,
        context: Any,
    ) -> None:
        manifest = await _in(thread, snapshot.manifest)
        head = pb.BackupServiceSnapshotResponse(source=self._source(), manifest=manifest)
        await self._write(head, context)
        async with asyncio.timeout(self._settings.stall_max_ms / 1000):
            wanted = await anext(requests, pb.BackupServiceSnapshotRequest())
        chunks: Iterator[bytes] = snapshot.chunks(slot for slot in wanted.slots if slot < SLOTS)
        while (chunk := await _in(thread, lambda: next(chunks, _END))) is not None:
            await self._write(pb.BackupServiceSnapshotResponse(chunk=chunk), context)
            await self._rest(len(chunk), wished)

    # ---------------------------------------------------------------- the log

    async def Log(self, request: pb.BackupServiceLogRequest, context: Any) -> None:
        """See the proto."""
        if not request.from_seq or len(request.prev_hash) != HASH_BYTES:
            text = f"want from_seq of 1 or more, and prev_hash of {HASH_BYTES} bytes"
            await _refuse(grpc.StatusCode.INVALID_ARGUMENT, text, context)
        async with self._turn(request.cabinet, context) as thread:
            await self._send_log(request, thread, context)
            await self._running.last_backup.taken()

    async def _send_log(
        self, request: pb.BackupServiceLogRequest, thread: ThreadPoolExecutor, context: Any
    ) -> None:
        wal, archive = self._running.logbook.wal, self._running.opened.archive
        seq, last_hash, wished = request.from_seq, request.prev_hash, request.max_bytes_per_s
        to_seq = self._compared_seq()
        known = self._hash_at(wal, seq - 1)
        head = pb.BackupServiceLogResponse(source=self._source(), to_seq=to_seq, prev_hash=known)
        await self._write(head, context)
        while seq <= to_seq:
            segment = archived(archive, seq, last_hash)
            if segment is not None and segment.last_seq <= to_seq:
                await self._send_segment(archive, segment, wished, thread, context)
                seq, last_hash = segment.last_seq + 1, bytes.fromhex(segment.last_hash)
                continue
            began_s = time.monotonic()
            run = await _in(thread, partial(_read, wal, seq, to_seq))
            worked_s = time.monotonic() - began_s
            digest = self._digest_at(run.last_seq)
            await self._write(pb.BackupServiceLogResponse(entries=run.data, digest=digest), context)
            seq, last_hash = run.last_seq + 1, run.last_hash
            await asyncio.sleep(worked_s * REST_PARTS)
            await self._rest(len(run.data), wished)

    async def _send_segment(
        self, archive: Archive, segment: Manifest, wished: int, thread: ThreadPoolExecutor, context: Any
    ) -> None:
        """As it is: whoever keeps it checks it against its manifest, and both against the chain."""
        data = await _in(thread, lambda: archive.packed(segment))
        await self._write(pb.BackupServiceLogResponse(archived=msgspec.json.encode(segment)), context)
        for at in range(0, len(data), PIECE_BYTES):
            piece = pb.BackupServiceLogResponse(packed=data[at : at + PIECE_BYTES])
            if at + PIECE_BYTES >= len(data):
                piece.segment_ends, piece.digest = True, self._digest_at(segment.last_seq)
            await self._write(piece, context)
            await self._rest(len(piece.packed), wished)

    def _compared_seq(self) -> int:
        running = self._running
        return min(running.driver.unit.log.compared_seq, running.runner.executor.executed_seq)

    def _digest_at(self, seq: int) -> bytes:
        return self._running.runner.executor.digest_at(seq) or b""

    @staticmethod
    def _hash_at(wal: Wal, seq: int) -> bytes:
        try:
            return wal.hash_at(seq)
        except (LogFault, ValueError):
            return b""

    # ---------------------------------------------------------------- both

    @asynccontextmanager
    async def _turn(self, cabinet: str, context: Any) -> AsyncIterator[ThreadPoolExecutor]:
        """One at a time, not for ever, and what goes wrong meanwhile in words for the caller."""
        await self._check(cabinet, context)
        await self._wait(context)
        began_s, sent_before = time.monotonic(), self.bytes_sent
        result, why = "cancelled", ""
        thread = ThreadPoolExecutor(1, thread_name_prefix="backup")
        try:
            async with asyncio.timeout(self._settings.max_ms / 1000):
                yield thread
            result = "done"
        except TimeoutError:
            result = "given up"
            why = f"backup.max_ms = {self._settings.max_ms} or backup.stall_max_ms is over"
            await refusals.send(context, refusals.too_long(why))
        except LogGone as gone:
            result, why = "gone", str(gone)
            first_seq = str(self._running.logbook.wal.first_seq)
            await _refuse(grpc.StatusCode.FAILED_PRECONDITION, why, context, first_seq=first_seq)
        except (SnapshotFault, StoreFault, LogFault, ArchiveFault) as fault:
            result, why = "broken", str(fault)
            await _refuse(grpc.StatusCode.FAILED_PRECONDITION, why, context)
        except grpc.aio.AbortError:
            raise
        except Exception as error:
            if not context.done():  # else it was written to one who is gone: no more is there to be told
                result, why = "bug", f"{type(error).__name__}: {error}"
                self._log.exception("a backup failed")
                await refusals.send(context, refusals.unknown(f"a bug of ours: {why}"))
        finally:
            self._turns.release()
            thread.shutdown(wait=False)
            say = self._log.error if result in ("broken", "bug") else self._log.info
            ms = round((time.monotonic() - began_s) * 1000)
            say("backup_read", result=result, bytes=self.bytes_sent - sent_before, ms=ms, why=why)

    async def _check(self, cabinet: str, context: Any) -> None:
        own = self._running.settings.unit
        if cabinet and cabinet != own.cabinet:
            text = (
                f"this is cabinet {own.cabinet!r}, not {cabinet!r}: a backup of another one stays elsewhere"
            )
            await _refuse(grpc.StatusCode.FAILED_PRECONDITION, text, context)
        if why := self._running.unready():
            await _refuse(grpc.StatusCode.FAILED_PRECONDITION, why, context)

    async def _wait(self, context: Any) -> None:
        """One that has just ended may still be letting go."""
        try:
            async with asyncio.timeout(TURN_WAIT_S):
                await self._turns.acquire()
        except TimeoutError:
            code, text = grpc.StatusCode.RESOURCE_EXHAUSTED, "a backup of this unit is being taken already"
            await refusals.send(context, refusals.not_taken(code, text, PUSHBACK_MS))

    async def _write(self, message: Any, context: Any) -> None:
        """A caller that takes nothing is let go: the state file grows while a snapshot of it is held."""
        async with asyncio.timeout(self._settings.stall_max_ms / 1000):
            await context.write(message)
        self.bytes_sent += message.ByteSize()

    async def _rest(self, size_bytes: int, wished: int) -> None:
        most = self._settings.send_max_bytes_per_s
        await asyncio.sleep(size_bytes / (min(wished, most) if wished else most))

    def _source(self) -> pb.BackupSource:
        settings, in_force = self._running.settings, self._running.runner.executor.standing().version
        return pb.BackupSource(
            cabinet=settings.unit.cabinet,
            unit=settings.unit.id,
            software=status.software(),
            state_format=STATE_FORMAT.decode().strip(),
            entry_format=written_by(in_force),  # older ones that lie before it are read for ever
            settings=execution.deciding(settings),
        )


def archived(archive: Archive, seq: int, prev_hash: bytes) -> Manifest | None:
    """The archived segment that goes on from `seq`; None if there is none, or it is not clear which.

    After a forced start the archive may hold two histories of the same seqs.
    """
    found = [one for one in archive.manifests if one.first_seq <= seq <= one.last_seq]
    fits = [one for one in found if one.first_seq == seq and one.prev_hash == prev_hash.hex()]
    if fits:
        return fits[0] if len(fits) == 1 else None
    return found[0] if len(found) == 1 and found[0].first_seq < seq else None


def _read(wal: Wal, seq: int, to_seq: int) -> Run:
    run = wal.read(seq, READ_BYTES)
    if run is None:
        raise LogFault(f"entry {seq} is beyond the log's head")
    return cut_run(run, seq, min(run.last_seq, to_seq))


def _in(thread: ThreadPoolExecutor, work: Callable[[], Any]) -> Awaitable[Any]:
    return asyncio.get_running_loop().run_in_executor(thread, work)


async def _refuse(code: grpc.StatusCode, text: str, context: Any, **more: str) -> None:
    await refusals.send(context, refusals.not_taken(code, text, None, **more))
