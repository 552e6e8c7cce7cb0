from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STATUS_UNSPECIFIED: _ClassVar[Status]
    STATUS_ACTIVE: _ClassVar[Status]
    STATUS_BLOCKED: _ClassVar[Status]
    STATUS_MERGED: _ClassVar[Status]

class LineKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LINE_KIND_UNSPECIFIED: _ClassVar[LineKind]
    LINE_KIND_GOODS: _ClassVar[LineKind]
    LINE_KIND_DELIVERY: _ClassVar[LineKind]
    LINE_KIND_GIFT_CARD: _ClassVar[LineKind]

class TenderKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TENDER_KIND_UNSPECIFIED: _ClassVar[TenderKind]
    TENDER_KIND_CARD: _ClassVar[TenderKind]
    TENDER_KIND_CASH: _ClassVar[TenderKind]
    TENDER_KIND_GIFT_CARD: _ClassVar[TenderKind]
    TENDER_KIND_OTHER: _ClassVar[TenderKind]

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
    REJECTION_CODE_REASON_MISSING: _ClassVar[RejectionCode]
    REJECTION_CODE_IDENTITY_MISSING: _ClassVar[RejectionCode]
    REJECTION_CODE_PHONE_MALFORMED: _ClassVar[RejectionCode]
    REJECTION_CODE_CARD_MALFORMED: _ClassVar[RejectionCode]
    REJECTION_CODE_TOO_MANY_CARDS: _ClassVar[RejectionCode]
    REJECTION_CODE_CARD_REPEATED: _ClassVar[RejectionCode]
    REJECTION_CODE_EXTERNAL_MALFORMED: _ClassVar[RejectionCode]
    REJECTION_CODE_PROFILE_INVALID: _ClassVar[RejectionCode]
    REJECTION_CODE_PHONE_TAKEN: _ClassVar[RejectionCode]
    REJECTION_CODE_CARD_TAKEN: _ClassVar[RejectionCode]
    REJECTION_CODE_EXTERNAL_TAKEN: _ClassVar[RejectionCode]
    REJECTION_CODE_RECEIPT_MALFORMED: _ClassVar[RejectionCode]
    REJECTION_CODE_NO_LINES: _ClassVar[RejectionCode]
    REJECTION_CODE_TOO_MANY_LINES: _ClassVar[RejectionCode]
    REJECTION_CODE_QUANTITY_OUT_OF_RANGE: _ClassVar[RejectionCode]
    REJECTION_CODE_AMOUNT_OUT_OF_RANGE: _ClassVar[RejectionCode]
    REJECTION_CODE_ATTRIBUTE_INVALID: _ClassVar[RejectionCode]
    REJECTION_CODE_SPEND_OUT_OF_RANGE: _ClassVar[RejectionCode]
    REJECTION_CODE_WALLET_UNKNOWN: _ClassVar[RejectionCode]
    REJECTION_CODE_TENDERS_WRONG: _ClassVar[RejectionCode]
    REJECTION_CODE_HOLD_UNTIL_OUT_OF_RANGE: _ClassVar[RejectionCode]
    REJECTION_CODE_ADJUST_OUT_OF_RANGE: _ClassVar[RejectionCode]
    REJECTION_CODE_MEMBER_UNKNOWN: _ClassVar[RejectionCode]
    REJECTION_CODE_RECEIPT_TAKEN: _ClassVar[RejectionCode]
    REJECTION_CODE_RETURN_TAKEN: _ClassVar[RejectionCode]
    REJECTION_CODE_STORE_UNKNOWN: _ClassVar[RejectionCode]
    REJECTION_CODE_SOLD_TOO_LONG_AGO: _ClassVar[RejectionCode]
    REJECTION_CODE_SOLD_AHEAD: _ClassVar[RejectionCode]
    REJECTION_CODE_BUSINESS_DAY_WRONG: _ClassVar[RejectionCode]
    REJECTION_CODE_MEMBER_BLOCKED: _ClassVar[RejectionCode]
    REJECTION_CODE_WALLET_NOT_HERE: _ClassVar[RejectionCode]
    REJECTION_CODE_TOO_MANY_HOLDS: _ClassVar[RejectionCode]
    REJECTION_CODE_COUPON_INVALID: _ClassVar[RejectionCode]
    REJECTION_CODE_COUPON_TAKEN: _ClassVar[RejectionCode]
    REJECTION_CODE_COUPON_UNKNOWN: _ClassVar[RejectionCode]
    REJECTION_CODE_COUPON_NOT_YOURS: _ClassVar[RejectionCode]
    REJECTION_CODE_COUPON_ENDED: _ClassVar[RejectionCode]
    REJECTION_CODE_COUPON_USED: _ClassVar[RejectionCode]
    REJECTION_CODE_SPEND_OFFLINE: _ClassVar[RejectionCode]
    REJECTION_CODE_SPEND_NOT_WHOLE_UNITS: _ClassVar[RejectionCode]
    REJECTION_CODE_SPEND_OVER_LIMIT: _ClassVar[RejectionCode]
    REJECTION_CODE_BALANCE_TOO_LOW: _ClassVar[RejectionCode]
    REJECTION_CODE_SPEND_TOO_MANY_LOTS: _ClassVar[RejectionCode]
    REJECTION_CODE_TOO_MANY_LOTS: _ClassVar[RejectionCode]
    REJECTION_CODE_POINTS_TOO_LARGE: _ClassVar[RejectionCode]
    REJECTION_CODE_QUOTE_CHANGED: _ClassVar[RejectionCode]
    REJECTION_CODE_RECEIPT_UNKNOWN: _ClassVar[RejectionCode]
    REJECTION_CODE_HOLD_UNKNOWN: _ClassVar[RejectionCode]
    REJECTION_CODE_HOLD_ENDED: _ClassVar[RejectionCode]
    REJECTION_CODE_HOLD_OPEN: _ClassVar[RejectionCode]
    REJECTION_CODE_RECEIPT_VOIDED: _ClassVar[RejectionCode]
    REJECTION_CODE_RECEIPT_OF_ANOTHER_DAY: _ClassVar[RejectionCode]
    REJECTION_CODE_RECEIPT_RETURNED: _ClassVar[RejectionCode]
    REJECTION_CODE_LINE_UNKNOWN: _ClassVar[RejectionCode]
    REJECTION_CODE_LINE_REPEATED: _ClassVar[RejectionCode]
    REJECTION_CODE_RETURN_OVER_BOUGHT: _ClassVar[RejectionCode]
    REJECTION_CODE_USE_TAKEN: _ClassVar[RejectionCode]
    REJECTION_CODE_SERVICE_NOT_THERE: _ClassVar[RejectionCode]
    REJECTION_CODE_PROGRAMME_INVALID: _ClassVar[RejectionCode]
    REJECTION_CODE_STORE_INVALID: _ClassVar[RejectionCode]
    REJECTION_CODE_PARTNER_INVALID: _ClassVar[RejectionCode]
    REJECTION_CODE_PARTNER_UNKNOWN: _ClassVar[RejectionCode]
    REJECTION_CODE_PROMOTION_INVALID: _ClassVar[RejectionCode]
    REJECTION_CODE_PROMOTION_UNKNOWN: _ClassVar[RejectionCode]
    REJECTION_CODE_TOO_MANY_PROMOTIONS: _ClassVar[RejectionCode]
    REJECTION_CODE_REFERENCE_TAKEN: _ClassVar[RejectionCode]
    REJECTION_CODE_NOT_HIS_CARD: _ClassVar[RejectionCode]
    REJECTION_CODE_MERGE_SAME: _ClassVar[RejectionCode]
    REJECTION_CODE_MERGE_TOO_MUCH: _ClassVar[RejectionCode]
