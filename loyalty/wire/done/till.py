"""What came of tills' commands, as messages."""

from loyalty import outcomes as out
from loyalty.v1 import till_pb2 as pb
from loyalty.wire.done.bills import balance, bill, receipt


def enrol(message: pb.EnrolDone, done: out.EnrolDone, _: int) -> None:
    """A new member."""
    message.member_id = done.member_id
    balance(message.balance, done.balance)


def confirm(message: pb.ConfirmDone, done: out.ConfirmDone, _: int) -> None:
    """A purchase."""
    message.member_id, message.repeated = done.member_id, done.repeated
    receipt(message.receipt, done.receipt)
    bill(message.bill, done.bill)
    balance(message.balance, done.balance)


def return_lines(message: pb.ReturnLinesDone, done: out.ReturnLinesDone, _: int) -> None:
    """A return."""
    message.member_id, message.repeated = done.member_id, done.repeated
    receipt(message.return_receipt, done.return_receipt)
    receipt(message.receipt, done.receipt)
    returned(message, done.returned)
    balance(message.balance, done.balance)


def void_receipt(message: pb.VoidDone, done: out.VoidDone, _: int) -> None:
    """A receipt that is undone."""
    message.member_id, message.repeated = done.member_id, done.repeated
    receipt(message.receipt, done.receipt)
    message.returned.SetInParent()
    returned(message.returned, done.returned)
    balance(message.balance, done.balance)


def correct_receipt(message: pb.CorrectDone, done: out.CorrectDone, seq: int) -> None:
    """A receipt that is put right."""
    message.voided.SetInParent()
    returned(message.voided, done.voided)
    confirm(message.confirmed, done.confirmed, seq)


def hold(message: pb.HoldDone, done: out.HoldDone, _: int) -> None:
    """An order."""
    message.member_id, message.repeated, message.until_ms = done.member_id, done.repeated, done.until_ms
    receipt(message.receipt, done.receipt)
    bill(message.bill, done.bill)
    balance(message.balance, done.balance)


def cancel_hold(message: pb.CancelHoldDone, done: out.CancelHoldDone, _: int) -> None:
    """An order that is given up."""
    message.member_id, message.repeated = done.member_id, done.repeated
    message.points_back, message.points_back_ended = done.points_back, done.points_back_ended
    receipt(message.receipt, done.receipt)
    balance(message.balance, done.balance)


def use_service(message: pb.UseServiceDone, done: out.UseServiceDone, _: int) -> None:
    """Services that are used."""
    message.member_id, message.repeated, message.service = done.member_id, done.repeated, done.service
    message.times, message.left_times = done.times, done.left_times
    receipt(message.use, done.use)


def returned(message: pb.ReturnLinesDone | pb.Returned, value: out.Returned) -> None:
    """What came back: both messages say it under the same names."""
    for line in value.lines:
        message.lines.add(
            line=line.line,
            quantity_milli=line.quantity_milli,
            refund_minor=line.refund_minor,
            points_back=line.points_back,
            points_taken=line.points_taken,
            left_milli=line.left_milli,
        )
    message.refund_minor, message.points_back = value.refund_minor, value.points_back
    message.points_back_ended = value.points_back_ended
    message.points_back_settled = value.points_back_settled
    message.points_taken, message.points_owed = value.points_taken, value.points_owed
    message.kept_back_minor, message.kept_back_points = value.kept_back_minor, value.kept_back_points
    message.services_taken = value.services_taken
    for wallet in value.wallets:
        message.wallets.add(
            wallet=wallet.wallet, points_taken=wallet.points_taken, points_owed=wallet.points_owed
        )
