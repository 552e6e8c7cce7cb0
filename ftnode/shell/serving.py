"""gRPC calls of the application: raw bytes in, through the table and the desk, raw bytes out."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from typing import Any, Final

import grpc
import structlog

from ftnode.observe.figures import UnitFigures
from ftnode.shell import refusals
from ftnode.shell.calls import NoRoomError, UnknownError, Waiter
from ftnode.shell.desk import Desk
from ftnode.shell.table import BadRequestError, Method, Shape, Want

Told = Waiter | refusals.Refusal | bytes | None  # what a stream's writer has to do next; None: it ends
Context = Any  # grpc.aio.ServicerContext[bytes, bytes]
ANONYMOUS: Final = b"anonymous"
_ROOM_POLL_S: Final = 0.005  # a stream waits for room by not reading: TCP holds the client back
_BUG: Final = (
    "the unit failed while answering: it may or may not have happened; ask again with the same request id"
)


class Servant:
    """Makes a gRPC handler of each method of the table.

    Args:
        desk: where calls go.
        calls_max: open calls; further ones are refused.
        stream_in_flight_max: commands of one stream not yet answered.
        batch_call_max_entries: commands of one batch call.
        pushback_ms: what a refused client is told to wait.
    """

    def __init__(
        self,
        desk: Desk,
        figures: UnitFigures,
        *,
        calls_max: int,
        stream_in_flight_max: int,
        batch_call_max_entries: int,
        pushback_ms: int,
    ) -> None:
        self.stopping = False  # no new calls: the process ends
        self._desk = desk
        self._figures = figures
        self._calls_max = calls_max
        self._in_flight_max = stream_in_flight_max
        self._pushback_ms = pushback_ms
        self._batch_max = batch_call_max_entries
        self._open = 0
        exhausted = grpc.StatusCode.RESOURCE_EXHAUSTED
        self._full = refusals.not_taken(exhausted, "no room: try again a little later", pushback_ms)
        self._crowded = refusals.not_taken(
            exhausted, f"till.calls_max = {calls_max} calls are open", pushback_ms
        )
        self._leaving = refusals.unknown("this unit stops: ask the other one")
        self._log = structlog.get_logger()

    @property
    def open_calls(self) -> int:
        """Calls taken in and not yet answered."""
        return self._open

    def handlers(self, methods: Iterable[Method]) -> "dict[str, grpc.RpcMethodHandler[bytes, bytes]]":
        """All methods by path; requests and answers stay bytes."""
        return {method.path: self._handler(method) for method in methods}

    def _handler(self, method: Method) -> "grpc.RpcMethodHandler[bytes, bytes]":
        if method.shape is Shape.STREAM:
            return grpc.stream_stream_rpc_method_handler(self._streamed(method))
        return grpc.unary_unary_rpc_method_handler(self._single(method))

    def refusing(self, calls: int) -> refusals.Refusal | None:
        """What to tell a call that is not even read, or None if it may come in.

        Args:
            calls: let in and not over. On a busy loop many of them have not reached the desk yet: they
                wait too, and have to count.
        """
        if self._desk.full or calls >= self._desk.soon_entries:
            self._figures.refusals.add("no room")
            return self._full
        if self._open >= self._calls_max:
            self._figures.refusals.add("calls_max")
            return self._crowded
        return None

    # ---------------------------------------------------------------- one request, one answer

    def _single(self, method: Method) -> Callable[[bytes, Context], Awaitable[bytes]]:
        decode, encode, lane = method.decode, method.encode, method.lane
        desk, refusals_by, meter = self._desk, self._figures.refusals, self._figures.method(method.path)

        async def handle(request: bytes, context: Context) -> bytes:
            if self._open >= self._calls_max or self.stopping:
                return await _refuse(context, self._leaving if self.stopping else self._crowded)
            self._open += 1
            began, code = meter.began(), "OK"
            try:
                try:
                    wants = decode(request)
                    self._check_size(wants)
                    waiter = desk.ask(wants, lane, ANONYMOUS)
                except ValueError as error:  # from here on nothing is surely not taken
                    code = "INVALID_ARGUMENT"
                    refusals_by.add("malformed")
                    return await _refuse(context, refusals.bad_request(error))
                return encode(await waiter.future)
            except NoRoomError as error:
                code = "RESOURCE_EXHAUSTED"
                refusals_by.add("no room")
                return await _refuse(context, self._no_room(str(error)) if desk.no_room else self._full)
            except UnknownError as error:
                code = "UNAVAILABLE"
                return await _refuse(context, refusals.unknown(str(error)))
            except asyncio.CancelledError:
                code = "CANCELLED"  # the caller's deadline, or he hung up
                raise
            except grpc.aio.AbortError:
                raise
            except Exception:
                code = "UNAVAILABLE"
                self._log.exception("a call failed", method=method.path)
                return await _refuse(context, refusals.unknown(_BUG))
            finally:
                self._open -= 1
                meter.ended(began, code)

        return handle

    def _no_room(self, why: str) -> refusals.Refusal:
        """Not for a moment, as when a queue is full: somebody has to make room first."""
        return refusals.not_taken(grpc.StatusCode.RESOURCE_EXHAUSTED, why, self._pushback_ms)

    def _check_size(self, wants: Sequence[Want]) -> None:
        if len(wants) > self._batch_max:
            limit = f"at most limits.batch_call_max_entries = {self._batch_max}"
            raise BadRequestError("commands", f"has {len(wants)}", limit)

    # ---------------------------------------------------------------- many in one stream

    def _streamed(self, method: Method) -> Callable[[AsyncIterator[bytes], Context], Awaitable[None]]:
        async def handle(requests: AsyncIterator[bytes], context: Context) -> None:
            if self._open >= self._calls_max or self.stopping:
                await _refuse(context, self._leaving if self.stopping else self._crowded)
            self._open += 1
            waiting: asyncio.Queue[Told] = asyncio.Queue(self._in_flight_max)
            reading = asyncio.create_task(self._read(method, requests, waiting))
            try:
                await self._write(method, context, waiting)
            except grpc.aio.AbortError:
                raise
            except Exception:
                self._log.exception("a stream failed", method=method.path)
                await refusals.send(context, refusals.unknown(_BUG))
            finally:
                reading.cancel()
                self._open -= 1

        return handle

    async def _read(
        self,
        method: Method,
        requests: AsyncIterator[bytes],
        waiting: asyncio.Queue[Told],
    ) -> None:
        """Admit what comes, no faster than there is room, until the client has no more."""
        async for request in requests:
            try:
                wants = method.decode(request)
                while (waiter := self._try(method, wants)) is None:
                    if self._desk.no_room:
                        await waiting.put(self._no_room(self._desk.no_room))
                        return
                    await asyncio.sleep(_ROOM_POLL_S)
            except ValueError as error:
                self._figures.refusals.add("malformed")
                if method.encode_not_taken is None or not isinstance(error, BadRequestError):
                    await waiting.put(refusals.bad_request(error))
                    return
                no = method.encode_not_taken(error.field, error.problem, error.wanted, 0)
                await waiting.put(no)
                continue
            except Exception:
                self._log.exception("a request failed", method=method.path)
                await waiting.put(refusals.unknown(_BUG))
                return
            await waiting.put(waiter)
        await waiting.put(None)

    def _try(self, method: Method, wants: Any) -> Waiter | None:
        try:
            return self._desk.ask(wants, method.lane, ANONYMOUS)
        except NoRoomError:
            return None

    async def _write(self, method: Method, context: Context, waiting: asyncio.Queue[Told]) -> None:
        """Answer in the order asked; what went wrong ends the stream after all that came before it."""
        meter = self._figures.method(method.path)
        while (waiter := await waiting.get()) is not None:
            if isinstance(waiter, refusals.Refusal):
                await refusals.send(context, waiter)
                return
            if isinstance(waiter, bytes):
                await context.write(waiter)
                continue
            began = meter.began()
            try:
                answers = await waiter.future
            except (UnknownError, NoRoomError) as error:
                await refusals.send(context, refusals.unknown(str(error)))
                return
            await context.write(method.encode(answers))
            meter.ended(began)


async def _refuse(context: Context, refusal: refusals.Refusal) -> bytes:
    await refusals.send(context, refusal)
    return b""  # never reached: abort raises
