"""What the log needs beside the traffic: marks when idle, the next segment, old segments away."""

import asyncio
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import structlog

from ftnode.config import UnitSettings
from ftnode.store.archive import Archive, ArchiveFault, archive_closed
from ftnode.store.breath import Breath
from ftnode.store.wal import Wal
from ftnode.store.wal_faults import LogFault, LogFull, LogUnusable

ROUND_S: Final = 0.02
AGAIN_S: Final = 0.5  # before a segment that had no room is tried again
TIDY_AGAIN_S: Final = 5.0  # after an archive that could not take a segment, or a log that could not be read
REST_SUM_S: Final = 10.0  # of archiving, for the segments of one checkpoint
ARCHIVE_SLOW_S: Final = 60.0  # for the segments of one checkpoint: beyond it the archive's disk hangs


class House:
    """See the module. Slow work has threads of its own: no fsync of a batch ever waits behind it. The
    archive, which may lie on another machine's disk, has one for itself: when it hangs, the log goes on."""

    def __init__(
        self,
        settings: UnitSettings,
        wal: Wal,
        archive: Archive,
        marks: Callable[[], tuple[int, int] | None],
        want_sync: Callable[[], None],
        failed: Callable[[str], None],
        trimmed: Callable[[int], None],
        rotted: Callable[[], None],
        tidy_again: Callable[[], None],
    ) -> None:
        """`marks` are the (commit_seq, peer_seq) known now, None while nothing may be written; `failed`
        hears that the disk is none any more, `trimmed` that the log begins later than before, `rotted`,
        all the time, that not all of it can be read; `tidy_again` calls `tidy` as of now."""
        self.let_go = ""  # why the log that a newcomer needed was not kept
        self.full = ""  # why the disk has no room for the next segment
        self.not_archived = "; ".join(archive.unreadable.values())  # what is wrong with the archive
        self._want_sync = want_sync
        self._settings = settings
        self._wal = wal
        self._marks = marks
        self._failed = failed
        self._archive = archive
        self._trimmed, self._rotted, self._tidy_again = trimmed, rotted, tidy_again
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="house")
        self._breath = Breath(REST_SUM_S)
        self._archiver = ThreadPoolExecutor(1, thread_name_prefix="archive")
        self._task: asyncio.Task[None] | None = None
        self._again_s = 0.0
        self._tidying_s = 0.0  # when it began, on the monotonic clock; 0: it is not under way
        self._not_tidied_s = 0.0  # when it failed last; 0: it did not
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
        self._archiver.shutdown(wait=False, cancel_futures=True)

    @property
    def archive_hangs(self) -> bool:
        """Whether archiving goes on for longer than any disk needs: the log grows meanwhile."""
        began_s = self._tidying_s
        return began_s > 0 and time.monotonic() - began_s > ARCHIVE_SLOW_S

    async def in_archiver(self, work: Callable[..., None], *args: object) -> None:
        """Run something in the one thread that changes the archive."""
        await asyncio.get_running_loop().run_in_executor(self._archiver, work, *args)

    def tidy(self, checkpoint_seq: int, keep_from_seq: int, log_time_ms: int) -> None:
        """A checkpoint was written: closed segments are archived, and go if nobody needs them here.

        Args:
            checkpoint_seq: a restart needs what is behind it.
            keep_from_seq: what the partner is being sent, or still has to confirm.
            log_time_ms: for the age of what is archived.
        """
        if not self._tidying_s:
            self._tidying_s = time.monotonic()
            loop = asyncio.get_running_loop()
            loop.run_in_executor(self._archiver, self._tidy, loop, checkpoint_seq, keep_from_seq, log_time_ms)

    def _tidy(
        self, loop: asyncio.AbstractEventLoop, checkpoint_seq: int, keep_from_seq: int, log_time_ms: int
    ) -> None:
        """In the thread. An archive that is full or broken keeps the log as it is, and is reported."""
        try:
            self._breath.begin()
            archived_seq = archive_closed(self._wal, self._archive, checkpoint_seq, self._breath.take)
            upto_seq = self._upto(checkpoint_seq, keep_from_seq)
            if self._wal.trim(upto_seq, archived_seq):
                loop.call_soon_threadsafe(self._trimmed, self._wal.first_seq)
            if self._settings.log.archive_keep_days:
                self._archive.expire(log_time_ms, self._settings.log.archive_keep_days)
            self.not_archived, self._not_tidied_s = "; ".join(self._archive.unreadable.values()), 0.0
        except (ArchiveFault, LogFault, OSError) as fault:
            if self.not_archived != str(fault):
                self._log.error("not_archived", why=str(fault))
            self.not_archived, self._not_tidied_s = str(fault), time.monotonic()
        finally:
            self._tidying_s = 0.0

    def _upto(self, checkpoint_seq: int, keep_from_seq: int) -> int:
        """What nobody needs, or needs so much of that it costs too much to keep."""
        may_go_seq = self._may_go(checkpoint_seq)
        if keep_from_seq > may_go_seq:
            self.let_go = "" if keep_from_seq > self._wal.head_seq else self.let_go
            return may_go_seq
        at, most = self._settings.log, self._settings.join.log_max_bytes
        closed = self._wal.closed(min(checkpoint_seq, may_go_seq))
        kept_bytes = at.segment_bytes * sum(one.last_seq >= keep_from_seq for one in closed)
        free_bytes = shutil.disk_usage(self._settings.unit.dir).free
        if kept_bytes <= most and free_bytes >= at.free_min_bytes:
            return keep_from_seq - 1
        why = (
            f"join.log_max_bytes = {most}"
            if kept_bytes > most
            else f"log.free_min_bytes = {at.free_min_bytes}, and {free_bytes} are free"
        )
        self.let_go = (
            f"it needed {kept_bytes} bytes of log from entry {keep_from_seq} on, more than may be kept "
            f"for it ({why}): it begins anew with a snapshot"
        )
        self._log.error("newcomer_too_slow", why=self.let_go)
        return may_go_seq

    def _may_go(self, checkpoint_seq: int) -> int:
        """Highest seq that is behind a checkpoint and outside of the window for a returning unit."""
        at, closed = self._settings.log, self._wal.closed(checkpoint_seq)
        many = self._wal.head_seq - at.local_window_entries
        surplus = len(closed) - at.local_window_bytes // at.segment_bytes
        large = closed[surplus - 1].last_seq if surplus > 0 else 0
        return max(many, large)

    async def _rounds(self) -> None:
        loop = asyncio.get_running_loop()
        head_seq, quiet_s = -1, 0.0
        while True:
            await asyncio.sleep(ROUND_S)
            if self._wal.wants_spare and loop.time() >= self._again_s:
                await loop.run_in_executor(self._thread, self._prepare)
            quiet_s = quiet_s + ROUND_S if self._wal.head_seq == head_seq else 0.0
            head_seq = self._wal.head_seq
            if self._wal.rotten:  # whoever met it, in whatever thread
                self._rotted()
            if self._not_tidied_s and time.monotonic() - self._not_tidied_s >= TIDY_AGAIN_S:
                self._tidy_again()
            if quiet_s * 1000 >= self._settings.timing.mark_ms:
                quiet_s = 0.0
                self._mark()

    def _mark(self) -> None:
        """Write the durable mark down while nothing else writes it."""
        marks = self._marks()
        if marks is None:
            return
        try:
            if self._wal.mark_idle(*marks):
                self._want_sync()
        except LogFull as fault:
            self._say_full(str(fault))
        except (LogUnusable, OSError) as fault:
            self._failed(str(fault))

    def _prepare(self) -> None:
        """One that cannot fit is not begun: it would take the last byte from those who need it."""
        try:
            self._again_s = time.monotonic() + AGAIN_S
            free_bytes, at = shutil.disk_usage(self._settings.unit.dir).free, self._settings.log
            if free_bytes < at.segment_bytes:
                raise LogFull(f"no room for a segment of {at.segment_bytes} bytes: {free_bytes} are free")
            self._wal.prepare()
            self.full, self._again_s = "", 0.0
        except LogFull as fault:
            self._say_full(str(fault))
        except (LogFault, OSError) as fault:
            self._log.error("segment_not_prepared", why=str(fault))

    def _say_full(self, why: str) -> None:
        if why != self.full:
            self.full = why
            self._log.error("disk_full", why=why)
