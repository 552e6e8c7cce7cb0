"""How long the loop's turns on its processor are: longer than usual, so that who wakes meanwhile goes first.

What syncs our log for us is a worker of the kernel, bound to the processor that asked. Woken while the loop
executes, it would wait until the loop sleeps: the sync, meant to run beside the executing, would follow it.
Since Linux 6.12 a thread may ask for longer turns, and one with shorter ones that wakes goes before it.
Earlier kernels take no notice.

A thread has the turns of who began it, a process too. The loop's threads may: of equals none is stopped by
another that wakes. A helper may not: it would be owed as much by the scheduler whenever it had waited, and
keep that worker waiting for 100 ms.
"""

import ctypes
import os
import platform
from struct import Struct
from typing import Final

TURN_MS: Final = 10  # the usual is about 3: a slice of executing is over before as much is left of it

# By machine: the numbers of sched_setattr and sched_getattr: neither Python nor libc has functions for them
_CALLS: Final = {"x86_64": (314, 315), "aarch64": (274, 275)}
# sched_attr: its size, policy, flags, nice, priority, runtime in ns, deadline, period, and two clamps
_ATTRIBUTES: Final = Struct("=IIQiIQQQII")
_RUNTIME: Final = 5


def take_long_turns() -> str:
    """Ask for turns of TURN_MS for the calling thread; why not, empty if the kernel took it."""
    return _take(0, TURN_MS * 1_000_000)


def give_usual_turns(pid: int) -> None:
    """Ask for the usual turns for a process that we began; if it cannot be, it has ours."""
    _take(pid, 0)


def turn_ms(pid: int = 0) -> float:
    """What the kernel says of a process, or of the calling thread; 0: the usual, or it does not tell."""
    attributes = _read(pid)
    return attributes[_RUNTIME] / 1_000_000 if attributes else 0


def _take(pid: int, runtime_ns: int) -> str:
    attributes = list(_read(pid))
    if not attributes:
        return f"no sched_setattr on {platform.machine()}"
    attributes[_RUNTIME] = runtime_ns
    wish = ctypes.create_string_buffer(_ATTRIBUTES.pack(*attributes))
    taken = _system(_CALLS[platform.machine()][0], pid, wish, 0)
    return "" if taken else os.strerror(ctypes.get_errno())


def _read(pid: int) -> tuple[int, ...]:
    """The attributes as they are; empty if they cannot be had."""
    if platform.machine() not in _CALLS:
        return ()
    found = ctypes.create_string_buffer(_ATTRIBUTES.size)
    if not _system(_CALLS[platform.machine()][1], pid, found, _ATTRIBUTES.size, 0):
        return ()
    return _ATTRIBUTES.unpack(found.raw)


def _system(number: int, pid: int, attributes: "ctypes.Array[ctypes.c_char]", *rest: int) -> bool:
    return bool(ctypes.CDLL(None, use_errno=True).syscall(number, pid, attributes, *rest) == 0)
