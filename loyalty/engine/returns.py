"""Returns: any line, any quantity, any number of times, in any order, equal one full return.

Every amount that belongs to a line is given back as the difference of two sums since the purchase, see
`shares.py`. The points spent on a line go back to the lots that paid for it: those that end last first,
which is best for the customer.
"""

from typing import Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from loyalty.commands import ReceiptId, ReturnLine, ReturnLines, Rules, Shortfall
from loyalty.commands import limits as lim
from loyalty.engine import (
    buyers,
    coupons,
    keys,
    members,
    postings,
    programmes,
    purses,
    records,
    services,
    settling,
    shares,
    terms,
    tiers,
)
from loyalty.engine.baskets import check_receipt
from loyalty.engine.booking import owe
from loyalty.engine.plans import Buyer
from loyalty.engine.postings import FUNDER, ISSUER, STORE_MONEY
from loyalty.engine.records import Held, Programme, Receipt, Return, ServiceUse
from loyalty.engine.shares import Settled
from loyalty.engine.state import Entry, Writer
from loyalty.outcomes import (
    AnyOutcome,
    Code,
    Movement,
    Posting,
    Rejected,
    Returned,
    ReturnedPoints,
    ReturnLinesDone,
)

_TAKEN: Final = "the receipt and lines it was taken with, or an identity never used"


class Bought(NamedTuple):
    """A purchase, its place and its owner with his sums as of now, and the rules that it was sold under."""

    key: bytes
    receipt: Receipt
    buyer: Buyer
    rules: Rules


class Change(NamedTuple):
    """Lines that come back, and what is settled of the purchase before and after."""

    lines: tuple[ReturnLine, ...]
    returned_milli: tuple[int, ...]  # per line of the purchase, after
    before: Settled
    after: Settled


def return_lines(state: Writer, entry: Entry, command: ReturnLines) -> AnyOutcome:
    """Take lines back.

    Returns:
        What came back; the same again, with `repeated`, for a return taken before with these
        lines; or the first rejection that applies, and then nothing is changed.

    Source: loyalty/RULES.md, "Returns".
    """
    tenant = entry.tenant
    programme = programmes.in_force(state, tenant)
    if programme is None:
        return programmes.UNKNOWN
    refused = (
        check_receipt(command.return_receipt, "return_receipt")
        or check_receipt(command.receipt, "receipt")
        or _check_lines(command.lines)
    )
    if refused is not None:
        return refused
    identity_key = keys.identity(tenant, command.return_receipt)
    used = state.get(identity_key)
    if used is not None:
        return _repeat(state, entry, programme, command, records.taken(used))
    place = programmes.find_place(state, tenant, command.return_receipt.store, programme.rules)
    if place is None:
        return programmes.store_unknown("return_receipt.store")
    bought = find(state, entry, command.receipt)
    if bought is None:
        return Rejected(Code.RECEIPT_UNKNOWN, "receipt", "a receipt that was confirmed")
    refused = _check_bought(command.lines, bought.receipt)
    if refused is not None:
        return refused
    change = change_of(bought, command.lines)
    refused = _check_room(bought, change)
    if refused is not None:
        return refused

    returned, posted, kept_receipt = take_back(state, command.receipt, bought, change, place.partner)
    state.put(bought.key, records.encode(kept_receipt))
    movement = Movement.RETURN
    buyer = bought.buyer
    postings.record(state, entry, buyer.member_id, movement, command.return_receipt, command.receipt, posted)
    members.save(state, tenant, buyer.member_id, buyer.member)
    kept = Return(
        bought.receipt.member_id,
        command.receipt,
        command.lines,
        returned,
        entry.seq,
        entry.time_ms,
        entry.actor,
    )
    state.put(identity_key, records.encode(kept))
    balance = purses.balance(buyer.member)
    return ReturnLinesDone(buyer.member_id, command.return_receipt, command.receipt, returned, balance, False)


