"""gRPC servers as a unit runs them: options, limits, health, reflection, TLS."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_health.v1._async import HealthServicer
from grpc_reflection.v1alpha import reflection

PENDING_MAX: Final = 1_000_000  # calls that have come and were not yet looked at
STREAMS_MAX: Final = 4096  # calls of one connection at once; a store concentrator keeps hundreds


@dataclass(frozen=True, slots=True, kw_only=True)
class PortSettings:
    """Of one gRPC port."""

    host: str
    port: int  # 0: any free one
    setting: str = ""  # where an operator changes it: "till.port"
    message_max_bytes: int
    ping_min_ms: int
    connections_max: int = 0  # 0: no limit of its own
    credentials: grpc.ServerCredentials | None = None


class PortTakenError(OSError):
    """The port cannot be listened on."""


def options(settings: PortSettings) -> list[tuple[str, int]]:
    """Channel arguments of C-core for a port.

    Pings of clients are welcome, with and without calls, as often as the published client options send
    them; idle connections are kept: they cost nothing but memory.
    """
    chosen = [
        ("grpc.so_reuseport", 0),  # a second process on this port is an error, not a partner
        ("grpc.max_receive_message_length", settings.message_max_bytes),
        ("grpc.max_send_message_length", settings.message_max_bytes),
        ("grpc.max_concurrent_streams", STREAMS_MAX),
        # C-core would turn calls beyond 1,000 away by CANCELLED: we say no ourselves, and why.
        ("grpc.server.max_pending_requests", PENDING_MAX),
        ("grpc.server.max_pending_requests_hard_limit", PENDING_MAX),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_ping_interval_without_data_ms", settings.ping_min_ms),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", settings.ping_min_ms),
        ("grpc.http2.max_ping_strikes", 0),
    ]
    if settings.connections_max:
        chosen.append(("grpc.max_allowed_incoming_connections", settings.connections_max))
    return chosen


def bind(server: grpc.aio.Server, settings: PortSettings) -> int:
    """Take the port of a server made with `options`; returns it.

    Raises:
        PortTakenError: in use, not permitted, or no address of this machine; says which.
    """
    address = f"{settings.host}:{settings.port}"
    try:
        if settings.credentials is None:
            port = server.add_insecure_port(address)
        else:
            port = server.add_secure_port(address, settings.credentials)
    except RuntimeError as error:
        why = "in use, or not an address of this machine"
        raise PortTakenError(cannot_listen(address, settings.setting, why)) from error
    if not port:
        raise PortTakenError(cannot_listen(address, settings.setting, "in use"))
    return port


def cannot_listen(address: str, setting: str, why: str) -> str:
    """What is wrong, where, and what would be right, in a line."""
    return f"cannot listen on {address}: {why}; stop who listens there, or change {setting}"


class Health:
    """grpc.health.v1: SERVING while a call that comes now will be answered, here or by the other unit."""

    def __init__(self, server: grpc.aio.Server, services: Sequence[str]) -> None:
        """`services` beside the empty name, which stands for the whole server."""
        self._servicer = HealthServicer()
        self._names = ("", *services)
        self._said: bool | None = None
        health_pb2_grpc.add_HealthServicer_to_server(self._servicer, server)

    async def say(self, serving: bool) -> None:
        """Tell all that watch; nothing happens if nothing changed."""
        if serving is self._said:
            return
        self._said = serving
        states = health_pb2.HealthCheckResponse
        state = states.SERVING if serving else states.NOT_SERVING
        for name in self._names:
            await self._servicer.set(name, state)


def reflect(server: grpc.aio.Server, services: Sequence[str]) -> None:
    """Let grpcurl and the like see the protos of `services`."""
    names = (*services, health.SERVICE_NAME, reflection.SERVICE_NAME)
    reflection.enable_server_reflection(names, server)
