"""The witness's gRPC face: takes requests apart, answers what the keeper decided."""

from collections.abc import Awaitable
from typing import Any, Final, NoReturn, TypeVar

import grpc
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2

from ftnode.observe.logs import decision
from ftnode.v1 import witness_pb2 as pb
from ftnode.v1 import witness_pb2_grpc as stubs
from ftnode.witness.codec import held_to_proto, record_from_proto
from ftnode.witness.disk import WitnessDiskError
from ftnode.witness.keeper import Keeper
from ftnode.witness.metrics import WitnessFigures
from ftnode.witness.port import Conflict, Refused, Swapped

T = TypeVar("T")
SEQ_MAX: Final = 2**63 - 1


class WitnessService(stubs.WitnessServiceServicer):
    """`ftnode.v1.WitnessService` on one keeper."""

    def __init__(self, keeper: Keeper, figures: WitnessFigures, log: Any) -> None:
        self._keeper = keeper
        self._figures = figures
        self._log = log

    async def Read(self, request: pb.ReadRequest, context: Any) -> pb.ReadResponse:
        """The record; on the way we are told how far the pair has compared."""
        await self._admit("read", request.cabinet, request.compared_seq, context)
        held = await self._alive(self._keeper.read(request.compared_seq, request.epoch), "read", context)
        self._figures.read(request.unit, held)
        return pb.ReadResponse(holding=held_to_proto(held))

    async def Swap(self, request: pb.SwapRequest, context: Any) -> pb.SwapResponse:
        """Replace the record if it is `expected`."""
        await self._admit("swap", request.cabinet, request.compared_seq, context)
        expected, wanted = record_from_proto(request.expected), record_from_proto(request.wanted)
        change = self._keeper.swap(request.unit, expected, wanted, request.compared_seq)
        answer = await self._tell("swap", request.unit, change, context)
        return pb.SwapResponse(verdict=_verdict(answer), holding=held_to_proto(answer.held))

    async def Create(self, request: pb.CreateRequest, context: Any) -> pb.CreateResponse:
        """Put the first record into an empty witness."""
        await self._admit("create", request.cabinet, request.compared_seq, context)
        change = self._keeper.create(request.unit, record_from_proto(request.wanted), request.compared_seq)
        answer = await self._tell("create", request.unit, change, context)
        return pb.CreateResponse(verdict=_verdict(answer), holding=held_to_proto(answer.held))

    async def _admit(self, call: str, cabinet: str, compared_seq: int, context: Any) -> None:
        if cabinet != self._keeper.cabinet:
            why = f"this witness keeps cabinet {self._keeper.cabinet!r}, not {cabinet!r}; check the address"
            await self._refuse(call, grpc.StatusCode.FAILED_PRECONDITION, why, context)
        if compared_seq > SEQ_MAX:
            why = f"compared_seq is {compared_seq}, at most {SEQ_MAX} is possible"
            await self._refuse(call, grpc.StatusCode.INVALID_ARGUMENT, why, context)

    async def _tell(
        self, call: str, unit: int, change: Awaitable[Swapped | Conflict | Refused], context: Any
    ) -> Swapped | Conflict:
        answer = await self._alive(change, call, context)
        if isinstance(answer, Refused):
            await self._refuse(call, grpc.StatusCode.FAILED_PRECONDITION, answer.why, context)
        held, result = answer.held, "changed" if isinstance(answer, Swapped) else "conflict"
        record = held.record
        decision(
            self._log,
            f"{call}_{result}",
            epoch=record.epoch if record else 0,
            seq=held.told_seq,
            why=f"unit {unit} asked",
            active=record.active if record else None,
            in_sync=record.in_sync if record else None,
            peer=context.peer(),
        )
        self._figures.changed(call, result, held)
        return answer

    async def _alive(self, answer: Awaitable[T], call: str, context: Any) -> T:
        """`answer`, unless the disk died: then the caller must take it as unknown, and we end."""
        try:
            return await answer
        except WitnessDiskError as error:
            self._figures.refused(call, "disk")
            await context.abort(grpc.StatusCode.UNAVAILABLE, str(error))
            raise  # abort raised; this line is for the type checker

    async def _refuse(self, call: str, code: grpc.StatusCode, why: str, context: Any) -> NoReturn:
        self._log.warning("refused", call=call, why=why, peer=context.peer())
        self._figures.refused(call, code.name.lower())
        await context.abort(code, why, trailing_metadata=_not_taken(code, why))
        raise AssertionError("abort raises")


def _verdict(answer: Swapped | Conflict) -> pb.SwapVerdict:
    if isinstance(answer, Swapped):
        return pb.SWAP_VERDICT_CHANGED
    return pb.SWAP_VERDICT_CONFLICT


def _not_taken(code: grpc.StatusCode, why: str) -> tuple[tuple[str, bytes], ...]:
    """What says beyond doubt that nothing was changed: ErrorInfo with reason NOT_TAKEN."""
    detail = any_pb2.Any()
    detail.Pack(error_details_pb2.ErrorInfo(reason="NOT_TAKEN", domain="ftnode"))
    status = status_pb2.Status(code=code.value[0], message=why, details=[detail])
    return (("grpc-status-details-bin", status.SerializeToString()),)
