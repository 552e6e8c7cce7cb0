"""A child process for what would hold up the unit's loop, and how the two talk: length, then bytes."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from typing import IO, Final

from ftnode.store.turns import give_usual_turns

NICENESS: Final = 5  # the unit's own loop first
LENGTH_BYTES: Final = 4
END_WAIT_S: Final = 5.0


class ChildGone(Exception):
    """It closed its pipe: it ended, was killed, or never began."""


class Child:
    """A module of ours, run with arguments, this process's id being the last.

    Args:
        module: with a `main` that calls `settle_down` and serves its standard input.
        arguments: for its command line.
    """

    def __init__(self, module: str, *arguments: str) -> None:
        self._gone = False  # it closed a pipe: it is ending, even if it is still seen
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments, str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        with suppress(OSError):  # a unit may be kept to one processor: a helper is there not to take it
            os.sched_setaffinity(self._process.pid, range(os.cpu_count() or 1))
        give_usual_turns(self._process.pid)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def lives(self) -> bool:
        """Whether it can still be talked to."""
        return not self._gone and self._process.poll() is None

    def send(self, text: bytes) -> None:
        """Hand it a message; waits only for room in the pipe. Raises ChildGone."""
        try:
            write_message(self._process.stdin, text)
        except OSError as fault:
            self._gone = True
            raise ChildGone(str(fault)) from fault

    def receive(self) -> bytes:
        """Wait for its next message. Raises ChildGone."""
        text = read_message(self._process.stdout)
        if text is None:
            self._gone = True
            raise ChildGone("it closed its pipe")
        return text

    def kill(self) -> None:
        """Send it away now, and do not wait: `end` does. Who reads from it meanwhile reads to its end."""
        self._gone = True
        self._process.kill()

    @property
    def exit_status(self) -> int | None:
        """After `end`: its own, or the number of the signal that ended it, negative."""
        return self._process.returncode

    def end(self, at_once: bool = False) -> None:
        """Close its pipes and wait; one that does not end is killed. May be called twice."""
        self._gone = True
        if at_once:
            self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        try:
            self._process.wait(END_WAIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def settle_down() -> int:
    """In the child: step back behind the unit, leave signals to it; the parent's process id."""
    os.nice(NICENESS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to end
    return int(sys.argv[-1])


def orphaned(parent: int) -> bool:
    """In the child: whether the unit that started it is gone."""
    return os.getppid() != parent


def write_message(pipe: IO[bytes] | None, text: bytes) -> None:
    """Raises OSError if nobody reads."""
    if pipe is None or pipe.closed:
        raise BrokenPipeError("its pipe is closed")
    pipe.write(len(text).to_bytes(LENGTH_BYTES, "big") + text)
    pipe.flush()


def read_message(pipe: IO[bytes] | None) -> bytes | None:
    """One message, or None when the other side is gone."""
    if pipe is None or pipe.closed:
        return None
    head = pipe.read(LENGTH_BYTES)
    if len(head) < LENGTH_BYTES:
        return None
    size = int.from_bytes(head, "big")
    text = pipe.read(size)
    return text if len(text) == size else None
