"""The till port before a driver that answers at once: shapes, codes, limits, waiting out a takeover."""

import asyncio
from typing import Any, cast

import grpc
import msgspec
import pytest
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status
from grpc_health.v1 import health_pb2, health_pb2_grpc

from ftnode.shell import refusals
from ftnode.shell.intake import IntakeLimits
from ftnode.shell.table import Lane
from ftnode.wire import relay
from ftnode.wire.frames import FrameError, FrameReader
from tests.shell.stub import ADD, LONG, MANY, READ, Unit, one, tills

TIGHT = IntakeLimits(queue_max_entries=2, reads_max=1, batch_max_entries=2)


def trailer(error: grpc.aio.AioRpcError) -> dict[str, str | bytes]:
    """The trailing metadata."""
    metadata: Any = error.trailing_metadata() or ()
    return dict(metadata)


def info(error: grpc.aio.AioRpcError) -> ErrorInfo:
    """The ErrorInfo of a refusal."""
    data = trailer(error)["grpc-status-details-bin"]
    assert isinstance(data, bytes)
    detail = ErrorInfo()
    assert Status.FromString(data).details[0].Unpack(detail)
    return detail


async def test_a_caller_who_hangs_up_while_being_refused_is_no_error_of_ours() -> None:
    """grpc raises something of its own then; it used to leave a traceback in the log, one for each call."""

    class Gone:
        async def abort(self, *_: object) -> None:
            raise RuntimeError("Failed grpc_call_start_batch: 8")

    context: Any = Gone()
    with pytest.raises(asyncio.CancelledError, match="the caller is gone"):
        await refusals.send(context, refusals.unknown("nobody knows"))


async def test_each_shape_answers_in_order() -> None:
    """Unary, batch and stream: bytes in, the machine's bytes out, in the order asked."""
    unit = Unit()
    unit.desk.serve()
    async with tills(unit) as (till, _):
        assert await till.call(ADD, b"one") == b"ONE"
        assert await till.call(READ, b"who") == b"who!"
        assert await till.call(MANY, b"a,b,c") == b"A,B,C"
        flow = till.flow([b"x%d" % n for n in range(20)])
        assert [answer async for answer in flow] == [b"X%d" % n for n in range(20)]


async def test_what_does_not_parse_is_surely_not_taken() -> None:
    """INVALID_ARGUMENT names field, problem and what would be right; nothing reaches the queue."""
    unit = Unit()
    unit.desk.serve()
    async with tills(unit) as (till, _):
        for path in (ADD, MANY):
            with pytest.raises(grpc.aio.AioRpcError, match="below 0") as caught:
                await till.call(path, b"bad")
            assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
            detail = info(caught.value)
            assert (detail.reason, detail.metadata["field"]) == ("NOT_TAKEN", "points")
        flow = till.flow([b"x", b"bad", b"y"])
        assert await flow.read() == b"X"  # what came before it is answered
        with pytest.raises(grpc.aio.AioRpcError, match="below 0"):
            await flow.read()
    assert unit.seq == 1


async def test_a_stream_may_go_on_after_a_bad_message() -> None:
    """A method that has words for it answers the bad message in its place, and goes on."""
    unit = Unit()
    unit.desk.serve()
    async with tills(unit) as (till, _):
        flow = till.flow([b"x", b"bad", b"y"], LONG)
        assert [answer async for answer in flow] == [b"X", b"points is below 0; want 1 or more", b"Y"]


async def test_a_full_queue_refuses_with_a_pushback() -> None:
    """RESOURCE_EXHAUSTED, NOT_TAKEN, when to come again; those who got in are answered."""
    unit = Unit(TIGHT, open=False)
    unit.desk.serve()
    async with tills(unit) as (till, _):
        first = [asyncio.ensure_future(till.call(ADD, b"a%d" % n)) for n in range(2)]
        await asyncio.sleep(0.1)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await till.call(ADD, b"late")
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert info(caught.value).reason == "NOT_TAKEN"
        assert trailer(caught.value)["grpc-retry-pushback-ms"] == "25"
        unit.open = True
        unit.work()
        assert await asyncio.gather(*first) == [b"A0", b"A1"]
    assert unit.figures.refusals["no room"] == 1


