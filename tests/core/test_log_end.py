"""What a start cut from a log's end is remembered until the log counts again: stories of rules 12 and 14."""

import pytest

from ftnode.core import events as ev
from ftnode.core import log_end
from ftnode.core.fsm import State
from ftnode.core.promise import Promise
from tests.core.cabinet import Cabinet, duplex
from tests.core.test_designation import LOST_MS, designated

TORN, ROTTEN = False, True
PROMISE = Promise("shop", 0, incarnation="first")
CUTS = [  # what was noted before, first entry that is cut now and whether it rotted, what is noted then
    ((0, TORN), (7, TORN), (7, TORN)),
    ((0, TORN), (7, ROTTEN), (7, ROTTEN)),
    ((7, ROTTEN), (9, TORN), (7, ROTTEN)),  # another start, before the log counted again: the worse of both
    ((7, TORN), (5, ROTTEN), (5, ROTTEN)),
]


@pytest.mark.parametrize(("before", "cut", "after"), CUTS)
def test_what_is_noted(before: tuple[int, bool], cut: tuple[int, bool], after: tuple[int, bool]) -> None:
    """The lowest entry that any start cut, rotten if any of them was; nothing once the log counts."""
    promise = log_end.cut(PROMISE, *before) if before[0] else PROMISE
    noted = log_end.cut(promise, *cut)
    assert (noted.cut_seq, noted.cut_rotten) == after
    assert log_end.counts(noted) == PROMISE


def shown_more(cut_rotten: bool) -> Cabinet:
    """Both held and answered entry 4, and went down; unit 1's start could not read it, and cut it."""
    cabinet = duplex()
    cabinet.write(3)
    cabinet.run(200)
    cabinet.kill(1)
    cabinet.kill(0)
    lose_last(cabinet, 1, cut_rotten)
    return cabinet


def lose_last(cabinet: Cabinet, at: int, rotten: bool) -> None:
    """As a start does: noted on disk, then cut. Nobody was told what was durable since."""
    disk = cabinet.boxes[at].disk
    assert disk.promise is not None
    disk.promise = log_end.cut(disk.promise, disk.head_seq, rotten)
    disk.head_seq -= 1
    disk.commit_seq = 0
    disk.ends = ((disk.ends[-1][0], disk.head_seq),)
    cabinet.told_seq = min(cabinet.told_seq, disk.head_seq)


def missing(cabinet: Cabinet, at: int) -> tuple[int, bool]:
    promise = cabinet.promise(at)
    return promise.cut_seq, promise.cut_rotten


@pytest.mark.parametrize("starts", [1, 3])
def test_what_rotted_is_never_gone_on_without(starts: int) -> None:
    """However long the partner stays away, and however often the unit starts: it holds what was answered."""
    cabinet = shown_more(ROTTEN)
    for _ in range(starts):
        cabinet.boot(1)
        cabinet.run(5 * log_end.boot_wait_ms(cabinet.boxes[1].unit))
        assert cabinet.states() == "- DUPLEXING"
        assert missing(cabinet, 1) == (4, ROTTEN)
        cabinet.kill(1)
    cabinet.boot(1)
    cabinet.boot(0)
    cabinet.run(6_000)
    assert cabinet.states() == "ACTIVE STANDBY"
    assert missing(cabinet, 1) == (0, False)
    assert cabinet.boxes[1].disk.head_seq >= 4


def test_a_torn_end_makes_every_start_wait_longer() -> None:
    """Not only the start that cut it: the partner may be on its way with what is missing here."""
    cabinet = shown_more(TORN)
    wait_ms = cabinet.timing.boot_wait_ms
    for _ in range(2):
        cabinet.boot(1)
        cabinet.run(2 * wait_ms)
        assert cabinet.states() == "- DUPLEXING"
        cabinet.kill(1)
    cabinet.boot(1)
    cabinet.run(cabinet.timing.torn_wait_factor * wait_ms + 1_000)
    assert cabinet.states() == "- ACTIVE"  # as a rule nothing of it was ever answered
    assert missing(cabinet, 1) == (0, False)


