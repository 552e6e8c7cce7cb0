"""What came of the back office's commands and questions."""

from msgspec import Struct

from loyalty.commands import Promotion, Rules, Zone
from loyalty.outcomes.bills import Balance, Lot, Outcome


class DefineDone(Outcome, frozen=True, tag=5):
    """Published; `version` is in force."""

    version: int


class GetProgrammeDone(Outcome, frozen=True, tag=9):
    """`version` 0: the built-in rules."""

    version: int
    rules: Rules


class GetStoreDone(Outcome, frozen=True, tag=10):
    """A registered store."""

    version: int
    store: int
    name: str
    zone: Zone
    partner: int = 0
    country: str = ""
    city: str = ""
    channel: str = "shop"
    currency: str = ""


class AdjustDone(Outcome, frozen=True, tag=16):
    """Points are given or taken."""

    member_id: int
    reference: str
    wallet: int
    points: int  # below 0: taken
    debt_paid_points: int  # of points given
    lot: Lot | None  # what was given, less the debt
    draws: tuple[Lot, ...]  # what was taken, and from where
    balance: Balance  # of the wallet
    repeated: bool


class ChangeMemberDone(Outcome, frozen=True, tag=17):
    """The member is as he should be."""

    member_id: int
    phone_taken_from: int = 0  # the member who had the number until now; 0: nobody


class MergeMembersDone(Outcome, frozen=True, tag=18):
    """`source_id` is found as `member_id` from now on."""

    member_id: int
    source_id: int
    lots: int  # that moved
    balance: Balance
    repeated: bool


class IssueCouponDone(Outcome, frozen=True, tag=19):
    """The coupon can be used."""

    code: str


class GetPartnerDone(Outcome, frozen=True, tag=20):
    """A registered partner, and what he has funded and issued so far."""

    version: int
    partner: int
    name: str
    funds_minor: int
    funds_points: int
    funded_minor: int
    issued_points: int


class Usage(Struct, frozen=True, array_like=True, gc=False):
    """What a promotion gave so far, over all its versions; what is held is in it."""

    times: int  # receipts that it was applied to
    minor: int  # money off
    points: int


class GetPromotionDone(Outcome, frozen=True, tag=21):
    """One version of a promotion."""

    version: int
    promotion: Promotion
    usage: Usage


class PromotionItem(Struct, frozen=True, array_like=True, gc=False):
    """A promotion in a list."""

    promotion: int
    version: int
    name: str
    paused: bool
    from_ms: int
    until_ms: int  # 0: never ends
    funder: int
    usage: Usage


class ListPromotionsDone(Outcome, frozen=True, tag=22):
    """One page, ascending by number. `next_after` 0: the last page."""

    items: tuple[PromotionItem, ...]
    next_after: int


class GetCouponDone(Outcome, frozen=True, tag=24):
    """A coupon."""

    code: str
    promotion: int
    times: int
    used_times: int  # what is held is in it
    from_ms: int
    until_ms: int  # 0: never ends
    owner_id: int  # 0: whoever has it
