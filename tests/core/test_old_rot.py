"""Rot in entries that the checkpoint holds already: mended if somebody can, never a reason to stand still."""

import pytest
from msgspec.structs import replace

from ftnode.core import events as ev
from ftnode.core import messages as msg
from ftnode.core.saying import hello
from tests.core.cabinet import Cabinet, duplex


def alone_with_rot(rotten: tuple[int, ...], checkpoint_seq: int) -> Cabinet:
    """Unit 0 was the only one in sync, died, and comes back with rot; nothing is heard of unit 1."""
    cabinet = duplex()
    cabinet.kill(1)
    cabinet.run(500)
    cabinet.write(5)
    cabinet.kill(0)
    cabinet.boot(0, rotten=rotten, checkpoint_seq=checkpoint_seq)
    return cabinet


def test_a_unit_alone_goes_on_without_what_its_checkpoint_holds() -> None:
    """It waits for the partner as long as after any boot, then begins its log behind the rot."""
    cabinet = alone_with_rot(rotten=(2,), checkpoint_seq=4)
    cabinet.run(cabinet.timing.boot_wait_ms - 500)
    assert cabinet.states() == "DIAGNOSTICS -"
    cabinet.run(cabinet.timing.boot_wait_ms + 2_000)
    assert cabinet.states() == "ACTIVE -"
    assert cabinet.write()
    assert cabinet.boxes[0].unit.log.first_seq == 3
    cabinet.boot(1)
    cabinet.run(2_000)
    assert cabinet.states() == "ACTIVE STANDBY"


@pytest.mark.parametrize("checkpoint_seq", [1, 3])
def test_a_unit_alone_does_not_guess_what_no_checkpoint_holds(checkpoint_seq: int) -> None:
    """Entries that were answered are in it: refuse rather than lose them."""
    cabinet = alone_with_rot(rotten=(2, 4), checkpoint_seq=checkpoint_seq)
    cabinet.run(3 * cabinet.timing.boot_wait_ms)
    assert cabinet.states() == "DIAGNOSTICS -"


def test_who_has_an_active_takes_its_snapshot_rather_than_live_with_a_hole() -> None:
    """The log is whole again by that; one with a hole is never trimmed."""
    cabinet = duplex()
    cabinet.write(5)
    cabinet.kill(1)
    cabinet.run(500)
    cabinet.cut = {(0, 1)}
    cabinet.boot(1, rotten=(2,), checkpoint_seq=4)
    box = cabinet.boxes[1]
    active = cabinet.boxes[0].unit
    cabinet.post(1, ev.Received(cabinet.now_ms, hello(active)))
    cabinet.post(1, ev.Received(cabinet.now_ms, msg.Fetched(0, box.unit.life, ())))
    cabinet.settle()
    assert "join anew" in box.unit.unfit
    cabinet.cut = set()
    cabinet.run(2_000)
    assert cabinet.states() == "ACTIVE STANDBY"
    assert not box.unit.unfit


def test_an_operator_who_brings_it_up_gives_the_partner_its_time() -> None:
    """A unit that was taken out before its rot was mended."""
    cabinet = alone_with_rot(rotten=(2,), checkpoint_seq=4)
    box = cabinet.boxes[0]
    cabinet.kill(0)
    assert box.disk.promise is not None
    box.disk.promise = replace(box.disk.promise, offline=True)
    cabinet.boot(0, rotten=(2,), checkpoint_seq=4)
    cabinet.run(3 * cabinet.timing.boot_wait_ms)
    cabinet.post(0, ev.BringUpAsked(cabinet.now_ms))
    cabinet.settle()
    cabinet.run(cabinet.timing.boot_wait_ms - 500)
    assert cabinet.states() == "DIAGNOSTICS -"
    assert box.unit.rotten


@pytest.mark.parametrize("checkpoint_seq", [1, 4])
def test_a_partner_that_lacks_them_too_is_no_obstacle(checkpoint_seq: int) -> None:
    """Its log may begin later. Below the checkpoint we stay fit to serve; above it we have to join anew."""
    cabinet = alone_with_rot(rotten=(2,), checkpoint_seq=checkpoint_seq)
    box = cabinet.boxes[0]
    cabinet.run(50)
    cabinet.post(0, ev.Received(cabinet.now_ms, msg.Fetched(1, box.unit.life, ())))
    cabinet.settle()
    assert cabinet.states() == "DUPLEXING -"
    assert bool(box.unit.unfit) is (checkpoint_seq < 2)
    cabinet.run(2 * cabinet.timing.boot_wait_ms)
    assert (cabinet.states() == "ACTIVE -") is (checkpoint_seq >= 2)
