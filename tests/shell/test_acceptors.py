"""How calls are taken in: more at a time the more come, and refused unread when they may not come in."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc

from ftnode.shell.acceptors import OUTSTANDING_LEAST, OUTSTANDING_MOST, Acceptors
from ftnode.shell.refusals import Refusal, not_taken

PATH = "/test.v1.EchoService/Echo"
BURST = 400
CALLS = 200


async def echo(request: bytes, context: Any) -> bytes:
    return request


@asynccontextmanager
async def served(
    refusing: Callable[[int], Refusal | None] = lambda _: None,
) -> AsyncIterator[tuple[Any, Acceptors]]:
    """A call to an echo behind acceptors, and the acceptors."""
    server = grpc.aio.server()
    acceptors = Acceptors(server, {PATH: grpc.unary_unary_rpc_method_handler(echo)}, refusing)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    assert acceptors.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            call: Any = channel
            yield call.unary_unary(PATH), acceptors
    finally:
        await server.stop(None)
        await acceptors.ended()


async def test_a_lone_caller_needs_no_more_accepts() -> None:
    """Idle methods stay cheap."""
    async with served() as (call, acceptors):
        for number in range(OUTSTANDING_LEAST):
            assert await call(bytes([number])) == bytes([number])
        assert acceptors.outstanding == OUTSTANDING_LEAST


async def test_a_crowd_is_taken_in_by_more_accepts_and_no_more_than_the_most() -> None:
    """A turn of the loop takes in no more than the accepts outstanding: where it takes most, they double."""
    async with served() as (call, acceptors):
        for _ in range(8):
            answers = await asyncio.gather(*(call(b"%d" % number) for number in range(BURST)))
            assert answers == [b"%d" % number for number in range(BURST)]
        assert OUTSTANDING_LEAST < acceptors.outstanding <= OUTSTANDING_MOST


async def test_a_call_leaves_nothing_to_the_collector() -> None:
    """Rings of objects make the loop stand still when the collector takes thousands of them at a time."""
    async with served() as (call, _):
        await call(b"warm")
        gc.collect()
        gc.disable()
        try:
            for number in range(CALLS):
                await call(b"%d" % number)
            assert gc.collect() < CALLS  # grpc.aio's own accept is taken now and then: five objects each
        finally:
            gc.enable()


async def test_what_may_not_come_in_is_refused_with_the_status_given() -> None:
    """And the accept that it took is there again. One in so many is grpc.aio's own, which lets in."""
    no = not_taken(grpc.StatusCode.RESOURCE_EXHAUSTED, "no room", 70)
    allowed = asyncio.Event()
    async with served(lambda calls: None if allowed.is_set() else no) as (call, _):
        tries = [call(b"?") for _ in range(3 * OUTSTANDING_LEAST)]
        codes = [await one.code() for one in tries]
        refused = [one for one in tries if await one.code() is not grpc.StatusCode.OK]
        assert len(refused) > 2 * OUTSTANDING_LEAST
        assert set(codes) <= {grpc.StatusCode.OK, grpc.StatusCode.RESOURCE_EXHAUSTED}
        for one in refused:
            assert dict(await one.trailing_metadata())["grpc-retry-pushback-ms"] == "70"
        allowed.set()
        assert await call(b"!") == b"!"
