"""A bug while a call is answered: it ends with a status, and never with one that says more than is known."""

import asyncio
from typing import Any

import grpc
import pytest

from ftnode.shell.table import Lane, Method, Shape
from tests.shell.stub import ADD, FLOW, Unit, one, tills


def failing(error: Exception) -> Any:
    """A decoder or encoder with a bug."""

    def fail(_: object) -> Any:
        raise error

    return fail


@pytest.mark.parametrize("error", [ValueError("out of range"), KeyError("bug")])
async def test_what_was_executed_is_never_told_as_not_taken(error: Exception) -> None:
    """An answer that cannot be encoded: it happened, so the most that may be said is that nobody knows."""
    unit = Unit()
    unit.desk.serve()
    methods = [
        Method(ADD, Shape.UNARY, Lane.TILL, one, failing(error)),
        Method(FLOW, Shape.STREAM, Lane.TILL, one, failing(error)),
    ]
    async with tills(unit, methods=methods) as (till, servant):
        for asked in (till.call(ADD, b"a"), till.flow([b"b", b"c"]).read()):
            with pytest.raises(grpc.aio.AioRpcError, match="may or may not have happened") as caught:
                await asyncio.wait_for(asked, 3)
            assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
            metadata: Any = caught.value.trailing_metadata() or ()
            assert "grpc-status-details-bin" not in dict(metadata)  # where NOT_TAKEN would stand
        assert servant.open_calls == 0
    assert unit.seq >= 2


async def test_a_decoder_with_a_bug_ends_the_stream_with_an_answer() -> None:
    """It used to end the reader alone: the client waited for ever."""
    unit = Unit()
    unit.desk.serve()
    method = Method(FLOW, Shape.STREAM, Lane.TILL, failing(KeyError("bug")), lambda _: b"")
    async with tills(unit, methods=[method]) as (till, _):
        with pytest.raises(grpc.aio.AioRpcError, match="may or may not have happened") as caught:
            await asyncio.wait_for(till.flow([b"x"]).read(), 3)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
