"""What each key of a file means: the other tests would not notice two that were swapped both ways."""

import pytest

from loyalty.commands import (
    Currency,
    Gift,
    GiftDay,
    Policies,
    Rules,
    Shortfall,
    Tier,
    TierPeriod,
    UnknownStore,
    Wallet,
    WalletKind,
    Worth,
)
from loyalty.commands import policies as pol
from loyalty.commands.conditions import AttributeType, OneOf
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
    GiveCoupon,
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
from loyalty.text.files import read_programme, read_promotions
from tests.loyalty.published import CURRENCIES, RULES

DAY_MS = 86_400_000
SKI = OneOf("category", ("ski",))
CLUB = Rules(**{**{name: getattr(RULES, name) for name in RULES.__struct_fields__}, "currencies": CURRENCIES})

A, B = OneOf("sku", ("A",)), OneOf("sku", ("B",))
EFFECTS = [  # as it is written, the effect
    ('"percent_off", percent = 12.5', PercentOff(1250)),
    ('"amount_off", amount = 5', AmountOff(500)),
    ('"amount_off", amount = 0.05, per_piece = true', AmountOff(5, True)),
    ('"fixed_price", price = 19.90', FixedPrice(1990)),
    ('"cheapest_free", of_pieces = 3', CheapestFree(3, 1)),
    ('"cheapest_free", of_pieces = 5, free_pieces = 2', CheapestFree(5, 2)),
    ('"buy_get", buy_pieces = 3, get_pieces = 1', BuyGet(3, 1, None, 10_000)),
    ('"buy_get", buy_pieces = 1, get_pieces = 2, get = "sku = A", percent = 50', BuyGet(1, 2, A, 5000)),
    (
        '"bundle", price = 99, parts = [{lines = "sku = A", pieces = 1}, {lines = "sku = B", pieces = 2}]',
        Bundle((BundlePart(A, 1), BundlePart(B, 2)), 9900),
    ),
    ('"points_per", points = 2, per = 1.50', PointsPer(0, 2, 150)),
    ('"points_per", wallet = 3, points = 2, per = 1', PointsPer(3, 2, 100)),
    ('"points_times", times = 1.25', PointsTimes(12_500)),
    ('"points_fixed", wallet = 1, points = 7', PointsFixed(1, 7)),
    ('"give_lot", points = 7, window_days = 30', GiveLot(0, 7, None, 0, 30, 128)),
    (
        '"give_lot", wallet = 1, points = 7, purpose = "sku = A", delay_days = 2, window_days=3, priority=4',
        GiveLot(1, 7, A, 2, 3, 4),
    ),
    ('"give_service", service = "wash", times = 2, window_days = 365', GiveService("wash", 2, 365)),
    ('"give_coupon", promotion = 9, window_days = 14', GiveCoupon(9, 14)),
]


@pytest.mark.parametrize(("written", "effect"), EFFECTS)
def test_effects(written: str, effect: Effect) -> None:
    """Each kind, with and without what may be left out."""
    text = f'[[promotion]]\nnumber = 1\nname = "One"\neffect = {{ kind = {written} }}'
    assert read_promotions(text, CLUB)[0].effect == effect


def test_a_promotion_that_says_least() -> None:
    """Everywhere, always, for everybody, over all goods."""
    text = '[[promotion]]\nnumber = 1\nname = "One"\neffect = { kind = "fixed_price", price = 1 }'
    audience, stacking = Audience(), Stacking()
    assert read_promotions(text, CLUB) == (
        Promotion(
            1,
            "One",
            False,
            When(0, 0),
            Where(),
            audience,
            None,
            None,
            Scope.LINE,
            FixedPrice(100),
            stacking,
            Caps(),
            0,
        ),
    )


