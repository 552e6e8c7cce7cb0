"""What is known of members: who they are, what they have, what happened."""

from msgspec import Struct

from loyalty.commands import Profile, ReceiptId, Status
from loyalty.outcomes.bills import Balance, Lot, Outcome
from loyalty.outcomes.codes import Account, Movement, Source


class WalletBalance(Struct, frozen=True, array_like=True, gc=False):
    """Points of a further wallet."""

    wallet: int
    balance: Balance


class Standing(Struct, frozen=True, array_like=True, gc=False):
    """A member's tier. Turnover is in the programme's first currency."""

    tier: str
    turnover_minor: int  # what counts for the tiers now
    next_tier: str  # empty: there is none above
    missing_minor: int  # turnover up to the next one
    held_until_day: int  # YYYYMMDD, the last day that the tier is sure; 0: it has no end


class FindMemberDone(Outcome, frozen=True, tag=6):
    """Who it is."""

    member_id: int
    phone: str
    cards: tuple[str, ...]
    enrolled_ms: int
    balance: Balance
    externals: tuple[str, ...] = ()
    profile: Profile = Profile()
    status: Status = Status.ACTIVE
    merged_into: int = 0  # what was asked for is this member now, and all here is his; 0: it was not merged
    wallets: tuple[WalletBalance, ...] = ()
    standing: Standing | None = None  # None: the programme has no tiers


class Ending(Struct, frozen=True, array_like=True, gc=False):
    """Points whose window ends at one instant."""

    active_until_ms: int
    points: int


class GetBalanceDone(Outcome, frozen=True, tag=7):
    """`ending_soon_cut`: there is more that ends soon than was looked at."""

    member_id: int
    balance: Balance
    ending_soon: tuple[Ending, ...]
    ending_soon_points: int
    ending_soon_cut: bool
    wallets: tuple[WalletBalance, ...] = ()
    standing: Standing | None = None
    status: Status = Status.ACTIVE
    merged_into: int = 0
    purposed: tuple[Lot, ...] = ()  # active ones that pay for some goods only; in no balance


class Posting(Struct, frozen=True, array_like=True, gc=False):
    """One side of a double entry. Postings of a movement sum to zero, per wallet and per currency."""

    account: Account
    ref: int
    points: int
    wallet: int = 0
    partner: int = 0  # 0: the programme's own
    currency: str = ""  # of `minor`; empty: the programme's first
    minor: int = 0


class StatementItem(Struct, frozen=True, array_like=True, gc=False):
    """One movement; `points` is the change over the member's lots and debt of wallet 0."""

    seq: int
    time_ms: int
    movement: Movement
    receipt: ReceiptId | None
    returned_receipt: ReceiptId | None
    points: int
    postings: tuple[Posting, ...]
    actor: bytes
    reason: str = ""  # as it was given with a change by a person


class GetStatementDone(Outcome, frozen=True, tag=8):
    """One page. `next_before_seq` is a place, see the query; 0: the last page. `as_of_seq` 0: now."""

    member_id: int
    items: tuple[StatementItem, ...]
    next_before_seq: int
    as_of_seq: int


class LotItem(Struct, frozen=True, array_like=True, gc=False):
    """A lot and where it comes from."""

    lot: Lot
    source: Source
    receipt: ReceiptId | None  # that it was earned on
    line: int  # of that receipt; 0: the whole
    partner: int  # on whose account; 0: the programme's own
    promotion: int  # that gave it; 0: none
    programme_version: int


class ServiceItem(Struct, frozen=True, array_like=True, gc=False):
    """A right to services, as far as it is not used."""

    service: str
    times: int
    active_from_ms: int
    active_until_ms: int
    receipt: ReceiptId | None
    line: int


class CouponItem(Struct, frozen=True, array_like=True, gc=False):
    """A coupon that the member owns."""

    code: str
    promotion: int
    times: int  # left
    active_from_ms: int
    active_until_ms: int


class HoldItem(Struct, frozen=True, array_like=True, gc=False):
    """What is held for an order."""

    receipt: ReceiptId
    wallet: int
    points: int
    until_ms: int


class ListLotsDone(Outcome, frozen=True, tag=25):
    """What a member has, in the order in which it would be spent."""

    member_id: int
    lots: tuple[LotItem, ...]
    services: tuple[ServiceItem, ...] = ()
    coupons: tuple[CouponItem, ...] = ()
    holds: tuple[HoldItem, ...] = ()
    cut: bool = False  # there are more lots than one answer lists
