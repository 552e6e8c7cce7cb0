"""Reasons to do nothing that seeds of the simulator do not meet: each has its story here instead."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from chaos.sim.reasons import RARE, known_reasons
from ftnode.core import events as ev
from ftnode.core import messages as msg
from ftnode.core.effects import Ignore
from tests.core.cabinet import Cabinet, duplex
from tests.core.test_timekeeping import HOUR_MS, at_work, forge

ACTIVE, STANDBY = 0, 1


def fetched_in_vain() -> Cabinet:
    """The active's newest entries rotted, and the standby, asked for them, does not hold them."""
    cabinet = duplex()
    cabinet.write(4)
    cabinet.post(ACTIVE, ev.Rotted(cabinet.now_ms, (4,)))
    cabinet.send(STANDBY, msg.Fetched(STANDBY, cabinet.boxes[ACTIVE].unit.life, ()))
    cabinet.settle()
    assert cabinet.boxes[ACTIVE].unit.rotten == (4,)
    return cabinet


def tried_too_late() -> Cabinet:
    """A standby met a rotten slot while its re-execution ran: that was the verdict."""
    cabinet = duplex()
    for box in cabinet.boxes:
        box.hold_trial = True
    cabinet.contradict = True
    cabinet.write()
    cabinet.run(20)
    trial = cabinet.boxes[STANDBY].unit.trial
    assert trial is not None
    assert trial.asked
    cabinet.post(STANDBY, ev.RottenState(cabinet.now_ms, "slot 7 does not add up", met=True))
    cabinet.settle()
    assert cabinet.boxes[STANDBY].unit.trial is None
    cabinet.post(STANDBY, ev.Arbitrated(cabinet.now_ms, trial.seq, "its memory contradicts its own log"))
    cabinet.settle()
    return cabinet


def differs_in_an_old_doubt() -> Cabinet:
    """Both units' evidence is held against each other when nobody doubts any more."""
    cabinet = duplex()
    cabinet.write()
    cabinet.post(ACTIVE, ev.Differed(cabinet.now_ms, 1, "entry 1: read 1: ours 00, theirs 01"))
    cabinet.settle()
    return cabinet


def refused_and_sent_again() -> Cabinet:
    """The standby has refused a time an hour ahead; the active, which is as sure as it, sends it again."""
    cabinet = at_work()
    cabinet.cut = {(1, 2), (2, 1)}
    for box in cabinet.boxes:
        box.unit = replace(box.unit, timing=replace(box.unit.timing, clock_tolerance_ms=-1))
    forge(cabinet, ACTIVE, HOUR_MS)
    cabinet.write()
    cabinet.run(5_000)
    return cabinet


def rots_while_it_joins_anew() -> Cabinet:
    """A standby's state is rotten and it takes the active's; its log, which is replaced too, rots as well."""
    cabinet = duplex()
    cabinet.write(4)
    cabinet.post(STANDBY, ev.RottenState(cabinet.now_ms, "slot 7 does not add up", met=True))
    cabinet.post(STANDBY, ev.Rotted(cabinet.now_ms, (3,)))
    cabinet.settle()
    assert cabinet.boxes[STANDBY].unit.rotten == ()
    return cabinet


def rots_twice() -> Cabinet:
    """A lone active serves what is sound of a rotten state, and finds another rotten slot."""
    cabinet = duplex()
    cabinet.kill(STANDBY)
    cabinet.run(2_000)
    for slot in (7, 8):
        cabinet.post(ACTIVE, ev.RottenState(cabinet.now_ms, f"slot {slot} does not add up"))
    cabinet.settle()
    assert cabinet.boxes[ACTIVE].unit.rot == "slot 7 does not add up"
    return cabinet


STORIES: dict[str, Callable[[], Cabinet]] = {
    "the partner cannot replace what rotted: a checkpoint has to hold it first": fetched_in_vain,
    "re-executed for a doubt that is over": tried_too_late,
    "a difference in a doubt that is over": differs_in_an_old_doubt,
    "entries whose time is refused": refused_and_sent_again,
    "rot in a log that is about to be another one": rots_while_it_joins_anew,
    "more rot in a state that is known to be rotten": rots_twice,
}


@pytest.mark.parametrize("reason", STORIES)
def test_a_rare_reason_is_given(reason: str) -> None:
    """The core's line is reached."""
    cabinet = STORIES[reason]()
    assert any(line.endswith(f" {Ignore(reason)}") for box in cabinet.boxes for line in box.trace)


def test_every_rare_reason_has_its_story() -> None:
    """And none is called rare that the core does not know (any more)."""
    assert set(STORIES) == RARE <= set(known_reasons())
