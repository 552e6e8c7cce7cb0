"""Returns: any line, any quantity, any number of times, in any order, equal one full return.

Every amount that belongs to a line (money paid, points spent, points earned) is given back as
the difference of two cumulative shares, see `spread.share`. The points spent on a line go back
to the lots that paid for it: those that end last first, which is best for the customer.
"""

from typing import Final, NamedTuple

from loyalty.commands import ReceiptId, ReturnLine, ReturnLines, Shortfall
from loyalty.commands import limits as lim
from loyalty.commands.places import receipt_key, receipt_slot
from loyalty.engine import keys, lots, members, postings, programmes, records
from loyalty.engine.confirm import check_receipt
from loyalty.engine.lots import Found
from loyalty.engine.records import Draw, Identity, Member, Receipt, Return, SoldLine
from loyalty.engine.spread import share
from loyalty.engine.state import Entry, Reader, Writer
from loyalty.outcomes import (
    Account,
    AnyOutcome,
    Code,
    Movement,
    Posting,
    Rejected,
    Returned,
    ReturnedLine,
    ReturnLinesDone,
)

_TAKEN: Final = "the receipt and lines it was taken with, or an identity never used"


class _Bought(NamedTuple):
    """A purchase, its place and its owner with his sums as of now."""

    member_id: int
    member: Member
    key: bytes
    receipt: Receipt


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
    identity_key, used = _identity(state, tenant, command.return_receipt)
    if used is not None:
        return _repeat(state, entry, command, used)
    if programmes.find_zone(state, tenant, command.return_receipt.store, programme.rules) is None:
        return programmes.store_unknown("return_receipt.store")
    bought = _find(state, entry, command.receipt)
    if bought is None:
        return Rejected(Code.RECEIPT_UNKNOWN, "receipt", "a receipt that was confirmed")
    refused = _check_bought(command.lines, bought.receipt.lines)
    if refused is not None:
        return refused
    rules = programmes.of_version(state, tenant, bought.receipt.programme_version).rules
    due_points = sum(_due(bought.receipt, line)[2] for line in command.lines)
    if bought.member.debt_points + due_points > lim.ACCOUNT_MAX_POINTS:
        return Rejected(Code.POINTS_TOO_LARGE, "lines", "fewer points owed")

    state.put(identity_key, records.encode(Identity(Movement.RETURN, bought.member_id)))
    returned = _book(state, entry, command, bought, rules.shortfall)
    balance = lots.balance(bought.member)
    return ReturnLinesDone(
        bought.member_id, command.return_receipt, command.receipt, returned, balance, False
    )


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


def _check_bought(lines: tuple[ReturnLine, ...], sold: tuple[SoldLine, ...]) -> Rejected | None:
    for at, line in enumerate(lines, 1):
        if not 1 <= line.line <= len(sold):
            return Rejected(Code.LINE_UNKNOWN, f"lines[{at}].line", f"1 to {len(sold)}")
    seen = [False] * len(sold)
    for at, line in enumerate(lines, 1):
        if seen[line.line - 1]:
            return Rejected(Code.LINE_REPEATED, f"lines[{at}].line", "each line once")
        seen[line.line - 1] = True
    for at, line in enumerate(lines, 1):
        left_milli = sold[line.line - 1].line.quantity_milli - sold[line.line - 1].returned_milli
        if line.quantity_milli > left_milli:
            field = f"lines[{at}].quantity_milli"
            return Rejected(Code.RETURN_OVER_BOUGHT, field, f"at most {left_milli}")
    return None


def _identity(state: Reader, tenant: int, receipt: ReceiptId) -> tuple[bytes, Identity | None]:
    name = receipt_key(receipt)
    key = keys.identity(receipt_slot(tenant, name), tenant, name)
    value = state.get(key)
    return key, None if value is None else records.identity(value)


def _find(state: Reader, entry: Entry, receipt: ReceiptId) -> _Bought | None:
    """The purchase of this identity, wherever and whenever it was."""
    _, used = _identity(state, entry.tenant, receipt)
    if used is None or used.movement is not Movement.PURCHASE:
        return None
    day_key = keys.of_day(receipt.business_day, receipt_key(receipt))
    key = keys.of_member(entry.tenant, used.member_id, b"R") + day_key
    value = state.get(key)
    member = members.load(state, entry.tenant, used.member_id, entry.time_ms)
    if value is None or member is None:
        return None
    return _Bought(used.member_id, member, key, records.receipt(value))


def _due(receipt: Receipt, line: ReturnLine) -> tuple[int, int, int]:
    """Money, spent points and earned points that belong to the quantity that comes back now."""
    sold = receipt.lines[line.line - 1]
    whole, before = sold.line.quantity_milli, sold.returned_milli
    after = before + line.quantity_milli
    paid_minor = sold.line.amount_minor - sold.spent_minor
    return (
        share(paid_minor, after, whole) - share(paid_minor, before, whole),
        share(sold.spent_points, after, whole) - share(sold.spent_points, before, whole),
        share(sold.earned_points, after, whole) - share(sold.earned_points, before, whole),
    )


