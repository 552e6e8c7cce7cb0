"""A promise is kept before it is acted on, survives one rotten page, and is never confused with none."""

from contextlib import suppress
from pathlib import Path
from random import Random

import msgspec
import pytest
from msgspec.structs import replace

from chaos.sim.disk import SimDisk, StoppedError
from ftnode.core import log_end
from ftnode.core.invariants import BrokenInvariantError
from ftnode.core.promise import Promise
from ftnode.store.disk import RealDisk, read_whole, write_whole
from ftnode.store.hashing import hash16
from ftnode.store.promise import _HEAD, _MAGIC, SLOT_BYTES, ForeignDisk, PromiseFault, PromiseFile

PLACE = "/unit"
FIRST = Promise(cabinet="shop-1", unit=1, boot=1)
ASKED = replace(FIRST, boot=2, epoch=7, asked_epoch=7, incarnation="b4")
WON = replace(ASKED, epoch=8)


def _open(disk: SimDisk, unit: int = 1, cabinet: str = "shop-1") -> tuple[PromiseFile, Promise | None]:
    return PromiseFile.open(disk, PLACE, cabinet, unit)


def _kept(*promises: Promise) -> SimDisk:
    disk = SimDisk()
    file, found = _open(disk)
    assert found is None
    for promise in promises:
        file.keep(promise)
        assert file.newest == promise
    return disk


def test_blank_then_kept() -> None:
    """No file is None; after that, the newest one, whatever happens to the power."""
    for seed in range(10):
        disk = _kept(FIRST, ASKED, WON)
        disk.power_cut(Random(seed))
        assert _open(disk)[1] == WON


def test_on_a_real_disk(tmp_path: Path) -> None:
    """The same on real files, over several openings."""
    for promise in (FIRST, ASKED, WON):
        file, _ = PromiseFile.open(RealDisk(), f"{tmp_path}/unit", "shop-1", 1)
        file.keep(promise)
        assert PromiseFile.open(RealDisk(), f"{tmp_path}/unit", "shop-1", 1)[1] == promise


@pytest.mark.parametrize("power_cut", [False, True])
def test_stopped_in_every_step(power_cut: bool) -> None:
    """The old promise or the new one; and what was read once is there for ever after."""
    for kept, new in [((), FIRST), ((FIRST,), ASKED), ((FIRST, ASKED), WON)]:
        old = kept[-1] if kept else None
        seen = set()
        for step in range(1, 12):
            for seed in range(8):
                disk = _kept(*kept)
                disk.stop_after = disk.steps + step
                with suppress(StoppedError):
                    _open(disk)[0].keep(new)
                disk.kill()
                if power_cut:
                    disk.power_cut(Random(seed))
                _, found = _open(disk)
                seen.add(found)
                disk.power_cut(Random(seed))
                assert _open(disk)[1] == found
        assert seen == {old, new}


def test_reading_makes_durable() -> None:
    """A promise whose sync never ran is read from memory: it is acted on only after a sync of this life."""
    for seed in range(20):
        disk = _kept(FIRST)
        disk.stop_after = disk.steps + 1 + 4 + 4  # open, then the first write of `keep`
        with pytest.raises(StoppedError):
            _open(disk)[0].keep(ASKED)
        disk.kill()
        _, found = _open(disk)
        disk.power_cut(Random(seed))
        assert _open(disk)[1] == found


@pytest.mark.parametrize("byte", [0, 5, 9, 30, SLOT_BYTES, SLOT_BYTES + 30])
def test_one_page_may_rot(byte: int) -> None:
    """Whichever it is, the newest promise stands, never the one before; and it is whole again afterwards."""
    for other in (30, SLOT_BYTES + 30):
        disk = _kept(FIRST, ASKED, WON)
        disk.flip(f"{PLACE}/promise", byte * 8)
        assert _open(disk)[1] == WON
        disk.flip(f"{PLACE}/promise", other * 8)
        assert _open(disk)[1] == WON


def test_both_pages_bad_is_not_blank() -> None:
    """Forgetting a promise is the one thing that may not happen."""
    for spoilt in (bytes(2 * SLOT_BYTES), b"", b"FTP1" + b"\xff" * 8188, Random(1).randbytes(8192)):
        disk = _kept(FIRST, ASKED)
        write_whole(disk, f"{PLACE}/promise", spoilt)
        with pytest.raises(PromiseFault, match="both slots are rotten"):
            _open(disk)


def test_a_disk_of_another_unit() -> None:
    """Refused, with both names; and nothing is written to it."""
    disk = _kept(FIRST, ASKED)
    before = read_whole(disk, f"{PLACE}/promise")
    for unit, cabinet in [(0, "shop-1"), (1, "shop-2")]:
        with pytest.raises(ForeignDisk, match=f"unit 1 of cabinet 'shop-1', configured is unit {unit}"):
            _open(disk, unit, cabinet)
    assert read_whole(disk, f"{PLACE}/promise") == before


def test_a_failed_sync_is_the_end() -> None:
    """The new promise is neither kept nor tried again; the next life finds one of the two, and keeps it."""
    for good in range(2):
        disk = _kept(FIRST)
        file, _ = _open(disk)
        disk.good_syncs, disk.fail_syncs = good, 1
        with pytest.raises(PromiseFault, match="must end"):
            file.keep(ASKED)
        assert file.newest == FIRST
        with pytest.raises(PromiseFault, match="must end"):
            file.keep(ASKED)
        disk.kill()
        _, found = _open(disk)
        assert found in (FIRST, ASKED)
        disk.power_cut(Random(good))
        assert _open(disk)[1] == found


CUT = {"cut_seq", "cut_rotten"}  # what programs before this one did not promise


def test_a_promise_of_the_version_before_is_read() -> None:
    """It spelled out every field, and had none about a cut: there was none."""
    disk = _kept(FIRST)
    older = {name: getattr(ASKED, name) for name in Promise.__struct_fields__ if name not in CUT}
    text = _HEAD.pack(_MAGIC, len(record := msgspec.msgpack.encode(older)), 9) + record
    slot = (text + hash16(text)).ljust(SLOT_BYTES, b"\0")
    write_whole(disk, f"{PLACE}/promise", slot + slot)
    assert _open(disk)[1] == ASKED


def test_the_version_before_reads_what_says_nothing_new(monkeypatch: pytest.MonkeyPatch) -> None:
    """So programs may be exchanged both ways, but for a unit that cut its log's end: the older program would
    go on as if it had not, and says instead which promise it does not know."""
    plain, cut = _kept(ASKED), _kept(log_end.cut(ASKED, 7, rotten=True))
    monkeypatch.setattr("ftnode.store.promise._FIELDS", frozenset(Promise.__struct_fields__) - CUT)
    assert _open(plain)[1] == ASKED
    with pytest.raises(PromiseFault, match=r"newer version, which also promised \['cut_rotten', 'cut_seq'\]"):
        _open(cut)


def test_what_no_unit_may_promise() -> None:
    """Epochs and boots only grow, and a unit speaks for itself."""
    file, _ = _open(_kept(WON))
    for bad in (ASKED, replace(WON, boot=1), replace(WON, unit=0), replace(WON, cabinet="x")):
        with pytest.raises(BrokenInvariantError):
            file.keep(bad)


def test_a_promise_of_tomorrow_is_not_half_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    """A field that this version does not know might be a promise that it would break."""
    disk = _kept(FIRST)
    known = frozenset({"cabinet", "unit", "epoch"})
    monkeypatch.setattr("ftnode.store.promise._FIELDS", known)
    with pytest.raises(PromiseFault, match="newer version, which also promised"):
        _open(disk)
