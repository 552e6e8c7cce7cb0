"""The key layout: slot(2) | programme(2) | type(1) | the rest, all numbers big endian.

| type | slot of    | the rest                                     | value                        |
|------|------------|----------------------------------------------|------------------------------|
| D    | token      | directory token, text                        | member id                    |
| I    | identity   | receipt identity (20)                        | a receipt or a return        |
| M    | member     | member(8) E, window of a lot (26)            | a lot without points         |
| M    | member     | member(8) L, window of a lot (26)            | a lot with points            |
| M    | member     | member(8) M                                  | the member                   |
| M    | member     | member(8) S, 2^64 - 1 - seq (8)              | a statement's item           |
| N    | itself     | nothing                                      | members given out here       |
| P    | 0          | version(4); 0 for the one in force           | a programme's rules          |
| Z    | store      | store(4)                                     | a store                      |

What a member has lies together, whatever it is: a purchase changes few pages on disk.

A lot's window is wallet(1) | priority(1) | until(8) | from(8) | lot(8): lots lie in spending order, so
that a spending reads from "ends after now" on and stops when it has enough. Lots that have ended lie
before that point and empty ones under another letter, so neither is ever read again by the way.
"""

from functools import lru_cache
from struct import Struct
from typing import Final

from loyalty.commands import ReceiptId
from loyalty.commands.places import receipt_key, receipt_slot, store_slot, token_slot
from loyalty.outcomes import Lot

WALLET_BONUS: Final = 0  # the one kind of points of this version
PRIORITY_REGULAR: Final = 128  # room on both sides for lots to be spent before and after

PROGRAMME_SLOT: Final = 0
_U64: Final = 2**64 - 1

_HEAD: Final = Struct(">HHc")
_MEMBER: Final = Struct(">HHcQc")
_WINDOW: Final = Struct(">BBQQQ")
_LOT: Final = Struct(">HHcQcBBQQQ")
_ITEM: Final = Struct(">HHcQcQ")
_UNTIL: Final = Struct(">BBQ")
_U32: Final = Struct(">I")
_SEQ: Final = Struct(">Q")
MEMBER_KEY_BYTES: Final = _MEMBER.size


def directory(tenant: int, token: str) -> bytes:
    """Where a phone or card leads to its member."""
    return _HEAD.pack(token_slot(tenant, token), tenant, b"D") + token.encode()


def identity(tenant: int, receipt: ReceiptId) -> bytes:
    """Where a receipt or return counts once; the parts of the identity must be in range."""
    name = receipt_key(receipt)
    return _HEAD.pack(receipt_slot(tenant, name), tenant, b"I") + name


def members_of_slot(slot: int, tenant: int) -> bytes:
    """How many members a slot has given out."""
    return _HEAD.pack(slot, tenant, b"N")


@lru_cache(maxsize=64)  # asked for with every command
def programme(tenant: int, version: int) -> bytes:
    """A programme's rules; version 0 is the one in force."""
    return _HEAD.pack(PROGRAMME_SLOT, tenant, b"P") + _U32.pack(version)


@lru_cache(maxsize=4096)  # asked for with every receipt
def store(tenant: int, number: int) -> bytes:
    """A registered store."""
    return _HEAD.pack(store_slot(tenant, number), tenant, b"Z") + _U32.pack(number)


def of_member(tenant: int, member_id: int, type_: bytes) -> bytes:
    """A member's own key, or the beginning of all his keys of a type."""
    return _MEMBER.pack(member_id >> 52, tenant, b"M", member_id, type_)


def lot(tenant: int, member_id: int, type_: bytes, lot: Lot) -> bytes:
    """A lot, in spending order among the member's others of the type."""
    return _LOT.pack(
        member_id >> 52,
        tenant,
        b"M",
        member_id,
        type_,
        WALLET_BONUS,
        PRIORITY_REGULAR,
        lot.active_until_ms,
        lot.active_from_ms,
        lot.lot,
    )


def read_window(key: bytes) -> tuple[int, int, int]:
    """Lot, from and until of a lot's key."""
    _, _, until_ms, from_ms, lot = _WINDOW.unpack_from(key, MEMBER_KEY_BYTES)
    return lot, from_ms, until_ms


def ends_from(until_ms: int) -> bytes:
    """The first place of lots that end at `until_ms` or later, after `of_member`."""
    return _UNTIL.pack(WALLET_BONUS, PRIORITY_REGULAR, until_ms)


def after_lots() -> bytes:
    """Behind the last lot of the wallet and priority, after `of_member`."""
    return _UNTIL.pack(WALLET_BONUS, PRIORITY_REGULAR + 1, 0)


def item(tenant: int, member_id: int, seq: int) -> bytes:
    """A statement's item, the newest first among the member's others."""
    return _ITEM.pack(member_id >> 52, tenant, b"M", member_id, b"S", _U64 - seq)


def newest_first(seq: int) -> bytes:
    """The first place of statement items up to `seq`, after `of_member`."""
    return _SEQ.pack(_U64 - seq)


def read_seq(key: bytes) -> int:
    """The seq of a statement item's key."""
    inverted: int = _SEQ.unpack_from(key, MEMBER_KEY_BYTES)[0]
    return _U64 - inverted
