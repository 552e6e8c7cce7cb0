"""Rule 16 where something else happens at once: late swaps, pauses, snapshots, words that come twice."""

import pytest
from msgspec.structs import replace

from ftnode.core import arbitration, rules
from ftnode.core import events as ev
from ftnode.core import messages as msg
from ftnode.core.ends import cut
from ftnode.core.fsm import State
from ftnode.core.state import Timing, Trial
from tests.core.cabinet import Cabinet, duplex
from tests.core.test_arbitration import ACTIVE, STANDBY, broken, in_sync, notes, prepare, written


def trial_of(cabinet: Cabinet, at: int) -> Trial:
    trial = cabinet.boxes[at].unit.trial
    assert trial is not None
    return trial


def disagreed(cabinet: Cabinet) -> msg.Doubt:
    """Reads got no answer, both units are sound, the doubt is over; the standby's last word of it."""
    cabinet.reads_differ = True
    cabinet.read(ACTIVE)
    cabinet.reads_differ = False
    cabinet.run(300)
    assert cabinet.boxes[ACTIVE].unit.trial is cabinet.boxes[STANDBY].unit.trial is None
    said = cabinet.boxes[STANDBY].unit.agreed
    assert said is not None
    return said


def joining(cabinet: Cabinet) -> None:
    """A lone active, and a newcomer whose digest differs."""
    cabinet.boot(ACTIVE)
    cabinet.run(1000)
    assert cabinet.write()
    cabinet.contradict = True
    cabinet.boot(STANDBY)


def test_when_both_are_over_a_doubt_neither_says_more() -> None:
    """A word that was doubled on its way would be answered, and the answer answered, for ever."""
    cabinet = duplex()
    said = disagreed(cabinet)
    cabinet.send(STANDBY, replace(said, over=False))
    cabinet.settle()
    assert cabinet.states() == "ACTIVE STANDBY"


def test_an_old_word_begins_no_doubt_again() -> None:
    """The standby would wait for a verdict that is not coming, and take over from a sound active."""
    cabinet = duplex(Timing(arbitration_ms=1000))
    first = disagreed(cabinet)
    second = disagreed(cabinet)
    assert first.barrier < second.barrier
    epoch = cabinet.record.epoch
    cabinet.send(ACTIVE, replace(first, unit=ACTIVE, done=False, over=False))
    cabinet.settle()
    cabinet.run(3000)
    assert cabinet.record.epoch == epoch


def test_a_takeover_that_lands_in_a_doubt_answers_nothing_before_its_own_trial() -> None:
    """It was asked for before digests differed; who won it may be the one whose memory is wrong."""
    cabinet = duplex()
    cabinet.write()
    cabinet.late_swaps = []
    cabinet.cut = {(ACTIVE, STANDBY)}
    cabinet.run(700)
    assert cabinet.late_swaps
    cabinet.cut = set()
    cabinet.run(100)
    bad = cabinet.boxes[STANDBY]
    bad.flipped = bad.hold_trial = True
    before = bad.released_seq
    cabinet.write()
    cabinet.run(200)
    seq = trial_of(cabinet, STANDBY).seq
    cabinet.land_late_swaps()
    cabinet.run(300)
    assert bad.unit.state is State.ACTIVE
    cabinet.read(STANDBY)
    cabinet.write()
    assert bad.released_seq == before
    assert bad.reads_released == 0
    cabinet.post(STANDBY, ev.Arbitrated(cabinet.now_ms, seq, "memory is wrong"))
    cabinet.settle()
    assert not bad.up, "its next process begins with a clean memory"
    assert not broken(cabinet, STANDBY), "nobody else may serve"
    cabinet.boot(STANDBY)
    cabinet.run(5000)
    assert cabinet.states() == "STANDBY ACTIVE"
    assert cabinet.write()


def test_what_else_stopped_an_active_is_over_and_the_doubt_is_not() -> None:
    """Its disk answers again; commands and reads are taken only when it is known whose fault it is."""
    cabinet = duplex()
    cabinet.boxes[ACTIVE].hold_trial = cabinet.boxes[STANDBY].hold_trial = True
    box = cabinet.boxes[ACTIVE]
    box.unit = replace(box.unit, lead=replace(cabinet.lead(ACTIVE), stopped="sick"))
    sid = box.unit.partner.sid if box.unit.partner is not None else msg.Sid(0, 0, 0)
    box.unit, _ = arbitration.begin(box.unit, sid, box.unit.log.head_seq, 0)
    assert cabinet.lead(ACTIVE).stopped == "sick"
    cabinet.run(60)
    assert notes(cabinet, ACTIVE, "resumed")
    assert box.unit.trial is not None
    assert not rules.accepts(box.unit)
    assert not rules.accepts_reads(box.unit)
    assert not rules.answers(box.unit, cabinet.lead(ACTIVE))


