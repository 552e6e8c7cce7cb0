"""The daemon as an operator meets it: ports, signals, files, and words when it cannot start."""

import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from ftnode.v1 import witness_pb2 as pb
from ftnode.v1 import witness_pb2_grpc as stubs
from ftnode.witness.codec import record_to_proto
from ftnode.witness.daemon_client import DaemonClient
from ftnode.witness.port import Held, Refused, Swapped, Unknown
from tests.witness.make import CABINET, alone, duplex

SCRIPT = "import sys; from ftnode.witness.daemon import main; from ftnode.config import load_witness\n"
SCRIPT += "sys.exit(main(lambda: load_witness(sys.argv[1])))"


class Daemon:
    """One run of the process, and what it wrote."""

    def __init__(self, config: Path, log: Path) -> None:
        self._log = log
        with open(log, "wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-c", SCRIPT, str(config)], stderr=file, env={"PATH": os.environ["PATH"]}
            )
        self.port = self.metrics_port = 0

    def listens(self) -> None:
        """Wait until it does."""
        for _ in range(2000):
            lines = [line for line in self.lines if line["event"] == "listening"]
            if lines:
                self.port, self.metrics_port = lines[0]["port"], lines[0]["metrics_port"]
                return
            assert self.process.poll() is None, self.text
            time.sleep(0.01)
        raise AssertionError(f"it does not listen: {self.text}")

    async def ends(self) -> int:
        """Its exit status."""
        return await asyncio.to_thread(self.process.wait, 20)

    @property
    def text(self) -> str:
        """Everything written so far."""
        return self._log.read_text()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The whole lines written so far."""
        return [json.loads(line) for line in self.text.split("\n")[:-1] if line.startswith("{")]

    def client(self, unit: int = 0) -> DaemonClient:
        """A unit's view."""
        return DaemonClient(f"127.0.0.1:{self.port}", CABINET, unit, deadline_ms=5000)

    def why(self, event: str) -> str:
        """The reason in the first line of this event."""
        return str(next(line for line in self.lines if line["event"] == event)["why"])


def settings(path: Path, directory: str, port: int = 0, extra: str = "") -> Path:
    """Write a settings file."""
    metrics = "" if "[metrics]" in extra else "[metrics]\nport = 0\n"
    path.write_text(
        f'[witness]\ncabinet = "{CABINET}"\ndir = "{directory}"\nport = {port}\n{extra}\n{metrics}'
    )
    return path


Launch = Callable[..., Awaitable[Daemon]]


@pytest.fixture
async def launch(tmp_path: Path) -> AsyncIterator[Launch]:
    """Starts daemons in this test's directory; none is left behind."""
    started: list[Daemon] = []

    async def start(extra: str = "", ready: bool = True, port: int = 0, where: str = "data") -> Daemon:
        config = settings(tmp_path / f"{len(started)}.toml", f"{tmp_path}/{where}", port, extra)
        started.append(Daemon(config, tmp_path / f"{len(started)}.log"))
        if ready:
            await asyncio.to_thread(started[-1].listens)
        return started[-1]

    yield start
    for daemon in started:
        daemon.process.kill()
        daemon.process.wait(20)


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """One that all tests share who do not change it."""
    base = tmp_path_factory.mktemp("witness")
    made = Daemon(settings(base / "toml", f"{base}/data"), base / "log")
    made.listens()
    yield made
    made.process.kill()
    made.process.wait(20)


async def test_killed_again_and_again_it_forgets_nothing(launch: Launch) -> None:
    """SIGKILL at a random moment under swaps: whatever was answered is there, and at most one swap more."""
    chance = random.Random(4)
    answered = None
    for _ in range(5):
        daemon = await launch()
        client = daemon.client()
        held = await client.read(0, 0)
        assert isinstance(held, Held), held
        record = held.record
        if answered is not None:
            assert record is not None
            assert record.epoch in (answered.epoch, answered.epoch + 1)
            assert record == answered or record == alone(answered, 0)
        if record is None:
            created = await client.create(duplex(held.witness_id), 0)
            assert isinstance(created, Swapped)
            record = created.held.record
        kill = asyncio.get_running_loop().call_later(chance.uniform(0.02, 0.2), daemon.process.kill)
        while record is not None:
            answered = record
            answer = await client.swap(record, alone(record, 0), record.epoch)
            record = answer.held.record if isinstance(answer, Swapped) else None
        kill.cancel()
        assert await daemon.ends() == -signal.SIGKILL
        await client.close()
    assert answered is not None
    assert answered.epoch > 5


async def test_told_to_stop(launch: Launch) -> None:
    """SIGTERM: what was only in memory is written, status 0, the last line says why; all is there again."""
    daemon = await launch("compared_sync_ms = 60000")
    client = daemon.client()
    held = await client.read(0, 0)
    assert isinstance(held, Held)
    await client.create(duplex(held.witness_id), 5)
    await client.read(77, 1)
    await client.close()
    daemon.process.terminate()
    assert await daemon.ends() == 0
    assert daemon.why("ended") == "told to stop"
    again = await launch()
    client = again.client()
    after = await client.read(0, 0)
    assert isinstance(after, Held)
    assert (after.told_seq, after.witness_id) == (77, held.witness_id)
    await client.close()


