"""Which promotions of points to take, once all money off is decided.

They do not change one another's points, only limits that they share do: the receipt's, and their funders'.
As long as these hold back nothing, the best are all without a group, and of each free group the one that is
worth most. Otherwise every combination is tried that could be better.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from loyalty.commands.rules import WALLET_BONUS
from loyalty.engine.promote.ground import cut
from loyalty.engine.promote.points import PointsGift

_TRIES_MAX: Final = 1024  # of combinations under shared limits, for one decision about money


class Award(NamedTuple):
    """Points of one promotion: `parts` per line of `gift.lines`, worth `value`."""

    gift: PointsGift
    parts: Sequence[int]
    value: int


class Shared(NamedTuple):
    """Limits that several promotions share; None, and funders that are not there: no limit."""

    bonus_points: int | None  # of wallet 0
    funders: Mapping[int, int]

    def after(self, award: Award) -> tuple[Award, "Shared"]:
        """As much of the award as the limits leave, and what they leave then."""
        gift, funder = award.gift, award.gift.promotion.funder
        points = sum(award.parts)
        most = points if funder not in self.funders else min(points, self.funders[funder])
        if gift.wallet == WALLET_BONUS and self.bonus_points is not None:
            most = min(most, self.bonus_points)
        bonus, funders = self.bonus_points, self.funders
        if gift.wallet == WALLET_BONUS and bonus is not None:
            bonus -= most
        if funder in funders:
            funders = {**funders, funder: funders[funder] - most}
        if most < points:
            value = award.value * most // points  # exact: the value of a point, times the points
            award = Award(gift, cut(list(award.parts), most), value)
        return award, Shared(bonus, funders)


class Chosen(NamedTuple):
    """The awards taken, in the order of evaluation."""

    awards: tuple[Award, ...]
    most_value: int  # no choice is worth more; what `awards` are worth unless there was too much to try
    tries: int = 0


def choose(
    awards: Sequence[Award], bit: Callable[[int], int], taken: int, places: int, shared: Shared
) -> Chosen:
    """The choice that is worth most; among equals with fewer promotions, then with lower numbers.

    Args:
        awards: each as if it were alone, in the order of evaluation.
        bit, taken: of groups, and of those that have their promotion already.
        places: at most so many.
    """
    free = [award for award in awards if award.value and not taken & bit(award.gift.promotion.stacking.group)]
    simple = _best_of_each_group(free)
    if len(simple) > places:
        simple = sorted(sorted(simple, key=_by_worth)[:places], key=_by_order)
    most_value = sum([award.value for award in simple])
    held, left = [], shared
    for award in simple:
        given, left = left.after(award)
        held.append(given)
    if sum([award.value for award in held]) == most_value:
        return Chosen(tuple(held), most_value)
    return _try_all(free, bit, taken, places, shared, most_value)


def _best_of_each_group(awards: Sequence[Award]) -> list[Award]:
    kept: list[Award] = []
    best: dict[int, Award] = {}
    for award in awards:
        group = award.gift.promotion.stacking.group
        if not group:
            kept.append(award)
        elif group not in best or _by_worth(award) < _by_worth(best[group]):
            best[group] = award
    if not best:
        return kept
    return sorted([*kept, *best.values()], key=_by_order)


def _by_worth(award: Award) -> tuple[int, int]:
    return -award.value, award.gift.promotion.number


def _by_order(award: Award) -> tuple[int, int]:
    return award.gift.promotion.stacking.zone, award.gift.promotion.number


class _Try(NamedTuple):
    at: int
    value: int
    chosen: tuple[Award, ...]
    taken: int
    shared: Shared

    def rank(self) -> tuple[int, int, list[int]]:
        return -self.value, len(self.chosen), sorted(award.gift.promotion.number for award in self.chosen)


def _try_all(
    awards: Sequence[Award],
    bit: Callable[[int], int],
    taken: int,
    places: int,
    shared: Shared,
    most_value: int,
) -> Chosen:
    """Every combination in, then out, as long as the rest could still make it better."""
    rest = [0]
    for award in reversed(awards):
        rest.append(rest[-1] + award.value)
    rest.reverse()
    best = _Try(0, 0, (), taken, shared)
    stack, tries = [best], 0
    while stack:
        now = stack.pop()
        most = now.value + rest[now.at]
        if most < best.value or (most == best.value and len(now.chosen) > len(best.chosen)):
            continue
        if now.value > best.value or (now.value == best.value and now.rank() < best.rank()):
            best = now
        if tries == _TRIES_MAX:
            return Chosen(best.chosen, most_value, tries)
        tries += 1
        if now.at == len(awards):
            continue
        award = awards[now.at]
        group = bit(award.gift.promotion.stacking.group)
        stack.append(now._replace(at=now.at + 1))
        if not now.taken & group and len(now.chosen) < places:
            given, left = now.shared.after(award)
            if given.value:
                value = now.value + given.value
                stack.append(_Try(now.at + 1, value, (*now.chosen, given), now.taken | group, left))
    return Chosen(best.chosen, best.value, tries)
