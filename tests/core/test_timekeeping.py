"""What becomes of entries with a bad time, of a clock that runs off, and of the operator's step. (rule 17)"""

import pytest
from msgspec.structs import replace

from ftnode.core import clock, timekeeping
from ftnode.core import events as ev
from ftnode.core.clock import LogClock
from ftnode.core.pace import Pace
from ftnode.core.state import REFUSED
from tests.core.cabinet import Cabinet, duplex
from tests.core.test_pace import heard

HOUR_MS = 3_600_000


def at_work() -> Cabinet:
    """Duplex, unit 0 active, clocks heard, some entries written."""
    cabinet = duplex()
    for _ in range(40):
        cabinet.run(100)
        assert cabinet.write()
    return cabinet


def forge(cabinet: Cabinet, at: int, by_ms: int) -> int:
    """A bit flips in what a unit knows of log time; the seq of the next entry."""
    box = cabinet.boxes[at]
    box.unit = replace(box.unit, clock=replace(box.unit.clock, log_ms=box.unit.clock.log_ms + by_ms))
    return box.unit.log.head_seq + 1


def log_time_ms(cabinet: Cabinet, at: int) -> int:
    return cabinet.boxes[at].unit.clock.log_ms


def test_an_entry_from_the_future_is_answered_by_nobody() -> None:
    """The standby withholds it, refuses it, takes over; the old active cuts it and follows."""
    cabinet = at_work()
    seq = forge(cabinet, 0, HOUR_MS)
    assert not cabinet.write()
    cabinet.run(200)
    assert cabinet.states() == "ACTIVE STANDBY"  # in doubt: a late word could clear it
    cabinet.run(1_500)
    assert cabinet.states() == "STANDBY ACTIVE"
    assert cabinet.boxes[0].released_seq < seq
    assert cabinet.write()
    assert log_time_ms(cabinet, 1) <= cabinet.now_ms + 1_000
    assert log_time_ms(cabinet, 0) == log_time_ms(cabinet, 1)  # what was in its memory is gone with the tail
    assert cabinet.record.epoch == 5  # one takeover, one join


def test_a_refused_active_waits_for_a_standby_that_cannot_take_over_yet() -> None:
    """It may not put it out and answer alone: the times are bad, as two clocks say."""
    cabinet = at_work()
    cabinet.cut = {(1, 2), (2, 1)}
    seq = forge(cabinet, 0, HOUR_MS)
    assert not cabinet.write()
    cabinet.run(5_000)
    lead = cabinet.boxes[0].unit.lead
    assert lead is not None
    assert lead.stopped == REFUSED
    assert cabinet.boxes[0].released_seq < seq
    assert not cabinet.read(0)
    cabinet.cut = set()
    cabinet.run(1_500)
    assert cabinet.states() == "STANDBY ACTIVE"
    assert cabinet.write()


def test_what_two_clocks_say_is_ahead_stays_unanswered_when_the_standby_is_gone() -> None:
    """It refused and died before it could take over: no answer is better than a wrong one."""
    cabinet = at_work()
    cabinet.cut = {(1, 2), (2, 1)}
    seq = forge(cabinet, 0, HOUR_MS)
    cabinet.write()
    cabinet.run(1_000)
    cabinet.kill(1)
    cabinet.run(3_000)
    assert cabinet.boxes[0].released_seq < seq
    cabinet.cut = set()
    cabinet.boot(1)
    cabinet.run(6_000)
    assert cabinet.states() == "STANDBY ACTIVE"


def test_a_standby_that_is_wrong_itself_is_put_out() -> None:
    """Its memory of times is broken, no clocks agree for it, and it reaches no witness: it is outvoted."""
    cabinet = at_work()
    cabinet.cut = {(1, 2), (2, 1)}
    box = cabinet.boxes[1]
    low = replace(box.unit.bound, ahead_ms=box.unit.bound.ahead_ms - HOUR_MS, since_ms=-HOUR_MS)
    box.unit = replace(box.unit, bound=low, timing=replace(box.unit.timing, clock_tolerance_ms=-1))
    assert not cabinet.write()
    cabinet.run(600)
    lead = cabinet.boxes[0].unit.lead
    assert lead is not None
    assert lead.stopped == REFUSED
    cabinet.run(2_000)
    assert (cabinet.record.active, cabinet.record.epoch) == (0, 5)  # put out, and joined anew
    assert any(timekeeping.CONTRADICTED in line for line in cabinet.boxes[0].trace)
    assert cabinet.write()


def test_no_answer_as_long_as_it_is_refused_and_nobody_knows() -> None:
    """The same, but the active has no two clocks that agree either: it does not put the standby out."""
    cabinet = at_work()
    cabinet.cut = {(1, 2), (2, 1)}
    for at in (0, 1):
        box = cabinet.boxes[at]
        box.unit = replace(box.unit, timing=replace(box.unit.timing, clock_tolerance_ms=-1))
    seq = forge(cabinet, 0, HOUR_MS)
    cabinet.write()
    cabinet.run(5_000)
    assert cabinet.boxes[0].released_seq < seq
    assert cabinet.record.in_sync == (0, 1)
    cabinet.cut = set()
    cabinet.run(1_500)
    assert cabinet.states() == "STANDBY ACTIVE"


