"""A history file says everything its client did, also when the client was killed in the middle of a line."""

from pathlib import Path

import pytest

from chaos.judges.history import read_history
from loyalty.client.answers import Done, NotTaken, Rejected, Unknown
from loyalty.client.figures import Details, Figures
from loyalty.client.history import Answered, HistoryWriter, Sent, answered, in_detail
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till

SENT = [Sent(n, 3, "Confirm", 1000 + n, 1010 + n, "ab" * 16, 81, (17, 3, n, 20261122)) for n in range(3)]
ANSWER = Answered(0, 2000, "done", tries=2, seq=9, epoch=7, log_time_ms=5, member=81, points=-45)


def write(path: Path, *lines: Sent | Answered) -> Path:
    with HistoryWriter(path) as history:
        for line in lines:
            history.write(line)
    return path


def test_what_is_written_is_read_back_in_order_of_schedule(tmp_path: Path) -> None:
    one = write(tmp_path / "1.jsonl", SENT[2], SENT[0], ANSWER)
    two = write(tmp_path / "2.jsonl", SENT[1])
    calls = read_history([one, two])
    assert [call.sent for call in calls] == SENT
    assert calls[0].last == ANSWER
    assert [call.told for call in calls] == ["done", "unknown", "unknown"]


def test_a_torn_last_line_is_left_out_wherever_it_is_torn(tmp_path: Path) -> None:
    path = write(tmp_path / "h.jsonl", SENT[0], ANSWER)
    whole = path.read_bytes()
    first_line = whole.index(b"\n") + 1
    for length in range(first_line, len(whole)):
        path.write_bytes(whole[:length])
        (call,) = read_history([path])
        assert call.told == "unknown"


def test_an_old_history_is_continued(tmp_path: Path) -> None:
    write(tmp_path / "h.jsonl", SENT[0])
    assert len(read_history([write(tmp_path / "h.jsonl", SENT[1])])) == 2


DAMAGED = [  # content, what the error must say
    (b'{"event":"sent"}\n', r"h\.jsonl:1: not a line of a history"),
    (b"\x00\x00\n", r"h\.jsonl:1: not a line"),
    (b'{"event":"answered","n":5,"answered_us":1,"told":"done"}\n', "call 5 is answered but was never sent"),
    (
        b'{"event":"sent","n":1,"till":0,"method":"Confirm","scheduled_us":1,"sent_us":1}\n' * 2,
        r"h\.jsonl:2: call 1 was sent before",
    ),
]


@pytest.mark.parametrize(("content", "says"), DAMAGED)
def test_damage_is_named_never_skipped(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "h.jsonl"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=says):
        read_history([path])


BALANCE = common.Balance(active_points=400, future_points=45, debt_points=0)
ANSWERS = [  # answer of the client, told, member and points in the line
    (till.EnrolDone(member_id=8, balance=BALANCE), 8, 445),
    (till.GetBalanceDone(member_id=8, balance=BALANCE), 8, 445),
    (till.ConfirmDone(member_id=8, bill=common.Bill(earned_points=45, spent_points=100)), 8, -55),
    (till.ReturnLinesDone(member_id=8, points_back=100, points_taken=45), 8, 55),
    (till.GetStatementDone(member_id=8), 8, 0),
]


@pytest.mark.parametrize(("outcome", "member", "points"), ANSWERS)
def test_effects_that_go_into_the_history(outcome: object, member: int, points: int) -> None:
    line = answered(1, Done(outcome, 9, 7, 5, 2), 2000)
    assert line == Answered(1, 2000, "done", 2, "", 9, 7, 5, member, points)


def test_every_kind_of_answer_has_its_line() -> None:
    assert answered(1, Rejected(63, "BALANCE_TOO_LOW", "", "", 9, 7, 5, 1), 2).why == "BALANCE_TOO_LOW"
    assert answered(1, NotTaken("RESOURCE_EXHAUSTED", "", "", 4), 2) == Answered(
        1, 2, "not_taken", 4, "RESOURCE_EXHAUSTED"
    )
    assert answered(1, Unknown(b"id", "no answer", 2), 2) == Answered(1, 2, "unknown", 2, "no answer")


def test_a_full_disk_is_an_error_not_a_short_history(tmp_path: Path) -> None:
    with HistoryWriter(Path("/dev/full")) as history, pytest.raises(OSError, match="No space"):
        history.write(SENT[0])


DRAWS = [common.Lot(lot=1, points=60), common.Lot(lot=2, points=40, purposed=True)]
EARNINGS = [common.Earning(points=30), common.Earning(points=15, lot=common.Lot(lot=4, purposed=True))]
BILL = common.Bill(
    amount_minor=10_000,
    discount_minor=2_000,
    paid_minor=7_900,
    spent_points=100,
    earned_points=45,
    draws=DRAWS,
    earnings=EARNINGS,
    applied=[common.Applied(promotion=201, minor=2_000, funder=1)],
)
FIGURES = Figures(10_000, 2_000, 7_900, 100, 45, ((201, 2_000, 0),), ((201, 2_000, 0),))
DETAILS = [  # method, outcome, points in all, details
    ("Confirm", till.ConfirmDone(bill=BILL, balance=BALANCE), -55, Details(FIGURES, 445, -30)),
    ("Hold", till.HoldDone(bill=BILL, balance=BALANCE), -100, Details(FIGURES, 445, -60)),
    ("Capture", till.ConfirmDone(bill=BILL, balance=BALANCE), 45, Details(FIGURES, 445, 30)),  # spent before
    ("CancelHold", till.CancelHoldDone(points_back=100, balance=BALANCE), 100, Details(Figures(), 445)),
    (
        "VoidReceipt",
        till.VoidDone(returned=till.Returned(refund_minor=7_900, points_back=100), balance=BALANCE),
        100,
        Details(Figures(refund_minor=7_900, points_back=100), 445),
    ),
    ("UseService", till.UseServiceDone(times=1), 0, Details(Figures(services=1))),
    ("GetBalance", till.GetBalanceDone(balance=BALANCE), 445, Details(Figures(), 445)),
]


@pytest.mark.parametrize(("method", "outcome", "points", "details"), DETAILS)
def test_a_history_in_detail(
    tmp_path: Path, method: str, outcome: object, points: int, details: Details
) -> None:
    """Written and read back; points with a purpose move no balance."""
    answer = Done(outcome, 9, 7, 5, 2)
    line = in_detail(answered(0, answer, 2000), method, answer)
    assert (line.points, line.details) == (points, details)
    (call,) = read_history([write(tmp_path / "h.jsonl", SENT[0], line)])
    assert call.last == line
