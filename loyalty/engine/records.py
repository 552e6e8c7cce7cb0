"""What is kept in the state, as MessagePack arrays; keys are told in `keys.py`."""

from functools import lru_cache
from typing import Final

from msgspec import Raw, Struct, msgpack

from loyalty.commands import (
    Coupons,
    Line,
    Profile,
    Promotion,
    ReceiptId,
    ReturnLine,
    Rules,
    SpendMode,
    Status,
    Tenders,
    Zone,
)
from loyalty.commands.conditions import AnyCondition
from loyalty.outcomes import PRIORITY_REGULAR, Bill, HoldState, Lot, Movement, Posting, Returned, Source

encode: Final = msgpack.Encoder().encode

Parts = tuple[tuple[tuple[int, int], ...], ...]  # per line: (index, points), in their order


class Purse(Struct, array_like=True, gc=False):
    """The sums over a member's lots without purpose in one wallet, as of the member's `as_of_ms`."""

    wallet: int
    open_lots: int = 0  # with points, not ended
    active_points: int = 0
    debt_points: int = 0
    next_end_ms: int = 0  # no open lot ends earlier; it may be that none ends then
    future: tuple[tuple[int, int], ...] = ()  # (from_ms, points) of what has not begun, ascending
    priorities: tuple[int, ...] = (PRIORITY_REGULAR,)  # of its lots, ascending
    purposed_until_ms: int = 0  # the latest end of a lot with a purpose


class Member(Struct, array_like=True, gc=False):
    """A person: how he is found, and sums over what he has (see `lots.py`)."""

    phone: str
    cards: tuple[str, ...]
    enrolled_ms: int
    as_of_ms: int
    purses: list[Purse]  # ascending by wallet
    lots: int = 0  # given out so far, over all wallets
    externals: tuple[str, ...] = ()
    status: Status = Status.ACTIVE
    merged_into: int = 0
    moved_lots: int = 0  # when merged: his lots and services have their number plus this at the target
    birthday: int = 0  # YYYYMMDD or MMDD; 0: not told
    store: int = 0  # where he enrolled: his days
    purchases: int = 0  # receipts, less those voided
    turnover: tuple[tuple[int, int], ...] = ()  # (YYYYMM, minor of the first currency), ascending
    holds: tuple[tuple[int, ReceiptId], ...] = ()  # (until_ms, identity), ascending
    gifts: tuple[tuple[int, int], ...] = ()  # (gift, year) given, of the last two years
    earned_days: tuple[tuple[int, int], ...] = ()  # (business day, points) while there is a limit by day
    rights: int = 0  # given out so far: entitlements to services
    rights_until_ms: int = 0  # the latest end of one
    merges: int = 0  # of the longest chain of merges that ends with him


# Another lot of the same points: how far its number is from this one's, and its window (see `grace.py`).
Kin = tuple[int, int, int]


class HeldLot(Struct, frozen=True, array_like=True, gc=False):
    """A lot's contents; its window is in its key."""

    points: int
    source: Source
    origin: ReceiptId | None
    programme_version: int  # whose rules say what becomes of points that are missing here
    missing_points: int = 0  # taken back of what was earned into it, while it was empty
    partner: int = 0  # who issued it; 0: the programme's own
    line: int = 0  # of the origin, from 1; 0: the whole of it
    purpose: AnyCondition | None = None
    promotion: int = 0  # that gave it
    graces: tuple[Kin, ...] = ()  # points that came back, with later windows
    grace_of: Kin | None = None  # where they first were


class Asked(Struct, frozen=True, array_like=True, gc=False):
    """What the till wanted booked: a repeat has to want the same."""

    sold_ms: int
    lines: tuple[Line, ...]
    spend_points: int
    spend_mode: SpendMode
    wallet: int = 0
    coupons: Coupons = ()
    tenders: Tenders = ()


class Use(Struct, frozen=True, array_like=True, gc=False):
    """What an applied promotion takes of its own budget, its funder's, and of what a member may have."""

    promotion: int
    funder: int
    minor: int
    points: int
    per_member: bool
    coupon: str = ""


