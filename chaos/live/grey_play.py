"""Play one grey fault under load, and judge it: who went out, why, how often, and what tills felt."""

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from chaos.live.durability_cabinet import Cabinet
from chaos.live.observer import Observer, TooLong, is_duplex
from ftnode.ctl.view import PairView
from ftnode.pair.layout import PairError
from loyalty.cli.load.crew import Crew
from loyalty.cli.load.plan import LoadPlan
from loyalty.cli.load.report import Report, judge
from loyalty.cli.load.run import LoadFailed
from loyalty.client.accounting import longest_gap, longest_wait
from loyalty.client.history import CallRecord, now_us, read_history

LEAD_S: Final = 2.0
WORST_MS: Final = 2000.0  # what a till may feel of one fault
HEAL_S: Final = 40.0
SETTLE_S: Final = 1.0
LOOK_S: Final = 0.1
NOBODY: Final = -1


@dataclass(frozen=True, slots=True)
class Grey:
    """One fault, and what has to come of it."""

    name: str
    why: str
    fault: Callable[[Cabinet, int], AbstractContextManager[None]]
    on_active: bool  # whose part it is
    out: (
        str  # who is out by the end of the fault: "ill", "active" (who was it), "standby", "either", "nobody"
    )
    reason: str  # a word that the reason shown must have
    settings: tuple[tuple[str, str], ...] = ()  # FTNODE_ variables
    on_disks: bool = False
    seconds: float = 12.0  # how long it lasts
    tail_s: float = 20.0  # and tills buy after it


@dataclass(slots=True)
class Result:
    """What came of it."""

    name: str
    figures: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether everything is as it has to be."""
        return not self.problems


async def play(grey: Grey, directory: Path, tills: int, rate: float) -> Result:
    """All of it; never raises for what a pair can do wrong."""
    result = Result(grey.name)
    before = {name: os.environ.get(name) for name, _ in grey.settings}
    os.environ.update(dict(grey.settings))
    try:
        with Cabinet(directory, on_disks=grey.on_disks) as cabinet:
            await cabinet.form()
            await _under_load(grey, cabinet, result, tills, rate)
            if not await cabinet.digests_equal():
                result.problems.append("the units did not end with equal digests")
            result.problems += [f"ended by itself: {one}" for one in cabinet.ended]
    except (PairError, TooLong, LoadFailed, ValueError, OSError) as problem:
        result.problems.append(str(problem))
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
    return result


def plan_of(cabinet: Cabinet, seconds: float, tills: int, rate: float) -> LoadPlan:
    """Tills that buy on schedule for so long."""
    history = cabinet.pair.root / "history"
    history.mkdir()
    plan = LoadPlan(
        targets=cabinet.targets,
        rate=rate,
        tills=tills,
        seconds=seconds,
        members_per_till=1,
        history=str(history),
        run=int.from_bytes(os.urandom(4)) + 1,
    )
    plan.check()
    return plan


async def _under_load(grey: Grey, cabinet: Cabinet, result: Result, tills: int, rate: float) -> None:
    plan = plan_of(cabinet, LEAD_S + grey.seconds + grey.tail_s, tills, rate)
    observer = Observer(cabinet.where, on_news=lambda news: None)
    following = asyncio.create_task(observer.follow())
    try:
        view = await observer.until_duplex(HEAL_S)
        with Crew(plan) as crew:
            await asyncio.to_thread(crew.wait_enrolled)
            crew.go()
            buying = asyncio.create_task(asyncio.to_thread(crew.wait_finished, lambda newest: None))
            await asyncio.sleep(LEAD_S)
            began_us = now_us()
            await _hurt(grey, cabinet, observer, observer.view or view, result)
            healed_s = time.monotonic()
            try:
                await observer.until(is_duplex, "duplex after the fault", HEAL_S)
            except TooLong as problem:
                result.problems.append(str(problem))
            result.figures["duplex_again_s"] = round(time.monotonic() - healed_s, 1)
            finished = await buying
        report = await judge(plan, finished)
        calls = await asyncio.to_thread(lambda: read_history(sorted(Path(plan.history).glob("*.jsonl"))))
        feel(result, [call for call in calls if call.sent.scheduled_us >= began_us], report)
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def _hurt(grey: Grey, cabinet: Cabinet, observer: Observer, before: PairView, result: Result) -> None:
    """The fault is there for its time; then who is out, why, and how often something changed is told."""
    active = before.active or 0
    ill = active if grey.on_active else 1 - active
    reasons: set[str] = set()
    takeovers = observer.tally.takeovers
    with ExitStack() as stack:
        await asyncio.to_thread(stack.enter_context, grey.fault(cabinet, ill))
        ends_s = time.monotonic() + grey.seconds
        while time.monotonic() < ends_s:
            await asyncio.sleep(LOOK_S)
            if observer.view is not None:
                reasons |= _reasons(observer.view)
        view = observer.view or before
        result.figures |= {"ill": ill, "was_active": active, "is_active": view.active}
        await asyncio.to_thread(stack.close)
    out = [unit for unit in (0, 1) if unit not in view.in_sync]
    either = out if len(out) == 1 else [1 - active]
    named = {"ill": [ill], "active": [active], "standby": [1 - active], "either": either, "nobody": []}
    wanted = named[grey.out]
    changes, epochs = observer.tally.takeovers - takeovers, view.epoch - before.epoch
    told = sorted(one for one in reasons if grey.reason in one)
    result.figures |= {"out": out, "takeovers": changes, "epochs": epochs, "reason": told[0] if told else ""}
    if out != wanted:
        result.problems.append(f"out are {out}, wanted {wanted}; said was {sorted(reasons)}")
    if changes > (1 if wanted == [active] else 0) or epochs > len(wanted):
        result.problems.append(f"flapped: {changes} changes of the active, {epochs} of the record")
    if not told:
        result.problems.append(f"no reason with the word {grey.reason!r} was shown: {sorted(reasons)}")


def _reasons(view: PairView) -> set[str]:
    """What the units say of themselves and of each other."""
    found = {one.what for one in view.wrong}
    for unit in view.units:
        if unit.status is not None:
            found |= {part.ill for part in unit.status.parts if part.ill}
            found.add(unit.status.peer.last_words)
    return found - {""}


def feel(result: Result, calls: Sequence[CallRecord], report: Report) -> None:
    """What tills felt from the fault on; safety without exception."""
    gap_ms, wait_ms = longest_gap(calls)[0], longest_wait(calls)[0]
    result.figures |= {"gap_ms": round(gap_ms), "wait_ms": round(wait_ms)}
    names = ("scheduled", "acknowledged", "lost", "doubled", "unknown", "refused")
    result.figures |= {name: report.figures.get(name) for name in names}
    for name, value in (("gap", gap_ms), ("wait", wait_ms)):
        if value >= WORST_MS:
            result.problems.append(
                f"a till's worst {name} was {value:.0f} ms, below {WORST_MS:.0f} ms is wanted"
            )
    result.problems += report.findings
    if not report.ok and not report.findings:
        result.problems.append("calls are still in doubt, or fewer than 90 % were acknowledged")
