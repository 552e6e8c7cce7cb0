"""Services that come with goods: rights to so many of a kind, given, used, taken back with the goods."""

from msgspec.structs import replace

from loyalty.commands import UseService
from loyalty.commands import limits as lim
from loyalty.engine import baskets, buyers, keys, members, postings, programmes, records
from loyalty.engine.plans import Buyer
from loyalty.engine.records import Member, Right, ServiceUse
from loyalty.engine.state import Entry, Reader, Writer
from loyalty.outcomes import AnyOutcome, Code, Movement, Rejected, UseServiceDone

Found = tuple[bytes, Right]  # its key, which tells end and number


def give(state: Writer, tenant: int, member_id: int, member: Member, right: Right, until_ms: int) -> int:
    """A new right of the member, who is changed, not written; its number among his."""
    member.rights += 1
    member.rights_until_ms = max(member.rights_until_ms, until_ms)
    state.put(keys.right(tenant, member_id, until_ms, member.rights), records.encode(right))
    return member.rights


def take_back(state: Writer, tenant: int, member_id: int, until_ms: int, number: int, times: int) -> int:
    """Goods come back: of what they gave a right to, as much as is not used; how much that was."""
    key = keys.right(tenant, member_id, until_ms, number)
    value = state.get(key)
    if value is None:
        return 0
    right = records.right(value)
    taken = min(times, right.times_left)
    _take(state, key, right, taken)
    return taken


def find(
    state: Reader,
    tenant: int,
    member_id: int,
    member: Member,
    now_ms: int,
    most: int = lim.MEMBER_MAX_SERVICES,
) -> list[Found]:
    """Rights with something left that have not ended, soonest end first."""
    if member.rights_until_ms <= now_ms:
        return []
    start = keys.right(tenant, member_id, now_ms + 1, 0)
    stop = keys.of_member(tenant, member_id, b"V") + b"\xff"
    page = state.scan(start, stop, most)
    return [(key, records.right(value)) for key, value in page]


def use_service(state: Writer, entry: Entry, command: UseService) -> AnyOutcome:
    """Use services of a kind, soonest end first; an identity counts once.

    Returns:
        What was used; the same again, with `repeated`, for a use booked before; or the first rejection.
    """
    tenant = entry.tenant
    buyer = buyers.find(state, entry, command.member)
    if isinstance(buyer, Rejected) and buyer.code is Code.PROGRAMME_UNKNOWN:
        return buyer
    refused = baskets.check_receipt(command.use, "use") or _check_times(command.times)
    if refused is not None:
        return refused
    if isinstance(buyer, Rejected):
        return buyer
    key = keys.identity(tenant, command.use)
    earlier = _earlier(state, buyer, command, state.get(key))
    if isinstance(earlier, UseServiceDone):
        return earlier
    refused = _check_allowed(state, buyer, command) or earlier
    if refused is not None:
        return refused

    found = _active(state, buyer, command.service, entry.time_ms)
    there = sum([right.times_left for _, right in found])
    if there < command.times:
        return Rejected(Code.SERVICE_NOT_THERE, "times", f"at most {there}")
    _use(state, found, command.times)
    left_times = there - command.times
    done = ServiceUse(
        buyer.member_id, command.service, command.times, left_times, entry.seq, entry.time_ms, entry.actor
    )
    state.put(key, records.encode(done))
    postings.record(state, entry, buyer.member_id, Movement.SERVICE, command.use, None, [])
    return UseServiceDone(buyer.member_id, command.use, command.service, command.times, left_times, False)


def _check_times(times: int) -> Rejected | None:
    if not 1 <= times <= lim.SERVICE_MAX_TIMES:
        return Rejected(Code.QUANTITY_OUT_OF_RANGE, "times", f"1 to {lim.SERVICE_MAX_TIMES}")
    return None


def _check_allowed(state: Reader, buyer: Buyer, command: UseService) -> Rejected | None:
    if programmes.find_place(state, buyer.tenant, command.use.store, buyer.programme.rules) is None:
        return programmes.store_unknown("use.store")
    if not members.can_spend(buyer.member):
        return Rejected(Code.MEMBER_BLOCKED, "member", "a member who is not blocked")
    return None


def _earlier(
    state: Reader, buyer: Buyer, command: UseService, taken: bytes | None
) -> UseServiceDone | Rejected | None:
    """What stands under the identity already: the same use is answered again, another refused."""
    if taken is None:
        return None
    used = records.taken(taken)
    if (
        not isinstance(used, ServiceUse)
        or (used.service, used.times) != (command.service, command.times)
        or members.found_as(state, buyer.tenant, used.member_id) != buyer.member_id
    ):
        return Rejected(Code.USE_TAKEN, "use", "the use that it was booked with, or an identity never used")
    return UseServiceDone(buyer.member_id, command.use, used.service, used.times, used.left_times, True)


def _active(state: Reader, buyer: Buyer, service: str, now_ms: int) -> list[Found]:
    found = find(state, buyer.tenant, buyer.member_id, buyer.member, now_ms)
    return [pair for pair in found if pair[1].service == service and pair[1].active_from_ms <= now_ms]


def _use(state: Writer, found: list[Found], times: int) -> None:
    for key, right in found:
        used = min(times, right.times_left)
        _take(state, key, right, used)
        times -= used
        if not times:
            return


def _take(state: Writer, key: bytes, right: Right, times: int) -> None:
    """A right of which nothing is left is gone."""
    if times < right.times_left:
        state.put(key, records.encode(replace(right, times_left=right.times_left - times)))
    else:
        state.delete(key)
