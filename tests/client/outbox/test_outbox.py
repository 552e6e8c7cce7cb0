"""What an outbox keeps, what it does not take, and who may have it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from loyalty.client.outbox import (
    Fate,
    Outbox,
    OutboxDiskError,
    OutboxFullError,
    OutboxHeldError,
    OutboxRefusedError,
    limits,
    look,
)
from loyalty.client.outbox.entries import Verdict
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till
from tests.client.line import NOON_MS, FakeClock
from tests.client.outbox.purchases import ANN, sold

DONE = Verdict(
    Fate.DONE, seq=9, outcome=till.ConfirmDone(member_id=81).SerializeToString(), log_time_ms=5_000
)
NO = Verdict(Fate.REJECTED, seq=10, reason="MEMBER_UNKNOWN", field="member", log_time_ms=6_000)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "till.outbox"


@pytest.fixture
def outbox(path: Path) -> Iterator[Outbox]:
    with Outbox.open(path, FakeClock()) as outbox:
        yield outbox


def settle(outbox: Outbox, verdict: Verdict) -> None:
    head = outbox.head()
    assert head is not None
    outbox.settle(head, verdict)


def test_what_is_put_is_there_after_the_till_ends(path: Path) -> None:
    """Commands of every kind, in order, byte for byte, with the time of the till's clock."""
    enrol = till.EnrolRequest(request_id=b"enrol-01", phone=ANN)
    back = till.ReturnLinesRequest(request_id=b"return-1", receipt=sold(1).receipt)
    with Outbox.open(path, FakeClock()) as outbox:
        assert [outbox.put(command) for command in (sold(1), enrol, back)] == [1, 2, 3]
    with Outbox.open(path) as outbox:
        assert [(entry.position, entry.method) for entry in outbox.pending()] == [
            (1, "Confirm"),
            (2, "Enrol"),
            (3, "ReturnLines"),
        ]
        assert [entry.command for entry in outbox.pending()] == [sold(1), enrol, back]
        assert {entry.put_ms for entry in outbox.pending()} == {NOON_MS}
        assert outbox.seen_ms == 42, "a restarted till begins with the newest time that its commands carried"
        assert outbox.put(sold(4)) == 4


def test_the_same_command_is_kept_once(outbox: Outbox) -> None:
    """Whoever was not told whether it is on disk puts it again."""
    assert [outbox.put(sold(n)) for n in (1, 2, 1)] == [1, 2, 1]
    assert outbox.waiting == 2
    settle(outbox, DONE)
    assert outbox.put(sold(1)) == 1, "also when it has its answer"
    assert outbox.waiting == 1


def test_settled_in_order_and_kept(outbox: Outbox) -> None:
    """The head first; what was rejected is shown, with the reason."""
    for number in (1, 2, 3):
        outbox.put(sold(number))
    with pytest.raises(ValueError, match="out of order"):
        outbox.settle(outbox.pending()[1], DONE)
    settle(outbox, DONE)
    settle(outbox, NO)
    assert [entry.position for entry in outbox.pending()] == [3]
    first, second = outbox.settled()
    assert (first.fate, first.outcome.member_id) == (Fate.DONE, 81)
    assert (second.reason, second.outcome) == ("MEMBER_UNKNOWN", None)
    assert outbox.rejected() == (second,)
    assert outbox.seen_ms == 6_000


def test_what_nobody_has_seen_is_told_again(path: Path) -> None:
    """A till that dies before the cashier looked shows it when it is back."""
    with Outbox.open(path) as outbox:
        for number in (1, 2, 3):
            outbox.put(sold(number))
        settle(outbox, DONE)
        settle(outbox, NO)
        outbox.tell(outbox.untold()[0])
    with Outbox.open(path) as outbox:
        assert [settled.entry.position for settled in outbox.untold()] == [2]
        assert [settled.told for settled in outbox.settled()] == [True, False]


