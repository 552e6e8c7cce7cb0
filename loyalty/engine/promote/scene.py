"""What is decided about, and what came of it, as values.

Lines are counted from 0 in the basket's order; only `Best.applied`, which is told to people, counts from 1.
Money is minor units of the receipt's currency.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct

from loyalty.commands.basket import Line
from loyalty.commands.policies import Policies
from loyalty.commands.promotions import Promotion
from loyalty.outcomes import Applied, PassedOver, Search


class Candidate(Struct, frozen=True, gc=False):
    """A promotion whose other conditions hold, with what it found in the basket.

    `minor_left`, `points_left` and `times_left` are what its own budgets and numbers of times leave (None: no
    limit); what its funder has left is in `Scene.purses`, for several may share it.
    """

    promotion: Promotion
    version: int
    lines: tuple[int, ...]  # that meet `lines`, goods only, ascending
    get: tuple[int, ...] | None = None  # that meet a BuyGet's `get`; None: the same lines
    parts: tuple[tuple[int, ...], ...] = ()  # that meet each part of a Bundle
    minor_left: int | None = None
    points_left: int | None = None
    times_left: int | None = None  # receipts it may still be applied to
    coupon: str = ""  # that let it apply


class Earn(Struct, frozen=True, gc=False):
    """The regular points: `points` for each `per_minor`, times the tier's basis points."""

    points: int
    per_minor: int
    tier_basis_points: int = 10_000


class Purse(NamedTuple):
    """What a funder still pays for, all his promotions on this receipt together. None: no limit."""

    minor: int | None
    points: int | None


class Spent(Struct, frozen=True, gc=False):
    """How points pay what is left of the lines."""

    minor: Sequence[int]  # per line
    general_points: int  # of lots without a purpose: the fewer the better, value being equal
    plan: object = None  # the caller's own, handed back untouched


Spend = Callable[[Sequence[int]], Spent]  # from what is left of each line; the same answer for the same lines


class Scene(Struct, frozen=True, gc=False):
    """A basket and all that matters for its promotions. Candidates in any order, each number once."""

    lines: tuple[Line, ...]
    candidates: tuple[Candidate, ...]
    policies: Policies
    earn: Earn
    worths: Mapping[int, tuple[int, int]]  # of wallets: (minor, points); none or 0 points: worth nothing
    earns: tuple[bool, ...] | None = None  # per line whether it earns regular points; None: all goods do
    points_max: int | None = None  # of wallet 0 that receipt and member may still earn, all rules together
    purses: Mapping[int, Purse] = {}  # by funder; those without limits need not be there
    spend: Spend | None = None  # None: no points pay
    steps_max: int | None = None  # None: SEARCH_MAX_STEPS
    spend_steps: int = 0  # what `spend` costs for each line


class Given(NamedTuple):
    """What one promotion gives besides money off, per line."""

    promotion: Promotion
    points: tuple[int, ...]  # of the effect's wallet (PointsTimes: 0); all 0 for services and coupons
    times: tuple[int, ...] = ()  # services: how many; empty for all others


class Best(Struct, frozen=True, gc=False):
    """The best combination, and why the others were passed over."""

    discounts: tuple[int, ...]  # per line
    spent: Spent
    regular: tuple[int, ...]  # regular points per line
    applied: tuple[Applied, ...]  # in the order of evaluation
    given: tuple[Given, ...]  # of those in `applied` whose effect is not money off, in their order
    value: tuple[int, int]  # minor units, as numerator and denominator: money off, and points at their worth
    passed_over: tuple[PassedOver, ...]  # by number
    search: Search
