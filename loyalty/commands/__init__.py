"""What clients want of the loyalty engine, as values: commands and queries in canonical bytes.

A body is the MessagePack array of one of the structs below. The node that took the call makes
it once; the same bytes go over the link, to disk and into the engine. Bodies are typed but not
trusted: whatever decodes is executed to an outcome. Units end the names (see the protos).
"""

from enum import IntEnum

from loyalty.commands.back_office import (
    Adjust,
    ChangeMember,
    DefinePartner,
    DefineProgramme,
    DefineStore,
    IssueCoupon,
    MergeMembers,
    PausePromotion,
    Profile,
    PublishPromotion,
    Status,
)
from loyalty.commands.basics import PROGRAMME_DEFAULT, Command, Query, Text, Who
from loyalty.commands.basket import (
    Attributes,
    Coupons,
    Line,
    LineKind,
    ReceiptId,
    ReturnLine,
    SpendMode,
    Tender,
    TenderKind,
    Tenders,
)
from loyalty.commands.policies import Policies, Shortfall
from loyalty.commands.promotions import Promotion
from loyalty.commands.queries import (
    AnyQuery,
    DryRun,
    FindMember,
    GetBalance,
    GetCoupon,
    GetPartner,
    GetProgramme,
    GetPromotion,
    GetReceipt,
    GetStatement,
    GetStore,
    ListLots,
    ListPromotions,
    Quote,
)
from loyalty.commands.rules import (
    WALLET_BONUS,
    Currency,
    Gift,
    GiftDay,
    Rules,
    Tier,
    TierPeriod,
    UnknownStore,
    Wallet,
    WalletKind,
    Worth,
    Zone,
)
from loyalty.commands.till import (
    CancelHold,
    Capture,
    Confirm,
    CorrectReceipt,
    Enrol,
    Hold,
    ReturnLines,
    UseService,
    VoidReceipt,
)


class Kind(IntEnum):
    """What an entry's body is. Below 16 are the runtime's own kinds."""

    ENROL = 16
    CONFIRM = 17
    RETURN_LINES = 18
    VOID_RECEIPT = 19
    CORRECT_RECEIPT = 20
    HOLD = 21
    CAPTURE = 22
    CANCEL_HOLD = 23
    USE_SERVICE = 24
    DEFINE_PROGRAMME = 32
    DEFINE_STORE = 33
    DEFINE_PARTNER = 34
    PUBLISH_PROMOTION = 35
    PAUSE_PROMOTION = 36
    ISSUE_COUPON = 37
    ADJUST = 38
    CHANGE_MEMBER = 39
    MERGE_MEMBERS = 40


__all__ = [
    "PROGRAMME_DEFAULT",
    "WALLET_BONUS",
    "Adjust",
    "AnyQuery",
    "Attributes",
    "CancelHold",
    "Capture",
    "ChangeMember",
    "Command",
    "Confirm",
    "CorrectReceipt",
    "Coupons",
    "Currency",
    "DefinePartner",
    "DefineProgramme",
    "DefineStore",
    "DryRun",
    "Enrol",
    "FindMember",
    "GetBalance",
    "GetCoupon",
    "GetPartner",
    "GetProgramme",
    "GetPromotion",
    "GetReceipt",
    "GetStatement",
    "GetStore",
    "Gift",
    "GiftDay",
    "Hold",
    "IssueCoupon",
    "Kind",
    "Line",
    "LineKind",
    "ListLots",
    "ListPromotions",
    "MergeMembers",
    "PausePromotion",
    "Policies",
    "Profile",
    "Promotion",
    "PublishPromotion",
    "Query",
    "Quote",
    "ReceiptId",
    "ReturnLine",
    "ReturnLines",
    "Rules",
    "Shortfall",
    "SpendMode",
    "Status",
    "Tender",
    "TenderKind",
    "Tenders",
    "Text",
    "Tier",
    "TierPeriod",
    "UnknownStore",
    "UseService",
    "VoidReceipt",
    "Wallet",
    "WalletKind",
    "Who",
    "Worth",
    "Zone",
]
