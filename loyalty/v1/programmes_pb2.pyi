from loyalty.v1 import conditions_pb2 as _conditions_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Shortfall(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SHORTFALL_UNSPECIFIED: _ClassVar[Shortfall]
    SHORTFALL_NEGATIVE: _ClassVar[Shortfall]
    SHORTFALL_CLAMP: _ClassVar[Shortfall]
    SHORTFALL_CASH: _ClassVar[Shortfall]

class UnknownStore(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    UNKNOWN_STORE_UNSPECIFIED: _ClassVar[UnknownStore]
    UNKNOWN_STORE_UTC: _ClassVar[UnknownStore]
    UNKNOWN_STORE_REJECT: _ClassVar[UnknownStore]

class WalletKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WALLET_KIND_UNSPECIFIED: _ClassVar[WalletKind]
    WALLET_KIND_BONUS: _ClassVar[WalletKind]
    WALLET_KIND_PARTNER: _ClassVar[WalletKind]

class TierPeriod(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TIER_PERIOD_UNSPECIFIED: _ClassVar[TierPeriod]
    TIER_PERIOD_CALENDAR_YEAR: _ClassVar[TierPeriod]
    TIER_PERIOD_ROLLING_MONTHS: _ClassVar[TierPeriod]

class GiftDay(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GIFT_DAY_UNSPECIFIED: _ClassVar[GiftDay]
    GIFT_DAY_BIRTHDAY: _ClassVar[GiftDay]
    GIFT_DAY_ANNIVERSARY: _ClassVar[GiftDay]

class AttributeType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ATTRIBUTE_TYPE_UNSPECIFIED: _ClassVar[AttributeType]
    ATTRIBUTE_TYPE_TEXT: _ClassVar[AttributeType]
    ATTRIBUTE_TYPE_NUMBER: _ClassVar[AttributeType]
    ATTRIBUTE_TYPE_MONEY: _ClassVar[AttributeType]
    ATTRIBUTE_TYPE_QUANTITY: _ClassVar[AttributeType]

class Rounding(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ROUNDING_UNSPECIFIED: _ClassVar[Rounding]
    ROUNDING_DOWN: _ClassVar[Rounding]
    ROUNDING_HALF_UP: _ClassVar[Rounding]
    ROUNDING_HALF_EVEN: _ClassVar[Rounding]
    ROUNDING_UP: _ClassVar[Rounding]

class RoundingOn(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ROUNDING_ON_UNSPECIFIED: _ClassVar[RoundingOn]
    ROUNDING_ON_SUM: _ClassVar[RoundingOn]
    ROUNDING_ON_RULE: _ClassVar[RoundingOn]

class Distribution(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DISTRIBUTION_UNSPECIFIED: _ClassVar[Distribution]
    DISTRIBUTION_LARGEST_REMAINDER: _ClassVar[Distribution]
    DISTRIBUTION_EVEN: _ClassVar[Distribution]
    DISTRIBUTION_FIRST_TAKES_REST: _ClassVar[Distribution]

class LineFloor(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LINE_FLOOR_UNSPECIFIED: _ClassVar[LineFloor]
    LINE_FLOOR_ZERO: _ClassVar[LineFloor]
    LINE_FLOOR_LINE: _ClassVar[LineFloor]

class BaseTax(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BASE_TAX_UNSPECIFIED: _ClassVar[BaseTax]
    BASE_TAX_WITH: _ClassVar[BaseTax]
    BASE_TAX_WITHOUT: _ClassVar[BaseTax]

class BaseDiscounts(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BASE_DISCOUNTS_UNSPECIFIED: _ClassVar[BaseDiscounts]
    BASE_DISCOUNTS_AFTER: _ClassVar[BaseDiscounts]
    BASE_DISCOUNTS_BEFORE: _ClassVar[BaseDiscounts]

class Blocks(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BLOCKS_UNSPECIFIED: _ClassVar[Blocks]
    BLOCKS_PROPORTIONAL: _ClassVar[Blocks]
    BLOCKS_WHOLE: _ClassVar[Blocks]

class SameReceipt(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SAME_RECEIPT_UNSPECIFIED: _ClassVar[SameReceipt]
    SAME_RECEIPT_AFTER_DAYS: _ClassVar[SameReceipt]
    SAME_RECEIPT_AT_ONCE: _ClassVar[SameReceipt]

class WindowEnd(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WINDOW_END_UNSPECIFIED: _ClassVar[WindowEnd]
    WINDOW_END_DAY: _ClassVar[WindowEnd]
    WINDOW_END_INSTANT: _ClassVar[WindowEnd]
    WINDOW_END_MONTH: _ClassVar[WindowEnd]
    WINDOW_END_YEAR: _ClassVar[WindowEnd]
    WINDOW_END_NEXT_YEAR: _ClassVar[WindowEnd]

class ReturnedLot(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RETURNED_LOT_UNSPECIFIED: _ClassVar[ReturnedLot]
    RETURNED_LOT_OWN_WINDOW: _ClassVar[ReturnedLot]
    RETURNED_LOT_GRACE_DAYS: _ClassVar[ReturnedLot]

class ReturnOfEarned(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RETURN_OF_EARNED_UNSPECIFIED: _ClassVar[ReturnOfEarned]
    RETURN_OF_EARNED_BY_LINE: _ClassVar[ReturnOfEarned]
    RETURN_OF_EARNED_BY_VALUE: _ClassVar[ReturnOfEarned]

class StackingModel(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STACKING_MODEL_UNSPECIFIED: _ClassVar[StackingModel]
    STACKING_MODEL_BY_ZONE: _ClassVar[StackingModel]
    STACKING_MODEL_COMPETE_THEN_COMPOUND: _ClassVar[StackingModel]

class TierBoundary(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TIER_BOUNDARY_UNSPECIFIED: _ClassVar[TierBoundary]
    TIER_BOUNDARY_AT: _ClassVar[TierBoundary]
    TIER_BOUNDARY_ABOVE: _ClassVar[TierBoundary]
SHORTFALL_UNSPECIFIED: Shortfall
SHORTFALL_NEGATIVE: Shortfall
SHORTFALL_CLAMP: Shortfall
SHORTFALL_CASH: Shortfall
UNKNOWN_STORE_UNSPECIFIED: UnknownStore
UNKNOWN_STORE_UTC: UnknownStore
UNKNOWN_STORE_REJECT: UnknownStore
WALLET_KIND_UNSPECIFIED: WalletKind
WALLET_KIND_BONUS: WalletKind
WALLET_KIND_PARTNER: WalletKind
TIER_PERIOD_UNSPECIFIED: TierPeriod
TIER_PERIOD_CALENDAR_YEAR: TierPeriod
TIER_PERIOD_ROLLING_MONTHS: TierPeriod
GIFT_DAY_UNSPECIFIED: GiftDay
GIFT_DAY_BIRTHDAY: GiftDay
GIFT_DAY_ANNIVERSARY: GiftDay
ATTRIBUTE_TYPE_UNSPECIFIED: AttributeType
ATTRIBUTE_TYPE_TEXT: AttributeType
ATTRIBUTE_TYPE_NUMBER: AttributeType
ATTRIBUTE_TYPE_MONEY: AttributeType
ATTRIBUTE_TYPE_QUANTITY: AttributeType
ROUNDING_UNSPECIFIED: Rounding
ROUNDING_DOWN: Rounding
ROUNDING_HALF_UP: Rounding
ROUNDING_HALF_EVEN: Rounding
ROUNDING_UP: Rounding
ROUNDING_ON_UNSPECIFIED: RoundingOn
ROUNDING_ON_SUM: RoundingOn
ROUNDING_ON_RULE: RoundingOn
DISTRIBUTION_UNSPECIFIED: Distribution
DISTRIBUTION_LARGEST_REMAINDER: Distribution
DISTRIBUTION_EVEN: Distribution
DISTRIBUTION_FIRST_TAKES_REST: Distribution
LINE_FLOOR_UNSPECIFIED: LineFloor
LINE_FLOOR_ZERO: LineFloor
LINE_FLOOR_LINE: LineFloor
BASE_TAX_UNSPECIFIED: BaseTax
BASE_TAX_WITH: BaseTax
BASE_TAX_WITHOUT: BaseTax
BASE_DISCOUNTS_UNSPECIFIED: BaseDiscounts
BASE_DISCOUNTS_AFTER: BaseDiscounts
BASE_DISCOUNTS_BEFORE: BaseDiscounts
BLOCKS_UNSPECIFIED: Blocks
BLOCKS_PROPORTIONAL: Blocks
BLOCKS_WHOLE: Blocks
SAME_RECEIPT_UNSPECIFIED: SameReceipt
SAME_RECEIPT_AFTER_DAYS: SameReceipt
SAME_RECEIPT_AT_ONCE: SameReceipt
WINDOW_END_UNSPECIFIED: WindowEnd
WINDOW_END_DAY: WindowEnd
WINDOW_END_INSTANT: WindowEnd
WINDOW_END_MONTH: WindowEnd
WINDOW_END_YEAR: WindowEnd
WINDOW_END_NEXT_YEAR: WindowEnd
RETURNED_LOT_UNSPECIFIED: ReturnedLot
RETURNED_LOT_OWN_WINDOW: ReturnedLot
RETURNED_LOT_GRACE_DAYS: ReturnedLot
RETURN_OF_EARNED_UNSPECIFIED: ReturnOfEarned
RETURN_OF_EARNED_BY_LINE: ReturnOfEarned
RETURN_OF_EARNED_BY_VALUE: ReturnOfEarned
STACKING_MODEL_UNSPECIFIED: StackingModel
STACKING_MODEL_BY_ZONE: StackingModel
STACKING_MODEL_COMPETE_THEN_COMPOUND: StackingModel
TIER_BOUNDARY_UNSPECIFIED: TierBoundary
TIER_BOUNDARY_AT: TierBoundary
TIER_BOUNDARY_ABOVE: TierBoundary

class Programme(_message.Message):
    __slots__ = ("name", "currency", "earn_points", "earn_per_minor", "earn_delay_days", "lot_window_days", "point_value_minor", "point_value_points", "spend_unit_points", "line_limit_basis_points", "receipt_limit_basis_points", "welcome_points", "welcome_window_days", "late_receipt_max_days", "ending_soon_days", "shortfall", "unknown_store", "exponent", "countries", "currencies", "wallets", "worths", "tiers", "tier_period", "tier_months", "tier_grace_days", "gifts", "channel_delays", "no_spend", "no_earn", "attributes", "receipt_max_points", "member_day_max_points", "policies")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    EARN_POINTS_FIELD_NUMBER: _ClassVar[int]
    EARN_PER_MINOR_FIELD_NUMBER: _ClassVar[int]
    EARN_DELAY_DAYS_FIELD_NUMBER: _ClassVar[int]
    LOT_WINDOW_DAYS_FIELD_NUMBER: _ClassVar[int]
    POINT_VALUE_MINOR_FIELD_NUMBER: _ClassVar[int]
    POINT_VALUE_POINTS_FIELD_NUMBER: _ClassVar[int]
    SPEND_UNIT_POINTS_FIELD_NUMBER: _ClassVar[int]
    LINE_LIMIT_BASIS_POINTS_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_LIMIT_BASIS_POINTS_FIELD_NUMBER: _ClassVar[int]
    WELCOME_POINTS_FIELD_NUMBER: _ClassVar[int]
    WELCOME_WINDOW_DAYS_FIELD_NUMBER: _ClassVar[int]
    LATE_RECEIPT_MAX_DAYS_FIELD_NUMBER: _ClassVar[int]
    ENDING_SOON_DAYS_FIELD_NUMBER: _ClassVar[int]
    SHORTFALL_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_STORE_FIELD_NUMBER: _ClassVar[int]
    EXPONENT_FIELD_NUMBER: _ClassVar[int]
    COUNTRIES_FIELD_NUMBER: _ClassVar[int]
    CURRENCIES_FIELD_NUMBER: _ClassVar[int]
    WALLETS_FIELD_NUMBER: _ClassVar[int]
    WORTHS_FIELD_NUMBER: _ClassVar[int]
    TIERS_FIELD_NUMBER: _ClassVar[int]
    TIER_PERIOD_FIELD_NUMBER: _ClassVar[int]
    TIER_MONTHS_FIELD_NUMBER: _ClassVar[int]
    TIER_GRACE_DAYS_FIELD_NUMBER: _ClassVar[int]
    GIFTS_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_DELAYS_FIELD_NUMBER: _ClassVar[int]
    NO_SPEND_FIELD_NUMBER: _ClassVar[int]
    NO_EARN_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_MAX_POINTS_FIELD_NUMBER: _ClassVar[int]
    MEMBER_DAY_MAX_POINTS_FIELD_NUMBER: _ClassVar[int]
    POLICIES_FIELD_NUMBER: _ClassVar[int]
    name: str
    currency: str
    earn_points: int
    earn_per_minor: int
    earn_delay_days: int
    lot_window_days: int
    point_value_minor: int
    point_value_points: int
    spend_unit_points: int
    line_limit_basis_points: int
    receipt_limit_basis_points: int
    welcome_points: int
    welcome_window_days: int
    late_receipt_max_days: int
    ending_soon_days: int
    shortfall: Shortfall
    unknown_store: UnknownStore
    exponent: int
    countries: _containers.RepeatedScalarFieldContainer[str]
    currencies: _containers.RepeatedCompositeFieldContainer[Currency]
    wallets: _containers.RepeatedCompositeFieldContainer[Wallet]
    worths: _containers.RepeatedCompositeFieldContainer[Worth]
    tiers: _containers.RepeatedCompositeFieldContainer[Tier]
    tier_period: TierPeriod
    tier_months: int
    tier_grace_days: int
    gifts: _containers.RepeatedCompositeFieldContainer[Gift]
    channel_delays: _containers.RepeatedCompositeFieldContainer[ChannelDelay]
    no_spend: _conditions_pb2.Condition
    no_earn: _conditions_pb2.Condition
    attributes: _containers.RepeatedCompositeFieldContainer[AttributeDeclaration]
    receipt_max_points: int
    member_day_max_points: int
    policies: Policies
    def __init__(self, name: _Optional[str] = ..., currency: _Optional[str] = ..., earn_points: _Optional[int] = ..., earn_per_minor: _Optional[int] = ..., earn_delay_days: _Optional[int] = ..., lot_window_days: _Optional[int] = ..., point_value_minor: _Optional[int] = ..., point_value_points: _Optional[int] = ..., spend_unit_points: _Optional[int] = ..., line_limit_basis_points: _Optional[int] = ..., receipt_limit_basis_points: _Optional[int] = ..., welcome_points: _Optional[int] = ..., welcome_window_days: _Optional[int] = ..., late_receipt_max_days: _Optional[int] = ..., ending_soon_days: _Optional[int] = ..., shortfall: _Optional[_Union[Shortfall, str]] = ..., unknown_store: _Optional[_Union[UnknownStore, str]] = ..., exponent: _Optional[int] = ..., countries: _Optional[_Iterable[str]] = ..., currencies: _Optional[_Iterable[_Union[Currency, _Mapping]]] = ..., wallets: _Optional[_Iterable[_Union[Wallet, _Mapping]]] = ..., worths: _Optional[_Iterable[_Union[Worth, _Mapping]]] = ..., tiers: _Optional[_Iterable[_Union[Tier, _Mapping]]] = ..., tier_period: _Optional[_Union[TierPeriod, str]] = ..., tier_months: _Optional[int] = ..., tier_grace_days: _Optional[int] = ..., gifts: _Optional[_Iterable[_Union[Gift, _Mapping]]] = ..., channel_delays: _Optional[_Iterable[_Union[ChannelDelay, _Mapping]]] = ..., no_spend: _Optional[_Union[_conditions_pb2.Condition, _Mapping]] = ..., no_earn: _Optional[_Union[_conditions_pb2.Condition, _Mapping]] = ..., attributes: _Optional[_Iterable[_Union[AttributeDeclaration, _Mapping]]] = ..., receipt_max_points: _Optional[int] = ..., member_day_max_points: _Optional[int] = ..., policies: _Optional[_Union[Policies, _Mapping]] = ...) -> None: ...

class Currency(_message.Message):
    __slots__ = ("code", "exponent", "earn_points", "earn_per_minor", "turnover_minor", "turnover_per_minor")
    CODE_FIELD_NUMBER: _ClassVar[int]
    EXPONENT_FIELD_NUMBER: _ClassVar[int]
    EARN_POINTS_FIELD_NUMBER: _ClassVar[int]
    EARN_PER_MINOR_FIELD_NUMBER: _ClassVar[int]
    TURNOVER_MINOR_FIELD_NUMBER: _ClassVar[int]
    TURNOVER_PER_MINOR_FIELD_NUMBER: _ClassVar[int]
    code: str
    exponent: int
    earn_points: int
    earn_per_minor: int
    turnover_minor: int
    turnover_per_minor: int
    def __init__(self, code: _Optional[str] = ..., exponent: _Optional[int] = ..., earn_points: _Optional[int] = ..., earn_per_minor: _Optional[int] = ..., turnover_minor: _Optional[int] = ..., turnover_per_minor: _Optional[int] = ...) -> None: ...

class Wallet(_message.Message):
    __slots__ = ("number", "name", "kind", "partner", "spend_unit_points")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    PARTNER_FIELD_NUMBER: _ClassVar[int]
    SPEND_UNIT_POINTS_FIELD_NUMBER: _ClassVar[int]
    number: int
    name: str
    kind: WalletKind
    partner: int
    spend_unit_points: int
    def __init__(self, number: _Optional[int] = ..., name: _Optional[str] = ..., kind: _Optional[_Union[WalletKind, str]] = ..., partner: _Optional[int] = ..., spend_unit_points: _Optional[int] = ...) -> None: ...

class Worth(_message.Message):
    __slots__ = ("wallet", "currency", "minor", "points", "from_ms", "until_ms")
    WALLET_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    MINOR_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    FROM_MS_FIELD_NUMBER: _ClassVar[int]
    UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    wallet: int
    currency: str
    minor: int
    points: int
    from_ms: int
    until_ms: int
    def __init__(self, wallet: _Optional[int] = ..., currency: _Optional[str] = ..., minor: _Optional[int] = ..., points: _Optional[int] = ..., from_ms: _Optional[int] = ..., until_ms: _Optional[int] = ...) -> None: ...

class Tier(_message.Message):
    __slots__ = ("name", "from_minor", "earn_basis_points")
    NAME_FIELD_NUMBER: _ClassVar[int]
    FROM_MINOR_FIELD_NUMBER: _ClassVar[int]
    EARN_BASIS_POINTS_FIELD_NUMBER: _ClassVar[int]
    name: str
    from_minor: int
    earn_basis_points: int
    def __init__(self, name: _Optional[str] = ..., from_minor: _Optional[int] = ..., earn_basis_points: _Optional[int] = ...) -> None: ...

class Gift(_message.Message):
    __slots__ = ("number", "day", "wallet", "points", "before_days", "after_days", "priority", "purpose")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    DAY_FIELD_NUMBER: _ClassVar[int]
    WALLET_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    BEFORE_DAYS_FIELD_NUMBER: _ClassVar[int]
    AFTER_DAYS_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    number: int
    day: GiftDay
    wallet: int
    points: int
    before_days: int
    after_days: int
    priority: int
    purpose: _conditions_pb2.Condition
    def __init__(self, number: _Optional[int] = ..., day: _Optional[_Union[GiftDay, str]] = ..., wallet: _Optional[int] = ..., points: _Optional[int] = ..., before_days: _Optional[int] = ..., after_days: _Optional[int] = ..., priority: _Optional[int] = ..., purpose: _Optional[_Union[_conditions_pb2.Condition, _Mapping]] = ...) -> None: ...

class ChannelDelay(_message.Message):
    __slots__ = ("channel", "delay_days")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    DELAY_DAYS_FIELD_NUMBER: _ClassVar[int]
    channel: str
    delay_days: int
    def __init__(self, channel: _Optional[str] = ..., delay_days: _Optional[int] = ...) -> None: ...

class AttributeDeclaration(_message.Message):
    __slots__ = ("name", "type")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    name: str
    type: AttributeType
    def __init__(self, name: _Optional[str] = ..., type: _Optional[_Union[AttributeType, str]] = ...) -> None: ...

class Policies(_message.Message):
    __slots__ = ("rounding", "rounding_on", "distribution", "line_floor", "base_tax", "base_discounts", "blocks", "same_receipt", "window_end", "returned_lot", "return_of_earned", "stacking", "tier_boundary", "grace_days")
    ROUNDING_FIELD_NUMBER: _ClassVar[int]
    ROUNDING_ON_FIELD_NUMBER: _ClassVar[int]
    DISTRIBUTION_FIELD_NUMBER: _ClassVar[int]
    LINE_FLOOR_FIELD_NUMBER: _ClassVar[int]
    BASE_TAX_FIELD_NUMBER: _ClassVar[int]
    BASE_DISCOUNTS_FIELD_NUMBER: _ClassVar[int]
    BLOCKS_FIELD_NUMBER: _ClassVar[int]
    SAME_RECEIPT_FIELD_NUMBER: _ClassVar[int]
    WINDOW_END_FIELD_NUMBER: _ClassVar[int]
    RETURNED_LOT_FIELD_NUMBER: _ClassVar[int]
    RETURN_OF_EARNED_FIELD_NUMBER: _ClassVar[int]
    STACKING_FIELD_NUMBER: _ClassVar[int]
    TIER_BOUNDARY_FIELD_NUMBER: _ClassVar[int]
    GRACE_DAYS_FIELD_NUMBER: _ClassVar[int]
    rounding: Rounding
    rounding_on: RoundingOn
    distribution: Distribution
    line_floor: LineFloor
    base_tax: BaseTax
    base_discounts: BaseDiscounts
    blocks: Blocks
    same_receipt: SameReceipt
    window_end: WindowEnd
    returned_lot: ReturnedLot
    return_of_earned: ReturnOfEarned
    stacking: StackingModel
    tier_boundary: TierBoundary
    grace_days: int
    def __init__(self, rounding: _Optional[_Union[Rounding, str]] = ..., rounding_on: _Optional[_Union[RoundingOn, str]] = ..., distribution: _Optional[_Union[Distribution, str]] = ..., line_floor: _Optional[_Union[LineFloor, str]] = ..., base_tax: _Optional[_Union[BaseTax, str]] = ..., base_discounts: _Optional[_Union[BaseDiscounts, str]] = ..., blocks: _Optional[_Union[Blocks, str]] = ..., same_receipt: _Optional[_Union[SameReceipt, str]] = ..., window_end: _Optional[_Union[WindowEnd, str]] = ..., returned_lot: _Optional[_Union[ReturnedLot, str]] = ..., return_of_earned: _Optional[_Union[ReturnOfEarned, str]] = ..., stacking: _Optional[_Union[StackingModel, str]] = ..., tier_boundary: _Optional[_Union[TierBoundary, str]] = ..., grace_days: _Optional[int] = ...) -> None: ...
