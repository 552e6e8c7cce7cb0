from ftnode.v1 import admin_pb2 as _admin_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Alarm(_message.Message):
    __slots__ = ("key", "code", "severity", "unit", "headline", "what", "cause", "consequence", "todo", "since_ms", "raised_ms", "told_by", "seen_by", "comes_and_goes")
    KEY_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    HEADLINE_FIELD_NUMBER: _ClassVar[int]
    WHAT_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    CONSEQUENCE_FIELD_NUMBER: _ClassVar[int]
    TODO_FIELD_NUMBER: _ClassVar[int]
    SINCE_MS_FIELD_NUMBER: _ClassVar[int]
    RAISED_MS_FIELD_NUMBER: _ClassVar[int]
    TOLD_BY_FIELD_NUMBER: _ClassVar[int]
    SEEN_BY_FIELD_NUMBER: _ClassVar[int]
    COMES_AND_GOES_FIELD_NUMBER: _ClassVar[int]
    key: str
    code: str
    severity: _admin_pb2.Severity
    unit: int
    headline: str
    what: str
    cause: str
    consequence: str
    todo: str
    since_ms: int
    raised_ms: int
    told_by: int
    seen_by: _containers.RepeatedScalarFieldContainer[int]
    comes_and_goes: bool
    def __init__(self, key: _Optional[str] = ..., code: _Optional[str] = ..., severity: _Optional[_Union[_admin_pb2.Severity, str]] = ..., unit: _Optional[int] = ..., headline: _Optional[str] = ..., what: _Optional[str] = ..., cause: _Optional[str] = ..., consequence: _Optional[str] = ..., todo: _Optional[str] = ..., since_ms: _Optional[int] = ..., raised_ms: _Optional[int] = ..., told_by: _Optional[int] = ..., seen_by: _Optional[_Iterable[int]] = ..., comes_and_goes: _Optional[bool] = ...) -> None: ...

class Webhook(_message.Message):
    __slots__ = ("address", "waiting", "failing", "taken_ms")
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    WAITING_FIELD_NUMBER: _ClassVar[int]
    FAILING_FIELD_NUMBER: _ClassVar[int]
    TAKEN_MS_FIELD_NUMBER: _ClassVar[int]
    address: str
    waiting: int
    failing: str
    taken_ms: int
    def __init__(self, address: _Optional[str] = ..., waiting: _Optional[int] = ..., failing: _Optional[str] = ..., taken_ms: _Optional[int] = ...) -> None: ...

class ListAlarmsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListAlarmsResponse(_message.Message):
    __slots__ = ("unit", "teller", "alarms", "webhooks")
    UNIT_FIELD_NUMBER: _ClassVar[int]
    TELLER_FIELD_NUMBER: _ClassVar[int]
    ALARMS_FIELD_NUMBER: _ClassVar[int]
    WEBHOOKS_FIELD_NUMBER: _ClassVar[int]
    unit: int
    teller: int
    alarms: _containers.RepeatedCompositeFieldContainer[Alarm]
    webhooks: _containers.RepeatedCompositeFieldContainer[Webhook]
    def __init__(self, unit: _Optional[int] = ..., teller: _Optional[int] = ..., alarms: _Optional[_Iterable[_Union[Alarm, _Mapping]]] = ..., webhooks: _Optional[_Iterable[_Union[Webhook, _Mapping]]] = ...) -> None: ...

class TestAlarmRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Tested(_message.Message):
    __slots__ = ("address", "failed")
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    address: str
    failed: str
    def __init__(self, address: _Optional[str] = ..., failed: _Optional[str] = ...) -> None: ...

class TestAlarmResponse(_message.Message):
    __slots__ = ("tested",)
    TESTED_FIELD_NUMBER: _ClassVar[int]
    tested: _containers.RepeatedCompositeFieldContainer[Tested]
    def __init__(self, tested: _Optional[_Iterable[_Union[Tested, _Mapping]]] = ...) -> None: ...

class ReadHistoryRequest(_message.Message):
    __slots__ = ("since_ms", "follow")
    SINCE_MS_FIELD_NUMBER: _ClassVar[int]
    FOLLOW_FIELD_NUMBER: _ClassVar[int]
    since_ms: int
    follow: bool
    def __init__(self, since_ms: _Optional[int] = ..., follow: _Optional[bool] = ...) -> None: ...

class Happened(_message.Message):
    __slots__ = ("at_ms", "unit", "boot", "number", "what", "why", "who", "more")
    class MoreEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    AT_MS_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    BOOT_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    WHAT_FIELD_NUMBER: _ClassVar[int]
    WHY_FIELD_NUMBER: _ClassVar[int]
    WHO_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    at_ms: int
    unit: int
    boot: int
    number: int
    what: str
    why: str
    who: str
    more: _containers.ScalarMap[str, str]
    def __init__(self, at_ms: _Optional[int] = ..., unit: _Optional[int] = ..., boot: _Optional[int] = ..., number: _Optional[int] = ..., what: _Optional[str] = ..., why: _Optional[str] = ..., who: _Optional[str] = ..., more: _Optional[_Mapping[str, str]] = ...) -> None: ...

class ReadHistoryResponse(_message.Message):
    __slots__ = ("happened",)
    HAPPENED_FIELD_NUMBER: _ClassVar[int]
    happened: _containers.RepeatedCompositeFieldContainer[Happened]
    def __init__(self, happened: _Optional[_Iterable[_Union[Happened, _Mapping]]] = ...) -> None: ...

class GetSightingsRequest(_message.Message):
    __slots__ = ("unit",)
    UNIT_FIELD_NUMBER: _ClassVar[int]
    unit: int
    def __init__(self, unit: _Optional[int] = ...) -> None: ...

class GetSightingsResponse(_message.Message):
    __slots__ = ("sightings",)
    SIGHTINGS_FIELD_NUMBER: _ClassVar[int]
    sightings: bytes
    def __init__(self, sightings: _Optional[bytes] = ...) -> None: ...
