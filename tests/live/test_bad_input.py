"""Nonsense from outside, thrown at a real pair: said what it is, and the pair answers afterwards.

Codecs, settings and single ports have their own tests; here whole processes meet it: every port, strangers
with the wrong name, settings and directories that cannot be. Nobody may end, and nobody may take long.
"""

import asyncio
import json
import os
import random
import shutil
import socket
import struct
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from chaos.live.durability_cabinet import Cabinet
from chaos.live.durability_disk import missing_for_power_cuts
from ftnode.pair import files, ports
from ftnode.pair.layout import NAMES
from ftnode.wire.handshake import Handshake, encode
from loyalty.client.answers import Done, Rejected
from loyalty.client.client import TillClient
from loyalty.client.units import Units
from loyalty.v1 import till_pb2 as till

pytestmark = [pytest.mark.live, pytest.mark.timeout(240)]

PATIENCE_S = 40.0
ROOT_ONLY = pytest.mark.skipif(bool(missing_for_power_cuts()), reason=missing_for_power_cuts() or "-")
TILL = "/loyalty.v1.TillService/Confirm"
BACK_OFFICE = "/loyalty.v1.BackOfficeService/DefineStore"
ADMIN = "/ftnode.v1.AdminService/BringDown"
WITNESS = "/ftnode.v1.WitnessService/Swap"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cabinet]:
    """One pair for all tests."""
    with Cabinet(tmp_path_factory.mktemp("bad") / "D") as cabinet:
        asyncio.run(cabinet.form())
        yield cabinet


@pytest.fixture
async def cabinet(running: Cabinet) -> AsyncIterator[Cabinet]:
    """After each test nobody has ended, both units are there, and a till is answered."""
    before = {name: daemon.pid for name, daemon in running.running.items()}
    yield running
    await running.until_answering()
    await running.until_duplex()
    assert (running.ended, running.bugs) == ([], [])
    assert {name: daemon.pid for name, daemon in running.running.items()} == before


def port_of(cabinet: Cabinet, name: str) -> int:
    """`unit0.till` and so on."""
    who, section = name.split(".")
    return next(port for key, _, port in files.ports_of(cabinet.settings, who) if key == f"{section}.port")


# ------------------------------------------------------------------ garbage on every port

CHANCE = random.Random(7)
SHOTS = {
    "nothing": b"",
    "zeros": bytes(64),
    "ones": b"\xff" * 5000,
    "chance": CHANCE.randbytes(100_000),
    "http": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "a line without an end": b"GET /" + b"x" * 200_000,
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + CHANCE.randbytes(500),
    "http2, then chance": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + CHANCE.randbytes(5000),
    "an http2 frame of 16 MB": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff\xff\xff\x00\x00\x00\x00\x00\x01",
    "a lockstep frame of 4 GB": struct.pack("!IIBBH", 2**32 - 1, 16, 1, 1, 0) + bytes(16),
    "a lockstep frame of kind 99": struct.pack("!IIBBH", 12, 4, 99, 1, 0) + bytes(4),
}
PORTS = [
    *(f"unit{unit}.{section}" for unit in (0, 1) for section in ("till", "admin", "metrics", "lockstep")),
    "witness.witness",
    "witness.metrics",
]


@pytest.mark.parametrize("name", PORTS)
async def test_garbage_on_every_port(cabinet: Cabinet, name: str) -> None:
    """Whatever it is: the connection ends, or says nothing, and nothing else happens."""
    port = port_of(cabinet, name)
    if name == "unit1.lockstep":  # unit 1 dials, so nobody may get in there at all
        assert not ports.answers(port)
        return
    await asyncio.gather(*(asyncio.to_thread(shoot, port, shot) for shot in SHOTS.values()))
    if name == "unit0.lockstep":
        assert any(line.get("why", "").startswith("garbage: ") for line in said(cabinet, "unit0"))


def test_no_port_is_forgotten(running: Cabinet) -> None:
    """The list above is what the three processes listen on; the console is not served yet."""
    there = {f"{name}.{key[:-5]}" for name in NAMES for key, _, _ in files.ports_of(running.settings, name)}
    assert there - {"unit0.console", "unit1.console"} == set(PORTS)
    assert not ports.answers(port_of(running, "unit0.console"))


