"""When all money off is decided: how points pay, what is earned, and which promotions of points to take."""

from collections.abc import Sequence

from msgspec import Struct

from loyalty.commands.limits import RECEIPT_MAX_APPLIED
from loyalty.commands.rules import WALLET_BONUS
from loyalty.engine.promote.awards import Award, Shared, choose
from loyalty.engine.promote.bound import Bound
from loyalty.engine.promote.offers import Offers
from loyalty.engine.promote.points import Earned, PointsGift, earning_base, gift_points, regular_points
from loyalty.engine.promote.scene import Scene, Spent
from loyalty.engine.promote.walk import Node, Taken
from loyalty.engine.promote.worth import Worths

# The smaller the better: less the value, unrestricted points used, promotions, their numbers.
Rank = tuple[int, int, int, list[int]]


class Leaf(Struct, frozen=True, gc=False):
    """A whole combination; promotions worth nothing to the search are not in it."""

    rank: Rank
    money: list[Taken]
    left: Sequence[int]
    spent: Spent
    earned: Earned
    awards: tuple[Award, ...]
    most_value: int  # no choice of points with this money off is worth more
    tries: int = 0  # of such choices


def earned_on(scene: Scene, left: Sequence[int]) -> tuple[Spent, Earned]:
    """How points pay what is left, and the regular points."""
    spent = scene.spend(left) if scene.spend else Spent([0] * len(left), 0)
    base = earning_base(scene.lines, scene.policies, left, spent.minor)
    regular = regular_points(base, scene.earns, scene.earn, scene.policies, scene.points_max)
    return spent, Earned(left, base, regular)


def leaf_of(
    scene: Scene, offers: Offers, worths: Worths, bound: Bound, others: Sequence[int], node: Node
) -> Leaf:
    """The best that can be made of a decision about money off.

    Args:
        others: minor units of lines that are no goods, 0 for goods; empty if all lines are.
        node: with nothing undecided.
    """
    left = [minor or other for minor, other in zip(node.left, others, strict=True)] if others else node.left
    spent, earned = earned_on(scene, left)
    money = _winners(node, offers.competing) if offers.competing else list(node.chosen)
    regular = sum(earned.regular)
    value = node.off_minor * worths.denominator + regular * worths.of(WALLET_BONUS)
    awards: tuple[Award, ...] = ()
    most_value, tries = value, 0
    if offers.points:
        alone = [_award(scene, worths, earned, gift) for gift in offers.points]
        places = RECEIPT_MAX_APPLIED - len(money)
        chosen = choose(alone, bound.bit, node.taken, places, shared_of(scene, regular))
        awards, most_value, tries = chosen.awards, value + chosen.most_value, chosen.tries
        value += sum([award.value for award in awards])
    numbers = [taken.offer.number for taken in money] + [award.gift.promotion.number for award in awards]
    rank = (-value, spent.general_points, len(numbers), sorted(numbers))
    return Leaf(rank, money, left, spent, earned, awards, most_value, tries)


def shared_of(scene: Scene, regular_points: int) -> Shared:
    """What receipt and funders leave for promotions."""
    bonus = None if scene.points_max is None else scene.points_max - regular_points
    funders = {funder: purse.points for funder, purse in scene.purses.items() if purse.points is not None}
    return Shared(bonus, funders)


def _award(scene: Scene, worths: Worths, earned: Earned, gift: PointsGift) -> Award:
    parts = gift_points(gift, earned, scene.policies)
    return Award(gift, parts, sum(parts) * worths.of(gift.wallet))


def _winners(node: Node, competing: int) -> list[Taken]:
    """Of those that competed, each with the lines that it won; who won none is not there."""
    money = []
    for taken in node.chosen:
        if taken.place < competing:
            lines = taken.offer.money.lines
            won = [
                part if node.winners[line] == taken.place else 0
                for line, part in zip(lines, taken.parts, strict=True)
            ]
            taken = taken._replace(parts=won)
        if any(taken.parts):
            money.append(taken)
    return money
