"""What is done about rot, whoever met it: the scrubber, a command, a read, a checkpoint, a snapshot.

Entries of the log are put back from what this unit still has in memory or in its archive; if it has them
nowhere, the core is told and asks the partner. Slots of the state are put in quarantine at once, so that
nothing of them is ever executed on or answered; that is noted on disk, and the core gives way.
"""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Final

import structlog

from ftnode.core import events as ev
from ftnode.observe.count import Tally
from ftnode.shell.disk_queue import DiskQueue
from ftnode.shell.driver import now_ms, wall_ms
from ftnode.shell.logbook import Logbook
from ftnode.store.archive import Archive, ArchiveFault
from ftnode.store.disk import RealDisk
from ftnode.store.entry import EntryFaultError, Run
from ftnode.store.rot_note import RotNote, write_note
from ftnode.store.state import RottenValue, StateBroken, StateStore, StoreFault
from ftnode.store.wal_faults import LogFault

ALL: Final = "the state's own records"
TELL_AGAIN_S: Final = 10.0


class Rot:
    """See the module. Everything is called on the loop.

    Args:
        directory: the unit's.
        note: what was known at boot.
        feed: takes events for the core.
        failed: told why the disk is none any more.
        found: counts, by what was found and what became of it.
    """

    def __init__(
        self,
        *,
        directory: Path,
        note: RotNote,
        store: StateStore,
        logbook: Logbook,
        archive: Archive,
        disk: DiskQueue,
        feed: Callable[[ev.Event], None],
        failed: Callable[[str], None],
        found: Tally[tuple[str, str]],
    ) -> None:
        self.note = note
        self.found = found
        self._directory, self._store, self._logbook = str(directory.absolute()), store, logbook
        self._archive, self._disk, self._feed, self._failed = archive, disk, feed, failed
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="rot")
        self._told_s = dict.fromkeys(logbook.wal.rotten, monotonic())  # the core has them from the start
        self._log = structlog.get_logger()

    # ---------------------------------------------------------------- state

    def state(self, fault: StoreFault, met: bool = False, asked: bool = False) -> None:
        """Something that was read of the state is not what was written.

        Args:
            met: it was needed for an entry or a checkpoint.
            asked: for a read.
        """
        if isinstance(fault, RottenValue):
            self.slots([fault.slot], str(fault), met, asked)
        elif isinstance(fault, StateBroken):
            self.whole(str(fault), met, asked)
        else:
            self._failed(str(fault))

    def slots(self, slots: Iterable[int], why: str, met: bool = False, asked: bool = False) -> None:
        """Nothing of these slots is read any more."""
        fresh = sorted(set(slots) - set(self.note.slots))
        if fresh:
            self._log.error("rot_in_state", slots=fresh, why=why)
            self.found.add(("slot", "quarantine"))
            self._store.quarantine(fresh)
            self._keep(self.note.with_slots(fresh, why, wall_ms()))
        if fresh or met or asked:
            self._feed(ev.RottenState(now_ms(), why, met, asked))

    def whole(self, why: str, met: bool = False, asked: bool = False) -> None:
        """What holds the state together is rotten: what was read so far may still serve, nothing else."""
        if not self.note.whole:
            self._log.error("rot_in_state", slots=ALL, why=why)
            self.found.add(("records", "put aside"))
            self._keep(self.note.with_all(why, wall_ms()))
        self._feed(ev.RottenState(now_ms(), why, met, asked))

    def replaced(self) -> None:
        """A snapshot took the place of everything that was rotten."""
        if self.note:
            self._log.info("rot_replaced", slots=list(self.note.slots))
            self.found.add(("slot", "replaced"))
            self._keep(RotNote())

    def _keep(self, note: RotNote) -> None:
        self.note = note
        loop = asyncio.get_running_loop()

        def work() -> None:
            try:
                write_note(RealDisk(), self._directory, note)
            except OSError as trouble:
                loop.call_soon_threadsafe(self._failed, f"what is rotten cannot be noted: {trouble}")

        self._thread.submit(work)

    # ---------------------------------------------------------------- log

    def log(self) -> None:
        """The log knows of holes that are not mended: put back what is here, have the rest fetched.

        Once for each; then the core hears of it now and again, for it does not listen while the log is cut.
        """
        now_s, spans = monotonic(), self._logbook.wal.rotten
        before, self._told_s = self._told_s, {span: self._told_s.get(span, now_s) for span in spans}
        for span in spans:
            if span in before:
                if now_s - before[span] >= TELL_AGAIN_S:
                    self._tell(span)
                continue
            first_seq, last_seq = span
            self._log.error("rot_in_log", first_seq=first_seq, last_seq=last_seq)
            data = self._logbook.in_memory(first_seq, last_seq)
            self._disk.run(partial(self._mend_here, span, data), partial(self._tried, span))

    def _mend_here(self, span: tuple[int, int], data: bytes | None) -> str:
        """In the disk's thread: where it came from, empty if it is nowhere here."""
        for source, found in (("memory", data), ("archive", None)):
            try:
                entries = found if source == "memory" else self._archive.entries(*span)
                if entries is None:
                    continue
                (run,) = self._logbook.repairs(range(span[0], span[1] + 1), entries)
                self._put_back(run)
            except (LogFault, ArchiveFault, EntryFaultError, ValueError) as why:
                self._log.info("rot_not_mended", source=source, why=str(why))
            else:
                return source
        return ""

    def _put_back(self, run: Run) -> None:
        wal = self._logbook.wal
        wal.repair(run)
        wal.sync()

    def _tried(self, span: tuple[int, int], how: str) -> None:
        self.found.add(("entries", f"mended from {how}" if how else "fetched"))
        if how:
            self._log.info("rot_mended", first_seq=span[0], last_seq=span[1], source=how)
        else:
            self._tell(span)

    def _tell(self, span: tuple[int, int]) -> None:
        self._told_s[span] = monotonic()
        self._feed(ev.Rotted(now_ms(), tuple(range(span[0], span[1] + 1))))

    def stop(self) -> None:
        """What a thread has begun ends by itself."""
        self._thread.shutdown(wait=False, cancel_futures=True)
