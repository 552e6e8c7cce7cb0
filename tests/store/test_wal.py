"""What the log promises while everything goes well."""

from random import Random

import pytest

from ftnode.core.invariants import BrokenInvariantError
from ftnode.store.disk import read_whole
from ftnode.store.entry import GENESIS_HASH, encode_run
from ftnode.store.wal import Closed, Wal
from ftnode.store.wal_audit import prune
from ftnode.store.wal_faults import LogGone
from ftnode.store.wal_frame import Frame, parse
from tests.store.log_world import DIRECTORY, SEGMENT_BYTES, World, entries, frames_on


def _marks(frame: Frame) -> tuple[int, int, int]:
    return frame.marks.seq, frame.marks.commit_seq, frame.marks.peer_seq


def test_a_blank_directory() -> None:
    """A log without entries: it ends at 0, and that is durable and known to be."""
    found = World(0).found
    assert (found.first_seq, found.head_seq, found.head_hash, found.head_epoch) == (1, 0, GENESIS_HASH, 0)
    assert (found.ends, found.mark_seq, found.rotten, found.rotten_seqs) == ((), 0, (), ())
    assert (found.torn, found.short, found.clean) == (False, False, True)


def test_marks_travel_in_the_next_frame() -> None:
    """Each frame says what was durable, committed, held by the peer when it was written; none goes back."""
    world = World(1)
    rows = [
        (5, 3, "append"),
        (0, 0, "sync"),
        (4, 9, "append"),
        (0, 0, "sync"),
        (0, 0, "idle"),
        (0, 0, "idle"),
    ]
    for commit_seq, peer_seq, what in rows:
        if what == "append":
            new = entries(Random(commit_seq), world.wal.head_seq + 1, 2, 1)
            world.wal.append(encode_run(world.wal.head_hash, new)[0], commit_seq, peer_seq)
        elif what == "sync":
            world.wal.sync()
        else:
            world.wal.mark_idle(commit_seq, peer_seq)
    assert [_marks(frame) for frame in frames_on(world.disk)] == [
        (0, 0, 0),  # of the blank log
        (0, 5, 3),  # nothing was synced before it
        (2, 5, 9),
        (4, 5, 9),  # the marks by themselves; the second time there was nothing new
    ]
    found = world.restart(power_cut=True)
    assert (found.mark_seq, found.commit_seq, found.peer_seq, found.clean) == (4, 5, 9, True)


def test_a_sync_covers_what_came_before_it_began() -> None:
    """Entries appended while it runs are not covered, neither in the answer nor in the marks."""
    world = World(4)
    world.append(2)
    ticket = world.wal.sync_begin()
    world.append(2)
    assert world.wal.sync_end(ticket) == 2
    world.wal.mark_idle(0, 0)
    assert frames_on(world.disk)[-1].marks.seq == 2

    first, second = world.wal.sync_begin(), world.wal.sync_begin()
    assert world.wal.sync_end(second) == 4
    assert world.wal.sync_end(first) == 4
    world.restart(power_cut=True)
    world.check()


def test_overlapping_syncs_each_keep_their_word() -> None:
    """The second one to begin syncs what the first has not synced yet."""
    for seed in range(10):
        world = World(seed)
        world.append(4)
        for _ in range(4):
            world.append(4)  # into the next segment
        world.wal.sync_begin()  # and this one never ends
        world.sync()
        assert world.restart(power_cut=True).head_seq == 20


def test_a_ticket_from_before_a_cut_covers_nothing() -> None:
    """Its entries are gone; what has their seqs now was not synced by it."""
    world = World(4)
    world.append(4)
    ticket = world.wal.sync_begin()
    world.cut(2)
    world.append(4)
    assert world.wal.sync_end(ticket) == 0
    assert world.wal.synced_seq == 0


def test_a_cut_keeps_a_copy() -> None:
    """Everything that goes can be read from one file, frame by frame, with the place where each lay."""
    world = World(2)
    world.live()
    for _ in range(8):
        world.append(3)
    world.sync()
    gone = [frame for frame in frames_on(world.disk) if frame.last_seq > 10]
    world.cut(10)
    names = world.disk.listdir(f"{DIRECTORY}/audit")
    assert len(names) > 1
    assert all(name.startswith("00000001-cut-11-24-00000000") for name in names)
    data = b"".join(read_whole(world.disk, f"{DIRECTORY}/audit/{name}") or b"" for name in names)
    at = 0
    for frame in gone:
        place = data.index(b"FTW1", at)
        assert parse(data, place, frame.segment, frame.at, None) == frame
        at = place + 1
    world.check()
    world.wal.mark_idle(8, 0)
    with pytest.raises(BrokenInvariantError, match="committed"):
        world.wal.cut(7)
    world.cut(10)  # nothing to do
    assert world.disk.listdir(f"{DIRECTORY}/audit") == names