def find(state: Writer, entry: Entry, receipt: ReceiptId) -> Bought | None:
    """The purchase of this identity, wherever and whenever it was, and whoever its member is now."""
    key = keys.identity(entry.tenant, receipt)
    value = state.get(key)
    bought = None if value is None else records.taken(value)
    return bought_of(state, entry, key, bought) if isinstance(bought, Receipt) else None


def bought_of(state: Writer, entry: Entry, key: bytes, bought: Receipt) -> Bought | None:
    """The same for a receipt that was read; `key` is its identity's."""
    programme = programmes.in_force(state, entry.tenant)
    if programme is None:
        return None
    buyer = buyers.load(state, entry, programme, bought.member_id)
    rules = programmes.of_version(state, entry.tenant, bought.bill.programme_version).rules
    return None if buyer is None else Bought(key, bought, buyer, rules)


def _check_lines(lines: tuple[ReturnLine, ...]) -> Rejected | None:
    if not lines:
        return Rejected(Code.NO_LINES, "lines", f"1 to {lim.RECEIPT_MAX_LINES}")
    if len(lines) > lim.RECEIPT_MAX_LINES:
        return Rejected(Code.TOO_MANY_LINES, "lines", f"1 to {lim.RECEIPT_MAX_LINES}")
    for at, line in enumerate(lines, 1):
        if not 1 <= line.quantity_milli <= lim.QUANTITY_MAX_MILLI:
            field = f"lines[{at}].quantity_milli"
            return Rejected(Code.QUANTITY_OUT_OF_RANGE, field, f"1 to {lim.QUANTITY_MAX_MILLI}")
    return None


def _check_bought(lines: tuple[ReturnLine, ...], receipt: Receipt) -> Rejected | None:
    if receipt.voided:
        return Rejected(Code.RECEIPT_VOIDED, "receipt", "a receipt that was not undone")
    sold = receipt.asked.lines
    for at, line in enumerate(lines, 1):
        if not 1 <= line.line <= len(sold):
            return Rejected(Code.LINE_UNKNOWN, f"lines[{at}].line", f"1 to {len(sold)}")
    seen = [False] * len(sold)
    for at, line in enumerate(lines, 1):
        if seen[line.line - 1]:
            return Rejected(Code.LINE_REPEATED, f"lines[{at}].line", "each line once")
        seen[line.line - 1] = True
    for at, line in enumerate(lines, 1):
        left_milli = sold[line.line - 1].quantity_milli - receipt.returned_milli[line.line - 1]
        if line.quantity_milli > left_milli:
            field = f"lines[{at}].quantity_milli"
            return Rejected(Code.RETURN_OVER_BOUGHT, field, f"at most {left_milli}")
    return None


def change_of(bought: Bought, lines: tuple[ReturnLine, ...]) -> Change:
    """What it means that these lines come back; they are still with the customer, each once."""
    receipt, policy = bought.receipt, bought.rules.policies.return_of_earned
    returned_milli = list(receipt.returned_milli)
    for line in lines:
        returned_milli[line.line - 1] += line.quantity_milli
    before = shares.settled(receipt, receipt.returned_milli, policy)
    after = shares.settled(receipt, returned_milli, policy)
    return Change(lines, tuple(returned_milli), before, after)


def _check_room(bought: Bought, change: Change) -> Rejected | None:
    """What an account cannot hold is neither given back nor owed."""
    receipt, member = bought.receipt, bought.buyer.member
    before, after = change.before, change.after
    purse = purses.find(member, receipt.bill.wallet)
    held = 0 if purse is None else purse.active_points + purses.future_points(purse)
    if held + after.spent_points - before.spent_points > lim.ACCOUNT_MAX_POINTS:
        return Rejected(Code.POINTS_TOO_LARGE, "lines", "fewer points given back")
    for earning, was, now in zip(receipt.bill.earnings, before.earned, after.earned, strict=True):
        if purses.debt_points(purses.find(member, earning.wallet)) + now - was > lim.ACCOUNT_MAX_POINTS:
            return Rejected(Code.POINTS_TOO_LARGE, "lines", "fewer points owed")
    return None


