from loyalty.v1 import conditions_pb2 as _conditions_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Scope(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SCOPE_UNSPECIFIED: _ClassVar[Scope]
    SCOPE_LINE: _ClassVar[Scope]
    SCOPE_RECEIPT: _ClassVar[Scope]
SCOPE_UNSPECIFIED: Scope
SCOPE_LINE: Scope
SCOPE_RECEIPT: Scope

class Promotion(_message.Message):
    __slots__ = ("number", "name", "paused", "when", "where", "who", "lines", "receipt", "scope", "effect", "stacking", "caps", "funder", "currency")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PAUSED_FIELD_NUMBER: _ClassVar[int]
    WHEN_FIELD_NUMBER: _ClassVar[int]
    WHERE_FIELD_NUMBER: _ClassVar[int]
    WHO_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    EFFECT_FIELD_NUMBER: _ClassVar[int]
    STACKING_FIELD_NUMBER: _ClassVar[int]
    CAPS_FIELD_NUMBER: _ClassVar[int]
    FUNDER_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    number: int
    name: str
    paused: bool
    when: When
    where: Where
    who: Audience
    lines: _conditions_pb2.Condition
    receipt: _conditions_pb2.Condition
    scope: Scope
    effect: Effect
    stacking: Stacking
    caps: Caps
    funder: int
    currency: str
    def __init__(self, number: _Optional[int] = ..., name: _Optional[str] = ..., paused: _Optional[bool] = ..., when: _Optional[_Union[When, _Mapping]] = ..., where: _Optional[_Union[Where, _Mapping]] = ..., who: _Optional[_Union[Audience, _Mapping]] = ..., lines: _Optional[_Union[_conditions_pb2.Condition, _Mapping]] = ..., receipt: _Optional[_Union[_conditions_pb2.Condition, _Mapping]] = ..., scope: _Optional[_Union[Scope, str]] = ..., effect: _Optional[_Union[Effect, _Mapping]] = ..., stacking: _Optional[_Union[Stacking, _Mapping]] = ..., caps: _Optional[_Union[Caps, _Mapping]] = ..., funder: _Optional[int] = ..., currency: _Optional[str] = ...) -> None: ...

class When(_message.Message):
    __slots__ = ("from_ms", "until_ms", "weekdays", "from_minute", "until_minute")
    FROM_MS_FIELD_NUMBER: _ClassVar[int]
    UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    WEEKDAYS_FIELD_NUMBER: _ClassVar[int]
    FROM_MINUTE_FIELD_NUMBER: _ClassVar[int]
    UNTIL_MINUTE_FIELD_NUMBER: _ClassVar[int]
    from_ms: int
    until_ms: int
    weekdays: _containers.RepeatedScalarFieldContainer[int]
    from_minute: int
    until_minute: int
    def __init__(self, from_ms: _Optional[int] = ..., until_ms: _Optional[int] = ..., weekdays: _Optional[_Iterable[int]] = ..., from_minute: _Optional[int] = ..., until_minute: _Optional[int] = ...) -> None: ...

class Where(_message.Message):
    __slots__ = ("countries", "cities", "partners", "stores", "channels")
    COUNTRIES_FIELD_NUMBER: _ClassVar[int]
    CITIES_FIELD_NUMBER: _ClassVar[int]
    PARTNERS_FIELD_NUMBER: _ClassVar[int]
    STORES_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    countries: _containers.RepeatedScalarFieldContainer[str]
    cities: _containers.RepeatedScalarFieldContainer[str]
    partners: _containers.RepeatedScalarFieldContainer[int]
    stores: _containers.RepeatedScalarFieldContainer[int]
    channels: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, countries: _Optional[_Iterable[str]] = ..., cities: _Optional[_Iterable[str]] = ..., partners: _Optional[_Iterable[int]] = ..., stores: _Optional[_Iterable[int]] = ..., channels: _Optional[_Iterable[str]] = ...) -> None: ...

class Audience(_message.Message):
    __slots__ = ("tiers", "segments", "birthday", "first_purchase", "coupon")
    TIERS_FIELD_NUMBER: _ClassVar[int]
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    BIRTHDAY_FIELD_NUMBER: _ClassVar[int]
    FIRST_PURCHASE_FIELD_NUMBER: _ClassVar[int]
    COUPON_FIELD_NUMBER: _ClassVar[int]
    tiers: _containers.RepeatedScalarFieldContainer[str]
    segments: _containers.RepeatedScalarFieldContainer[str]
    birthday: BirthdayWindow
    first_purchase: bool
    coupon: bool
    def __init__(self, tiers: _Optional[_Iterable[str]] = ..., segments: _Optional[_Iterable[str]] = ..., birthday: _Optional[_Union[BirthdayWindow, _Mapping]] = ..., first_purchase: _Optional[bool] = ..., coupon: _Optional[bool] = ...) -> None: ...

