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
    parts = [0] * len(weights)
    left = total
    while left:
        room = [at for at, part in enumerate(parts) if weights[at] and part < caps[at]]
        whole = sum(weights[at] for at in room)
        if not whole:
            break  # the caller asked for more than fits; the sum tells
        left = _round(parts, room, left, whole, weights, caps)
    return parts


def _round(
    parts: list[int], room: list[int], total: int, whole: int, weights: Sequence[int], caps: Sequence[int]
) -> int:
    """Spread once over the parts with room; answers what is left."""
    left = total
    remainders = []
    for at in room:
        share, remainder = divmod(total * weights[at], whole)
        given = min(share, caps[at] - parts[at])
        parts[at] += given
        left -= given
        remainders.append((-remainder, at))
    if left:
        remainders.sort()
        for _, at in remainders:
            if left and parts[at] < caps[at]:
                parts[at] += 1
                left -= 1
    return left


def share(amount: int, part: int, whole: int) -> int:
    """How much of `amount` belongs to the first `part` of `whole`, rounded down.

    What belongs to a piece in between is the difference of two shares; so pieces taken in any
    sizes and any order sum to `amount` exactly when all is taken.
    """
    return amount * part // whole
