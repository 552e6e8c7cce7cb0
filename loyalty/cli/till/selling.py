"""Words that book something: pay, return, enrol. With a line, or kept until there is one."""

from loyalty.cli.outbox import entry_text
from loyalty.cli.till import counter, screens, words
from loyalty.cli.till.receipts import read_receipt, split_refs
from loyalty.cli.till.state import NO_MEMBER, State, refused
from loyalty.cli.till.uplink import Sent
from loyalty.client.answers import Done, Rejected
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till

CHANGED = "QUOTE_CHANGED"
TAKEN = "RECEIPT_TAKEN"


async def pay(state: State, word: words.Pay) -> screens.Screen:
    """Book what was quoted, or keep it."""
    if not state.basket.lines:
        return screens.Wrong("nothing to pay for yet", "scan an article: NUMBER PIECES PRICE")
    if state.basket.member is None:
        return screens.Wrong("whose purchase is it? Without a member there is nothing to book", NO_MEMBER)
    if word.wish is not None:
        answer = await counter.points(state, word.wish)
        if not isinstance(answer, screens.Counter):
            return answer
    if state.uplink.is_up and state.uplink.outbox.waiting:
        await state.uplink.drain()  # in the order of sale
    if not state.uplink.is_up:
        return _sell_without_a_line(state)
    if state.quote is None:  # the line has come back: what the customer pays can only become less
        await state.recount(state.basket)
    return await _confirm(state)


async def accept(state: State, word: words.Yes) -> screens.Screen:
    """The customer takes the quote that is on the screen now."""
    if not state.changed:
        return screens.Wrong("nothing was asked")
    state.changed = False
    return await _confirm(state)


async def _confirm(state: State) -> screens.Screen:
    request = _sale(state)
    if state.quote is not None:
        request.quote_digest = state.quote.quote_digest
    sent = await state.uplink.send(state.prepare(request))
    match sent.answer:
        case Done(outcome=done) if done.repeated:  # under another request id: it was not this sale
            _told(state, sent)
            return _number_taken(state)
        case Done(outcome=done):
            _told(state, sent)
            basket = state.basket
            state.begin_anew()
            return screens.Booked(basket, done)
        case Rejected(reason=reason, details=details) if reason == CHANGED and state.quote is not None:
            _told(state, sent)
            return _ask_again(state, getattr(details, "new_quote"))  # noqa: B009
        case None:
            return _kept_in_doubt(state, request, sent)
    _told(state, sent)
    return _refused_sale(state, sent)


def _sale(state: State) -> till.ConfirmRequest:
    basket = state.basket
    return till.ConfirmRequest(
        programme=state.place.programme,
        receipt=state.receipt(),
        member=basket.member,
        lines=basket.messages(),
        spend=basket.spend(),
        coupons=basket.coupons,
    )


def _ask_again(state: State, now: till.QuoteDone) -> screens.Screen:
    before = state.quote or till.QuoteDone()
    state.quote, state.changed = now, True
    return screens.Changed(state.basket, before, now)


def _refused_sale(state: State, sent: Sent) -> screens.Screen:
    answer = sent.answer
    if isinstance(answer, Rejected) and answer.reason == TAKEN:
        return _number_taken(state)
    return refused(answer) if answer is not None else screens.Refused("no answer")


def _number_taken(state: State) -> screens.Screen:
    """This till's numbers began anew, on a new disk for instance; nothing was booked now."""
    taken, state.number = state.number, 0  # the next try gets another one
    return screens.Wrong(
        f"receipt {state.place.name}/{taken} was booked before: this till has got further than it remembers",
        "pay tries the next number; number N goes on at N",
    )


def _kept_in_doubt(state: State, request: till.ConfirmRequest, sent: Sent) -> screens.Kept:
    """It was sent, and nobody answered: it may be booked already. It is asked for until that is known."""
    quote = state.quote
    pay_minor = quote.bill.paid_minor if quote is not None else state.basket.amount_minor
    spent = quote.bill.spent_points if quote is not None else 0
    kept = screens.Kept(
        what=f"sale {state.place.name}/{request.receipt.number}",
        position=sent.position,
        why=f"{state.uplink.why}; it is asked for until it is known whether it is booked",
        pay_minor=pay_minor,
        quoted=quote is not None,
        points=spent,
    )
    state.begin_anew()
    return kept


def _sell_without_a_line(state: State) -> screens.Screen:
    """Earns, never spends, and is dated now."""
    if state.basket.points:
        return screens.Wrong(counter.no_points(state), "points none, then pay: the whole amount in money")
    request = _sale(state)
    request.offline, request.sold_ms = True, state.now_ms
    sent = state.uplink.keep(state.prepare(request))
    what = f"sale {state.place.name}/{request.receipt.number}"
    quote = state.quote  # of this very basket, from before the line was lost
    pay_minor = quote.bill.paid_minor if quote is not None else state.basket.amount_minor
    kept = screens.Kept(what, sent.position, state.uplink.why, pay_minor, quoted=quote is not None)
    state.begin_anew()
    return kept


async def take_back(state: State, word: words.TakeBack) -> screens.Screen:
    """A line of a receipt, or some pieces of it."""
    request = till.ReturnLinesRequest(
        programme=state.place.programme,
        receipt=read_receipt(word.receipt, state),
        return_receipt=state.receipt_id(state.take_number()),
    )
    request.lines.add(line=word.line, quantity_milli=word.milli)
    return await _send_or_keep(state, request)


async def enrol(state: State, word: words.Enrol) -> screens.Screen:
    """A new member, whose purchase this is."""
    request = till.EnrolRequest(
        programme=state.place.programme, phone=word.phone, cards=word.cards, store=state.place.store
    )
    screen = await _send_or_keep(state, request)
    if isinstance(screen, screens.MemberShown | screens.Kept):
        ref = common.MemberRef(phone=word.phone) if word.phone else common.MemberRef(card=word.cards[0])
        await state.recount(state.basket._replace(member=ref, called=word.phone or word.cards[0]))
    return screen


async def _send_or_keep(state: State, request: till.ReturnLinesRequest | till.EnrolRequest) -> screens.Screen:
    command = state.prepare(request)
    sent = await state.uplink.send(command) if state.uplink.is_up else state.uplink.keep(command)
    match sent.answer:
        case Done(outcome=till.ReturnLinesDone() as done):
            _told(state, sent)
            return screens.TakenBack(done)
        case Done(outcome=done):
            _told(state, sent)
            called = split_refs(command)
            return screens.MemberShown(called, done.member_id, done.balance, enrolled=True)
        case None:
            (entry,) = [e for e in state.uplink.outbox.pending() if e.position == sent.position]
            return screens.Kept(entry_text(entry), sent.position, state.uplink.why, None, quoted=False)
    _told(state, sent)
    return refused(sent.answer)


def _told(state: State, sent: Sent) -> None:
    """The cashier has it on the screen: it is no news any more."""
    if sent.settled is not None:
        state.uplink.outbox.tell(sent.settled)
        state.mentioned.add(sent.position)
