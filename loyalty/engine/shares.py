"""What has been settled of a receipt after so much of each line came back, as one function of that.

A return settles the difference between two such sums, before it and after it. So pieces that come back in
any sizes and any order settle together exactly what all of it settles at once. Source: loyalty/RULES.md,
"Returns".
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from loyalty.commands import LineKind, ReturnLine
from loyalty.commands.policies import ReturnOfEarned
from loyalty.engine.booking import minor_of_draws
from loyalty.engine.records import Receipt
from loyalty.engine.spread import share
from loyalty.outcomes import ReturnedLine


class Settled(Struct, frozen=True, gc=False):
    """Sums since the purchase."""

    refund_minor: int
    spent_points: int  # given back
    back: tuple[int, ...]  # of these, per draw of the bill
    earned: tuple[int, ...]  # taken back, per earning of the bill
    issuers_minor: tuple[int, ...]  # owed no more by the issuer of each draw; empty: nobody owed anything
    owed_minor: tuple[int, ...]  # owed no more by each funder
    services: tuple[int, ...]  # times taken back, per right
    turnover_minor: int


def settled(receipt: Receipt, returned_milli: Sequence[int], policy: ReturnOfEarned) -> Settled:
    """All that belongs to what has come back."""
    bill, lines = receipt.bill, receipt.asked.lines
    shares = [(returned, line.quantity_milli) for returned, line in zip(returned_milli, lines, strict=True)]
    refund = [share(one.paid_minor, *part) for one, part in zip(bill.lines, shares, strict=True)]
    back = _back(receipt, shares)
    value, whole = _value(receipt, refund)
    minor_of_draw = minor_of_draws(bill) if receipt.issuers else []
    return Settled(
        sum(refund),
        sum(back),
        tuple(back),
        _earned(receipt, shares, policy, value, whole),
        tuple(
            [
                share(minor, points, draw.points)
                for minor, points, draw in zip(minor_of_draw, back, bill.draws, strict=bool(minor_of_draw))
            ]
        ),
        tuple(
            [
                sum([share(minor, *part) for minor, part in zip(owed.minor, shares, strict=True)])
                for owed in receipt.owed
            ]
        ),
        tuple([share(one.times, *shares[one.line - 1]) for one in bill.services]),
        share(receipt.turnover_minor, value, whole) if whole else 0,
    )


def _back(receipt: Receipt, shares: Sequence[tuple[int, int]]) -> list[int]:
    """Spent points per draw: of each line, what was drawn last goes back first."""
    back = [0] * len(receipt.bill.draws)
    lines = receipt.bill.lines
    payers = receipt.parts or [((0, one.spent_points),) if one.spent_points else () for one in lines]
    for one, parts, part in zip(lines, payers, shares, strict=True):
        points = share(one.spent_points, *part)
        for draw, drawn in reversed(parts):
            given = min(points, drawn)
            back[draw] += given
            points -= given
    return back


def _value(receipt: Receipt, refund: Sequence[int]) -> tuple[int, int]:
    """What came back and what was bought, in money paid for goods."""
    value = whole = 0
    for line, one, minor in zip(receipt.asked.lines, receipt.bill.lines, refund, strict=True):
        if line.kind is LineKind.GOODS:
            value += minor
            whole += one.paid_minor
    return value, whole


def _earned(
    receipt: Receipt, shares: Sequence[tuple[int, int]], policy: ReturnOfEarned, value: int, whole: int
) -> tuple[int, ...]:
    """Earned points per earning: those that each line earned, or in proportion to the value that came back.

    If nothing was paid for goods there is no such proportion, and it is by line.
    """
    earnings = receipt.bill.earnings
    if policy is ReturnOfEarned.BY_VALUE and whole:
        return tuple([share(earning.points, value, whole) for earning in earnings])
    earned = [0] * len(earnings)
    for at, part in enumerate(shares):
        for earning, points in _earned_on(receipt, at):
            earned[earning] += share(points, *part)
    return tuple(earned)


def of_lines(receipt: Receipt, lines: Sequence[ReturnLine], policy: ReturnOfEarned) -> Iterator[ReturnedLine]:
    """What each line that comes back now brings; points of wallet 0. The lines are different ones."""
    refund = []
    sold_lines = zip(receipt.bill.lines, receipt.asked.lines, receipt.returned_milli, strict=True)
    for one, sold, returned in sold_lines:
        refund.append(share(one.paid_minor, returned, sold.quantity_milli))
    value, whole = _value(receipt, refund)
    for line in lines:
        at = line.line - 1
        one, sold, was = receipt.bill.lines[at], receipt.asked.lines[at], receipt.returned_milli[at]
        now = was + line.quantity_milli
        refund_minor = share(one.paid_minor, now, sold.quantity_milli) - refund[at]
        spent = [share(one.spent_points, part, sold.quantity_milli) for part in (was, now)]
        if policy is ReturnOfEarned.BY_VALUE and whole:
            more = refund_minor if sold.kind is LineKind.GOODS else 0
            earned = [_bonus_by_value(receipt, part, whole) for part in (value, value + more)]
            value += more
        else:
            earned = [_bonus_by_line(receipt, at, part, sold.quantity_milli) for part in (was, now)]
        left_milli = sold.quantity_milli - now
        points_back, points_taken = spent[1] - spent[0], earned[1] - earned[0]
        yield ReturnedLine(
            line.line, line.quantity_milli, refund_minor, points_back, points_taken, left_milli
        )


def _bonus_by_value(receipt: Receipt, value: int, whole: int) -> int:
    return sum([share(one.points, value, whole) for one in receipt.bill.earnings if not one.wallet])


def _bonus_by_line(receipt: Receipt, at: int, returned: int, quantity: int) -> int:
    earnings = receipt.bill.earnings
    parts = _earned_on(receipt, at)
    return sum([share(points, returned, quantity) for one, points in parts if not earnings[one].wallet])


def _earned_on(receipt: Receipt, at: int) -> tuple[tuple[int, int], ...]:
    """(earning of the bill, points) of one line."""
    if receipt.earned:
        return receipt.earned[at]
    points = receipt.bill.lines[at].earned_points
    return ((0, points),) if points else ()
