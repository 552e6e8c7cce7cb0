"""What a unit remembers of its life: its history, and which alarms it has told. A thread of its own does the
writing, so that a disk that is full or hangs holds up nobody; what cannot be written yet waits, in bounds.
"""

import asyncio
import os
import threading
import time
from collections import deque
from pathlib import Path
from typing import Final

import structlog

from ftnode.shell.changes import Changes
from ftnode.shell.driver import wall_ms
from ftnode.store.history import FORMAT, Happened, HistoryFile

WAITING_MAX: Final = 2000  # lines not yet on disk; above it the newest are left out, and counted
RECENT_MAX: Final = 2000  # lines kept in memory for those who follow
OF_A_KIND_MAX: Final = 30  # lines of one kind in a minute: one thing that happens all the time is not history
KIND_S: Final = 60.0
AGAIN_S: Final = 5.0  # before a disk that failed is tried again
TEXT_MAX_CHARS: Final = 500
KEPT: Final = "alarms.json"
KEPT_MAX_BYTES: Final = 64 << 20
UNENDED: Final = "the life before this one ended without a word: killed, crashed, or its machine lost power"


class Memory:
    """See the module. All methods but the thread's own belong to the loop; none waits for the disk."""

    def __init__(self, directory: Path, max_bytes: int, unit: int, boot: int) -> None:
        """Nothing is written before `start`. `boot` is the number of this start."""
        self.failing = ""  # why the disk does not take it
        self.recent: deque[Happened] = deque(maxlen=RECENT_MAX)
        self.changes = Changes()
        self.kept = 0  # number of the newest `keep` that is on disk
        self.boot = boot
        self._directory, self._max_bytes, self._unit = directory, max_bytes, unit
        self._number = 0
        self._kinds: dict[str, tuple[float, int]] = {}  # when its minute began, lines in it
        self._waiting: deque[Happened] = deque()
        self._keep: tuple[int, bytes] = (0, b"")
        self._news = threading.Condition()
        self._ended = self._idle = False
        self._thread = threading.Thread(target=self._run, name="memory", daemon=True)
        self._log = structlog.get_logger()

    @property
    def directory(self) -> Path:
        """Where it all lies."""
        return self._directory

    def start(self) -> None:
        """Begin to write."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    def note(self, what: str, why: str, who: str = "", **more: object) -> None:
        """Something happened that people may want to read of."""
        began_s, lines = self._kinds.get(what, (0.0, 0))
        now_s = time.monotonic()
        if now_s - began_s > KIND_S:
            if lines > OF_A_KIND_MAX:
                more["left_out"] = lines - OF_A_KIND_MAX
            began_s, lines = now_s, 0
        self._kinds[what] = (began_s, lines + 1)
        if lines >= OF_A_KIND_MAX:
            return
        self._number += 1
        texts = {name: str(value)[:TEXT_MAX_CHARS] for name, value in more.items()}
        line = Happened(
            v=FORMAT,
            at_ms=wall_ms(),
            unit=self._unit,
            boot=self.boot,
            number=self._number,
            what=what,
            why=why[:TEXT_MAX_CHARS],
            who=who[:TEXT_MAX_CHARS],
            more=texts,
        )
        self.recent.append(line)
        with self._news:
            if len(self._waiting) < WAITING_MAX:
                self._waiting.append(line)
                self._news.notify()
        self.changes.tell()

    def keep(self, state: bytes) -> int:
        """Write this instead of what was kept before; its number, reached by `kept` when it is on disk."""
        with self._news:
            self._keep = (self._keep[0] + 1, state)
            self._news.notify()
            return self._keep[0]

    def load(self) -> bytes:
        """What was kept by the life before; empty if there is none or it cannot be read."""
        try:
            with (self._directory / KEPT).open("rb") as file:
                return file.read(KEPT_MAX_BYTES)
        except OSError:
            return b""

    async def stop(self, within_s: float) -> None:
        """Write what waits, if the disk takes it in that time."""
        with self._news:
            self._ended = True
            self._news.notify()
        await asyncio.to_thread(self._thread.join, within_s)

    # ---------------------------------------------------------------- the thread

    def _run(self) -> None:
        file: HistoryFile | None = None
        while True:
            with self._news:
                while not (self._waiting or self._keep[0] > self.kept or self._ended):
                    self._news.wait()
                lines, (number, state), ended = list(self._waiting), self._keep, self._ended
            try:
                if file is None:
                    file = self._open()
                if number > self.kept:
                    _write_whole(self._directory / KEPT, state)
                    self.kept = number
                if lines:
                    file.append(lines)
                    with self._news:
                        for _ in lines:
                            self._waiting.popleft()
                self.failing = ""
            except OSError as error:
                if not self.failing:
                    self._log.error("history_not_written", why=str(error))
                self.failing = error.strerror or str(error)
                if ended:
                    return
                time.sleep(AGAIN_S)
                continue
            if ended and not self._waiting:
                file.close()
                return

    def _open(self) -> HistoryFile:
        file = HistoryFile(self._directory, self._max_bytes)
        last = file.last()
        if last is not None and last.what != "ended":
            self._loop.call_soon_threadsafe(self.note, "unended", UNENDED)
        return file


def _write_whole(path: Path, data: bytes) -> None:
    fresh = path.with_suffix(".new")
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(fd, view) :]
        os.fdatasync(fd)
    finally:
        os.close(fd)
    os.replace(fresh, path)