def test_a_promotion_that_says_everything() -> None:
    """Dinars have three decimals."""
    text = """
        [[promotion]]
        number = 1
        name = "One"
        paused = true
        currency = "KWD"
        lines = "amount >= 1.5"
        receipt = "channel = web"
        scope = "receipt"
        funder = 2
        effect = { kind = "amount_off", amount = 0.125 }
        [promotion.when]
        from = 1970-01-02
        until = 1970-01-03T12:00:00Z
        weekdays = ["monday", "sunday"]
        from_time = "08:30"
        until_time = "24:00"
        [promotion.where]
        countries = ["KW"]
        cities = ["Kuwait"]
        partners = [3]
        stores = [4, 5]
        channels = ["shop"]
        [promotion.who]
        tiers = ["gold"]
        segments = ["families"]
        birthday_before_days = 6
        birthday_after_days = 7
        first_purchase = true
        coupon = true
        [promotion.stacking]
        zone = 8
        group = 9
        competes = true
        [promotion.caps]
        receipt_money = 0.010
        receipt_points = 11
        receipt_times = 12
        member_times = 13
        member_day_times = 14
        total_times = 15
        budget_money = 0.016
        budget_points = 17
    """
    (promotion,) = read_promotions(text, CLUB)
    assert (promotion.number, promotion.name, promotion.paused, promotion.currency) == (1, "One", True, "KWD")
    assert (promotion.scope, promotion.funder, promotion.effect) == (Scope.RECEIPT, 2, AmountOff(125))
    assert promotion.receipt == OneOf("channel", ("web",))
    assert promotion.when == When(DAY_MS, 5 * DAY_MS // 2, 0b100_0001, 510, 1440)
    assert promotion.where == Where(("KW",), ("Kuwait",), (3,), (4, 5), ("shop",))
    assert promotion.who == Audience(("gold",), ("families",), 6, 7, True, True)
    assert promotion.stacking == Stacking(8, 9, True)
    assert promotion.caps == Caps(10, 11, 12, 13, 14, 15, 16, 17)


EVERYTHING = """
[programme]
name = "Club"
currency = "EUR"
exponent = 2
countries = ["AT", "JP"]
unknown_store = "utc"
earn_points = 1
earn_per = 0.02
earn_delay_days = 3
channel_delay_days = { web = 14, app = 15 }
no_earn = "category = ski"
receipt_max_points = 4
member_day_max_points = 5
lot_window_days = 6
ending_soon_days = 7
welcome_points = 8
welcome_window_days = 9
point_value = 0.10
point_value_points = 11
spend_unit_points = 12
line_limit_percent = 13
receipt_limit_percent = 14.5
no_spend = "category = ski"
late_receipt_max_days = 15
shortfall = "cash"
tier_period = "rolling_months"
tier_months = 16
tier_grace_days = 17
attributes = { category = "text", nights = "number", list_price = "money", weight = "quantity" }
[programme.policies]
rounding = "half_even"
rounding_on = "rule"
distribution = "first_takes_rest"
line_floor = "line"
base_tax = "without"
base_discounts = "before"
blocks = "whole"
same_receipt = "at_once"
window_end = "next_year"
returned_lot = "grace_days"
return_of_earned = "by_value"
stacking = "compete_then_compound"
tier_boundary = "above"
grace_days = 18
[[programme.currencies]]
code = "JPY"
exponent = 0
earn_points = 19
earn_per = 20
turnover = 0.21
turnover_per = 22
[[programme.wallets]]
number = 1
name = "Miles"
kind = "partner"
partner = 23
spend_unit_points = 24
[[programme.worths]]
wallet = 1
currency = "JPY"
value = 25
points = 26
from = 1970-01-02
until = 1970-01-03
[[programme.tiers]]
name = "blue"
from = 0.27
earn_times = 2.8
[[programme.gifts]]
number = 29
day = "anniversary"
wallet = 1
points = 30
before_days = 31
after_days = 32
priority = 33
purpose = "category = ski"
"""


def test_rules_that_say_everything() -> None:
    """No two values are alike, as far as there are enough."""
    assert read_programme(EVERYTHING).rules == Rules(
        name="Club",
        currency="EUR",
        earn_points=1,
        earn_per_minor=2,
        earn_delay_days=3,
        lot_window_days=6,
        point_value_minor=10,
        point_value_points=11,
        spend_unit_points=12,
        line_limit_basis_points=1300,
        receipt_limit_basis_points=1450,
        welcome_points=8,
        welcome_window_days=9,
        late_receipt_max_days=15,
        ending_soon_days=7,
        shortfall=Shortfall.CASH,
        unknown_store=UnknownStore.UTC,
        exponent=2,
        countries=("AT", "JP"),
        currencies=(Currency("JPY", 0, 19, 20, 21, 22),),
        wallets=(Wallet(1, "Miles", WalletKind.PARTNER, 23, 24),),
        worths=(Worth(1, "JPY", 25, 26, DAY_MS, 2 * DAY_MS),),
        tiers=(Tier("blue", 27, 28_000),),
        tier_period=TierPeriod.ROLLING_MONTHS,
        tier_months=16,
        tier_grace_days=17,
        gifts=(Gift(29, GiftDay.ANNIVERSARY, 1, 30, 31, 32, 33, SKI),),
        channel_delays=(("app", 15), ("web", 14)),
        no_spend=SKI,
        no_earn=SKI,
        attributes=(
            ("category", AttributeType.TEXT),
            ("list_price", AttributeType.MONEY),
            ("nights", AttributeType.NUMBER),
            ("weight", AttributeType.QUANTITY),
        ),
        receipt_max_points=4,
        member_day_max_points=5,
        policies=Policies(
            pol.Rounding.HALF_EVEN,
            pol.RoundingOn.RULE,
            pol.Distribution.FIRST_TAKES_REST,
            pol.LineFloor.LINE,
            pol.Tax.WITHOUT,
            pol.Discounts.BEFORE,
            pol.Blocks.WHOLE,
            pol.SameReceipt.AT_ONCE,
            pol.WindowEnd.NEXT_YEAR,
            pol.ReturnedLot.GRACE_DAYS,
            pol.ReturnOfEarned.BY_VALUE,
            pol.StackingModel.COMPETE_THEN_COMPOUND,
            pol.TierBoundary.ABOVE,
            18,
        ),
    )


def test_partners_and_stores_that_say_everything() -> None:
    """And a store in UTC."""
    _, (partner,), (store,), _, _ = read_programme(
        EVERYTHING
        + """
        [[partner]]
        number = 1
        name = "Berg"
        funds_money = 0.02
        funds_points = 3
        [[store]]
        number = 4
        name = "Tokyo"
        zone = "Asia/Tokyo"
        partner = 1
        country = "JP"
        city = "Tokyo"
        channel = "web"
        currency = "JPY"
        """
    )
    assert (partner.partner, partner.name, partner.funds_minor, partner.funds_points) == (1, "Berg", 2, 3)
    assert (store.store, store.name, store.zone, store.partner) == (4, "Tokyo", ((0, 32_400),), 1)
    assert (store.country, store.city, store.channel, store.currency) == ("JP", "Tokyo", "web", "JPY")
