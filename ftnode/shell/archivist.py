"""Archived segments that rotted: put back from this unit's log, or from what the partner still has.

Segments are cut differently on both units: entries travel, not files. They are taken for the right ones only
if they are chained from the segment before to the one behind, or to what the manifest says.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Final

import grpc
import structlog

from ftnode.observe.count import Tally
from ftnode.shell import refusals
from ftnode.store.archive import Archive, ArchiveFault, Span
from ftnode.store.entry import EntryFaultError, Run, check_run, cut_run
from ftnode.store.wal import Wal
from ftnode.store.wal_faults import LogFault
from ftnode.v1 import archive_pb2 as pb
from ftnode.v1 import archive_pb2_grpc as pb_grpc

PIECE_BYTES: Final = 1 << 20
SILENCE_S: Final = 30.0  # a partner may have to unpack a segment first
ENTRIES_MAX_BYTES: Final = 1 << 30  # of one archived segment


class Archivist:
    """See the module. `rotten` says what could not be put back, by the segment's name."""

    def __init__(
        self,
        *,
        cabinet: str,
        unit: int,
        archive: Archive,
        wal: Wal,
        channel: Callable[[], grpc.aio.Channel],
        in_archiver: Callable[..., Any],
        found: Tally[tuple[str, str]],
    ) -> None:
        """`in_archiver` runs something in the one thread that changes the archive."""
        self.rotten: dict[str, str] = {}
        self._cabinet, self._unit, self._archive, self._wal = cabinet, unit, archive, wal
        self._channel, self._in_archiver, self._found = channel, in_archiver, found
        self._log = structlog.get_logger()

    async def mend(self, name: str, why: str) -> None:
        """Put back one archived segment; what stays rotten is shown until it is whole."""
        tried = [why]
        for source, entries in (("the log", self._from_log), ("the other unit", self._from_partner)):
            try:
                span = self._archive.span(name)
                data = await entries(span)
                await self._in_archiver(self._put_back, name, span, data)
            except (ArchiveFault, LogFault, EntryFaultError, ValueError, OSError, TimeoutError) as trouble:
                tried.append(f"{source}: {trouble or 'no answer in time'}")
            except grpc.RpcError as trouble:
                said = trouble.details() if isinstance(trouble, grpc.aio.AioRpcError) else str(trouble)
                tried.append(f"{source}: {said}")
            else:
                self.rotten.pop(name, None)
                self._found.add(("archive", f"mended from {source}"))
                self._log.info("archive_mended", segment=name, source=source, why=why)
                return
        self.rotten[name] = why
        self._found.add(("archive", "not mended"))
        self._log.error("archive_rotten", segment=name, why="; ".join(tried))

    async def _from_log(self, span: Span) -> bytes:
        pieces = await asyncio.to_thread(lambda: [run.data for run in log_runs(self._wal, *span.seqs)])
        return b"".join(pieces)

    async def _from_partner(self, span: Span) -> bytes:
        first_seq, last_seq = span.seqs
        request = pb.ArchiveServiceReadRequest(
            cabinet=self._cabinet, unit=self._unit, first_seq=first_seq, last_seq=last_seq
        )
        data = bytearray()
        async with self._channel() as channel:
            call: Any = pb_grpc.ArchiveServiceStub(channel).Read(request)
            while isinstance(answer := await _next(call), pb.ArchiveServiceReadResponse):
                data += answer.entries
                if len(data) > ENTRIES_MAX_BYTES:
                    call.cancel()
                    raise ArchiveFault(f"more than {ENTRIES_MAX_BYTES} bytes came")
        return bytes(data)

    def _put_back(self, name: str, span: Span, data: bytes) -> None:
        """In the archive's thread. Raises ArchiveFault, EntryFaultError: these are not the entries."""
        prev_hash, last_hash = self._ends(span)
        run = check_run(prev_hash, span.seqs[0], data)
        if (run.last_seq, run.last_hash) != (span.seqs[1], last_hash):
            raise ArchiveFault(f"entries {run.first_seq}..{run.last_seq} came, not those that were archived")
        self._archive.put_back(name, run)

    def _ends(self, span: Span) -> tuple[bytes, bytes]:
        """Hashes of the entry before the first and of the last: what the neighbours say counts most."""
        first_seq, last_seq = span.seqs
        prev_hash, last_hash = span.prev_hash, span.last_hash
        for seq, known in ((first_seq - 1, prev_hash), (last_seq, last_hash)):
            if known:
                continue
            try:
                found = self._wal.hash_at(seq)
            except (LogFault, ValueError) as why:
                raise ArchiveFault(f"nothing here says which entry {seq} was: {why}") from why
            prev_hash, last_hash = (found, last_hash) if seq < first_seq else (prev_hash, found)
        return prev_hash, last_hash


