"""What a return does to lots and debt: points given back, earned points taken back, what is missing.

A lot remembers how many points were taken back of it while it was empty. What is given back into it
later settles that first. So of two receipts, one paid with the points of the other, either may come
back first. Source: loyalty/RULES.md, "Returns".
"""

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from loyalty.commands import Rules, Shortfall
from loyalty.commands.policies import ReturnedLot
from loyalty.engine import grace, lots, programmes, purses
from loyalty.engine.calendar import day_at, day_start_ms
from loyalty.engine.grace import Owner
from loyalty.engine.plans import Buyer
from loyalty.engine.postings import ACCEPTOR, ISSUER, MEMBER_DEBT, MEMBER_LOT
from loyalty.engine.records import HeldLot, Receipt
from loyalty.engine.spread import share
from loyalty.engine.state import Writer
from loyalty.outcomes import Earning, Lot, Posting

_CLAMP: Final = Shortfall.CLAMP
_CASH: Final = Shortfall.CASH


class GivenBack(Struct, gc=False):
    """Spent points that came back."""

    posted: list[Posting]
    ended: int = 0  # of these, in lots whose window has ended
    settled: int = 0  # of these, not kept: they settle what was missing in their lots


def give_back(
    state: Writer, buyer: Buyer, receipt: Receipt, back: list[int], store: int, rules: Rules
) -> GivenBack:
    """Spent points into their own lots.

    Args:
        back: points, per draw of the bill.
        store: that took them as payment.
        rules: that the receipt was sold under.
    """
    done = GivenBack([])
    total = sum(back)
    if not total:
        return done
    wallet = receipt.bill.wallet
    done.posted.append(Posting(ACCEPTOR, store, -total, wallet, receipt.partner))
    owner: Owner = (buyer.tenant, buyer.member_id, buyer.member)
    for draw, points in zip(receipt.bill.draws, back, strict=True):
        if points:
            moved = replace(draw, lot=draw.lot + buyer.moved_lots) if buyer.moved_lots else draw
            put_back(state, owner, moved, points, done, _window(state, buyer, moved, rules))
    return done


def put_back(
    state: Writer,
    owner: Owner,
    draw: Lot,
    points: int,
    done: GivenBack,
    window: tuple[int, int] | None = None,
) -> None:
    """Points into a lot, but for those missing there, which pay a debt or are taken after all.

    Args:
        draw: the lot; it may hold nothing now.
        points: that come back.
        done: what was posted is added to it.
        window: another one than the lot's own, from and until.
    """
    tenant, member_id, member = owner
    held = lots.find(state, tenant, member_id, draw)
    first_lot = draw if held is None else grace.first_of(draw, held)
    first = held if first_lot is draw else lots.find(state, tenant, member_id, first_lot)
    if held is None or first is None:
        return
    pays, lost, settled = _missing(state, owner, draw, first, points)
    stays, lot = points - pays - lost, draw.lot
    if settled and (first is not held or window is not None):
        lots.put_back(state, tenant, member_id, member, replace(first_lot, points=0), first, settled)
        first, settled = replace(first, missing_points=first.missing_points - settled), 0
    if window is None:
        lots.put_back(state, tenant, member_id, member, lots.part_of(draw, stays), held, settled)
        if draw.active_until_ms <= member.as_of_ms:
            done.ended += stays
    elif stays:
        lot = grace.give(state, owner, first_lot, first, stays, window)
    if stays:
        done.posted.append(Posting(MEMBER_LOT, lot, stays, draw.wallet, held.partner))
    if pays:
        done.posted.append(Posting(MEMBER_DEBT, 0, pays, draw.wallet, held.partner))
    if lost:
        done.posted.append(Posting(ISSUER, 0, lost, draw.wallet, held.partner))
    done.settled += pays + lost


def _missing(state: Writer, owner: Owner, draw: Lot, held: HeldLot, points: int) -> tuple[int, int, int]:
    """Of points that come back: what pays a debt, what is taken after all, what is missing no more."""
    if not held.missing_points:
        return 0, 0, 0
    tenant, _, member = owner
    settled = min(held.missing_points, points)
    policy = programmes.of_version(state, tenant, held.programme_version).rules.shortfall
    if policy is _CLAMP:
        return 0, settled, settled
    purse = purses.ensure(member, draw.wallet)
    pays = min(settled, purse.debt_points)  # of what later earnings have paid nothing is owed
    purse.debt_points -= pays
    return pays, 0, settled


def _window(state: Writer, buyer: Buyer, draw: Lot, rules: Rules) -> tuple[int, int] | None:
    """A window of grace, if the lot's own ends earlier than that."""
    policies = rules.policies
    if policies.returned_lot is not ReturnedLot.GRACE_DAYS:
        return None
    zone = programmes.zone_of(state, buyer.tenant, buyer.member.store)
    now_ms = buyer.member.as_of_ms
    until_ms = day_start_ms(zone, day_at(zone, now_ms) + policies.grace_days + 1)
    return (now_ms, until_ms) if draw.active_until_ms < until_ms else None


