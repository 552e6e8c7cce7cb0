"""TLS for clients, from files as `ftctl make-certs` makes them."""

from pathlib import Path

import grpc


def credentials(ca: str = "", certificate: str = "", key: str = "") -> grpc.ChannelCredentials | None:
    """Channel credentials, or None when no authority is given: plain text.

    Args:
        ca: PEM file of the cabinet's authority.
        certificate: our own PEM certificate, and `key` its key; both or neither.

    Raises:
        ValueError: one of a pair is missing.
        OSError: a file cannot be read.
    """
    if bool(certificate) != bool(key):
        raise ValueError("a certificate needs its key and a key its certificate: give both or neither")
    if not ca:
        if certificate:
            raise ValueError("a certificate without the authority (ca) that the units are known by")
        return None
    return grpc.ssl_channel_credentials(
        Path(ca).read_bytes(),
        Path(key).read_bytes() if key else None,
        Path(certificate).read_bytes() if certificate else None,
    )
