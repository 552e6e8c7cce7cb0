"""Lots: which pay, how points go in and out of them, and the index of what is outstanding."""

from collections.abc import Sequence
from functools import lru_cache
from struct import Struct
from typing import Final

from msgspec.structs import replace

from loyalty.commands.limits import MEMBER_MAX_PURPOSE_LOTS, SCAN_FIRST_LOTS, SCAN_MAX_LOTS, SPEND_MAX_LOTS
from loyalty.commands.places import NUMBER_BITS
from loyalty.engine import keys, purses, records
from loyalty.engine.calendar import DAY_MS
from loyalty.engine.keys import EMPTY, WITH_POINTS, WITH_PURPOSE
from loyalty.engine.records import HeldLot, Member, Purse
from loyalty.engine.state import Reader, Writer
from loyalty.outcomes import Lot

NEVER_DAY: Final = 2**32 - 1

_number: Final = int.from_bytes
_U64: Final = Struct(">Q")


class Payer:
    """A lot that pays: what is drawn, and the lot as it was before."""

    def __init__(self, key: bytes, draw: Lot, held: HeldLot) -> None:
        self.key, self.draw, self.held = key, draw, held


def find_payers(
    state: Reader, tenant: int, member_id: int, member: Member, wallet: int, points: int
) -> tuple[list[Payer], int]:
    """Which lots without purpose pay `points`, in spending order; and how much they pay together.

    At most SPEND_MAX_LOTS. Reads as many lots as it needs, from the first that has not ended as of the last
    `catch_up`; those that have not begun are passed over.
    """
    found: list[Payer] = []
    purse = purses.find(member, wallet)
    paid, now_ms = 0, member.as_of_ms
    for priority in purse.priorities if purse is not None else ():
        start, stop = keys.lots_between(tenant, member_id, WITH_POINTS, wallet, priority, now_ms)
        limit = SCAN_FIRST_LOTS
        while paid < points and len(found) < SPEND_MAX_LOTS:
            page = state.scan(start, stop, limit)
            for key, value in page:
                lot, from_ms, until_ms = keys.read_window(key)
                if from_ms > now_ms:
                    continue
                held = records.held_lot(value)
                part = min(held.points, points - paid)
                found.append(Payer(key, Lot(lot, part, from_ms, until_ms, wallet, priority), held))
                paid += part
                if paid == points or len(found) == SPEND_MAX_LOTS:
                    return found, paid
            if len(page) < limit:
                break
            start, limit = page[-1][0] + b"\0", min(limit * 2, SCAN_MAX_LOTS)
    return found, paid


def find_purposed(
    state: Reader, tenant: int, member_id: int, member: Member, purse: Purse | None
) -> list[Payer]:
    """The lots with a purpose that are active or to come, in spending order; a draw is the whole lot.

    At most MEMBER_MAX_PURPOSE_LOTS; the others, if there are any, when these are spent or have ended.
    """
    now_ms = member.as_of_ms
    found: list[Payer] = []
    if purse is None or purse.purposed_until_ms <= now_ms:
        return found
    for priority in purse.priorities:
        start, stop = keys.lots_between(tenant, member_id, WITH_PURPOSE, purse.wallet, priority, now_ms)
        for key, value in state.scan(start, stop, MEMBER_MAX_PURPOSE_LOTS - len(found)):
            held = records.held_lot(value)
            found.append(Payer(key, keys.read_lot(key, held.points), held))
    return found


def take(state: Writer, tenant: int, member_id: int, member: Member, payer: Payer) -> None:
    """Draw points out of a lot; an emptied one moves out of the way."""
    draw, held = payer.draw, payer.held
    rest = held.points - draw.points
    after = records.encode(replace(held, points=rest, missing_points=0))
    if rest:
        state.put(payer.key, after)
    else:
        state.delete(payer.key)
        state.put(keys.lot(tenant, member_id, EMPTY, draw), after)
    _move(state, tenant, member_id, member, draw, held, -draw.points, 0 if rest else -1)


