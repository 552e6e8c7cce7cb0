"""What a force leaves behind: stories of a unit that is forced, and of what comes after it. (rule 12)"""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from ftnode.core import events as ev
from ftnode.core import log_end
from ftnode.core.forcing import cannot_force
from ftnode.core.fsm import State
from ftnode.core.state import NEVER, Timing, Unit, fresh
from tests.core.cabinet import Cabinet, duplex
from tests.core.test_log_end import TORN, lose_last


def bereft(entries: int = 3, lost: int = 2) -> Cabinet:
    """Unit 0 answered alone after unit 1 was put out, and died for good; unit 1 holds less and is back."""
    cabinet = duplex()
    cabinet.write(entries)
    cabinet.kill(1)
    cabinet.run(1_000)
    cabinet.write(lost)
    cabinet.run(500)
    cabinet.kill(0)
    cabinet.boot(1)
    cabinet.run(1_000)
    assert cabinet.states() == "- DUPLEXING"
    return cabinet


def about_to_begin() -> Cabinet:
    """Unit 0 is gone; the swap by which unit 1 takes over is on its way."""
    cabinet = duplex()
    cabinet.write(3)
    cabinet.kill(0)
    cabinet.late_swaps = []
    cabinet.run(1_000)
    assert cabinet.late_swaps
    return cabinet


def force(cabinet: Cabinet, at: int = 1, run_ms: int = 1_000) -> None:
    cabinet.post(at, ev.ForceAsked(cabinet.now_ms, 1 - at))
    cabinet.run(run_ms)


def test_who_was_forced_with_less_may_take_over_again() -> None:
    """The witness knows of more than anybody holds any more: that was given up, by everybody."""
    cabinet = bereft(lost=40)
    force(cabinet)
    assert cabinet.write()
    cabinet.boot(0)
    cabinet.run(3_000)
    assert cabinet.states() == "STANDBY ACTIVE"
    cabinet.post(1, ev.SwitchoverAsked(cabinet.now_ms))
    cabinet.run(1_000)
    assert cabinet.states() == "ACTIVE STANDBY"
    cabinet.kill(0)
    cabinet.run(2_000)
    assert cabinet.states() == "- ACTIVE"
    assert cabinet.write()


def test_who_joined_after_a_force_may_take_over() -> None:
    """It was deposed in this very life, and has heard of what it compared then."""
    cabinet = duplex()
    cabinet.write(3)
    cabinet.kill(1)
    cabinet.run(1_000)
    cabinet.cut = {(0, 1), (1, 0), (0, 2)}
    cabinet.boot(1)
    cabinet.run(1_000)
    cabinet.cut -= {(0, 2)}
    cabinet.write(40)
    cabinet.run(1_000)
    cabinet.cut = {(0, 1), (1, 0), (0, 2)}
    force(cabinet)
    cabinet.cut = set()
    cabinet.run(3_000)
    assert cabinet.states() == "STANDBY ACTIVE"
    assert cabinet.write()
    cabinet.kill(1)
    cabinet.run(2_000)
    assert cabinet.states() == "ACTIVE -"
    assert cabinet.write()


def test_a_force_beside_a_swap_of_its_own_that_lands_first() -> None:
    """It was about to begin by itself; the operator saw nothing of that. What is on record is what its disk
    says it is: it starts again."""
    cabinet = about_to_begin()
    cabinet.reads_up = False
    cabinet.run(600)
    cabinet.post(1, ev.ForceAsked(cabinet.now_ms, 0))
    cabinet.boxes[1].hold_promise = True
    cabinet.settle()
    cabinet.land_late_swaps()
    cabinet.reads_up = True
    cabinet.let_go(1)
    cabinet.run(1_000)
    assert cabinet.states() == "- ACTIVE"
    assert cabinet.record.incarnation_of(1) == cabinet.promise(1).incarnation
    cabinet.kill(1)
    cabinet.boot(1)
    cabinet.run(3_000)
    assert cabinet.states() == "- ACTIVE"


