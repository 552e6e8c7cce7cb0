"""Quote and confirm: the basket is priced, and booked once for ever."""

from typing import Final

from loyalty.commands import Confirm, DryRun, Quote, Rules, SpendMode
from loyalty.commands import limits as lim
from loyalty.engine import baskets, billing, book, booking, buyers, keys, pricing, programmes, purses, records
from loyalty.engine.booking import Sale
from loyalty.engine.calendar import DAY_MS, day_at, parse_day, print_day
from loyalty.engine.plans import Basket, Buyer, Plan
from loyalty.engine.programmes import Place
from loyalty.engine.records import Asked, Held, Receipt, Return, ServiceUse
from loyalty.engine.state import Entry, Question, Writer
from loyalty.outcomes import AnyOutcome, Bill, Code, ConfirmDone, HoldState, Movement, Rejected

_NO_SPEND: Final = SpendMode.NONE
_PURCHASE: Final = Movement.PURCHASE
_TAKEN: Final = "the basket and member it was confirmed with, or a receipt identity never used"


def quote(state: Writer, entry: Entry, query: Quote) -> AnyOutcome:
    """Price a basket and store nothing; what no confirm would book is rejected as the confirm would."""
    return _quote(state, entry, query)


def dry_run(state: Writer, entry: Entry, query: DryRun) -> AnyOutcome:
    """A quote at a time, with promotions that nobody has published."""
    at_ms = query.at_ms if query.at_ms > 0 else entry.time_ms
    then = Question(at_ms, query.quote.programme)
    return _quote(state, then, query.quote, query)


def _quote(state: Writer, entry: Entry, query: Quote, run: DryRun | None = None) -> AnyOutcome:
    buyer = buyers.find(state, entry, query.member)
    if isinstance(buyer, Rejected) and buyer.code is Code.PROGRAMME_UNKNOWN:
        return buyer
    if query.business_day and parse_day(query.business_day) is None:
        return Rejected(Code.RECEIPT_MALFORMED, "business_day", "a date as 20261122, or 0")
    refused = baskets.check_lines(query.lines)
    if refused is None and not isinstance(buyer, Rejected):
        refused = baskets.check_attributes(query.lines, buyer.programme.rules)
    refused = refused or baskets.check_spend(query.spend_points, query.spend_mode)
    if refused is not None:
        return refused
    if isinstance(buyer, Rejected):
        return buyer
    place = programmes.find_place(state, query.programme, query.store, buyer.programme.rules)
    if place is None:
        return programmes.store_unknown("store")
    day = parse_day(query.business_day) or day_at(place.zone, entry.time_ms)
    basket = Basket(
        place,
        day,
        entry.time_ms,
        query.lines,
        query.spend_points,
        query.spend_mode,
        query.wallet,
        query.coupons,
    )
    extra, alone = ((), False) if run is None else (run.promotions, run.alone)
    plan = pricing.price(state, entry, buyer, basket, True, extra, alone)
    if isinstance(plan, Rejected):
        return plan
    return check_room(buyer, plan.bill) or billing.quote_done(buyer, basket, plan)


def confirm(state: Writer, entry: Entry, command: Confirm) -> AnyOutcome:
    """Book a purchase.

    Returns:
        What was booked; the same again, with `repeated`, for a receipt confirmed before with
        this basket; or the first rejection that applies, and then nothing is changed.

    Source: loyalty/RULES.md, "Quote, then confirm".
    """
    found = find(state, entry, command)
    if not isinstance(found, tuple):
        return found
    buyer, key, used = found
    if used is not None:
        return _repeat(state, buyer, command, used)
    return book_anew(state, entry, command, buyer, key, _PURCHASE)


def find(
    state: Writer, entry: Entry, command: Confirm
) -> tuple[Buyer, bytes, Receipt | Return | Held | ServiceUse | None] | Rejected:
    """Who buys, the identity's key and what stands there already, if the basket can be at all."""
    buyer = buyers.find(state, entry, command.member)
    if not isinstance(buyer, Buyer):
        return buyer if buyer.code is Code.PROGRAMME_UNKNOWN else _check(command, None) or buyer
    refused = _check(command, buyer.programme.rules)
    if refused is not None:
        was_good = refused.code is Code.ATTRIBUTE_INVALID and _is_booked(state, entry, command, buyer)
        if not was_good:
            return refused
    key = keys.identity(entry.tenant, command.receipt)
    value = state.get(key)
    return buyer, key, None if value is None else records.taken(value)