def find(state: Reader, tenant: int, member_id: int, lot: Lot) -> HeldLot | None:
    """What a lot of the member holds; 0 points if it was emptied."""
    held = _read(state, keys.lot(tenant, member_id, EMPTY, lot))  # most lots that are asked for were emptied
    return held or _read(state, keys.lot(tenant, member_id, _letter(lot), lot))


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
    after = records.encode(replace(held, points=total, missing_points=missing))
    if held.points == 0 and total:
        state.delete(keys.lot(tenant, member_id, EMPTY, draw))
    state.put(keys.lot(tenant, member_id, _letter(draw) if total else EMPTY, draw), after)
    if draw.points:
        _move(state, tenant, member_id, member, draw, held, draw.points, 0 if held.points else 1)


def miss(state: Writer, tenant: int, member_id: int, lot: Lot, points: int) -> None:
    """Note that an emptied lot did not have so many points that were taken back."""
    key = keys.lot(tenant, member_id, EMPTY, lot)
    held = _read(state, key)
    if held is not None:
        missing = held.missing_points + points
        state.put(key, records.encode(replace(held, points=0, missing_points=missing)))


def take_most(state: Writer, tenant: int, member_id: int, member: Member, lot: Lot, points: int) -> int:
    """Draw `points` out of a lot, or what it holds; how many that were."""
    key = keys.lot(tenant, member_id, _letter(lot), lot)
    held = _read(state, key)
    if held is None or not points:
        return 0
    taken = min(points, held.points)
    take(state, tenant, member_id, member, Payer(key, replace(lot, points=taken), held))
    return taken


def open_lot(state: Writer, tenant: int, member_id: int, member: Member, lot: Lot, held: HeldLot) -> None:
    """Write a new lot; `lot.points` are in `held`, above 0."""
    letter = WITH_PURPOSE if lot.purposed else WITH_POINTS
    state.put(keys.lot(tenant, member_id, letter, lot), records.encode(held))
    if lot.lot > member.lots:
        member.lots = lot.lot
    _move(state, tenant, member_id, member, lot, held, held.points, 1)


def cut(payers: Sequence[Payer], points: int) -> list[Payer]:
    """The first of the payers, together exactly `points`."""
    kept = []
    for payer in payers:
        part = min(payer.draw.points, points)
        if part:
            kept.append(Payer(payer.key, part_of(payer.draw, part), payer.held))
        points -= part
    return kept


def part_of(lot: Lot, points: int) -> Lot:
    """So many points of a lot."""
    return lot if lot.points == points else replace(lot, points=points)


def _letter(lot: Lot) -> bytes:
    return WITH_PURPOSE if lot.purposed else WITH_POINTS


def _read(state: Reader, key: bytes) -> HeldLot | None:
    value = state.get(key)
    return None if value is None else records.held_lot(value)


def _move(
    state: Writer,
    tenant: int,
    member_id: int,
    member: Member,
    lot: Lot,
    held: HeldLot,
    points: int,
    opened: int,
) -> None:
    """The sums of the member, and what is outstanding in his slot, after a lot changed."""
    purses.count(member, lot, points, opened)
    slot, day = member_id >> NUMBER_BITS, until_day(lot.active_until_ms)
    count_outstanding(state, keys.outstanding(slot, tenant, day, lot.wallet, held.partner), points)


@lru_cache(maxsize=256)  # a few, asked for with every change of a lot
def until_day(until_ms: int) -> int:
    """The UTC day in which a window ends: what is outstanding is counted by it."""
    return min((until_ms - 1) // DAY_MS, NEVER_DAY)


def count_outstanding(state: Writer, key: bytes, points: int) -> None:
    """Add to what is outstanding under a key of `keys.outstanding`; many members may have any number."""
    value = state.get(key)
    total = points if value is None else _number(value) + points
    if total:
        long = total >= 2**64
        state.put(key, total.to_bytes((total.bit_length() + 7) // 8) if long else _U64.pack(total))
    else:
        state.delete(key)
