"""What a running pair shows of itself: status, watch, feed, metrics, health, reflection."""

import asyncio
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from ftnode.v1 import admin_pb2 as pb
from ftnode.v1 import feed_pb2, feed_pb2_grpc
from tests.live.kit import Pair

pytestmark = pytest.mark.live


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    """A pair in duplex that has sold something."""
    pair = Pair(tmp_path)
    try:
        pair.start("witness")
        await asyncio.to_thread(pair.form)
        pair.start("unit0")
        pair.start("unit1")
        await pair.until_duplex()
        async with pair.load(1.5) as load:
            pass
        load.judge()
        yield pair
    finally:
        pair.end()


async def test_a_pair_shows_what_it_is(pair: Pair) -> None:
    """One pair, looked at from every side."""
    active = await pair.until_duplex()
    await _status(pair, active)
    await _watch(pair, active)
    await _feed(pair)
    await _health_and_reflection(pair)
    await asyncio.to_thread(_metrics, pair)
    await _simplex(pair, active)


async def _status(pair: Pair, active: int) -> None:
    """Both units agree on what they are, and each may be pulled."""
    for unit in (0, 1):
        status = await pair.status(unit)
        assert status is not None
        assert status.active == active
        assert status.safe_to_pull, status.safe_to_pull_why
        assert not status.problems
        seqs = status.seqs
        assert seqs.released_seq <= seqs.compared_seq <= min(seqs.commit_seq, seqs.executed_seq)
        assert max(seqs.commit_seq, seqs.executed_seq) <= seqs.head_seq
        assert len(status.digest) == 16


async def _watch(pair: Pair, active: int) -> None:
    """The status comes at once, and again at least once per interval; a wrong interval is refused."""
    async with pair.admin(active) as stub:
        watching = stub.WatchStatus(pb.WatchStatusRequest(interval_ms=100), timeout=5)
        states = [(await watching.read()).status.state for _ in range(3)]
        assert states == [pb.UNIT_STATE_ACTIVE] * 3
        watching.cancel()
        with pytest.raises(grpc.aio.AioRpcError, match="interval_ms"):
            await stub.WatchStatus(pb.WatchStatusRequest(interval_ms=7)).read()


async def _entries(pair: Pair, unit: int, from_seq: int) -> list[Any]:
    async with grpc.aio.insecure_channel(f"127.0.0.1:{pair.ports[f'admin{unit}']}") as channel:
        stub: Any = feed_pb2_grpc.FeedServiceStub(channel)
        status = await pair.status(unit)
        assert status is not None
        last_seq = status.seqs.compared_seq
        request = feed_pb2.FeedServiceReadRequest(from_seq=from_seq, to_seq=last_seq, page_size=50)
        entries: list[Any] = []
        async for answer in stub.Read(request, timeout=10):
            assert len(answer.entries) <= 50
            entries += answer.entries
        assert [entry.seq for entry in entries] == list(range(from_seq, last_seq + 1))
        return entries


async def _feed(pair: Pair) -> None:
    """Either unit tells the same story, without gaps, from any seq that is still kept."""
    zero, one = await _entries(pair, 0, 1), await _entries(pair, 1, 1)
    both = min(len(zero), len(one))
    assert both > 100
    assert [entry.SerializeToString(deterministic=True) for entry in zero[:both]] == [
        entry.SerializeToString(deterministic=True) for entry in one[:both]
    ]
    assert all(entry.result for entry in zero if entry.kind >= 16)
    assert await _entries(pair, 1, both - 10)
    with pytest.raises(grpc.aio.AioRpcError, match="from_seq is 0"):
        await _entries(pair, 0, 0)


async def _health_and_reflection(pair: Pair) -> None:
    """Both units are SERVING, and tell their protos."""
    for unit in (0, 1):
        async with grpc.aio.insecure_channel(f"127.0.0.1:{pair.ports[f'till{unit}']}") as channel:
            health = health_pb2_grpc.HealthStub(channel)
            answer = await health.Check(health_pb2.HealthCheckRequest(), timeout=2)
            assert answer.status == health_pb2.HealthCheckResponse.SERVING
            mirror: Any = reflection_pb2_grpc.ServerReflectionStub(channel)
            asked = reflection_pb2.ServerReflectionRequest(file_containing_symbol="loyalty.v1.TillService")
            answers = mirror.ServerReflectionInfo(iter([asked]), timeout=2)
            assert (await answers.read()).file_descriptor_response.file_descriptor_proto


def _metrics(pair: Pair) -> None:
    """Prometheus sees entries and compared digests on both units."""
    for unit in (0, 1):
        with urllib.request.urlopen(f"http://127.0.0.1:{pair.ports[f'metrics{unit}']}/metrics") as page:
            text = page.read().decode()
        labels = f'{{cabinet="test",unit="{unit}"}}'
        numbers = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
        assert float(numbers[f"ftnode_entries_total{labels}"]) > 100
        assert float(numbers[f"ftnode_miscompares_total{labels}"]) == 0
        assert float(numbers[f"ftnode_in_sync_units{labels}"]) == 2


async def _simplex(pair: Pair, active: int) -> None:
    """Alone, the active says that it must not be pulled, and what to do."""
    pair.kill(f"unit{1 - active}")
    await pair.until(lambda *both: both[active] is not None and len(both[active].in_sync) == 1, "simplex")
    status = await pair.status(active)
    assert status is not None
    assert not status.safe_to_pull
    assert [problem.code for problem in status.problems] == ["simplex"]
    async with pair.admin(active) as stub:
        for refused in (stub.Switchover(pb.SwitchoverRequest()), stub.BringDown(pb.BringDownRequest())):
            with pytest.raises(grpc.aio.AioRpcError, match="not duplex") as caught:
                await refused
            assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