def test_a_lone_active_waits_for_no_verdict_but_its_own() -> None:
    """A newcomer that hangs is in no set: the tills do not wait for it."""
    cabinet = Cabinet()
    cabinet.boxes[STANDBY].hold_trial = True
    joining(cabinet)
    cabinet.run(300)
    assert notes(cabinet, ACTIVE, "miscompare")
    cabinet.contradict = False
    assert cabinet.boxes[ACTIVE].unit.trial is None
    assert cabinet.write()
    assert trial_of(cabinet, STANDBY).theirs == "", "it heard our last word"


def test_a_trial_of_our_own_that_does_not_end_ends_the_process() -> None:
    """Whatever it hangs in: a lone active would answer nobody for ever."""
    cabinet = Cabinet(Timing(arbitration_ms=1000))
    cabinet.boxes[ACTIVE].hold_trial = True
    joining(cabinet)
    cabinet.run(1500)
    assert cabinet.boxes[ACTIVE].up
    cabinet.run(1500)
    assert not cabinet.boxes[ACTIVE].up
    assert not broken(cabinet, ACTIVE)


def test_after_a_pause_of_our_own_the_partner_s_verdict_is_read_first() -> None:
    """It lies in the socket: the other unit was in time, we were not."""
    cabinet = duplex()
    cabinet.contradict = True
    cabinet.write()
    assert trial_of(cabinet, ACTIVE).mine == ""
    cabinet.now_ms += 20_000
    cabinet.post(ACTIVE, ev.Paused(cabinet.now_ms, 20_000))
    cabinet.settle()
    assert not cabinet.boxes[ACTIVE].unit.suspect
    assert in_sync(cabinet) == (0, 1)


def test_after_a_pause_of_our_own_the_partner_s_roots_are_read_first() -> None:
    """Else a checkpoint that nobody agreed to would be written."""
    cabinet = duplex()
    cabinet.write(5)
    prepare(cabinet, ACTIVE, 5)
    cabinet.now_ms += 20_000
    cabinet.post(ACTIVE, ev.Paused(cabinet.now_ms, 20_000))
    cabinet.settle()
    assert not written(cabinet, ACTIVE)


def test_roots_from_before_a_snapshot_are_answered_with_none() -> None:
    """The active would wait for a word that never comes."""
    cabinet = duplex()
    cabinet.write(5)
    cabinet.run(200)
    cabinet.post(STANDBY, ev.Checkpointed(cabinet.now_ms, 5, 1))
    prepare(cabinet, ACTIVE, 5)
    cabinet.run(400)
    assert len(written(cabinet, ACTIVE)) == 1


def test_a_state_that_is_replaced_is_in_doubt_no_more() -> None:
    """The unit would try a state that it does not have any more, and be convicted of nothing."""
    cabinet = duplex()
    cabinet.boxes[STANDBY].hold_trial = True
    cabinet.contradict = True
    cabinet.write()
    cabinet.run(100)
    log = cabinet.boxes[ACTIVE].unit.log
    stands = cabinet.boxes[STANDBY].unit.stands
    assert trial_of(cabinet, STANDBY)
    seq, ends = log.compared_seq, cut(log.ends, log.compared_seq)
    cabinet.post(STANDBY, ev.SnapshotInstalled(cabinet.now_ms, seq, ends, 0, stands))
    cabinet.settle()
    assert cabinet.boxes[STANDBY].unit.trial is None


