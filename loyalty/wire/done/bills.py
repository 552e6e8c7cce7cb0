"""What a basket comes to, as messages. Enums have the same numbers on both sides.

On the path of every purchase: what is absent costs a look at an empty tuple.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from google.protobuf.message import Message

from loyalty import outcomes as out
from loyalty.commands import ReceiptId
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as pb
from loyalty.wire.parts import number_of


class Fill(NamedTuple):
    """How an outcome fills its message; the number is the seq of the answer."""

    message: type[Message]
    into: Callable[[Any, Any, int], None]


def quote(message: pb.QuoteDone, done: out.QuoteDone, _: int) -> None:
    """What a basket would come to."""
    message.quote_digest, message.most_points = done.quote_digest, done.most_points
    bill(message.bill, done.bill)
    balance(message.balance, done.balance)
    for passed in done.passed_over:
        message.passed_over.add(
            promotion=passed.promotion,
            name=passed.name,
            reason=number_of(passed.reason),
            by=passed.by,
            wanted=passed.wanted,
        )
    search = done.search
    if search.steps or not search.exact:
        message.search.cut_short, message.search.steps = not search.exact, search.steps
        message.search.bound_minor = search.bound_minor


def balance(message: common.Balance, value: out.Balance) -> None:
    """Points at one log time."""
    message.SetInParent()  # a balance of zeros is there too
    message.active_points, message.spendable_points = value.active_points, value.spendable_points
    message.future_points, message.debt_points = value.future_points, value.debt_points


def receipt(message: common.ReceiptId, value: ReceiptId) -> None:
    """A receipt's identity."""
    message.store, message.terminal = value.store, value.terminal
    message.number, message.business_day = value.number, value.business_day


def until_ms(instant_ms: int) -> int:
    """The end of a window; 0: it has none."""
    return 0 if instant_ms == out.NEVER_MS else instant_ms


def lot(message: common.Lot, value: out.Lot) -> None:
    """Points with a window."""
    message.lot, message.points = value.lot, value.points
    message.active_from_ms, message.active_until_ms = value.active_from_ms, until_ms(value.active_until_ms)
    message.priority = value.priority
    if value.wallet:
        message.wallet = value.wallet
    if value.purposed:
        message.purposed = True


def bill(message: common.Bill, value: out.Bill) -> None:
    """What a basket comes to."""
    _lines(message, value)
    message.amount_minor, message.spent_points = value.amount_minor, value.spent_points
    message.spent_minor, message.paid_minor = value.spent_minor, value.paid_minor
    message.earned_points, message.debt_paid_points = value.earned_points, value.debt_paid_points
    message.programme_version = value.programme_version
    for earning in value.earnings:
        _earning(message.earnings.add(), earning)
    for draw in value.draws:
        lot(message.draws.add(), draw)
    if value.wallet or value.currency:
        message.wallet, message.currency = value.wallet, value.currency
    if value.applied or value.discount_minor:
        message.discount_minor = value.discount_minor
        for applied in value.applied:
            _applied(message.applied.add(), applied)
    if value.services or value.coupons:
        _given(message, value)


def _lines(message: common.Bill, value: out.Bill) -> None:
    add = message.lines.add
    for line in value.lines:
        into = add()  # and one field after the other: quicker than by name
        into.amount_minor, into.spent_points = line.amount_minor, line.spent_points
        into.spent_minor, into.paid_minor = line.spent_minor, line.paid_minor
        into.earned_points = line.earned_points
        if line.discount_minor:
            into.discount_minor = line.discount_minor


def _earning(message: common.Earning, value: out.Earning) -> None:
    message.points = value.points
    if value.promotion or value.wallet or value.debt_paid_points:
        message.promotion, message.wallet = value.promotion, value.wallet
        message.debt_paid_points = value.debt_paid_points
    if value.lot is not None:
        lot(message.lot, value.lot)


def _applied(message: common.Applied, value: out.Applied) -> None:
    message.promotion, message.version, message.name = value.promotion, value.version, value.name
    message.minor, message.points, message.times = value.minor, value.points, value.times
    message.funder, message.coupon = value.funder, value.coupon
    for line in value.lines:
        message.lines.add(line=line.line, minor=line.minor, points=line.points)


def _given(message: common.Bill, value: out.Bill) -> None:
    for service in value.services:
        message.services.add(
            promotion=service.promotion,
            line=service.line,
            service=service.service,
            times=service.times,
            active_from_ms=service.active_from_ms,
            active_until_ms=until_ms(service.active_until_ms),
        )
    for coupon in value.coupons:
        message.coupons.add(
            promotion=coupon.promotion,
            of_promotion=coupon.of_promotion,
            code=coupon.code,
            active_until_ms=until_ms(coupon.active_until_ms),
        )
