"""Lots of grace: points that came back to a lot that has ended or is about to, with a later window.

A lot and its lots of grace are told of each other. What a return takes of points that were earned into the
lot it takes out of all of them, and what is missing is noted with the first: else buying, spending the
points and bringing all of it back would make points out of nothing, if only in one order.
"""

from msgspec.structs import replace

from loyalty.engine import lots
from loyalty.engine.records import HeldLot, Kin, Member
from loyalty.engine.state import Reader, Writer
from loyalty.outcomes import Lot, Source

Owner = tuple[int, int, Member]  # programme, id and record, with his sums as of now


def first_of(lot: Lot, held: HeldLot) -> Lot:
    """The lot that points first came into: itself, or the one that it is the grace of."""
    return lot if held.grace_of is None else _kin(lot, held.grace_of)


def give(state: Writer, owner: Owner, first: Lot, held: HeldLot, points: int, window: tuple[int, int]) -> int:
    """Points into a lot of grace; of one day it is the same one. Its number.

    Args:
        first: the lot that they are the grace of, and what it holds.
        window: from and until.
    """
    tenant, member_id, member = owner
    from_ms, until_ms = window
    if held.graces and held.graces[-1][2] == until_ms:
        same = replace(_kin(first, held.graces[-1]), points=points)
        found = lots.find(state, tenant, member_id, same)
        if found is not None:
            lots.put_back(state, tenant, member_id, member, same, found, 0)
            return same.lot
    by = member.lots + 1 - first.lot
    told = replace(held, graces=(*held.graces, (by, from_ms, until_ms)))
    lots.put_back(state, tenant, member_id, member, replace(first, points=0), told, 0)
    lot = replace(first, lot=first.lot + by, points=points, active_from_ms=from_ms, active_until_ms=until_ms)
    kept = HeldLot(
        points,
        Source.RETURN,
        held.origin,
        held.programme_version,
        0,
        held.partner,
        held.line,
        held.purpose,
        held.promotion,
        grace_of=(-by, first.active_from_ms, first.active_until_ms),
    )
    lots.open_lot(state, tenant, member_id, member, lot, kept)
    return lot.lot


def held_points(state: Reader, owner: Owner, first: Lot) -> int:
    """What a lot and its lots of grace hold."""
    tenant, member_id, _ = owner
    found = [lots.find(state, tenant, member_id, lot) for lot in _all(state, owner, first)]
    return sum([held.points for held in found if held is not None])


def take_most(state: Writer, owner: Owner, first: Lot, points: int) -> list[tuple[int, int]]:
    """Draw `points` out of a lot and its lots of grace, or what they hold: number and points of each."""
    tenant, member_id, member = owner
    taken = lots.take_most(state, tenant, member_id, member, first, points)
    drawn = [(first.lot, taken)] if taken else []
    if taken == points:
        return drawn
    for lot in _all(state, owner, first)[1:]:
        part = lots.take_most(state, tenant, member_id, member, lot, points - taken)
        if part:
            drawn.append((lot.lot, part))
            taken += part
    return drawn


def _all(state: Reader, owner: Owner, first: Lot) -> list[Lot]:
    tenant, member_id, _ = owner
    held = lots.find(state, tenant, member_id, first)
    return [first, *[_kin(first, one) for one in (() if held is None else held.graces)]]


def _kin(lot: Lot, kin: Kin) -> Lot:
    by, from_ms, until_ms = kin
    return replace(lot, lot=lot.lot + by, active_from_ms=from_ms, active_until_ms=until_ms)
