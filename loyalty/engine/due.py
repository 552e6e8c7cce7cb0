"""What time alone has made due for a member: holds that ran out, gifts whose window holds.

Done when somebody looks at him, never by a job; bounded by MEMBER_MAX_HOLDS and GIFTS_MAX.
"""

from msgspec.structs import replace

from loyalty.commands import Gift
from loyalty.engine import gifts, holding, keys, lots, postings, programmes, records
from loyalty.engine.calendar import day_at
from loyalty.engine.postings import ISSUER, MEMBER_LOT
from loyalty.engine.records import HeldLot, HeldOutline, Member, Programme
from loyalty.engine.state import Entry, Writer
from loyalty.outcomes import HoldState, Lot, Movement, Posting, Source


def end_holds(state: Writer, entry: Entry, member_id: int, member: Member) -> None:
    """Give back what holds reserved whose time is over; the member is changed, not written."""
    while member.holds and member.holds[0][0] <= entry.time_ms:
        receipt = member.holds[0][1]
        member.holds = member.holds[1:]
        key = keys.identity(entry.tenant, receipt)
        value = state.get(key)
        held = None if value is None else records.held_outline(value)
        if isinstance(held, HeldOutline):
            posted = holding.give_back(state, entry, member_id, member, held, receipt)[0]
            state.put(key, records.encode(replace(held, hold=HoldState.ENDED)))
            postings.record(state, entry, member_id, Movement.CANCEL, receipt, None, posted)


def give_gifts(state: Writer, entry: Entry, programme: Programme, member_id: int, member: Member) -> None:
    """Make lots of gifts whose window holds and that he has not had; the member is changed, not written."""
    if not programme.rules.gifts:
        return
    zone = programmes.zone_of(state, entry.tenant, member.store)
    enrolled_day = day_at(zone, member.enrolled_ms)
    for due in gifts.due_gifts(programme.rules.gifts, member.birthday, enrolled_day, zone, entry.time_ms):
        if (due.gift.number, due.year) not in member.gifts:
            _give(state, entry, programme, member_id, member, due)


def _give(
    state: Writer, entry: Entry, programme: Programme, member_id: int, member: Member, due: gifts.DueGift
) -> None:
    gift: Gift = due.gift
    number = member.lots + 1
    lot = Lot(
        number, gift.points, due.from_ms, due.until_ms, gift.wallet, gift.priority, gift.purpose is not None
    )
    held = HeldLot(gift.points, Source.GIFT, None, programme.version, purpose=gift.purpose)
    lots.open_lot(state, entry.tenant, member_id, member, lot, held)
    recent = [(one, year) for one, year in member.gifts if year >= due.year - 1]
    member.gifts = (*recent, (gift.number, due.year))
    posted = [
        Posting(ISSUER, 0, -gift.points, gift.wallet),
        Posting(MEMBER_LOT, number, gift.points, gift.wallet),
    ]
    postings.record(state, entry, member_id, Movement.GIFT, None, None, posted)