def _check(command: Confirm, rules: Rules | None) -> Rejected | None:
    """Refuse a basket that cannot be; what the rules say of it is not looked at without them."""
    return (
        baskets.check_receipt(command.receipt, "receipt")
        or baskets.check_lines(command.lines)
        or (None if rules is None else baskets.check_attributes(command.lines, rules))
        or baskets.check_spend(command.spend_points, command.spend_mode)
    )


def _is_booked(state: Writer, entry: Entry, command: Confirm, buyer: Buyer) -> bool:
    """Whether these very lines were taken before the programme declared their attributes otherwise."""
    value = state.get(keys.identity(entry.tenant, command.receipt))
    return value is not None and is_same(state, buyer, command, records.taken(value))


def book_anew(
    state: Writer,
    entry: Entry,
    command: Confirm,
    buyer: Buyer,
    key: bytes,
    movement: Movement,
    reason: str = "",
) -> ConfirmDone | Rejected:
    """Price and book a purchase whose identity is free; `key` is that identity's."""
    priced = price_order(state, entry, command, buyer)
    if not isinstance(priced, tuple):
        return priced
    basket, plan = priced
    refused = baskets.check_tenders(command.tenders, plan.bill.paid_minor) if command.tenders else None
    if refused is not None:
        return refused
    if plan.uses:
        book.count(state, entry.tenant, buyer.member_id, basket.day, plan.uses, 1)
    posted = booking.take_points(state, buyer, plan)
    receipt = _receipt(entry, command, buyer, basket, plan)
    sale = Sale(entry, buyer, command.receipt, key, receipt, plan.purposes)
    bill = booking.book_sale(state, sale, movement, posted, reason)
    return ConfirmDone(buyer.member_id, command.receipt, bill, purses.balance(buyer.member), False)


def price_order(
    state: Writer, entry: Entry, command: Confirm, buyer: Buyer
) -> tuple[Basket, Plan] | Rejected:
    """Place, time, plan and the quote that the customer saw."""
    rules = buyer.programme.rules
    place = programmes.find_place(state, entry.tenant, command.receipt.store, rules)
    if place is None:
        return programmes.store_unknown("receipt.store")
    refused = _check_times(command, rules, place, entry.time_ms)
    if refused is not None:
        return refused
    basket = Basket(
        place,
        parse_day(command.receipt.business_day) or 0,
        command.sold_ms or entry.time_ms,
        command.lines,
        command.spend_points,
        command.spend_mode,
        command.wallet,
        command.coupons,
    )
    plan = pricing.price(state, entry, buyer, basket, False)
    if not isinstance(plan, Plan):
        return plan
    refused = check_room(buyer, plan.bill)
    if refused is None and command.quote_digest and not command.accept_changed:
        refused = _check_quote(state, entry, command, buyer, basket, plan)
    return (basket, plan) if refused is None else refused


def asked_of(command: Confirm) -> Asked:
    """What a repeat has to want as well."""
    return Asked(
        command.sold_ms,
        command.lines,
        command.spend_points,
        command.spend_mode,
        command.wallet,
        command.coupons,
        command.tenders,
    )


def _receipt(entry: Entry, command: Confirm, buyer: Buyer, basket: Basket, plan: Plan) -> Receipt:
    """What is kept of a purchase."""
    return Receipt(
        buyer.member_id,
        asked_of(command),
        plan.bill,
        plan.parts,
        plan.earned,
        (0,) * len(command.lines),
        basket.place.partner,
        plan.issuers,
        plan.owed,
        basket.day,
        command.sold_ms,
        plan.turnover_minor,
        (),
        (),
        plan.uses,
        command.offline,
        0,
        False,
        entry.seq,
        entry.time_ms,
        entry.actor,
    )


