"""Balanced double entries: one item of the member's statement per entry that moved anything."""

from typing import Final

from loyalty.commands import ReceiptId
from loyalty.engine import keys, records
from loyalty.engine.records import Item
from loyalty.engine.state import Entry, Writer
from loyalty.outcomes import Account, Movement, Posting

ISSUER: Final = Account.ISSUER
MEMBER_LOT: Final = Account.MEMBER_LOT
MEMBER_DEBT: Final = Account.MEMBER_DEBT
ACCEPTOR: Final = Account.ACCEPTOR


def record(
    state: Writer,
    entry: Entry,
    member_id: int,
    movement: Movement,
    receipt: ReceiptId | None,
    returned_receipt: ReceiptId | None,
    postings: list[Posting],
) -> None:
    """Write the item under the member, by seq; the postings sum to zero."""
    points = 0
    for posting in postings:
        if posting.account is MEMBER_LOT or posting.account is MEMBER_DEBT:
            points += posting.points
    item = Item(entry.time_ms, movement, receipt, returned_receipt, points, tuple(postings), entry.actor)
    state.put(keys.item(entry.tenant, member_id, entry.seq), records.encode(item))
