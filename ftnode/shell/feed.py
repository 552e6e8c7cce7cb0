"""The feed: compared entries with their outcomes, in order, for whoever reads along. Costs no fsync.

Entries come from the log, outcomes from what is kept under each request id: nothing is stored for it.
So outcomes are told for as long as request ids are remembered.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, Final

import grpc

from ftnode.machine.executor import Executor
from ftnode.shell import refusals
from ftnode.shell.unit import RunningUnit
from ftnode.store.entry import Entry, decode_run
from ftnode.store.state import StoreFault
from ftnode.store.wal_faults import LogFault, LogGone
from ftnode.v1 import feed_pb2 as pb
from ftnode.v1 import feed_pb2_grpc as pb_grpc

PAGE_DEFAULT: Final = 500
READ_MAX_BYTES: Final = 256 << 10  # of the log for one answer, so that a reader never holds up the loop
WAIT_S: Final = 1.0  # a reader that has everything is told at least this often how far the pair is


class FeedServer(pb_grpc.FeedServiceServicer):
    """See the module."""

    def __init__(self, running: RunningUnit) -> None:
        """Reads what the unit holds; changes nothing."""
        self._running = running
        self._readers = 0

    async def Read(
        self, request: pb.FeedServiceReadRequest, context: Any
    ) -> AsyncIterator[pb.FeedServiceReadResponse]:
        """See the proto."""
        limits = self._running.settings.limits
        await self._check(request, context)
        self._readers += 1
        compared = self._running.compared_feed.subscribe()
        try:
            seq, page = request.from_seq, min(request.page_size or PAGE_DEFAULT, limits.page_max_entries)
            last_seq = request.to_seq if request.HasField("to_seq") else None
            while (last_seq is None or seq <= last_seq) and not self._running.driver.halted:
                compared.clear()
                answer = self._page(seq, page, last_seq)
                seq += len(answer.entries)
                yield answer
                if not answer.entries:
                    await _wait(compared)
        except (LogFault, StoreFault) as fault:
            await self._refuse(context, seq, fault)
        finally:
            self._readers -= 1
            self._running.compared_feed.unsubscribe(compared)

    async def _check(self, request: pb.FeedServiceReadRequest, context: Any) -> None:
        limits = self._running.settings.limits
        if not request.from_seq:
            code, text = grpc.StatusCode.INVALID_ARGUMENT, "from_seq is 0; want 1 or more"
        elif request.page_size > limits.page_max_entries:
            code = grpc.StatusCode.INVALID_ARGUMENT
            text = f"page_size is {request.page_size}; want at most {limits.page_max_entries}"
        elif self._readers >= limits.feed_readers_max:
            code, text = grpc.StatusCode.RESOURCE_EXHAUSTED, "limits.feed_readers_max readers are here"
        else:
            return
        pushback_ms = self._running.settings.timing.retry_pushback_ms
        full = code is grpc.StatusCode.RESOURCE_EXHAUSTED
        await refusals.send(context, refusals.not_taken(code, text, pushback_ms if full else None))

    async def _refuse(self, context: Any, seq: int, fault: Exception) -> None:
        """Gone is not the same as unreadable: a reader that goes on behind it would have a gap."""
        first_seq = self._running.logbook.wal.first_seq
        code = grpc.StatusCode.FAILED_PRECONDITION
        if isinstance(fault, LogGone):
            text = f"entry {seq} is no longer kept here; the first one is {first_seq}"
            refusal = refusals.not_taken(code, text, None, first_seq=str(first_seq))
        else:
            text = f"entry {seq} cannot be read here, the other unit may have it: {fault}"
            refusal = refusals.not_taken(code, text)
        await refusals.send(context, refusal)

    def _page(self, seq: int, page: int, last_seq: int | None) -> pb.FeedServiceReadResponse:
        """The next entries from `seq` on, none if there are none yet. Raises LogFault, StoreFault."""
        running = self._running
        executor = running.runner.executor
        compared_seq = min(running.driver.unit.log.compared_seq, executor.executed_seq)
        answer = pb.FeedServiceReadResponse(compared_seq=compared_seq)
        to_seq = min(compared_seq, seq + page - 1, last_seq if last_seq is not None else compared_seq)
        if seq > to_seq:
            return answer
        run = running.logbook.wal.read(seq, READ_MAX_BYTES)
        if run is not None:
            _, entries, _ = decode_run(run.prev_hash, run.first_seq, run.data)
            answer.entries.extend(_told(executor, entry) for entry in entries if entry.seq <= to_seq)
        return answer


def _told(executor: Executor, entry: Entry) -> pb.FeedEntry:
    result = executor.told(entry)
    return pb.FeedEntry(
        seq=entry.seq,
        epoch=entry.epoch,
        time_ms=entry.time_ms,
        kind=entry.kind,
        tenant=entry.tenant,
        slot=entry.slot,
        request_id=entry.request_id,
        actor=entry.actor,
        client_ms=entry.client_ms,
        engine_version=entry.engine_version,
        body=entry.body,
        result=result or b"",
        result_gone=result is None,
    )


async def _wait(compared: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(WAIT_S):
            await compared.wait()
