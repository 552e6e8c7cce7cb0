"""What stands behind the identity of a receipt: a purchase, a return, a hold or the use of services."""

from enum import IntEnum

from msgspec import Struct

from loyalty.commands import Line, ReceiptId, Tender
from loyalty.outcomes.bills import Bill, Outcome
from loyalty.outcomes.till import Returned


class Booked(Struct, frozen=True, array_like=True, gc=False):
    """Base of what can stand there; in bytes each begins with its tag."""


class Purchase(Booked, frozen=True, tag=1):
    """A confirmed receipt, as it was booked; `bill` names the programme's version."""

    member_id: int
    receipt: ReceiptId
    sold_ms: int
    lines: tuple[Line, ...]
    bill: Bill
    returned_milli: tuple[int, ...]  # of each line, how much has come back
    tenders: tuple[Tender, ...]
    offline: bool
    voided: bool
    seq: int
    time_ms: int
    actor: bytes


class Return(Booked, frozen=True, tag=2):
    """A return under its own identity."""

    member_id: int
    return_receipt: ReceiptId
    receipt: ReceiptId
    returned: Returned
    seq: int
    time_ms: int
    actor: bytes


class HoldState(IntEnum):
    """What became of a hold; a captured one is a purchase."""

    OPEN = 1
    CANCELLED = 2
    ENDED = 3  # by log time


class HeldOrder(Booked, frozen=True, tag=3):
    """An order that is, or was, held."""

    member_id: int
    receipt: ReceiptId
    lines: tuple[Line, ...]
    bill: Bill
    until_ms: int
    state: HoldState
    seq: int
    time_ms: int
    actor: bytes


class ServiceUse(Booked, frozen=True, tag=4):
    """Entitlements that were used."""

    member_id: int
    use: ReceiptId
    service: str
    times: int
    seq: int
    time_ms: int
    actor: bytes


AnyBooked = Purchase | Return | HeldOrder | ServiceUse


class GetReceiptDone(Outcome, frozen=True, tag=23):
    """What stands behind the identity."""

    booked: AnyBooked
