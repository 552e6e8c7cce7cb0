"""A disk whose power can be cut: ext4 on a loop device over an image file of our own.

The cut is the file system's own shutdown call, without a flush of its journal: whatever was not synced is
gone at the next mount, as after a power loss. Nothing else may ever be hit by it, so the device behind the
very directory handle that the call goes to is checked to be a loop device over our image.

Mounts belong into a mount namespace of their own (`own_namespace`): with its last process they vanish, and
loop devices that `mount` made go with them, even if nobody was left to unmount.
"""

import fcntl
import os
import shutil
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SHUTDOWN: Final = 0x8004587D  # EXT4_IOC_SHUTDOWN
NO_LOG_FLUSH: Final = 2
LOOP_MAJOR: Final = 7
IMAGE_BYTES: Final = 2 * 1024**3  # sparse; room for a few log segments above the unit's own reserve
UNMOUNT_S: Final = 10.0  # helpers of a killed process may hold files for a moment
TOOL_S: Final = 60.0
TOOLS: Final = ("mkfs.ext4", "mount", "umount", "unshare", "setpriv")
ENV_OUTSIDE: Final = "DURABILITY_OUTSIDE"  # the mount namespace that we left
SYSTEM_PATH: Final = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))


class DiskError(Exception):
    """A disk could not be made, cut or removed, or is not ours; the text says which and why."""


def missing_for_power_cuts() -> str:
    """Why power cannot be cut here; empty if it can."""
    if os.geteuid() != 0:
        return "cutting power needs root, for mounts of our own"
    absent = [tool for tool in TOOLS if shutil.which(tool, path=SYSTEM_PATH) is None]
    if absent:
        return f"cutting power needs {', '.join(absent)}; `make setup-test` installs them"
    if not Path("/dev/loop-control").exists():
        return "cutting power needs loop devices, and this kernel has none"
    return ""


def own_namespace() -> None:
    """Start this very command again in a mount namespace of its own; return if it is there already."""
    here = os.readlink("/proc/self/ns/mnt")
    if os.environ.get(ENV_OUTSIDE, here) != here:
        return
    os.environ[ENV_OUTSIDE] = here
    sys.stdout.flush()
    command = ["unshare", "--mount", "--propagation", "private", sys.executable]
    os.execvp("unshare", [*command, *sys.orig_argv[1:]])


@dataclass(frozen=True, slots=True)
class Disk:
    """One image file and where it is mounted."""

    image: Path
    place: Path

    def make(self) -> None:
        """An empty ext4, not mounted yet. Raises DiskError, also if the image is there already."""
        self.place.mkdir(parents=True, exist_ok=True)
        try:
            with self.image.open("xb") as file:
                file.truncate(IMAGE_BYTES)
        except OSError as problem:
            raise DiskError(f"{self.image}: {problem.strerror}") from problem
        _tool("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=1,lazy_journal_init=1", str(self.image))

    def mount(self) -> None:
        """Mount it: the journal is replayed, as at a boot. Raises DiskError."""
        if self.is_mounted():
            raise DiskError(f"{self.place}: something is mounted there already")
        _tool("mount", "-t", "ext4", "-o", "loop,nodev,nosuid", str(self.image), str(self.place))
        with self._opened():
            pass

    def cut(self) -> None:
        """From now on nothing reaches the disk, and what had not reached it is lost. Raises DiskError."""
        with self._opened() as handle:
            fcntl.ioctl(handle, SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))

    def settle(self) -> None:
        """All that was written so far is on the disk: where a test begins. Raises DiskError."""
        with self._opened():
            _tool("sync", "--file-system", str(self.place))

    def unmount(self) -> None:
        """Waits a little for who still holds a file. Raises DiskError."""
        with self._opened():
            pass
        ends_s = time.monotonic() + UNMOUNT_S
        while True:
            try:
                return _tool("umount", str(self.place))
            except DiskError:
                if time.monotonic() > ends_s:
                    raise
                time.sleep(0.05)

    def remove(self) -> None:
        """Leave nothing behind, whatever state it is in."""
        if self.is_mounted():
            try:
                self.unmount()
            except DiskError:
                _tool("umount", "--lazy", str(self.place))
        self.image.unlink(missing_ok=True)

    def is_mounted(self) -> bool:
        """Whether something is mounted at our place, ours or not."""
        return os.path.ismount(self.place)

    @contextmanager
    def _opened(self) -> Iterator[int]:
        """A handle of the mounted root, proven to be on our own image."""
        handle = os.open(self.place, os.O_RDONLY | os.O_DIRECTORY)
        try:
            device = os.fstat(handle).st_dev
            major, minor = os.major(device), os.minor(device)
            behind = ""
            with suppress(OSError):
                behind = Path(f"/sys/dev/block/{major}:{minor}/loop/backing_file").read_text().rstrip("\n")
            if major != LOOP_MAJOR or behind != str(self.image):
                raise DiskError(
                    f"{self.place}: is on device {major}:{minor} ({behind or 'no loop device'}), not on our "
                    f"{self.image}: not touched"
                )
            yield handle
        finally:
            os.close(handle)


def _tool(*command: str) -> None:
    """Run one of the system's tools. Raises DiskError with its words."""
    try:
        done = subprocess.run(
            command,
            env={**os.environ, "PATH": SYSTEM_PATH},
            timeout=TOOL_S,
            capture_output=True,
            text=True,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise DiskError(f"{command[0]}: {problem}") from problem
    if done.returncode:
        words = (done.stderr or done.stdout).strip() or f"status {done.returncode}"
        raise DiskError(f"{' '.join(command)}: {words}")
