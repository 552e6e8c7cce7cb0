from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class FeedServiceReadRequest(_message.Message):
    __slots__ = ("from_seq", "to_seq", "page_size")
    FROM_SEQ_FIELD_NUMBER: _ClassVar[int]
    TO_SEQ_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    from_seq: int
    to_seq: int
    page_size: int
    def __init__(self, from_seq: _Optional[int] = ..., to_seq: _Optional[int] = ..., page_size: _Optional[int] = ...) -> None: ...

class FeedServiceReadResponse(_message.Message):
    __slots__ = ("entries", "compared_seq")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    COMPARED_SEQ_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[FeedEntry]
    compared_seq: int
    def __init__(self, entries: _Optional[_Iterable[_Union[FeedEntry, _Mapping]]] = ..., compared_seq: _Optional[int] = ...) -> None: ...

class FeedEntry(_message.Message):
    __slots__ = ("seq", "epoch", "time_ms", "kind", "tenant", "slot", "request_id", "actor", "client_ms", "engine_version", "body", "result", "result_gone")
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    TIME_MS_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    TENANT_FIELD_NUMBER: _ClassVar[int]
    SLOT_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    CLIENT_MS_FIELD_NUMBER: _ClassVar[int]
    ENGINE_VERSION_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    RESULT_GONE_FIELD_NUMBER: _ClassVar[int]
    seq: int
    epoch: int
    time_ms: int
    kind: int
    tenant: int
    slot: int
    request_id: bytes
    actor: bytes
    client_ms: int
    engine_version: int
    body: bytes
    result: bytes
    result_gone: bool
    def __init__(self, seq: _Optional[int] = ..., epoch: _Optional[int] = ..., time_ms: _Optional[int] = ..., kind: _Optional[int] = ..., tenant: _Optional[int] = ..., slot: _Optional[int] = ..., request_id: _Optional[bytes] = ..., actor: _Optional[bytes] = ..., client_ms: _Optional[int] = ..., engine_version: _Optional[int] = ..., body: _Optional[bytes] = ..., result: _Optional[bytes] = ..., result_gone: _Optional[bool] = ...) -> None: ...
