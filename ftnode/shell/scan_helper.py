"""One scan in a process of its own: it reads the last checkpoint, and no loop of a unit waits for it.

The child opens the state read-only, holds its newest checkpoint still, and sends where that
stands, then every chunk of the machine's scan as the gRPC message that it will be: the unit passes bytes
on and looks at none. It is told machine and encoder by name, as they can be imported.

The child takes processor and disk only when nobody else wants them, and ends by itself when the unit is
gone, when its time is over, or when it wants more memory than it may have.

    python -m ftnode.shell.scan_helper STATE PARENT
"""

import importlib
import os
import resource
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from operator import attrgetter
from pathlib import Path
from typing import IO, Any, Final

import msgspec
import psutil

from ftnode.shell.table import EXECUTED, Answer
from ftnode.store.child import Child, ChildGone, read_message, settle_down, write_message
from ftnode.store.state import Checkpoint, RottenValue, StoreFault
from ftnode.store.state_lmdb import LmdbStateStore

NICENESS: Final = 10  # five more when it has begun
ALARM_MORE_S: Final = 5  # the unit ends it first, if it can
BUG_MAX_CHARS: Final = 4000  # of a traceback

# First byte of every message of the child.
HEAD: Final = b"h"
CHUNK: Final = b"c"
END: Final = b"e"
FAULT: Final = b"f"


