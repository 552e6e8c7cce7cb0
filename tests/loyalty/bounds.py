"""What must hold of any bill, whatever is published: its parts sum to its whole, within every limit.

Recounted from the basket, the rules in force and the receipts so far, apart from the engine's own counters.
"""

from collections import Counter
from typing import Any

from loyalty import commands as cmd
from loyalty.commands import Line, LineKind, Rules
from loyalty.commands.policies import LineFloor
from loyalty.commands.promotions import Caps
from loyalty.engine import keys, records
from loyalty.engine.calendar import parse_day
from loyalty.engine.records import Held, Receipt
from loyalty.outcomes import Bill, ConfirmDone, CorrectDone, HoldDone, HoldState
from tests.loyalty.kit import Shop
from tests.loyalty.ledger import TENANT, booked, members_of


def check(shop: Shop, command: cmd.Command, answer: Any) -> None:
    """A purchase or an order that was just booked; other answers say nothing of bills."""
    made = new_bill(command, answer)
    if made is None:
        return
    order, member_id, bill = made
    rules = rules_of(shop)
    check_sums(order.lines, bill)
    check_spending(order.lines, bill, rules)
    check_limits(shop, order, member_id, bill, rules)


def new_bill(command: cmd.Command, answer: Any) -> tuple[cmd.Confirm, int, Bill] | None:
    """What was asked for, by whom, and what it came to."""
    match command, answer:
        case cmd.Confirm(), ConfirmDone(repeated=False):
            return command, answer.member_id, answer.bill
        case cmd.Hold(), HoldDone(repeated=False):
            return command.order, answer.member_id, answer.bill
        case cmd.CorrectReceipt(), CorrectDone() if not answer.confirmed.repeated:
            return command.right, answer.confirmed.member_id, answer.confirmed.bill
    return None


def rules_of(shop: Shop) -> Rules:
    """In force."""
    answer: Any = shop.ask(cmd.GetProgramme(TENANT))
    rules: Rules = answer.rules
    return rules


def check_sums(lines: tuple[Line, ...], bill: Bill) -> None:
    """Money off, points and money paid make up each line and the whole."""
    off = off_by_line(bill)
    for at, (line, one) in enumerate(zip(lines, bill.lines, strict=True), 1):
        assert one.amount_minor == line.amount_minor == one.discount_minor + one.spent_minor + one.paid_minor
        assert (
            min(one.discount_minor, one.spent_minor, one.paid_minor, one.spent_points, one.earned_points) >= 0
        )
        assert off[at] >= one.discount_minor  # in a competition only the largest counts
        if line.kind is not LineKind.GOODS:
            assert (one.discount_minor, one.spent_points, one.earned_points) == (0, 0, 0)
    for total, name in (
        (bill.amount_minor, "amount_minor"),
        (bill.discount_minor, "discount_minor"),
        (bill.spent_minor, "spent_minor"),
        (bill.spent_points, "spent_points"),
        (bill.paid_minor, "paid_minor"),
        (bill.earned_points, "earned_points"),
    ):
        assert total == sum(getattr(one, name) for one in bill.lines), name
    assert bill.spent_points == sum(draw.points for draw in bill.draws)
    assert all(draw.wallet == bill.wallet for draw in bill.draws)
    assert bill.earned_points == sum(earning.points for earning in bill.earnings if not earning.wallet)
    for earning in bill.earnings:
        in_lot = earning.lot.points if earning.lot else 0
        assert earning.points == earning.debt_paid_points + in_lot


def off_by_line(bill: Bill) -> Counter[int]:
    """Money off by all promotions; what each of them did sums to its whole."""
    off: Counter[int] = Counter()
    for applied in bill.applied:
        assert applied.minor == sum(line.minor for line in applied.lines)
        assert applied.points == sum(line.points for line in applied.lines)
        for line in applied.lines:
            assert line.minor >= 0 <= line.points
            off[line.line] += line.minor
    return off


