"""Whole numbers into parts that sum to the whole. Pure arithmetic, no loyalty."""

from collections.abc import Sequence


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
    left, parts = total, []
    for at, weight in enumerate(weights):
        part = total * weight // whole
        if caps is not None and part > caps[at]:
            part = caps[at]
        parts.append(part)
        left -= part
    if left:
        _add_remainders(parts, left, total, weights, caps)
    return parts


def _add_remainders(
    parts: list[int], left: int, total: int, weights: Sequence[int], caps: Sequence[int] | None
) -> None:
    """One unit each to the largest remainders; what is more than that is spread over what has room."""
    whole = sum(weights)
    remainders = []
    for at, weight in enumerate(weights):
        if weight and (caps is None or parts[at] < caps[at]):
            remainders.append((-(total * weight % whole), at))
    remainders.sort()
    if left <= len(remainders):
        for _, at in remainders[:left]:
            parts[at] += 1
        return
    most = caps or [total] * len(parts)
    room = [cap - part for cap, part in zip(most, parts, strict=True)]
    open_weights = [weight if gap else 0 for weight, gap in zip(weights, room, strict=True)]
    for at, more in enumerate(spread(left, open_weights, room)):
        parts[at] += more


def share(amount: int, part: int, whole: int) -> int:
    """How much of `amount` belongs to the first `part` of `whole`, rounded down.

    What belongs to a piece in between is the difference of two shares; so pieces taken in any
    sizes and any order sum to `amount` exactly when all is taken.
    """
    return amount * part // whole
