"""A club of several partners for histories: its rules, stores and promotions, drawn from a seed.

Small numbers of everything, so that commands meet: four articles, twelve promotions, three partners, four
stores in two currencies, three wallets.
"""

from random import Random
from typing import Any, Final, get_type_hints

from loyalty import commands as cmd
from loyalty.commands import promotions as pro
from loyalty.commands.conditions import AnyCondition, AttributeType, Bought, Measure, OneOf
from loyalty.engine.programmes import BUILT_IN
from tests.loyalty.kit import NOON

SKUS: Final = ("ski", "wax", "boot", "helm")
BRANDS: Final = ("nordkap", "alpin")
STORES: Final = (17, 18, 19, 20)  # 19 sells in Czech crowns; 20 was never registered
PROMOTIONS: Final = 12
PARTNERS: Final = (1, 2, 3)
HOUR_MS: Final = 3_600_000
OF_BERLIN: Final = ((0, 3600), (1_774_746_000_000, 7200), (1_792_890_000_000, 3600))


def rules(**changes: Any) -> cmd.Rules:
    """The built-in ones with wide limits, and some values changed."""
    values = {name: getattr(BUILT_IN.rules, name) for name in cmd.Rules.__struct_fields__}
    fine = {"late_receipt_max_days": 366, "welcome_window_days": 2}
    limits = {"line_limit_basis_points": 9000, "receipt_limit_basis_points": 9000}
    return cmd.Rules(**(values | fine | limits | changes))


def policies(chance: Random) -> cmd.Policies:
    """Any value of every policy."""
    kinds = get_type_hints(cmd.Policies)
    days = kinds.pop("grace_days") and chance.choice([0, 1, 5])
    return cmd.Policies(**{name: chance.choice(list(kind)) for name, kind in kinds.items()}, grace_days=days)


def club_rules(chance: Random) -> cmd.Rules:
    """A whole programme: tiers, gifts, wallets, another currency; any policies, any limits."""
    return rules(
        earn_points=chance.choice([5, 50]),
        earn_delay_days=chance.choice([0, 0, 1, 2]),
        lot_window_days=chance.choice([0, 1, 3, 10]),
        shortfall=chance.choice(list(cmd.Shortfall)),
        unknown_store=cmd.UnknownStore.UTC,
        welcome_window_days=chance.choice([0, 2]),
        line_limit_basis_points=chance.choice([9000, 10_000]),
        receipt_limit_basis_points=chance.choice([3000, 9000, 10_000]),
        currencies=(cmd.Currency("CZK", 2, 5, 2500, 1, 25),),
        wallets=(
            cmd.Wallet(1, "club", cmd.WalletKind.BONUS, 0, 5),
            cmd.Wallet(2, "nordkap", cmd.WalletKind.PARTNER, 2, 1),
        ),
        worths=(cmd.Worth(1, "", 3, 5), cmd.Worth(2, "", 1, 1), cmd.Worth(0, "CZK", 25, 1)),
        tiers=(
            cmd.Tier("blue", 0, 10_000),
            cmd.Tier("silver", 20_000, 12_500),
            cmd.Tier("gold", 60_000, 20_000),
        ),
        tier_period=chance.choice(list(cmd.TierPeriod)),
        tier_months=chance.choice([1, 12]),
        tier_grace_days=chance.choice([0, 30]),
        gifts=(
            cmd.Gift(1, cmd.GiftDay.BIRTHDAY, 0, 300, 3, 10, 100, None),
            cmd.Gift(2, cmd.GiftDay.BIRTHDAY, 1, 50, 1, 20, 128, OneOf("sku", ("wax", "boot"))),
            cmd.Gift(3, cmd.GiftDay.ANNIVERSARY, 0, 70, 0, 5, 128, None),
        ),
        channel_delays=(("web", chance.choice([0, 2])),),
        no_spend=chance.choice([None, None, OneOf("sku", ("helm",))]),
        no_earn=chance.choice([None, None, OneOf("sku", ("helm",))]),
        attributes=(("brand", AttributeType.TEXT),),
        receipt_max_points=chance.choice([0, 0, 2000]),
        member_day_max_points=chance.choice([0, 0, 3000]),
        policies=policies(chance),
    )


