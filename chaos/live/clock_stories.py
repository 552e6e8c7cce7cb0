"""Stories of wrong clocks on a real pair: what is done, and what has to come of it."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from chaos.live.clock_cabinet import LATE_WORD_MS, ClockedCabinet, Saver, Seen, shop, watched
from chaos.live.observer import TooLong
from ftnode.pair.layout import NAMES, WITNESS, PairError

DAY_S: Final = 86_400.0
YEAR_S: Final = 365 * DAY_S
AHEAD_MAX_MS: Final = 2_000  # of the truth: a lot that ends later than that was not ended early
BEHIND_MAX_MS: Final = 3_000  # at the end
QUIET_S: Final = 2.0
NAMED_S: Final = 30.0
AFTER_S: Final = 5.0  # goes on for so long when all that was to be seen was seen
FAST_PPM: Final = 100_000


@dataclass(frozen=True, slots=True)
class Story:
    """One wrong clock. `changes`: how often another unit may become active, and has to."""

    name: str
    why: str
    play: Callable[["Stage"], Awaitable[None]]
    changes: int = 0
    code: str = "clock-off"  # how it has to be named, and with which word
    word: str = ""


@dataclass(slots=True)
class Stage:
    """What a story plays on."""

    cabinet: ClockedCabinet
    seen: Seen
    saver: Saver
    lasts_ms: int  # how long the saver's points last

    @property
    def active(self) -> int:
        """The unit that answers."""
        return self.seen.actives[-1]

    async def until_named(self, code: str, word: str) -> None:
        """Wait until an operator is told. Raises TooLong."""
        loop = asyncio.get_running_loop()
        ends_s = loop.time() + NAMED_S
        while not self.seen.named(code, word):
            if loop.time() > ends_s:
                raise TooLong(f"{code} with {word!r} was not named; {sorted(self.seen.names)}")
            await asyncio.sleep(0.1)


@dataclass(slots=True)
class Told:
    """What came of a story."""

    story: Story
    problems: list[str]
    figures: dict[str, Any]

    @property
    def ok(self) -> bool:
        return not self.problems


async def play(story: Story, directory: Path) -> Told:
    """On a pair of its own; never raises for what a pair can do wrong."""
    seen = Seen()
    problems = seen.problems
    lots: list[tuple[int, int]] = []
    try:
        with ClockedCabinet(directory) as cabinet:
            if story.name == THREE_DAYS:
                seen.base_s = -3 * DAY_S
                for name in NAMES:
                    cabinet.clocks[name].set_off(seen.base_s)
            await cabinet.form()
            async with shop(cabinet, seen) as saver:
                lasts_ms = await saver.begin(int.from_bytes(os.urandom(4)))
                async with watched(cabinet, seen, saver):
                    await asyncio.sleep(QUIET_S)
                    await story.play(Stage(cabinet, seen, saver, lasts_ms))
                    await asyncio.sleep(AFTER_S)
                lots = await saver.holds()
                if lots != saver.lots:
                    problems.append(f"points ended early: {saver.lots}, then {lots}")
            problems += cabinet.ended
    except (PairError, TooLong, ValueError, OSError) as problem:
        problems.append(str(problem) or type(problem).__name__)
    problems += _wrong(story, seen)
    return Told(story, problems, _figures(seen, lots))


def _wrong(story: Story, seen: Seen) -> list[str]:
    wrong: list[str] = []
    ahead_ms = seen.ahead_ms or [0]
    if max(ahead_ms) > AHEAD_MAX_MS + LATE_WORD_MS:
        wrong.append(f"log time was {max(ahead_ms)} ms ahead")
    if ahead_ms[-1] < -BEHIND_MAX_MS:
        wrong.append(f"log time is {-ahead_ms[-1]} ms behind at the end")
    if len(seen.actives) - 1 != story.changes:
        wrong.append(f"units were active in the order {seen.actives}; {story.changes} changes were due")
    return wrong


def _figures(seen: Seen, lots: list[tuple[int, int]]) -> dict[str, Any]:
    return {
        "answered": seen.answered,
        "longest_wait_ms": round(seen.longest_wait_ms),
        "log_time_ahead_ms": max(seen.ahead_ms, default=None),
        "log_time_ahead_at_the_end_ms": seen.ahead_ms[-1] if seen.ahead_ms else None,
        "active": seen.actives,
        "named": sorted(what for code, what in seen.names if "clock" in code or "time" in code),
        "lots": len(lots),
    }


# --- the stories -------------------------------------------------------------------------------


async def _year_ahead(stage: Stage) -> None:
    """The active's wall clock leaps beyond the end of all points, and stays there."""
    unit = stage.active
    stage.cabinet.clocks[f"unit{unit}"].set_off(max(YEAR_S, stage.lasts_ms / 1000 + 30 * DAY_S))
    await stage.until_named("clock-off", f"unit {unit}'s clock is")


