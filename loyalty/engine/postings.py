"""Balanced double entries: items of the member's statement, for everything that moved."""

from typing import Final

from loyalty.commands import WALLET_BONUS, ReceiptId
from loyalty.engine import keys, records
from loyalty.engine.records import Item
from loyalty.engine.state import Entry, Writer
from loyalty.outcomes import Account, Code, Movement, Posting, Rejected

ISSUER: Final = Account.ISSUER
MEMBER_LOT: Final = Account.MEMBER_LOT
MEMBER_DEBT: Final = Account.MEMBER_DEBT
ACCEPTOR: Final = Account.ACCEPTOR
HELD: Final = Account.HELD
FUNDER: Final = Account.FUNDER
STORE_MONEY: Final = Account.STORE_MONEY


def record(
    state: Writer,
    entry: Entry,
    member_id: int,
    movement: Movement,
    receipt: ReceiptId | None,
    returned_receipt: ReceiptId | None,
    postings: list[Posting],
    reason: str = "",
) -> None:
    """Write an item under the member, behind those that the entry wrote before; its postings sum to zero."""
    points = 0
    for posting in postings:
        account = posting.account
        if (account is MEMBER_LOT or account is MEMBER_DEBT) and posting.wallet == WALLET_BONUS:
            points += posting.points
    item = Item(
        entry.time_ms, movement, receipt, returned_receipt, points, tuple(postings), entry.actor, reason
    )
    number = 0
    key = keys.item(entry.tenant, member_id, entry.seq, number)
    while state.wrote(key):  # nobody else has keys of this entry
        number += 1
        key = keys.item(entry.tenant, member_id, entry.seq, number)
    state.put(key, records.encode(item))


def check_reason(reason: str) -> Rejected | None:
    """What a person changes by hand has a reason."""
    return None if reason.strip() else Rejected(Code.REASON_MISSING, "reason", "why, for the audit")
