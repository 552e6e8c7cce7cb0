"""Rot that is found while units run: mended in place, or its unit gives way; nothing of it is answered."""

import pytest
from msgspec.structs import replace

from ftnode.core import events as ev
from ftnode.core import messages as msg
from ftnode.core import rules
from ftnode.core.fsm import State
from tests.core.cabinet import Cabinet, duplex

WHY = "slot 17 does not add up to its root"


def rotted(cabinet: Cabinet, at: int, *seqs: int) -> None:
    """The scrubber of a unit finds entries that cannot be read any more."""
    cabinet.post(at, ev.Rotted(cabinet.now_ms, seqs))
    cabinet.settle()


def rotten_state(cabinet: Cabinet, at: int, met: bool = False) -> None:
    """A unit finds that its state is not what was written."""
    cabinet.post(at, ev.RottenState(cabinet.now_ms, WHY, met))
    cabinet.settle()


def alone() -> Cabinet:
    """Unit 0 is active and the only one in the set."""
    cabinet = duplex()
    cabinet.write(4)
    cabinet.run(200)
    cabinet.kill(1)
    cabinet.run(1_000)
    assert cabinet.record.in_sync == (0,)
    return cabinet


@pytest.mark.parametrize("at", [0, 1])
def test_an_entry_that_rots_while_both_run_is_put_back_from_the_partner(at: int) -> None:
    """Nobody leaves the set for it, tills are served; until it is whole the unit may not be promoted."""
    cabinet = duplex()
    cabinet.write(4)
    cabinet.run(200)
    epoch = cabinet.record.epoch
    cabinet.boxes[at].hold_changes = True
    rotted(cabinet, at, 3, 2)
    cabinet.run(200)
    assert cabinet.boxes[at].unit.rotten == (2, 3)
    assert not rules.electable(cabinet.boxes[1].unit) or at == 0
    assert cabinet.write()
    cabinet.let_go(at)
    assert cabinet.boxes[at].unit.rotten == ()
    assert sum("Repair(seqs=(2, 3))" in line for line in cabinet.boxes[at].trace) == 1
    cabinet.run(1_000)
    assert cabinet.states() == "ACTIVE STANDBY"
    assert cabinet.record.epoch == epoch


def test_a_standby_with_a_rotten_log_does_not_take_over() -> None:
    """It may not be what the set needs: it waits for the active's return, or until its checkpoint has it."""
    cabinet = duplex()
    cabinet.write(4)
    cabinet.run(200)
    cabinet.cut = {(1, 0)}  # what it asks for is not heard
    rotted(cabinet, 1, 2)
    cabinet.kill(0)
    cabinet.run(1_500)
    assert cabinet.record.active == 0
    cabinet.cut = set()
    cabinet.boot(0)
    cabinet.run(2_000)
    assert sorted(cabinet.states().split()) == ["ACTIVE", "STANDBY"]
    assert not cabinet.boxes[1].unit.rotten
    assert cabinet.write()


def test_a_standby_does_without_what_its_checkpoint_holds_if_nobody_is_there_to_send_it() -> None:
    """The active dies before it could send: after the wait of a boot the other one goes on."""
    cabinet = duplex()
    cabinet.write(4)
    cabinet.run(200)
    cabinet.cut = {(1, 0)}
    cabinet.post(1, ev.Checkpointed(cabinet.now_ms, 3, 1))
    rotted(cabinet, 1, 2)
    cabinet.kill(0)
    cabinet.run(3 * cabinet.timing.boot_wait_ms)
    assert cabinet.states() == "- ACTIVE"
    assert cabinet.boxes[1].unit.log.first_seq == 3


def test_a_standby_whose_rot_the_active_cannot_mend_joins_anew() -> None:
    """It leaves the set first: a snapshot may hold less than it acknowledged."""
    cabinet = duplex()
    cabinet.write(4)
    cabinet.run(200)
    box = cabinet.boxes[1]
    cabinet.cut = {(1, 0)}
    rotted(cabinet, 1, 2)
    cabinet.post(1, ev.Received(cabinet.now_ms, msg.Fetched(0, box.unit.life, ())))
    cabinet.settle()
    assert "join anew" in box.unit.unfit
    assert not rules.electable(box.unit)
    cabinet.cut = set()
    cabinet.run(3_000)
    assert cabinet.states() == "ACTIVE STANDBY"
    epochs = [line for line in box.trace if "SnapshotInstalled" in line or "FetchSnapshot" in line]
    assert epochs
    assert box.unit.promise.incarnation != ""
    assert not box.unit.unfit
    assert cabinet.write()


def test_alone_with_rot_below_the_checkpoint_it_goes_on_behind_it() -> None:
    """Nobody needs those entries here again; who lacks them gets a snapshot."""
    cabinet = alone()
    cabinet.post(0, ev.Checkpointed(cabinet.now_ms, 3, 1))
    rotted(cabinet, 0, 2)
    cabinet.run(cabinet.timing.boot_wait_ms + 500)
    assert cabinet.boxes[0].unit.rotten == ()
    assert cabinet.boxes[0].unit.log.first_seq == 3
    assert cabinet.write()