def test_the_wait_begins_anew_whenever_the_partner_is_heard() -> None:
    """An active knows that we held more, and waits for the witness to put us out before it gives us its log.
    It dies meanwhile: that is waited for as after a start."""
    cabinet = duplex()
    cabinet.write(3)
    cabinet.run(200)
    cabinet.cut = {(0, 2)}
    cabinet.kill(1)
    lose_last(cabinet, 1, TORN)
    cabinet.boot(1)
    wait_ms = log_end.boot_wait_ms(cabinet.boxes[1].unit)
    cabinet.run(wait_ms - 1_000)
    assert cabinet.states() == "ACTIVE DUPLEXING"
    cabinet.kill(0)
    cabinet.run(wait_ms - 1_000)
    assert cabinet.states() == "- DUPLEXING"
    cabinet.cut = set()
    cabinet.boot(0)
    cabinet.run(4_000)
    assert cabinet.states() == "ACTIVE STANDBY"
    assert missing(cabinet, 1) == (0, False)


def test_nobody_waits_for_who_may_miss_answers() -> None:
    """It was active, and its log is as long as the other one's: that one need not wait for it to begin."""
    cabinet = duplex()
    cabinet.write(3)
    cabinet.run(200)
    cabinet.kill(1)
    cabinet.kill(0)
    for at in (0, 1):  # the last entry never came to unit 1
        lose_last(cabinet, at, ROTTEN)
    disk = cabinet.boxes[1].disk
    assert disk.promise is not None
    disk.promise = log_end.counts(disk.promise)
    cabinet.boot(0)
    cabinet.boot(1)
    cabinet.run(cabinet.timing.boot_wait_ms // 2)
    assert cabinet.record.active == 1
    cabinet.run(2_000)
    assert cabinet.states() == "STANDBY ACTIVE"


def test_a_partner_that_shows_more_is_waited_for_though_it_may_not_serve() -> None:
    """Its log holds what we cut, its state is rotten: it is not left behind at once, but at last."""
    cabinet = shown_more(TORN)
    cabinet.boot(0, rot="the state is rotten")
    cabinet.boot(1)
    cabinet.run(2 * cabinet.timing.boot_wait_ms)
    assert cabinet.states() == "DUPLEXING DUPLEXING"
    cabinet.run(log_end.boot_wait_ms(cabinet.boxes[1].unit) + 3_000)
    assert cabinet.states() == "STANDBY ACTIVE"


def test_a_survivor_that_cut_a_torn_end_does_not_wait_for_ever_for_who_is_bound_to_it() -> None:
    """That one shows more and may not serve before the right has ended: both are there, and the witness."""
    cabinet = designated()
    cabinet.write(2)
    cabinet.kill(1)
    cabinet.kill(0)
    lose_last(cabinet, 0, TORN)
    cabinet.witness_up = True
    cabinet.boot(0)
    cabinet.boot(1)
    cabinet.run(log_end.boot_wait_ms(cabinet.boxes[0].unit) + 3_000)
    assert cabinet.states() == "ACTIVE STANDBY"
    assert cabinet.write()


def test_alone_on_record_it_waits_for_a_person() -> None:
    """What rotted was answered, and nobody else holds it: only the operator can accept the loss."""
    cabinet = duplex()
    cabinet.kill(1)
    cabinet.run(1_000)
    cabinet.write(2)
    cabinet.kill(0)
    lose_last(cabinet, 0, ROTTEN)
    cabinet.boot(0)
    cabinet.run(20_000)
    assert cabinet.record.in_sync == (0,)
    assert cabinet.states() == "DUPLEXING -"
    cabinet.post(0, ev.ForceAsked(cabinet.now_ms, off=1))
    cabinet.run(2_000)
    assert cabinet.states() == "ACTIVE -"
    assert missing(cabinet, 0) == (0, False)
    assert cabinet.write()


def test_a_torn_end_alone_on_record_keeps_nobody_waiting() -> None:
    """A lone active whose power failed: nobody else holds more, and what was torn was never answered."""
    cabinet = duplex()
    cabinet.kill(1)
    cabinet.run(1_000)
    cabinet.write(2)
    cabinet.kill(0)
    lose_last(cabinet, 0, TORN)
    cabinet.boot(0)
    cabinet.run(500)
    assert cabinet.states() == "ACTIVE -"


@pytest.mark.parametrize("rotten", [TORN, ROTTEN])
def test_a_survivor_that_lost_its_end(rotten: bool) -> None:
    """Without witness and partner it goes on by its note only if nothing rotted, and not at once."""
    cabinet = designated()
    assert cabinet.write()
    cabinet.kill(1)
    cabinet.kill(0)
    lose_last(cabinet, 0, rotten)
    cabinet.boot(0)
    cabinet.run(LOST_MS + 2_000)
    assert cabinet.states() == "DUPLEXING -"
    cabinet.run(log_end.boot_wait_ms(cabinet.boxes[0].unit))
    assert cabinet.boxes[0].unit.state is (State.DUPLEXING if rotten else State.ACTIVE)
    assert missing(cabinet, 0) == ((4, ROTTEN) if rotten else (0, False))
    cabinet.boot(1)
    cabinet.witness_up = True
    cabinet.run(8_000)
    assert cabinet.record.active == (1 if rotten else 0)  # who cannot serve set the other one free
    assert cabinet.write()


def test_a_survivor_that_answered_alone_and_lost_that_waits_for_a_person() -> None:
    """Its note gives it the right to go on, not what it answered: nobody has that, and nobody skips it."""
    cabinet = designated()
    cabinet.kill(1)
    cabinet.run(500)
    assert cabinet.write(2)
    cabinet.kill(0)
    lose_last(cabinet, 0, ROTTEN)
    cabinet.boot(0)
    cabinet.run(LOST_MS + 2 * log_end.boot_wait_ms(cabinet.boxes[0].unit))
    assert cabinet.states() == "DUPLEXING -"
    assert cabinet.promise(0).note is not None


def test_a_survivor_with_a_rotten_state_keeps_its_right_while_the_witness_is_away() -> None:
    """Nobody else could serve: it goes on by its note, with what is sound."""
    cabinet = designated()
    cabinet.kill(1)
    cabinet.kill(0)
    cabinet.boot(0, rot="the state is rotten")
    cabinet.run(LOST_MS + 1_000)
    assert cabinet.states() == "ACTIVE -"


def test_a_survivor_with_a_rotten_state_sets_the_other_free() -> None:
    """Both are back, and the witness: one may not serve for its state, the other was bound to it. It never
    answered alone, so it gives its right up."""
    cabinet = designated()
    cabinet.kill(1)
    cabinet.kill(0)
    cabinet.witness_up = True
    cabinet.boot(0, rot="the state is rotten")
    cabinet.boot(1)
    cabinet.run(8_000)
    assert cabinet.states() == "STANDBY ACTIVE"
    assert cabinet.write()


def test_a_survivor_that_answered_alone_serves_with_a_rotten_state() -> None:
    """Nobody else holds what it answered, whoever is on record: it serves what is sound of its state."""
    cabinet = designated()
    cabinet.kill(1)
    cabinet.run(500)
    assert cabinet.write(2)
    cabinet.kill(0)
    cabinet.witness_up = True
    cabinet.boot(0, rot="the state is rotten")
    cabinet.run(8_000)
    assert cabinet.states() == "ACTIVE -"
    assert cabinet.record.in_sync == (0,)
    assert cabinet.boxes[0].disk.head_seq >= 4
