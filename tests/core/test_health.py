"""Parts that are ill, as stories: who goes out, who stays, and how little happens. (rules 8, 9)"""

from ftnode.core import events as ev
from ftnode.core.fsm import State
from ftnode.core.state import Timing
from tests.core.cabinet import Cabinet, duplex

SLOW = "its disk is slow"


def judge(cabinet: Cabinet, at: int, ailing: str = "", link: str = "", worn: str = "") -> None:
    """The shell says what it found."""
    cabinet.post(at, ev.Judged(cabinet.now_ms, ailing, link, worn))
    cabinet.settle()


def test_an_ill_active_hands_over_once_and_stays_out_until_it_is_well() -> None:
    """One change of the active for the fault; one of the set when it is over."""
    cabinet = duplex()
    epoch = cabinet.record.epoch
    judge(cabinet, 0, SLOW)
    cabinet.run(5_000)
    assert (cabinet.record.active, cabinet.record.in_sync) == (1, (1,))
    assert cabinet.record.epoch == epoch + 1
    assert cabinet.states() == "DUPLEXING ACTIVE"
    assert cabinet.write()
    judge(cabinet, 0)
    cabinet.run(1_000)
    assert cabinet.states() == "STANDBY ACTIVE"
    assert cabinet.record.epoch == epoch + 2


def test_an_ill_standby_is_put_out_with_its_reason_and_comes_back_when_it_is_well() -> None:
    """It is the active that puts it out, by the standby's own word; the active never changes."""
    cabinet = duplex()
    epoch = cabinet.record.epoch
    judge(cabinet, 1, SLOW)
    cabinet.run(5_000)
    assert (cabinet.record.active, cabinet.record.in_sync, cabinet.record.epoch) == (0, (0,), epoch + 1)
    peer = cabinet.boxes[0].unit.peer
    assert peer is not None
    assert peer.ailing == SLOW
    assert any(f"ill: {SLOW}" in line for line in cabinet.boxes[0].trace)
    judge(cabinet, 1)
    cabinet.run(1_000)
    assert cabinet.states() == "ACTIVE STANDBY"


def test_if_both_are_ill_nobody_moves() -> None:
    """Being alone, or active instead of the other, would help no till."""
    cabinet = duplex()
    epoch = cabinet.record.epoch
    judge(cabinet, 1, SLOW)
    judge(cabinet, 0, SLOW)
    cabinet.run(5_000)
    assert (cabinet.states(), cabinet.record.epoch) == ("ACTIVE STANDBY", epoch)
    assert cabinet.write()


def test_an_ill_active_without_a_standby_goes_on() -> None:
    """The last one never gives up; and it takes in a unit that is well, to hand over to it."""
    cabinet = duplex()
    cabinet.kill(1)
    cabinet.run(1_000)
    judge(cabinet, 0, SLOW)
    cabinet.run(1_000)
    assert cabinet.states() == "ACTIVE -"
    assert cabinet.write()
    cabinet.boot(1)
    cabinet.run(1_000)
    assert cabinet.record.active == 1


def test_an_ill_active_that_cannot_drain_hands_over_as_it_is() -> None:
    """What it gave out is in the standby's log; nothing of it is lost, and nobody waits for the ill disk."""
    cabinet = duplex(Timing(sick_ms=5_000))
    cabinet.boxes[0].hold_disk = True
    assert not cabinet.write(3)
    judge(cabinet, 0, SLOW)
    cabinet.run(700)
    assert cabinet.record.active == 1
    assert cabinet.boxes[1].released_seq >= cabinet.boxes[0].unit.log.head_seq


def test_a_handover_that_nobody_takes_up_is_not_asked_for_again_and_again() -> None:
    """Without a witness the standby cannot win: the ill active goes on meanwhile."""
    cabinet = duplex()
    cabinet.witness_up = False
    judge(cabinet, 0, SLOW)
    cabinet.run(5_000)
    assert sum("Noted(what='switchover'" in line for line in cabinet.boxes[0].trace) == 1
    assert cabinet.write()


def test_over_a_bad_link_the_active_goes_on_alone() -> None:
    """Both are well: it is the standby that goes out, and no session begins before the link is mended."""
    cabinet = duplex()
    epoch = cabinet.record.epoch
    judge(cabinet, 0, link="entries are lost on the way")
    cabinet.run(5_000)
    assert (cabinet.record.active, cabinet.record.in_sync, cabinet.record.epoch) == (0, (0,), epoch + 1)
    judge(cabinet, 0)
    cabinet.run(1_000)
    assert cabinet.states() == "ACTIVE STANDBY"