def test_alone_with_rot_above_the_checkpoint_it_has_one_written() -> None:
    """What was executed is in memory and right: on disk in time it makes the rot harmless."""
    cabinet = alone()
    rotted(cabinet, 0, 4)
    cabinet.run(300)
    assert any("WantCheckpoint" in line for line in cabinet.boxes[0].trace)
    assert cabinet.write()
    cabinet.run(cabinet.timing.boot_wait_ms + 500)
    assert 4 in cabinet.boxes[0].unit.rotten
    cabinet.post(0, ev.Checkpointed(cabinet.now_ms, 5, 1))
    cabinet.run(500)
    assert not cabinet.boxes[0].unit.rotten
    assert cabinet.states() == "ACTIVE -"


def test_with_a_partner_that_answers_no_checkpoint_is_asked_for() -> None:
    """It sends what rotted within moments."""
    cabinet = duplex()
    cabinet.write(4)
    cabinet.run(200)
    rotted(cabinet, 0, 2)
    cabinet.run(500)
    assert not any("WantCheckpoint" in line for line in cabinet.boxes[0].trace)


def test_an_active_with_a_rotten_state_hands_over_and_comes_back_whole() -> None:
    """The standby is sound: it answers from then on, and gives back what rotted."""
    cabinet = duplex()
    cabinet.write(4)
    cabinet.run(200)
    rotten_state(cabinet, 0)
    cabinet.run(3_000)
    assert cabinet.states() == "STANDBY ACTIVE"
    assert any("FetchSnapshot" in line for line in cabinet.boxes[0].trace)
    assert not cabinet.boxes[0].unit.rot
    assert cabinet.write()


def test_a_standby_with_a_rotten_state_leaves_the_set_and_comes_back_whole() -> None:
    """It may not be promoted from the moment on; it is in the set again under another incarnation."""
    cabinet = duplex()
    cabinet.write(4)
    cabinet.run(200)
    before = cabinet.record.incarnation_of(1)
    rotten_state(cabinet, 1)
    assert not rules.electable(cabinet.boxes[1].unit)
    cabinet.run(3_000)
    assert cabinet.states() == "ACTIVE STANDBY"
    assert any("FetchSnapshot" in line for line in cabinet.boxes[1].trace)
    assert cabinet.record.incarnation_of(1) != before
    assert not cabinet.boxes[1].unit.rot
    assert cabinet.write()


def test_without_a_witness_a_standby_with_a_rotten_state_goes_on_acknowledging() -> None:
    """Nobody could put it out: leaving now would stop the tills. It executes without its rotten slots."""
    cabinet = duplex()
    cabinet.write(4)
    cabinet.run(200)
    cabinet.witness_up = False
    rotten_state(cabinet, 1)
    for _ in range(10):
        cabinet.run(200)
        assert cabinet.write()
    assert cabinet.boxes[1].unit.rot
    cabinet.witness_up = True
    cabinet.run(3_000)
    assert cabinet.states() == "ACTIVE STANDBY"
    assert not cabinet.boxes[1].unit.rot


def test_a_standby_that_cannot_execute_takes_no_snapshot_before_it_is_out_of_the_set() -> None:
    """The witness is away: were it whole with less than it acknowledged, it could take over with that."""
    cabinet = duplex()
    cabinet.write(4)
    cabinet.run(200)
    cabinet.witness_up = False
    rotten_state(cabinet, 1, met=True)
    cabinet.run(2_000)
    assert not any("FetchSnapshot" in line for line in cabinet.boxes[1].trace)
    cabinet.witness_up = True
    cabinet.run(3_000)
    assert cabinet.states() == "ACTIVE STANDBY"
    assert cabinet.write()


def test_an_active_that_cannot_execute_an_entry_ends_and_the_partner_does_it() -> None:
    """Nothing is answered that this unit did not execute from what was written."""
    cabinet = duplex()
    cabinet.write(4)
    cabinet.run(200)
    rotten_state(cabinet, 0, met=True)
    assert not cabinet.boxes[0].up
    cabinet.run(1_000)
    assert cabinet.states() == "- ACTIVE"
    cabinet.boot(0, rot=WHY)
    cabinet.run(3_000)
    assert cabinet.states() == "STANDBY ACTIVE"
    assert not cabinet.boxes[0].unit.rot


def test_alone_with_a_rotten_state_it_answers_until_it_would_need_it() -> None:
    """Its shell gives out nothing of what is rotten; a need for that is the end, not a guess."""
    cabinet = alone()
    rotten_state(cabinet, 0)
    cabinet.run(1_000)
    assert cabinet.states() == "ACTIVE -"
    assert cabinet.write()
    rotten_state(cabinet, 0, met=True)
    assert not cabinet.boxes[0].up
    assert "Halt" in cabinet.boxes[0].trace[-1]
    assert WHY in cabinet.boxes[0].trace[-1]