def test_a_force_that_a_swap_of_an_earlier_life_overtakes_goes_on() -> None:
    """What an earlier life asked for lands between the operator's word and the swap."""
    cabinet = about_to_begin()
    cabinet.kill(1)
    held, cabinet.late_swaps = cabinet.late_swaps or [], []
    cabinet.boot(1)
    cabinet.run(500)
    cabinet.post(1, ev.ForceAsked(cabinet.now_ms, 0))
    cabinet.settle()
    cabinet.late_swaps = held[:1]
    cabinet.land_late_swaps()
    cabinet.run(3_000)
    assert cabinet.states() == "- ACTIVE"


def test_a_unit_with_a_rotten_state_is_forced() -> None:
    """Nobody else is left: it serves what is sound of it, and is asked for its log by who joins."""
    cabinet = bereft()
    cabinet.kill(1)
    cabinet.boot(1, rot="slot 7 is rotten")
    cabinet.run(1_000)
    force(cabinet)
    assert cabinet.states() == "- ACTIVE"
    assert not cabinet.boxes[1].unit.unfit
    assert cabinet.write()


def test_a_force_that_ended_midway_is_asked_for_again() -> None:
    """Its promise was on disk, its swap was not sent: the process died."""
    cabinet = bereft()
    cabinet.witness_up = False
    force(cabinet)
    cabinet.kill(1)
    cabinet.witness_up = True
    cabinet.boot(1)
    cabinet.run(1_000)
    force(cabinet)
    assert cabinet.states() == "- ACTIVE"


def test_what_was_torn_is_forgotten_when_its_unit_is_forced() -> None:
    """The operator does not wait."""
    cabinet = bereft()
    cabinet.kill(1)
    lose_last(cabinet, 1, TORN)
    cabinet.boot(1)
    cabinet.run(1_000)
    force(cabinet)
    assert cabinet.states() == "- ACTIVE"
    assert log_end.counts(cabinet.promise(1)) == cabinet.promise(1)


def test_a_force_that_waits_for_the_witness_is_dropped_when_the_other_unit_speaks() -> None:
    """The operator was told that nobody knows what came of it, and switched the other unit on again: that one
    holds more, and begins when the witness is back."""
    cabinet = bereft()
    cabinet.witness_up = False
    force(cabinet)
    cabinet.boot(0)
    cabinet.run(1_000)
    cabinet.witness_up = True
    cabinet.run(4_000)
    assert cabinet.states() == "ACTIVE STANDBY"
    assert cabinet.boxes[0].disk.head_seq >= 6


def test_a_force_that_waits_is_dropped_when_the_active_opens_a_session() -> None:
    """It was cut off, not switched off. Whichever of its words is heard first: a hello, or Open."""
    cabinet = duplex()
    cabinet.write(3)
    cabinet.kill(1)
    cabinet.run(1_000)
    cabinet.write(2)
    cabinet.cut = {(0, 1), (1, 0)}
    cabinet.boot(1)
    cabinet.run(1_000)
    cabinet.witness_up = False
    force(cabinet)
    assert cabinet.boxes[1].unit.force == 0
    cabinet.cut = set()
    cabinet.run(1_000)
    assert cabinet.boxes[1].unit.force == NEVER
    cabinet.witness_up = True
    cabinet.run(3_000)
    assert cabinet.states() == "ACTIVE STANDBY"
    assert cabinet.boxes[0].disk.head_seq >= 5


def test_who_was_struck_does_not_tell_the_witness_what_was_given_up() -> None:
    """It hears of the new record before it has begun anew, and looks at the witness in between: the forced
    unit, alone again, would never answer."""
    cabinet = duplex()
    cabinet.write(3)
    cabinet.kill(1)
    cabinet.run(1_000)
    cabinet.write(40)
    cabinet.cut = {(0, 1), (1, 0), (0, 2)}
    cabinet.boot(1)
    cabinet.run(1_000)
    force(cabinet)
    cabinet.boxes[0].hold_changes = True  # the snapshot does not end
    cabinet.cut = set()
    cabinet.run(1_000)
    assert cabinet.states() == "DUPLEXING ACTIVE"
    cabinet.boxes[0].unit = replace(cabinet.boxes[0].unit, source=None)
    cabinet.run(1_000)
    cabinet.kill(0)
    cabinet.kill(1)
    cabinet.boot(1)
    cabinet.run(2_000)
    assert cabinet.states() == "- ACTIVE"


