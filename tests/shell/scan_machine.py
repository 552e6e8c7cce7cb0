"""A machine whose scans do what a test wants, and the encoder of its method. A helper imports both."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import Final

from ftnode.machine.contract import StateReader
from ftnode.shell.table import Answer
from tests.machines import Register

FOR_EVER_S: Final = 60.0
PORTION: Final = 2
BIG_BYTES: Final = 100_000


class Shelf(Register):
    """Scans by name, see `SCANS`."""

    def scan(self, state: StateReader, at_ms: int, body: bytes) -> Iterator[bytes]:
        return SCANS[body.decode()](state, at_ms)


def _pairs(state: StateReader, at_ms: int) -> Iterator[bytes]:
    """Every pair, as key=value."""
    start = b""
    while pairs := state.scan(start, b"\xff", PORTION):
        yield b",".join(key[4:] + b"=" + value for key, value in pairs)
        start = pairs[-1][0] + b"\0"


def _slow(state: StateReader, at_ms: int) -> Iterator[bytes]:
    """A chunk each tenth of a second."""
    for chunk in _pairs(state, at_ms):
        yield chunk
        time.sleep(0.1)


def _silent(state: StateReader, at_ms: int) -> Iterator[bytes]:
    """One chunk with its process id, then nothing for ever."""
    yield b"%d" % os.getpid()
    time.sleep(FOR_EVER_S)


def _endless(state: StateReader, at_ms: int) -> Iterator[bytes]:
    """Process id, then as much as somebody reads."""
    yield b"%d" % os.getpid()
    while True:
        yield b"x" * BIG_BYTES


def _dies(state: StateReader, at_ms: int) -> Iterator[bytes]:
    yield b"so far"
    os.kill(os.getpid(), signal.SIGKILL)


def _raises(state: StateReader, at_ms: int) -> Iterator[bytes]:
    yield b"so far"
    raise KeyError("no such shelf")


def _wide(state: StateReader, at_ms: int) -> Iterator[bytes]:
    yield b"x" * 500_000


def _greedy(state: StateReader, at_ms: int) -> Iterator[bytes]:
    yield b"so far"
    held = [bytes(10_000_000) + b"%d" % number for number in range(1000)]
    yield b"%d" % len(held)


def _place(state: StateReader, at_ms: int) -> Iterator[bytes]:
    """How this process stands: log time, scheduling class."""
    yield b"%d %d" % (at_ms, os.sched_getscheduler(0))


SCANS: Final[dict[str, Callable[[StateReader, int], Iterator[bytes]]]] = {
    "pairs": _pairs,
    "slow": _slow,
    "silent": _silent,
    "endless": _endless,
    "dies": _dies,
    "raises": _raises,
    "wide": _wide,
    "greedy": _greedy,
    "place": _place,
}


def encode(answer: Answer) -> bytes:
    """As of which entry, then the chunk."""
    return b"%d:" % answer.seq + answer.outcome
