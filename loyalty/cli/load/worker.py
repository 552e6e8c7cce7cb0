"""One process of a load: `python -m loyalty.cli.load.worker PLAN`, PLAN as JSON; started by `crew.py`.

Says each step as a line of JSON on standard output: enrolled, then (once it was told to go, by a line on
standard input) a progress line a second, then finished. When standard input ends, so does the worker: no
load outlives the command that asked for it.
"""

import asyncio
import gc
import os
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from time import process_time_ns

import msgspec
import uvloop

from loyalty.cli.load.plan import LoadPlan
from loyalty.cli.load.recorder import Progress, Recorder
from loyalty.cli.load.run import Load, LoadFailed
from loyalty.client.accounting import percentiles
from loyalty.client.connect import credentials
from loyalty.client.history import HistoryWriter, now_us
from loyalty.client.lean import LeanUnits
from loyalty.client.policy import Policy
from loyalty.client.units import Units

PROGRESS_EVERY_S = 1.0


class Said(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line from a worker."""

    event: str  # enrolled, progress, finished, failed
    problem: str = ""
    sent: int = 0
    in_flight: int = 0
    done: int = 0
    rejected: int = 0
    not_taken: int = 0
    unknown: int = 0
    epoch: int = 0
    p50_ms: float = 0.0  # of this second's answers; of all of them when finished
    p99_ms: float = 0.0
    max_ms: float = 0.0
    receipts: int = 0  # with --programme-file, from the first on: this and the next four
    money_off_minor: int = 0
    points_issued: int = 0
    points_spent: int = 0
    promotions: int = 0
    took_us: int = 0  # finished: from the first call to the last answer
    cpu_us: int = 0  # finished: processor time that this process spent on it


def say(said: Said) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(said) + b"\n")
    sys.stdout.buffer.flush()


def snapshot(
    event: str, progress: Progress, waits_ms: list[float], took_us: int = 0, cpu_us: int = 0
) -> Said:
    """The progress as a line."""
    ranks = percentiles(waits_ms, (50, 99))
    told = progress.told
    return Said(
        event=event,
        sent=progress.sent,
        in_flight=progress.in_flight,
        done=told["done"],
        rejected=told["rejected"],
        not_taken=told["not_taken"] + told["nottaken"],
        unknown=told["unknown"],
        epoch=progress.epoch,
        p50_ms=round(ranks.get("p50", 0.0), 3),
        p99_ms=round(ranks.get("p99", 0.0), 3),
        max_ms=round(max(waits_ms, default=0.0), 3),
        **asdict(progress.takings),
        took_us=took_us,
        cpu_us=cpu_us,
    )


async def work(plan: LoadPlan, go: threading.Event) -> None:
    """Enrol, wait for the word, send, and tell."""
    policy = Policy(
        deadline_ms=plan.deadline_ms,
        give_up_after_ms=plan.give_up_after_ms,
        hedge_after_ms=plan.hedge_after_ms,
    )
    path = Path(plan.history) / f"worker-{plan.worker}.jsonl" if plan.history else None
    async with _connections(plan, policy) as units:
        history = HistoryWriter(path) if path else None
        progress = Progress()
        load = Load(plan, units, Recorder(history, progress, bool(plan.programme_file)))
        await load.enrol()
        say(Said(event="enrolled", sent=progress.sent))
        await asyncio.to_thread(go.wait)
        progress.sent, progress.waits_ms = 0, []
        progress.told.clear()
        gc.freeze()
        began_us, began_cpu_us, all_waits_ms = now_us(), process_time_ns() // 1000, list[float]()
        telling = asyncio.ensure_future(_tell(progress, all_waits_ms))
        await (load.open_loop() if plan.mode == "open" else load.closed_loop())
        telling.cancel()
        all_waits_ms += progress.waits_ms
        cpu_us = process_time_ns() // 1000 - began_cpu_us
        say(snapshot("finished", progress, all_waits_ms, now_us() - began_us, cpu_us))


def _connections(plan: LoadPlan, policy: Policy) -> Units | LeanUnits:
    if plan.lean:
        return LeanUnits(plan.targets, policy)
    return Units(plan.targets, policy, credentials(plan.ca, plan.certificate, plan.key))


async def _tell(progress: Progress, all_waits_ms: list[float]) -> None:
    while True:
        await asyncio.sleep(PROGRESS_EVERY_S)
        waits_ms, progress.waits_ms = progress.waits_ms, []
        all_waits_ms += waits_ms
        say(snapshot("progress", progress, waits_ms))


def _listen(go: threading.Event) -> None:
    """The first line means go; the end of input means that nobody wants us any more."""
    sys.stdin.buffer.readline()
    go.set()
    sys.stdin.buffer.read()
    os._exit(3)


def main() -> int:
    plan = msgspec.json.decode(sys.argv[1], type=LoadPlan)
    go = threading.Event()
    threading.Thread(target=_listen, args=(go,), daemon=True).start()
    try:
        uvloop.run(work(plan, go))
    except (LoadFailed, OSError) as problem:
        say(Said(event="failed", problem=str(problem)))
        return 1
    return 0


if __name__ == "__main__":
    sys.stdout.flush()
    os._exit(main())