async def _next(call: Any) -> Any:
    """Raises TimeoutError: nothing came for so long."""
    async with asyncio.timeout(SILENCE_S):
        return await call.read()


class ArchiveServer(pb_grpc.ArchiveServiceServicer):
    """The partner's side: whole entries, no faster than a snapshot would go."""

    def __init__(self, cabinet: str, unit: int, archive: Archive, wal: Wal, max_bytes_per_s: int) -> None:
        """See `SnapshotServer`."""
        self._cabinet, self._unit, self._archive, self._wal = cabinet, unit, archive, wal
        self._max_bytes_per_s = max_bytes_per_s

    async def Read(
        self, request: pb.ArchiveServiceReadRequest, context: Any
    ) -> AsyncIterator[pb.ArchiveServiceReadResponse]:
        """See the proto."""
        if request.cabinet != self._cabinet or request.unit != 1 - self._unit:
            await _refuse(
                context, f"only unit {1 - self._unit} of cabinet {self._cabinet!r} is given entries"
            )
        try:
            pieces = await asyncio.to_thread(self._pieces, request.first_seq, request.last_seq)
        except (ArchiveFault, LogFault, ValueError) as trouble:
            await _refuse(context, str(trouble))
            return
        for piece in pieces:
            yield pb.ArchiveServiceReadResponse(entries=piece)
            await asyncio.sleep(len(piece) / self._max_bytes_per_s)

    def _pieces(self, first_seq: int, last_seq: int) -> list[bytes]:
        """In a thread. Raises ArchiveFault, LogFault, ValueError: not here."""
        if not 0 < first_seq <= last_seq:
            raise ValueError(f"entries {first_seq}..{last_seq} are none")
        if first_seq >= self._wal.first_seq:
            return [run.data for run in log_runs(self._wal, first_seq, last_seq)]
        data = self._archive.entries(first_seq, last_seq)
        if data is None:
            raise ArchiveFault(f"entries {first_seq}..{last_seq} are not all archived here either")
        return list(_cut(data))


def log_runs(wal: Wal, first_seq: int, last_seq: int) -> list[Run]:
    """Entries out of the log's files. Raises LogFault, ValueError: they are not all there."""
    runs: list[Run] = []
    while first_seq <= last_seq:
        run = wal.read(first_seq, PIECE_BYTES)
        if run is None:
            raise LogFault(f"entry {first_seq} is beyond the log's head")
        runs.append(cut_run(run, first_seq, min(run.last_seq, last_seq)))
        first_seq = run.last_seq + 1
    return runs


def _cut(data: bytes) -> Iterator[bytes]:
    """Pieces of about PIECE_BYTES that end where an entry does; each begins with its length."""
    start = at = 0
    while at < len(data):
        end = at + int.from_bytes(data[at : at + 4], "little")
        if end - start > PIECE_BYTES and at > start:
            yield data[start:at]
            start = at
        at = end
    yield data[start:]


async def _refuse(context: Any, problem: str) -> None:
    await refusals.send(context, refusals.not_taken(grpc.StatusCode.FAILED_PRECONDITION, problem))
