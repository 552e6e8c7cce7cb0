"""The engine's outcomes as protobuf messages: a function each, and the table of all."""

from typing import Final

from loyalty import outcomes as out
from loyalty.v1 import back_office_outcomes_pb2 as changes
from loyalty.v1 import back_office_pb2 as bo
from loyalty.v1 import till_pb2 as pb
from loyalty.wire.done import back_office, booked, members, till
from loyalty.wire.done.bills import Fill, quote

FILL: Final[dict[type[out.Outcome], Fill]] = {
    out.EnrolDone: Fill(pb.EnrolDone, till.enrol),
    out.QuoteDone: Fill(pb.QuoteDone, quote),
    out.ConfirmDone: Fill(pb.ConfirmDone, till.confirm),
    out.ReturnLinesDone: Fill(pb.ReturnLinesDone, till.return_lines),
    out.VoidDone: Fill(pb.VoidDone, till.void_receipt),
    out.CorrectDone: Fill(pb.CorrectDone, till.correct_receipt),
    out.HoldDone: Fill(pb.HoldDone, till.hold),
    out.CancelHoldDone: Fill(pb.CancelHoldDone, till.cancel_hold),
    out.UseServiceDone: Fill(pb.UseServiceDone, till.use_service),
    out.FindMemberDone: Fill(pb.FindMemberDone, members.find_member),
    out.GetBalanceDone: Fill(pb.GetBalanceDone, members.get_balance),
    out.GetStatementDone: Fill(pb.GetStatementDone, members.get_statement),
    out.ListLotsDone: Fill(pb.ListLotsDone, members.list_lots),
    out.GetReceiptDone: Fill(pb.GetReceiptDone, booked.get_receipt),
    out.DefineDone: Fill(changes.DefineDone, back_office.define),
    out.IssueCouponDone: Fill(changes.IssueCouponDone, back_office.issue_coupon),
    out.AdjustDone: Fill(changes.AdjustDone, back_office.adjust),
    out.ChangeMemberDone: Fill(changes.ChangeMemberDone, back_office.change_member),
    out.MergeMembersDone: Fill(changes.MergeMembersDone, back_office.merge_members),
    out.GetProgrammeDone: Fill(bo.GetProgrammeDone, back_office.get_programme),
    out.GetStoreDone: Fill(bo.GetStoreDone, back_office.get_store),
    out.GetPartnerDone: Fill(bo.GetPartnerDone, back_office.get_partner),
    out.GetPromotionDone: Fill(bo.GetPromotionDone, back_office.get_promotion),
    out.ListPromotionsDone: Fill(bo.ListPromotionsDone, back_office.list_promotions),
    out.GetCouponDone: Fill(bo.GetCouponDone, back_office.get_coupon),
}

__all__ = ["FILL", "Fill", "quote"]
