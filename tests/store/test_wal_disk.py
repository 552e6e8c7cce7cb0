"""The log on a disk that fails, fills up, lies, or is used by several threads at once."""

import threading
from collections.abc import Callable
from random import Random

import pytest

from ftnode.core.invariants import BrokenInvariantError
from ftnode.store.disk import RealDisk
from ftnode.store.entry import GENESIS_HASH, Run, encode_run
from ftnode.store.wal import Wal
from ftnode.store.wal_faults import LogFull, LogUnusable
from ftnode.store.wal_frame import MARK_BYTES, Frame, Marks
from tests.store.log_world import SEGMENT_BYTES, World, entries, frames_on


def _marks(frame: Frame) -> tuple[int, int, int]:
    return frame.marks.seq, frame.marks.commit_seq, frame.marks.peer_seq


def test_reading_what_was_read_is_not_having_it() -> None:
    """Killed before the sync, read back from memory: not durable until written anew and synced."""
    for seed in range(20):
        world = World(seed)
        world.append(3)
        found = world.restart(power_cut=False)
        assert (found.head_seq, found.mark_seq, found.clean) == (3, 0, False)
        assert world.wal.synced_seq == 0
        with pytest.raises(BrokenInvariantError, match="rewrite_tail"):
            world.wal.sync()
        world.live()
        assert world.wal.synced_seq == 3
        assert world.restart(power_cut=True).head_seq == 3
        world.check()


def test_a_failed_sync_ends_the_log_and_its_tail_is_written_anew() -> None:
    """Every later call raises. The next life reads the entries, does not believe it, and saves them."""
    for seed in range(20):
        world = World(seed)
        world.live()
        world.append(3)
        world.sync()
        world.append(3)
        world.disk.fail_syncs = 1
        with pytest.raises(LogUnusable, match="input/output error"):
            world.wal.sync()
        _everything_raises(world.wal, world.run(1, 3))
        found = world.restart(power_cut=False)
        assert (found.head_seq, found.clean) == (6, False)
        world.live()
        assert world.restart(power_cut=True).head_seq == 6
        world.check()


def _everything_raises(wal: Wal, run: Run) -> None:
    calls: list[Callable[[], object]] = [
        wal.sync,
        wal.prepare,
        wal.probe,
        wal.rewrite_tail,
        lambda: wal.append(run, 0, 0),
        lambda: wal.mark_idle(9, 9),
        lambda: wal.read(1, 100),
        lambda: wal.hash_at(1),
        lambda: wal.cut(3),
        lambda: wal.reset(9, 9, GENESIS_HASH),
        lambda: wal.trim(1, 1),
        lambda: wal.scrub(1),
        lambda: wal.repair(run),
    ]
    for call in calls:
        with pytest.raises((LogUnusable, BrokenInvariantError), match=r"must end|successor"):
            call()


@pytest.mark.parametrize("deed", [lambda world: world.cut(10), lambda world: world.reset(700, 3)])
def test_every_sync_that_may_fail(deed: Callable[[World], None]) -> None:
    """In a cut, too: dead at once; afterwards the log is the one before or the one after, also when the note
    of it, or segments that it deleted, come back from a directory whose sync had failed."""
    for failing in range(40):
        world = World(failing)
        world.live()
        for _ in range(6):
            world.append(4)
        world.sync()
        world.disk.good_syncs, world.disk.fail_syncs = failing, 1
        try:
            deed(world)
        except LogUnusable:
            with pytest.raises(LogUnusable):
                world.wal.sync()
        world.disk.fail_syncs = 0
        world.restart(power_cut=False)
        world.accept_head()
        world.live()
        world.epoch += 1
        world.append(5)
        world.sync()
        world.restart(power_cut=True)
        world.check()


