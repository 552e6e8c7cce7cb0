"""Rule 16 as stories: digests differ, and whose fault it is decides who goes on."""

import pytest

from ftnode.core import events as ev
from ftnode.core import messages as msg
from ftnode.core.fsm import State
from ftnode.core.state import Timing
from tests.core.cabinet import Cabinet, duplex

ACTIVE, STANDBY = 0, 1


def notes(cabinet: Cabinet, at: int, what: str) -> list[str]:
    return [line for line in cabinet.boxes[at].trace if f"Noted(what='{what}'" in line]


def broken(cabinet: Cabinet, at: int) -> str:
    """What the unit's disk says of its conviction."""
    promise = cabinet.boxes[at].disk.promise
    return "" if promise is None else promise.broken


def in_sync(cabinet: Cabinet) -> tuple[int, ...]:
    return cabinet.record.in_sync


@pytest.mark.parametrize("bad", [ACTIVE, STANDBY])
def test_who_contradicts_itself_goes_out_and_the_other_one_goes_on(bad: int) -> None:
    """On either unit: the sound one answers alone, what was not answered before is answered by it."""
    cabinet = duplex()
    assert cabinet.write()
    cabinet.boxes[bad].flipped = True
    assert not cabinet.write()
    cabinet.run(1000)
    good = 1 - bad
    assert not cabinet.boxes[bad].up, "its process ends: the next one begins with a clean memory"
    assert broken(cabinet, bad) == "memory is wrong"
    assert in_sync(cabinet) == (good,)
    assert cabinet.boxes[good].unit.state is State.ACTIVE
    assert cabinet.boxes[good].released_seq == cabinet.boxes[good].unit.log.head_seq
    assert cabinet.write()
    cabinet.boot(bad)
    cabinet.run(1000)
    assert cabinet.boxes[bad].unit.state is State.BROKEN


@pytest.mark.parametrize("bad", [ACTIVE, STANDBY])
def test_nothing_leaves_before_the_survivor_s_own_re_execution_agreed(bad: int) -> None:
    """Though the other one is known to be broken."""
    cabinet = duplex()
    good = 1 - bad
    cabinet.boxes[good].hold_trial = True
    cabinet.boxes[bad].flipped = True
    released = [box.released_seq for box in cabinet.boxes]
    cabinet.write()
    cabinet.run(5000)
    assert [box.released_seq for box in cabinet.boxes] == released
    assert cabinet.record.epoch == cabinet.boxes[good].unit.promise.epoch
    assert in_sync(cabinet) == (0, 1)
    assert notes(cabinet, good, "verdict")
    assert not cabinet.read(good)


@pytest.mark.parametrize("late", [ACTIVE, STANDBY])
def test_who_is_not_done_in_time_is_put_out(late: int) -> None:
    """And not a moment earlier: it lives and says so."""
    cabinet = duplex(Timing(arbitration_ms=2000))
    cabinet.boxes[late].hold_trial = True
    cabinet.contradict = True
    cabinet.write()
    cabinet.run(1900)
    assert in_sync(cabinet) == (0, 1)
    cabinet.run(1000)
    assert in_sync(cabinet) == (1 - late,)
    assert cabinet.write()


@pytest.mark.parametrize("gone", [ACTIVE, STANDBY])
def test_who_is_gone_is_put_out_at_once(gone: int) -> None:
    """A process that died in the middle of its trial cannot vouch for itself."""
    cabinet = duplex()
    cabinet.boxes[gone].hold_trial = True
    cabinet.contradict = True
    cabinet.write()
    cabinet.kill(gone)
    cabinet.run(1000)
    assert in_sync(cabinet) == (1 - gone,)
    assert cabinet.boxes[1 - gone].unit.trial is None
    assert cabinet.write()


def test_if_neither_contradicts_itself_both_stop() -> None:
    """No unit can say which digest is right: nothing leaves, a person has to look."""
    cabinet = duplex()
    cabinet.contradict = True
    before = cabinet.boxes[ACTIVE].released_seq
    cabinet.write()
    cabinet.run(1000)
    for box in cabinet.boxes:
        assert box.released_seq <= before
        assert "each unit agrees with its own re-execution" in broken(cabinet, box.unit.me)
    assert in_sync(cabinet) == (0, 1)


