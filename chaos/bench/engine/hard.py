"""Baskets and promotions made to be hard: for the search, for the spending plan, for everything at once."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Final

from msgspec.structs import replace

from chaos.bench.engine import fixtures as fix
from loyalty import commands as cmd
from loyalty.commands import limits as lim
from loyalty.commands.conditions import AnyCondition, OneOf
from loyalty.commands.promotions import (
    AmountOff,
    Audience,
    Bundle,
    BundlePart,
    BuyGet,
    Caps,
    CheapestFree,
    Effect,
    FixedPrice,
    GiveLot,
    GiveService,
    PercentOff,
    PointsFixed,
    PointsPer,
    PointsTimes,
    Promotion,
    Scope,
    Stacking,
    When,
    Where,
)

LINES: Final = lim.RECEIPT_MAX_LINES
APPLICABLE: Final = 100


def sku(number: int) -> str:
    """An article's name."""
    return f"a{number}"


def basket(lines: int = LINES, seed: int = fix.SEED, pieces: int = 3) -> tuple[cmd.Line, ...]:
    """Lines of different articles, each of some pieces."""
    chance = Random(seed)
    return tuple(
        [
            cmd.Line(
                sku(at),
                1000 * chance.randint(1, pieces),
                chance.randrange(1_00, 1000_00),
                cmd.LineKind.GOODS,
            )
            for at in range(lines)
        ]
    )


def some(chance: Random, lines: int, share: float) -> AnyCondition:
    """A random part of the articles."""
    found = [sku(at) for at in range(lines) if chance.random() < share]
    return OneOf("sku", tuple(found or [sku(0)]))


def promotion(number: int, effect: Effect, lines: AnyCondition | None = None, **changes: object) -> Promotion:
    """In force for ever, for everybody, everywhere."""
    plain = Promotion(
        number,
        f"Promotion {number}",
        False,
        When(0, 0),
        Where(),
        Audience(),
        lines,
        None,
        Scope.LINE,
        effect,
        Stacking(),
        Caps(),
        0,
    )
    return replace(plain, **changes)


def percents(lines: int = LINES, count: int = APPLICABLE) -> Iterator[Promotion]:
    """Parts off random lines, in a few groups and zones: whichever is in, the others come to less."""
    chance = Random(fix.SEED)
    for number in range(1, count + 1):
        yield promotion(
            number,
            PercentOff(chance.randrange(100, 5000)),
            some(chance, lines, 0.5),
            stacking=Stacking(chance.randrange(4), chance.choice((0, number % 12))),
        )


def mixed(lines: int = LINES, count: int = APPLICABLE, competes: bool = False) -> Iterator[Promotion]:
    """All effects of money and points."""
    chance = Random(fix.SEED + 1)
    for number in range(1, count + 1):
        effect = _effect(chance, lines)
        scope = chance.choice(tuple(Scope))
        if isinstance(effect, AmountOff) and effect.per_piece:
            scope = Scope.LINE
        yield promotion(
            number,
            effect,
            some(chance, lines, 0.5),
            scope=scope,
            stacking=Stacking(chance.randrange(4), chance.choice((0, number % 12)), competes),
        )


def _effect(chance: Random, lines: int) -> Effect:
    effects: tuple[Effect, ...] = (
        PercentOff(chance.randrange(100, 5000)),
        AmountOff(chance.randrange(100, 5000)),
        AmountOff(chance.randrange(100, 500), True),
        FixedPrice(chance.randrange(100, 5000)),
        CheapestFree(chance.randrange(2, 9)),
        BuyGet(chance.randrange(1, 5), chance.randrange(1, 5), some(chance, lines, 0.5), 5000),
        PointsPer(0, chance.randrange(1, 9), 100),
        PointsTimes(chance.randrange(11_000, 30_000)),
        PointsFixed(0, chance.randrange(1, 999)),
    )
    return chance.choice(effects)


def bundles(lines: int = LINES, count: int = APPLICABLE) -> Iterator[Promotion]:
    """Bundles of eight parts, each of half of the articles."""
    chance = Random(fix.SEED + 2)
    for number in range(1, count + 1):
        parts = tuple(
            [
                BundlePart(some(chance, lines, 0.5), chance.randrange(1, 4))
                for _ in range(lim.BUNDLE_MAX_PARTS)
            ]
        )
        yield promotion(number, Bundle(parts, 100_00), stacking=Stacking(number % 4, number % 12))


def limited_points(count: int = APPLICABLE) -> Iterator[Promotion]:
    """Promotions of points that share a receipt's limit: which of them fill it best is a knapsack."""
    chance = Random(fix.SEED + 3)
    for number in range(1, count + 1):
        if number % 4 == 0:
            yield promotion(number, AmountOff(chance.randrange(100, 999)), scope=Scope.RECEIPT)
        else:
            yield promotion(number, PointsFixed(0, chance.randrange(100, 999)))


def purposes(lines: int = LINES, kind: str = "half") -> Iterator[Promotion]:
    """Promotions that each give a lot with a purpose of its own, to be spent on hard baskets."""
    chance = Random(fix.SEED + 4)
    for number in range(1, lim.MEMBER_MAX_PURPOSE_LOTS + 1):
        at = number - 1
        if kind == "half":
            purpose = some(chance, lines, 0.5)
        elif kind == "chain":  # each reaches a little further than the one before
            step = lines // lim.MEMBER_MAX_PURPOSE_LOTS
            purpose = OneOf(
                "sku", tuple([sku(one) for one in range(at * step, min(lines, (at + 4) * step + 2))])
            )
        elif kind == "few":
            purpose = some(chance, lines, 0.1)
        else:
            purpose = some(chance, lines, 0.02)
        points = chance.randrange(1, 2 * lines * 150_00 // lim.MEMBER_MAX_PURPOSE_LOTS)
        yield promotion(number, GiveLot(0, points, purpose, 0, 300, 100 + at % 50))


def receipts(numbers: Sequence[int]) -> Iterator[cmd.ReceiptId]:
    """Identities."""
    return (cmd.ReceiptId(2, 9, number, fix.TODAY) for number in numbers)


def everything(lines: int = LINES) -> Iterator[Promotion]:
    """Thirty-two promotions that all apply together: money off, points, lots with a purpose, services."""
    chance = Random(fix.SEED + 5)
    for number in range(1, lim.RECEIPT_MAX_APPLIED + 1):
        effects: tuple[Effect, ...] = (
            PercentOff(100),
            PointsPer(0, 5, 100),
            GiveLot(0, 100, some(chance, lines, 0.5), 0, 300),
            GiveService("ski", 2, 300),
        )
        caps = Caps(member_times=1000, total_times=10**6)
        yield promotion(number, effects[number % 4], some(chance, lines, 0.8), caps=caps, funder=number % 2)
