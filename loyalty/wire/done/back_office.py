"""What came of the back office's commands and questions, as messages."""

from loyalty import outcomes as out
from loyalty.v1 import back_office_outcomes_pb2 as pb
from loyalty.v1 import back_office_pb2 as bo
from loyalty.wire import programmes, promotions
from loyalty.wire.done.bills import balance, lot


def define(message: pb.DefineDone, done: out.DefineDone, _: int) -> None:
    """Something was published."""
    message.version = done.version


def issue_coupon(message: pb.IssueCouponDone, done: out.IssueCouponDone, _: int) -> None:
    """A coupon."""
    message.code = done.code


def adjust(message: pb.AdjustDone, done: out.AdjustDone, _: int) -> None:
    """Points given or taken."""
    message.member_id, message.reference, message.wallet = done.member_id, done.reference, done.wallet
    message.points, message.debt_paid_points = done.points, done.debt_paid_points
    message.repeated = done.repeated
    if done.lot is not None:
        lot(message.lot, done.lot)
    for draw in done.draws:
        lot(message.draws.add(), draw)
    balance(message.balance, done.balance)


def change_member(message: pb.ChangeMemberDone, done: out.ChangeMemberDone, _: int) -> None:
    """A person has changed."""
    message.member_id, message.phone_taken_from = done.member_id, done.phone_taken_from


def merge_members(message: pb.MergeMembersDone, done: out.MergeMembersDone, _: int) -> None:
    """Two members are one."""
    message.member_id, message.source_id = done.member_id, done.source_id
    message.lots, message.repeated = done.lots, done.repeated
    balance(message.balance, done.balance)


def get_programme(message: bo.GetProgrammeDone, done: out.GetProgrammeDone, _: int) -> None:
    """The rules in force."""
    message.version = done.version
    programmes.write(message.rules, done.rules)


def get_store(message: bo.GetStoreDone, done: out.GetStoreDone, _: int) -> None:
    """A registered store."""
    message.version = done.version
    store = message.store
    store.store, store.name, store.partner = done.store, done.name, done.partner
    store.country, store.city = done.country, done.city
    store.channel, store.currency = done.channel, done.currency
    for from_ms, offset_s in done.zone:
        store.zone.add(from_ms=from_ms, offset_s=offset_s)


def get_partner(message: bo.GetPartnerDone, done: out.GetPartnerDone, _: int) -> None:
    """A registered partner."""
    message.version = done.version
    message.funded_minor, message.issued_points = done.funded_minor, done.issued_points
    message.partner.partner, message.partner.name = done.partner, done.name
    message.partner.funds_minor, message.partner.funds_points = done.funds_minor, done.funds_points


def get_promotion(message: bo.GetPromotionDone, done: out.GetPromotionDone, _: int) -> None:
    """A promotion."""
    message.version = done.version
    promotions.write(message.promotion, done.promotion)
    _usage(message.usage, done.usage)


def list_promotions(message: bo.ListPromotionsDone, done: out.ListPromotionsDone, _: int) -> None:
    """A page of promotions."""
    message.next_after = done.next_after
    for item in done.items:
        into = message.items.add(
            promotion=item.promotion,
            version=item.version,
            name=item.name,
            paused=item.paused,
            from_ms=item.from_ms,
            until_ms=item.until_ms,
            funder=item.funder,
        )
        _usage(into.usage, item.usage)


def get_coupon(message: bo.GetCouponDone, done: out.GetCouponDone, _: int) -> None:
    """A coupon."""
    message.code, message.promotion, message.owner_id = done.code, done.promotion, done.owner_id
    message.times, message.used_times = done.times, done.used_times
    message.from_ms, message.until_ms = done.from_ms, done.until_ms


def _usage(message: bo.Usage, value: out.Usage) -> None:
    message.SetInParent()  # also if nothing was used
    message.times, message.minor, message.points = value.times, value.minor, value.points