async def test_health_and_reflection(daemon: Daemon) -> None:
    """grpc_health_probe and grpcurl work as with any service."""
    async with grpc.aio.insecure_channel(f"127.0.0.1:{daemon.port}") as channel:
        for service in ("", "ftnode.v1.WitnessService"):
            answer = await health_pb2_grpc.HealthStub(channel).Check(
                health_pb2.HealthCheckRequest(service=service)
            )
            assert answer.status == health_pb2.HealthCheckResponse.SERVING
        ask = reflection_pb2.ServerReflectionRequest(list_services="")
        async for said in reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(iter([ask])):
            listed = {item.name for item in said.list_services_response.service}
        assert "ftnode.v1.WitnessService" in listed


async def test_a_refusal_says_that_nothing_was_taken(daemon: Daemon) -> None:
    """Another cabinet: FAILED_PRECONDITION with ErrorInfo NOT_TAKEN; the client makes it Refused."""
    stranger = DaemonClient(f"127.0.0.1:{daemon.port}", "station", 0, 5000)
    answer = await stranger.read(0, 0)
    assert isinstance(answer, Refused)
    assert answer.why == "this witness keeps cabinet 'store-street', not 'station'; check the address"
    await stranger.close()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{daemon.port}") as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stubs.WitnessServiceStub(channel).Read(pb.ReadRequest(cabinet="station"))
    assert caught.value.code() == grpc.StatusCode.FAILED_PRECONDITION
    trailing: Any = caught.value.trailing_metadata()
    status = status_pb2.Status.FromString(dict(trailing)["grpc-status-details-bin"])
    info = error_details_pb2.ErrorInfo()
    status.details[0].Unpack(info)
    assert (info.reason, info.domain) == ("NOT_TAKEN", "ftnode")


WANTED = record_to_proto(duplex())
BAD_CALLS = [  # a swap that only something broken sends, the status it gets
    (pb.SwapRequest(), grpc.StatusCode.FAILED_PRECONDITION),  # no cabinet
    (pb.SwapRequest(cabinet=CABINET), grpc.StatusCode.FAILED_PRECONDITION),  # no records
    (pb.SwapRequest(cabinet=CABINET, compared_seq=2**64 - 1), grpc.StatusCode.INVALID_ARGUMENT),
    (pb.SwapRequest(cabinet=CABINET, unit=2**32 - 1, wanted=WANTED), grpc.StatusCode.FAILED_PRECONDITION),
    (pb.SwapRequest(cabinet=CABINET, wanted=pb.Record(in_sync=[9])), grpc.StatusCode.FAILED_PRECONDITION),
    (pb.SwapRequest(cabinet="x" * 100_000), grpc.StatusCode.RESOURCE_EXHAUSTED),  # oversize, refused unread
]  # fmt: skip


@pytest.mark.parametrize(("request_", "code"), BAD_CALLS, ids=range(len(BAD_CALLS)))
async def test_bad_calls(daemon: Daemon, request_: pb.SwapRequest, code: grpc.StatusCode) -> None:
    """Refused with a code that means `surely not taken`."""
    async with grpc.aio.insecure_channel(f"127.0.0.1:{daemon.port}") as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stubs.WitnessServiceStub(channel).Swap(request_)
    assert caught.value.code() == code


