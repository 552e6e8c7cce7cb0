from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class SnapshotServiceIntroduceRequest(_message.Message):
    __slots__ = ("cabinet", "unit")
    CABINET_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    cabinet: str
    unit: int
    def __init__(self, cabinet: _Optional[str] = ..., unit: _Optional[int] = ...) -> None: ...

class SnapshotServiceIntroduceResponse(_message.Message):
    __slots__ = ("settings",)
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    settings: bytes
    def __init__(self, settings: _Optional[bytes] = ...) -> None: ...

class SnapshotServiceFetchRequest(_message.Message):
    __slots__ = ("cabinet", "unit", "slots", "formats", "takes_batches", "resumes")
    CABINET_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    SLOTS_FIELD_NUMBER: _ClassVar[int]
    FORMATS_FIELD_NUMBER: _ClassVar[int]
    TAKES_BATCHES_FIELD_NUMBER: _ClassVar[int]
    RESUMES_FIELD_NUMBER: _ClassVar[int]
    cabinet: str
    unit: int
    slots: _containers.RepeatedScalarFieldContainer[int]
    formats: _containers.RepeatedScalarFieldContainer[int]
    takes_batches: bool
    resumes: bool
    def __init__(self, cabinet: _Optional[str] = ..., unit: _Optional[int] = ..., slots: _Optional[_Iterable[int]] = ..., formats: _Optional[_Iterable[int]] = ..., takes_batches: _Optional[bool] = ..., resumes: _Optional[bool] = ...) -> None: ...

class SnapshotServiceFetchResponse(_message.Message):
    __slots__ = ("manifest", "chunk", "format", "chunks")
    MANIFEST_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    CHUNKS_FIELD_NUMBER: _ClassVar[int]
    manifest: bytes
    chunk: bytes
    format: int
    chunks: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, manifest: _Optional[bytes] = ..., chunk: _Optional[bytes] = ..., format: _Optional[int] = ..., chunks: _Optional[_Iterable[bytes]] = ...) -> None: ...
