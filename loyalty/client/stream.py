"""Many commands over one bidirectional stream: for store concentrators and imports.

Commands are answered in order, many in flight. When the stream breaks or owes an answer for too long, it is
opened again at the other unit and everything unanswered is sent again, in order and under the same ids.
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from time import monotonic
from types import TracebackType
from typing import Any, Final, Self, TypeAlias

import grpc

from loyalty.client.answers import Answer
from loyalty.client.caller import in_doubt
from loyalty.client.client import TillClient, command_of
from loyalty.client.methods import SERVICE, read_answer
from loyalty.client.units import Unit, Units
from loyalty.v1 import till_pb2 as till

PATH: Final = SERVICE + "ExecuteStream"

Stream: TypeAlias = "grpc.aio.StreamStreamCall[till.ExecuteStreamRequest, till.ExecuteStreamResponse]"


@dataclass(eq=False, slots=True)
class _Pending:
    command: till.Command
    answer: asyncio.Future[Answer[Any]]
    tries: int = 0


class TillStream:
    """Use as `async with TillStream(units) as stream: answer = await (await stream.submit(command))`."""

    def __init__(self, units: Units, prefer: int = 0) -> None:
        """`prefer` is the index of the unit to stream to first."""
        self.units = units
        self.prefer = prefer
        self.client = TillClient(units, prefer)
        self.policy = units.policy
        self.unanswered: deque[_Pending] = deque()
        self.unsent: deque[_Pending] = deque()
        self.room = asyncio.Semaphore(self.policy.stream_window_commands)
        self.news = asyncio.Event()  # something to send
        self.heard_at = monotonic()  # last answer, or first debt
        self.stalled = False
        self.task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self.task = asyncio.ensure_future(self._run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Whatever is still unanswered becomes unknown; await the answers first to avoid that."""
        if self.task is not None:
            self.task.cancel()
            await asyncio.wait([self.task])
        for pending in [*self.unanswered, *self.unsent]:
            if not pending.answer.done():
                doubt = in_doubt(command_of(pending.command), "the stream was closed", pending.tries)
                pending.answer.set_result(doubt)

    async def submit(self, command: till.Command) -> asyncio.Future[Answer[Any]]:
        """Queue a command; waits while the window is full. The future is resolved in order of submission."""
        await self.room.acquire()
        pending = _Pending(self.client.prepare_command(command), asyncio.get_running_loop().create_future())
        self.unsent.append(pending)
        self.news.set()
        return pending.answer

    async def _run(self) -> None:
        """Keep one stream open, at whichever unit answers."""
        failures = 0
        while True:
            await self.news.wait()
            unit = self.units.in_order(self.prefer)[0]
            answered = await self._one_stream(unit)
            failures = 0 if answered else failures + 1
            self.units.suspect(unit)
            self.unsent.extendleft(reversed(self.unanswered))
            self.unanswered.clear()
            if self.unsent:
                self.news.set()
            if failures:
                backoff_ms = min(
                    self.policy.backoff_first_ms << min(failures, 20), self.policy.backoff_most_ms
                )
                await asyncio.sleep(backoff_ms / 1000)

    async def _one_stream(self, unit: Unit) -> bool:
        """Serve one stream until it breaks; whether it gave any answer."""
        call: Stream = unit.channel.stream_stream(
            PATH, till.ExecuteStreamRequest.SerializeToString, till.ExecuteStreamResponse.FromString
        )(None)
        self.heard_at, self.stalled = monotonic(), False
        answered = False
        parts = [asyncio.ensure_future(part) for part in (self._write(call), self._watch(call))]
        try:
            while isinstance(response := await call.read(), till.ExecuteStreamResponse):
                answered = True
                self._settle(unit, response.answer)
        except grpc.aio.AioRpcError:
            pass  # whatever it says: what is unanswered is sent again
        except asyncio.CancelledError:
            if not self.stalled:  # then it is us who are asked to stop
                raise
        finally:
            for part in parts:
                part.cancel()
            call.cancel()
            await asyncio.gather(*parts, return_exceptions=True)
        return answered

    async def _write(self, call: Stream) -> None:
        while True:
            await self.news.wait()
            while self.unsent:
                pending = self.unsent.popleft()
                pending.tries += 1
                if not self.unanswered:
                    self.heard_at = monotonic()
                self.unanswered.append(pending)
                await call.write(till.ExecuteStreamRequest(command=pending.command))
            self.news.clear()

    async def _watch(self, call: Stream) -> None:
        """Ends a stream that owes an answer for too long."""
        stall_s = self.policy.stream_stall_ms / 1000
        while not self.stalled:
            await asyncio.sleep(stall_s / 4)
            self.stalled = bool(self.unanswered) and monotonic() - self.heard_at > stall_s
        call.cancel()

    def _settle(self, unit: Unit, answer: till.Answer) -> None:
        """The oldest unanswered command has this answer."""
        self.heard_at = monotonic()
        self.units.answered(unit)
        self.units.seen_ms = max(self.units.seen_ms, answer.log_time_ms)
        if not self.unanswered:
            return  # an answer to nothing: a unit's nonsense, harmless
        pending = self.unanswered.popleft()
        self.room.release()
        read = read_answer(answer, pending.tries)
        if not pending.answer.done():  # the caller may have cancelled it
            nothing = in_doubt(command_of(pending.command), "the answer says nothing we know", pending.tries)
            pending.answer.set_result(nothing if read is None else read)
