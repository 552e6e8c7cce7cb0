"""Every operation of the log, ended in every one of its steps, by a kill and by power cuts.

After each: the log opens, holds everything that a sync had covered, nothing that it was not given,
and goes on working. What was cut does not come back.
"""

from collections.abc import Callable
from contextlib import suppress

import pytest

from chaos.sim.disk import StoppedError
from tests.store.log_world import World

Deed = Callable[[World], None]
MOST_STEPS = 400


def _with_history(world: World) -> None:
    """Several segments: 50 durable entries, 9 of them committed, then three that no sync has covered."""
    world.live()
    for _ in range(12):
        world.append(4)
        world.wal.prepare()
    world.sync()
    world.commit_seq = 9
    world.append(2)
    world.sync()
    world.epoch = 3
    world.append(3)


def append_and_roll(world: World) -> None:
    """Enough batches to fill more than a segment, with and without a spare."""
    for number in range(5):
        if number % 2:
            world.wal.prepare()
        world.append(3)
        if number == 3:
            world.sync()


def sync_marks(world: World) -> None:
    """The marks by themselves."""
    world.sync()
    world.wal.mark_idle(world.durable_seq, 0)
    world.wal.probe()
    world.sync()


def cut_inside(world: World) -> None:
    """The border is in the middle of a batch that lies before a segment's end."""
    world.cut(34)


def cut_at_border(world: World) -> None:
    """The border lies between two batches."""
    world.cut(32)


def cut_unsynced(world: World) -> None:
    """Only what no sync has covered goes."""
    world.cut(50)


def cut_twice(world: World) -> None:
    """A cut, other entries in its place, and another cut."""
    world.cut(49)
    world.epoch = 4
    world.append(2)
    world.cut(35)
    world.append(1)
    world.sync()


def trim(world: World) -> None:
    """The oldest segments go."""
    world.wal.trim(40, 40)


def reset(world: World) -> None:
    """A snapshot came."""
    world.reset(900, 5)


DEEDS: list[Deed] = [
    append_and_roll,
    sync_marks,
    cut_inside,
    cut_at_border,
    cut_unsynced,
    cut_twice,
    trim,
    reset,
]


@pytest.mark.parametrize("power_cut", [False, True], ids=["kill", "power"])
@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.__name__)
def test_stopped_in_every_step(deed: Deed, power_cut: bool) -> None:
    """Nothing durable is lost, nothing comes back, and the log goes on."""
    for seed in range(2 if power_cut else 1):
        for step in range(1, MOST_STEPS):
            world = World(seed * 1000 + step)
            _with_history(world)
            world.disk.stop_after = world.disk.steps + step
            try:
                deed(world)
            except StoppedError:
                _come_back(world, power_cut)
            else:
                world.disk.stop_after = None
                world.check()
                break
        else:
            pytest.fail("never ended")


def _come_back(world: World, power_cut: bool) -> None:
    """Restart, stopped in that as well, and work on; then the power goes once more."""
    for step in (3, 1, 7, 2):
        with suppress(StoppedError):
            world.restart(power_cut=power_cut, but_stop=step)
    found = world.restart(power_cut=power_cut)
    assert (found.short, found.rotten) == (False, ())
    world.accept_head()
    world.check()
    world.live()
    world.append(3)
    world.sync()
    world.restart(power_cut=True)
    assert not world.found.torn
    world.check()


def test_segments_go_from_the_oldest_on() -> None:
    """Whatever a power cut keeps of a trim: never a segment without the one behind it."""
    for seed in range(40):
        world = World(seed)
        _with_history(world)
        world.disk.stop_after = world.disk.steps + 2 + seed % 5
        with suppress(StoppedError):
            world.wal.trim(45, 45)
        assert world.restart(power_cut=True).rotten == ()
        world.accept_head()
        world.check()