async def test_a_batch_is_let_in_whole_or_not_at_all() -> None:
    """Three commands where two fit: none of them is taken."""
    unit = Unit(TIGHT, open=False)
    unit.desk.serve()
    async with tills(unit) as (till, _):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await till.call(MANY, b"a,b,c")
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert len(unit.desk.intake) == 0


async def test_a_batch_has_a_largest_size() -> None:
    """Six commands where five are allowed: told so, nothing taken."""
    unit = Unit()
    unit.desk.serve()
    async with tills(unit) as (till, _):
        with pytest.raises(grpc.aio.AioRpcError, match="batch_call_max_entries = 5") as caught:
            await till.call(MANY, b"a,b,c,d,e,f")
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert await till.call(MANY, b"a,b,c,d,e") == b"A,B,C,D,E"
    assert unit.seq == 5


async def test_a_stream_waits_for_room_instead_of_failing() -> None:
    """A concentrator that sends faster than the pair is held back by TCP, not refused."""
    unit = Unit(TIGHT, open=False)
    unit.desk.serve()
    async with tills(unit, stream_in_flight_max=10) as (till, _):
        flow = till.flow([b"x%d" % n for n in range(6)])
        reading = asyncio.ensure_future(flow.read())
        await asyncio.sleep(0.1)
        assert len(unit.desk.intake) == 2
        unit.open = True
        unit.work()
        assert [await reading] + [await flow.read() for _ in range(5)] == [b"X%d" % n for n in range(6)]


async def test_too_many_open_calls_are_refused() -> None:
    """`calls_max` bounds what waits here, whatever it waits for."""
    unit = Unit(open=False)
    unit.desk.serve()
    async with tills(unit, calls_max=1) as (till, _):
        first = asyncio.ensure_future(till.call(ADD, b"a"))
        await asyncio.sleep(0.05)
        with pytest.raises(grpc.aio.AioRpcError, match="calls_max") as caught:
            await till.call(ADD, b"b")
        assert info(caught.value).reason == "NOT_TAKEN"
        unit.open = True
        unit.work()
        assert await first == b"A"


async def test_an_oversize_message_is_refused_unread() -> None:
    """gRPC itself refuses it; the call never reaches us and the next one is fine."""
    unit = Unit()
    unit.desk.serve()
    async with tills(unit, message_max_bytes=4096) as (till, _):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await till.call(ADD, b"x" * 5000)
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert await till.call(ADD, b"ok") == b"OK"
    assert unit.seq == 1


async def test_calls_wait_out_a_takeover() -> None:
    """Nobody is active: calls are held; as soon as this unit is, they are answered."""
    unit = Unit()
    async with tills(unit) as (till, _):
        calls = [asyncio.ensure_future(till.call(ADD, b"a%d" % n)) for n in range(3)]
        await asyncio.sleep(0.1)
        assert not any(call.done() for call in calls)
        unit.desk.serve()
        assert await asyncio.gather(*calls) == [b"A0", b"A1", b"A2"]


async def test_a_wait_that_is_too_long_ends_as_unknown() -> None:
    """UNAVAILABLE: whoever retries may ask again with the same id."""
    unit = Unit(takeover_wait_ms=50)
    async with tills(unit) as (till, _):
        call = asyncio.ensure_future(till.call(ADD, b"a"))
        await asyncio.sleep(0.15)
        unit.desk.sweep()
        with pytest.raises(grpc.aio.AioRpcError, match="may or may not have happened") as caught:
            await call
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert (unit.desk.unknown, len(unit.desk.relay)) == (1, 0)