def shoot(port: int, data: bytes) -> None:
    """Send it, listen for a moment, hang up."""
    with socket.create_connection((ports.LOOPBACK, port), timeout=5) as there:
        there.settimeout(0.1)
        try:
            there.sendall(data)
            while there.recv(65_536):
                pass
        except OSError:
            pass  # a reset, or no answer: both are right


# ------------------------------------------------------------------ calls that are too large, or no calls

TOO_LARGE = [  # method, port, the most that its settings let in
    (TILL, "unit0.till", 1_048_576),
    (TILL, "unit1.till", 1_048_576),
    (BACK_OFFICE, "unit0.admin", 4_194_304),
    (WITNESS, "witness.witness", 65_536),
]


@pytest.mark.parametrize(("method", "name", "most_bytes"), TOO_LARGE)
async def test_an_oversize_call(cabinet: Cabinet, method: str, name: str, most_bytes: int) -> None:
    """Refused unread, and told how large it may be."""
    code, words = await call(cabinet, method, name, bytes(20_000_000))
    assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "larger than max" in words
    assert str(most_bytes) in words


NO_CALLS = [  # what grpc itself parses ends as UNKNOWN, with the parser's words
    (TILL, "unit0.till", grpc.StatusCode.INVALID_ARGUMENT),
    (TILL, "unit1.till", grpc.StatusCode.INVALID_ARGUMENT),
    (BACK_OFFICE, "unit0.admin", grpc.StatusCode.INVALID_ARGUMENT),
    (ADMIN, "unit0.admin", grpc.StatusCode.UNKNOWN),
    (WITNESS, "witness.witness", grpc.StatusCode.UNKNOWN),
]


@pytest.mark.parametrize(("method", "name", "wanted"), NO_CALLS)
async def test_a_call_that_does_not_parse(
    cabinet: Cabinet, method: str, name: str, wanted: grpc.StatusCode
) -> None:
    """An error that says so; nothing was done."""
    code, words = await call(cabinet, method, name, b"\xff" * 50)
    assert code is wanted, words
    assert "pars" in words


async def call(cabinet: Cabinet, method: str, name: str, body: bytes) -> tuple[grpc.StatusCode, str]:
    address = f"{ports.LOOPBACK}:{port_of(cabinet, name)}"
    async with grpc.aio.insecure_channel(address, [("grpc.max_send_message_length", -1)]) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await channel.unary_unary(method, _as_it_is, _as_it_is)(body, timeout=10)
    return caught.value.code(), caught.value.details() or ""


def _as_it_is(message: bytes) -> bytes:
    return message


async def test_a_request_id_used_for_another_body(cabinet: Cabinet) -> None:
    """The first one counts and is answered again when asked again; another under its id is rejected."""
    ours = os.urandom(16)
    first = till.EnrolRequest(request_id=ours, programme=1, phone="+886911000001", store=1, client_ms=1)
    other = till.EnrolRequest(request_id=ours, programme=1, phone="+886911000002", store=1, client_ms=1)
    async with Units(cabinet.targets) as units:
        client = TillClient(units)
        done = await client.enrol(first, until_definite=True)
        assert isinstance(done, Done)
        for prefer in (0, 1):  # of either unit
            rejected = await TillClient(units, prefer).enrol(other, until_definite=True)
            assert isinstance(rejected, Rejected)
            assert (rejected.reason, rejected.field) == ("REQUEST_ID_REUSED", "request_id")
            assert rejected.acceptable == "an id never used for another command"
        again = await client.enrol(first, until_definite=True)
        assert isinstance(again, Done)
        assert again.outcome.member_id == done.outcome.member_id
        unknown = await client.find_member(find("+886911000002"))
        assert isinstance(unknown, Rejected), "the second was not executed"


def find(phone: str) -> till.FindMemberRequest:
    request = till.FindMemberRequest(programme=1)
    request.member.phone = phone
    return request


async def test_a_bad_field_is_named(cabinet: Cabinet) -> None:
    """Which field, what is wrong with it, and what would be right."""
    async with Units(cabinet.targets) as units:
        answer = await TillClient(units).enrol(till.EnrolRequest(programme=1, phone="call me", store=1))
    assert isinstance(answer, Rejected)
    assert (answer.reason, answer.field) == ("PHONE_MALFORMED", "phone")
    assert answer.acceptable == "E.164, as +886912345678"


