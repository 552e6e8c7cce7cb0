"""Settings that are each in range may still not fit together: the relations between them."""

import ipaddress
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from ftnode.config.limits import Alarms
from ftnode.config.shared import Tls
from ftnode.config.unit import UnitSettings
from ftnode.config.witness import WitnessSettings

FRAME_OVERHEAD_BYTES: Final = 65_536  # room in a lockstep frame for headers beside a full batch


class Relation(NamedTuple):
    """`small` (times `factor`) must not exceed `large`; both are names as section.setting."""

    small: str
    large: str
    why: str
    factor: int = 1
    extra: int = 0  # added to `small` after multiplying


RELATIONS: Final = (
    Relation("timing.heartbeat_ms", "timing.silence_ms", "two lost heartbeats are no silence", factor=3),
    Relation("timing.heartbeat_ms", "timing.standby_extra_ms", "the active must win the race to the witness"),
    Relation("timing.heartbeat_ms", "timing.stall_ms", "a stall is longer than the beat", factor=2),
    Relation(
        "timing.stall_ms", "timing.silence_ms", "a pause of our own must not look like the peer's silence"
    ),
    Relation("timing.closed_wait_ms", "timing.silence_ms", "a closed connection only shortens the wait"),
    Relation("timing.probe_ms", "timing.disk_deadline_ms", "a probe ends before its disk is called sick"),
    Relation("timing.silence_ms", "timing.slow_standby_ms", "silent comes before slow"),
    Relation(
        "timing.disk_deadline_ms", "timing.slow_standby_ms", "our own disk is judged before the standby"
    ),
    Relation("timing.silence_ms", "timing.boot_wait_ms", "a peer that runs must be heard at boot", factor=2),
    Relation("timing.boot_wait_ms", "timing.torn_boot_wait_ms", "after a cut the wait is longer"),
    Relation("timing.reconnect_min_ms", "timing.reconnect_max_ms", "pauses grow"),
    Relation(
        "timing.reconnect_max_ms", "timing.boot_wait_ms", "a peer that runs must be met at boot", factor=2
    ),
    Relation("timing.silence_ms", "timing.takeover_wait_ms", "requests wait a takeover out", factor=2),
    Relation("timing.mark_ms", "timing.probe_ms", "an idle log is marked before it is probed again"),
    Relation("timing.clock_tolerance_ms", "timing.clock_alarm_ms", "what agrees is not reported as wrong"),
    Relation("timing.silence_ms", "timing.arbitration_ms", "who is silent is put out before who is late"),
    Relation("timing.clock_tolerance_ms", "timing.clock_ahead_ms", "what agrees is not refused"),
    Relation("timing.probe_ms", "timing.witness_lost_ms", "one lost answer is no lost witness", factor=2),
    Relation("witness.deadline_ms", "timing.witness_lost_ms", "an answer that may still come is waited for"),
    Relation("witness.deadline_ms", "timing.takeover_wait_ms", "requests outwait one lost answer", factor=2),
    Relation("limits.batch_max_entries", "limits.queue_max_entries", "a full batch must fit in the queue"),
    Relation("limits.batch_max_bytes", "limits.queue_max_bytes", "a full batch must fit in the queue"),
    Relation("limits.batch_max_bytes", "lockstep.send_max_bytes", "a full batch fits beside half", factor=2),
    Relation(
        "limits.batch_max_bytes",
        "lockstep.frame_max_bytes",
        "a batch is one frame",
        extra=FRAME_OVERHEAD_BYTES,
    ),
    Relation("limits.batch_max_bytes", "log.segment_bytes", "a segment holds some batches", factor=2),
    Relation(
        "limits.batch_max_entries", "join.lag_entries", "a newcomer may be behind by the batch under way"
    ),
    Relation(
        "limits.batch_call_max_entries", "limits.queue_max_entries", "a batch call must fit in the queue"
    ),
    Relation("till.message_max_bytes", "limits.batch_max_bytes", "the largest command must fit in a batch"),
    Relation("till.message_max_bytes", "limits.relay_max_bytes", "the largest command must be relayable"),
    Relation("scans.chunk_max_bytes", "admin.message_max_bytes", "a chunk of a scan is one message"),
    Relation("log.reserve_bytes", "log.free_min_bytes", "a unit gives up before it refuses commands"),
    Relation("log.segment_bytes", "log.local_window_bytes", "the window holds closed segments", factor=2),
    Relation(
        "state.checkpoint_bytes", "log.local_window_bytes", "a restart reads from the checkpoint", factor=2
    ),
    Relation(
        "state.checkpoint_entries", "log.local_window_entries", "a returning unit joins by the log", factor=2
    ),
    Relation("alarms.webhook_retry_min_ms", "alarms.webhook_retry_max_ms", "pauses grow"),
    Relation(
        "state.checkpoint_bytes", "state.overlay_max_bytes", "the overlay holds writes since a checkpoint"
    ),
)