class Job(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """What the child is told."""

    machines: tuple[str, ...]  # names of classes, newest engine version first
    encode: str  # name of a function
    body: bytes
    chunk_max_bytes: int
    memory_max_bytes: int
    max_ms: int
    idle: bool = True  # only when nobody else wants the processor


class Fault(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """Why the child gave up."""

    why: str
    slot: int = -1  # that is rotten
    rotten: bool = False  # the disk gave back what was not written to it
    bug: str = ""  # of the application: where


class ScanFault(Exception):
    """There is no more of this scan, and why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.why)
        self.fault = fault


_pack = msgspec.msgpack.Encoder().encode
_decode_job = msgspec.msgpack.Decoder(Job).decode
_decode_head = msgspec.msgpack.Decoder(Checkpoint).decode
_decode_fault = msgspec.msgpack.Decoder(Fault).decode


class HelperScan:
    """The unit's side. Every call but `stop` may wait: make them in one thread.

    Raises:
        ScanFault: the child gave up, or was ended by somebody.
    """

    def __init__(self, state: Path, job: Job) -> None:
        """Nothing is started yet."""
        self._state = state
        self._job = job
        self._child: Child | None = None
        self._stopped = False

    def begin(self) -> Checkpoint:
        """Start it; the checkpoint that it holds."""
        self._child = Child(__name__, str(self._state))
        if self._stopped:
            self._child.kill()
        step_back(self._child.pid, self._job.idle)
        with suppress(ChildGone):  # the reading says why
            self._child.send(_pack(self._job))
        return _decode_head(self._next()[1])

    def chunk(self) -> bytes | None:
        """The next one; None at the end."""
        kind, text = self._next()
        return text if kind == CHUNK else None

    def stop(self) -> None:
        """Kill it, now or as soon as it is there; whoever waits for it hears that it is gone."""
        self._stopped = True
        if self._child is not None:
            self._child.kill()

    def end(self) -> None:
        """Wait until it is no more. After this nothing of it is left, no page of the state is held."""
        if self._child is not None:
            self._child.end(at_once=True)

    def _next(self) -> tuple[bytes, bytes]:
        child = self._child
        if child is None:
            raise ScanFault(Fault("it was not begun"))
        try:
            message = child.receive()
        except ChildGone as gone:
            child.end()
            raise ScanFault(Fault(_how_it_went(child.exit_status))) from gone
        if message[:1] == FAULT:
            raise ScanFault(_decode_fault(message[1:]))
        return message[:1], message[1:]


def _how_it_went(status: int | None) -> str:
    if status is not None and status < 0:
        return f"the scan's helper process was ended by {signal.Signals(-status).name}"
    return f"the scan's helper process ended with status {status}"


def step_back(pid: int, idle: bool) -> None:
    """Only when nobody else wants the disk, and the processor too if `idle`; else nicer than other helpers.

    From its first moment on: what a helper imports costs as much as a short scan, and one that is merely
    nice may be owed so much by the scheduler that the kernel's own workers wait 100 ms beside it. The price:
    LMDB takes a lock for a microsecond when a state is opened or read anew, and who is stopped just there
    may hold the unit up.
    """
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, NICENESS)
    if idle:
        with suppress(OSError):
            os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))
    with suppress(OSError, psutil.Error):
        psutil.Process(pid).ionice(psutil.IOPRIO_CLASS_IDLE)


def name_of(thing: Callable[..., Any]) -> str:
    """A class or function as `module:name`, for another process.

    Raises:
        ValueError: it cannot be imported by that name.
    """
    name = f"{thing.__module__}:{thing.__qualname__}"
    try:
        found = named(name)
    except (ImportError, AttributeError):
        found = None
    if found is not thing or thing.__module__ == "__main__":
        raise ValueError(f"{name} cannot be imported by its name: a scan's helper process would not find it")
    return name


def named(name: str) -> Any:
    """What `name_of` named."""
    module, _, inside = name.partition(":")
    return attrgetter(inside)(importlib.import_module(module))


# -------------------------------------------------------------------- in the child


def serve(state: Path, job: Job, replies: IO[bytes]) -> None:
    """One scan, then the end."""
    try:
        machines = [named(name)() for name in job.machines]
        encode = named(job.encode)
        store = LmdbStateStore(state, read_only=True)
        at = store.checkpoint
        write_message(replies, HEAD + _pack(at))
        machine = next((one for one in machines if one.version == at.engine_version), machines[0])
        for text in _encoded(machine.scan(store, at.time_ms, job.body), at, encode, job.chunk_max_bytes):
            write_message(replies, CHUNK + text)
        write_message(replies, END)
    except BrokenPipeError:
        raise
    except StoreFault as fault:
        slot = fault.slot if isinstance(fault, RottenValue) else -1
        _give_up(replies, Fault(str(fault), slot=slot, rotten=slot >= 0))
    except MemoryError:
        _give_up(replies, Fault(f"it needs more than scans.memory_max_bytes = {job.memory_max_bytes}"))
    except Exception as bug:
        where = traceback.format_exc()[-BUG_MAX_CHARS:]
        _give_up(replies, Fault(f"a bug of ours: {type(bug).__name__}: {bug}", bug=where))


def _encoded(
    chunks: Iterable[bytes], at: Checkpoint, encode: Callable[[Answer], bytes], max_bytes: int
) -> Iterable[bytes]:
    for chunk in chunks:
        text = encode(Answer(at.seq, at.epoch, at.time_ms, EXECUTED, chunk))
        if len(text) > max_bytes:
            raise ValueError(f"a chunk of {len(text)} bytes; at most scans.chunk_max_bytes = {max_bytes}")
        yield text


def _give_up(replies: IO[bytes], fault: Fault) -> None:
    write_message(replies, FAULT + _pack(fault))


def _end_with_unit() -> None:
    """Its pipe closes when the unit lets go of us, or is gone, however that came."""
    os.read(sys.stdin.fileno(), 1)
    os._exit(0)


def main() -> None:
    """The child's command line."""
    settle_down()
    told = read_message(sys.stdin.buffer)
    if told is None:
        return
    job = _decode_job(told)
    threading.Thread(target=_end_with_unit, daemon=True).start()
    signal.alarm(job.max_ms // 1000 + 1 + ALARM_MORE_S)
    resource.setrlimit(resource.RLIMIT_DATA, (job.memory_max_bytes, job.memory_max_bytes))
    with suppress(BrokenPipeError):
        serve(Path(sys.argv[1]), job, sys.stdout.buffer)


if __name__ == "__main__":
    main()
