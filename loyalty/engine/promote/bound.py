"""How much value a partial decision can still come to, at most.

Decided so far: some promotions are in, some out; D is the money off by those that are in, `left` is what
they leave of each line. Whatever is decided about the rest, and however points then pay, with d the money
that the rest takes off:

    value = D + d + worth of points            d <= sum of `most_minor` of the rest, one of each group
                                               d <= what is left above the floors
    worth of points <= sum(rate * (left - d)) + extra      line by line; what points pay earns nothing, so
                                                           without them is a bound

The first holds because no effect takes more off than its `most_minor` (see `money.unlimited_minor`). The
second, because each rule's points are at most its rate by the line's base and what rounding adds. So

    value <= D + sum(rate * left) + extra + d * (1 - least rate of a line)

is a bound, and so is D + d + the worth of the points of the whole basket, under the receipt's limit. The
smaller of the two is used. Rates are rounded up to 2 ** -32 of a unit.
"""

from collections.abc import Sequence
from operator import mul
from typing import Final

from msgspec import Struct

from loyalty.commands.policies import Discounts, Rounding, RoundingOn
from loyalty.commands.promotions import GiveLot, PointsFixed, PointsPer, PointsTimes
from loyalty.commands.rules import WALLET_BONUS
from loyalty.engine.promote.compound import Compound
from loyalty.engine.promote.ground import Ground
from loyalty.engine.promote.offers import MONEY, Offer, Offers
from loyalty.engine.promote.points import PointsGift, points_gift
from loyalty.engine.promote.scene import Scene
from loyalty.engine.promote.worth import Worths

SHIFT: Final = 32  # bounds are in units of value, times 2 ** SHIFT
_BASIS_POINTS: Final = 10_000


class _Rate(Struct, frozen=True, gc=False):
    """At most so many points: `numerator / denominator` of the lines' base, and `extra` by rounding."""

    numerator: int
    denominator: int
    extra: int
    lines: Sequence[int]


