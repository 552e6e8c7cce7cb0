"""Corrupt is not absent: what rots below the mark is named, never cut, never skipped, and can be repaired."""

from random import Random

import pytest

from chaos.sim.disk import StoppedError
from ftnode.store.entry import Run
from ftnode.store.wal_faults import LogFault, LogRotten, LogShort, LogUnusable
from ftnode.store.wal_frame import HEADER_BYTES, Frame
from ftnode.store.wal_scan import segment_name
from tests.store.log_world import DIRECTORY, World, frame_of, frames_on, spoil


def _world(batches: int = 16) -> World:
    """A few segments of durable entries, with a mark that says so."""
    world = World(5)
    world.live()
    for _ in range(batches):
        world.append(3)
        world.sync()
    world.wal.mark_idle(0, 0)
    world.sync()
    return world


BYTES = {  # byte of a frame, what flipping a bit of it spoils
    "magic": 0,
    "header": 70,
    "header's hash": HEADER_BYTES - 1,
    "length of the first entry": HEADER_BYTES,
    "body of the first entry": HEADER_BYTES + 66,
}


@pytest.mark.parametrize("byte", BYTES.values(), ids=BYTES)
def test_every_frame_wherever_it_rots(byte: int) -> None:
    """Found at boot, exactly this frame; repaired from the other unit; the next boot finds nothing."""
    world = _world()
    for frame in frames_on(world.disk):
        spoil(world.disk, frame, byte)
        if frame.last_seq < frame.first_seq and byte >= HEADER_BYTES:
            continue  # behind the marks of a frame that has only these lies nothing
        found = world.restart(power_cut=True)
        carries = frame.last_seq >= frame.first_seq
        assert found.rotten == (((frame.first_seq, frame.last_seq),) if carries else ())
        assert (found.head_seq, found.short) == (world.head_seq, False)
        _repair_and_go_on(world, found.clean)


def _repair_and_go_on(world: World, clean: bool) -> None:
    assert clean or world.found.torn  # the newest mark itself was hit
    world.live()
    world.repair_all()
    world.check()
    world.wal.mark_idle(world.head_seq, 0)
    world.sync()
    world.commit_seq = world.head_seq
    assert world.restart(power_cut=True).rotten == ()
    world.live()
    world.check()


RANGES = [  # first and last seq of what is overwritten with noise, in a log of 48 entries
    (1, 3),  # the first frame
    (1, 30),  # the first segments, as a whole
    (4, 9),  # two frames in a row
    (7, 42),  # from the middle of one segment into another, everything between gone
]


@pytest.mark.parametrize("missing", [False, True], ids=["noise", "missing files"])
@pytest.mark.parametrize("span", RANGES)
def test_long_stretches(span: tuple[int, int], missing: bool) -> None:
    """Neighbouring frames, whole segments, lost files: one hole, and everything fits back in."""
    world = _world()
    rng = Random(3)
    lost = [one for one in frames_on(world.disk) if one.last_seq >= span[0] and one.first_seq <= span[1]]
    for frame in lost:
        _overwrite(world, frame, rng)
    numbers = {frame.segment for frame in frames_on(world.disk)}
    for number in {frame.segment for frame in lost} - numbers:
        if missing:
            world.disk.unlink(f"{DIRECTORY}/{segment_name(number)}")
    found = world.restart(power_cut=False)
    assert not found.torn
    assert world.head_seq == found.head_seq
    if found.first_seq == 1:
        assert found.rotten == (span,)
        world.live()
        world.repair_all()
        world.check()
        world.restart(power_cut=True)
        world.live()
        world.check()
    else:  # the oldest segments went as a whole: the log begins later
        assert span[0] == 1
        assert found.first_seq in (span[1] + 1, frame_of(world.disk, span[1] + 1).segment_seq)


def _overwrite(world: World, frame: Frame, rng: Random) -> None:
    file = world.disk.open(f"{DIRECTORY}/{segment_name(frame.segment)}")
    file.pwrite(rng.randbytes(frame.span_bytes), frame.at)
    file.fdatasync()


