"""Promotions as values: when, where, who, what, which effect, and what holds it back.

Published by a command, kept in the state by number and version. A receipt names the versions it was sold
under and is returned by them. Which of several apply together is in the programme's policies.
"""

from enum import IntEnum
from typing import Annotated, Final

from msgspec import Meta, Struct

from loyalty.commands.basics import Text
from loyalty.commands.conditions import AnyCondition
from loyalty.commands.limits import BUNDLE_MAX_PARTS, WHERE_MAX_VALUES

EVERY_DAY: Final = 0b111_1111  # Monday is bit 0
Numbers = Annotated[tuple[int, ...], Meta(max_length=WHERE_MAX_VALUES)]
Texts = Annotated[tuple[Text, ...], Meta(max_length=WHERE_MAX_VALUES)]


class When(Struct, frozen=True, array_like=True, gc=False):
    """`from_ms <= sold < until_ms`, on these weekdays, between these minutes of the store's day."""

    from_ms: int
    until_ms: int  # 0: never ends
    weekdays: int = EVERY_DAY
    from_minute: int = 0
    until_minute: int = 1440  # exclusive; less than `from_minute`: over midnight


class Where(Struct, frozen=True, array_like=True, gc=False):
    """Which stores. Empty: all of that kind; what is named must all fit."""

    countries: Texts = ()
    cities: Texts = ()
    partners: Numbers = ()
    stores: Numbers = ()
    channels: Texts = ()


class Audience(Struct, frozen=True, array_like=True, gc=False):
    """Which members. Empty or zero: all of that kind; what is named must all fit."""

    tiers: Texts = ()
    segments: Texts = ()
    birthday_before_days: int = -1  # -1: birthdays do not matter; 0 and 0: on the day itself
    birthday_after_days: int = -1
    first_purchase: bool = False
    coupon: bool = False  # only with a coupon of this promotion


class Scope(IntEnum):
    """What an effect on money is computed over."""

    LINE = 1  # each line that meets `lines`, on its own
    RECEIPT = 2  # all of them together, then spread over them


class PercentOff(Struct, frozen=True, array_like=True, gc=False, tag=1):
    """So many basis points of the amount."""

    basis_points: int


class AmountOff(Struct, frozen=True, array_like=True, gc=False, tag=2):
    """So much off: of each line (or each piece of it), or of the receipt."""

    minor: int
    per_piece: bool = False


class FixedPrice(Struct, frozen=True, array_like=True, gc=False, tag=3):
    """Each piece costs so much."""

    minor: int


class CheapestFree(Struct, frozen=True, array_like=True, gc=False, tag=4):
    """Of each `of_pieces` pieces the cheapest are free, taken together from the dearest on."""

    of_pieces: int
    free_pieces: int = 1


class BuyGet(Struct, frozen=True, array_like=True, gc=False, tag=5):
    """For each `buy_pieces` of the lines, `get_pieces` of `get` at so many basis points off."""

    buy_pieces: int
    get_pieces: int
    get: AnyCondition | None  # None: of the same lines
    basis_points: int = 10_000


class BundlePart(Struct, frozen=True, array_like=True, gc=False):
    """So many pieces of what meets the condition."""

    lines: AnyCondition
    pieces: int


class Bundle(Struct, frozen=True, array_like=True, gc=False, tag=6):
    """The parts together cost so much."""

    parts: Annotated[tuple[BundlePart, ...], Meta(min_length=2, max_length=BUNDLE_MAX_PARTS)]
    minor: int


class PointsPer(Struct, frozen=True, array_like=True, gc=False, tag=7):
    """So many points for each `per_minor` of the earning base of the lines."""

    wallet: int
    points: int
    per_minor: int


class PointsTimes(Struct, frozen=True, array_like=True, gc=False, tag=8):
    """The lines' regular points, times so many basis points: 20,000 doubles them."""

    basis_points: int


class PointsFixed(Struct, frozen=True, array_like=True, gc=False, tag=9):
    """So many points, once a receipt."""

    wallet: int
    points: int


class GiveLot(Struct, frozen=True, array_like=True, gc=False, tag=10):
    """A lot of its own: with a purpose, and a window from so many days on for so many days."""

    wallet: int
    points: int
    purpose: AnyCondition | None  # lines that it may pay for; None: all that points may pay for
    delay_days: int
    window_days: int  # 0: never ends
    priority: int = 128  # lower ones are spent first


class GiveService(Struct, frozen=True, array_like=True, gc=False, tag=11):
    """For each piece, a right to so many services of a kind, for so many days."""

    service: Text
    times: int
    window_days: int


class GiveCoupon(Struct, frozen=True, array_like=True, gc=False, tag=12):
    """A coupon of another promotion, for so many days."""

    promotion: int
    window_days: int


MoneyEffect = PercentOff | AmountOff | FixedPrice | CheapestFree | BuyGet | Bundle
PointsEffect = PointsPer | PointsTimes | PointsFixed | GiveLot | GiveService | GiveCoupon
Effect = MoneyEffect | PointsEffect


class Stacking(Struct, frozen=True, array_like=True, gc=False):
    """How it goes together with others; see the programme's stacking policy."""

    zone: int = 0  # lower zones first
    group: int = 0  # at most one promotion of a group on a receipt; 0: no group
    competes: bool = False


class Caps(Struct, frozen=True, array_like=True, gc=False):
    """What holds it back; 0: nothing does. Times are receipts it was applied to."""

    receipt_minor: int = 0  # most money off on a receipt
    receipt_points: int = 0
    receipt_times: int = 0  # of effects that count pieces: most groups of pieces on a receipt
    member_times: int = 0
    member_day_times: int = 0
    total_times: int = 0
    budget_minor: int = 0  # money off, over all receipts
    budget_points: int = 0


class Promotion(Struct, frozen=True, array_like=True, gc=False):
    """One promotion. `number` is its name for ever; each publication is a new version."""

    number: int
    name: Text
    paused: bool
    when: When
    where: Where
    who: Audience
    lines: AnyCondition | None  # which lines it is about; None: all goods
    receipt: AnyCondition | None  # what else must hold
    scope: Scope
    effect: Effect
    stacking: Stacking
    caps: Caps
    funder: int  # the partner who pays for it; 0: the store's own
    currency: Text = ""  # of its amounts, and of the stores where it holds; empty: the programme's first