def test_if_both_contradict_themselves_both_stop() -> None:
    """Each convicts itself."""
    cabinet = duplex()
    for box in cabinet.boxes:
        box.flipped = True
    cabinet.contradict = True
    cabinet.write()
    cabinet.run(1000)
    assert cabinet.states() == "- -"
    assert broken(cabinet, ACTIVE)
    assert broken(cabinet, STANDBY)


def test_a_verdict_that_is_lost_on_the_way_is_said_again() -> None:
    """The partner hears of it late, not never."""
    cabinet = duplex()
    cabinet.boxes[ACTIVE].hold_trial = True
    cabinet.boxes[ACTIVE].flipped = True
    cabinet.write()
    cabinet.cut = {(STANDBY, ACTIVE)}
    cabinet.run(200)
    trial = cabinet.boxes[ACTIVE].unit.trial
    assert trial is not None
    assert trial.theirs is None
    cabinet.cut = set()
    cabinet.run(100)
    trial = cabinet.boxes[ACTIVE].unit.trial
    assert trial is not None
    assert trial.theirs == ""


def test_a_lone_active_that_contradicts_itself_begins_anew() -> None:
    """Nobody else may serve: its next process, with a clean memory, does."""
    cabinet = Cabinet()
    cabinet.boot(ACTIVE)
    cabinet.run(1000)
    assert cabinet.write()
    cabinet.boxes[ACTIVE].flipped = True
    cabinet.boot(STANDBY)
    cabinet.run(500)
    assert not cabinet.boxes[ACTIVE].up
    assert not broken(cabinet, ACTIVE)
    cabinet.boot(ACTIVE)
    cabinet.run(5000)
    assert cabinet.states() == "ACTIVE STANDBY"
    assert cabinet.write()


def test_a_newcomer_that_differs_is_put_away_and_the_lone_active_goes_on() -> None:
    """Also if it agrees with itself: out of the set its word is not against the active's."""
    cabinet = Cabinet()
    cabinet.boot(ACTIVE)
    cabinet.run(1000)
    cabinet.contradict = True
    cabinet.boot(STANDBY)
    cabinet.run(1000)
    assert broken(cabinet, STANDBY)
    assert cabinet.states().startswith("ACTIVE")
    assert cabinet.write()


def test_no_session_begins_while_it_is_not_known_who_is_wrong() -> None:
    """A new life of the partner has a clean memory; ours is still in doubt."""
    cabinet = duplex()
    cabinet.boxes[ACTIVE].hold_trial = True
    cabinet.contradict = True
    cabinet.write()
    cabinet.contradict = False
    cabinet.kill(STANDBY)
    cabinet.boot(STANDBY)
    cabinet.run(300)
    assert cabinet.boxes[ACTIVE].unit.partner is None or not cabinet.write()
    assert cabinet.boxes[STANDBY].unit.source is None


def test_words_of_another_doubt_change_nothing() -> None:
    """Each doubt is of one session."""
    cabinet = duplex()
    cabinet.boxes[ACTIVE].hold_trial = cabinet.boxes[STANDBY].hold_trial = True
    cabinet.contradict = True
    cabinet.write()
    before = cabinet.boxes[ACTIVE].unit.trial
    old = msg.Doubt(msg.Sid(7, 8, 9), STANDBY, 1, 0, 0, roots=False, done=True, fault="", heard=True)
    cabinet.send(STANDBY, old)
    cabinet.settle()
    after = cabinet.boxes[ACTIVE].unit.trial
    assert before is not None
    assert after is not None
    assert after.theirs is None


@pytest.mark.parametrize("bad", [ACTIVE, STANDBY])
def test_who_answers_a_question_wrongly_goes_out(bad: int) -> None:
    """Though all digests are equal: no entry has read yet what is wrong in its memory."""
    cabinet = duplex()
    cabinet.write()
    cabinet.boxes[bad].flipped = True
    cabinet.reads_differ = True
    assert not cabinet.read(ACTIVE)
    cabinet.reads_differ = False
    cabinet.run(1000)
    good = 1 - bad
    assert broken(cabinet, bad)
    assert in_sync(cabinet) == (good,)
    assert cabinet.read(good)