STATUS_UNSPECIFIED: Status
STATUS_ACTIVE: Status
STATUS_BLOCKED: Status
STATUS_MERGED: Status
LINE_KIND_UNSPECIFIED: LineKind
LINE_KIND_GOODS: LineKind
LINE_KIND_DELIVERY: LineKind
LINE_KIND_GIFT_CARD: LineKind
TENDER_KIND_UNSPECIFIED: TenderKind
TENDER_KIND_CARD: TenderKind
TENDER_KIND_CASH: TenderKind
TENDER_KIND_GIFT_CARD: TenderKind
TENDER_KIND_OTHER: TenderKind
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
REJECTION_CODE_REASON_MISSING: RejectionCode
REJECTION_CODE_IDENTITY_MISSING: RejectionCode
REJECTION_CODE_PHONE_MALFORMED: RejectionCode
REJECTION_CODE_CARD_MALFORMED: RejectionCode
REJECTION_CODE_TOO_MANY_CARDS: RejectionCode
REJECTION_CODE_CARD_REPEATED: RejectionCode
REJECTION_CODE_EXTERNAL_MALFORMED: RejectionCode
REJECTION_CODE_PROFILE_INVALID: RejectionCode
REJECTION_CODE_PHONE_TAKEN: RejectionCode
REJECTION_CODE_CARD_TAKEN: RejectionCode
REJECTION_CODE_EXTERNAL_TAKEN: RejectionCode
REJECTION_CODE_RECEIPT_MALFORMED: RejectionCode
REJECTION_CODE_NO_LINES: RejectionCode
REJECTION_CODE_TOO_MANY_LINES: RejectionCode
REJECTION_CODE_QUANTITY_OUT_OF_RANGE: RejectionCode
REJECTION_CODE_AMOUNT_OUT_OF_RANGE: RejectionCode
REJECTION_CODE_ATTRIBUTE_INVALID: RejectionCode
REJECTION_CODE_SPEND_OUT_OF_RANGE: RejectionCode
REJECTION_CODE_WALLET_UNKNOWN: RejectionCode
REJECTION_CODE_TENDERS_WRONG: RejectionCode
REJECTION_CODE_HOLD_UNTIL_OUT_OF_RANGE: RejectionCode
REJECTION_CODE_ADJUST_OUT_OF_RANGE: RejectionCode
REJECTION_CODE_MEMBER_UNKNOWN: RejectionCode
REJECTION_CODE_RECEIPT_TAKEN: RejectionCode
REJECTION_CODE_RETURN_TAKEN: RejectionCode
REJECTION_CODE_STORE_UNKNOWN: RejectionCode
REJECTION_CODE_SOLD_TOO_LONG_AGO: RejectionCode
REJECTION_CODE_SOLD_AHEAD: RejectionCode
REJECTION_CODE_BUSINESS_DAY_WRONG: RejectionCode
REJECTION_CODE_MEMBER_BLOCKED: RejectionCode
REJECTION_CODE_WALLET_NOT_HERE: RejectionCode
REJECTION_CODE_TOO_MANY_HOLDS: RejectionCode
REJECTION_CODE_COUPON_INVALID: RejectionCode
REJECTION_CODE_COUPON_TAKEN: RejectionCode
REJECTION_CODE_COUPON_UNKNOWN: RejectionCode
REJECTION_CODE_COUPON_NOT_YOURS: RejectionCode
REJECTION_CODE_COUPON_ENDED: RejectionCode
REJECTION_CODE_COUPON_USED: RejectionCode
REJECTION_CODE_SPEND_OFFLINE: RejectionCode
REJECTION_CODE_SPEND_NOT_WHOLE_UNITS: RejectionCode
REJECTION_CODE_SPEND_OVER_LIMIT: RejectionCode
REJECTION_CODE_BALANCE_TOO_LOW: RejectionCode
REJECTION_CODE_SPEND_TOO_MANY_LOTS: RejectionCode
REJECTION_CODE_TOO_MANY_LOTS: RejectionCode
REJECTION_CODE_POINTS_TOO_LARGE: RejectionCode
REJECTION_CODE_QUOTE_CHANGED: RejectionCode
REJECTION_CODE_RECEIPT_UNKNOWN: RejectionCode
REJECTION_CODE_HOLD_UNKNOWN: RejectionCode
REJECTION_CODE_HOLD_ENDED: RejectionCode
REJECTION_CODE_HOLD_OPEN: RejectionCode
REJECTION_CODE_RECEIPT_VOIDED: RejectionCode
REJECTION_CODE_RECEIPT_OF_ANOTHER_DAY: RejectionCode
REJECTION_CODE_RECEIPT_RETURNED: RejectionCode
REJECTION_CODE_LINE_UNKNOWN: RejectionCode
REJECTION_CODE_LINE_REPEATED: RejectionCode
REJECTION_CODE_RETURN_OVER_BOUGHT: RejectionCode
REJECTION_CODE_USE_TAKEN: RejectionCode
REJECTION_CODE_SERVICE_NOT_THERE: RejectionCode
REJECTION_CODE_PROGRAMME_INVALID: RejectionCode
REJECTION_CODE_STORE_INVALID: RejectionCode
REJECTION_CODE_PARTNER_INVALID: RejectionCode
REJECTION_CODE_PARTNER_UNKNOWN: RejectionCode
REJECTION_CODE_PROMOTION_INVALID: RejectionCode
REJECTION_CODE_PROMOTION_UNKNOWN: RejectionCode
REJECTION_CODE_TOO_MANY_PROMOTIONS: RejectionCode
REJECTION_CODE_REFERENCE_TAKEN: RejectionCode
REJECTION_CODE_NOT_HIS_CARD: RejectionCode
REJECTION_CODE_MERGE_SAME: RejectionCode
REJECTION_CODE_MERGE_TOO_MUCH: RejectionCode