class Owed(Struct, frozen=True, array_like=True, gc=False):
    """What another partner owes the store's for a promotion that he funds: money off, worth of points."""

    promotion: int
    funder: int
    minor: tuple[int, ...]  # per line


class Receipt(Struct, frozen=True, array_like=True, gc=False, tag=1):
    """A confirmed purchase, with its provenance line by line."""

    member_id: int
    asked: Asked
    bill: Bill  # as it was answered
    parts: Parts  # per line: (draw of the bill, points); empty: one draw pays all that is paid
    earned: Parts  # per line: (earning of the bill, points); empty: one earning has all that is earned
    returned_milli: tuple[int, ...]  # per line
    partner: int = 0  # of the store
    issuers: tuple[int, ...] = ()  # of each draw, if another partner's are among them
    owed: tuple[Owed, ...] = ()
    day: int = 0  # the business day, counted from 1970
    sold_ms: int = 0  # 0: at `time_ms`
    turnover_minor: int = 0  # that was counted for the tiers
    rights: tuple[int, ...] = ()  # numbers of the services given
    cash: tuple[tuple[int, int], ...] = ()  # per earning: points that refunds paid for, and may yet pay for
    uses: tuple[Use, ...] = ()
    offline: bool = False
    held_day: int = 0  # the business day when it was held: its limits count on that; 0: it was not
    voided: bool = False
    seq: int = 0
    time_ms: int = 0
    actor: bytes = b""


class Return(Struct, frozen=True, array_like=True, gc=False, tag=2):
    """A return that was taken."""

    member_id: int
    receipt: ReceiptId
    lines: tuple[ReturnLine, ...]
    returned: Returned
    seq: int = 0
    time_ms: int = 0
    actor: bytes = b""


class Held(Struct, frozen=True, array_like=True, gc=False, tag=3):
    """A web order whose points and budgets are reserved."""

    member_id: int
    asked: Asked
    bill: Bill
    parts: Parts  # as in `Receipt`
    earned: Parts
    until_ms: int
    partner: int
    day: int  # the business day when it was held
    uses: tuple[Use, ...]
    turnover_minor: int
    issuers: tuple[int, ...]
    owed: tuple[Owed, ...]
    purposes: tuple[AnyCondition | None, ...]  # of each earning of the bill
    hold: HoldState = HoldState.OPEN
    seq: int = 0
    time_ms: int = 0
    actor: bytes = b""


class BillOutline(Struct, frozen=True, array_like=True, gc=False):
    """A `Bill` as `HeldOutline` has it."""

    lines: Raw
    amount_minor: int
    spent_points: int
    spent_minor: int
    paid_minor: int
    earned_points: int
    earnings: Raw
    draws: tuple[Lot, ...]
    debt_paid_points: int
    programme_version: int
    discount_minor: int
    applied: Raw
    services: Raw
    coupons: Raw
    wallet: int
    currency: str


class HeldOutline(Struct, frozen=True, array_like=True, gc=False, tag=3):
    """A `Held` of which only what gives back is decoded; the rest, most of it, is written as it was read."""

    member_id: int
    asked: Raw
    bill: BillOutline
    parts: Raw
    earned: Raw
    until_ms: int
    partner: int
    day: int
    uses: tuple[Use, ...]
    turnover_minor: int
    issuers: tuple[int, ...]
    owed: Raw
    purposes: Raw
    hold: HoldState
    seq: int
    time_ms: int
    actor: bytes


class ServiceUse(Struct, frozen=True, array_like=True, gc=False, tag=4):
    """Services that were used."""

    member_id: int
    service: str
    times: int
    left_times: int
    seq: int = 0
    time_ms: int = 0
    actor: bytes = b""


class Right(Struct, frozen=True, array_like=True, gc=False):
    """An entitlement to services; its end is in its key."""

    service: str
    times: int
    times_left: int
    active_from_ms: int
    receipt: ReceiptId
    line: int
    promotion: int


