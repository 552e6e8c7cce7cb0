"""Hold, capture, cancel: a web order reserves points and budgets until it is picked up, or until its time
is over.

The identity of the order's receipt is the name of the hold. While it is open its points are in no lot. A
capture books exactly what was held; whoever wants something else cancels and confirms.
"""

from typing import Final

from msgspec.structs import replace

from loyalty.commands import CancelHold, Capture, Hold, ReceiptId, SpendMode
from loyalty.commands import limits as lim
from loyalty.engine import (
    baskets,
    billing,
    book,
    booking,
    buyers,
    confirm,
    holding,
    keys,
    members,
    postings,
    programmes,
    purses,
    records,
)
from loyalty.engine.booking import Sale
from loyalty.engine.calendar import DAY_MS, day_at
from loyalty.engine.plans import Basket, Buyer, Plan
from loyalty.engine.postings import HELD
from loyalty.engine.records import Held, Receipt
from loyalty.engine.state import Entry, Writer
from loyalty.outcomes import (
    AnyOutcome,
    CancelHoldDone,
    Code,
    ConfirmDone,
    HoldDone,
    HoldState,
    Movement,
    Posting,
    Rejected,
)

_UNKNOWN: Final = Rejected(Code.HOLD_UNKNOWN, "receipt", "an order that was held")
_ENDED: Final = "an order whose hold is open; confirm it anew under another identity"


def hold(state: Writer, entry: Entry, command: Hold) -> AnyOutcome:
    """Reserve what a basket needs, until a time."""
    order = command.order
    found = confirm.find(state, entry, order)
    if isinstance(found, Rejected):
        return found
    buyer, key, used = found
    most_ms = entry.time_ms + lim.HOLD_MAX_DAYS * DAY_MS
    if used is None and not entry.time_ms < command.until_ms <= most_ms:
        return Rejected(Code.HOLD_UNTIL_OUT_OF_RANGE, "until_ms", f"after {entry.time_ms}, at most {most_ms}")
    if used is not None:
        if not isinstance(used, Held) or not confirm.is_same(state, buyer, order, used):
            return Rejected(Code.RECEIPT_TAKEN, "receipt", "the order it was held with, or one never used")
        if used.hold is not HoldState.OPEN:
            return Rejected(Code.HOLD_ENDED, "receipt", _ENDED)
        balance = purses.balance(buyer.member)
        return HoldDone(buyer.member_id, order.receipt, used.bill, used.until_ms, balance, True)
    if len(buyer.member.holds) >= lim.MEMBER_MAX_HOLDS:
        return Rejected(Code.TOO_MANY_HOLDS, "member", f"fewer than {lim.MEMBER_MAX_HOLDS} open holds")
    priced = confirm.price_order(state, entry, order, buyer)
    if isinstance(priced, Rejected):
        return priced
    _reserve(state, entry, command, buyer, key, *priced)
    balance = purses.balance(buyer.member)
    return HoldDone(buyer.member_id, order.receipt, priced[1].bill, command.until_ms, balance, False)


def _reserve(
    state: Writer, entry: Entry, command: Hold, buyer: Buyer, key: bytes, basket: Basket, plan: Plan
) -> None:
    name, until_ms, member = command.order.receipt, command.until_ms, buyer.member
    posted = booking.take_points(state, buyer, plan)
    posted += [Posting(HELD, one.ref, -one.points, one.wallet, one.partner) for one in posted]
    book.reserve(state, entry.tenant, buyer.member_id, basket.day, plan.uses, until_ms, name)
    held = Held(
        buyer.member_id,
        confirm.asked_of(command.order),
        plan.bill,
        plan.parts,
        plan.earned,
        until_ms,
        basket.place.partner,
        basket.day,
        plan.uses,
        plan.turnover_minor,
        plan.issuers,
        plan.owed,
        plan.purposes,
        HoldState.OPEN,
        entry.seq,
        entry.time_ms,
        entry.actor,
    )
    state.put(key, records.encode(held))
    booking.count_day(buyer.programme.rules, member, basket.day, plan.bill.earned_points)
    member.holds = tuple(sorted((*member.holds, (until_ms, name))))
    postings.record(state, entry, buyer.member_id, Movement.HOLD, name, None, posted)
    members.save(state, entry.tenant, buyer.member_id, member)


