"""`AdminService.SetTime`: the operator steps log time forward."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

import grpc

from ftnode.core.events import SetTimeAsked
from ftnode.core.state import Unit
from ftnode.core.timekeeping import cannot_set_time, log_time_ms
from ftnode.shell import refusals
from ftnode.shell.driver import now_ms
from ftnode.shell.logbook import SetTime
from ftnode.store.entry import ACTOR_MAX_BYTES
from ftnode.v1 import admin_pb2 as pb

if TYPE_CHECKING:
    from ftnode.shell.unit import RunningUnit

ANONYMOUS: Final = b"anonymous"
Until = Callable[[Callable[[], bool]], Awaitable[bool]]


async def set_time(
    running: "RunningUnit", request: pb.SetTimeRequest, context: Any, until: Until
) -> pb.SetTimeResponse:
    """See the proto. Answers when the entry is released: both units have it."""
    driver = running.driver
    why = cannot_set_time(driver.unit, request.time_ms)
    if why:
        await refusals.send(context, refusals.not_taken(grpc.StatusCode.FAILED_PRECONDITION, why))
    was_ms, clocks = log_time_ms(driver.unit), readings(driver.unit)
    if request.check_only:
        return pb.SetTimeResponse(was_ms=was_ms, clocks=clocks)
    actor = next(iter(context.peer_identities() or ()), ANONYMOUS)[:ACTOR_MAX_BYTES]
    driver.say("set_time_asked", request.reason or "no reason given", actor=actor.decode(errors="replace"))
    before_seq = driver.unit.log.head_seq
    driver.feed(SetTimeAsked(now_ms(), request.time_ms), SetTime(actor, request.reason, was_ms))
    seq, epoch = driver.unit.log.head_seq, driver.unit.promise.epoch
    if seq == before_seq:
        await refusals.send(
            context,
            refusals.not_taken(grpc.StatusCode.FAILED_PRECONDITION, "the unit just stopped answering"),
        )
    if not await until(lambda: _released(driver.unit, seq, epoch)):
        await refusals.send(
            context, refusals.unknown("the step was not seen on both units in time; it may still happen")
        )
    return pb.SetTimeResponse(was_ms=was_ms, seq=seq, clocks=clocks)


def _released(unit: Unit, seq: int, epoch: int) -> bool:
    return unit.promise.epoch == epoch and unit.log.released_seq >= seq


def readings(unit: Unit) -> list[pb.ClockReading]:
    """The clocks that this unit knows, in a fixed order."""
    clock, at_ms = unit.clock, unit.timers.now_ms
    mine, partner = (f"unit {unit.me}", clock.mine_ms), (f"unit {unit.other}", clock.partner_ms)
    known = [*sorted((mine, partner)), ("witness", clock.witness_ms)]
    return [
        pb.ClockReading(name=name, time_ms=at_ms + offset_ms)
        for name, offset_ms in known
        if offset_ms is not None
    ]
