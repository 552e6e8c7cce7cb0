"""Faults that leave a unit alive and make it bad: put in and taken away, each on processes of our own.

All need root. Control groups, mounts and packet rules are made here, carry our process id in their names
or lie in namespaces of our own, and are gone afterwards, also when something goes wrong.
"""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import psutil

from chaos.live.durability_cabinet import Cabinet

GROUPS: Final = Path("/sys/fs/cgroup")
PERIOD_US: Final = 100_000
QUOTA_US: Final = 5_000
MEMORY_LEFT_BYTES: Final = 32 << 20
SLOW_SYNCS_PER_S: Final = 4
STOP_S, GO_S = 0.32, 0.08
CHUNK_BYTES: Final = 4 << 20
COMMAND_S: Final = 10.0
FILLER: Final = "somebody-elses-file"
Fault = Callable[[Cabinet, int], "Iterator[None]"]


def missing() -> str:
    """Why these faults cannot be had here; empty if they can."""
    if os.geteuid() != 0:
        return "not root: no control groups, mounts and namespaces of our own"
    absent = [name for name in ("cpu", "memory", "blkio") if not (GROUPS / name / "tasks").exists()]
    return f"no control groups of version 1 for {', '.join(absent)}" if absent else ""


def processes(cabinet: Cabinet, unit: int) -> list[psutil.Process]:
    """The unit and its helpers."""
    own = psutil.Process(cabinet.running[f"unit{unit}"].pid)
    return [own, *own.children(recursive=True)]


@contextmanager
def _group(controller: str, cabinet: Cabinet, unit: int, values: dict[str, str]) -> Iterator[None]:
    """A control group of ours with these limits, for the unit and its helpers."""
    group = GROUPS / controller / f"ftnode-grey-{os.getpid()}"
    group.mkdir()
    try:
        for name, value in values.items():
            (group / name).write_text(value)
        for process in processes(cabinet, unit):
            with suppress(OSError, psutil.Error):
                (group / "cgroup.procs").write_text(str(process.pid))
        yield
    finally:
        ends_s = time.monotonic() + COMMAND_S
        while time.monotonic() < ends_s:
            for pid in (group / "cgroup.procs").read_text().split():
                with suppress(OSError):
                    (GROUPS / controller / "cgroup.procs").write_text(pid)
            with suppress(OSError):
                group.rmdir()
                break
            time.sleep(0.05)


@contextmanager
def slow_processor(cabinet: Cabinet, unit: int) -> Iterator[None]:
    """It gets 5 ms of a processor in each 100 ms."""
    values = {"cpu.cfs_period_us": str(PERIOD_US), "cpu.cfs_quota_us": str(QUOTA_US)}
    with _group("cpu", cabinet, unit, values):
        yield


@contextmanager
def short_memory(cabinet: Cabinet, unit: int) -> Iterator[None]:
    """Of the memory of its group only a little is left."""
    with _group("memory", cabinet, unit, {"memory.limit_in_bytes": str(MEMORY_LEFT_BYTES)}):
        yield


@contextmanager
def slow_disk(cabinet: Cabinet, unit: int) -> Iterator[None]:
    """Its disk does a few writes in a second."""
    device = os.stat(cabinet.disks[f"unit{unit}"].place).st_dev
    limit = f"{os.major(device)}:{os.minor(device)} {SLOW_SYNCS_PER_S}"
    with _group("blkio", cabinet, unit, {"blkio.throttle.write_iops_device": limit}):
        yield


@contextmanager
def stalling(cabinet: Cabinet, unit: int) -> Iterator[None]:
    """It stands still for a third of a second, goes on for a moment, and so on."""
    over = threading.Event()
    target = cabinet.running[f"unit{unit}"]

    def stutter() -> None:
        while not over.is_set() and target.poll() is None:
            target.send_signal(signal.SIGSTOP)
            over.wait(STOP_S)
            target.send_signal(signal.SIGCONT)
            over.wait(GO_S)

    thread = threading.Thread(target=stutter)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        target.send_signal(signal.SIGCONT)


@contextmanager
def lossy_link(cabinet: Cabinet, unit: int) -> Iterator[None]:
    """A third of the packets between the units is lost, in both directions."""
    with _dropping(cabinet, (0, 1), "numgen random mod 100 < 33"):
        yield


@contextmanager
def one_way_link(cabinet: Cabinet, unit: int) -> Iterator[None]:
    """Nothing of what the other unit says arrives at this one; the other direction works."""
    with _dropping(cabinet, (unit,), ""):
        yield


@contextmanager
def _dropping(cabinet: Cabinet, towards: tuple[int, ...], when: str) -> Iterator[None]:
    """Packets of the lockstep channel towards these units are dropped, in our own network namespace."""
    ports = [cabinet.settings.units[unit].lockstep.port for unit in (0, 1)]
    _nft("add table inet grey")
    try:
        _nft("add chain inet grey in { type filter hook input priority 0; }")
        for unit in towards:
            _nft(f"add rule inet grey in tcp dport {ports[unit]} {when} drop")
            _nft(f"add rule inet grey in tcp sport {ports[1 - unit]} {when} drop")
        yield
    finally:
        _nft("delete table inet grey")


def _nft(words: str) -> None:
    done = subprocess.run(["nft", words], capture_output=True, text=True, timeout=COMMAND_S, check=False)
    if done.returncode:
        raise OSError(f"nft {words}: {done.stderr.strip()}")


def fill(cabinet: Cabinet, unit: int) -> int:
    """Another program fills the unit's disk to the last byte; how many bytes that took."""
    path = cabinet.pair.data(f"unit{unit}") / FILLER
    written = 0
    with path.open("ab", buffering=0) as file:
        size = CHUNK_BYTES
        while size:
            try:
                wrote = file.write(bytes(size))
                written += wrote
            except OSError:
                wrote = 0
            size = size if wrote == size else size // 2
            time.sleep(0.02)
    return written


def empty(cabinet: Cabinet, unit: int) -> None:
    """And takes its file away again."""
    (cabinet.pair.data(f"unit{unit}") / FILLER).unlink(missing_ok=True)


@contextmanager
def filled(cabinet: Cabinet, unit: int) -> Iterator[None]:
    """For so long there is no room on the unit's disk."""
    fill(cabinet, unit)
    try:
        yield
    finally:
        empty(cabinet, unit)


@contextmanager
def small_disks(cabinet_root: Path, size_bytes: int) -> Iterator[None]:
    """Each unit's directory on a file system of its own in memory, so large and no larger."""
    places = [cabinet_root / f"unit{unit}" for unit in (0, 1)]
    mounted: list[Path] = []
    try:
        for place in places:
            place.mkdir(parents=True, exist_ok=True)
            command = ["mount", "-t", "tmpfs", "-o", f"size={size_bytes},mode=0700", "tmpfs", str(place)]
            subprocess.run(command, check=True, timeout=COMMAND_S, capture_output=True)
            mounted.append(place)
        yield
    finally:
        for place in mounted:
            subprocess.run(["umount", "--lazy", str(place)], check=False, timeout=COMMAND_S)
