"""AdminService: what an operator sees of this unit and may ask of it. Answers in every state."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

from ftnode.core.events import BringUpAsked, SwitchoverAsked, TakeOutAsked
from ftnode.core.fsm import State
from ftnode.core.planned import cannot_hand_over
from ftnode.shell import admin_time, status
from ftnode.shell.admin_checks import bad, check_reason, refuse_if, unseen, until
from ftnode.shell.admin_hardware import HardwareAdmin
from ftnode.shell.admin_upgrade import UpgradeAdmin
from ftnode.shell.admin_verify import VerifyServer
from ftnode.shell.admin_witness import WitnessAdmin
from ftnode.shell.driver import now_ms
from ftnode.shell.unit import RunningUnit
from ftnode.shell.verifying import Verifier
from ftnode.shell.who import who
from ftnode.v1 import admin_pb2 as pb
from ftnode.wire.frames import Kind, frame

INTERVAL_DEFAULT_MS: Final = 1000
INTERVAL_MS: Final = (100, 60_000)
_OUT: Final = (State.OFFLINE, State.BROKEN)


class AdminServer(VerifyServer, HardwareAdmin, WitnessAdmin, UpgradeAdmin):
    """See the module."""

    def __init__(self, running: RunningUnit, calls_open: Callable[[], int]) -> None:
        """`calls_open` are the calls taken in and not yet answered."""
        self._running = running
        self._calls_open = calls_open
        self._verifier = Verifier(running)

    async def GetStatus(self, request: pb.GetStatusRequest, context: Any) -> pb.GetStatusResponse:
        """See the proto."""
        return pb.GetStatusResponse(status=status.of(self._running, self._calls_open()))

    async def WatchStatus(
        self, request: pb.WatchStatusRequest, context: Any
    ) -> AsyncIterator[pb.WatchStatusResponse]:
        """See the proto."""
        interval_ms = request.interval_ms or INTERVAL_DEFAULT_MS
        if not INTERVAL_MS[0] <= interval_ms <= INTERVAL_MS[1]:
            await bad(context, "interval_ms", f"is {interval_ms}", f"0 or {INTERVAL_MS[0]}..{INTERVAL_MS[1]}")
        changed = self._running.changes.subscribe()
        try:
            while not self._running.driver.halted:  # a unit that ends is waited for by nobody
                yield pb.WatchStatusResponse(status=status.of(self._running, self._calls_open()))
                try:
                    async with asyncio.timeout(interval_ms / 1000):
                        await changed.wait()
                except TimeoutError:
                    continue
                changed.clear()
        finally:
            self._running.changes.unsubscribe(changed)

    async def Switchover(self, request: pb.SwitchoverRequest, context: Any) -> pb.SwitchoverResponse:
        """See the proto. A standby passes the wish on to the active, which drains first."""
        running = self._running
        await check_reason(request.reason, context)
        unit = running.driver.unit
        record = unit.record
        if unit.state is State.ACTIVE:
            await refuse_if(cannot_hand_over(unit), context)
        elif unit.state is not State.STANDBY or not running.desk.partner_serving or record is None:
            await refuse_if(f"this unit is {unit.state} and the other one is not seen to answer", context)
        running.driver.say("switchover_asked", request.reason or "no reason given", who=who(context))
        epoch = record.epoch if record is not None else 0
        if unit.state is State.ACTIVE:
            running.driver.feed(SwitchoverAsked(now_ms()))
        else:
            running.link.send(frame(Kind.SWITCHOVER, b""))
        active = unit.other if unit.state is State.ACTIVE else unit.me
        if not await until(lambda: self._active_since(epoch) == active):
            await unseen(context, "a takeover by the other unit")
        after = running.driver.unit.record
        return pb.SwitchoverResponse(active=active, epoch=after.epoch if after is not None else 0)

    async def BringDown(self, request: pb.BringDownRequest, context: Any) -> pb.BringDownResponse:
        """See the proto."""
        running = self._running
        await check_reason(request.reason, context)
        unit = running.driver.unit
        if unit.state in _OUT:
            return pb.BringDownResponse(state=status.state_of(unit.state))
        if unit.state is State.ACTIVE and not request.force:
            why = cannot_hand_over(unit)
            said = f"nobody would answer the tills: {why} (force to do it all the same)"
            await refuse_if(why and said, context)
        running.driver.say(
            "bring_down_asked", request.reason or "no reason given", who=who(context), force=request.force
        )
        running.driver.feed(TakeOutAsked(now_ms(), stay_out=True))
        if not await until(lambda: running.driver.unit.state in _OUT):
            await unseen(context, f"the end of this unit's part, which is {running.driver.unit.state},")
        return pb.BringDownResponse(state=status.state_of(running.driver.unit.state))

    async def BringUp(self, request: pb.BringUpRequest, context: Any) -> pb.BringUpResponse:
        """See the proto."""
        running = self._running
        await check_reason(request.reason, context)
        if running.driver.unit.state in _OUT:
            running.driver.say("bring_up_asked", request.reason or "no reason given", who=who(context))
            running.driver.feed(BringUpAsked(now_ms()))
        return pb.BringUpResponse(state=status.state_of(running.driver.unit.state))

    async def SetTime(self, request: pb.SetTimeRequest, context: Any) -> pb.SetTimeResponse:
        """See the proto."""
        await check_reason(request.reason, context)
        return await admin_time.set_time(self._running, request, context, until)

    def _active_since(self, epoch: int) -> int | None:
        record = self._running.driver.unit.record
        return record.active if record is not None and record.epoch > epoch else None
