"""Serving snapshots: the caller may go away, stall or come twice; the unit that serves stays whole."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import grpc
import pytest

from ftnode.shell import snapshots
from ftnode.shell.snapshots import SnapshotServer
from ftnode.shell.throttle import Throttle
from ftnode.store.snapshot import Chunk
from ftnode.store.state import Change, Pair, RottenValue, SnapshotReader
from ftnode.store.state_dict import DictMedium, DictStateStore
from ftnode.v1 import snapshot_pb2 as pb
from ftnode.v1 import snapshot_pb2_grpc as pb_grpc
from tests.state.contract import at, key

WHO = pb.SnapshotServiceFetchRequest(cabinet="shop", unit=1)
SLOTS = 4


class Slow:
    """A snapshot whose reads take a while, and which notes when it is closed under one of them."""

    def __init__(self, snapshot: SnapshotReader) -> None:
        self.checkpoint, self.roots, self._snapshot = snapshot.checkpoint, snapshot.roots, snapshot
        self.reading = self.closed = self.torn = False

    def pairs(self, slot: int) -> Iterator[Pair]:
        self.reading = True
        time.sleep(0.1)
        self.torn = self.torn or self.closed
        self.reading = False
        yield from self._snapshot.pairs(slot)

    def close(self) -> None:
        self.torn = self.torn or self.reading
        self.closed = True


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[Any, grpc.aio.Server, list[Slow]]]:
    """A stub, the server behind it, and the snapshots it opened."""
    store = DictStateStore(DictMedium())
    writer = store.begin_checkpoint(at(5))
    pairs: list[Change] = [(key(slot, "a"), b"value") for slot in range(SLOTS)]
    writer.put_slice(pairs)
    writer.prepare()
    writer.write()
    writer.sync()
    store.refresh()
    opened: list[Slow] = []

    def open_snapshot() -> SnapshotReader:
        opened.append(Slow(store.open_snapshot()))
        return opened[-1]

    server = grpc.aio.server()
    pb_grpc.add_SnapshotServiceServicer_to_server(SnapshotServer("shop", 0, open_snapshot, fast), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield pb_grpc.SnapshotServiceStub(channel), server, opened
    finally:
        await server.stop(0)


def fast() -> Throttle:
    return Throttle(1 << 30, 1 << 30)


async def until(seen: Callable[[], bool]) -> None:
    async with asyncio.timeout(3):
        while not seen():  # noqa: ASYNC110 - no event tells it
            await asyncio.sleep(0.005)


async def begun(stub: Any) -> Any:
    """A call that has its manifest."""
    call = stub.Fetch()
    await call.write(WHO)
    assert (await call.read()).manifest
    return call


async def test_the_slots_wanted_come_and_the_snapshot_is_closed() -> None:
    """One chunk for each of these small slots."""
    async with serving() as (stub, _, opened):
        call = await begun(stub)
        await call.write(pb.SnapshotServiceFetchRequest(slots=range(SLOTS)))
        await call.done_writing()
        for _ in range(SLOTS):
            assert (await call.read()).chunk
        assert not isinstance(await call.read(), pb.SnapshotServiceFetchResponse)
        await until(lambda: opened[0].closed)


@pytest.mark.parametrize("server_stops", [False, True])
async def test_a_snapshot_is_never_closed_under_a_read(server_stops: bool) -> None:
    """The caller is pulled, or this server stops, while a thread reads: with LMDB that was a segfault."""
    async with serving() as (stub, server, opened):
        call = await begun(stub)
        await call.write(pb.SnapshotServiceFetchRequest(slots=range(SLOTS)))
        await until(lambda: opened[0].reading)
        if server_stops:
            await server.stop(0)
        else:
            call.cancel()
        await until(lambda: opened[0].closed)
        assert not opened[0].torn


async def test_who_does_not_say_which_slots_it_wants_is_shown_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """An open snapshot keeps freed pages from being used again: it is not held for a silent caller."""
    monkeypatch.setattr(snapshots, "WANTED_S", 0.05)
    async with serving() as (stub, _, opened):
        call = await begun(stub)
        with pytest.raises(grpc.aio.AioRpcError, match="no slots were asked for"):
            await asyncio.wait_for(call.read(), 3)
        await until(lambda: opened[0].closed)


async def test_a_second_caller_opens_no_second_snapshot() -> None:
    """Not even while the first one has not said yet what it wants."""
    async with serving() as (stub, _, opened):
        first = await begun(stub)
        second = stub.Fetch()
        await second.write(WHO)
        with pytest.raises(grpc.aio.AioRpcError, match="being sent already"):
            await second.read()
        first.cancel()
        await until(lambda: opened[0].closed)
        assert len(opened) == 1
        (await begun(stub)).cancel()


async def test_a_snapshot_that_cannot_be_opened_keeps_nobody_out() -> None:
    """The reason goes to the caller; the next one is asked in anew."""
    faults = [RottenValue("here", b"key", "does not match"), RottenValue("here", b"key", "still not")]

    def open_snapshot() -> SnapshotReader:
        raise faults.pop(0)

    context: Any = SimpleNamespace(abort=abort)
    server = SnapshotServer("shop", 0, open_snapshot, fast)
    for words in ("does not match", "still not"):
        with pytest.raises(grpc.aio.AbortError, match=words):
            await anext(server.Fetch(asked(), context))


class Noted(Throttle):
    """Remembers what it was told."""

    def __init__(self) -> None:
        super().__init__(1 << 20, 1 << 20)
        self.sizes: list[int] = []
        self.late_s: list[float] = []

    def pause_s(self, size: int) -> float:
        self.sizes.append(size)
        return 0.001

    def woke(self, late_s: float) -> None:
        self.late_s.append(late_s)


async def test_each_chunk_waits_and_what_it_cost_is_told() -> None:
    """All bytes count; a loop that was held up during a pause is seen as late, with the time it lost."""
    noted = Noted()
    snapshot: Any = SimpleNamespace(close=lambda: None)
    server = SnapshotServer("shop", 0, lambda: snapshot, lambda: noted)
    chunks = [Chunk(slot, 0, True, b"hash", b"x" * 1000) for slot in range(3)]
    sent = []
    async for text in server._paced(iter(chunks)):
        sent.append(len(text))
        if len(sent) == 2:
            asyncio.get_running_loop().call_soon(time.sleep, 0.05)
    assert noted.sizes == sent
    assert len(noted.late_s) == 3
    assert noted.late_s[1] >= 0.04


async def asked() -> AsyncIterator[pb.SnapshotServiceFetchRequest]:
    yield WHO


async def abort(code: grpc.StatusCode, message: str, _: object) -> None:
    raise grpc.aio.AbortError(message)
