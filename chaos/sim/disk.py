"""A disk in memory that keeps exactly the promises of `ftnode.store.disk` and breaks everything else.

It is deterministic: chance comes from the `random.Random` it is handed. It knows for every file and
directory what is durable and what is only cached. `power_cut` keeps any subset of the rest, sector by
sector; `fail_syncs` throws it away while reading still shows it, as Linux does; `flip` rots a bit;
`capacity_bytes` fills up; `stop_after` ends the process in the middle of any step; `lying` makes
every sync a lie, to show that a test can fail.
"""

import errno
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Final

from ftnode.store.disk import SECTOR_BYTES

_NOTHING_LOST: Final = 0.15  # share of power cuts that keep all that was written
_IN_ORDER: Final = 0.7  # share of power cuts after which a directory's changes were kept in order
_KEPT_SHARES: Final = (0.0, 0.3, 0.5, 0.9)  # of the written sectors, in the others


class StoppedError(Exception):
    """The process ends here, in the middle of a disk operation. Not an OSError: nobody handles it."""


@dataclass(eq=False)
class _Inode:
    """A file: what a reader sees, what survives, and each sector's contents written since the last sync."""

    cached: bytearray
    durable: bytearray = field(default_factory=bytearray)
    written: dict[int, list[bytes]] = field(default_factory=dict)

    def sync(self) -> None:
        _resize(self.durable, len(self.cached))
        for sector, versions in self.written.items():
            start = sector * SECTOR_BYTES
            self.durable[start : start + len(versions[-1])] = versions[-1]
        self.written.clear()

    def drop_cache(self) -> None:
        content = bytearray(self.durable)
        _resize(content, len(self.cached))
        for sector, versions in self.written.items():
            start = sector * SECTOR_BYTES
            content[start : start + len(versions[-1])] = versions[-1]
        self.cached = content

    def settle(self, rng: Random) -> None:
        """After a power cut: each sector has one of the contents it was given since, or its old one."""
        if len(self.cached) != len(self.durable) and rng.random() < 0.5:
            _resize(self.durable, len(self.cached))  # the new length without the bytes: NULs
        keep = 1.0 if rng.random() < _NOTHING_LOST else rng.choice(_KEPT_SHARES)
        for sector, versions in sorted(self.written.items()):
            start = sector * SECTOR_BYTES
            if start < len(self.durable) and rng.random() < keep:
                content = versions[-1] if keep == 1.0 else rng.choice(versions)
                room = len(self.durable) - start
                self.durable[start : start + min(len(content), room)] = content[:room]
        self.written.clear()
        self.cached = bytearray(self.durable)


@dataclass(eq=False)
class _Directory:
    """Names as a reader sees them, as they survive, and the changes in between, oldest first."""

    cached: "dict[str, _Inode | _Directory]" = field(default_factory=dict)
    durable: "dict[str, _Inode | _Directory]" = field(default_factory=dict)
    changes: "list[dict[str, _Inode | _Directory | None]]" = field(default_factory=list)

    def change(self, change: "dict[str, _Inode | _Directory | None]") -> None:
        _apply(self.cached, change)
        self.changes.append(change)

    def sync(self) -> None:
        for change in self.changes:
            _apply(self.durable, change)
        self.changes.clear()

    def settle(self, rng: Random) -> None:
        """After a power cut: as a journal has it, the changes up to some point; or any of them."""
        if rng.random() < _IN_ORDER:
            del self.changes[rng.randint(0, len(self.changes)) :]
        else:
            self.changes = [change for change in self.changes if rng.random() < 0.5]
        for change in self.changes:
            _apply(self.durable, change)
        self.changes.clear()
        self.cached = dict(self.durable)


