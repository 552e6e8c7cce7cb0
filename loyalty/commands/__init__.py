"""What clients want of the loyalty engine, as values: commands and queries in canonical bytes.

A body is the MessagePack array of one of the structs below. The node that took the call makes
it once; the same bytes go over the link, to disk and into the engine. Bodies are typed but not
trusted: whatever decodes is executed to an outcome. Units end the names (see the protos).
"""

from enum import IntEnum
from typing import Annotated, Final

from msgspec import Meta, Struct

from loyalty.commands.limits import TEXT_MAX_BYTES

PROGRAMME_DEFAULT: Final = 1  # exists from the start; what 0 means in a call


class Kind(IntEnum):
    """What an entry's body is. Below 16 are the runtime's own kinds."""

    ENROL = 16
    CONFIRM = 17
    RETURN_LINES = 18
    DEFINE_PROGRAMME = 32
    DEFINE_STORE = 33


class LineKind(IntEnum):
    """Whether a line earns and takes points: only goods do."""

    GOODS = 1
    DELIVERY = 2
    GIFT_CARD = 3


class SpendMode(IntEnum):
    """How firmly the till asks to spend."""

    NONE = 0
    UP_TO = 1
    EXACTLY = 2


class Shortfall(IntEnum):
    """What happens when earned points that must come back are spent already."""

    NEGATIVE = 1
    CLAMP = 2


class UnknownStore(IntEnum):
    """What happens at a store that was never registered."""

    UTC = 1
    REJECT = 2


# What is kept of a text stays short whoever made the command: a longer one does not decode.
Text = Annotated[str, Meta(max_length=TEXT_MAX_BYTES)]

# A member as the till named him: his id, or a directory token made by `places.phone_token` or `card_token`.
Who = int | Annotated[str, Meta(max_length=TEXT_MAX_BYTES + 1)]


class Command(Struct, frozen=True, array_like=True, gc=False):
    """Base of all commands."""


class ReceiptId(Struct, frozen=True, array_like=True, gc=False, order=True):
    """The natural identity of a receipt or return. `business_day` is YYYYMMDD."""

    store: int
    terminal: int
    number: int
    business_day: int


class Line(Struct, frozen=True, array_like=True, gc=False):
    """One line of a basket; the amount is the till's word, before points."""

    sku: Text
    quantity_milli: int
    amount_minor: int
    kind: LineKind


class ReturnLine(Struct, frozen=True, array_like=True, gc=False, order=True):
    """`line` counts from 1 in the confirmed basket."""

    line: int
    quantity_milli: int


class Rules(Struct, frozen=True, array_like=True, gc=False):
    """A programme's rules; each value is explained in proto/loyalty/v1/back_office.proto."""

    name: Text
    currency: Text
    earn_points: int
    earn_per_minor: int
    earn_delay_days: int
    lot_window_days: int
    point_value_minor: int
    point_value_points: int
    spend_unit_points: int
    line_limit_basis_points: int
    receipt_limit_basis_points: int
    welcome_points: int
    welcome_window_days: int
    late_receipt_max_days: int
    ending_soon_days: int
    shortfall: Shortfall
    unknown_store: UnknownStore


# The store's zone: (from_ms, offset_s) pairs, ascending; the first holds since ever.
Zone = tuple[tuple[int, int], ...]


class Enrol(Command, frozen=True):
    """Make a person a member. `store` 0: not in a store."""

    phone: str
    cards: tuple[str, ...]
    store: int


class Confirm(Command, frozen=True):
    """Book a purchase. `sold_ms` 0: at log time."""

    receipt: ReceiptId
    member: Who
    sold_ms: int
    lines: tuple[Line, ...]
    spend_points: int
    spend_mode: SpendMode
    quote_digest: bytes
    accept_changed: bool
    offline: bool


class ReturnLines(Command, frozen=True):
    """Take lines of a confirmed receipt back."""

    return_receipt: ReceiptId
    receipt: ReceiptId
    lines: tuple[ReturnLine, ...]


class DefineProgramme(Command, frozen=True):
    """Publish the rules of the entry's programme."""

    rules: Rules


class DefineStore(Command, frozen=True):
    """Register or change a store of the entry's programme."""

    store: int
    name: Text
    zone: Zone


class Query(Struct, frozen=True, array_like=True, gc=False):
    """Base of all queries; on the wire each begins with its tag."""


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


class GetBalance(Query, frozen=True, tag=3):
    """How many points."""

    programme: int
    member: Who


class GetStatement(Query, frozen=True, tag=4):
    """Movements with `seq < before_seq` (0: from the newest on), newest first."""

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


AnyQuery = FindMember | Quote | GetBalance | GetStatement | GetProgramme | GetStore
