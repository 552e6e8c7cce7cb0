"""What is earned on a basket: the earning base, regular points, and effects that give points."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from loyalty.commands.basket import Line, LineKind
from loyalty.commands.policies import Blocks, Discounts, Policies, Rounding, RoundingOn, Tax
from loyalty.commands.promotions import (
    GiveCoupon,
    GiveLot,
    GiveService,
    PointsEffect,
    PointsFixed,
    PointsPer,
    PointsTimes,
    Promotion,
)
from loyalty.commands.rules import WALLET_BONUS
from loyalty.engine.promote.ground import cut
from loyalty.engine.promote.scene import Candidate, Earn
from loyalty.engine.rounding import divide
from loyalty.engine.spread import share, spread

_BASIS_POINTS: Final = 10_000
_GOODS: Final = LineKind.GOODS
_BEFORE: Final = Discounts.BEFORE
_WITHOUT: Final = Tax.WITHOUT
_WHOLE: Final = Blocks.WHOLE
_RULE: Final = RoundingOn.RULE
_DOWN: Final = Rounding.DOWN


class PointsGift(Struct, frozen=True, gc=False):
    """A candidate whose effect is not money off, made ready."""

    candidate: Candidate
    promotion: Promotion
    effect: PointsEffect
    lines: tuple[int, ...]
    wallet: int
    most_points: int | None  # its own limits


class Earned(Struct, frozen=True, gc=False):
    """What points are computed from, per line of the basket."""

    left: Sequence[int]  # minor units, after discounts
    base: Sequence[int]  # minor units that earn
    regular: Sequence[int]  # points


def points_gift(candidate: Candidate, effect: PointsEffect) -> PointsGift:
    """Make ready."""
    promotion, most = candidate.promotion, candidate.points_left
    if promotion.caps.receipt_points:
        most = promotion.caps.receipt_points if most is None else min(most, promotion.caps.receipt_points)
    wallet = effect.wallet if isinstance(effect, PointsPer | PointsFixed | GiveLot) else WALLET_BONUS
    return PointsGift(candidate, promotion, effect, candidate.lines, wallet, most)


def earning_base(
    lines: Sequence[Line], policies: Policies, left: Sequence[int], spent: Sequence[int]
) -> list[int]:
    """What earns, minor units per line: after points, and after discounts and without tax as the policy says.

    Args:
        left: after discounts.
        spent: paid by points, at most what is left.

    The tax in a part of a line is its share of the line's tax, rounded down. What is no goods earns nothing;
    how the rest is paid does not matter.
    """
    before = policies.base_discounts is _BEFORE
    net = policies.base_tax is _WITHOUT
    base = []
    for line, rest_minor, spent_minor in zip(lines, left, spent, strict=True):
        minor = 0
        if line.kind is _GOODS:
            minor = (line.amount_minor if before else rest_minor) - spent_minor
            if net and minor:
                minor = max(0, minor - share(line.tax_minor, minor, line.amount_minor))
        base.append(minor)
    return base


def regular_points(
    base: Sequence[int], earns: Sequence[bool] | None, earn: Earn, policies: Policies, most: int | None
) -> list[int]:
    """The regular points of each line, at most `most` together."""
    if earns is not None:
        base = [minor if does else 0 for minor, does in zip(base, earns, strict=True)]
    points = _rate(base, earn, policies)
    return points if most is None else cut(points, most)


def gift_points(gift: PointsGift, earned: Earned, policies: Policies) -> list[int]:
    """Points of one promotion for each of its lines, within its own limits; services and coupons are none.

    Source: loyalty/RULES.md, "Promotions".
    """
    effect, lines = gift.effect, gift.lines
    match effect:
        case PointsPer():
            rate = Earn(effect.points, effect.per_minor)
            points = _rate([earned.base[at] for at in lines], rate, policies)
        case PointsTimes():
            more = max(0, effect.basis_points - _BASIS_POINTS)
            points = _fractions([earned.regular[at] for at in lines], more, policies)
        case PointsFixed() | GiveLot():
            points = spread(effect.points, _weights([earned.left[at] for at in lines]))
        case GiveService() | GiveCoupon():
            return [0] * len(lines)
    return cut(points, gift.most_points)


def services(gift: PointsGift, effect: GiveService, pieces: Sequence[int]) -> list[int]:
    """How many services each line of the promotion comes with; a limit of times counts pieces."""
    left = gift.promotion.caps.receipt_times or sum(pieces)
    given = []
    for at in gift.lines:
        counted = min(pieces[at], left)
        left -= counted
        given.append(counted * effect.times)
    return given


def _rate(base: Sequence[int], earn: Earn, policies: Policies) -> list[int]:
    """Points by a rate. With whole blocks there is one sum for all lines; only the tier makes a fraction."""
    per = earn.per_minor * _BASIS_POINTS
    times = earn.points * earn.tier_basis_points
    if policies.blocks is _WHOLE:
        total = divide(sum(base) // earn.per_minor * times, _BASIS_POINTS, policies.rounding)
    elif policies.rounding_on is _RULE:
        return [divide(minor * times, per, policies.rounding) for minor in base]
    elif policies.rounding is _DOWN:
        total = sum(base) * times // per
    else:
        total = divide(sum(base) * times, per, policies.rounding)
    return spread(total, base)


def _fractions(points: Sequence[int], basis_points: int, policies: Policies) -> list[int]:
    """So many basis points of each."""
    if policies.rounding_on is _RULE:
        return [divide(part * basis_points, _BASIS_POINTS, policies.rounding) for part in points]
    return spread(divide(sum(points) * basis_points, _BASIS_POINTS, policies.rounding), points)


def _weights(left: list[int]) -> list[int]:
    """In proportion to what is left; if nothing is left of any line, they are all the same."""
    return left if any(left) else [1] * len(left)