class MemberRef(_message.Message):
    __slots__ = ("member_id", "phone", "card", "external")
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    PHONE_FIELD_NUMBER: _ClassVar[int]
    CARD_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_FIELD_NUMBER: _ClassVar[int]
    member_id: int
    phone: str
    card: str
    external: str
    def __init__(self, member_id: _Optional[int] = ..., phone: _Optional[str] = ..., card: _Optional[str] = ..., external: _Optional[str] = ...) -> None: ...

class Profile(_message.Message):
    __slots__ = ("birthday", "language", "city", "consents", "segments")
    BIRTHDAY_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    CITY_FIELD_NUMBER: _ClassVar[int]
    CONSENTS_FIELD_NUMBER: _ClassVar[int]
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    birthday: int
    language: str
    city: str
    consents: _containers.RepeatedScalarFieldContainer[str]
    segments: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, birthday: _Optional[int] = ..., language: _Optional[str] = ..., city: _Optional[str] = ..., consents: _Optional[_Iterable[str]] = ..., segments: _Optional[_Iterable[str]] = ...) -> None: ...

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
    __slots__ = ("sku", "quantity_milli", "amount_minor", "kind", "unit_price_minor", "tax_minor", "floor_minor", "attributes")
    SKU_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_MILLI_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_MINOR_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    UNIT_PRICE_MINOR_FIELD_NUMBER: _ClassVar[int]
    TAX_MINOR_FIELD_NUMBER: _ClassVar[int]
    FLOOR_MINOR_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    sku: str
    quantity_milli: int
    amount_minor: int
    kind: LineKind
    unit_price_minor: int
    tax_minor: int
    floor_minor: int
    attributes: _containers.RepeatedCompositeFieldContainer[Attribute]
    def __init__(self, sku: _Optional[str] = ..., quantity_milli: _Optional[int] = ..., amount_minor: _Optional[int] = ..., kind: _Optional[_Union[LineKind, str]] = ..., unit_price_minor: _Optional[int] = ..., tax_minor: _Optional[int] = ..., floor_minor: _Optional[int] = ..., attributes: _Optional[_Iterable[_Union[Attribute, _Mapping]]] = ...) -> None: ...

