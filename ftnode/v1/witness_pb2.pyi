from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SwapVerdict(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SWAP_VERDICT_UNSPECIFIED: _ClassVar[SwapVerdict]
    SWAP_VERDICT_CHANGED: _ClassVar[SwapVerdict]
    SWAP_VERDICT_CONFLICT: _ClassVar[SwapVerdict]
SWAP_VERDICT_UNSPECIFIED: SwapVerdict
SWAP_VERDICT_CHANGED: SwapVerdict
SWAP_VERDICT_CONFLICT: SwapVerdict

class Record(_message.Message):
    __slots__ = ("cabinet", "witness_id", "epoch", "active", "in_sync", "incarnations")
    CABINET_FIELD_NUMBER: _ClassVar[int]
    WITNESS_ID_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    IN_SYNC_FIELD_NUMBER: _ClassVar[int]
    INCARNATIONS_FIELD_NUMBER: _ClassVar[int]
    cabinet: str
    witness_id: str
    epoch: int
    active: int
    in_sync: _containers.RepeatedScalarFieldContainer[int]
    incarnations: _containers.RepeatedCompositeFieldContainer[UnitIncarnation]
    def __init__(self, cabinet: _Optional[str] = ..., witness_id: _Optional[str] = ..., epoch: _Optional[int] = ..., active: _Optional[int] = ..., in_sync: _Optional[_Iterable[int]] = ..., incarnations: _Optional[_Iterable[_Union[UnitIncarnation, _Mapping]]] = ...) -> None: ...

class UnitIncarnation(_message.Message):
    __slots__ = ("unit", "incarnation")
    UNIT_FIELD_NUMBER: _ClassVar[int]
    INCARNATION_FIELD_NUMBER: _ClassVar[int]
    unit: int
    incarnation: str
    def __init__(self, unit: _Optional[int] = ..., incarnation: _Optional[str] = ...) -> None: ...

class Holding(_message.Message):
    __slots__ = ("record", "witness_id", "told_seq", "wall_ms", "mono_ms")
    RECORD_FIELD_NUMBER: _ClassVar[int]
    WITNESS_ID_FIELD_NUMBER: _ClassVar[int]
    TOLD_SEQ_FIELD_NUMBER: _ClassVar[int]
    WALL_MS_FIELD_NUMBER: _ClassVar[int]
    MONO_MS_FIELD_NUMBER: _ClassVar[int]
    record: Record
    witness_id: str
    told_seq: int
    wall_ms: int
    mono_ms: int
    def __init__(self, record: _Optional[_Union[Record, _Mapping]] = ..., witness_id: _Optional[str] = ..., told_seq: _Optional[int] = ..., wall_ms: _Optional[int] = ..., mono_ms: _Optional[int] = ...) -> None: ...

class ReadRequest(_message.Message):
    __slots__ = ("cabinet", "unit", "compared_seq", "epoch", "address")
    CABINET_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    COMPARED_SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    cabinet: str
    unit: int
    compared_seq: int
    epoch: int
    address: str
    def __init__(self, cabinet: _Optional[str] = ..., unit: _Optional[int] = ..., compared_seq: _Optional[int] = ..., epoch: _Optional[int] = ..., address: _Optional[str] = ...) -> None: ...

class ReadResponse(_message.Message):
    __slots__ = ("holding",)
    HOLDING_FIELD_NUMBER: _ClassVar[int]
    holding: Holding
    def __init__(self, holding: _Optional[_Union[Holding, _Mapping]] = ...) -> None: ...

class SwapRequest(_message.Message):
    __slots__ = ("cabinet", "unit", "expected", "wanted", "compared_seq", "address")
    CABINET_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_FIELD_NUMBER: _ClassVar[int]
    WANTED_FIELD_NUMBER: _ClassVar[int]
    COMPARED_SEQ_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    cabinet: str
    unit: int
    expected: Record
    wanted: Record
    compared_seq: int
    address: str
    def __init__(self, cabinet: _Optional[str] = ..., unit: _Optional[int] = ..., expected: _Optional[_Union[Record, _Mapping]] = ..., wanted: _Optional[_Union[Record, _Mapping]] = ..., compared_seq: _Optional[int] = ..., address: _Optional[str] = ...) -> None: ...

class SwapResponse(_message.Message):
    __slots__ = ("verdict", "holding")
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    HOLDING_FIELD_NUMBER: _ClassVar[int]
    verdict: SwapVerdict
    holding: Holding
    def __init__(self, verdict: _Optional[_Union[SwapVerdict, str]] = ..., holding: _Optional[_Union[Holding, _Mapping]] = ...) -> None: ...

class CreateRequest(_message.Message):
    __slots__ = ("cabinet", "unit", "wanted", "compared_seq", "address")
    CABINET_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    WANTED_FIELD_NUMBER: _ClassVar[int]
    COMPARED_SEQ_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    cabinet: str
    unit: int
    wanted: Record
    compared_seq: int
    address: str
    def __init__(self, cabinet: _Optional[str] = ..., unit: _Optional[int] = ..., wanted: _Optional[_Union[Record, _Mapping]] = ..., compared_seq: _Optional[int] = ..., address: _Optional[str] = ...) -> None: ...

class CreateResponse(_message.Message):
    __slots__ = ("verdict", "holding")
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    HOLDING_FIELD_NUMBER: _ClassVar[int]
    verdict: SwapVerdict
    holding: Holding
    def __init__(self, verdict: _Optional[_Union[SwapVerdict, str]] = ..., holding: _Optional[_Union[Holding, _Mapping]] = ...) -> None: ...
