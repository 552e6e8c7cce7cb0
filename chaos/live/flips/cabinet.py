"""A pair whose units are looked at closely: which one was convicted, of what, and how it comes back."""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import grpc

from chaos.live.observer import Observer, TooLong, is_duplex
from ftnode.ctl import ask
from ftnode.ctl.view import PairView
from ftnode.pair.layout import PairDir, read_facts
from ftnode.v1 import admin_pb2, admin_pb2_grpc

BROKEN: Final = admin_pb2.UNIT_STATE_BROKEN
ASK_S: Final = 10.0
BACK_S: Final = 60.0
LAST_WORDS: Final = ("convicted", "rot_in_state", "bug", "disk_failed", "halt")
LINES: Final = 2000  # of a log, looked at from the end


class Cabinet:
    """See the module."""

    def __init__(self, pair: PairDir, observer: Observer) -> None:
        self.pair, self.observer = pair, observer

    @property
    def view(self) -> PairView:
        """As it was seen last."""
        if self.observer.view is None:
            raise TooLong("the pair was never seen")
        return self.observer.view

    def pid(self, unit: int) -> int:
        """Of the unit's process; 0 if none runs."""
        process = read_facts(self.pair).units[unit].process
        return 0 if process is None else process.pid

    async def found(self, pids: tuple[int, int], longest_s: float) -> tuple[int, str] | None:
        """(unit, what is said of it) of the first one that is broken or begun anew; None if nobody is."""
        ends_s = time.monotonic() + longest_s
        while time.monotonic() < ends_s:
            for unit in (0, 1):
                status = self.view.units[unit].status
                if status is not None and status.state == BROKEN:
                    return unit, status.state_why
            for unit in (0, 1):
                pid = self.pid(unit)
                if pid not in (0, pids[unit]):
                    await asyncio.sleep(1.0)  # broken or not: its new life says so
                    status = self.view.units[unit].status
                    broken = status is not None and status.state == BROKEN
                    return unit, status.state_why if broken and status is not None else self._last_words(unit)
            if len(self.view.in_sync) == 1:
                unit = 1 - self.view.in_sync[0]
                return unit, self._last_words(unit)
            await asyncio.sleep(0.05)
        return None

    async def verify(self, unit: int) -> str:
        """Have the unit read its disk again, now; what it found in its log, in words."""
        found: list[str] = []
        async with ask.unit_channel(self.observer.where, unit) as line:
            stub = admin_pb2_grpc.AdminServiceStub(line)
            async for part in stub.Verify(admin_pb2.VerifyRequest(fast=True), timeout=BACK_S):
                found += [one.why for one in part.findings if one.what == "entries"]
        return "; ".join(found)

    async def says(self, unit: int, event: str, longest_s: float) -> bool:
        """Whether the unit writes this into its log, in time."""
        ends_s = time.monotonic() + longest_s
        while time.monotonic() < ends_s:
            if any(said.get("event") == event for said in self._newest(unit)):
                return True
            await asyncio.sleep(0.1)
        return False

    def _newest(self, unit: int) -> Iterator[dict[str, Any]]:
        """The last lines of its log, newest first."""
        lines = Path(self.pair.log(f"unit{unit}")).read_text(errors="replace").splitlines()[-LINES:]
        for line in reversed(lines):
            with suppress(ValueError):
                yield json.loads(line)

    async def whole_again(self) -> float:
        """Clear whoever is broken, and wait for duplex; the seconds it took. Raises TooLong."""
        began_s = time.monotonic()
        ends_s = began_s + BACK_S
        while time.monotonic() < ends_s:
            view = self.view
            if is_duplex(view) and all(self.pid(unit) for unit in (0, 1)):
                return time.monotonic() - began_s
            for unit in view.units:
                if unit.status is not None and unit.status.state == BROKEN:
                    await self._bring_up(unit.unit)
            await asyncio.sleep(0.1)
        raise TooLong(f"duplex: not after {BACK_S:g} s; {self.view.headline}")

    async def _bring_up(self, unit: int) -> None:
        async with ask.unit_channel(self.observer.where, unit) as line:
            stub = admin_pb2_grpc.AdminServiceStub(line)
            with suppress(grpc.aio.AioRpcError):  # its process is about to end, or has just begun
                await stub.BringUp(admin_pb2.BringUpRequest(reason="flips"), timeout=ASK_S)

    def _last_words(self, unit: int) -> str:
        """Why its process ended, by its log."""
        for said in self._newest(unit):
            if said.get("event") in LAST_WORDS:
                return f"{said['event']}: {said.get('why', '')}"
        return "its process ended without a word"
