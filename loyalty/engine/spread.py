"""Whole numbers into parts that sum to the whole. Pure arithmetic, no loyalty."""

from collections.abc import Sequence


def spread(total: int, weights: Sequence[int], caps: Sequence[int]) -> list[int]:
    """Largest remainder: `total` in proportion to `weights`, no part above its cap.

    Args:
        total: at least 0, at most the sum of the caps of parts with a weight.
        weights: at least 0 each; a part without weight gets nothing.
        caps: at least 0 each, one per weight.

    Returns:
        Parts that sum to `total`. A unit too few goes to the largest remainder, among equals
        to the earlier part. What a cap keeps out is spread over the others in the same way;
        every round fills a part or ends, so there are at most as many rounds as parts.

    Source: loyalty/RULES.md, "Spreading".
    """
    whole, parts = sum(weights), []
    if not total or not whole:
        return [0] * len(weights)
    left, remainders = total, []
    for at, weight in enumerate(weights):
        part, remainder = divmod(total * weight, whole)
        cap = caps[at]
        if part >= cap:
            part = cap
        elif weight:
            remainders.append((-remainder, at))
        parts.append(part)
        left -= part
    if left:
        _add_remainders(parts, remainders, left, weights, caps)
    return parts


def _add_remainders(
    parts: list[int],
    remainders: list[tuple[int, int]],
    left: int,
    weights: Sequence[int],
    caps: Sequence[int],
) -> None:
    """One unit each to the largest remainders; what is more than that is spread over what has room."""
    remainders.sort()
    if left <= len(remainders):
        for _, at in remainders[:left]:
            parts[at] += 1
        return
    room = [cap - part for cap, part in zip(caps, parts, strict=True)]
    open_weights = [weight if gap else 0 for weight, gap in zip(weights, room, strict=True)]
    for at, more in enumerate(spread(left, open_weights, room)):
        parts[at] += more


def share(amount: int, part: int, whole: int) -> int:
    """How much of `amount` belongs to the first `part` of `whole`, rounded down.

    What belongs to a piece in between is the difference of two shares; so pieces taken in any
    sizes and any order sum to `amount` exactly when all is taken.
    """
    return amount * part // whole