async def test_garbage_on_both_ports(daemon: Daemon) -> None:
    """Random bytes, half a handshake, HTTP, a flood of connections: it goes on answering."""
    chance = random.Random(1)
    shots = [chance.randbytes(size) for size in (1, 100, 10_000, 1_000_000)]
    shots += [b"GET / HTTP/1.1\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + chance.randbytes(5000), b""]
    for port in (daemon.port, daemon.metrics_port):
        for shot in shots * 5:
            await asyncio.to_thread(_shoot, port, shot)
    client = daemon.client()
    assert isinstance(await client.read(0, 0), Held)
    await client.close()
    assert daemon.process.poll() is None


def _shoot(port: int, data: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as there:
        there.settimeout(0.05)
        try:
            there.sendall(data)
            there.recv(1000)
        except OSError:
            pass


async def test_connections_are_limited(launch: Launch) -> None:
    """More than connections_max are closed at once; when they are gone, a unit gets in again."""
    daemon = await launch("connections_max = 4")
    idle = [await asyncio.open_connection("127.0.0.1", daemon.port) for _ in range(8)]
    for _, writer in idle:
        writer.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00")
    await asyncio.sleep(0.3)
    closed = [reader.at_eof() or await _ends(reader) for reader, _ in idle]
    assert sum(closed) == 4
    for _, writer in idle:
        writer.transport.abort()
    client = daemon.client()
    assert isinstance(await client.read(0, 0), Held)
    await client.close()


async def _ends(reader: asyncio.StreamReader) -> bool:
    """Whether the other side has closed, after what it said at first."""
    try:
        async with asyncio.timeout(0.2):
            while await reader.read(1000):
                pass
    except TimeoutError:
        return False
    except ConnectionError:
        pass
    return True


async def test_garbage_within_a_call(daemon: Daemon) -> None:
    """Bytes that are no message, on a method that exists and on one that does not."""
    async with grpc.aio.insecure_channel(f"127.0.0.1:{daemon.port}") as channel:
        for path in ("/ftnode.v1.WitnessService/Swap", "/ftnode.v1.WitnessService/Steal"):
            with pytest.raises(grpc.aio.AioRpcError):
                await channel.unary_unary(path, bytes, bytes)(b"\xff\xff\xff\xff garbage")
    client = daemon.client()
    assert isinstance(await client.read(0, 0), Held)
    await client.close()


async def test_metrics(launch: Launch) -> None:
    """Epoch, in-sync set, floor, swaps by result and fsync times."""
    daemon = await launch()
    client = daemon.client()
    held = await client.read(0, 0)
    assert isinstance(held, Held)
    await client.create(duplex(held.witness_id), 5)
    await client.create(duplex(held.witness_id), 5)
    await client.close()
    reader, writer = await asyncio.open_connection("127.0.0.1", daemon.metrics_port)
    writer.write(b"GET /metrics HTTP/1.1\r\n\r\n")
    text = (await reader.read()).decode()
    writer.close()
    assert 'ftnode_witness_changes_total{call="create",result="changed"} 1.0' in text
    assert 'ftnode_witness_changes_total{call="create",result="conflict"} 1.0' in text
    assert "ftnode_witness_epoch 1.0" in text
    assert "ftnode_witness_told_seq 5.0" in text
    assert "ftnode_witness_sync_seconds_count 2.0" in text  # at start, and the creation


NOT_STARTED = [  # what is in the file besides cabinet and dir, what the last line must say
    ("deadline_ms = 3", "unknown setting witness.deadline_ms"),
    ('host = "0.0.0.0"', "is not loopback and the port has no TLS"),
    ('host = "203.0.113.7"\ninsecure_bind = true', "cannot listen on 203.0.113.7:0"),
    ('[tls]\nca_file = "no.pem"\ncert_file = "no.pem"\nkey_file = "no.pem"', "no.pem: No such file"),
    ('[metrics]\nport = 0\nhost = "203.0.113.7"\n[tls]\n', "metrics.host = '203.0.113.7' is not loopback"),
]  # fmt: skip


@pytest.mark.parametrize(("extra", "said"), NOT_STARTED, ids=range(len(NOT_STARTED)))
async def test_it_says_why_it_cannot_start(launch: Launch, extra: str, said: str) -> None:
    """Exit status 2, so that a supervisor does not try for ever, and one line that names the mistake."""
    daemon = await launch(extra, ready=False)
    assert await daemon.ends() == 2
    assert said in daemon.text
    assert "Traceback" not in daemon.text


async def test_ports_and_directories_in_use(launch: Launch) -> None:
    """A second daemon on the same directory, or the same port: the second does not start."""
    daemon = await launch()
    same_dir = await launch(ready=False)
    assert await same_dir.ends() == 2
    assert "in use by another witness" in same_dir.why("not_started")
    same_port = await launch(ready=False, port=daemon.port, where="other")
    assert await same_port.ends() == 2
    assert f"cannot listen on 127.0.0.1:{daemon.port}: in use" in same_port.why("not_started")


async def test_a_corrupt_record(tmp_path: Path, launch: Launch) -> None:
    """It does not start, does not touch the file, and says what the operator can do."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "record").write_bytes(b"ftnode-witness 1\n{}\nzzz\n")
    daemon = await launch(ready=False)
    assert await daemon.ends() == 2
    assert "ftctl replace-witness" in daemon.why("not_started")
    assert (tmp_path / "data" / "record").read_bytes() == b"ftnode-witness 1\n{}\nzzz\n"


async def test_a_disk_that_fails_ends_it(tmp_path: Path, launch: Launch) -> None:
    """A write that fails is the end of the process, with status 1; the old record is there, whole."""
    daemon = await launch()
    client = daemon.client()
    held = await client.read(0, 0)
    assert isinstance(held, Held)
    record = duplex(held.witness_id)
    assert isinstance(await client.create(record, 5), Swapped)
    (tmp_path / "data" / "record.new").mkdir()  # where the next value would be written
    assert isinstance(await client.swap(record, alone(record, 0), 6), Unknown)
    assert await daemon.ends() == 1
    assert "cannot be kept" in daemon.why("ended")
    await client.close()
    (tmp_path / "data" / "record.new").rmdir()
    client = (await launch()).client()
    after = await client.read(0, 0)
    assert isinstance(after, Held)
    assert after.record == record
    await client.close()
