"""Looks at the unit's parts again and again and tells the core when one falls ill or is well again.

What is read, judged and remembered lies in `ftnode.hardware`; here is who reads it when. What waits for the
disk runs in a thread of its own: one that hangs is itself the finding.
"""

import asyncio
import os
import socket
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import structlog

from ftnode.config import UnitSettings
from ftnode.core import effects as ef
from ftnode.core import events as ev
from ftnode.core import illness
from ftnode.core.fsm import State, Trigger
from ftnode.hardware import diagnostics, probes
from ftnode.hardware.diagnostics import Bounds, Check
from ftnode.hardware.journal import Journal
from ftnode.hardware.losses import Losses
from ftnode.hardware.parts import Kind, Part
from ftnode.hardware.reliability import Reliability, Threshold, overview, worn
from ftnode.hardware.verdicts import (
    CASES,
    PERCENT,
    ROOM_AGAIN_PERCENT,
    Limits,
    Readings,
    ailing,
    in_mib,
    is_full,
    judge,
    put_out,
)
from ftnode.observe.figures import UnitFigures
from ftnode.shell.desk import Desk
from ftnode.shell.disk_queue import DiskQueue
from ftnode.shell.driver import Driver, now_ms, wall_ms
from ftnode.shell.link import Link
from ftnode.store.wal import Wal

IDLE_PROBE_S: Final = 0.5  # a disk that nobody syncs is tried this often
PACKAGES: Final = Path(__file__).parents[2]  # where ftnode, and what runs on it, lie
LOCATE_EVERY_S: Final = 1.0
LOCATE_MAX_S: Final = 3600
END_S: Final = 1.0  # for the last line of a life
ROOM_PART: Final = 4  # without a next segment, a quarter of one is kept for what was taken already


