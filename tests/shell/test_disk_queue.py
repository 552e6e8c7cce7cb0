"""The log's disk, synced by kernel or thread: wishes gathered, jobs in order, a failure said once."""

import asyncio
import os
import platform
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from ftnode.observe.count import Buckets
from ftnode.shell import disk_queue, kernel_sync
from ftnode.shell.disk_queue import DiskQueue
from ftnode.shell.kernel_sync import AT_ONCE, KernelSync
from ftnode.store.disk import RealDisk, RealFile

SECONDS = (0.001, 1.0)


async def until(seen: Callable[[], bool]) -> None:
    for _ in range(300):
        if seen():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("not seen in three seconds")


class Log:
    """What the queue asks of a log. Its file is real, for the kernel syncs no other."""

    def __init__(self, path: Path, error: OSError | None = None) -> None:
        self.file = RealDisk().create(str(path / "log"), 4096)
        self.error = error
        self.gate = threading.Event()
        self.gate.set()
        self.order: list[str] = []

    def sync_begin(self) -> SimpleNamespace:
        self.order.append("sync")
        return SimpleNamespace(files=((SimpleNamespace(file=self.file), 1),))

    def sync_done(self, ticket: SimpleNamespace, error: OSError | None) -> int:
        if error or self.error:
            raise error or self.error or AssertionError
        return self.order.count("sync")

    def sync(self) -> int:
        self.gate.wait(3)
        return self.sync_done(self.sync_begin(), None)


class Told(list[int | str]):
    """What the queue said, in order."""

    def queue(self, log: Log, by_kernel: bool) -> DiskQueue:
        return DiskQueue(log, self.append, self.append, Buckets(SECONDS), by_kernel=by_kernel)  # type: ignore[arg-type]


either = pytest.mark.parametrize("by_kernel", [True, False], ids=["kernel", "thread"])


@either
async def test_wishes_under_way_become_one_sync(tmp_path: Path, by_kernel: bool) -> None:
    """What is asked for while a sync runs is done by the next one, together."""
    log, told = Log(tmp_path), Told()
    log.gate.clear()
    disk = told.queue(log, by_kernel)
    disk.want_sync()
    for _ in range(50):
        disk.want_sync()
    log.gate.set()
    await until(lambda: len(told) == 2)
    await asyncio.sleep(0.05)
    assert told == [1, 2]
    disk.stop()


@either
async def test_jobs_run_after_what_was_asked_for_before(tmp_path: Path, by_kernel: bool) -> None:
    """A cut waits for the syncs before it, and what is asked later waits for the cut."""
    log, told = Log(tmp_path), Told()
    disk = told.queue(log, by_kernel)
    disk.want_sync()
    disk.run(lambda: log.order.append("cut"), lambda _: log.order.append("told"))
    disk.want_sync()
    await until(lambda: log.order.count("sync") == 2 and "told" in log.order)
    assert [word for word in log.order if word != "told"] == ["sync", "cut", "sync"]
    disk.stop()


@either
async def test_a_failed_sync_is_the_last_thing_done(tmp_path: Path, by_kernel: bool) -> None:
    """Said once, never tried again: what comes after it in the queue is not done."""
    log, told = Log(tmp_path, OSError(5, "Input/output error")), Told()
    disk = told.queue(log, by_kernel)
    disk.want_sync()
    await until(lambda: bool(told))
    disk.want_sync()
    disk.run(lambda: log.order.append("job"), lambda _: None)
    await asyncio.sleep(0.05)
    assert (log.order, told) == (["sync"], ["OSError: [Errno 5] Input/output error"])


@either
async def test_a_failed_job_ends_the_queue(tmp_path: Path, by_kernel: bool) -> None:
    """A cut that failed leaves a log that nobody may write to."""
    log, told = Log(tmp_path), Told()
    disk = told.queue(log, by_kernel)

    def cut() -> None:
        raise OSError(28, "No space left on device")

    disk.run(cut, lambda _: log.order.append("told"))
    await until(lambda: bool(told))
    disk.want_sync()
    await asyncio.sleep(0.05)
    assert (log.order, told) == ([], ["OSError: [Errno 28] No space left on device"])


