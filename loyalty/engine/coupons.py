"""Coupons as tills use them: found by code, used, given with a purchase.

A code is kept in capitals and found in any case. A member's own coupons stand under him too while they have
uses left; of one that is used up only the coupon itself stays, so that a return can give the use back.
"""

import re
from collections.abc import Callable
from hashlib import blake2b
from typing import Final, NamedTuple

from msgspec.structs import replace

from loyalty.commands import Coupons, ReceiptId
from loyalty.commands import limits as lim
from loyalty.engine import keys, members, records
from loyalty.engine.plans import Buyer
from loyalty.engine.records import Coupon
from loyalty.engine.state import Entry, Reader, Writer
from loyalty.outcomes import Code, Rejected

CODE_WANTED: Final = f"{lim.COUPON_MIN_CHARS} to {lim.COUPON_MAX_CHARS} of A-Z 0-9 and hyphen"

_CODE: Final = re.compile(rf"[A-Z0-9-]{{{lim.COUPON_MIN_CHARS},{lim.COUPON_MAX_CHARS}}}")
_LETTERS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # without 0 and O, 1 and I
_MADE_CHARS: Final = 10
_ATTEMPTS_MAX: Final = 16  # of 2^50 codes: one is nearly always enough


def find(
    state: Writer, entry: Entry, member_id: int, codes: Coupons, at_ms: int = 0
) -> dict[int, str] | Rejected:
    """The coupons that a till was shown, by the promotion that each lets apply.

    Args:
        member_id: who buys.
        at_ms: when the coupons' windows have to hold; 0: at the entry's log time.

    Returns:
        Codes in capitals; or the first rejection that applies.
    """
    if not codes:
        return {}
    at_ms = at_ms or entry.time_ms
    shown = [_Shown(printed, _read(state, entry, printed)) for printed in map(capitals, codes)]
    for at, one in enumerate(shown):
        if any(one.is_same(other) for other in shown[:at]):
            wanted = "each coupon once, and one of each promotion"
            return Rejected(Code.COUPON_INVALID, f"coupons[{at + 1}]", wanted)
    for code, wanted, holds in _CHECKS:
        for at, one in enumerate(shown, 1):
            if one.coupon is None or not holds(state, entry.tenant, one.coupon, member_id, at_ms):
                return Rejected(code, f"coupons[{at}]", wanted)
    return {one.coupon.promotion: one.code for one in shown if one.coupon is not None}


def _read(state: Writer, entry: Entry, code: str) -> Coupon | None:
    """If it seems to be used up, a hold that has ended may have it still."""
    coupon = read(state, entry.tenant, code)
    if coupon is None or coupon.used_times < coupon.times:
        return coupon
    return after_holds(state, entry, code)


class _Shown(NamedTuple):
    code: str
    coupon: Coupon | None

    def is_same(self, other: "_Shown") -> bool:
        """Whether both are one coupon, or of one promotion."""
        if self.code == other.code:
            return True
        mine, its = self.coupon, other.coupon
        return mine is not None and its is not None and mine.promotion == its.promotion


def _is_there(*_: object) -> bool:
    return True


def _is_his(state: Reader, tenant: int, coupon: Coupon, member_id: int, at_ms: int) -> bool:
    return coupon.owner in (0, member_id) or owner_of(state, tenant, coupon) == member_id


def _is_open(state: Reader, tenant: int, coupon: Coupon, member_id: int, at_ms: int) -> bool:
    return coupon.from_ms <= at_ms < coupon.until_ms


def _is_left(state: Reader, tenant: int, coupon: Coupon, member_id: int, at_ms: int) -> bool:
    return coupon.used_times < coupon.times


_CHECKS: Final[tuple[tuple[Code, str, Callable[[Reader, int, Coupon, int, int], bool]], ...]] = (
    (Code.COUPON_UNKNOWN, "a code that was issued", _is_there),
    (Code.COUPON_NOT_YOURS, "a coupon of this member, or of nobody", _is_his),
    (Code.COUPON_ENDED, "a coupon whose window holds", _is_open),
    (Code.COUPON_USED, "a coupon with uses left", _is_left),
)


def use(state: Writer, tenant: int, code: str, times: int) -> None:
    """Count uses of a coupon that was found; below zero they are given back."""
    coupon = read(state, tenant, code)
    if coupon is None:
        return
    used_times = min(max(coupon.used_times + times, 0), coupon.times)
    owner = owner_of(state, tenant, coupon)
    save(state, tenant, code, replace(coupon, used_times=used_times, owner=owner))


def hold(state: Writer, tenant: int, code: str, until_ms: int, receipt: ReceiptId) -> None:
    """A hold uses a coupon until its time."""
    use(state, tenant, code, 1)
    state.put(keys.coupon_hold(tenant, code, until_ms, receipt), b"")


