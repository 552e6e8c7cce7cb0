"""`loyalty load`: drive a pair, keep the whole history, and judge at the end what the pair made of it."""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from loyalty.cli.load.crew import Crew
from loyalty.cli.load.plan import LoadPlan, Mode
from loyalty.cli.load.report import judge, throughput
from loyalty.cli.load.run import LoadFailed
from loyalty.cli.load.shopper import Mix
from loyalty.cli.load.worker import Said
from loyalty.cli.show import EXIT_NOT_TAKEN, complain


def load(
    context: typer.Context,
    rate: Annotated[float, typer.Option(help="Calls a second, all tills together.")] = 500.0,
    tills: Annotated[int, typer.Option(help="Tills, spread over the units.")] = 50,
    seconds: Annotated[float, typer.Option(help="How long.")] = 60.0,
    mode: Annotated[
        str,
        typer.Option(help="open: on schedule. unary, batch: keep --in-flight going, and measure."),
    ] = "open",
    in_flight: Annotated[int, typer.Option(help="Callers per process (unary, batch); 1 is one caller.")] = 32,
    batch: Annotated[int, typer.Option(help="Purchases per call (batch).")] = 50,
    processes: Annotated[int, typer.Option(help="Worker processes that share the load.")] = 1,
    programme_file: Annotated[
        str,
        typer.Option(metavar="FILE", help="Baskets of this published programme (open)."),
    ] = "",
    members: Annotated[int, typer.Option(help="Members per till, enrolled beforehand.")] = 4,
    spending: Annotated[int, typer.Option(help="Purchases with points, percent.")] = 20,
    returns: Annotated[int, typer.Option(help="Returns, percent.")] = 5,
    balances: Annotated[int, typer.Option(help="Looks at a balance, percent.")] = 15,
    history: Annotated[str, typer.Option(help="Directory for the history; must be new or empty.")] = "",
    keep_history: Annotated[
        bool, typer.Option(help="Without one nothing is judged: only measure (unary).")
    ] = True,
    seed: Annotated[int, typer.Option(help="The same seed does the same shopping.")] = 1,
    hedge_after_ms: Annotated[int, typer.Option(help="Ask the other unit too after so long.")] = 150,
    give_up_after_s: Annotated[int, typer.Option(help="How long to ask for what is unknown.")] = 60,
    lean: Annotated[
        bool, typer.Option("--lean", help="A bare HTTP/2 client: a tenth of the cost, no hedging.")
    ] = False,
) -> None:
    """Drive the pair with tills and judge it by its own statements.

    Open loop: calls leave on schedule whatever the answers take, and a wait counts from the schedule. Every
    call is in the history before it leaves; what is unknown is asked again until definite. At the end every
    answer is compared with the members' statements, and the last line is one JSON object: scheduled,
    acknowledged, lost, doubled, unknown, longest_gap_ms (no till was answered), longest_wait_ms (one till,
    to a definite answer) and more. Exit status 0 if nothing is off, 1 if something is, 3 if it could not run.
    """
    settings: Any = context.obj
    try:
        plan = LoadPlan(
            targets=settings.targets,
            mode=_mode(mode),
            rate=rate,
            tills=tills,
            seconds=seconds,
            in_flight=in_flight,
            batch=batch,
            members_per_till=members,
            mix=Mix(spending_percent=spending, returns_percent=returns, balances_percent=balances),
            programme_file=programme_file,
            processes=processes,
            run=int.from_bytes(os.urandom(5)) % (2**39 - 1) + 1,
            seed=seed,
            history=_history(history) if keep_history and mode != "batch" else "",
            deadline_ms=settings.policy.deadline_ms,
            give_up_after_ms=give_up_after_s * 1000,
            hedge_after_ms=hedge_after_ms,
            lean=lean,
            ca=settings.ca,
            certificate=settings.certificate,
            key=settings.key,
        )
        plan.check()
        figures, ok = _run(plan, settings.as_json)
    except (LoadFailed, OSError) as problem:
        complain(str(problem))
        print(json.dumps({"ok": False, "problem": str(problem)}))
        raise typer.Exit(EXIT_NOT_TAKEN) from None
    except ValueError as problem:
        raise typer.BadParameter(str(problem)) from None
    print(json.dumps(figures))
    raise typer.Exit(0 if ok else 1)


def _run(plan: LoadPlan, as_json: bool) -> tuple[dict[str, Any], bool]:
    """Enrol, send, judge."""
    note = _Notes(as_json)
    with Crew(plan) as crew:
        note(f"enrolling {plan.tills * plan.members_per_till} members at {plan.targets}")
        crew.wait_enrolled()
        what = f"{plan.rate:g} calls/s" if plan.mode == "open" else f"{plan.in_flight} {plan.mode} in flight"
        note(f"{plan.tills} tills, {what}, {plan.seconds:g} s, {plan.processes} process(es)")
        crew.go()
        finished = crew.wait_finished(note.progress)
    if not plan.history:
        figures = throughput(plan, finished)
        return figures, figures["unknown"] == 0
    note(f"comparing the history in {plan.history} with the statements")
    report = asyncio.run(judge(plan, finished))
    for finding in report.findings:
        note(finding)
    return {**report.figures, "history": plan.history}, report.ok


class _Notes:
    """Progress on standard error: standard output is for the last line alone."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json

    def __call__(self, text: str) -> None:
        print(
            json.dumps({"event": "note", "text": text}) if self.as_json else text, file=sys.stderr, flush=True
        )

    def progress(self, newest: Sequence[Said]) -> None:
        totals = {
            name: sum(getattr(said, name) for said in newest)
            for name in ("sent", "in_flight", "done", "rejected", "not_taken", "unknown")
        }
        slowest = max(said.max_ms for said in newest)
        epoch = max(said.epoch for said in newest)
        if self.as_json:
            line = {"event": "progress", **totals, "epoch": epoch, "max_ms": slowest}
            print(json.dumps(line), file=sys.stderr, flush=True)
            return
        self(
            f"  sent {totals['sent']:>7}  done {totals['done']:>7}  rejected {totals['rejected']:>5}  "
            f"not taken {totals['not_taken']:>5}  waiting {totals['in_flight']:>5}  epoch {epoch}  "
            f"p50 {max(said.p50_ms for said in newest):7.1f} ms  slowest {slowest:8.1f} ms"
        )


def _mode(text: str) -> Mode:
    match text:
        case "open" | "unary" | "batch":
            return text
    raise ValueError(f"mode is {text!r}, may be open, unary or batch")


def _history(text: str) -> str:
    """A directory of our own for the histories."""
    if not text:
        return tempfile.mkdtemp(prefix="loyalty-load-")
    directory = Path(text)
    directory.mkdir(parents=True, exist_ok=True)
    if any(directory.glob("worker-*.jsonl")):
        raise ValueError(f"--history {text}: holds the history of another run; give a new directory")
    return str(directory)
