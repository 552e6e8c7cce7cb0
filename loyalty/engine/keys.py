"""The key layout: slot(2) | programme(2) | type(1) | the rest, all numbers big endian.

| type | slot of    | the rest                                     | value                                |
|------|------------|----------------------------------------------|--------------------------------------|
| B    | 0          | nothing                                      | the promotions in force, as a digest |
| C    | code       | a coupon's code, text                        | the coupon                           |
| D    | token      | directory token, text                        | member id                            |
| F    | partner    | partner(4)                                   | a partner                            |
| I    | identity   | receipt identity (20)                        | a receipt, return, hold or use       |
| J    | reference  | an adjustment's reference, text              | what it was                          |
| M    | member     | member(8) C, code, text                      | when a coupon that is his ends (8)   |
| M    | member     | member(8) E, window of a lot (26)            | a lot without points                 |
| M    | member     | member(8) L, window of a lot (26)            | a lot with points                    |
| M    | member     | member(8) M                                  | the member                           |
| M    | member     | member(8) P                                  | his profile                          |
| M    | member     | member(8) Q, window of a lot (26)            | a lot with points and a purpose      |
| M    | member     | member(8) S, 2^64 - 1 - seq (8), 255 - n (1) | a statement's item, n-th of its entry |
| M    | member     | member(8) U, promotion(4)                    | how often he had it                  |
| M    | member     | member(8) V, until(8), right(8)              | services that he is entitled to      |
| N    | itself     | nothing                                      | members given out here               |
| O    | 0          | promotion(4), version(4); 0 for the newest   | one version of a promotion           |
| P    | 0          | version(4); 0 for the one in force           | a programme's rules                  |
| R    | 0          | promotion(4)                                 | a promotion in force                 |
| T    | itself     | until day(4), wallet(1), partner(4)          | points outstanding here              |
| U    | account    | P or F (1), promotion or partner (4)         | what it gave so far                  |
| W    | 0          | until(8), promotion(4)                       | nothing: when one in force ends      |
| X    | account    | P or F (1), number(4), until(8), identity(20) | what a hold has reserved of it       |
| X    | code       | C, code, 0, until(8), identity(20)           | nothing: a coupon that a hold has    |
| Y    | itself     | month and day(2), member(8)                  | nothing: a birthday                  |
| Z    | store      | store(4)                                     | a store                              |

What a member has lies together, whatever it is: a purchase changes few pages on disk.

A lot's window is wallet(1) | priority(1) | until(8) | from(8) | lot(8): lots lie in spending order, so
that a spending reads from "ends after now" on and stops when it has enough. Lots that have ended lie
before that point and empty ones under another letter, so neither is ever read again by the way.
"""

from functools import lru_cache
from struct import Struct
from typing import Final

from loyalty.commands import ReceiptId
from loyalty.commands.places import (
    coupon_slot,
    partner_slot,
    promotion_slot,
    receipt_key,
    receipt_slot,
    reference_slot,
    store_slot,
    token_slot,
)
from loyalty.outcomes import Lot

PROGRAMME_SLOT: Final = 0
_U64: Final = 2**64 - 1

_HEAD: Final = Struct(">HHc")
_MEMBER: Final = Struct(">HHcQc")
_WINDOW: Final = Struct(">BBQQQ")
_LOT: Final = Struct(">HHcQcBBQQQ")
_ITEM: Final = Struct(">HHcQcQB")
_LOTS: Final = Struct(">HHcQcBBQ")
_OUTSTANDING: Final = Struct(">HHcIBI")
_BIRTHDAY: Final = Struct(">HHcHQ")
_ACCOUNT: Final = Struct(">cI")
_RIGHT: Final = Struct(">QQ")
_END: Final = Struct(">QI")
_U32: Final = Struct(">I")
_U64_U8: Final = Struct(">QB")
_SEQ: Final = Struct(">Q")
MEMBER_KEY_BYTES: Final = _MEMBER.size
HEAD_BYTES: Final = _HEAD.size
ITEMS_OF_ENTRY: Final = 256  # a statement's item is numbered seq * 256 + its place in the entry

WITH_POINTS: Final = b"L"
WITH_PURPOSE: Final = b"Q"
EMPTY: Final = b"E"
OF_PROMOTION: Final = b"P"
OF_FUNDER: Final = b"F"


def head(slot: int, tenant: int, type_: bytes) -> bytes:
    """The beginning of all keys of a type in a slot."""
    return _HEAD.pack(slot, tenant, type_)


def read_tenant(key: bytes) -> int:
    """The programme of any key."""
    return int.from_bytes(key[2:4])


def directory(tenant: int, token: str) -> bytes:
    """Where a phone, card or external id leads to its member."""
    return _HEAD.pack(token_slot(tenant, token), tenant, b"D") + token.encode()


