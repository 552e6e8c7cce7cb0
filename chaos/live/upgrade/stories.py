"""Three stories: there, mixed for a while, and aborted. Each on a pair of its own, while tills buy."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from chaos.live.observer import TooLong
from chaos.live.upgrade.cabinet import LATER, NEXT, TODAY, Upgraded
from chaos.live.upgrade.tills import Told, shop
from ftnode.pair.layout import PairError
from ftnode.shell.boot import EXIT_SETUP
from loyalty.engine import Engine

OLD: Final = Engine.version
NEW: Final = OLD + 1
SOAK_S: Final = 3.0
FORMATS_OLD: Final = (1, 2)  # of entries, of the channel
FORMATS_NEW: Final = (2, 3)
TILLS: Final = 6
ENTRIES: Final = 2_000  # by then the log has no beginning any more, so that a blank unit takes a snapshot


@dataclass(slots=True)
class Stage:
    """What a story plays on."""

    cabinet: Upgraded
    told: Told
    problems: list[str]
    rounds: int
    seen: dict[str, Any] = field(default_factory=dict)

    def expect(self, holds: bool, what: str) -> None:
        """Note what is not as it must be, and go on."""
        if not holds:
            self.problems.append(what)

    async def runs(self, version: int, formats: tuple[int, int], when: str) -> None:
        """Both units execute by this version, and write and speak these formats."""
        for unit, one in (await self.cabinet.upgrade())["units"].items():
            said = (one["in_force"], (one["entry_format"], one["channel"]))
            self.expect(
                said == (version, formats), f"{when}: unit {unit} has {said}, not {version}, {formats}"
            )

    async def rule_is(self, new: bool, when: str) -> None:
        """Tills see one version's rule, and only that one, from now on."""
        done, by_rule = self.told.wide_done, self.told.by_rule
        await asyncio.sleep(SOAK_S)
        done, by_rule = self.told.wide_done - done, self.told.by_rule - by_rule
        right = by_rule > 0 and done <= TILLS if new else done > 0 and by_rule == 0
        self.expect(right, f"{when}: of purchases with many pieces {done} were done, {by_rule} refused")


@dataclass(frozen=True, slots=True)
class Story:
    """A play, and why."""

    name: str
    why: str
    play: Callable[[Stage], Awaitable[None]]


@dataclass(slots=True)
class Outcome:
    """What came of a story."""

    story: Story
    problems: list[str]
    figures: dict[str, Any]

    @property
    def ok(self) -> bool:
        return not self.problems


async def play(story: Story, directory: Path, rounds: int) -> Outcome:
    """On a pair of its own; never raises for what a pair can do wrong."""
    problems: list[str] = []
    told, equal = Told(), False
    try:
        with Upgraded(directory) as cabinet:
            await cabinet.form()
            async with shop(cabinet.targets, TILLS, int.from_bytes(os.urandom(4))) as told:
                await asyncio.sleep(1)
                await story.play(Stage(cabinet, told, problems, rounds))
                await asyncio.sleep(1)
            equal = await cabinet.digests_equal()
            problems += [f"ended by itself: {one}" for one in cabinet.ended]
    except (PairError, TooLong, ValueError, OSError) as problem:
        problems.append(str(problem) or type(problem).__name__)
    problems += told.problems
    for name in ("refused", "unknown", "lost", "doubled"):
        if getattr(told, name):
            problems.append(f"{getattr(told, name)} calls {name}")
    if not equal:
        problems.append("the units did not end with equal digests")
    figures = {
        name: getattr(told, name)
        for name in ("calls", "done", "refused", "unknown", "lost", "doubled", "by_rule", "wide_done")
    }
    figures |= {"longest_wait_ms": round(told.longest_wait_ms), "digests_equal": equal}
    return Outcome(story, problems, figures)


# --- the stories -------------------------------------------------------------------------------


async def both_to(stage: Stage, program: str) -> None:
    """One unit at a time, the standby first."""
    active = await stage.cabinet.active()
    for unit in (1 - active, active):
        await stage.cabinet.install(unit, program)


async def there(stage: Stage) -> None:
    """Both to the next program, the switch, the old program refused, and the old version dropped."""
    cabinet = stage.cabinet
    await stage.runs(OLD, FORMATS_OLD, "at first")
    first = 1 - await cabinet.active()
    await cabinet.install(first, NEXT)
    await stage.runs(OLD, FORMATS_OLD, "mixed")
    status, said = await cabinet.ask("upgrade", "switch", "--yes", "--to", str(NEW))
    stage.expect(
        status == 1 and "start it with a program that has it" in said, f"switched while mixed: {said}"
    )
    await stage.rule_is(False, "mixed")
    await cabinet.install(1 - first, NEXT)
    await stage.runs(OLD, (FORMATS_OLD[0], FORMATS_NEW[1]), "both new")
    status, said = await cabinet.ask("upgrade", "switch", "--yes")
    stage.expect(status == 0, f"the switch was refused: {said}")
    await stage.rule_is(True, "switched")
    await stage.runs(NEW, FORMATS_NEW, "switched")
    status, said = await cabinet.ask("upgrade", "abort")
    stage.expect(status == 1 and "no way back" in said, f"aborted behind the switch: {said}")
    await old_is_refused(stage)
    await cabinet.crash(await cabinet.active())
    await stage.rule_is(True, "after a crash")
    await later(stage)