def keep(state: Writer, tenant: int, code: str, until_ms: int, receipt: ReceiptId) -> None:
    """The hold was captured: the coupon is used for good, also if its use was given back."""
    key = keys.coupon_hold(tenant, code, until_ms, receipt)
    if state.get(key) is None:
        use(state, tenant, code, 1)
    else:
        state.delete(key)


def free(state: Writer, tenant: int, code: str, until_ms: int, receipt: ReceiptId) -> None:
    """The hold ended: its use is given back, if nobody did before."""
    key = keys.coupon_hold(tenant, code, until_ms, receipt)
    if state.get(key) is not None:
        state.delete(key)
        use(state, tenant, code, -1)


def after_holds(state: Writer, entry: Entry, code: str) -> Coupon | None:
    """The coupon as of now: without the uses by holds whose time is over, at most RESERVATIONS_MAX_FOLDED."""
    start = keys.coupon_held(entry.tenant, code, 0)
    stop = keys.coupon_held(entry.tenant, code, entry.time_ms + 1)
    for key, _ in state.scan(start, stop, lim.RESERVATIONS_MAX_FOLDED):
        state.delete(key)
        use(state, entry.tenant, code, -1)
    return read(state, entry.tenant, code)


def owner_of(state: Reader, tenant: int, coupon: Coupon) -> int:
    """Whose it is now, also if its owner was merged since; 0: whoever has it."""
    return members.found_as(state, tenant, coupon.owner) if coupon.owner else 0


def give(
    state: Writer, entry: Entry, buyer: Buyer, promotion: int, until_ms: int, n: int, receipt: ReceiptId
) -> str:
    """Make the n-th coupon of an entry, for one use by the buyer.

    Returns:
        Its code; empty if he has as many as one may: then none is made.
    """
    tenant, member_id = entry.tenant, buyer.member_id
    if not has_room(state, tenant, member_id, entry.time_ms):
        return ""
    code = make_code(state, entry, n)
    coupon = Coupon(promotion, 1, 0, entry.time_ms, until_ms, member_id, receipt)
    save(state, tenant, code, coupon)
    return code


def take_back(state: Writer, tenant: int, code: str) -> None:
    """What gave the coupon was undone, or came back: its window is empty, also for a late receipt."""
    coupon = read(state, tenant, code)
    if coupon is not None:
        owner = owner_of(state, tenant, coupon)
        save(state, tenant, code, replace(coupon, until_ms=coupon.from_ms, owner=owner))


def read(state: Reader, tenant: int, code: str) -> Coupon | None:
    """The coupon of a code in capitals, if there is one."""
    if not is_code(code):
        return None
    value = state.get(keys.coupon(tenant, code))
    return None if value is None else records.coupon(value)


def is_code(code: str) -> bool:
    """Whether a text in capitals can be a code."""
    return _CODE.fullmatch(code) is not None


def capitals(code: str) -> str:
    """The code as it is kept; what is not ASCII is no code and stays."""
    return code.upper() if code.isascii() else code


def save(state: Writer, tenant: int, code: str, coupon: Coupon) -> None:
    """Write a coupon; it stands under its owner while it has uses left."""
    state.put(keys.coupon(tenant, code), records.encode(coupon))
    if not coupon.owner:
        return
    own = keys.coupon_of(tenant, coupon.owner, code)
    if coupon.used_times < coupon.times:
        state.put(own, coupon.until_ms.to_bytes(8))
    else:
        state.delete(own)


def of_member(state: Reader, tenant: int, member_id: int) -> list[tuple[str, int]]:
    """Code and end of his coupons with uses left, ended ones among them, by code.

    At most twice as many as one may have: uses that were given back can bring some more.
    """
    prefix = keys.of_member(tenant, member_id, b"C")
    page = state.scan(prefix, prefix + b"\xff", 2 * lim.MEMBER_MAX_COUPONS)
    return [(keys.read_coupon(key), int.from_bytes(value)) for key, value in page]


def has_room(state: Writer, tenant: int, member_id: int, now_ms: int) -> bool:
    """Whether the member may have one more; those that have ended are no longer listed as his."""
    own = of_member(state, tenant, member_id)
    ended = [code for code, until_ms in own if until_ms <= now_ms]
    for code in ended:
        state.delete(keys.coupon_of(tenant, member_id, code))
    return len(own) - len(ended) < lim.MEMBER_MAX_COUPONS


def make_code(state: Reader, entry: Entry, n: int) -> str:
    """The n-th code that an entry makes: the same on every node, and of no coupon so far."""
    for attempt in range(_ATTEMPTS_MAX):
        name = b"%d.%d.%d.%d" % (entry.tenant, entry.seq, n, attempt)
        number = int.from_bytes(blake2b(name, digest_size=8).digest())
        code = "".join([_LETTERS[number >> 5 * at & 31] for at in range(_MADE_CHARS)])
        if state.get(keys.coupon(entry.tenant, code)) is None:
            break
    return code
