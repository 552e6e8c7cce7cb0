"""The sums over a member's lots, a purse for each wallet: what is active, to come, owed.

Nothing burns and no job walks: a lot counts while `from <= now < until`. A purse keeps the sums as of the
last time the member was touched; `catch_up` brings them to now by looking only at what began or ended in
between. The lots themselves stay as they are. Lots with a purpose are in no sum: they count for some
baskets only.
"""

from bisect import bisect_left
from typing import Final

from loyalty.commands.limits import SCAN_FIRST_LOTS, SCAN_MAX_LOTS
from loyalty.engine import keys, records
from loyalty.engine.records import Member, Purse
from loyalty.engine.state import Reader
from loyalty.outcomes import NEVER_MS, Balance, Lot

_EMPTY: Final = Balance(0, 0, 0, 0)


def find(member: Member, wallet: int) -> Purse | None:
    """The purse of a wallet, if he ever had points in it."""
    for purse in member.purses:
        if purse.wallet == wallet:
            return purse
    return None


def ensure(member: Member, wallet: int) -> Purse:
    """The purse of a wallet; an empty one is made if there is none."""
    for purse in member.purses:
        if purse.wallet == wallet:
            return purse
    made = Purse(wallet, next_end_ms=NEVER_MS)
    member.purses.append(made)
    member.purses.sort(key=_wallet)
    return made


def _wallet(purse: Purse) -> int:
    return purse.wallet


def catch_up(state: Reader, tenant: int, member_id: int, member: Member, now_ms: int) -> None:
    """Bring the sums in `member` to `now_ms`; write nothing. Time that would go back stands still."""
    if now_ms <= member.as_of_ms:
        return
    for purse in member.purses:
        while purse.future and purse.future[0][0] <= now_ms:
            purse.active_points += purse.future[0][1]
            purse.future = purse.future[1:]
        if purse.next_end_ms <= now_ms:
            _end_lots(state, tenant, member_id, member, purse, now_ms)
    member.as_of_ms = now_ms


def _end_lots(state: Reader, tenant: int, member_id: int, member: Member, purse: Purse, now_ms: int) -> None:
    """Count out the lots that ended after `as_of_ms`; at most MEMBER_MAX_OPEN_LOTS can have."""
    next_end_ms = NEVER_MS
    where = (tenant, member_id, keys.WITH_POINTS, purse.wallet)
    for priority in purse.priorities:
        start, stop = keys.lots_between(*where, priority, member.as_of_ms)
        next_end_ms = min(next_end_ms, _end_range(state, start, stop, purse, now_ms))
    purse.next_end_ms = next_end_ms


def _end_range(state: Reader, start: bytes, stop: bytes, purse: Purse, now_ms: int) -> int:
    """Of one priority; when the next one ends."""
    limit = SCAN_FIRST_LOTS
    while True:
        page = state.scan(start, stop, limit)
        for key, value in page:
            until_ms = keys.read_window(key)[2]
            if until_ms > now_ms:
                return until_ms
            purse.active_points -= records.held_lot(value).points
            purse.open_lots -= 1
        if len(page) < limit:
            return NEVER_MS
        start, limit = page[-1][0] + b"\0", min(limit * 2, SCAN_MAX_LOTS)


def spendable_points(purse: Purse | None) -> int:
    """Active points that no debt holds back, as of the last `catch_up`."""
    return 0 if purse is None else max(purse.active_points - purse.debt_points, 0)


def future_points(purse: Purse | None) -> int:
    """Points that have not begun, as of the last `catch_up`."""
    return 0 if purse is None else sum([points for _, points in purse.future])


def debt_points(purse: Purse | None) -> int:
    """Points that are owed."""
    return 0 if purse is None else purse.debt_points


def balance(member: Member, wallet: int = 0) -> Balance:
    """The sums as of the last `catch_up`."""
    for purse in member.purses:
        if purse.wallet == wallet:
            active, debt = purse.active_points, purse.debt_points
            future = future_points(purse) if purse.future else 0
            return Balance(active, active - debt if active > debt else 0, future, debt)
    return _EMPTY


def count(member: Member, lot: Lot, points: int, opened: int) -> None:
    """Move the sums, as of `as_of_ms`, with a lot that gained points, opened or was emptied."""
    for purse in member.purses:
        if purse.wallet == lot.wallet:
            break
    else:
        purse = ensure(member, lot.wallet)
    until_ms, now_ms = lot.active_until_ms, member.as_of_ms
    if lot.priority not in purse.priorities:
        purse.priorities = tuple(sorted((*purse.priorities, lot.priority)))
    if lot.purposed:
        purse.purposed_until_ms = max(purse.purposed_until_ms, until_ms)
        return
    if until_ms <= now_ms:
        return  # its window has ended: it counts nowhere
    if opened:
        purse.open_lots += opened
    if until_ms < purse.next_end_ms:
        purse.next_end_ms = until_ms
    if lot.active_from_ms <= now_ms:
        purse.active_points += points
    else:
        purse.future = _add(purse.future, lot.active_from_ms, points)


def _add(future: tuple[tuple[int, int], ...], from_ms: int, points: int) -> tuple[tuple[int, int], ...]:
    at = bisect_left(future, (from_ms, -1))
    if at < len(future) and future[at][0] == from_ms:
        total = future[at][1] + points
        middle = ((from_ms, total),) if total else ()
        return future[:at] + middle + future[at + 1 :]
    return (*future[:at], (from_ms, points), *future[at:])
