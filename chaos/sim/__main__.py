"""`python -m chaos.sim`: many seeds, one seed line by line, the mutants, the explorer.

Each seed picks a profile (which faults, how often) by itself; with `--profile` all run under that one. The
last line is JSON with the verdict; the exit status is 0 only if it is a pass.
"""

import argparse
import gc
import json
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final

from chaos.sim import explore, mutants
from chaos.sim.profiles import EVERY, Profile
from chaos.sim.report import Report
from chaos.sim.run import Summary, run_seed
from chaos.sim.world import Trace

COMPLETE_SEEDS: Final = 3000
"""From so many seeds on, everything that can happen must have happened."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["mutants"]:
        return mutants.main(given[1:])
    if given[:1] == ["explore"]:
        return explore.main(given[1:])
    options = _parser().parse_args(given)
    profile = EVERY.get(options.profile)
    if options.seed is not None:
        return _one(options.seed, profile)
    return _many(range(options.first, options.first + options.seeds), options.jobs, profile)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m chaos.sim", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many seeds (default 200)")
    parser.add_argument("--first", type=int, default=1, help="the first of them (default 1)")
    parser.add_argument("--jobs", type=int, default=2, help="processes (default 2)")
    parser.add_argument("--seed", type=int, help="replay one seed, one line per decision")
    parser.add_argument(
        "--profile", choices=sorted(EVERY), metavar="NAME", help=f"instead of its own: {', '.join(EVERY)}"
    )
    return parser


def _one(seed: int, profile: Profile | None) -> int:
    began = time.monotonic()
    summary = run_seed(seed, Trace(print), profile)
    report = Report()
    report.add(summary)
    print(report.page())
    figures = report.figures(False, time.monotonic() - began)
    print(json.dumps({"seed": seed, "profile": summary.profile, "trace": summary.trace} | figures))
    return 0 if summary.ok else 1


def _many(seeds: range, jobs: int, profile: Profile | None) -> int:
    began = time.monotonic()
    report = Report()
    for summary in _summaries(seeds, jobs, partial(_run, profile=profile)):
        report.add(summary)
        if not summary.ok:
            print(f"seed {summary.seed} ({summary.profile}) {summary.check}: {summary.story}", flush=True)
        _progress(report, len(seeds), began)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    complete = len(seeds) >= COMPLETE_SEEDS and profile is None
    print(report.page())
    print(json.dumps(report.figures(complete, time.monotonic() - began)))
    return 0 if report.ok(complete) else 1


def _summaries(seeds: range, jobs: int, run: Callable[[int], Summary]) -> Iterator[Summary]:
    if jobs < 2:
        _prepare()
        yield from map(run, seeds)
        return
    with multiprocessing.get_context("fork").Pool(jobs, _prepare, maxtasksperchild=200) as pool:
        yield from pool.imap_unordered(run, seeds, chunksize=4)


def _prepare() -> None:
    """No collector during a seed, and never of what all seeds share: that is always the same."""
    gc.disable()
    gc.collect()
    gc.freeze()


def _run(seed: int, profile: Profile | None) -> Summary:
    """One seed, and away with what is left of it."""
    summary = run_seed(seed, profile=profile)
    gc.collect()
    return summary


def _progress(report: Report, seeds: int, began: float) -> None:
    if not sys.stderr.isatty() or (report.seeds % 10 and report.seeds != seeds):
        return
    done, seconds = report.seeds / seeds, time.monotonic() - began
    bar = "#" * int(done * 40)
    left = int(seconds / done * (1 - done)) if done else 0
    text = f"\r[{bar:<40}] {report.seeds}/{seeds}  {len(report.failed)} failed  {left} s left "
    print(text, end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
