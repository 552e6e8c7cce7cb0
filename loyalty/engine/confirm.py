"""Quote and confirm: the basket is priced, and booked once for ever."""

from typing import Final

from loyalty.commands import Confirm, Quote, ReceiptId, SpendMode, Zone
from loyalty.commands import limits as lim
from loyalty.engine import keys, lots, members, postings, pricing, programmes, records
from loyalty.engine.calendar import DAY_MS, day_at, parse_day, print_day
from loyalty.engine.postings import ACCEPTOR, ISSUER, MEMBER_DEBT, MEMBER_LOT
from loyalty.engine.pricing import Basket, Buyer, Plan
from loyalty.engine.records import HeldLot, Receipt, Return
from loyalty.engine.state import Entry, Reader, Writer
from loyalty.outcomes import AnyOutcome, Code, ConfirmDone, Movement, Posting, Rejected

_PURCHASE: Final = Movement.PURCHASE
_NO_SPEND: Final = SpendMode.NONE
_TAKEN: Final = "the basket and member it was confirmed with, or a receipt identity never used"


def check_receipt(receipt: ReceiptId, field: str) -> Rejected | None:
    """Refuse a receipt identity that cannot be."""
    if not 1 <= receipt.store <= lim.STORE_MAX:
        return Rejected(Code.RECEIPT_MALFORMED, field + ".store", f"1 to {lim.STORE_MAX}")
    if not 1 <= receipt.terminal <= lim.TERMINAL_MAX:
        return Rejected(Code.RECEIPT_MALFORMED, field + ".terminal", f"1 to {lim.TERMINAL_MAX}")
    if not 1 <= receipt.number <= lim.RECEIPT_NUMBER_MAX:
        return Rejected(Code.RECEIPT_MALFORMED, field + ".number", f"1 to {lim.RECEIPT_NUMBER_MAX}")
    if parse_day(receipt.business_day) is None:
        return Rejected(Code.RECEIPT_MALFORMED, field + ".business_day", "a date as 20261122")
    return None


def quote(state: Reader, at_ms: int, query: Quote) -> AnyOutcome:
    """Price a basket and store nothing; what no confirm would book is rejected as the confirm would."""
    refused = pricing.check_lines(query.lines) or pricing.check_spend(query.spend_points, query.spend_mode)
    buyer = pricing.find_buyer(state, query.programme, query.member, at_ms)
    if isinstance(buyer, Rejected) and buyer.code is Code.PROGRAMME_UNKNOWN:
        return buyer
    if query.business_day and parse_day(query.business_day) is None:
        return Rejected(Code.RECEIPT_MALFORMED, "business_day", "a date as 20261122, or 0")
    if refused is not None:
        return refused
    if isinstance(buyer, Rejected):
        return buyer
    in_range = 1 <= query.store <= lim.STORE_MAX
    rules = buyer.programme.rules
    zone = programmes.find_zone(state, query.programme, query.store, rules) if in_range else None
    if zone is None:
        return programmes.store_unknown("store")
    day = parse_day(query.business_day) or day_at(zone, at_ms)
    basket = Basket(zone, day, query.lines, query.spend_points, query.spend_mode)
    plan = pricing.price(state, buyer, basket)
    if isinstance(plan, Rejected):
        return plan
    return _check_room(buyer, plan) or pricing.quote_done(state, buyer, basket, plan)


def confirm(state: Writer, entry: Entry, command: Confirm) -> AnyOutcome:
    """Book a purchase.

    Returns:
        What was booked; the same again, with `repeated`, for a receipt confirmed before with
        this basket; or the first rejection that applies, and then nothing is changed.

    Source: loyalty/RULES.md, "Quote, then confirm".
    """
    tenant = entry.tenant
    buyer = pricing.find_buyer(state, tenant, command.member, entry.time_ms)
    if isinstance(buyer, Rejected) and buyer.code is Code.PROGRAMME_UNKNOWN:
        return buyer
    refused = (
        check_receipt(command.receipt, "receipt")
        or pricing.check_lines(command.lines)
        or pricing.check_spend(command.spend_points, command.spend_mode)
    )
    if refused is not None:
        return refused
    if isinstance(buyer, Rejected):
        return buyer
    key = keys.identity(tenant, command.receipt)
    used = state.get(key)
    if used is not None:
        return _repeat(buyer, command, records.taken(used))
    zone = programmes.find_zone(state, tenant, command.receipt.store, buyer.programme.rules)
    if zone is None:
        return programmes.store_unknown("receipt.store")
    refused = _check_times(command, buyer, zone, entry.time_ms)
    if refused is not None:
        return refused

    basket = _basket(command, zone)
    plan = pricing.price(state, buyer, basket)
    if isinstance(plan, Rejected):
        return plan
    refused = _check_room(buyer, plan) or _check_quote(state, command, buyer, basket, plan)
    if refused is not None:
        return refused
    state.put(key, records.encode(_receipt(buyer, command, plan)))
    _book(state, entry, buyer, command, plan)
    return ConfirmDone(buyer.member_id, command.receipt, plan.bill, lots.balance(buyer.member), False)