def test_reads_on_which_two_sound_units_disagree_get_no_answer_and_all_else_goes_on() -> None:
    """They changed on their way, or the application is not sure of itself: no unit is out for it."""
    cabinet = duplex()
    cabinet.reads_differ = True
    assert not cabinet.read(ACTIVE)
    cabinet.reads_differ = False
    cabinet.run(200)
    assert cabinet.states() == "ACTIVE STANDBY"
    assert cabinet.boxes[ACTIVE].reads_refused == 1
    assert cabinet.boxes[ACTIVE].unit.trial is None
    assert cabinet.boxes[STANDBY].unit.trial is None
    assert cabinet.write()
    assert cabinet.read(ACTIVE)


def test_a_last_word_that_is_lost_is_said_again() -> None:
    """The standby was done with the doubt, the active never heard that it knows."""
    cabinet = duplex()
    cabinet.reads_differ = True
    cabinet.boxes[ACTIVE].hold_trial = True
    cabinet.read(ACTIVE)
    cabinet.reads_differ = False
    seq = cabinet.boxes[ACTIVE].unit.log.head_seq
    cabinet.run(100)
    cabinet.cut = {(STANDBY, ACTIVE)}
    cabinet.post(ACTIVE, ev.Arbitrated(cabinet.now_ms, seq, ""))
    cabinet.settle()
    cabinet.run(100)
    assert cabinet.boxes[STANDBY].unit.trial is None
    assert cabinet.boxes[ACTIVE].unit.trial is not None
    cabinet.cut = set()
    cabinet.run(100)
    assert cabinet.boxes[ACTIVE].unit.trial is None
    assert cabinet.states() == "ACTIVE STANDBY"
    assert cabinet.write()


def test_a_read_leaves_only_when_the_standby_gave_the_same_answer() -> None:
    """Its acknowledgement of the barrier alone is not enough."""
    cabinet = duplex()
    cabinet.boxes[STANDBY].hold_reads = True
    assert not cabinet.read(ACTIVE)
    partner = cabinet.boxes[ACTIVE].unit.partner
    lead = cabinet.boxes[ACTIVE].unit.lead
    assert partner is not None
    assert lead is not None
    assert partner.barrier == lead.barrier
    cabinet.run(400)
    assert cabinet.boxes[ACTIVE].reads_released == 0


def test_reads_are_taken_again_where_the_standby_was_past_their_place() -> None:
    """And by whoever was not asked because its session began later."""
    cabinet = duplex()
    cabinet.boxes[STANDBY].hold_reads = True
    cabinet.read(ACTIVE)
    sid = cabinet.boxes[STANDBY].unit.source
    lead = cabinet.boxes[ACTIVE].unit.lead
    assert sid is not None
    assert lead is not None
    cabinet.post(STANDBY, ev.ReadsDone(cabinet.now_ms, sid.sid, lead.barrier, passed=True))
    cabinet.settle()
    assert any("TakeReadsBack" in line for line in cabinet.boxes[ACTIVE].trace)
    cabinet.boxes[STANDBY].hold_reads = False
    assert cabinet.read(ACTIVE)


@pytest.mark.parametrize("bad", [ACTIVE, STANDBY])
def test_a_rotten_disk_needs_no_person(bad: int) -> None:
    """Its unit gives way and takes everything anew; nobody has to clear it."""
    cabinet = duplex()
    cabinet.boxes[bad].flipped = cabinet.boxes[bad].rotten_disk = True
    cabinet.write()
    cabinet.run(1500)
    good = 1 - bad
    assert not broken(cabinet, bad)
    assert cabinet.boxes[good].unit.state is State.ACTIVE
    cabinet.boxes[bad].flipped = False
    if not cabinet.boxes[bad].up:
        cabinet.boot(bad, rot="slot 7 does not add up")
    cabinet.run(3000)
    assert any("FetchSnapshot" in line for line in cabinet.boxes[bad].trace)
    assert cabinet.write()


def prepare(cabinet: Cabinet, at: int, seq: int, roots: bytes = b"sound") -> None:
    """The unit has a checkpoint ready that adds up to this."""
    cabinet.post(at, ev.Prepared(cabinet.now_ms, seq, roots))
    cabinet.settle()


