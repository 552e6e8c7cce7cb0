"""What the log needs beside the traffic: marks when idle, the next segment, old segments away."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import structlog

from ftnode.config import UnitSettings
from ftnode.store.wal import Wal
from ftnode.store.wal_faults import LogFault, LogFull, LogUnusable

ROUND_S = 0.02


class House:
    """See the module. Slow work has a thread of its own: no fsync of a batch ever waits behind it."""

    def __init__(
        self,
        settings: UnitSettings,
        wal: Wal,
        marks: Callable[[], tuple[int, int]],
        want_sync: Callable[[], None],
        failed: Callable[[str], None],
    ) -> None:
        """`marks` are the (commit_seq, peer_seq) known now; `failed` hears that the disk is none any more."""
        self.full = ""  # why the disk has no room for the next segment
        self._want_sync = want_sync
        self._settings = settings
        self._wal = wal
        self._marks = marks
        self._failed = failed
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="house")
        self._task: asyncio.Task[None] | None = None
        self._log = structlog.get_logger()

    def start(self) -> None:
        """Begin the rounds."""
        self._task = asyncio.get_running_loop().create_task(self._rounds(), name="house")

    async def stop(self) -> None:
        """End them; what a thread has begun ends by itself."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._thread.shutdown(wait=False, cancel_futures=True)

    def tidy(self, checkpoint_seq: int) -> None:
        """A checkpoint was written: what neither a restart nor a rejoining unit needs may go."""

    async def _rounds(self) -> None:
        loop = asyncio.get_running_loop()
        head_seq, quiet_s = -1, 0.0
        while True:
            await asyncio.sleep(ROUND_S)
            if self._wal.wants_spare:
                await loop.run_in_executor(self._thread, self._prepare)
            quiet_s = quiet_s + ROUND_S if self._wal.head_seq == head_seq else 0.0
            head_seq = self._wal.head_seq
            if quiet_s * 1000 >= self._settings.timing.mark_ms:
                quiet_s = 0.0
                self._mark()

    def _mark(self) -> None:
        """Write the durable mark down while nothing else writes it."""
        try:
            if self._wal.mark_idle(*self._marks()):
                self._want_sync()
        except LogFull as fault:
            self._say_full(str(fault))
        except (LogUnusable, OSError) as fault:
            self._failed(str(fault))

    def _prepare(self) -> None:
        try:
            self._wal.prepare()
            self.full = ""
        except LogFull as fault:
            self._say_full(str(fault))
        except (LogFault, OSError) as fault:
            self._log.error("segment_not_prepared", why=str(fault))

    def _say_full(self, why: str) -> None:
        if why != self.full:
            self.full = why
            self._log.error("disk_full", why=why)
