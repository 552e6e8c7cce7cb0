"""Readings of the parts: psutil, the kernel's own files, and a small write that is synced.

Everything here may wait for the host, some of it for the disk: call it in a thread.
"""

import os
import socket
import struct
import time
from pathlib import Path
from typing import Final

import psutil

from ftnode.hardware.losses import Seen

PROBE_NAME: Final = "health.probe"
PROBE_BYTES: Final = 4096
TCP_INFO_BYTES: Final = 256
TIMEOUTS_AT: Final = 2  # tcpi_retransmits: of what is not acknowledged now
TOTAL_RETRANS_AT: Final = 100  # struct tcp_info: tcpi_total_retrans
DATA_SEGS_OUT_AT: Final = 156  # tcpi_data_segs_out, since Linux 4.6
DSACK_DUPS_AT: Final = 216  # tcpi_dsack_dups, since Linux 4.19: what the other side had already
CGROUPS: Final = Path("/sys/fs/cgroup")
UNLIMITED: Final = 1 << 60


def memory_left_bytes() -> int:
    """What this process can still get: of the machine's memory, or of its own group's if that is less."""
    left = int(psutil.virtual_memory().available)
    for limit, usage, stat in _memory_groups():
        most = _number(limit)
        if most is None or most >= UNLIMITED:
            continue
        used = (_number(usage) or 0) - _cached_bytes(stat)
        left = min(left, max(0, most - used))
    return left


def _memory_groups() -> list[tuple[Path, Path, Path]]:
    """(limit, usage, stat) files of the control groups that this process is in."""
    found: list[tuple[Path, Path, Path]] = []
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return found
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if "memory" in controllers.split(","):
            for base in (CGROUPS / "memory" / path.lstrip("/"), CGROUPS / "memory"):
                names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "memory.stat")
                found.append((base / names[0], base / names[1], base / names[2]))
        elif not controllers:
            base = CGROUPS / path.lstrip("/")
            found.append((base / "memory.max", base / "memory.current", base / "memory.stat"))
    return found


def _cached_bytes(stat: Path) -> int:
    """Pages of files, which the kernel takes back when it needs them."""
    try:
        pairs = dict(line.split(maxsplit=1) for line in stat.read_text().splitlines())
    except (OSError, ValueError):
        return 0
    names = ("total_inactive_file", "total_active_file") if "total_inactive_file" in pairs else ()
    return sum(int(pairs.get(name, 0)) for name in names or ("inactive_file", "active_file"))


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None  # not there, or "max"


def losses(channel: socket.socket) -> Seen | None:
    """What this TCP connection sent and lost so far; None where the kernel does not say.

    A process that is held up in the middle of a call leaves its socket locked: its host acknowledges late,
    TCP sends again, and the other side says that it had that already. Of a link it says nothing.
    """
    try:
        told = channel.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO_BYTES)
    except OSError:
        return None
    again, sent = _number_at(told, TOTAL_RETRANS_AT), _number_at(told, DATA_SEGS_OUT_AT)
    if again is None or sent is None:
        return None
    in_vain = _number_at(told, DSACK_DUPS_AT) or 0
    return Seen(max(0, again - in_vain), sent, waits=told[TIMEOUTS_AT] > 0)


def _number_at(told: bytes, at: int) -> int | None:
    """A 32-bit number of a struct that older kernels tell less of."""
    return int(struct.unpack_from("=I", told, at)[0]) if len(told) >= at + 4 else None


def free_bytes(directory: Path) -> int:
    """Room on the disk of the unit's directory, for this user. Raises OSError."""
    at = os.statvfs(directory)
    return at.f_bavail * at.f_frsize


def sync_probe(directory: Path) -> int:
    """Write a little over the same place and sync it; how long that took, in ms. Raises OSError.

    It needs no new room after the first time: a full disk does not make it fail.
    """
    began_ns = time.monotonic_ns()
    fd = os.open(directory / PROBE_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        os.pwrite(fd, began_ns.to_bytes(8, "little") * (PROBE_BYTES // 8), 0)
        os.fdatasync(fd)
    finally:
        os.close(fd)
    return (time.monotonic_ns() - began_ns) // 1_000_000


def processor() -> dict[str, float]:
    """For an operator: what the machine's processors do."""
    load = os.getloadavg()
    return {"processors": float(psutil.cpu_count() or 0), "load_1m": load[0], "load_5m": load[1]}
