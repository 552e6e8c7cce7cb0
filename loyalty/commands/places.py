"""Where things live: slots, member ids and directory tokens, the same at the door and in the engine.

A slot is taken from a hash of what a thing is called in the real world, never from the order in
which things arrive: a member's slot comes from his phone number or, without one, from his card
(the first in text order) or an external id, so it can be told before the command is executed and by any node.
A member's id is `slot << 52 | number`; the number counts the members of that slot and programme.
"""

from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from struct import Struct
from typing import Final

from loyalty.commands import ReceiptId

SLOTS: Final = 4096
NUMBER_BITS: Final = 52
MEMBER_ID_MAX: Final = 2**64 - 1

_TENANT: Final = Struct(">H")
_STORE: Final = Struct(">HI")
_RECEIPT: Final = Struct(">IIQI")
RECEIPT_KEY_BYTES: Final = _RECEIPT.size


_EMPTY: Final = blake2b(digest_size=2)  # copying it costs less than making one


def _slot(name: bytes) -> int:
    hashing = _EMPTY.copy()
    hashing.update(name)
    high, low = hashing.digest()
    return (high << 8 | low) & (SLOTS - 1)


def phone_token(phone: str) -> str:
    """What the directory calls a phone number."""
    return "p" + phone


def card_token(card: str) -> str:
    """What the directory calls a card."""
    return "c" + card


def external_token(external: str) -> str:
    """What the directory calls an id that another system gave."""
    return "x" + external


def natural_token(phone: str, cards: Iterable[str], externals: Iterable[str] = ()) -> str:
    """The token that names the person: it decides his slot. Empty if there is none."""
    if phone:
        return phone_token(phone)
    first = min(cards, default="")
    if first:
        return card_token(first)
    outside = min(externals, default="")
    return external_token(outside) if outside else ""


def token_slot(tenant: int, token: str) -> int:
    """Where the directory entry of a phone, card or external id lies."""
    return _slot(b"d" + _TENANT.pack(tenant) + token.encode())


def member_slot(member_id: int) -> int:
    """Where everything of a member lies."""
    return member_id >> NUMBER_BITS


def who_slot(tenant: int, who: int | str) -> int:
    """Where a command about this member belongs."""
    return token_slot(tenant, who) if isinstance(who, str) else member_slot(who)


def receipt_key(receipt: ReceiptId) -> bytes:
    """The identity in 20 bytes, in order of store, terminal, number, day; the parts must be in range."""
    return _RECEIPT.pack(receipt.store, receipt.terminal, receipt.number, receipt.business_day)


def receipt_slot(tenant: int, key: bytes) -> int:
    """Where the entry lies that makes a receipt count once."""
    return _slot(b"i" + _TENANT.pack(tenant) + key)


@lru_cache(maxsize=4096)  # asked for with every receipt
def store_slot(tenant: int, store: int) -> int:
    """Where a store's data lie."""
    return _slot(b"s" + _STORE.pack(tenant, store))


@lru_cache(maxsize=4096)
def partner_slot(tenant: int, partner: int) -> int:
    """Where a partner's data lie, what was funded and issued among them."""
    return _slot(b"r" + _STORE.pack(tenant, partner))


@lru_cache(maxsize=4096)
def promotion_slot(tenant: int, promotion: int) -> int:
    """Where a promotion's versions and budgets lie."""
    return _slot(b"o" + _STORE.pack(tenant, promotion))


def coupon_slot(tenant: int, code: str) -> int:
    """Where a coupon lies."""
    return _slot(b"k" + _TENANT.pack(tenant) + code.encode())


def reference_slot(tenant: int, reference: str) -> int:
    """Where the entry lies that makes an adjustment count once."""
    return _slot(b"j" + _TENANT.pack(tenant) + reference.encode())
