"""`ftctl watch`: the units tell their changes themselves; a picture that moves, or lines."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

import grpc
from rich.console import Console
from rich.live import Live

from ftnode.core.record import UNITS
from ftnode.ctl import ask, report
from ftnode.ctl.ask import Answers, Silence
from ftnode.ctl.show import picture
from ftnode.ctl.view import PairView, look
from ftnode.ctl.where import Where
from ftnode.v1 import admin_pb2, admin_pb2_grpc

INTERVAL_MS: Final = 500
AGAIN_S: Final = 0.3  # before a unit that went away is asked again
LINE_S: Final = 10.0  # without a change, a line at least so often
LINE_JOINING_S: Final = 2.0  # and while a unit duplexes


class Watch:
    """The newest answers of all three, kept fresh in the background."""

    def __init__(self, where: Where, interval_ms: int = INTERVAL_MS) -> None:
        """`interval_ms`, at least 100: how often the units speak without a change, and views are made."""
        self._where = where
        self._interval_ms = interval_ms
        self._units: list[ask.UnitAnswer] = [Silence("not asked yet") for _ in UNITS]
        self._heard_s = [0.0 for _ in UNITS]
        self._witness: ask.WitnessAnswer = Silence("not asked yet")

    def view(self) -> PairView:
        """What is known now; a unit whose stream stopped without an end counts as silent."""
        for unit in UNITS:
            silent_s = time.monotonic() - self._heard_s[unit]
            if (
                not isinstance(self._units[unit], Silence)
                and silent_s > ask.TIMEOUT_S + self._interval_ms / 1000
            ):
                self._units[unit] = Silence(
                    f"nothing heard for {silent_s:.0f} s: it hangs, or the network is cut"
                )
        zero, one = (ask.because_out(self._where, unit, self._units[unit]) for unit in UNITS)
        return look(Answers((zero, one), self._witness))

    async def views(self) -> AsyncIterator[PairView]:
        """A view each interval, for as long as somebody asks for one."""
        tasks = [asyncio.create_task(self._follow(unit)) for unit in UNITS]
        tasks.append(asyncio.create_task(self._follow_witness()))
        try:
            await asyncio.sleep(self._interval_ms / 1000)  # the first answers
            while True:
                yield self.view()
                await asyncio.sleep(self._interval_ms / 1000)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self, unit: int) -> None:
        address = self._where.units[unit]
        request = admin_pb2.WatchStatusRequest(interval_ms=self._interval_ms)
        while True:
            async with ask.unit_channel(self._where, unit) as line:
                stub = admin_pb2_grpc.AdminServiceStub(line)
                try:
                    async for answer in stub.WatchStatus(request):
                        self._units[unit], self._heard_s[unit] = answer.status, time.monotonic()
                    self._units[unit] = Silence(f"{address} ended the stream")
                except grpc.aio.AioRpcError as problem:
                    self._units[unit] = Silence(ask.in_words(problem, address, ask.TIMEOUT_S))
            await asyncio.sleep(AGAIN_S)

    async def _follow_witness(self) -> None:
        while True:
            self._witness = await ask.ask_witness(ask.with_cabinet(self._where, self._units))
            await asyncio.sleep(1)


async def watch(where: Where, console: Console, seconds: float) -> PairView | None:
    """Show until the time is over (0: for ever) or the operator stops it; returns the last view."""
    ends_s = time.monotonic() + seconds if seconds else float("inf")
    last: PairView | None = None
    with suppress(asyncio.CancelledError):
        if console.is_terminal:
            with Live(console=console, auto_refresh=False, screen=True) as live:
                async for last in Watch(where).views():
                    live.update(picture(last, console.width), refresh=True)
                    if time.monotonic() >= ends_s:
                        break
        else:
            last = await _lines(
                where, lambda text: console.print(text, soft_wrap=True, highlight=False), ends_s
            )
    return last


async def _lines(where: Where, say: Callable[[str], None], ends_s: float) -> PairView | None:
    """A line for each change, and one now and then without."""
    known: tuple[object, ...] = ()
    said_s = 0.0
    last: PairView | None = None
    async for last in Watch(where).views():
        now_s = time.monotonic()
        often_s = LINE_JOINING_S if any(unit.state == "DUPLEXING" for unit in last.units) else LINE_S
        if report.gist(last) != known or now_s - said_s >= often_s:
            known, said_s = report.gist(last), now_s
            say(f"{datetime.now(UTC):%H:%M:%S.%f}"[:12] + f"  {report.as_line(last)}")
        if now_s >= ends_s:
            break
    return last
