"""Watch a pair from outside, as an operator would, and count what happened to it."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from ftnode.ctl.view import PairView, Redundancy
from ftnode.ctl.watch import Watch
from ftnode.ctl.where import Where

INTERVAL_MS: Final = 100


class TooLong(Exception):
    """Something that had to happen did not, in the time it was given."""


@dataclass(slots=True)
class Tally:
    """What happened so far, from the views in their order."""

    takeovers: int = 0  # another unit became active
    rejoins: int = 0  # the pair was duplex again after it was not
    active: int | None = None  # the last one known
    duplex: bool = False
    was_duplex: bool = False

    def see(self, view: PairView) -> list[str]:
        """Take in one view; returns what is new in it, in words."""
        news: list[str] = []
        if view.active is not None and view.active != self.active:
            if self.active is not None:
                self.takeovers += 1
                news.append(f"unit {view.active} has taken over, epoch {view.epoch}")
            self.active = view.active
        duplex = is_duplex(view)
        if duplex and not self.duplex:
            self.rejoins += self.was_duplex
            news.append("duplex: both units hold everything")
        elif self.duplex and not duplex and view.redundancy is Redundancy.SIMPLEX:
            news.append(f"simplex: unit {view.active} serves alone, epoch {view.epoch}")
        if duplex or view.redundancy is Redundancy.SIMPLEX:  # between the two, nothing is known for certain
            self.duplex, self.was_duplex = duplex, self.was_duplex or duplex
        return news


def is_duplex(view: PairView) -> bool:
    """Both in the set, and both say so themselves."""
    states = sorted(unit.state for unit in view.units)
    return view.redundancy is Redundancy.DUPLEX and states == ["ACTIVE", "STANDBY"]


@dataclass(slots=True)
class Observer:
    """Keeps `view` fresh and `tally` complete while `follow` runs; `on_news` hears of each change."""

    where: Where
    on_news: Callable[[str], None]
    tally: Tally = field(default_factory=Tally)
    view: PairView | None = None
    fresh: asyncio.Event = field(default_factory=asyncio.Event)

    async def follow(self, on_view: Callable[[PairView], None] = lambda view: None) -> None:
        """Until cancelled."""
        async for view in Watch(self.where, INTERVAL_MS).views():
            self.view = view
            on_view(view)
            for news in self.tally.see(view):
                self.on_news(news)
            self.fresh.set()

    async def until(self, condition: Callable[[PairView], bool], what: str, longest_s: float) -> PairView:
        """Wait for a view that fulfils the condition.

        Raises:
            TooLong: none did in `longest_s`.
        """
        ends_s = time.monotonic() + longest_s
        while True:
            if self.view is not None and condition(self.view):
                return self.view
            self.fresh.clear()
            left_s = ends_s - time.monotonic()
            try:
                async with asyncio.timeout(max(left_s, 0.001)):
                    await self.fresh.wait()
            except TimeoutError:
                raise TooLong(f"{what}: not after {longest_s:g} s; {self._last()}") from None

    async def until_duplex(self, longest_s: float) -> PairView:
        """Wait until both units are in sync and say so."""
        return await self.until(is_duplex, "duplex", longest_s)

    def _last(self) -> str:
        if self.view is None:
            return "nothing was heard"
        return "; ".join([self.view.headline, *(wrong.what for wrong in self.view.wrong)])