def test_old_answers_are_forgotten_by_name_and_number(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest of what was done and of what was not; what waits is never touched."""
    monkeypatch.setattr(limits, "OUTBOX_KEEP_DONE_ENTRIES", 2)
    monkeypatch.setattr(limits, "OUTBOX_KEEP_SET_ASIDE_ENTRIES", 1)
    for number in range(1, 9):
        outbox.put(sold(number))
    for verdict in (NO, DONE, NO, DONE, DONE, DONE):
        settle(outbox, verdict)
    assert [settled.entry.position for settled in outbox.settled()] == [3, 5, 6]
    assert [entry.position for entry in outbox.pending()] == [7, 8]


SPEND = common.Spend(points=100, mode=common.SPEND_MODE_UP_TO)


def changed(**values: Any) -> till.ConfirmRequest:
    request = sold(1)
    request.MergeFrom(till.ConfirmRequest(**values))
    for name in (name for name, value in values.items() if not value):
        request.ClearField(name)
    return request


NOT_TAKEN_IN = [  # command, was it sent before, what is said; None: it is kept
    (sold(1), False, None),
    (changed(spend=SPEND), False, "points are not spent without a line"),
    (changed(offline=False, spend=SPEND), False, "points are not spent without a line"),
    (changed(offline=False), False, "offline = true"),
    (changed(sold_ms=0), False, "when it was sold"),
    (changed(offline=False, sold_ms=0, spend=SPEND), True, None),  # sent with a line: as it was sent
    (changed(request_id=b""), False, "request_id has 0 bytes, wanted 8 to 64"),
    (changed(request_id=b"x" * 65), False, "has 65 bytes"),
    (changed(lines=[common.Line(sku="x" * 70_000)]), False, "more than a command may have: 65536"),
    (till.AbandonRequest(request_id=b"x" * 8), False, "AbandonRequest is no command that an outbox keeps"),
    (till.QuoteRequest(), False, "no command that an outbox keeps: CancelHold, Capture, Confirm"),
    (
        till.UseServiceRequest(request_id=b"x" * 8),
        False,
        "needs a line; without one a till does Confirm, Enrol",
    ),
    (till.UseServiceRequest(request_id=b"x" * 8), True, None),
    (till.HoldRequest(request_id=b"x" * 8), False, "HoldRequest needs a line"),
]


@pytest.mark.parametrize(("command", "in_doubt", "says"), NOT_TAKEN_IN)
def test_what_it_takes_in(outbox: Outbox, command: Any, in_doubt: bool, says: str | None) -> None:
    if says is None:
        assert outbox.put(command, in_doubt=in_doubt) == 1
        return
    with pytest.raises(OutboxRefusedError, match=says):
        outbox.put(command, in_doubt=in_doubt)
    assert outbox.waiting == 0


def test_one_id_is_one_command(outbox: Outbox) -> None:
    outbox.put(sold(1))
    with pytest.raises(OutboxRefusedError, match="a new command needs a new id"):
        outbox.put(changed(lines=[common.Line(sku="shoes")]))


@pytest.mark.parametrize("limit", ["OUTBOX_MAX_ENTRIES", "OUTBOX_MAX_BYTES"])
def test_a_full_outbox_says_so(outbox: Outbox, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    """By the limit's name; room comes back when the head has its answer."""
    size = len(sold(1).SerializeToString())
    monkeypatch.setattr(limits, limit, 2 if limit == "OUTBOX_MAX_ENTRIES" else 2 * size)
    outbox.put(sold(1))
    outbox.put(sold(2))
    with pytest.raises(OutboxFullError, match=rf"2 commands of {2 * size} bytes wait, and {limit} \(\d+\)"):
        outbox.put(sold(3))
    assert outbox.put(sold(2)) == 2, "what is there already needs no room"
    settle(outbox, DONE)
    assert outbox.put(sold(3)) == 3


def test_numbers_are_given_out_once(path: Path) -> None:
    """A restarted till must not use a receipt's number again."""
    with Outbox.open(path) as outbox:
        assert [outbox.take_number("17/3") for _ in range(3)] == [1, 2, 3]
        assert outbox.take_number("17/4") == 1
    with Outbox.open(path) as outbox:
        assert outbox.take_number("17/3") == 4
        assert outbox.take_number("17/3", at_least=500) == 500
        assert outbox.take_number("17/3", at_least=500) == 501


HOLD = """
import sys, time
from loyalty.client.outbox import Outbox
with Outbox.open(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_a_second_till_is_told_who_has_it(path: Path) -> None:
    """And the file is free as soon as its holder is gone, however it went."""
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(OutboxHeldError, match=rf"held by process {other.pid} \(since 20"):
            Outbox.open(path)
        alias = path.with_name("alias.outbox")
        alias.symlink_to(path)
        with pytest.raises(OutboxHeldError, match=f"process {other.pid}"):
            Outbox.open(alias)
        assert look(path).waiting == (), "to look needs no lock"
        other.kill()
    Outbox.open(path).close()


def test_two_in_one_process_are_two(outbox: Outbox) -> None:
    with pytest.raises(OutboxHeldError, match=f"process {os.getpid()}"):
        Outbox.open(outbox.path)


def test_nobody_else_may_read_it(outbox: Outbox) -> None:
    """It holds phone numbers."""
    assert outbox.path.stat().st_mode & 0o777 == 0o600


def test_a_place_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(OutboxDiskError, match="No such file or directory"):
        Outbox.open(tmp_path / "nowhere" / "till.outbox")
    with pytest.raises(OutboxDiskError, match="No such file or directory"):
        look(tmp_path / "till.outbox")


def test_on_disk_means_on_disk(outbox: Outbox) -> None:
    """Source of the settings: sqlite.org/pragma.html#pragma_synchronous; decisions/0090."""
    settings = outbox._connection
    assert settings.execute("PRAGMA synchronous").fetchone() == (3,)  # EXTRA
    assert settings.execute("PRAGMA journal_mode").fetchone() == ("delete",)
