"""Deciding one promotion after the other, in the order of evaluation, and what is left of the lines.

By zone, all promotions of a zone compute on what the earlier zones left; together they take no more than is
there, those with lower numbers first. In the competition all compute on the till's amounts and each line
takes the largest only, of equal ones that with the lower number. What is the largest on a line when its turn
comes, in the order of numbers, claims its funder's money, also if a later one is larger still.
"""

from collections.abc import Mapping, Sequence
from operator import le
from typing import NamedTuple

from loyalty.engine.promote.bound import Bound
from loyalty.engine.promote.ground import Ground, cut
from loyalty.engine.promote.money import off
from loyalty.engine.promote.offers import Offer, Offers
from loyalty.engine.promote.scene import Purse


class Taken(NamedTuple):
    """What one promotion takes off: `parts` per line of `offer.money.lines`."""

    place: int  # in the order of evaluation
    offer: Offer
    parts: Sequence[int]
    times: int


class Stage:
    """The amounts that one stage computes on, and what its promotions said of them."""

    def __init__(self, number: int, base: Sequence[int], floors: Sequence[int]) -> None:
        self.number = number
        self.base = base
        self.room = [minor - floor for minor, floor in zip(base, floors, strict=True)]
        self.said: dict[int, tuple[list[int], int]] = {}  # by place in the order


class Node(NamedTuple):
    """A partial decision: promotions before `at` are in or out."""

    at: int
    stage: Stage
    left: Sequence[int]  # minor units per line
    off_minor: int
    chosen: tuple[Taken, ...]
    taken: int  # bits of groups
    tops: Sequence[int]  # per line, the largest of the competition so far ...
    winners: Sequence[int]  # ... and its place; -1: nobody's
    purses: Mapping[int, int]  # what funders still pay


class Walk:
    """Steps through the decisions of one scene; counts what it computes."""

    def __init__(self, ground: Ground, offers: Offers, bound: Bound, purses: Mapping[int, Purse]) -> None:
        self.ground = ground
        self.offers = offers
        self.bound = bound
        self.steps = offers.steps
        stage = Stage(offers.stages[0] if offers.stages else -1, ground.amounts, ground.floors)
        for at, offer in enumerate(offers.money):
            if offers.stages[at] == stage.number:
                stage.said[at] = offer.alone, offer.times
        limits = {funder: purse.minor for funder, purse in purses.items() if purse.minor is not None}
        none = [0] * len(ground.amounts)
        self.start = Node(0, stage, ground.amounts, 0, (), 0, none, [-1] * len(none), limits)

    def enter(self, node: Node) -> Node:
        """Begin the stage of the next promotion, if it is another one."""
        number = self.offers.stages[node.at]
        if number == node.stage.number:
            return node
        return node._replace(stage=Stage(number, node.left, self.ground.floors))

    def with_next(self, node: Node) -> Node | None:
        """The next promotion is in; None if it may not be, or would change nothing."""
        offer = self.offers.money[node.at]
        bit = self.bound.bit(offer.group)
        if node.taken & bit:
            return None
        parts, times = self._taken_off(node, offer)
        funder = offer.money.promotion.funder
        parts = cut(parts, node.purses.get(funder))
        left, tops, winners = list(node.left), node.tops, node.winners
        if node.at < self.offers.competing:
            tops, winners = list(tops), list(winners)
            gain = _compete(node.at, offer.money.lines, parts, tops, winners, left)
            if not node.purses and any(one.place not in winners for one in node.chosen):
                return None  # the same without one that has lost all its lines is another decision
        else:
            gain = sum(parts)
            for line, part in zip(offer.money.lines, parts, strict=True):
                left[line] -= part
        if not gain:
            return None
        purses = node.purses
        if funder in purses:
            purses = {**purses, funder: purses[funder] - sum(parts)}
        chosen = (*node.chosen, Taken(node.at, offer, parts, times))
        off_minor = node.off_minor + gain
        at, groups = node.at + 1, node.taken | bit
        return Node(at, node.stage, left, off_minor, chosen, groups, tops, winners, purses)

    def _taken_off(self, node: Node, offer: Offer) -> tuple[list[int], int]:
        """What the promotion takes off on the stage's amounts, as far as there is room by now."""
        stage, money = node.stage, offer.money
        said = stage.said.get(node.at)
        if said is None:
            said = stage.said[node.at] = off(money, self.ground, stage.base, stage.room)
            self.steps += money.steps
        parts, times = said
        if node.at < self.offers.competing:
            return parts, times
        left, floors = node.left, self.ground.floors
        room = [left[line] - floors[line] for line in money.lines]
        if all(map(le, parts, room)):
            return parts, times
        self.steps += money.steps
        if money.pooled:
            every = [minor - floor for minor, floor in zip(left, floors, strict=True)]
            return off(money, self.ground, stage.base, every)
        return list(map(min, parts, room)), times


def _compete(
    place: int,
    lines: Sequence[int],
    parts: Sequence[int],
    tops: list[int],
    winners: list[int],
    left: list[int],
) -> int:
    """Put the parts that are larger than the largest so far in their place; how much more is off."""
    gain = 0
    for line, part in zip(lines, parts, strict=True):
        more = part - tops[line]
        if more > 0:
            tops[line] = part
            winners[line] = place
            left[line] -= more
            gain += more
    return gain