class BirthdayWindow(_message.Message):
    __slots__ = ("before_days", "after_days")
    BEFORE_DAYS_FIELD_NUMBER: _ClassVar[int]
    AFTER_DAYS_FIELD_NUMBER: _ClassVar[int]
    before_days: int
    after_days: int
    def __init__(self, before_days: _Optional[int] = ..., after_days: _Optional[int] = ...) -> None: ...

class Effect(_message.Message):
    __slots__ = ("percent_off", "amount_off", "fixed_price", "cheapest_free", "buy_get", "bundle", "points_per", "points_times", "points_fixed", "give_lot", "give_service", "give_coupon")
    PERCENT_OFF_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_OFF_FIELD_NUMBER: _ClassVar[int]
    FIXED_PRICE_FIELD_NUMBER: _ClassVar[int]
    CHEAPEST_FREE_FIELD_NUMBER: _ClassVar[int]
    BUY_GET_FIELD_NUMBER: _ClassVar[int]
    BUNDLE_FIELD_NUMBER: _ClassVar[int]
    POINTS_PER_FIELD_NUMBER: _ClassVar[int]
    POINTS_TIMES_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIXED_FIELD_NUMBER: _ClassVar[int]
    GIVE_LOT_FIELD_NUMBER: _ClassVar[int]
    GIVE_SERVICE_FIELD_NUMBER: _ClassVar[int]
    GIVE_COUPON_FIELD_NUMBER: _ClassVar[int]
    percent_off: PercentOff
    amount_off: AmountOff
    fixed_price: FixedPrice
    cheapest_free: CheapestFree
    buy_get: BuyGet
    bundle: Bundle
    points_per: PointsPer
    points_times: PointsTimes
    points_fixed: PointsFixed
    give_lot: GiveLot
    give_service: GiveService
    give_coupon: GiveCoupon
    def __init__(self, percent_off: _Optional[_Union[PercentOff, _Mapping]] = ..., amount_off: _Optional[_Union[AmountOff, _Mapping]] = ..., fixed_price: _Optional[_Union[FixedPrice, _Mapping]] = ..., cheapest_free: _Optional[_Union[CheapestFree, _Mapping]] = ..., buy_get: _Optional[_Union[BuyGet, _Mapping]] = ..., bundle: _Optional[_Union[Bundle, _Mapping]] = ..., points_per: _Optional[_Union[PointsPer, _Mapping]] = ..., points_times: _Optional[_Union[PointsTimes, _Mapping]] = ..., points_fixed: _Optional[_Union[PointsFixed, _Mapping]] = ..., give_lot: _Optional[_Union[GiveLot, _Mapping]] = ..., give_service: _Optional[_Union[GiveService, _Mapping]] = ..., give_coupon: _Optional[_Union[GiveCoupon, _Mapping]] = ...) -> None: ...

class PercentOff(_message.Message):
    __slots__ = ("basis_points",)
    BASIS_POINTS_FIELD_NUMBER: _ClassVar[int]
    basis_points: int
    def __init__(self, basis_points: _Optional[int] = ...) -> None: ...

class AmountOff(_message.Message):
    __slots__ = ("minor", "per_piece")
    MINOR_FIELD_NUMBER: _ClassVar[int]
    PER_PIECE_FIELD_NUMBER: _ClassVar[int]
    minor: int
    per_piece: bool
    def __init__(self, minor: _Optional[int] = ..., per_piece: _Optional[bool] = ...) -> None: ...

class FixedPrice(_message.Message):
    __slots__ = ("minor",)
    MINOR_FIELD_NUMBER: _ClassVar[int]
    minor: int
    def __init__(self, minor: _Optional[int] = ...) -> None: ...

class CheapestFree(_message.Message):
    __slots__ = ("of_pieces", "free_pieces")
    OF_PIECES_FIELD_NUMBER: _ClassVar[int]
    FREE_PIECES_FIELD_NUMBER: _ClassVar[int]
    of_pieces: int
    free_pieces: int
    def __init__(self, of_pieces: _Optional[int] = ..., free_pieces: _Optional[int] = ...) -> None: ...

class BuyGet(_message.Message):
    __slots__ = ("buy_pieces", "get_pieces", "get", "basis_points")
    BUY_PIECES_FIELD_NUMBER: _ClassVar[int]
    GET_PIECES_FIELD_NUMBER: _ClassVar[int]
    GET_FIELD_NUMBER: _ClassVar[int]
    BASIS_POINTS_FIELD_NUMBER: _ClassVar[int]
    buy_pieces: int
    get_pieces: int
    get: _conditions_pb2.Condition
    basis_points: int
    def __init__(self, buy_pieces: _Optional[int] = ..., get_pieces: _Optional[int] = ..., get: _Optional[_Union[_conditions_pb2.Condition, _Mapping]] = ..., basis_points: _Optional[int] = ...) -> None: ...

