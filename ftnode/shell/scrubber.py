"""Goes over a unit's disk, again and again, within a budget: promise, log, state, archive.

A helper process reads and hashes; here is only what comes next, how fast, and where it goes on after a
restart. What the helper finds is looked at once more before anything is done about it.
"""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec
import structlog

from ftnode.core.fsm import State
from ftnode.shell.driver import now_ms, wall_ms
from ftnode.store.disk import RealDisk, read_whole, write_whole
from ftnode.store.scrub import Finding
from ftnode.store.scrub_helper import Ask, Reply, ScrubGone, ScrubHelper
from ftnode.store.state import SLOTS
from ftnode.store.wal_faults import LogFault

if TYPE_CHECKING:
    from ftnode.shell.unit import RunningUnit

T = TypeVar("T")
FILE: Final = "scrub.json"
SLOTS_AT_ONCE: Final = 16  # under one view of the state: LMDB frees no page meanwhile
ARCHIVED_AT_ONCE: Final = 4
SPREAD: Final = 0.8  # of the time of a pass: the rest is for what was held up
KEEP_S: Final = 10.0  # between two writes of how far it is
POLL_S: Final = 1.0  # while the unit's disk is about to be another one
MS_PER_HOUR: Final = 3_600_000
HELPER_PAUSE_S: Final = 60.0  # after a helper that ended by itself
FOUND_KEPT: Final = 16  # for the status page
_RUNNING: Final = (State.ACTIVE, State.STANDBY, State.DUPLEXING)
PARTS: Final = ("promise", "log", "state", "archive")


class Position(msgspec.Struct, forbid_unknown_fields=True):
    """How far a pass is; on disk, so that a restart goes on. Times by the wall clock."""

    began_ms: int = 0  # 0: no pass was begun
    part: int = 0  # place in PARTS
    next: str = ""  # slot, segment or archived segment to go on with, in order
    read_bytes: int = 0
    ended_ms: int = 0  # of the last whole pass
    last_bytes: int = 0  # read by it
    found: int = 0  # by all passes