# ------------------------------------------------------------------ strangers on the lockstep channel

STRANGERS = [  # who calls, what the unit says of him
    (Handshake(cabinet="other", unit=1, life=1), "the caller is of cabinet 'other', this is 'durability'"),
    (Handshake(cabinet="durability", unit=0, life=1), "the caller says that it is unit 0, and so are we"),
    (Handshake(cabinet="durability", unit=1, life=1, wire_version=9), "speaks version 9 of the channel"),
    (Handshake(cabinet="durability", unit=1, life=1, magic=b"postgres"), "has not our magic"),
    (Handshake(cabinet="durability", unit=7, life=1), "names unit 7, which no cabinet has"),
    (Handshake(cabinet="x" * 3000, unit=1, life=1), "garbage: "),
    (Handshake(cabinet="x" * 100_000, unit=1, life=1), "garbage: "),
]  # fmt: skip


@pytest.mark.parametrize(("caller", "words"), STRANGERS, ids=range(len(STRANGERS)))
async def test_a_stranger_calls(cabinet: Cabinet, caller: Handshake, words: str) -> None:
    """Refused with the reason, while the partner stays connected."""
    before = len(said(cabinet, "unit0"))
    await asyncio.to_thread(shoot, port_of(cabinet, "unit0.lockstep"), encode(caller))
    await until(lambda: any(words in line.get("why", "") for line in said(cabinet, "unit0")[before:]))
    assert not any("lockstep connected" in line["event"] for line in said(cabinet, "unit0")[before:])


async def test_a_unit_of_another_cabinet(cabinet: Cabinet, tmp_path: Path) -> None:
    """Its settings name our addresses by mistake: told by both sides and by the witness, never let in."""
    before = len(said(cabinet, "unit0"))
    environ = stranger(tmp_path, FTNODE_UNIT_ID="1", FTNODE_UNIT_CABINET="elsewhere")
    started = start(cabinet, "unit1", environ, tmp_path / "log")
    try:
        mine = "the caller is of cabinet 'elsewhere', this is 'durability'"
        await until(lambda: any(mine in line.get("why", "") for line in said(cabinet, "unit0")[before:]))
        text = tmp_path / "log"
        await until(lambda: "this witness keeps cabinet 'durability', not 'elsewhere'" in text.read_text())
    finally:
        started.kill()
        started.wait()
    assert "Traceback" not in (tmp_path / "log").read_text()


# ------------------------------------------------------------------ what cannot be started


def stranger(directory: Path, **more: str) -> dict[str, str]:
    """A unit beside the pair: a directory and ports of its own, and what is wrong with it."""
    sections = ("TILL", "LOCKSTEP", "METRICS", "ADMIN", "CONSOLE")
    free = ports.free(len(sections))
    own = {f"FTNODE_{name}_PORT": str(port) for name, port in zip(sections, free, strict=True)}
    return {"FTNODE_UNIT_DIR": str(directory / "data"), **own, **more}


def serve(cabinet: Cabinet, name: str) -> list[str]:
    command = "witness" if name == "witness" else "serve"
    return [sys.executable, "-m", "ftnode.app", command, "--config", str(cabinet.pair.config(name))]


def start(cabinet: Cabinet, name: str, environ: dict[str, str], log: Path) -> "subprocess.Popen[bytes]":
    with log.open("wb") as output:
        return subprocess.Popen(
            serve(cabinet, name), env={**os.environ, **environ}, stdout=output, stderr=output
        )


def taken(section: str) -> Callable[[Cabinet, Path], dict[str, str]]:
    """A port that the running unit has."""

    def environ(cabinet: Cabinet, directory: Path) -> dict[str, str]:
        port = port_of(cabinet, f"unit0.{section}")
        return stranger(directory, **{f"FTNODE_{section.upper()}_PORT": str(port)})

    return environ


def copied(name: str, **more: str) -> Callable[[Cabinet, Path], dict[str, str]]:
    """The disk of `name`, in a box whose settings say something else."""

    def environ(cabinet: Cabinet, directory: Path) -> dict[str, str]:
        (directory / "data").mkdir()
        shutil.copy(cabinet.pair.data(name) / "promise", directory / "data" / "promise")
        return stranger(directory, **more)

    return environ


