from loyalty.v1 import common_pb2 as _common_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Movement(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MOVEMENT_UNSPECIFIED: _ClassVar[Movement]
    MOVEMENT_ENROL: _ClassVar[Movement]
    MOVEMENT_PURCHASE: _ClassVar[Movement]
    MOVEMENT_RETURN: _ClassVar[Movement]

class Account(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ACCOUNT_UNSPECIFIED: _ClassVar[Account]
    ACCOUNT_ISSUER: _ClassVar[Account]
    ACCOUNT_MEMBER_LOT: _ClassVar[Account]
    ACCOUNT_MEMBER_DEBT: _ClassVar[Account]
    ACCOUNT_ACCEPTOR: _ClassVar[Account]
MOVEMENT_UNSPECIFIED: Movement
MOVEMENT_ENROL: Movement
MOVEMENT_PURCHASE: Movement
MOVEMENT_RETURN: Movement
ACCOUNT_UNSPECIFIED: Account
ACCOUNT_ISSUER: Account
ACCOUNT_MEMBER_LOT: Account
ACCOUNT_MEMBER_DEBT: Account
ACCOUNT_ACCEPTOR: Account

class EnrolRequest(_message.Message):
    __slots__ = ("request_id", "seen_ms", "client_ms", "programme", "phone", "cards", "store")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SEEN_MS_FIELD_NUMBER: _ClassVar[int]
    CLIENT_MS_FIELD_NUMBER: _ClassVar[int]
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    PHONE_FIELD_NUMBER: _ClassVar[int]
    CARDS_FIELD_NUMBER: _ClassVar[int]
    STORE_FIELD_NUMBER: _ClassVar[int]
    request_id: bytes
    seen_ms: int
    client_ms: int
    programme: int
    phone: str
    cards: _containers.RepeatedScalarFieldContainer[str]
    store: int
    def __init__(self, request_id: _Optional[bytes] = ..., seen_ms: _Optional[int] = ..., client_ms: _Optional[int] = ..., programme: _Optional[int] = ..., phone: _Optional[str] = ..., cards: _Optional[_Iterable[str]] = ..., store: _Optional[int] = ...) -> None: ...

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
    __slots__ = ("member_id", "phone", "cards", "enrolled_ms", "balance")
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    PHONE_FIELD_NUMBER: _ClassVar[int]
    CARDS_FIELD_NUMBER: _ClassVar[int]
    ENROLLED_MS_FIELD_NUMBER: _ClassVar[int]
    BALANCE_FIELD_NUMBER: _ClassVar[int]
    member_id: int
    phone: str
    cards: _containers.RepeatedScalarFieldContainer[str]
    enrolled_ms: int
    balance: _common_pb2.Balance
    def __init__(self, member_id: _Optional[int] = ..., phone: _Optional[str] = ..., cards: _Optional[_Iterable[str]] = ..., enrolled_ms: _Optional[int] = ..., balance: _Optional[_Union[_common_pb2.Balance, _Mapping]] = ...) -> None: ...

class QuoteRequest(_message.Message):
    __slots__ = ("programme", "member", "store", "business_day", "lines", "spend")
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    STORE_FIELD_NUMBER: _ClassVar[int]
    BUSINESS_DAY_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    SPEND_FIELD_NUMBER: _ClassVar[int]
    programme: int
    member: _common_pb2.MemberRef
    store: int
    business_day: int
    lines: _containers.RepeatedCompositeFieldContainer[_common_pb2.Line]
    spend: _common_pb2.Spend
    def __init__(self, programme: _Optional[int] = ..., member: _Optional[_Union[_common_pb2.MemberRef, _Mapping]] = ..., store: _Optional[int] = ..., business_day: _Optional[int] = ..., lines: _Optional[_Iterable[_Union[_common_pb2.Line, _Mapping]]] = ..., spend: _Optional[_Union[_common_pb2.Spend, _Mapping]] = ...) -> None: ...

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
    __slots__ = ("bill", "quote_digest", "most_points", "balance")
    BILL_FIELD_NUMBER: _ClassVar[int]
    QUOTE_DIGEST_FIELD_NUMBER: _ClassVar[int]
    MOST_POINTS_FIELD_NUMBER: _ClassVar[int]
    BALANCE_FIELD_NUMBER: _ClassVar[int]
    bill: _common_pb2.Bill
    quote_digest: bytes
    most_points: int
    balance: _common_pb2.Balance
    def __init__(self, bill: _Optional[_Union[_common_pb2.Bill, _Mapping]] = ..., quote_digest: _Optional[bytes] = ..., most_points: _Optional[int] = ..., balance: _Optional[_Union[_common_pb2.Balance, _Mapping]] = ...) -> None: ...

class ConfirmRequest(_message.Message):
    __slots__ = ("request_id", "seen_ms", "client_ms", "programme", "receipt", "member", "sold_ms", "lines", "spend", "quote_digest", "accept_changed", "offline")
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
    def __init__(self, request_id: _Optional[bytes] = ..., seen_ms: _Optional[int] = ..., client_ms: _Optional[int] = ..., programme: _Optional[int] = ..., receipt: _Optional[_Union[_common_pb2.ReceiptId, _Mapping]] = ..., member: _Optional[_Union[_common_pb2.MemberRef, _Mapping]] = ..., sold_ms: _Optional[int] = ..., lines: _Optional[_Iterable[_Union[_common_pb2.Line, _Mapping]]] = ..., spend: _Optional[_Union[_common_pb2.Spend, _Mapping]] = ..., quote_digest: _Optional[bytes] = ..., accept_changed: _Optional[bool] = ..., offline: _Optional[bool] = ...) -> None: ...

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
    __slots__ = ("member_id", "return_receipt", "receipt", "lines", "refund_minor", "points_back", "points_back_ended", "points_taken", "points_owed", "balance", "repeated", "points_back_settled")
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
    def __init__(self, member_id: _Optional[int] = ..., return_receipt: _Optional[_Union[_common_pb2.ReceiptId, _Mapping]] = ..., receipt: _Optional[_Union[_common_pb2.ReceiptId, _Mapping]] = ..., lines: _Optional[_Iterable[_Union[ReturnedLine, _Mapping]]] = ..., refund_minor: _Optional[int] = ..., points_back: _Optional[int] = ..., points_back_ended: _Optional[int] = ..., points_taken: _Optional[int] = ..., points_owed: _Optional[int] = ..., balance: _Optional[_Union[_common_pb2.Balance, _Mapping]] = ..., repeated: _Optional[bool] = ..., points_back_settled: _Optional[int] = ...) -> None: ...

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
    __slots__ = ("member_id", "balance", "ending_soon", "ending_soon_points", "ending_soon_cut")
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    BALANCE_FIELD_NUMBER: _ClassVar[int]
    ENDING_SOON_FIELD_NUMBER: _ClassVar[int]
    ENDING_SOON_POINTS_FIELD_NUMBER: _ClassVar[int]
    ENDING_SOON_CUT_FIELD_NUMBER: _ClassVar[int]
    member_id: int
    balance: _common_pb2.Balance
    ending_soon: _containers.RepeatedCompositeFieldContainer[Ending]
    ending_soon_points: int
    ending_soon_cut: bool
    def __init__(self, member_id: _Optional[int] = ..., balance: _Optional[_Union[_common_pb2.Balance, _Mapping]] = ..., ending_soon: _Optional[_Iterable[_Union[Ending, _Mapping]]] = ..., ending_soon_points: _Optional[int] = ..., ending_soon_cut: _Optional[bool] = ...) -> None: ...

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
    __slots__ = ("account", "ref", "points")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    REF_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    account: Account
    ref: int
    points: int
    def __init__(self, account: _Optional[_Union[Account, str]] = ..., ref: _Optional[int] = ..., points: _Optional[int] = ...) -> None: ...

class StatementItem(_message.Message):
    __slots__ = ("seq", "time_ms", "movement", "receipt", "returned_receipt", "points", "postings", "actor")
    SEQ_FIELD_NUMBER: _ClassVar[int]
    TIME_MS_FIELD_NUMBER: _ClassVar[int]
    MOVEMENT_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    RETURNED_RECEIPT_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    POSTINGS_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    seq: int
    time_ms: int
    movement: Movement
    receipt: _common_pb2.ReceiptId
    returned_receipt: _common_pb2.ReceiptId
    points: int
    postings: _containers.RepeatedCompositeFieldContainer[Posting]
    actor: bytes
    def __init__(self, seq: _Optional[int] = ..., time_ms: _Optional[int] = ..., movement: _Optional[_Union[Movement, str]] = ..., receipt: _Optional[_Union[_common_pb2.ReceiptId, _Mapping]] = ..., returned_receipt: _Optional[_Union[_common_pb2.ReceiptId, _Mapping]] = ..., points: _Optional[int] = ..., postings: _Optional[_Iterable[_Union[Posting, _Mapping]]] = ..., actor: _Optional[bytes] = ...) -> None: ...

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
    __slots__ = ("enrol", "confirm", "return_lines")
    ENROL_FIELD_NUMBER: _ClassVar[int]
    CONFIRM_FIELD_NUMBER: _ClassVar[int]
    RETURN_LINES_FIELD_NUMBER: _ClassVar[int]
    enrol: EnrolRequest
    confirm: ConfirmRequest
    return_lines: ReturnLinesRequest
    def __init__(self, enrol: _Optional[_Union[EnrolRequest, _Mapping]] = ..., confirm: _Optional[_Union[ConfirmRequest, _Mapping]] = ..., return_lines: _Optional[_Union[ReturnLinesRequest, _Mapping]] = ...) -> None: ...

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
    __slots__ = ("log_time_ms", "seq", "epoch", "rejected", "not_taken", "enrol", "confirm", "return_lines", "define", "new_quote")
    LOG_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    NOT_TAKEN_FIELD_NUMBER: _ClassVar[int]
    ENROL_FIELD_NUMBER: _ClassVar[int]
    CONFIRM_FIELD_NUMBER: _ClassVar[int]
    RETURN_LINES_FIELD_NUMBER: _ClassVar[int]
    DEFINE_FIELD_NUMBER: _ClassVar[int]
    NEW_QUOTE_FIELD_NUMBER: _ClassVar[int]
    log_time_ms: int
    seq: int
    epoch: int
    rejected: _common_pb2.Rejection
    not_taken: NotTaken
    enrol: EnrolDone
    confirm: ConfirmDone
    return_lines: ReturnLinesDone
    define: DefineDone
    new_quote: QuoteDone
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ..., not_taken: _Optional[_Union[NotTaken, _Mapping]] = ..., enrol: _Optional[_Union[EnrolDone, _Mapping]] = ..., confirm: _Optional[_Union[ConfirmDone, _Mapping]] = ..., return_lines: _Optional[_Union[ReturnLinesDone, _Mapping]] = ..., define: _Optional[_Union[DefineDone, _Mapping]] = ..., new_quote: _Optional[_Union[QuoteDone, _Mapping]] = ...) -> None: ...

class DefineDone(_message.Message):
    __slots__ = ("version",)
    VERSION_FIELD_NUMBER: _ClassVar[int]
    version: int
    def __init__(self, version: _Optional[int] = ...) -> None: ...

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
