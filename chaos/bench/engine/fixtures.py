"""A club to measure, from a seed: rules, partners, stores, promotions, members, baskets.

The same seed gives the same club; `digest_of` is kept in the tests, so that nobody changes it unnoticed.
"""

from collections.abc import Iterator
from random import Random
from typing import Final

from loyalty import commands as cmd
from loyalty.commands.conditions import All, AnyCondition, AttributeType, OneOf, Within
from loyalty.commands.promotions import (
    AmountOff,
    Audience,
    Caps,
    CheapestFree,
    Effect,
    PercentOff,
    PointsFixed,
    PointsPer,
    PointsTimes,
    Scope,
    Stacking,
    When,
    Where,
)

SEED: Final = 20261122
NOW_MS: Final = 1_795_348_800_000  # 2026-11-22 12:00 UTC
TODAY: Final = 20261122
DAY_MS: Final = 86_400_000
PROGRAMME: Final = 1
PARTNERS: Final = 6
STORES: Final = 24
PROMOTIONS: Final = 300
BRANDS: Final = 60  # that promotions are about; baskets know more
WELCOME_POINTS: Final = 500
HIT: Final = "hit"  # the brand that ten promotions are about, six of them in conflict
HIT_FROM: Final = PROMOTIONS - 9  # their numbers
PLAIN: Final = "plain"  # a brand that none is about
VIENNA: Final = ((0, 3600), (1_774_746_000_000, 7200), (1_792_890_000_000, 3600))

KINDS: Final[dict[type[cmd.Command], cmd.Kind]] = {
    cmd.Enrol: cmd.Kind.ENROL,
    cmd.Confirm: cmd.Kind.CONFIRM,
    cmd.ReturnLines: cmd.Kind.RETURN_LINES,
    cmd.VoidReceipt: cmd.Kind.VOID_RECEIPT,
    cmd.CorrectReceipt: cmd.Kind.CORRECT_RECEIPT,
    cmd.Hold: cmd.Kind.HOLD,
    cmd.Capture: cmd.Kind.CAPTURE,
    cmd.CancelHold: cmd.Kind.CANCEL_HOLD,
    cmd.UseService: cmd.Kind.USE_SERVICE,
    cmd.DefineProgramme: cmd.Kind.DEFINE_PROGRAMME,
    cmd.DefineStore: cmd.Kind.DEFINE_STORE,
    cmd.DefinePartner: cmd.Kind.DEFINE_PARTNER,
    cmd.PublishPromotion: cmd.Kind.PUBLISH_PROMOTION,
    cmd.PausePromotion: cmd.Kind.PAUSE_PROMOTION,
    cmd.IssueCoupon: cmd.Kind.ISSUE_COUPON,
    cmd.Adjust: cmd.Kind.ADJUST,
    cmd.ChangeMember: cmd.Kind.CHANGE_MEMBER,
    cmd.MergeMembers: cmd.Kind.MERGE_MEMBERS,
}


def rules() -> cmd.Rules:
    """A club with three tiers; points earned may be spent at once, and pay 30 % of a line."""
    return cmd.Rules(
        name="Bench",
        currency="EUR",
        earn_points=5,
        earn_per_minor=100,
        earn_delay_days=0,
        lot_window_days=365,
        point_value_minor=1,
        point_value_points=1,
        spend_unit_points=1,
        line_limit_basis_points=3000,
        receipt_limit_basis_points=3000,
        welcome_points=WELCOME_POINTS,
        welcome_window_days=90,
        late_receipt_max_days=30,
        ending_soon_days=30,
        shortfall=cmd.Shortfall.NEGATIVE,
        unknown_store=cmd.UnknownStore.UTC,
        tiers=(
            cmd.Tier("blue", 0, 10_000),
            cmd.Tier("silver", 50_000_00, 11_000),
            cmd.Tier("gold", 200_000_00, 12_000),
        ),
        attributes=(("brand", AttributeType.TEXT), ("season", AttributeType.TEXT)),
    )


def published(partners: int = PARTNERS, stores: int = STORES) -> Iterator[cmd.Command]:
    """The programme, its partners and its stores."""
    yield cmd.DefineProgramme(rules())
    for number in range(1, partners + 1):
        limit_minor = 10**12 if number % 2 else 0  # a funder with a limit is counted with every receipt
        yield cmd.DefinePartner(number, f"Partner {number}", limit_minor, limit_minor)
    for number in range(1, stores + 1):
        partner = number % (partners + 1)
        yield cmd.DefineStore(number, f"Store {number}", VIENNA, partner, "AT", f"city {number % 200}")


