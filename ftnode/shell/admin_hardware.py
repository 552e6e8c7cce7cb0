"""The part of AdminService that is about a unit's own hardware: diagnose, faults, clear, locate."""

import asyncio
from typing import Any, Final

import grpc

from ftnode.core.events import BringUpAsked
from ftnode.core.fsm import State
from ftnode.hardware.diagnostics import problem_of
from ftnode.hardware.parts import Kind
from ftnode.shell import refusals, status
from ftnode.shell.driver import now_ms
from ftnode.shell.health import LOCATE_MAX_S
from ftnode.shell.unit import RunningUnit
from ftnode.v1 import admin_pb2 as pb

FAULTS_DEFAULT: Final = 100
FAULTS_MAX: Final = 1000
REASON_MAX_CHARS: Final = 200
_KINDS: Final = {Kind.SOFT: pb.FAULT_KIND_SOFT, Kind.HARD: pb.FAULT_KIND_HARD}


class HardwareAdmin:
    """To be inherited by the servicer."""

    _running: RunningUnit

    async def Diagnose(self, request: pb.DiagnoseRequest, context: Any) -> pb.DiagnoseResponse:
        """See the proto."""
        health = self._running.health
        await asyncio.to_thread(health.diagnose)
        checks = [
            pb.Check(
                part=one.part.value, name=one.name, problem=one.problem, told=one.told, took_us=one.took_us
            )
            for one in health.checks
        ]
        return pb.DiagnoseResponse(checks=checks, problem=problem_of(health.checks))

    async def GetFaults(self, request: pb.GetFaultsRequest, context: Any) -> pb.GetFaultsResponse:
        """See the proto."""
        if request.faults_max > FAULTS_MAX:
            await _bad(context, "faults_max", f"is {request.faults_max}", f"at most {FAULTS_MAX}")
        health = self._running.health
        faults = health.journal.faults
        answer = pb.GetFaultsResponse(
            faults=[
                pb.Fault(at_ms=one.at_ms, part=one.part.value, kind=_KINDS[one.kind], what=one.what)
                for one in reversed(faults[-(request.faults_max or FAULTS_DEFAULT) :])
            ],
            parts=status.part_healths(self._running),
            faults_total=len(faults),
            mtbf_min_ms=health.threshold.mtbf_min_ms,
            faults_needed=health.threshold.faults,
            worn=health.worn,
        )
        whole = health.reliability()[-1]
        if whole.mtbf_ms is not None:
            answer.mtbf_ms = whole.mtbf_ms
        return answer

    async def Clear(self, request: pb.ClearRequest, context: Any) -> pb.ClearResponse:
        """See the proto."""
        if len(request.reason) > REASON_MAX_CHARS:
            problem = f"has {len(request.reason)} characters"
            await _bad(context, "reason", problem, f"at most {REASON_MAX_CHARS}")
        running = self._running
        count = len(running.health.journal.faults)
        running.driver.say("clear_asked", request.reason or "no reason given", faults=count)
        running.health.clear(request.reason)
        if running.driver.unit.state is State.BROKEN:
            running.driver.feed(BringUpAsked(now_ms()))
        return pb.ClearResponse(state=status.state_of(running.driver.unit.state), faults_cleared=count)

    async def Locate(self, request: pb.LocateRequest, context: Any) -> pb.LocateResponse:
        """See the proto."""
        if request.seconds > LOCATE_MAX_S:
            await _bad(context, "seconds", f"is {request.seconds}", f"0..{LOCATE_MAX_S}")
        self._running.health.locate(request.seconds)
        return pb.LocateResponse(locating_ms=self._running.health.locating_ms)


async def _bad(context: Any, field: str, problem: str, wanted: str) -> None:
    text = f"{field} {problem}; want {wanted}"
    code = grpc.StatusCode.INVALID_ARGUMENT
    told = refusals.not_taken(code, text, None, field=field, problem=problem, wanted=wanted)
    await refusals.send(context, told)
