"""Liability per day: what is outstanding, by the UTC day on which it ends, wallet and issuing partner.

Each slot keeps these sums as its lots change (`lots.py`), so no lot is read here. Over all slots there may be
more different sums than memory should hold: then the earliest days are done first, and the others in a
further round. What ended on a past day and was not spent stays in the index: asked for, it is what lapsed.
"""

from collections.abc import Iterator
from typing import Final

from loyalty.commands.places import SLOTS
from loyalty.commands.scans import ScanLiability
from loyalty.engine import keys
from loyalty.engine.calendar import DAY_MS, print_day
from loyalty.engine.lots import NEVER_DAY
from loyalty.engine.scans.chunks import SLOTS_PER_CHUNK, Rows, pairs
from loyalty.engine.state import Reader
from loyalty.outcomes.scans import LiabilityRow

SUMS_AT_ONCE: Final = 250_000

Sums = dict[tuple[int, int, int], int]  # (until day, wallet, partner) -> points


def run(state: Reader, at_ms: int, scan: ScanLiability, sums_at_once: int = SUMS_AT_ONCE) -> Iterator[bytes]:
    """Rows ascending by day, wallet and partner. `slots_done` begins anew with a further round."""
    from_day = max(scan.from_day, 0) or at_ms // DAY_MS
    stop_day = min(max(scan.until_day, 0) or NEVER_DAY, NEVER_DAY) + 1
    rows = Rows(SLOTS)
    while from_day < stop_day:
        sums: Sums = {}
        round_stop = stop_day
        for slot in range(SLOTS):
            _add(state, slot, scan.programme, from_day, round_stop, sums)
            if len(sums) > sums_at_once:
                round_stop = _keep_early(sums, round_stop)
            if slot % SLOTS_PER_CHUNK == SLOTS_PER_CHUNK - 1:
                yield rows.chunk(slot + 1)
        for (day, wallet, partner), points in sorted(sums.items()):
            until_day = 0 if day == NEVER_DAY else print_day(day)
            if rows.add(LiabilityRow(until_day, wallet, partner, points)):
                yield rows.chunk(SLOTS)
        from_day = round_stop
    yield rows.chunk(SLOTS)


def _add(state: Reader, slot: int, tenant: int, from_day: int, stop_day: int, sums: Sums) -> None:
    """The sums of one slot, from one day to before another."""
    start, stop = keys.outstanding(slot, tenant, from_day, 0, 0), keys.head(slot, tenant, b"U")
    if stop_day <= NEVER_DAY:
        stop = keys.outstanding(slot, tenant, stop_day, 0, 0)
    for key, value in pairs(state, start, stop):
        place = keys.read_outstanding(key)
        sums[place] = sums.get(place, 0) + int.from_bytes(value)


def _keep_early(sums: Sums, stop_day: int) -> int:
    """Forget the later half of the days, but never the first one; the day before which all are kept."""
    days = sorted({day for day, _, _ in sums})
    middle = max(len(days) // 2, 1)
    if middle == len(days):
        return stop_day
    stop_day = days[middle]
    for place in [place for place in sums if place[0] >= stop_day]:
        del sums[place]
    return stop_day