def unit_problems(settings: UnitSettings) -> list[str]:
    """Every relation that a unit's settings break, as sentences."""
    listening = {
        name: (getattr(settings, name).host, getattr(settings, name).port)
        for name in ("till", "lockstep", "admin", "metrics", "console")
    }
    plain = _plain_ports(settings.tls, listening, ("lockstep", "admin"))
    return [
        *(problem for relation in RELATIONS if (problem := _broken(settings, relation))),
        *_same_ports(listening),
        *_open_to_all(listening, plain, settings.unit.insecure_bind, "unit"),
        *_tls_problems(settings.tls),
        *_peer_problems(settings),
        *_webhook_problems(settings.alarms),
    ]


def witness_problems(settings: WitnessSettings) -> list[str]:
    """Every relation that the witness's settings break, as sentences."""
    listening = {
        "witness": (settings.witness.host, settings.witness.port),
        "metrics": (settings.metrics.host, settings.metrics.port),
    }
    plain = _plain_ports(settings.tls, listening, ("witness",))
    return [
        *_same_ports(listening),
        *_open_to_all(listening, plain, settings.witness.insecure_bind, "witness"),
        *_tls_problems(settings.tls),
    ]


def _broken(settings: UnitSettings, relation: Relation) -> str | None:
    small, large = _value(settings, relation.small), _value(settings, relation.large)
    least = small * relation.factor + relation.extra
    if least <= large:
        return None
    times = f"{relation.factor} x " if relation.factor > 1 else ""
    plus = f" + {relation.extra}" if relation.extra else ""
    return (
        f"{relation.large} = {large} is below {times}{relation.small}{plus} = {least}: {relation.why}; "
        f"raise {relation.large} or lower {relation.small}"
    )


def _value(settings: UnitSettings, name: str) -> int:
    section, setting = name.split(".")
    return int(getattr(getattr(settings, section), setting))


def _same_ports(listening: dict[str, tuple[str, int]]) -> list[str]:
    owner: dict[int, str] = {}
    problems = []
    for name, (_, port) in listening.items():
        if port and port in owner:
            problems.append(
                f"{name}.port and {owner[port]}.port are both {port}; each port needs its own number"
            )
        owner[port] = name
    return problems


def _plain_ports(tls: Tls, listening: dict[str, tuple[str, int]], mutual: tuple[str, ...]) -> list[str]:
    """The ports that speak plain text under these settings; `mutual` ones never do once TLS is set up."""
    if not tls.on:
        return list(listening)
    modes = {"till": tls.till, "metrics": tls.metrics, "console": tls.metrics}
    return [name for name in listening if name not in mutual and modes[name] == "off"]


def _open_to_all(
    listening: dict[str, tuple[str, int]], plain: list[str], insecure_bind: bool, section: str
) -> list[str]:
    if insecure_bind:
        return []
    return [
        f"{name}.host = {listening[name][0]!r} is not loopback and the port has no TLS: set up [tls], "
        f"listen on 127.0.0.1, or say {section}.insecure_bind = true"
        for name in plain
        if not is_loopback(listening[name][0])
    ]


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _tls_problems(tls: Tls) -> list[str]:
    files = {"ca_file": tls.ca_file, "cert_file": tls.cert_file, "key_file": tls.key_file}
    missing = [name for name, value in files.items() if not value]
    if len(missing) in (0, len(files)):
        return []
    return [
        f"tls.{name} is empty while others of [tls] are set; TLS needs all three files" for name in missing
    ]


def _peer_problems(settings: UnitSettings) -> list[str]:
    problems = []
    for name in ("lockstep", "admin"):
        own = getattr(settings, name)
        key = "peer_address" if name == "lockstep" else "peer_admin_address"
        peer = getattr(settings.lockstep, key)
        if peer == f"{own.host}:{own.port}":
            problems.append(
                f"lockstep.{key} = {peer!r} is this unit's own {name} port; name the other unit's"
            )
    if settings.witness.kind == "etcd" and not settings.witness.etcd_addresses:
        problems.append("witness.etcd_addresses is empty while witness.kind = 'etcd'; list its members")
    if bool(settings.witness.etcd_cert_file) != bool(settings.witness.etcd_key_file):
        problems.append("witness.etcd_cert_file and etcd_key_file belong together; set both or none")
    return problems


def webhook_urls(alarms: Alarms) -> list[str]:
    """The addresses in the setting."""
    return [url.strip() for url in alarms.webhook_urls.split(",") if url.strip()]


def _webhook_problems(alarms: Alarms) -> list[str]:
    return [problem for url in webhook_urls(alarms) if (problem := _bad_url(url, alarms.webhook_plain))]


def _bad_url(url: str, plain: bool) -> str:
    said = f"alarms.webhook_urls has {url!r}"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as wrong:
        return f"{said}: {wrong}; want https://HOST[:PORT]/PATH"
    if (
        parts.scheme not in ("https", "http")
        or not host
        or not url.isascii()
        or not url.isprintable()
        or " " in url
    ):
        return f"{said}: want https://HOST[:PORT]/PATH"
    if parts.username is not None:
        return f"{said}: no names and passwords in it; put a token into alarms.webhook_token_file"
    if parts.scheme == "http" and not plain and not is_loopback(host):
        return f"{said}: http:// only to this machine; use https://, or say alarms.webhook_plain = true"
    return ""
