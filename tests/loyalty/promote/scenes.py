"""Random small scenes of everything that there is, from a seed: quick to make, to try thousands."""

from collections.abc import Sequence
from random import Random

from hypothesis import strategies as st

from loyalty.commands.basket import Line, LineKind
from loyalty.commands.conditions import OneOf
from loyalty.commands.policies import (
    Blocks,
    Discounts,
    Distribution,
    LineFloor,
    Policies,
    Rounding,
    RoundingOn,
    StackingModel,
    Tax,
)
from loyalty.commands.promotions import (
    AmountOff,
    Bundle,
    BundlePart,
    BuyGet,
    Caps,
    CheapestFree,
    Effect,
    FixedPrice,
    GiveCoupon,
    GiveLot,
    GiveService,
    PercentOff,
    PointsFixed,
    PointsPer,
    PointsTimes,
)
from loyalty.engine.promote import Candidate, Earn, Purse, Scene, Spent
from loyalty.engine.promote.scene import Spend
from tests.loyalty.promote.kit import candidate, promotion, scene

_ANY = OneOf("sku", ("any",))
_BASIS_POINTS = (1, 333, 1000, 2000, 5000, 6000, 9999, 10_000)


def scenes(most_candidates: int = 5, most_lines: int = 4) -> st.SearchStrategy[Scene]:
    """Small enough to try every set of promotions."""
    return st.integers(0, 2**64 - 1).map(lambda seed: scene_of(Random(seed), most_candidates, most_lines))


def scene_of(random: Random, most_candidates: int, most_lines: int) -> Scene:
    """Half of the scenes are tight: small amounts, money off only, much of it on the same lines."""
    tight = random.random() < 0.5
    basket = [_line(random, tight) for _ in range(random.randint(1 + tight, most_lines))]
    goods = [at for at, line in enumerate(basket) if line.kind is LineKind.GOODS]
    count = random.randint(1, most_candidates) if goods else 0
    return scene(
        basket,
        [_candidate(random, number, goods, tight) for number in random.sample(range(1, 99), count)],
        _policies(random),
        earn=random.choice([Earn(0, 1), Earn(1, 100), Earn(3, 200, 12_500), Earn(50, 100)]),
        worths={0: random.choice([(1, 1), (1, 3), (5, 1)]), 1: (2, 7)},
        earns=[random.random() < 0.8 for _ in basket] if random.random() < 0.3 else None,
        points_max=random.choice([0, 25, 60]) if random.random() < 0.25 else None,
        purses=random.choice(
            [{7: Purse(100, None)}, {7: Purse(None, 30)}, {7: Purse(20, 20)}, {7: Purse(0, 0)}]
        )
        if random.random() < 0.25
        else None,
        spend=_spend(random) if random.random() < 0.4 else None,
    )


def _line(random: Random, tight: bool) -> Line:
    """Of one to three pieces or weighed, some with tax or floors, some no goods at all."""
    amount = random.choice([0, 1, 99, 100, 333, 1000, 1500, 8990, random.randint(1, 3000)])
    if tight:
        amount = random.randint(1, 30)
    return Line(
        "sku",
        random.choice([1000, 1000, 2000, 3000, 1234]),
        amount,
        random.choice([LineKind.GOODS] * 8 + [LineKind.DELIVERY, LineKind.GIFT_CARD]),
        tax_minor=amount * random.choice([0, 0, 7, 17]) // 100,
        floor_minor=random.choice([0, 0, amount // 2, amount, 500]),
    )


def _policies(random: Random) -> Policies:
    return Policies(
        rounding=random.choice(list(Rounding)),
        rounding_on=random.choice(list(RoundingOn)),
        distribution=random.choice(list(Distribution)),
        line_floor=random.choice(list(LineFloor)),
        base_tax=random.choice(list(Tax)),
        base_discounts=random.choice(list(Discounts)),
        blocks=random.choice(list(Blocks)),
        stacking=random.choice(list(StackingModel)),
    )


def _candidate(random: Random, number: int, goods: Sequence[int], tight: bool) -> Candidate:
    """Matching some of the goods."""
    money, points = _money(random, tight), _points(random)
    effect: Effect = random.choice(money if tight or random.random() < 0.5 else points)
    matched = sorted(random.sample(goods, random.randint(1, len(goods))))
    get = sorted(random.sample(goods, random.randint(1, len(goods))))
    cut = random.randint(0, len(matched))
    seldom = random.random
    published = promotion(
        number,
        effect,
        zone=random.randint(0, 2),
        group=random.choice([0, 0, 0, 1, 2]),
        competes=random.random() < 0.5,
        receipt=random.random() < 0.5,
        funder=random.choice([0, 0, 7]),
        caps=Caps(
            receipt_minor=150 if seldom() < 0.1 else 0,
            receipt_points=15 if seldom() < 0.1 else 0,
            receipt_times=1 if seldom() < 0.1 else 0,
        ),
    )
    return candidate(
        published,
        matched,
        get=get if isinstance(effect, BuyGet) and effect.get is not None else None,
        parts=(matched[:cut], matched[cut:]) if isinstance(effect, Bundle) else (),
        minor_left=random.choice([0, 7, 120]) if seldom() < 0.1 else None,
        points_left=random.choice([0, 7, 120]) if seldom() < 0.1 else None,
        times_left=random.choice([0, 1]) if seldom() < 0.1 else None,
    )


def _money(random: Random, tight: bool) -> list[Effect]:
    basis_points = random.choice(_BASIS_POINTS[2:] if tight else _BASIS_POINTS)
    small = random.randint(1, 20) if tight else random.choice([1, 100, 500, 5000])
    one, other = random.randint(1, 2), random.randint(1, 2)
    return [
        PercentOff(basis_points),
        AmountOff(small, random.random() < 0.5),
        FixedPrice(small // 2),
        CheapestFree(one + other, one),
        BuyGet(one, other, random.choice([None, _ANY]), basis_points),
        Bundle((BundlePart(_ANY, one), BundlePart(_ANY, other)), small // 2),
    ]


def _points(random: Random) -> list[Effect]:
    wallet = random.choice([0, 0, 1, 2])  # 2 is worth nothing
    points = random.choice([1, 20, 50, 500])
    return [
        PointsPer(wallet, random.randint(1, 5), random.choice([1, 100, 700])),
        PointsTimes(random.choice([5000, 15_000, 20_000, 100_000])),
        PointsFixed(wallet, points),
        GiveLot(wallet, points, None, 0, 0),
        GiveService("tune-up", 1, 365),
        GiveCoupon(9, 30),
    ]


def _spend(random: Random) -> Spend:
    """Pay a share of each line in whole units; lines from some place on are paid by general points."""
    limit, unit, general_from = (
        random.choice([3000, 10_000]),
        random.choice([1, 10, 100]),
        random.randint(0, 2),
    )

    def spend(left: Sequence[int]) -> Spent:
        minor = [part * limit // 10_000 // unit * unit for part in left]
        return Spent(minor, sum(minor[general_from:]))

    return spend
