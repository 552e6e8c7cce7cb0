"""A pair that does what a test tells it: two grpc.aio servers over one little loyalty book.

The book is exactly-once by request id, as the real pair is, so that a test can count what was done. What a
unit does with a call is its script: a list of behaviours, taken one per call, the last one for ever.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import grpc
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2

from loyalty.client.methods import METHODS
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"

HANG = "hang"  # takes the call, does nothing, never answers
DO_AND_HANG = "do and hang"  # executes it, never answers: the client must not do it twice
LATE = "late"  # executes it, answers after 0.3 s
DROP = "drop"  # UNAVAILABLE, not executed
DO_AND_DROP = "do and drop"  # executed, then UNAVAILABLE
BUSY = "busy"  # RESOURCE_EXHAUSTED, NOT_TAKEN, pushback 30 ms
PROXY_BUSY = "proxy busy"  # RESOURCE_EXHAUSTED by somebody on the way: proves nothing
REFUSE = "refuse"  # INVALID_ARGUMENT, NOT_TAKEN
GARBAGE = "garbage"  # answers bytes that do not parse
TOO_OLD = "too old"  # executes nothing, rejects as too old
OK = "ok"

WELCOME_POINTS = 500


@dataclass
class Book:
    """What both units know."""

    outcomes: dict[bytes, till.Answer] = field(default_factory=dict)
    executed: list[bytes] = field(default_factory=list)  # request ids, one per execution
    seen_ms: list[int] = field(default_factory=list)  # as commands came in
    abandoned_seen_ms: list[int] = field(default_factory=list)  # as abandons did
    now_ms: int = 1_000_000

    def execute(self, command: Any) -> till.Answer:
        """Once per request id."""
        self.seen_ms.append(command.seen_ms)
        if command.request_id not in self.outcomes:
            self.now_ms += 1
            self.executed.append(command.request_id)
            self.outcomes[command.request_id] = self._outcome(command, len(self.executed))
        return self.outcomes[command.request_id]

    def _outcome(self, command: Any, seq: int) -> till.Answer:
        answer = till.Answer(log_time_ms=self.now_ms, seq=seq, epoch=7)
        if isinstance(command, till.EnrolRequest):
            answer.enrol.member_id = seq
            answer.enrol.balance.active_points = WELCOME_POINTS
        elif isinstance(command, till.ConfirmRequest) and command.spend.points > WELCOME_POINTS:
            answer.rejected.code = common.REJECTION_CODE_BALANCE_TOO_LOW
            answer.rejected.field = "spend.points"
            answer.rejected.acceptable = f"at most {WELCOME_POINTS}"
        elif isinstance(command, till.ConfirmRequest):
            answer.confirm.member_id = command.member.member_id
        elif isinstance(command, till.ReturnLinesRequest):
            answer.return_lines.member_id = 1
        return answer

    def abandon(self, request: till.AbandonRequest) -> till.AbandonResponse:
        self.abandoned_seen_ms.append(request.seen_ms)
        response = till.AbandonResponse(log_time_ms=self.now_ms, seq=1, epoch=7)
        if request.request_id in self.outcomes:
            response.outcome.CopyFrom(self.outcomes[request.request_id])
        else:
            abandoned = till.Answer(log_time_ms=self.now_ms, seq=1, epoch=7)
            abandoned.rejected.code = common.REJECTION_CODE_REQUEST_ABANDONED
            self.outcomes[request.request_id] = abandoned
            response.abandoned.SetInParent()
        return response


class Unit(grpc.GenericRpcHandler):  # type: ignore[type-arg]  # generic in the stubs only
    """One server. `script` says what it does with the next calls."""

    def __init__(self, book: Book, options: Sequence[tuple[str, int]] = ()) -> None:
        self.book = book
        self.script: list[str] = [OK]
        self.calls = 0
        self.server = grpc.aio.server(options=options)
        self.server.add_generic_rpc_handlers((self,))
        self.port = self.server.add_insecure_port("127.0.0.1:0")

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def next_act(self) -> str:
        self.calls += 1
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]

    def service(self, details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[Any, Any] | None":
        name = details.method.rpartition("/")[2]
        if name == "ExecuteStream":
            return grpc.stream_stream_rpc_method_handler(
                self.stream,
                till.ExecuteStreamRequest.FromString,
                till.ExecuteStreamResponse.SerializeToString,
            )
        method = METHODS[name]

        async def unary(request: Any, context: Context) -> bytes:
            return await self.unary(name, request, context)

        return grpc.unary_unary_rpc_method_handler(unary, method.request.FromString, None)

    async def unary(self, name: str, request: Any, context: Context) -> bytes:
        act = self.next_act()
        match act:
            case "hang":
                await asyncio.sleep(3600)
            case "drop":
                await context.abort(grpc.StatusCode.UNAVAILABLE, "going down")
            case "busy":
                await not_taken(context, grpc.StatusCode.RESOURCE_EXHAUSTED, "queue is full", pushback_ms=30)
            case "proxy busy":
                await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "a proxy's opinion")
            case "refuse":
                await not_taken(context, grpc.StatusCode.INVALID_ARGUMENT, "receipt.store is 0")
            case "garbage":
                return b"\xff\xff\xff"
        answer = self.execute(name, request, act)
        match act:
            case "do and hang":
                await asyncio.sleep(3600)
            case "do and drop":
                await context.abort(grpc.StatusCode.UNAVAILABLE, "went down")
            case "late":
                await asyncio.sleep(0.3)
        response: bytes = answer.SerializeToString()
        return response

    def execute(self, name: str, request: Any, act: str) -> Any:
        match name:
            case "GetOutcome":
                found = self.book.outcomes.get(request.request_id)
                return till.GetOutcomeResponse(log_time_ms=1, found=found is not None, answer=found)
            case "Abandon":
                return self.book.abandon(request)
            case "ExecuteBatch":
                answers = [self.book.execute(_inner(command)) for command in request.commands]
                return till.ExecuteBatchResponse(answers=answers)
            case "GetBalance":
                return till.GetBalanceResponse(log_time_ms=self.book.now_ms)
        response = METHODS[name].response()
        if act == TOO_OLD:
            answer = till.Answer(log_time_ms=self.book.now_ms)
            answer.rejected.code = common.REJECTION_CODE_REQUEST_TOO_OLD
        else:
            answer = self.book.execute(request)
        return _as_response(answer, response)

    async def stream(
        self, requests: AsyncIterator[till.ExecuteStreamRequest], context: Context
    ) -> AsyncIterator[till.ExecuteStreamResponse]:
        async for request in requests:
            act = self.next_act()
            if act == DROP:
                await context.abort(grpc.StatusCode.UNAVAILABLE, "going down")
            if act == HANG:
                await asyncio.sleep(3600)
            answer = self.book.execute(_inner(request.command))
            if act == DO_AND_DROP:
                await context.abort(grpc.StatusCode.UNAVAILABLE, "went down")
            if act == DO_AND_HANG:
                await asyncio.sleep(3600)
            yield till.ExecuteStreamResponse(answer=answer)


async def not_taken(
    context: Context,
    code: grpc.StatusCode,
    problem: str,
    pushback_ms: int | None = None,
) -> None:
    """End the call as the real door does: surely not taken, machine-readable."""
    info = error_details_pb2.ErrorInfo(reason="NOT_TAKEN", metadata={"field": problem.split()[0]})
    packed = any_pb2.Any()
    packed.Pack(info)
    status = status_pb2.Status(code=code.value[0], message=problem, details=[packed])
    trailers: list[tuple[str, str | bytes]] = [("grpc-status-details-bin", status.SerializeToString())]
    if pushback_ms is not None:
        trailers.append(("grpc-retry-pushback-ms", str(pushback_ms)))
    await context.abort(code, problem, tuple(trailers))


def _inner(command: till.Command) -> Any:
    return getattr(command, command.WhichOneof("command") or "confirm")


def _as_response(answer: till.Answer, response: Any) -> Any:
    response.log_time_ms, response.seq, response.epoch = answer.log_time_ms, answer.seq, answer.epoch
    kind = answer.WhichOneof("result") or ""
    into = response.rejected if kind == "rejected" else response.done
    into.CopyFrom(getattr(answer, kind))
    return response


@dataclass
class FakePair:
    book: Book
    units: tuple[Unit, Unit]

    @property
    def addresses(self) -> str:
        return ",".join(unit.address for unit in self.units)

    def play(self, first: list[str], second: list[str]) -> None:
        """Give both units their scripts."""
        self.units[0].script, self.units[1].script = first, second


@asynccontextmanager
async def fake_pair(make_unit: Callable[[Book], Unit] = Unit) -> AsyncIterator[FakePair]:
    book = Book()
    pair = FakePair(book, (make_unit(book), make_unit(book)))
    for unit in pair.units:
        await unit.server.start()
    try:
        yield pair
    finally:
        for unit in pair.units:
            await unit.server.stop(None)