def test_an_answer_that_a_force_has_overtaken_says_nothing() -> None:
    """It was on its way to the unit that was struck, with the old record and what was told with that."""
    cabinet = bereft(lost=40)
    old, told_seq = cabinet.record, cabinet.told_seq
    force(cabinet)
    cabinet.boxes[0].hold_promise = True
    cabinet.boot(0)
    cabinet.let_go(0)  # its boot number
    cabinet.boxes[0].hold_promise = True
    cabinet.run(500)
    unit = cabinet.boxes[0].unit
    assert unit.promise.epoch <= old.epoch < cabinet.record.epoch
    assert unit.record == cabinet.record
    cabinet.post(0, ev.RecordRead(cabinet.now_ms, 999, old, told_seq, cabinet.now_ms, False, witness_id="w1"))
    cabinet.settle()
    assert cabinet.boxes[0].unit.told_seq < told_seq


def test_a_unit_whose_rotten_state_was_needed_is_not_forced() -> None:
    """What would come of its own entries is not known there."""
    cabinet = bereft()
    cabinet.kill(1)
    cabinet.boot(1)
    cabinet.post(1, ev.RottenState(cabinet.now_ms, "slot 7 is rotten", met=True))
    cabinet.run(1_000)
    force(cabinet)
    assert cabinet.states() == "- DUPLEXING"
    assert "slot 7" in cannot_force(cabinet.boxes[1].unit, 0, witness_given=False)


def lonely(**changes: object) -> Unit:
    """Unit 1, whose partner is gone and who may not go on by itself, with something else the matter."""
    return replace(bereft().boxes[1].unit, **changes)


REFUSED = [  # who is asked, which unit is said to be off, is a new witness named; why it cannot be
    (lonely, 0, False, ""),
    (lonely, 1, False, "unit 1 is this unit: name the one that is switched off, unit 0"),
    (lambda: duplex().boxes[0].unit, 1, False, "this unit is active already: there is nothing to force"),
    (lambda: duplex().boxes[1].unit, 0, False, "unit 0 is heard: it is not switched off"),
    (lambda: lonely(state=State.OFFLINE), 0, False, "this unit is OFFLINE: only one that looks"),
    (lambda: lonely(rotten=(3,)), 0, False, "its own disk is not whole: entries rotted"),
    (lambda: lonely(changing="a snapshot"), 0, False, "its own disk is not whole: a snapshot"),
    (lambda: lonely(leaving="stopped"), 0, False, "it is busy with something else"),
    (lambda: lonely(writing=fresh(Timing(), 1, "shop").promise), 0, False, "it is busy with something else"),
    (lambda: lonely(record=None), 0, False, "the witness gives no record"),
    (lambda: lonely(record=None), 0, True, ""),
]


@pytest.mark.parametrize(("asked", "off", "witness_given", "why"), REFUSED)
def test_who_cannot_be_forced_says_why(
    asked: Callable[[], Unit], off: int, witness_given: bool, why: str
) -> None:
    """Two units that both answer would contradict each other: nobody is forced beside one that is there."""
    said = cannot_force(asked(), off, witness_given)
    assert said.startswith(why)
    assert bool(said) == bool(why)


@pytest.mark.parametrize("at", [0, 1])
def test_a_refused_force_changes_nothing(at: int) -> None:
    """Whoever is asked while both are there: the pair goes on as it was."""
    cabinet = duplex()
    record = cabinet.record
    force(cabinet, at)
    assert any("force refused" in line for line in cabinet.boxes[at].trace)
    assert cabinet.record == record
    assert cabinet.states() == "ACTIVE STANDBY"
    assert cabinet.write()
