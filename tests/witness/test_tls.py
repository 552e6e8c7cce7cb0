"""Certificates: made, checked in words, and asked for by every port that wants them."""

import asyncio
import datetime as dt
import shutil
import ssl
import stat
from pathlib import Path

import pytest

from ftnode.certs import CERTIFICATE_DAYS, ROLES, make_certs
from ftnode.config import witness_from
from ftnode.config.shared import Tls
from ftnode.tls import (
    FILE_MAX_BYTES,
    TlsError,
    channel_credentials,
    client_context,
    expiry_warning,
    load,
    roles_of_peer,
    server_context,
)
from ftnode.witness.daemon import WitnessProcess
from ftnode.witness.daemon_client import DaemonClient
from ftnode.witness.port import Held, Unknown
from tests.witness.make import CABINET

NOW = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two cabinets' certificates, in `ours` and `theirs`."""
    base = tmp_path_factory.mktemp("certs")
    make_certs(base / "ours", CABINET, {"unit0": ["till.example", "10.0.0.1"]})
    make_certs(base / "theirs", "station")
    return base


def named(directory: Path, role: str, **changed: str) -> Tls:
    """Settings that name the files of a role."""
    files = {
        "ca_file": "ca.pem", "cert_file": f"{role}.pem", "key_file": f"{role}.key", **changed,
    }  # fmt: skip
    paths = {name: str(directory / file) for name, file in files.items()}
    return Tls(till="server", metrics="server", expiry_warning_days=30, **paths)


def test_what_is_made(made: Path) -> None:
    """An authority and four roles; keys are private; each certificate says its role and cabinet."""
    files = sorted(path.name for path in (made / "ours").iterdir())
    assert files == sorted(f"{role}.{kind}" for role in ("ca", *ROLES) for kind in ("pem", "key"))
    for path in (made / "ours").glob("*.key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for role in ROLES:
        identity = load(named(made / "ours", role))
        assert identity.subject == f"CN={role},O={CABINET}"
        assert identity.days_left() in (CERTIFICATE_DAYS - 1, CERTIFICATE_DAYS)


MISTAKES = [  # arguments, what the error says
    ({"cabinet": ""}, "cabinet '': wanted 1 to 64 characters"),
    ({"cabinet": "x", "hosts": {"unit2": ["a"]}}, "no such role: unit2; there are unit0, unit1, witness"),
    ({"cabinet": "x", "hosts": {"unit0": ["exämple"]}}, "'exämple' is neither an address nor a host name"),
    ({"cabinet": "x", "days": 0}, "0 days: wanted 1 to"),
]


@pytest.mark.parametrize(("arguments", "said"), MISTAKES)
def test_what_cannot_be_made(tmp_path: Path, arguments: dict[str, object], said: str) -> None:
    """Said before anything is written."""
    with pytest.raises(TlsError) as caught:
        make_certs(tmp_path, **arguments)  # type: ignore[arg-type]
    assert said in str(caught.value)


def test_nothing_is_overwritten(made: Path) -> None:
    """An authority that is lost takes the whole cabinet's certificates along."""
    before = (made / "ours" / "ca.key").read_bytes()
    with pytest.raises(TlsError, match=r"ca\.pem is there already and is not overwritten"):
        make_certs(made / "ours", CABINET)
    assert (made / "ours" / "ca.key").read_bytes() == before


LOADING = [  # settings' files changed, when, what the error says
    ({"cert_file": "none.pem"}, NOW, r"none.pem: No such file or directory; `ftctl make-certs`"),
    ({"cert_file": "unit0.key"}, NOW, r"unit0.key: not a PEM certificate"),
    ({"key_file": "unit0.pem"}, NOW, r"unit0.pem: not an unencrypted PEM private key"),
    ({"key_file": "unit1.key"}, NOW, r"unit1.key is not the key of .*unit0.pem"),
    ({"ca_file": "../theirs/ca.pem"}, NOW, r"unit0.pem .* is not signed by .*theirs/ca.pem .*O=station"),
    ({}, NOW + dt.timedelta(days=2000), r"unit0.pem ended on 20\d\d-\d\d-\d\d .* make a new one"),
    ({}, NOW - dt.timedelta(days=9000), r"is valid only from .* clock says 20.*; check the clock"),
]


@pytest.mark.parametrize(("changed", "at", "said"), LOADING)
def test_loading_says_what_is_wrong(made: Path, changed: dict[str, str], at: dt.datetime, said: str) -> None:
    """The file, what is wrong with it, and what would be right."""
    with pytest.raises(TlsError, match=said):
        load(named(made / "ours", "unit0", **changed), at)


@pytest.mark.parametrize(("days", "warned"), [(CERTIFICATE_DAYS - 31, False), (CERTIFICATE_DAYS - 29, True)])
def test_expiry_is_announced(made: Path, days: int, warned: bool) -> None:
    """A month before its end, with the day and what to do."""
    why = expiry_warning(named(made / "ours", "unit0"), NOW + dt.timedelta(days=days))
    assert (why is not None and "make new ones" in why) == warned


def test_a_chain_with_an_intermediate_is_followed(made: Path, tmp_path: Path) -> None:
    """A file with two certificates, of which the second does not sign the first, is refused."""
    shutil.copytree(made / "ours", tmp_path / "c")
    (tmp_path / "c" / "unit0.pem").write_bytes(
        (made / "ours" / "unit0.pem").read_bytes() + (made / "ours" / "unit1.pem").read_bytes()
    )
    with pytest.raises(TlsError, match=r"is not signed by"):
        load(named(tmp_path / "c", "unit0"), NOW + dt.timedelta(days=1))


async def handshake(server: ssl.SSLContext, client: ssl.SSLContext, role: str) -> tuple[str, ...]:
    """The DNS names that the server saw in the client's certificate."""
    seen: asyncio.Future[tuple[str, ...]] = asyncio.get_running_loop().create_future()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.set_result(roles_of_peer(writer.get_extra_info("peercert")))
        await reader.read()
        writer.transport.abort()

    listening = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=server)
    port = listening.sockets[0].getsockname()[1]
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client, server_hostname=role)
        names = await asyncio.wait_for(seen, 5)
        writer.transport.abort()
        await asyncio.sleep(0)
        return names
    finally:
        listening.close()