def test_a_bad_link_that_only_the_standby_sees_keeps_it_out() -> None:
    """It went out, for it was silent; taken in over the same link it would go out again and again."""
    cabinet = duplex()
    cabinet.kill(1)
    cabinet.run(1_000)
    cabinet.boot(1)
    judge(cabinet, 1, link="packets are lost")
    epoch = cabinet.record.epoch
    cabinet.run(5_000)
    assert (cabinet.record.in_sync, cabinet.record.epoch) == ((0,), epoch)
    judge(cabinet, 1)
    cabinet.run(1_000)
    assert (cabinet.states(), cabinet.record.epoch) == ("ACTIVE STANDBY", epoch + 1)
    judge(cabinet, 1, link="packets are lost")  # in the set it serves: the active puts out whom it must
    cabinet.run(5_000)
    assert (cabinet.states(), cabinet.record.epoch) == ("ACTIVE STANDBY", epoch + 1)


def test_a_worn_standby_is_broken_until_it_is_cleared() -> None:
    """Rule 9: one that flaps stays out by its MTBF, also over restarts."""
    cabinet = duplex()
    judge(cabinet, 1, worn="6 faults")
    cabinet.run(2_000)
    box = cabinet.boxes[1]
    assert (box.unit.state, box.unit.promise.broken) == (State.BROKEN, "6 faults")
    cabinet.kill(1)
    cabinet.boot(1)
    cabinet.run(2_000)
    assert box.unit.state is State.BROKEN
    cabinet.post(1, ev.BringUpAsked(cabinet.now_ms))
    cabinet.run(2_000)
    assert cabinet.states() == "ACTIVE STANDBY"


def test_a_worn_active_hands_over_first() -> None:
    """Then it is out, and broken."""
    cabinet = duplex()
    judge(cabinet, 0, worn="6 faults")
    cabinet.run(2_000)
    assert cabinet.states() == "BROKEN ACTIVE"
    assert cabinet.write()


def test_a_worn_unit_that_the_data_depends_on_serves() -> None:
    """The record names it alone: whatever its faults, nobody else could answer."""
    cabinet = duplex()
    cabinet.kill(1)
    cabinet.run(1_000)
    cabinet.kill(0)
    cabinet.boot(0)
    judge(cabinet, 0, worn="6 faults")
    cabinet.run(5_000)
    assert cabinet.states() == "ACTIVE -"
    assert cabinet.write()


def test_after_an_outage_of_both_the_well_one_begins() -> None:
    """With {0, 1} on record and equal logs unit 0 would; it is ill, and unit 1 is there."""
    cabinet = duplex()
    for at in (0, 1):
        cabinet.kill(at)
    for at in (0, 1):
        cabinet.boot(at)
    judge(cabinet, 0, SLOW)
    cabinet.run(5_000)
    assert cabinet.record.active == 1


def test_a_full_unit_is_not_taken_in_by_one_that_is_ill_too() -> None:
    """It could not take what it would be sent; a unit that is only slow could."""
    cabinet = duplex()
    cabinet.post(1, ev.Judged(cabinet.now_ms, "the disk is nearly full", "", "", full=True))
    cabinet.run(1_000)
    judge(cabinet, 0, SLOW)
    cabinet.run(2_000)
    assert cabinet.states() == "ACTIVE DUPLEXING"
    judge(cabinet, 1, SLOW)
    cabinet.run(2_000)
    assert cabinet.states() == "ACTIVE STANDBY"


def test_why_the_other_one_went_out_is_known_until_it_is_back() -> None:
    """The suspicion ends with the session; whoever asks later still wants to know."""
    cabinet = duplex()
    cabinet.cut = {(1, 0), (0, 1)}
    cabinet.run(2_000)
    assert cabinet.boxes[0].unit.suspect == ""
    assert "silent" in cabinet.boxes[0].unit.lost
    cabinet.cut = set()
    cabinet.run(2_000)
    assert cabinet.states() == "ACTIVE STANDBY"
    assert cabinet.boxes[0].unit.lost == ""