def test_full_disk() -> None:
    """Preparing says so and harms nothing; what fits in still goes in; then appending says so."""
    world = World(8)
    world.disk.capacity_bytes = world.disk.used_bytes() + 100
    with pytest.raises(LogFull, match=r"no room for 0000000002\.seg, 8192 bytes"):
        world.wal.prepare()
    taken = 0
    while taken < 100:
        run = encode_run(world.wal.head_hash, entries(world.rng, taken + 1, 1, 1))[0]
        try:
            world.wal.append(run, 0, 0)
        except LogFull:
            break
        taken += 1
    assert 0 < taken < 100
    assert world.wal.sync() == taken
    with pytest.raises(LogFull, match="copy of what is cut"):
        world.wal.cut(1)
    world.disk.capacity_bytes = None
    world.wal.append(run, 0, 0)
    assert world.wal.sync() == taken + 1


def test_a_lying_disk_shows() -> None:
    """These tests can fail: on a disk that only pretends to sync, acknowledged entries are gone."""
    lost = 0
    for seed in range(10):
        world = World(seed)
        world.disk.lying = True
        world.append(3)
        world.sync()
        lost += world.restart(power_cut=True).head_seq < world.durable_seq
    assert lost > 0


def test_probe_proves_the_disk_without_growing_the_log() -> None:
    """Written and synced, and no frame of it."""
    world = World(3)
    before = frames_on(world.disk)
    world.wal.probe()
    world.disk.fail_syncs = 1
    with pytest.raises(LogUnusable):
        world.wal.sync()
    assert frames_on(world.disk) == before
    assert before[-1].span_bytes == MARK_BYTES
    assert before[-1].marks == Marks(0, 0, GENESIS_HASH, 0, 0)


def test_marking_while_a_cut_is_under_way() -> None:
    """Another thread's idle mark waits for the cut, and lands in the log that is left."""
    world = World(2)
    world.live()
    for _ in range(8):
        world.append(3)
    world.sync()
    took: list[bool] = []
    mark = threading.Thread(target=lambda: took.append(world.wal.mark_idle(5, 5)))
    fsync_dir = world.disk.fsync_dir

    def start_first(path: str) -> None:
        if not mark.is_alive() and not took:
            mark.start()
        fsync_dir(path)

    world.disk.fsync_dir = start_first  # type: ignore[method-assign]
    world.cut(10)
    mark.join()
    assert took == [True]
    assert _marks(frames_on(world.disk)[-1]) == (10, 5, 5)
    world.check()


def test_threads_on_a_real_disk(tmp_path: object) -> None:
    """Appending, syncing, preparing and reading at once: everything synced is there after closing."""
    directory = f"{tmp_path}/log"
    wal, _ = Wal.recover(RealDisk(), directory, segment_bytes=SEGMENT_BYTES)
    stop, covered, troubles = threading.Event(), [0], []

    def repeat(work: Callable[[], object]) -> None:
        try:
            while not stop.is_set():
                work()
        except Exception as trouble:
            troubles.append(trouble)

    def sync() -> None:
        covered.append(wal.sync())

    jobs = [sync, wal.prepare, lambda: wal.read(1, 5000), lambda: wal.scrub(max(1, wal.head_seq - 5))]
    threads = [threading.Thread(target=repeat, args=(job,)) for job in jobs]
    rng = Random(1)
    for number in range(150):
        wal.append(encode_run(wal.head_hash, entries(rng, wal.head_seq + 1, 3, 1))[0], number, number)
        if number == 0:
            for thread in threads:
                thread.start()
    stop.set()
    for thread in threads:
        thread.join()
    assert troubles == []
    assert covered == sorted(covered)
    head_seq, head_hash = wal.head_seq, wal.head_hash
    wal.close()
    with pytest.raises(LogUnusable, match="closed"):
        wal.sync()
    again, found = Wal.recover(RealDisk(), directory, segment_bytes=SEGMENT_BYTES)
    assert (found.head_seq, found.head_hash, found.rotten, found.torn) == (head_seq, head_hash, (), False)
    assert found.mark_seq in covered
    again.close()
