"""The metrics port: what it answers, and what it survives."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Gauge

from ftnode.certs import make_certs
from ftnode.config.shared import Tls
from ftnode.observe import http
from ftnode.observe.http import MetricsServer
from ftnode.tls import client_context, server_context

Ask = Callable[[bytes], "asyncio.Future[bytes]"]


def registry() -> CollectorRegistry:
    """One gauge."""
    made = CollectorRegistry()
    Gauge("ftnode_test_entries", "Of a test.", registry=made).set(3)
    return made


class Running:
    """A server on a free port, and how it feels."""

    def __init__(self) -> None:
        self.healthy = True
        self.server = MetricsServer(registry(), connections_max=3, healthy=lambda: self.healthy)
        self.port = 0

    async def ask(self, request: bytes, within_s: float = 5) -> bytes:
        """Everything that is said before the connection closes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(request)
            async with asyncio.timeout(within_s):
                return await reader.read()
        except ConnectionError:
            return b""
        finally:
            writer.transport.abort()


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    """Started, and stopped after the test."""
    made = Running()
    made.port = await made.server.start("127.0.0.1", 0)
    yield made
    await made.server.stop()


async def test_metrics(running: Running) -> None:
    """A scrape as Prometheus makes it."""
    answer = await running.ask(b"GET /metrics HTTP/1.1\r\nHost: x\r\nAccept: text/plain\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain")
    assert f"Content-Length: {len(body)}\r\n".encode() in head
    assert b"ftnode_test_entries 3.0\n" in body


ANSWERS = [  # request line, status
    (b"GET /metrics?name[]=x HTTP/1.0", b"200"),
    (b"GET /healthz HTTP/1.1", b"200"),
    (b"GET / HTTP/1.1", b"404"),
    (b"POST /metrics HTTP/1.1", b"400"),
    (b"GET /metrics HTTP/2.0", b"400"),
    (b"GET /metrics", b"400"),
    (b"", b"400"),
]


@pytest.mark.parametrize(("line", "status"), ANSWERS)
async def test_statuses(running: Running, line: bytes, status: bytes) -> None:
    """What is there, what is not, and what is no request."""
    answer = await running.ask(line + b"\r\n\r\n")
    assert answer.split(b" ")[1] == status


async def test_head_has_no_body(running: Running) -> None:
    """Length told, body not sent."""
    answer = await running.ask(b"HEAD /metrics HTTP/1.1\r\n\r\n")
    assert answer.endswith(b"\r\n\r\n")
    assert b"Content-Length: 0" not in answer


async def test_not_healthy(running: Running) -> None:
    """A load balancer sees it."""
    running.healthy = False
    assert (await running.ask(b"GET /healthz HTTP/1.1\r\n\r\n")).startswith(b"HTTP/1.1 503")


GARBAGE = [
    bytes(range(256)) * 400,  # 100 KiB with line ends in it
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\n" * 20_000,  # as a TLS client begins
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",  # as a gRPC client begins
    b"GET /metrics HTTP/1.1\r\n" + b"X: y\r\n" * 5000 + b"\r\n",
    b"x" * 100_000,
]


@pytest.mark.parametrize("garbage", GARBAGE, ids=range(len(GARBAGE)))
async def test_garbage(running: Running, garbage: bytes) -> None:
    """Turned away or ignored; the next scrape is answered."""
    await running.ask(garbage)
    assert b"200 OK" in await running.ask(b"GET /metrics HTTP/1.1\r\n\r\n")


async def test_connections_are_limited_and_slow_ones_end(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three that say nothing keep others out only until their deadline."""
    monkeypatch.setattr(http, "REQUEST_DEADLINE_S", 0.3)
    idle = [await asyncio.open_connection("127.0.0.1", running.port) for _ in range(3)]
    await asyncio.sleep(0.05)
    assert await running.ask(b"GET /healthz HTTP/1.1\r\n\r\n") == b""
    await asyncio.sleep(0.5)
    assert b"200 OK" in await running.ask(b"GET /healthz HTTP/1.1\r\n\r\n")
    for _, writer in idle:
        writer.transport.abort()


async def test_a_port_in_use(running: Running) -> None:
    """The error names the address."""
    second = MetricsServer(registry())
    with pytest.raises(OSError, match=str(running.port)):
        await second.start("127.0.0.1", running.port)
    await second.stop()


async def test_tls(tmp_path: Path) -> None:
    """With certificates it speaks HTTPS, and `mutual` wants the scraper's."""
    make_certs(tmp_path, "store-street")
    tls = {role: Tls(
        ca_file=f"{tmp_path}/ca.pem", cert_file=f"{tmp_path}/{role}.pem", key_file=f"{tmp_path}/{role}.key",
        till="server", metrics="mutual", expiry_warning_days=30,
    ) for role in ("unit0", "operator")}  # fmt: skip
    server = MetricsServer(registry(), tls=server_context(tls["unit0"], "mutual"))
    port = await server.start("127.0.0.1", 0)
    context = client_context(tls["operator"])
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="unit0")
    writer.write(b"GET /metrics HTTP/1.1\r\n\r\n")
    assert b"200 OK" in await reader.read()
    writer.transport.abort()
    await server.stop()