def _basket(command: Confirm, zone: Zone) -> Basket:
    day = parse_day(command.receipt.business_day) or 0
    return Basket(zone, day, command.lines, command.spend_points, command.spend_mode)


def _check_times(command: Confirm, buyer: Buyer, zone: Zone, now_ms: int) -> Rejected | None:
    late_days = buyer.programme.rules.late_receipt_max_days
    sold_ms = command.sold_ms or now_ms
    if sold_ms < now_ms - late_days * DAY_MS:
        return Rejected(Code.SOLD_TOO_LONG_AGO, "sold_ms", f"at most {late_days} days ago")
    if sold_ms > now_ms + lim.SOLD_AHEAD_MAX_MS:
        return Rejected(Code.SOLD_AHEAD, "sold_ms", f"at most {now_ms + lim.SOLD_AHEAD_MAX_MS}")
    sold_day = day_at(zone, sold_ms)
    if abs((parse_day(command.receipt.business_day) or 0) - sold_day) > 1:
        wanted = f"{print_day(max(sold_day, 0))}, or the day before or after"
        return Rejected(Code.BUSINESS_DAY_WRONG, "receipt.business_day", wanted)
    if command.offline and command.spend_mode is not _NO_SPEND:
        return Rejected(Code.SPEND_OFFLINE, "spend", "nothing: a till without a line never spends")
    return None


def _check_room(buyer: Buyer, plan: Plan) -> Rejected | None:
    member, earned = buyer.member, plan.bill.earned_points
    if plan.bill.earned_lot is not None:
        if member.open_lots >= lim.MEMBER_MAX_OPEN_LOTS:
            return Rejected(Code.TOO_MANY_LOTS, "member", f"fewer than {lim.MEMBER_MAX_OPEN_LOTS} open lots")
        if len(member.future) >= lim.MEMBER_MAX_FUTURE_STARTS:
            wanted = f"fewer than {lim.MEMBER_MAX_FUTURE_STARTS} days on which points begin"
            return Rejected(Code.TOO_MANY_LOTS, "member", wanted)
    if (
        earned > lim.POINTS_MAX
        or member.active_points + lots.future_points(member) + earned > lim.ACCOUNT_MAX_POINTS
    ):
        return Rejected(Code.POINTS_TOO_LARGE, "lines", f"at most {lim.POINTS_MAX} points earned")
    return None


def _check_quote(
    state: Reader, command: Confirm, buyer: Buyer, basket: Basket, plan: Plan
) -> Rejected | None:
    if not command.quote_digest or command.accept_changed:
        return None
    if pricing.digest(buyer.member_id, basket, plan.bill) == command.quote_digest:
        return None
    wanted = "the new quote's digest under a new request id, or accept_changed"
    now = pricing.quote_done(state, buyer, basket, plan)
    return Rejected(Code.QUOTE_CHANGED, "quote_digest", wanted, now)


def _receipt(buyer: Buyer, command: Confirm, plan: Plan) -> Receipt:
    nothing_returned = (0,) * len(command.lines)
    return Receipt(
        buyer.member_id,
        command.sold_ms,
        command.spend_points,
        command.spend_mode,
        command.lines,
        plan.bill,
        plan.parts,
        nothing_returned,
    )


def _book(state: Writer, entry: Entry, buyer: Buyer, command: Confirm, plan: Plan) -> None:
    """Move the points as the plan says."""
    tenant, member_id, member, bill = buyer.tenant, buyer.member_id, buyer.member, plan.bill
    posted: list[Posting] = []
    for found in plan.found:
        lots.take(state, tenant, member_id, member, found)
        posted.append(Posting(MEMBER_LOT, found.draw.lot, -found.draw.points))
    if bill.spent_points:
        posted.append(Posting(ACCEPTOR, command.receipt.store, bill.spent_points))
    if bill.earned_points:
        posted.append(Posting(ISSUER, 0, -bill.earned_points))
    if bill.debt_paid_points:
        member.debt_points -= bill.debt_paid_points
        posted.append(Posting(MEMBER_DEBT, 0, bill.debt_paid_points))
    lot = bill.earned_lot
    if lot is not None:
        held = HeldLot(lot.points, _PURCHASE, command.receipt, bill.programme_version)
        lots.open_lot(state, tenant, member_id, member, lot, held)
        posted.append(Posting(MEMBER_LOT, lot.lot, lot.points))
    postings.record(state, entry, member_id, _PURCHASE, command.receipt, None, posted)
    members.save(state, tenant, member_id, member)


def _repeat(buyer: Buyer, command: Confirm, used: Receipt | Return) -> AnyOutcome:
    """A receipt identity that is there already: the same basket is answered again, another refused."""
    if not isinstance(used, Receipt) or used.member_id != buyer.member_id or not _same(command, used):
        return Rejected(Code.RECEIPT_TAKEN, "receipt", _TAKEN)
    return ConfirmDone(buyer.member_id, command.receipt, used.bill, lots.balance(buyer.member), True)


def _same(command: Confirm, kept: Receipt) -> bool:
    return (
        command.sold_ms == kept.sold_ms
        and command.spend_points == kept.spend_points
        and command.spend_mode is kept.spend_mode
        and command.lines == kept.lines
    )
