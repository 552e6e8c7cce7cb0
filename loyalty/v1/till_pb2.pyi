from loyalty.v1 import back_office_outcomes_pb2 as _back_office_outcomes_pb2
from loyalty.v1 import common_pb2 as _common_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PassedOverReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PASSED_OVER_REASON_UNSPECIFIED: _ClassVar[PassedOverReason]
    PASSED_OVER_REASON_PAUSED: _ClassVar[PassedOverReason]
    PASSED_OVER_REASON_NOT_NOW: _ClassVar[PassedOverReason]
    PASSED_OVER_REASON_NOT_HERE: _ClassVar[PassedOverReason]
    PASSED_OVER_REASON_NOT_FOR_MEMBER: _ClassVar[PassedOverReason]
    PASSED_OVER_REASON_NO_COUPON: _ClassVar[PassedOverReason]
    PASSED_OVER_REASON_NO_LINES: _ClassVar[PassedOverReason]
    PASSED_OVER_REASON_CONDITION: _ClassVar[PassedOverReason]
    PASSED_OVER_REASON_LIMIT: _ClassVar[PassedOverReason]
    PASSED_OVER_REASON_BUDGET: _ClassVar[PassedOverReason]
    PASSED_OVER_REASON_NO_EFFECT: _ClassVar[PassedOverReason]
    PASSED_OVER_REASON_GROUP: _ClassVar[PassedOverReason]
    PASSED_OVER_REASON_WORTH_LESS: _ClassVar[PassedOverReason]
    PASSED_OVER_REASON_SEARCH_ENDED: _ClassVar[PassedOverReason]
    PASSED_OVER_REASON_TOO_MANY: _ClassVar[PassedOverReason]