def identity(tenant: int, receipt: ReceiptId) -> bytes:
    """Where a receipt or return counts once; the parts of the identity must be in range."""
    name = receipt_key(receipt)
    return _HEAD.pack(receipt_slot(tenant, name), tenant, b"I") + name


def reference(tenant: int, text: str) -> bytes:
    """Where an adjustment counts once."""
    return _HEAD.pack(reference_slot(tenant, text), tenant, b"J") + text.encode()


def coupon(tenant: int, code: str) -> bytes:
    """Where a coupon is found by its code."""
    return _HEAD.pack(coupon_slot(tenant, code), tenant, b"C") + code.encode()


def members_of_slot(slot: int, tenant: int) -> bytes:
    """How many members a slot has given out."""
    return _HEAD.pack(slot, tenant, b"N")


@lru_cache(maxsize=64)  # asked for with every command
def programme(tenant: int, version: int) -> bytes:
    """A programme's rules; version 0 is the one in force."""
    return _HEAD.pack(PROGRAMME_SLOT, tenant, b"P") + _U32.pack(version)


@lru_cache(maxsize=64)  # asked for with every basket
def book(tenant: int) -> bytes:
    """What changes whenever a promotion does."""
    return _HEAD.pack(PROGRAMME_SLOT, tenant, b"B")


def promotion(tenant: int, number: int) -> bytes:
    """A promotion in force."""
    return _HEAD.pack(PROGRAMME_SLOT, tenant, b"R") + _U32.pack(number)


def read_promotion(key: bytes) -> int:
    """The number of a promotion's key."""
    number: int = _U32.unpack_from(key, HEAD_BYTES)[0]
    return number


def promotion_end(tenant: int, until_ms: int, number: int) -> bytes:
    """The entry that finds promotions in force by their end."""
    return _HEAD.pack(PROGRAMME_SLOT, tenant, b"W") + _END.pack(until_ms, number)


def read_promotion_end(key: bytes) -> int:
    """The number of the promotion that ends."""
    number: int = _END.unpack_from(key, HEAD_BYTES)[1]
    return number


def promotion_version(tenant: int, number: int, version: int) -> bytes:
    """One version of a promotion; they are never deleted. Version 0 is the newest."""
    return _HEAD.pack(PROGRAMME_SLOT, tenant, b"O") + _U32.pack(number) + _U32.pack(version)


@lru_cache(maxsize=4096)  # asked for with every receipt
def store(tenant: int, number: int) -> bytes:
    """A registered store."""
    return _HEAD.pack(store_slot(tenant, number), tenant, b"Z") + _U32.pack(number)


def partner(tenant: int, number: int) -> bytes:
    """A registered partner."""
    return _HEAD.pack(partner_slot(tenant, number), tenant, b"F") + _U32.pack(number)


def _account_slot(tenant: int, kind: bytes, number: int) -> int:
    return promotion_slot(tenant, number) if kind == OF_PROMOTION else partner_slot(tenant, number)


def used(tenant: int, kind: bytes, number: int) -> bytes:
    """What a promotion, or a partner as funder, gave so far."""
    return _HEAD.pack(_account_slot(tenant, kind, number), tenant, b"U") + _ACCOUNT.pack(kind, number)


def reserved(tenant: int, kind: bytes, number: int, until_ms: int) -> bytes:
    """The first place of what holds have reserved until then or later."""
    slot = _account_slot(tenant, kind, number)
    return _HEAD.pack(slot, tenant, b"X") + _ACCOUNT.pack(kind, number) + _SEQ.pack(until_ms)


def read_reserved_until(key: bytes) -> int:
    """The end of a reservation."""
    until_ms: int = _SEQ.unpack_from(key, HEAD_BYTES + _ACCOUNT.size)[0]
    return until_ms


def reservation(tenant: int, kind: bytes, number: int, until_ms: int, receipt: ReceiptId) -> bytes:
    """What one hold has reserved."""
    return reserved(tenant, kind, number, until_ms) + receipt_key(receipt)


def coupon_held(tenant: int, code: str, until_ms: int) -> bytes:
    """The first place of holds that have a coupon until then or later."""
    return (
        _HEAD.pack(coupon_slot(tenant, code), tenant, b"X") + b"C%b\0" % code.encode() + _SEQ.pack(until_ms)
    )


def coupon_hold(tenant: int, code: str, until_ms: int, receipt: ReceiptId) -> bytes:
    """One hold that has a coupon."""
    return coupon_held(tenant, code, until_ms) + receipt_key(receipt)


def of_member(tenant: int, member_id: int, type_: bytes) -> bytes:
    """A member's own key, or the beginning of all his keys of a type."""
    return _MEMBER.pack(member_id >> 52, tenant, b"M", member_id, type_)