class Attribute(_message.Message):
    __slots__ = ("name", "text", "number")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    name: str
    text: str
    number: int
    def __init__(self, name: _Optional[str] = ..., text: _Optional[str] = ..., number: _Optional[int] = ...) -> None: ...

class Tender(_message.Message):
    __slots__ = ("kind", "amount_minor")
    KIND_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_MINOR_FIELD_NUMBER: _ClassVar[int]
    kind: TenderKind
    amount_minor: int
    def __init__(self, kind: _Optional[_Union[TenderKind, str]] = ..., amount_minor: _Optional[int] = ...) -> None: ...

class Spend(_message.Message):
    __slots__ = ("points", "mode", "wallet")
    POINTS_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    WALLET_FIELD_NUMBER: _ClassVar[int]
    points: int
    mode: SpendMode
    wallet: int
    def __init__(self, points: _Optional[int] = ..., mode: _Optional[_Union[SpendMode, str]] = ..., wallet: _Optional[int] = ...) -> None: ...

class BillLine(_message.Message):
    __slots__ = ("amount_minor", "spent_points", "spent_minor", "paid_minor", "earned_points", "discount_minor")
    AMOUNT_MINOR_FIELD_NUMBER: _ClassVar[int]
    SPENT_POINTS_FIELD_NUMBER: _ClassVar[int]
    SPENT_MINOR_FIELD_NUMBER: _ClassVar[int]
    PAID_MINOR_FIELD_NUMBER: _ClassVar[int]
    EARNED_POINTS_FIELD_NUMBER: _ClassVar[int]
    DISCOUNT_MINOR_FIELD_NUMBER: _ClassVar[int]
    amount_minor: int
    spent_points: int
    spent_minor: int
    paid_minor: int
    earned_points: int
    discount_minor: int
    def __init__(self, amount_minor: _Optional[int] = ..., spent_points: _Optional[int] = ..., spent_minor: _Optional[int] = ..., paid_minor: _Optional[int] = ..., earned_points: _Optional[int] = ..., discount_minor: _Optional[int] = ...) -> None: ...

