"""Proves that the simulator can see: every planted bug must be caught by a check that is meant to.

`python -m chaos.sim mutants`: a line for each, the last line JSON; exit status 1 if one survives.
"""

import argparse
import json
import multiprocessing
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from typing import Final

from chaos.sim.mutant_table import MUTANTS
from chaos.sim.planting import Mutant, planted
from chaos.sim.profiles import EVERY, pick
from chaos.sim.run import run_seed
from chaos.sim.world import World

SEEDS_MAX: Final = 500


@dataclass(slots=True)
class Catch:
    """What became of one mutant."""

    name: str
    seed: int = 0  # that caught it; 0: none
    check: str = ""
    story: str = ""
    tried: int = 0
    seconds: float = 0.0
    others: Counter[str] = field(default_factory=Counter)  # checks that saw it and were not meant to


def hunt(mutant: Mutant, seeds_max: int = SEEDS_MAX) -> Catch:
    """Plant it and run seeds until a check that is meant to see it does."""
    began, catch = time.monotonic(), Catch(mutant.name)
    with planted(mutant):
        for seed in _order(mutant, seeds_max):
            catch.tried += 1
            summary = run_seed(seed, profile=EVERY.get(mutant.under))
            if summary.check in mutant.seen_by:
                catch.seed, catch.check, catch.story = seed, summary.check, summary.story
                break
            if summary.check:
                catch.others[summary.check] += 1
    catch.seconds = time.monotonic() - began
    return catch


def _order(mutant: Mutant, seeds_max: int) -> Iterator[int]:
    """Seeds that are known to catch it, then from 1 on those whose schedule may meet it."""
    yield from mutant.seeds[:seeds_max]
    fitting = (seed for seed in count(1) if not mutant.profiles or profile_of(seed) in mutant.profiles)
    yield from islice((seed for seed in fitting if seed not in mutant.seeds), seeds_max - len(mutant.seeds))


def profile_of(seed: int) -> str:
    """The name of the profile that a seed picks."""
    return pick(World(seed).random.random()).name


def main(arguments: Sequence[str]) -> int:
    """Hunt them all; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m chaos.sim mutants", description=__doc__)
    parser.add_argument("--only", default="", help="those whose name or rule contains this")
    parser.add_argument("--seeds", type=int, default=SEEDS_MAX, help="most seeds for one (default 500)")
    parser.add_argument("--jobs", type=int, default=2, help="processes (default 2)")
    options = parser.parse_args(arguments)
    began = time.monotonic()
    chosen = [one for one in MUTANTS if options.only in f"{one.name} {one.breaks}"]
    tasks = [(MUTANTS.index(one), options.seeds) for one in chosen]
    caught: list[Catch] = []
    survivors: list[Catch] = []
    with multiprocessing.get_context("fork").Pool(options.jobs, maxtasksperchild=1) as pool:
        for place, catch in pool.imap_unordered(_task, tasks):
            print(_line(MUTANTS[place], catch), flush=True)
            (caught if catch.seed else survivors).append(catch)
    verdict = "pass" if caught and not survivors else "fail"
    figures = {
        "verdict": verdict,
        "mutants": len(chosen),
        "caught": len(caught),
        "survived": [catch.name for catch in survivors],
        "seeds_most": max((catch.tried for catch in caught), default=0),
        "seconds": round(time.monotonic() - began, 1),
    }
    print(json.dumps(figures))
    return 0 if verdict == "pass" else 1


def _task(task: tuple[int, int]) -> tuple[int, Catch]:
    place, seeds_max = task
    return place, hunt(MUTANTS[place], seeds_max)


def _line(mutant: Mutant, catch: Catch) -> str:
    how = f"seed {catch.seed} by {catch.check}" if catch.seed else "SURVIVED"
    others = f"; also seen by {dict(catch.others)}" if catch.others else ""
    return (
        f"{how:<28} {mutant.name:<40} {mutant.breaks:<18} "
        f"{catch.tried} seeds {catch.seconds:.1f} s  {catch.story[:110]}{others}"
    )
