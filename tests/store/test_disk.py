"""The contract on both disks; then what only the simulated one can show: what a power cut leaves."""

import errno
from pathlib import Path
from random import Random

import pytest

from chaos.sim.disk import SimDisk, StoppedError
from ftnode.store.disk import SECTOR_BYTES, RealDisk, read_whole, write_whole
from tests.store.disk_contract import CHECKS, Check

OLD, NEW = b"o" * SECTOR_BYTES, b"n" * SECTOR_BYTES


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_real(check: Check, tmp_path: Path) -> None:
    """The operating system's files keep the contract."""
    check(RealDisk(), str(tmp_path))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_simulated(check: Check) -> None:
    """So do the simulator's."""
    disk = SimDisk()
    disk.mkdir("/base")
    check(disk, "/base")


def test_real_disk_full_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A file for which there is no room is not there afterwards."""

    def no_room(*_: object) -> int:
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr("ftnode.store.disk.os.pwrite", no_room)
    with pytest.raises(OSError, match="no space left"):
        RealDisk().create(f"{tmp_path}/a", 1)
    assert RealDisk().listdir(str(tmp_path)) == []


def _synced(disk: SimDisk, content: bytes) -> None:
    write_whole(disk, "/f", content)


def _after_cut(seed: int, sectors: int = 3) -> bytes:
    """OLD sectors are durable, NEW ones were written over all of them, then the power went."""
    disk = SimDisk()
    _synced(disk, OLD * sectors)
    disk.open("/f").pwrite(NEW * sectors, 0)
    disk.power_cut(Random(seed))
    return read_whole(disk, "/f") or b""


def test_a_power_cut_keeps_any_subset_of_sectors() -> None:
    """All eight subsets of three sectors come up, and no sector is ever torn."""
    seen = {_after_cut(seed) for seed in range(300)}
    assert seen == {a + b + c for a in (OLD, NEW) for b in (OLD, NEW) for c in (OLD, NEW)}


def test_a_sync_keeps_everything() -> None:
    """What was synced survives every cut; what came later need not."""
    for seed in range(50):
        disk = SimDisk()
        _synced(disk, OLD)
        file = disk.open("/f")
        file.pwrite(NEW, 0)
        file.fdatasync()
        file.pwrite(NEW, SECTOR_BYTES)
        disk.power_cut(Random(seed))
        assert (read_whole(disk, "/f") or b"").removeprefix(NEW) in (b"", bytes(SECTOR_BYTES), NEW)


def test_names_need_their_own_sync() -> None:
    """A synced file whose directory was not synced may be gone; an unlinked one may be back."""
    found = set()
    for seed in range(100):
        disk = SimDisk()
        _synced(disk, OLD)
        disk.unlink("/f")
        disk.create("/g", 5).fdatasync()
        disk.power_cut(Random(seed))
        found.add(tuple(disk.listdir("/")))
    assert found == {("f",), (), ("g",), ("f", "g")}


def test_a_failed_sync_discards_and_then_says_ok() -> None:
    """As Linux does: reading shows the new bytes, a second sync returns, and they are lost all the same."""
    for seed in range(20):
        disk = SimDisk()
        _synced(disk, OLD)
        file = disk.open("/f")
        file.pwrite(NEW, 0)
        disk.fail_syncs = 1
        with pytest.raises(OSError, match="input/output"):
            file.fdatasync()
        file.fdatasync()
        assert read_whole(disk, "/f") == NEW
        if seed % 2:
            disk.open("/f").drop_cache()
        else:
            disk.power_cut(Random(seed))
        assert read_whole(disk, "/f") == OLD


def test_a_killed_process_leaves_what_it_wrote() -> None:
    """Readable, not durable; its handles are dead."""
    disk = SimDisk()
    _synced(disk, OLD)
    file = disk.open("/f")
    file.pwrite(NEW, 0)
    disk.kill()
    with pytest.raises(OSError, match="handle"):
        file.pread(1, 0)
    assert read_whole(disk, "/f") == NEW
    assert OLD in {_after_cut(seed, sectors=1) for seed in range(9)}


def test_stopping_in_any_step() -> None:
    """`write_whole` stopped anywhere, then a power cut: the old file or the new one, never another."""
    steps = 0
    ends = set()
    for stop in range(1, 20):
        for seed in range(8):
            disk = SimDisk()
            _synced(disk, OLD)
            start = disk.steps
            disk.stop_after = start + stop
            try:
                write_whole(disk, "/f", NEW)
                steps = disk.steps - start
            except StoppedError:
                pass
            else:
                assert read_whole(disk, "/f") == NEW
            disk.power_cut(Random(seed))
            ends.add(read_whole(disk, "/f"))
    assert (steps, ends) == (5, {OLD, NEW})


def test_full_disk_lying_disk_and_rot() -> None:
    """The other things that may befall a disk."""
    disk = SimDisk(capacity_bytes=1000)
    file = disk.create("/a", 900)
    with pytest.raises(OSError, match="no space") as found:
        disk.create("/b", 101)
    assert found.value.errno == errno.ENOSPC
    with pytest.raises(OSError, match="no space"):
        file.pwrite(bytes(200), 850)
    assert (disk.listdir("/"), file.size_bytes(), disk.used_bytes()) == (["a"], 900, 900)
    disk.flip("/a", 8)
    assert file.pread(2, 0) == b"\0\1"

    assert any(_after_lies(seed) is None for seed in range(9))


def _after_lies(seed: int) -> bytes | None:
    """What a lying disk keeps of a file that was synced by the book."""
    disk = SimDisk()
    disk.lying = True
    _synced(disk, OLD)
    disk.power_cut(Random(seed))
    return read_whole(disk, "/f")
