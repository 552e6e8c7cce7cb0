"""Random promotions and rules as values: whatever the types allow, whether or not it makes sense."""

from typing import Any, Final

from hypothesis import strategies as st

from loyalty import commands as cmd
from loyalty.commands import policies as pol
from loyalty.commands import promotions as pro
from loyalty.commands.conditions import AttributeType
from tests.loyalty.trees import LINE_CONDITIONS, RECEIPT_CONDITIONS

NAMES: Final = st.text(max_size=16)  # of at most four bytes each
INT64: Final = st.integers(-(2**63), 2**63 - 1)
INT32: Final = st.integers(-(2**31), 2**31 - 1)
UINT32: Final = st.integers(0, 2**32 - 1)
LINES: Final = st.none() | LINE_CONDITIONS


def few(values: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(values, max_size=most).map(tuple)


WHEN: Final = st.builds(pro.When, INT64, INT64, st.integers(1, 127), INT32, INT32)
WHERE: Final = st.builds(pro.Where, few(NAMES), few(NAMES), few(UINT32), few(UINT32), few(NAMES))
DAYS: Final = st.integers(-1, 366)  # -1 and -1: birthdays do not matter
AUDIENCE: Final = st.builds(pro.Audience, few(NAMES), few(NAMES), DAYS, DAYS, st.booleans(), st.booleans())
EFFECTS: Final = st.one_of(
    st.builds(pro.PercentOff, INT32),
    st.builds(pro.AmountOff, INT64, st.booleans()),
    st.builds(pro.FixedPrice, INT64),
    st.builds(pro.CheapestFree, INT32, INT32),
    st.builds(pro.BuyGet, INT32, INT32, LINES, INT32),
    st.builds(
        pro.Bundle,
        st.lists(st.builds(pro.BundlePart, LINE_CONDITIONS, INT32), min_size=2, max_size=3).map(tuple),
        INT64,
    ),
    st.builds(pro.PointsPer, INT32, INT64, INT64),
    st.builds(pro.PointsTimes, INT32),
    st.builds(pro.PointsFixed, INT32, INT64),
    st.builds(pro.GiveLot, INT32, INT64, LINES, INT32, INT32, INT32),
    st.builds(pro.GiveService, NAMES, INT32, INT32),
    st.builds(pro.GiveCoupon, UINT32, INT32),
)
PROMOTIONS: Final = st.builds(
    pro.Promotion,
    UINT32,
    NAMES,
    st.booleans(),
    WHEN,
    WHERE,
    AUDIENCE,
    LINES,
    st.none() | RECEIPT_CONDITIONS,
    st.sampled_from(pro.Scope),
    EFFECTS,
    st.builds(pro.Stacking, INT32, INT32, st.booleans()),
    st.builds(pro.Caps, *[INT64] * 8),
    UINT32,
    NAMES,
)

POLICIES: Final = st.builds(
    pol.Policies,
    st.sampled_from(pol.Rounding),
    st.sampled_from(pol.RoundingOn),
    st.sampled_from(pol.Distribution),
    st.sampled_from(pol.LineFloor),
    st.sampled_from(pol.Tax),
    st.sampled_from(pol.Discounts),
    st.sampled_from(pol.Blocks),
    st.sampled_from(pol.SameReceipt),
    st.sampled_from(pol.WindowEnd),
    st.sampled_from(pol.ReturnedLot),
    st.sampled_from(pol.ReturnOfEarned),
    st.sampled_from(pol.StackingModel),
    st.sampled_from(pol.TierBoundary),
    INT32,
)
RULES: Final = st.builds(
    cmd.Rules,
    name=NAMES,
    currency=NAMES,
    earn_points=INT64,
    earn_per_minor=INT64,
    earn_delay_days=INT32,
    lot_window_days=INT32,
    point_value_minor=INT64,
    point_value_points=INT64,
    spend_unit_points=INT64,
    line_limit_basis_points=INT32,
    receipt_limit_basis_points=INT32,
    welcome_points=INT64,
    welcome_window_days=INT32,
    late_receipt_max_days=INT32,
    ending_soon_days=INT32,
    shortfall=st.sampled_from(cmd.Shortfall),
    unknown_store=st.sampled_from(cmd.UnknownStore),
    exponent=INT32,
    countries=few(NAMES),
    currencies=few(st.builds(cmd.Currency, NAMES, INT32, INT64, INT64, INT64, INT64), 2),
    wallets=few(st.builds(cmd.Wallet, INT32, NAMES, st.sampled_from(cmd.WalletKind), UINT32, INT64), 2),
    worths=few(st.builds(cmd.Worth, INT32, NAMES, INT64, INT64, INT64, INT64), 2),
    tiers=few(st.builds(cmd.Tier, NAMES, INT64, INT32), 2),
    tier_period=st.sampled_from(cmd.TierPeriod),
    tier_months=INT32,
    tier_grace_days=INT32,
    gifts=few(
        st.builds(
            cmd.Gift, INT32, st.sampled_from(cmd.GiftDay), INT32, INT64, INT32, INT32, INT32, purpose=LINES
        ),
        2,
    ),
    channel_delays=few(st.tuples(NAMES, INT32)),
    no_spend=LINES,
    no_earn=LINES,
    attributes=few(st.tuples(NAMES, st.sampled_from(AttributeType))),
    receipt_max_points=INT64,
    member_day_max_points=INT64,
    policies=POLICIES,
)
