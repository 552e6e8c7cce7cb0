from loyalty.v1 import common_pb2 as _common_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DefineDone(_message.Message):
    __slots__ = ("version",)
    VERSION_FIELD_NUMBER: _ClassVar[int]
    version: int
    def __init__(self, version: _Optional[int] = ...) -> None: ...

class IssueCouponDone(_message.Message):
    __slots__ = ("code",)
    CODE_FIELD_NUMBER: _ClassVar[int]
    code: str
    def __init__(self, code: _Optional[str] = ...) -> None: ...

class AdjustDone(_message.Message):
    __slots__ = ("member_id", "reference", "wallet", "points", "debt_paid_points", "lot", "draws", "balance", "repeated")
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    WALLET_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    DEBT_PAID_POINTS_FIELD_NUMBER: _ClassVar[int]
    LOT_FIELD_NUMBER: _ClassVar[int]
    DRAWS_FIELD_NUMBER: _ClassVar[int]
    BALANCE_FIELD_NUMBER: _ClassVar[int]
    REPEATED_FIELD_NUMBER: _ClassVar[int]
    member_id: int
    reference: str
    wallet: int
    points: int
    debt_paid_points: int
    lot: _common_pb2.Lot
    draws: _containers.RepeatedCompositeFieldContainer[_common_pb2.Lot]
    balance: _common_pb2.Balance
    repeated: bool
    def __init__(self, member_id: _Optional[int] = ..., reference: _Optional[str] = ..., wallet: _Optional[int] = ..., points: _Optional[int] = ..., debt_paid_points: _Optional[int] = ..., lot: _Optional[_Union[_common_pb2.Lot, _Mapping]] = ..., draws: _Optional[_Iterable[_Union[_common_pb2.Lot, _Mapping]]] = ..., balance: _Optional[_Union[_common_pb2.Balance, _Mapping]] = ..., repeated: _Optional[bool] = ...) -> None: ...

class ChangeMemberDone(_message.Message):
    __slots__ = ("member_id", "phone_taken_from")
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    PHONE_TAKEN_FROM_FIELD_NUMBER: _ClassVar[int]
    member_id: int
    phone_taken_from: int
    def __init__(self, member_id: _Optional[int] = ..., phone_taken_from: _Optional[int] = ...) -> None: ...

class MergeMembersDone(_message.Message):
    __slots__ = ("member_id", "source_id", "lots", "balance", "repeated")
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    LOTS_FIELD_NUMBER: _ClassVar[int]
    BALANCE_FIELD_NUMBER: _ClassVar[int]
    REPEATED_FIELD_NUMBER: _ClassVar[int]
    member_id: int
    source_id: int
    lots: int
    balance: _common_pb2.Balance
    repeated: bool
    def __init__(self, member_id: _Optional[int] = ..., source_id: _Optional[int] = ..., lots: _Optional[int] = ..., balance: _Optional[_Union[_common_pb2.Balance, _Mapping]] = ..., repeated: _Optional[bool] = ...) -> None: ...
