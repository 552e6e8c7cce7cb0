"""Queues between a call and its answer: order, lanes, limits, what is owed and what is given back."""

import asyncio

import pytest

from ftnode.shell import pace
from ftnode.shell.calls import Call, NoRoomError, Waiter
from ftnode.shell.intake import Intake, IntakeLimits
from ftnode.shell.ledger import Ledger
from ftnode.shell.pace import FLOOR_ENTRIES, WINDOW_MS, Pace
from ftnode.shell.relay import Relay
from ftnode.shell.table import Answer, Command, Lane, Query

LIMITS = IntakeLimits(
    queue_max_entries=10,
    queue_max_bytes=10_000,
    back_office_max_entries=3,
    reads_max=2,
    batch_max_entries=4,
    batch_max_bytes=2000,
)


def command(number: int, lane: Lane = Lane.TILL, size_bytes: int = 10, waiter: Waiter | None = None) -> Call:
    want = Command(16, 1, 7, b"id-%05d" % number, 0, 0, b"x" * size_bytes)
    return Call(want, lane, b"me", number, waiter)


def read(number: int) -> Call:
    return Call(Query(b"q"), Lane.TILL, b"me", number, None)


def ids(calls: list[Call]) -> list[int]:
    return [call.arrived_ms for call in calls]


def test_tills_go_before_the_back_office() -> None:
    """Back-office commands go in only behind all tills that wait."""
    intake = Intake(LIMITS)
    intake.admit([command(1, Lane.BACK_OFFICE), command(2, Lane.BACK_OFFICE)])
    intake.admit([command(3), command(4), command(5)])
    assert ids(intake.pull(intake.next_batch())) == [3, 4, 5, 1]
    assert ids(intake.pull(intake.next_batch())) == [2]


FULL = [  # what is there, what comes, what is said
    ([command(n) for n in range(10)], [command(99)], "commands wait"),
    ([command(n) for n in range(8)], [command(n) for n in (97, 98, 99)], "commands wait"),  # a batch call
    ([command(n, Lane.BACK_OFFICE) for n in range(3)], [command(99, Lane.BACK_OFFICE)], "back_office_max"),
    ([read(1), read(2)], [read(99)], "reads_max"),
    ([command(1, size_bytes=9000)], [command(99, size_bytes=900)], "queue_max_bytes"),
]


@pytest.mark.parametrize(("there", "more", "words"), FULL)
def test_what_does_not_fit_is_refused_whole(there: list[Call], more: list[Call], words: str) -> None:
    """Nothing of a refused call is kept."""
    intake = Intake(LIMITS)
    intake.admit(there)
    with pytest.raises(NoRoomError, match=words):
        intake.admit(more)
    assert len(intake) == len(there)


def test_a_batch_ends_by_bytes_but_never_before_its_first_entry() -> None:
    """One command larger than a batch still goes, alone."""
    intake = Intake(LIMITS)
    intake.admit([command(1, size_bytes=5000), command(2, size_bytes=900), command(3, size_bytes=900)])
    assert ids(intake.pull(intake.next_batch())) == [1]
    assert ids(intake.pull(intake.next_batch())) == [2]


async def test_who_gave_up_is_passed_over() -> None:
    """A caller whose deadline passed at the head of the queue costs no seq."""
    intake = Intake(LIMITS)
    gone = Waiter(1)
    intake.admit([command(1, waiter=gone), command(2)])
    gone.future.cancel()
    assert ids(intake.pull(intake.next_batch())) == [2]


def test_old_calls_are_found_at_the_front() -> None:
    """The sweep takes those that arrived before a time, of every kind, and leaves the rest in order."""
    intake = Intake(LIMITS)
    intake.admit([command(1), command(5)])
    intake.admit([read(2), read(6)])
    assert ids(intake.pull_older(5)) == [1, 2]
    assert ids(intake.pull_all()) == [5, 6]
    assert intake.waiting_bytes == 0