class Lot(_message.Message):
    __slots__ = ("lot", "points", "active_from_ms", "active_until_ms", "wallet", "priority", "purposed")
    LOT_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FROM_MS_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    WALLET_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    PURPOSED_FIELD_NUMBER: _ClassVar[int]
    lot: int
    points: int
    active_from_ms: int
    active_until_ms: int
    wallet: int
    priority: int
    purposed: bool
    def __init__(self, lot: _Optional[int] = ..., points: _Optional[int] = ..., active_from_ms: _Optional[int] = ..., active_until_ms: _Optional[int] = ..., wallet: _Optional[int] = ..., priority: _Optional[int] = ..., purposed: _Optional[bool] = ...) -> None: ...

class Applied(_message.Message):
    __slots__ = ("promotion", "version", "name", "minor", "points", "times", "funder", "lines", "coupon")
    PROMOTION_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    MINOR_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    TIMES_FIELD_NUMBER: _ClassVar[int]
    FUNDER_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    COUPON_FIELD_NUMBER: _ClassVar[int]
    promotion: int
    version: int
    name: str
    minor: int
    points: int
    times: int
    funder: int
    lines: _containers.RepeatedCompositeFieldContainer[AppliedLine]
    coupon: str
    def __init__(self, promotion: _Optional[int] = ..., version: _Optional[int] = ..., name: _Optional[str] = ..., minor: _Optional[int] = ..., points: _Optional[int] = ..., times: _Optional[int] = ..., funder: _Optional[int] = ..., lines: _Optional[_Iterable[_Union[AppliedLine, _Mapping]]] = ..., coupon: _Optional[str] = ...) -> None: ...

class AppliedLine(_message.Message):
    __slots__ = ("line", "minor", "points")
    LINE_FIELD_NUMBER: _ClassVar[int]
    MINOR_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    line: int
    minor: int
    points: int
    def __init__(self, line: _Optional[int] = ..., minor: _Optional[int] = ..., points: _Optional[int] = ...) -> None: ...

class Earning(_message.Message):
    __slots__ = ("promotion", "wallet", "points", "debt_paid_points", "lot")
    PROMOTION_FIELD_NUMBER: _ClassVar[int]
    WALLET_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    DEBT_PAID_POINTS_FIELD_NUMBER: _ClassVar[int]
    LOT_FIELD_NUMBER: _ClassVar[int]
    promotion: int
    wallet: int
    points: int
    debt_paid_points: int
    lot: Lot
    def __init__(self, promotion: _Optional[int] = ..., wallet: _Optional[int] = ..., points: _Optional[int] = ..., debt_paid_points: _Optional[int] = ..., lot: _Optional[_Union[Lot, _Mapping]] = ...) -> None: ...

class ServiceGiven(_message.Message):
    __slots__ = ("promotion", "line", "service", "times", "active_from_ms", "active_until_ms")
    PROMOTION_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    TIMES_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FROM_MS_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    promotion: int
    line: int
    service: str
    times: int
    active_from_ms: int
    active_until_ms: int
    def __init__(self, promotion: _Optional[int] = ..., line: _Optional[int] = ..., service: _Optional[str] = ..., times: _Optional[int] = ..., active_from_ms: _Optional[int] = ..., active_until_ms: _Optional[int] = ...) -> None: ...

