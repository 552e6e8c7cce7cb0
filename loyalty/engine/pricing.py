"""What a basket comes to: the same for a quote and a confirm. Reads, computes, changes nothing."""

from hashlib import blake2b
from typing import Final

from msgspec import Struct

from loyalty.commands import Line, LineKind, Rules, SpendMode, Who, Zone
from loyalty.commands import limits as lim
from loyalty.engine import lots, members, programmes, records
from loyalty.engine.calendar import day_start_ms
from loyalty.engine.lots import Found
from loyalty.engine.programmes import grain
from loyalty.engine.records import Member, Programme
from loyalty.engine.spread import spread
from loyalty.engine.state import Reader
from loyalty.outcomes import NEVER_MS, Bill, BillLine, Code, Lot, QuoteDone, Rejected

_GOODS: Final = LineKind.GOODS
_NO_SPEND: Final = SpendMode.NONE
_UP_TO: Final = SpendMode.UP_TO
_EXACTLY: Final = SpendMode.EXACTLY
_QUANTITY_MAX_MILLI: Final = lim.QUANTITY_MAX_MILLI
_AMOUNT_MAX_MINOR: Final = lim.AMOUNT_MAX_MINOR
_BASIS_POINTS: Final = lim.BASIS_POINTS


class Buyer(Struct, frozen=True, gc=False):
    """Who buys, under which rules; `member` has his sums as of now."""

    tenant: int
    programme: Programme
    member_id: int
    member: Member


class Basket(Struct, frozen=True, gc=False):
    """What is bought, where and on which day; already checked."""

    zone: Zone
    day: int  # business day, counted from 1970-01-01
    lines: tuple[Line, ...]
    spend_points: int
    spend_mode: SpendMode


class Plan(Struct, frozen=True, gc=False):
    """What would be done. `bill.draws[i]` is `found[i]`; `parts` per line: (draw, points)."""

    bill: Bill
    found: list[Found]
    parts: tuple[tuple[tuple[int, int], ...], ...]
    most_points: int  # by limits and balance, in however many lots they lie


def check_lines(lines: tuple[Line, ...]) -> Rejected | None:
    """Refuse baskets that cannot be."""
    if not lines:
        return Rejected(Code.NO_LINES, "lines", f"1 to {lim.RECEIPT_MAX_LINES}")
    if len(lines) > lim.RECEIPT_MAX_LINES:
        return Rejected(Code.TOO_MANY_LINES, "lines", f"1 to {lim.RECEIPT_MAX_LINES}")
    total_minor = 0
    for line in lines:
        amount_minor = line.amount_minor
        if not (1 <= line.quantity_milli <= _QUANTITY_MAX_MILLI and 0 <= amount_minor <= _AMOUNT_MAX_MINOR):
            return _refuse_line(lines)
        total_minor += amount_minor
    if total_minor > _AMOUNT_MAX_MINOR:
        return Rejected(Code.AMOUNT_OUT_OF_RANGE, "lines", f"together at most {_AMOUNT_MAX_MINOR}")
    return None


def _refuse_line(lines: tuple[Line, ...]) -> Rejected | None:
    """The first bad quantity of all lines or, if there is none, the first bad amount."""
    for at, line in enumerate(lines, 1):
        if not 1 <= line.quantity_milli <= _QUANTITY_MAX_MILLI:
            field = f"lines[{at}].quantity_milli"
            return Rejected(Code.QUANTITY_OUT_OF_RANGE, field, f"1 to {_QUANTITY_MAX_MILLI}")
    for at, line in enumerate(lines, 1):
        if not 0 <= line.amount_minor <= _AMOUNT_MAX_MINOR:
            field = f"lines[{at}].amount_minor"
            return Rejected(Code.AMOUNT_OUT_OF_RANGE, field, f"0 to {_AMOUNT_MAX_MINOR}")
    return None


