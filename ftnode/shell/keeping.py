"""Promises and diagnostics: small durable things beside the log."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from ftnode.core.promise import Promise
from ftnode.store.promise import PromiseFile


class Keeper:
    """See the module. Promises have a thread of their own: a promise must not wait behind the log's fsync."""

    def __init__(self, promises: PromiseFile, check: Callable[[], str]) -> None:
        """`check` looks at the unit's parts, in our thread: why it may not serve, empty if it may."""
        self._promises = promises
        self._check = check
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
        """Check this unit's parts; `done` gets the problem, empty if there is none."""
        loop = asyncio.get_running_loop()

        def work() -> None:
            try:
                problem = self._check()
            except Exception as error:
                problem = f"the diagnostics failed: {type(error).__name__}: {error}"
            loop.call_soon_threadsafe(done, problem)

        self._thread.submit(work)
