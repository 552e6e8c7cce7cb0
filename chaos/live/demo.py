"""`make demo`: a sports club's tills sell while units are pulled, replaced and hung; then each purchase is
looked for, with every cent that was taken off and every point.

The last line is one JSON object; the exit status is 0 only if nothing was lost, doubled, refused or left
in doubt, every planned fault happened under traffic, and both units ended with the same state.
"""

import asyncio
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from chaos.live.observer import Observer, TooLong
from chaos.live.plot import Act, Plot
from chaos.live.programme import (
    SPORTS_CLUB,
    NotPublished,
    Sold,
    promotions_table,
    publish,
    sold_by,
    sports_club,
    usages,
)
from chaos.live.screen import Screen
from chaos.live.stage import pair_running
from ftnode.ctl.where import find
from ftnode.pair.layout import PairDir, PairError, read_facts
from loyalty.cli.load.crew import Crew
from loyalty.cli.load.plan import LoadPlan
from loyalty.cli.load.report import Report, judge
from loyalty.cli.load.run import LoadFailed
from loyalty.cli.load.worker import Said
from loyalty.client.accounting import longest_gap, longest_wait
from loyalty.client.history import CallRecord, read_history
from loyalty.client.units import Units
from loyalty.text.files import ProgrammeFile

TILLS_LEAST: Final = 50
LONGEST_S: Final = 200.0  # with the installation before it, less than four minutes in all
FIRST_DUPLEX_S: Final = 40.0
EQUAL_S: Final = 15.0
TAKEOVERS: Final = 3  # two pulled, one hung
REJOINS: Final = 3
FIELDS: Final = ("scheduled", "acknowledged", "lost", "doubled", "unknown", "unknown_on_the_way", "refused",
                 "longest_gap_ms", "longest_wait_ms")  # fmt: skip
CLUB_FIELDS: Final = ("receipts", "money_off_minor", "points_issued", "points_spent", "promotions_applied")
MEMBERS_PER_TILL: Final = 10


@dataclass(slots=True)
class Outcome:
    """All that is known at the end; `problems` is empty if the demo showed what it promised."""

    report: Report | None = None
    calls: list[CallRecord] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    takeovers: int = 0
    rejoins: int = 0
    digests_equal: bool = False
    promotions: list[Sold] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def last_line(self) -> dict[str, Any]:
        """The fields that the demo promises, in their order; what was never found out is null."""
        figures = self.report.figures if self.report else {}
        return {
            **{name: _rounded(figures.get(name)) for name in FIELDS},
            "takeovers": self.takeovers,
            "rejoins": self.rejoins,
            "digests_equal": self.digests_equal,
            **{name: figures.get(name) for name in CLUB_FIELDS},
        }


def main(
    tills: Annotated[int, typer.Option(min=TILLS_LEAST, help="How many tills buy.")] = TILLS_LEAST,
    rate: Annotated[float, typer.Option(min=1, help="Calls a second, all together, on schedule.")] = 150,
    seconds: Annotated[float, typer.Option(min=30, max=600, help="How long they sell.")] = 70,
    plain: Annotated[bool, typer.Option("--plain", help="Lines, also on a terminal.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the directory behind to be looked at.")] = False,
) -> None:
    """Watch a sports club's tills sell while units are pulled, replaced and hung."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # both end the pair in order
    screen = Screen(Console(force_terminal=False if plain else None))
    directory = Path(tempfile.mkdtemp(prefix="ftnode-demo-"))
    outcome = Outcome()
    try:
        screen.say("stage", f"a witness and two units start in {directory}")
        with pair_running(directory) as pair, screen.moving():
            plan = _plan(pair, tills, rate, seconds)
            asyncio.run(_drive(pair, plan, screen, outcome))
    except (PairError, LoadFailed, NotPublished, TooLong, OSError, ValueError, TimeoutError) as problem:
        outcome.problems.append(str(problem) or type(problem).__name__)
    except KeyboardInterrupt:
        outcome.problems.append("stopped by hand")
    _judge(outcome)
    _show_end(screen.console, outcome)
    if outcome.problems or keep:
        print(f"left to be looked at: {directory} (logs in {directory / 'logs'})")
    else:
        shutil.rmtree(directory)
    print(json.dumps(outcome.last_line()), flush=True)
    sys.exit(1 if outcome.problems else 0)


def _plan(pair: PairDir, tills: int, rate: float, seconds: float) -> LoadPlan:
    history = pair.root / "history"
    history.mkdir()
    plan = LoadPlan(
        targets=",".join(unit.till for unit in read_facts(pair).units),
        rate=rate,
        tills=tills,
        seconds=seconds,
        members_per_till=MEMBERS_PER_TILL,
        programme_file=str(SPORTS_CLUB),
        history=str(history),
        run=int.from_bytes(os.urandom(4)) + 1,
    )
    plan.check()
    return plan


async def _drive(pair: PairDir, plan: LoadPlan, screen: Screen, outcome: Outcome) -> None:
    """Everything between the start of the pair and its end."""
    observer = Observer(find(directory=str(pair.root)), on_news=lambda news: screen.say("pair", news))
    following = asyncio.create_task(observer.follow(on_view=screen.see))
    try:
        async with asyncio.timeout(LONGEST_S):
            await observer.until_duplex(FIRST_DUPLEX_S)
            file = sports_club()
            await _open_club(_offices(pair), file, screen)
            finished = await _buy_and_disturb(pair, plan, screen, observer, outcome)
            await observer.until_duplex(FIRST_DUPLEX_S)
            screen.say(
                "judge", "compares every till's own notes with the statements and receipts of the pair"
            )
            outcome.report = await judge(plan, finished)
            outcome.calls = await asyncio.to_thread(_read_all, Path(plan.history))
            async with Units(_offices(pair)) as units:
                counted = await usages(units, file.promotions)
            outcome.promotions = sold_by(file.promotions, outcome.calls, counted)
            with suppress(TooLong):
                await observer.until(lambda view: view.digests_equal is not None, "equal seqs", EQUAL_S)
            outcome.digests_equal = observer.view is not None and observer.view.digests_equal is True
    finally:
        outcome.takeovers, outcome.rejoins = observer.tally.takeovers, observer.tally.rejoins
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


def _offices(pair: PairDir) -> str:
    """Where the back office is answered."""
    return ",".join(unit.admin for unit in read_facts(pair).units)


async def _open_club(offices: str, file: ProgrammeFile, screen: Screen) -> None:
    screen.say(
        "club",
        f"publishes its programme: {len(file.stores)} stores, {len(file.partners)} brands, "
        f"{len(file.promotions)} promotions, their weeks moved to now",
    )
    async with Units(offices) as units:
        await publish(units, file)


async def _buy_and_disturb(
    pair: PairDir, plan: LoadPlan, screen: Screen, observer: Observer, outcome: Outcome
) -> list[Said]:
    """The tills' time; a plot that breaks off is a problem, and the tills go on to their end."""
    with Crew(plan) as crew:
        screen.say("tills", f"{plan.tills} tills enrol {plan.tills * plan.members_per_till} members")
        screen.say("tills", "and book late what members bought while a till had no line")
        await asyncio.to_thread(crew.wait_enrolled)
        screen.say("tills", f"sell for {plan.seconds:g} s, {plan.rate:g} calls a second over both units")
        crew.go()
        buying = asyncio.create_task(
            asyncio.to_thread(crew.wait_finished, lambda newest: screen.see_tills(*in_words(newest)))
        )
        plot = Plot(pair, observer, screen.say, outcome.acts)
        try:
            await plot.play()
            if buying.done():
                outcome.problems.append(
                    f"the tills were done before the faults were; give --seconds more than {plan.seconds:g}"
                )
        except (TooLong, PairError) as problem:
            outcome.problems.append(str(problem))
            screen.say("stage", f"the plot breaks off: {problem}")
        return await buying


