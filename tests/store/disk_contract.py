"""What every disk promises (`ftnode.store.disk`), as far as it shows without cutting the power.

`tests/store/test_disk.py` runs it on the real disk and on the simulator's.
"""

import errno
from collections.abc import Callable

import pytest

from ftnode.store.disk import Disk, is_unfinished, read_whole, write_whole

Check = Callable[[Disk, str], None]


def new_file_is_zeros(disk: Disk, base: str) -> None:
    """Whole length from the start, readable, all NUL."""
    file = disk.create(f"{base}/a", 3_000_000)
    assert file.size_bytes() == 3_000_000
    assert file.pread(10, 2_999_995) == bytes(5)  # short at the end
    assert file.pread(10, 3_000_000) == b""
    file.close()
    assert disk.listdir(base) == ["a"]


def bytes_come_back(disk: Disk, base: str) -> None:
    """Through the same handle, another one, and after closing; around and beyond the end."""
    file, twin = disk.create(f"{base}/a", 1024), None
    file.pwrite(b"hello", 510)
    file.pwrite(b"", 0)
    file.fdatasync()
    file.drop_cache()
    twin = disk.open(f"{base}/a")
    assert twin.pread(7, 509) == b"\0hello\0"
    twin.pwrite(b"end", 1500)
    assert file.size_bytes() == 1503
    assert file.pread(2000, 1020) == bytes(480) + b"end"
    file.close()
    twin.fdatasync()
    twin.close()
    twin.close()
    with pytest.raises(OSError, match=r".") as found:
        twin.pread(1, 0)
    assert found.value.errno == errno.EBADF


def large_writes_are_whole(disk: Disk, base: str) -> None:
    """No short write ever shows."""
    data = bytes(range(256)) * 20_000
    file = disk.create(f"{base}/a", 0)
    file.pwrite(data, 3)
    assert file.pread(len(data) + 9, 0) == b"\0\0\0" + data
    file.close()


def names_follow_the_rules(disk: Disk, base: str) -> None:
    """Create once, rename over, unlink; every miss is the error that says so."""
    disk.create(f"{base}/a", 1).close()
    with pytest.raises(FileExistsError):
        disk.create(f"{base}/a", 1)
    b = disk.create(f"{base}/b", 2)
    disk.rename(f"{base}/b", f"{base}/a")
    assert disk.listdir(base) == ["a"]
    assert b.size_bytes() == 2  # a handle outlives its name
    disk.unlink(f"{base}/a")
    assert b.pread(9, 0) == bytes(2)
    b.close()
    assert disk.listdir(base) == []
    for miss in (disk.open, disk.unlink, disk.listdir, disk.fsync_dir):
        with pytest.raises(FileNotFoundError):
            miss(f"{base}/a")
    with pytest.raises(FileNotFoundError):
        disk.create(f"{base}/none/a", 1)
    with pytest.raises(FileNotFoundError):
        disk.rename(f"{base}/a", f"{base}/c")


def directories(disk: Disk, base: str) -> None:
    """Made once or twice; renaming stays inside one, so that it needs one sync."""
    disk.mkdir(f"{base}/d")
    disk.mkdir(f"{base}/d")
    disk.create(f"{base}/d/a", 0).close()
    disk.fsync_dir(f"{base}/d")
    disk.fsync_dir(base)
    assert disk.listdir(base) == ["d"]
    with pytest.raises(OSError, match="want one directory"):
        disk.rename(f"{base}/d/a", f"{base}/a")
    assert disk.listdir(f"{base}/d") == ["a"]


def whole_files(disk: Disk, base: str) -> None:
    """Replaced in one step, also after an attempt that did not end."""
    assert read_whole(disk, f"{base}/note") is None
    disk.create(f"{base}/note.tmp", 99).close()
    assert [name for name in disk.listdir(base) if is_unfinished(name)] == ["note.tmp"]
    write_whole(disk, f"{base}/note", b"one")
    write_whole(disk, f"{base}/note", b"three")
    assert read_whole(disk, f"{base}/note") == b"three"
    assert disk.listdir(base) == ["note"]


CHECKS: tuple[Check, ...] = (
    new_file_is_zeros,
    bytes_come_back,
    large_writes_are_whole,
    names_follow_the_rules,
    directories,
    whole_files,
)
