"""What came of a command or query, as values in canonical bytes. Tags stay for ever.

Instants are UTC milliseconds; a window that never ends ends at `NEVER_MS`.
"""

from loyalty.outcomes.back_office import (
    AdjustDone,
    ChangeMemberDone,
    DefineDone,
    GetCouponDone,
    GetPartnerDone,
    GetProgrammeDone,
    GetPromotionDone,
    GetStoreDone,
    IssueCouponDone,
    ListPromotionsDone,
    MergeMembersDone,
    PromotionItem,
    Usage,
)
from loyalty.outcomes.bills import (
    NEVER_MS,
    PRIORITY_REGULAR,
    Applied,
    AppliedLine,
    Balance,
    Bill,
    BillLine,
    CouponGiven,
    Earning,
    Lot,
    Outcome,
    PassedOver,
    QuoteDone,
    Search,
    ServiceGiven,
)
from loyalty.outcomes.booked import (
    AnyBooked,
    Booked,
    GetReceiptDone,
    HeldOrder,
    HoldState,
    Purchase,
    Return,
    ServiceUse,
)
from loyalty.outcomes.codes import Account, Code, Movement, Reason, Source
from loyalty.outcomes.members import (
    CouponItem,
    Ending,
    FindMemberDone,
    GetBalanceDone,
    GetStatementDone,
    HoldItem,
    ListLotsDone,
    LotItem,
    Posting,
    ServiceItem,
    Standing,
    StatementItem,
    WalletBalance,
)
from loyalty.outcomes.till import (
    CancelHoldDone,
    CaptureDone,
    ConfirmDone,
    CorrectDone,
    EnrolDone,
    HoldDone,
    Rejected,
    Returned,
    ReturnedLine,
    ReturnedPoints,
    ReturnLinesDone,
    UseServiceDone,
    VoidDone,
)

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
    | VoidDone
    | CorrectDone
    | HoldDone
    | CancelHoldDone
    | UseServiceDone
    | AdjustDone
    | ChangeMemberDone
    | MergeMembersDone
    | IssueCouponDone
    | GetPartnerDone
    | GetPromotionDone
    | ListPromotionsDone
    | GetReceiptDone
    | GetCouponDone
    | ListLotsDone
)

__all__ = [
    "NEVER_MS",
    "PRIORITY_REGULAR",
    "Account",
    "AdjustDone",
    "AnyBooked",
    "AnyOutcome",
    "Applied",
    "AppliedLine",
    "Balance",
    "Bill",
    "BillLine",
    "Booked",
    "CancelHoldDone",
    "CaptureDone",
    "ChangeMemberDone",
    "Code",
    "ConfirmDone",
    "CorrectDone",
    "CouponGiven",
    "CouponItem",
    "DefineDone",
    "Earning",
    "Ending",
    "EnrolDone",
    "FindMemberDone",
    "GetBalanceDone",
    "GetCouponDone",
    "GetPartnerDone",
    "GetProgrammeDone",
    "GetPromotionDone",
    "GetReceiptDone",
    "GetStatementDone",
    "GetStoreDone",
    "HeldOrder",
    "HoldDone",
    "HoldItem",
    "HoldState",
    "IssueCouponDone",
    "ListLotsDone",
    "ListPromotionsDone",
    "Lot",
    "LotItem",
    "MergeMembersDone",
    "Movement",
    "Outcome",
    "PassedOver",
    "Posting",
    "PromotionItem",
    "Purchase",
    "QuoteDone",
    "Reason",
    "Rejected",
    "Return",
    "ReturnLinesDone",
    "Returned",
    "ReturnedLine",
    "ReturnedPoints",
    "Search",
    "ServiceGiven",
    "ServiceItem",
    "ServiceUse",
    "Source",
    "Standing",
    "StatementItem",
    "Usage",
    "UseServiceDone",
    "VoidDone",
    "WalletBalance",
]
