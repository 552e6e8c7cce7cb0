"""What a unit's ports and connections need of TLS, made once from the settings."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import grpc

from ftnode import tls
from ftnode.config import UnitSettings
from ftnode.wire.handshake import Handshake

Identify = Callable[[ssl.SSLObject | None, Handshake], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Secure:
    """None everywhere: no TLS, loopback only."""

    till: grpc.ServerCredentials | None = None
    admin: grpc.ServerCredentials | None = None
    channel: grpc.ChannelCredentials | None = None  # towards partner and witness
    server_context: ssl.SSLContext | None = None  # lockstep, listening
    client_context: ssl.SSLContext | None = None  # lockstep, dialling
    metrics_context: ssl.SSLContext | None = None
    peer_role: str = ""  # that the partner's certificate must carry; empty without TLS
    certificate_ends_ms: int | None = None

    def options(self, role: str) -> tuple[tuple[str, str], ...]:
        """gRPC channel options that make the other side prove its role."""
        return tls.role_options(role) if self.channel is not None else ()

    def identity_problem(self, certificate: ssl.SSLObject | None, theirs: Handshake) -> str | None:
        """Why who speaks is not whom his certificate names, or None."""
        if not self.peer_role:
            return None
        if certificate is None:
            return "the channel has no TLS"
        named: Any = certificate.getpeercert()
        roles = tls.roles_of_peer(named)
        if f"unit{theirs.unit}" not in roles:
            return f"the caller says that it is unit {theirs.unit}, its certificate is for {', '.join(roles)}"
        return None


def of(settings: UnitSettings) -> Secure:
    """As the settings say.

    Raises:
        TlsError: a file cannot be used; names it.
    """
    at = settings.tls
    if not at.on:
        return Secure()
    identity = tls.load(at)
    return Secure(
        till=tls.server_credentials(at, at.till) if at.till != "off" else None,
        admin=tls.server_credentials(at, "mutual"),
        channel=tls.channel_credentials(at),
        server_context=tls.server_context(at, "mutual"),
        client_context=tls.client_context(at),
        metrics_context=tls.server_context(at, at.metrics) if at.metrics != "off" else None,
        peer_role=f"unit{1 - settings.unit.id}",
        certificate_ends_ms=int(identity.ends_at.timestamp() * 1000),
    )
