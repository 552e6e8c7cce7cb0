"""Ask both units and the witness at once; whoever does not answer is named with the reason."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import grpc

from ftnode.ctl.where import Where
from ftnode.tls import role_options
from ftnode.v1 import admin_pb2, admin_pb2_grpc, witness_pb2, witness_pb2_grpc

T = TypeVar("T")
TIMEOUT_S: Final = 1.0
# A channel that once failed waits before it tries again; an operator should not.
OPTIONS: Final = (
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 500),
    ("grpc.enable_http_proxy", 0),
)


@dataclass(frozen=True, slots=True)
class Silence:
    """Somebody gave no answer."""

    why: str


UnitAnswer = admin_pb2.Status | Silence
WitnessAnswer = witness_pb2.Holding | Silence


@dataclass(frozen=True, slots=True)
class Answers:
    """What was heard, by unit, and from the witness."""

    units: tuple[UnitAnswer, UnitAnswer]
    witness: WitnessAnswer


def unit_channel(where: Where, unit: int, more: Sequence[tuple[str, int]] = ()) -> grpc.aio.Channel:
    """A channel to a unit's admin port, with `more` options."""
    return _channel(where, where.units[unit], f"unit{unit}", more)


def _channel(where: Where, address: str, role: str, more: Sequence[tuple[str, int]] = ()) -> grpc.aio.Channel:
    """With TLS, whoever answers there has to prove that it is `role`."""
    options = [*OPTIONS, *more]
    if where.credentials is None:
        return grpc.aio.insecure_channel(address, options=options)
    return grpc.aio.secure_channel(address, where.credentials, options=[*options, *role_options(role)])


async def ask_all(where: Where, timeout_s: float = TIMEOUT_S) -> Answers:
    """One round of questions; takes no longer than `timeout_s`, twice that if only addresses are known."""
    units = asyncio.gather(ask_unit(where, 0, timeout_s), ask_unit(where, 1, timeout_s))
    if where.cabinet:
        (zero, one), witness = await asyncio.gather(units, ask_witness(where, timeout_s))
        return Answers((zero, one), witness)
    zero, one = await units
    return Answers((zero, one), await ask_witness(with_cabinet(where, (zero, one)), timeout_s))


def with_cabinet(where: Where, units: Sequence[UnitAnswer]) -> Where:
    """Which cabinet it is, by what the units said: a witness answers only whoever names its own."""
    said = next((answer.cabinet for answer in units if not isinstance(answer, Silence)), "")
    return where if where.cabinet else replace(where, cabinet=said)


async def ask_unit(where: Where, unit: int, timeout_s: float = TIMEOUT_S) -> UnitAnswer:
    """A unit's status, or why there is none."""
    async with unit_channel(where, unit) as line:
        stub = admin_pb2_grpc.AdminServiceStub(line)

        async def call() -> admin_pb2.Status:
            response: admin_pb2.GetStatusResponse = await stub.GetStatus(
                admin_pb2.GetStatusRequest(), timeout=timeout_s
            )
            return response.status

        answer = await _or_silence(call, where.units[unit], timeout_s)
    return because_out(where, unit, answer)


def because_out(where: Where, unit: int, answer: UnitAnswer) -> UnitAnswer:
    """A unit that is kept out is silent for that reason, whatever the network says."""
    reason = where.out_reason(unit) if isinstance(answer, Silence) else ""
    return Silence(f"kept out: {reason}") if reason else answer


async def ask_witness(where: Where, timeout_s: float = TIMEOUT_S) -> WitnessAnswer:
    """What the witness holds, or why that is not known."""
    if not where.witness:
        return Silence("not asked: no address of it is known here")
    if not where.cabinet:
        return Silence("not asked: neither unit has said which cabinet this is")
    async with _channel(where, where.witness, "witness") as line:
        stub = witness_pb2_grpc.WitnessServiceStub(line)

        async def call() -> witness_pb2.Holding:
            response: witness_pb2.ReadResponse = await stub.Read(
                witness_pb2.ReadRequest(cabinet=where.cabinet), timeout=timeout_s
            )
            return response.holding

        return await _or_silence(call, where.witness, timeout_s)


async def _or_silence(call: Callable[[], Awaitable[T]], address: str, timeout_s: float) -> T | Silence:
    try:
        return await call()
    except grpc.aio.AioRpcError as problem:
        return Silence(in_words(problem, address, timeout_s))


def in_words(problem: grpc.aio.AioRpcError, address: str, timeout_s: float) -> str:
    """Why a call failed, for a person."""
    code, details = problem.code(), problem.details() or ""
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return f"no answer from {address} within {timeout_s:g} s: it hangs, or the network is cut"
    if code is grpc.StatusCode.UNAVAILABLE and "refused" in details:
        return f"nobody listens at {address}: the process is not running"
    if code is grpc.StatusCode.UNAVAILABLE:
        return f"{address} cannot be reached: {details}"
    return f"{address} answers {code.name}: {details}"