class _Taken(Struct, gc=False):
    """Earned points that went with the goods."""

    of_wallet: dict[int, ReturnedPoints]
    cash: list[tuple[int, int]]  # as `Receipt.cash`
    kept_back_points: int = 0
    kept_back_minor: int = 0


def take_back(
    state: Writer, name: ReceiptId, bought: Bought, change: Change, partner: int
) -> tuple[Returned, list[Posting], Receipt]:
    """Settle what belongs to the lines; the member is changed, he and the receipt are not written.

    Args:
        name: the receipt's identity.
        change: of this purchase, see `change_of`.
        partner: of the store that takes the goods back and gives the money.

    Returns:
        What came back, the postings, and the receipt as it is now.
    """
    receipt, buyer, rules = bought.receipt, bought.buyer, bought.rules
    before, after = change.before, change.after
    refund_minor = after.refund_minor - before.refund_minor
    back = [now - was for now, was in zip(after.back, before.back, strict=True)]
    given = settling.give_back(state, buyer, receipt, back, name.store, rules)
    posted = given.posted
    taken = _take_earned(state, bought, before, after, refund_minor, posted)
    services_taken = _take_services(state, bought, before, after)
    _take_coupons(state, bought, change.returned_milli)
    posted += _money_back(name, receipt, before, after)
    _move_money(name, receipt, refund_minor, taken.kept_back_minor, partner, posted)
    minor = after.turnover_minor - before.turnover_minor
    buyer.member.turnover = tiers.count(
        buyer.member.turnover, receipt.day, -minor, rules, buyer.programme.rules
    )
    bonus = taken.of_wallet.pop(0, ReturnedPoints(0, 0, 0))
    returned = Returned(
        tuple(shares.of_lines(receipt, change.lines, rules.policies.return_of_earned)),
        refund_minor - taken.kept_back_minor,
        sum(back),
        given.ended,
        bonus.points_taken,
        bonus.points_owed,
        given.settled,
        taken.kept_back_minor,
        taken.kept_back_points,
        tuple([taken.of_wallet[wallet] for wallet in sorted(taken.of_wallet)]),
        services_taken,
    )
    kept = replace(receipt, returned_milli=change.returned_milli, cash=tuple(taken.cash))
    return returned, posted, kept


def _take_earned(
    state: Writer, bought: Bought, before: Settled, after: Settled, refund_minor: int, posted: list[Posting]
) -> _Taken:
    """Earned points back, earning by earning; by CASH the refund pays for what is missing.

    What it cannot pay for is owed, and the refund of a later return pays for it if it can: so parts come
    to the same as the whole, as far as the money of each line is worth its points.
    """
    receipt, buyer = bought.receipt, bought.buyer
    taken = _Taken({}, list(receipt.cash))
    for at, earning in enumerate(receipt.bill.earnings):
        worth = _cash_worth(bought, earning.wallet)
        paid, owed = taken.cash[at] if taken.cash else (0, 0)
        can = (
            None
            if worth is None
            else _cash(buyer, earning.wallet, worth, owed, refund_minor - taken.kept_back_minor)
        )
        done = settling.take_earned(state, buyer, receipt, at, before.earned[at], after.earned[at], can)
        posted += done.posted
        if done.late:
            posted += settling.pay_owed(buyer, receipt, earning.wallet, done.late)
        sums = taken.of_wallet.get(earning.wallet, ReturnedPoints(earning.wallet, 0, 0))
        taken.of_wallet[earning.wallet] = ReturnedPoints(
            earning.wallet, sums.points_taken + done.points, sums.points_owed + done.owed - done.late
        )
        cash = done.cash + done.late
        if worth is not None and (cash or done.cash_owed):
            taken.kept_back_points += cash
            taken.kept_back_minor += cash // worth.points * worth.minor
            taken.cash = taken.cash or [(0, 0)] * len(receipt.bill.earnings)
            taken.cash[at] = (paid + cash, owed - done.late + done.cash_owed)
    return taken