def capture(state: Writer, entry: Entry, command: Capture) -> AnyOutcome:
    """Book the purchase as it was held; its points count from the day when it is picked up."""
    found = _find(state, entry, command.receipt)
    if isinstance(found, Rejected):
        return found
    buyer, used = found
    if isinstance(used, Receipt):
        return _captured(buyer, command, used)
    if used.hold is not HoldState.OPEN:
        return Rejected(Code.HOLD_ENDED, "receipt", _ENDED)
    sold_ms = command.sold_ms or entry.time_ms
    if sold_ms < used.time_ms or sold_ms > entry.time_ms + lim.SOLD_AHEAD_MAX_MS:
        wanted = f"{used.time_ms} to {entry.time_ms + lim.SOLD_AHEAD_MAX_MS}, or 0"
        return Rejected(Code.SOLD_AHEAD, "sold_ms", wanted)
    refused = baskets.check_tenders(command.tenders, used.bill.paid_minor)
    if refused is not None:
        return refused
    _close(buyer, used, command.receipt)
    book.keep(state, entry.tenant, used.uses, used.until_ms, command.receipt)
    sale = _sale(state, entry, buyer, used, command, sold_ms)
    issuers = used.issuers or (used.partner,) * len(used.bill.draws)
    released = [
        Posting(HELD, draw.lot, -draw.points, draw.wallet, issuer)
        for draw, issuer in zip(used.bill.draws, issuers, strict=True)
    ]
    bill = booking.book_sale(state, sale, Movement.CAPTURE, released)
    return ConfirmDone(buyer.member_id, command.receipt, bill, purses.balance(buyer.member), False)


def _captured(buyer: Buyer, command: Capture, receipt: Receipt) -> ConfirmDone | Rejected:
    """Captured before: answered again, unless that was undone."""
    if receipt.voided:
        return Rejected(Code.RECEIPT_VOIDED, "receipt", "an order that was not undone")
    return ConfirmDone(buyer.member_id, command.receipt, receipt.bill, purses.balance(buyer.member), True)


def cancel_hold(state: Writer, entry: Entry, command: CancelHold) -> AnyOutcome:
    """Give back what was held."""
    found = _find(state, entry, command.receipt)
    if isinstance(found, Rejected):
        return found
    buyer, used = found
    if isinstance(used, Receipt):
        return Rejected(Code.HOLD_ENDED, "receipt", "an order that was not captured; void or return it")
    balance = purses.balance(buyer.member)
    if used.hold is not HoldState.OPEN:
        return CancelHoldDone(buyer.member_id, command.receipt, 0, 0, balance, True)
    _close(buyer, used, command.receipt)
    posted, points, ended = holding.give_back(
        state, entry, buyer.member_id, buyer.member, used, command.receipt
    )
    key = keys.identity(entry.tenant, command.receipt)
    state.put(key, records.encode(replace(used, hold=HoldState.CANCELLED)))
    postings.record(state, entry, buyer.member_id, Movement.CANCEL, command.receipt, None, posted)
    members.save(state, entry.tenant, buyer.member_id, buyer.member)
    balance = purses.balance(buyer.member)
    return CancelHoldDone(buyer.member_id, command.receipt, points, ended, balance, False)


def _find(state: Writer, entry: Entry, name: ReceiptId) -> tuple[Buyer, Held | Receipt] | Rejected:
    """The hold or what became of it, with its owner; a hold whose time is over has ended by now."""
    programme = programmes.in_force(state, entry.tenant)
    if programme is None:
        return programmes.UNKNOWN
    refused = baskets.check_receipt(name, "receipt")
    if refused is not None:
        return refused
    key = keys.identity(entry.tenant, name)
    value = state.get(key)
    used = None if value is None else records.taken(value)
    if not isinstance(used, Held | Receipt):
        return _UNKNOWN
    buyer = buyers.load(state, entry, programme, used.member_id)
    value = state.get(key)  # the owner's holds that ran out were ended just now
    used = None if value is None else records.taken(value)
    if buyer is None or not isinstance(used, Held | Receipt):
        return _UNKNOWN
    if isinstance(used, Receipt) and not used.held_day:
        return _UNKNOWN
    return buyer, used


def _close(buyer: Buyer, held: Held, name: ReceiptId) -> None:
    buyer.member.holds = tuple([one for one in buyer.member.holds if one != (held.until_ms, name)])


def _sale(state: Writer, entry: Entry, buyer: Buyer, held: Held, command: Capture, sold_ms: int) -> Sale:
    """The purchase as it was held, with points that begin now."""
    place = programmes.place_of(state, entry.tenant, command.receipt.store, buyer.programme.rules)
    day = day_at(place.zone, sold_ms)
    basket = Basket(place, day, sold_ms, held.asked.lines, 0, SpendMode.NONE)
    bill = billing.earned_later(buyer, basket, held.bill)
    receipt = Receipt(
        buyer.member_id,
        replace(held.asked, tenders=command.tenders),
        bill,
        held.parts,
        held.earned,
        (0,) * len(bill.lines),
        held.partner,
        held.issuers,
        held.owed,
        day,
        sold_ms,
        held.turnover_minor,
        uses=held.uses,
        held_day=held.day,
        seq=entry.seq,
        time_ms=entry.time_ms,
        actor=entry.actor,
    )
    key = keys.identity(entry.tenant, command.receipt)
    return Sale(entry, buyer, command.receipt, key, receipt, held.purposes)
