"""Serving a snapshot to the partner while traffic goes on: slower while tills are held up.

A helper process reads. What it holds still is held on for a while after a call: a newcomer that was
interrupted comes back and finds the same snapshot, so that what it has of it is still right. Under traffic
every slot changes within seconds: of a newer one nearly all would have to travel again.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, Protocol

import grpc
import msgspec
import structlog

from ftnode.shell import refusals
from ftnode.shell.meter import Meter
from ftnode.shell.throttle import Throttle
from ftnode.store import snapshot_forms
from ftnode.store.snapshot import Manifest, SnapshotFault, decode_chunk, decode_manifest
from ftnode.store.state import SLOTS, StoreFault
from ftnode.v1 import snapshot_pb2 as pb
from ftnode.v1 import snapshot_pb2_grpc as pb_grpc

WANTED_S: Final = 10.0  # longest from the manifest to the slots wanted: an open snapshot lets the file grow
PAUSE_MIN_S: Final = 0.001  # after each message: how late it ends shows what the loop bears
_END: Final = None


class Source(Protocol):
    """A snapshot held still, as `ftnode.store.snapshot_helper.HelperSnapshot` holds it."""

    def manifest(self) -> bytes:
        """What to send first."""

    def batches(self, slots: Iterable[int]) -> Iterator[list[bytes]]:
        """Encoded chunks; may be left and asked for again."""

    def lives(self) -> bool:
        """Whether it can still be asked."""

    def kill(self) -> None:
        """End what waits for it."""

    def close(self) -> None:
        """Let go."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long a snapshot is held; as in the configuration's `join`."""

    keep_ms: int  # after a call, for the next one
    max_ms: int  # since it was opened: the state file grows meanwhile


@dataclass(slots=True)
class _Held:
    source: Source
    manifest: Manifest | None  # None: not known yet
    opened_s: float


