"""Play one scenario: a pair, tills that buy on schedule, repetitions of hurt and heal, a judgement."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import grpc

from chaos.live.acting import Actor
from chaos.live.crowd import CrowdFailed, crowd
from chaos.live.observer import Observer, TooLong
from chaos.live.scenario import Scenario
from chaos.live.stage import pair_running
from ftnode.ctl.where import find
from ftnode.pair.layout import PairDir, PairError, read_facts
from loyalty.cli.load.crew import Crew
from loyalty.cli.load.plan import LoadPlan
from loyalty.cli.load.report import Report, judge
from loyalty.cli.load.run import LoadFailed
from loyalty.client.accounting import longest_gap, longest_wait
from loyalty.client.history import CallRecord, now_us, read_history

LEAD_S: Final = 3.0  # undisturbed at the start
TAIL_S: Final = 4.0  # and at the end, where the old rate has to be back
AFTERMATH_S: Final = 1.0  # after healing, too, tills may feel it
BACK_PERCENT: Final = 90  # of the schedule, answered within the tail
START_S: Final = 60.0
ENOUGH: Final = 10  # repetitions of which nine of ten can be said
LOOSE: Final = 5  # below that, only a limit so many times as wide: one run on a busy machine proves no speed


@dataclass(slots=True)
class Played:
    """What came of a scenario. Lists have one number per repetition."""

    scenario: Scenario
    gaps_ms: list[float] = field(default_factory=list)
    waits_ms: list[float] = field(default_factory=list)
    acts_us: list[int] = field(default_factory=list)
    healed_us: list[int] = field(default_factory=list)  # or given up
    report: Report | None = None
    digests_equal: bool = False
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether everything is as the scenario demands."""
        return not self.problems

    def figures(self) -> dict[str, Any]:
        """For programs."""
        known = self.report.figures if self.report else {}
        return {
            "ok": self.ok,
            "times": len(self.gaps_ms),
            "gap_ms": spread(self.gaps_ms),
            "wait_ms": spread(self.waits_ms),
            **{
                name: known.get(name)
                for name in ("scheduled", "acknowledged", "lost", "doubled", "unknown", "refused")
            },
        }

    def in_words(self) -> str:
        """For a person."""
        known = self.report.figures if self.report else {}
        return (
            f"{len(self.gaps_ms)} times: gap {_in_words(self.gaps_ms)}, wait {_in_words(self.waits_ms)}; "
            f"{known.get('acknowledged', 0)} of {known.get('scheduled', 0)} acknowledged, "
            f"{known.get('lost', '?')} lost, {known.get('doubled', '?')} doubled"
        )


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is there meanwhile: tills that buy, `rate` calls a second between them, and idle clients."""

    tills: int
    rate: float
    idle: int = 0


async def play(scenario: Scenario, directory: Path, times: int, audience: Audience) -> Played:
    """Play it `times` times under one load; never raises for what a pair can do wrong."""
    played = Played(scenario)
    try:
        with pair_running(directory) as pair:
            plan = _plan(pair, times * scenario.cycle_s + LEAD_S + TAIL_S, audience)
            observer = Observer(find(directory=str(pair.root)), on_news=lambda news: None)
            following = asyncio.create_task(observer.follow())
            try:
                await observer.until_duplex(START_S)
                async with _crowded(plan.targets, audience.idle):
                    await _under_load(played, plan, Actor(pair, observer, lambda text: None), times)
                await _look_at_the_end(played, observer)
            finally:
                following.cancel()
                await asyncio.gather(following, return_exceptions=True)
    except (PairError, LoadFailed, TooLong, CrowdFailed, ValueError, OSError) as problem:
        played.problems.append(str(problem))
    _hold_to_limits(played)
    return played


@asynccontextmanager
async def _crowded(targets: str, clients: int) -> AsyncIterator[None]:
    """So many idle clients, connected to both units. Raises CrowdFailed."""
    with ExitStack() as stack:
        if clients:
            await asyncio.to_thread(stack.enter_context, crowd(targets, clients))
        yield


def _plan(pair: PairDir, seconds: float, audience: Audience) -> LoadPlan:
    history = pair.root / "history"
    history.mkdir()
    targets = ",".join(unit.till for unit in read_facts(pair).units)
    run = int.from_bytes(os.urandom(4)) + 1
    plan = LoadPlan(
        targets=targets,
        rate=audience.rate,
        tills=audience.tills,
        seconds=seconds,
        history=str(history),
        run=run,
    )
    plan.check()
    return plan


async def _under_load(played: Played, plan: LoadPlan, actor: Actor, times: int) -> None:
    """Tills buy the whole time; repetitions start at their times; then the books are compared."""
    with Crew(plan) as crew:
        await asyncio.to_thread(crew.wait_enrolled)
        crew.go()
        began_us = now_us()
        buying = asyncio.create_task(asyncio.to_thread(crew.wait_finished, lambda newest: None))
        for number in range(times):
            due_s = LEAD_S + number * played.scenario.cycle_s - (now_us() - began_us) / 1e6
            await asyncio.sleep(max(0.0, due_s))
            await _repeat(played, actor, late_s=-due_s)
        finished = await buying
    played.report = await judge(plan, finished)
    calls = await asyncio.to_thread(_read_all, Path(plan.history))
    _measure(played, calls)
    _check_tail(played, calls, began_us + int((plan.seconds - TAIL_S / 2) * 1e6), plan.rate * TAIL_S / 2)


async def _repeat(played: Played, actor: Actor, late_s: float) -> None:
    """Hurt, then heal; what does not come is a problem, and the next repetition starts in time."""
    if late_s > 1:
        played.problems.append(f"repetition {len(played.acts_us) + 1} begins {late_s:.1f} s late")
    played.acts_us.append(now_us())
    try:
        await actor.perform(played.scenario.hurt)
        await actor.perform(played.scenario.heal)
    except (TooLong, PairError) as problem:
        played.problems.append(f"repetition {len(played.acts_us)}: {problem}")
    except grpc.aio.AioRpcError as problem:
        played.problems.append(
            f"repetition {len(played.acts_us)}: {problem.code().name}: {problem.details()}"
        )
    finally:
        played.healed_us.append(now_us())


async def _look_at_the_end(played: Played, observer: Observer) -> None:
    view = await observer.until(lambda view: view.digests_equal is not None, "equal seqs", START_S)
    played.digests_equal = view.digests_equal is True


def _read_all(directory: Path) -> list[CallRecord]:
    return read_history(sorted(directory.glob("*.jsonl")))


def _measure(played: Played, calls: Sequence[CallRecord]) -> None:
    """Gap and wait of each repetition: of the calls due from its act until a little after healing."""
    if not played.acts_us:
        return
    next_us = [*played.acts_us[1:], played.healed_us[-1] + int(AFTERMATH_S * 1e6)]
    for at_us, healed_us, then_us in zip(played.acts_us, played.healed_us, next_us, strict=True):
        until_us = min(healed_us + int(AFTERMATH_S * 1e6), then_us)
        within = [call for call in calls if at_us <= call.sent.scheduled_us < until_us]
        played.gaps_ms.append(longest_gap(within)[0])
        played.waits_ms.append(longest_wait(within)[0])


def _check_tail(played: Played, calls: Sequence[CallRecord], from_us: int, scheduled: float) -> None:
    """Healed means: what is due is answered again, at once."""
    prompt = [
        call
        for call in calls
        if call.sent.scheduled_us >= from_us
        and call.is_definite
        and call.answers[-1].answered_us - call.sent.scheduled_us < TAIL_S / 2 * 1e6
    ]
    if len(prompt) * 100 < scheduled * BACK_PERCENT:
        played.problems.append(
            f"at the end {len(prompt)} of {scheduled:.0f} calls due were answered: not healed"
        )


def _hold_to_limits(played: Played) -> None:
    """Safety without exception; gap and wait in nine of ten."""
    scenario, report = played.scenario, played.report
    if report is None:
        played.problems.append("the run did not come to its end, so nothing is proven")
        return
    played.problems += report.findings
    if not report.ok and not report.findings:
        played.problems.append("calls are still in doubt, or fewer than 90 % were acknowledged")
    if not played.digests_equal:
        played.problems.append("the units did not end with equal digests")
    for name, values, limit_ms in (
        ("gap", played.gaps_ms, scenario.gap_ms),
        ("wait", played.waits_ms, scenario.wait_ms),
    ):
        reached_ms, factor = nine_of_ten(values), 1 if len(values) >= ENOUGH else LOOSE
        if reached_ms > limit_ms * factor:
            played.problems.append(
                f"{name} {reached_ms:.0f} ms in nine of ten, at most {limit_ms * factor:.0f}"
            )


def nine_of_ten(values: Sequence[float]) -> float:
    """The value that nine of ten do not exceed; the only one of one."""
    if not values:
        return 0.0
    return sorted(values)[max(0, -(-len(values) * 9 // 10) - 1)]


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median, the value that nine of ten do not exceed, and longest; empty of nothing."""
    if not values:
        return {}
    ranked = sorted(values)
    return {
        "median": round(ranked[len(ranked) // 2], 1),
        "nine_of_ten": round(nine_of_ten(values), 1),
        "longest": round(ranked[-1], 1),
    }


def _in_words(values: Sequence[float]) -> str:
    told = spread(values)
    return f"{told['median']:.0f} / {told['nine_of_ten']:.0f} / {told['longest']:.0f} ms" if told else "?"
