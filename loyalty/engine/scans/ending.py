"""Ending soon, over all members: whose active points end within so many days.

A slot in which nothing ends then is not looked at, nor a member whose record says that nothing of his does.
"""

from collections.abc import Iterator

from loyalty.commands.limits import WINDOW_MAX_DAYS
from loyalty.commands.scans import ScanEndingSoon
from loyalty.engine import keys, records
from loyalty.engine.calendar import DAY_MS
from loyalty.engine.keys import WITH_POINTS, WITH_PURPOSE
from loyalty.engine.records import Purse
from loyalty.engine.scans.chunks import by_slot, member_ids, member_of, pairs, slots
from loyalty.engine.state import Reader
from loyalty.outcomes.scans import EndingRow


def run(state: Reader, at_ms: int, scan: ScanEndingSoon) -> Iterator[bytes]:
    """Rows by member, each his own by wallet, purpose and instant."""
    tenant, until_ms = scan.programme, at_ms + min(max(scan.days, 0), WINDOW_MAX_DAYS) * DAY_MS

    def rows_of(slot: int) -> Iterator[EndingRow]:
        if _ends_any(state, slot, tenant, at_ms, until_ms):
            for member_id in member_ids(state, slot, tenant):
                yield from _of_member(state, tenant, member_id, at_ms, until_ms)

    return by_slot(slots(scan.from_slot, scan.until_slot), rows_of)


def _ends_any(state: Reader, slot: int, tenant: int, at_ms: int, until_ms: int) -> bool:
    start = keys.outstanding(slot, tenant, at_ms // DAY_MS, 0, 0)
    stop = keys.outstanding(slot, tenant, until_ms // DAY_MS + 1, 0, 0)
    return bool(state.scan(start, stop, 1))


def _of_member(state: Reader, tenant: int, member_id: int, at_ms: int, until_ms: int) -> Iterator[EndingRow]:
    member = member_of(state, tenant, member_id)
    for purse in member.purses if member is not None else ():
        if purse.next_end_ms <= until_ms:  # nothing of it ends earlier
            yield from _of_purse(state, tenant, member_id, purse, WITH_POINTS, at_ms, until_ms)
        if purse.purposed_until_ms > at_ms:
            yield from _of_purse(state, tenant, member_id, purse, WITH_PURPOSE, at_ms, until_ms)


def _of_purse(
    state: Reader, tenant: int, member_id: int, purse: Purse, type_: bytes, at_ms: int, until_ms: int
) -> Iterator[EndingRow]:
    """What ends after `at_ms` and not after `until_ms`, lots of one instant together."""
    sums: dict[int, int] = {}
    for priority in purse.priorities:
        where = (tenant, member_id, type_, purse.wallet, priority)
        for key, value in pairs(state, *keys.lots_between(*where, at_ms, until_ms)):
            _, from_ms, end_ms = keys.read_window(key)
            if from_ms <= at_ms:
                sums[end_ms] = sums.get(end_ms, 0) + records.held_lot(value).points
    for end_ms in sorted(sums):
        yield EndingRow(member_id, purse.wallet, end_ms, sums[end_ms], type_ == WITH_PURPOSE)