def test_beginning_anew_keeps_a_copy_if_asked() -> None:
    """After a forced start of the other unit the old log is evidence: whole segments, beside the new ones."""
    world = World(2)
    world.append(5)
    before = read_whole(world.disk, f"{DIRECTORY}/0000000001.seg")
    world.wal.reset(3, 2, bytes(16), audit=True)
    assert read_whole(world.disk, f"{DIRECTORY}/00000001-0000000001.kept") == before
    assert "0000000001.seg" not in world.disk.listdir(DIRECTORY)
    assert (world.wal.head_seq, world.wal.first_seq, world.wal.ends) == (3, 4, ((2, 3),))


def test_copies_are_bounded() -> None:
    """The oldest go first; what belongs to the last cut stays, however large."""
    world = World(2)
    for _ in range(3):
        world.append(9)
        world.wal.cut(world.wal.head_seq - 2)
        world.wal.reset(world.wal.head_seq, 2, world.wal.head_hash, audit=True)
        world.forget_all(world.wal.head_seq, 2)
        world.base_hash = world.wal.head_hash

    def kept() -> list[str]:
        names = (*world.disk.listdir(DIRECTORY), *world.disk.listdir(f"{DIRECTORY}/audit"))
        return sorted(name[:12] for name in names if name.startswith("0000000") and ".seg" not in name)

    assert kept() == [
        *("00000001-cut", "00000002-000"),
        *("00000003-cut", "00000004-000"),
        *("00000005-cut", "00000006-000"),
    ]
    assert prune(world.disk, DIRECTORY, 3 * SEGMENT_BYTES) == 2
    assert prune(world.disk, DIRECTORY, 0) == 3
    assert kept() == ["00000006-000"]


def test_trim_waits_for_archive_and_for_something_durable_behind() -> None:
    """Only whole closed segments at or below both limits go, and never so that nothing durable is left."""
    world = World(3)
    for _ in range(20):
        world.append(3)
    first, second, *_ = world.wal.closed(100)
    assert first == Closed(1, 1, first.last_seq)
    assert world.wal.trim(100, 100) == 0  # nothing was synced
    world.sync()
    assert world.wal.trim(100, first.last_seq - 1) == 0
    assert world.wal.trim(first.last_seq - 1, 100) == 0
    assert world.wal.trim(100, first.last_seq) == 1
    assert world.wal.closed(second.last_seq) == [second]
    assert world.wal.closed(second.last_seq - 1) == []
    with pytest.raises(LogGone, match=f"the oldest is {second.first_seq}"):
        world.wal.read(1, 100)
    world.check()
    world.restart(power_cut=True)
    world.check()


def test_reading() -> None:
    """From any entry, at least one, at most about what was asked for, never beyond a segment or the head."""
    world = World(3)
    for _ in range(9):
        world.append(4)
    for from_seq in range(1, 37):
        for max_bytes in (1, 2000, 10**6):
            run = world.wal.read(from_seq, max_bytes)
            assert run is not None
            assert run == world.run(from_seq, run.last_seq)
            assert len(run.data) <= max_bytes or run.last_seq - from_seq < 4  # the rest of one frame
        assert world.wal.hash_at(from_seq) == world.hash_of(from_seq)
    assert world.wal.read(37, 1) is None
    assert world.wal.hash_at(0) == GENESIS_HASH
    for beyond in (0, 38):
        with pytest.raises(ValueError, match="the log ends at 36"):
            world.wal.read(beyond, 1)


def test_epochs() -> None:
    """Where each ended, and of which one an entry is; a run may hold several."""
    world = World(3)
    world.append(2)
    new = [*entries(world.rng, 3, 2, 4), *entries(world.rng, 5, 1, 6)]
    world.wal.append(encode_run(world.wal.head_hash, new)[0], 0, 0)
    wanted = [(1, 2), (4, 4), (6, 5)]
    assert list(world.wal.ends) == wanted
    assert [world.wal.epoch_at(seq) for seq in range(6)] == [0, 1, 1, 4, 4, 6]
    assert list(world.restart(power_cut=False).ends) == wanted
    world.wal.rewrite_tail()
    world.wal.cut(4)
    assert list(world.wal.ends) == wanted[:2]
    with pytest.raises(BrokenInvariantError, match="epoch went back"):
        world.wal.append(encode_run(world.wal.head_hash, entries(world.rng, 5, 1, 3))[0], 0, 0)


def test_what_is_no_successor_is_a_bug() -> None:
    """A gap or another history never gets into the log."""
    world = World(3)
    world.append(2)
    for first_seq, prev_hash in [(4, world.wal.head_hash), (2, world.wal.head_hash), (3, GENESIS_HASH)]:
        run = encode_run(prev_hash, entries(world.rng, first_seq, 1, 1))[0]
        with pytest.raises(BrokenInvariantError, match="successor"):
            world.wal.append(run, 0, 0)
    big = encode_run(world.wal.head_hash, entries(world.rng, 3, 60, 1))[0]
    with pytest.raises(ValueError, match="a segment has 8192"):
        world.wal.append(big, 0, 0)
    for wrong in (0, 4095, 2**31):
        with pytest.raises(ValueError, match=r"want 4096\.\.1073741824, whole sectors"):
            Wal.recover(world.disk, DIRECTORY, segment_bytes=wrong)
