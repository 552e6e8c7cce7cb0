"""What is known of members, as messages."""

from collections.abc import Sequence
from typing import Any

from loyalty import outcomes as out
from loyalty.commands import Profile
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as pb
from loyalty.wire.done.bills import balance, lot, receipt, until_ms
from loyalty.wire.parts import number_of
from loyalty.wire.requests.questions import page_token


def find_member(message: pb.FindMemberDone, done: out.FindMemberDone, _: int) -> None:
    """Who it is."""
    message.member_id, message.phone, message.enrolled_ms = done.member_id, done.phone, done.enrolled_ms
    message.cards.extend(done.cards)
    message.externals.extend(done.externals)
    profile(message.profile, done.profile)
    balance(message.balance, done.balance)
    _standing(message, done)


def get_balance(message: pb.GetBalanceDone, done: out.GetBalanceDone, _: int) -> None:
    """How many points."""
    message.member_id = done.member_id
    balance(message.balance, done.balance)
    for ending in done.ending_soon:
        message.ending_soon.add(active_until_ms=ending.active_until_ms, points=ending.points)
    message.ending_soon_points, message.ending_soon_cut = done.ending_soon_points, done.ending_soon_cut
    for one in done.purposed:
        lot(message.purposed.add(), one)
    _standing(message, done)


def get_statement(message: pb.GetStatementDone, done: out.GetStatementDone, seq: int) -> None:
    """A page of movements."""
    as_of_seq = done.as_of_seq or seq
    message.member_id, message.as_of_seq = done.member_id, as_of_seq
    message.next_page_token = page_token(as_of_seq, done.next_before_seq)
    for item in done.items:
        statement_item(message.items.add(), item)


def statement_item(message: pb.StatementItem, item: out.StatementItem) -> None:
    """One movement."""
    message.seq, message.time_ms, message.points = item.seq, item.time_ms, item.points
    message.movement, message.actor, message.reason = number_of(item.movement), item.actor, item.reason
    if item.receipt is not None:
        receipt(message.receipt, item.receipt)
    if item.returned_receipt is not None:
        receipt(message.returned_receipt, item.returned_receipt)
    _postings(message.postings, item.postings)


def list_lots(message: pb.ListLotsDone, done: out.ListLotsDone, _: int) -> None:
    """What a member has."""
    message.member_id, message.cut = done.member_id, done.cut
    for item in done.lots:
        _lot_item(message.lots.add(), item)
    for service in done.services:
        _service_item(message.services.add(), service)
    for coupon in done.coupons:
        message.coupons.add(
            code=coupon.code,
            promotion=coupon.promotion,
            times=coupon.times,
            active_from_ms=coupon.active_from_ms,
            active_until_ms=until_ms(coupon.active_until_ms),
        )
    for hold in done.holds:
        into = message.holds.add(wallet=hold.wallet, points=hold.points, until_ms=hold.until_ms)
        receipt(into.receipt, hold.receipt)


def profile(message: common.Profile, value: Profile) -> None:
    """What promotions and letters need to know."""
    message.SetInParent()  # also if nothing is known
    message.birthday, message.language, message.city = value.birthday, value.language, value.city
    message.consents.extend(value.consents)
    message.segments.extend(value.segments)


def _standing(
    message: pb.FindMemberDone | pb.GetBalanceDone, done: out.FindMemberDone | out.GetBalanceDone
) -> None:
    """What both answers tell besides: status, further wallets, tier."""
    message.status = number_of(done.status)
    message.merged_into = done.merged_into
    for wallet in done.wallets:
        into = message.wallets.add(wallet=wallet.wallet)
        balance(into.balance, wallet.balance)
    standing = done.standing
    if standing is not None:
        message.standing.SetInParent()
        message.standing.tier, message.standing.next_tier = standing.tier, standing.next_tier
        message.standing.turnover_minor = standing.turnover_minor
        message.standing.missing_minor = standing.missing_minor
        message.standing.held_until_day = standing.held_until_day


def _postings(messages: Any, postings: Sequence[out.Posting]) -> None:
    for posting in postings:
        messages.add(
            account=number_of(posting.account),
            ref=posting.ref,
            points=posting.points,
            wallet=posting.wallet,
            partner=posting.partner,
            currency=posting.currency,
            minor=posting.minor,
        )


def _lot_item(message: pb.LotItem, item: out.LotItem) -> None:
    lot(message.lot, item.lot)
    message.source = number_of(item.source)
    if item.receipt is not None:
        receipt(message.receipt, item.receipt)
    message.line, message.partner, message.promotion = item.line, item.partner, item.promotion
    message.programme_version = item.programme_version


def _service_item(message: pb.ServiceItem, item: out.ServiceItem) -> None:
    message.service, message.times, message.line = item.service, item.times, item.line
    message.active_from_ms, message.active_until_ms = item.active_from_ms, until_ms(item.active_until_ms)
    if item.receipt is not None:
        receipt(message.receipt, item.receipt)