async def test_a_caller_that_gave_up_costs_no_seq() -> None:
    """Its deadline passed in the queue: it never gets into the log."""
    unit = Unit(open=False)
    unit.desk.serve()
    async with tills(unit) as (till, servant):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await till.call(ADD, b"a", timeout_s=0.05)
        assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        await asyncio.sleep(0.05)
        unit.open = True
        unit.work()
        assert (unit.seq, servant.open_calls) == (0, 0)


async def test_health_says_serving() -> None:
    """The standard health service answers stock clients."""
    unit = Unit()
    async with tills(unit) as (till, _):
        answer = await health_pb2_grpc.HealthStub(till.channel).Check(health_pb2.HealthCheckRequest())
        assert answer.status == health_pb2.HealthCheckResponse.SERVING


class Wire:
    """Two units' desks with a channel between them that can be cut."""

    def __init__(self, zero: Unit, one: Unit) -> None:
        self.up = True
        self.units = (zero, one)
        zero.desk.connected()
        one.desk.connected()

    async def settle(self) -> None:
        """Carry frames until none is left."""
        for _ in range(10):
            await asyncio.sleep(0)
            for unit, other in (self.units, self.units[::-1]):
                sent, unit.sent[:] = list(unit.sent), []
                for frame in FrameReader(1 << 20).feed(b"".join(sent)) if self.up else ():
                    if frame.kind == 33:
                        other.desk.items_came(relay.decode_items(frame))
                    elif frame.kind == 34:
                        other.desk.answers_came(relay.decode_answers(frame))
                    else:
                        other.desk.partner_says(relay.decode_serving(frame))

    def cut(self) -> None:
        self.up = False
        for unit in self.units:
            unit.desk.closed()


async def test_a_standby_sends_on_in_one_batch_and_passes_answers_back() -> None:
    """All calls of one turn go in one frame; each caller gets his own answer."""
    active, standby = Unit(), Unit()
    active.desk.serve()
    wire = Wire(active, standby)
    await wire.settle()
    waiters = [standby.desk.ask(one(b"a%d" % n), Lane.TILL, b"me") for n in range(5)]
    await asyncio.sleep(0)
    assert len(standby.sent) == 1
    await wire.settle()
    assert [waiter.future.result()[0].outcome for waiter in waiters] == [b"A%d" % n for n in range(5)]


async def test_what_was_sent_on_is_asked_again_after_a_takeover() -> None:
    """The active dies with our call in its log: we become active and execute it under the same id."""
    active, standby = Unit(open=False), Unit()
    active.desk.serve()
    wire = Wire(active, standby)
    await wire.settle()
    waiter = standby.desk.ask(one(b"a"), Lane.TILL, b"me")
    await wire.settle()
    assert len(active.desk.intake) == 1
    wire.cut()
    standby.desk.serve()
    assert waiter.future.result()[0].outcome == b"A"


async def test_a_fenced_active_sends_on_what_it_held() -> None:
    """Both its queue and what was in its log reach the new active; nobody is told no."""
    old, new = Unit(open=False), Unit()
    old.desk.serve()
    wire = Wire(old, new)
    await wire.settle()
    waiters = [old.desk.ask(one(b"a%d" % n), Lane.TILL, b"me") for n in range(2)]
    logged = old.desk.intake.pull(1)  # the first one has a seq, not yet an answer
    old.desk.stop(logged)
    new.desk.serve()
    await wire.settle()
    assert [waiter.future.result()[0].outcome for waiter in waiters] == [b"A0", b"A1"]


