"""What is kept in the state, as MessagePack arrays; keys are told in `keys.py`."""

from functools import lru_cache
from typing import Final

from msgspec import Struct, msgpack

from loyalty.commands import Line, ReceiptId, ReturnLine, Rules, SpendMode, Zone
from loyalty.outcomes import Movement, Posting, Returned

encode: Final = msgpack.Encoder().encode


class Member(Struct, array_like=True, gc=False):
    """A person, with the sums over his lots as of `as_of_ms` (see `lots.py`)."""

    phone: str
    cards: tuple[str, ...]
    enrolled_ms: int
    lots: int  # given out so far
    open_lots: int  # with points, not ended
    active_points: int
    debt_points: int
    as_of_ms: int
    next_end_ms: int  # no open lot ends earlier; it may be that none ends then
    future: tuple[tuple[int, int], ...]  # (from_ms, points) of what has not begun, ascending


class HeldLot(Struct, frozen=True, array_like=True, gc=False):
    """A lot's contents; its window is in its key."""

    points: int
    source: Movement
    origin: ReceiptId | None
    programme_version: int


class Identity(Struct, frozen=True, array_like=True, gc=False):
    """What a receipt identity was used for, and whose it is."""

    movement: Movement
    member_id: int


class Draw(Struct, frozen=True, array_like=True, gc=False):
    """Points out of one lot."""

    lot: int
    points: int
    from_ms: int
    until_ms: int


class SoldLine(Struct, frozen=True, array_like=True, gc=False):
    """A line with its provenance. `parts`: (which draw of the receipt, points), in spending order."""

    line: Line
    spent_points: int
    spent_minor: int
    earned_points: int
    parts: tuple[tuple[int, int], ...]
    returned_milli: int


class Receipt(Struct, frozen=True, array_like=True, gc=False):
    """A confirmed purchase. `earned_lot` is the lot's number and window; its points went in at first."""

    programme_version: int
    sold_ms: int
    spend_points: int  # as asked for
    spend_mode: SpendMode
    lines: tuple[SoldLine, ...]
    draws: tuple[Draw, ...]
    earned_lot: Draw | None
    debt_paid_points: int


class Return(Struct, frozen=True, array_like=True, gc=False):
    """A return that was taken."""

    receipt: ReceiptId
    lines: tuple[ReturnLine, ...]
    returned: Returned


class Item(Struct, frozen=True, array_like=True, gc=False):
    """A statement's item; its seq is in its key."""

    time_ms: int
    movement: Movement
    receipt: ReceiptId | None
    returned_receipt: ReceiptId | None
    points: int
    postings: tuple[Posting, ...]
    actor: bytes


class Programme(Struct, frozen=True, array_like=True, gc=False):
    """One version of a programme's rules; 0 is the built-in one."""

    version: int
    rules: Rules


class Store(Struct, frozen=True, array_like=True, gc=False):
    """A registered store."""

    version: int
    name: str
    zone: Zone


member: Final = msgpack.Decoder(Member).decode
held_lot: Final = msgpack.Decoder(HeldLot).decode
identity: Final = msgpack.Decoder(Identity).decode
receipt: Final = msgpack.Decoder(Receipt).decode
returned: Final = msgpack.Decoder(Return).decode
item: Final = msgpack.Decoder(Item).decode
# Published data are read with every command and hardly ever change: the same bytes, the same value.
programme: Final = lru_cache(maxsize=64)(msgpack.Decoder(Programme).decode)
store: Final = lru_cache(maxsize=4096)(msgpack.Decoder(Store).decode)
