"""One process that the supervisor keeps running: started by it, or adopted."""

import os
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ftnode.pair import process
from ftnode.pair.backoff import Backoff
from ftnode.pair.layout import Process

LOG_MAX_BYTES: Final = 64 * 1024 * 1024  # above it, the log is put aside at the next start


@dataclass(slots=True)
class Child:
    """`running` is None between an end and the next start; `not_before_s` is on the monotonic clock."""

    name: str
    command: Sequence[str]
    log: Path
    running: Process | None = None
    handle: int = -1  # pidfd while running
    popen: subprocess.Popen[bytes] | None = None  # None when adopted
    backoff: Backoff = field(default_factory=Backoff)
    started_s: float = 0.0
    not_before_s: float = 0.0
    announced_out: bool = False
    processor: int | None = None  # that it is kept to

    def start(self, now_s: float) -> None:
        """Start it. Raises OSError if that cannot be done at all."""
        _rotate(self.log)
        self.popen = process.start(self.command, self.log)
        if self.processor is not None:
            process.keep_to(self.popen.pid, self.processor)
        self._watch(process.identity(self.popen.pid), now_s)

    def adopt(self, recorded: Process | None, now_s: float) -> bool:
        """Take over the process that runs exactly our command, if there is one.

        `recorded` is what an earlier supervisor wrote down; it may be stale, or lack a process that
        was started a moment before that supervisor died.
        """
        known = recorded is not None and process.command_of(recorded.pid) == list(self.command)
        found = recorded if known and recorded and process.alive(recorded) else process.find(self.command)
        self._watch(found, now_s)
        return self.running is not None

    def _watch(self, found: Process | None, now_s: float) -> None:
        handle = process.open_handle(found) if found else None
        if found is not None and handle is not None:
            self.running, self.handle = found, handle
        self.started_s = now_s

    def ended(self, now_s: float) -> str:
        """Note that the process is gone; returns how it ended, in words."""
        words = _ending(self.popen.wait() if self.popen else None)
        self.forget()
        self.backoff, wait_ms = self.backoff.after(round((now_s - self.started_s) * 1000))
        self.not_before_s = now_s + wait_ms / 1000
        return words

    def forget(self) -> None:
        """Stop watching it, whatever it does."""
        if self.handle >= 0:
            os.close(self.handle)
        self.running, self.handle, self.popen = None, -1, None

    def signal(self, number: signal.Signals) -> None:
        """Signal it if it still runs."""
        if self.running is not None:
            process.send(self.running, number)

    def last_words(self) -> str:
        """The last line it wrote, shortened; empty if none."""
        try:
            with self.log.open("rb") as file:
                file.seek(max(0, self.log.stat().st_size - 4096))
                lines = file.read().decode(errors="replace").strip().splitlines()
        except OSError:
            return ""
        return lines[-1][:300] if lines else ""


def _ending(status: int | None) -> str:
    if status is None:
        return "ended"
    if status < 0:
        return f"ended by {signal.Signals(-status).name}"
    return f"ended with status {status}"


def _rotate(log: Path) -> None:
    try:
        if log.stat().st_size > LOG_MAX_BYTES:
            log.replace(log.with_suffix(".log.1"))
    except FileNotFoundError:
        pass
