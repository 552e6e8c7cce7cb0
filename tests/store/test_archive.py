"""The archive: durable before the log forgets, the same bytes, every hash checked, histories told apart."""

from contextlib import suppress
from dataclasses import dataclass

import msgspec
import pytest

from chaos.sim.disk import StoppedError
from ftnode.store import archive as archive_module
from ftnode.store.archive import MS_PER_DAY, Archive, ArchiveFault, ArchiveFull, Manifest, archive_closed
from ftnode.store.disk import read_whole, write_whole
from ftnode.store.entry import GENESIS_HASH
from tests.store.log_world import World

PLACE = "/archive"


@dataclass
class _Shop:
    """A log of a few segments, and its archive."""

    world: World
    archive: Archive

    def keep(self, upto_seq: int = 10**6) -> int:
        """Archive, then trim."""
        archived_seq = archive_closed(self.world.wal, self.archive, upto_seq)
        self.world.wal.trim(upto_seq, archived_seq)
        return archived_seq

    def again(self) -> Archive:
        """As a new process finds it."""
        return Archive(self.world.disk, PLACE, "shop-1")


def _shop(seed: int = 3, batches: int = 16) -> _Shop:
    world = World(seed)
    world.live()
    for _ in range(batches):
        world.append(3)
    world.sync()
    return _Shop(world, Archive(world.disk, PLACE, "shop-1"))


def test_what_the_log_forgets_is_in_the_archive() -> None:
    """Every entry, in order, chained from the first one; what is still in the log goes on from there."""
    shop = _shop()
    archived_seq = shop.keep()
    archive = shop.again()
    assert archive.manifests == shop.archive.manifests
    assert len(archive.manifests) >= 2
    runs = [archive.load(manifest) for manifest in archive.manifests]
    assert b"".join(run.data for run in runs) == shop.world.run(1, archived_seq).data
    assert (runs[0].prev_hash, runs[-1].last_seq) == (GENESIS_HASH, archived_seq)
    assert archive.verify() == []
    assert shop.world.wal.first_seq == archived_seq + 1
    assert shop.keep() == 0  # nothing new is closed
    assert archive.manifests[-1].last_time_ms == 1000 + archived_seq
    shop.world.check()


def test_only_what_can_never_be_cut() -> None:
    """A segment with an entry above the limit stays in the log, and out of the archive."""
    shop = _shop()
    first, second = shop.world.wal.closed(10**6)[:2]
    assert shop.keep(first.last_seq - 1) == 0
    assert shop.keep(second.last_seq - 1) == first.last_seq
    assert [one.last_seq for one in shop.archive.manifests] == [first.last_seq]
    assert shop.world.wal.first_seq == second.first_seq


def test_stopped_in_every_step() -> None:
    """Nothing leaves the log that is not in the archive, wherever the process ends and the power goes."""
    for step in range(1, 200):
        shop = _shop(seed=step)
        shop.world.disk.stop_after = shop.world.disk.steps + step
        ended = False
        with suppress(StoppedError):
            shop.keep()
            ended = True
        shop.world.restart(power_cut=True)
        shop.world.live()
        archive = shop.again()
        assert archive.verify() == []
        held = archive.manifests[-1].last_seq if archive.manifests else 0
        assert shop.world.wal.first_seq <= held + 1
        shop.archive = archive
        shop.keep()
        shop.world.check()
        if ended:
            return
    pytest.fail("never ended")


def test_another_history_of_the_same_seqs_is_not_mistaken() -> None:
    """After a forced start the log begins anew below what is archived: its segments are archived again."""
    shop = _shop()
    shop.keep()
    one = shop.archive.manifests[0]
    assert shop.archive.holds(one.first_seq, one.last_seq, bytes.fromhex(one.last_hash))
    assert not shop.archive.holds(one.first_seq, one.last_seq, bytes(16))
    before = len(shop.archive.manifests)
    shop.world.reset(4, 9)
    for _ in range(16):
        shop.world.append(3)
    shop.world.sync()
    shop.keep()
    assert len(shop.archive.manifests) > before
    assert any("another history" in problem for problem in shop.archive.verify())
    shop.world.check()