def promotions(count: int = PROMOTIONS, seed: int = SEED) -> Iterator[cmd.PublishPromotion]:
    """Live ones: most about a brand, some about stores or with coupons; the last ten about `HIT`."""
    chance = Random(seed)
    for number in range(1, count - 9):
        yield cmd.PublishPromotion(_promotion(chance, number))
    for place in range(10):
        yield cmd.PublishPromotion(_hit(place, count - 9 + place))


def _promotion(chance: Random, number: int) -> cmd.Promotion:
    where, who = Where(countries=("AT", "DE")), Audience()
    lines: AnyCondition | None = OneOf("brand", (brand(chance.randrange(BRANDS)),))
    kind = chance.randrange(10)
    if kind == 0:
        lines, where = None, Where(stores=(chance.randrange(STORES // 2) * 2 + 1,))  # odd ones only
    elif kind == 1:
        who = Audience(coupon=True)
    elif kind == 2:
        lines = All((lines, Within("unit_price", 50_00, None))) if lines is not None else None
    return cmd.Promotion(
        number,
        f"Promotion {number}",
        False,
        When(NOW_MS - 30 * DAY_MS, NOW_MS + 30 * DAY_MS),
        where,
        who,
        lines,
        None,
        Scope.LINE,
        _effect(chance),
        Stacking(chance.randrange(3), chance.choice((0, 0, 0, 1 + number % 20))),
        Caps(member_day_times=chance.choice((0, 0, 0, 1000))),
        chance.choice((0, 0, 1 + number % PARTNERS)),
    )


def _effect(chance: Random) -> Effect:
    effects: tuple[Effect, ...] = (
        PercentOff(chance.randrange(5, 40) * 100),
        AmountOff(chance.randrange(1, 10) * 100),
        CheapestFree(3),
        PointsTimes(20_000),
        PointsPer(0, 5, 100),
        PointsFixed(0, 100),
    )
    return chance.choice(effects)


def _hit(place: int, number: int) -> cmd.Promotion:
    """Two groups of three that exclude one another, two more of money, two of points."""
    effects: tuple[Effect, ...] = (
        *[PercentOff(1000 + 500 * place) for place in range(3)],
        *[AmountOff(300 + 100 * place) for place in range(3)],
        PercentOff(500),
        AmountOff(50),
        PointsTimes(20_000),
        PointsFixed(0, 50),
    )
    return cmd.Promotion(
        number,
        f"Hit {place}",
        False,
        When(NOW_MS - DAY_MS, NOW_MS + 365 * DAY_MS),
        Where(),
        Audience(),
        OneOf("brand", (HIT,)),
        None,
        Scope.LINE,
        effects[place],
        Stacking(place // 3 if place < 6 else 2, 1001 + place // 3 if place < 6 else 0),
        Caps(total_times=10**9) if place in (0, 6) else Caps(),
        1 if place == 7 else 0,
    )


def brand(number: int) -> str:
    """A brand's name."""
    return f"brand-{number}"


def line(sku: int, amount_minor: int, of: str, quantity_milli: int = 1000) -> cmd.Line:
    """A line of goods."""
    attributes = (("brand", of), ("season", "winter"))
    return cmd.Line(
        f"4006381{sku:06d}", quantity_milli, amount_minor, cmd.LineKind.GOODS, attributes=attributes
    )


def three_lines(of: str) -> tuple[cmd.Line, ...]:
    """The usual basket: 118.23 EUR."""
    return (line(1, 89_90, of), line(2, 25_00, of, 2000), line(3, 3_33, of, 1234))


def forty_lines(chance: Random) -> tuple[cmd.Line, ...]:
    """A cart full of everything."""
    return tuple(
        [
            line(
                chance.randrange(10**6),
                chance.randrange(1_00, 300_00),
                brand(chance.randrange(BRANDS)),
                chance.choice((1000, 1000, 2000, 3000)),
            )
            for _ in range(40)
        ]
    )


def phone(number: int) -> str:
    """Of the so-manieth member."""
    return f"+4366{number:09d}"


def purchase(
    number: int,
    member: cmd.Who,
    lines: tuple[cmd.Line, ...],
    points: int = 0,
    store: int = 2,
    mode: cmd.SpendMode = cmd.SpendMode.UP_TO,
) -> cmd.Confirm:
    """A purchase under a receipt identity of its own; `points` 0: paid with money alone."""
    receipt = cmd.ReceiptId(store, 3, number, TODAY)
    wish = mode if points else cmd.SpendMode.NONE
    return cmd.Confirm(receipt, member, 0, lines, points, wish, b"", False, False)


def quote(
    member: cmd.Who, lines: tuple[cmd.Line, ...], points: int = 0, store: int = 2, coupons: cmd.Coupons = ()
) -> cmd.Quote:
    """The same as a question."""
    wish = cmd.SpendMode.UP_TO if points else cmd.SpendMode.NONE
    return cmd.Quote(PROGRAMME, member, store, 0, lines, points, wish, 0, coupons)