class Bundle(_message.Message):
    __slots__ = ("parts", "minor")
    PARTS_FIELD_NUMBER: _ClassVar[int]
    MINOR_FIELD_NUMBER: _ClassVar[int]
    parts: _containers.RepeatedCompositeFieldContainer[BundlePart]
    minor: int
    def __init__(self, parts: _Optional[_Iterable[_Union[BundlePart, _Mapping]]] = ..., minor: _Optional[int] = ...) -> None: ...

class BundlePart(_message.Message):
    __slots__ = ("lines", "pieces")
    LINES_FIELD_NUMBER: _ClassVar[int]
    PIECES_FIELD_NUMBER: _ClassVar[int]
    lines: _conditions_pb2.Condition
    pieces: int
    def __init__(self, lines: _Optional[_Union[_conditions_pb2.Condition, _Mapping]] = ..., pieces: _Optional[int] = ...) -> None: ...

class PointsPer(_message.Message):
    __slots__ = ("wallet", "points", "per_minor")
    WALLET_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    PER_MINOR_FIELD_NUMBER: _ClassVar[int]
    wallet: int
    points: int
    per_minor: int
    def __init__(self, wallet: _Optional[int] = ..., points: _Optional[int] = ..., per_minor: _Optional[int] = ...) -> None: ...

class PointsTimes(_message.Message):
    __slots__ = ("basis_points",)
    BASIS_POINTS_FIELD_NUMBER: _ClassVar[int]
    basis_points: int
    def __init__(self, basis_points: _Optional[int] = ...) -> None: ...

class PointsFixed(_message.Message):
    __slots__ = ("wallet", "points")
    WALLET_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    wallet: int
    points: int
    def __init__(self, wallet: _Optional[int] = ..., points: _Optional[int] = ...) -> None: ...

class GiveLot(_message.Message):
    __slots__ = ("wallet", "points", "purpose", "delay_days", "window_days", "priority")
    WALLET_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    DELAY_DAYS_FIELD_NUMBER: _ClassVar[int]
    WINDOW_DAYS_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    wallet: int
    points: int
    purpose: _conditions_pb2.Condition
    delay_days: int
    window_days: int
    priority: int
    def __init__(self, wallet: _Optional[int] = ..., points: _Optional[int] = ..., purpose: _Optional[_Union[_conditions_pb2.Condition, _Mapping]] = ..., delay_days: _Optional[int] = ..., window_days: _Optional[int] = ..., priority: _Optional[int] = ...) -> None: ...

class GiveService(_message.Message):
    __slots__ = ("service", "times", "window_days")
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    TIMES_FIELD_NUMBER: _ClassVar[int]
    WINDOW_DAYS_FIELD_NUMBER: _ClassVar[int]
    service: str
    times: int
    window_days: int
    def __init__(self, service: _Optional[str] = ..., times: _Optional[int] = ..., window_days: _Optional[int] = ...) -> None: ...

class GiveCoupon(_message.Message):
    __slots__ = ("promotion", "window_days")
    PROMOTION_FIELD_NUMBER: _ClassVar[int]
    WINDOW_DAYS_FIELD_NUMBER: _ClassVar[int]
    promotion: int
    window_days: int
    def __init__(self, promotion: _Optional[int] = ..., window_days: _Optional[int] = ...) -> None: ...

class Stacking(_message.Message):
    __slots__ = ("zone", "group", "competes")
    ZONE_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    COMPETES_FIELD_NUMBER: _ClassVar[int]
    zone: int
    group: int
    competes: bool
    def __init__(self, zone: _Optional[int] = ..., group: _Optional[int] = ..., competes: _Optional[bool] = ...) -> None: ...

class Caps(_message.Message):
    __slots__ = ("receipt_minor", "receipt_points", "receipt_times", "member_times", "member_day_times", "total_times", "budget_minor", "budget_points")
    RECEIPT_MINOR_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_POINTS_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_TIMES_FIELD_NUMBER: _ClassVar[int]
    MEMBER_TIMES_FIELD_NUMBER: _ClassVar[int]
    MEMBER_DAY_TIMES_FIELD_NUMBER: _ClassVar[int]
    TOTAL_TIMES_FIELD_NUMBER: _ClassVar[int]
    BUDGET_MINOR_FIELD_NUMBER: _ClassVar[int]
    BUDGET_POINTS_FIELD_NUMBER: _ClassVar[int]
    receipt_minor: int
    receipt_points: int
    receipt_times: int
    member_times: int
    member_day_times: int
    total_times: int
    budget_minor: int
    budget_points: int
    def __init__(self, receipt_minor: _Optional[int] = ..., receipt_points: _Optional[int] = ..., receipt_times: _Optional[int] = ..., member_times: _Optional[int] = ..., member_day_times: _Optional[int] = ..., total_times: _Optional[int] = ..., budget_minor: _Optional[int] = ..., budget_points: _Optional[int] = ...) -> None: ...
