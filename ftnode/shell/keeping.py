"""Promises and diagnostics: small durable things beside the log."""

import asyncio
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ftnode.core.promise import Promise
from ftnode.store.promise import PromiseFile


class Keeper:
    """See the module. Promises have a thread of their own: a promise must not wait behind the log's fsync."""

    def __init__(self, directory: Path, promises: PromiseFile, free_min_bytes: int) -> None:
        """`directory` is the unit's; it is writable and ours."""
        self._directory = directory
        self._promises = promises
        self._free_min_bytes = free_min_bytes
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="promise")

    def keep(self, promise: Promise, kept: Callable[[], None], failed: Callable[[str], None]) -> None:
        """Put a promise on disk; `kept` or `failed` is called on the loop."""
        loop = asyncio.get_running_loop()

        def work() -> None:
            try:
                self._promises.keep(promise)
            except Exception as error:
                loop.call_soon_threadsafe(failed, f"the promise could not be written: {error}")
            else:
                loop.call_soon_threadsafe(kept)

        self._thread.submit(work)

    def keep_again(self, kept: Callable[[], None], failed: Callable[[str], None]) -> None:
        """Write the newest promise anew, because one of its two slots rotted."""
        loop = asyncio.get_running_loop()

        def work() -> None:
            try:
                self._promises.keep_again()
            except Exception as error:
                loop.call_soon_threadsafe(failed, f"the promise could not be written: {error}")
            else:
                loop.call_soon_threadsafe(kept)

        self._thread.submit(work)

    def diagnose(self, done: Callable[[str], None]) -> None:
        """Check this unit's disk; `done` gets the problem, empty if there is none."""
        loop = asyncio.get_running_loop()

        def work() -> None:
            loop.call_soon_threadsafe(done, self._problem())

        self._thread.submit(work)

    def _problem(self) -> str:
        try:
            free_bytes = shutil.disk_usage(self._directory).free
        except OSError as error:
            return f"{self._directory} cannot be looked at: {error.strerror or error}"
        if free_bytes < self._free_min_bytes:
            least = f"log.free_min_bytes = {self._free_min_bytes}"
            return f"{free_bytes} bytes are free in {self._directory}, below {least}"
        return ""
