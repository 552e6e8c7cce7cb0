"""What a return does to lots and debt: points given back, earned points taken back, what is missing.

A lot remembers how many points were taken back of it while it was empty. What is given back into it
later settles that first. So of two receipts, one paid with the points of the other, either may come
back first. Source: loyalty/RULES.md, "Returns".
"""

from loyalty.commands import Shortfall
from loyalty.engine import lots, programmes
from loyalty.engine.records import Member, Receipt
from loyalty.engine.spread import share
from loyalty.engine.state import Writer
from loyalty.outcomes import Account, Lot, Posting


def give_back(
    state: Writer, tenant: int, receipt: Receipt, member: Member, back: list[int], store: int
) -> tuple[list[Posting], int, int]:
    """Spent points into their own lots.

    Returns:
        The postings; how many points stay in lots that have ended; how many do not stay at all,
        because they were missing when points earned into these lots were taken back.
    """
    posted: list[Posting] = []
    gone: list[Posting] = []
    ended = paid = taken = 0
    for draw, points in zip(receipt.bill.draws, back, strict=True):
        if not points:
            continue
        posted.append(Posting(Account.MEMBER_LOT, draw.lot, points))
        pays, lost = _put_back(state, tenant, receipt, member, draw, points)
        if pays + lost:
            gone.append(Posting(Account.MEMBER_LOT, draw.lot, -pays - lost))
            paid += pays
            taken += lost
        if draw.active_until_ms <= member.as_of_ms:
            ended += points - pays - lost
    if posted:
        posted.append(Posting(Account.ACCEPTOR, store, -sum(back)))
    posted += gone
    if paid:
        posted.append(Posting(Account.MEMBER_DEBT, 0, paid))
    if taken:
        posted.append(Posting(Account.ISSUER, 0, taken))
    return posted, ended, paid + taken


def _put_back(
    state: Writer, tenant: int, receipt: Receipt, member: Member, draw: Lot, points: int
) -> tuple[int, int]:
    """Points into a lot, but for those missing there; how many pay a debt, how many are taken after all."""
    member_id = receipt.member_id
    held = lots.find(state, tenant, member_id, draw)
    if held is None:
        return 0, 0
    pays = lost = settled = 0
    if held.missing_points:
        settled = min(held.missing_points, points)
        if programmes.of_version(state, tenant, held.programme_version).rules.shortfall is Shortfall.CLAMP:
            lost = settled
        else:
            pays = min(settled, member.debt_points)  # of what later earnings have paid nothing is owed
            member.debt_points -= pays
    rest = Lot(draw.lot, points - pays - lost, draw.active_from_ms, draw.active_until_ms)
    lots.put_back(state, tenant, member_id, member, rest, held, settled)
    return pays, lost


def take_earned(
    state: Writer, tenant: int, receipt: Receipt, member: Member, due: int, shortfall: Shortfall
) -> tuple[int, int]:
    """Earned points back out of their lot as far as it holds them; the rest is owed, or forgiven."""
    lot, member_id = receipt.bill.earned_lot, receipt.member_id
    owed = _owed_again(receipt, due, shortfall)
    taken = 0
    if lot is not None:
        taken = lots.take_most(state, tenant, member_id, member, lot, due - owed)
        missing = due - owed - taken
        if missing:
            lots.miss(state, tenant, member_id, lot, missing)
            owed += missing if shortfall is Shortfall.NEGATIVE else 0
    member.debt_points += owed
    return taken, owed


def _owed_again(receipt: Receipt, due: int, shortfall: Shortfall) -> int:
    """Of the earned points that come back now, those that had paid a debt.

    They never were in the lot, so there is nothing to forgive. By default what went into the lot comes
    first; where that may be forgiven, both come in proportion.
    """
    bill = receipt.bill
    debt, earned = bill.debt_paid_points, bill.earned_points
    if not debt:
        return 0
    before = 0
    for line, billed, milli in zip(receipt.lines, bill.lines, receipt.returned_milli, strict=True):
        before += share(billed.earned_points, milli, line.quantity_milli)
    after = before + due
    if shortfall is Shortfall.CLAMP:
        return share(debt, after, earned) - share(debt, before, earned)
    in_lot = earned - debt
    return max(after - in_lot, 0) - max(before - in_lot, 0)


def post_taken(receipt: Receipt, taken: int, owed: int) -> list[Posting]:
    """Earned points that go back to the issuer, as `take_earned` found them."""
    posted: list[Posting] = []
    lot = receipt.bill.earned_lot
    if taken and lot is not None:
        posted.append(Posting(Account.MEMBER_LOT, lot.lot, -taken))
    if owed:
        posted.append(Posting(Account.MEMBER_DEBT, 0, -owed))
    if taken + owed:
        posted.append(Posting(Account.ISSUER, 0, taken + owed))
    return posted