class Bound:
    """Tables made once for a scene."""

    def __init__(self, scene: Scene, ground: Ground, offers: Offers, worths: Worths) -> None:
        amounts = ground.amounts
        self._offers = offers
        self._unit = worths.denominator << SHIFT  # a minor unit
        self._rates = [0] * len(amounts)  # worth of points for each minor unit that is left, per line
        self._extra = 0  # worth of points whatever is left
        self._all_points = 0  # of the whole basket
        self._group_points: dict[int, int] = {}  # the most that the points of a group are worth
        self._read_points(scene, worths, amounts)
        price = min((self._rates[at] for at, amount in enumerate(amounts) if amount), default=0)
        if scene.policies.base_discounts is Discounts.BEFORE:
            self._extra += sum(map(mul, self._rates, amounts))
            self._rates, price = [0] * len(amounts), 0
        self._net = max(0, self._unit - price)  # a minor unit off, less the points it costs
        self._points_max = sum(self._group_points.values())
        rates = [rate for rate, amount in zip(self._rates, amounts, strict=True) if amount]
        self._same_rate = rates[0] if rates and min(rates) == max(rates) else None
        self._amount_minor = sum(amounts)
        self._room_minor = self._amount_minor - sum(ground.floors)
        self._rests: dict[tuple[int, int, bool], tuple[int, int]] = {}
        self._bits = _bits(offers)
        self._rivals = _best_of_rest(offers, len(amounts))
        self._compound = Compound(offers, ground)
        groups = dict.fromkeys(self._group_points, 0)
        self._all = self._others = _sums(offers.money, groups)
        if self._compound.useful:
            rest = [None if self._compound.has(at) else one for at, one in enumerate(offers.money)]
            self._others = _sums(rest, groups)

    def bit(self, group: int) -> int:
        """The group's bit in `taken`; 0 for no group."""
        return self._bits.get(group, 0)

    def most(
        self,
        at: int,
        taken: int,
        off_minor: int,
        left: Sequence[int],
        base: Sequence[int],
        tops: Sequence[int],
        more: Offer | None = None,
    ) -> int:
        """The most that what is decided so far can come to, in units of value times 2 ** SHIFT.

        Args:
            at: promotions before this one are decided.
            taken: bits of the groups that have their promotion.
            off_minor, left: money off so far, and what is left of each line.
            base: what the stage of promotion `at` computes on.
            tops: per line, the most that a competing promotion takes off so far.
            more: the promotion before `at`, if it is decided to be in, but not computed yet.
        """
        net, unit, rivals = self._net, self._unit, self._offers.competing
        more_minor = more.most_minor if more else 0
        priced, plain = self._rest(at, taken, False)
        priced, plain = priced + more_minor * net, plain + more_minor * unit
        rival = at - 1 if more else at
        gains: list[int] = []
        if rival < rivals:
            gains = [max(0, best - top) for best, top in zip(self._rivals[rival], tops, strict=True)]
            gain, more_minor, at, base = sum(gains), 0, rivals, left
            later_priced, later_plain = self._rest(at, taken, False)
            priced, plain = min(priced, gain * net + later_priced), min(plain, gain * unit + later_plain)
        if self._compound.useful:
            minor = self._compound.most_minor(at, base, left, gains, more_minor)
            later_priced, later_plain = self._rest(at, taken, True)
            priced, plain = min(priced, minor * net + later_priced), min(plain, minor * unit + later_plain)
        room = self._room_minor - off_minor
        priced, plain = min(priced, room * net + self._points_max), min(plain, room * unit + self._points_max)
        with_rates = self._extra + priced
        if self._same_rate is None:
            with_rates += sum(map(mul, self._rates, left))
        else:
            with_rates += self._same_rate * (self._amount_minor - off_minor)
        return off_minor * unit + min(with_rates, self._all_points + plain)

    def with_untried(self, scene: Scene, worths: Worths) -> int:
        """The most that any combination is worth, with promotions that were not even computed.

        Roughly, and quickly: as if all lines were free, and earned all the same.
        """
        points, regular = 0, _regular_rate(scene)
        for candidate in self._offers.untried:
            effect = candidate.promotion.effect
            if not isinstance(effect, MONEY):
                gift = points_gift(candidate, effect)
                rate = _rate_of(gift, scene, regular)
                most = -(-self._amount_minor * rate.numerator // rate.denominator) + rate.extra
                points += worths.of(gift.wallet) * min(most, gift.most_points or most)
        free = self._room_minor * worths.denominator
        return free + points + ((self._all_points + self._points_max) >> SHIFT)

    def _rest(self, at: int, taken: int, others: bool) -> tuple[int, int]:
        """What the undecided add at most, one of each free group: net of points that it costs, and plain.

        `others`: without those that compound.
        """
        known = self._rests.get((at, taken, others))
        if known is not None:
            return known
        table = self._others if others else self._all
        alone_minor, by_group = table[at]
        priced, plain = alone_minor * self._net, alone_minor * self._unit
        for group, minor in by_group.items():
            if not taken & self._bits[group]:
                points = self._group_points.get(group, 0)
                priced += max(minor * self._net, points)
                plain += max(minor * self._unit, points)
        self._rests[at, taken, others] = priced, plain
        return priced, plain

    def _read_points(self, scene: Scene, worths: Worths, amounts: Sequence[int]) -> None:
        """The regular points and those of each promotion, as rates of the lines."""
        regular = _regular_rate(scene)
        bonus = self._add(regular, WALLET_BONUS, None, worths, amounts)
        others = 0
        for gift in self._offers.points:
            rate, group = _rate_of(gift, scene, regular), gift.promotion.stacking.group
            if group:
                points = _most(rate, amounts, gift.most_points) * worths.of(gift.wallet) << SHIFT
                self._group_points[group] = max(self._group_points.get(group, 0), points)
                continue
            points = self._add(rate, gift.wallet, gift.most_points, worths, amounts)
            if gift.wallet == WALLET_BONUS:
                bonus += points
            else:
                others += points * worths.of(gift.wallet)
        if scene.points_max is not None:
            bonus = min(bonus, scene.points_max)
        self._all_points = (bonus * worths.of(WALLET_BONUS) + others) << SHIFT

    def _add(self, rate: _Rate, wallet: int, most: int | None, worths: Worths, amounts: Sequence[int]) -> int:
        """Add to the lines' rates or, if it is over its limit, the limit to `extra`. Its points at most."""
        worth, points = worths.of(wallet) << SHIFT, _most(rate, amounts, most)
        if points == most:
            self._extra += points * worth
            return points
        self._extra += rate.extra * worth
        each = -(-rate.numerator * worth // rate.denominator)
        for at in rate.lines:
            self._rates[at] += each
        return points


def _most(rate: _Rate, amounts: Sequence[int], most: int | None) -> int:
    """Points of the whole basket, at most."""
    base = sum([amounts[at] for at in rate.lines])
    points = -(-base * rate.numerator // rate.denominator) + rate.extra
    return points if most is None else min(points, most)


def _regular_rate(scene: Scene) -> _Rate:
    earn, lines = scene.earn, range(len(scene.lines))
    earning = [at for at in lines if scene.earns is None or scene.earns[at]]
    return _Rate(
        earn.points * earn.tier_basis_points,
        earn.per_minor * _BASIS_POINTS,
        _rounded_up(scene, len(earning)) if earn.points else 0,
        earning,
    )


def _rate_of(gift: PointsGift, scene: Scene, regular: _Rate) -> _Rate:
    """A line's regular points are within 2 of its own rate: one by rounding, one by spreading."""
    effect, lines = gift.effect, gift.lines
    match effect:
        case PointsPer():
            return _Rate(effect.points, effect.per_minor, _rounded_up(scene, len(lines)), lines)
        case PointsTimes():
            more = max(0, effect.basis_points - _BASIS_POINTS)
            mine = [at for at in lines if scene.earns is None or scene.earns[at]]
            extra = -(-2 * len(mine) * more // _BASIS_POINTS) + _rounded_up(scene, len(mine))
            if not more or not regular.numerator:
                extra = 0
            return _Rate(regular.numerator * more, regular.denominator * _BASIS_POINTS, extra, mine)
        case PointsFixed() | GiveLot():
            return _Rate(0, 1, effect.points, ())
        case _:
            return _Rate(0, 1, 0, ())


def _rounded_up(scene: Scene, lines: int) -> int:
    """What rounding can add, points."""
    policies = scene.policies
    if policies.rounding is Rounding.DOWN:
        return 0
    return lines if policies.rounding_on is RoundingOn.RULE else 1


def _bits(offers: Offers) -> dict[int, int]:
    """A bit for each group."""
    groups = [offer.group for offer in offers.money]
    groups += [gift.promotion.stacking.group for gift in offers.points]
    return {group: 1 << at for at, group in enumerate(dict.fromkeys(groups)) if group}


def _sums(money: Sequence[Offer | None], groups: dict[int, int]) -> list[tuple[int, dict[int, int]]]:
    """Per promotion, what it and the later ones take off at most: without a group, and the best of each."""
    alone_minor = 0
    rows = [(alone_minor, groups)]
    for offer in reversed(money):
        if offer is not None and offer.group:
            groups = {**groups, offer.group: max(groups.get(offer.group, 0), offer.most_minor)}
        elif offer is not None:
            alone_minor += offer.most_minor
        rows.append((alone_minor, groups))
    return rows[::-1]


def _best_of_rest(offers: Offers, lines: int) -> list[list[int]]:
    """Per competing promotion, the most that it or a later one takes off each line."""
    best, rows = [0] * lines, []
    for offer in reversed(offers.money[: offers.competing]):
        best = list(best)
        for at, minor in zip(offer.money.lines, offer.alone, strict=True):
            best[at] = max(best[at], minor)
        rows.append(best)
    return rows[::-1]
