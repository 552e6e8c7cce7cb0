"""Serving a snapshot to the partner while traffic goes on: a chunk at a time, slower while tills are held up.

Reads and the close happen in one thread, in order. A caller may go away in the middle of a read, and a
snapshot that is closed under a read takes the whole process with it: LMDB does not check.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import grpc
import structlog

from ftnode.shell import refusals
from ftnode.shell.throttle import Throttle
from ftnode.store import snapshot_forms
from ftnode.store.snapshot import Chunk, SnapshotFault, encode, manifest_of, read_chunks
from ftnode.store.state import SLOTS, SnapshotReader, StoreFault
from ftnode.v1 import snapshot_pb2 as pb
from ftnode.v1 import snapshot_pb2_grpc as pb_grpc

WANTED_S: Final = 10.0  # longest from the manifest to the slots wanted: an open snapshot lets the file grow
_END: Final = None


class SnapshotServer(pb_grpc.SnapshotServiceServicer):
    """See the module. One snapshot at a time: the partner needs one, and nobody else gets any."""

    def __init__(
        self,
        cabinet: str,
        unit: int,
        open_snapshot: Callable[[], SnapshotReader],
        throttle: Callable[[], Throttle],
    ) -> None:
        """`open_snapshot` holds the newest checkpoint still; `throttle` begins a new one."""
        self.slots_done = 0
        self.slots_total = 0  # 0: nothing is being sent
        self.bytes_sent = 0
        self._cabinet = cabinet
        self._unit = unit
        self._open_snapshot = open_snapshot
        self._throttle = throttle
        self._busy = False
        self._thread = ThreadPoolExecutor(1, "snapshot")
        self._log = structlog.get_logger()

    async def Fetch(self, requests: Any, context: Any) -> AsyncIterator[pb.SnapshotServiceFetchResponse]:
        """See the proto."""
        form = await self._check(await anext(requests, None), context)
        snapshot: SnapshotReader | None = None
        self._busy = True
        try:
            snapshot = self._open_snapshot()
            manifest = manifest_of(snapshot)
            text = snapshot_forms.outgoing(form, encode(manifest))
            yield pb.SnapshotServiceFetchResponse(manifest=text, format=form)
            async with asyncio.timeout(WANTED_S):
                wanted = await anext(requests, None)
            slots = [] if wanted is None else [slot for slot in wanted.slots if slot < SLOTS]
            self._log.info("snapshot_asked", seq=manifest.checkpoint.seq, slots=len(slots))
            self.slots_done, self.slots_total, self.bytes_sent = 0, len(slots), 0
            async for chunk in self._paced(read_chunks(snapshot, slots)):
                yield pb.SnapshotServiceFetchResponse(chunk=snapshot_forms.outgoing(form, chunk))
            self._log.info("snapshot_sent", seq=manifest.checkpoint.seq, bytes=self.bytes_sent)
        except TimeoutError:
            await _refuse(context, f"no slots were asked for in {WANTED_S:g} s")
        except (SnapshotFault, StoreFault) as fault:
            self._log.error("snapshot_broken", why=str(fault))
            await _refuse(context, str(fault))
        finally:
            self._busy, self.slots_total = False, 0
            if snapshot is not None:
                self._thread.submit(snapshot.close)  # after the read that may still be under way

    async def _check(self, who: pb.SnapshotServiceFetchRequest | None, context: Any) -> int:
        """The format in which the caller gets it."""
        partner = 1 - self._unit
        if who is None or who.cabinet != self._cabinet or who.unit != partner:
            await _refuse(context, f"only unit {partner} of cabinet {self._cabinet!r} gets this unit's state")
        if self._busy:
            await _refuse(context, "a snapshot is being sent already")
        try:
            return snapshot_forms.agreed(who.formats if who is not None else ())
        except SnapshotFault as fault:
            self._log.error("snapshot_refused", why=str(fault))
            await _refuse(context, str(fault))
            raise

    async def _paced(self, chunks: Iterator[Chunk]) -> AsyncIterator[bytes]:
        """Read in the thread, send as the loop bears it."""
        loop = asyncio.get_running_loop()
        throttle = self._throttle()
        while (chunk := await loop.run_in_executor(self._thread, next, chunks, _END)) is not None:
            text = encode(chunk)
            self.bytes_sent += len(text)
            self.slots_done += chunk.last
            yield text
            pause_s, began_s = throttle.pause_s(len(text)), time.monotonic()
            await asyncio.sleep(pause_s)
            throttle.woke(time.monotonic() - began_s - pause_s)


async def _refuse(context: Any, problem: str) -> None:
    await refusals.send(context, refusals.not_taken(grpc.StatusCode.FAILED_PRECONDITION, problem))
