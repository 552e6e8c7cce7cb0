from loyalty.v1 import common_pb2 as _common_pb2
from loyalty.v1 import till_pb2 as _till_pb2
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

class UnknownStore(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    UNKNOWN_STORE_UNSPECIFIED: _ClassVar[UnknownStore]
    UNKNOWN_STORE_UTC: _ClassVar[UnknownStore]
    UNKNOWN_STORE_REJECT: _ClassVar[UnknownStore]
SHORTFALL_UNSPECIFIED: Shortfall
SHORTFALL_NEGATIVE: Shortfall
SHORTFALL_CLAMP: Shortfall
UNKNOWN_STORE_UNSPECIFIED: UnknownStore
UNKNOWN_STORE_UTC: UnknownStore
UNKNOWN_STORE_REJECT: UnknownStore

class Programme(_message.Message):
    __slots__ = ("name", "currency", "earn_points", "earn_per_minor", "earn_delay_days", "lot_window_days", "point_value_minor", "point_value_points", "spend_unit_points", "line_limit_basis_points", "receipt_limit_basis_points", "welcome_points", "welcome_window_days", "late_receipt_max_days", "ending_soon_days", "shortfall", "unknown_store")
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
    def __init__(self, name: _Optional[str] = ..., currency: _Optional[str] = ..., earn_points: _Optional[int] = ..., earn_per_minor: _Optional[int] = ..., earn_delay_days: _Optional[int] = ..., lot_window_days: _Optional[int] = ..., point_value_minor: _Optional[int] = ..., point_value_points: _Optional[int] = ..., spend_unit_points: _Optional[int] = ..., line_limit_basis_points: _Optional[int] = ..., receipt_limit_basis_points: _Optional[int] = ..., welcome_points: _Optional[int] = ..., welcome_window_days: _Optional[int] = ..., late_receipt_max_days: _Optional[int] = ..., ending_soon_days: _Optional[int] = ..., shortfall: _Optional[_Union[Shortfall, str]] = ..., unknown_store: _Optional[_Union[UnknownStore, str]] = ...) -> None: ...

class DefineProgrammeRequest(_message.Message):
    __slots__ = ("request_id", "seen_ms", "client_ms", "programme", "rules")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SEEN_MS_FIELD_NUMBER: _ClassVar[int]
    CLIENT_MS_FIELD_NUMBER: _ClassVar[int]
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    request_id: bytes
    seen_ms: int
    client_ms: int
    programme: int
    rules: Programme
    def __init__(self, request_id: _Optional[bytes] = ..., seen_ms: _Optional[int] = ..., client_ms: _Optional[int] = ..., programme: _Optional[int] = ..., rules: _Optional[_Union[Programme, _Mapping]] = ...) -> None: ...

class DefineProgrammeResponse(_message.Message):
    __slots__ = ("log_time_ms", "seq", "epoch", "done", "rejected")
    LOG_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    log_time_ms: int
    seq: int
    epoch: int
    done: _till_pb2.DefineDone
    rejected: _common_pb2.Rejection
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., done: _Optional[_Union[_till_pb2.DefineDone, _Mapping]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...

class ZoneOffset(_message.Message):
    __slots__ = ("from_ms", "offset_s")
    FROM_MS_FIELD_NUMBER: _ClassVar[int]
    OFFSET_S_FIELD_NUMBER: _ClassVar[int]
    from_ms: int
    offset_s: int
    def __init__(self, from_ms: _Optional[int] = ..., offset_s: _Optional[int] = ...) -> None: ...

class Store(_message.Message):
    __slots__ = ("store", "name", "zone")
    STORE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ZONE_FIELD_NUMBER: _ClassVar[int]
    store: int
    name: str
    zone: _containers.RepeatedCompositeFieldContainer[ZoneOffset]
    def __init__(self, store: _Optional[int] = ..., name: _Optional[str] = ..., zone: _Optional[_Iterable[_Union[ZoneOffset, _Mapping]]] = ...) -> None: ...

class DefineStoreRequest(_message.Message):
    __slots__ = ("request_id", "seen_ms", "client_ms", "programme", "store")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SEEN_MS_FIELD_NUMBER: _ClassVar[int]
    CLIENT_MS_FIELD_NUMBER: _ClassVar[int]
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    STORE_FIELD_NUMBER: _ClassVar[int]
    request_id: bytes
    seen_ms: int
    client_ms: int
    programme: int
    store: Store
    def __init__(self, request_id: _Optional[bytes] = ..., seen_ms: _Optional[int] = ..., client_ms: _Optional[int] = ..., programme: _Optional[int] = ..., store: _Optional[_Union[Store, _Mapping]] = ...) -> None: ...

class DefineStoreResponse(_message.Message):
    __slots__ = ("log_time_ms", "seq", "epoch", "done", "rejected")
    LOG_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    log_time_ms: int
    seq: int
    epoch: int
    done: _till_pb2.DefineDone
    rejected: _common_pb2.Rejection
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., done: _Optional[_Union[_till_pb2.DefineDone, _Mapping]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...

class GetProgrammeRequest(_message.Message):
    __slots__ = ("programme",)
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    programme: int
    def __init__(self, programme: _Optional[int] = ...) -> None: ...

class GetProgrammeResponse(_message.Message):
    __slots__ = ("log_time_ms", "seq", "epoch", "done", "rejected")
    LOG_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    log_time_ms: int
    seq: int
    epoch: int
    done: GetProgrammeDone
    rejected: _common_pb2.Rejection
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., done: _Optional[_Union[GetProgrammeDone, _Mapping]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...

class GetProgrammeDone(_message.Message):
    __slots__ = ("version", "rules")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    version: int
    rules: Programme
    def __init__(self, version: _Optional[int] = ..., rules: _Optional[_Union[Programme, _Mapping]] = ...) -> None: ...

class GetStoreRequest(_message.Message):
    __slots__ = ("programme", "store")
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    STORE_FIELD_NUMBER: _ClassVar[int]
    programme: int
    store: int
    def __init__(self, programme: _Optional[int] = ..., store: _Optional[int] = ...) -> None: ...

class GetStoreResponse(_message.Message):
    __slots__ = ("log_time_ms", "seq", "epoch", "done", "rejected")
    LOG_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    log_time_ms: int
    seq: int
    epoch: int
    done: GetStoreDone
    rejected: _common_pb2.Rejection
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., done: _Optional[_Union[GetStoreDone, _Mapping]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...

class GetStoreDone(_message.Message):
    __slots__ = ("version", "store")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    STORE_FIELD_NUMBER: _ClassVar[int]
    version: int
    store: Store
    def __init__(self, version: _Optional[int] = ..., store: _Optional[_Union[Store, _Mapping]] = ...) -> None: ...
