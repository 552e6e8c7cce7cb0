"""Lots and the sums over them: what is active, what is to come, what pays.

Nothing burns and no job walks: a lot counts while `from <= now < until`. The member's record
keeps the sums as of the last time he was touched; `catch_up` brings them to now by looking only
at what began or ended in between. The lots themselves stay as they are.
"""

from bisect import bisect_left
from typing import Final

from msgspec import Struct

from loyalty.commands.limits import SCAN_FIRST_LOTS, SCAN_MAX_LOTS, SPEND_MAX_LOTS
from loyalty.engine import keys, records
from loyalty.engine.records import HeldLot, Member
from loyalty.engine.state import Reader, Writer
from loyalty.outcomes import NEVER_MS, Balance, Lot

_WITH_POINTS: Final = b"L"
_EMPTY: Final = b"E"


class Found(Struct, frozen=True, gc=False):
    """A lot that pays, as it was before."""

    key: bytes
    draw: Lot
    held: HeldLot


def catch_up(state: Reader, tenant: int, member_id: int, member: Member, now_ms: int) -> None:
    """Bring the sums in `member` to `now_ms`; write nothing. Time that would go back stands still."""
    if now_ms <= member.as_of_ms:
        return
    while member.future and member.future[0][0] <= now_ms:
        member.active_points += member.future[0][1]
        member.future = member.future[1:]
    if member.next_end_ms <= now_ms:
        _end_lots(state, keys.of_member(tenant, member_id, _WITH_POINTS), member, now_ms)
    member.as_of_ms = now_ms


def _end_lots(state: Reader, lots: bytes, member: Member, now_ms: int) -> None:
    """Count out the lots that ended after `as_of_ms`; at most MEMBER_MAX_OPEN_LOTS can have."""
    start, stop = lots + keys.ends_from(member.as_of_ms + 1), lots + keys.after_lots()
    limit = SCAN_FIRST_LOTS
    while True:
        page = state.scan(start, stop, limit)
        for key, value in page:
            until_ms = keys.read_window(key)[2]
            if until_ms > now_ms:
                member.next_end_ms = until_ms
                return
            member.active_points -= records.held_lot(value).points
            member.open_lots -= 1
        if len(page) < limit:
            member.next_end_ms = NEVER_MS
            return
        start, limit = page[-1][0] + b"\0", min(limit * 2, SCAN_MAX_LOTS)


def spendable_points(member: Member) -> int:
    """Active points that no debt holds back, as of the last `catch_up`."""
    return max(member.active_points - member.debt_points, 0)


def future_points(member: Member) -> int:
    """Points that have not begun, as of the last `catch_up`."""
    return sum([points for _, points in member.future])


def balance(member: Member) -> Balance:
    """The sums as of the last `catch_up`."""
    return Balance(member.active_points, spendable_points(member), future_points(member), member.debt_points)


def find_payers(
    state: Reader, tenant: int, member_id: int, member: Member, points: int
) -> tuple[list[Found], int]:
    """Which lots pay `points`, soonest end first, at most SPEND_MAX_LOTS; and how much they pay together.

    Reads as many lots as it needs, from the first that has not ended as of the last `catch_up`;
    those that have not begun are passed over.
    """
    now_ms = member.as_of_ms
    lots = keys.of_member(tenant, member_id, _WITH_POINTS)
    start, stop = lots + keys.ends_from(now_ms + 1), lots + keys.after_lots()
    found: list[Found] = []
    paid, limit = 0, SCAN_FIRST_LOTS
    while paid < points:
        page = state.scan(start, stop, limit)
        for key, value in page:
            lot, from_ms, until_ms = keys.read_window(key)
            if from_ms > now_ms:
                continue
            held = records.held_lot(value)
            part = min(held.points, points - paid)
            found.append(Found(key, Lot(lot, part, from_ms, until_ms), held))
            paid += part
            if paid == points or len(found) == SPEND_MAX_LOTS:
                return found, paid
        if len(page) < limit:
            break
        start, limit = page[-1][0] + b"\0", min(limit * 2, SCAN_MAX_LOTS)
    return found, paid