async def test_the_role_is_what_is_checked(made: Path) -> None:
    """A unit that reaches the wrong unit notices; so does one that reaches another cabinet."""
    server = server_context(named(made / "ours", "unit1"), "mutual")
    client = client_context(named(made / "ours", "unit0"))
    assert "unit0" in await handshake(server, client, "unit1")
    with pytest.raises(ssl.SSLCertVerificationError, match=r"unit0"):
        await handshake(server, client, "unit0")
    with pytest.raises(ssl.SSLCertVerificationError):
        await handshake(server, client_context(named(made / "theirs", "unit0")), "unit1")


CALLERS = [  # whose certificate calls the witness (None: plain text), what comes of it
    (("ours", "unit0"), Held),
    (("theirs", "unit0"), Unknown),
    (None, Unknown),
]


@pytest.mark.parametrize(("caller", "wanted"), CALLERS, ids=["ours", "theirs", "plain"])
async def test_the_witness_wants_certificates(
    made: Path, tmp_path: Path, caller: tuple[str, str] | None, wanted: type
) -> None:
    """With TLS set up, only the cabinet's own get an answer."""
    files = {
        "ca_file": str(made / "ours/ca.pem"),
        "cert_file": str(made / "ours/witness.pem"),
        "key_file": str(made / "ours/witness.key"),
    }
    own = {"cabinet": CABINET, "dir": str(tmp_path), "port": 0}
    process = WitnessProcess(witness_from({"witness": own, "metrics": {"port": 0}, "tls": files}))
    await process.start()
    credentials = channel_credentials(named(made / caller[0], caller[1])) if caller else None
    client = DaemonClient(f"127.0.0.1:{process.port}", CABINET, 0, 1000, credentials)
    answer = await client.read(0, 0)
    assert isinstance(answer, wanted), answer
    await client.close()
    await process.stop(0)


async def test_a_server_that_is_not_the_witness(made: Path, tmp_path: Path) -> None:
    """A unit's certificate on the witness's port is not believed."""
    files = {"ca_file": str(made / "ours/ca.pem"), "cert_file": str(made / "ours/unit1.pem")}
    files["key_file"] = str(made / "ours/unit1.key")
    own = {"cabinet": CABINET, "dir": str(tmp_path), "port": 0}
    process = WitnessProcess(witness_from({"witness": own, "metrics": {"port": 0}, "tls": files}))
    await process.start()
    credentials = channel_credentials(named(made / "ours", "unit0"))
    client = DaemonClient(f"127.0.0.1:{process.port}", CABINET, 0, 1000, credentials)
    assert isinstance(await client.read(0, 0), Unknown)
    await client.close()
    await process.stop(0)


def test_oversize_files(tmp_path: Path) -> None:
    """A certificate file of megabytes is a mistake, not a certificate."""
    (tmp_path / "ca.pem").write_bytes(b"x" * (FILE_MAX_BYTES + 1))
    with pytest.raises(TlsError, match=r"larger than"):
        load(named(tmp_path, "unit0"))