class Scrubber:
    """See the module."""

    def __init__(self, running: "RunningUnit") -> None:
        """Nothing is read before `start`."""
        self.position = Position()
        self.last_found: list[tuple[int, str]] = []  # (when, what), newest last
        self._running = running
        self._settings = running.settings.scrub
        self._directory = Path(running.opened.directory).absolute()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="scrub")
        self._helper: ScrubHelper | None = None
        self._task: asyncio.Task[None] | None = None
        self._kept_s = 0.0
        self._log = structlog.get_logger()

    def start(self) -> None:
        """Begin, or go on where the last life was."""
        if self._settings.pass_hours:
            self._task = asyncio.get_running_loop().create_task(self._run(), name="scrub")

    async def stop(self) -> None:
        """End it; a helper under way is ended."""
        if self._helper is not None:
            self._helper.kill()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._helper is not None:
            self._helper.end()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def new_helper(self) -> ScrubHelper:
        """A process that reads this unit's disk."""
        settings = self._running.settings
        return ScrubHelper(self._directory, str(Path(settings.archive_dir).absolute()), settings.unit.cabinet)

    # ---------------------------------------------------------------- passes

    async def _run(self) -> None:
        self.position = await self._in_thread(self._recall)
        while True:
            position = self.position
            if not position.began_ms:
                position.began_ms = wall_ms()
            await self._one_pass(position)
            self._log.info("scrubbed", bytes=position.read_bytes, found=position.found)
            due_ms = position.began_ms + self._settings.pass_hours * MS_PER_HOUR
            self.position = Position(ended_ms=wall_ms(), last_bytes=position.read_bytes, found=position.found)
            await self._keep(0.0)
            await asyncio.sleep(max(POLL_S, (due_ms - wall_ms()) / 1000))

    async def _one_pass(self, position: Position) -> None:
        while position.part < len(PARTS):
            for ask, after in self._portions(position):
                await self._whole_unit()
                reply = await self._read(ask)
                position.read_bytes += reply.read_bytes
                position.next = after
                await self._keep(KEEP_S)
                await asyncio.sleep(self._rest_s(reply.read_bytes))
            position.part, position.next = position.part + 1, ""

    def _portions(self, position: Position) -> Iterator[tuple[Ask, str]]:
        """(what to read, where to go on after it), of one part, from where the pass is."""
        base = Ask(self._settings.max_bytes_per_s, self._settings.cpu_percent)
        part, start = PARTS[position.part], position.next
        if part == "promise":
            yield msgspec.structs.replace(base, promise=True), ""
        elif part == "log":
            for piece in self._running.logbook.wal.pieces():
                if not start or piece.segment >= int(start):
                    yield msgspec.structs.replace(base, piece=piece), str(piece.segment + 1)
        elif part == "state":
            for slot in range(int(start or 0), SLOTS, SLOTS_AT_ONCE):
                slots = list(range(slot, min(slot + SLOTS_AT_ONCE, SLOTS)))
                yield msgspec.structs.replace(base, slots=slots), str(slot + SLOTS_AT_ONCE)
        else:
            names = [name for name in self._running.opened.archive.names() if name >= start]
            for at in range(0, len(names), ARCHIVED_AT_ONCE):
                some = names[at : at + ARCHIVED_AT_ONCE]
                yield msgspec.structs.replace(base, archived=some), some[-1] + "\x7f"

    def _rest_s(self, read_bytes: int) -> float:
        """So that a pass takes the time that it may."""
        pass_s = self._settings.pass_hours * MS_PER_HOUR * SPREAD / 1000
        portion = read_bytes / max(self.expected_bytes, 1)
        return min(pass_s * max(portion, 0.0), pass_s / 10)

    @property
    def part(self) -> str:
        """What is being read, empty if the next pass waits."""
        position = self.position
        return PARTS[position.part] if position.began_ms and position.part < len(PARTS) else ""

    @property
    def expected_bytes(self) -> int:
        """Of a whole pass, as far as it can be known."""
        running = self._running
        log = sum(piece.end_at for piece in running.logbook.wal.pieces())
        archived = sum(one.packed_bytes for one in running.opened.archive.manifests)
        with suppress(OSError):
            return log + archived + (self._directory / "state" / "data.mdb").stat().st_blocks * 512
        return log + archived

    async def _whole_unit(self) -> None:
        """Wait while the disk is about to be another one."""
        while True:
            unit = self._running.driver.unit
            if unit.state in _RUNNING and not unit.changing and not unit.unfit:
                return
            await asyncio.sleep(POLL_S)

    # ---------------------------------------------------------------- reading

    async def _read(self, ask: Ask) -> Reply:
        """One portion, and what follows from it."""
        try:
            reply = await self._in_thread(self._ask, ask)
        except ScrubGone as gone:
            return await self._gone(ask, gone)
        if reply.fault:
            self._log.error("not_scrubbed", why=reply.fault)
        for finding in reply.findings:
            await self.look_again(finding, ask)
        return reply

    def _ask(self, ask: Ask) -> Reply:
        """In the thread."""
        if self._helper is None:
            self._helper = self.new_helper()
        try:
            return self._helper.ask(ask)
        except ScrubGone:
            self._helper = None
            raise

    async def _gone(self, ask: Ask, gone: ScrubGone) -> Reply:
        """Reading pages that are no pages ends a process: find out which slot it is, one by one."""
        self._log.error("scrub_helper_gone", why=str(gone), slots=ask.slots[:1])
        if not gone.by_reading or not ask.slots:
            await asyncio.sleep(HELPER_PAUSE_S)
            return Reply()
        for slot in ask.slots:
            try:
                await self._in_thread(self._ask, msgspec.structs.replace(ask, slots=[slot]))
            except ScrubGone as again:
                if again.by_reading:
                    why = f"slot {slot} cannot be read: {again}"
                    self._found(why)
                    self._running.rot.slots([slot], why)
        return Reply()

    async def look_again(self, finding: Finding, ask: Ask) -> bool:
        """A second look by other eyes, or at least a second time; if it is so, something is done about it."""
        rot = self._running.rot
        if finding.what == "entries":
            if ask.piece is None:
                return False
            wal = self._running.logbook.wal
            with suppress(LogFault):  # whoever reads next meets it
                await self._in_thread(wal.look_again, ask.piece.segment)
            if not any(first <= finding.last and finding.first <= last for first, last in wal.rotten):
                return False
            self._found(finding.why)
            rot.log()
            return True
        again = await self._again(finding)
        if again is None:
            self._log.warning("scrub_not_confirmed", why=finding.why)
            self._running.figures.rot.add((finding.what, "not confirmed"))
            return False
        self._found(again.why)
        if finding.what == "slot":
            rot.slots([finding.first], again.why)
        elif finding.what == "records":
            rot.whole(again.why)
        elif finding.what == "promise":
            self._running.keeper.keep_again(self._kept_again, self._running.hands.disk_failed)
        else:
            await self._running.archivist.mend(finding.name, again.why)
        return True

    def _kept_again(self) -> None:
        self._running.figures.rot.add(("promise", "written anew"))

    async def _again(self, finding: Finding) -> Finding | None:
        """The same portion, and nothing else."""
        ask = Ask(
            promise=finding.what == "promise",
            slots=[finding.first] if finding.what in ("slot", "records") else [],
            archived=[finding.name] if finding.what == "archive" else [],
            let_go=True,
        )
        if finding.what == "promise":
            await asyncio.sleep(POLL_S)  # its slots are written one after the other
        try:
            reply = await self._in_thread(self._ask, ask)
        except ScrubGone as gone:
            return finding if gone.by_reading else None
        return next((one for one in reply.findings if one.what == finding.what), None)

    def _found(self, why: str) -> None:
        self.position.found += 1
        self.last_found = [*self.last_found, (wall_ms(), why)][-FOUND_KEPT:]
        self._log.error("rot_found", why=why)

    # ---------------------------------------------------------------- where it goes on

    def _recall(self) -> Position:
        """In the thread. What cannot be read is begun anew: it is only a place."""
        try:
            data = read_whole(RealDisk(), str(self._directory / FILE))
            position = msgspec.json.decode(data, type=Position) if data else Position()
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return Position()
        sane = 0 <= position.part < len(PARTS) and (not position.next or PARTS[position.part] == "archive")
        if not sane and not position.next.isdigit():
            position.part, position.next = 0, ""
        return position

    async def _keep(self, every_s: float) -> None:
        """Write down how far it is, now and then."""
        now_s = now_ms() / 1000
        if now_s - self._kept_s < every_s:
            return
        self._kept_s = now_s
        text = msgspec.json.encode(self.position)
        try:
            await self._in_thread(write_whole, RealDisk(), str(self._directory / FILE), text)
        except OSError as trouble:  # no more than a pass that is begun anew after a restart
            self._log.warning("scrub_place_not_kept", why=str(trouble))

    async def _in_thread(self, work: Callable[..., T], *args: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *args)
