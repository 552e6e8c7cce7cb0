"""What is etcd's alone: foreign bytes under our keys, several members, TLS, and how often it is written."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ftnode.certs import make_certs
from ftnode.config import unit_from
from ftnode.pair import ports
from ftnode.v1 import etcd_pb2 as pb
from ftnode.witness.client import connect
from ftnode.witness.daemon_client import DaemonClient
from ftnode.witness.etcd import EtcdClient
from ftnode.witness.port import Held, Refused, Swapped, Unknown, WitnessClient
from tests.witness.contract.harness import DEADLINE_MS, EtcdServer
from tests.witness.make import CABINET, alone, duplex


@pytest.fixture
async def client(etcd_server: EtcdServer, tmp_path: Path) -> AsyncIterator[EtcdClient]:
    """A client in a fresh corner, with the default pace of writing the floor."""
    made = EtcdClient(
        [f"127.0.0.1:{etcd_server.port}"], f"/{tmp_path.name}/", CABINET, 0, DEADLINE_MS, told_ms=60_000
    )
    yield made
    await made.close()


async def formed(client: WitnessClient) -> Held:
    """A cabinet in duplex."""
    empty = await client.read(0, 0)
    assert isinstance(empty, Held), empty
    answer = await client.create(duplex(empty.witness_id), 10)
    assert isinstance(answer, Swapped), answer
    return answer.held


async def test_the_floor_is_written_at_a_slow_pace(client: EtcdClient) -> None:
    """etcd keeps every write: the first tell is written, the next not yet, a swap always is."""
    held = await formed(client)
    told = [await client.read(seq, 1) for seq in (20, 30)]
    assert [answer.told_seq for answer in told if isinstance(answer, Held)] == [20, 20]
    assert held.record is not None
    answer = await client.swap(held.record, alone(held.record, 0), 40)
    assert isinstance(answer, Swapped)
    assert answer.held.told_seq == 40


FOREIGN = [  # key, value put there by somebody else, the reason's words
    ("record", b"{}", "is corrupt"),
    ("record", b"\xff", "is corrupt"),
    ("told_seq", b"many", "is corrupt"),
    ("witness_id", b"\xff", "is corrupt"),
]


@pytest.mark.parametrize(("key", "value", "said"), FOREIGN)
async def test_foreign_bytes_are_refused(client: EtcdClient, key: str, value: bytes, said: str) -> None:
    """Neither read as a record nor written over."""
    held = await formed(client)
    assert held.record is not None
    name = client._keys[0].replace(b"record", key.encode())
    await client._txn([], [pb.EtcdOp(put=pb.EtcdPut(key=name, value=value))], [])
    for answer in (await client.read(0, 0), await client.swap(held.record, alone(held.record, 0), 0)):
        assert isinstance(answer, Refused)
        assert said in answer.why


async def test_a_record_without_its_witness_id(client: EtcdClient) -> None:
    """Half of our keys were removed: a new id would make another witness of an old record."""
    held = await formed(client)
    assert held.record is not None
    await client._txn([], [pb.EtcdOp(put=pb.EtcdPut(key=client._keys[2], value=b""))], [])
    answer = await client.read(0, 0)
    assert isinstance(answer, Refused)
    assert "is not" in answer.why


async def test_a_member_that_is_away_costs_one_call(etcd_server: EtcdServer, tmp_path: Path) -> None:
    """That call is unknown; the next goes to another member, and stays there."""
    addresses = [f"127.0.0.1:{port}" for port in (ports.free(1)[0], etcd_server.port)]
    client = EtcdClient(addresses, f"/{tmp_path.name}/", CABINET, 0, DEADLINE_MS, told_ms=0)
    answers = [await client.read(0, 0) for _ in range(3)]
    assert [type(answer) for answer in answers] == [Unknown, Held, Held]
    await client.close()


async def test_mutual_tls(etcd_server: EtcdServer, tmp_path: Path) -> None:
    """An etcd that wants certificates gets ours, from the settings; without them there is no answer."""
    make_certs(tmp_path / "certs", CABINET)
    files = {name: str(tmp_path / "certs" / name) for name in ("ca.pem", "witness.pem", "witness.key")}
    tls = {"cert-file": files["witness.pem"], "key-file": files["witness.key"]}
    tls |= {"trusted-ca-file": files["ca.pem"], "client-cert-auth": "true"}
    server = EtcdServer(tmp_path, tls)
    server.start()
    try:
        reach = {"kind": "etcd", "etcd_addresses": [f"127.0.0.1:{server.port}"], "deadline_ms": DEADLINE_MS}
        own = {f"etcd_{kind}_file": str(tmp_path / "certs" / f"unit0.{end}") for kind, end in
               (("cert", "pem"), ("key", "key"))}  # fmt: skip
        unit = {"cabinet": CABINET, "id": 0, "dir": str(tmp_path)}
        named = unit_from({"unit": unit, "witness": {**reach, **own, "etcd_ca_file": files["ca.pem"]}})
        plain = unit_from({"unit": unit, "witness": {**reach, "deadline_ms": 500}})
        for settings, wanted in ((named, Held), (plain, Unknown)):
            client = connect(settings.witness, CABINET, 0)
            answer = await client.read(0, 0)
            assert isinstance(answer, wanted), answer
            await client.close()
    finally:
        server.kill()


async def test_connect_follows_the_settings(tmp_path: Path) -> None:
    """The kind decides which client is made."""
    unit = {"cabinet": CABINET, "id": 0, "dir": str(tmp_path)}
    for witness, wanted in (
        ({}, DaemonClient),
        ({"kind": "etcd", "etcd_addresses": ["127.0.0.1:1"]}, EtcdClient),
    ):
        client = connect(unit_from({"unit": unit, "witness": witness}).witness, CABINET, 0)
        assert isinstance(client, wanted)
        await client.close()
