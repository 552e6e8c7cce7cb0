"""What came of a command or query, as values in canonical bytes. Tags stay for ever.

Instants are UTC milliseconds; a window that never ends ends at `NEVER_MS`.
"""

from enum import IntEnum
from typing import Final

from msgspec import Struct

from loyalty.commands import ReceiptId, Rules, Zone

NEVER_MS: Final = 2**63 - 1


class Code(IntEnum):
    """Why something was refused, in the order in which it is looked at (loyalty/RULES.md).

    The first four are the runtime's verdicts; the engine never gives them.
    """

    REQUEST_TOO_OLD = 10
    REQUEST_ID_REUSED = 11
    REQUEST_ABANDONED = 12
    REQUEST_SEEN_AHEAD = 13
    MALFORMED = 15
    PROGRAMME_UNKNOWN = 20
    IDENTITY_MISSING = 30
    PHONE_MALFORMED = 31
    CARD_MALFORMED = 32
    TOO_MANY_CARDS = 33
    CARD_REPEATED = 34
    PHONE_TAKEN = 35
    CARD_TAKEN = 36
    RECEIPT_MALFORMED = 40
    NO_LINES = 41
    TOO_MANY_LINES = 42
    QUANTITY_OUT_OF_RANGE = 43
    AMOUNT_OUT_OF_RANGE = 44
    SPEND_OUT_OF_RANGE = 45
    MEMBER_UNKNOWN = 50
    RECEIPT_TAKEN = 51
    RETURN_TAKEN = 52
    STORE_UNKNOWN = 53
    SOLD_TOO_LONG_AGO = 54
    SOLD_AHEAD = 55
    BUSINESS_DAY_WRONG = 56
    SPEND_OFFLINE = 60
    SPEND_NOT_WHOLE_UNITS = 61
    SPEND_OVER_LIMIT = 62
    BALANCE_TOO_LOW = 63
    SPEND_TOO_MANY_LOTS = 64
    TOO_MANY_LOTS = 65
    POINTS_TOO_LARGE = 66
    QUOTE_CHANGED = 67
    RECEIPT_UNKNOWN = 70
    LINE_UNKNOWN = 71
    LINE_REPEATED = 72
    RETURN_OVER_BOUGHT = 73
    PROGRAMME_INVALID = 80
    STORE_INVALID = 81


class Movement(IntEnum):
    """What an item of a statement came from."""

    ENROL = 1
    PURCHASE = 2
    RETURN = 3


class Account(IntEnum):
    """Accounts that postings go between."""

    ISSUER = 1  # gives points out and owes for them
    MEMBER_LOT = 2  # ref: the lot
    MEMBER_DEBT = 3  # below zero while he owes
    ACCEPTOR = 4  # ref: the store that took points as payment


class Outcome(Struct, frozen=True, array_like=True, gc=False):
    """Base of all answers; in bytes each begins with its tag."""


class Balance(Struct, frozen=True, array_like=True, gc=False):
    """A member's points at one log time; see the proto."""

    active_points: int
    spendable_points: int
    future_points: int
    debt_points: int


class BillLine(Struct, frozen=True, array_like=True, gc=False):
    """What one line came to."""

    amount_minor: int
    spent_points: int
    spent_minor: int
    paid_minor: int
    earned_points: int


class Lot(Struct, frozen=True, array_like=True, gc=False):
    """Points with the window `[active_from_ms, active_until_ms)`."""

    lot: int
    points: int
    active_from_ms: int
    active_until_ms: int


class Bill(Struct, frozen=True, array_like=True, gc=False):
    """What a basket comes to; every sum is over `lines` and `draws`."""

    lines: tuple[BillLine, ...]
    amount_minor: int
    spent_points: int
    spent_minor: int
    paid_minor: int
    earned_points: int
    earned_lot: Lot | None
    draws: tuple[Lot, ...]
    debt_paid_points: int
    programme_version: int


class QuoteDone(Outcome, frozen=True, tag=2):
    """`most_points`: what could be spent at most on this basket."""

    bill: Bill
    quote_digest: bytes
    most_points: int
    balance: Balance


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


class Returned(Struct, frozen=True, array_like=True, gc=False):
    """What one return came to; kept, so that a repeated return gets the same answer."""

    lines: tuple[ReturnedLine, ...]
    refund_minor: int
    points_back: int
    points_back_ended: int
    points_taken: int
    points_owed: int
    points_back_settled: int = 0


class ReturnLinesDone(Outcome, frozen=True, tag=4):
    """The goods are taken back."""

    member_id: int
    return_receipt: ReceiptId
    receipt: ReceiptId
    returned: Returned
    balance: Balance
    repeated: bool


class DefineDone(Outcome, frozen=True, tag=5):
    """Published; `version` is in force."""

    version: int


class FindMemberDone(Outcome, frozen=True, tag=6):
    """Who it is."""

    member_id: int
    phone: str
    cards: tuple[str, ...]
    enrolled_ms: int
    balance: Balance


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


class Posting(Struct, frozen=True, array_like=True, gc=False):
    """One side of a double entry."""

    account: Account
    ref: int
    points: int


class StatementItem(Struct, frozen=True, array_like=True, gc=False):
    """One movement; `points` is the change over the member's lots and debt, postings sum to zero."""

    seq: int
    time_ms: int
    movement: Movement
    receipt: ReceiptId | None
    returned_receipt: ReceiptId | None
    points: int
    postings: tuple[Posting, ...]
    actor: bytes


class GetStatementDone(Outcome, frozen=True, tag=8):
    """One page. `next_before_seq` 0: the last page. `as_of_seq` 0: as of the answer."""

    member_id: int
    items: tuple[StatementItem, ...]
    next_before_seq: int
    as_of_seq: int


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


AnyOutcome = (
    Rejected
    | EnrolDone
    | QuoteDone
    | ConfirmDone
    | ReturnLinesDone
    | DefineDone
    | FindMemberDone
    | GetBalanceDone
    | GetStatementDone
    | GetProgrammeDone
    | GetStoreDone
)
