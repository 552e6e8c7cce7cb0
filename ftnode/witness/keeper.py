"""The witness's decisions: one change at a time, and nothing is said that is not on disk.

A change runs in a task of its own: a client that hangs up in the middle must not leave the disk
ahead of what this process believes.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import TypeVar

from ftnode.core.record import Record
from ftnode.witness.disk import Kept, RecordDisk, WitnessDiskError
from ftnode.witness.port import Conflict, Held, Refused, Swapped
from ftnode.witness.rules import refusal, told_after_read, told_after_swap

T = TypeVar("T")


def wall_clock_ms() -> int:
    """This machine's clock, UTC milliseconds."""
    return time.time_ns() // 1_000_000


def monotonic_ms() -> int:
    """How its pace is told, whatever becomes of the other."""
    return time.monotonic_ns() // 1_000_000


class Keeper:
    """One record on one disk.

    Args:
        disk: opened by `open`.
        compared_sync_ms: what a read told is on disk within this time; 0: before its answer.
        on_fatal: called once if the disk failed. The process must end: it may no longer answer.
        wall_ms: the clock that answers carry.
    """

    def __init__(
        self,
        disk: RecordDisk,
        cabinet: str,
        compared_sync_ms: int,
        on_fatal: Callable[[str], None],
        wall_ms: Callable[[], int] = wall_clock_ms,
    ) -> None:
        self.cabinet = cabinet
        self._disk = disk
        self._compared_sync_ms = compared_sync_ms
        self._on_fatal = on_fatal
        self._wall_ms = wall_ms
        self._kept = disk.open(cabinet)  # what is on disk, and so what may be said
        self._told_seq = self._kept.told_seq  # what we were told, perhaps not yet on disk
        self._turn = asyncio.Lock()
        self._changes: set[asyncio.Task[object]] = set()
        self._flush: asyncio.TimerHandle | None = None
        self._dead = ""

    @property
    def held(self) -> Held:
        """What the witness holds, on disk."""
        kept = self._kept
        return Held(kept.witness_id, kept.record, kept.told_seq, self._wall_ms(), monotonic_ms())

    async def read(self, compared_seq: int, epoch: int) -> Held:
        """The record, and the floor as it is on disk. Never waits for a disk unless compared_sync_ms is 0."""
        self._check_alive()
        self._told_seq = told_after_read(self._kept.record, self._told_seq, compared_seq, epoch)
        if self._told_seq > self._kept.told_seq:
            if self._compared_sync_ms == 0:
                await self._alone(self._write_told())
            elif self._flush is None:
                loop = asyncio.get_running_loop()
                self._flush = loop.call_later(self._compared_sync_ms / 1000, self._start_flush)
        return self.held

    async def swap(
        self, unit: int, expected: Record, wanted: Record, compared_seq: int
    ) -> Swapped | Conflict | Refused:
        """Replace the record if the whole of it equals `expected`; on disk before it returns."""
        return await self._alone(self._change(unit, expected, wanted, compared_seq))

    async def create(self, unit: int, wanted: Record, compared_seq: int) -> Swapped | Conflict | Refused:
        """Put the first record in, if there is none; on disk before it returns."""
        return await self._alone(self._change(unit, None, wanted, compared_seq))

    async def close(self) -> None:
        """Write down what is not yet on disk, and let the directory go."""
        if self._changes:
            await asyncio.wait(self._changes)
        if self._flush is not None:
            self._flush.cancel()
        try:
            if not self._dead and self._told_seq > self._kept.told_seq:
                await self._write_told()
        except WitnessDiskError:
            pass  # told to on_fatal; there is nothing left to lose here but a floor
        self._disk.close()

    async def _change(
        self, unit: int, expected: Record | None, wanted: Record, compared_seq: int
    ) -> Swapped | Conflict | Refused:
        async with self._turn:
            self._check_alive()
            kept = self._kept
            if why := refusal(kept.cabinet, kept.witness_id, unit, expected, wanted):
                return Refused(why)
            if kept.record != expected:
                return Conflict(self.held)
            told_seq = told_after_swap(expected, self._told_seq, wanted, compared_seq)
            await self._write(replace(kept, record=wanted, told_seq=told_seq))
            self._told_seq = told_seq
            return Swapped(self.held)

    async def _write_told(self) -> None:
        async with self._turn:
            self._check_alive()
            if self._told_seq > self._kept.told_seq:
                await self._write(replace(self._kept, told_seq=self._told_seq))

    async def _write(self, kept: Kept) -> None:
        """Put `kept` on disk; only then does this process believe it. Call with the turn held."""
        try:
            await asyncio.to_thread(self._disk.write, kept)
        except WitnessDiskError as error:
            self._dead = str(error)
            self._on_fatal(self._dead)
            raise
        self._kept = kept

    def _check_alive(self) -> None:
        if self._dead:
            raise WitnessDiskError(self._dead)

    def _start_flush(self) -> None:
        self._flush = None
        self._own(self._write_told())

    async def _alone(self, change: Coroutine[object, object, T]) -> T:
        """Run `change` to its end, also when the caller hangs up."""
        return await asyncio.shield(self._own(change))

    def _own(self, change: Coroutine[object, object, T]) -> asyncio.Task[T]:
        task: asyncio.Task[T] = asyncio.get_running_loop().create_task(change)
        self._changes.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[object]) -> None:
        self._changes.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waits for it gets it too; with nobody there, `on_fatal` was told
