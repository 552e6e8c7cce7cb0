"""What lies under a member moves to another: lots, services, coupons, counts of promotions, and the sums.

Lots and services keep their windows and contents and get other numbers: their own plus an offset, so that the
receipts they came from find them again.
"""

from msgspec import Struct
from msgspec.structs import replace

from loyalty.commands import limits as lim
from loyalty.commands.places import member_slot
from loyalty.engine import budgets, coupons, keys, lots, purses, records, services
from loyalty.engine.keys import EMPTY, WITH_POINTS, WITH_PURPOSE
from loyalty.engine.records import Member
from loyalty.engine.services import Found
from loyalty.engine.state import Reader, Writer
from loyalty.outcomes import Lot


class MovedLot(Struct, frozen=True, gc=False):
    """A lot that moves; `lot` is as it was at the source."""

    key: bytes
    value: bytes
    lot: Lot
    partner: int  # on whose account


class Things(Struct, frozen=True, gc=False):
    """What lies under a member and moves; of each kind at most one more than may move."""

    lots: list[MovedLot]  # empty and ended ones too
    rights: list[Found]  # not ended
    codes: list[str]  # of coupons not ended, with uses left
    counts: list[tuple[bytes, bytes]]  # key and value: how often he had a promotion


def find(state: Reader, tenant: int, member_id: int, member: Member) -> Things:
    """All that would move away from a member, as of his `as_of_ms`."""
    now_ms = member.as_of_ms
    prefix = keys.of_member(tenant, member_id, b"U")
    counts = state.scan(prefix, prefix + b"\xff" * 5, lim.MERGE_MAX_PROMOTIONS + 1)
    codes = [code for code, until_ms in coupons.of_member(state, tenant, member_id) if until_ms > now_ms]
    rights = services.find(state, tenant, member_id, member, now_ms, lim.MEMBER_MAX_SERVICES + 1)
    return Things(_find_lots(state, tenant, member_id), rights, codes, list(counts))


def _find_lots(state: Reader, tenant: int, member_id: int) -> list[MovedLot]:
    found: list[MovedLot] = []
    for letter in (WITH_PURPOSE, WITH_POINTS, EMPTY):
        prefix = keys.of_member(tenant, member_id, letter)
        for key, value in state.scan(prefix, prefix + b"\xff", lim.MERGE_MAX_LOTS + 1 - len(found)):
            held = records.held_lot(value)
            found.append(MovedLot(key, value, keys.read_lot(key, held.points), held.partner))
    return found


def move(state: Writer, tenant: int, source_id: int, target_id: int, things: Things, offset: int) -> None:
    """Write everything under the target; the members' own records are not touched."""
    _move_lots(state, tenant, source_id, target_id, things.lots, offset)
    for key, right in things.rights:
        until_ms, number = keys.read_right(key)
        state.delete(key)
        state.put(keys.right(tenant, target_id, until_ms, number + offset), records.encode(right))
    for code in things.codes:
        coupon = coupons.read(state, tenant, code)
        state.delete(keys.coupon_of(tenant, source_id, code))
        if coupon is not None:
            coupons.save(state, tenant, code, replace(coupon, owner=target_id))
    for key, value in things.counts:
        state.delete(key)
        _add_count(state, tenant, target_id, keys.read_used_by(key), value)


def _move_lots(
    state: Writer, tenant: int, source_id: int, target_id: int, moved: list[MovedLot], offset: int
) -> None:
    """Lots, and what is outstanding in either member's slot."""
    outstanding: dict[tuple[int, int, int], int] = {}
    for one in moved:
        state.delete(one.key)
        lot = replace(one.lot, lot=one.lot.lot + offset)
        state.put(keys.lot(tenant, target_id, keys.letter(one.key), lot), one.value)
        if lot.points:
            where = (lots.until_day(lot.active_until_ms), lot.wallet, one.partner)
            outstanding[where] = outstanding.get(where, 0) + lot.points
    for where, points in outstanding.items():
        lots.count_outstanding(state, keys.outstanding(member_slot(source_id), tenant, *where), -points)
        lots.count_outstanding(state, keys.outstanding(member_slot(target_id), tenant, *where), points)


def _add_count(state: Writer, tenant: int, target_id: int, promotion: int, value: bytes) -> None:
    """How often both had a promotion, in all and on each day."""
    both = budgets.joined(budgets.used_by(state, tenant, target_id, promotion), records.member_usage(value))
    state.put(keys.used_by(tenant, target_id, promotion), records.encode(both))


def add_purses(source: Member, target: Member) -> None:
    """The sums over the source's lots, and his debts, join the target's; both are as of now."""
    for purse in source.purses:
        into = purses.ensure(target, purse.wallet)
        into.open_lots += purse.open_lots
        into.active_points += purse.active_points
        into.debt_points += purse.debt_points
        into.next_end_ms = min(into.next_end_ms, purse.next_end_ms)
        into.future = add_pairs(into.future, purse.future)
        into.priorities = tuple(sorted(dict.fromkeys(into.priorities + purse.priorities)))
        into.purposed_until_ms = max(into.purposed_until_ms, purse.purposed_until_ms)
    source.purses = []


def add_pairs(
    ours: tuple[tuple[int, int], ...], theirs: tuple[tuple[int, int], ...]
) -> tuple[tuple[int, int], ...]:
    """Sums by instant or month, ascending."""
    sums = dict(ours)
    for at, amount in theirs:
        sums[at] = sums.get(at, 0) + amount
    return tuple(sorted(sums.items()))
