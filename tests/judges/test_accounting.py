"""The books are compared with what clients were told: every way to lose, double or bend a purchase shows."""

from dataclasses import fields, replace
from typing import Any

import msgspec
import pytest

from chaos.judges.accounting import Account, Booked, account, longest_gap, longest_wait, percentiles
from chaos.judges.history import CallRecord
from loyalty.client.figures import Details, Figures
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


SAFETY = ("lost", "doubled", "altered", "unexplained", "stale", "misread", "misbilled")


def test_every_count_of_safety_is_tested() -> None:
    """A count that no row above raises may be blind."""
    tried = {kind for kind, *_ in WRONG} | {kind for kind, *_ in WRONG_BILLS}
    assert tried == set(SAFETY) <= {field.name for field in fields(Account)}


# --- bills: 500 for enrolling; a gift of 1000 with the first purchase ----------------------------------


def in_detail(record: CallRecord, after: int, moved: int | None, figures: Figures) -> CallRecord:
    """The same call, as a history that is kept in detail has it."""
    answer = msgspec.structs.replace(record.answers[-1], details=Details(figures, after, moved))
    return CallRecord(record.sent, [answer])


OFF = Figures(10_000, 2_000, 8_000, 0, 240, ((201, 2_000, 0),), ((201, 2_000, 0),))  # a brand pays 20.00
SPENT = Figures(5_000, 0, 4_900, 100, 147, ())  # the 100 are of a lot for skis only: in no balance
BACK = Figures(refund_minor=8_000, points_taken=240)
SOLD = in_detail(call(2, 10, 2, points=240, seq=2), 1740, 240, OFF)
SPENDING = in_detail(call(3, 20, 2, points=47, seq=3), 1887, 147, SPENT)
RETURN = in_detail(call(4, 30, 2, method="ReturnLines", points=-240, seq=4), 1647, None, BACK)
LOOK = in_detail(call(5, 40, 2, method="GetBalance", points=1647, seq=4), 1647, None, Figures())
DETAILED = [in_detail(ENROL, 500, None, Figures()), SOLD, SPENDING, RETURN, LOOK]
GIFT = Booked(ANN, "Gift", None, 1000, 2)
BOOKED = [booked(ENROL), GIFT, booked(SOLD, funded=OFF.funded), booked(SPENDING), booked(RETURN)]
RECEIPTS = {(1, 1, 2, 20261122): OFF, (1, 1, 3, 20261122): SPENT, (1, 1, 4, 20261122): BACK}


def other(record: CallRecord, **changed: Any) -> list[CallRecord]:
    """The calls, one of them answered with other details."""
    details = record.answers[-1].details
    assert details is not None
    changed = {"after_points": details.after_points, "moved_points": details.moved_points, **changed}
    mended = in_detail(record, changed["after_points"], changed["moved_points"], details.figures)
    return [mended if call is record else call for call in DETAILED]


WRONG_BILLS: list[tuple[str, list[CallRecord], list[Booked], dict[Any, Figures]]] = [
    ("misbilled", DETAILED, BOOKED, {**RECEIPTS, (1, 1, 2, 20261122): SPENT}),
    ("misbilled", DETAILED, BOOKED, {key: RECEIPTS[key] for key in list(RECEIPTS)[:2]}),  # the return's
    ("altered", DETAILED, [*BOOKED[:2], booked(SOLD), *BOOKED[3:]], RECEIPTS),  # the brand owes nothing
    ("misread", other(LOOK, after_points=1646), BOOKED, RECEIPTS),
    ("misread", other(SPENDING, moved_points=47), BOOKED, RECEIPTS),  # as if in the balance
    ("misread", DETAILED, [one for one in BOOKED if one is not GIFT], RECEIPTS),  # 1000 from nowhere
    ("doubled", DETAILED, [*BOOKED, replace(GIFT, seq=3)], RECEIPTS),
]


def test_bills_as_told_are_in_order() -> None:
    """Points with a purpose, a gift that nobody asked for, a return: all is explained."""
    assert account(DETAILED, BOOKED, RECEIPTS).findings == []


def test_a_gift_may_be_there_from_the_first_day() -> None:
    """Who enrols on his birthday is answered a balance with it; the statement tells it apart."""
    enrol = in_detail(call(1, 0, 2, method="Enrol", points=1500, seq=1), 1500, None, Figures())
    books = [booked(enrol, points=500), Booked(ANN, "Gift", None, 1000, 1)]
    assert account([enrol], books, {}).findings == []
    assert account([enrol], books[:1], {}).altered == 1


@pytest.mark.parametrize(("kind", "calls", "books", "receipts"), WRONG_BILLS)
def test_each_fault_of_a_bill_is_counted_as_what_it_is(
    kind: str, calls: list[CallRecord], books: list[Booked], receipts: dict[Any, Figures]
) -> None:
    result = account(calls, books, receipts)
    found = {name for name in SAFETY if getattr(result, name)}
    assert kind in found <= {kind, "misread"}  # points twice are in no balance, either
    assert not result.ok


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