class SimFile:
    """An open file of a `SimDisk`. Dies with the process (`SimDisk.kill`, `power_cut`)."""

    def __init__(self, disk: "SimDisk", inode: _Inode) -> None:
        self._disk = disk
        self._inode = inode
        self._life = disk.life
        self._open = True

    def pwrite(self, data: bytes, at: int) -> None:
        """See `DiskFile`."""
        inode = self._alive()
        end = at + len(data)
        if end > len(inode.cached):
            self._disk.take_room(end - len(inode.cached))
            _resize(inode.cached, end)
        inode.cached[at:end] = data
        for sector in range(at // SECTOR_BYTES, -(-end // SECTOR_BYTES)):
            start = sector * SECTOR_BYTES
            inode.written.setdefault(sector, []).append(bytes(inode.cached[start : start + SECTOR_BYTES]))
        self._disk.step()  # stopped here: any subset of it may have reached the disk

    def pread(self, size_bytes: int, at: int) -> bytes:
        """See `DiskFile`."""
        return bytes(self._alive().cached[at : at + size_bytes])

    def fdatasync(self) -> None:
        """See `DiskFile`."""
        inode = self._alive()
        self._disk.step()
        if self._disk.sync_fails():
            inode.written.clear()  # marked clean, never written; readers still see it
            raise OSError(errno.EIO, "fdatasync: input/output error")
        if not self._disk.lying:
            inode.sync()

    def drop_cache(self) -> None:
        """See `DiskFile`. What a failed sync threw away is not there any more."""
        self._alive().drop_cache()

    def size_bytes(self) -> int:
        """See `DiskFile`."""
        return len(self._alive().cached)

    def close(self) -> None:
        """See `DiskFile`."""
        self._open = False

    def _alive(self) -> _Inode:
        if not self._open or self._life != self._disk.life:
            raise OSError(errno.EBADF, "handle of a process that is gone, or closed")
        return self._inode


class SimDisk:
    """See `ftnode.store.disk.Disk`. The root directory exists."""

    def __init__(self, capacity_bytes: int | None = None) -> None:
        self.life = 0
        self.capacity_bytes = capacity_bytes
        self.fail_syncs = 0  # so many syncs will fail,
        self.good_syncs = 0  # after so many that do not
        self.lying = False
        self.steps = 0  # changes and syncs asked for so far
        self.stop_after: int | None = None  # value of `steps` at which the process ends
        self._root = _Directory()

    def create(self, path: str, size_bytes: int) -> SimFile:
        """See `Disk`."""
        directory, name = self._place(path)
        if name in directory.cached:
            raise FileExistsError(errno.EEXIST, "exists", path)
        self.take_room(size_bytes)
        inode = _Inode(bytearray(size_bytes))
        directory.change({name: inode})
        self.step()
        return SimFile(self, inode)

    def open(self, path: str) -> SimFile:
        """See `Disk`."""
        return SimFile(self, self._inode(path))

    def rename(self, old: str, new: str) -> None:
        """See `Disk`."""
        directory, old_name = self._place(old)
        other, new_name = self._place(new)
        if directory is not other:
            raise OSError(errno.EXDEV, f"rename {old} to {new}: want one directory")
        inode = self._inode(old)
        directory.change({old_name: None, new_name: inode})
        self.step()

    def unlink(self, path: str) -> None:
        """See `Disk`."""
        self._inode(path)
        directory, name = self._place(path)
        directory.change({name: None})
        self.step()

    def listdir(self, path: str) -> list[str]:
        """See `Disk`."""
        return sorted(self._directory(path).cached)

    def mkdir(self, path: str) -> None:
        """See `Disk`."""
        directory, name = self._place(path)
        if name not in directory.cached:
            directory.change({name: _Directory()})
            self.step()

    def fsync_dir(self, path: str) -> None:
        """See `Disk`."""
        directory = self._directory(path)
        self.step()
        if self.sync_fails():
            directory.changes.clear()
            raise OSError(errno.EIO, "fsync: input/output error", path)
        if not self.lying:
            directory.sync()

    # What befalls a disk

    def kill(self) -> None:
        """The process ends, the power stays: handles are gone, everything written can still be read."""
        self.life += 1
        self.stop_after = None

    def power_cut(self, rng: Random) -> None:
        """Everything that was not durable is lost, or not, as chance has it."""
        self.kill()
        self.fail_syncs = 0
        _settle_below(self._root, rng)

    def flip(self, path: str, bit: int) -> None:
        """Rot one bit of a file, on disk and in the cache."""
        inode = self._inode(path)
        for content in (inode.cached, inode.durable):
            if bit // 8 < len(content):
                content[bit // 8] ^= 1 << bit % 8

    def used_bytes(self) -> int:
        """Bytes in files that have a name."""
        return sum(len(inode.cached) for inode in _inodes_below(self._root))

    # For SimFile

    def step(self) -> None:
        """Count a change; end the process if it is the one to end in."""
        self.steps += 1
        if self.stop_after is not None and self.steps >= self.stop_after:
            raise StoppedError(f"process ended in step {self.steps}")

    def sync_fails(self) -> bool:
        """Whether the sync now asked for is one of those that fail."""
        if self.good_syncs or not self.fail_syncs:
            self.good_syncs = max(0, self.good_syncs - 1)
            return False
        self.fail_syncs -= 1
        return True

    def take_room(self, size_bytes: int) -> None:
        """Raise ENOSPC if so much more does not fit."""
        if self.capacity_bytes is not None and self.used_bytes() + size_bytes > self.capacity_bytes:
            raise OSError(errno.ENOSPC, "no space left on device")

    def _directory(self, path: str) -> _Directory:
        node: _Inode | _Directory | None = self._root
        for name in filter(None, path.split("/")):
            node = node.cached.get(name) if isinstance(node, _Directory) else None
        if not isinstance(node, _Directory):
            raise FileNotFoundError(errno.ENOENT, "no such directory", path)
        return node

    def _place(self, path: str) -> tuple[_Directory, str]:
        above, _, name = path.rpartition("/")
        return self._directory(above), name

    def _inode(self, path: str) -> _Inode:
        directory, name = self._place(path)
        node = directory.cached.get(name)
        if not isinstance(node, _Inode):
            raise FileNotFoundError(errno.ENOENT, "no such file", path)
        return node


def _settle_below(directory: _Directory, rng: Random) -> None:
    directory.settle(rng)
    for _, node in sorted(directory.cached.items()):
        if isinstance(node, _Inode):
            node.settle(rng)
        else:
            _settle_below(node, rng)


def _inodes_below(directory: _Directory) -> Iterator[_Inode]:
    for node in directory.cached.values():
        if isinstance(node, _Inode):
            yield node
        else:
            yield from _inodes_below(node)


def _apply(names: "dict[str, _Inode | _Directory]", change: "dict[str, _Inode | _Directory | None]") -> None:
    for name, node in change.items():
        if node is None:
            names.pop(name, None)
        else:
            names[name] = node


def _resize(content: bytearray, size_bytes: int) -> None:
    del content[size_bytes:]
    content.extend(bytes(size_bytes - len(content)))
