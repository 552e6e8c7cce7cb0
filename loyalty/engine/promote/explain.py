"""Why each promotion that was not applied was not, in words that a customer could be told."""

from collections.abc import Sequence
from typing import Final

from loyalty.commands.limits import RECEIPT_MAX_APPLIED
from loyalty.commands.promotions import Bundle, BuyGet, CheapestFree
from loyalty.commands.rules import WALLET_BONUS
from loyalty.engine.promote.awards import Award
from loyalty.engine.promote.leaf import Leaf
from loyalty.engine.promote.offers import MONEY, Offers
from loyalty.engine.promote.scene import Candidate, Scene
from loyalty.outcomes import PassedOver, Reason


def explain(
    scene: Scene, offers: Offers, leaf: Leaf, gifts: Sequence[Award], exact: bool
) -> tuple[PassedOver, ...]:
    """Every candidate that was not applied, by number. The first reason that holds is told."""
    awards = (*leaf.awards, *gifts)
    applied = [taken.offer.money.promotion for taken in leaf.money]
    applied += [award.gift.promotion for award in awards]
    numbers = frozenset(promotion.number for promotion in applied)
    if len(numbers) == len(scene.candidates):
        return ()
    told = _Told(scene, offers, leaf, awards, exact)
    rest = [one for one in scene.candidates if one.promotion.number not in numbers]
    return tuple([told.of(candidate) for candidate in sorted(rest, key=lambda one: one.promotion.number)])


class _Told:
    """What is looked up for each of them."""

    def __init__(
        self, scene: Scene, offers: Offers, leaf: Leaf, awards: Sequence[Award], exact: bool
    ) -> None:
        self._refused, self._exact = offers.refused, exact
        self._untried = frozenset(one.promotion.number for one in offers.untried)
        promotions = [taken.offer.money.promotion for taken in leaf.money]
        promotions += [award.gift.promotion for award in awards]
        self._groups = {one.stacking.group: one.number for one in promotions if one.stacking.group}
        self._too_many = len(promotions) >= RECEIPT_MAX_APPLIED
        self._leaf = leaf
        self._drained = _drained(scene, leaf, awards) if scene.purses or scene.points_max is not None else ()

    def of(self, candidate: Candidate) -> PassedOver:
        """The first reason that holds."""
        reason, by = self._reason(candidate)
        wanted = _wanted(candidate) if reason is Reason.NO_EFFECT else ""
        return PassedOver(candidate.promotion.number, candidate.promotion.name, reason, by, wanted)

    def _reason(self, candidate: Candidate) -> tuple[Reason, int]:
        promotion = candidate.promotion
        if promotion.number in self._refused:
            return self._refused[promotion.number], 0
        if promotion.number in self._untried:
            return Reason.SEARCH_ENDED, 0
        if promotion.stacking.group in self._groups:
            return Reason.GROUP, self._groups[promotion.stacking.group]
        if self._too_many:
            return Reason.TOO_MANY, 0
        money = isinstance(promotion.effect, MONEY)
        if (promotion.funder, money) in self._drained:
            return Reason.BUDGET, 0
        if not money:
            limited = _LIMIT in self._drained and _of_bonus(candidate)
            return (Reason.LIMIT if limited else Reason.NO_EFFECT), 0
        if not self._exact:
            return Reason.SEARCH_ENDED, 0
        return Reason.WORTH_LESS, self._instead(_lines(candidate))

    def _instead(self, lines: Sequence[int]) -> int:
        """The promotion that took the most off one of these lines; 0: none did."""
        most, by = 0, 0
        for taken in self._leaf.money:
            for line, minor in zip(taken.offer.money.lines, taken.parts, strict=True):
                if minor > most and line in lines:
                    most, by = minor, taken.offer.number
        return by


_LIMIT: Final = (-1, False)  # of the receipt, on points of wallet 0


def _drained(scene: Scene, leaf: Leaf, awards: Sequence[Award]) -> tuple[tuple[int, bool], ...]:
    """Shared limits that are used up: (funder, whether of money), and `_LIMIT`."""
    used: dict[tuple[int, bool], int] = {_LIMIT: sum(leaf.earned.regular)}
    for taken in leaf.money:
        key = taken.offer.money.promotion.funder, True
        used[key] = used.get(key, 0) + sum(taken.parts)
    for award in awards:
        key, points = (award.gift.promotion.funder, False), sum(award.parts)
        used[key] = used.get(key, 0) + points
        if award.gift.wallet == WALLET_BONUS:
            used[_LIMIT] += points
    most = {_LIMIT: scene.points_max}
    for funder, purse in scene.purses.items():
        most[funder, True], most[funder, False] = purse.minor, purse.points
    full = []
    for limit, left in most.items():
        if left is not None and used.get(limit, 0) >= left:
            full.append(limit)
    return tuple(full)


def _of_bonus(candidate: Candidate) -> bool:
    return getattr(candidate.promotion.effect, "wallet", WALLET_BONUS) == WALLET_BONUS


def _lines(candidate: Candidate) -> Sequence[int]:
    """All lines that the promotion could have changed."""
    lines = [*candidate.lines, *(candidate.get or ())]
    for part in candidate.parts:
        lines += part
    return lines


def _wanted(candidate: Candidate) -> str:
    """What effects that count pieces need."""
    match candidate.promotion.effect:
        case CheapestFree(of_pieces=pieces):
            return f"{pieces} pieces"
        case BuyGet(buy_pieces=buy, get_pieces=get):
            return f"{buy} pieces to buy and {get} to get"
        case Bundle(parts=parts):
            return "pieces of each part: " + ", ".join(str(part.pieces) for part in parts)
        case _:
            return ""
