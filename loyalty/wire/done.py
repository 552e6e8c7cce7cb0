"""The engine's outcomes as protobuf messages, one function each."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from google.protobuf.message import Message

from loyalty import outcomes as out
from loyalty.commands import ReceiptId, Rules
from loyalty.v1 import back_office_pb2 as bo
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as pb
from loyalty.wire.requests import page_token


class Fill(NamedTuple):
    """How an outcome fills its message; the number is the seq of the answer."""

    message: type[Message]
    into: Callable[[Any, Any, int], None]


def enrol(message: pb.EnrolDone, done: out.EnrolDone, _: int) -> None:
    """A new member."""
    message.member_id = done.member_id
    _balance(message.balance, done.balance)


def find_member(message: pb.FindMemberDone, done: out.FindMemberDone, _: int) -> None:
    """Who it is."""
    message.member_id, message.phone, message.enrolled_ms = done.member_id, done.phone, done.enrolled_ms
    message.cards.extend(done.cards)
    _balance(message.balance, done.balance)


def quote(message: pb.QuoteDone, done: out.QuoteDone, _: int) -> None:
    """What a basket would come to."""
    message.quote_digest, message.most_points = done.quote_digest, done.most_points
    _bill(message.bill, done.bill)
    _balance(message.balance, done.balance)


def confirm(message: pb.ConfirmDone, done: out.ConfirmDone, _: int) -> None:
    """A purchase."""
    message.member_id, message.repeated = done.member_id, done.repeated
    _receipt(message.receipt, done.receipt)
    _bill(message.bill, done.bill)
    _balance(message.balance, done.balance)


def return_lines(message: pb.ReturnLinesDone, done: out.ReturnLinesDone, _: int) -> None:
    """A return."""
    message.member_id, message.repeated = done.member_id, done.repeated
    _receipt(message.return_receipt, done.return_receipt)
    _receipt(message.receipt, done.receipt)
    returned = done.returned
    for line in returned.lines:
        message.lines.add(
            line=line.line,
            quantity_milli=line.quantity_milli,
            refund_minor=line.refund_minor,
            points_back=line.points_back,
            points_taken=line.points_taken,
            left_milli=line.left_milli,
        )
    message.refund_minor, message.points_back = returned.refund_minor, returned.points_back
    message.points_back_ended = returned.points_back_ended
    message.points_back_settled = returned.points_back_settled
    message.points_taken, message.points_owed = returned.points_taken, returned.points_owed
    _balance(message.balance, done.balance)


def get_balance(message: pb.GetBalanceDone, done: out.GetBalanceDone, _: int) -> None:
    """How many points."""
    message.member_id = done.member_id
    _balance(message.balance, done.balance)
    for ending in done.ending_soon:
        message.ending_soon.add(active_until_ms=ending.active_until_ms, points=ending.points)
    message.ending_soon_points, message.ending_soon_cut = done.ending_soon_points, done.ending_soon_cut


def get_statement(message: pb.GetStatementDone, done: out.GetStatementDone, seq: int) -> None:
    """A page of movements."""
    as_of_seq = done.as_of_seq or seq
    message.member_id, message.as_of_seq = done.member_id, as_of_seq
    message.next_page_token = page_token(as_of_seq, done.next_before_seq)
    for item in done.items:
        movement: Any = int(item.movement)  # numbers are the same on both sides
        into = message.items.add(
            seq=item.seq,
            time_ms=item.time_ms,
            movement=movement,
            points=item.points,
            actor=item.actor,
        )
        if item.receipt is not None:
            _receipt(into.receipt, item.receipt)
        if item.returned_receipt is not None:
            _receipt(into.returned_receipt, item.returned_receipt)
        for posting in item.postings:
            account: Any = int(posting.account)
            into.postings.add(account=account, ref=posting.ref, points=posting.points)


def define(message: pb.DefineDone, done: out.DefineDone, _: int) -> None:
    """Something was published."""
    message.version = done.version


def get_programme(message: bo.GetProgrammeDone, done: out.GetProgrammeDone, _: int) -> None:
    """The rules in force: field by field, the names are the same on both sides."""
    message.version = done.version
    for field in Rules.__struct_fields__:
        setattr(message.rules, field, getattr(done.rules, field))


def get_store(message: bo.GetStoreDone, done: out.GetStoreDone, _: int) -> None:
    """A registered store."""
    message.version, message.store.store, message.store.name = done.version, done.store, done.name
    for from_ms, offset_s in done.zone:
        message.store.zone.add(from_ms=from_ms, offset_s=offset_s)


FILL: Final[dict[type[out.Outcome], Fill]] = {
    out.EnrolDone: Fill(pb.EnrolDone, enrol),
    out.FindMemberDone: Fill(pb.FindMemberDone, find_member),
    out.QuoteDone: Fill(pb.QuoteDone, quote),
    out.ConfirmDone: Fill(pb.ConfirmDone, confirm),
    out.ReturnLinesDone: Fill(pb.ReturnLinesDone, return_lines),
    out.GetBalanceDone: Fill(pb.GetBalanceDone, get_balance),
    out.GetStatementDone: Fill(pb.GetStatementDone, get_statement),
    out.DefineDone: Fill(pb.DefineDone, define),
    out.GetProgrammeDone: Fill(bo.GetProgrammeDone, get_programme),
    out.GetStoreDone: Fill(bo.GetStoreDone, get_store),
}


def _balance(message: common.Balance, balance: out.Balance) -> None:
    message.SetInParent()  # a balance of zeros is there too
    message.active_points, message.spendable_points = balance.active_points, balance.spendable_points
    message.future_points, message.debt_points = balance.future_points, balance.debt_points


def _receipt(message: common.ReceiptId, receipt: ReceiptId) -> None:
    message.store, message.terminal = receipt.store, receipt.terminal
    message.number, message.business_day = receipt.number, receipt.business_day


def _until_ms(until_ms: int) -> int:
    return 0 if until_ms == out.NEVER_MS else until_ms


def _lot(message: common.Lot, lot: out.Lot) -> None:
    message.lot, message.points = lot.lot, lot.points
    message.active_from_ms, message.active_until_ms = lot.active_from_ms, _until_ms(lot.active_until_ms)


def _bill(message: common.Bill, bill: out.Bill) -> None:
    for line in bill.lines:
        message.lines.add(
            amount_minor=line.amount_minor,
            spent_points=line.spent_points,
            spent_minor=line.spent_minor,
            paid_minor=line.paid_minor,
            earned_points=line.earned_points,
        )
    message.amount_minor, message.spent_points = bill.amount_minor, bill.spent_points
    message.spent_minor, message.paid_minor = bill.spent_minor, bill.paid_minor
    message.earned_points, message.debt_paid_points = bill.earned_points, bill.debt_paid_points
    message.programme_version = bill.programme_version
    if bill.earned_lot is not None:
        _lot(message.earned_lot, bill.earned_lot)
    for draw in bill.draws:
        _lot(message.draws.add(), draw)
