"""Coupons as the back office knows them: issued, and looked up."""

from loyalty.commands import GetCoupon, IssueCoupon
from loyalty.commands import limits as lim
from loyalty.engine import buyers, coupons, keys, postings, programmes
from loyalty.engine.coupons import CODE_WANTED, capitals
from loyalty.engine.records import Coupon
from loyalty.engine.state import Entry, Reader, Writer
from loyalty.outcomes import NEVER_MS, AnyOutcome, Code, GetCouponDone, IssueCouponDone, Movement, Rejected


def issue_coupon(state: Writer, entry: Entry, command: IssueCoupon) -> AnyOutcome:
    """Make a coupon, for its bearer or for a member."""
    tenant, owner_id = entry.tenant, 0
    if programmes.in_force(state, tenant) is None:
        return programmes.UNKNOWN
    if command.owner is not None:
        owner = buyers.find(state, entry, command.owner)
        if isinstance(owner, Rejected):
            return Rejected(owner.code, "owner", owner.acceptable)
        owner_id = owner.member_id
    refused = _check(state, entry, command)
    if refused is not None:
        return refused
    if owner_id and not coupons.has_room(state, tenant, owner_id, entry.time_ms):
        wanted = f"a member with fewer than {lim.MEMBER_MAX_COUPONS} coupons that can be used"
        return Rejected(Code.COUPON_INVALID, "owner", wanted)
    code = capitals(command.code)
    if code and coupons.read(state, tenant, code) is not None:
        return Rejected(Code.COUPON_TAKEN, "code", "a code of no coupon yet, or none: then one is made")

    code = code or coupons.make_code(state, entry, 0)
    from_ms, until_ms = command.from_ms or entry.time_ms, command.until_ms or NEVER_MS
    coupon = Coupon(command.promotion, command.times, 0, from_ms, until_ms, owner_id)
    coupons.save(state, tenant, code, coupon)
    if owner_id:
        postings.record(state, entry, owner_id, Movement.COUPON, None, None, [])
    return IssueCouponDone(code)


def _check(state: Reader, entry: Entry, command: IssueCoupon) -> Rejected | None:
    code, number = capitals(command.code), command.promotion
    if code and not coupons.is_code(code):
        return Rejected(Code.COUPON_INVALID, "code", CODE_WANTED)
    in_range = 1 <= number <= lim.PROMOTION_NUMBER_MAX
    if not in_range or state.get(keys.promotion(entry.tenant, number)) is None:
        return Rejected(Code.COUPON_INVALID, "promotion", "one that was published")
    if not 1 <= command.times <= lim.COUPON_MAX_TIMES:
        return Rejected(Code.COUPON_INVALID, "times", f"1 to {lim.COUPON_MAX_TIMES}")
    if not 0 <= command.from_ms < NEVER_MS:
        return Rejected(Code.COUPON_INVALID, "from_ms", "0, or milliseconds since 1970")
    earliest_ms = max(command.from_ms, entry.time_ms)
    if command.until_ms and not earliest_ms < command.until_ms <= NEVER_MS:
        return Rejected(Code.COUPON_INVALID, "until_ms", f"above {earliest_ms}, or 0")
    return None


def get_coupon(state: Writer, entry: Entry, query: GetCoupon) -> AnyOutcome:
    """A coupon by its code, in any case."""
    if programmes.in_force(state, query.programme) is None:
        return programmes.UNKNOWN
    code = capitals(query.code)
    coupon = coupons.after_holds(state, entry, code) if coupons.is_code(code) else None
    if coupon is None:
        return Rejected(Code.COUPON_UNKNOWN, "code", "a code that was issued")
    until_ms = 0 if coupon.until_ms == NEVER_MS else coupon.until_ms
    return GetCouponDone(
        code,
        coupon.promotion,
        coupon.times,
        coupon.used_times,
        coupon.from_ms,
        until_ms,
        coupons.owner_of(state, query.programme, coupon),
    )
