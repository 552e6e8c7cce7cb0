"""What a unit says is wrong with it: each line for a person at night."""

import pytest
from msgspec.structs import replace

from ftnode.core import log_end
from ftnode.core.fsm import State
from ftnode.core.record import Record
from ftnode.core.state import Lead, Log, Timing, Unit, fresh
from ftnode.shell.trouble import (
    absent,
    application_unsure,
    certificate_ends,
    hole_in_log,
    log_behind_witness,
    log_end_rotten,
)

RECORD = Record("shop", "w1", 7, 0, (0, 1), ((0, "aa"), (1, "bb")))


def unit(state: State, incarnation: str, durable_seq: int, told_seq: int) -> Unit:
    """Unit 1, booted, with the witness heard."""
    blank = fresh(Timing(), 1, "shop")
    log = Log(head_seq=durable_seq, durable_seq=durable_seq)
    promise = replace(blank.promise, incarnation=incarnation)
    return replace(blank, state=state, promise=promise, record=RECORD, log=log, told_seq=told_seq)


ABSENT = [  # a session, its program connected; what is said of it
    (True, True, "it is copying what it missed"),
    (False, True, "its program runs, but takes no part"),  # taken out on purpose: nothing is copied
    (False, False, "nothing is heard of it"),
]


@pytest.mark.parametrize(("in_session", "connected", "said"), ABSENT)
def test_what_the_other_unit_does_instead(in_session: bool, connected: bool, said: str) -> None:
    assert absent(in_session, connected) == said


CASES = [  # state, incarnation, durable, told to the witness; is it a problem
    (State.DUPLEXING, "bb", 21, 525, True),  # a disk that lied about its syncs
    (State.DUPLEXING, "bb", 525, 525, False),
    (State.DUPLEXING, "zz", 21, 525, False),  # a newcomer is behind by right
    (State.STANDBY, "bb", 21, 22, False),  # an entry under way
]


@pytest.mark.parametrize(("state", "incarnation", "durable_seq", "told_seq", "wrong"), CASES)
def test_a_log_behind_the_witness_is_named(
    state: State, incarnation: str, durable_seq: int, told_seq: int, wrong: bool
) -> None:
    found = log_behind_witness(unit(state, incarnation, durable_seq, told_seq), since_ms=5)
    assert (found is not None) == wrong
    if found is not None:
        assert "ends at 21, but 525" in found.what
        assert "Do not form anew" in found.remedy


def test_a_log_that_lost_its_end_is_named_until_somebody_gave_it_back() -> None:
    """No till is served, however long it waits: it says what it lacks, and who has it."""
    waiting = unit(State.DUPLEXING, "bb", 6, 6)
    assert log_end_rotten(waiting, since_ms=5) is None
    torn = replace(waiting, promise=log_end.cut(waiting.promise, 7, rotten=False))
    assert log_end_rotten(torn, since_ms=5) is None, "it goes on by itself"
    rotten = replace(waiting, promise=log_end.cut(waiting.promise, 7, rotten=True))
    found = log_end_rotten(rotten, since_ms=5)
    assert found is not None
    assert "lost entry 7 and what followed" in found.what
    assert "Start unit 0 with its own disk" in found.remedy
    assert "force-active 1 --off 0 --accept-data-loss" in found.remedy
    assert log_end_rotten(replace(rotten, state=State.STANDBY), since_ms=5) is None


def test_a_hole_that_nobody_could_mend_is_named_for_as_long_as_it_is_there() -> None:
    """The unit serves, but its log is trimmed no more: silence would end with a full disk."""
    assert hole_in_log(1, (), since_ms=5) is None
    found = hole_in_log(1, ((3, 7), (9, 9)), since_ms=5)
    assert found is not None
    assert "3..7, 9..9" in found.what
    assert "disk fills up" in found.consequence
    assert "ftctl bring-down 1" in found.remedy


DAY_MS = 86_400_000
CERTIFICATES = [  # days left, is it told; warned of 30 days before
    (31, False),
    (29, True),
    (-1, True),
]


@pytest.mark.parametrize(("days", "wrong"), CERTIFICATES)
def test_a_certificate_that_ends_is_named_with_its_day(days: int, wrong: bool) -> None:
    """In time, and when it is too late."""
    at_ms = 1_800_000_000_000
    problem = certificate_ends(1, at_ms + days * DAY_MS, 30, at_ms)
    assert (problem is not None) == wrong
    if problem is not None:
        assert ("has ended on 2027-01-14" if days < 0 else "ends on 2027-02-13") in problem.what
    assert certificate_ends(1, None, 30, at_ms) is None, "no TLS, no certificate"


def test_an_application_that_is_not_sure_of_itself_is_named_by_the_active_until_it_has_been_for_long() -> (
    None
):
    """Not after one doubt, not by a standby, which is told nothing, and not for ever."""
    known = fresh(Timing(unsure_reads_max=2, unsure_reads_ms=1000), 0, "c")
    lead = replace(known, lead=Lead(3), timers=replace(known.timers, now_ms=5000))
    assert application_unsure(replace(lead, unsure=(4900,)), 0) is None
    assert application_unsure(replace(lead, unsure=(3000, 4900)), 0) is None
    wrong = application_unsure(replace(lead, unsure=(4500, 4900)), 0)
    assert wrong is not None
    assert wrong.code == "application-unsure"
    assert application_unsure(replace(lead, unsure=(4500, 4900), lead=None), 0) is None
