"""A pair whose units are looked at closely: which one was convicted, of what, and how it comes back."""

import asyncio
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
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
VERIFY_S: Final = 300.0  # a helper reads, and the unit's own work comes first
WORDS_S: Final = 2.0
BACK_S: Final = 60.0
LAST_WORDS: Final = ("convicted", "rot_in_state", "bug", "disk_failed", "halt")


@dataclass(frozen=True, slots=True)
class Moment:
    """How the units were before something was done to them."""

    pids: tuple[int, int]
    logged_bytes: tuple[int, int]
    active: int


@dataclass(frozen=True, slots=True)
class Gone:
    """The unit that went, what it says was found in it, whether its process ended, and when that was seen."""

    unit: int
    words: str
    ended: bool
    at_s: float

    @property
    def put_out(self) -> bool:
        """Nothing was found, and it did not end: it was slow on a busy machine, or its partner was."""
        return not self.words and not self.ended


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

    def now(self) -> Moment:
        """To be compared with later."""
        zero, one = (Path(self.pair.log(f"unit{unit}")).stat().st_size for unit in (0, 1))
        return Moment((self.pid(0), self.pid(1)), (zero, one), self.view.active or 0)

    async def found(self, before: Moment, longest_s: float) -> Gone | None:
        """The first one that is broken, begun anew or out of the set; None if nobody is."""
        ends_s = time.monotonic() + longest_s
        while (now_s := time.monotonic()) < ends_s:
            for unit in (0, 1):
                status = self.view.units[unit].status
                if status is not None and status.state == BROKEN:
                    return Gone(unit, self._last_words(unit, before) or status.state_why, True, now_s)
            for unit in (0, 1):
                if self._ended(unit, before) or self.view.in_sync == (1 - unit,):
                    return await self._why(unit, before, now_s)
            await asyncio.sleep(0.05)
        return None

    def _ended(self, unit: int, before: Moment) -> bool:
        return self.pid(unit) not in (0, before.pids[unit])

    async def _why(self, unit: int, before: Moment, at_s: float) -> Gone:
        """Who was convicted by the other one says so itself a moment later."""
        ends_s = time.monotonic() + WORDS_S
        while not (words := self._last_words(unit, before)):
            if time.monotonic() > ends_s:
                break
            await asyncio.sleep(0.05)
        return Gone(unit, words, self._ended(unit, before), at_s)

    def left_alone(self, unit: int, before: Moment) -> bool:
        """Whether it was alone since then, but not because anything was found in the other one.

        The machine is busy. Its log says so before it answers alone.
        """
        alone = f"in sync {{{unit}}}"
        was = any(
            said.get("event") == "record" and str(said.get("why", "")).endswith(alone)
            for said in self._said(unit, before)
        )
        return was and not self._last_words(1 - unit, before)

    async def verify(self, unit: int, *what: str) -> str:
        """Have the unit read its disk again, now; what it found of these kinds. Raises TooLong."""
        found: list[str] = []
        async with ask.unit_channel(self.observer.where, unit) as line:
            stub = admin_pb2_grpc.AdminServiceStub(line)
            try:
                async for part in stub.Verify(admin_pb2.VerifyRequest(fast=True), timeout=VERIFY_S):
                    found += [one.why for one in part.findings if one.what in what]
            except grpc.aio.AioRpcError as problem:
                raise TooLong(f"unit {unit} does not read its disk again: {problem.details()}") from problem
        return "; ".join(found)

    async def says(self, unit: int, event: str, before: Moment, longest_s: float) -> bool:
        """Whether the unit has written this into its log since then, or does so in time."""
        ends_s = time.monotonic() + longest_s
        while time.monotonic() < ends_s:
            if any(said.get("event") == event for said in self._said(unit, before)):
                return True
            await asyncio.sleep(0.1)
        return False

    def _said(self, unit: int, before: Moment) -> Iterator[dict[str, Any]]:
        """The lines of its log since then, newest first."""
        with Path(self.pair.log(f"unit{unit}")).open("rb") as log:
            log.seek(before.logged_bytes[unit])
            lines = log.read().decode(errors="replace").splitlines()
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

    async def begin_anew(self, unit: int) -> None:
        """Kill its process: the next one knows only what is on disk. Raises TooLong."""
        old = self.pid(unit)
        os.kill(old, signal.SIGKILL)
        ends_s = time.monotonic() + BACK_S
        while self.pid(unit) in (0, old) and time.monotonic() < ends_s:  # noqa: ASYNC110 - asks a file
            await asyncio.sleep(0.05)
        await self.whole_again()

    async def _bring_up(self, unit: int) -> None:
        async with ask.unit_channel(self.observer.where, unit) as line:
            stub = admin_pb2_grpc.AdminServiceStub(line)
            with suppress(grpc.aio.AioRpcError):  # its process is about to end, or has just begun
                await stub.BringUp(admin_pb2.BringUpRequest(reason="flips"), timeout=ASK_S)

    def _last_words(self, unit: int, before: Moment) -> str:
        """Why it had to go, by its log; empty if nothing was found in it."""
        for said in self._said(unit, before):
            if said.get("event") in LAST_WORDS:
                return f"{said['event']}: {said.get('why', '')}"
        return ""
