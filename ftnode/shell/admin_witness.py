"""The operator's last resorts: another witness, and a unit that is made active by force. (rules 11, 12)"""

from typing import Any

from ftnode.core import log_end, rules
from ftnode.core.designation import cannot_name_witness
from ftnode.core.ends import last
from ftnode.core.events import ForceAsked, WitnessNamed
from ftnode.core.forcing import cannot_force, disk_fault
from ftnode.core.fsm import State
from ftnode.core.state import Unit
from ftnode.shell.admin_checks import bad, check_reason, refuse_if, unseen, until
from ftnode.shell.driver import now_ms
from ftnode.shell.unit import RunningUnit
from ftnode.v1 import admin_pb2 as pb
from ftnode.v1 import admin_pb2_grpc as pb_grpc
from ftnode.witness.naming import WANTED, meant
from ftnode.witness.port import Held, WitnessClient


class WitnessAdmin(pb_grpc.AdminServiceServicer):
    """Part of `AdminServer`."""

    _running: RunningUnit

    async def ReplaceWitness(
        self, request: pb.ReplaceWitnessRequest, context: Any
    ) -> pb.ReplaceWitnessResponse:
        """See the proto."""
        running, address = self._running, request.address
        await check_reason(request.reason, context)
        held = await self._look_at(address, context)
        await refuse_if(self._cannot_replace(held, address), context)
        if rules.partner_counts(running.driver.unit):
            through = await running.asker.witnesses.partner(address).read(0, 0)
            why = (
                "" if isinstance(through, Held) else f"the other unit does not reach {address}: {through.why}"
            )
            await refuse_if(why, context)
            await refuse_if(self._cannot_replace(held, address), context)  # it may have changed meanwhile
        running.driver.say("replace_witness_asked", request.reason or "no reason given", address=address)
        running.driver.feed(WitnessNamed(now_ms(), held.witness_id, address))
        named = running.driver.unit.change
        if not await until(lambda: self._counts(held.witness_id, address)):
            await unseen(context, f"the first record at {address}")
        record = running.driver.unit.record
        return pb.ReplaceWitnessResponse(
            witness_id=held.witness_id,
            epoch=record.epoch if record is not None else 0,
            seq=named[0] if named is not None else 0,
        )

    def _counts(self, witness_id: str, address: str) -> bool:
        unit = self._running.driver.unit
        named = (unit.promise.witness_id, unit.promise.witness_address) == (witness_id, address)
        return named and unit.record is not None and unit.record.witness_id == witness_id

    def _cannot_replace(self, held: Held, address: str) -> str:
        unit = self._running.driver.unit
        if held.record is not None and held.witness_id != unit.promise.witness_id:
            return (
                f"the witness at {address} is not empty: it holds a record of epoch {held.record.epoch}. "
                "Start a new one with an empty directory; a witness is never used again, nor restored"
            )
        return cannot_name_witness(unit, held.witness_id, address)

    async def _look_at(self, address: str, context: Any) -> Held:
        """What a witness holds; ends the call if it gives no answer."""
        held = await (await self._client(address, context)).read(0, 0)
        if isinstance(held, Held):
            return held
        await refuse_if(f"the witness at {address} gives no answer: {held.why}", context)
        raise AssertionError("a refused call ends")

    async def _client(self, address: str, context: Any) -> WitnessClient:
        try:
            meant(address, self._running.settings.witness)
        except ValueError as error:
            await bad(context, "address", str(error), WANTED)
        if not address:
            await bad(context, "address", "is empty", WANTED)
        return self._running.asker.witnesses.client(address)

    async def ExplainForce(self, request: pb.ExplainForceRequest, context: Any) -> pb.ExplainForceResponse:
        """See the proto."""
        running, unit = self._running, self._running.driver.unit
        return pb.ExplainForceResponse(
            refused=cannot_force(unit, request.off, witness_given=True),
            reasons=in_the_way(unit),
            disk_fault=disk_fault(unit),
            holds_seq=unit.log.durable_seq,
            holds_epoch=last(unit.log.ends)[0],
            known_seq=max(unit.told_seq, unit.peer_floor_seq, unit.log.commit_seq, 0),
            holds_time_ms=running.runner.executor.time_ms,
        )

    async def ForceActive(self, request: pb.ForceActiveRequest, context: Any) -> pb.ForceActiveResponse:
        """See the proto."""
        running, address = self._running, request.witness_address
        await check_reason(request.reason, context)
        if not request.accept_data_loss:
            await bad(context, "accept_data_loss", "is false", "true: what only the other unit holds is lost")
        witness_id = ""
        if address:
            held = await self._look_at(address, context)
            full = f"the witness at {address} is not empty: start a new one with an empty directory"
            await refuse_if(full if held.record is not None else "", context)
            witness_id = held.witness_id
        unit = running.driver.unit
        await refuse_if(cannot_force(unit, request.off, bool(witness_id)), context)
        kept_seq = unit.log.head_seq
        running.driver.say(
            "force_active_asked", request.reason or "no reason given", off=request.off, kept_seq=kept_seq
        )
        running.driver.feed(ForceAsked(now_ms(), request.off, witness_id, address))
        if not await until(lambda: running.driver.unit.state is State.ACTIVE and running.desk.answering):
            await unseen(context, "that this unit answers")
        record = running.driver.unit.record
        return pb.ForceActiveResponse(epoch=record.epoch if record is not None else 0, kept_seq=kept_seq)


def in_the_way(unit: Unit) -> list[str]:
    """Why a unit may not become active by itself, a sentence each; empty if it may."""
    found: list[str] = []
    if unit.record is None:
        found.append("the witness gives no record: nobody can say who holds everything")
    elif not rules.in_set(unit.record, unit.me, unit.promise.incarnation):
        found.append(
            f"the record names unit {unit.record.active} alone: it may have answered what is not here"
        )
    if log_end.may_miss_answered(unit):
        found.append(
            f"entry {unit.promise.cut_seq} and what followed rotted at the end of its log: it may have been "
            "answered, and only the other unit may hold it"
        )
    if unit.rot:
        found.append(f"a part of its state is rotten, and only the other unit can give it back: {unit.rot}")
    if rules.bound(unit):
        found.append(
            f"unit {unit.other} is designated survivor of epoch {unit.promise.bound_epoch}: it may have "
            "answered alone since the witness was lost"
        )
    if unit.record is not None and not rules.right_witness(unit):
        found.append(f"the witness {unit.promise.witness_id} counts, and has no record yet")
    if unit.told_seq > unit.log.durable_seq:
        found.append(
            f"the witness was told of entry {unit.told_seq}, this unit ends with {unit.log.durable_seq}"
        )
    return found
