"""The spending plan: how many points pay for which line, and from which lots. Pure arithmetic.

Lots with a purpose come first, in spending order, each on the lines that its purpose matches; then
all other lots, which may pay for every line that points may pay for at all. The plan is the
lexicographically greatest in that order: each lot pays as much as it can while all before it keep
what they pay, on other lines if need be. The sum is then the greatest possible too: what lots can
pay together under the limits of lines and receipt is a polymatroid, where the greedy order loses
nothing; and a lower limit on the sum takes from the last lots only. Amounts are counted in *grains*,
the fewest points that are worth whole money.

Source: loyalty/RULES.md, "Spending".
"""

from collections.abc import Sequence
from math import lcm
from typing import Final

from msgspec import Struct

from loyalty.commands import SpendMode
from loyalty.commands.limits import BASIS_POINTS
from loyalty.commands.policies import Distribution
from loyalty.engine.flow import Flow, Payer, lay_out, lines_of
from loyalty.engine.spread import spread_by
from loyalty.outcomes import Code, Rejected

# Per line, who pays for it: (index of the draw, points), in spending order.
Parts = tuple[tuple[tuple[int, int], ...], ...]

_NO_SPEND: Final = SpendMode.NONE
_UP_TO: Final = SpendMode.UP_TO
_NOBODY: Final[tuple[tuple[int, int], ...]] = ()


class Purposed(Struct, frozen=True, gc=False):
    """A lot that pays for some lines only, in whole grains."""

    points: int
    lines: Sequence[bool]  # per line: its purpose matches


class Payment(Struct, frozen=True, gc=False):
    """What is to be paid, what may pay, and what the till wishes; a value per line in each sequence."""

    left_minor: Sequence[int]  # after promotions
    payable: Sequence[bool]  # points may pay for it
    line_limit_basis_points: int  # of what is left of each such line, rounded down
    receipt_limit_basis_points: int  # of what is left of all of them, rounded down
    grain_points: int
    grain_minor: int  # what a grain is worth
    unit_points: int  # what is spent is a multiple of it, and of the grain
    general_points: int  # in lots without a purpose, less debt
    wish_points: int
    wish_mode: SpendMode
    distribution: Distribution = Distribution.LARGEST_REMAINDER
    purposed: Sequence[Purposed] = ()  # in spending order


class SpendPlan:
    """What would be paid."""

    def __init__(
        self,
        points: int,
        grains: list[int],  # per line, of all lots
        most_points: int,  # that could be spent at most
        general_points: int,  # of `points`, by lots without a purpose
        general_grains: list[int],  # per line, by lots without a purpose
        purposed_points: list[int],  # per lot with a purpose, as they were given; 0: it does not pay
        purposed_grains: list[dict[int, int]],  # per line: index of such a lot to its grains; or empty
    ) -> None:
        self.points = points
        self.grains = grains
        self.most_points = most_points
        self.general_points = general_points
        self.general_grains = general_grains
        self.purposed_points = purposed_points
        self.purposed_grains = purposed_grains