class SnapshotServer(pb_grpc.SnapshotServiceServicer):
    """See the module. One snapshot at a time: the partner needs one, and nobody else gets any."""

    def __init__(
        self,
        cabinet: str,
        unit: int,
        open_snapshot: Callable[[], Source],
        throttle: Callable[[], Throttle],
        keeping: Keeping,
        goes_on: Callable[[int], bool],
        offered: Callable[[], dict[str, object]] = dict,
        beside: Callable[[], bool] = lambda: False,
    ) -> None:
        """`open_snapshot` holds the newest checkpoint still; `throttle` begins a new one; `goes_on` says
        whether our log still goes on right behind a checkpoint at that seq, and it is of our history;
        `offered` are the settings that our partner may leave out; `beside`: a checkpoint is being written."""
        self.slots_done = 0
        self.slots_total = 0  # 0: nothing is being sent
        self.sent = Meter()  # bytes of this call
        self._cabinet = cabinet
        self._unit = unit
        self._open_snapshot = open_snapshot
        self._throttle = throttle
        self._keeping, self._goes_on = keeping, goes_on
        self._offered, self._beside = offered, beside
        self._held: _Held | None = None
        self._drop_timer: asyncio.TimerHandle | None = None
        self._busy = False
        self._thread = ThreadPoolExecutor(1, "snapshot")
        self._log = structlog.get_logger()

    @property
    def held_seq(self) -> int | None:
        """Where the snapshot stands that somebody may still come back for: the log behind it is needed. 0 if
        that is not known yet, None if there is none."""
        held = self._held
        if held is None:
            return None
        return held.manifest.checkpoint.seq if held.manifest is not None else 0

    async def Fetch(self, requests: Any, context: Any) -> AsyncIterator[pb.SnapshotServiceFetchResponse]:
        """See the proto."""
        who = await anext(requests, pb.SnapshotServiceFetchRequest())
        form = await self._check(who, context)
        self._busy = True
        try:
            source, manifest, text = await self._hold(who.resumes)
            text = snapshot_forms.outgoing(form, text)
            yield pb.SnapshotServiceFetchResponse(manifest=text, format=form)
            async with asyncio.timeout(WANTED_S):
                wanted = await anext(requests, None)
            slots = [] if wanted is None else [slot for slot in wanted.slots if slot < SLOTS]
            self._log.info("snapshot_asked", seq=manifest.checkpoint.seq, slots=len(slots))
            self.slots_done, self.slots_total, self.sent = 0, len(slots), Meter()
            async for batch in self._paced(source.batches(slots)):
                chunks = [snapshot_forms.outgoing(form, chunk) for chunk in batch]
                for message in _messages(chunks, who.takes_batches):
                    yield message
            self._log.info("snapshot_sent", seq=manifest.checkpoint.seq, bytes=self.sent.total)
        except TimeoutError:
            self.drop()
            await _refuse(context, f"no slots were asked for in {WANTED_S:g} s")
        except (SnapshotFault, StoreFault) as fault:
            self.drop()
            self._log.error("snapshot_broken", why=str(fault))
            await _refuse(context, str(fault))
        finally:
            self._busy, self.slots_total = False, 0
            if self._held is not None:
                self._drop_timer = asyncio.get_running_loop().call_later(
                    self._keeping.keep_ms / 1000, self.drop
                )

    async def Introduce(self, request: pb.SnapshotServiceIntroduceRequest, context: Any) -> Any:
        """See the proto."""
        if request.cabinet != self._cabinet or request.unit != 1 - self._unit:
            await _refuse(
                context,
                f"this is unit {self._unit} of cabinet {self._cabinet!r}: its partner's settings say "
                f"unit.cabinet = {self._cabinet!r} and unit.id = {1 - self._unit}, not {request.cabinet!r} "
                f"and {request.unit}",
            )
        return pb.SnapshotServiceIntroduceResponse(settings=msgspec.json.encode(self._offered()))

    async def _check(self, who: pb.SnapshotServiceFetchRequest, context: Any) -> int:
        """The format in which the caller gets it."""
        partner = 1 - self._unit
        if who.cabinet != self._cabinet or who.unit != partner:
            await _refuse(context, f"only unit {partner} of cabinet {self._cabinet!r} gets this unit's state")
        if self._busy:
            await _refuse(context, "a snapshot is being sent already")
        try:
            return snapshot_forms.agreed(who.formats)
        except SnapshotFault as fault:
            self._log.error("snapshot_refused", why=str(fault))
            await _refuse(context, str(fault))
            raise

    # ---------------------------------------------------------------- what is held

    async def _hold(self, resumes: bool) -> tuple[Source, Manifest, bytes]:
        """The snapshot of the last call, if it is worth going on with and still can be, or a new one."""
        if self._drop_timer is not None:
            self._drop_timer.cancel()
        if not resumes or not self._still_good():
            self.drop()
            self._held = _Held(self._open_snapshot(), None, time.monotonic())
        held = self._held
        if held is None:
            raise SnapshotFault("the snapshot was let go while it was asked for")
        text = await asyncio.get_running_loop().run_in_executor(self._thread, held.source.manifest)
        held.manifest = decode_manifest(text)
        return held.source, held.manifest, text

    def _still_good(self) -> bool:
        held = self._held
        if held is None or held.manifest is None or not held.source.lives():
            return False
        young = time.monotonic() - held.opened_s < self._keeping.max_ms / 1000
        return young and self._goes_on(held.manifest.checkpoint.seq)

    def drop(self) -> None:
        """Let go of what is held: the file's pages become free, the log behind it may go."""
        held, self._held = self._held, None
        if held is not None:
            held.source.kill()  # a read that is under way in the thread ends with it
            self._thread.submit(held.source.close)

    async def stop(self) -> None:
        """At the end of the process; waits until the helper is gone."""
        self.drop()
        if self._drop_timer is not None:
            self._drop_timer.cancel()
        await asyncio.get_running_loop().run_in_executor(self._thread, lambda: None)
        self._thread.shutdown(wait=False)

    # ---------------------------------------------------------------- sending

    async def _paced(self, batches: Iterator[list[bytes]]) -> AsyncIterator[list[bytes]]:
        """Read in the thread, send as the loop bears it; reading takes its part of a message's time."""
        loop = asyncio.get_running_loop()
        throttle = self._throttle()
        due_s = time.monotonic()
        while (batch := await loop.run_in_executor(self._thread, next, batches, _END)) is not None:
            size = sum(map(len, batch))
            self.sent.add(size)
            yield batch
            self.slots_done += sum(decode_chunk(text).last for text in batch)
            began_s = time.monotonic()
            due_s = max(due_s, began_s - PAUSE_MIN_S) + throttle.pause_s(size)
            pause_s = max(PAUSE_MIN_S, due_s - began_s)
            await asyncio.sleep(pause_s)
            throttle.woke(time.monotonic() - began_s - pause_s, self._beside())


def _messages(batch: list[bytes], together: bool) -> Iterator[pb.SnapshotServiceFetchResponse]:
    if together:
        yield pb.SnapshotServiceFetchResponse(chunks=batch)
    else:
        for chunk in batch:
            yield pb.SnapshotServiceFetchResponse(chunk=chunk)


async def _refuse(context: Any, problem: str) -> None:
    await refusals.send(context, refusals.not_taken(grpc.StatusCode.FAILED_PRECONDITION, problem))