class CouponGiven(_message.Message):
    __slots__ = ("promotion", "of_promotion", "code", "active_until_ms")
    PROMOTION_FIELD_NUMBER: _ClassVar[int]
    OF_PROMOTION_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    promotion: int
    of_promotion: int
    code: str
    active_until_ms: int
    def __init__(self, promotion: _Optional[int] = ..., of_promotion: _Optional[int] = ..., code: _Optional[str] = ..., active_until_ms: _Optional[int] = ...) -> None: ...

class Bill(_message.Message):
    __slots__ = ("lines", "amount_minor", "spent_points", "spent_minor", "paid_minor", "earned_points", "draws", "debt_paid_points", "programme_version", "earnings", "discount_minor", "applied", "services", "coupons", "wallet", "currency")
    LINES_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_MINOR_FIELD_NUMBER: _ClassVar[int]
    SPENT_POINTS_FIELD_NUMBER: _ClassVar[int]
    SPENT_MINOR_FIELD_NUMBER: _ClassVar[int]
    PAID_MINOR_FIELD_NUMBER: _ClassVar[int]
    EARNED_POINTS_FIELD_NUMBER: _ClassVar[int]
    DRAWS_FIELD_NUMBER: _ClassVar[int]
    DEBT_PAID_POINTS_FIELD_NUMBER: _ClassVar[int]
    PROGRAMME_VERSION_FIELD_NUMBER: _ClassVar[int]
    EARNINGS_FIELD_NUMBER: _ClassVar[int]
    DISCOUNT_MINOR_FIELD_NUMBER: _ClassVar[int]
    APPLIED_FIELD_NUMBER: _ClassVar[int]
    SERVICES_FIELD_NUMBER: _ClassVar[int]
    COUPONS_FIELD_NUMBER: _ClassVar[int]
    WALLET_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    lines: _containers.RepeatedCompositeFieldContainer[BillLine]
    amount_minor: int
    spent_points: int
    spent_minor: int
    paid_minor: int
    earned_points: int
    draws: _containers.RepeatedCompositeFieldContainer[Lot]
    debt_paid_points: int
    programme_version: int
    earnings: _containers.RepeatedCompositeFieldContainer[Earning]
    discount_minor: int
    applied: _containers.RepeatedCompositeFieldContainer[Applied]
    services: _containers.RepeatedCompositeFieldContainer[ServiceGiven]
    coupons: _containers.RepeatedCompositeFieldContainer[CouponGiven]
    wallet: int
    currency: str
    def __init__(self, lines: _Optional[_Iterable[_Union[BillLine, _Mapping]]] = ..., amount_minor: _Optional[int] = ..., spent_points: _Optional[int] = ..., spent_minor: _Optional[int] = ..., paid_minor: _Optional[int] = ..., earned_points: _Optional[int] = ..., draws: _Optional[_Iterable[_Union[Lot, _Mapping]]] = ..., debt_paid_points: _Optional[int] = ..., programme_version: _Optional[int] = ..., earnings: _Optional[_Iterable[_Union[Earning, _Mapping]]] = ..., discount_minor: _Optional[int] = ..., applied: _Optional[_Iterable[_Union[Applied, _Mapping]]] = ..., services: _Optional[_Iterable[_Union[ServiceGiven, _Mapping]]] = ..., coupons: _Optional[_Iterable[_Union[CouponGiven, _Mapping]]] = ..., wallet: _Optional[int] = ..., currency: _Optional[str] = ...) -> None: ...

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

class WalletBalance(_message.Message):
    __slots__ = ("wallet", "balance")
    WALLET_FIELD_NUMBER: _ClassVar[int]
    BALANCE_FIELD_NUMBER: _ClassVar[int]
    wallet: int
    balance: Balance
    def __init__(self, wallet: _Optional[int] = ..., balance: _Optional[_Union[Balance, _Mapping]] = ...) -> None: ...

class Rejection(_message.Message):
    __slots__ = ("code", "field", "acceptable")
    CODE_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    ACCEPTABLE_FIELD_NUMBER: _ClassVar[int]
    code: RejectionCode
    field: str
    acceptable: str
    def __init__(self, code: _Optional[_Union[RejectionCode, str]] = ..., field: _Optional[str] = ..., acceptable: _Optional[str] = ...) -> None: ...