async def test_the_kernel_says_which_error_a_sync_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system's number and words: the library hands the kernel's negative number on as a large one."""
    assert [kernel_sync._errno(word) for word in (0, (1 << 64) - 28)] == [0, 28]
    kernel = KernelSync(asyncio.get_running_loop())
    heard: list[OSError | None] = []
    kernel.begin([RealDisk().create(str(tmp_path / "log"), 512)], heard.append)
    monkeypatch.setattr(kernel_sync, "_errno", lambda _: 5)
    await until(lambda: bool(heard))
    assert isinstance(heard[0], OSError)
    assert (heard[0].errno, heard[0].strerror) == (5, "Input/output error")
    kernel.close()


async def test_a_file_that_the_kernel_cannot_sync_so_goes_to_the_thread(tmp_path: Path) -> None:
    """Refused before anything was begun: nothing is known to have failed."""
    log, told = Log(tmp_path), Told()
    with open(os.devnull) as null:  # noqa: ASYNC230 - its descriptor is what the test is about
        log.file = RealFile(os.dup(null.fileno()))
    disk = told.queue(log, by_kernel=True)
    disk.want_sync()
    await until(lambda: told == [2])
    disk.want_sync()
    await until(lambda: told == [2, 3])
    disk.stop()
    log.file.close()


async def test_a_log_of_more_files_than_fit_at_once_is_synced_whole(tmp_path: Path) -> None:
    """After a boot every segment may wait for its first sync."""
    kernel = KernelSync(asyncio.get_running_loop())
    files = [RealDisk().create(str(tmp_path / str(n)), 512) for n in range(2 * AT_ONCE + 1)]
    heard: list[OSError | None] = []
    for _ in range(2):
        kernel.begin(files, heard.append)
        await until(lambda: bool(heard))
        assert heard.pop() is None
    kernel.close()


FORBIDDEN = """
import asyncio, ctypes, errno, struct
# A seccomp filter, as a container's: io_setup (206 on x86-64) is not permitted, everything else is.
rules = [(0x20, 0, 0, 0), (0x15, 0, 1, 206), (0x06, 0, 0, 0x00050000 | errno.EPERM), (0x06, 0, 0, 0x7FFF0000)]
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *rule) for rule in rules))
class Program(ctypes.Structure):
    _fields_ = [("count", ctypes.c_ushort), ("rules", ctypes.c_void_p)]
libc = ctypes.CDLL(None)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, ctypes.byref(Program(len(rules), ctypes.addressof(code))), 0, 0) == 0
from ftnode.shell.kernel_sync import KernelSync
async def try_it():
    try:
        KernelSync(asyncio.get_running_loop())
    except OSError as error:
        print(error)
asyncio.run(try_it())
"""


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the filter names a system call of x86-64")
def test_a_kernel_that_forbids_asynchronous_io_is_named() -> None:
    """The library hides it at import: an operator once read of a NoneType without a Context."""
    said = subprocess.run(
        [sys.executable, "-c", FORBIDDEN], capture_output=True, text=True, timeout=30, check=True
    )
    assert said.stdout == "io_setup: Operation not permitted\n"


async def test_without_asynchronous_input_and_output_a_thread_syncs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container may forbid io_setup: said in a line, and slower, but nothing else changes."""

    def refuse(_: object) -> KernelSync:
        raise OSError("io_setup: Operation not permitted")

    monkeypatch.setattr(disk_queue, "KernelSync", refuse)
    log, told = Log(tmp_path), Told()
    disk = told.queue(log, by_kernel=True)
    disk.want_sync()
    await until(lambda: told == [1])
    disk.stop()