def its_own(cabinet: Cabinet, directory: Path) -> dict[str, str]:
    """The directory of the running unit."""
    return stranger(directory, FTNODE_UNIT_DIR=str(cabinet.pair.data("unit0")))


def a_file(cabinet: Cabinet, directory: Path) -> dict[str, str]:
    (directory / "data").write_text("")
    return stranger(directory)


CANNOT_START: list[tuple[Callable[[Cabinet, Path], dict[str, str]], list[str]]] = [
    (taken("till"), ["cannot listen on 127.0.0.1:", "in use", "or change till.port"]),
    (taken("admin"), ["cannot listen on 127.0.0.1:", "in use", "or change admin.port"]),
    (taken("metrics"), ["cannot listen on 127.0.0.1:", "in use", "or change metrics.port"]),
    (taken("lockstep"), ["cannot listen on 127.0.0.1:", "in use", "or change lockstep.port"]),
    (its_own, ["unit0 is in use by another process (pid ", "or change unit.dir"]),
    (copied("unit1"), ["this disk is unit 1 of cabinet 'durability'", "give it back"]),
    (copied("unit0", FTNODE_UNIT_CABINET="elsewhere"), ["this disk is unit 0 of cabinet 'durability'"]),
    (a_file, ["is no directory"]),
    (lambda _, at: stranger(at, FTNODE_UNIT_DIR="/proc/nothing/here"), ["/proc/nothing"]),
    (lambda _, at: stranger(at, FTNODE_TILL_PROT="1"), ["FTNODE_TILL_PROT; did you mean FTNODE_TILL_PORT?"]),
    (lambda _, at: stranger(at, FTNODE_UNIT_ID="2"), ["FTNODE_UNIT_ID", "wanted 0..1"]),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "words"), CANNOT_START, ids=range(len(CANNOT_START)))
async def test_it_says_why_it_cannot_start(
    cabinet: Cabinet, tmp_path: Path, wrong: Callable[[Cabinet, Path], dict[str, str]], words: list[str]
) -> None:
    """It ends at once with a status that is not 0, its last words name the place, and no stack of calls."""
    status, text = await ends(cabinet, "unit0", wrong(cabinet, tmp_path), tmp_path)
    assert status in (1, 2), text
    assert all(word in text for word in words), text
    assert "Traceback" not in text


async def ends(cabinet: Cabinet, name: str, environ: dict[str, str], directory: Path) -> tuple[int, str]:
    """Start a process that cannot go on; its status and all it said."""
    log = directory / "log"
    started = start(cabinet, name, environ, log)
    try:
        status = await asyncio.to_thread(started.wait, PATIENCE_S)
    finally:
        started.kill()
        started.wait()
    return status, log.read_text()


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """A disk that was remounted read-only after an error, as the next start finds it."""
    data = tmp_path / "data"
    data.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "ro,size=1m", "tmpfs", data], check=True)
    yield data
    subprocess.run(["umount", data], check=True)


@pytest.mark.root
@ROOT_ONLY
@pytest.mark.parametrize("name", ["unit0", "witness"])
async def test_a_read_only_directory(cabinet: Cabinet, read_only: Path, tmp_path: Path, name: str) -> None:
    """Said as what it is, with the place."""
    environ = stranger(tmp_path)
    environ |= {"FTNODE_WITNESS_DIR": str(read_only), "FTNODE_WITNESS_PORT": environ["FTNODE_TILL_PORT"]}
    status, text = await ends(cabinet, name, environ, tmp_path)
    assert status in (1, 2), text
    assert str(read_only) in text
    assert "read-only" in text.lower()
    assert "Traceback" not in text


# ------------------------------------------------------------------ tools


def said(cabinet: Cabinet, name: str) -> list[dict[str, Any]]:
    """What a process has logged."""
    text = cabinet.pair.log(name).read_text(errors="replace")
    return [json.loads(line) for line in text.splitlines() if line.startswith("{") and line.endswith("}")]


async def until(condition: Callable[[], bool]) -> None:
    """Wait for it."""
    ends_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < ends_s, "never happened"
        await asyncio.sleep(0.05)
