"""Processes by identity: a pid alone may by now be somebody else's.

A handle is a pidfd, so that it keeps meaning the same process whatever happens
to the number, and so that the end of a process that is not our child can be
awaited too.
"""

import errno
import os
import select
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from ftnode.pair.layout import Process

_PROC: Final = Path("/proc")
_START_FIELD: Final = 19  # field 22 of /proc/PID/stat, counted after the parenthesised name
_STATE_FIELD: Final = 0


def identity(pid: int) -> Process | None:
    """The process with this pid now, or None if there is none (a zombie counts as none)."""
    fields = _stat_fields(pid)
    if fields is None or fields[_STATE_FIELD] in ("Z", "X"):
        return None
    return Process(pid, int(fields[_START_FIELD]))


def alive(process: Process) -> bool:
    """Whether exactly this process still runs."""
    return identity(process.pid) == process


def far_apart() -> tuple[int | None, int | None]:
    """A processor for each of two processes that would be on two machines; None: there is only one.

    One process whose threads wake each other does so sooner on one processor than across two.
    """
    ours = sorted(os.sched_getaffinity(0))
    return (ours[0], ours[-1]) if len(ours) > 1 else (None, None)


def keep_to(pid: int, processor: int) -> None:
    """Keep a process that has just begun to one processor; if that cannot be, it runs where it likes."""
    with suppress(OSError):
        os.sched_setaffinity(pid, {processor})


def command_of(pid: int) -> list[str]:
    """Its command line; empty when it is gone."""
    try:
        raw = (_PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return []
    return raw.decode(errors="surrogateescape").split("\0")[:-1]


def find(command: Sequence[str]) -> Process | None:
    """The process of ours that runs exactly this command, if one does.

    Helpers that it forked carry the same command line: the one whose parent does not is meant.
    """
    wanted = list(command)
    pids = {
        int(entry.name)
        for entry in _PROC.iterdir()
        if entry.name.isdigit() and _is_ours(entry) and command_of(int(entry.name)) == wanted
    }
    for pid in sorted(pids):
        fields = _stat_fields(pid)
        if fields is not None and int(fields[1]) not in pids:
            return identity(pid)
    return None


def open_handle(process: Process) -> int | None:
    """A pidfd of exactly this process, or None if it is gone. The caller closes it."""
    try:
        handle = os.pidfd_open(process.pid)
    except OSError as problem:
        if problem.errno == errno.ESRCH:
            return None
        raise
    if alive(process):  # asked after opening: from here on the number cannot be reused under us
        return handle
    os.close(handle)
    return None


def send(process: Process, signal_number: signal.Signals) -> bool:
    """Signal exactly this process; False if it was gone."""
    handle = open_handle(process)
    if handle is None:
        return False
    try:
        signal.pidfd_send_signal(handle, signal_number)
    except ProcessLookupError:
        return False
    finally:
        os.close(handle)
    return True


def wait_gone(process: Process, timeout_s: float) -> bool:
    """Wait until the process has ended; False if it still runs after `timeout_s`."""
    handle = open_handle(process)
    if handle is None:
        return True
    try:
        return bool(_ended(handle, timeout_s))
    finally:
        os.close(handle)


def start(command: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, its output appended to `log`.

    A terminal's Ctrl-C and hang-up reach the supervisor alone, which then stops
    its children in order.
    """
    log.parent.mkdir(exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _ended(handle: int, timeout_s: float) -> bool:
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    until_s = time.monotonic() + timeout_s
    while True:
        left_ms = max(0.0, (until_s - time.monotonic()) * 1000)
        if poll.poll(left_ms):
            return True
        if left_ms == 0:
            return False


def _is_ours(entry: Path) -> bool:
    try:
        return entry.stat().st_uid == os.geteuid()
    except OSError:
        return False


def _stat_fields(pid: int) -> list[str] | None:
    try:
        stat = (_PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return None
    return stat.rpartition(")")[2].split()