def _cash(buyer: Buyer, wallet: int, worth: terms.Worth, owed: int, minor: int) -> settling.Cash:
    """What so much money can pay for, of what is owed only what is a debt still."""
    most_points = minor // worth.minor * worth.points
    return settling.Cash(
        most_points, worth.points, min(owed, purses.debt_points(purses.find(buyer.member, wallet)))
    )


def _cash_worth(bought: Bought, wallet: int) -> terms.Worth | None:
    """What a missing point costs, where the programme keeps it back from the refund."""
    rules, receipt = bought.rules, bought.receipt
    if rules.shortfall is not Shortfall.CASH:
        return None
    sold_ms = receipt.sold_ms or receipt.time_ms
    return terms.worth_of(rules, wallet, receipt.bill.currency or rules.currency, sold_ms)


def _take_services(state: Writer, bought: Bought, before: Settled, after: Settled) -> int:
    """Rights to services go with the goods, as far as they were not used."""
    buyer, taken = bought.buyer, 0
    for at, number in enumerate(bought.receipt.rights):
        times = after.services[at] - before.services[at]
        if times:
            until_ms = bought.receipt.bill.services[at].active_until_ms
            now = number + buyer.moved_lots
            taken += services.take_back(state, buyer.tenant, buyer.member_id, until_ms, now, times)
    return taken


def _take_coupons(state: Writer, bought: Bought, returned_milli: tuple[int, ...]) -> None:
    """Coupons go with the last of the goods that they came with."""
    receipt = bought.receipt
    sold = zip(receipt.asked.lines, returned_milli, strict=True)
    left = [returned < line.quantity_milli for line, returned in sold]
    for given in receipt.bill.coupons:
        came_with = [one.lines for one in receipt.bill.applied if one.promotion == given.promotion]
        if not any(left[line.line - 1] for lines in came_with for line in lines):
            coupons.take_back(state, bought.buyer.tenant, given.code)


def _money_back(name: ReceiptId, receipt: Receipt, before: Settled, after: Settled) -> list[Posting]:
    """What issuers and funders owed for what came back they owe no more."""
    posted: list[Posting] = []
    currency = receipt.bill.currency
    for issuer, was, now in zip(receipt.issuers, before.issuers_minor, after.issuers_minor, strict=True):
        posted += owe(issuer, receipt.partner, was - now, currency, (ISSUER, 0), name.store)
    for owed, was, now in zip(receipt.owed, before.owed_minor, after.owed_minor, strict=True):
        why = (FUNDER, owed.promotion)
        posted += owe(owed.funder, receipt.partner, was - now, currency, why, name.store)
    return posted


def _move_money(
    name: ReceiptId, receipt: Receipt, refund_minor: int, kept_minor: int, partner: int, posted: list[Posting]
) -> None:
    """Another partner's store gave the refund, and kept something back of it: the seller owes the rest."""
    minor = refund_minor - kept_minor
    posted += owe(
        receipt.partner, partner, minor, receipt.bill.currency, (STORE_MONEY, name.store), name.store
    )


def _repeat(
    state: Writer,
    entry: Entry,
    programme: Programme,
    command: ReturnLines,
    used: Receipt | Return | Held | ServiceUse,
) -> AnyOutcome:
    """An identity that is there already: the same return is answered again, another refused."""
    taken = Rejected(Code.RETURN_TAKEN, "return_receipt", _TAKEN)
    if not isinstance(used, Return) or used.receipt != command.receipt or used.lines != command.lines:
        return taken
    buyer = buyers.load(state, entry, programme, used.member_id)
    if buyer is None:
        return taken
    balance, receipt = purses.balance(buyer.member), command.return_receipt
    return ReturnLinesDone(buyer.member_id, receipt, command.receipt, used.returned, balance, True)
