from loyalty.v1 import common_pb2 as _common_pb2
from loyalty.v1 import till_pb2 as _till_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Progress(_message.Message):
    __slots__ = ("as_of_seq", "as_of_epoch", "as_of_ms", "slots_done", "slots_total")
    AS_OF_SEQ_FIELD_NUMBER: _ClassVar[int]
    AS_OF_EPOCH_FIELD_NUMBER: _ClassVar[int]
    AS_OF_MS_FIELD_NUMBER: _ClassVar[int]
    SLOTS_DONE_FIELD_NUMBER: _ClassVar[int]
    SLOTS_TOTAL_FIELD_NUMBER: _ClassVar[int]
    as_of_seq: int
    as_of_epoch: int
    as_of_ms: int
    slots_done: int
    slots_total: int
    def __init__(self, as_of_seq: _Optional[int] = ..., as_of_epoch: _Optional[int] = ..., as_of_ms: _Optional[int] = ..., slots_done: _Optional[int] = ..., slots_total: _Optional[int] = ...) -> None: ...

class ScanLiabilityRequest(_message.Message):
    __slots__ = ("programme", "from_day", "until_day")
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    FROM_DAY_FIELD_NUMBER: _ClassVar[int]
    UNTIL_DAY_FIELD_NUMBER: _ClassVar[int]
    programme: int
    from_day: int
    until_day: int
    def __init__(self, programme: _Optional[int] = ..., from_day: _Optional[int] = ..., until_day: _Optional[int] = ...) -> None: ...