def check_spending(lines: tuple[Line, ...], bill: Bill, rules: Rules) -> None:
    """Points pay at most their share of each line and of the receipt; no discount goes below a floor."""
    left = [one.amount_minor - one.discount_minor for one in bill.lines]
    for line, one, minor in zip(lines, bill.lines, left, strict=True):
        assert one.spent_minor <= minor * rules.line_limit_basis_points // 10_000
        if rules.policies.line_floor is LineFloor.LINE and one.discount_minor:
            assert minor >= min(line.floor_minor, line.amount_minor)
    payable = sum(minor for line, minor in zip(lines, left, strict=True) if line.kind is LineKind.GOODS)
    assert bill.spent_minor <= payable * rules.receipt_limit_basis_points // 10_000


def check_limits(shop: Shop, order: cmd.Confirm, member_id: int, bill: Bill, rules: Rules) -> None:
    """What was applied now is within its limits, with all that was applied before."""
    if rules.receipt_max_points:
        assert bill.earned_points <= rules.receipt_max_points
    mine = [(one, day) for one, day in standing(shop) if owner(shop, one.member_id) == member_id]
    today = parse_day(order.receipt.business_day) or 0
    if rules.member_day_max_points and bill.earned_points:
        counted = [one for one, day in mine if day == today and has_day_limit(shop, one.bill)]
        earned = sum(one.bill.earned_points for one in counted)
        assert earned <= rules.member_day_max_points
    for applied in bill.applied:
        caps = caps_of(shop, applied.promotion)
        for limit, minor in ((caps.receipt_minor, applied.minor), (caps.receipt_points, applied.points)):
            assert not limit or minor <= limit
        check_caps(shop, applied.promotion, caps)
        days = [day for one, day in mine for use in one.uses if _counts(use, applied.promotion)]
        assert not caps.member_times or len(days) <= caps.member_times
        assert not caps.member_day_times or days.count(today) <= caps.member_day_times
        if applied.funder:
            check_funder(shop, applied.funder, applied.minor, applied.points)


def has_day_limit(shop: Shop, bill: Bill) -> bool:
    """Earlier points of a day on which a limit is published do not count."""
    value = shop.state.pairs[keys.programme(TENANT, bill.programme_version)]
    return records.programme(value).rules.member_day_max_points > 0


def _counts(use: records.Use, promotion: int) -> bool:
    return use.promotion == promotion and use.per_member


def caps_of(shop: Shop, promotion: int) -> Caps:
    """Of the version in force."""
    caps: Caps = records.published(shop.state.pairs[keys.promotion(TENANT, promotion)]).promotion.caps
    return caps


def check_caps(shop: Shop, promotion: int, caps: Caps) -> None:
    """Times and budgets over everybody."""
    uses = [use for one, _ in standing(shop) for use in one.uses if use.promotion == promotion]
    assert not caps.total_times or len(uses) <= caps.total_times
    assert not caps.budget_minor or sum(use.minor for use in uses) <= caps.budget_minor
    assert not caps.budget_points or sum(use.points for use in uses) <= caps.budget_points


def check_funder(shop: Shop, number: int, minor: int, points: int) -> None:
    """What one partner pays for."""
    funder = records.partner(shop.state.pairs[keys.partner(TENANT, number)])
    uses = [use for one, _ in standing(shop) for use in one.uses if use.funder == number]
    assert not (funder.funds_minor and minor) or sum(use.minor for use in uses) <= funder.funds_minor
    assert not (funder.funds_points and points) or sum(use.points for use in uses) <= funder.funds_points


def standing(shop: Shop) -> list[tuple[Receipt | Held, int]]:
    """Receipts that were not undone and orders whose time is not over, each with the day it counts on."""
    found: list[tuple[Receipt | Held, int]] = []
    for _, one in booked(shop.state):
        if isinstance(one, Receipt) and not one.voided:
            found.append((one, one.held_day or one.day))
        if isinstance(one, Held) and one.hold is HoldState.OPEN and one.until_ms > shop.now_ms:
            found.append((one, one.day))
    return found


def owner(shop: Shop, member_id: int) -> int:
    """Who a member is now."""
    members = members_of(shop.state)
    while members[member_id].merged_into:
        member_id = members[member_id].merged_into
    return member_id