class Health:
    """See the module. `attach`, then `start`."""

    driver: Driver
    link: Link
    desk: Desk
    disk: DiskQueue

    def __init__(self, settings: UnitSettings, directory: Path, wal: Wal, figures: UnitFigures) -> None:
        """Reads what is known of this disk's faults, and notes that a life begins."""
        self.settings, self.directory = settings, directory
        self.cases = CASES
        self.checks: list[Check] = []  # of the last diagnostics
        self.checked_ms = 0  # at that wall time
        self.locate_until_s = 0.0  # on the monotonic clock
        self._wal, self._figures = wal, figures
        self._log = structlog.get_logger()
        self._say_journal: Callable[[str], None] = lambda why: self._log.error("fault_not_noted", why=why)
        self.journal = Journal(directory, wall_ms, self._say_journal)
        self.journal.begin()
        at = settings.hardware
        self.threshold = Threshold(at.mtbf_faults, at.mtbf_min_ms)
        self._bounds = Bounds(settings.log.free_min_bytes, at.fsync_fail_ms)
        self._limits = Limits(
            fsync_slow_ms=at.fsync_slow_ms,
            loop_late_percent=at.loop_late_percent,
            memory_min_bytes=at.memory_min_bytes,
            link_lost_per_s=at.link_lost_per_s,
            free_min_bytes=settings.log.free_min_bytes,
            ill_after_ms=at.ill_after_ms,
            well_after_ms=at.well_after_ms,
        )
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="health")
        self._noting = ThreadPoolExecutor(1, thread_name_prefix="faults")
        self._task: asyncio.Task[None] | None = None
        self._locating: asyncio.Task[None] | None = None
        self._told = ("", "", "", False)
        self._look = _Look(figures, at.link_lost_per_s)
        self._reading: asyncio.Future[tuple[int | None, int | None, int | None]] | None = None
        self._began_s = self._tried_s = 0.0

    def attach(self, driver: Driver, link: Link, desk: Desk, disk: DiskQueue) -> None:
        """The parts of the unit that are looked at, and the core that is told."""
        self.driver, self.link, self.desk, self.disk = driver, link, desk, disk
        driver.on_moved = self._moved

    def start(self) -> None:
        """Tell what earlier lives left behind, and begin to look."""
        self._tell()
        self._task = asyncio.get_running_loop().create_task(self._looks(), name="health")

    async def stop(self, clean: bool) -> None:
        """End; `clean`: it was told to."""
        for task in (self._task, self._locating):
            if task is not None:
                task.cancel()
        if clean:
            ended = asyncio.get_running_loop().run_in_executor(self._noting, self.journal.end)
            await asyncio.wait((ended,), timeout=END_S)
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._noting.shutdown(wait=False)

    # ---------------------------------------------------------------- faults

    @property
    def worn(self) -> str:
        """Why this unit's faults come too often; empty if they do not."""
        return worn(self.journal.faults, self.threshold)

    def reliability(self) -> list[Reliability]:
        """Of each part, and of the unit."""
        return overview(self.journal.faults, self.threshold)

    def fault(self, part: Part, kind: Kind, what: str) -> None:
        """Note a fault; what follows from it is told to the core when it is noted."""
        self._log.warning("fault", part=part.value, kind=kind.value, why=what)
        loop = asyncio.get_running_loop()

        def note() -> None:
            self.journal.fault(part, kind, what)
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._tell)

        self._noting.submit(note)

    def clear(self, why: str) -> None:
        """The operator has seen to it: faults are counted anew."""
        self._noting.submit(self.journal.clear, why).result(END_S)
        self._tell()

    def _moved(self, effect: ef.Moved) -> None:
        if effect.on is Trigger.FSYNC_FAILED:
            self.fault(Part.DISK, Kind.HARD, effect.why)
        elif effect.on is Trigger.PUT_OUT:
            before, self.cases = self.cases[Part.LINK], put_out(self.cases, now_ms())
            link = self.cases[Part.LINK].ill
            if link and not before.ill:
                self.fault(Part.LINK, Kind.SOFT, link)
            elif not link and not ailing(self.cases):
                what = "put out by the active, and no part of ours was seen to be ill"
                self.fault(Part.UNIT, Kind.SOFT, what)

    def _tell(self) -> None:
        told = (ailing(self.cases), self.cases[Part.LINK].ill, self.worn, is_full(self.cases))
        if told != self._told:
            self._told = told
            self.driver.feed(ev.Judged(now_ms(), *told))

    # ---------------------------------------------------------------- looking

    async def _looks(self) -> None:
        every_s = self.settings.hardware.look_ms / 1000
        while not self.driver.halted:
            await asyncio.sleep(every_s)
            self.look()

    def look(self) -> None:
        """One look at all parts. Never waits: what a thread has not read yet is judged with the next one."""
        free = memory = probed_ms = None
        if self._reading is None:
            self._read()
        elif self._reading.done():
            try:
                free, memory, probed_ms = self._reading.result()
            except OSError as error:
                self._reading = None
                self.driver.feed(ev.FsyncFailed(now_ms(), f"the disk failed while it was tried: {error}"))
                return
            self._read()
        fsync_ms = self._fsync_ms(probed_ms)
        seen = Readings(
            at_ms=now_ms(),
            fsync_ms=fsync_ms,
            late_percent=self._look.late_percent(self.driver.late_ms),
            memory_bytes=memory,
            lost_per_s=self._look.lost_per_s(self.link.channel_socket),
            free_bytes=free,
            clock_ms=self._look.clock_ms(),
        )
        self._judge(seen)
        if free is not None:
            self._mind_room(free)

    def _fsync_ms(self, probed_ms: int | None) -> int | None:
        """What a sync takes now: the mean of those that ended, or how long one has been under way."""
        mean_ms = self._look.fsync_ms()
        ages = [self.disk.sync_age_ms()]
        if self._reading is not None and not self._reading.done() and self._tried_s == self._began_s:
            ages.append(int((time.monotonic() - self._began_s) * 1000))
        known = [one for one in (mean_ms, probed_ms) if one is not None]
        worst_ms = max([*known, *ages])
        return worst_ms if known or worst_ms > self._limits.fsync_slow_ms else None

    def _read(self) -> None:
        """What may wait for the host is read in the thread; the disk is tried if nobody else does."""
        self._began_s = time.monotonic()
        quiet = self._look.quiet_s() > IDLE_PROBE_S and self._began_s - self._tried_s > IDLE_PROBE_S
        if quiet:
            self._tried_s = self._began_s
        directory = self.directory

        def read() -> tuple[int | None, int | None, int | None]:
            free, memory = probes.free_bytes(directory), probes.memory_left_bytes()
            try:
                return free, memory, probes.sync_probe(directory) if quiet else None
            except OSError as error:
                if error.errno in (28, 122):  # no room for its first block: that is seen by `free`
                    return free, memory, None
                raise

        self._reading = asyncio.get_running_loop().run_in_executor(self._thread, read)

    def _judge(self, seen: Readings) -> None:
        before, self.cases = self.cases, judge(self.cases, seen, self._limits)
        active = self.driver.unit.state is State.ACTIVE
        for part, case in self.cases.items():
            if case.ill and not before[part].ill and not (part is Part.LINK and active):
                self.fault(part, Kind.SOFT, case.ill)
        self._tell()

    # ---------------------------------------------------------------- room

    def _mind_room(self, free: int) -> None:
        """Take commands only while there is room for them; another unit that has room is served by first."""
        unit, reserve = self.driver.unit, self.settings.log.reserve_bytes
        least = reserve * (ROOM_AGAIN_PERCENT if self.desk.no_room else PERCENT) // PERCENT
        why = ""
        if free < least:
            why = f"the disk of unit {unit.me} is full: {in_mib(free)} free, want {in_mib(least)}"
        elif self._wal.wants_spare and self._wal.room_bytes < self.settings.log.segment_bytes // ROOM_PART:
            why = f"the log of unit {unit.me} is full, and there is no room for its next segment"
        if why and unit.lead is not None and unit.lead.draining:
            return
        if why and unit.lead is not None and illness.fit_partner(unit) and not self.desk.no_room:
            return  # it is handed over to
        if why != self.desk.no_room and bool(why) != bool(self.desk.no_room):
            self._log.error("no_room" if why else "room_again", why=why or f"{in_mib(free)} free")
        self.desk.shut(why)

    # ---------------------------------------------------------------- diagnostics, and being found

    def diagnose(self) -> str:
        """In a thread: all checks; what is wrong so that this unit may not serve, empty if nothing is."""
        roots = [PACKAGES / name for name in ("ftnode", "loyalty") if (PACKAGES / name).is_dir()]
        self.checks = diagnostics.run(self.directory, self._bounds, roots)
        self.checked_ms = wall_ms()
        for check in self.checks:
            if check.problem:
                self._log.warning("check", part=check.part.value, check=check.name, why=check.problem)
        return diagnostics.problem_of(self.checks)

    @property
    def code(self) -> str:
        """Digest of the installed program, as of the last diagnostics."""
        return next((check.told for check in self.checks if check.name == "installed code"), "")

    @property
    def locating_ms(self) -> int:
        """How long this unit still makes itself found; 0: it does not."""
        return max(0, int((self.locate_until_s - time.monotonic()) * 1000))

    def locate(self, seconds: int) -> None:
        """Be found by somebody who stands before the machines: for so long, or (0) no longer."""
        self.locate_until_s = time.monotonic() + seconds if seconds else 0.0
        if seconds and (self._locating is None or self._locating.done()):
            self._locating = asyncio.get_running_loop().create_task(self._ring(), name="locate")
        self.driver.on_change()

    async def _ring(self) -> None:
        text = f"\a*** unit {self.settings.unit.id} of {self.settings.unit.cabinet}: HERE I AM ***\r\n"
        while self.locating_ms:
            self._log.warning("locate", why="somebody looks for this unit", left_ms=self.locating_ms)
            await asyncio.to_thread(_ring_terminals, text)
            await asyncio.sleep(LOCATE_EVERY_S)


