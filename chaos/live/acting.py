"""Do what a scenario's steps say, to a pair that is watched."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from chaos.live import hands
from chaos.live.observer import Observer, is_duplex
from chaos.live.scenario import Step
from ftnode.ctl import ask
from ftnode.ctl.view import PairView, Redundancy
from ftnode.pair.layout import PairDir, PairError
from ftnode.v1 import admin_pb2, admin_pb2_grpc

ASK_S = 20.0
BY = "chaos"


@dataclass(slots=True)
class Actor:
    """Remembers who was pulled, so that a later step can put a blank one in."""

    pair: PairDir
    observer: Observer
    say: Callable[[str], None]
    pulled: int = 0
    hanging: list["asyncio.Task[None]"] = field(default_factory=list)

    async def perform(self, steps: tuple[Step, ...]) -> None:
        """Step by step. Raises TooLong, PairError or grpc.aio.AioRpcError where it does not go on."""
        for step in steps:
            before = self._view()
            await self._do(step, before)
            if step.until:
                await self.observer.until(
                    _reached(step, before), f"{step.do} {step.who}: {step.until}", step.within_s
                )
        hanging, self.hanging = self.hanging, []
        await asyncio.gather(*hanging)

    def _view(self) -> PairView:
        if self.observer.view is None:
            raise PairError("the pair was never seen")
        return self.observer.view

    async def _do(self, step: Step, view: PairView) -> None:
        names = self._names(step, view)
        if step.do:
            self.say(f"{step.do} {' '.join(names)}".strip())
        match step.do:
            case "crash":
                await asyncio.gather(*(asyncio.to_thread(hands.crash, self.pair, name) for name in names))
            case "hang":
                for name in names:
                    hang = asyncio.to_thread(hands.hang, self.pair, name, step.seconds)
                    self.hanging.append(asyncio.create_task(hang))
            case "stutter":
                for name in names:
                    stutter = asyncio.to_thread(hands.stutter, self.pair, name, step.seconds)
                    self.hanging.append(asyncio.create_task(stutter))
            case "pull":
                self.pulled = int(names[0][-1])
                await asyncio.to_thread(hands.pull, self.pair, self.pulled)
            case "insert":
                await asyncio.to_thread(hands.insert, self.pair, self.pulled)
            case "switchover" | "bring-down" | "bring-up":
                await self._ask(step.do, int(names[0][-1]) if names else view.active or 0)

    def _names(self, step: Step, view: PairView) -> list[str]:
        active = view.active or 0
        return {
            "": [],
            "active": [f"unit{active}"],
            "standby": [f"unit{1 - active}"],
            "pulled": [f"unit{self.pulled}"],
            "witness": ["witness"],
            "both": ["unit0", "unit1"],
            "all": ["unit0", "unit1", "witness"],
        }[step.who]

    async def _ask(self, what: str, unit: int) -> None:
        async with ask.unit_channel(self.observer.where, unit) as line:
            stub = admin_pb2_grpc.AdminServiceStub(line)
            if what == "switchover":
                await stub.Switchover(admin_pb2.SwitchoverRequest(reason=BY), timeout=ASK_S)
            elif what == "bring-down":
                await stub.BringDown(admin_pb2.BringDownRequest(reason=BY), timeout=ASK_S)
            else:
                await stub.BringUp(admin_pb2.BringUpRequest(reason=BY), timeout=ASK_S)


def _reached(step: Step, before: PairView) -> Callable[[PairView], bool]:
    """Whether a later view is what the step waits for; never the view from before it."""

    def reached(view: PairView) -> bool:
        if view is before:
            return False
        if step.until == "takeover":
            return view.active is not None and view.active != before.active
        if step.until == "simplex":
            return view.redundancy is Redundancy.SIMPLEX
        return is_duplex(view) and (
            not step.do or view.epoch > before.epoch or before.redundancy is Redundancy.DUPLEX
        )

    return reached
