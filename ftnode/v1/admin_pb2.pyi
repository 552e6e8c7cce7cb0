from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class UnitState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    UNIT_STATE_UNSPECIFIED: _ClassVar[UnitState]
    UNIT_STATE_EMPTY: _ClassVar[UnitState]
    UNIT_STATE_INITIALIZING: _ClassVar[UnitState]
    UNIT_STATE_DIAGNOSTICS: _ClassVar[UnitState]
    UNIT_STATE_DUPLEXING: _ClassVar[UnitState]
    UNIT_STATE_STANDBY: _ClassVar[UnitState]
    UNIT_STATE_ACTIVE: _ClassVar[UnitState]
    UNIT_STATE_FENCED: _ClassVar[UnitState]
    UNIT_STATE_BROKEN: _ClassVar[UnitState]
    UNIT_STATE_OFFLINE: _ClassVar[UnitState]

class Redundancy(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REDUNDANCY_UNSPECIFIED: _ClassVar[Redundancy]
    REDUNDANCY_DOWN: _ClassVar[Redundancy]
    REDUNDANCY_SIMPLEX: _ClassVar[Redundancy]
    REDUNDANCY_DUPLEX: _ClassVar[Redundancy]

class Severity(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SEVERITY_UNSPECIFIED: _ClassVar[Severity]
    SEVERITY_NOTICE: _ClassVar[Severity]
    SEVERITY_WARNING: _ClassVar[Severity]
    SEVERITY_CRITICAL: _ClassVar[Severity]

class DuplexingPhase(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DUPLEXING_PHASE_UNSPECIFIED: _ClassVar[DuplexingPhase]
    DUPLEXING_PHASE_COMPARING: _ClassVar[DuplexingPhase]
    DUPLEXING_PHASE_SNAPSHOT: _ClassVar[DuplexingPhase]
    DUPLEXING_PHASE_LOG: _ClassVar[DuplexingPhase]
    DUPLEXING_PHASE_ADMITTING: _ClassVar[DuplexingPhase]
    DUPLEXING_PHASE_INSTALLING: _ClassVar[DuplexingPhase]

class FaultKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FAULT_KIND_UNSPECIFIED: _ClassVar[FaultKind]
    FAULT_KIND_SOFT: _ClassVar[FaultKind]
    FAULT_KIND_HARD: _ClassVar[FaultKind]

class UpgradeAct(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    UPGRADE_ACT_UNSPECIFIED: _ClassVar[UpgradeAct]
    UPGRADE_ACT_PREPARE: _ClassVar[UpgradeAct]
    UPGRADE_ACT_SWITCH: _ClassVar[UpgradeAct]
    UPGRADE_ACT_ABORT: _ClassVar[UpgradeAct]
UNIT_STATE_UNSPECIFIED: UnitState
UNIT_STATE_EMPTY: UnitState
UNIT_STATE_INITIALIZING: UnitState
UNIT_STATE_DIAGNOSTICS: UnitState
UNIT_STATE_DUPLEXING: UnitState
UNIT_STATE_STANDBY: UnitState
UNIT_STATE_ACTIVE: UnitState
UNIT_STATE_FENCED: UnitState
UNIT_STATE_BROKEN: UnitState
UNIT_STATE_OFFLINE: UnitState
REDUNDANCY_UNSPECIFIED: Redundancy
REDUNDANCY_DOWN: Redundancy
REDUNDANCY_SIMPLEX: Redundancy
REDUNDANCY_DUPLEX: Redundancy
SEVERITY_UNSPECIFIED: Severity
SEVERITY_NOTICE: Severity
SEVERITY_WARNING: Severity
SEVERITY_CRITICAL: Severity
DUPLEXING_PHASE_UNSPECIFIED: DuplexingPhase
DUPLEXING_PHASE_COMPARING: DuplexingPhase
DUPLEXING_PHASE_SNAPSHOT: DuplexingPhase
DUPLEXING_PHASE_LOG: DuplexingPhase
DUPLEXING_PHASE_ADMITTING: DuplexingPhase
DUPLEXING_PHASE_INSTALLING: DuplexingPhase
FAULT_KIND_UNSPECIFIED: FaultKind
FAULT_KIND_SOFT: FaultKind
FAULT_KIND_HARD: FaultKind
UPGRADE_ACT_UNSPECIFIED: UpgradeAct
UPGRADE_ACT_PREPARE: UpgradeAct
UPGRADE_ACT_SWITCH: UpgradeAct
UPGRADE_ACT_ABORT: UpgradeAct

class Seqs(_message.Message):
    __slots__ = ("head_seq", "durable_seq", "commit_seq", "executed_seq", "compared_seq", "released_seq", "checkpoint_seq")
    HEAD_SEQ_FIELD_NUMBER: _ClassVar[int]
    DURABLE_SEQ_FIELD_NUMBER: _ClassVar[int]
    COMMIT_SEQ_FIELD_NUMBER: _ClassVar[int]
    EXECUTED_SEQ_FIELD_NUMBER: _ClassVar[int]
    COMPARED_SEQ_FIELD_NUMBER: _ClassVar[int]
    RELEASED_SEQ_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_SEQ_FIELD_NUMBER: _ClassVar[int]
    head_seq: int
    durable_seq: int
    commit_seq: int
    executed_seq: int
    compared_seq: int
    released_seq: int
    checkpoint_seq: int
    def __init__(self, head_seq: _Optional[int] = ..., durable_seq: _Optional[int] = ..., commit_seq: _Optional[int] = ..., executed_seq: _Optional[int] = ..., compared_seq: _Optional[int] = ..., released_seq: _Optional[int] = ..., checkpoint_seq: _Optional[int] = ...) -> None: ...

class Peer(_message.Message):
    __slots__ = ("unit", "address", "connected", "session", "silence_ms", "durable_seq", "lag_entries", "last_words")
    UNIT_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    CONNECTED_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    SILENCE_MS_FIELD_NUMBER: _ClassVar[int]
    DURABLE_SEQ_FIELD_NUMBER: _ClassVar[int]
    LAG_ENTRIES_FIELD_NUMBER: _ClassVar[int]
    LAST_WORDS_FIELD_NUMBER: _ClassVar[int]
    unit: int
    address: str
    connected: bool
    session: int
    silence_ms: int
    durable_seq: int
    lag_entries: int
    last_words: str
    def __init__(self, unit: _Optional[int] = ..., address: _Optional[str] = ..., connected: _Optional[bool] = ..., session: _Optional[int] = ..., silence_ms: _Optional[int] = ..., durable_seq: _Optional[int] = ..., lag_entries: _Optional[int] = ..., last_words: _Optional[str] = ...) -> None: ...

class Witness(_message.Message):
    __slots__ = ("address", "reachable", "answer_age_ms", "witness_id", "record_epoch", "record_active", "record_in_sync")
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    REACHABLE_FIELD_NUMBER: _ClassVar[int]
    ANSWER_AGE_MS_FIELD_NUMBER: _ClassVar[int]
    WITNESS_ID_FIELD_NUMBER: _ClassVar[int]
    RECORD_EPOCH_FIELD_NUMBER: _ClassVar[int]
    RECORD_ACTIVE_FIELD_NUMBER: _ClassVar[int]
    RECORD_IN_SYNC_FIELD_NUMBER: _ClassVar[int]
    address: str
    reachable: bool
    answer_age_ms: int
    witness_id: str
    record_epoch: int
    record_active: int
    record_in_sync: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, address: _Optional[str] = ..., reachable: _Optional[bool] = ..., answer_age_ms: _Optional[int] = ..., witness_id: _Optional[str] = ..., record_epoch: _Optional[int] = ..., record_active: _Optional[int] = ..., record_in_sync: _Optional[_Iterable[int]] = ...) -> None: ...

class Problem(_message.Message):
    __slots__ = ("code", "severity", "what", "consequence", "remedy", "since_ms")
    CODE_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    WHAT_FIELD_NUMBER: _ClassVar[int]
    CONSEQUENCE_FIELD_NUMBER: _ClassVar[int]
    REMEDY_FIELD_NUMBER: _ClassVar[int]
    SINCE_MS_FIELD_NUMBER: _ClassVar[int]
    code: str
    severity: Severity
    what: str
    consequence: str
    remedy: str
    since_ms: int
    def __init__(self, code: _Optional[str] = ..., severity: _Optional[_Union[Severity, str]] = ..., what: _Optional[str] = ..., consequence: _Optional[str] = ..., remedy: _Optional[str] = ..., since_ms: _Optional[int] = ...) -> None: ...

class Duplexing(_message.Message):
    __slots__ = ("phase", "slots_done", "slots_total", "bytes_done", "entries_left", "left_ms", "bytes_per_second", "entries_per_second", "slots_equal", "slots_resumed", "bytes_saved")
    PHASE_FIELD_NUMBER: _ClassVar[int]
    SLOTS_DONE_FIELD_NUMBER: _ClassVar[int]
    SLOTS_TOTAL_FIELD_NUMBER: _ClassVar[int]
    BYTES_DONE_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_LEFT_FIELD_NUMBER: _ClassVar[int]
    LEFT_MS_FIELD_NUMBER: _ClassVar[int]
    BYTES_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    SLOTS_EQUAL_FIELD_NUMBER: _ClassVar[int]
    SLOTS_RESUMED_FIELD_NUMBER: _ClassVar[int]
    BYTES_SAVED_FIELD_NUMBER: _ClassVar[int]
    phase: DuplexingPhase
    slots_done: int
    slots_total: int
    bytes_done: int
    entries_left: int
    left_ms: int
    bytes_per_second: int
    entries_per_second: int
    slots_equal: int
    slots_resumed: int
    bytes_saved: int
    def __init__(self, phase: _Optional[_Union[DuplexingPhase, str]] = ..., slots_done: _Optional[int] = ..., slots_total: _Optional[int] = ..., bytes_done: _Optional[int] = ..., entries_left: _Optional[int] = ..., left_ms: _Optional[int] = ..., bytes_per_second: _Optional[int] = ..., entries_per_second: _Optional[int] = ..., slots_equal: _Optional[int] = ..., slots_resumed: _Optional[int] = ..., bytes_saved: _Optional[int] = ...) -> None: ...

class Versions(_message.Message):
    __slots__ = ("software", "engine", "wire", "log_format", "engines", "engine_since_seq", "engine_prepared", "engine_not_ready", "engine_older_may_go", "code_digest")
    SOFTWARE_FIELD_NUMBER: _ClassVar[int]
    ENGINE_FIELD_NUMBER: _ClassVar[int]
    WIRE_FIELD_NUMBER: _ClassVar[int]
    LOG_FORMAT_FIELD_NUMBER: _ClassVar[int]
    ENGINES_FIELD_NUMBER: _ClassVar[int]
    ENGINE_SINCE_SEQ_FIELD_NUMBER: _ClassVar[int]
    ENGINE_PREPARED_FIELD_NUMBER: _ClassVar[int]
    ENGINE_NOT_READY_FIELD_NUMBER: _ClassVar[int]
    ENGINE_OLDER_MAY_GO_FIELD_NUMBER: _ClassVar[int]
    CODE_DIGEST_FIELD_NUMBER: _ClassVar[int]
    software: str
    engine: int
    wire: int
    log_format: int
    engines: _containers.RepeatedScalarFieldContainer[int]
    engine_since_seq: int
    engine_prepared: int
    engine_not_ready: str
    engine_older_may_go: bool
    code_digest: str
    def __init__(self, software: _Optional[str] = ..., engine: _Optional[int] = ..., wire: _Optional[int] = ..., log_format: _Optional[int] = ..., engines: _Optional[_Iterable[int]] = ..., engine_since_seq: _Optional[int] = ..., engine_prepared: _Optional[int] = ..., engine_not_ready: _Optional[str] = ..., engine_older_may_go: _Optional[bool] = ..., code_digest: _Optional[str] = ...) -> None: ...

class Traffic(_message.Message):
    __slots__ = ("calls_per_second", "entries_per_second", "in_flight", "refused", "answer_p99_us")
    CALLS_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    IN_FLIGHT_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    ANSWER_P99_US_FIELD_NUMBER: _ClassVar[int]
    calls_per_second: int
    entries_per_second: int
    in_flight: int
    refused: int
    answer_p99_us: int
    def __init__(self, calls_per_second: _Optional[int] = ..., entries_per_second: _Optional[int] = ..., in_flight: _Optional[int] = ..., refused: _Optional[int] = ..., answer_p99_us: _Optional[int] = ...) -> None: ...

class Status(_message.Message):
    __slots__ = ("cabinet", "unit", "state", "state_why", "state_since_ms", "epoch", "active", "in_sync", "required", "redundancy", "seqs", "digest_seq", "digest", "peer", "witness", "problems", "safe_to_pull", "safe_to_pull_why", "duplexing", "versions", "traffic", "boot", "incarnation", "uptime_ms", "log_time_ms", "wall_time_ms", "till_address", "takeovers", "scrub", "parts", "locating_ms")
    CABINET_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    STATE_WHY_FIELD_NUMBER: _ClassVar[int]
    STATE_SINCE_MS_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    IN_SYNC_FIELD_NUMBER: _ClassVar[int]
    REQUIRED_FIELD_NUMBER: _ClassVar[int]
    REDUNDANCY_FIELD_NUMBER: _ClassVar[int]
    SEQS_FIELD_NUMBER: _ClassVar[int]
    DIGEST_SEQ_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    PEER_FIELD_NUMBER: _ClassVar[int]
    WITNESS_FIELD_NUMBER: _ClassVar[int]
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    SAFE_TO_PULL_FIELD_NUMBER: _ClassVar[int]
    SAFE_TO_PULL_WHY_FIELD_NUMBER: _ClassVar[int]
    DUPLEXING_FIELD_NUMBER: _ClassVar[int]
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    TRAFFIC_FIELD_NUMBER: _ClassVar[int]
    BOOT_FIELD_NUMBER: _ClassVar[int]
    INCARNATION_FIELD_NUMBER: _ClassVar[int]
    UPTIME_MS_FIELD_NUMBER: _ClassVar[int]
    LOG_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    WALL_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    TILL_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    TAKEOVERS_FIELD_NUMBER: _ClassVar[int]
    SCRUB_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    LOCATING_MS_FIELD_NUMBER: _ClassVar[int]
    cabinet: str
    unit: int
    state: UnitState
    state_why: str
    state_since_ms: int
    epoch: int
    active: int
    in_sync: _containers.RepeatedScalarFieldContainer[int]
    required: int
    redundancy: Redundancy
    seqs: Seqs
    digest_seq: int
    digest: bytes
    peer: Peer
    witness: Witness
    problems: _containers.RepeatedCompositeFieldContainer[Problem]
    safe_to_pull: bool
    safe_to_pull_why: str
    duplexing: Duplexing
    versions: Versions
    traffic: Traffic
    boot: int
    incarnation: str
    uptime_ms: int
    log_time_ms: int
    wall_time_ms: int
    till_address: str
    takeovers: int
    scrub: Scrub
    parts: _containers.RepeatedCompositeFieldContainer[PartHealth]
    locating_ms: int
    def __init__(self, cabinet: _Optional[str] = ..., unit: _Optional[int] = ..., state: _Optional[_Union[UnitState, str]] = ..., state_why: _Optional[str] = ..., state_since_ms: _Optional[int] = ..., epoch: _Optional[int] = ..., active: _Optional[int] = ..., in_sync: _Optional[_Iterable[int]] = ..., required: _Optional[int] = ..., redundancy: _Optional[_Union[Redundancy, str]] = ..., seqs: _Optional[_Union[Seqs, _Mapping]] = ..., digest_seq: _Optional[int] = ..., digest: _Optional[bytes] = ..., peer: _Optional[_Union[Peer, _Mapping]] = ..., witness: _Optional[_Union[Witness, _Mapping]] = ..., problems: _Optional[_Iterable[_Union[Problem, _Mapping]]] = ..., safe_to_pull: _Optional[bool] = ..., safe_to_pull_why: _Optional[str] = ..., duplexing: _Optional[_Union[Duplexing, _Mapping]] = ..., versions: _Optional[_Union[Versions, _Mapping]] = ..., traffic: _Optional[_Union[Traffic, _Mapping]] = ..., boot: _Optional[int] = ..., incarnation: _Optional[str] = ..., uptime_ms: _Optional[int] = ..., log_time_ms: _Optional[int] = ..., wall_time_ms: _Optional[int] = ..., till_address: _Optional[str] = ..., takeovers: _Optional[int] = ..., scrub: _Optional[_Union[Scrub, _Mapping]] = ..., parts: _Optional[_Iterable[_Union[PartHealth, _Mapping]]] = ..., locating_ms: _Optional[int] = ...) -> None: ...

class GetStatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetStatusResponse(_message.Message):
    __slots__ = ("status",)
    STATUS_FIELD_NUMBER: _ClassVar[int]
    status: Status
    def __init__(self, status: _Optional[_Union[Status, _Mapping]] = ...) -> None: ...

class WatchStatusRequest(_message.Message):
    __slots__ = ("interval_ms",)
    INTERVAL_MS_FIELD_NUMBER: _ClassVar[int]
    interval_ms: int
    def __init__(self, interval_ms: _Optional[int] = ...) -> None: ...

class WatchStatusResponse(_message.Message):
    __slots__ = ("status",)
    STATUS_FIELD_NUMBER: _ClassVar[int]
    status: Status
    def __init__(self, status: _Optional[_Union[Status, _Mapping]] = ...) -> None: ...

class SwitchoverRequest(_message.Message):
    __slots__ = ("reason",)
    REASON_FIELD_NUMBER: _ClassVar[int]
    reason: str
    def __init__(self, reason: _Optional[str] = ...) -> None: ...

class SwitchoverResponse(_message.Message):
    __slots__ = ("active", "epoch")
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    active: int
    epoch: int
    def __init__(self, active: _Optional[int] = ..., epoch: _Optional[int] = ...) -> None: ...

class BringDownRequest(_message.Message):
    __slots__ = ("reason", "force")
    REASON_FIELD_NUMBER: _ClassVar[int]
    FORCE_FIELD_NUMBER: _ClassVar[int]
    reason: str
    force: bool
    def __init__(self, reason: _Optional[str] = ..., force: _Optional[bool] = ...) -> None: ...

class BringDownResponse(_message.Message):
    __slots__ = ("state",)
    STATE_FIELD_NUMBER: _ClassVar[int]
    state: UnitState
    def __init__(self, state: _Optional[_Union[UnitState, str]] = ...) -> None: ...

class BringUpRequest(_message.Message):
    __slots__ = ("reason",)
    REASON_FIELD_NUMBER: _ClassVar[int]
    reason: str
    def __init__(self, reason: _Optional[str] = ...) -> None: ...

class BringUpResponse(_message.Message):
    __slots__ = ("state",)
    STATE_FIELD_NUMBER: _ClassVar[int]
    state: UnitState
    def __init__(self, state: _Optional[_Union[UnitState, str]] = ...) -> None: ...

class SetTimeRequest(_message.Message):
    __slots__ = ("time_ms", "reason", "check_only")
    TIME_MS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CHECK_ONLY_FIELD_NUMBER: _ClassVar[int]
    time_ms: int
    reason: str
    check_only: bool
    def __init__(self, time_ms: _Optional[int] = ..., reason: _Optional[str] = ..., check_only: _Optional[bool] = ...) -> None: ...

class SetTimeResponse(_message.Message):
    __slots__ = ("was_ms", "seq", "clocks")
    WAS_MS_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    CLOCKS_FIELD_NUMBER: _ClassVar[int]
    was_ms: int
    seq: int
    clocks: _containers.RepeatedCompositeFieldContainer[ClockReading]
    def __init__(self, was_ms: _Optional[int] = ..., seq: _Optional[int] = ..., clocks: _Optional[_Iterable[_Union[ClockReading, _Mapping]]] = ...) -> None: ...

class ClockReading(_message.Message):
    __slots__ = ("name", "time_ms")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TIME_MS_FIELD_NUMBER: _ClassVar[int]
    name: str
    time_ms: int
    def __init__(self, name: _Optional[str] = ..., time_ms: _Optional[int] = ...) -> None: ...

class Scrub(_message.Message):
    __slots__ = ("part", "read_bytes", "total_bytes", "began_ms", "ended_ms", "last_bytes", "found")
    PART_FIELD_NUMBER: _ClassVar[int]
    READ_BYTES_FIELD_NUMBER: _ClassVar[int]
    TOTAL_BYTES_FIELD_NUMBER: _ClassVar[int]
    BEGAN_MS_FIELD_NUMBER: _ClassVar[int]
    ENDED_MS_FIELD_NUMBER: _ClassVar[int]
    LAST_BYTES_FIELD_NUMBER: _ClassVar[int]
    FOUND_FIELD_NUMBER: _ClassVar[int]
    part: str
    read_bytes: int
    total_bytes: int
    began_ms: int
    ended_ms: int
    last_bytes: int
    found: int
    def __init__(self, part: _Optional[str] = ..., read_bytes: _Optional[int] = ..., total_bytes: _Optional[int] = ..., began_ms: _Optional[int] = ..., ended_ms: _Optional[int] = ..., last_bytes: _Optional[int] = ..., found: _Optional[int] = ...) -> None: ...

class VerifyRequest(_message.Message):
    __slots__ = ("at_seq", "fresh", "fast")
    AT_SEQ_FIELD_NUMBER: _ClassVar[int]
    FRESH_FIELD_NUMBER: _ClassVar[int]
    FAST_FIELD_NUMBER: _ClassVar[int]
    at_seq: int
    fresh: bool
    fast: bool
    def __init__(self, at_seq: _Optional[int] = ..., fresh: _Optional[bool] = ..., fast: _Optional[bool] = ...) -> None: ...

class VerifyResponse(_message.Message):
    __slots__ = ("begun", "part", "read_bytes", "total_bytes", "findings", "done")
    BEGUN_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    READ_BYTES_FIELD_NUMBER: _ClassVar[int]
    TOTAL_BYTES_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    begun: VerifyBegun
    part: str
    read_bytes: int
    total_bytes: int
    findings: _containers.RepeatedCompositeFieldContainer[VerifyFinding]
    done: bool
    def __init__(self, begun: _Optional[_Union[VerifyBegun, _Mapping]] = ..., part: _Optional[str] = ..., read_bytes: _Optional[int] = ..., total_bytes: _Optional[int] = ..., findings: _Optional[_Iterable[_Union[VerifyFinding, _Mapping]]] = ..., done: _Optional[bool] = ...) -> None: ...

class VerifyBegun(_message.Message):
    __slots__ = ("unit", "checkpoint_seq", "digest", "roots", "first_seq", "last_seq", "archived_segments")
    UNIT_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_SEQ_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    ROOTS_FIELD_NUMBER: _ClassVar[int]
    FIRST_SEQ_FIELD_NUMBER: _ClassVar[int]
    LAST_SEQ_FIELD_NUMBER: _ClassVar[int]
    ARCHIVED_SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    unit: int
    checkpoint_seq: int
    digest: bytes
    roots: bytes
    first_seq: int
    last_seq: int
    archived_segments: int
    def __init__(self, unit: _Optional[int] = ..., checkpoint_seq: _Optional[int] = ..., digest: _Optional[bytes] = ..., roots: _Optional[bytes] = ..., first_seq: _Optional[int] = ..., last_seq: _Optional[int] = ..., archived_segments: _Optional[int] = ...) -> None: ...

class VerifyFinding(_message.Message):
    __slots__ = ("what", "why", "first", "last", "name")
    WHAT_FIELD_NUMBER: _ClassVar[int]
    WHY_FIELD_NUMBER: _ClassVar[int]
    FIRST_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    what: str
    why: str
    first: int
    last: int
    name: str
    def __init__(self, what: _Optional[str] = ..., why: _Optional[str] = ..., first: _Optional[int] = ..., last: _Optional[int] = ..., name: _Optional[str] = ...) -> None: ...

class LogHashesRequest(_message.Message):
    __slots__ = ("seqs",)
    SEQS_FIELD_NUMBER: _ClassVar[int]
    seqs: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, seqs: _Optional[_Iterable[int]] = ...) -> None: ...

class LogHashesResponse(_message.Message):
    __slots__ = ("hashes",)
    HASHES_FIELD_NUMBER: _ClassVar[int]
    hashes: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, hashes: _Optional[_Iterable[bytes]] = ...) -> None: ...

class PartHealth(_message.Message):
    __slots__ = ("part", "ill", "reading", "faults", "mtbf_ms")
    PART_FIELD_NUMBER: _ClassVar[int]
    ILL_FIELD_NUMBER: _ClassVar[int]
    READING_FIELD_NUMBER: _ClassVar[int]
    FAULTS_FIELD_NUMBER: _ClassVar[int]
    MTBF_MS_FIELD_NUMBER: _ClassVar[int]
    part: str
    ill: str
    reading: str
    faults: int
    mtbf_ms: int
    def __init__(self, part: _Optional[str] = ..., ill: _Optional[str] = ..., reading: _Optional[str] = ..., faults: _Optional[int] = ..., mtbf_ms: _Optional[int] = ...) -> None: ...

class Fault(_message.Message):
    __slots__ = ("at_ms", "part", "kind", "what")
    AT_MS_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    WHAT_FIELD_NUMBER: _ClassVar[int]
    at_ms: int
    part: str
    kind: FaultKind
    what: str
    def __init__(self, at_ms: _Optional[int] = ..., part: _Optional[str] = ..., kind: _Optional[_Union[FaultKind, str]] = ..., what: _Optional[str] = ...) -> None: ...

class Check(_message.Message):
    __slots__ = ("part", "name", "problem", "told", "took_us")
    PART_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    TOLD_FIELD_NUMBER: _ClassVar[int]
    TOOK_US_FIELD_NUMBER: _ClassVar[int]
    part: str
    name: str
    problem: str
    told: str
    took_us: int
    def __init__(self, part: _Optional[str] = ..., name: _Optional[str] = ..., problem: _Optional[str] = ..., told: _Optional[str] = ..., took_us: _Optional[int] = ...) -> None: ...

class DiagnoseRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DiagnoseResponse(_message.Message):
    __slots__ = ("checks", "problem")
    CHECKS_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    checks: _containers.RepeatedCompositeFieldContainer[Check]
    problem: str
    def __init__(self, checks: _Optional[_Iterable[_Union[Check, _Mapping]]] = ..., problem: _Optional[str] = ...) -> None: ...

class GetFaultsRequest(_message.Message):
    __slots__ = ("faults_max",)
    FAULTS_MAX_FIELD_NUMBER: _ClassVar[int]
    faults_max: int
    def __init__(self, faults_max: _Optional[int] = ...) -> None: ...

class GetFaultsResponse(_message.Message):
    __slots__ = ("faults", "parts", "faults_total", "mtbf_ms", "mtbf_min_ms", "faults_needed", "worn")
    FAULTS_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    FAULTS_TOTAL_FIELD_NUMBER: _ClassVar[int]
    MTBF_MS_FIELD_NUMBER: _ClassVar[int]
    MTBF_MIN_MS_FIELD_NUMBER: _ClassVar[int]
    FAULTS_NEEDED_FIELD_NUMBER: _ClassVar[int]
    WORN_FIELD_NUMBER: _ClassVar[int]
    faults: _containers.RepeatedCompositeFieldContainer[Fault]
    parts: _containers.RepeatedCompositeFieldContainer[PartHealth]
    faults_total: int
    mtbf_ms: int
    mtbf_min_ms: int
    faults_needed: int
    worn: str
    def __init__(self, faults: _Optional[_Iterable[_Union[Fault, _Mapping]]] = ..., parts: _Optional[_Iterable[_Union[PartHealth, _Mapping]]] = ..., faults_total: _Optional[int] = ..., mtbf_ms: _Optional[int] = ..., mtbf_min_ms: _Optional[int] = ..., faults_needed: _Optional[int] = ..., worn: _Optional[str] = ...) -> None: ...

class ClearRequest(_message.Message):
    __slots__ = ("reason",)
    REASON_FIELD_NUMBER: _ClassVar[int]
    reason: str
    def __init__(self, reason: _Optional[str] = ...) -> None: ...

class ClearResponse(_message.Message):
    __slots__ = ("state", "faults_cleared")
    STATE_FIELD_NUMBER: _ClassVar[int]
    FAULTS_CLEARED_FIELD_NUMBER: _ClassVar[int]
    state: UnitState
    faults_cleared: int
    def __init__(self, state: _Optional[_Union[UnitState, str]] = ..., faults_cleared: _Optional[int] = ...) -> None: ...

class LocateRequest(_message.Message):
    __slots__ = ("seconds",)
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    seconds: int
    def __init__(self, seconds: _Optional[int] = ...) -> None: ...

class LocateResponse(_message.Message):
    __slots__ = ("locating_ms",)
    LOCATING_MS_FIELD_NUMBER: _ClassVar[int]
    locating_ms: int
    def __init__(self, locating_ms: _Optional[int] = ...) -> None: ...

class ReplaceWitnessRequest(_message.Message):
    __slots__ = ("address", "reason")
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    address: str
    reason: str
    def __init__(self, address: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class ReplaceWitnessResponse(_message.Message):
    __slots__ = ("witness_id", "epoch", "seq")
    WITNESS_ID_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    witness_id: str
    epoch: int
    seq: int
    def __init__(self, witness_id: _Optional[str] = ..., epoch: _Optional[int] = ..., seq: _Optional[int] = ...) -> None: ...

class ExplainForceRequest(_message.Message):
    __slots__ = ("off",)
    OFF_FIELD_NUMBER: _ClassVar[int]
    off: int
    def __init__(self, off: _Optional[int] = ...) -> None: ...

class ExplainForceResponse(_message.Message):
    __slots__ = ("refused", "reasons", "holds_seq", "holds_epoch", "known_seq", "holds_time_ms", "disk_fault")
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    HOLDS_SEQ_FIELD_NUMBER: _ClassVar[int]
    HOLDS_EPOCH_FIELD_NUMBER: _ClassVar[int]
    KNOWN_SEQ_FIELD_NUMBER: _ClassVar[int]
    HOLDS_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    DISK_FAULT_FIELD_NUMBER: _ClassVar[int]
    refused: str
    reasons: _containers.RepeatedScalarFieldContainer[str]
    holds_seq: int
    holds_epoch: int
    known_seq: int
    holds_time_ms: int
    disk_fault: str
    def __init__(self, refused: _Optional[str] = ..., reasons: _Optional[_Iterable[str]] = ..., holds_seq: _Optional[int] = ..., holds_epoch: _Optional[int] = ..., known_seq: _Optional[int] = ..., holds_time_ms: _Optional[int] = ..., disk_fault: _Optional[str] = ...) -> None: ...

class ForceActiveRequest(_message.Message):
    __slots__ = ("off", "accept_data_loss", "witness_address", "reason")
    OFF_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_DATA_LOSS_FIELD_NUMBER: _ClassVar[int]
    WITNESS_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    off: int
    accept_data_loss: bool
    witness_address: str
    reason: str
    def __init__(self, off: _Optional[int] = ..., accept_data_loss: _Optional[bool] = ..., witness_address: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class ForceActiveResponse(_message.Message):
    __slots__ = ("epoch", "kept_seq")
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    KEPT_SEQ_FIELD_NUMBER: _ClassVar[int]
    epoch: int
    kept_seq: int
    def __init__(self, epoch: _Optional[int] = ..., kept_seq: _Optional[int] = ...) -> None: ...

class UpgradeRequest(_message.Message):
    __slots__ = ("act", "version", "reason")
    ACT_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    act: UpgradeAct
    version: int
    reason: str
    def __init__(self, act: _Optional[_Union[UpgradeAct, str]] = ..., version: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...

class UpgradeResponse(_message.Message):
    __slots__ = ("seq", "version", "prepared")
    SEQ_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    PREPARED_FIELD_NUMBER: _ClassVar[int]
    seq: int
    version: int
    prepared: int
    def __init__(self, seq: _Optional[int] = ..., version: _Optional[int] = ..., prepared: _Optional[int] = ...) -> None: ...
