"""Candidates made ready for the search: computed once by themselves, put in the order of evaluation."""

from typing import Final

from msgspec import Struct

from loyalty.commands.policies import StackingModel
from loyalty.commands.promotions import (
    AmountOff,
    Bundle,
    BuyGet,
    CheapestFree,
    FixedPrice,
    GiveCoupon,
    GiveService,
    PercentOff,
)
from loyalty.engine.promote.ground import Ground
from loyalty.engine.promote.money import MoneyOff, money_off, off, unlimited_minor
from loyalty.engine.promote.points import PointsGift, points_gift
from loyalty.engine.promote.scene import Candidate, Scene
from loyalty.engine.promote.worth import Worths
from loyalty.outcomes import Reason

MONEY: Final = (PercentOff, AmountOff, FixedPrice, CheapestFree, BuyGet, Bundle)
NO_VALUE: Final = (GiveService, GiveCoupon)


class Offer(Struct, frozen=True, gc=False):
    """A promotion that takes money off, with what it does on the till's amounts."""

    money: MoneyOff
    number: int
    group: int
    alone: list[int]  # per line of `money.lines`
    times: int
    most_minor: int  # it never takes more off, whatever else is applied


class Offers(Struct, frozen=True, gc=False):
    """All candidates, sorted out."""

    money: list[Offer]  # in the order of evaluation
    stages: list[int]  # of each: those of one stage compute on the same amounts
    competing: int  # the first so many compete for each line
    points: list[PointsGift]  # that count in the value, in the order of evaluation
    gifts: list[PointsGift]  # that do not
    refused: dict[int, Reason]  # by number
    untried: list[Candidate]  # for which the budget of steps was too small
    steps: int


def offers_of(scene: Scene, ground: Ground, worths: Worths, steps_max: int) -> Offers:
    """Compute every candidate alone, by number, as far as half of the steps go."""
    refused: dict[int, Reason] = {}
    untried: list[Candidate] = []
    money: list[Offer] = []
    points: list[PointsGift] = []
    gifts: list[PointsGift] = []
    compete = scene.policies.stacking is StackingModel.COMPETE_THEN_COMPOUND
    steps = 0
    for candidate in sorted(scene.candidates, key=_number):
        number = candidate.promotion.number
        effect = candidate.promotion.effect
        reason = _held_back(scene, candidate)
        if reason is not None:
            refused[number] = reason
            continue
        if 2 * steps > steps_max:
            untried.append(candidate)
            continue
        steps += 1 + len(candidate.lines)
        if not isinstance(effect, MONEY):
            gift = points_gift(candidate, effect)
            worthless = isinstance(effect, NO_VALUE) or not worths.of(gift.wallet)
            (gifts if worthless else points).append(gift)
            continue
        ready = money_off(candidate, effect)
        steps += 2 * ready.steps - len(candidate.lines) if isinstance(effect, Bundle) else 0
        offer = _alone(ground, ready)
        if offer.most_minor:
            money.append(offer)
        else:
            refused[number] = Reason.NO_EFFECT
    points.sort(key=_order)
    gifts.sort(key=_order)
    rivals = [offer for offer in money if compete and offer.money.promotion.stacking.competes]
    others = [offer for offer in money if not compete or not offer.money.promotion.stacking.competes]
    others.sort(key=_money_order)
    zones = [offer.money.promotion.stacking.zone for offer in others]
    stages = [-1] * len(rivals) + (list(range(len(others))) if compete else zones)
    return Offers(rivals + others, stages, len(rivals), points, gifts, refused, untried, steps)


def _alone(ground: Ground, money: MoneyOff) -> Offer:
    room = ground.amounts
    if any(ground.floors):
        room = [amount - floor for amount, floor in zip(ground.amounts, ground.floors, strict=True)]
    parts, times = off(money, ground, ground.amounts, room)
    most_minor = unlimited_minor(money, ground, parts, times)
    promotion = money.promotion
    return Offer(money, promotion.number, promotion.stacking.group, parts, times, most_minor)


def _held_back(scene: Scene, candidate: Candidate) -> Reason | None:
    """Whether its own limits and budgets, or its funder's, leave nothing."""
    if candidate.times_left is not None and candidate.times_left <= 0:
        return Reason.LIMIT
    purse = scene.purses.get(candidate.promotion.funder)
    effect = candidate.promotion.effect
    if isinstance(effect, MONEY):
        lefts = (candidate.minor_left, purse.minor if purse else None)
    elif isinstance(effect, NO_VALUE):
        return None
    else:
        lefts = (candidate.points_left, purse.points if purse else None)
    return Reason.BUDGET if any(left is not None and left <= 0 for left in lefts) else None


def _number(candidate: Candidate) -> int:
    return candidate.promotion.number


def _order(gift: PointsGift) -> tuple[int, int]:
    return gift.promotion.stacking.zone, gift.promotion.number


def _money_order(offer: Offer) -> tuple[int, int]:
    return offer.money.promotion.stacking.zone, offer.number
