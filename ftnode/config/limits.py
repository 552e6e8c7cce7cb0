"""Every limit of a unit has its name here: queues, batches, log, state, joining, alarms."""

from dataclasses import dataclass
from typing import Literal

from ftnode.config.schema import address, choice, number, switch, words

_MIB = 1_048_576
_GIB = 1024 * _MIB
_TIB = 1024 * _GIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Queues and batches between a call and its answer."""

    queue_max_entries: int = number(
        4096, 16, 1_000_000, "Commands waiting for a seq; above it tills get RESOURCE_EXHAUSTED."
    )
    queue_max_bytes: int = number(64 * _MIB, 65_536, 16 * _GIB, "Bytes of the commands waiting for a seq.")
    back_office_max_entries: int = number(
        512, 1, 1_000_000, "Back-office commands waiting; they go in only when no till waits."
    )
    batch_max_entries: int = number(512, 1, 65_536, "Entries written and sent with one fsync.")
    batch_max_bytes: int = number(4 * _MIB, 4096, 64 * _MIB, "Bytes written and sent with one fsync.")
    batches_in_flight: int = number(4, 1, 64, "Batches sent and not yet acknowledged by the standby.")
    reads_max: int = number(4096, 16, 1_000_000, "Reads waiting for their barrier.")
    relay_max_entries: int = number(
        4096, 16, 1_000_000, "Requests that a standby holds for the active, through a takeover too."
    )
    relay_max_bytes: int = number(64 * _MIB, 65_536, 16 * _GIB, "Bytes of the requests a standby holds.")
    stream_in_flight_max: int = number(256, 1, 65_536, "Commands of one stream that are not yet answered.")
    batch_call_max_entries: int = number(500, 1, 10_000, "Commands in one batch call.")
    page_max_entries: int = number(500, 1, 10_000, "Entries on one page of a list.")
    feed_readers_max: int = number(16, 0, 10_000, "Readers of the feed at once.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """The log of entries on disk, and its archive."""

    segment_bytes: int = number(
        16 * _MIB,
        65_536,
        _GIB,
        "Size of a preallocated segment file; it is filled with zeros beforehand.",
        step=512,
    )
    sync_by: Literal["kernel", "thread"] = choice(
        "kernel",
        ("kernel", "thread"),
        "Who syncs the log: the kernel's workers, or a thread (slower; tools can intercept its calls).",
    )
    local_window_entries: int = number(
        1_000_000, 1000, 10**12, "Entries kept on disk for a returning unit, at least."
    )
    local_window_bytes: int = number(
        4 * _GIB,
        131_072,
        1024 * _TIB,
        "Closed segments are deleted above this, unless a checkpoint needs them.",
    )
    free_min_bytes: int = number(
        256 * _MIB,
        0,
        1024 * _TIB,
        "With less room on the disk the unit gives up to the other one, before it is full.",
    )
    reserve_bytes: int = number(
        64 * _MIB,
        0,
        1024 * _TIB,
        "With less room the unit takes no more commands, if nobody else can: RESOURCE_EXHAUSTED.",
    )
    archive_dir: str = words("", "Closed segments are copied here, compressed. Empty: DIR/archive.")
    archive_keep_days: int = number(
        0, 0, 36_500, "Archived segments are kept so many days of log time. 0: for ever."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The key-value state, its checkpoints, and what is remembered of requests."""

    checkpoint_entries: int = number(
        20_000, 100, 10_000_000, "A checkpoint is begun after so many entries. Both units' must be equal."
    )
    checkpoint_bytes: int = number(
        64 * _MIB,
        65_536,
        4 * _GIB,
        "A checkpoint is begun after so many bytes of log. Both units' must be equal.",
    )
    overlay_max_bytes: int = number(
        512 * _MIB, _MIB, 64 * _GIB, "Writes held in memory since the checkpoint; above it commands wait."
    )
    map_max_bytes: int = number(
        64 * _GIB, 16 * _MIB, 64 * _TIB, "Largest state file (address space, not disk)."
    )
    request_keep_days: int = number(
        35,
        1,
        3650,
        "Outcomes are kept by request id for so many days of log time. Both units' must be equal.",
    )
    prune_per_entry: int = number(
        4, 1, 1000, "Outcomes older than that which one entry may remove. Both units' must be equal."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Scans:
    """Long reads of the back office: each in a helper process, on the last checkpoint."""

    at_once_max: int = number(1, 1, 8, "Scans running at once.")
    waiting_max: int = number(4, 0, 1000, "Scans waiting for their turn; further ones: RESOURCE_EXHAUSTED.")
    max_ms: int = number(
        300_000,
        100,
        3_600_000,
        "Longest time of one scan, its waiting left out. While it runs the state file cannot use again what "
        "commands free: it grows with the traffic.",
    )
    chunk_max_bytes: int = number(262_144, 4096, 67_108_864, "Largest message of a scan's stream.")
    memory_max_bytes: int = number(
        512 * _MIB, 64 * _MIB, 64 * _GIB, "Memory of one helper process, the state's own pages left out."
    )
    processor: Literal["idle", "nice"] = choice(
        "idle",
        ("idle", "nice"),
        "Helpers get the processor when nobody wants it, or a small part of it always: on a machine that "
        "is busy without an end the first never come to theirs.",
    )
    send_max_bytes_per_s: int = number(
        16 * _MIB, 65_536, 10 * _GIB, "A scan is sent no faster, so that tills do not notice it."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """How a backup is read: the state by a helper process on a checkpoint, the log beside it."""

    send_max_bytes_per_s: int = number(
        16 * _MIB, 65_536, 10 * _GIB, "A backup is sent no faster, so that tills do not notice it."
    )
    max_ms: int = number(
        21_600_000,
        1000,
        604_800_000,
        "Longest time of one backup's state, and of its log. While the state is read its file cannot use "
        "again what commands free: it grows with the traffic.",
    )
    stall_max_ms: int = number(
        30_000, 100, 3_600_000, "Whoever takes a backup and takes nothing for so long is let go."
    )
    processor: Literal["idle", "nice"] = choice(
        "idle",
        ("idle", "nice"),
        "The helper gets the processor when nobody wants it, or a small part of it always: on a machine that "
        "is busy without an end the first never comes to its.",
    )
    age_max_hours: int = number(
        26, 0, 8760, "Warn when the last backup is older, where one was ever taken. 0: never."
    )
    required: bool = switch(False, "Warn also where no backup was ever taken.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrub:
    """Reading again, in the background, what lies on the disk: rot is found before it is needed."""

    pass_hours: int = number(
        24,
        0,
        8760,
        "Log, state and archive are read once in so many hours, as far as limits allow. 0: never.",
    )
    max_bytes_per_s: int = number(
        8 * _MIB, 65_536, 10 * _GIB, "Never faster than this, so that tills do not notice it."
    )
    cpu_percent: int = number(10, 1, 100, "Of one processor, at most.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """How a returning or blank unit comes back."""

    learn_from: str = address(
        "",
        "The other unit's admin address: what this file leaves out of the pair's settings (the witness, "
        "deadlines, where to listen) is asked there, checked and kept.",
        optional=True,
    )
    lag_entries: int = number(
        512, 1, 10_000_000, "A duplexing unit no further behind is required, then taken into the set."
    )
    snapshot_max_bytes_per_s: int = number(
        64 * _MIB, 65_536, 10 * _GIB, "A snapshot is sent no faster, so that tills do not notice it."
    )
    snapshot_min_bytes_per_s: int = number(
        12 * _MIB, 65_536, 10 * _GIB, "It slows down to this while tills are held up, so that it ends."
    )
    snapshot_keep_ms: int = number(
        60_000,
        0,
        3_600_000,
        "A snapshot whose newcomer went away is held so long: it goes on where it was. Meanwhile the state "
        "file cannot use again what commands free.",
    )
    snapshot_max_ms: int = number(
        3_600_000, 1000, 86_400_000, "None is held longer than this: a newcomer that comes then begins anew."
    )
    log_max_bytes: int = number(
        16 * _GIB,
        _MIB,
        1024 * _TIB,
        "Log kept for a unit that duplexes. If it is so slow that more came meanwhile, it begins anew.",
    )
    deadline_ms: int = number(
        10_000, 100, 3_600_000, "A required newcomer that has not caught up in this time is dropped again."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarms:
    """Who is told what needs a person, and what is remembered of it."""

    webhook_urls: str = words(
        "",
        "Alarms are posted to these https:// addresses as JSON, with a comma between them. Empty: to nobody.",
    )
    webhook_ca_file: str = words("", "The authority of their certificates. Empty: those of the system.")
    webhook_token_file: str = words("", "The token in this file is sent along: Authorization: Bearer TOKEN.")
    webhook_secret_file: str = words(
        "", "Bodies are signed with the secret in this file (HMAC-SHA256, header Ftnode-Signature)."
    )
    webhook_plain: bool = switch(
        False, "Allow http:// to other machines than this one: everybody on the way can read along."
    )
    webhook_deadline_ms: int = number(5000, 100, 60_000, "Longest time for one post, its answer included.")
    webhook_retry_min_ms: int = number(1000, 10, 600_000, "First pause before a failed post is tried again.")
    webhook_retry_max_ms: int = number(
        60_000, 10, 3_600_000, "Longest pause before it is tried again; pauses double up to it."
    )
    queue_max_entries: int = number(
        1000, 10, 100_000, "Posts that wait for delivery, also over a restart; above it the oldest go."
    )
    delays_percent: int = number(
        100, 0, 1000, "Alarms are raised and cleared after so much of the time in the list of alarms."
    )
    history_max_bytes: int = number(
        16 * _MIB, 65_536, _GIB, "What happened is kept in DIR/history up to this; the oldest half goes."
    )