def test_a_pause_is_no_time() -> None:
    """An active's own clock leaps an hour: log time waits until two clocks have been heard anew."""
    cabinet = at_work()
    unit = cabinet.boxes[0].unit
    before_ms = unit.clock.log_ms
    woken = timekeeping.wake(unit, HOUR_MS)
    _, at_ms = clock.stamp(woken.clock, unit.timers.now_ms + HOUR_MS, 1_000)
    assert at_ms - before_ms <= 200
    heard_again = replace(woken.clock, partner_ms=woken.clock.mine_ms)
    _, at_ms = clock.stamp(heard_again, unit.timers.now_ms + HOUR_MS, 1_000)
    assert at_ms - before_ms >= HOUR_MS


def test_an_active_whose_clock_runs_off_hands_over_once() -> None:
    """To one whose clock does not; and then stays where it is."""
    cabinet = at_work()
    box, span_ms = cabinet.boxes[0], 10_000

    def as_if(partner_ppm: int, witness_ppm: int) -> None:
        since_ms = box.unit.timers.now_ms - span_ms
        paces = [heard(span_ms // 1000, ppm, since_ms=since_ms) for ppm in (partner_ppm, witness_ppm)]
        box.unit = replace(
            box.unit, clock=replace(box.unit.clock, partner_pace=paces[0], witness_pace=paces[1])
        )

    as_if(100_000, 0)  # the partner's is off, not ours
    cabinet.run(200)
    assert cabinet.record.active == 0
    as_if(100_000, 100_000)
    assert timekeeping.yields(box.unit) < 0
    cabinet.run(3_000)
    assert cabinet.states() == "STANDBY ACTIVE"
    epoch = cabinet.record.epoch
    cabinet.run(3_000)
    assert cabinet.record.epoch == epoch


def test_who_begins_to_answer_begins_to_measure() -> None:
    """An old fault is nothing to hand over for."""
    cabinet = at_work()
    cabinet.kill(0)
    cabinet.run(600)
    assert cabinet.boxes[1].unit.clock.witness_pace == Pace() or not timekeeping.yields(cabinet.boxes[1].unit)


SETS = [  # step, an hour beyond which clocks there are; what is said, empty: it is done
    (60_000, ""),
    (HOUR_MS - 1_000, ""),
    (-1, "never goes back"),
    (-HOUR_MS, "never goes back"),
    (HOUR_MS + 5_000, "beyond every clock"),
    (36 * 365 * 24 * HOUR_MS, "beyond every clock"),
]


@pytest.mark.parametrize(("step_ms", "said"), SETS)
def test_set_time(step_ms: int, said: str) -> None:
    """Forward, and not beyond every clock: both units have the entry, and go on from there."""
    cabinet = at_work()
    unit = cabinet.boxes[0].unit
    to_ms = timekeeping.log_time_ms(unit) + step_ms
    why = timekeeping.cannot_set_time(unit, to_ms)
    assert said in why
    assert bool(why) == bool(said)
    cabinet.post(0, ev.SetTimeAsked(cabinet.now_ms, to_ms))
    cabinet.settle()
    cabinet.run(100)
    assert (log_time_ms(cabinet, 0) == to_ms) == (not said)
    assert (log_time_ms(cabinet, 1) == to_ms) == (not said)
    for _ in range(20):
        cabinet.run(100)
        assert cabinet.write()
    assert cabinet.states() == "ACTIVE STANDBY"
    assert log_time_ms(cabinet, 1) >= to_ms or said


def test_only_an_active_sets_the_time() -> None:
    cabinet = at_work()
    assert "only an active" in timekeeping.cannot_set_time(cabinet.boxes[1].unit, 10 * HOUR_MS)


ODD = [  # ours, partner's, witness's; who is off, by how much
    ((0, 0, 0), None),
    ((0, 900, 950), None),
    ((0, 600, 1_200), None),  # each is near the one in the middle
    ((HOUR_MS, 0, 300), (clock.MINE, HOUR_MS - 300)),
    ((0, -HOUR_MS, 300), (clock.PARTNER, -HOUR_MS)),
    ((0, 300, HOUR_MS), (clock.WITNESS, HOUR_MS - 300)),
    ((0, HOUR_MS, -HOUR_MS), (clock.NOBODY, 2 * HOUR_MS)),
    ((0, HOUR_MS, None), (clock.NOBODY, HOUR_MS)),
    ((0, None, None), None),
]


@pytest.mark.parametrize(("offsets", "off"), ODD)
def test_the_clock_that_is_off_is_named(
    offsets: tuple[int, int | None, int | None], off: tuple[str, int] | None
) -> None:
    mine, partner, witness = offsets
    known = LogClock(mine_ms=mine, partner_ms=partner, witness_ms=witness)
    assert clock.odd_one(known, 1_000) == off
