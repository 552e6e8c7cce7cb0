"""How long the loop's turns on its processor are: longer than usual, so that who wakes meanwhile goes first.

What syncs our log for us is a worker of the kernel, bound to the processor that asked. Woken while the loop
executes, it would wait until the loop sleeps: the sync, meant to run beside the executing, would follow it.
Since Linux 6.12 a thread may ask for longer turns, and one with shorter ones that wakes goes before it.
Earlier kernels take no notice.

Threads and processes that the loop begins have the usual turns again. A helper that had long ones, too, would
be owed as much by the scheduler whenever it had waited, and keep that worker waiting for 100 ms.
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
_FLAGS: Final = 2
_RUNTIME: Final = 5
_NOT_INHERITED: Final = 1  # SCHED_FLAG_RESET_ON_FORK


def take_long_turns() -> str:
    """Ask for turns of TURN_MS for the calling thread; why not, empty if the kernel took it."""
    attributes = list(_read())
    if not attributes:
        return f"no sched_setattr on {platform.machine()}"
    attributes[_FLAGS] |= _NOT_INHERITED
    attributes[_RUNTIME] = TURN_MS * 1_000_000
    wish = ctypes.create_string_buffer(_ATTRIBUTES.pack(*attributes))
    return "" if _system(_CALLS[platform.machine()][0], wish, 0) else os.strerror(ctypes.get_errno())


def turn_ms() -> float:
    """What the kernel says of the calling thread's; 0: the usual, or it does not tell."""
    attributes = _read()
    return attributes[_RUNTIME] / 1_000_000 if attributes else 0


def _read() -> tuple[int, ...]:
    """The calling thread's attributes; empty if they cannot be had."""
    if platform.machine() not in _CALLS:
        return ()
    found = ctypes.create_string_buffer(_ATTRIBUTES.size)
    if not _system(_CALLS[platform.machine()][1], found, _ATTRIBUTES.size, 0):
        return ()
    return _ATTRIBUTES.unpack(found.raw)


def _system(number: int, attributes: "ctypes.Array[ctypes.c_char]", *rest: int) -> bool:
    return bool(ctypes.CDLL(None, use_errno=True).syscall(number, 0, attributes, *rest) == 0)