class Movement(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MOVEMENT_UNSPECIFIED: _ClassVar[Movement]
    MOVEMENT_ENROL: _ClassVar[Movement]
    MOVEMENT_PURCHASE: _ClassVar[Movement]
    MOVEMENT_RETURN: _ClassVar[Movement]
    MOVEMENT_ADJUST: _ClassVar[Movement]
    MOVEMENT_GIFT: _ClassVar[Movement]
    MOVEMENT_HOLD: _ClassVar[Movement]
    MOVEMENT_CAPTURE: _ClassVar[Movement]
    MOVEMENT_CANCEL: _ClassVar[Movement]
    MOVEMENT_VOID: _ClassVar[Movement]
    MOVEMENT_CORRECT: _ClassVar[Movement]
    MOVEMENT_SERVICE: _ClassVar[Movement]
    MOVEMENT_MERGE: _ClassVar[Movement]
    MOVEMENT_COUPON: _ClassVar[Movement]
    MOVEMENT_CHANGE: _ClassVar[Movement]

class Account(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ACCOUNT_UNSPECIFIED: _ClassVar[Account]
    ACCOUNT_ISSUER: _ClassVar[Account]
    ACCOUNT_MEMBER_LOT: _ClassVar[Account]
    ACCOUNT_MEMBER_DEBT: _ClassVar[Account]
    ACCOUNT_ACCEPTOR: _ClassVar[Account]
    ACCOUNT_HELD: _ClassVar[Account]
    ACCOUNT_FUNDER: _ClassVar[Account]
    ACCOUNT_STORE_MONEY: _ClassVar[Account]

class Source(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SOURCE_UNSPECIFIED: _ClassVar[Source]
    SOURCE_PURCHASE: _ClassVar[Source]
    SOURCE_PROMOTION: _ClassVar[Source]
    SOURCE_WELCOME: _ClassVar[Source]
    SOURCE_GIFT: _ClassVar[Source]
    SOURCE_ADJUSTMENT: _ClassVar[Source]
    SOURCE_RETURN: _ClassVar[Source]
    SOURCE_CONVERSION: _ClassVar[Source]
    SOURCE_TRANSFER: _ClassVar[Source]

class HoldState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    HOLD_STATE_UNSPECIFIED: _ClassVar[HoldState]
    HOLD_STATE_OPEN: _ClassVar[HoldState]
    HOLD_STATE_CANCELLED: _ClassVar[HoldState]
    HOLD_STATE_ENDED: _ClassVar[HoldState]
PASSED_OVER_REASON_UNSPECIFIED: PassedOverReason
PASSED_OVER_REASON_PAUSED: PassedOverReason
PASSED_OVER_REASON_NOT_NOW: PassedOverReason
PASSED_OVER_REASON_NOT_HERE: PassedOverReason
PASSED_OVER_REASON_NOT_FOR_MEMBER: PassedOverReason
PASSED_OVER_REASON_NO_COUPON: PassedOverReason
PASSED_OVER_REASON_NO_LINES: PassedOverReason
PASSED_OVER_REASON_CONDITION: PassedOverReason
PASSED_OVER_REASON_LIMIT: PassedOverReason
PASSED_OVER_REASON_BUDGET: PassedOverReason
PASSED_OVER_REASON_NO_EFFECT: PassedOverReason
PASSED_OVER_REASON_GROUP: PassedOverReason
PASSED_OVER_REASON_WORTH_LESS: PassedOverReason
PASSED_OVER_REASON_SEARCH_ENDED: PassedOverReason
PASSED_OVER_REASON_TOO_MANY: PassedOverReason
MOVEMENT_UNSPECIFIED: Movement
MOVEMENT_ENROL: Movement
MOVEMENT_PURCHASE: Movement
MOVEMENT_RETURN: Movement
MOVEMENT_ADJUST: Movement
MOVEMENT_GIFT: Movement
MOVEMENT_HOLD: Movement
MOVEMENT_CAPTURE: Movement
MOVEMENT_CANCEL: Movement
MOVEMENT_VOID: Movement
MOVEMENT_CORRECT: Movement
MOVEMENT_SERVICE: Movement
MOVEMENT_MERGE: Movement
MOVEMENT_COUPON: Movement
MOVEMENT_CHANGE: Movement
ACCOUNT_UNSPECIFIED: Account
ACCOUNT_ISSUER: Account
ACCOUNT_MEMBER_LOT: Account
ACCOUNT_MEMBER_DEBT: Account
ACCOUNT_ACCEPTOR: Account
ACCOUNT_HELD: Account
ACCOUNT_FUNDER: Account
ACCOUNT_STORE_MONEY: Account
SOURCE_UNSPECIFIED: Source
SOURCE_PURCHASE: Source
SOURCE_PROMOTION: Source
SOURCE_WELCOME: Source
SOURCE_GIFT: Source
SOURCE_ADJUSTMENT: Source
SOURCE_RETURN: Source
SOURCE_CONVERSION: Source
SOURCE_TRANSFER: Source
HOLD_STATE_UNSPECIFIED: HoldState
HOLD_STATE_OPEN: HoldState
HOLD_STATE_CANCELLED: HoldState
HOLD_STATE_ENDED: HoldState

class EnrolRequest(_message.Message):
    __slots__ = ("request_id", "seen_ms", "client_ms", "programme", "phone", "cards", "store", "externals", "profile", "phone_passed_on")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SEEN_MS_FIELD_NUMBER: _ClassVar[int]
    CLIENT_MS_FIELD_NUMBER: _ClassVar[int]
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    PHONE_FIELD_NUMBER: _ClassVar[int]
    CARDS_FIELD_NUMBER: _ClassVar[int]
    STORE_FIELD_NUMBER: _ClassVar[int]
    EXTERNALS_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    PHONE_PASSED_ON_FIELD_NUMBER: _ClassVar[int]
    request_id: bytes
    seen_ms: int
    client_ms: int
    programme: int
    phone: str
    cards: _containers.RepeatedScalarFieldContainer[str]
    store: int
    externals: _containers.RepeatedScalarFieldContainer[str]
    profile: _common_pb2.Profile
    phone_passed_on: bool
    def __init__(self, request_id: _Optional[bytes] = ..., seen_ms: _Optional[int] = ..., client_ms: _Optional[int] = ..., programme: _Optional[int] = ..., phone: _Optional[str] = ..., cards: _Optional[_Iterable[str]] = ..., store: _Optional[int] = ..., externals: _Optional[_Iterable[str]] = ..., profile: _Optional[_Union[_common_pb2.Profile, _Mapping]] = ..., phone_passed_on: _Optional[bool] = ...) -> None: ...

class EnrolResponse(_message.Message):
    __slots__ = ("log_time_ms", "seq", "epoch", "done", "rejected")
    LOG_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    log_time_ms: int
    seq: int
    epoch: int
    done: EnrolDone
    rejected: _common_pb2.Rejection
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., done: _Optional[_Union[EnrolDone, _Mapping]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...

class EnrolDone(_message.Message):
    __slots__ = ("member_id", "balance")
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    BALANCE_FIELD_NUMBER: _ClassVar[int]
    member_id: int
    balance: _common_pb2.Balance
    def __init__(self, member_id: _Optional[int] = ..., balance: _Optional[_Union[_common_pb2.Balance, _Mapping]] = ...) -> None: ...

class FindMemberRequest(_message.Message):
    __slots__ = ("programme", "member")
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    programme: int
    member: _common_pb2.MemberRef
    def __init__(self, programme: _Optional[int] = ..., member: _Optional[_Union[_common_pb2.MemberRef, _Mapping]] = ...) -> None: ...

class FindMemberResponse(_message.Message):
    __slots__ = ("log_time_ms", "seq", "epoch", "done", "rejected")
    LOG_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    log_time_ms: int
    seq: int
    epoch: int
    done: FindMemberDone
    rejected: _common_pb2.Rejection
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., done: _Optional[_Union[FindMemberDone, _Mapping]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...

class FindMemberDone(_message.Message):
    __slots__ = ("member_id", "phone", "cards", "enrolled_ms", "balance", "wallets", "standing", "status", "externals", "profile", "merged_into")
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    PHONE_FIELD_NUMBER: _ClassVar[int]
    CARDS_FIELD_NUMBER: _ClassVar[int]
    ENROLLED_MS_FIELD_NUMBER: _ClassVar[int]
    BALANCE_FIELD_NUMBER: _ClassVar[int]
    WALLETS_FIELD_NUMBER: _ClassVar[int]
    STANDING_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    EXTERNALS_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    MERGED_INTO_FIELD_NUMBER: _ClassVar[int]
    member_id: int
    phone: str
    cards: _containers.RepeatedScalarFieldContainer[str]
    enrolled_ms: int
    balance: _common_pb2.Balance
    wallets: _containers.RepeatedCompositeFieldContainer[_common_pb2.WalletBalance]
    standing: Standing
    status: _common_pb2.Status
    externals: _containers.RepeatedScalarFieldContainer[str]
    profile: _common_pb2.Profile
    merged_into: int
    def __init__(self, member_id: _Optional[int] = ..., phone: _Optional[str] = ..., cards: _Optional[_Iterable[str]] = ..., enrolled_ms: _Optional[int] = ..., balance: _Optional[_Union[_common_pb2.Balance, _Mapping]] = ..., wallets: _Optional[_Iterable[_Union[_common_pb2.WalletBalance, _Mapping]]] = ..., standing: _Optional[_Union[Standing, _Mapping]] = ..., status: _Optional[_Union[_common_pb2.Status, str]] = ..., externals: _Optional[_Iterable[str]] = ..., profile: _Optional[_Union[_common_pb2.Profile, _Mapping]] = ..., merged_into: _Optional[int] = ...) -> None: ...

class Standing(_message.Message):
    __slots__ = ("tier", "turnover_minor", "next_tier", "missing_minor", "held_until_day")
    TIER_FIELD_NUMBER: _ClassVar[int]
    TURNOVER_MINOR_FIELD_NUMBER: _ClassVar[int]
    NEXT_TIER_FIELD_NUMBER: _ClassVar[int]
    MISSING_MINOR_FIELD_NUMBER: _ClassVar[int]
    HELD_UNTIL_DAY_FIELD_NUMBER: _ClassVar[int]
    tier: str
    turnover_minor: int
    next_tier: str
    missing_minor: int
    held_until_day: int
    def __init__(self, tier: _Optional[str] = ..., turnover_minor: _Optional[int] = ..., next_tier: _Optional[str] = ..., missing_minor: _Optional[int] = ..., held_until_day: _Optional[int] = ...) -> None: ...

class QuoteRequest(_message.Message):
    __slots__ = ("programme", "member", "store", "business_day", "lines", "spend", "coupons")
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    STORE_FIELD_NUMBER: _ClassVar[int]
    BUSINESS_DAY_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    SPEND_FIELD_NUMBER: _ClassVar[int]
    COUPONS_FIELD_NUMBER: _ClassVar[int]
    programme: int
    member: _common_pb2.MemberRef
    store: int
    business_day: int
    lines: _containers.RepeatedCompositeFieldContainer[_common_pb2.Line]
    spend: _common_pb2.Spend
    coupons: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, programme: _Optional[int] = ..., member: _Optional[_Union[_common_pb2.MemberRef, _Mapping]] = ..., store: _Optional[int] = ..., business_day: _Optional[int] = ..., lines: _Optional[_Iterable[_Union[_common_pb2.Line, _Mapping]]] = ..., spend: _Optional[_Union[_common_pb2.Spend, _Mapping]] = ..., coupons: _Optional[_Iterable[str]] = ...) -> None: ...

class QuoteResponse(_message.Message):
    __slots__ = ("log_time_ms", "seq", "epoch", "done", "rejected")
    LOG_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    log_time_ms: int
    seq: int
    epoch: int
    done: QuoteDone
    rejected: _common_pb2.Rejection
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., done: _Optional[_Union[QuoteDone, _Mapping]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...

class QuoteDone(_message.Message):
    __slots__ = ("bill", "quote_digest", "most_points", "balance", "passed_over", "search")
    BILL_FIELD_NUMBER: _ClassVar[int]
    QUOTE_DIGEST_FIELD_NUMBER: _ClassVar[int]
    MOST_POINTS_FIELD_NUMBER: _ClassVar[int]
    BALANCE_FIELD_NUMBER: _ClassVar[int]
    PASSED_OVER_FIELD_NUMBER: _ClassVar[int]
    SEARCH_FIELD_NUMBER: _ClassVar[int]
    bill: _common_pb2.Bill
    quote_digest: bytes
    most_points: int
    balance: _common_pb2.Balance
    passed_over: _containers.RepeatedCompositeFieldContainer[PassedOver]
    search: Search
    def __init__(self, bill: _Optional[_Union[_common_pb2.Bill, _Mapping]] = ..., quote_digest: _Optional[bytes] = ..., most_points: _Optional[int] = ..., balance: _Optional[_Union[_common_pb2.Balance, _Mapping]] = ..., passed_over: _Optional[_Iterable[_Union[PassedOver, _Mapping]]] = ..., search: _Optional[_Union[Search, _Mapping]] = ...) -> None: ...

class PassedOver(_message.Message):
    __slots__ = ("promotion", "name", "reason", "by", "wanted")
    PROMOTION_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    WANTED_FIELD_NUMBER: _ClassVar[int]
    promotion: int
    name: str
    reason: PassedOverReason
    by: int
    wanted: str
    def __init__(self, promotion: _Optional[int] = ..., name: _Optional[str] = ..., reason: _Optional[_Union[PassedOverReason, str]] = ..., by: _Optional[int] = ..., wanted: _Optional[str] = ...) -> None: ...

class Search(_message.Message):
    __slots__ = ("cut_short", "bound_minor", "steps")
    CUT_SHORT_FIELD_NUMBER: _ClassVar[int]
    BOUND_MINOR_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    cut_short: bool
    bound_minor: int
    steps: int
    def __init__(self, cut_short: _Optional[bool] = ..., bound_minor: _Optional[int] = ..., steps: _Optional[int] = ...) -> None: ...

class ConfirmRequest(_message.Message):
    __slots__ = ("request_id", "seen_ms", "client_ms", "programme", "receipt", "member", "sold_ms", "lines", "spend", "quote_digest", "accept_changed", "offline", "coupons", "tenders")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SEEN_MS_FIELD_NUMBER: _ClassVar[int]
    CLIENT_MS_FIELD_NUMBER: _ClassVar[int]
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    SOLD_MS_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    SPEND_FIELD_NUMBER: _ClassVar[int]
    QUOTE_DIGEST_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_CHANGED_FIELD_NUMBER: _ClassVar[int]
    OFFLINE_FIELD_NUMBER: _ClassVar[int]
    COUPONS_FIELD_NUMBER: _ClassVar[int]
    TENDERS_FIELD_NUMBER: _ClassVar[int]
    request_id: bytes
    seen_ms: int
    client_ms: int
    programme: int
    receipt: _common_pb2.ReceiptId
    member: _common_pb2.MemberRef
    sold_ms: int
    lines: _containers.RepeatedCompositeFieldContainer[_common_pb2.Line]
    spend: _common_pb2.Spend
    quote_digest: bytes
    accept_changed: bool
    offline: bool
    coupons: _containers.RepeatedScalarFieldContainer[str]
    tenders: _containers.RepeatedCompositeFieldContainer[_common_pb2.Tender]
    def __init__(self, request_id: _Optional[bytes] = ..., seen_ms: _Optional[int] = ..., client_ms: _Optional[int] = ..., programme: _Optional[int] = ..., receipt: _Optional[_Union[_common_pb2.ReceiptId, _Mapping]] = ..., member: _Optional[_Union[_common_pb2.MemberRef, _Mapping]] = ..., sold_ms: _Optional[int] = ..., lines: _Optional[_Iterable[_Union[_common_pb2.Line, _Mapping]]] = ..., spend: _Optional[_Union[_common_pb2.Spend, _Mapping]] = ..., quote_digest: _Optional[bytes] = ..., accept_changed: _Optional[bool] = ..., offline: _Optional[bool] = ..., coupons: _Optional[_Iterable[str]] = ..., tenders: _Optional[_Iterable[_Union[_common_pb2.Tender, _Mapping]]] = ...) -> None: ...

class Purchase(_message.Message):
    __slots__ = ("receipt", "member", "sold_ms", "lines", "spend", "quote_digest", "accept_changed", "offline", "coupons", "tenders")
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    SOLD_MS_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    SPEND_FIELD_NUMBER: _ClassVar[int]
    QUOTE_DIGEST_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_CHANGED_FIELD_NUMBER: _ClassVar[int]
    OFFLINE_FIELD_NUMBER: _ClassVar[int]
    COUPONS_FIELD_NUMBER: _ClassVar[int]
    TENDERS_FIELD_NUMBER: _ClassVar[int]
    receipt: _common_pb2.ReceiptId
    member: _common_pb2.MemberRef
    sold_ms: int
    lines: _containers.RepeatedCompositeFieldContainer[_common_pb2.Line]
    spend: _common_pb2.Spend
    quote_digest: bytes
    accept_changed: bool
    offline: bool
    coupons: _containers.RepeatedScalarFieldContainer[str]
    tenders: _containers.RepeatedCompositeFieldContainer[_common_pb2.Tender]
    def __init__(self, receipt: _Optional[_Union[_common_pb2.ReceiptId, _Mapping]] = ..., member: _Optional[_Union[_common_pb2.MemberRef, _Mapping]] = ..., sold_ms: _Optional[int] = ..., lines: _Optional[_Iterable[_Union[_common_pb2.Line, _Mapping]]] = ..., spend: _Optional[_Union[_common_pb2.Spend, _Mapping]] = ..., quote_digest: _Optional[bytes] = ..., accept_changed: _Optional[bool] = ..., offline: _Optional[bool] = ..., coupons: _Optional[_Iterable[str]] = ..., tenders: _Optional[_Iterable[_Union[_common_pb2.Tender, _Mapping]]] = ...) -> None: ...

class ConfirmResponse(_message.Message):
    __slots__ = ("log_time_ms", "seq", "epoch", "done", "rejected", "new_quote")
    LOG_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    NEW_QUOTE_FIELD_NUMBER: _ClassVar[int]
    log_time_ms: int
    seq: int
    epoch: int
    done: ConfirmDone
    rejected: _common_pb2.Rejection
    new_quote: QuoteDone
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., done: _Optional[_Union[ConfirmDone, _Mapping]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ..., new_quote: _Optional[_Union[QuoteDone, _Mapping]] = ...) -> None: ...

class ConfirmDone(_message.Message):
    __slots__ = ("member_id", "receipt", "bill", "balance", "repeated")
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    BILL_FIELD_NUMBER: _ClassVar[int]
    BALANCE_FIELD_NUMBER: _ClassVar[int]
    REPEATED_FIELD_NUMBER: _ClassVar[int]
    member_id: int
    receipt: _common_pb2.ReceiptId
    bill: _common_pb2.Bill
    balance: _common_pb2.Balance
    repeated: bool
    def __init__(self, member_id: _Optional[int] = ..., receipt: _Optional[_Union[_common_pb2.ReceiptId, _Mapping]] = ..., bill: _Optional[_Union[_common_pb2.Bill, _Mapping]] = ..., balance: _Optional[_Union[_common_pb2.Balance, _Mapping]] = ..., repeated: _Optional[bool] = ...) -> None: ...

class ReturnLine(_message.Message):
    __slots__ = ("line", "quantity_milli")
    LINE_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_MILLI_FIELD_NUMBER: _ClassVar[int]
    line: int
    quantity_milli: int
    def __init__(self, line: _Optional[int] = ..., quantity_milli: _Optional[int] = ...) -> None: ...

class ReturnLinesRequest(_message.Message):
    __slots__ = ("request_id", "seen_ms", "client_ms", "programme", "return_receipt", "receipt", "lines")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SEEN_MS_FIELD_NUMBER: _ClassVar[int]
    CLIENT_MS_FIELD_NUMBER: _ClassVar[int]
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    RETURN_RECEIPT_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    request_id: bytes
    seen_ms: int
    client_ms: int
    programme: int
    return_receipt: _common_pb2.ReceiptId
    receipt: _common_pb2.ReceiptId
    lines: _containers.RepeatedCompositeFieldContainer[ReturnLine]
    def __init__(self, request_id: _Optional[bytes] = ..., seen_ms: _Optional[int] = ..., client_ms: _Optional[int] = ..., programme: _Optional[int] = ..., return_receipt: _Optional[_Union[_common_pb2.ReceiptId, _Mapping]] = ..., receipt: _Optional[_Union[_common_pb2.ReceiptId, _Mapping]] = ..., lines: _Optional[_Iterable[_Union[ReturnLine, _Mapping]]] = ...) -> None: ...

class ReturnLinesResponse(_message.Message):
    __slots__ = ("log_time_ms", "seq", "epoch", "done", "rejected")
    LOG_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    log_time_ms: int
    seq: int
    epoch: int
    done: ReturnLinesDone
    rejected: _common_pb2.Rejection
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., done: _Optional[_Union[ReturnLinesDone, _Mapping]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...

class ReturnedLine(_message.Message):
    __slots__ = ("line", "quantity_milli", "refund_minor", "points_back", "points_taken", "left_milli")
    LINE_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_MILLI_FIELD_NUMBER: _ClassVar[int]
    REFUND_MINOR_FIELD_NUMBER: _ClassVar[int]
    POINTS_BACK_FIELD_NUMBER: _ClassVar[int]
    POINTS_TAKEN_FIELD_NUMBER: _ClassVar[int]
    LEFT_MILLI_FIELD_NUMBER: _ClassVar[int]
    line: int
    quantity_milli: int
    refund_minor: int
    points_back: int
    points_taken: int
    left_milli: int
    def __init__(self, line: _Optional[int] = ..., quantity_milli: _Optional[int] = ..., refund_minor: _Optional[int] = ..., points_back: _Optional[int] = ..., points_taken: _Optional[int] = ..., left_milli: _Optional[int] = ...) -> None: ...

class ReturnLinesDone(_message.Message):
    __slots__ = ("member_id", "return_receipt", "receipt", "lines", "refund_minor", "points_back", "points_back_ended", "points_taken", "points_owed", "balance", "repeated", "points_back_settled", "kept_back_points", "kept_back_minor", "wallets", "services_taken")
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    RETURN_RECEIPT_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    REFUND_MINOR_FIELD_NUMBER: _ClassVar[int]
    POINTS_BACK_FIELD_NUMBER: _ClassVar[int]
    POINTS_BACK_ENDED_FIELD_NUMBER: _ClassVar[int]
    POINTS_TAKEN_FIELD_NUMBER: _ClassVar[int]
    POINTS_OWED_FIELD_NUMBER: _ClassVar[int]
    BALANCE_FIELD_NUMBER: _ClassVar[int]
    REPEATED_FIELD_NUMBER: _ClassVar[int]
    POINTS_BACK_SETTLED_FIELD_NUMBER: _ClassVar[int]
    KEPT_BACK_POINTS_FIELD_NUMBER: _ClassVar[int]
    KEPT_BACK_MINOR_FIELD_NUMBER: _ClassVar[int]
    WALLETS_FIELD_NUMBER: _ClassVar[int]
    SERVICES_TAKEN_FIELD_NUMBER: _ClassVar[int]
    member_id: int
    return_receipt: _common_pb2.ReceiptId
    receipt: _common_pb2.ReceiptId
    lines: _containers.RepeatedCompositeFieldContainer[ReturnedLine]
    refund_minor: int
    points_back: int
    points_back_ended: int
    points_taken: int
    points_owed: int
    balance: _common_pb2.Balance
    repeated: bool
    points_back_settled: int
    kept_back_points: int
    kept_back_minor: int
    wallets: _containers.RepeatedCompositeFieldContainer[ReturnedPoints]
    services_taken: int
    def __init__(self, member_id: _Optional[int] = ..., return_receipt: _Optional[_Union[_common_pb2.ReceiptId, _Mapping]] = ..., receipt: _Optional[_Union[_common_pb2.ReceiptId, _Mapping]] = ..., lines: _Optional[_Iterable[_Union[ReturnedLine, _Mapping]]] = ..., refund_minor: _Optional[int] = ..., points_back: _Optional[int] = ..., points_back_ended: _Optional[int] = ..., points_taken: _Optional[int] = ..., points_owed: _Optional[int] = ..., balance: _Optional[_Union[_common_pb2.Balance, _Mapping]] = ..., repeated: _Optional[bool] = ..., points_back_settled: _Optional[int] = ..., kept_back_points: _Optional[int] = ..., kept_back_minor: _Optional[int] = ..., wallets: _Optional[_Iterable[_Union[ReturnedPoints, _Mapping]]] = ..., services_taken: _Optional[int] = ...) -> None: ...

class ReturnedPoints(_message.Message):
    __slots__ = ("wallet", "points_taken", "points_owed")
    WALLET_FIELD_NUMBER: _ClassVar[int]
    POINTS_TAKEN_FIELD_NUMBER: _ClassVar[int]
    POINTS_OWED_FIELD_NUMBER: _ClassVar[int]
    wallet: int
    points_taken: int
    points_owed: int
    def __init__(self, wallet: _Optional[int] = ..., points_taken: _Optional[int] = ..., points_owed: _Optional[int] = ...) -> None: ...

class Returned(_message.Message):
    __slots__ = ("lines", "refund_minor", "points_back", "points_back_ended", "points_taken", "points_owed", "points_back_settled", "kept_back_points", "kept_back_minor", "wallets", "services_taken")
    LINES_FIELD_NUMBER: _ClassVar[int]
    REFUND_MINOR_FIELD_NUMBER: _ClassVar[int]
    POINTS_BACK_FIELD_NUMBER: _ClassVar[int]
    POINTS_BACK_ENDED_FIELD_NUMBER: _ClassVar[int]
    POINTS_TAKEN_FIELD_NUMBER: _ClassVar[int]
    POINTS_OWED_FIELD_NUMBER: _ClassVar[int]
    POINTS_BACK_SETTLED_FIELD_NUMBER: _ClassVar[int]
    KEPT_BACK_POINTS_FIELD_NUMBER: _ClassVar[int]
    KEPT_BACK_MINOR_FIELD_NUMBER: _ClassVar[int]
    WALLETS_FIELD_NUMBER: _ClassVar[int]
    SERVICES_TAKEN_FIELD_NUMBER: _ClassVar[int]
    lines: _containers.RepeatedCompositeFieldContainer[ReturnedLine]
    refund_minor: int
    points_back: int
    points_back_ended: int
    points_taken: int
    points_owed: int
    points_back_settled: int
    kept_back_points: int
    kept_back_minor: int
    wallets: _containers.RepeatedCompositeFieldContainer[ReturnedPoints]
    services_taken: int
    def __init__(self, lines: _Optional[_Iterable[_Union[ReturnedLine, _Mapping]]] = ..., refund_minor: _Optional[int] = ..., points_back: _Optional[int] = ..., points_back_ended: _Optional[int] = ..., points_taken: _Optional[int] = ..., points_owed: _Optional[int] = ..., points_back_settled: _Optional[int] = ..., kept_back_points: _Optional[int] = ..., kept_back_minor: _Optional[int] = ..., wallets: _Optional[_Iterable[_Union[ReturnedPoints, _Mapping]]] = ..., services_taken: _Optional[int] = ...) -> None: ...

class VoidReceiptRequest(_message.Message):
    __slots__ = ("request_id", "seen_ms", "client_ms", "programme", "receipt", "reason")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SEEN_MS_FIELD_NUMBER: _ClassVar[int]
    CLIENT_MS_FIELD_NUMBER: _ClassVar[int]
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    request_id: bytes
    seen_ms: int
    client_ms: int
    programme: int
    receipt: _common_pb2.ReceiptId
    reason: str
    def __init__(self, request_id: _Optional[bytes] = ..., seen_ms: _Optional[int] = ..., client_ms: _Optional[int] = ..., programme: _Optional[int] = ..., receipt: _Optional[_Union[_common_pb2.ReceiptId, _Mapping]] = ..., reason: _Optional[str] = ...) -> None: ...

class VoidReceiptResponse(_message.Message):
    __slots__ = ("log_time_ms", "seq", "epoch", "done", "rejected")
    LOG_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    log_time_ms: int
    seq: int
    epoch: int
    done: VoidDone
    rejected: _common_pb2.Rejection
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., done: _Optional[_Union[VoidDone, _Mapping]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...

class VoidDone(_message.Message):
    __slots__ = ("member_id", "receipt", "returned", "balance", "repeated")
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    RETURNED_FIELD_NUMBER: _ClassVar[int]
    BALANCE_FIELD_NUMBER: _ClassVar[int]
    REPEATED_FIELD_NUMBER: _ClassVar[int]
    member_id: int
    receipt: _common_pb2.ReceiptId
    returned: Returned
    balance: _common_pb2.Balance
    repeated: bool
    def __init__(self, member_id: _Optional[int] = ..., receipt: _Optional[_Union[_common_pb2.ReceiptId, _Mapping]] = ..., returned: _Optional[_Union[Returned, _Mapping]] = ..., balance: _Optional[_Union[_common_pb2.Balance, _Mapping]] = ..., repeated: _Optional[bool] = ...) -> None: ...

class CorrectReceiptRequest(_message.Message):
    __slots__ = ("request_id", "seen_ms", "client_ms", "programme", "right", "reason")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SEEN_MS_FIELD_NUMBER: _ClassVar[int]
    CLIENT_MS_FIELD_NUMBER: _ClassVar[int]
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    RIGHT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    request_id: bytes
    seen_ms: int
    client_ms: int
    programme: int
    right: Purchase
    reason: str
    def __init__(self, request_id: _Optional[bytes] = ..., seen_ms: _Optional[int] = ..., client_ms: _Optional[int] = ..., programme: _Optional[int] = ..., right: _Optional[_Union[Purchase, _Mapping]] = ..., reason: _Optional[str] = ...) -> None: ...

class CorrectReceiptResponse(_message.Message):
    __slots__ = ("log_time_ms", "seq", "epoch", "done", "rejected", "new_quote")
    LOG_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    NEW_QUOTE_FIELD_NUMBER: _ClassVar[int]
    log_time_ms: int
    seq: int
    epoch: int
    done: CorrectDone
    rejected: _common_pb2.Rejection
    new_quote: QuoteDone
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., done: _Optional[_Union[CorrectDone, _Mapping]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ..., new_quote: _Optional[_Union[QuoteDone, _Mapping]] = ...) -> None: ...

class CorrectDone(_message.Message):
    __slots__ = ("voided", "confirmed")
    VOIDED_FIELD_NUMBER: _ClassVar[int]
    CONFIRMED_FIELD_NUMBER: _ClassVar[int]
    voided: Returned
    confirmed: ConfirmDone
    def __init__(self, voided: _Optional[_Union[Returned, _Mapping]] = ..., confirmed: _Optional[_Union[ConfirmDone, _Mapping]] = ...) -> None: ...

class HoldRequest(_message.Message):
    __slots__ = ("request_id", "seen_ms", "client_ms", "programme", "order", "until_ms")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SEEN_MS_FIELD_NUMBER: _ClassVar[int]
    CLIENT_MS_FIELD_NUMBER: _ClassVar[int]
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    request_id: bytes
    seen_ms: int
    client_ms: int
    programme: int
    order: Purchase
    until_ms: int
    def __init__(self, request_id: _Optional[bytes] = ..., seen_ms: _Optional[int] = ..., client_ms: _Optional[int] = ..., programme: _Optional[int] = ..., order: _Optional[_Union[Purchase, _Mapping]] = ..., until_ms: _Optional[int] = ...) -> None: ...

class HoldResponse(_message.Message):
    __slots__ = ("log_time_ms", "seq", "epoch", "done", "rejected", "new_quote")
    LOG_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    NEW_QUOTE_FIELD_NUMBER: _ClassVar[int]
    log_time_ms: int
    seq: int
    epoch: int
    done: HoldDone
    rejected: _common_pb2.Rejection
    new_quote: QuoteDone
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., done: _Optional[_Union[HoldDone, _Mapping]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ..., new_quote: _Optional[_Union[QuoteDone, _Mapping]] = ...) -> None: ...

class HoldDone(_message.Message):
    __slots__ = ("member_id", "receipt", "bill", "until_ms", "balance", "repeated")
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    BILL_FIELD_NUMBER: _ClassVar[int]
    UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    BALANCE_FIELD_NUMBER: _ClassVar[int]
    REPEATED_FIELD_NUMBER: _ClassVar[int]
    member_id: int
    receipt: _common_pb2.ReceiptId
    bill: _common_pb2.Bill
    until_ms: int
    balance: _common_pb2.Balance
    repeated: bool
    def __init__(self, member_id: _Optional[int] = ..., receipt: _Optional[_Union[_common_pb2.ReceiptId, _Mapping]] = ..., bill: _Optional[_Union[_common_pb2.Bill, _Mapping]] = ..., until_ms: _Optional[int] = ..., balance: _Optional[_Union[_common_pb2.Balance, _Mapping]] = ..., repeated: _Optional[bool] = ...) -> None: ...

class CaptureRequest(_message.Message):
    __slots__ = ("request_id", "seen_ms", "client_ms", "programme", "receipt", "sold_ms", "tenders")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SEEN_MS_FIELD_NUMBER: _ClassVar[int]
    CLIENT_MS_FIELD_NUMBER: _ClassVar[int]
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    SOLD_MS_FIELD_NUMBER: _ClassVar[int]
    TENDERS_FIELD_NUMBER: _ClassVar[int]
    request_id: bytes
    seen_ms: int
    client_ms: int
    programme: int
    receipt: _common_pb2.ReceiptId
    sold_ms: int
    tenders: _containers.RepeatedCompositeFieldContainer[_common_pb2.Tender]
    def __init__(self, request_id: _Optional[bytes] = ..., seen_ms: _Optional[int] = ..., client_ms: _Optional[int] = ..., programme: _Optional[int] = ..., receipt: _Optional[_Union[_common_pb2.ReceiptId, _Mapping]] = ..., sold_ms: _Optional[int] = ..., tenders: _Optional[_Iterable[_Union[_common_pb2.Tender, _Mapping]]] = ...) -> None: ...

class CaptureResponse(_message.Message):
    __slots__ = ("log_time_ms", "seq", "epoch", "done", "rejected")
    LOG_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    log_time_ms: int
    seq: int
    epoch: int
    done: ConfirmDone
    rejected: _common_pb2.Rejection
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., done: _Optional[_Union[ConfirmDone, _Mapping]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...

class CancelHoldRequest(_message.Message):
    __slots__ = ("request_id", "seen_ms", "client_ms", "programme", "receipt")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SEEN_MS_FIELD_NUMBER: _ClassVar[int]
    CLIENT_MS_FIELD_NUMBER: _ClassVar[int]
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    request_id: bytes
    seen_ms: int
    client_ms: int
    programme: int
    receipt: _common_pb2.ReceiptId
    def __init__(self, request_id: _Optional[bytes] = ..., seen_ms: _Optional[int] = ..., client_ms: _Optional[int] = ..., programme: _Optional[int] = ..., receipt: _Optional[_Union[_common_pb2.ReceiptId, _Mapping]] = ...) -> None: ...

class CancelHoldResponse(_message.Message):
    __slots__ = ("log_time_ms", "seq", "epoch", "done", "rejected")
    LOG_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    log_time_ms: int
    seq: int
    epoch: int
    done: CancelHoldDone
    rejected: _common_pb2.Rejection
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., done: _Optional[_Union[CancelHoldDone, _Mapping]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...

class CancelHoldDone(_message.Message):
    __slots__ = ("member_id", "receipt", "points_back", "points_back_ended", "balance", "repeated")
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    POINTS_BACK_FIELD_NUMBER: _ClassVar[int]
    POINTS_BACK_ENDED_FIELD_NUMBER: _ClassVar[int]
    BALANCE_FIELD_NUMBER: _ClassVar[int]
    REPEATED_FIELD_NUMBER: _ClassVar[int]
    member_id: int
    receipt: _common_pb2.ReceiptId
    points_back: int
    points_back_ended: int
    balance: _common_pb2.Balance
    repeated: bool
    def __init__(self, member_id: _Optional[int] = ..., receipt: _Optional[_Union[_common_pb2.ReceiptId, _Mapping]] = ..., points_back: _Optional[int] = ..., points_back_ended: _Optional[int] = ..., balance: _Optional[_Union[_common_pb2.Balance, _Mapping]] = ..., repeated: _Optional[bool] = ...) -> None: ...

class UseServiceRequest(_message.Message):
    __slots__ = ("request_id", "seen_ms", "client_ms", "programme", "use", "member", "service", "times")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SEEN_MS_FIELD_NUMBER: _ClassVar[int]
    CLIENT_MS_FIELD_NUMBER: _ClassVar[int]
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    USE_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    TIMES_FIELD_NUMBER: _ClassVar[int]
    request_id: bytes
    seen_ms: int
    client_ms: int
    programme: int
    use: _common_pb2.ReceiptId
    member: _common_pb2.MemberRef
    service: str
    times: int
    def __init__(self, request_id: _Optional[bytes] = ..., seen_ms: _Optional[int] = ..., client_ms: _Optional[int] = ..., programme: _Optional[int] = ..., use: _Optional[_Union[_common_pb2.ReceiptId, _Mapping]] = ..., member: _Optional[_Union[_common_pb2.MemberRef, _Mapping]] = ..., service: _Optional[str] = ..., times: _Optional[int] = ...) -> None: ...

class UseServiceResponse(_message.Message):
    __slots__ = ("log_time_ms", "seq", "epoch", "done", "rejected")
    LOG_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    log_time_ms: int
    seq: int
    epoch: int
    done: UseServiceDone
    rejected: _common_pb2.Rejection
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., done: _Optional[_Union[UseServiceDone, _Mapping]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...

class UseServiceDone(_message.Message):
    __slots__ = ("member_id", "use", "service", "times", "left_times", "repeated")
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    USE_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    TIMES_FIELD_NUMBER: _ClassVar[int]
    LEFT_TIMES_FIELD_NUMBER: _ClassVar[int]
    REPEATED_FIELD_NUMBER: _ClassVar[int]
    member_id: int
    use: _common_pb2.ReceiptId
    service: str
    times: int
    left_times: int
    repeated: bool
    def __init__(self, member_id: _Optional[int] = ..., use: _Optional[_Union[_common_pb2.ReceiptId, _Mapping]] = ..., service: _Optional[str] = ..., times: _Optional[int] = ..., left_times: _Optional[int] = ..., repeated: _Optional[bool] = ...) -> None: ...

class GetBalanceRequest(_message.Message):
    __slots__ = ("programme", "member")
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    programme: int
    member: _common_pb2.MemberRef
    def __init__(self, programme: _Optional[int] = ..., member: _Optional[_Union[_common_pb2.MemberRef, _Mapping]] = ...) -> None: ...

class GetBalanceResponse(_message.Message):
    __slots__ = ("log_time_ms", "seq", "epoch", "done", "rejected")
    LOG_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    log_time_ms: int
    seq: int
    epoch: int
    done: GetBalanceDone
    rejected: _common_pb2.Rejection
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., done: _Optional[_Union[GetBalanceDone, _Mapping]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...

class Ending(_message.Message):
    __slots__ = ("active_until_ms", "points")
    ACTIVE_UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    active_until_ms: int
    points: int
    def __init__(self, active_until_ms: _Optional[int] = ..., points: _Optional[int] = ...) -> None: ...

class GetBalanceDone(_message.Message):
    __slots__ = ("member_id", "balance", "ending_soon", "ending_soon_points", "ending_soon_cut", "wallets", "standing", "status", "purposed", "merged_into")
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    BALANCE_FIELD_NUMBER: _ClassVar[int]
    ENDING_SOON_FIELD_NUMBER: _ClassVar[int]
    ENDING_SOON_POINTS_FIELD_NUMBER: _ClassVar[int]
    ENDING_SOON_CUT_FIELD_NUMBER: _ClassVar[int]
    WALLETS_FIELD_NUMBER: _ClassVar[int]
    STANDING_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    PURPOSED_FIELD_NUMBER: _ClassVar[int]
    MERGED_INTO_FIELD_NUMBER: _ClassVar[int]
    member_id: int
    balance: _common_pb2.Balance
    ending_soon: _containers.RepeatedCompositeFieldContainer[Ending]
    ending_soon_points: int
    ending_soon_cut: bool
    wallets: _containers.RepeatedCompositeFieldContainer[_common_pb2.WalletBalance]
    standing: Standing
    status: _common_pb2.Status
    purposed: _containers.RepeatedCompositeFieldContainer[_common_pb2.Lot]
    merged_into: int
    def __init__(self, member_id: _Optional[int] = ..., balance: _Optional[_Union[_common_pb2.Balance, _Mapping]] = ..., ending_soon: _Optional[_Iterable[_Union[Ending, _Mapping]]] = ..., ending_soon_points: _Optional[int] = ..., ending_soon_cut: _Optional[bool] = ..., wallets: _Optional[_Iterable[_Union[_common_pb2.WalletBalance, _Mapping]]] = ..., standing: _Optional[_Union[Standing, _Mapping]] = ..., status: _Optional[_Union[_common_pb2.Status, str]] = ..., purposed: _Optional[_Iterable[_Union[_common_pb2.Lot, _Mapping]]] = ..., merged_into: _Optional[int] = ...) -> None: ...

class GetStatementRequest(_message.Message):
    __slots__ = ("programme", "member", "page_size", "page_token", "as_of_seq")
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    AS_OF_SEQ_FIELD_NUMBER: _ClassVar[int]
    programme: int
    member: _common_pb2.MemberRef
    page_size: int
    page_token: bytes
    as_of_seq: int
    def __init__(self, programme: _Optional[int] = ..., member: _Optional[_Union[_common_pb2.MemberRef, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[bytes] = ..., as_of_seq: _Optional[int] = ...) -> None: ...

class GetStatementResponse(_message.Message):
    __slots__ = ("log_time_ms", "seq", "epoch", "done", "rejected")
    LOG_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    log_time_ms: int
    seq: int
    epoch: int
    done: GetStatementDone
    rejected: _common_pb2.Rejection
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., done: _Optional[_Union[GetStatementDone, _Mapping]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...

class GetStatementDone(_message.Message):
    __slots__ = ("member_id", "items", "next_page_token", "as_of_seq")
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    AS_OF_SEQ_FIELD_NUMBER: _ClassVar[int]
    member_id: int
    items: _containers.RepeatedCompositeFieldContainer[StatementItem]
    next_page_token: bytes
    as_of_seq: int
    def __init__(self, member_id: _Optional[int] = ..., items: _Optional[_Iterable[_Union[StatementItem, _Mapping]]] = ..., next_page_token: _Optional[bytes] = ..., as_of_seq: _Optional[int] = ...) -> None: ...

class Posting(_message.Message):
    __slots__ = ("account", "ref", "points", "wallet", "partner", "currency", "minor")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    REF_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    WALLET_FIELD_NUMBER: _ClassVar[int]
    PARTNER_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    MINOR_FIELD_NUMBER: _ClassVar[int]
    account: Account
    ref: int
    points: int
    wallet: int
    partner: int
    currency: str
    minor: int
    def __init__(self, account: _Optional[_Union[Account, str]] = ..., ref: _Optional[int] = ..., points: _Optional[int] = ..., wallet: _Optional[int] = ..., partner: _Optional[int] = ..., currency: _Optional[str] = ..., minor: _Optional[int] = ...) -> None: ...

class StatementItem(_message.Message):
    __slots__ = ("seq", "time_ms", "movement", "receipt", "returned_receipt", "points", "postings", "actor", "reason")
    SEQ_FIELD_NUMBER: _ClassVar[int]
    TIME_MS_FIELD_NUMBER: _ClassVar[int]
    MOVEMENT_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    RETURNED_RECEIPT_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    POSTINGS_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    seq: int
    time_ms: int
    movement: Movement
    receipt: _common_pb2.ReceiptId
    returned_receipt: _common_pb2.ReceiptId
    points: int
    postings: _containers.RepeatedCompositeFieldContainer[Posting]
    actor: bytes
    reason: str
    def __init__(self, seq: _Optional[int] = ..., time_ms: _Optional[int] = ..., movement: _Optional[_Union[Movement, str]] = ..., receipt: _Optional[_Union[_common_pb2.ReceiptId, _Mapping]] = ..., returned_receipt: _Optional[_Union[_common_pb2.ReceiptId, _Mapping]] = ..., points: _Optional[int] = ..., postings: _Optional[_Iterable[_Union[Posting, _Mapping]]] = ..., actor: _Optional[bytes] = ..., reason: _Optional[str] = ...) -> None: ...

class ListLotsRequest(_message.Message):
    __slots__ = ("programme", "member")
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    programme: int
    member: _common_pb2.MemberRef
    def __init__(self, programme: _Optional[int] = ..., member: _Optional[_Union[_common_pb2.MemberRef, _Mapping]] = ...) -> None: ...

class ListLotsResponse(_message.Message):
    __slots__ = ("log_time_ms", "seq", "epoch", "done", "rejected")
    LOG_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    log_time_ms: int
    seq: int
    epoch: int
    done: ListLotsDone
    rejected: _common_pb2.Rejection
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., done: _Optional[_Union[ListLotsDone, _Mapping]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...

class ListLotsDone(_message.Message):
    __slots__ = ("member_id", "lots", "services", "coupons", "holds", "cut")
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    LOTS_FIELD_NUMBER: _ClassVar[int]
    SERVICES_FIELD_NUMBER: _ClassVar[int]
    COUPONS_FIELD_NUMBER: _ClassVar[int]
    HOLDS_FIELD_NUMBER: _ClassVar[int]
    CUT_FIELD_NUMBER: _ClassVar[int]
    member_id: int
    lots: _containers.RepeatedCompositeFieldContainer[LotItem]
    services: _containers.RepeatedCompositeFieldContainer[ServiceItem]
    coupons: _containers.RepeatedCompositeFieldContainer[CouponItem]
    holds: _containers.RepeatedCompositeFieldContainer[HoldItem]
    cut: bool
    def __init__(self, member_id: _Optional[int] = ..., lots: _Optional[_Iterable[_Union[LotItem, _Mapping]]] = ..., services: _Optional[_Iterable[_Union[ServiceItem, _Mapping]]] = ..., coupons: _Optional[_Iterable[_Union[CouponItem, _Mapping]]] = ..., holds: _Optional[_Iterable[_Union[HoldItem, _Mapping]]] = ..., cut: _Optional[bool] = ...) -> None: ...

class LotItem(_message.Message):
    __slots__ = ("lot", "source", "receipt", "line", "partner", "promotion", "programme_version")
    LOT_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    PARTNER_FIELD_NUMBER: _ClassVar[int]
    PROMOTION_FIELD_NUMBER: _ClassVar[int]
    PROGRAMME_VERSION_FIELD_NUMBER: _ClassVar[int]
    lot: _common_pb2.Lot
    source: Source
    receipt: _common_pb2.ReceiptId
    line: int
    partner: int
    promotion: int
    programme_version: int
    def __init__(self, lot: _Optional[_Union[_common_pb2.Lot, _Mapping]] = ..., source: _Optional[_Union[Source, str]] = ..., receipt: _Optional[_Union[_common_pb2.ReceiptId, _Mapping]] = ..., line: _Optional[int] = ..., partner: _Optional[int] = ..., promotion: _Optional[int] = ..., programme_version: _Optional[int] = ...) -> None: ...

class ServiceItem(_message.Message):
    __slots__ = ("service", "times", "active_from_ms", "active_until_ms", "receipt", "line")
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    TIMES_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FROM_MS_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    service: str
    times: int
    active_from_ms: int
    active_until_ms: int
    receipt: _common_pb2.ReceiptId
    line: int
    def __init__(self, service: _Optional[str] = ..., times: _Optional[int] = ..., active_from_ms: _Optional[int] = ..., active_until_ms: _Optional[int] = ..., receipt: _Optional[_Union[_common_pb2.ReceiptId, _Mapping]] = ..., line: _Optional[int] = ...) -> None: ...

class CouponItem(_message.Message):
    __slots__ = ("code", "promotion", "times", "active_from_ms", "active_until_ms")
    CODE_FIELD_NUMBER: _ClassVar[int]
    PROMOTION_FIELD_NUMBER: _ClassVar[int]
    TIMES_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FROM_MS_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    code: str
    promotion: int
    times: int
    active_from_ms: int
    active_until_ms: int
    def __init__(self, code: _Optional[str] = ..., promotion: _Optional[int] = ..., times: _Optional[int] = ..., active_from_ms: _Optional[int] = ..., active_until_ms: _Optional[int] = ...) -> None: ...

class HoldItem(_message.Message):
    __slots__ = ("receipt", "wallet", "points", "until_ms")
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    WALLET_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    receipt: _common_pb2.ReceiptId
    wallet: int
    points: int
    until_ms: int
    def __init__(self, receipt: _Optional[_Union[_common_pb2.ReceiptId, _Mapping]] = ..., wallet: _Optional[int] = ..., points: _Optional[int] = ..., until_ms: _Optional[int] = ...) -> None: ...

class GetReceiptRequest(_message.Message):
    __slots__ = ("programme", "receipt")
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    programme: int
    receipt: _common_pb2.ReceiptId
    def __init__(self, programme: _Optional[int] = ..., receipt: _Optional[_Union[_common_pb2.ReceiptId, _Mapping]] = ...) -> None: ...

class GetReceiptResponse(_message.Message):
    __slots__ = ("log_time_ms", "seq", "epoch", "done", "rejected")
    LOG_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    log_time_ms: int
    seq: int
    epoch: int
    done: GetReceiptDone
    rejected: _common_pb2.Rejection
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., done: _Optional[_Union[GetReceiptDone, _Mapping]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...

class GetReceiptDone(_message.Message):
    __slots__ = ("purchase", "returned", "hold", "use")
    PURCHASE_FIELD_NUMBER: _ClassVar[int]
    RETURNED_FIELD_NUMBER: _ClassVar[int]
    HOLD_FIELD_NUMBER: _ClassVar[int]
    USE_FIELD_NUMBER: _ClassVar[int]
    purchase: BookedPurchase
    returned: BookedReturn
    hold: BookedHold
    use: BookedUse
    def __init__(self, purchase: _Optional[_Union[BookedPurchase, _Mapping]] = ..., returned: _Optional[_Union[BookedReturn, _Mapping]] = ..., hold: _Optional[_Union[BookedHold, _Mapping]] = ..., use: _Optional[_Union[BookedUse, _Mapping]] = ...) -> None: ...

class BookedPurchase(_message.Message):
    __slots__ = ("member_id", "receipt", "sold_ms", "lines", "bill", "returned_milli", "tenders", "offline", "voided", "seq", "time_ms", "actor")
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    SOLD_MS_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    BILL_FIELD_NUMBER: _ClassVar[int]
    RETURNED_MILLI_FIELD_NUMBER: _ClassVar[int]
    TENDERS_FIELD_NUMBER: _ClassVar[int]
    OFFLINE_FIELD_NUMBER: _ClassVar[int]
    VOIDED_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    TIME_MS_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    member_id: int
    receipt: _common_pb2.ReceiptId
    sold_ms: int
    lines: _containers.RepeatedCompositeFieldContainer[_common_pb2.Line]
    bill: _common_pb2.Bill
    returned_milli: _containers.RepeatedScalarFieldContainer[int]
    tenders: _containers.RepeatedCompositeFieldContainer[_common_pb2.Tender]
    offline: bool
    voided: bool
    seq: int
    time_ms: int
    actor: bytes
    def __init__(self, member_id: _Optional[int] = ..., receipt: _Optional[_Union[_common_pb2.ReceiptId, _Mapping]] = ..., sold_ms: _Optional[int] = ..., lines: _Optional[_Iterable[_Union[_common_pb2.Line, _Mapping]]] = ..., bill: _Optional[_Union[_common_pb2.Bill, _Mapping]] = ..., returned_milli: _Optional[_Iterable[int]] = ..., tenders: _Optional[_Iterable[_Union[_common_pb2.Tender, _Mapping]]] = ..., offline: _Optional[bool] = ..., voided: _Optional[bool] = ..., seq: _Optional[int] = ..., time_ms: _Optional[int] = ..., actor: _Optional[bytes] = ...) -> None: ...

class BookedReturn(_message.Message):
    __slots__ = ("member_id", "return_receipt", "receipt", "returned", "seq", "time_ms", "actor")
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    RETURN_RECEIPT_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    RETURNED_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    TIME_MS_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    member_id: int
    return_receipt: _common_pb2.ReceiptId
    receipt: _common_pb2.ReceiptId
    returned: Returned
    seq: int
    time_ms: int
    actor: bytes
    def __init__(self, member_id: _Optional[int] = ..., return_receipt: _Optional[_Union[_common_pb2.ReceiptId, _Mapping]] = ..., receipt: _Optional[_Union[_common_pb2.ReceiptId, _Mapping]] = ..., returned: _Optional[_Union[Returned, _Mapping]] = ..., seq: _Optional[int] = ..., time_ms: _Optional[int] = ..., actor: _Optional[bytes] = ...) -> None: ...

class BookedHold(_message.Message):
    __slots__ = ("member_id", "receipt", "lines", "bill", "until_ms", "state", "seq", "time_ms", "actor")
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    BILL_FIELD_NUMBER: _ClassVar[int]
    UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    TIME_MS_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    member_id: int
    receipt: _common_pb2.ReceiptId
    lines: _containers.RepeatedCompositeFieldContainer[_common_pb2.Line]
    bill: _common_pb2.Bill
    until_ms: int
    state: HoldState
    seq: int
    time_ms: int
    actor: bytes
    def __init__(self, member_id: _Optional[int] = ..., receipt: _Optional[_Union[_common_pb2.ReceiptId, _Mapping]] = ..., lines: _Optional[_Iterable[_Union[_common_pb2.Line, _Mapping]]] = ..., bill: _Optional[_Union[_common_pb2.Bill, _Mapping]] = ..., until_ms: _Optional[int] = ..., state: _Optional[_Union[HoldState, str]] = ..., seq: _Optional[int] = ..., time_ms: _Optional[int] = ..., actor: _Optional[bytes] = ...) -> None: ...

class BookedUse(_message.Message):
    __slots__ = ("member_id", "use", "service", "times", "seq", "time_ms", "actor")
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    USE_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    TIMES_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    TIME_MS_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    member_id: int
    use: _common_pb2.ReceiptId
    service: str
    times: int
    seq: int
    time_ms: int
    actor: bytes
    def __init__(self, member_id: _Optional[int] = ..., use: _Optional[_Union[_common_pb2.ReceiptId, _Mapping]] = ..., service: _Optional[str] = ..., times: _Optional[int] = ..., seq: _Optional[int] = ..., time_ms: _Optional[int] = ..., actor: _Optional[bytes] = ...) -> None: ...

class GetOutcomeRequest(_message.Message):
    __slots__ = ("request_id",)
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: bytes
    def __init__(self, request_id: _Optional[bytes] = ...) -> None: ...

class GetOutcomeResponse(_message.Message):
    __slots__ = ("log_time_ms", "seq", "epoch", "found", "answer")
    LOG_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    FOUND_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    log_time_ms: int
    seq: int
    epoch: int
    found: bool
    answer: Answer
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., found: _Optional[bool] = ..., answer: _Optional[_Union[Answer, _Mapping]] = ...) -> None: ...

class AbandonRequest(_message.Message):
    __slots__ = ("request_id", "seen_ms", "client_ms")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SEEN_MS_FIELD_NUMBER: _ClassVar[int]
    CLIENT_MS_FIELD_NUMBER: _ClassVar[int]
    request_id: bytes
    seen_ms: int
    client_ms: int
    def __init__(self, request_id: _Optional[bytes] = ..., seen_ms: _Optional[int] = ..., client_ms: _Optional[int] = ...) -> None: ...

class Abandoned(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class AbandonResponse(_message.Message):
    __slots__ = ("log_time_ms", "seq", "epoch", "outcome", "abandoned", "rejected")
    LOG_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    ABANDONED_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    log_time_ms: int
    seq: int
    epoch: int
    outcome: Answer
    abandoned: Abandoned
    rejected: _common_pb2.Rejection
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., outcome: _Optional[_Union[Answer, _Mapping]] = ..., abandoned: _Optional[_Union[Abandoned, _Mapping]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...

class Command(_message.Message):
    __slots__ = ("enrol", "confirm", "return_lines", "void_receipt", "correct_receipt", "hold", "capture", "cancel_hold", "use_service")
    ENROL_FIELD_NUMBER: _ClassVar[int]
    CONFIRM_FIELD_NUMBER: _ClassVar[int]
    RETURN_LINES_FIELD_NUMBER: _ClassVar[int]
    VOID_RECEIPT_FIELD_NUMBER: _ClassVar[int]
    CORRECT_RECEIPT_FIELD_NUMBER: _ClassVar[int]
    HOLD_FIELD_NUMBER: _ClassVar[int]
    CAPTURE_FIELD_NUMBER: _ClassVar[int]
    CANCEL_HOLD_FIELD_NUMBER: _ClassVar[int]
    USE_SERVICE_FIELD_NUMBER: _ClassVar[int]
    enrol: EnrolRequest
    confirm: ConfirmRequest
    return_lines: ReturnLinesRequest
    void_receipt: VoidReceiptRequest
    correct_receipt: CorrectReceiptRequest
    hold: HoldRequest
    capture: CaptureRequest
    cancel_hold: CancelHoldRequest
    use_service: UseServiceRequest
    def __init__(self, enrol: _Optional[_Union[EnrolRequest, _Mapping]] = ..., confirm: _Optional[_Union[ConfirmRequest, _Mapping]] = ..., return_lines: _Optional[_Union[ReturnLinesRequest, _Mapping]] = ..., void_receipt: _Optional[_Union[VoidReceiptRequest, _Mapping]] = ..., correct_receipt: _Optional[_Union[CorrectReceiptRequest, _Mapping]] = ..., hold: _Optional[_Union[HoldRequest, _Mapping]] = ..., capture: _Optional[_Union[CaptureRequest, _Mapping]] = ..., cancel_hold: _Optional[_Union[CancelHoldRequest, _Mapping]] = ..., use_service: _Optional[_Union[UseServiceRequest, _Mapping]] = ...) -> None: ...

class NotTaken(_message.Message):
    __slots__ = ("field", "problem", "wanted", "retry_after_ms")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    WANTED_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    field: str
    problem: str
    wanted: str
    retry_after_ms: int
    def __init__(self, field: _Optional[str] = ..., problem: _Optional[str] = ..., wanted: _Optional[str] = ..., retry_after_ms: _Optional[int] = ...) -> None: ...

class Answer(_message.Message):
    __slots__ = ("log_time_ms", "seq", "epoch", "rejected", "not_taken", "enrol", "confirm", "return_lines", "define", "void_receipt", "correct_receipt", "hold", "cancel_hold", "use_service", "adjust", "change_member", "merge_members", "issue_coupon", "new_quote")
    LOG_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    NOT_TAKEN_FIELD_NUMBER: _ClassVar[int]
    ENROL_FIELD_NUMBER: _ClassVar[int]
    CONFIRM_FIELD_NUMBER: _ClassVar[int]
    RETURN_LINES_FIELD_NUMBER: _ClassVar[int]
    DEFINE_FIELD_NUMBER: _ClassVar[int]
    VOID_RECEIPT_FIELD_NUMBER: _ClassVar[int]
    CORRECT_RECEIPT_FIELD_NUMBER: _ClassVar[int]
    HOLD_FIELD_NUMBER: _ClassVar[int]
    CANCEL_HOLD_FIELD_NUMBER: _ClassVar[int]
    USE_SERVICE_FIELD_NUMBER: _ClassVar[int]
    ADJUST_FIELD_NUMBER: _ClassVar[int]
    CHANGE_MEMBER_FIELD_NUMBER: _ClassVar[int]
    MERGE_MEMBERS_FIELD_NUMBER: _ClassVar[int]
    ISSUE_COUPON_FIELD_NUMBER: _ClassVar[int]
    NEW_QUOTE_FIELD_NUMBER: _ClassVar[int]
    log_time_ms: int
    seq: int
    epoch: int
    rejected: _common_pb2.Rejection
    not_taken: NotTaken
    enrol: EnrolDone
    confirm: ConfirmDone
    return_lines: ReturnLinesDone
    define: _back_office_outcomes_pb2.DefineDone
    void_receipt: VoidDone
    correct_receipt: CorrectDone
    hold: HoldDone
    cancel_hold: CancelHoldDone
    use_service: UseServiceDone
    adjust: _back_office_outcomes_pb2.AdjustDone
    change_member: _back_office_outcomes_pb2.ChangeMemberDone
    merge_members: _back_office_outcomes_pb2.MergeMembersDone
    issue_coupon: _back_office_outcomes_pb2.IssueCouponDone
    new_quote: QuoteDone
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ..., not_taken: _Optional[_Union[NotTaken, _Mapping]] = ..., enrol: _Optional[_Union[EnrolDone, _Mapping]] = ..., confirm: _Optional[_Union[ConfirmDone, _Mapping]] = ..., return_lines: _Optional[_Union[ReturnLinesDone, _Mapping]] = ..., define: _Optional[_Union[_back_office_outcomes_pb2.DefineDone, _Mapping]] = ..., void_receipt: _Optional[_Union[VoidDone, _Mapping]] = ..., correct_receipt: _Optional[_Union[CorrectDone, _Mapping]] = ..., hold: _Optional[_Union[HoldDone, _Mapping]] = ..., cancel_hold: _Optional[_Union[CancelHoldDone, _Mapping]] = ..., use_service: _Optional[_Union[UseServiceDone, _Mapping]] = ..., adjust: _Optional[_Union[_back_office_outcomes_pb2.AdjustDone, _Mapping]] = ..., change_member: _Optional[_Union[_back_office_outcomes_pb2.ChangeMemberDone, _Mapping]] = ..., merge_members: _Optional[_Union[_back_office_outcomes_pb2.MergeMembersDone, _Mapping]] = ..., issue_coupon: _Optional[_Union[_back_office_outcomes_pb2.IssueCouponDone, _Mapping]] = ..., new_quote: _Optional[_Union[QuoteDone, _Mapping]] = ...) -> None: ...

class ExecuteBatchRequest(_message.Message):
    __slots__ = ("commands",)
    COMMANDS_FIELD_NUMBER: _ClassVar[int]
    commands: _containers.RepeatedCompositeFieldContainer[Command]
    def __init__(self, commands: _Optional[_Iterable[_Union[Command, _Mapping]]] = ...) -> None: ...

class ExecuteBatchResponse(_message.Message):
    __slots__ = ("answers",)
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    answers: _containers.RepeatedCompositeFieldContainer[Answer]
    def __init__(self, answers: _Optional[_Iterable[_Union[Answer, _Mapping]]] = ...) -> None: ...

class ExecuteStreamRequest(_message.Message):
    __slots__ = ("command",)
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    command: Command
    def __init__(self, command: _Optional[_Union[Command, _Mapping]] = ...) -> None: ...

class ExecuteStreamResponse(_message.Message):
    __slots__ = ("answer",)
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    answer: Answer
    def __init__(self, answer: _Optional[_Union[Answer, _Mapping]] = ...) -> None: ...