@pytest.mark.parametrize("byte", BYTES.values(), ids=BYTES)
def test_above_the_mark_its_end_is_cut(byte: int) -> None:
    """The last batch was synced, but no mark says so: it is cut, a copy is kept, and the boot says that it
    had been written as a whole: no crash leaves that, it may have been acknowledged."""
    world = _unmarked()
    durable = world.durable_seq
    spoil(world.disk, frame_of(world.disk, durable), byte)
    found = world.restart(power_cut=True)
    assert (found.head_seq, found.torn, found.rotten_end, found.rotten) == (durable - 2, True, True, ())
    assert world.told == [(durable - 1, True)]
    copies = world.disk.listdir(f"{DIRECTORY}/audit")
    assert [name.split("-")[1:3] for name in copies] == [["torn", str(durable - 1)]]
    world.durable_seq = durable - 2
    world.accept_head()
    world.live()
    world.check()


def _unmarked() -> World:
    world = _world()
    world.append(2)
    world.sync()
    return world


def test_what_a_power_cut_tears_is_never_taken_for_rot() -> None:
    """Whichever sectors of the last writes arrived: what is cut was not written as a whole."""
    cut = 0
    for seed in range(150):
        world = World(seed)
        world.live()
        for _ in range(6):
            world.append(3)
            world.sync()
        for _ in range(3):
            world.append(2)  # several in flight, nothing of it acknowledged
        found = world.restart(power_cut=True)
        assert not found.rotten_end
        assert world.told == ([(found.head_seq + 1, False)] if found.torn else [])
        cut += found.torn
        world.accept_head()
    assert cut > 40


@pytest.mark.parametrize("power_cut", [False, True])
def test_nothing_is_cut_that_was_not_told_before(power_cut: bool) -> None:
    """Whichever step of the start is its last one: as long as nobody was told, the next start finds it all
    again. Told twice is fine."""
    ended = 0
    for step in range(1, 40):
        world = _unmarked()
        spoil(world.disk, frame_of(world.disk, world.durable_seq))
        try:
            world.restart(power_cut=False, but_stop=step)
        except StoppedError:
            ended += 1
        told = list(world.told)
        found = world.restart(power_cut=power_cut)
        first_seq = world.durable_seq - 1
        assert found.head_seq == first_seq - 1
        assert told == [(first_seq, True)] or world.told[len(told) :] == [(first_seq, True)]
    assert 3 < ended < 39


def test_rot_that_is_met_while_a_log_is_cut_ends_its_life() -> None:
    """A cut reads the log anew. What cannot be read then has to be noted by a start before it goes."""
    world = _world()
    world.append(2)
    world.append(2)
    spoil(world.disk, frame_of(world.disk, world.head_seq - 2))  # written, not synced, below the cut
    with pytest.raises(LogUnusable, match="met while the log was changed"):
        world.cut(world.head_seq - 1)
    assert world.told == []
    found = world.restart(power_cut=False)
    assert found.rotten_end
    assert len(world.told) == 1


def test_a_checkpoint_knows_better_than_the_mark() -> None:
    """What the caller knows to have been durable is not cut, even if no mark in the log says so."""
    world = _world()
    world.append(2)
    world.append(2)
    world.sync()
    spoil(world.disk, frame_of(world.disk, world.head_seq - 2))
    world.checkpoint_seq = world.head_seq - 2
    found = world.restart(power_cut=True)
    assert (found.rotten, found.torn) == (((world.head_seq - 3, world.head_seq - 2),), False)
    world.live()
    world.repair_all()
    world.check()


def test_a_hole_over_the_mark_is_split_there() -> None:
    """Below it rot, to be repaired up to the hash that the mark names; above it a torn tail."""
    world = _world()
    world.append(2)
    world.sync()  # the next frame will say that these are durable
    middle = world.head_seq
    for _ in range(3):
        world.append(2)
    spoil(world.disk, frame_of(world.disk, middle), byte=3)
    spoil(world.disk, frame_of(world.disk, middle + 1), byte=3)
    found = world.restart(power_cut=False)
    assert (found.rotten, found.head_seq, found.torn) == (((middle - 1, middle),), middle, True)
    assert found.rotten_end  # one fault is likelier than two
    world.accept_head()
    world.append(4)
    world.live()
    world.repair_all()
    world.check()
    world.restart(power_cut=True)
    world.check()


