"""What is kept in the state, as MessagePack arrays; keys are told in `keys.py`."""

from functools import lru_cache
from typing import Final

from msgspec import Struct, msgpack

from loyalty.commands import Line, ReceiptId, ReturnLine, Rules, SpendMode, Zone
from loyalty.outcomes import Bill, Movement, Posting, Returned

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
    programme_version: int  # whose rules say what becomes of points that are missing here
    missing_points: int = 0  # taken back of what was earned into it, while it was empty


class Receipt(Struct, frozen=True, array_like=True, gc=False, tag=1):
    """A confirmed purchase, with its provenance line by line."""

    member_id: int
    sold_ms: int
    spend_points: int  # as asked for
    spend_mode: SpendMode
    lines: tuple[Line, ...]
    bill: Bill  # as it was answered
    parts: tuple[tuple[tuple[int, int], ...], ...]  # per line: (draw of the bill, points), in their order
    returned_milli: tuple[int, ...]  # per line


class Return(Struct, frozen=True, array_like=True, gc=False, tag=2):
    """A return that was taken."""

    member_id: int
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
taken: Final = msgpack.Decoder(Receipt | Return).decode
item: Final = msgpack.Decoder(Item).decode
# Published data are read with every command and hardly ever change: the same bytes, the same value.
programme: Final = lru_cache(maxsize=64)(msgpack.Decoder(Programme).decode)
store: Final = lru_cache(maxsize=4096)(msgpack.Decoder(Store).decode)
