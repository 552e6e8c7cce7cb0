"""Who it is about: programme and member, followed if he was merged, with everything done that is due by
time.

Due are holds that ran out, whose points come back, and gifts whose window holds, which become lots. Both
happen when somebody looks, by log time: no job does. On a question they happen too, and are thrown away.
"""

from typing import Final

from loyalty.commands import Status, Who
from loyalty.commands.limits import MERGE_MAX_CHAIN
from loyalty.engine import due, members, programmes
from loyalty.engine.plans import Buyer
from loyalty.engine.records import Member, Programme
from loyalty.engine.state import Entry, Writer
from loyalty.outcomes import Rejected

_MERGED: Final = Status.MERGED


def find(state: Writer, entry: Entry, who: Who) -> Buyer | Rejected:
    """Programme and member, or why not."""
    programme = programmes.in_force(state, entry.tenant)
    if programme is None:
        return programmes.UNKNOWN
    member_id = members.find_id(state, entry.tenant, who)
    if member_id is None:
        return members.UNKNOWN
    return load(state, entry, programme, member_id) or members.UNKNOWN


def load(state: Writer, entry: Entry, programme: Programme, member_id: int) -> Buyer | None:
    """The member under an id, or under the one that he was merged into."""
    tenant, now_ms = entry.tenant, entry.time_ms
    member, moved = members.load(state, tenant, member_id, now_ms), 0
    if member is not None and member.status is _MERGED:
        member_id, member, moved = follow(state, tenant, member_id, now_ms) or (member_id, None, 0)
    if member is None:
        return None
    if programme.rules.gifts or (member.holds and member.holds[0][0] <= now_ms):
        due.end_holds(state, entry, member_id, member)
        due.give_gifts(state, entry, programme, member_id, member)
        members.save(state, tenant, member_id, member)
    return Buyer(tenant, programme, member_id, member, moved)


def follow(state: Writer, tenant: int, member_id: int, now_ms: int) -> tuple[int, Member, int] | None:
    """Who a member is now, if he was merged: id, record, and what his lots' numbers grew by on the way."""
    moved = chain = 0
    member = members.load(state, tenant, member_id, now_ms)
    while member is not None and member.status is _MERGED and chain < MERGE_MAX_CHAIN:
        moved += member.moved_lots
        member_id = member.merged_into
        member = members.load(state, tenant, member_id, now_ms)
        chain += 1
    return None if member is None else (member_id, member, moved)
