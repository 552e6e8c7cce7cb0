from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class LineKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LINE_KIND_UNSPECIFIED: _ClassVar[LineKind]
    LINE_KIND_GOODS: _ClassVar[LineKind]
    LINE_KIND_DELIVERY: _ClassVar[LineKind]
    LINE_KIND_GIFT_CARD: _ClassVar[LineKind]

class SpendMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SPEND_MODE_UNSPECIFIED: _ClassVar[SpendMode]
    SPEND_MODE_UP_TO: _ClassVar[SpendMode]
    SPEND_MODE_EXACTLY: _ClassVar[SpendMode]

class RejectionCode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REJECTION_CODE_UNSPECIFIED: _ClassVar[RejectionCode]
    REJECTION_CODE_REQUEST_TOO_OLD: _ClassVar[RejectionCode]
    REJECTION_CODE_REQUEST_ID_REUSED: _ClassVar[RejectionCode]
    REJECTION_CODE_REQUEST_ABANDONED: _ClassVar[RejectionCode]
    REJECTION_CODE_REQUEST_SEEN_AHEAD: _ClassVar[RejectionCode]
    REJECTION_CODE_MALFORMED: _ClassVar[RejectionCode]
    REJECTION_CODE_PROGRAMME_UNKNOWN: _ClassVar[RejectionCode]
    REJECTION_CODE_IDENTITY_MISSING: _ClassVar[RejectionCode]
    REJECTION_CODE_PHONE_MALFORMED: _ClassVar[RejectionCode]
    REJECTION_CODE_CARD_MALFORMED: _ClassVar[RejectionCode]
    REJECTION_CODE_TOO_MANY_CARDS: _ClassVar[RejectionCode]
    REJECTION_CODE_CARD_REPEATED: _ClassVar[RejectionCode]
    REJECTION_CODE_PHONE_TAKEN: _ClassVar[RejectionCode]
    REJECTION_CODE_CARD_TAKEN: _ClassVar[RejectionCode]
    REJECTION_CODE_RECEIPT_MALFORMED: _ClassVar[RejectionCode]
    REJECTION_CODE_NO_LINES: _ClassVar[RejectionCode]
    REJECTION_CODE_TOO_MANY_LINES: _ClassVar[RejectionCode]
    REJECTION_CODE_QUANTITY_OUT_OF_RANGE: _ClassVar[RejectionCode]
    REJECTION_CODE_AMOUNT_OUT_OF_RANGE: _ClassVar[RejectionCode]
    REJECTION_CODE_SPEND_OUT_OF_RANGE: _ClassVar[RejectionCode]
    REJECTION_CODE_MEMBER_UNKNOWN: _ClassVar[RejectionCode]
    REJECTION_CODE_RECEIPT_TAKEN: _ClassVar[RejectionCode]
    REJECTION_CODE_RETURN_TAKEN: _ClassVar[RejectionCode]
    REJECTION_CODE_STORE_UNKNOWN: _ClassVar[RejectionCode]
    REJECTION_CODE_SOLD_TOO_LONG_AGO: _ClassVar[RejectionCode]
    REJECTION_CODE_SOLD_AHEAD: _ClassVar[RejectionCode]
    REJECTION_CODE_BUSINESS_DAY_WRONG: _ClassVar[RejectionCode]
    REJECTION_CODE_SPEND_OFFLINE: _ClassVar[RejectionCode]
    REJECTION_CODE_SPEND_NOT_WHOLE_UNITS: _ClassVar[RejectionCode]
    REJECTION_CODE_SPEND_OVER_LIMIT: _ClassVar[RejectionCode]
    REJECTION_CODE_BALANCE_TOO_LOW: _ClassVar[RejectionCode]
    REJECTION_CODE_SPEND_TOO_MANY_LOTS: _ClassVar[RejectionCode]
    REJECTION_CODE_TOO_MANY_LOTS: _ClassVar[RejectionCode]
    REJECTION_CODE_POINTS_TOO_LARGE: _ClassVar[RejectionCode]
    REJECTION_CODE_QUOTE_CHANGED: _ClassVar[RejectionCode]
    REJECTION_CODE_RECEIPT_UNKNOWN: _ClassVar[RejectionCode]
    REJECTION_CODE_LINE_UNKNOWN: _ClassVar[RejectionCode]
    REJECTION_CODE_LINE_REPEATED: _ClassVar[RejectionCode]
    REJECTION_CODE_RETURN_OVER_BOUGHT: _ClassVar[RejectionCode]
    REJECTION_CODE_PROGRAMME_INVALID: _ClassVar[RejectionCode]
    REJECTION_CODE_STORE_INVALID: _ClassVar[RejectionCode]
