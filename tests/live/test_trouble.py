"""What a running pair meets beside crashes: garbage, strangers, taken ports, rot, and certificates."""

import asyncio
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from ftnode.certs import make_certs
from ftnode.pair.ports import free as free_ports
from ftnode.v1 import admin_pb2 as pb
from tests.live.kit import BIN, PORT_NAMES, Pair

pytestmark = pytest.mark.live


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    """A pair in duplex."""
    pair = Pair(tmp_path)
    try:
        await bring_up(pair)
        yield pair
    finally:
        pair.end()


async def bring_up(pair: Pair) -> None:
    pair.start("witness")
    await asyncio.to_thread(pair.form)
    pair.start("unit0")
    pair.start("unit1")
    await pair.until_duplex()


GARBAGE = (
    b"GET / HTTP/1.1\r\n\r\n",
    b"\x00" * 4096,
    b"\xff" * 100_000,
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00",
)


def throw(port: int, data: bytes) -> None:
    """Send bytes to a port and hang up; a port that closes at once is right, too."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.3) as connection:
        connection.sendall(data)
        connection.recv(1000)


async def test_garbage_on_every_port_changes_nothing(pair: Pair) -> None:
    """Random bytes, other protocols, half a greeting: no state moves, no call fails."""
    async with pair.load(5.0) as load:
        for name in PORT_NAMES[:4]:
            for unit in (0, 1):
                for data in GARBAGE:
                    await asyncio.to_thread(throw, pair.ports[f"{name}{unit}"], data)
    load.judge()
    assert load.result["epochs"] == 1
    await pair.until_duplex()


async def test_strangers_and_mistakes_are_told_in_a_line(pair: Pair) -> None:
    """A second process, a taken port, another unit's directory, an unknown key: exit status 2 and why."""
    config = pair.root / "wrong.toml"
    right = pair.unit_toml(0)
    spare = free_ports(5)
    moved = right.replace(f'dir = "{pair.root}/unit0"', f'dir = "{pair.root}/spare"')
    for name, port in zip(PORT_NAMES, spare, strict=True):
        elsewhere = right.replace(f"port = {pair.ports[f'{name}0']}\n", f"port = {port}\n")
        right = elsewhere
    mistakes = [  # settings, what the last line says
        (pair.unit_toml(0), "in use by another process"),
        (moved, "cannot listen on"),
        (right.replace(f'dir = "{pair.root}/unit0"', f'dir = "{pair.root}/unit1"'), "in use"),
        (right.replace("[till]", "[till]\nprot = 1"), "prot"),
    ]
    for text, words in mistakes:
        config.write_text(text)
        command: list[Path | str] = [BIN / "ftnode", "serve", "--config", config]
        ended = await asyncio.to_thread(_run, command)
        assert ended.returncode == 2, ended.stderr
        assert words in ended.stderr.splitlines()[-1]
    await pair.until_duplex()


def _run(command: list[Path | str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


async def test_a_unit_of_another_cabinet_is_refused(pair: Pair) -> None:
    """It may call as often as it likes: no session, one line, and the pair goes on."""
    standby = 1 - await pair.until_duplex()
    if standby == 0:  # unit 1 dials: only it can be the stranger
        async with pair.admin(0) as stub:
            await stub.Switchover(pb.SwitchoverRequest(), timeout=5)
        await pair.until_duplex()
    pair.kill("unit1")
    stranger = pair.unit_toml(1).replace('cabinet = "test"', 'cabinet = "other"')
    pair.root.joinpath("unit1.toml").write_text(
        stranger.replace(f"{pair.root}/unit1", f"{pair.root}/stranger")
    )
    pair.start("unit1")
    for _ in range(200):
        said = [
            line for line in pair.log("unit0") if "cabinet 'other', this is 'test'" in line.get("why", "")
        ]
        if said:
            break
        await asyncio.sleep(0.1)
    assert len(said) == 1
    zero = await pair.status(0)
    assert zero is not None
    assert (zero.state, list(zero.in_sync)) == (pb.UNIT_STATE_ACTIVE, [0])


async def test_a_rotten_entry_is_fetched_from_the_other_unit(pair: Pair) -> None:
    """A byte flipped below the durable mark: not cut, not skipped; fetched by its hash, and in sync again."""
    async with pair.load(2.0) as load:
        pass
    load.judge()
    standby = 1 - await pair.until_duplex()
    pair.kill(f"unit{standby}")
    segment = sorted((pair.root / f"unit{standby}" / "log").glob("*.seg"))[0]
    data = bytearray(segment.read_bytes())
    used = max(at for at in range(0, len(data), 4096) if any(data[at : at + 4096]))
    data[used // 2] ^= 1
    segment.write_bytes(data)
    pair.start(f"unit{standby}")
    await pair.until_duplex()
    told = " ".join(line["event"] for line in pair.log(f"unit{standby}"))
    assert "repaired" in told or "snapshot installed" in told


async def test_a_pair_with_certificates(tmp_path: Path) -> None:
    """TLS on every port, mutual between units and witness: forms, joins, serves tills, survives a kill."""
    pair = Pair(tmp_path)
    certs = tmp_path / "certs"
    make_certs(certs, "test")
    for name, role in (("witness", "witness"), ("unit0", "unit0"), ("unit1", "unit1")):
        config = tmp_path / f"{name}.toml"
        config.write_text(
            f'{config.read_text()}\n[tls]\nca_file = "{certs}/ca.pem"\n'
            f'cert_file = "{certs}/{role}.pem"\nkey_file = "{certs}/{role}.key"\n'
        )
    pair.secure(certs)
    try:
        await bring_up(pair)
        async with pair.load(3.0) as load:
            await asyncio.sleep(1.5)
            active = await pair.until_duplex()
            pair.kill(f"unit{active}")
        load.judge()
    finally:
        pair.end()


@pytest.mark.parametrize("unit_1", ["standby", "active"])
async def test_a_copied_disk_of_a_running_unit_takes_nothing(pair: Pair, unit_1: str) -> None:
    """Started beside the original it is told to end; the epoch stays, and so does who is active in it."""
    if unit_1 == "active":
        pair.kill("unit0")
        await pair.until(lambda _, one: one is not None and one.state == pb.UNIT_STATE_ACTIVE, "1 active")
        pair.start("unit0")
    assert await pair.until_duplex() == (1 if unit_1 == "active" else 0)
    before = await pair.status(1)
    shutil.copytree(pair.root / "unit1", pair.root / "copy")
    original = f'dir = "{pair.root}/unit1"'
    config = pair.unit_toml(1).replace(original, f'dir = "{pair.root}/copy"')
    for name, port in zip(PORT_NAMES, free_ports(len(PORT_NAMES)), strict=True):
        config = config.replace(f"port = {pair.ports[f'{name}1']}\n", f"port = {port}\n")
    pair.root.joinpath("copy.toml").write_text(config)
    pair.start("copy")
    assert await asyncio.to_thread(pair.processes.pop("copy").wait, 20) == 2
    assert [line["event"] for line in pair.log("copy") if line["event"] in ("sent_away", "swap_sent")] == [
        "sent_away"
    ]
    after = await pair.until_duplex()
    now = await pair.status(1)
    assert before is not None
    assert now is not None
    assert (now.epoch, after) == (before.epoch, before.active)
