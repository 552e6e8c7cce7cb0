"""A unit's connection to our witness daemon."""

from typing import Any, Final

import grpc
import grpc.aio

from ftnode.core.record import Record
from ftnode.tls import role_options
from ftnode.v1 import witness_pb2 as pb
from ftnode.v1 import witness_pb2_grpc as stubs
from ftnode.witness.channel import open_channel, or_unknown
from ftnode.witness.codec import BadRecordError, held_from_proto, record_to_proto
from ftnode.witness.port import Conflict, ReadResult, Refused, Swapped, SwapResult, Unknown

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
        role: who has to answer there, by its certificate.
        ask_for: the witness to ask, where a unit is asked for its partner.
    """

    def __init__(
        self,
        address: str,
        cabinet: str,
        unit: int,
        deadline_ms: int,
        credentials: grpc.ChannelCredentials | None = None,
        role: str = "witness",
        ask_for: str = "",
    ) -> None:
        self._cabinet = cabinet
        self._unit = unit
        self._deadline_s = deadline_ms / 1000
        self._ask_for = ask_for
        # the certificate must say who it is, whatever the address is
        extra = role_options(role) if credentials is not None else ()
        self._channel = open_channel(address, credentials, extra)
        self._stub = stubs.WitnessServiceStub(self._channel)

    async def read(self, compared_seq: int, epoch: int) -> ReadResult:
        """The record; on the way the witness is told how far we have compared."""
        request = pb.ReadRequest(
            cabinet=self._cabinet,
            unit=self._unit,
            compared_seq=compared_seq,
            epoch=epoch,
            address=self._ask_for,
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
            address=self._ask_for,
        )
        return _changed(await self._call(self._stub.Swap, request))

    async def create(self, wanted: Record, compared_seq: int) -> SwapResult:
        """Put the first record into an empty witness."""
        if problem := wanted.problem():
            return Refused(problem)
        request = pb.CreateRequest(
            cabinet=self._cabinet,
            unit=self._unit,
            wanted=record_to_proto(wanted),
            compared_seq=compared_seq,
            address=self._ask_for,
        )
        return _changed(await self._call(self._stub.Create, request))

    async def close(self) -> None:
        """Let go of the connection; calls under way end as unknown."""
        await self._channel.close(None)

    async def _call(self, method: Any, request: Any) -> Any:
        """The answer to `request`, or Refused or Unknown."""
        return await or_unknown(self._once(method, request))

    async def _once(self, method: Any, request: Any) -> Any:
        try:
            return await method(request, timeout=self._deadline_s, wait_for_ready=True)
        except grpc.aio.AioRpcError as error:
            if error.code() in _SURELY_NOT:
                return Refused(str(error.details()))
            raise


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
