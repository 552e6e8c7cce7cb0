"""What some tests need that pip cannot bring, and whether this machine has it.

Tests that need one of these ask for themselves and skip with the reason; this
table is what `make setup-test` installs and what `make test` names at its end.
"""

import glob
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SYSTEM_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])


@dataclass(frozen=True, slots=True)
class Need:
    """One Debian package: `probe` is a command, or a glob of its file, that proves it is there."""

    package: str
    probe: str
    what_for: str
    service: str = ""  # the systemd unit that it brings along and that we never want started


NEEDS = (
    Need("etcd-server", "etcd", "the witness's contract suite on etcd", "etcd.service"),
    Need(
        "postgresql",
        "/usr/lib/postgresql/*/bin/initdb",
        "the comparison with PostgreSQL as a synchronous pair",
        "postgresql.service",
    ),
    Need("nodejs", "node", "a stock client in another language"),
    Need("npm", "npm", "buf, and the Node client's libraries"),
    Need("prometheus", "promtool", "Prometheus' own check of the alarm rules", "prometheus.service"),
    Need("e2fsprogs", "mkfs.ext4", "power cuts on ext4"),
    Need("xfsprogs", "mkfs.xfs", "power cuts on XFS"),
    Need("mount", "losetup", "disks of their own, to cut their power"),
    Need("eatmydata", "eatmydata", "proof that the power-cut test can fail"),
    Need("iproute2", "ip", "networks of their own, to cut their links"),
    Need("nftables", "nft", "links cut in one direction"),
    Need("gcc", "gcc", "clocks of a process of their own, to be wrong"),
    Need("procps", "sysctl", "kernel settings inside those networks"),
)


def present(need: Need) -> bool:
    """Whether the thing is here, wherever it came from."""
    if need.probe.startswith("/"):
        return bool(glob.glob(need.probe))
    return shutil.which(need.probe, path=SYSTEM_PATH) is not None


def missing() -> tuple[Need, ...]:
    """The needs that this machine does not meet."""
    return tuple(need for need in NEEDS if not present(need))


def npm_ready() -> bool:
    """Whether `npm ci` was done for the lock file as it is now."""
    done = ROOT / "node_modules" / ".package-lock.json"
    lock = ROOT / "package-lock.json"
    return done.exists() and done.stat().st_mtime >= lock.stat().st_mtime
