"""The best combination of promotions for the customer: everything put together."""

from collections.abc import Sequence

from loyalty.commands.limits import RECEIPT_MAX_APPLIED, SEARCH_MAX_STEPS, TOTAL_MAX_MINOR
from loyalty.commands.promotions import GiveService
from loyalty.commands.rules import WALLET_BONUS
from loyalty.engine.promote.awards import Award
from loyalty.engine.promote.explain import explain
from loyalty.engine.promote.ground import Ground, ground_of
from loyalty.engine.promote.leaf import Leaf, earned_on, shared_of
from loyalty.engine.promote.offers import NO_VALUE, Offers, offers_of
from loyalty.engine.promote.points import PointsGift, gift_points, services
from loyalty.engine.promote.scene import Best, Given, Scene
from loyalty.engine.promote.search import search
from loyalty.engine.promote.walk import Taken
from loyalty.engine.promote.worth import worths_of
from loyalty.outcomes import Applied, AppliedLine, Search


def best(scene: Scene) -> Best:
    """Find the combination that is worth most to the customer: money off, and points at their worth.

    Args:
        scene: candidates in any order; it makes no difference.

    Returns:
        What each line comes to, what was applied to it, and why every other candidate was not. Equal value:
        fewer unrestricted points used, then fewer promotions, then lower numbers. If the steps end before
        all was looked at, the best so far and how much more there could have been. Never raises.

    Source: loyalty/RULES.md, "Promotions".
    """
    if not scene.candidates:
        return _without_promotions(scene)
    ground = ground_of(scene.lines, scene.policies)
    worths = worths_of(scene.worths)
    steps_max = SEARCH_MAX_STEPS if scene.steps_max is None else scene.steps_max
    offers = offers_of(scene, ground, worths, steps_max)
    found = search(scene, ground, offers, worths, steps_max)
    leaf = found.leaf
    gifts = _gifts(scene, offers, leaf)
    value = -leaf.rank[0]
    bound_minor = min(-(-(found.most_value - value) // worths.denominator), TOTAL_MAX_MINOR)
    exact = found.most_value == value
    discounts = [line.amount_minor - left for line, left in zip(scene.lines, leaf.left, strict=True)]
    return Best(
        tuple(discounts),
        leaf.spent,
        tuple(leaf.earned.regular),
        tuple([_money(taken) for taken in leaf.money] + [_points(award) for award in (*leaf.awards, *gifts)]),
        tuple([_given(award, ground) for award in (*leaf.awards, *gifts)]),
        (value, worths.denominator),
        explain(scene, offers, leaf, gifts, exact),
        Search(exact, bound_minor, found.steps),
    )


def _without_promotions(scene: Scene) -> Best:
    """Nothing to decide: the way of most purchases."""
    spent, earned = earned_on(scene, [line.amount_minor for line in scene.lines])
    minor, points = scene.worths.get(WALLET_BONUS, (0, 0))
    value = (sum(earned.regular) * minor, points) if points else (0, 1)
    nothing = (0,) * len(scene.lines)
    return Best(nothing, spent, tuple(earned.regular), (), (), value, (), Search(True, 0, 0))


def _gifts(scene: Scene, offers: Offers, leaf: Leaf) -> list[Award]:
    """What is worth nothing to the search is given if nothing excludes it: a group, or too many promotions.

    It comes after all others, so that it takes nothing of their limits.
    """
    shared = shared_of(scene, sum(leaf.earned.regular))
    for award in leaf.awards:
        _, shared = shared.after(award)
    groups = [taken.offer.group for taken in leaf.money]
    groups += [award.gift.promotion.stacking.group for award in leaf.awards]
    places = RECEIPT_MAX_APPLIED - len(groups)
    given: list[Award] = []
    for gift in offers.gifts:
        group = gift.promotion.stacking.group
        if len(given) == places or (group and group in groups):
            continue
        award, rest = shared.after(Award(gift, gift_points(gift, leaf.earned, scene.policies), 0))
        if any(award.parts) or isinstance(gift.effect, NO_VALUE):
            given.append(award)
            groups.append(group)
            shared = rest
    return given


def _money(taken: Taken) -> Applied:
    candidate, promotion = taken.offer.money.candidate, taken.offer.money.promotion
    lines = [
        AppliedLine(at + 1, minor, 0)
        for at, minor in zip(taken.offer.money.lines, taken.parts, strict=True)
        if minor
    ]
    return Applied(
        promotion.number,
        candidate.version,
        promotion.name,
        sum(taken.parts),
        0,
        taken.times,
        promotion.funder,
        tuple(lines),
        candidate.coupon,
    )


def _points(award: Award) -> Applied:
    """Services and coupons name all lines that they come with."""
    gift = award.gift
    promotion = gift.promotion
    everything = isinstance(gift.effect, NO_VALUE)
    lines = [
        AppliedLine(at + 1, 0, points)
        for at, points in zip(gift.lines, award.parts, strict=True)
        if points or everything
    ]
    return Applied(
        promotion.number,
        gift.candidate.version,
        promotion.name,
        0,
        sum(award.parts),
        1,
        promotion.funder,
        tuple(lines),
        gift.candidate.coupon,
    )


def _given(award: Award, ground: Ground) -> Given:
    """One item per line of the basket."""
    gift = award.gift
    points = _on_all_lines(gift, award.parts, ground)
    if not isinstance(gift.effect, GiveService):
        return Given(gift.promotion, points)
    return Given(
        gift.promotion, points, _on_all_lines(gift, services(gift, gift.effect, ground.pieces), ground)
    )


def _on_all_lines(gift: PointsGift, parts: Sequence[int], ground: Ground) -> tuple[int, ...]:
    row = [0] * len(ground.amounts)
    for at, part in zip(gift.lines, parts, strict=True):
        row[at] = part
    return tuple(row)
