"""What can be asked."""

from typing import Annotated

from msgspec import Meta

from loyalty.commands.basics import Query, Who
from loyalty.commands.basket import Coupons, Line, ReceiptId, SpendMode
from loyalty.commands.limits import DRY_RUN_MAX_PROMOTIONS
from loyalty.commands.promotions import Promotion


class FindMember(Query, frozen=True, tag=1):
    """Who is it."""

    programme: int
    member: Who


class Quote(Query, frozen=True, tag=2):
    """Price a basket. `business_day` 0: the store's date now."""

    programme: int
    member: Who
    store: int
    business_day: int
    lines: tuple[Line, ...]
    spend_points: int
    spend_mode: SpendMode
    wallet: int = 0
    coupons: Coupons = ()


class GetBalance(Query, frozen=True, tag=3):
    """How many points."""

    programme: int
    member: Who


class GetStatement(Query, frozen=True, tag=4):
    """Movements before the place `before_seq` (0: from the newest on), newest first.

    A place is seq * 256 + n for the n-th movement of an entry; `next_before_seq` of an answer is one.
    Of a merged member, asked for by his own id, his own movements up to the merge.
    """

    programme: int
    member: Who
    page_size: int
    before_seq: int
    as_of_seq: int  # 0: now; given back in the answer


class GetProgramme(Query, frozen=True, tag=5):
    """The rules in force."""

    programme: int


class GetStore(Query, frozen=True, tag=6):
    """A registered store."""

    programme: int
    store: int


class GetPartner(Query, frozen=True, tag=7):
    """A registered partner, with what was issued and funded so far."""

    programme: int
    partner: int


class GetPromotion(Query, frozen=True, tag=8):
    """A promotion with what it gave so far. `version` 0: the one in force."""

    programme: int
    promotion: int
    version: int


class ListPromotions(Query, frozen=True, tag=9):
    """Promotions in force with `number > after`, ascending."""

    programme: int
    after: int
    page_size: int


class GetReceipt(Query, frozen=True, tag=10):
    """A receipt, return, hold or use by its identity."""

    programme: int
    receipt: ReceiptId


class GetCoupon(Query, frozen=True, tag=11):
    """A coupon by its code."""

    programme: int
    code: str


class ListLots(Query, frozen=True, tag=12):
    """A member's lots with points, services and coupons."""

    programme: int
    member: Who


class DryRun(Query, frozen=True, tag=13):
    """A quote at a time, with promotions that nobody has published in place of those in force.

    `at_ms` 0: now. `alone`: only those given, not those in force.
    """

    quote: Quote
    at_ms: int
    promotions: Annotated[tuple[Promotion, ...], Meta(max_length=DRY_RUN_MAX_PROMOTIONS)]
    alone: bool


AnyQuery = (
    FindMember
    | Quote
    | GetBalance
    | GetStatement
    | GetProgramme
    | GetStore
    | GetPartner
    | GetPromotion
    | ListPromotions
    | GetReceipt
    | GetCoupon
    | ListLots
    | DryRun
)