class TakenBack(Struct, gc=False):
    """Earned points of one earning that went with the goods."""

    posted: list[Posting]
    points: int = 0  # out of the lot, owed, or paid for
    owed: int = 0  # of these
    cash: int = 0  # paid for out of the refund, now or after they were owed for a while
    cash_owed: int = 0  # more of these that a later refund may pay for
    late: int = 0  # owed since earlier returns, paid for now


class Cash(Struct, frozen=True, gc=False):
    """By CASH: what a refund can pay for."""

    most_points: int  # worth whole money, as `unit_points` are
    unit_points: int
    owed_points: int  # since earlier returns of the receipt, which it may pay for too


def take_earned(
    state: Writer, buyer: Buyer, receipt: Receipt, at: int, before: int, after: int, cash: Cash | None
) -> TakenBack:
    """Earned points back out of their lot as far as it holds them; the rest is paid for, owed, or forgiven.

    Args:
        at: which earning of the bill.
        before: of its points, those that earlier returns took.
        after: the same, with this return.
        cash: what the refund can pay for; None: nothing.
    """
    earning = receipt.bill.earnings[at]
    rules = programmes.of_version(state, buyer.tenant, receipt.bill.programme_version).rules
    done = TakenBack([])
    again = _owed_again(earning, before, after, rules.shortfall)
    due = after - before - again
    taken = owed = missing = 0
    if earning.lot is not None and due:
        lot = replace(earning.lot, lot=earning.lot.lot + buyer.moved_lots)
        owner = (buyer.tenant, buyer.member_id, buyer.member)
        if rules.shortfall is _CASH:
            held = grace.held_points(state, owner, lot)
            missing = min(due, max(_still_out(earning, before) - held, 0))
        _pay(cash, missing, done)
        drawn = grace.take_most(state, owner, lot, due - missing)
        taken = sum([points for _, points in drawn])
        owed = due - taken - done.cash
        if rules.shortfall is _CASH:
            done.cash_owed = owed
        elif owed:
            lots.miss(state, buyer.tenant, buyer.member_id, lot, owed)
            owed = 0 if rules.shortfall is _CLAMP else owed
        for number, points in drawn:
            done.posted.append(Posting(MEMBER_LOT, number, -points, earning.wallet, receipt.partner))
    else:
        _pay(cash, 0, done)
    _owe(buyer, receipt, earning, again + owed, taken, done)
    done.points, done.owed = taken + owed + again + done.cash, owed + again
    return done


def _pay(cash: Cash | None, missing: int, done: TakenBack) -> None:
    """Out of the refund, for what is missing now and then for what was: only points worth whole money."""
    if cash is None:
        return
    whole = (missing + cash.owed_points) // cash.unit_points * cash.unit_points
    points = min(cash.most_points, whole)
    done.cash = min(missing, points)
    done.late = points - done.cash


def _still_out(earning: Earning, before: int) -> int:
    """Of the points that went into the lot, those that no return has taken, this one's among them."""
    in_lot = earning.points - earning.debt_paid_points
    return max(in_lot - before, 0)


def _owe(buyer: Buyer, receipt: Receipt, earning: Earning, owed: int, taken: int, done: TakenBack) -> None:
    if owed:
        purses.ensure(buyer.member, earning.wallet).debt_points += owed
        done.posted.append(Posting(MEMBER_DEBT, 0, -owed, earning.wallet, receipt.partner))
    if taken + owed:
        done.posted.append(Posting(ISSUER, 0, taken + owed, earning.wallet, receipt.partner))


def pay_owed(buyer: Buyer, receipt: Receipt, wallet: int, points: int) -> list[Posting]:
    """By CASH: a refund pays for points that an earlier one could not pay for, and that were owed since."""
    purses.ensure(buyer.member, wallet).debt_points -= points
    return [
        Posting(MEMBER_DEBT, 0, points, wallet, receipt.partner),
        Posting(ISSUER, 0, -points, wallet, receipt.partner),
    ]


def _owed_again(earning: Earning, before: int, after: int, shortfall: Shortfall) -> int:
    """Of the earned points that come back now, those that had paid a debt.

    They never were in the lot, so there is nothing to forgive. By default what went into the lot comes
    first; where that may be forgiven, both come in proportion.
    """
    debt, earned = earning.debt_paid_points, earning.points
    if not debt:
        return 0
    if shortfall is _CLAMP:
        return share(debt, after, earned) - share(debt, before, earned)
    in_lot = earned - debt
    return max(after - in_lot, 0) - max(before - in_lot, 0)
