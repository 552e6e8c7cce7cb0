from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class BackupSource(_message.Message):
    __slots__ = ("cabinet", "unit", "software", "state_format", "entry_format", "settings")
    class SettingsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    CABINET_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    SOFTWARE_FIELD_NUMBER: _ClassVar[int]
    STATE_FORMAT_FIELD_NUMBER: _ClassVar[int]
    ENTRY_FORMAT_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    cabinet: str
    unit: int
    software: str
    state_format: str
    entry_format: int
    settings: _containers.ScalarMap[str, int]
    def __init__(self, cabinet: _Optional[str] = ..., unit: _Optional[int] = ..., software: _Optional[str] = ..., state_format: _Optional[str] = ..., entry_format: _Optional[int] = ..., settings: _Optional[_Mapping[str, int]] = ...) -> None: ...

class BackupServiceSnapshotRequest(_message.Message):
    __slots__ = ("cabinet", "max_bytes_per_s", "slots")
    CABINET_FIELD_NUMBER: _ClassVar[int]
    MAX_BYTES_PER_S_FIELD_NUMBER: _ClassVar[int]
    SLOTS_FIELD_NUMBER: _ClassVar[int]
    cabinet: str
    max_bytes_per_s: int
    slots: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, cabinet: _Optional[str] = ..., max_bytes_per_s: _Optional[int] = ..., slots: _Optional[_Iterable[int]] = ...) -> None: ...

class BackupServiceSnapshotResponse(_message.Message):
    __slots__ = ("source", "manifest", "chunk")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    MANIFEST_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    source: BackupSource
    manifest: bytes
    chunk: bytes
    def __init__(self, source: _Optional[_Union[BackupSource, _Mapping]] = ..., manifest: _Optional[bytes] = ..., chunk: _Optional[bytes] = ...) -> None: ...

class BackupServiceLogRequest(_message.Message):
    __slots__ = ("cabinet", "from_seq", "prev_hash", "max_bytes_per_s")
    CABINET_FIELD_NUMBER: _ClassVar[int]
    FROM_SEQ_FIELD_NUMBER: _ClassVar[int]
    PREV_HASH_FIELD_NUMBER: _ClassVar[int]
    MAX_BYTES_PER_S_FIELD_NUMBER: _ClassVar[int]
    cabinet: str
    from_seq: int
    prev_hash: bytes
    max_bytes_per_s: int
    def __init__(self, cabinet: _Optional[str] = ..., from_seq: _Optional[int] = ..., prev_hash: _Optional[bytes] = ..., max_bytes_per_s: _Optional[int] = ...) -> None: ...

class BackupServiceLogResponse(_message.Message):
    __slots__ = ("source", "to_seq", "prev_hash", "archived", "packed", "entries", "digest", "segment_ends")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    TO_SEQ_FIELD_NUMBER: _ClassVar[int]
    PREV_HASH_FIELD_NUMBER: _ClassVar[int]
    ARCHIVED_FIELD_NUMBER: _ClassVar[int]
    PACKED_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_ENDS_FIELD_NUMBER: _ClassVar[int]
    source: BackupSource
    to_seq: int
    prev_hash: bytes
    archived: bytes
    packed: bytes
    entries: bytes
    digest: bytes
    segment_ends: bool
    def __init__(self, source: _Optional[_Union[BackupSource, _Mapping]] = ..., to_seq: _Optional[int] = ..., prev_hash: _Optional[bytes] = ..., archived: _Optional[bytes] = ..., packed: _Optional[bytes] = ..., entries: _Optional[bytes] = ..., digest: _Optional[bytes] = ..., segment_ends: _Optional[bool] = ...) -> None: ...
