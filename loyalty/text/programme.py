"""A programme's rules, its partners and stores as tables of a file."""

from typing import Final

from loyalty.commands import (
    WALLET_BONUS,
    Currency,
    DefinePartner,
    DefineStore,
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
from loyalty.commands.conditions import AttributeType
from loyalty.commands.limits import BASIS_POINTS
from loyalty.text.forms import (
    EXPONENT,
    FIRST_MONEY,
    MONEY,
    PERCENT,
    TEXT,
    TIMES,
    WHOLE,
    Key,
    Shape,
    choice,
    pairs,
    record,
    several,
)
from loyalty.text.kinds import INSTANT, LINE_CONDITION, ZONE

PRIORITY_REGULAR: Final = 128  # as of points that were earned: a gift is spent in its turn

CURRENCY: Final = Shape(
    Currency,
    (
        Key("code", TEXT),
        Key("exponent", EXPONENT),
        Key("earn_points", WHOLE),
        Key("earn_per", MONEY, "earn_per_minor"),
        Key("turnover", FIRST_MONEY, "turnover_minor"),
        Key("turnover_per", MONEY, "turnover_per_minor"),
    ),
    currency="code",
)
WALLET: Final = Shape(
    Wallet,
    (
        Key("number", WHOLE),
        Key("name", TEXT),
        Key("kind", choice(WalletKind), default=WalletKind.BONUS),
        Key("partner", WHOLE, default=0),
        Key("spend_unit_points", WHOLE, default=1),
    ),
)
WORTH: Final = Shape(
    Worth,
    (
        Key("wallet", WHOLE, default=WALLET_BONUS),
        Key("currency", TEXT, default=""),
        Key("value", MONEY, "minor"),
        Key("points", WHOLE, default=1),
        Key("from", INSTANT, "from_ms"),
        Key("until", INSTANT, "until_ms"),
    ),
    currency="currency",
)
TIER: Final = Shape(
    Tier,
    (
        Key("name", TEXT),
        Key("from", FIRST_MONEY, "from_minor"),
        Key("earn_times", TIMES, "earn_basis_points", BASIS_POINTS),
    ),
)
GIFT: Final = Shape(
    Gift,
    (
        Key("number", WHOLE),
        Key("day", choice(GiftDay)),
        Key("wallet", WHOLE, default=WALLET_BONUS),
        Key("points", WHOLE),
        Key("before_days", WHOLE),
        Key("after_days", WHOLE),
        Key("priority", WHOLE, default=PRIORITY_REGULAR),
        Key("purpose", LINE_CONDITION, default=None),
    ),
)
POLICIES: Final = Shape(
    Policies,
    (
        Key("rounding", choice(pol.Rounding)),
        Key("rounding_on", choice(pol.RoundingOn)),
        Key("distribution", choice(pol.Distribution)),
        Key("line_floor", choice(pol.LineFloor)),
        Key("base_tax", choice(pol.Tax)),
        Key("base_discounts", choice(pol.Discounts)),
        Key("blocks", choice(pol.Blocks)),
        Key("same_receipt", choice(pol.SameReceipt)),
        Key("window_end", choice(pol.WindowEnd)),
        Key("returned_lot", choice(pol.ReturnedLot)),
        Key("return_of_earned", choice(pol.ReturnOfEarned)),
        Key("stacking", choice(pol.StackingModel)),
        Key("tier_boundary", choice(pol.TierBoundary)),
        Key("grace_days", WHOLE),
    ),
)
RULES: Final = Shape(
    Rules,
    (
        Key("name", TEXT),
        Key("currency", TEXT),
        Key("exponent", EXPONENT),
        Key("countries", several(TEXT)),
        Key("unknown_store", choice(UnknownStore), default=UnknownStore.REJECT),
        Key("earn_points", WHOLE),
        Key("earn_per", MONEY, "earn_per_minor"),
        Key("earn_delay_days", WHOLE, default=1),
        Key("channel_delay_days", pairs(WHOLE), "channel_delays"),
        Key("no_earn", LINE_CONDITION),
        Key("receipt_max_points", WHOLE),
        Key("member_day_max_points", WHOLE),
        Key("lot_window_days", WHOLE),
        Key("ending_soon_days", WHOLE, default=30),
        Key("welcome_points", WHOLE, default=0),
        Key("welcome_window_days", WHOLE, default=0),
        Key("point_value", MONEY, "point_value_minor"),
        Key("point_value_points", WHOLE, default=1),
        Key("spend_unit_points", WHOLE, default=1),
        Key("line_limit_percent", PERCENT, "line_limit_basis_points", BASIS_POINTS),
        Key("receipt_limit_percent", PERCENT, "receipt_limit_basis_points", BASIS_POINTS),
        Key("no_spend", LINE_CONDITION),
        Key("late_receipt_max_days", WHOLE, default=30),
        Key("shortfall", choice(Shortfall), default=Shortfall.NEGATIVE),
        Key("tier_period", choice(TierPeriod)),
        Key("tier_months", WHOLE),
        Key("tier_grace_days", WHOLE),
        Key("attributes", pairs(choice(AttributeType))),
        Key("policies", record(POLICIES)),
        Key("currencies", several(record(CURRENCY))),
        Key("wallets", several(record(WALLET))),
        Key("worths", several(record(WORTH))),
        Key("tiers", several(record(TIER))),
        Key("gifts", several(record(GIFT))),
    ),
)
PARTNER: Final = Shape(
    DefinePartner,
    (
        Key("number", WHOLE, "partner"),
        Key("name", TEXT),
        Key("funds_money", MONEY, "funds_minor"),
        Key("funds_points", WHOLE),
    ),
)
STORE: Final = Shape(
    DefineStore,
    (
        Key("number", WHOLE, "store"),
        Key("name", TEXT),
        Key("zone", ZONE),
        Key("partner", WHOLE),
        Key("country", TEXT),
        Key("city", TEXT),
        Key("channel", TEXT),
        Key("currency", TEXT),
    ),
    currency="currency",
)
