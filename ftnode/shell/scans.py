"""Long reads of the back office, in a lane of their own: a helper process on the last checkpoint.

A scan is answered by whichever unit was asked, from its own disk: no barrier, no seq, no queue that a till
waits in. Its chunks come through a pipe and leave as they are; a client that reads slowly holds up its
helper, and nobody else. Every chunk says as of which entry it is true: the pair is asked for a checkpoint
when a scan begins, and if none comes in time the one before is read.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import grpc
import structlog

from ftnode.config.limits import Scans as Settings
from ftnode.machine.contract import Machine
from ftnode.observe.figures import UnitFigures
from ftnode.shell import refusals
from ftnode.shell.scan_helper import HelperScan, Job, ScanFault, name_of
from ftnode.shell.table import ScanMethod

PUSHBACK_MS: Final = 5000  # a scan takes seconds: no use in coming back sooner
STOPPING: Final = "this unit stops: ask the other one"
Context = Any  # grpc.aio.ServicerContext[bytes, bytes]


@dataclass(slots=True)
class _Run:
    """One scan, for its line in the log."""

    method: str
    came_s: float = field(default_factory=time.monotonic)
    began_s: float = 0.0  # 0: it waits for its turn
    seq: int = 0
    chunks: int = 0
    sent_bytes: int = 0
    result: str = "cancelled"  # unless something else comes of it
    why: str = ""
    where: str = ""  # of a bug


class Scans:
    """See the module.

    Args:
        settings: its limits.
        state: directory of the unit's state.
        machines: the application, newest engine version first; each has to be one that scans.
        unready: why this unit's state is not to be asked now; empty if it may be.
        fresh: waits for a checkpoint of what is true by now, a while at most; called for each scan.

    Raises:
        ValueError: a machine (or, of `handlers`, an encoder) that no helper process could import.
    """

    def __init__(
        self,
        settings: Settings,
        state: Path,
        machines: Sequence[Machine],
        figures: UnitFigures,
        unready: Callable[[], str],
        fresh: Callable[[], Awaitable[None]],
    ) -> None:
        self.running = 0
        self.on_rot: Callable[[int, str], None] = lambda slot, why: None  # a scan met a changed pair
        self._settings = settings
        self._state = state
        self._machines = tuple(name_of(type(machine)) for machine in machines)
        self._figures = figures
        self._unready, self._fresh = unready, fresh
        self._turn = asyncio.Semaphore(settings.at_once_max)
        self._here: set[asyncio.Timeout] = set()  # of each that runs or waits
        self._stopping = False
        exhausted = grpc.StatusCode.RESOURCE_EXHAUSTED
        text = f"scans.waiting_max = {settings.waiting_max} scans wait: try again later"
        self._full = refusals.not_taken(exhausted, text, PUSHBACK_MS)
        self._log = structlog.get_logger()

    @property
    def waiting(self) -> int:
        """Scans waiting for their turn."""
        return len(self._here) - self.running

    def handlers(self, methods: Iterable[ScanMethod]) -> "dict[str, grpc.RpcMethodHandler[bytes, bytes]]":
        """All methods by path; requests and chunks stay bytes."""
        return {
            method.path: grpc.unary_stream_rpc_method_handler(self._handle(method, name_of(method.encode)))
            for method in methods
        }

    def stop(self) -> None:
        """The unit ends: helpers are ended, and who waits or reads is sent to the other one."""
        self._stopping = True
        now_s = asyncio.get_running_loop().time()
        for limit in self._here:
            if not limit.expired():
                limit.reschedule(now_s)

    # ---------------------------------------------------------------- one call

    def _handle(self, method: ScanMethod, encode: str) -> Callable[[bytes, Context], Awaitable[None]]:
        at = self._settings

        async def handle(request: bytes, context: Context) -> None:
            try:
                body = method.decode(request).body
            except ValueError as error:
                self._figures.refusals.add("malformed")
                return await refusals.send(context, refusals.bad_request(error))
            if (refusal := self._refusing()) is not None:
                return await refusals.send(context, refusal)
            run = _Run(method.path)
            job = Job(
                self._machines,
                encode,
                body,
                at.chunk_max_bytes,
                at.memory_max_bytes,
                at.max_ms,
                at.processor == "idle",
            )
            try:
                refusal = await self._outcome(run, job, context)
            finally:
                self._note(run)
            if refusal is not None:
                await refusals.send(context, refusal)

        return handle

    def _refusing(self) -> refusals.Refusal | None:
        """Why a scan that comes now may not even wait."""
        if self._stopping:
            return refusals.unknown(STOPPING)
        if len(self._here) >= self._settings.at_once_max + self._settings.waiting_max:
            self._figures.refusals.add("scans wait")
            return self._full
        if why := self._unready():
            return refusals.unknown(why)
        return None

    async def _outcome(self, run: _Run, job: Job, context: Context) -> refusals.Refusal | None:
        """Wait for the scan's end. What is left to tell the caller, if anything."""
        try:
            await self._in_turn(run, job, context)
        except TimeoutError:
            if self._stopping:
                run.result = "stopping"
                return refusals.unknown(STOPPING)
            run.result = "too long"
            return refusals.too_long(f"the scan took longer than scans.max_ms = {self._settings.max_ms}")
        except ScanFault as gave_up:
            return self._gave_up(run, gave_up)
        except Exception as error:
            if context.done():  # it was written to one who is gone: no more is there to be told
                return None
            run.result, run.why = "bug", f"{type(error).__name__}: {error}"
            self._log.exception("a scan failed", method=run.method)
            return refusals.unknown(f"a bug of ours: {run.why}")
        run.result = "done"
        return None

    async def _in_turn(self, run: _Run, job: Job, context: Context) -> None:
        """Raises TimeoutError (it took too long, or the unit stops), ScanFault."""
        async with asyncio.timeout(None) as limit:
            self._here.add(limit)
            try:
                async with self._turn:
                    run.began_s = time.monotonic()
                    limit.reschedule(asyncio.get_running_loop().time() + self._settings.max_ms / 1000)
                    self.running += 1
                    try:
                        await self._fresh()
                        await self._stream(run, HelperScan(self._state, job), context)
                    finally:
                        self.running -= 1
            finally:
                self._here.discard(limit)

    async def _stream(self, run: _Run, helper: HelperScan, context: Context) -> None:
        """Chunk by chunk, no faster than the client reads; the helper is no more when this ends."""
        loop = asyncio.get_running_loop()
        thread = ThreadPoolExecutor(1, thread_name_prefix="scan")
        try:
            run.seq = (await loop.run_in_executor(thread, helper.begin)).seq
            while (chunk := await loop.run_in_executor(thread, helper.chunk)) is not None:
                await context.write(chunk)
                run.chunks += 1
                run.sent_bytes += len(chunk)
                await asyncio.sleep(len(chunk) / self._settings.send_max_bytes_per_s)
        finally:
            helper.stop()
            ended = loop.run_in_executor(thread, helper.end)  # behind a read that is still under way
            thread.shutdown(wait=False)
            await asyncio.shield(ended)

    # ---------------------------------------------------------------- what it came to

    def _gave_up(self, run: _Run, gave_up: ScanFault) -> refusals.Refusal:
        fault = gave_up.fault
        run.why, run.where = fault.why, fault.bug
        run.result = "rotten" if fault.rotten else "bug" if fault.bug else "gone"
        if fault.rotten:
            self.on_rot(fault.slot, fault.why)
        return refusals.unknown(f"the scan was given up: {fault.why}")

    def _note(self, run: _Run) -> None:
        """Count it, and write its line."""
        now_s = time.monotonic()
        began_s = run.began_s or now_s
        self._figures.scans.add((run.method, run.result))
        self._figures.scan_seconds.add(now_s - began_s)
        self._figures.scan_bytes += run.sent_bytes
        say = self._log.error if run.why else self._log.info
        say(
            "scan",
            method=run.method,
            result=run.result,
            seq=run.seq,
            chunks=run.chunks,
            bytes=run.sent_bytes,
            waited_ms=round((began_s - run.came_s) * 1000),
            ms=round((now_s - began_s) * 1000),
            **{name: text for name, text in (("why", run.why), ("where", run.where)) if text},
        )
