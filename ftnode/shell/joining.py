"""Becoming equal to the active: a snapshot fetched and installed in one step, rotten entries replaced."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import grpc
import structlog

from ftnode.core import effects as ef
from ftnode.core import events as ev
from ftnode.machine.executor import Executor
from ftnode.shell.boot import Replayed, replay
from ftnode.shell.checkpoints import Checkpoints
from ftnode.shell.disk_queue import DiskQueue
from ftnode.shell.driver import die, now_ms
from ftnode.shell.logbook import Logbook
from ftnode.shell.meter import Meter
from ftnode.shell.rot import Rot
from ftnode.shell.runner import Runner
from ftnode.store import snapshot_forms
from ftnode.store.entry import EntryFaultError
from ftnode.store.receive_helper import HelperReceiver, Plan
from ftnode.store.snapshot import SnapshotFault, decode_chunk
from ftnode.store.state import Checkpoint, StateStore, StoreFault
from ftnode.store.wal_faults import LogFault
from ftnode.v1 import snapshot_pb2 as pb
from ftnode.v1 import snapshot_pb2_grpc as pb_grpc

SILENCE_S: Final = 10.0  # between two chunks; after it the snapshot is given up and begun again
STOP_S: Final = 2.0  # longest for what came to be put on disk when the unit ends
BUSY_POLL_S: Final = 0.02  # while our own checkpoint is still being written
RETRY_LEAST_S: Final = 0.1  # between an attempt that failed and the next; doubled while nothing comes
RETRY_MOST_S: Final = 5.0


@dataclass(slots=True)
class Progress:
    """For the status page."""

    plan: Plan
    slots_done: int = 0
    took: Meter = field(default_factory=Meter)  # bytes
    installing: bool = False


class Joiner:
    """See the module."""

    def __init__(
        self,
        *,
        cabinet: str,
        unit: int,
        channel: Callable[[], grpc.aio.Channel],
        store: StateStore,
        state: tuple[Path, int],
        logbook: Logbook,
        runner: Runner,
        checkpoints: Checkpoints,
        disk: DiskQueue,
        executor: Callable[[StateStore], Executor],
        feed: Callable[[ev.Event], None],
        failed: Callable[[str], None],
        rot: Callable[[], Rot],
    ) -> None:
        """`channel` leads to the partner's back office, `executor` makes one at the store's checkpoint;
        `state` is where the store lies, and its `map_max_bytes`."""
        self.progress: Progress | None = None
        self._who = pb.SnapshotServiceFetchRequest(
            cabinet=cabinet, unit=unit, formats=snapshot_forms.reads(), takes_batches=True
        )
        self._state = state
        self._receiver: HelperReceiver | None = None  # the last one
        self._thread = ThreadPoolExecutor(1, "join")  # all steps of one snapshot, in turn
        self._channel, self._store, self._logbook, self._runner = channel, store, logbook, runner
        self._checkpoints, self._disk, self._executor = checkpoints, disk, executor
        self._feed, self._failed, self._rot = feed, failed, rot
        self._task: asyncio.Task[None] | None = None
        self._rest_s = 0.0  # before the next attempt
        self._log = structlog.get_logger()

    # ---------------------------------------------------------------- snapshot

    def fetch(self, effect: ef.FetchSnapshot) -> None:
        """Begin anew; an attempt of an older session is dropped, what it brought is kept."""
        if self._rot().note.whole:
            why = f"{self._rot().note.why}: this unit starts again with a blank state"
            self._failed(why)
            return
        before = self._task
        self._task = asyncio.get_running_loop().create_task(self._fetch(before))

    async def stop(self) -> None:
        """Give up what is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        try:
            async with asyncio.timeout(STOP_S):
                await self._in_thread(lambda: None)  # no helper outlives us
        except TimeoutError:
            if self._receiver is not None:
                self._receiver.kill()
        self._thread.shutdown(wait=False)

    async def _fetch(self, before: "asyncio.Task[None] | None") -> None:
        if before is not None and not before.done():
            before.cancel()
            await asyncio.gather(before, return_exceptions=True)
        await asyncio.sleep(self._rest_s)
        self._rest_s = min(max(RETRY_LEAST_S, 2 * self._rest_s), RETRY_MOST_S)
        try:
            while self._checkpoints.busy:  # noqa: ASYNC110 - ends by itself, within the disk's time
                await asyncio.sleep(BUSY_POLL_S)
            checkpoint = await self._replaced()
        except (SnapshotFault, grpc.RpcError, grpc.aio.UsageError, TimeoutError) as fault:
            why = (
                fault.details()
                if isinstance(fault, grpc.aio.AioRpcError)
                else str(fault) or "no chunk in time"
            )
            self._feed(ev.SnapshotFailed(now_ms(), why or "the channel broke"))
        except (StoreFault, OSError) as fault:
            self._failed(f"the snapshot cannot be stored: {fault}")
        except Exception as bug:  # the core waits for an end: without one this unit would never join
            die(bug)
        else:
            self._rest_s = 0.0
            self._disk.run(lambda: self._reset(checkpoint), lambda _: self._installed(checkpoint))
        finally:
            self.progress = None

    async def _replaced(self) -> Checkpoint:
        """The state is the snapshot's when this returns; what went wrong before left the old one."""
        receiver: HelperReceiver | None = None
        try:
            async with self._channel() as channel:
                call = pb_grpc.SnapshotServiceStub(channel).Fetch()
                self._who.resumes = bool(self._store.staged_roots())
                await call.write(self._who)
                first = await self._next(call)
                form = first.format or 1
                manifest = snapshot_forms.incoming(form, first.manifest)
                path, map_max_bytes = self._state
                distrust = self._rot().note.slots
                receiver = HelperReceiver(path, map_max_bytes, self._store, manifest, distrust)
                await self._receive(call, receiver, form)
                call.cancel()
            checkpoint: Checkpoint = await self._in_thread(receiver.install)
            return checkpoint
        finally:
            if receiver is not None:
                self._receiver = receiver
                self._thread.submit(receiver.close)

    async def _receive(self, call: Any, receiver: HelperReceiver, form: int) -> None:
        plan = await self._in_thread(receiver.plan)
        progress = self.progress = Progress(plan)
        seq, wanted = receiver.manifest.checkpoint.seq, len(plan.wanted)
        kept = {"equal": plan.equal_slots, "resumed": plan.resumed_slots}
        self._log.info("snapshot_begins", seq=seq, slots=wanted, **kept)
        await call.write(pb.SnapshotServiceFetchRequest(slots=plan.wanted))
        await call.done_writing()
        while progress.slots_done < wanted:
            answer = await self._next(call)
            came = answer.chunks or [answer.chunk]
            batch = [snapshot_forms.incoming(form, text) for text in came]
            await self._in_thread(receiver.take, batch)
            progress.took.add(sum(map(len, batch)))
            progress.slots_done += sum(decode_chunk(text).last for text in batch)
            self._rest_s = RETRY_LEAST_S
        progress.installing = True
        self._log.info("snapshot_came", seq=seq, bytes=progress.took.total)

    def _in_thread(self, work: Callable[..., Any], *args: object) -> Awaitable[Any]:
        return asyncio.get_running_loop().run_in_executor(self._thread, work, *args)

    async def _next(self, call: Any) -> pb.SnapshotServiceFetchResponse:
        async with asyncio.timeout(SILENCE_S):
            answer = await call.read()
        if not isinstance(answer, pb.SnapshotServiceFetchResponse):
            raise SnapshotFault("the snapshot ended before everything came")
        return answer

    def _reset(self, checkpoint: Checkpoint) -> None:
        """In the disk's thread: the log goes on behind the snapshot."""
        self._logbook.wal.reset(checkpoint.seq, checkpoint.epoch, checkpoint.entry_hash, audit=True)

    def _installed(self, checkpoint: Checkpoint) -> None:
        self._logbook.forget_recent()
        self._rot().replaced()
        self._runner.replace(self._executor(self._store))
        self._checkpoints.restart()
        ends = ((checkpoint.epoch, checkpoint.seq),) if checkpoint.seq else ()
        stands = self._runner.executor.standing()
        self._feed(ev.SnapshotInstalled(now_ms(), checkpoint.seq, ends, checkpoint.time_ms, stands))

    # ---------------------------------------------------------------- rotten entries

    def repair(self, effect: ef.Repair, data: bytes) -> None:
        """Write what the partner sent where our own is rotten, then go on executing from there."""
        try:
            runs = self._logbook.repairs(effect.seqs, data)
        except (EntryFaultError, LogFault) as fault:
            self._failed(f"fetched entries do not fit after all: {fault}")
            return
        wal = self._logbook.wal

        def work() -> None:
            for run in runs:  # somebody else may have put back what lay here, too
                if any(run.first_seq <= first and last <= run.last_seq for first, last in wal.rotten):
                    wal.repair(run)
            wal.sync()

        self._disk.run(work, lambda _: self._repaired(effect.seqs))

    def _repaired(self, seqs: tuple[int, ...]) -> None:
        behind = Replayed()
        if not self._runner.busy:  # at boot: nothing behind the rot was read yet
            behind = replay(self._logbook.wal, self._runner)
        time_ms = self._runner.executor.time_ms
        self._feed(ev.Repaired(now_ms(), seqs, time_ms, behind.orders, behind.began, behind.named))
        self._feed(ev.Executed(now_ms(), self._runner.executor.executed_seq))
