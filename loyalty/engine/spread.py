"""Whole numbers into parts that sum to the whole. Pure arithmetic, no loyalty."""

from collections.abc import Sequence
from typing import Final

from loyalty.commands.policies import Distribution

_LARGEST_REMAINDER: Final = Distribution.LARGEST_REMAINDER


def spread_by(
    distribution: Distribution, total: int, weights: Sequence[int], caps: Sequence[int] | None = None
) -> list[int]:
    """`total` over parts as a programme's policy says, no part above its cap.

    Args:
        distribution: LARGEST_REMAINDER: see `spread`. EVEN: the same for each part with a weight; units
            too few go to the earlier parts, what a cap keeps out to the others in the same way.
            FIRST_TAKES_REST: in proportion, rounded down; what is left goes to the first part with a
            weight or, as far as its cap keeps it out, to the next.
        total, weights, caps: see `spread`.

    Returns:
        Parts that sum to `total`.

    Source: loyalty/RULES.md, "Spreading".
    """
    if distribution is _LARGEST_REMAINDER:
        return spread(total, weights, caps)
    if distribution is Distribution.EVEN:
        return _spread_evenly(total, weights, caps)
    return _first_takes_rest(total, weights, caps)


def spread(total: int, weights: Sequence[int], caps: Sequence[int] | None = None) -> list[int]:
    """Largest remainder: `total` in proportion to `weights`, no part above its cap.

    Args:
        total: at least 0, at most the sum of the caps of parts with a weight.
        weights: at least 0 each; a part without weight gets nothing.
        caps: at least 0 each, one per weight; none: a part may be all of `total`.

    Returns:
        Parts that sum to `total`. A unit too few goes to the largest remainder, among equals
        to the earlier part. What a cap keeps out is spread over the others in the same way;
        every round fills a part or ends, so there are at most as many rounds as parts.

    Source: loyalty/RULES.md, "Spreading".
    """
    whole = sum(weights)
    if not total or not whole:
        return [0] * len(weights)
    if len(weights) == 1:
        return [total]
    left, parts, remainders = total, [], []
    for at, weight in enumerate(weights):
        share_of_whole = total * weight
        part = share_of_whole // whole
        if caps is not None and part >= caps[at]:
            part = caps[at]
        elif weight:
            remainders.append((part * whole - share_of_whole, at))  # the largest comes first
        parts.append(part)
        left -= part
    if not left:
        return parts
    if left > len(remainders):
        return _fill_up(parts, left, weights, caps or [total] * len(parts))
    remainders.sort()
    for _, at in remainders[:left]:
        parts[at] += 1
    return parts


def _fill_up(parts: list[int], left: int, weights: Sequence[int], caps: Sequence[int]) -> list[int]:
    """Spread what caps kept out over what still has room."""
    room = [cap - part for cap, part in zip(caps, parts, strict=True)]
    open_weights = [weight if gap else 0 for weight, gap in zip(weights, room, strict=True)]
    more = spread(left, open_weights, room)
    return [part + one for part, one in zip(parts, more, strict=True)]


def _spread_evenly(total: int, weights: Sequence[int], caps: Sequence[int] | None) -> list[int]:
    """Every round fills a part or is the last but one, so there are at most two more rounds than parts."""
    most = caps or [total] * len(weights)
    parts, left = [0] * len(weights), total
    while left:
        room = [at for at, weight in enumerate(weights) if weight and parts[at] < most[at]]
        if not room:
            break
        each = left // len(room) or 1
        for at in room[:left]:  # fewer units than parts: the earlier ones get one each
            parts[at] += min(each, most[at] - parts[at])
        left = total - sum(parts)
    return parts


def _first_takes_rest(total: int, weights: Sequence[int], caps: Sequence[int] | None) -> list[int]:
    whole = sum(weights)
    if not total or not whole:
        return [0] * len(weights)
    most = caps or [total] * len(weights)
    parts = [min(total * weight // whole, cap) for weight, cap in zip(weights, most, strict=True)]
    left = total - sum(parts)
    for at, weight in enumerate(weights):
        more = min(left, most[at] - parts[at]) if weight else 0
        parts[at] += more
        left -= more
    return parts


def share(amount: int, part: int, whole: int) -> int:
    """How much of `amount` belongs to the first `part` of `whole`, rounded down.

    What belongs to a piece in between is the difference of two shares; so pieces taken in any
    sizes and any order sum to `amount` exactly when all is taken.
    """
    return amount * part // whole