def _check_times(command: Confirm, rules: Rules, place: Place, now_ms: int) -> Rejected | None:
    late_days = rules.late_receipt_max_days
    sold_ms = command.sold_ms or now_ms
    if sold_ms < now_ms - late_days * DAY_MS:
        return Rejected(Code.SOLD_TOO_LONG_AGO, "sold_ms", f"at most {late_days} days ago")
    if sold_ms > now_ms + lim.SOLD_AHEAD_MAX_MS:
        return Rejected(Code.SOLD_AHEAD, "sold_ms", f"at most {now_ms + lim.SOLD_AHEAD_MAX_MS}")
    sold_day = day_at(place.zone, sold_ms)
    if abs((parse_day(command.receipt.business_day) or 0) - sold_day) > 1:
        wanted = f"{print_day(max(sold_day, 0))}, or the day before or after"
        return Rejected(Code.BUSINESS_DAY_WRONG, "receipt.business_day", wanted)
    if command.offline and command.spend_mode is not _NO_SPEND:
        return Rejected(Code.SPEND_OFFLINE, "spend", "nothing: a till without a line never spends")
    return None


def check_room(buyer: Buyer, bill: Bill) -> Rejected | None:
    """Refuse what no account could hold."""
    member = buyer.member
    for earning in bill.earnings:
        purse = purses.find(member, earning.wallet)
        if earning.lot is not None and purse is not None:
            if purse.open_lots >= lim.MEMBER_MAX_OPEN_LOTS:
                wanted = f"fewer than {lim.MEMBER_MAX_OPEN_LOTS} open lots"
                return Rejected(Code.TOO_MANY_LOTS, "member", wanted)
            if len(purse.future) >= lim.MEMBER_MAX_FUTURE_STARTS:
                wanted = f"fewer than {lim.MEMBER_MAX_FUTURE_STARTS} days on which points begin"
                return Rejected(Code.TOO_MANY_LOTS, "member", wanted)
        held = 0 if purse is None else purse.active_points
        if purse is not None and purse.future:
            held += purses.future_points(purse)
        if earning.points > lim.POINTS_MAX or held + earning.points > lim.ACCOUNT_MAX_POINTS:
            return Rejected(Code.POINTS_TOO_LARGE, "lines", f"at most {lim.POINTS_MAX} points earned")
    return None


def _check_quote(
    state: Writer, entry: Entry, command: Confirm, buyer: Buyer, basket: Basket, plan: Plan
) -> Rejected | None:
    if billing.digest(buyer.member_id, basket, plan.bill) == command.quote_digest:
        return None
    wanted = "the new quote's digest under a new request id, or accept_changed"
    explained = pricing.price(state, entry, buyer, basket, True)
    now = billing.quote_done(buyer, basket, plan if isinstance(explained, Rejected) else explained)
    return Rejected(Code.QUOTE_CHANGED, "quote_digest", wanted, now)


def _repeat(
    state: Writer, buyer: Buyer, command: Confirm, used: Receipt | Return | Held | ServiceUse
) -> AnyOutcome:
    """A receipt identity that is there already: the same basket is answered again, another refused."""
    same = is_same(state, buyer, command, used)
    if same and isinstance(used, Held) and used.hold is HoldState.OPEN:
        return Rejected(Code.HOLD_OPEN, "receipt", "an order that is held is captured, or cancelled")
    if not same or not isinstance(used, Receipt):
        return Rejected(Code.RECEIPT_TAKEN, "receipt", _TAKEN)
    if used.voided:
        return Rejected(Code.RECEIPT_VOIDED, "receipt", "a receipt identity never used: this one was undone")
    return ConfirmDone(buyer.member_id, command.receipt, used.bill, purses.balance(buyer.member), True)


def is_same(
    state: Writer, buyer: Buyer, command: Confirm, used: Receipt | Return | Held | ServiceUse
) -> bool:
    """Whether what stands there came of the same wish of the same member."""
    if not isinstance(used, Receipt | Held):
        return False
    return used.asked == asked_of(command) and is_his(state, buyer, used)


def is_his(state: Writer, buyer: Buyer, used: Receipt | Held) -> bool:
    """Whether a receipt is the buyer's, also if he was merged since."""
    if used.member_id == buyer.member_id:
        return True
    owner = buyers.follow(state, buyer.tenant, used.member_id, buyer.member.as_of_ms)
    return owner is not None and owner[0] == buyer.member_id
