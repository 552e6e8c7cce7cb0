"""`ftctl make-certs`: a cabinet's own authority, and a certificate for each of its roles.

For those without an authority of their own. Whoever has one gives each certificate the role as a DNS
name, and the addresses that tills use.
"""

import datetime as dt
import ipaddress
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ftnode.core.record import NAME_MAX_CHARS
from ftnode.tls import TlsError

ROLES: Final = ("unit0", "unit1", "witness", "operator")
AUTHORITY_DAYS: Final = 3650
CERTIFICATE_DAYS: Final = 1825  # a box in a shop is replaced before
CLOCK_SLACK: Final = dt.timedelta(hours=1)  # the other machine's clock may be behind ours
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


class Signer(NamedTuple):
    """An authority's certificate and key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def make_certs(
    directory: str | Path,
    cabinet: str,
    hosts: Mapping[str, Sequence[str]] | None = None,
    days: int = CERTIFICATE_DAYS,
    now: dt.datetime | None = None,
) -> list[Path]:
    """Make `ca.pem`, `ca.key` and `ROLE.pem`, `ROLE.key` for each role; the files, in that order.

    Args:
        directory: made if it does not exist; nothing in it is overwritten.
        cabinet: the pair's name, for people who look at a certificate.
        hosts: role -> names and addresses under which tills and operators reach it; loopback is added.
        days: how long the roles' certificates hold.
        now: for tests.

    Raises:
        TlsError: a file is there already, a role does not exist, or the directory cannot be written.
    """
    into, at, names = Path(directory), now or dt.datetime.now(dt.UTC), dict(hosts or {})
    files = [into / f"{role}.{kind}" for role in ("ca", *ROLES) for kind in ("pem", "key")]
    _check(files, cabinet, names, days)
    authority = _authority(cabinet, at)
    try:
        into.mkdir(parents=True, exist_ok=True)
        _write(into, "ca", authority)
        for role in ROLES:
            _write(into, role, _issue(role, cabinet, names.get(role, ()), authority, at, days))
    except OSError as error:
        raise TlsError(f"{into}: {error.strerror}") from error
    return files


def _check(files: Sequence[Path], cabinet: str, hosts: Mapping[str, Sequence[str]], days: int) -> None:
    if not 0 < len(cabinet) <= NAME_MAX_CHARS:
        raise TlsError(f"cabinet {cabinet!r}: wanted 1 to {NAME_MAX_CHARS} characters")
    if unknown := sorted(set(hosts) - set(ROLES)):
        raise TlsError(f"no such role: {', '.join(unknown)}; there are {', '.join(ROLES)}")
    if not 0 < days <= AUTHORITY_DAYS:
        raise TlsError(f"{days} days: wanted 1 to {AUTHORITY_DAYS}, for so long the authority holds")
    if there := [str(file) for file in files if file.exists()]:
        raise TlsError(f"{there[0]} is there already and is not overwritten; name an empty directory")


def _authority(cabinet: str, at: dt.datetime) -> Signer:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(cabinet, "authority")
    usage = x509.KeyUsage(
        digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False,
        decipher_only=False,
    )  # fmt: skip
    certificate = (
        _builder(name, name, key, at, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Signer(certificate, key)


def _issue(
    role: str, cabinet: str, hosts: Sequence[str], authority: Signer, at: dt.datetime, days: int
) -> Signer:
    key = ec.generate_private_key(ec.SECP256R1())
    names = [_general_name(text) for text in dict.fromkeys((role, *_LOOPBACK, *hosts))]
    both = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    authority_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    certificate = (
        _builder(_name(cabinet, role), authority.certificate.subject, key, at, days)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(both, critical=False)
        .add_extension(authority_id, critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    return Signer(certificate, key)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, at: dt.datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - CLOCK_SLACK)
        .not_valid_after(at + dt.timedelta(days=days))
    )


def _name(cabinet: str, role: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, cabinet),
            x509.NameAttribute(NameOID.COMMON_NAME, role),
        ]
    )


def _general_name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        pass
    try:
        return x509.DNSName(text)
    except ValueError as error:
        raise TlsError(f"{text!r} is neither an address nor a host name ({error})") from error


def _write(into: Path, role: str, made: Signer) -> None:
    key = made.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for name, data, mode in ((f"{role}.key", key, 0o600), (f"{role}.pem", _pem(made), 0o644)):
        fd = os.open(into / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(fd, "wb") as file:
            file.write(data)


def _pem(made: Signer) -> bytes:
    return made.certificate.public_bytes(Encoding.PEM)