def test_damage_is_named() -> None:
    """A flipped bit, a missing file, a manifest that is none or of another cabinet."""
    shop = _shop()
    shop.keep()
    disk, (one, two, *_) = shop.world.disk, shop.archive.manifests
    data = f"{PLACE}/{one.name}.entries.z"
    disk.flip(data, 800)
    disk.unlink(f"{PLACE}/{two.name}.entries.z")
    assert [problem.split(": ")[1] for problem in shop.archive.verify()] == [
        "not the file that its manifest names; take the other unit's",
        "missing; take it from the other unit's archive",
    ]
    path = f"{PLACE}/{one.name}.json"
    text = read_whole(disk, path) or b""
    for spoilt, says in [
        (text.replace(b"shop-1", b"shop-2"), "of cabinet 'shop-2'; want 1 of 'shop-1'"),
        (text.replace(b'"format": 1', b'"format": 2'), "format 2"),
    ]:
        write_whole(disk, path, spoilt)
        with pytest.raises(ArchiveFault, match=says):
            shop.again()


def test_a_segment_is_packed_in_small_pieces_with_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread of the unit does it, beside its tills."""
    monkeypatch.setattr(archive_module, "READ_BYTES", 1)  # a frame of three entries at a time
    shop = _shop()
    rests: list[None] = []
    archived_seq = archive_closed(shop.world.wal, shop.archive, 10**6, lambda: rests.append(None))
    assert len(rests) == archived_seq // 3
    assert shop.archive.verify() == []


def test_a_manifest_that_cannot_be_read_keeps_nobody_from_starting() -> None:
    """It is named; its segment is archived again if it is still in the log, and then all is well."""
    shop = _shop()
    archive_closed(shop.world.wal, shop.archive, 10**6)
    before = shop.archive.manifests
    path = f"{PLACE}/{before[0].name}.json"
    write_whole(shop.world.disk, path, (read_whole(shop.world.disk, path) or b"")[:-5])
    archive = shop.again()
    assert archive.manifests == before[1:]
    (said,) = archive.unreadable.values()
    assert "not a manifest" in said
    assert said in archive.verify()
    archive_closed(shop.world.wal, archive, before[-1].last_seq)
    assert archive.manifests == before
    assert not archive.unreadable


LIES = [  # a manifest that does not fit its data, although the data's own hash does
    ({"last_seq": 99}, "ends with entry"),
    ({"last_hash": "00" * 16}, "ends with entry"),
    ({"prev_hash": "11" * 16}, "bad hash"),
    ({"raw_bytes": 100}, "ends at"),
    ({"raw_bytes": 1 << 31}, "want at most"),
]


@pytest.mark.parametrize(("lie", "says"), LIES)
def test_manifests_are_not_believed(lie: dict[str, object], says: str) -> None:
    """What is loaded is what the chain says, and never more memory than a segment has."""
    shop = _shop()
    shop.keep()
    true = shop.archive.manifests[0]
    false: Manifest = msgspec.structs.replace(true, **lie)
    data = read_whole(shop.world.disk, f"{PLACE}/{true.name}.entries.z") or b""
    write_whole(shop.world.disk, f"{PLACE}/{false.name}.entries.z", data)
    with pytest.raises(ArchiveFault, match=says):
        shop.archive.load(false)


def test_full_archive() -> None:
    """The log keeps its segments, and the archive what it has; with room it goes on."""
    shop = _shop()
    shop.world.disk.capacity_bytes = shop.world.disk.used_bytes() + 100
    with pytest.raises(ArchiveFull):
        shop.keep()
    assert shop.world.wal.first_seq == 1
    assert shop.again().manifests == ()
    shop.world.disk.capacity_bytes = None
    assert shop.keep() > 0
    shop.world.check()


def test_keeping_for_some_days() -> None:
    """By log time of the last entry; 0 days is for ever."""
    shop = _shop()
    shop.keep()
    first, *others = shop.archive.manifests
    day_later_ms = first.last_time_ms + MS_PER_DAY
    assert shop.archive.expire(10 * day_later_ms, 0) == 0
    assert shop.archive.expire(day_later_ms, 1) == 0
    assert shop.archive.expire(day_later_ms + 1, 1) == 1
    assert list(shop.again().manifests) == others
    assert len(shop.world.disk.listdir(PLACE)) == 2 * len(others)


def test_nothing_to_archive_and_a_gap() -> None:
    """Refused."""
    shop = _shop()
    with pytest.raises(ArchiveFault, match="no entries"):
        shop.archive.store([])
    with pytest.raises(ArchiveFault, match="entry 5 does not follow 3"):
        shop.archive.store([shop.world.run(1, 3), shop.world.run(5, 6)])
