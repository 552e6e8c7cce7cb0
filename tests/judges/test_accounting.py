"""The books are compared with what clients were told: every way to lose, double or bend a purchase shows."""

from dataclasses import fields, replace
from typing import Any

import pytest

from chaos.judges.accounting import Account, Booked, account, longest_gap, longest_wait, percentiles
from chaos.judges.history import CallRecord
from loyalty.client.history import Answered, Sent, Told

ANN, BOB = 1001, 1002
MS = 1000


def call(
    n: int,
    at_ms: int,
    took_ms: int | None,
    told: Told = "done",
    method: str = "Confirm",
    member: int = ANN,
    points: int = 0,
    seq: int = 0,
) -> CallRecord:
    """A call that was due and sent at `at_ms`; its receipt is (1, 1, n, 20261122)."""
    receipt = None if method in ("Enrol", "GetBalance") else (1, 1, n, 20261122)
    sent = Sent(n, 0, method, at_ms * MS, at_ms * MS, f"{n:032x}", member, receipt)
    if took_ms is None:
        return CallRecord(sent)
    answer = Answered(n, (at_ms + took_ms) * MS, told, seq=seq, member=member, points=points)
    return CallRecord(sent, [answer])


def booked(record: CallRecord, **changed: Any) -> Booked:
    """The statement item that such a call leaves."""
    answer, sent = record.answers[-1], record.sent
    return replace(Booked(sent.member, sent.method, sent.receipt, answer.points, answer.seq), **changed)


ENROL = call(1, 0, 2, method="Enrol", points=500, seq=1)
BUY = call(2, 10, 2, points=45, seq=2)
READ = call(3, 20, 2, method="GetBalance", points=545, seq=2)
BUY_MORE = call(4, 30, 2, points=-100, seq=3)
NO = call(5, 40, 2, told="rejected", seq=4)
BUSY = call(6, 50, 2, told="not_taken")
CALLS = [ENROL, BUY, READ, BUY_MORE, NO, BUSY]
BOOKS = [booked(ENROL), booked(BUY), booked(BUY_MORE)]
LOST_ANSWER = call(7, 60, None)


def test_a_run_without_a_fault_is_in_order() -> None:
    result = account(CALLS, BOOKS)
    assert result.ok
    assert (result.scheduled, result.acknowledged, result.done, result.rejected) == (6, 5, 4, 1)
    assert (result.refused, result.unknown, result.findings) == (1, 0, [])


WRONG = [  # what is wrong, calls, books
    ("lost", CALLS, [booked(ENROL), booked(BUY_MORE)]),
    ("doubled", CALLS, [*BOOKS, booked(BUY)]),
    ("doubled", CALLS, [*BOOKS, booked(BUY, seq=9)]),
    ("altered", CALLS, [booked(ENROL), booked(BUY, points=44), booked(BUY_MORE)]),
    ("altered", CALLS, [booked(ENROL), booked(BUY, seq=9), booked(BUY_MORE)]),
    ("unexplained", CALLS, [*BOOKS, booked(NO)]),  # a rejection that changed something
    ("unexplained", CALLS, [*BOOKS, booked(BUSY)]),  # "surely not taken" was not true
    ("unexplained", CALLS, [*BOOKS, Booked(BOB, "Enrol", None, 500, 5)]),  # nobody asked for this
    ("stale", [*CALLS, call(8, 70, 2, method="GetBalance", points=545, seq=2)], BOOKS),  # old: 3 was known
    ("misread", [*CALLS, call(8, 70, 2, method="GetBalance", points=545, seq=4)], BOOKS),  # 445 by then
]


@pytest.mark.parametrize(("kind", "calls", "books"), WRONG)
def test_each_fault_is_counted_as_what_it_is(kind: str, calls: list[CallRecord], books: list[Booked]) -> None:
    result = account(calls, books)
    counts = {name: getattr(result, name) for name in SAFETY}
    assert counts == {**dict.fromkeys(SAFETY, 0), kind: 1}
    assert not result.ok
    assert len(result.findings) == 1
    assert result.findings[0].startswith(kind)


