from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class SnapshotServiceFetchRequest(_message.Message):
    __slots__ = ("cabinet", "unit", "slots", "formats")
    CABINET_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    SLOTS_FIELD_NUMBER: _ClassVar[int]
    FORMATS_FIELD_NUMBER: _ClassVar[int]
    cabinet: str
    unit: int
    slots: _containers.RepeatedScalarFieldContainer[int]
    formats: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, cabinet: _Optional[str] = ..., unit: _Optional[int] = ..., slots: _Optional[_Iterable[int]] = ..., formats: _Optional[_Iterable[int]] = ...) -> None: ...

class SnapshotServiceFetchResponse(_message.Message):
    __slots__ = ("manifest", "chunk", "format")
    MANIFEST_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    manifest: bytes
    chunk: bytes
    format: int
    def __init__(self, manifest: _Optional[bytes] = ..., chunk: _Optional[bytes] = ..., format: _Optional[int] = ...) -> None: ...
