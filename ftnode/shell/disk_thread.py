"""The one thread that syncs the log. Jobs run in the order given; many wishes to sync become one fsync.

The loop never waits for the disk. A failed sync is reported once and nothing is done after it.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from typing import Any, Final

from ftnode.observe.count import Buckets

_STOP: Final = object()
Job = Callable[[], Any]


class DiskThread:
    """See the module. All results are delivered on the loop, in the order of the jobs."""

    def __init__(
        self,
        sync: Callable[[], int],
        synced: Callable[[int], None],
        failed: Callable[[str], None],
        seconds: Buckets,
    ) -> None:
        """`sync` runs in the thread and gives the seq it covers; `synced` and `failed` run on the loop."""
        self._sync = sync
        self._synced = synced
        self._failed = failed
        self._queue: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._work, name="wal-sync", daemon=True)
        self._thread.start()

    def want_sync(self) -> None:
        """The log has grown: sync it as soon as the sync under way is over."""
        self._queue.put(None)

    def run(self, job: Job, done: Callable[[Any], None]) -> None:
        """Run `job` after everything asked for before; `done` gets its result."""
        self._queue.put((job, done))

    def stop(self) -> None:
        """End after what was asked for before; does not wait (a hung disk would hold us)."""
        self._queue.put(_STOP)

    def _work(self) -> None:
        while True:
            item = self._queue.get()
            wanted = item is None
            while wanted and item is None:  # gather wishes; stop at the first job
                try:
                    item = self._queue.get_nowait()
                except queue.Empty:
                    break
            if wanted and not self._try(self._timed_sync, self._synced):
                return
            if item is _STOP:
                return
            if item is not None and not self._try(*item):
                return

    def _timed_sync(self) -> int:
        began = time.perf_counter()
        seq = self._sync()
        self._seconds.add(time.perf_counter() - began)
        return seq

    def _try(self, job: Job, done: Callable[[Any], None]) -> bool:
        try:
            result = job()
        except Exception as error:
            self._deliver(self._failed, f"{type(error).__name__}: {error}")
            return False
        self._deliver(done, result)
        return True

    def _deliver(self, to: Callable[[Any], None], result: object) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(to, result)
