"""Certificates: load and check what the settings name, and turn it into what gRPC and asyncio take.

Within a cabinet the certificate says who one is: it carries the role (`unit0`, `unit1`, `witness`,
`operator`) as a DNS name, and that is what the other side checks, whatever the address was. Tills
check the address, as any client does.
"""

import datetime as dt
import ssl
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

import grpc
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from ftnode.config.shared import Tls

FILE_MAX_BYTES: Final = 1_048_576
Mode = Literal["server", "mutual"]


class TlsError(Exception):
    """The certificates cannot be used; the text names the file and what would be right."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Checked PEM bytes, and until when they hold."""

    ca_pem: bytes
    cert_pem: bytes
    key_pem: bytes
    subject: str
    ends_at: dt.datetime

    def days_left(self, now: dt.datetime | None = None) -> int:
        """Whole days until the certificate ends."""
        return (self.ends_at - (now or dt.datetime.now(dt.UTC))).days


def load(tls: Tls, now: dt.datetime | None = None) -> Identity:
    """Read and check the three files.

    Args:
        tls: settings with all three files named.
        now: for tests; the machine's clock otherwise.

    Raises:
        TlsError: a file is missing or no PEM, the certificate is not valid now, not signed by the
            authority, or not the key's.
    """
    at = now or dt.datetime.now(dt.UTC)
    ca_pem, cert_pem, key_pem = (_read(name) for name in (tls.ca_file, tls.cert_file, tls.key_file))
    authorities, chain = _certificates(tls.ca_file, ca_pem), _certificates(tls.cert_file, cert_pem)
    for path, certificate in ((tls.ca_file, authorities[0]), (tls.cert_file, chain[0])):
        _check_time(path, certificate, at)
    if not _signed(chain, authorities):
        raise TlsError(
            f"{tls.cert_file} ({_name(chain[0])}) is not signed by {tls.ca_file} ({_name(authorities[0])}); "
            "both must come from the same `ftctl make-certs`"
        )
    if _public_bytes(chain[0].public_key()) != _public_bytes(_key(tls.key_file, key_pem)):
        raise TlsError(f"{tls.key_file} is not the key of {tls.cert_file}; name the one made with it")
    return Identity(ca_pem, cert_pem, key_pem, _name(chain[0]), chain[0].not_valid_after_utc)


def expiry_warning(tls: Tls, now: dt.datetime | None = None) -> str | None:
    """A sentence for the log when the certificate ends within `expiry_warning_days`, else None."""
    own = load(tls, now)
    days = own.days_left(now)
    if days >= tls.expiry_warning_days:
        return None
    return f"{tls.cert_file} ends on {own.ends_at:%Y-%m-%d}, in {days} days; make new ones in time"


def server_credentials(tls: Tls, mode: Mode) -> grpc.ServerCredentials:
    """For a gRPC port; `mutual` demands a certificate of the cabinet from whoever calls."""
    own = load(tls)
    return grpc.ssl_server_credentials(
        [(own.key_pem, own.cert_pem)],
        root_certificates=own.ca_pem if mode == "mutual" else None,
        require_client_auth=mode == "mutual",
    )


def channel_credentials(tls: Tls) -> grpc.ChannelCredentials:
    """For a gRPC channel within the cabinet; add `role_options` so that the role is what is checked."""
    own = load(tls)
    return grpc.ssl_channel_credentials(own.ca_pem, own.key_pem, own.cert_pem)


def outside_credentials(ca_file: str, cert_file: str, key_file: str) -> grpc.ChannelCredentials | None:
    """For a service that is not of the cabinet (etcd), with files of its own; None without `ca_file`.

    Raises:
        TlsError: a file is missing or no PEM.
    """
    if not ca_file:
        return None
    ca_pem = _read(ca_file)
    _certificates(ca_file, ca_pem)
    if not cert_file:
        return grpc.ssl_channel_credentials(ca_pem)
    cert_pem, key_pem = _read(cert_file), _read(key_file)
    _certificates(cert_file, cert_pem)
    _key(key_file, key_pem)
    return grpc.ssl_channel_credentials(ca_pem, key_pem, cert_pem)


def role_options(role: str) -> tuple[tuple[str, str], ...]:
    """gRPC channel options that make the other side prove to be `role` instead of an address."""
    return (("grpc.ssl_target_name_override", role),)


def server_context(tls: Tls, mode: Mode) -> ssl.SSLContext:
    """For a plain TCP port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _fill(context, tls)
    context.verify_mode = ssl.CERT_REQUIRED if mode == "mutual" else ssl.CERT_NONE
    return context


def client_context(tls: Tls) -> ssl.SSLContext:
    """For a plain TCP connection within the cabinet: connect with `server_hostname=ROLE`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _fill(context, tls)
    return context


def roles_of_peer(peer_certificate: dict[str, object] | None) -> tuple[str, ...]:
    """The DNS names in what `SSLObject.getpeercert()` gives; the role is among them."""
    names = (peer_certificate or {}).get("subjectAltName", ())
    return tuple(value for kind, value in names if kind == "DNS")  # type: ignore[attr-defined, unused-ignore]


def _fill(context: ssl.SSLContext, tls: Tls) -> None:
    own = load(tls)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(tls.cert_file, tls.key_file)
    context.load_verify_locations(cadata=own.ca_pem.decode())


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            data = file.read(FILE_MAX_BYTES + 1)
    except OSError as error:
        raise TlsError(
            f"{path}: {error.strerror}; `ftctl make-certs` makes a cabinet's certificates"
        ) from error
    if len(data) > FILE_MAX_BYTES:
        raise TlsError(f"{path}: larger than {FILE_MAX_BYTES} bytes, which is no certificate of ours")
    return data


def _certificates(path: str, data: bytes) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(data)
    except ValueError as error:
        raise TlsError(f"{path}: not a PEM certificate ({error})") from error


def _key(path: str, data: bytes) -> PublicKeyTypes:
    try:
        return load_pem_private_key(data, password=None).public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise TlsError(f"{path}: not an unencrypted PEM private key ({error})") from error


def _check_time(path: str, certificate: x509.Certificate, at: dt.datetime) -> None:
    if at < certificate.not_valid_before_utc:
        raise TlsError(
            f"{path} is valid only from {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC, "
            f"and this machine's clock says {at:%Y-%m-%d %H:%M}; check the clock"
        )
    if at > certificate.not_valid_after_utc:
        raise TlsError(
            f"{path} ended on {certificate.not_valid_after_utc:%Y-%m-%d %H:%M} UTC; make a new one with "
            "`ftctl make-certs`"
        )


def _signed(chain: list[x509.Certificate], authorities: list[x509.Certificate]) -> bool:
    """Whether each certificate of the chain is signed by the next, and the last by an authority."""
    return all(_issued(one, by) for one, by in pairwise(chain)) and any(
        _issued(chain[-1], by) for by in authorities
    )


def _issued(certificate: x509.Certificate, by: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(by)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _public_bytes(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _name(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string()
