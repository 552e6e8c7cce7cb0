"""The settings of the witness daemon."""

from dataclasses import dataclass

from ftnode.config.schema import REQUIRED, number, port, switch, words
from ftnode.config.shared import Observe, Tls
from ftnode.core.record import NAME_MAX_CHARS

_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessDaemon:
    """One record, on disk before it is answered."""

    cabinet: str = words(REQUIRED, "The pair's name; requests of another are refused.", 1, NAME_MAX_CHARS)
    dir: str = words(REQUIRED, "Data directory. Never restored from a backup: an empty one is safe.", 1)
    host: str = words(_LOOPBACK, "Address to listen on.", 1)
    port: int = port(7420, "gRPC for the units.")
    insecure_bind: bool = switch(
        False, "Listen on other addresses than loopback without TLS. Everybody on that network is trusted."
    )
    message_max_bytes: int = number(65_536, 4096, 1_048_576, "Largest request; a record needs under 1 KiB.")
    calls_max: int = number(64, 2, 10_000, "Calls open at once; further ones: RESOURCE_EXHAUSTED.")
    connections_max: int = number(
        256, 4, 10_000, "Open connections; further ones are closed at once. Each unit keeps one."
    )
    compared_sync_ms: int = number(
        1000, 0, 60_000, "A compared_seq told with a read is on disk within this time. 0: before the answer."
    )
    stop_grace_ms: int = number(1000, 0, 60_000, "Told to stop: longest time for calls in flight to end.")


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessMetrics:
    """Prometheus metrics over HTTP."""

    host: str = words(_LOOPBACK, "Address to listen on.", 1)
    port: int = port(7422, "GET /metrics and /healthz.")
    connections_max: int = number(32, 1, 10_000, "Open connections; further ones are closed at once.")


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessSettings:
    """Everything that `ftnode witness` is told."""

    witness: WitnessDaemon
    metrics: WitnessMetrics
    observe: Observe
    tls: Tls
