"""What every effect computes on: the basket's lines in columns, and the policies that matter here."""

from collections.abc import Sequence

from msgspec import Struct

from loyalty.commands.basket import Line, LineKind
from loyalty.commands.policies import Distribution, LineFloor, Policies, Rounding, RoundingOn
from loyalty.engine.rounding import divide
from loyalty.engine.spread import spread


class Ground(Struct, frozen=True, gc=False):
    """One item per line. Lines that are no goods have no room: no discount reaches them."""

    amounts: list[int]  # minor units, as the till says; 0 for what is no goods
    floors: list[int]  # below this no discount takes the line
    quantities_milli: list[int]
    pieces: list[int]  # a line of weighed goods is one piece that nobody cuts
    rounding: Rounding
    each_part: bool  # round each line's part by itself, not the sum
    distribution: Distribution


def ground_of(lines: Sequence[Line], policies: Policies) -> Ground:
    """The lines in columns."""
    amounts = [line.amount_minor if line.kind is LineKind.GOODS else 0 for line in lines]
    floors = [0] * len(lines)
    if policies.line_floor is LineFloor.LINE:
        floors = [min(line.floor_minor, amount) for line, amount in zip(lines, amounts, strict=True)]
    return Ground(
        amounts,
        floors,
        [line.quantity_milli for line in lines],
        [line.quantity_milli // 1000 if line.quantity_milli % 1000 == 0 else 1 for line in lines],
        policies.rounding,
        policies.rounding_on is RoundingOn.RULE,
        policies.distribution,
    )


def fractions(ground: Ground, amounts: Sequence[int], numerator: int, denominator: int) -> list[int]:
    """`numerator / denominator` of each amount, whole numbers, by the rounding policies.

    Rounded on the sum, the sum is exact to the policy and each part is within one unit of its own share;
    all of every amount (1 / 1) is always all of it.
    """
    if ground.each_part:
        return [divide(amount * numerator, denominator, ground.rounding) for amount in amounts]
    return spread(divide(sum(amounts) * numerator, denominator, ground.rounding), amounts)


def cut(parts: list[int], most: int | None) -> list[int]:
    """The parts, in proportion, no more than `most` together."""
    return parts if most is None or sum(parts) <= most else spread(most, parts, parts)