def take(state: Writer, tenant: int, member_id: int, member: Member, found: Found) -> None:
    """Draw points out of a lot; an emptied one moves out of the way."""
    draw, held = found.draw, found.held
    rest = held.points - draw.points
    after = records.encode(HeldLot(rest, held.source, held.origin, held.programme_version))
    if rest:
        state.put(found.key, after)
    else:
        state.delete(found.key)
        state.put(keys.lot(tenant, member_id, _EMPTY, draw), after)
    _count(member, draw, -draw.points, 0 if rest else -1)


def find(state: Reader, tenant: int, member_id: int, lot: Lot) -> HeldLot | None:
    """What a lot of the member holds; 0 points if it was emptied."""
    held = _read(state, keys.lot(tenant, member_id, _WITH_POINTS, lot))
    return held or _read(state, keys.lot(tenant, member_id, _EMPTY, lot))


def put_back(
    state: Writer, tenant: int, member_id: int, member: Member, draw: Lot, held: HeldLot, settled: int
) -> None:
    """Give points back to the lot that they came from, with its own window.

    Args:
        draw: the lot, and how many points; 0 if all that come back were missing.
        held: what it holds.
        settled: of its missing points, how many are missing no more.
    """
    total, missing = held.points + draw.points, held.missing_points - settled
    after = records.encode(HeldLot(total, held.source, held.origin, held.programme_version, missing))
    if held.points == 0 and total:
        state.delete(keys.lot(tenant, member_id, _EMPTY, draw))
    state.put(keys.lot(tenant, member_id, _WITH_POINTS if total else _EMPTY, draw), after)
    if draw.points:
        _count(member, draw, draw.points, 0 if held.points else 1)


def miss(state: Writer, tenant: int, member_id: int, lot: Lot, points: int) -> None:
    """Note that an emptied lot did not have so many points that were taken back."""
    key = keys.lot(tenant, member_id, _EMPTY, lot)
    held = _read(state, key)
    if held is not None:
        missing = held.missing_points + points
        state.put(key, records.encode(HeldLot(0, held.source, held.origin, held.programme_version, missing)))


def take_most(state: Writer, tenant: int, member_id: int, member: Member, lot: Lot, points: int) -> int:
    """Draw `points` out of a lot, or what it holds; how many that were."""
    key = keys.lot(tenant, member_id, _WITH_POINTS, lot)
    held = _read(state, key)
    if held is None or not points:
        return 0
    taken = min(points, held.points)
    draw = Lot(lot.lot, taken, lot.active_from_ms, lot.active_until_ms)
    take(state, tenant, member_id, member, Found(key, draw, held))
    return taken


def open_lot(state: Writer, tenant: int, member_id: int, member: Member, lot: Lot, held: HeldLot) -> None:
    """Write a new lot; `lot.points` are in `held`, above 0."""
    state.put(keys.lot(tenant, member_id, _WITH_POINTS, lot), records.encode(held))
    member.lots = max(member.lots, lot.lot)
    _count(member, lot, held.points, 1)


def _read(state: Reader, key: bytes) -> HeldLot | None:
    value = state.get(key)
    return None if value is None else records.held_lot(value)


def _count(member: Member, lot: Lot, points: int, opened: int) -> None:
    """Move the sums, as of `as_of_ms`, with a lot that gained points, opened or was emptied."""
    until_ms, now_ms = lot.active_until_ms, member.as_of_ms
    if until_ms <= now_ms:
        return  # its window has ended: it counts nowhere
    member.open_lots += opened
    if until_ms < member.next_end_ms:
        member.next_end_ms = until_ms
    if lot.active_from_ms <= now_ms:
        member.active_points += points
    else:
        member.future = _add(member.future, lot.active_from_ms, points)


def _add(future: tuple[tuple[int, int], ...], from_ms: int, points: int) -> tuple[tuple[int, int], ...]:
    at = bisect_left(future, (from_ms, -1))
    if at < len(future) and future[at][0] == from_ms:
        total = future[at][1] + points
        middle = ((from_ms, total),) if total else ()
        return future[:at] + middle + future[at + 1 :]
    return (*future[:at], (from_ms, points), *future[at:])
