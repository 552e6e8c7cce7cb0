"""Which witness a unit talks to, and by which way: by itself, or through its partner.

A call that our own way could not answer goes both ways next time: the pair has not lost the witness while
one of the units reaches it. (rule 11) What is asked through a unit is asked by `WitnessService` at its admin
port; that one asks the witness itself and never passes a question on twice.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Final, NoReturn

import grpc

from ftnode.config import UnitSettings
from ftnode.core.record import UNITS
from ftnode.shell.secure import Secure
from ftnode.v1 import witness_pb2 as pb
from ftnode.v1 import witness_pb2_grpc as stubs
from ftnode.witness.client import connect
from ftnode.witness.codec import held_to_proto, record_from_proto
from ftnode.witness.daemon_client import DaemonClient
from ftnode.witness.naming import meant
from ftnode.witness.port import Conflict, Held, Refused, Swapped, Unknown, WitnessClient

Answer = Held | Swapped | Conflict | Refused | Unknown
Ask = Callable[[WitnessClient], Awaitable[Any]]
UNDECIDED: Final = (Refused, Unknown)


class Witnesses:
    """Clients by address; each is made when it is first needed and kept until `close`."""

    def __init__(self, settings: UnitSettings, tls: Secure, connected: Callable[[], bool]) -> None:
        """`connected`: is the partner there to be asked?"""
        self.by_partner = False  # the last answer came through the partner
        self._settings = settings
        self._tls = tls
        self._connected = connected
        self._clients: dict[tuple[str, int], WitnessClient] = {}
        self._partners: dict[str, DaemonClient] = {}
        self._away = False  # our own way gave no answer last time

    def client(self, address: str, unit: int | None = None) -> WitnessClient:
        """Our own way to a witness (empty: the one that the settings name). Raises ValueError."""
        me = self._settings.unit.id if unit is None else unit
        found = self._clients.get((address, me))
        if found is None:
            witness = meant(address, self._settings.witness)
            found = connect(witness, self._settings.unit.cabinet, me, self._tls.channel)
            self._clients[address, me] = found
        return found

    def partner(self, address: str) -> DaemonClient:
        """The way through the partner to a witness."""
        found = self._partners.get(address)
        if found is None:
            own = self._settings.unit
            found = DaemonClient(
                self._settings.lockstep.peer_admin_address,
                own.cabinet,
                own.id,
                self._settings.witness.deadline_ms,
                self._tls.channel,
                role=f"unit{1 - own.id}",
                ask_for=address,
            )
            self._partners[address] = found
        return found

    async def ask(self, address: str, call: Ask) -> Answer:
        """The first answer that decides, by whichever way; else why there is none."""
        try:
            own = self.client(address)
        except ValueError as error:
            return Refused(f"our log names a witness at {error}")
        if not self._away or not self._connected():
            answer: Answer = await call(own)
            self._away = isinstance(answer, UNDECIDED)
            self.by_partner = False
            return answer
        return await self._both_ways(call, own, self.partner(address))

    async def _both_ways(self, call: Ask, own: WitnessClient, partner: WitnessClient) -> Answer:
        direct = asyncio.ensure_future(call(own))
        through = asyncio.ensure_future(call(partner))
        waiting: set[asyncio.Future[Any]] = {direct, through}
        try:
            while waiting:
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for one in done:
                    if not isinstance(one.result(), UNDECIDED):
                        self._away, self.by_partner = one is not direct, one is through
                        answer: Answer = one.result()
                        return answer
        finally:
            for one in waiting:
                one.cancel()
        self.by_partner = False
        nothing: Answer = direct.result()
        return nothing

    async def close(self) -> None:
        """Let go of all connections."""
        for client in (*self._clients.values(), *self._partners.values()):
            await client.close()


class WitnessThrough(stubs.WitnessServiceServicer):
    """`ftnode.v1.WitnessService` at a unit's admin port, for its partner: asks the witness and passes on."""

    def __init__(self, witnesses: Witnesses, cabinet: str) -> None:
        self._witnesses = witnesses
        self._cabinet = cabinet

    async def Read(self, request: pb.ReadRequest, context: Any) -> pb.ReadResponse:
        """See the proto."""
        answer = await self._pass_on(
            request, context, lambda client: client.read(request.compared_seq, request.epoch)
        )
        return pb.ReadResponse(holding=_timeless(answer))

    async def Swap(self, request: pb.SwapRequest, context: Any) -> pb.SwapResponse:
        """See the proto."""
        expected, wanted = record_from_proto(request.expected), record_from_proto(request.wanted)
        answer = await self._pass_on(
            request, context, lambda client: client.swap(expected, wanted, request.compared_seq)
        )
        return pb.SwapResponse(verdict=_verdict(answer), holding=_timeless(answer.held))

    async def Create(self, request: pb.CreateRequest, context: Any) -> pb.CreateResponse:
        """See the proto."""
        wanted = record_from_proto(request.wanted)
        answer = await self._pass_on(
            request, context, lambda client: client.create(wanted, request.compared_seq)
        )
        return pb.CreateResponse(verdict=_verdict(answer), holding=_timeless(answer.held))

    async def _pass_on(self, request: Any, context: Any, call: Ask) -> Any:
        if request.cabinet != self._cabinet or request.unit not in UNITS:
            why = f"this is cabinet {self._cabinet!r}; asked for unit {request.unit} of {request.cabinet!r}"
            await _abort(context, grpc.StatusCode.FAILED_PRECONDITION, why)
        try:
            client = self._witnesses.client(request.address, request.unit)
        except ValueError as error:
            await _abort(context, grpc.StatusCode.INVALID_ARGUMENT, f"address {error}")
        answer = await call(client)
        if isinstance(answer, Refused):
            await _abort(context, grpc.StatusCode.FAILED_PRECONDITION, answer.why)
        if isinstance(answer, Unknown):
            await _abort(context, grpc.StatusCode.UNAVAILABLE, answer.why)
        return answer


async def _abort(context: Any, code: grpc.StatusCode, why: str) -> NoReturn:
    await context.abort(code, why)
    raise AssertionError("abort raises")


def _verdict(answer: Swapped | Conflict) -> pb.SwapVerdict:
    return pb.SWAP_VERDICT_CHANGED if isinstance(answer, Swapped) else pb.SWAP_VERDICT_CONFLICT


def _timeless(held: Held) -> pb.Holding:
    """Without the witness's clock: two ways are too long to tell the time by."""
    return held_to_proto(replace(held, wall_ms=0, mono_ms=0))
