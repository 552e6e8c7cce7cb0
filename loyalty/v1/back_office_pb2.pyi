from loyalty.v1 import back_office_outcomes_pb2 as _back_office_outcomes_pb2
from loyalty.v1 import common_pb2 as _common_pb2
from loyalty.v1 import programmes_pb2 as _programmes_pb2
from loyalty.v1 import promotions_pb2 as _promotions_pb2
from loyalty.v1 import till_pb2 as _till_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

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
    rules: _programmes_pb2.Programme
    def __init__(self, request_id: _Optional[bytes] = ..., seen_ms: _Optional[int] = ..., client_ms: _Optional[int] = ..., programme: _Optional[int] = ..., rules: _Optional[_Union[_programmes_pb2.Programme, _Mapping]] = ...) -> None: ...

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
    done: _back_office_outcomes_pb2.DefineDone
    rejected: _common_pb2.Rejection
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., done: _Optional[_Union[_back_office_outcomes_pb2.DefineDone, _Mapping]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...

class ZoneOffset(_message.Message):
    __slots__ = ("from_ms", "offset_s")
    FROM_MS_FIELD_NUMBER: _ClassVar[int]
    OFFSET_S_FIELD_NUMBER: _ClassVar[int]
    from_ms: int
    offset_s: int
    def __init__(self, from_ms: _Optional[int] = ..., offset_s: _Optional[int] = ...) -> None: ...

class Store(_message.Message):
    __slots__ = ("store", "name", "zone", "partner", "country", "city", "channel", "currency")
    STORE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ZONE_FIELD_NUMBER: _ClassVar[int]
    PARTNER_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    CITY_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    store: int
    name: str
    zone: _containers.RepeatedCompositeFieldContainer[ZoneOffset]
    partner: int
    country: str
    city: str
    channel: str
    currency: str
    def __init__(self, store: _Optional[int] = ..., name: _Optional[str] = ..., zone: _Optional[_Iterable[_Union[ZoneOffset, _Mapping]]] = ..., partner: _Optional[int] = ..., country: _Optional[str] = ..., city: _Optional[str] = ..., channel: _Optional[str] = ..., currency: _Optional[str] = ...) -> None: ...

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
    done: _back_office_outcomes_pb2.DefineDone
    rejected: _common_pb2.Rejection
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., done: _Optional[_Union[_back_office_outcomes_pb2.DefineDone, _Mapping]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...

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
    rules: _programmes_pb2.Programme
    def __init__(self, version: _Optional[int] = ..., rules: _Optional[_Union[_programmes_pb2.Programme, _Mapping]] = ...) -> None: ...

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

class Partner(_message.Message):
    __slots__ = ("partner", "name", "funds_minor", "funds_points")
    PARTNER_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    FUNDS_MINOR_FIELD_NUMBER: _ClassVar[int]
    FUNDS_POINTS_FIELD_NUMBER: _ClassVar[int]
    partner: int
    name: str
    funds_minor: int
    funds_points: int
    def __init__(self, partner: _Optional[int] = ..., name: _Optional[str] = ..., funds_minor: _Optional[int] = ..., funds_points: _Optional[int] = ...) -> None: ...

class DefinePartnerRequest(_message.Message):
    __slots__ = ("request_id", "seen_ms", "client_ms", "programme", "partner")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SEEN_MS_FIELD_NUMBER: _ClassVar[int]
    CLIENT_MS_FIELD_NUMBER: _ClassVar[int]
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    PARTNER_FIELD_NUMBER: _ClassVar[int]
    request_id: bytes
    seen_ms: int
    client_ms: int
    programme: int
    partner: Partner
    def __init__(self, request_id: _Optional[bytes] = ..., seen_ms: _Optional[int] = ..., client_ms: _Optional[int] = ..., programme: _Optional[int] = ..., partner: _Optional[_Union[Partner, _Mapping]] = ...) -> None: ...

class DefinePartnerResponse(_message.Message):
    __slots__ = ("log_time_ms", "seq", "epoch", "done", "rejected")
    LOG_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    log_time_ms: int
    seq: int
    epoch: int
    done: _back_office_outcomes_pb2.DefineDone
    rejected: _common_pb2.Rejection
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., done: _Optional[_Union[_back_office_outcomes_pb2.DefineDone, _Mapping]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...

class GetPartnerRequest(_message.Message):
    __slots__ = ("programme", "partner")
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    PARTNER_FIELD_NUMBER: _ClassVar[int]
    programme: int
    partner: int
    def __init__(self, programme: _Optional[int] = ..., partner: _Optional[int] = ...) -> None: ...

class GetPartnerResponse(_message.Message):
    __slots__ = ("log_time_ms", "seq", "epoch", "done", "rejected")
    LOG_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    log_time_ms: int
    seq: int
    epoch: int
    done: GetPartnerDone
    rejected: _common_pb2.Rejection
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., done: _Optional[_Union[GetPartnerDone, _Mapping]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...

class GetPartnerDone(_message.Message):
    __slots__ = ("version", "partner", "funded_minor", "issued_points")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    PARTNER_FIELD_NUMBER: _ClassVar[int]
    FUNDED_MINOR_FIELD_NUMBER: _ClassVar[int]
    ISSUED_POINTS_FIELD_NUMBER: _ClassVar[int]
    version: int
    partner: Partner
    funded_minor: int
    issued_points: int
    def __init__(self, version: _Optional[int] = ..., partner: _Optional[_Union[Partner, _Mapping]] = ..., funded_minor: _Optional[int] = ..., issued_points: _Optional[int] = ...) -> None: ...

class PublishPromotionRequest(_message.Message):
    __slots__ = ("request_id", "seen_ms", "client_ms", "programme", "promotion")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SEEN_MS_FIELD_NUMBER: _ClassVar[int]
    CLIENT_MS_FIELD_NUMBER: _ClassVar[int]
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    PROMOTION_FIELD_NUMBER: _ClassVar[int]
    request_id: bytes
    seen_ms: int
    client_ms: int
    programme: int
    promotion: _promotions_pb2.Promotion
    def __init__(self, request_id: _Optional[bytes] = ..., seen_ms: _Optional[int] = ..., client_ms: _Optional[int] = ..., programme: _Optional[int] = ..., promotion: _Optional[_Union[_promotions_pb2.Promotion, _Mapping]] = ...) -> None: ...

class PublishPromotionResponse(_message.Message):
    __slots__ = ("log_time_ms", "seq", "epoch", "done", "rejected")
    LOG_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    log_time_ms: int
    seq: int
    epoch: int
    done: _back_office_outcomes_pb2.DefineDone
    rejected: _common_pb2.Rejection
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., done: _Optional[_Union[_back_office_outcomes_pb2.DefineDone, _Mapping]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...

class PausePromotionRequest(_message.Message):
    __slots__ = ("request_id", "seen_ms", "client_ms", "programme", "promotion", "paused", "reason")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SEEN_MS_FIELD_NUMBER: _ClassVar[int]
    CLIENT_MS_FIELD_NUMBER: _ClassVar[int]
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    PROMOTION_FIELD_NUMBER: _ClassVar[int]
    PAUSED_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    request_id: bytes
    seen_ms: int
    client_ms: int
    programme: int
    promotion: int
    paused: bool
    reason: str
    def __init__(self, request_id: _Optional[bytes] = ..., seen_ms: _Optional[int] = ..., client_ms: _Optional[int] = ..., programme: _Optional[int] = ..., promotion: _Optional[int] = ..., paused: _Optional[bool] = ..., reason: _Optional[str] = ...) -> None: ...

class PausePromotionResponse(_message.Message):
    __slots__ = ("log_time_ms", "seq", "epoch", "done", "rejected")
    LOG_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    log_time_ms: int
    seq: int
    epoch: int
    done: _back_office_outcomes_pb2.DefineDone
    rejected: _common_pb2.Rejection
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., done: _Optional[_Union[_back_office_outcomes_pb2.DefineDone, _Mapping]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...

class GetPromotionRequest(_message.Message):
    __slots__ = ("programme", "promotion", "version")
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    PROMOTION_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    programme: int
    promotion: int
    version: int
    def __init__(self, programme: _Optional[int] = ..., promotion: _Optional[int] = ..., version: _Optional[int] = ...) -> None: ...

class GetPromotionResponse(_message.Message):
    __slots__ = ("log_time_ms", "seq", "epoch", "done", "rejected")
    LOG_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    log_time_ms: int
    seq: int
    epoch: int
    done: GetPromotionDone
    rejected: _common_pb2.Rejection
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., done: _Optional[_Union[GetPromotionDone, _Mapping]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...

class Usage(_message.Message):
    __slots__ = ("times", "minor", "points")
    TIMES_FIELD_NUMBER: _ClassVar[int]
    MINOR_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    times: int
    minor: int
    points: int
    def __init__(self, times: _Optional[int] = ..., minor: _Optional[int] = ..., points: _Optional[int] = ...) -> None: ...

class GetPromotionDone(_message.Message):
    __slots__ = ("version", "promotion", "usage")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    PROMOTION_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    version: int
    promotion: _promotions_pb2.Promotion
    usage: Usage
    def __init__(self, version: _Optional[int] = ..., promotion: _Optional[_Union[_promotions_pb2.Promotion, _Mapping]] = ..., usage: _Optional[_Union[Usage, _Mapping]] = ...) -> None: ...

class ListPromotionsRequest(_message.Message):
    __slots__ = ("programme", "after", "page_size")
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    programme: int
    after: int
    page_size: int
    def __init__(self, programme: _Optional[int] = ..., after: _Optional[int] = ..., page_size: _Optional[int] = ...) -> None: ...

class ListPromotionsResponse(_message.Message):
    __slots__ = ("log_time_ms", "seq", "epoch", "done", "rejected")
    LOG_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    log_time_ms: int
    seq: int
    epoch: int
    done: ListPromotionsDone
    rejected: _common_pb2.Rejection
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., done: _Optional[_Union[ListPromotionsDone, _Mapping]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...

class PromotionItem(_message.Message):
    __slots__ = ("promotion", "version", "name", "paused", "from_ms", "until_ms", "funder", "usage")
    PROMOTION_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PAUSED_FIELD_NUMBER: _ClassVar[int]
    FROM_MS_FIELD_NUMBER: _ClassVar[int]
    UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    FUNDER_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    promotion: int
    version: int
    name: str
    paused: bool
    from_ms: int
    until_ms: int
    funder: int
    usage: Usage
    def __init__(self, promotion: _Optional[int] = ..., version: _Optional[int] = ..., name: _Optional[str] = ..., paused: _Optional[bool] = ..., from_ms: _Optional[int] = ..., until_ms: _Optional[int] = ..., funder: _Optional[int] = ..., usage: _Optional[_Union[Usage, _Mapping]] = ...) -> None: ...

class ListPromotionsDone(_message.Message):
    __slots__ = ("items", "next_after")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    NEXT_AFTER_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[PromotionItem]
    next_after: int
    def __init__(self, items: _Optional[_Iterable[_Union[PromotionItem, _Mapping]]] = ..., next_after: _Optional[int] = ...) -> None: ...

class DryRunRequest(_message.Message):
    __slots__ = ("quote", "at_ms", "promotions", "alone")
    QUOTE_FIELD_NUMBER: _ClassVar[int]
    AT_MS_FIELD_NUMBER: _ClassVar[int]
    PROMOTIONS_FIELD_NUMBER: _ClassVar[int]
    ALONE_FIELD_NUMBER: _ClassVar[int]
    quote: _till_pb2.QuoteRequest
    at_ms: int
    promotions: _containers.RepeatedCompositeFieldContainer[_promotions_pb2.Promotion]
    alone: bool
    def __init__(self, quote: _Optional[_Union[_till_pb2.QuoteRequest, _Mapping]] = ..., at_ms: _Optional[int] = ..., promotions: _Optional[_Iterable[_Union[_promotions_pb2.Promotion, _Mapping]]] = ..., alone: _Optional[bool] = ...) -> None: ...

class DryRunResponse(_message.Message):
    __slots__ = ("log_time_ms", "seq", "epoch", "done", "rejected")
    LOG_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    log_time_ms: int
    seq: int
    epoch: int
    done: _till_pb2.QuoteDone
    rejected: _common_pb2.Rejection
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., done: _Optional[_Union[_till_pb2.QuoteDone, _Mapping]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...

class IssueCouponRequest(_message.Message):
    __slots__ = ("request_id", "seen_ms", "client_ms", "programme", "code", "promotion", "times", "from_ms", "until_ms", "owner")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SEEN_MS_FIELD_NUMBER: _ClassVar[int]
    CLIENT_MS_FIELD_NUMBER: _ClassVar[int]
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    PROMOTION_FIELD_NUMBER: _ClassVar[int]
    TIMES_FIELD_NUMBER: _ClassVar[int]
    FROM_MS_FIELD_NUMBER: _ClassVar[int]
    UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    request_id: bytes
    seen_ms: int
    client_ms: int
    programme: int
    code: str
    promotion: int
    times: int
    from_ms: int
    until_ms: int
    owner: _common_pb2.MemberRef
    def __init__(self, request_id: _Optional[bytes] = ..., seen_ms: _Optional[int] = ..., client_ms: _Optional[int] = ..., programme: _Optional[int] = ..., code: _Optional[str] = ..., promotion: _Optional[int] = ..., times: _Optional[int] = ..., from_ms: _Optional[int] = ..., until_ms: _Optional[int] = ..., owner: _Optional[_Union[_common_pb2.MemberRef, _Mapping]] = ...) -> None: ...

class IssueCouponResponse(_message.Message):
    __slots__ = ("log_time_ms", "seq", "epoch", "done", "rejected")
    LOG_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    log_time_ms: int
    seq: int
    epoch: int
    done: _back_office_outcomes_pb2.IssueCouponDone
    rejected: _common_pb2.Rejection
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., done: _Optional[_Union[_back_office_outcomes_pb2.IssueCouponDone, _Mapping]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...

class GetCouponRequest(_message.Message):
    __slots__ = ("programme", "code")
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    programme: int
    code: str
    def __init__(self, programme: _Optional[int] = ..., code: _Optional[str] = ...) -> None: ...

class GetCouponResponse(_message.Message):
    __slots__ = ("log_time_ms", "seq", "epoch", "done", "rejected")
    LOG_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    log_time_ms: int
    seq: int
    epoch: int
    done: GetCouponDone
    rejected: _common_pb2.Rejection
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., done: _Optional[_Union[GetCouponDone, _Mapping]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...

class GetCouponDone(_message.Message):
    __slots__ = ("code", "promotion", "times", "used_times", "from_ms", "until_ms", "owner_id")
    CODE_FIELD_NUMBER: _ClassVar[int]
    PROMOTION_FIELD_NUMBER: _ClassVar[int]
    TIMES_FIELD_NUMBER: _ClassVar[int]
    USED_TIMES_FIELD_NUMBER: _ClassVar[int]
    FROM_MS_FIELD_NUMBER: _ClassVar[int]
    UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    OWNER_ID_FIELD_NUMBER: _ClassVar[int]
    code: str
    promotion: int
    times: int
    used_times: int
    from_ms: int
    until_ms: int
    owner_id: int
    def __init__(self, code: _Optional[str] = ..., promotion: _Optional[int] = ..., times: _Optional[int] = ..., used_times: _Optional[int] = ..., from_ms: _Optional[int] = ..., until_ms: _Optional[int] = ..., owner_id: _Optional[int] = ...) -> None: ...

class AdjustRequest(_message.Message):
    __slots__ = ("request_id", "seen_ms", "client_ms", "programme", "reference", "member", "wallet", "points", "from_ms", "until_ms", "priority", "partner", "reason")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SEEN_MS_FIELD_NUMBER: _ClassVar[int]
    CLIENT_MS_FIELD_NUMBER: _ClassVar[int]
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    WALLET_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    FROM_MS_FIELD_NUMBER: _ClassVar[int]
    UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    PARTNER_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    request_id: bytes
    seen_ms: int
    client_ms: int
    programme: int
    reference: str
    member: _common_pb2.MemberRef
    wallet: int
    points: int
    from_ms: int
    until_ms: int
    priority: int
    partner: int
    reason: str
    def __init__(self, request_id: _Optional[bytes] = ..., seen_ms: _Optional[int] = ..., client_ms: _Optional[int] = ..., programme: _Optional[int] = ..., reference: _Optional[str] = ..., member: _Optional[_Union[_common_pb2.MemberRef, _Mapping]] = ..., wallet: _Optional[int] = ..., points: _Optional[int] = ..., from_ms: _Optional[int] = ..., until_ms: _Optional[int] = ..., priority: _Optional[int] = ..., partner: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...

class AdjustResponse(_message.Message):
    __slots__ = ("log_time_ms", "seq", "epoch", "done", "rejected")
    LOG_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    log_time_ms: int
    seq: int
    epoch: int
    done: _back_office_outcomes_pb2.AdjustDone
    rejected: _common_pb2.Rejection
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., done: _Optional[_Union[_back_office_outcomes_pb2.AdjustDone, _Mapping]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...

class ChangeMemberRequest(_message.Message):
    __slots__ = ("request_id", "seen_ms", "client_ms", "programme", "member", "reason", "phone", "phone_passed_on", "add_cards", "remove_cards", "add_externals", "remove_externals", "profile", "status")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SEEN_MS_FIELD_NUMBER: _ClassVar[int]
    CLIENT_MS_FIELD_NUMBER: _ClassVar[int]
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    PHONE_FIELD_NUMBER: _ClassVar[int]
    PHONE_PASSED_ON_FIELD_NUMBER: _ClassVar[int]
    ADD_CARDS_FIELD_NUMBER: _ClassVar[int]
    REMOVE_CARDS_FIELD_NUMBER: _ClassVar[int]
    ADD_EXTERNALS_FIELD_NUMBER: _ClassVar[int]
    REMOVE_EXTERNALS_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    request_id: bytes
    seen_ms: int
    client_ms: int
    programme: int
    member: _common_pb2.MemberRef
    reason: str
    phone: str
    phone_passed_on: bool
    add_cards: _containers.RepeatedScalarFieldContainer[str]
    remove_cards: _containers.RepeatedScalarFieldContainer[str]
    add_externals: _containers.RepeatedScalarFieldContainer[str]
    remove_externals: _containers.RepeatedScalarFieldContainer[str]
    profile: _common_pb2.Profile
    status: _common_pb2.Status
    def __init__(self, request_id: _Optional[bytes] = ..., seen_ms: _Optional[int] = ..., client_ms: _Optional[int] = ..., programme: _Optional[int] = ..., member: _Optional[_Union[_common_pb2.MemberRef, _Mapping]] = ..., reason: _Optional[str] = ..., phone: _Optional[str] = ..., phone_passed_on: _Optional[bool] = ..., add_cards: _Optional[_Iterable[str]] = ..., remove_cards: _Optional[_Iterable[str]] = ..., add_externals: _Optional[_Iterable[str]] = ..., remove_externals: _Optional[_Iterable[str]] = ..., profile: _Optional[_Union[_common_pb2.Profile, _Mapping]] = ..., status: _Optional[_Union[_common_pb2.Status, str]] = ...) -> None: ...

class ChangeMemberResponse(_message.Message):
    __slots__ = ("log_time_ms", "seq", "epoch", "done", "rejected")
    LOG_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    log_time_ms: int
    seq: int
    epoch: int
    done: _back_office_outcomes_pb2.ChangeMemberDone
    rejected: _common_pb2.Rejection
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., done: _Optional[_Union[_back_office_outcomes_pb2.ChangeMemberDone, _Mapping]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...

class MergeMembersRequest(_message.Message):
    __slots__ = ("request_id", "seen_ms", "client_ms", "programme", "source", "target", "reason")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SEEN_MS_FIELD_NUMBER: _ClassVar[int]
    CLIENT_MS_FIELD_NUMBER: _ClassVar[int]
    PROGRAMME_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    request_id: bytes
    seen_ms: int
    client_ms: int
    programme: int
    source: _common_pb2.MemberRef
    target: _common_pb2.MemberRef
    reason: str
    def __init__(self, request_id: _Optional[bytes] = ..., seen_ms: _Optional[int] = ..., client_ms: _Optional[int] = ..., programme: _Optional[int] = ..., source: _Optional[_Union[_common_pb2.MemberRef, _Mapping]] = ..., target: _Optional[_Union[_common_pb2.MemberRef, _Mapping]] = ..., reason: _Optional[str] = ...) -> None: ...

class MergeMembersResponse(_message.Message):
    __slots__ = ("log_time_ms", "seq", "epoch", "done", "rejected")
    LOG_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    log_time_ms: int
    seq: int
    epoch: int
    done: _back_office_outcomes_pb2.MergeMembersDone
    rejected: _common_pb2.Rejection
    def __init__(self, log_time_ms: _Optional[int] = ..., seq: _Optional[int] = ..., epoch: _Optional[int] = ..., done: _Optional[_Union[_back_office_outcomes_pb2.MergeMembersDone, _Mapping]] = ..., rejected: _Optional[_Union[_common_pb2.Rejection, _Mapping]] = ...) -> None: ...
