"""Random promotions and rules, as wide as the model: for what must hold whatever is published."""

from typing import Final

from hypothesis import strategies as st

from loyalty.commands import (
    Currency,
    Gift,
    GiftDay,
    Policies,
    Promotion,
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
from loyalty.commands.promotions import (
    AmountOff,
    Audience,
    Bundle,
    BundlePart,
    BuyGet,
    Caps,
    CheapestFree,
    FixedPrice,
    GiveCoupon,
    GiveLot,
    GiveService,
    PercentOff,
    PointsFixed,
    PointsPer,
    PointsTimes,
    Scope,
    Stacking,
    When,
    Where,
)
from tests.loyalty.trees import ATTRIBUTES, LINE_CONDITIONS, RECEIPT_CONDITIONS, VALUES

# The programme that they are of: euros, yen, dinars.
RULES: Final = Rules(
    "Club", "EUR", 1, 100, 1, 365, 1, 1, 1, 3000, 3000, 0, 0, 30, 30, Shortfall.NEGATIVE, UnknownStore.UTC
)
CODES: Final = ("", "EUR", "JPY", "KWD")
CURRENCIES: Final = (Currency("JPY", 0, 1, 160, 1, 2), Currency("KWD", 3, 1, 300, 100, 30))
ZONES: Final = ("UTC", "Europe/Vienna", "America/St_Johns", "Pacific/Apia")

WHOLE: Final = st.integers(0, 3) | st.integers(-(2**63) + 1, 2**63 - 1)
TEXT: Final = st.sampled_from(VALUES) | st.text(max_size=8)
TEXTS: Final = st.lists(TEXT, max_size=3).map(tuple)
NUMBERS: Final = st.lists(WHOLE, max_size=3).map(tuple)
INSTANT: Final = (
    st.just(0) | st.integers(0, 253_370_000_000_000) | st.integers(0, 80_000).map(lambda h: h * 3_600_000)
)
LINES: Final = st.none() | LINE_CONDITIONS

EFFECTS: Final = st.one_of(
    st.builds(PercentOff, WHOLE),
    st.builds(AmountOff, WHOLE, st.booleans()),
    st.builds(FixedPrice, WHOLE),
    st.builds(CheapestFree, WHOLE, WHOLE),
    st.builds(BuyGet, WHOLE, WHOLE, LINES, WHOLE),
    st.builds(
        Bundle,
        st.lists(st.builds(BundlePart, LINE_CONDITIONS, WHOLE), min_size=2, max_size=3).map(tuple),
        WHOLE,
    ),
    st.builds(PointsPer, WHOLE, WHOLE, WHOLE),
    st.builds(PointsTimes, WHOLE),
    st.builds(PointsFixed, WHOLE, WHOLE),
    st.builds(GiveLot, WHOLE, WHOLE, LINES, WHOLE, WHOLE, WHOLE),
    st.builds(GiveService, TEXT, WHOLE, WHOLE),
    st.builds(GiveCoupon, WHOLE, WHOLE),
)
MINUTE: Final = st.sampled_from([0, 1439, 1440]) | st.integers(0, 1440)
PROMOTIONS: Final = st.builds(
    Promotion,
    WHOLE,
    TEXT,
    st.booleans(),
    st.builds(When, INSTANT, INSTANT, st.integers(0, 127), MINUTE, MINUTE),
    st.builds(Where, TEXTS, TEXTS, NUMBERS, NUMBERS, TEXTS),
    st.builds(Audience, TEXTS, TEXTS, WHOLE, WHOLE, st.booleans(), st.booleans()),
    LINES,
    st.none() | RECEIPT_CONDITIONS,
    st.sampled_from(Scope),
    EFFECTS,
    st.builds(Stacking, WHOLE, WHOLE, st.booleans()),
    st.builds(Caps, WHOLE, WHOLE, WHOLE, WHOLE, WHOLE, WHOLE, WHOLE, WHOLE),
    WHOLE,
    st.sampled_from(CODES),
)

_POLICIES: Final = st.builds(
    Policies,
    *map(
        st.sampled_from,
        (
            pol.Rounding,
            pol.RoundingOn,
            pol.Distribution,
            pol.LineFloor,
            pol.Tax,
            pol.Discounts,
            pol.Blocks,
            pol.SameReceipt,
            pol.WindowEnd,
            pol.ReturnedLot,
            pol.ReturnOfEarned,
            pol.StackingModel,
            pol.TierBoundary,
        ),
    ),
    WHOLE,
)


def _tuples(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(strategy, max_size=2).map(tuple)


_WHOLE_FIELDS: Final = (
    "earn_points",
    "earn_per_minor",
    "earn_delay_days",
    "lot_window_days",
    "point_value_minor",
    "point_value_points",
    "spend_unit_points",
    "line_limit_basis_points",
    "receipt_limit_basis_points",
    "welcome_points",
    "welcome_window_days",
    "late_receipt_max_days",
    "ending_soon_days",
    "tier_months",
    "tier_grace_days",
    "receipt_max_points",
    "member_day_max_points",
)
ALL_RULES: Final = st.builds(
    Rules,
    name=TEXT,
    currency=st.just("EUR"),
    **dict.fromkeys(_WHOLE_FIELDS, WHOLE),
    shortfall=st.sampled_from(Shortfall),
    unknown_store=st.sampled_from(UnknownStore),
    exponent=st.sampled_from([0, 2, 3]),
    countries=TEXTS,
    currencies=st.sampled_from([(), CURRENCIES]),
    wallets=_tuples(st.builds(Wallet, WHOLE, TEXT, st.sampled_from(WalletKind), WHOLE, WHOLE)),
    worths=_tuples(st.builds(Worth, WHOLE, st.sampled_from(["", "EUR"]), WHOLE, WHOLE, INSTANT, INSTANT)),
    tiers=_tuples(st.builds(Tier, TEXT, WHOLE, WHOLE)),
    tier_period=st.sampled_from(TierPeriod),
    gifts=_tuples(st.builds(Gift, WHOLE, st.sampled_from(GiftDay), WHOLE, WHOLE, WHOLE, WHOLE, WHOLE, LINES)),
    channel_delays=st.dictionaries(TEXT, WHOLE, max_size=2).map(lambda pairs: tuple(sorted(pairs.items()))),
    no_spend=LINES,
    no_earn=LINES,
    attributes=st.just(tuple(sorted(ATTRIBUTES.items()))),
    policies=_POLICIES,
)
assert {*ATTRIBUTES.values()} == {*AttributeType}  # each type is written and read