async def old_is_refused(stage: Stage) -> None:
    """With its disk it does not start, with a blank one it may not join; both times it says why."""
    cabinet = stage.cabinet
    unit = 1 - await cabinet.active()
    await cabinet.stop(unit)
    status, words = await cabinet.ends_at_boot(unit, TODAY)
    stage.expect(
        status == EXIT_SETUP and "this program" in words, f"the old program ended with {status}: {words}"
    )
    cabinet.blank(unit)
    cabinet.start(f"unit{unit}")
    seen = await until_named(cabinet, "wrong-program")
    stage.expect(f"version {NEW} is in force" in seen, f"the old program, blank: {seen}")
    await new_box(stage, unit, NEXT)


async def new_box(stage: Stage, unit: int, program: str) -> None:
    """A blank unit takes a snapshot, in the newest format that both programs have."""
    while stage.told.calls < ENTRIES:  # noqa: ASYNC110 - tills buy until the story ends
        await asyncio.sleep(0.2)
    before = stage.cabinet.snapshots(unit)
    await stage.cabinet.install(unit, program, blank=True)
    stage.expect(stage.cabinet.snapshots(unit) > before, f"unit {unit}, blank, took no snapshot")


async def until_named(cabinet: Upgraded, code: str) -> str:
    """What `ftctl status` says under this name. Raises TooLong."""
    for _ in range(120):
        _, said = await cabinet.ask("status", "--json")
        if code in said:
            return said
        await asyncio.sleep(0.5)
    raise TooLong(f"{code} was not named in {said}")


async def later(stage: Stage) -> None:
    """Both checkpoints are past the switch: the old version may go, and does."""
    cabinet = stage.cabinet
    for unit in (0, 1):  # a stop writes no checkpoint, a verify asks for one
        await cabinet.ask("verify", str(unit), "--fast")
    await cabinet.until(lambda seen: seen["older_may_go"], "checkpoints past the switch")
    await both_to(stage, LATER)
    await stage.rule_is(True, "without the old version")
    await stage.runs(NEW, FORMATS_NEW, "without the old version")


async def mixed(stage: Stage) -> None:
    """Two programs for a while: handed over, crashed and blanked, each of them active and each standby."""
    cabinet = stage.cabinet
    await cabinet.install(1 - await cabinet.active(), NEXT)
    for turn in range(stage.rounds):
        await cabinet.hand_over()
        await cabinet.crash(await cabinet.active())
        await cabinet.crash(1 - await cabinet.active())
        unit = 1 - await cabinet.active()
        await new_box(stage, unit, cabinet.programs.get(f"unit{unit}", TODAY))
        await cabinet.hand_over()
        unit = 1 - await cabinet.active()
        await new_box(stage, unit, cabinet.programs.get(f"unit{unit}", TODAY))
        await stage.runs(OLD, FORMATS_OLD, f"mixed, turn {turn + 1}")
        await stage.rule_is(False, f"mixed, turn {turn + 1}")


async def aborted(stage: Stage) -> None:
    """Prepared and taken back, both units on the next program without a switch, and all the way back."""
    cabinet = stage.cabinet
    unit = 1 - await cabinet.active()
    await cabinet.install(unit, NEXT)
    await cabinet.hand_over()  # who prepares must have it
    status, said = await cabinet.ask("upgrade", "prepare")
    stage.expect(status == 0 and f"prepared: {NEW}" in said, f"not prepared: {said}")
    found = await cabinet.upgrade()
    stage.expect(f"has engine version {OLD}" in str(found["not_ready"]), f"ready while mixed: {found}")
    await stage.rule_is(False, "prepared")
    status, said = await cabinet.ask("upgrade", "abort")
    stage.expect(status == 0 and "prepared: none" in said, f"not aborted: {said}")
    await cabinet.install(1 - unit, NEXT)
    await stage.rule_is(False, "both new, aborted")
    await stage.runs(OLD, (FORMATS_OLD[0], FORMATS_NEW[1]), "both new, aborted")
    await both_to(stage, TODAY)
    await cabinet.crash(await cabinet.active())
    await stage.rule_is(False, "back")
    await stage.runs(OLD, FORMATS_OLD, "back")


STORIES: Final = (
    Story("there", "to the next program, the switch, and what comes after it", there),
    Story("mixed", "two programs for a while, with crashes, handovers and blank disks", mixed),
    Story("aborted", "prepared, taken back, and both units back on the program that they had", aborted),
)
