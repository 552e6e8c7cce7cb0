"""What came of tills' commands. Tags stay for ever."""

from msgspec import Struct

from loyalty.commands import ReceiptId
from loyalty.outcomes.bills import Balance, Bill, Outcome, QuoteDone
from loyalty.outcomes.codes import Code


class Rejected(Outcome, frozen=True, tag=0):
    """A business refusal; nothing was changed. `new_quote` only with QUOTE_CHANGED."""

    code: Code
    field: str
    acceptable: str
    new_quote: QuoteDone | None = None


class EnrolDone(Outcome, frozen=True, tag=1):
    """The person is a member."""

    member_id: int
    balance: Balance


class ConfirmDone(Outcome, frozen=True, tag=3):
    """The purchase is booked. `repeated`: it was before, and nothing changed now."""

    member_id: int
    receipt: ReceiptId
    bill: Bill
    balance: Balance
    repeated: bool


class ReturnedLine(Struct, frozen=True, array_like=True, gc=False):
    """What came back of one line."""

    line: int
    quantity_milli: int
    refund_minor: int
    points_back: int
    points_taken: int
    left_milli: int


class ReturnedPoints(Struct, frozen=True, array_like=True, gc=False):
    """Points of a further wallet that go with the goods that earned them."""

    wallet: int
    points_taken: int
    points_owed: int


class Returned(Struct, frozen=True, array_like=True, gc=False):
    """What one return came to; kept, so that a repeated return gets the same answer.

    `points_back` are of the wallet that was spent from, `points_taken` of wallet 0. The refunds of `lines`
    sum to `refund_minor` and `kept_back_minor`.
    """

    lines: tuple[ReturnedLine, ...]
    refund_minor: int
    points_back: int
    points_back_ended: int
    points_taken: int
    points_owed: int
    points_back_settled: int = 0
    kept_back_minor: int = 0  # not refunded: it pays for `kept_back_points`
    kept_back_points: int = 0  # earned, and spent since; of `points_taken`
    wallets: tuple[ReturnedPoints, ...] = ()
    services_taken: int = 0  # entitlements that go with the goods


class ReturnLinesDone(Outcome, frozen=True, tag=4):
    """The goods are taken back."""

    member_id: int
    return_receipt: ReceiptId
    receipt: ReceiptId
    returned: Returned
    balance: Balance
    repeated: bool


class VoidDone(Outcome, frozen=True, tag=11):
    """The receipt is as if it had never been."""

    member_id: int
    receipt: ReceiptId
    returned: Returned  # all that was still with the customer
    balance: Balance
    repeated: bool


class CorrectDone(Outcome, frozen=True, tag=12):
    """The wrong receipt is undone and the right one booked."""

    voided: Returned
    confirmed: ConfirmDone


class HoldDone(Outcome, frozen=True, tag=13):
    """Points and budgets are reserved until `until_ms`, and the bill stands until then."""

    member_id: int
    receipt: ReceiptId
    bill: Bill
    until_ms: int
    balance: Balance  # without what is held
    repeated: bool


CaptureDone = ConfirmDone  # with the bill of the hold


class CancelHoldDone(Outcome, frozen=True, tag=14):
    """Nothing is held any more."""

    member_id: int
    receipt: ReceiptId
    points_back: int
    points_back_ended: int  # of these, in lots whose window has ended meanwhile
    balance: Balance
    repeated: bool


class UseServiceDone(Outcome, frozen=True, tag=15):
    """Entitlements are used."""

    member_id: int
    use: ReceiptId
    service: str
    times: int
    left_times: int  # of this kind, after it
    repeated: bool
