"""What promotions and their funders have given so far, and how often members had them.

An *account* is a promotion's (`OF_PROMOTION`) or a funder's (`OF_FUNDER`). A hold reserves its part until its
time; a reservation whose time has come is given back by whoever looks next, a few at a time, so that no job
is needed and no entry has much to do. Until then it counts: more than a budget is never given.
"""

from loyalty.commands import ReceiptId
from loyalty.commands.limits import ACCOUNT_MAX_POINTS, RESERVATIONS_MAX_FOLDED, USAGE_MAX_DAYS
from loyalty.engine import keys, records
from loyalty.engine.records import MemberUsage, Usage
from loyalty.engine.state import Entry, Reader, Writer
from loyalty.outcomes import NEVER_MS

Days = tuple[tuple[int, int], ...]  # (business day, how much) of the newest days, ascending


def used(state: Writer, entry: Entry, kind: bytes, number: int) -> Usage:
    """What an account gave, as of the entry's log time; gives back reservations that ended."""
    key = keys.used(entry.tenant, kind, number)
    value = state.get(key)
    if value is None:
        return Usage()
    usage = records.usage(value)
    if not 0 < usage.reserved_until_ms <= entry.time_ms:
        return usage
    start = keys.reserved(entry.tenant, kind, number, 0)
    stop = keys.reserved(entry.tenant, kind, number, NEVER_MS)
    soonest_ms = 0
    for at, (reservation, reserved) in enumerate(state.scan(start, stop, RESERVATIONS_MAX_FOLDED + 1)):
        soonest_ms = keys.read_reserved_until(reservation)
        if soonest_ms > entry.time_ms or at == RESERVATIONS_MAX_FOLDED:
            break
        usage = _add(usage, records.usage(reserved), -1)
        state.delete(reservation)
        soonest_ms = 0
    usage = Usage(usage.times, usage.minor, usage.points, soonest_ms)
    state.put(key, records.encode(usage))
    return usage


def use(state: Writer, tenant: int, kind: bytes, number: int, amount: Usage, sign: int) -> None:
    """Count what an account gives (1), or give it back (-1)."""
    key = keys.used(tenant, kind, number)
    before = state.get(key)
    state.put(key, records.encode(_add(Usage() if before is None else records.usage(before), amount, sign)))


def reserve(
    state: Writer, tenant: int, kind: bytes, number: int, amount: Usage, until_ms: int, receipt: ReceiptId
) -> None:
    """Count what a hold takes, until its time."""
    key = keys.used(tenant, kind, number)
    value = state.get(key)
    before = Usage() if value is None else records.usage(value)
    after = _add(before, amount, 1)
    soonest_ms = min(before.reserved_until_ms or until_ms, until_ms)
    state.put(key, records.encode(Usage(after.times, after.minor, after.points, soonest_ms)))
    state.put(keys.reservation(tenant, kind, number, until_ms, receipt), records.encode(amount))


def keep(
    state: Writer, tenant: int, kind: bytes, number: int, amount: Usage, until_ms: int, receipt: ReceiptId
) -> None:
    """A hold was captured: what it reserved is given for good, also if its reservation was given back."""
    key = keys.reservation(tenant, kind, number, until_ms, receipt)
    if state.get(key) is None:
        use(state, tenant, kind, number, amount, 1)
    else:
        state.delete(key)


def free(state: Writer, tenant: int, kind: bytes, number: int, until_ms: int, receipt: ReceiptId) -> None:
    """A hold ended: what it reserved is given back, if nobody did before."""
    key = keys.reservation(tenant, kind, number, until_ms, receipt)
    value = state.get(key)
    if value is not None:
        use(state, tenant, kind, number, records.usage(value), -1)
        state.delete(key)


def used_by(state: Reader, tenant: int, member_id: int, promotion: int) -> MemberUsage:
    """How often a member had a promotion."""
    value = state.get(keys.used_by(tenant, member_id, promotion))
    return MemberUsage() if value is None else records.member_usage(value)


def times_on(usage: MemberUsage, day: int) -> int:
    """How often on a business day."""
    return on_day(usage.days, day)


def use_by(state: Writer, tenant: int, member_id: int, promotion: int, day: int, sign: int) -> None:
    """Count one use by a member on a business day (1), or take it back (-1)."""
    before = used_by(state, tenant, member_id, promotion)
    after = MemberUsage(max(before.times + sign, 0), add_on_day(before.days, day, sign))
    state.put(keys.used_by(tenant, member_id, promotion), records.encode(after))


def joined(ours: MemberUsage, theirs: MemberUsage) -> MemberUsage:
    """Both together."""
    return MemberUsage(ours.times + theirs.times, join_days(ours.days, theirs.days))


def on_day(days: Days, day: int) -> int:
    """How much on a business day. One before those that are told apart counts with the first of them."""
    return dict(days).get(_told_apart(days, day), 0)


def add_on_day(days: Days, day: int, amount: int) -> Days:
    """Count more on a business day or, below 0, less."""
    return join_days(days, ((_told_apart(days, day), amount),))


def join_days(ours: Days, theirs: Days) -> Days:
    """Both together; of too many days the oldest goes into the next, which then counts no less."""
    sums = dict(ours)
    for day, amount in theirs:
        sums[day] = _counted(sums.get(day, 0) + amount)
    days = sorted([(day, amount) for day, amount in sums.items() if amount > 0])
    while len(days) > USAGE_MAX_DAYS:
        (_, oldest), (day, amount) = days[:2]
        days[:2] = [(day, max(oldest, amount))]
    return tuple(days)


def _told_apart(days: Days, day: int) -> int:
    return max(day, days[0][0]) if len(days) >= USAGE_MAX_DAYS else day


def _add(usage: Usage, amount: Usage, sign: int) -> Usage:
    return Usage(
        _counted(usage.times + sign * amount.times),
        _counted(usage.minor + sign * amount.minor),
        _counted(usage.points + sign * amount.points),
        usage.reserved_until_ms,
    )


def _counted(total: int) -> int:
    """Far above every limit there can be, what more is given changes nothing."""
    return min(max(total, 0), ACCOUNT_MAX_POINTS)
