"""What comes too late or twice is passed over, and the reason is said: the rare ones, one by one."""

from msgspec.structs import replace

from ftnode.core import events as ev
from ftnode.core import messages as msg
from ftnode.core.effects import Ignore
from ftnode.core.fsm import State
from ftnode.core.promise import Promise
from ftnode.core.record import Record
from ftnode.core.state import NEVER, Timing, fresh
from ftnode.core.step import step
from tests.core.cabinet import Cabinet, duplex


def passed_over(cabinet: Cabinet, at: int, why: str) -> int:
    """How often a unit gave this reason to do nothing."""
    return sum(f"Ignore(why='{why}" in line for line in cabinet.boxes[at].trace)


def post(cabinet: Cabinet, at: int, event: ev.Event) -> None:
    cabinet.post(at, event)
    cabinet.settle()


def test_a_doubt_heard_again_begins_no_trial() -> None:
    """It was said in a session that is over; both units were cleared since and have changed places."""
    cabinet = duplex()
    old = msg.Doubt(msg.Sid(1, 2, 3), 1, 1, 0, 0, roots=False, done=False, fault="", heard=False)
    post(cabinet, 0, ev.Received(cabinet.now_ms, old))
    post(cabinet, 1, ev.Received(cabinet.now_ms, old))
    assert passed_over(cabinet, 0, "a doubt of another session")
    assert passed_over(cabinet, 1, "a doubt of another session")
    assert cabinet.states() == "ACTIVE STANDBY"
    assert cabinet.write()


def test_a_snapshot_that_fails_when_its_session_is_over() -> None:
    """Until it failed no session could begin; now the next one does."""
    cabinet = duplex()
    cabinet.kill(1)
    cabinet.blank(1)
    cabinet.run(500)
    cabinet.write(5)
    log = cabinet.boxes[0].unit.log
    post(cabinet, 0, ev.Checkpointed(cabinet.now_ms, log.compared_seq, log.compared_seq + 1))
    box = cabinet.boxes[1]
    box.hold_changes = True
    cabinet.boot(1)
    cabinet.run(200)
    cabinet.kill(0)
    cabinet.boot(0)
    cabinet.run(1_000)
    assert passed_over(cabinet, 1, "not yet: a snapshot is being fetched")
    assert box.unit.source is None
    box.hold_changes, box.held = False, []
    post(cabinet, 1, ev.SnapshotFailed(cabinet.now_ms, "nothing came"))
    assert passed_over(cabinet, 1, "a snapshot that nobody waits for failed")
    cabinet.run(1_000)
    assert cabinet.states() == "ACTIVE STANDBY"


def test_an_answer_of_the_witness_that_the_partner_s_hello_overtook() -> None:
    """The record of the hello stands: it is newer, and the witness gave it after this one."""
    promise = Promise("shop", 1, "w1", boot=1, epoch=7, incarnation="b")
    old = Record("shop", "w1", 7, 1, (0, 1), ((0, "a"), (1, "b")))
    new = replace(old, epoch=8, active=0)
    unit = replace(
        fresh(Timing(), 1, "shop"), state=State.DUPLEXING, promise=promise, want=promise, record=new
    )
    after, effects = step(replace(unit, op=3, reading=3), ev.RecordRead(5, 3, old, 0, 5))
    assert Ignore("an older record") in effects
    assert after.record == new
    assert after.reading == 0


def test_a_comparison_that_ends_when_its_session_is_over() -> None:
    """Whatever it says: who was compared is not in the set any more."""
    cabinet = duplex()
    cabinet.write(2)
    cabinet.kill(1)
    cabinet.run(1_000)
    post(cabinet, 0, ev.Compared(cabinet.now_ms, 2, equal=False))
    assert passed_over(cabinet, 0, "comparison after the session ended")
    assert cabinet.boxes[0].unit.state is State.ACTIVE
    assert cabinet.write()


def test_a_comparison_of_an_older_session_says_so() -> None:
    """In this session the partner has acknowledged nothing so far."""
    cabinet = duplex()
    cabinet.write(2)
    box = cabinet.boxes[0]
    assert box.unit.partner is not None
    box.unit = replace(box.unit, partner=replace(box.unit.partner, acked_seq=0, compared_seq=0))
    post(cabinet, 0, ev.Compared(cabinet.now_ms, 2, equal=False))
    assert passed_over(cabinet, 0, "comparison of an older session")
    assert box.unit.state is State.ACTIVE


def test_entries_that_come_again_when_all_is_repaired() -> None:
    """Nothing is rotten here any more: they are put nowhere."""
    cabinet = duplex()
    cabinet.write(2)
    post(cabinet, 1, ev.Received(cabinet.now_ms, msg.Fetched(0, cabinet.boxes[1].unit.life, (1,))))
    assert passed_over(cabinet, 1, "entries that nobody asked for")
    assert not any("Repair(" in line for line in cabinet.boxes[1].trace)


def test_a_tail_cut_that_ends_when_its_session_is_over() -> None:
    """The log is whole, and the unit looks for its active anew."""
    cabinet = duplex()
    cabinet.cut = {(0, 1), (1, 0), (0, 2)}
    cabinet.write(3)
    cabinet.run(1_000)
    cabinet.boxes[0].hold_changes = True
    cabinet.cut = set()
    cabinet.run(200)
    cabinet.kill(1)
    cabinet.boot(1)
    cabinet.run(1_000)
    assert passed_over(cabinet, 0, "not yet: the tail is being cut")
    hello = cabinet.boxes[0].unit.hello
    cabinet.let_go(0)
    assert passed_over(cabinet, 0, "the session ended while the tail was cut") == 1
    assert cabinet.boxes[0].unit.hello == hello + 1
    assert cabinet.boxes[0].unit.timers.hello_ms == NEVER
    cabinet.run(1_000)
    assert cabinet.states() == "STANDBY ACTIVE"
