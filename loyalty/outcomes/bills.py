"""What a basket comes to, as values. Instants are UTC milliseconds; what never ends ends at `NEVER_MS`."""

from typing import Final

from msgspec import Struct

from loyalty.outcomes.codes import Reason

NEVER_MS: Final = 2**63 - 1
PRIORITY_REGULAR: Final = 128  # room on both sides for lots to be spent before and after


class Outcome(Struct, frozen=True, array_like=True, gc=False):
    """Base of all answers; in bytes each begins with its tag."""


class Balance(Struct, frozen=True, array_like=True, gc=False):
    """A member's points at one log time; see the proto."""

    active_points: int
    spendable_points: int
    future_points: int
    debt_points: int


class BillLine(Struct, frozen=True, array_like=True, gc=False):
    """What one line came to."""

    amount_minor: int
    spent_points: int
    spent_minor: int
    paid_minor: int
    earned_points: int
    discount_minor: int = 0


class Lot(Struct, frozen=True, array_like=True, gc=False):
    """Points with the window `[active_from_ms, active_until_ms)`."""

    lot: int
    points: int
    active_from_ms: int
    active_until_ms: int
    wallet: int = 0
    priority: int = PRIORITY_REGULAR
    purposed: bool = False  # pays for some goods only


class AppliedLine(Struct, frozen=True, array_like=True, gc=False):
    """What one promotion did on one line; `line` counts from 1."""

    line: int
    minor: int  # off
    points: int  # earned by it, in the promotion's wallet


class Applied(Struct, frozen=True, array_like=True, gc=False):
    """A promotion that was applied; every sum is over `lines`."""

    promotion: int
    version: int
    name: str
    minor: int
    points: int
    times: int  # groups of pieces, for effects that count them; else 1
    funder: int
    lines: tuple[AppliedLine, ...]
    coupon: str = ""  # that let it apply


class Earning(Struct, frozen=True, array_like=True, gc=False):
    """Points that one rule or several earned into one lot."""

    promotion: int  # whose own lot it is; 0: the wallet's regular lot
    wallet: int
    points: int
    debt_paid_points: int  # of these, how many pay a debt instead of going into the lot
    lot: Lot | None  # the rest, if there is any


class ServiceGiven(Struct, frozen=True, array_like=True, gc=False):
    """A right to services; `line` counts from 1."""

    promotion: int
    line: int
    service: str
    times: int
    active_from_ms: int
    active_until_ms: int


class CouponGiven(Struct, frozen=True, array_like=True, gc=False):
    """A coupon that came with the purchase."""

    promotion: int  # that gave it
    of_promotion: int  # that it lets apply
    code: str  # empty in a quote
    active_until_ms: int


class Bill(Struct, frozen=True, array_like=True, gc=False):
    """What a basket comes to; every sum is over `lines`, `draws` and `earnings`."""

    lines: tuple[BillLine, ...]
    amount_minor: int
    spent_points: int
    spent_minor: int
    paid_minor: int
    earned_points: int  # of wallet 0; in `earnings` are all
    earnings: tuple[Earning, ...]
    draws: tuple[Lot, ...]
    debt_paid_points: int  # of wallet 0
    programme_version: int
    discount_minor: int = 0
    applied: tuple[Applied, ...] = ()
    services: tuple[ServiceGiven, ...] = ()
    coupons: tuple[CouponGiven, ...] = ()
    wallet: int = 0  # whose points were spent
    currency: str = ""  # empty: the programme's first


class PassedOver(Struct, frozen=True, array_like=True, gc=False):
    """A promotion that was not applied. `by`: the promotion that took its place, or 0."""

    promotion: int
    name: str
    reason: Reason
    by: int
    wanted: str  # what would make it apply, for people


class Search(Struct, frozen=True, array_like=True, gc=False):
    """How good a combination is known to be, in the search's own unit."""

    exact: bool
    bound_minor: int  # at most so much more would have been possible, rounded up; 0 if exact
    steps: int


class QuoteDone(Outcome, frozen=True, tag=2):
    """`most_points`: what could be spent at most on this basket."""

    bill: Bill
    quote_digest: bytes
    most_points: int
    balance: Balance
    passed_over: tuple[PassedOver, ...] = ()
    search: Search = Search(True, 0, 0)