def plan_spending(payment: Payment) -> SpendPlan | Rejected:
    """Decide how many points pay, and where.

    Args:
        payment: in range: nothing below 0, grain and unit at least 1, at most MEMBER_MAX_PURPOSE_LOTS
            lots with a purpose and RECEIPT_MAX_LINES lines.

    Returns:
        The plan. Or, where EXACTLY so many points are wished for, why not and what would do. Never raises.

    Over which of several lines: by the programme's policy, in proportion to what is left of them; see
    `flow.lay_out` for lots with a purpose. The others are spread together, and then over lots by `parts_of`.

    Cost: without purposes that of one spreading; with them `flow.lay_out`, twice if the wish is for less
    than they could pay.
    """
    grain_points, grain_minor, step = payment.grain_points, payment.grain_minor, payment.unit_points
    if step % grain_points:
        step = lcm(step, grain_points)
    line_limit = payment.line_limit_basis_points
    amounts, caps = [], []
    for left, pays in zip(payment.left_minor, payment.payable, strict=True):
        amount = left if pays else 0
        amounts.append(amount)
        caps.append(amount * line_limit // BASIS_POINTS // grain_minor)
    limit_minor = sum(amounts) * payment.receipt_limit_basis_points // BASIS_POINTS
    limit = min(sum(caps), limit_minor // grain_minor)
    flow = _lay_out(payment, amounts, caps, limit) if payment.purposed else None

    most = payment.general_points // grain_points + (sum(flow.paid) if flow else 0)
    limit_points, most_points = limit * grain_points, min(limit, most) * grain_points
    limit_points -= limit_points % step
    most_points -= most_points % step
    points = _points_to_spend(payment, step, limit_points, most_points)
    if not isinstance(points, int):
        return points
    grains = points // grain_points
    if flow is None:
        spent = spread_by(payment.distribution, grains, amounts, caps)
        return SpendPlan(points, spent, most_points, points, spent, [], [])
    if sum(flow.paid) > grains:
        flow = _lay_out(payment, amounts, caps, grains)
    return _with_purposes(payment, flow, points, most_points)


def parts_of(plan: SpendPlan, grain_points: int, general: Sequence[int]) -> Parts:
    """Who pays for which line, so that a return can give back to each what it paid there.

    Args:
        plan: the plan.
        grain_points: as it was planned with.
        general: what each lot without a purpose pays, in spending order; `plan.general_points` together.

    Returns:
        Per line its payers. Draws are counted from 0: the lots with a purpose that pay at all, in
        their order, then those of `general`. These are laid over the lines in the lines' order.
    """
    spent = [grains * grain_points for grains in plan.general_grains]
    if not plan.purposed_points:
        return _over_lots(spent, general, 0)
    number, numbers = 0, []
    for points in plan.purposed_points:
        numbers.append(number)
        number += points > 0
    parts = _over_lots(spent, general, number)
    return tuple(
        [
            (*[(numbers[lot], grains * grain_points) for lot, grains in sorted(payers.items())], *rest)
            for payers, rest in zip(plan.purposed_grains, parts, strict=True)
        ]
    )


def _points_to_spend(payment: Payment, step: int, limit_points: int, most_points: int) -> int | Rejected:
    """As many as asked for, or as possible; a whole number of steps."""
    points, mode = payment.wish_points, payment.wish_mode
    if mode is _NO_SPEND:
        return 0
    if mode is _UP_TO:
        points = min(points, most_points)
        return points - points % step
    if points % step:
        return Rejected(Code.SPEND_NOT_WHOLE_UNITS, "spend.points", f"a multiple of {step}")
    if points > limit_points:
        return Rejected(Code.SPEND_OVER_LIMIT, "spend.points", f"at most {most_points}")
    if points > most_points:
        return Rejected(Code.BALANCE_TOO_LOW, "spend.points", f"at most {most_points}")
    return points


def _lay_out(payment: Payment, amounts: list[int], caps: list[int], most: int) -> Flow:
    open_lines = lines_of([cap > 0 for cap in caps])
    payers = [
        Payer(lot.points // payment.grain_points, lines_of(lot.lines) & open_lines)
        for lot in payment.purposed
    ]
    return lay_out(payers, amounts, caps, most, payment.grain_minor, payment.distribution)


def _with_purposes(payment: Payment, flow: Flow, points: int, most_points: int) -> SpendPlan:
    """The other lots pay what is left of the points, on what is left of the lines."""
    grain_points = payment.grain_points
    purposed_points = [grains * grain_points for grains in flow.paid]
    general_points = points - sum(purposed_points)
    general = spread_by(payment.distribution, general_points // grain_points, flow.left_minor, flow.room)
    grains = [more + sum(payers.values()) for more, payers in zip(general, flow.payers, strict=True)]
    return SpendPlan(points, grains, most_points, general_points, general, purposed_points, flow.payers)


def _over_lots(spent: Sequence[int], lots: Sequence[int], first: int) -> Parts:
    """Lots in spending order over lines in their order; the first lot is draw `first`."""
    if not lots:
        return (_NOBODY,) * len(spent)
    parts = []
    at, left = 0, lots[0]
    for points in spent:
        mine: list[tuple[int, int]] = []
        while points:
            if not left:
                at += 1
                left = lots[at]
            part = min(points, left)
            mine.append((first + at, part))
            points -= part
            left -= part
        parts.append(tuple(mine))
    return tuple(parts)
