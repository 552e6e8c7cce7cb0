"""Rot in entries that the checkpoint holds already: mended if somebody can, never a reason to stand still."""

import pytest

from ftnode.core import events as ev
from ftnode.core import messages as msg
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