LINE_KIND_UNSPECIFIED: LineKind
LINE_KIND_GOODS: LineKind
LINE_KIND_DELIVERY: LineKind
LINE_KIND_GIFT_CARD: LineKind
SPEND_MODE_UNSPECIFIED: SpendMode
SPEND_MODE_UP_TO: SpendMode
SPEND_MODE_EXACTLY: SpendMode
REJECTION_CODE_UNSPECIFIED: RejectionCode
REJECTION_CODE_REQUEST_TOO_OLD: RejectionCode
REJECTION_CODE_REQUEST_ID_REUSED: RejectionCode
REJECTION_CODE_REQUEST_ABANDONED: RejectionCode
REJECTION_CODE_REQUEST_SEEN_AHEAD: RejectionCode
REJECTION_CODE_MALFORMED: RejectionCode
REJECTION_CODE_PROGRAMME_UNKNOWN: RejectionCode
REJECTION_CODE_IDENTITY_MISSING: RejectionCode
REJECTION_CODE_PHONE_MALFORMED: RejectionCode
REJECTION_CODE_CARD_MALFORMED: RejectionCode
REJECTION_CODE_TOO_MANY_CARDS: RejectionCode
REJECTION_CODE_CARD_REPEATED: RejectionCode
REJECTION_CODE_PHONE_TAKEN: RejectionCode
REJECTION_CODE_CARD_TAKEN: RejectionCode
REJECTION_CODE_RECEIPT_MALFORMED: RejectionCode
REJECTION_CODE_NO_LINES: RejectionCode
REJECTION_CODE_TOO_MANY_LINES: RejectionCode
REJECTION_CODE_QUANTITY_OUT_OF_RANGE: RejectionCode
REJECTION_CODE_AMOUNT_OUT_OF_RANGE: RejectionCode
REJECTION_CODE_SPEND_OUT_OF_RANGE: RejectionCode
REJECTION_CODE_MEMBER_UNKNOWN: RejectionCode
REJECTION_CODE_RECEIPT_TAKEN: RejectionCode
REJECTION_CODE_RETURN_TAKEN: RejectionCode
REJECTION_CODE_STORE_UNKNOWN: RejectionCode
REJECTION_CODE_SOLD_TOO_LONG_AGO: RejectionCode
REJECTION_CODE_SOLD_AHEAD: RejectionCode
REJECTION_CODE_BUSINESS_DAY_WRONG: RejectionCode
REJECTION_CODE_SPEND_OFFLINE: RejectionCode
REJECTION_CODE_SPEND_NOT_WHOLE_UNITS: RejectionCode
REJECTION_CODE_SPEND_OVER_LIMIT: RejectionCode
REJECTION_CODE_BALANCE_TOO_LOW: RejectionCode
REJECTION_CODE_SPEND_TOO_MANY_LOTS: RejectionCode
REJECTION_CODE_TOO_MANY_LOTS: RejectionCode
REJECTION_CODE_POINTS_TOO_LARGE: RejectionCode
REJECTION_CODE_QUOTE_CHANGED: RejectionCode
REJECTION_CODE_RECEIPT_UNKNOWN: RejectionCode
REJECTION_CODE_LINE_UNKNOWN: RejectionCode
REJECTION_CODE_LINE_REPEATED: RejectionCode
REJECTION_CODE_RETURN_OVER_BOUGHT: RejectionCode
REJECTION_CODE_PROGRAMME_INVALID: RejectionCode
REJECTION_CODE_STORE_INVALID: RejectionCode

class MemberRef(_message.Message):
    __slots__ = ("member_id", "phone", "card")
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    PHONE_FIELD_NUMBER: _ClassVar[int]
    CARD_FIELD_NUMBER: _ClassVar[int]
    member_id: int
    phone: str
    card: str
    def __init__(self, member_id: _Optional[int] = ..., phone: _Optional[str] = ..., card: _Optional[str] = ...) -> None: ...

class ReceiptId(_message.Message):
    __slots__ = ("store", "terminal", "number", "business_day")
    STORE_FIELD_NUMBER: _ClassVar[int]
    TERMINAL_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    BUSINESS_DAY_FIELD_NUMBER: _ClassVar[int]
    store: int
    terminal: int
    number: int
    business_day: int
    def __init__(self, store: _Optional[int] = ..., terminal: _Optional[int] = ..., number: _Optional[int] = ..., business_day: _Optional[int] = ...) -> None: ...

class Line(_message.Message):
    __slots__ = ("sku", "quantity_milli", "amount_minor", "kind")
    SKU_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_MILLI_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_MINOR_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    sku: str
    quantity_milli: int
    amount_minor: int
    kind: LineKind
    def __init__(self, sku: _Optional[str] = ..., quantity_milli: _Optional[int] = ..., amount_minor: _Optional[int] = ..., kind: _Optional[_Union[LineKind, str]] = ...) -> None: ...

