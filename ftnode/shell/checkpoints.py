"""When state goes to disk: at the same seqs on both units, beside the traffic, one at a time.

A checkpoint is due at the entry with which, since the last one, `checkpoint_entries` entries or
`checkpoint_bytes` bytes of commands have gone through, or at an entry that asks for one. While one is being
written, the state at the next is set aside, and so on: what is written is the state there and nowhere else.
Commands wait when too much of it waits in memory.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog

from ftnode.core.invariants import invariant
from ftnode.machine.checkpointing import CheckpointJob
from ftnode.machine.executor import Executor
from ftnode.shell.runner import Runner
from ftnode.store.hashing import hash16
from ftnode.store.state import StoreFault, StoreFull

PAIR_BYTES: Final = (
    270  # of memory for a key and its value in the overlay, with purchases; 210 with enrolments
)
SLICE_PAUSE_S: Final = 0.002  # between slices handed to the writer: the loop goes first


@dataclass(frozen=True, slots=True, kw_only=True)
class Often:
    """How often, and when commands must wait for it; as in the configuration's `state`."""

    checkpoint_entries: int
    checkpoint_bytes: int
    overlay_max_bytes: int


class Checkpoints:
    """See the module."""

    def __init__(
        self,
        runner: Runner,
        often: Often,
        done: Callable[[int], None],
        failed: Callable[[str, Exception], None],
    ) -> None:
        """`done` is told the seq of a checkpoint that is durable, `failed` why the disk is none any more."""
        self.last_us = 0  # how long the last one took
        self._runner = runner
        self._often = often
        self._done = done
        self._failed = failed
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="checkpoint")
        self._job: CheckpointJob | None = None
        self._go_on: Callable[[], None] = lambda: None  # with the job that is prepared
        self.prepared: Callable[[int, bytes], None] = lambda seq, roots: self.write(seq)  # hears of it
        self.packed_roots = b""  # of that job: all 4,096
        self._log = structlog.get_logger()
        self.restart()

    def restart(self) -> None:
        """The executor stands at a checkpoint: count from there."""
        invariant(self._job is None, "a checkpoint is under way while the state is replaced")
        self._seen_seq = self._runner.executor.compared_seq
        self._waiting = 0  # checkpoints set aside while another is being written
        self._count = self._bytes = 0

    @property
    def overlay_bytes(self) -> int:
        """Memory that writes take which no checkpoint has yet."""
        return self._runner.executor.held_pairs * PAIR_BYTES

    @property
    def overlay_full(self) -> bool:
        """Whether commands must wait because checkpoints cannot keep up."""
        return self._waiting > 0 and self.overlay_bytes > self._often.overlay_max_bytes

    @property
    def busy(self) -> bool:
        """Whether one is being written."""
        return self._job is not None

    def compared(self, seq: int) -> None:
        """Everything through `seq` is final: merge it, and begin a checkpoint where one is due."""
        executor, often = self._runner.executor, self._often
        while self._seen_seq < seq:
            self._seen_seq += 1
            self._count += 1
            self._bytes += self._runner.pop_size()
            asked = self._runner.asks_for_checkpoint(self._seen_seq)
            if asked or self._count >= often.checkpoint_entries or self._bytes >= often.checkpoint_bytes:
                self._count = self._bytes = 0
                executor.compared(self._seen_seq)
                executor.set_aside()
                self._waiting += 1
                self._next(executor)
        executor.compared(self._seen_seq)

    def _next(self, executor: Executor) -> None:
        """Begin the one that has waited longest, if none is under way."""
        if self._job is None and self._waiting and self._runner.executor is executor:
            self._waiting -= 1
            self._begin(executor)

    def _begin(self, executor: Executor) -> None:
        try:
            job = executor.begin_checkpoint()
        except StoreFault as fault:
            self._failed(f"no checkpoint can be written: {fault}", fault)
            return
        self._job = job
        loop = asyncio.get_running_loop()
        began_ns = time.monotonic_ns()

        def step(work: Callable[[], bytes], then: Callable[[bytes], None]) -> None:
            try:
                done = work()
            except Exception as error:
                loop.call_soon_threadsafe(self._lost, executor, job, error)
            else:
                loop.call_soon_threadsafe(then, done)

        def step_in_thread(work: Callable[[], bytes], then: Callable[[bytes], None]) -> None:
            self._thread.submit(step, work, then)

        def prepared(roots: bytes) -> None:
            written = partial(self._written, executor, job, began_ns)
            self._go_on = lambda: step_in_thread(partial(_write, job), lambda _: written())
            self.packed_roots = roots
            self.prepared(job.checkpoint.seq, hash16(roots))

        step_in_thread(partial(_prepare, job), prepared)

    def write(self, seq: int) -> None:
        """The one that is prepared may be written: both units would write the same, or one is alone."""
        job = self._job
        invariant(job is not None and job.checkpoint.seq == seq, "no such checkpoint is ready", seq=seq)
        self._go_on()

    def _written(self, executor: Executor, job: CheckpointJob, began_ns: int) -> None:
        try:
            executor.finish_checkpoint(job)
        except StoreFault as fault:
            self._lost(executor, job, fault)
            return
        self._job = None
        self.last_us = (time.monotonic_ns() - began_ns) // 1000
        seq = job.checkpoint.seq
        self._log.info("checkpoint", seq=seq, keys=job.changed_keys, ms=self.last_us // 1000)
        self._done(seq)
        self._next(executor)

    def _lost(self, executor: Executor, job: CheckpointJob, error: Exception) -> None:
        """The one before still stands; the log since then is long. The disk is not to be trusted, unless it
        only has no room: then the next one that is due holds everything."""
        self._job = None
        if isinstance(error, StoreFull) and self._runner.executor is executor:
            executor.abandon_checkpoint(job)
            self._log.error("no_checkpoint", seq=job.checkpoint.seq, why=str(error))
            self._next(executor)
            return
        self._failed(f"the checkpoint at {job.checkpoint.seq} could not be written: {error}", error)


def _prepare(job: CheckpointJob) -> bytes:
    """In a thread: the loop goes on meanwhile. The packed roots as they will be."""
    while job.put_slice():
        time.sleep(SLICE_PAUSE_S)
    return job.prepare()


def _write(job: CheckpointJob) -> bytes:
    job.write()
    job.sync()
    return b""