def test_rot_that_keeps_what_is_in_doubt_from_being_executed_is_the_verdict() -> None:
    """Else it would wait for an entry that is never executed, and join nobody until it is started anew."""
    cabinet = duplex()
    cabinet.write(3)
    source = cabinet.boxes[STANDBY].unit.source
    assert source is not None
    ahead = msg.Doubt(source.sid, ACTIVE, 9, 3, 0, roots=False, done=False, fault="", heard=False)
    cabinet.send(ACTIVE, ahead)
    cabinet.settle()
    assert not trial_of(cabinet, STANDBY).asked
    cabinet.post(STANDBY, ev.RottenState(cabinet.now_ms, "slot 7 does not add up", met=True))
    cabinet.settle()
    assert cabinet.boxes[STANDBY].unit.trial is None
    cabinet.run(3000)
    assert any("FetchSnapshot" in line for line in cabinet.boxes[STANDBY].trace)
    assert cabinet.states() == "ACTIVE STANDBY"
    assert not broken(cabinet, STANDBY)


def test_the_first_difference_between_two_sound_units_is_told_to_whoever_looks() -> None:
    """It stands on both disks, with the reason why they stopped; of another doubt it counts for nothing."""
    cabinet = duplex()
    cabinet.contradict = True
    cabinet.write()
    seq = trial_of(cabinet, ACTIVE).seq
    cabinet.post(ACTIVE, ev.Differed(cabinet.now_ms, seq, "entry 2: read 1: ours 00, theirs 01"))
    cabinet.post(ACTIVE, ev.Differed(cabinet.now_ms, seq + 1, "of another doubt"))
    cabinet.settle()
    cabinet.run(1000)
    assert broken(cabinet, ACTIVE).endswith(f"at seq {seq}: entry 2: read 1: ours 00, theirs 01")
    assert broken(cabinet, STANDBY).endswith(f"at seq {seq}")


def test_no_unit_stops_before_the_other_one_knows_what_it_did() -> None:
    """Its evidence goes with its verdict: halted before that was heard, nobody could name the difference."""
    cabinet = duplex()
    for box in cabinet.boxes:
        box.hold_trial = True
    cabinet.contradict = True
    cabinet.write()
    cabinet.run(100)
    seq = trial_of(cabinet, STANDBY).seq
    cabinet.cut = {(ACTIVE, STANDBY)}
    for at in (ACTIVE, STANDBY):
        cabinet.post(at, ev.Arbitrated(cabinet.now_ms, seq, ""))
    cabinet.settle()
    cabinet.run(100)
    assert cabinet.boxes[ACTIVE].up
    assert trial_of(cabinet, ACTIVE).theirs == ""
    assert trial_of(cabinet, STANDBY).theirs is None
    cabinet.cut = set()
    cabinet.run(1000)
    assert broken(cabinet, ACTIVE)
    assert broken(cabinet, STANDBY)


@pytest.mark.parametrize("asked", [rules.BARRIERS_MAX + 50])
def test_barriers_under_way_have_a_limit(asked: int) -> None:
    """What a shell remembers of them is bounded: a forgotten one would look like another answer."""
    cabinet = duplex()
    cabinet.boxes[STANDBY].hold_reads = True
    for _ in range(asked):
        cabinet.post(ACTIVE, ev.ReadAsked(cabinet.now_ms))
    cabinet.settle()
    assert len(cabinet.lead(ACTIVE).reads) == rules.BARRIERS_MAX
    cabinet.boxes[STANDBY].hold_reads = False
    cabinet.run(1500)
    assert cabinet.read(ACTIVE)


def test_an_application_that_is_not_sure_of_itself_begins_no_trial_with_each_read() -> None:
    """After so many doubts that found both units sound its reads are refused at once; all else goes on, and
    after a while it is tried again."""
    timing = Timing(unsure_reads_max=2, unsure_reads_ms=60_000)
    cabinet = duplex(timing)
    epoch = cabinet.record.epoch
    for _ in range(5):
        cabinet.reads_differ = True
        cabinet.read(ACTIVE)
        cabinet.run(300)
    assert len(notes(cabinet, ACTIVE, "miscompare")) == timing.unsure_reads_max
    assert len(notes(cabinet, ACTIVE, "reads refused")) == 3
    assert cabinet.boxes[ACTIVE].reads_refused == 5
    assert cabinet.boxes[ACTIVE].reads_released == 0
    cabinet.reads_differ = False
    assert cabinet.read(ACTIVE)
    assert cabinet.write()
    assert cabinet.record.epoch == epoch
    cabinet.run(timing.unsure_reads_ms)
    disagreed(cabinet)
    assert len(notes(cabinet, ACTIVE, "miscompare")) == timing.unsure_reads_max + 1
