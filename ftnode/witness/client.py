"""Which witness a unit talks to: what its settings name."""

import grpc

from ftnode.config.unit import Witness
from ftnode.tls import outside_credentials
from ftnode.witness.daemon_client import DaemonClient
from ftnode.witness.etcd import EtcdClient
from ftnode.witness.port import WitnessClient


def connect(
    settings: Witness, cabinet: str, unit: int, credentials: grpc.ChannelCredentials | None = None
) -> WitnessClient:
    """The witness that the settings of a unit name.

    Args:
        settings: the unit's [witness] section.
        cabinet: whose record.
        unit: who asks: 0 or 1.
        credentials: the unit's own (`ftnode.tls.channel_credentials`); etcd has its own files.

    Raises:
        TlsError: etcd's certificate files cannot be used.
    """
    if settings.kind == "daemon":
        return DaemonClient(settings.address, cabinet, unit, settings.deadline_ms, credentials)
    return EtcdClient(
        settings.etcd_addresses,
        settings.etcd_prefix,
        cabinet,
        unit,
        settings.deadline_ms,
        settings.etcd_told_ms,
        outside_credentials(settings.etcd_ca_file, settings.etcd_cert_file, settings.etcd_key_file),
    )