def _ring_terminals(text: str) -> None:
    """Bell and line on the machine's console and on our own terminal, where they may be written."""
    names = ["/dev/console", *([os.ttyname(2)] if sys.stderr.isatty() else [])]
    for name in names:
        try:
            fd = os.open(name, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
        except OSError:
            continue  # nobody sits there
        try:
            os.write(fd, text.encode())
        except OSError:
            pass
        finally:
            os.close(fd)


class _Look:
    """What the last look saw, to take differences from."""

    def __init__(self, figures: UnitFigures, link_lost_per_s: int) -> None:
        self._figures = figures
        self._at_ms, self._late_ms = now_ms(), 0
        self._syncs, self._sync_s = 0, 0.0
        self._synced_s = time.monotonic()
        self._losses = Losses(link_lost_per_s)
        self._channel: socket.socket | None = None
        self._apart_ms = wall_ms() - now_ms()

    def late_percent(self, late_ms: int) -> int:
        """Of the time since the last look; `late_ms` is the sum so far."""
        passed_ms = max(1, now_ms() - self._at_ms)
        late, self._late_ms = late_ms - self._late_ms, late_ms
        self._at_ms += passed_ms
        return min(100, late * 100 // passed_ms)

    def fsync_ms(self) -> int | None:
        """Mean of the syncs since the last look; None if there were none."""
        seconds = self._figures.fsync_seconds
        syncs, total_s = seconds.count - self._syncs, seconds.total - self._sync_s
        self._syncs, self._sync_s = seconds.count, seconds.total
        if syncs <= 0:
            return None
        self._synced_s = time.monotonic()
        return int(total_s * 1000 / syncs)

    def quiet_s(self) -> float:
        """So long nothing was synced."""
        return time.monotonic() - self._synced_s

    def lost_per_s(self, channel: socket.socket | None) -> int | None:
        """Packets sent again to the partner in the last second; None if nothing is known of the link."""
        if channel is not self._channel:
            self._channel = channel
            self._losses.look(time.monotonic(), None)
        seen = probes.losses(channel) if channel is not None else None
        return self._losses.look(time.monotonic(), seen)

    def clock_ms(self) -> int:
        """By how much wall and monotonic clock moved apart since the last look."""
        apart_ms = wall_ms() - now_ms()
        moved_ms, self._apart_ms = apart_ms - self._apart_ms, apart_ms
        return moved_ms