async def _day_behind(stage: Stage) -> None:
    """The standby's wall clock falls a day behind; then the active is killed, and it takes over."""
    unit = 1 - stage.active
    stage.cabinet.clocks[f"unit{unit}"].set_off(-DAY_S)
    await stage.until_named("clock-off", f"unit {unit}'s clock is")
    stage.cabinet.tolerant = frozenset({f"unit{1 - unit}"})
    stage.cabinet.kill(f"unit{1 - unit}")
    stage.cabinet.start(f"unit{1 - unit}")
    stage.cabinet.tolerant = frozenset()
    await stage.cabinet.until_duplex()


async def _drifts(stage: Stage) -> None:
    """All clocks of the active's machine run 10 % fast."""
    unit = stage.active
    stage.cabinet.clocks[f"unit{unit}"].run_at(FAST_PPM)
    await stage.until_named("clock-runs-off", f"unit {unit}'s clock runs")
    await stage.cabinet.until_duplex()


async def _witness_ahead(stage: Stage) -> None:
    """The witness's wall clock is a year ahead."""
    stage.cabinet.clocks[WITNESS].set_off(YEAR_S)
    await stage.until_named("witness-clock-off", "ahead of")


async def _three_days_off(stage: Stage) -> None:
    """Three days without power; one unit's clock stood still, and that unit starts first and alone."""
    cabinet, stopped = stage.cabinet, stage.active
    stage.seen.closed = True
    await asyncio.sleep(QUIET_S)
    cabinet.tolerant = frozenset(NAMES)
    for name in NAMES:
        cabinet.kill(name)
    stage.seen.base_s = 0.0
    stage.seen.ahead_ms.clear()
    for name in NAMES:
        cabinet.clocks[name].set_off(-3 * DAY_S if name == f"unit{stopped}" else 0.0)
    cabinet.start(WITNESS)
    cabinet.start(f"unit{stopped}")
    cabinet.tolerant = frozenset({f"unit{1 - stopped}"})
    await cabinet.until_answering()  # no two clocks agree: time goes on from where it stood
    cabinet.start(f"unit{1 - stopped}")
    cabinet.tolerant = frozenset()
    await cabinet.until_duplex()
    await asyncio.sleep(QUIET_S)
    stage.seen.closed = False
    await stage.until_named("clock-off", f"unit {stopped}'s clock is 3 days behind")


THREE_DAYS: Final = "three-days-off"
STORIES: Final = (
    Story("year-ahead", "the active's clock leaps beyond the end of all points", _year_ahead),
    Story("day-behind", "the standby's clock is a day behind when it takes over", _day_behind, changes=1),
    Story("drift", "the active's clocks run 10 % fast: it hands over, once", _drifts, changes=1),
    Story("witness-ahead", "the witness's clock is a year ahead", _witness_ahead),
    Story(THREE_DAYS, "three days without power, and one clock stood still meanwhile", _three_days_off),
)