def _book(
    state: Writer, entry: Entry, command: ReturnLines, bought: _Bought, shortfall: Shortfall
) -> Returned:
    member_id, member, receipt = bought.member_id, bought.member, bought.receipt
    sold = list(receipt.lines)
    back = [0] * len(receipt.draws)
    lines: list[ReturnedLine] = []
    for line in command.lines:
        at = line.line - 1
        refund_minor, points_back, points_taken = _due(receipt, line)
        _give_back(sold[at], points_back, back)
        sold[at] = _came_back(sold[at], line.quantity_milli)
        left_milli = sold[at].line.quantity_milli - sold[at].returned_milli
        lines.append(
            ReturnedLine(line.line, line.quantity_milli, refund_minor, points_back, points_taken, left_milli)
        )
    posted, ended = _post_back(state, entry, bought, back, command.receipt.store)
    due = sum(line.points_taken for line in lines)
    taken, owed = _take_earned(state, entry, bought, due, shortfall)
    posted += _post_taken(receipt, taken, owed)

    refund_minor = sum(line.refund_minor for line in lines)
    returned = Returned(tuple(lines), refund_minor, sum(back), ended, taken + owed, owed)
    state.put(bought.key, records.encode(_with_lines(receipt, tuple(sold))))
    day_key = keys.of_day(command.return_receipt.business_day, receipt_key(command.return_receipt))
    kept = Return(command.receipt, command.lines, returned)
    state.put(keys.of_member(entry.tenant, member_id, b"T") + day_key, records.encode(kept))
    postings.record(state, entry, member_id, Movement.RETURN, command.return_receipt, command.receipt, posted)
    members.save(state, entry.tenant, member_id, member)
    return returned


def _give_back(sold: SoldLine, points: int, back: list[int]) -> None:
    """Add `points` to what goes back to each draw, continuing where earlier returns of the line stopped."""
    skip = share(sold.spent_points, sold.returned_milli, sold.line.quantity_milli)
    for draw, part in reversed(sold.parts):
        skipped = min(skip, part)
        given = min(points, part - skipped)
        back[draw] += given
        skip -= skipped
        points -= given


def _came_back(sold: SoldLine, quantity_milli: int) -> SoldLine:
    returned_milli = sold.returned_milli + quantity_milli
    return SoldLine(
        sold.line, sold.spent_points, sold.spent_minor, sold.earned_points, sold.parts, returned_milli
    )


def _with_lines(receipt: Receipt, lines: tuple[SoldLine, ...]) -> Receipt:
    return Receipt(
        receipt.programme_version,
        receipt.sold_ms,
        receipt.spend_points,
        receipt.spend_mode,
        lines,
        receipt.draws,
        receipt.earned_lot,
        receipt.debt_paid_points,
    )


def _post_back(
    state: Writer, entry: Entry, bought: _Bought, back: list[int], store: int
) -> tuple[list[Posting], int]:
    """Spent points into their own lots; answers how many of them are in lots that have ended."""
    posted: list[Posting] = []
    ended = 0
    for draw, points in zip(bought.receipt.draws, back, strict=True):
        if not points:
            continue
        given = Draw(draw.lot, points, draw.from_ms, draw.until_ms)
        lots.put_back(state, entry.tenant, bought.member_id, bought.member, given)
        posted.append(Posting(Account.MEMBER_LOT, draw.lot, points))
        if draw.until_ms <= bought.member.as_of_ms:
            ended += points
    if posted:
        posted.append(Posting(Account.ACCEPTOR, store, -sum(back)))
    return posted, ended


def _take_earned(
    state: Writer, entry: Entry, bought: _Bought, due: int, shortfall: Shortfall
) -> tuple[int, int]:
    """Earned points back out of their lot as far as it holds them; the rest is owed, or forgiven."""
    lot = bought.receipt.earned_lot
    taken = 0
    held = None if lot is None else lots.find(state, entry.tenant, bought.member_id, lot)
    if lot is not None and held is not None and due:
        taken = min(due, held.points)
        draw = Draw(lot.lot, taken, lot.from_ms, lot.until_ms)
        lots.take(state, entry.tenant, bought.member_id, bought.member, Found(draw, held))
    owed = due - taken if shortfall is Shortfall.NEGATIVE else 0
    bought.member.debt_points += owed
    return taken, owed


def _post_taken(receipt: Receipt, taken: int, owed: int) -> list[Posting]:
    posted: list[Posting] = []
    if taken and receipt.earned_lot is not None:
        posted.append(Posting(Account.MEMBER_LOT, receipt.earned_lot.lot, -taken))
    if owed:
        posted.append(Posting(Account.MEMBER_DEBT, 0, -owed))
    if taken + owed:
        posted.append(Posting(Account.ISSUER, 0, taken + owed))
    return posted


def _repeat(state: Reader, entry: Entry, command: ReturnLines, used: Identity) -> AnyOutcome:
    """An identity that is there already: the same return is answered again, another refused."""
    taken = Rejected(Code.RETURN_TAKEN, "return_receipt", _TAKEN)
    if used.movement is not Movement.RETURN:
        return taken
    day_key = keys.of_day(command.return_receipt.business_day, receipt_key(command.return_receipt))
    value = state.get(keys.of_member(entry.tenant, used.member_id, b"T") + day_key)
    member = members.load(state, entry.tenant, used.member_id, entry.time_ms)
    kept = None if value is None else records.returned(value)
    if kept is None or member is None or kept.receipt != command.receipt or kept.lines != command.lines:
        return taken
    balance = lots.balance(member)
    return ReturnLinesDone(
        used.member_id, command.return_receipt, command.receipt, kept.returned, balance, True
    )