def written(cabinet: Cabinet, at: int) -> list[str]:
    return [line for line in cabinet.boxes[at].trace if "WriteCheckpoint" in line]


@pytest.mark.parametrize("first", [ACTIVE, STANDBY])
def test_a_checkpoint_is_written_when_both_would_write_the_same(first: int) -> None:
    """Whoever is ready first waits for the other one's word."""
    cabinet = duplex()
    cabinet.write(5)
    prepare(cabinet, first, 5)
    cabinet.run(1000)
    assert not written(cabinet, first)
    prepare(cabinet, 1 - first, 5)
    cabinet.run(400)
    assert len(written(cabinet, ACTIVE)) == len(written(cabinet, STANDBY)) == 1


@pytest.mark.parametrize("bad", [ACTIVE, STANDBY])
@pytest.mark.parametrize("first", [ACTIVE, STANDBY])
def test_who_would_write_something_else_is_tried_and_goes(first: int, bad: int) -> None:
    """Nothing of its own ever becomes the state on its disk, whoever comes second and sees the difference."""
    cabinet = duplex()
    cabinet.write(5)
    cabinet.boxes[bad].flipped = True
    cabinet.boxes[1 - bad].flipped = False
    prepare(cabinet, first, 5, b"wrong" if first == bad else b"sound")
    cabinet.run(150)
    prepare(cabinet, 1 - first, 5, b"sound" if first == bad else b"wrong")
    cabinet.run(1500)
    assert not written(cabinet, bad)
    assert broken(cabinet, bad)
    assert len(written(cabinet, 1 - bad)) == 1
    assert in_sync(cabinet) == (1 - bad,)
    assert cabinet.write()


def test_a_lone_active_writes_at_once_and_tells_a_newcomer() -> None:
    """It waits for nobody; who comes to the same checkpoint later holds its own against what was written."""
    cabinet = Cabinet()
    cabinet.boot(ACTIVE)
    cabinet.run(1000)
    cabinet.write(5)
    prepare(cabinet, ACTIVE, 5)
    assert len(written(cabinet, ACTIVE)) == 1
    cabinet.boot(STANDBY)
    cabinet.run(500)
    prepare(cabinet, STANDBY, 5)
    cabinet.run(300)
    assert len(written(cabinet, STANDBY)) == 1


def test_a_checkpoint_that_waits_is_written_when_its_partner_is_gone() -> None:
    """Nobody's word is waited for any more."""
    cabinet = duplex()
    cabinet.write(5)
    prepare(cabinet, ACTIVE, 5)
    cabinet.kill(STANDBY)
    cabinet.run(1000)
    assert len(written(cabinet, ACTIVE)) == 1


def test_what_an_earlier_life_said_of_its_roots_counts_for_nothing() -> None:
    """Its memory was wrong and is gone: two sound units would be set against each other by it."""
    cabinet = duplex()
    cabinet.write(5)
    prepare(cabinet, STANDBY, 5, b"wrong")
    cabinet.run(100)
    assert cabinet.boxes[ACTIVE].unit.told_roots is not None
    cabinet.kill(STANDBY)
    cabinet.boot(STANDBY)
    cabinet.run(1000)
    prepare(cabinet, ACTIVE, 5)
    cabinet.run(100)
    assert cabinet.boxes[ACTIVE].unit.trial is None
    prepare(cabinet, STANDBY, 5)
    cabinet.run(500)
    assert cabinet.states() == "ACTIVE STANDBY"
    assert written(cabinet, ACTIVE)


@pytest.mark.parametrize("first", [ACTIVE, STANDBY])
def test_who_sees_that_roots_differ_is_believed_at_once(first: int) -> None:
    """Else the other one, whose word was heard but not answered, might write alone when its time is over."""
    cabinet = duplex(Timing(resend_ms=5000))
    cabinet.write(5)
    cabinet.boxes[ACTIVE].hold_trial = cabinet.boxes[STANDBY].hold_trial = True
    prepare(cabinet, first, 5, b"wrong")
    cabinet.run(150)
    prepare(cabinet, 1 - first, 5)
    cabinet.run(150)
    assert [box.unit.trial is not None for box in cabinet.boxes] == [True, True]
