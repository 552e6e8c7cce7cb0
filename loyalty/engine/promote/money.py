"""Effects on money: what one promotion takes off its lines, by itself, at given amounts.

What makes the search's bound hold: on amounts that are lower, line by line, an effect takes no more off in
all than on the higher ones. `unlimited_minor` is that most, and says where this needs care.
"""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from loyalty.commands.promotions import (
    AmountOff,
    Bundle,
    BundlePart,
    BuyGet,
    CheapestFree,
    FixedPrice,
    MoneyEffect,
    PercentOff,
    Promotion,
    Scope,
)
from loyalty.engine.promote.bundle import bundle
from loyalty.engine.promote.ground import Ground, cut, fractions
from loyalty.engine.promote.pieces import buy_get, cheapest_free
from loyalty.engine.promote.scene import Candidate
from loyalty.engine.rounding import divide
from loyalty.engine.spread import spread_by

_NO_LIMIT: Final = 10**9  # pieces a line can have at most are fewer
_BASIS_POINTS: Final = 10_000
_PART_STEPS: Final = 3  # dealing the pieces of a line to each part of a bundle


class MoneyOff(Struct, frozen=True, gc=False):
    """A candidate whose effect is money off, made ready."""

    candidate: Candidate
    promotion: Promotion
    effect: MoneyEffect
    lines: tuple[int, ...]  # that it can take something off, ascending
    most_minor: int | None  # its own limits
    times_max: int
    pooled: bool  # one amount for all lines: what one line has no room for goes to the others
    steps: int  # what computing it costs: one for each line, more for bundles


def money_off(candidate: Candidate, effect: MoneyEffect) -> MoneyOff:
    """Make ready."""
    promotion = candidate.promotion
    lines = candidate.lines
    if isinstance(effect, Bundle):
        lines = tuple(sorted({line for part in candidate.parts for line in part}))
    elif isinstance(effect, BuyGet) and candidate.get is not None:
        lines = candidate.get
    pooled = promotion.scope is Scope.RECEIPT and isinstance(effect, PercentOff | AmountOff)
    most = candidate.minor_left
    if promotion.caps.receipt_minor:
        most = promotion.caps.receipt_minor if most is None else min(most, promotion.caps.receipt_minor)
    times_max = promotion.caps.receipt_times or _NO_LIMIT
    steps = len(lines)
    if isinstance(effect, Bundle):
        steps *= _PART_STEPS * len(effect.parts)
    return MoneyOff(candidate, promotion, effect, lines, most, times_max, pooled, steps)


def off(offer: MoneyOff, ground: Ground, left: Sequence[int], room: Sequence[int]) -> tuple[list[int], int]:
    """What the promotion takes off if nothing else is applied to these amounts.

    Args:
        left: minor units per line of the basket; what the effect is computed on.
        room: at most so much may be taken off each line of the basket.

    Returns:
        Money off per line of `offer.lines`, within room and the promotion's own limits; and how many
        groups of pieces (1 for effects that do not count them).

    Source: loyalty/RULES.md, "Promotions".
    """
    parts, times = _wanted(offer, ground, left, room)
    parts = [min(part, room[line]) for part, line in zip(parts, offer.lines, strict=True)]
    return cut(parts, offer.most_minor), times


def unlimited_minor(offer: MoneyOff, ground: Ground, alone: Sequence[int], times: int) -> int:
    """The most that the promotion can take off on this basket, whatever else is applied.

    Args:
        alone, times: what `off` says on the till's amounts.

    For most effects that is `alone`: they take less off lower amounts. These are not that simple:
    - With floors under lines, a discount elsewhere may move the next one to a line with room: the cheapest
      piece is another one, a cent is spread otherwise. So floors are left out.
    - What pieces cost may move between lines, and if each line's part is rounded, up to a unit a line more
      or less comes of it.
    - If a piece fits several parts of a bundle, lower prices may deal it to another part. So the bundle is
      made of the dearest pieces of any part, which saves at least as much.
    """
    effect, parts = offer.effect, alone
    if isinstance(effect, Bundle) and sum(map(len, offer.candidate.parts)) > len(offer.lines):
        pieces = sum(part.pieces for part in effect.parts)
        whole = Bundle((BundlePart(effect.parts[0].lines, pieces),), effect.minor)
        parts = bundle(whole, (offer.lines,), offer.lines, ground, ground.amounts, offer.times_max)[0]
    elif any(ground.floors) and not offer.pooled:
        parts = _wanted(offer, ground, ground.amounts, ground.amounts)[0]
    most = sum(parts)
    if isinstance(effect, BuyGet) and ground.each_part and effect.basis_points % _BASIS_POINTS and times:
        most += 2 * len(offer.lines)
    return most if offer.most_minor is None else min(most, offer.most_minor)


def _wanted(
    offer: MoneyOff, ground: Ground, left: Sequence[int], room: Sequence[int]
) -> tuple[list[int], int]:
    effect, lines = offer.effect, offer.lines
    match effect:
        case PercentOff():
            if offer.pooled:
                total = divide(
                    sum(left[at] for at in lines) * effect.basis_points, _BASIS_POINTS, ground.rounding
                )
                return _pool(ground, total, lines, left, room), 1
            return fractions(ground, [left[at] for at in lines], effect.basis_points, _BASIS_POINTS), 1
        case AmountOff():
            each = [effect.minor] * len(lines)
            if effect.per_piece:
                each = [effect.minor * ground.pieces[at] for at in lines]
            if offer.pooled:
                total = sum(each) if effect.per_piece else effect.minor
                return _pool(ground, total, lines, left, room), 1
            return each, 1
        case FixedPrice():
            return [_above_price(ground, at, left[at], effect.minor) for at in lines], 1
        case CheapestFree():
            return cheapest_free(effect, lines, ground, left, offer.times_max)
        case BuyGet():
            get = offer.candidate.get
            return buy_get(effect, offer.candidate.lines, get, ground, left, offer.times_max)
        case Bundle():
            return bundle(effect, offer.candidate.parts, lines, ground, left, offer.times_max)


def _pool(
    ground: Ground, total: int, lines: Sequence[int], left: Sequence[int], room: Sequence[int]
) -> list[int]:
    """One amount over the lines, as the distribution policy says; a line of 0.00 takes no part."""
    caps = [room[at] if left[at] else 0 for at in lines]
    return spread_by(ground.distribution, min(total, sum(caps)), [left[at] for at in lines], caps)


def _above_price(ground: Ground, at: int, left_minor: int, price_minor: int) -> int:
    """What the line costs beyond a price of one piece (of one unit of weighed goods)."""
    above = left_minor * 1000 - price_minor * ground.quantities_milli[at]
    return divide(above, 1000, ground.rounding) if above > 0 else 0
