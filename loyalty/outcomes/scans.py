"""What long reads give: rows in chunks. Instants are UTC milliseconds; what never ends ends at `NEVER_MS`."""

from typing import Generic, TypeVar

from msgspec import Struct

from loyalty.commands import Status
from loyalty.outcomes.bills import Balance
from loyalty.outcomes.members import StatementItem
from loyalty.outcomes.till import Rejected

Row = TypeVar("Row")


class Chunk(Struct, Generic[Row], frozen=True, array_like=True, gc=False):
    """Some rows, and how far the scan is. A scan that is refused has one chunk, with the reason."""

    slots_done: int
    slots_total: int
    rows: tuple[Row, ...]
    rejected: Rejected | None = None


class LiabilityRow(Struct, frozen=True, array_like=True, gc=False):
    """Points whose window ends on one UTC day."""

    until_day: int  # YYYYMMDD; 0: they never end
    wallet: int
    partner: int  # who issued them; 0: the programme's own
    points: int


class EndingRow(Struct, frozen=True, array_like=True, gc=False):
    """Active points of one member that end at one instant."""

    member_id: int
    wallet: int
    active_until_ms: int
    points: int
    purposed: bool  # pays for some goods only


class BirthdayRow(Struct, frozen=True, array_like=True, gc=False):
    """Who has a birthday."""

    member_id: int
    birthday: int  # YYYYMMDD, or MMDD without a year
    phone: str
    language: str
    consents: tuple[str, ...]
    status: Status


class WalletRow(Struct, frozen=True, array_like=True, gc=False):
    """A member's points of one kind."""

    wallet: int
    balance: Balance


class MemberRow(Struct, frozen=True, array_like=True, gc=False):
    """A member, and what he has."""

    member_id: int
    status: Status
    merged_into: int  # 0: he was not
    phone: str
    cards: tuple[str, ...]
    externals: tuple[str, ...]
    enrolled_ms: int
    store: int
    birthday: int
    purchases: int
    wallets: tuple[WalletRow, ...]


class StatementRow(Struct, frozen=True, array_like=True, gc=False):
    """A movement of a member."""

    member_id: int
    item: StatementItem


class UsageRow(Struct, frozen=True, array_like=True, gc=False):
    """What a promotion, or a partner as funder, gave so far; what is held is in it."""

    promotion: int  # 0: it is a partner
    partner: int  # who funds the promotion, or the partner himself; 0: nobody
    name: str
    version: int
    paused: bool
    times: int
    minor: int
    points: int