class ScanLiabilityResponse(_message.Message):
    __slots__ = ("progress", "rows", "rejected")
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    progress: Progress
    rows: _containers.RepeatedCompositeFieldContainer[LiabilityRow]
    rejected: _common_pb2.Rejection
    def __init__(self, progress: _Optional[_Union[Progress, _Mapping]] = ..., rows: _Optional[_Iterable[_Union[LiabilityRow, _Mapping]]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...

class LiabilityRow(_message.Message):
    __slots__ = ("until_day", "wallet", "partner", "points")
    UNTIL_DAY_FIELD_NUMBER: _ClassVar[int]
    WALLET_FIELD_NUMBER: _ClassVar[int]
    PARTNER_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    until_day: int
    wallet: int
    partner: int
    points: int
    def __init__(self, until_day: _Optional[int] = ..., wallet: _Optional[int] = ..., partner: _Optional[int] = ..., points: _Optional[int] = ...) -> None: ...

class ScanEndingSoonRequest(_message.Message):
    __slots__ = ("programme", "days", "from_slot", "slots")
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    DAYS_FIELD_NUMBER: _ClassVar[int]
    FROM_SLOT_FIELD_NUMBER: _ClassVar[int]
    SLOTS_FIELD_NUMBER: _ClassVar[int]
    programme: int
    days: int
    from_slot: int
    slots: int
    def __init__(self, programme: _Optional[int] = ..., days: _Optional[int] = ..., from_slot: _Optional[int] = ..., slots: _Optional[int] = ...) -> None: ...

class ScanEndingSoonResponse(_message.Message):
    __slots__ = ("progress", "rows", "rejected")
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    progress: Progress
    rows: _containers.RepeatedCompositeFieldContainer[EndingRow]
    rejected: _common_pb2.Rejection
    def __init__(self, progress: _Optional[_Union[Progress, _Mapping]] = ..., rows: _Optional[_Iterable[_Union[EndingRow, _Mapping]]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...

class EndingRow(_message.Message):
    __slots__ = ("member_id", "wallet", "active_until_ms", "points", "purposed")
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    WALLET_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    PURPOSED_FIELD_NUMBER: _ClassVar[int]
    member_id: int
    wallet: int
    active_until_ms: int
    points: int
    purposed: bool
    def __init__(self, member_id: _Optional[int] = ..., wallet: _Optional[int] = ..., active_until_ms: _Optional[int] = ..., points: _Optional[int] = ..., purposed: _Optional[bool] = ...) -> None: ...

class ScanBirthdaysRequest(_message.Message):
    __slots__ = ("programme", "from_month_day", "until_month_day")
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    FROM_MONTH_DAY_FIELD_NUMBER: _ClassVar[int]
    UNTIL_MONTH_DAY_FIELD_NUMBER: _ClassVar[int]
    programme: int
    from_month_day: int
    until_month_day: int
    def __init__(self, programme: _Optional[int] = ..., from_month_day: _Optional[int] = ..., until_month_day: _Optional[int] = ...) -> None: ...

class ScanBirthdaysResponse(_message.Message):
    __slots__ = ("progress", "rows", "rejected")
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    progress: Progress
    rows: _containers.RepeatedCompositeFieldContainer[BirthdayRow]
    rejected: _common_pb2.Rejection
    def __init__(self, progress: _Optional[_Union[Progress, _Mapping]] = ..., rows: _Optional[_Iterable[_Union[BirthdayRow, _Mapping]]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...

class BirthdayRow(_message.Message):
    __slots__ = ("member_id", "birthday", "phone", "language", "consents", "blocked")
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    BIRTHDAY_FIELD_NUMBER: _ClassVar[int]
    PHONE_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    CONSENTS_FIELD_NUMBER: _ClassVar[int]
    BLOCKED_FIELD_NUMBER: _ClassVar[int]
    member_id: int
    birthday: int
    phone: str
    language: str
    consents: _containers.RepeatedScalarFieldContainer[str]
    blocked: bool
    def __init__(self, member_id: _Optional[int] = ..., birthday: _Optional[int] = ..., phone: _Optional[str] = ..., language: _Optional[str] = ..., consents: _Optional[_Iterable[str]] = ..., blocked: _Optional[bool] = ...) -> None: ...

class ScanMembersRequest(_message.Message):
    __slots__ = ("programme", "from_slot", "slots")
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    FROM_SLOT_FIELD_NUMBER: _ClassVar[int]
    SLOTS_FIELD_NUMBER: _ClassVar[int]
    programme: int
    from_slot: int
    slots: int
    def __init__(self, programme: _Optional[int] = ..., from_slot: _Optional[int] = ..., slots: _Optional[int] = ...) -> None: ...

class ScanMembersResponse(_message.Message):
    __slots__ = ("progress", "rows", "rejected")
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    progress: Progress
    rows: _containers.RepeatedCompositeFieldContainer[MemberRow]
    rejected: _common_pb2.Rejection
    def __init__(self, progress: _Optional[_Union[Progress, _Mapping]] = ..., rows: _Optional[_Iterable[_Union[MemberRow, _Mapping]]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...

class MemberRow(_message.Message):
    __slots__ = ("member_id", "blocked", "merged_into", "phone", "cards", "externals", "enrolled_ms", "store", "birthday", "purchases", "wallets")
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    BLOCKED_FIELD_NUMBER: _ClassVar[int]
    MERGED_INTO_FIELD_NUMBER: _ClassVar[int]
    PHONE_FIELD_NUMBER: _ClassVar[int]
    CARDS_FIELD_NUMBER: _ClassVar[int]
    EXTERNALS_FIELD_NUMBER: _ClassVar[int]
    ENROLLED_MS_FIELD_NUMBER: _ClassVar[int]
    STORE_FIELD_NUMBER: _ClassVar[int]
    BIRTHDAY_FIELD_NUMBER: _ClassVar[int]
    PURCHASES_FIELD_NUMBER: _ClassVar[int]
    WALLETS_FIELD_NUMBER: _ClassVar[int]
    member_id: int
    blocked: bool
    merged_into: int
    phone: str
    cards: _containers.RepeatedScalarFieldContainer[str]
    externals: _containers.RepeatedScalarFieldContainer[str]
    enrolled_ms: int
    store: int
    birthday: int
    purchases: int
    wallets: _containers.RepeatedCompositeFieldContainer[MemberWallet]
    def __init__(self, member_id: _Optional[int] = ..., blocked: _Optional[bool] = ..., merged_into: _Optional[int] = ..., phone: _Optional[str] = ..., cards: _Optional[_Iterable[str]] = ..., externals: _Optional[_Iterable[str]] = ..., enrolled_ms: _Optional[int] = ..., store: _Optional[int] = ..., birthday: _Optional[int] = ..., purchases: _Optional[int] = ..., wallets: _Optional[_Iterable[_Union[MemberWallet, _Mapping]]] = ...) -> None: ...

class MemberWallet(_message.Message):
    __slots__ = ("wallet", "balance")
    WALLET_FIELD_NUMBER: _ClassVar[int]
    BALANCE_FIELD_NUMBER: _ClassVar[int]
    wallet: int
    balance: _common_pb2.Balance
    def __init__(self, wallet: _Optional[int] = ..., balance: _Optional[_Union[_common_pb2.Balance, _Mapping]] = ...) -> None: ...

class ScanStatementsRequest(_message.Message):
    __slots__ = ("programme", "from_slot", "slots")
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    FROM_SLOT_FIELD_NUMBER: _ClassVar[int]
    SLOTS_FIELD_NUMBER: _ClassVar[int]
    programme: int
    from_slot: int
    slots: int
    def __init__(self, programme: _Optional[int] = ..., from_slot: _Optional[int] = ..., slots: _Optional[int] = ...) -> None: ...

class ScanStatementsResponse(_message.Message):
    __slots__ = ("progress", "rows", "rejected")
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    progress: Progress
    rows: _containers.RepeatedCompositeFieldContainer[StatementRow]
    rejected: _common_pb2.Rejection
    def __init__(self, progress: _Optional[_Union[Progress, _Mapping]] = ..., rows: _Optional[_Iterable[_Union[StatementRow, _Mapping]]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...

class StatementRow(_message.Message):
    __slots__ = ("member_id", "item")
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    ITEM_FIELD_NUMBER: _ClassVar[int]
    member_id: int
    item: _till_pb2.StatementItem
    def __init__(self, member_id: _Optional[int] = ..., item: _Optional[_Union[_till_pb2.StatementItem, _Mapping]] = ...) -> None: ...

class ScanUsageRequest(_message.Message):
    __slots__ = ("programme",)
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    programme: int
    def __init__(self, programme: _Optional[int] = ...) -> None: ...

class ScanUsageResponse(_message.Message):
    __slots__ = ("progress", "rows", "rejected")
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    progress: Progress
    rows: _containers.RepeatedCompositeFieldContainer[UsageRow]
    rejected: _common_pb2.Rejection
    def __init__(self, progress: _Optional[_Union[Progress, _Mapping]] = ..., rows: _Optional[_Iterable[_Union[UsageRow, _Mapping]]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...

class UsageRow(_message.Message):
    __slots__ = ("promotion", "partner", "name", "version", "paused", "times", "minor", "points")
    PROMOTION_FIELD_NUMBER: _ClassVar[int]
    PARTNER_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    PAUSED_FIELD_NUMBER: _ClassVar[int]
    TIMES_FIELD_NUMBER: _ClassVar[int]
    MINOR_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    promotion: int
    partner: int
    name: str
    version: int
    paused: bool
    times: int
    minor: int
    points: int
    def __init__(self, promotion: _Optional[int] = ..., partner: _Optional[int] = ..., name: _Optional[str] = ..., version: _Optional[int] = ..., paused: _Optional[bool] = ..., times: _Optional[int] = ..., minor: _Optional[int] = ..., points: _Optional[int] = ...) -> None: ...
