"""Where a fraction goes: one division for every amount and number of points. Pure arithmetic."""

from loyalty.commands.policies import Rounding


def divide(numerator: int, denominator: int, rounding: Rounding) -> int:
    """`numerator / denominator` as a whole number.

    Args:
        numerator: at least 0.
        denominator: at least 1.
        rounding: DOWN and UP: to that side. HALF_UP, HALF_EVEN: to the nearest; exactly between two,
            up or to the even one.

    Source: loyalty/RULES.md, "Rounding".
    """
    if rounding is Rounding.DOWN:
        return numerator // denominator
    if rounding is Rounding.UP:
        return -(-numerator // denominator)
    quotient, rest = divmod(numerator, denominator)
    twice = 2 * rest
    if twice == denominator:
        return quotient + (1 if rounding is Rounding.HALF_UP else quotient % 2)
    return quotient + (twice > denominator)