async def test_a_partner_without_room_is_a_refusal_only_if_nothing_was_taken() -> None:
    """Refused at the active: surely not taken, unless an earlier active may have it in its log."""
    active, standby = Unit(TIGHT, open=False), Unit()
    active.desk.serve()
    wire = Wire(active, standby)
    await wire.settle()
    waiters = [standby.desk.ask(one(b"a%d" % n), Lane.TILL, b"me") for n in range(3)]
    await wire.settle()
    assert [waiter.future.done() for waiter in waiters] == [False, False, True]
    assert "no room" in str(waiters[2].future.exception())
    active.desk.stop(active.desk.intake.pull_all())  # those two may be in its log by now
    active.desk.serve()
    await wire.settle()
    assert not waiters[0].future.done()
    active.open = True
    active.work()
    await wire.settle()
    assert [waiter.future.result()[0].outcome for waiter in waiters[:2]] == [b"A0", b"A1"]


async def test_large_answers_for_the_partner_are_cut_into_frames_by_bytes() -> None:
    """A page of queries answered in one turn: one frame above `frame_max_bytes` would close the channel,
    and the same calls would come again."""
    active = Unit()
    active.desk.serve()
    active.sent.clear()
    items = [relay.Item(n, relay.Sort.QUERY, 0, 0, 0, 0, b"", b"me", 0, 0, b"x" * 20_000) for n in range(512)]
    active.desk.items_came(items)
    for _ in range(512 // 64):
        active.work()
    active.desk.flush()
    frames = FrameReader(2 << 20).feed(b"".join(active.sent))  # raises at a larger one
    assert sum(len(relay.decode_answers(frame)) for frame in frames) == 512
    assert len(frames) < 16


async def test_an_answer_of_a_sort_that_nobody_knows_is_garbage() -> None:
    """It used to count as answered: an empty outcome for a call of which nobody knows what became."""
    unit = Unit()
    unit.desk.partner_says(True)
    waiter = unit.desk.ask(one(b"a"), Lane.TILL, b"me")
    unit.desk.flush()
    answer: Any = relay.Answered(1, cast(Any, 3))
    (frame,) = FrameReader(1 << 20).feed(relay.encode_answers([answer]))
    with pytest.raises(FrameError, match="does not parse"):
        unit.desk.answers_came(relay.decode_answers(frame))
    assert not waiter.future.done()
    item = relay.Item(1, cast(Any, 3), 0, 0, 0, 0, b"", b"me", 0, 0, b"")
    (frame,) = FrameReader(1 << 20).feed(relay.encode_items([item]))
    with pytest.raises(FrameError, match="does not parse"):
        relay.decode_items(frame)


NONSENSE = [  # of an item sent on: what no unit would send
    {"lane": 9},
    {"slot": 4096},
    {"kind": -1},
    {"tenant": 1 << 16},
    {"request_id": b"x" * 65},
    {"actor": b"x" * 129},
    {"body": b"x" * ((1 << 20) + 1)},
    {"client_ms": 1 << 63},
    {"seen_ms": -1},
]


@pytest.mark.parametrize("wrong", NONSENSE, ids=lambda wrong: next(iter(wrong)))
async def test_a_partners_nonsense_never_reaches_the_log(wrong: dict[str, Any]) -> None:
    """What would not fit into an entry closes the channel; it must not stop the active."""
    right = relay.Item(1, relay.Sort.COMMAND, 0, 16, 1, 7, b"12345678", b"me", 0, 0, b"")
    unit = Unit()
    unit.desk.serve()
    unit.desk.items_came([right])
    assert unit.seq == 1
    with pytest.raises(FrameError, match="should have refused"):
        unit.desk.items_came([msgspec.structs.replace(right, **wrong)])
    assert unit.seq == 1


async def test_calls_that_have_not_reached_the_desk_yet_count_as_waiting() -> None:
    """On a busy loop a queue that nobody counted grew to four seconds while the counted one had room."""
    unit = Unit()
    unit.desk.serve()
    async with tills(unit) as (_, servant):
        may_wait = unit.desk.soon_entries
        assert servant.refusing(may_wait - 1) is None
        refusal = servant.refusing(may_wait)
        assert refusal is not None
        assert refusal.code is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert dict(refusal.metadata)["grpc-retry-pushback-ms"] == "25"
