"""Carries out a plan: points out of lots and into them, budgets, coupons, services, and the books of it.

Points of regular lots are issued by the partner whose store sold; what another partner funds he owes that
one in money. What is paid with points the issuer of each lot owes the partner whose store took them.
Between one partner and himself nothing is owed and nothing is posted.
"""

from typing import Final

from msgspec.structs import replace

from loyalty.commands import ReceiptId, Rules
from loyalty.commands.conditions import AnyCondition
from loyalty.engine import (
    budgets,
    coupons,
    lots,
    members,
    postings,
    programmes,
    purses,
    records,
    services,
    tiers,
)
from loyalty.engine.plans import Buyer, Plan
from loyalty.engine.postings import ACCEPTOR, FUNDER, ISSUER, MEMBER_DEBT, MEMBER_LOT, STORE_MONEY
from loyalty.engine.records import HeldLot, Member, Receipt, Right
from loyalty.engine.spread import spread
from loyalty.engine.state import Entry, Writer
from loyalty.outcomes import Account, Bill, Movement, Posting, Source

_PURCHASE: Final = Source.PURCHASE


class Sale:
    """A purchase to book, whether just priced or held until now."""

    def __init__(
        self,
        entry: Entry,
        buyer: Buyer,
        name: ReceiptId,
        key: bytes,  # under which the receipt is kept
        receipt: Receipt,  # as it is kept, but for codes of coupons and rights to services
        purposes: tuple[AnyCondition | None, ...],  # of each earning of the bill
    ) -> None:
        self.entry = entry
        self.buyer = buyer
        self.name = name
        self.key = key
        self.receipt = receipt
        self.purposes = purposes


def take_points(state: Writer, buyer: Buyer, plan: Plan) -> list[Posting]:
    """Points out of the lots that pay; where they go is posted by the caller."""
    posted: list[Posting] = []
    for payer in plan.payers:
        lots.take(state, buyer.tenant, buyer.member_id, buyer.member, payer)
        draw = payer.draw
        posted.append(Posting(MEMBER_LOT, draw.lot, -draw.points, draw.wallet, payer.held.partner))
    return posted


def book_sale(state: Writer, sale: Sale, movement: Movement, posted: list[Posting], reason: str = "") -> Bill:
    """Book everything but the points out of the lots, which `posted` begins with; write receipt and member.

    Returns:
        The bill, with the codes of the coupons that were given.
    """
    buyer, receipt, store = sale.buyer, sale.receipt, sale.name.store
    member, bill, partner = buyer.member, receipt.bill, receipt.partner
    if bill.spent_points:
        posted.append(Posting(ACCEPTOR, store, bill.spent_points, bill.wallet, partner))
    if receipt.issuers:
        posted += owe_issuers(receipt.issuers, partner, bill, store)
    _earn(state, sale, posted)
    for owed in receipt.owed:
        why = (FUNDER, owed.promotion)
        posted += owe(owed.funder, partner, sum(owed.minor), bill.currency, why, store)
    if bill.services or bill.coupons:
        receipt = _give(state, sale)
    member.purchases += 1
    rules = sold = buyer.programme.rules
    if bill.programme_version != buyer.programme.version:  # it was held under others
        sold = programmes.of_version(state, buyer.tenant, bill.programme_version).rules
    if sold.member_day_max_points and not receipt.held_day:
        count_day(sold, member, receipt.day, bill.earned_points)
    if sold.tiers:
        member.turnover = tiers.count(member.turnover, receipt.day, receipt.turnover_minor, sold, rules)
    state.put(sale.key, records.encode(receipt))
    postings.record(state, sale.entry, buyer.member_id, movement, sale.name, None, posted, reason)
    members.save(state, buyer.tenant, buyer.member_id, member)
    return receipt.bill


def owe_issuers(issuers: tuple[int, ...], acceptor: int, bill: Bill, store: int) -> list[Posting]:
    """Who issued the points of each draw owes the partner whose store took them what they paid."""
    posted: list[Posting] = []
    for partner, minor in zip(issuers, minor_of_draws(bill), strict=True):
        posted += owe(partner, acceptor, minor, bill.currency, (ISSUER, 0), store)
    return posted


def minor_of_draws(bill: Bill) -> list[int]:
    """What the points of each draw paid, together `spent_minor`."""
    return spread(bill.spent_minor, [draw.points for draw in bill.draws])


def owe(
    debtor: int, creditor: int, minor: int, currency: str, why: tuple[Account, int], store: int
) -> list[Posting]:
    """One partner owes another money; below zero, that much less."""
    if debtor == creditor or not minor:
        return []
    account, ref = why
    return [
        Posting(account, ref, 0, 0, debtor, currency, -minor),
        Posting(STORE_MONEY, store, 0, 0, creditor, currency, minor),
    ]


def count_day(rules: Rules, member: Member, day: int, points: int) -> None:
    """What he earned on a business day, while there is a limit of it; below 0: what was undone.

    Args:
        rules: under which the points were earned.
    """
    if rules.member_day_max_points:
        member.earned_days = budgets.add_on_day(member.earned_days, day, points)


def _earn(state: Writer, sale: Sale, posted: list[Posting]) -> None:
    """New lots, and debts paid; each is posted."""
    buyer, bill, partner = sale.buyer, sale.receipt.bill, sale.receipt.partner
    for earning, purpose in zip(bill.earnings, sale.purposes, strict=True):
        wallet, lot = earning.wallet, earning.lot
        posted.append(Posting(ISSUER, 0, -earning.points, wallet, partner))
        if earning.debt_paid_points:
            purses.ensure(buyer.member, wallet).debt_points -= earning.debt_paid_points
            posted.append(Posting(MEMBER_DEBT, 0, earning.debt_paid_points, wallet, partner))
        if lot is not None:
            held = HeldLot(
                lot.points,
                Source.PROMOTION if earning.promotion else _PURCHASE,
                sale.name,
                bill.programme_version,
                0,
                partner,
                0,
                purpose,
                earning.promotion,
            )
            lots.open_lot(state, buyer.tenant, buyer.member_id, buyer.member, lot, held)
            posted.append(Posting(MEMBER_LOT, lot.lot, lot.points, wallet, partner))


def _give(state: Writer, sale: Sale) -> Receipt:
    """Services and coupons that come with the purchase; the receipt with the numbers and codes of them."""
    bill, buyer = sale.receipt.bill, sale.buyer
    rights = []
    for one in bill.services:
        right = Right(
            one.service, one.times, one.times, one.active_from_ms, sale.name, one.line, one.promotion
        )
        rights.append(
            services.give(state, buyer.tenant, buyer.member_id, buyer.member, right, one.active_until_ms)
        )
    given = []
    for number, coupon in enumerate(bill.coupons):
        code = coupons.give(
            state, sale.entry, buyer, coupon.of_promotion, coupon.active_until_ms, number, sale.name
        )
        given.append(replace(coupon, code=code))
    return replace(sale.receipt, bill=replace(bill, coupons=tuple(given)), rights=tuple(rights))
