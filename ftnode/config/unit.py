"""The settings of one unit: who it is, where it listens, whom it talks to.

`timing.py` has its deadlines, `limits.py` its limits.
"""

from dataclasses import dataclass
from typing import Literal

from ftnode.config.hardware import Hardware
from ftnode.config.limits import Alarms, Backup, Join, Limits, Log, Scans, Scrub, State
from ftnode.config.schema import REQUIRED, PerUnit, address, addresses, choice, number, port, switch, words
from ftnode.config.shared import Observe, Tls
from ftnode.config.timing import Timing
from ftnode.core.record import NAME_MAX_CHARS

_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """Which unit this is."""

    cabinet: str = words(
        REQUIRED,
        "The pair's name; units, witness and certificates of another are refused.",
        1,
        NAME_MAX_CHARS,
    )
    id: int = number(REQUIRED, 0, 1, "The unit's id in the cabinet.")
    dir: str = words(REQUIRED, "Data directory. Empty at first start; then this unit's alone.", 1)
    insecure_bind: bool = switch(
        False, "Listen on other addresses than loopback without TLS. Everybody on that network is trusted."
    )
    stop_grace_ms: int = number(
        3000, 0, 60_000, "Told to stop: longest time to hand over and answer what was taken before the end."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Till:
    """The port that tills and store concentrators call."""

    host: str = words(_LOOPBACK, "Address to listen on.", 1)
    port: int = port(PerUnit((7400, 7410)), "gRPC for tills.")
    message_max_bytes: int = number(
        1_048_576, 4096, 16_777_216, "Largest request or answer; larger ones are refused unread."
    )
    connections_max: int = number(
        10_000, 1, 1_000_000, "Open connections; further ones are closed at once. A till keeps one."
    )
    calls_max: int = number(
        20_000, 1, 1_000_000, "Calls open at once, waiting ones included; further ones: RESOURCE_EXHAUSTED."
    )
    ping_min_ms: int = number(
        250, 10, 60_000, "Pings of a client may come this often; the published options send one each 300 ms."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lockstep:
    """The channel between the units: frames over one TCP connection."""

    host: str = words(_LOOPBACK, "Address to listen on.", 1)
    port: int = port(PerUnit((7401, 7411)), "Lockstep channel.")
    peer_address: str = address(
        PerUnit(("127.0.0.1:7411", "127.0.0.1:7401")), "Where the other unit's lockstep channel listens."
    )
    peer_admin_address: str = address(
        PerUnit(("127.0.0.1:7413", "127.0.0.1:7403")),
        "Where the other unit's admin port listens: joining and snapshots go there.",
    )
    frame_max_bytes: int = number(
        8_388_608, 2_097_152, 67_108_864, "Largest frame; a larger length prefix closes the connection."
    )
    send_max_bytes: int = number(
        16_777_216,
        65_536,
        1_073_741_824,
        "Unsent bytes towards the peer: above half of it entries wait, above it the connection is closed.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Where the record is kept, and how patiently it is asked."""

    kind: Literal["daemon", "etcd"] = choice("daemon", ("daemon", "etcd"), "Our daemon, or an etcd of yours.")
    address: str = address("127.0.0.1:7420", "kind daemon: where it listens.")
    etcd_addresses: tuple[str, ...] = addresses((), "kind etcd: its members' client addresses, in order.")
    etcd_prefix: str = words("/ftnode/", "kind etcd: keys start with this and the cabinet's name.", 1, 200)
    etcd_ca_file: str = words("", "kind etcd: the authority of its certificates. Empty: plain text.")
    etcd_cert_file: str = words("", "kind etcd: our certificate there, where etcd asks for one.")
    etcd_key_file: str = words("", "kind etcd: the key of etcd_cert_file.")
    etcd_told_ms: int = number(
        60_000, 0, 3_600_000, "kind etcd: how far we compared is written this often; etcd keeps each write."
    )
    deadline_ms: int = number(
        1000, 50, 30_000, "Longest wait for an answer; after it a swap is unknown, never failed."
    )
    probe_ms: int = number(1000, 100, 60_000, "A simplex active reads the record this often; others too.")
    retry_min_ms: int = number(50, 10, 10_000, "First pause before asking again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Admin:
    """Back office and operator: gRPC with client certificates as soon as TLS is set up."""

    host: str = words(_LOOPBACK, "Address to listen on.", 1)
    port: int = port(PerUnit((7403, 7413)), "Back office and admin gRPC.")
    message_max_bytes: int = number(
        4_194_304, 65_536, 67_108_864, "Largest request or answer; a snapshot chunk must fit."
    )
    calls_max: int = number(200, 1, 100_000, "Calls open at once; further ones: RESOURCE_EXHAUSTED.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """Prometheus metrics over HTTP."""

    host: str = words(_LOOPBACK, "Address to listen on.", 1)
    port: int = port(PerUnit((7402, 7412)), "GET /metrics and /healthz.")
    connections_max: int = number(32, 1, 10_000, "Open connections; further ones are closed at once.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """The operator's page over HTTP."""

    host: str = words(_LOOPBACK, "Address to listen on.", 1)
    port: int = port(PerUnit((7404, 7414)), "Console.")
    connections_max: int = number(64, 1, 10_000, "Open connections; further ones are closed at once.")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitSettings:
    """Everything that `ftnode serve` is told."""

    unit: Unit
    till: Till
    lockstep: Lockstep
    witness: Witness
    admin: Admin
    metrics: Metrics
    console: Console
    timing: Timing
    limits: Limits
    log: Log
    state: State
    scans: Scans
    backup: Backup
    scrub: Scrub
    join: Join
    alarms: Alarms
    hardware: Hardware
    observe: Observe
    tls: Tls

    @property
    def archive_dir(self) -> str:
        """Where closed segments are copied to."""
        return self.log.archive_dir or f"{self.unit.dir}/archive"