def _read_all(directory: Path) -> list[CallRecord]:
    return read_history(sorted(directory.glob("*.jsonl")))


def in_words(newest: Sequence[Said]) -> tuple[str, str]:
    """What a person wants to see every second: how the tills fare, and what they sold."""
    definite = sum(said.done + said.rejected for said in newest)
    waiting = sum(said.in_flight for said in newest)
    middle, slowest = max(said.p50_ms for said in newest), max(said.max_ms for said in newest)
    receipts, issued = sum(said.receipts for said in newest), sum(said.points_issued for said in newest)
    off, spent = sum(said.money_off_minor for said in newest), sum(said.points_spent for said in newest)
    return (
        f"{definite:>6} answered, {waiting:>3} waiting, median {middle:.1f} ms, slowest {slowest:.0f} ms",
        f"{receipts:>6,} receipts, {off / 100:,.2f} EUR taken off, {issued:,} points issued, {spent:,} spent",
    )


def _judge(outcome: Outcome) -> None:
    """Turn figures into problems; whatever is not exactly as promised is one."""
    report = outcome.report
    if report is None:
        outcome.problems.append("the run did not come to its end, so nothing is proven")
        return
    outcome.problems += report.findings
    figures = report.figures
    if not report.ok and not report.findings:
        outcome.problems.append("fewer than 90 % of the calls were acknowledged, or some are still in doubt")
    if figures["refused"]:
        outcome.problems.append(f"{figures['refused']} calls were refused")
    if outcome.takeovers < TAKEOVERS or outcome.rejoins < REJOINS:
        outcome.problems.append(
            f"{outcome.takeovers} takeovers and {outcome.rejoins} rejoins, planned were 3 and 3"
        )
    outcome.problems += [wrong for sold in outcome.promotions if (wrong := sold.wrong(figures["unknown"]))]
    outcome.problems += [f"no {name} in the whole run" for name in CLUB_FIELDS if not figures[name]]
    if not outcome.digests_equal:
        outcome.problems.append("the units did not end with equal digests")


def _show_end(console: Console, outcome: Outcome) -> None:
    """A table of what was done and what the tills saw of it, then what is wrong, if anything is."""
    table = Table(title="gap: no till got an answer; wait: one till's time to a definite one")
    for name in ("what was done", "calls", "longest gap", "longest wait"):
        table.add_column(name, justify="left" if name == "what was done" else "right", no_wrap=True)
    for act, calls in _by_act(outcome):
        table.add_row(
            act, str(len(calls)), f"{longest_gap(calls)[0]:.0f} ms", f"{longest_wait(calls)[0]:.0f} ms"
        )
    console.print(table)
    if outcome.promotions:
        console.print(promotions_table(outcome.promotions))
    for problem in outcome.problems:
        console.print(f"WRONG: {problem}", soft_wrap=True, markup=False, highlight=False)


def _by_act(outcome: Outcome) -> list[tuple[str, list[CallRecord]]]:
    """The calls that were due from each act to the next one."""
    bounds = [act.at_us for act in outcome.acts] + [sys.maxsize]
    rows = [
        (act.what, [call for call in outcome.calls if act.at_us <= call.sent.scheduled_us < until_us])
        for act, until_us in zip(outcome.acts, bounds[1:], strict=True)
    ]
    return [*rows, ("all of it", outcome.calls)]


def _rounded(value: Any) -> Any:
    return round(value, 1) if isinstance(value, float) else value


if __name__ == "__main__":
    typer.run(main)
