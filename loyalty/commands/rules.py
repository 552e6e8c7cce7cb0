"""A programme's rules: one value, published by a command, kept by version."""

from enum import IntEnum
from typing import Annotated

from msgspec import Meta, Struct

from loyalty.commands.basics import Text
from loyalty.commands.conditions import AnyCondition, AttributeType
from loyalty.commands.limits import (
    ATTRIBUTES_MAX,
    CHANNELS_MAX,
    COUNTRIES_MAX,
    CURRENCIES_MAX,
    GIFTS_MAX,
    TIERS_MAX,
    WALLETS_MAX,
    WORTHS_MAX,
)
from loyalty.commands.policies import Policies, Shortfall

WALLET_BONUS = 0  # every programme has it


class UnknownStore(IntEnum):
    """What happens at a store that was never registered."""

    UTC = 1
    REJECT = 2


class Currency(Struct, frozen=True, array_like=True, gc=False):
    """A further currency of the programme, for stores that sell in it."""

    code: Text  # ISO 4217
    exponent: int  # 0, 2 or 3: 12.34 EUR is 1234 minor units
    earn_points: int  # for each `earn_per_minor`
    earn_per_minor: int
    turnover_minor: int  # of the first currency, for each `turnover_per_minor` of this: for tiers
    turnover_per_minor: int


class WalletKind(IntEnum):
    """What a wallet's points are."""

    BONUS = 1  # the programme's own
    PARTNER = 2  # one partner's: spent at his stores only


class Wallet(Struct, frozen=True, array_like=True, gc=False):
    """A further kind of points. `number` from 1."""

    number: int
    name: Text
    kind: WalletKind
    partner: int  # with PARTNER
    spend_unit_points: int


class Worth(Struct, frozen=True, array_like=True, gc=False):
    """What a wallet's points pay: `minor` for each `points`, while `from <= sold < until`."""

    wallet: int
    currency: Text
    minor: int
    points: int
    from_ms: int = 0
    until_ms: int = 0  # 0: never ends


class Tier(Struct, frozen=True, array_like=True, gc=False):
    """A level, reached by turnover."""

    name: Text
    from_minor: int  # of the programme's first currency; 0 in the first tier only
    earn_basis_points: int  # the regular points are multiplied by it; 10,000 leaves them


class TierPeriod(IntEnum):
    """Which turnover counts."""

    CALENDAR_YEAR = 1  # this year's so far, or the whole of the year before
    ROLLING_MONTHS = 2  # this month's so far and of so many months before


class GiftDay(IntEnum):
    """Which day of the year a gift is for."""

    BIRTHDAY = 1
    ANNIVERSARY = 2  # of enrolment, from the first year on


class Gift(Struct, frozen=True, array_like=True, gc=False):
    """A lot that is there by rule, once a year, from so many days before a day until so many after it."""

    number: int  # from 1; stays the same when the rules change
    day: GiftDay
    wallet: int
    points: int
    before_days: int
    after_days: int  # the window ends at the midnight that ends this day
    priority: int
    purpose: AnyCondition | None


class Rules(Struct, frozen=True, array_like=True, gc=False, cache_hash=True):
    """A programme's rules; each value is explained in proto/loyalty/v1/back_office.proto."""

    name: Text
    currency: Text  # the first one
    earn_points: int
    earn_per_minor: int
    earn_delay_days: int
    lot_window_days: int
    point_value_minor: int  # of wallet 0 in the first currency, while no `worths` says otherwise
    point_value_points: int
    spend_unit_points: int  # of wallet 0
    line_limit_basis_points: int
    receipt_limit_basis_points: int
    welcome_points: int
    welcome_window_days: int
    late_receipt_max_days: int
    ending_soon_days: int
    shortfall: Shortfall
    unknown_store: UnknownStore
    exponent: int = 2
    countries: Annotated[tuple[Text, ...], Meta(max_length=COUNTRIES_MAX)] = ()
    currencies: Annotated[tuple[Currency, ...], Meta(max_length=CURRENCIES_MAX)] = ()
    wallets: Annotated[tuple[Wallet, ...], Meta(max_length=WALLETS_MAX)] = ()
    worths: Annotated[tuple[Worth, ...], Meta(max_length=WORTHS_MAX)] = ()
    tiers: Annotated[tuple[Tier, ...], Meta(max_length=TIERS_MAX)] = ()
    tier_period: TierPeriod = TierPeriod.CALENDAR_YEAR
    tier_months: int = 12  # with ROLLING_MONTHS: this one and the 11 before
    tier_grace_days: int = 0
    gifts: Annotated[tuple[Gift, ...], Meta(max_length=GIFTS_MAX)] = ()
    channel_delays: Annotated[tuple[tuple[Text, int], ...], Meta(max_length=CHANNELS_MAX)] = ()
    no_spend: AnyCondition | None = None  # lines that points never pay for, besides those that are no goods
    no_earn: AnyCondition | None = None  # lines that earn no regular points
    attributes: Annotated[tuple[tuple[Text, AttributeType], ...], Meta(max_length=ATTRIBUTES_MAX)] = ()
    receipt_max_points: int = 0  # earned, all rules together; 0: no limit
    member_day_max_points: int = 0  # earned by one member on one business day; 0: no limit
    policies: Policies = Policies()


# The store's zone: (from_ms, offset_s) pairs, ascending; the first holds since ever.
Zone = tuple[tuple[int, int], ...]