class Spend(_message.Message):
    __slots__ = ("points", "mode")
    POINTS_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    points: int
    mode: SpendMode
    def __init__(self, points: _Optional[int] = ..., mode: _Optional[_Union[SpendMode, str]] = ...) -> None: ...

class BillLine(_message.Message):
    __slots__ = ("amount_minor", "spent_points", "spent_minor", "paid_minor", "earned_points")
    AMOUNT_MINOR_FIELD_NUMBER: _ClassVar[int]
    SPENT_POINTS_FIELD_NUMBER: _ClassVar[int]
    SPENT_MINOR_FIELD_NUMBER: _ClassVar[int]
    PAID_MINOR_FIELD_NUMBER: _ClassVar[int]
    EARNED_POINTS_FIELD_NUMBER: _ClassVar[int]
    amount_minor: int
    spent_points: int
    spent_minor: int
    paid_minor: int
    earned_points: int
    def __init__(self, amount_minor: _Optional[int] = ..., spent_points: _Optional[int] = ..., spent_minor: _Optional[int] = ..., paid_minor: _Optional[int] = ..., earned_points: _Optional[int] = ...) -> None: ...

class Lot(_message.Message):
    __slots__ = ("lot", "points", "active_from_ms", "active_until_ms")
    LOT_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FROM_MS_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    lot: int
    points: int
    active_from_ms: int
    active_until_ms: int
    def __init__(self, lot: _Optional[int] = ..., points: _Optional[int] = ..., active_from_ms: _Optional[int] = ..., active_until_ms: _Optional[int] = ...) -> None: ...

class Bill(_message.Message):
    __slots__ = ("lines", "amount_minor", "spent_points", "spent_minor", "paid_minor", "earned_points", "earned_lot", "draws", "debt_paid_points", "programme_version")
    LINES_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_MINOR_FIELD_NUMBER: _ClassVar[int]
    SPENT_POINTS_FIELD_NUMBER: _ClassVar[int]
    SPENT_MINOR_FIELD_NUMBER: _ClassVar[int]
    PAID_MINOR_FIELD_NUMBER: _ClassVar[int]
    EARNED_POINTS_FIELD_NUMBER: _ClassVar[int]
    EARNED_LOT_FIELD_NUMBER: _ClassVar[int]
    DRAWS_FIELD_NUMBER: _ClassVar[int]
    DEBT_PAID_POINTS_FIELD_NUMBER: _ClassVar[int]
    PROGRAMME_VERSION_FIELD_NUMBER: _ClassVar[int]
    lines: _containers.RepeatedCompositeFieldContainer[BillLine]
    amount_minor: int
    spent_points: int
    spent_minor: int
    paid_minor: int
    earned_points: int
    earned_lot: Lot
    draws: _containers.RepeatedCompositeFieldContainer[Lot]
    debt_paid_points: int
    programme_version: int
    def __init__(self, lines: _Optional[_Iterable[_Union[BillLine, _Mapping]]] = ..., amount_minor: _Optional[int] = ..., spent_points: _Optional[int] = ..., spent_minor: _Optional[int] = ..., paid_minor: _Optional[int] = ..., earned_points: _Optional[int] = ..., earned_lot: _Optional[_Union[Lot, _Mapping]] = ..., draws: _Optional[_Iterable[_Union[Lot, _Mapping]]] = ..., debt_paid_points: _Optional[int] = ..., programme_version: _Optional[int] = ...) -> None: ...

class Balance(_message.Message):
    __slots__ = ("active_points", "spendable_points", "future_points", "debt_points")
    ACTIVE_POINTS_FIELD_NUMBER: _ClassVar[int]
    SPENDABLE_POINTS_FIELD_NUMBER: _ClassVar[int]
    FUTURE_POINTS_FIELD_NUMBER: _ClassVar[int]
    DEBT_POINTS_FIELD_NUMBER: _ClassVar[int]
    active_points: int
    spendable_points: int
    future_points: int
    debt_points: int
    def __init__(self, active_points: _Optional[int] = ..., spendable_points: _Optional[int] = ..., future_points: _Optional[int] = ..., debt_points: _Optional[int] = ...) -> None: ...

class Rejection(_message.Message):
    __slots__ = ("code", "field", "acceptable")
    CODE_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    ACCEPTABLE_FIELD_NUMBER: _ClassVar[int]
    code: RejectionCode
    field: str
    acceptable: str
    def __init__(self, code: _Optional[_Union[RejectionCode, str]] = ..., field: _Optional[str] = ..., acceptable: _Optional[str] = ...) -> None: ...
