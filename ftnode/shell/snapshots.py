"""Serving a snapshot to the partner while traffic goes on: a chunk at a time, no faster than allowed."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Final

import grpc
import structlog

from ftnode.shell import refusals
from ftnode.store.snapshot import Chunk, SnapshotFault, encode, manifest_of, read_chunks
from ftnode.store.state import SLOTS, SnapshotReader, StoreFault
from ftnode.v1 import snapshot_pb2 as pb
from ftnode.v1 import snapshot_pb2_grpc as pb_grpc

_END: Final = None


class SnapshotServer(pb_grpc.SnapshotServiceServicer):
    """See the module. One snapshot at a time: the partner needs one, and nobody else gets any."""

    def __init__(
        self, cabinet: str, unit: int, open_snapshot: Callable[[], SnapshotReader], max_bytes_per_s: int
    ) -> None:
        """`open_snapshot` holds the newest checkpoint still."""
        self.slots_done = 0
        self.slots_total = 0  # 0: nothing is being sent
        self.bytes_sent = 0
        self._cabinet = cabinet
        self._unit = unit
        self._open_snapshot = open_snapshot
        self._max_bytes_per_s = max_bytes_per_s
        self._log = structlog.get_logger()

    async def Fetch(self, requests: Any, context: Any) -> AsyncIterator[pb.SnapshotServiceFetchResponse]:
        """See the proto."""
        await self._check(await anext(requests, None), context)
        snapshot = self._open_snapshot()
        try:
            manifest = manifest_of(snapshot)
            yield pb.SnapshotServiceFetchResponse(manifest=encode(manifest))
            wanted = await anext(requests, None)
            slots = [] if wanted is None else [slot for slot in wanted.slots if slot < SLOTS]
            self._log.info("snapshot_asked", seq=manifest.checkpoint.seq, slots=len(slots))
            self.slots_done, self.slots_total, self.bytes_sent = 0, len(slots), 0
            async for chunk in self._paced(read_chunks(snapshot, slots)):
                yield pb.SnapshotServiceFetchResponse(chunk=chunk)
            self._log.info("snapshot_sent", seq=manifest.checkpoint.seq, bytes=self.bytes_sent)
        except (SnapshotFault, StoreFault) as fault:
            self._log.error("snapshot_broken", why=str(fault))
            await refusals.send(context, refusals.not_taken(grpc.StatusCode.FAILED_PRECONDITION, str(fault)))
        finally:
            self.slots_total = 0
            snapshot.close()

    async def _check(self, who: pb.SnapshotServiceFetchRequest | None, context: Any) -> None:
        partner = 1 - self._unit
        if who is None or who.cabinet != self._cabinet or who.unit != partner:
            problem = f"only unit {partner} of cabinet {self._cabinet!r} gets this unit's state"
            await refusals.send(context, refusals.not_taken(grpc.StatusCode.FAILED_PRECONDITION, problem))
        if self.slots_total:
            problem = "a snapshot is being sent already"
            await refusals.send(context, refusals.not_taken(grpc.StatusCode.FAILED_PRECONDITION, problem))

    async def _paced(self, chunks: Iterator[Chunk]) -> AsyncIterator[bytes]:
        """Read in a thread, send no faster than `snapshot_max_bytes_per_s`."""
        while (chunk := await asyncio.to_thread(next, chunks, _END)) is not None:
            text = encode(chunk)
            self.bytes_sent += len(text)
            self.slots_done += chunk.last
            yield text
            await asyncio.sleep(len(text) / self._max_bytes_per_s)
