"""Void and correction: a receipt is undone on its own business day, as if it had never been.

Unlike a return, it gives back what the receipt took of budgets, limits and coupons.
"""

from msgspec.structs import replace

from loyalty.commands import CorrectReceipt, ReceiptId, ReturnLine, VoidReceipt
from loyalty.engine import book, booking, confirm, members, postings, programmes, purses, records, returns
from loyalty.engine.baskets import check_receipt
from loyalty.engine.calendar import day_at, print_day
from loyalty.engine.plans import Buyer
from loyalty.engine.records import Receipt
from loyalty.engine.returns import Bought
from loyalty.engine.state import Entry, Writer
from loyalty.outcomes import (
    AnyOutcome,
    Code,
    ConfirmDone,
    CorrectDone,
    Movement,
    Posting,
    Rejected,
    Returned,
    VoidDone,
)

_NOTHING = Returned((), 0, 0, 0, 0, 0)


def void_receipt(state: Writer, entry: Entry, command: VoidReceipt) -> AnyOutcome:
    """Undo a receipt; what came back of it before stays returned."""
    if programmes.in_force(state, entry.tenant) is None:
        return programmes.UNKNOWN
    refused = postings.check_reason(command.reason) or check_receipt(command.receipt, "receipt")
    if refused is not None:
        return refused
    bought = returns.find(state, entry, command.receipt)
    if bought is None:
        return Rejected(Code.RECEIPT_UNKNOWN, "receipt", "a receipt that was confirmed")
    if bought.receipt.voided:
        balance = purses.balance(bought.buyer.member)
        return VoidDone(bought.buyer.member_id, command.receipt, _NOTHING, balance, True)
    refused = _check_day(state, entry, command.receipt, bought)
    if refused is not None:
        return refused
    undone, posted, voided = _undo(state, entry, command.receipt, bought)
    state.put(bought.key, records.encode(voided))
    member_id, member = bought.buyer.member_id, bought.buyer.member
    postings.record(state, entry, member_id, Movement.VOID, command.receipt, None, posted, command.reason)
    members.save(state, entry.tenant, member_id, member)
    return VoidDone(member_id, command.receipt, undone, purses.balance(member), False)


def correct_receipt(state: Writer, entry: Entry, command: CorrectReceipt) -> AnyOutcome:
    """Undo a receipt and book the right one under its identity, in one entry.

    Returns:
        What was undone and what was booked; with nothing undone and `repeated`, for a receipt that is as it
        should be already; or the first rejection that applies, and then nothing is changed.
    """
    right = command.right
    found = confirm.find(state, entry, right)
    refused = postings.check_reason(command.reason)
    if isinstance(found, Rejected) and found.code is Code.PROGRAMME_UNKNOWN:
        return found
    if refused is not None:
        return refused
    if isinstance(found, Rejected):
        return found
    _, key, used = found
    bought = returns.bought_of(state, entry, key, used) if isinstance(used, Receipt) else None
    if bought is None:
        return Rejected(Code.RECEIPT_UNKNOWN, "receipt", "a receipt that was confirmed")
    if bought.receipt.voided:
        return Rejected(Code.RECEIPT_VOIDED, "receipt", "a receipt that was not undone")
    if confirm.is_same(state, found[0], right, bought.receipt):
        balance = purses.balance(found[0].member)
        bill = bought.receipt.bill
        return CorrectDone(_NOTHING, ConfirmDone(found[0].member_id, right.receipt, bill, balance, True))
    refused = _check_day(state, entry, right.receipt, bought)
    if refused is not None:
        return refused
    if any(bought.receipt.returned_milli):
        return Rejected(Code.RECEIPT_RETURNED, "receipt", "a receipt of which nothing came back")
    undone, posted, _ = _undo(state, entry, right.receipt, bought)
    wrong_id, wrong = bought.buyer.member_id, bought.buyer.member
    postings.record(state, entry, wrong_id, Movement.VOID, right.receipt, None, posted, command.reason)
    members.save(state, entry.tenant, wrong_id, wrong)
    buyer = _again(state, entry, found[0])
    done = confirm.book_anew(state, entry, right, buyer, bought.key, Movement.CORRECT, command.reason)
    return done if isinstance(done, Rejected) else CorrectDone(undone, done)


def _again(state: Writer, entry: Entry, buyer: Buyer) -> Buyer:
    """The buyer as he is after the wrong receipt was undone, which may have been his."""
    member = members.load(state, entry.tenant, buyer.member_id, entry.time_ms)
    return buyer if member is None else Buyer(buyer.tenant, buyer.programme, buyer.member_id, member)


def _check_day(state: Writer, entry: Entry, name: ReceiptId, bought: Bought) -> Rejected | None:
    """A receipt is undone on its business day or when it was booked; later, goods come back as a return."""
    zone = programmes.zone_of(state, entry.tenant, name.store)
    today = day_at(zone, entry.time_ms)
    if today in (bought.receipt.day, day_at(zone, bought.receipt.time_ms)):
        return None
    wanted = f"a receipt of {print_day(today)}; of an older one, return the lines"
    return Rejected(Code.RECEIPT_OF_ANOTHER_DAY, "receipt", wanted)


def _undo(
    state: Writer, entry: Entry, name: ReceiptId, bought: Bought
) -> tuple[Returned, list[Posting], Receipt]:
    """Take everything back that is still with the customer, and what the receipt took of limits.

    Returns:
        What came back, the postings, and the receipt, voided and not written: its identity may be used anew.
    """
    receipt, buyer = bought.receipt, bought.buyer
    lines = _left(receipt)
    undone, posted, after = _NOTHING, list[Posting](), receipt
    if lines:
        change = returns.change_of(bought, lines)
        undone, posted, after = returns.take_back(state, name, bought, change, receipt.partner)
    counted_day = receipt.held_day or receipt.day
    book.count(state, entry.tenant, buyer.member_id, counted_day, receipt.uses, -1)
    booking.count_day(bought.rules, buyer.member, counted_day, -receipt.bill.earned_points)
    buyer.member.purchases = max(buyer.member.purchases - 1, 0)
    return undone, posted, replace(after, voided=True)


def _left(receipt: Receipt) -> tuple[ReturnLine, ...]:
    """All that has not come back."""
    sold = zip(receipt.asked.lines, receipt.returned_milli, strict=True)
    return tuple(
        [
            ReturnLine(at, line.quantity_milli - returned)
            for at, (line, returned) in enumerate(sold, 1)
            if returned < line.quantity_milli
        ]
    )
