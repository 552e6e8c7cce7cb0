"""What the log's disk has to do, one after the other: syncs, and jobs that run in a thread of their own.

The loop never waits for the disk. Many wishes to sync become one sync. What failed is reported once
and nothing is done after it; what no disk can do to us is a bug, and ends the process.
"""

import asyncio
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

import structlog

from ftnode.observe.count import Buckets
from ftnode.shell.driver import FAULTS, die
from ftnode.shell.kernel_sync import KernelSync
from ftnode.store.wal import Wal

_SYNC: Final = None  # in the queue: no job, but a wish to sync
Job = Callable[[], Any]


class DiskQueue:
    """See the module. All results are delivered on the loop, in the order of the jobs.

    Args:
        wal: the log; `sync_begin` and `sync` are called.
        synced: told the seq that a sync covers.
        failed: told why the disk is not to be trusted any more; nothing follows.
        seconds: how long syncs took.
        by_kernel: sync without a thread where the kernel can (`log.sync_by`).
    """

    def __init__(
        self,
        wal: Wal,
        synced: Callable[[int], None],
        failed: Callable[[str], None],
        seconds: Buckets,
        *,
        by_kernel: bool,
    ) -> None:
        self._wal = wal
        self._synced = synced
        self._failed = failed
        self._seconds = seconds
        self._waiting: deque[tuple[Job, Callable[[Any], None]] | None] = deque()
        self._under_way = False
        self._sync_began_s = 0.0  # 0: none is under way
        self._ended = False
        self._loop = asyncio.get_running_loop()
        self._jobs: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._kernel = _kernel_sync(self._loop) if by_kernel else None
        threading.Thread(target=self._work, name="disk", daemon=True).start()

    def want_sync(self) -> None:
        """The log has grown: sync it as soon as what is under way is over."""
        if not self._waiting or self._waiting[-1] is not _SYNC:
            self._waiting.append(_SYNC)
            self._next()

    def run(self, job: Job, done: Callable[[Any], None]) -> None:
        """Run `job` in the thread, after everything asked for before; `done` gets its result."""
        self._waiting.append((job, done))
        self._next()

    def sync_age_ms(self) -> int:
        """How long the sync under way has been; 0 if there is none."""
        return int((time.monotonic() - self._sync_began_s) * 1000) if self._sync_began_s else 0

    def stop(self) -> None:
        """Begin nothing more; does not wait for what is under way (a hung disk would hold us)."""
        self._ended = True
        self._jobs.put(None)
        if self._kernel is not None:
            self._kernel.close()

    # ---------------------------------------------------------------- one at a time

    def _next(self) -> None:
        if self._under_way or self._ended or not self._waiting:
            return
        self._under_way = True
        item = self._waiting.popleft()
        self._sync_began_s = time.monotonic() if item is _SYNC else 0.0
        if item is not _SYNC:
            self._jobs.put(item)
        elif self._kernel is None:
            self._jobs.put((self._timed_sync, self._synced))
        else:
            self._sync_by_kernel(self._kernel)

    def _sync_by_kernel(self, kernel: KernelSync) -> None:
        wal, began = self._wal, time.perf_counter()

        def over(error: OSError | None) -> None:
            self._seconds.add(time.perf_counter() - began)
            try:
                seq = wal.sync_done(ticket, error)
            except Exception as trouble:
                self._fail(trouble)
            else:
                self._over(self._synced, seq)

        try:
            ticket = wal.sync_begin()
        except Exception as trouble:
            self._fail(trouble)
            return
        try:
            kernel.begin([tracked.file for tracked, _ in ticket.files], over)
        except OSError as refused:  # nothing was begun; some file systems know no such request
            _say_by_thread(refused)
            kernel.close()
            self._kernel = None
            self._jobs.put((self._timed_sync, self._synced))

    def _over(self, done: Callable[[Any], None], result: object) -> None:
        """Keep the disk busy, then say what was done."""
        self._under_way = False
        self._sync_began_s = 0.0
        self._next()
        try:
            done(result)
        except Exception as trouble:  # entries read back and executed anew, most of all
            self._fail(trouble)

    def _fail(self, error: Exception) -> None:
        self._ended = True
        if not isinstance(error, FAULTS):
            die(error)
        self._failed(f"{type(error).__name__}: {error}")

    # ---------------------------------------------------------------- in the thread

    def _work(self) -> None:
        while (item := self._jobs.get()) is not None:
            job, done = item
            try:
                result = job()
            except Exception as error:
                self._deliver(self._fail, error)
                return
            self._deliver(self._over, done, result)

    def _timed_sync(self) -> int:
        began = time.perf_counter()
        seq = self._wal.sync()
        self._seconds.add(time.perf_counter() - began)
        return seq

    def _deliver(self, to: Callable[..., None], *args: object) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(to, *args)


def _kernel_sync(loop: asyncio.AbstractEventLoop) -> KernelSync | None:
    """None, with a line that says why, where the kernel gives us no asynchronous I/O."""
    try:
        return KernelSync(loop)
    except OSError as error:
        _say_by_thread(error)
        return None


def _say_by_thread(error: OSError) -> None:
    why = f"no asynchronous sync from this kernel ({error}): a thread syncs the log"
    structlog.get_logger().warning("sync_by_thread", why=why)
