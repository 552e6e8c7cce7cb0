"""A unit's connection to our witness daemon."""

import asyncio
from typing import Any, Final

import grpc
import grpc.aio

from ftnode.core.record import Record
from ftnode.v1 import witness_pb2 as pb
from ftnode.v1 import witness_pb2_grpc as stubs
from ftnode.witness.codec import BadRecordError, held_from_proto, record_to_proto
from ftnode.witness.port import Conflict, ReadResult, Refused, Swapped, SwapResult, Unknown

MESSAGE_MAX_BYTES: Final = 65_536
# A call is made once: a swap that is repeated under our feet could no longer be told from a late one.
# A dead connection is noticed by pings, and built anew without gRPC's usual pauses of many seconds.
CHANNEL_OPTIONS: Final[tuple[tuple[str, int], ...]] = (
    ("grpc.enable_retries", 0),
    ("grpc.max_receive_message_length", MESSAGE_MAX_BYTES),
    ("grpc.keepalive_time_ms", 1000),
    ("grpc.keepalive_timeout_ms", 500),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 500),
    ("grpc.max_reconnect_backoff_ms", 1000),
    ("grpc.use_local_subchannel_pool", 1),
)
# Said by our daemon before anything was changed.
_SURELY_NOT: Final = (grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.INVALID_ARGUMENT)


class DaemonClient:
    """`WitnessClient` over gRPC; see there.

    Args:
        address: host:port.
        cabinet: whose record.
        unit: who asks: 0 or 1.
        deadline_ms: longest wait for any answer.
        credentials: None: plain text.
    """

    def __init__(
        self,
        address: str,
        cabinet: str,
        unit: int,
        deadline_ms: int,
        credentials: grpc.ChannelCredentials | None = None,
    ) -> None:
        self._cabinet = cabinet
        self._unit = unit
        self._deadline_s = deadline_ms / 1000
        options = list(CHANNEL_OPTIONS)
        if credentials is None:
            self._channel = grpc.aio.insecure_channel(address, options=options)
        else:
            self._channel = grpc.aio.secure_channel(address, credentials, options=options)
        self._stub = stubs.WitnessServiceStub(self._channel)

    async def read(self, compared_seq: int, epoch: int) -> ReadResult:
        """The record; on the way the witness is told how far we have compared."""
        request = pb.ReadRequest(
            cabinet=self._cabinet, unit=self._unit, compared_seq=compared_seq, epoch=epoch
        )
        answer = await self._call(self._stub.Read, request)
        if isinstance(answer, Refused | Unknown):
            return answer
        try:
            return held_from_proto(answer.holding)
        except BadRecordError as error:
            return Unknown(f"the witness answered nonsense: {error}")

    async def swap(self, expected: Record, wanted: Record, compared_seq: int) -> SwapResult:
        """Replace the record if the whole of it equals `expected`."""
        if problem := expected.problem() or wanted.problem():
            return Refused(problem)
        request = pb.SwapRequest(
            cabinet=self._cabinet,
            unit=self._unit,
            expected=record_to_proto(expected),
            wanted=record_to_proto(wanted),
            compared_seq=compared_seq,
        )
        return _changed(await self._call(self._stub.Swap, request))

    async def create(self, wanted: Record, compared_seq: int) -> SwapResult:
        """Put the first record into an empty witness."""
        if problem := wanted.problem():
            return Refused(problem)
        request = pb.CreateRequest(
            cabinet=self._cabinet, unit=self._unit, wanted=record_to_proto(wanted), compared_seq=compared_seq
        )
        return _changed(await self._call(self._stub.Create, request))

    async def close(self) -> None:
        """Let go of the connection; calls under way end as unknown."""
        await self._channel.close(None)

    async def _call(self, method: Any, request: Any) -> Any:
        """The answer to `request`, or Refused or Unknown."""
        try:
            return await method(request, timeout=self._deadline_s, wait_for_ready=True)
        except grpc.aio.AioRpcError as error:
            why = f"{error.code().name}: {error.details()}"
            return Refused(str(error.details())) if error.code() in _SURELY_NOT else Unknown(why)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise  # somebody cancelled us, not the channel our call
            return Unknown("the connection was closed")
        except (grpc.aio.UsageError, ValueError, TypeError) as error:
            return Unknown(f"the call could not be made: {error}")


def _changed(answer: Any) -> SwapResult:
    """What a swap's or a creation's answer means; anything that we do not understand is unknown."""
    if isinstance(answer, Refused | Unknown):
        return answer
    try:
        held = held_from_proto(answer.holding)
    except BadRecordError as error:
        return Unknown(f"the witness answered nonsense: {error}")
    if answer.verdict == pb.SWAP_VERDICT_CHANGED:
        return Swapped(held)
    if answer.verdict == pb.SWAP_VERDICT_CONFLICT:
        return Conflict(held)
    return Unknown(f"the witness answered with a verdict that is unknown here: {answer.verdict}")