class Item(Struct, frozen=True, array_like=True, gc=False):
    """A statement's item; its place is in its key."""

    time_ms: int
    movement: Movement
    receipt: ReceiptId | None
    returned_receipt: ReceiptId | None
    points: int
    postings: tuple[Posting, ...]
    actor: bytes
    reason: str = ""


class Programme(Struct, frozen=True, array_like=True, gc=False):
    """One version of a programme's rules; 0 is the built-in one."""

    version: int
    rules: Rules


class Store(Struct, frozen=True, array_like=True, gc=False):
    """A registered store."""

    version: int
    name: str
    zone: Zone
    partner: int = 0
    country: str = ""
    city: str = ""
    channel: str = ""
    currency: str = ""


class Partner(Struct, frozen=True, array_like=True, gc=False):
    """A registered partner."""

    version: int
    name: str
    funds_minor: int
    funds_points: int


class Published(Struct, frozen=True, array_like=True, gc=False):
    """A promotion in force."""

    version: int
    promotion: Promotion
    time_ms: int = 0  # log time of the change
    actor: bytes = b""
    reason: str = ""  # as it was given, with pausing


class Book(Struct, frozen=True, array_like=True, gc=False):
    """All promotions in force, told apart by a digest over all changes so far."""

    changes: int
    promotions: int  # how many
    digest: bytes
    before: bytes = b""  # the digest before the last change
    changed: tuple[int, ...] = ()  # promotions that the last change published, paused or dropped


class Usage(Struct, frozen=True, array_like=True, gc=False):
    """What a promotion or funder gave so far, holds included."""

    times: int = 0
    minor: int = 0
    points: int = 0
    reserved_until_ms: int = 0  # no reservation of a hold ends earlier; 0: there is none


class MemberUsage(Struct, frozen=True, array_like=True, gc=False):
    """How often a member had a promotion, holds included."""

    times: int = 0
    days: tuple[tuple[int, int], ...] = ()  # (business day, times) of the newest days, ascending


class Coupon(Struct, frozen=True, array_like=True, gc=False):
    """A code that lets a promotion apply."""

    promotion: int
    times: int  # receipts that it lets the promotion apply to
    used_times: int  # what is held is in it
    from_ms: int
    until_ms: int  # NEVER_MS: never ends
    owner: int  # member id, as it was issued or last moved; 0: whoever has it
    receipt: ReceiptId | None = None  # that gave it


class Adjusted(Struct, frozen=True, array_like=True, gc=False):
    """An adjustment as it was answered; `asked` is the command in bytes, its member left out."""

    asked: bytes
    member_id: int
    debt_paid_points: int
    lot: Lot | None
    draws: tuple[Lot, ...]


member: Final = msgpack.Decoder(Member).decode
held_lot: Final = msgpack.Decoder(HeldLot).decode
taken: Final = msgpack.Decoder(Receipt | Return | Held | ServiceUse).decode
held_outline: Final = msgpack.Decoder(Receipt | Return | HeldOutline | ServiceUse).decode
item: Final = msgpack.Decoder(Item).decode
profile: Final = msgpack.Decoder(Profile).decode
right: Final = msgpack.Decoder(Right).decode
usage: Final = msgpack.Decoder(Usage).decode
member_usage: Final = msgpack.Decoder(MemberUsage).decode
coupon: Final = msgpack.Decoder(Coupon).decode
adjusted: Final = msgpack.Decoder(Adjusted).decode
book: Final = msgpack.Decoder(Book).decode
# Published data are read with every command and hardly ever change: the same bytes, the same value.
programme: Final = lru_cache(maxsize=64)(msgpack.Decoder(Programme).decode)
store: Final = lru_cache(maxsize=4096)(msgpack.Decoder(Store).decode)
partner: Final = lru_cache(maxsize=1024)(msgpack.Decoder(Partner).decode)
published: Final = lru_cache(maxsize=8192)(msgpack.Decoder(Published).decode)