def test_a_log_shorter_than_its_mark_is_broken() -> None:
    """Not behind: nothing may be appended, nothing is wiped; only beginning anew helps."""
    world = _world()
    number = frames_on(world.disk)[-1].segment
    world.checkpoint_seq = world.head_seq
    world.disk.unlink(f"{DIRECTORY}/{segment_name(number)}")
    for _ in range(2):
        found = world.restart(power_cut=False)
        assert (found.short, found.torn, found.rotten) == (True, False, ())
        assert found.head_seq < world.head_seq
    run = world.run(found.head_seq + 1, world.head_seq)
    with pytest.raises(LogShort, match="below its durable mark"):
        world.wal.append(run, 0, 0)
    world.reset(1000, 9)
    world.append(2)
    world.sync()
    world.restart(power_cut=True)
    world.check()


def test_rot_that_shows_while_running() -> None:
    """Reading never gives a wrong byte; the scrubber finds what nobody reads; strangers repair nothing."""
    world = _world()
    bad = frame_of(world.disk, 10)
    spoil(world.disk, bad)
    for ask in (lambda: world.wal.read(10, 100), lambda: world.wal.hash_at(11)):
        with pytest.raises(LogRotten, match=r"entries 10\.\.12 are rotten") as fault:
            ask()
        assert (fault.value.first_seq, fault.value.last_seq) == (10, 12)
    assert list(world.wal.rotten) == [(10, 12)]
    assert world.wal.hash_at(9) == world.hash_of(9)
    assert world.wal.hash_at(12) == world.hash_of(12)  # the successor says it
    before = world.wal.read(7, 100_000)
    assert before is not None
    assert before.last_seq == 9  # up to the hole

    spoil(world.disk, frame_of(world.disk, 40))
    world.scrub_all()
    assert list(world.wal.rotten) == [(10, 12), (40, 42)]

    for stranger, says in [
        (world.run(1, 9), "repair nothing"),
        (_stranger(10, 12), "not those of this log"),
    ]:
        with pytest.raises(LogFault, match=says):
            world.wal.repair(stranger)
    world.append(1)
    world.wal.repair(world.run(8, 14))  # more than asked for is fine
    world.repair_all()
    world.check()
    world.restart(power_cut=True)
    world.check()


def _stranger(first_seq: int, last_seq: int) -> Run:
    """Entries of another history with the same seqs."""
    other = World(6)
    for _ in range(last_seq):
        other.append(1)
    return other.run(first_seq, last_seq)


def test_closed_segments_below_the_checkpoint_are_not_read_at_boot() -> None:
    """Their rot shows when they are read, or by the scrubber."""
    world = _world()
    spoil(world.disk, frame_of(world.disk, 23))
    world.checkpoint_seq = 40
    assert world.restart(power_cut=True).rotten == ()
    with pytest.raises(LogRotten):
        world.wal.read(22, 100)
    world.live()
    world.repair_all()
    world.check()


def test_rotten_note_of_a_cut_and_unreadable_log() -> None:
    """Where not even the log's extent can be known, it says so and refuses."""
    world, step = _world(), 1
    while "cut" not in world.disk.listdir(DIRECTORY):
        world, step = _world(), step + 1
        world.disk.stop_after = world.disk.steps + step
        with pytest.raises(StoppedError):
            world.cut(20)
    world.disk.kill()
    world.disk.flip(f"{DIRECTORY}/cut", 300)
    with pytest.raises(LogFault, match="note of a cut is rotten"):
        world.restart(power_cut=False)

    world = World(1)
    spoil(world.disk, frames_on(world.disk)[0], byte=0)
    with pytest.raises(LogFault, match="not one readable frame"):
        world.restart(power_cut=True)
