"""All that a member has: lots in the order in which they would be spent, services, coupons, holds."""

from loyalty.commands import ListLots
from loyalty.commands import limits as lim
from loyalty.engine import buyers, coupons, keys, lots, records, services
from loyalty.engine.plans import Buyer
from loyalty.engine.records import Held, HeldLot, Purse
from loyalty.engine.state import Entry, Reader, Writer
from loyalty.outcomes import (
    AnyOutcome,
    CouponItem,
    HoldItem,
    ListLotsDone,
    Lot,
    LotItem,
    Rejected,
    ServiceItem,
)


def list_lots(state: Writer, entry: Entry, query: ListLots) -> AnyOutcome:
    """Lots with points that have not ended, wallet by wallet, those with a purpose first; and the rest."""
    buyer = buyers.find(state, entry, query.member)
    if isinstance(buyer, Rejected):
        return buyer
    found: list[LotItem] = []
    for purse in buyer.member.purses:
        payers = lots.find_purposed(state, buyer.tenant, buyer.member_id, buyer.member, purse)
        found += [_lot(payer.draw, payer.held) for payer in payers]
        found += _general(state, buyer, purse, lim.LIST_MAX_LOTS + 1 - len(found))
    return ListLotsDone(
        buyer.member_id,
        tuple(found[: lim.LIST_MAX_LOTS]),
        _services(state, buyer),
        _coupons(state, buyer),
        _holds(state, buyer),
        len(found) > lim.LIST_MAX_LOTS,
    )


def _general(state: Reader, buyer: Buyer, purse: Purse, most: int) -> list[LotItem]:
    """Lots without a purpose of one wallet, in spending order."""
    found: list[LotItem] = []
    where = (buyer.tenant, buyer.member_id, keys.WITH_POINTS, purse.wallet)
    for priority in purse.priorities:
        start, stop = keys.lots_between(*where, priority, buyer.member.as_of_ms)
        for key, value in state.scan(start, stop, max(most - len(found), 0)):
            held = records.held_lot(value)
            found.append(_lot(keys.read_lot(key, held.points), held))
    return found


def _lot(lot: Lot, held: HeldLot) -> LotItem:
    return LotItem(
        lot, held.source, held.origin, held.line, held.partner, held.promotion, held.programme_version
    )


def _services(state: Reader, buyer: Buyer) -> tuple[ServiceItem, ...]:
    """Rights with something left, soonest end first."""
    found = services.find(state, buyer.tenant, buyer.member_id, buyer.member, buyer.member.as_of_ms)
    return tuple(
        [
            ServiceItem(
                right.service,
                right.times_left,
                right.active_from_ms,
                keys.read_right(key)[0],
                right.receipt,
                right.line,
            )
            for key, right in found
        ]
    )


def _coupons(state: Reader, buyer: Buyer) -> tuple[CouponItem, ...]:
    """His own with uses left that have not ended, by code."""
    found: list[CouponItem] = []
    for code, until_ms in coupons.of_member(state, buyer.tenant, buyer.member_id):
        coupon = coupons.read(state, buyer.tenant, code)
        if coupon is not None and until_ms > buyer.member.as_of_ms:
            left = coupon.times - coupon.used_times
            found.append(CouponItem(code, coupon.promotion, left, coupon.from_ms, until_ms))
    return tuple(found)


def _holds(state: Reader, buyer: Buyer) -> tuple[HoldItem, ...]:
    """What is held for orders, soonest end first."""
    found: list[HoldItem] = []
    for until_ms, receipt in buyer.member.holds:
        value = state.get(keys.identity(buyer.tenant, receipt))
        held = None if value is None else records.taken(value)
        if isinstance(held, Held):
            found.append(HoldItem(receipt, held.bill.wallet, held.bill.spent_points, until_ms))
    return tuple(found)