def test_alone_with_a_rotten_state_it_hands_over_as_soon_as_somebody_is_in_sync() -> None:
    """And takes the sound state from there."""
    cabinet = alone()
    rotten_state(cabinet, 0)
    cabinet.boot(1)
    cabinet.run(5_000)
    assert cabinet.states() == "STANDBY ACTIVE"
    assert not cabinet.boxes[0].unit.rot


def test_a_unit_that_boots_with_a_rotten_state_leaves_the_record_to_its_partner() -> None:
    """Both were in the set: the one that is whole goes on, even if it comes later."""
    cabinet = duplex()
    cabinet.write(4)
    cabinet.run(200)
    cabinet.kill(1)
    cabinet.kill(0)
    cabinet.boot(0, rot=WHY)
    cabinet.run(4 * cabinet.timing.boot_wait_ms)
    assert cabinet.states() == "DUPLEXING -"
    cabinet.boot(1)
    cabinet.run(5_000)
    assert cabinet.states() == "STANDBY ACTIVE"
    assert cabinet.write()


def test_a_unit_that_boots_alone_on_record_with_a_rotten_state_serves_what_is_sound() -> None:
    """Nobody else holds what it answered."""
    cabinet = alone()
    cabinet.kill(0)
    cabinet.boot(0, rot=WHY)
    cabinet.run(2_000)
    assert cabinet.states() == "ACTIVE -"
    assert cabinet.boxes[0].unit.rot == WHY


def test_a_handover_that_nobody_takes_up_is_not_tried_all_the_time() -> None:
    """The standby cannot reach the witness: an active that kept handing over would keep tills waiting."""
    cabinet = duplex()
    cabinet.write(4)
    cabinet.run(200)
    cabinet.cut = {(1, 2)}
    rotten_state(cabinet, 0)
    cabinet.run(cabinet.timing.rot_retry_ms - 2_000)
    tries = sum("is sound" in line for line in cabinet.boxes[0].trace)
    assert tries == 1
    assert cabinet.write()
    cabinet.cut = set()
    cabinet.run(5_000)
    assert cabinet.states() == "STANDBY ACTIVE"


@pytest.mark.parametrize("state", [State.BROKEN, State.OFFLINE])
def test_a_unit_that_takes_no_part_is_not_moved_by_rot(state: State) -> None:
    """Its log is looked through when it is back; of its state it knows, and gives way then."""
    cabinet = duplex()
    box = cabinet.boxes[1]
    box.unit = replace(box.unit, state=state, source=None)
    rotted(cabinet, 1, 1)
    rotten_state(cabinet, 1)
    assert not box.unit.rotten
    assert box.unit.rot == WHY
    assert box.unit.state is state


def test_rot_in_entries_that_are_gone_or_known_is_nothing_new() -> None:
    """The log was trimmed meanwhile, or the scrubber told it twice."""
    cabinet = duplex()
    cabinet.write(4)
    cabinet.run(200)
    cabinet.cut = {(0, 1), (1, 0)}
    cabinet.post(1, ev.Checkpointed(cabinet.now_ms, 3, 3))
    rotted(cabinet, 1, 1, 2)
    assert not cabinet.boxes[1].unit.rotten
    rotted(cabinet, 1, 3)
    rotted(cabinet, 1, 3)
    assert cabinet.boxes[1].unit.rotten == (3,)
    assert sum("rot in the log" in line for line in cabinet.boxes[1].trace) == 1


def test_a_read_that_needs_what_is_rotten_ends_an_active_that_has_a_partner() -> None:
    """Beside a partner reads wait for both answers: one that lacks ours would keep us from handing over."""
    cabinet = duplex()
    cabinet.write(4)
    cabinet.run(200)
    cabinet.post(0, ev.RottenState(cabinet.now_ms, WHY, asked=True))
    cabinet.settle()
    assert not cabinet.boxes[0].up
    cabinet.run(1_000)
    assert cabinet.states() == "- ACTIVE"


def test_a_read_that_needs_what_is_rotten_is_no_reason_for_a_lone_active_to_end() -> None:
    """Who asked is told that nobody knows; all others are served."""
    cabinet = alone()
    cabinet.post(0, ev.RottenState(cabinet.now_ms, WHY, asked=True))
    cabinet.settle()
    cabinet.run(500)
    assert cabinet.states() == "ACTIVE -"
    assert cabinet.write()


def test_a_state_that_rots_while_its_unit_is_out_is_taken_anew_when_it_is_brought_up() -> None:
    """The same process goes on, so nobody reads the note on its disk: it would join with what is rotten."""
    cabinet = duplex()
    cabinet.write(4)
    cabinet.post(1, ev.TakeOutAsked(cabinet.now_ms, stay_out=True))
    cabinet.run(1_000)
    assert cabinet.states() == "ACTIVE OFFLINE"
    rotten_state(cabinet, 1)
    assert cabinet.states() == "ACTIVE OFFLINE"
    cabinet.post(1, ev.BringUpAsked(cabinet.now_ms))
    cabinet.run(3_000)
    assert any("FetchSnapshot" in line for line in cabinet.boxes[1].trace)
    assert cabinet.states() == "ACTIVE STANDBY"
    assert cabinet.boxes[1].unit.rot == ""
