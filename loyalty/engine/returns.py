"""Returns: any line, any quantity, any number of times, in any order, equal one full return.

Every amount that belongs to a line (money paid, points spent, points earned) is given back as
the difference of two cumulative shares, see `spread.share`. The points spent on a line go back
to the lots that paid for it: those that end last first, which is best for the customer.
"""

from typing import Final, NamedTuple

from msgspec.structs import replace

from loyalty.commands import ReceiptId, ReturnLine, ReturnLines, Shortfall
from loyalty.commands import limits as lim
from loyalty.engine import keys, lots, members, postings, programmes, records, settling
from loyalty.engine.confirm import check_receipt
from loyalty.engine.records import Member, Receipt, Return
from loyalty.engine.spread import share
from loyalty.engine.state import Entry, Reader, Writer
from loyalty.outcomes import (
    AnyOutcome,
    Code,
    Movement,
    Rejected,
    Returned,
    ReturnedLine,
    ReturnLinesDone,
)

_TAKEN: Final = "the receipt and lines it was taken with, or an identity never used"


class _Bought(NamedTuple):
    """A purchase, its place and its owner with his sums as of now."""

    key: bytes
    receipt: Receipt
    member: Member


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
        return _repeat(state, entry, command, records.taken(used))
    if programmes.find_zone(state, tenant, command.return_receipt.store, programme.rules) is None:
        return programmes.store_unknown("return_receipt.store")
    bought = _find(state, entry, command.receipt)
    if bought is None:
        return Rejected(Code.RECEIPT_UNKNOWN, "receipt", "a receipt that was confirmed")
    refused = _check_bought(command.lines, bought.receipt)
    if refused is not None:
        return refused
    rules = programmes.of_version(state, tenant, bought.receipt.bill.programme_version).rules
    refused = _check_room(command.lines, bought)
    if refused is not None:
        return refused

    returned = _book(state, entry, command, bought, rules.shortfall)
    member_id, balance = bought.receipt.member_id, lots.balance(bought.member)
    state.put(identity_key, records.encode(Return(member_id, command.receipt, command.lines, returned)))
    return ReturnLinesDone(member_id, command.return_receipt, command.receipt, returned, balance, False)


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
    sold = receipt.lines
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


def _check_room(lines: tuple[ReturnLine, ...], bought: _Bought) -> Rejected | None:
    """What an account cannot hold is neither given back nor owed."""
    member = bought.member
    back = due = 0
    for line in lines:
        _, points_back, points_taken = _due(bought.receipt, line)
        back += points_back
        due += points_taken
    if member.active_points + lots.future_points(member) + back > lim.ACCOUNT_MAX_POINTS:
        return Rejected(Code.POINTS_TOO_LARGE, "lines", "fewer points given back")
    if member.debt_points + due > lim.ACCOUNT_MAX_POINTS:
        return Rejected(Code.POINTS_TOO_LARGE, "lines", "fewer points owed")
    return None


def _find(state: Reader, entry: Entry, receipt: ReceiptId) -> _Bought | None:
    """The purchase of this identity, wherever and whenever it was."""
    key = keys.identity(entry.tenant, receipt)
    value = state.get(key)
    bought = None if value is None else records.taken(value)
    if not isinstance(bought, Receipt):
        return None
    member = members.load(state, entry.tenant, bought.member_id, entry.time_ms)
    return None if member is None else _Bought(key, bought, member)


def _due(receipt: Receipt, line: ReturnLine) -> tuple[int, int, int]:
    """Money, spent points and earned points that belong to the quantity that comes back now."""
    at = line.line - 1
    whole, before, billed = (
        receipt.lines[at].quantity_milli,
        receipt.returned_milli[at],
        receipt.bill.lines[at],
    )
    after = before + line.quantity_milli
    return (
        share(billed.paid_minor, after, whole) - share(billed.paid_minor, before, whole),
        share(billed.spent_points, after, whole) - share(billed.spent_points, before, whole),
        share(billed.earned_points, after, whole) - share(billed.earned_points, before, whole),
    )


def _book(
    state: Writer, entry: Entry, command: ReturnLines, bought: _Bought, shortfall: Shortfall
) -> Returned:
    member, receipt = bought.member, bought.receipt
    returned_milli = list(receipt.returned_milli)
    back = [0] * len(receipt.bill.draws)
    lines: list[ReturnedLine] = []
    for line in command.lines:
        at = line.line - 1
        refund_minor, points_back, points_taken = _due(receipt, line)
        _give_back(receipt, at, points_back, back)
        returned_milli[at] += line.quantity_milli
        left_milli = receipt.lines[at].quantity_milli - returned_milli[at]
        lines.append(
            ReturnedLine(line.line, line.quantity_milli, refund_minor, points_back, points_taken, left_milli)
        )
    posted, ended, settled = settling.give_back(
        state, entry.tenant, receipt, member, back, command.receipt.store
    )
    due = sum(line.points_taken for line in lines)
    taken, owed = settling.take_earned(state, entry.tenant, receipt, member, due, shortfall)
    posted += settling.post_taken(receipt, taken, owed)

    refund_minor = sum(line.refund_minor for line in lines)
    state.put(bought.key, records.encode(replace(receipt, returned_milli=tuple(returned_milli))))
    postings.record(
        state, entry, receipt.member_id, Movement.RETURN, command.return_receipt, command.receipt, posted
    )
    members.save(state, entry.tenant, receipt.member_id, member)
    return Returned(tuple(lines), refund_minor, sum(back), ended, taken + owed, owed, settled)


def _give_back(receipt: Receipt, at: int, points: int, back: list[int]) -> None:
    """Add `points` to what goes back to each draw, continuing where earlier returns of the line stopped."""
    skip = share(
        receipt.bill.lines[at].spent_points, receipt.returned_milli[at], receipt.lines[at].quantity_milli
    )
    for draw, part in reversed(receipt.parts[at]):
        skipped = min(skip, part)
        given = min(points, part - skipped)
        back[draw] += given
        skip -= skipped
        points -= given


def _repeat(state: Reader, entry: Entry, command: ReturnLines, used: Receipt | Return) -> AnyOutcome:
    """An identity that is there already: the same return is answered again, another refused."""
    taken = Rejected(Code.RETURN_TAKEN, "return_receipt", _TAKEN)
    if not isinstance(used, Return) or used.receipt != command.receipt or used.lines != command.lines:
        return taken
    member = members.load(state, entry.tenant, used.member_id, entry.time_ms)
    if member is None:
        return taken
    balance = lots.balance(member)
    return ReturnLinesDone(
        used.member_id, command.return_receipt, command.receipt, used.returned, balance, True
    )