def test_as_many_wait_as_are_served_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fast unit lets more wait than a slow one; a standstill changes nothing."""
    now_ms = 0
    monkeypatch.setattr(pace, "_now_ms", lambda: now_ms)
    limit = Pace(100_000)
    assert limit.limit_entries == 100_000  # nothing is known yet
    for _ in range(10):
        limit.served(1000)
        now_ms += WINDOW_MS
    limit.served(1)
    assert limit.limit_entries == 1400  # 4,000 a second: a third of a second's worth
    now_ms += 10_000  # a takeover
    limit.served(1)
    limit.served(1)
    assert limit.limit_entries >= 1200
    assert Pace(100).limit_entries == 100
    assert FLOOR_ENTRIES < 1400


async def test_a_large_batch_call_comes_in_when_nothing_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a quiet unit the pace is at its floor, and a call above it would be refused for ever."""
    clock_ms = 0
    monkeypatch.setattr(pace, "_now_ms", lambda: clock_ms)
    most = 2 * FLOOR_ENTRIES
    intake = Intake(IntakeLimits(queue_max_entries=most))
    relay = Relay(lambda _: None, most, 1 << 30)
    intake.put(command(0))
    for _ in range(3):  # quiet: a command now and then
        clock_ms += WINDOW_MS
        intake.pull(1)
        relay._pace.served(1)
    for door in (intake, relay):
        door.admit([command(n) for n in range(most)])
        with pytest.raises(NoRoomError):
            door.admit([command(1)])  # now something waits
        door.pull_all()
        door.admit([command(1)])
        with pytest.raises(NoRoomError):
            door.admit([command(n) for n in range(FLOOR_ENTRIES)])
        door.pull_all()
        with pytest.raises(NoRoomError):
            door.admit([command(n) for n in range(most + 1)])


def owed(ledger: Ledger, from_seq: int, calls: list[Call]) -> None:
    """`calls` are given out from `from_seq` on, and executed."""
    ledger.given(from_seq, calls)
    for seq in range(from_seq, from_seq + len(calls)):
        ledger.executed(seq, 7, 1000, b"\x00done", seq)


def test_what_is_owed_is_released_once_and_in_order() -> None:
    """Release names a seq: everything through it, nothing beyond, nothing twice."""
    ledger = Ledger()
    owed(ledger, 11, [command(1), command(2)])
    owed(ledger, 14, [command(3)])  # 13 was a no-op of ours: nobody is owed for it
    assert (ledger.batches, len(ledger)) == (2, 3)
    assert list(ledger.release(10)) == []
    assert [(call.arrived_ms, answer.seq) for call, answer in ledger.release(12)] == [(1, 11), (2, 12)]
    assert ledger.batches == 1
    assert [(call.arrived_ms, answer.outcome) for call, answer in ledger.release(20)] == [(3, b"done")]
    assert list(ledger.release(20)) == []


def test_what_an_earlier_entry_did_is_told_with_its_place() -> None:
    """A command that came twice is answered with the seq that did it."""
    ledger = Ledger()
    ledger.given(11, [command(1)])
    ledger.executed(11, 7, 1000, b"\x00done", 4)
    assert [answer for _, answer in ledger.release(11)] == [Answer(4, 7, 1000, 0, b"done")]


def test_a_deposed_active_gives_everything_back() -> None:
    """Commands in the log and reads under barriers are asked elsewhere; nothing of them stays."""
    ledger = Ledger()
    owed(ledger, 11, [command(1), command(2)])
    ledger.expect(3, [read(5)])
    ledger.read(3, [Answer(10, 7, 1000, 0, b"old")])
    assert ids(ledger.older(2)) == [1]
    assert sorted(ids(ledger.pull_all())) == [1, 2, 5]
    assert (len(ledger), ledger.batches, list(ledger.release_reads(9))) == (0, 0, [])


def test_reads_leave_with_their_barrier() -> None:
    """A barrier lets out those under it and below, not those above."""
    ledger = Ledger()
    for barrier in (1, 2, 3):
        ledger.expect(barrier, [read(barrier)])
        ledger.read(barrier, [Answer(barrier, 7, 1000, 0, b"")])
    assert [answer.seq for _, answer in ledger.release_reads(2)] == [1, 2]
    assert [answer.seq for _, answer in ledger.release_reads(3)] == [3]


async def test_a_batch_call_ends_with_its_last_answer() -> None:
    """Answers may come in any order; an answer that comes twice (sent again) counts once."""
    waiter = Waiter(2)
    first, second = Answer(1, 1, 1, 0, b"a"), Answer(2, 1, 1, 0, b"b")
    waiter.put(1, second)
    waiter.put(1, first)
    assert not waiter.future.done()
    waiter.put(0, first)
    assert await asyncio.wait_for(waiter.future, 1) == [first, second]
