"""The story of the demo: what is done to the pair, and what has to come of it before it goes on."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from chaos.live import hands
from chaos.live.observer import Observer
from ftnode.ctl.view import PairView
from ftnode.pair.layout import PairDir
from loyalty.client.history import now_us

QUIET_S: Final = 5.0  # undisturbed, between two things that are done
OUT_S: Final = 3.0  # a pulled unit stays out: somebody has to fetch the new one
HANG_S: Final = 4.0
TAKEOVER_S: Final = 10.0
REJOIN_S: Final = 40.0  # a blank unit copies everything under traffic


@dataclass(frozen=True, slots=True)
class Act:
    """Something that was done, and when, on the clock of the tills' histories."""

    what: str
    at_us: int


@dataclass(frozen=True, slots=True)
class Plot:
    """Told with `await Plot(...).play()`; raises TooLong or PairError where the story breaks off."""

    pair: PairDir
    observer: Observer
    say: Callable[[str, str], None]
    acts: list[Act]  # filled as it goes

    async def play(self) -> None:
        """Pull the active, replace it, pull the other one, replace it, hang one."""
        await asyncio.sleep(QUIET_S)
        first = await self.pull_active()
        await asyncio.sleep(OUT_S)
        await self.insert(first)
        await asyncio.sleep(QUIET_S)
        other = await self.pull_active()
        await asyncio.sleep(OUT_S)
        await self.insert(other)
        await asyncio.sleep(QUIET_S)
        await self.hang_active()
        await asyncio.sleep(QUIET_S)

    async def pull_active(self) -> int:
        """SIGKILL the active unit and throw its disk away; returns which one it was."""
        unit = await self._active()
        self._begin(f"pull unit {unit}, the active one", ": SIGKILL, its data set aside")
        await asyncio.to_thread(hands.pull, self.pair, unit, "pulled by the demo")
        await self.observer.until(_active_is(1 - unit), f"unit {1 - unit} takes over", TAKEOVER_S)
        return unit

    async def insert(self, unit: int) -> None:
        """A blank unit in its place; wait until it is in sync."""
        self._begin(f"put a blank unit {unit} in")
        await asyncio.to_thread(hands.insert, self.pair, unit)
        await self.observer.until_duplex(REJOIN_S)

    async def hang_active(self) -> None:
        """SIGSTOP: every connection stays open and nobody answers on it."""
        unit = await self._active()
        self._begin(f"hang unit {unit}, the active one", f" for {HANG_S:g} s: SIGSTOP")
        hanging = asyncio.create_task(asyncio.to_thread(hands.hang, self.pair, f"unit{unit}", HANG_S))
        await self.observer.until(_active_is(1 - unit), f"unit {1 - unit} takes over", TAKEOVER_S)
        await hanging
        self.say("hands", f"unit {unit} goes on: SIGCONT")
        await self.observer.until_duplex(REJOIN_S)

    def _begin(self, what: str, how: str = "") -> None:
        self.acts.append(Act(what, now_us()))
        self.say("hands", what + how)

    async def _active(self) -> int:
        view = await self.observer.until_duplex(REJOIN_S)
        return view.active or 0


def _active_is(unit: int) -> Callable[[PairView], bool]:
    return lambda view: view.active == unit