def stores(chance: Random) -> list[cmd.Command]:
    """The partners and the stores; one of them sells in another currency, one is on the web."""
    funds = chance.choice([(0, 0), (5000, 400)])
    return [
        cmd.DefinePartner(1, "Alpin"),
        cmd.DefinePartner(2, "Nordkap"),
        cmd.DefinePartner(3, "Tourism board", *funds),
        cmd.DefineStore(17, "Graz", OF_BERLIN, 1, "AT", "Graz", "shop"),
        cmd.DefineStore(18, "Nordkap online", OF_BERLIN, 2, "DE", "", "web"),
        cmd.DefineStore(19, "Brno", OF_BERLIN, 1, "CZ", "Brno", "shop", "CZK"),
    ]


def line_condition(chance: Random) -> AnyCondition | None:
    """Mostly all goods."""
    return chance.choice(
        [None, None, OneOf("sku", ("ski", "wax")), OneOf("sku", ("boot",)), OneOf("brand", ("nordkap",))]
    )


def effect(chance: Random, number: int) -> pro.Effect:
    """Any effect; what it takes or gives is small beside a basket."""
    some, wallet = line_condition(chance), chance.choice([0, 0, 1, 2])
    other = number % PROMOTIONS + 1
    effects: list[pro.Effect] = [
        pro.PercentOff(chance.choice([100, 1000, 3333, 10_000])),
        pro.AmountOff(chance.choice([1, 500, 99_999])),
        pro.AmountOff(chance.choice([1, 250]), per_piece=True),
        pro.FixedPrice(chance.choice([0, 999, 5000])),
        pro.CheapestFree(3, chance.choice([1, 2])),
        pro.BuyGet(2, 1, some, chance.choice([5000, 10_000])),
        pro.Bundle(
            (pro.BundlePart(OneOf("sku", ("ski",)), 1), pro.BundlePart(OneOf("sku", ("wax",)), 2)), 7000
        ),
        pro.PointsPer(wallet, chance.choice([1, 3]), 100),
        pro.PointsTimes(chance.choice([15_000, 30_000])),
        pro.PointsFixed(wallet, chance.choice([1, 100])),
        pro.GiveLot(wallet, 80, some, chance.choice([0, 1]), chance.choice([0, 2, 30]), 100),
        pro.GiveLot(0, 33, None, 0, 5),
        pro.GiveService("tune-up", 2, 365),
        pro.GiveService("tune-up", 1, 30),
        pro.GiveCoupon(other, 10),
    ]
    return chance.choice(effects)


def caps(chance: Random, made: pro.Effect) -> pro.Caps:
    """Half of them hold something back."""
    times = {
        name: chance.choice([0, 0, most]) for name, most in (("member_day_times", 1), ("total_times", 3))
    }
    times["member_times"] = chance.choice([0, 0, 2])
    if isinstance(made, pro.MoneyEffect):
        times["receipt_minor"] = chance.choice([0, 0, 777])
        times["budget_minor"] = chance.choice([0, 0, 2000])
    elif not isinstance(made, pro.GiveService | pro.GiveCoupon):
        times["receipt_points"] = chance.choice([0, 0, 90])
        times["budget_points"] = chance.choice([0, 0, 250])
    return pro.Caps(**times) if chance.random() < 0.5 else pro.Caps()


def promotion(chance: Random, number: int) -> cmd.Promotion:
    """One that mostly applies."""
    made = effect(chance, number)
    scope = chance.choice(list(pro.Scope))
    if isinstance(made, pro.AmountOff) and made.per_piece:
        scope = pro.Scope.LINE
    when = chance.choice(
        [pro.When(0, 0)] * 4 + [pro.When(NOON, NOON + 50 * HOUR_MS), pro.When(0, 0, 0b1100000)]
    )
    where = chance.choice([pro.Where()] * 4 + [pro.Where(stores=(17, 19)), pro.Where(channels=("web",))])
    everybody = [pro.Audience()] * 5
    some = [
        pro.Audience(tiers=("silver", "gold")),
        pro.Audience(first_purchase=True),
        pro.Audience((), (), 3, 3),
    ]
    coupon = pro.Audience(coupon=True)
    return cmd.Promotion(
        number,
        f"promotion {number}",
        False,
        when,
        where,
        chance.choice([*everybody, *some, coupon, coupon]),
        line_condition(chance),
        chance.choice([None, None, None, Bought(Measure.AMOUNT, None, 5000, None)]),
        scope,
        made,
        pro.Stacking(chance.choice([0, 0, 1]), chance.choice([0, 0, 1]), chance.random() < 0.3),
        caps(chance, made),
        chance.choice([0, 0, 1, 3]),
        chance.choice(["", "", "", "CZK"]),
    )