SAFETY = ("lost", "doubled", "altered", "unexplained", "stale", "misread")


def test_every_count_of_safety_is_tested() -> None:
    """A count that no row above raises may be blind."""
    assert {kind for kind, *_ in WRONG} == set(SAFETY) <= {field.name for field in fields(Account)}


def test_an_unknown_call_may_be_booked_or_not_but_not_twice() -> None:
    done = booked(replace_answer(LOST_ANSWER, points=10, seq=5))
    for books, doubled in [(BOOKS, 0), ([*BOOKS, done], 0), ([*BOOKS, done, done], 1)]:
        result = account([*CALLS, LOST_ANSWER], books)
        assert (result.unknown, result.unexplained, result.doubled) == (1, 0, doubled)


def test_an_unknown_enrolment_has_no_member_yet() -> None:
    """The client does not know the number that the pair gave; one such member is explained, two are not."""
    lost = call(9, 80, None, method="Enrol", member=0)
    extra = [Booked(BOB, "Enrol", None, 500, 7), Booked(BOB + 1, "Enrol", None, 500, 8)]
    assert account([*CALLS, lost], [*BOOKS, extra[0]]).unexplained == 0
    assert account([*CALLS, lost], [*BOOKS, *extra]).unexplained == 1


def test_asked_again_until_definite_is_counted_on_the_way() -> None:
    asked_again = call(2, 10, 900, points=45, seq=2)
    asked_again.answers.insert(0, Answered(2, 500 * MS, "unknown"))
    result = account([ENROL, asked_again], [booked(ENROL), booked(asked_again)])
    assert (result.unknown, result.unknown_on_the_way, result.ok) == (0, 1, True)


def test_two_commands_never_share_a_place() -> None:
    twin = call(8, 70, 2, points=1, seq=4)
    assert account([*CALLS, twin], [*BOOKS, booked(twin)]).stale == 1


def replace_answer(record: CallRecord, points: int, seq: int) -> CallRecord:
    return CallRecord(record.sent, [Answered(record.sent.n, 0, "done", points=points, seq=seq)])


# --- gap and wait -------------------------------------------------------------------------------------

GAPS = [  # calls (due, took, told), gap and its begin in ms
    ([], (0, 0)),
    ([(0, 5, "done")], (5, 0)),  # counted from when it was due
    ([(0, 5, "done"), (1000, 5, "done")], (5, 1000)),  # nothing was due in between: no gap
    ([(0, 5, "done"), (10, 800, "done"), (700, 5, "done")], (695, 10)),  # another till's answer ends it
    ([(0, 5, "done"), (1, 304, "done"), (100, 205, "done")], (300, 5)),  # from the last answer on
    ([(0, 5, "done"), (10, 90, "not_taken"), (50, 100, "done")], (140, 10)),  # a refusal is no answer
    ([(0, 50, "unknown"), (500, 5, "done")], (5, 500)),  # who gave up waits no more
    ([(0, 300, "rejected")], (300, 0)),  # a rejection is one
]


@pytest.mark.parametrize(("calls", "gap"), GAPS)
def test_gap(calls: list[tuple[int, int, Told]], gap: tuple[int, int]) -> None:
    records = [call(n, due, took, told) for n, (due, took, told) in enumerate(calls)]
    assert longest_gap(records) == (gap[0], gap[1] * MS)


def test_wait_is_from_schedule_to_the_definite_answer() -> None:
    """A client that could not send in time has been waiting all the same: no coordinated omission."""
    late = Sent(1, 0, "Confirm", 10 * MS, 400 * MS)
    answers = [Answered(1, 450 * MS, "unknown"), Answered(1, 710 * MS, "done")]
    assert longest_wait([CallRecord(late, answers), call(2, 0, 5)]) == (700.0, 10 * MS)


def test_percentiles() -> None:
    assert percentiles([]) == {}
    assert percentiles(range(1, 1001)) == {"p50": 501, "p99": 991, "p99.9": 1000}