def used_by(tenant: int, member_id: int, promotion: int) -> bytes:
    """How often a member had a promotion."""
    return of_member(tenant, member_id, b"U") + _U32.pack(promotion)


def coupon_of(tenant: int, member_id: int, code: str) -> bytes:
    """A coupon among the member's own."""
    return of_member(tenant, member_id, b"C") + code.encode()


def read_coupon(key: bytes) -> str:
    """The code in the key of a member's coupon."""
    return key[MEMBER_KEY_BYTES:].decode()


def read_used_by(key: bytes) -> int:
    """The promotion in the key of how often a member had it."""
    number: int = _U32.unpack_from(key, MEMBER_KEY_BYTES)[0]
    return number


def right(tenant: int, member_id: int, until_ms: int, number: int) -> bytes:
    """Services that a member is entitled to, soonest end first."""
    return of_member(tenant, member_id, b"V") + _RIGHT.pack(until_ms, number)


def read_right(key: bytes) -> tuple[int, int]:
    """Until and number of a right's key."""
    until_ms, number = _RIGHT.unpack_from(key, MEMBER_KEY_BYTES)
    return until_ms, number


def lot(tenant: int, member_id: int, type_: bytes, lot: Lot) -> bytes:
    """A lot, in spending order among the member's others of the type."""
    return _LOT.pack(
        member_id >> 52,
        tenant,
        b"M",
        member_id,
        type_,
        lot.wallet,
        lot.priority,
        lot.active_until_ms,
        lot.active_from_ms,
        lot.lot,
    )


def letter(key: bytes) -> bytes:
    """Which of WITH_POINTS, WITH_PURPOSE and EMPTY a lot's key is of."""
    return key[MEMBER_KEY_BYTES - 1 : MEMBER_KEY_BYTES]


def read_window(key: bytes) -> tuple[int, int, int]:
    """Lot, from and until of a lot's key."""
    _, _, until_ms, from_ms, lot = _WINDOW.unpack_from(key, MEMBER_KEY_BYTES)
    return lot, from_ms, until_ms


def read_lot(key: bytes, points: int) -> Lot:
    """The lot of a key, with so many points."""
    wallet, priority, until_ms, from_ms, lot = _WINDOW.unpack_from(key, MEMBER_KEY_BYTES)
    return Lot(lot, points, from_ms, until_ms, wallet, priority, letter(key) == WITH_PURPOSE)


def lots_between(
    tenant: int,
    member_id: int,
    type_: bytes,
    wallet: int,
    priority: int,
    after_ms: int,
    until_ms: int = _U64 - 1,
) -> tuple[bytes, bytes]:
    """The range of a member's lots of one wallet and priority that end after an instant and by another."""
    slot = member_id >> 52
    return (
        _LOTS.pack(slot, tenant, b"M", member_id, type_, wallet, priority, after_ms + 1),
        _LOTS.pack(slot, tenant, b"M", member_id, type_, wallet, priority, until_ms + 1),
    )


def item(tenant: int, member_id: int, seq: int, number: int) -> bytes:
    """A statement's item, the newest first among the member's others."""
    return _ITEM.pack(member_id >> 52, tenant, b"M", member_id, b"S", _U64 - seq, ITEMS_OF_ENTRY - 1 - number)


def newest_first(place: int) -> bytes:
    """The first place of statement items up to `place`, which is seq * 256 + n; after `of_member`."""
    seq, number = divmod(place, ITEMS_OF_ENTRY)
    return _U64_U8.pack(_U64 - seq, ITEMS_OF_ENTRY - 1 - number)


def read_place(key: bytes) -> int:
    """The place of a statement item's key: seq * 256 + n."""
    inverted: tuple[int, int] = _U64_U8.unpack_from(key, MEMBER_KEY_BYTES)
    return (_U64 - inverted[0]) * ITEMS_OF_ENTRY + ITEMS_OF_ENTRY - 1 - inverted[1]


def outstanding(slot: int, tenant: int, until_day: int, wallet: int, partner: int) -> bytes:
    """Points in lots of this slot that end within a UTC day; the day counts from 1970, never is 2^32 - 1."""
    return _OUTSTANDING.pack(slot, tenant, b"T", until_day, wallet, partner)


def read_outstanding(key: bytes) -> tuple[int, int, int]:
    """Until day, wallet and partner."""
    _, _, _, until_day, wallet, partner = _OUTSTANDING.unpack(key)
    return until_day, wallet, partner


def birthday(tenant: int, member_id: int, month_day: int) -> bytes:
    """The entry that finds a member by his birthday."""
    return _BIRTHDAY.pack(member_id >> 52, tenant, b"Y", month_day, member_id)


def read_birthday(key: bytes) -> tuple[int, int]:
    """Month and day, and the member."""
    month_day, member_id = _BIRTHDAY.unpack(key)[3:]
    return month_day, member_id