def check_spend(points: int, mode: SpendMode) -> Rejected | None:
    """Refuse a wish to spend that cannot be."""
    if mode is not _NO_SPEND and not 1 <= points <= lim.POINTS_MAX:
        return Rejected(Code.SPEND_OUT_OF_RANGE, "spend.points", f"1 to {lim.POINTS_MAX}")
    return None


def find_buyer(state: Reader, tenant: int, who: Who, now_ms: int) -> Buyer | Rejected:
    """Programme and member, or why not."""
    programme = programmes.in_force(state, tenant)
    if programme is None:
        return programmes.UNKNOWN
    member_id = members.find_id(state, tenant, who)
    member = None if member_id is None else members.load(state, tenant, member_id, now_ms)
    if member_id is None or member is None:
        return members.UNKNOWN
    return Buyer(tenant, programme, member_id, member)


def price(state: Reader, buyer: Buyer, basket: Basket) -> Plan | Rejected:
    """Compute spending, spreading and earning.

    Args:
        buyer: as of the previous entry, sums brought to this entry's log time.
        basket: in range, see `check_lines` and `check_spend`.

    Returns:
        The plan, its parts summing to its whole; or the first rejection that applies. Never
        raises, changes nothing.

    Source: loyalty/RULES.md, "Spending", "Spreading", "Earning".
    """
    rules = buyer.programme.rules
    grain_points, grain_minor = grain(rules)
    line_limit = rules.line_limit_basis_points
    amounts = [line.amount_minor if line.kind is _GOODS else 0 for line in basket.lines]
    caps = [amount * line_limit // _BASIS_POINTS // grain_minor for amount in amounts]
    limit_minor = sum(amounts) * rules.receipt_limit_basis_points // _BASIS_POINTS
    limit_points = min(sum(caps), limit_minor // grain_minor) * grain_points
    limit_points -= limit_points % rules.spend_unit_points
    most = min(limit_points, lots.spendable_points(buyer.member))
    most -= most % rules.spend_unit_points

    points = _points_to_spend(basket, rules, limit_points, most)
    if isinstance(points, Rejected):
        return points
    found: list[Found] = []
    if points:
        found, paid = lots.find_payers(state, buyer.tenant, buyer.member_id, buyer.member, points)
        if paid < points:  # more lots than one receipt may empty
            paid -= paid % rules.spend_unit_points
            if basket.spend_mode is _EXACTLY:
                return Rejected(Code.SPEND_TOO_MANY_LOTS, "spend.points", f"at most {paid}")
            found, points = _cut(found, paid), paid
    spent = spread(points // grain_points, amounts, caps)
    return _plan(buyer, basket, found, spent, (grain_points, grain_minor), most)


def digest(member_id: int, basket: Basket, bill: Bill) -> bytes:
    """What a customer was told, in 16 bytes: rules version, member, basket, plan and result."""
    lot = bill.earned_lot
    told = (  # not the new lot's number and start: with earn_delay_days 0 that is the confirm's own instant
        member_id,
        bill.programme_version,
        basket.lines,
        bill.lines,
        bill.draws,
        (lot.points, lot.active_until_ms) if lot else None,
    )
    return blake2b(records.encode(told), digest_size=lim.QUOTE_DIGEST_BYTES).digest()


def quote_done(state: Reader, buyer: Buyer, basket: Basket, plan: Plan) -> QuoteDone:
    """A plan as the till is told of it."""
    told = digest(buyer.member_id, basket, plan.bill)
    return QuoteDone(plan.bill, told, _payable(state, buyer, plan.most_points), lots.balance(buyer.member))


def _payable(state: Reader, buyer: Buyer, points: int) -> int:
    """Of the points that may be spent, what so many lots hold as one receipt may empty."""
    if not points or buyer.member.open_lots <= lim.SPEND_MAX_LOTS:
        return points
    paid = lots.find_payers(state, buyer.tenant, buyer.member_id, buyer.member, points)[1]
    return paid - paid % buyer.programme.rules.spend_unit_points


def _points_to_spend(basket: Basket, rules: Rules, limit_points: int, most: int) -> int | Rejected:
    """As many as asked for, or as possible; a whole number of units."""
    points, unit = basket.spend_points, rules.spend_unit_points
    if basket.spend_mode is _NO_SPEND:
        return 0
    if basket.spend_mode is _UP_TO:
        points = min(points, most)
        return points - points % unit
    if points % unit:
        return Rejected(Code.SPEND_NOT_WHOLE_UNITS, "spend.points", f"a multiple of {unit}")
    if points > limit_points:
        return Rejected(Code.SPEND_OVER_LIMIT, "spend.points", f"at most {limit_points}")
    if points > most:
        return Rejected(Code.BALANCE_TOO_LOW, "spend.points", f"at most {most}")
    return points


def _cut(found: list[Found], points: int) -> list[Found]:
    """The first of the lots, together exactly `points`."""
    kept: list[Found] = []
    for lot in found:
        draw = lot.draw
        part = min(draw.points, points)
        if part:
            draw = Lot(draw.lot, part, draw.active_from_ms, draw.active_until_ms)
            kept.append(Found(lot.key, draw, lot.held))
        points -= part
    return kept


def _plan(
    buyer: Buyer, basket: Basket, found: list[Found], grains: list[int], worth: tuple[int, int], most: int
) -> Plan:
    """The bill of a basket of which each line is paid by so many grains of points."""
    rules = buyer.programme.rules
    grain_points, grain_minor = worth
    amount_minor = spent_minor = 0
    earning = []
    for line, count in zip(basket.lines, grains, strict=True):
        worth_minor = count * grain_minor
        amount_minor += line.amount_minor
        spent_minor += worth_minor
        earning.append(line.amount_minor - worth_minor if line.kind is _GOODS else 0)
    earned = sum(earning) * rules.earn_points // rules.earn_per_minor
    spent, lines = [], []
    for line, count, part in zip(basket.lines, grains, spread(earned, earning), strict=True):
        points, worth_minor = count * grain_points, count * grain_minor
        spent.append(points)
        lines.append(BillLine(line.amount_minor, points, worth_minor, line.amount_minor - worth_minor, part))
    member = buyer.member
    debt_paid = min(member.debt_points, earned)
    bill = Bill(
        tuple(lines),
        amount_minor,
        sum(spent),
        spent_minor,
        amount_minor - spent_minor,
        earned,
        _earned_lot(rules, basket, member, earned - debt_paid),
        tuple([lot.draw for lot in found]),
        debt_paid,
        buyer.programme.version,
    )
    return Plan(bill, found, _parts(found, spent), most)


def _earned_lot(rules: Rules, basket: Basket, member: Member, points: int) -> Lot | None:
    """The member's next lot, which the earned points go into."""
    if not points:
        return None
    from_day = basket.day + rules.earn_delay_days
    from_ms = day_start_ms(basket.zone, from_day) if rules.earn_delay_days else member.as_of_ms
    until_ms = NEVER_MS
    if rules.lot_window_days:
        until_ms = day_start_ms(basket.zone, from_day + rules.lot_window_days)
    return Lot(member.lots + 1, points, from_ms, until_ms)


_NO_PARTS: Final[tuple[tuple[int, int], ...]] = ()


def _parts(found: list[Found], spent: list[int]) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Which draws pay for which line: lots in spending order over lines in their order."""
    if len(found) <= 1:
        return tuple([((0, points),) if points else _NO_PARTS for points in spent])
    parts = []
    at, left = 0, found[0].draw.points
    for points in spent:
        mine: list[tuple[int, int]] = []
        while points:
            if not left:
                at += 1
                left = found[at].draw.points
            part = min(points, left)
            mine.append((at, part))
            points -= part
            left -= part
        parts.append(tuple(mine))
    return tuple(parts)
