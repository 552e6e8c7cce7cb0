"""Serving snapshots: the caller may go away, stall or come twice; the unit that serves stays whole."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import grpc
import pytest

from ftnode.shell import snapshots
from ftnode.shell.snapshots import Keeping, SnapshotServer
from ftnode.shell.throttle import Throttle
from ftnode.store.snapshot import Chunk, SnapshotFault, encode, manifest_of, read_chunks
from ftnode.store.state import Change, SnapshotReader
from ftnode.store.state_dict import DictMedium, DictStateStore
from ftnode.v1 import snapshot_pb2 as pb
from ftnode.v1 import snapshot_pb2_grpc as pb_grpc
from tests.state.contract import at, key

WHO = pb.SnapshotServiceFetchRequest(cabinet="shop", unit=1)
SLOTS = 4


class Slow:
    """A source whose reads take a while, and which notes when it is closed under one of them."""

    def __init__(self, snapshot: SnapshotReader) -> None:
        self._snapshot = snapshot
        self.reading = self.killed = self.closed = self.torn = False

    def manifest(self) -> bytes:
        return encode(manifest_of(self._snapshot))

    def batches(self, slots: Iterable[int]) -> Iterator[list[bytes]]:
        for chunk in read_chunks(self._snapshot, slots):
            self.reading = True
            time.sleep(0.1)
            self.torn = self.torn or self.closed
            self.reading = False
            yield [encode(chunk)] * 2

    def lives(self) -> bool:
        return not self.killed

    def kill(self) -> None:
        self.killed = True

    def close(self) -> None:
        self.torn = self.torn or self.reading
        self.closed = True


class Active:
    """What the unit says of its log."""

    goes_on = True


@asynccontextmanager
async def serving(keep_ms: int = 0) -> AsyncIterator[tuple[Any, grpc.aio.Server, list[Slow], Active]]:
    """A stub, the server behind it, the snapshots it opened, and what the unit says."""
    store = DictStateStore(DictMedium())
    writer = store.begin_checkpoint(at(5))
    pairs: list[Change] = [(key(slot, "a"), b"value") for slot in range(SLOTS)]
    writer.put_slice(pairs)
    writer.prepare()
    writer.write()
    writer.sync()
    store.refresh()
    opened: list[Slow] = []
    active = Active()

    def open_snapshot() -> Slow:
        opened.append(Slow(store.open_snapshot()))
        return opened[-1]

    servant = SnapshotServer(
        "shop", 0, open_snapshot, fast, Keeping(keep_ms, 60_000), lambda seq: active.goes_on and seq == 5
    )
    server = grpc.aio.server()
    pb_grpc.add_SnapshotServiceServicer_to_server(servant, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield pb_grpc.SnapshotServiceStub(channel), server, opened, active
    finally:
        await server.stop(0)
        await servant.stop()


def fast() -> Throttle:
    return Throttle(1 << 30, 1 << 30)


async def until(seen: Callable[[], bool]) -> None:
    async with asyncio.timeout(3):
        while not seen():  # noqa: ASYNC110 - no event tells it
            await asyncio.sleep(0.005)


async def asked_in(stub: Any, resumes: bool = False) -> Any:
    """A call that has its manifest, as soon as the one before is over."""
    async with asyncio.timeout(3):
        while True:
            try:
                return await begun(stub, resumes=resumes)
            except grpc.aio.AioRpcError as busy:
                if "being sent already" not in str(busy):
                    raise
                await asyncio.sleep(0.01)


async def begun(stub: Any, resumes: bool = False, takes_batches: bool = False) -> Any:
    """A call that has its manifest."""
    call = stub.Fetch()
    who = pb.SnapshotServiceFetchRequest(resumes=resumes, takes_batches=takes_batches)
    who.MergeFrom(WHO)
    await call.write(who)
    assert (await call.read()).manifest
    return call


async def test_the_slots_wanted_come_and_the_snapshot_is_closed() -> None:
    """One by one for a caller of an earlier version."""
    async with serving() as (stub, _, opened, _):
        call = await begun(stub)
        await call.write(pb.SnapshotServiceFetchRequest(slots=range(SLOTS)))
        await call.done_writing()
        for _ in range(2 * SLOTS):
            assert (await call.read()).chunk
        assert not isinstance(await call.read(), pb.SnapshotServiceFetchResponse)
        await until(lambda: opened[0].closed)


async def test_who_takes_several_chunks_at_once_gets_them() -> None:
    """Small slots would cost a message each."""
    async with serving() as (stub, _, _, _):
        call = await begun(stub, takes_batches=True)
        await call.write(pb.SnapshotServiceFetchRequest(slots=range(SLOTS)))
        assert [len((await call.read()).chunks) for _ in range(SLOTS)] == [2] * SLOTS


async def test_who_was_interrupted_goes_on_with_the_same_snapshot() -> None:
    """Under traffic a newer one would have nothing in common with what it has."""
    async with serving(keep_ms=60_000) as (stub, _, opened, active):
        first = await begun(stub)
        await first.write(pb.SnapshotServiceFetchRequest(slots=range(SLOTS)))
        await first.read()
        first.cancel()
        await until(lambda: not opened[0].reading)
        second = await asked_in(stub, resumes=True)
        await second.write(pb.SnapshotServiceFetchRequest(slots=range(SLOTS)))
        assert (await second.read()).chunk
        second.cancel()
        assert len(opened) == 1
        active.goes_on = False  # the log behind it is gone, or somebody else is active
        (await asked_in(stub, resumes=True)).cancel()
        assert len(opened) == 2
        await until(lambda: opened[0].closed)
        assert not opened[0].torn


async def test_who_has_nothing_of_a_snapshot_is_given_a_new_one() -> None:
    """A blank unit in the place of one that was half way: less of the log is behind it."""
    async with serving(keep_ms=60_000) as (stub, _, opened, _):
        (await begun(stub)).cancel()
        (await asked_in(stub)).cancel()
        assert len(opened) == 2
        await until(lambda: opened[0].closed)


async def test_a_snapshot_for_which_nobody_comes_back_is_let_go() -> None:
    """It keeps freed pages from being used again."""
    async with serving(keep_ms=50) as (stub, _, opened, _):
        (await begun(stub)).cancel()
        await until(lambda: opened[0].closed)


@pytest.mark.parametrize("server_stops", [False, True])
async def test_a_snapshot_is_never_closed_under_a_read(server_stops: bool) -> None:
    """The caller is pulled, or this server stops, while a thread reads: with LMDB that was a segfault."""
    async with serving() as (stub, server, opened, _):
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
    async with serving() as (stub, _, opened, _):
        call = await begun(stub)
        with pytest.raises(grpc.aio.AioRpcError, match="no slots were asked for"):
            await asyncio.wait_for(call.read(), 3)
        await until(lambda: opened[0].closed)


async def test_a_second_caller_opens_no_second_snapshot() -> None:
    """Not even while the first one has not said yet what it wants."""
    async with serving() as (stub, _, opened, _):
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
    faults = [SnapshotFault("does not match"), SnapshotFault("still not")]

    def open_snapshot() -> Any:
        raise faults.pop(0)

    context: Any = SimpleNamespace(abort=abort)
    server = SnapshotServer("shop", 0, open_snapshot, fast, Keeping(0, 1000), lambda seq: True)
    for words in ("does not match", "still not"):
        with pytest.raises(grpc.aio.AbortError, match=words):
            await anext(server.Fetch(asked(), context))


class Noted(Throttle):
    """Remembers what it was told."""

    def __init__(self) -> None:
        super().__init__(1 << 20, 1 << 20)
        self.sizes: list[int] = []
        self.late_s: list[float] = []
        self.beside: list[bool] = []

    def pause_s(self, size: int) -> float:
        self.sizes.append(size)
        return 0.001

    def woke(self, late_s: float, beside: bool = False) -> None:
        self.late_s.append(late_s)
        self.beside.append(beside)


async def test_each_chunk_waits_and_what_it_cost_is_told() -> None:
    """All bytes count; a loop that was held up during a pause is seen as late, with the time it lost; and it
    is told while a checkpoint is being written."""
    noted = Noted()
    source: Any = SimpleNamespace()
    kept = Keeping(0, 1000)
    writes = iter([True, False, True])
    server = SnapshotServer(
        "shop", 0, lambda: source, lambda: noted, kept, lambda seq: True, beside=lambda: next(writes)
    )
    chunks = [encode(Chunk(slot, 0, True, b"hash", b"x" * 1000)) for slot in range(3)]
    sent = []
    async for batch in server._paced(iter([[chunk] for chunk in chunks])):
        sent.append(sum(map(len, batch)))
        if len(sent) == 2:
            asyncio.get_running_loop().call_soon(time.sleep, 0.05)
    assert noted.sizes == sent
    assert len(noted.late_s) == 3
    assert noted.late_s[1] >= 0.04
    assert noted.beside == [True, False, True]


async def asked() -> AsyncIterator[pb.SnapshotServiceFetchRequest]:
    yield WHO


async def abort(code: grpc.StatusCode, message: str, _: object) -> None:
    raise grpc.aio.AbortError(message)
