"""Walks through everything that can happen in the small world of `explore_model`, nearest first.

`python -m chaos.sim explore`: breadth first from a duplex pair at rest, so the first counterexample is a
shortest one; it is printed action by action. The last line is JSON; exit status 1 if a check failed.
`complete` is true if every reachable state was visited, or one that can do all that it can. Two faults with
two commands are complete: 176,769 states, 63 actions deep, in under a minute of one core; so are three
(--full): 3,488,894 states, 85 deep, in about ten minutes.

Two units, the witness, two commands; every combination of up to two faults (--full: three) at any point
of any path: a crash (with or without what was under way to the disk; a swap that it sent may land at any
time later) and a restart at any time, the loss of a disk, a cut of one link in one direction, a lost
message, a swap that lands late or never, a lost answer of the witness, its restart. With --away the witness
goes for long, as often as that, and comes back at any time: a survivor is designated. (rule 11)
With --forces the operator makes a unit active, as often as that, while the other one is off, which may come
back at any time. (rule 12) The only answers that may be missing then are those that were given before he
asked and that the forced unit does not hold; more than that is wrong. --commands 1 --forces 1 is complete:
73,909 states, 58 deep, in seconds. Another witness is not named here, and nothing rots.

Bounds that stay, whatever `complete` says: `explore_acts` lets what is under way end in a fixed order, but
for --delays overtakings; patience ends only where no session is heard, but for --timeouts more; short ticks,
commands, restarts, mended links and late swaps come when nothing is under way.

Of worlds that are equal but for names one is visited (`explore_names`), and of equal ones that with the
larger budgets: it can do all that the other can.
"""

import argparse
import gc
import json
import sys
import time
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from chaos.sim.explore_acts import Action, act, actions, due_in
from chaos.sim.explore_memory import Memory
from chaos.sim.explore_model import World, Wrong, first_world
from chaos.sim.explore_names import Names
from chaos.sim.say import said
from ftnode.core.fsm import State

GUARDS: Final = sum(1 << 6 * place + 5 for place in range(8))
"""The highest bit of each budget in a row of budgets: it is there after a subtraction that did not borrow."""
NEVER_S: Final = 1e9


@dataclass(slots=True)
class Walk:
    """What a walk found."""

    states: int = 0
    steps: int = 0
    depth: int = 0  # all states up to this many actions were visited
    complete: bool = False
    wrong: str = ""
    path: list[str] = field(default_factory=list)
    seconds: float = 0.0


def duplex_world(
    faults: int, delays: int, timeouts: int, writes: int, reads: int, away: int = 0, forces: int = 0
) -> World:
    """Bring the pair up without faults, always by what is due next."""
    world, memory = first_world(), Memory()
    for unit in (0, 1):
        world = act(world, ("boot", unit, 0), memory)
    for turn in range(400):
        states = sorted(side.unit.state for side in world.sides if side.unit is not None)
        if states == [State.ACTIVE, State.STANDBY] and not list(due_in(world)):
            world = world._replace(faults=faults, delays=delays, timeouts=timeouts, writes=writes)
            return world._replace(reads=reads, away=away, forces=forces)
        if list(due_in(world)):
            world = act(world, next(due_in(world)), memory)
        else:
            alone = world.record.epoch == 1 and turn % 7 == 0
            world = act(world, ("long tick", 0, 1) if alone else ("short tick", turn % 2, 0), memory)
    raise Wrong("the pair did not come up by itself")


@dataclass(slots=True)
class Seen:
    """What was visited: for each world, but for names, the budgets it was met with; and how each was met."""

    names: Names = field(default_factory=Names)
    met: dict[bytes, tuple[int, ...]] = field(default_factory=dict)
    lists: dict[tuple[int, ...], tuple[int, ...]] = field(default_factory=dict)
    parents: "array[int]" = field(default_factory=lambda: array("L"))
    by: list[Action | None] = field(default_factory=list)

    def new(self, world: World, parent: int, action: Action | None) -> bool:
        """Note a world, unless it was met with budgets as large."""
        key, budget = self.names.key(world), budget_of(world)
        met = self.met.get(key, ())
        if any(_covers(one, budget) for one in met):
            return False
        kept = (*(one for one in met if not _covers(budget, one)), budget)
        self.met[key] = self.lists.setdefault(kept, kept)
        self.parents.append(parent)
        self.by.append(action)
        return True


def budget_of(world: World) -> int:
    """The budgets, six bits each, in a row; what is allowed only once something happened is one, too."""
    total = int(world.faulted)
    budgets = (world.faults, world.delays, world.timeouts, world.writes, world.reads, world.away)
    for budget in (*budgets, world.forces):
        total = total << 6 | budget
    return total


def _covers(one: int, other: int) -> bool:
    """Is none of these budgets smaller than the other's?"""
    return (one + GUARDS - other) & GUARDS == GUARDS


def walk(start: World, depth_max: int, states_max: int, seconds_max: float) -> Walk:
    """Breadth first, until a check fails, everything was seen, or a budget is used up."""
    collects = gc.isenabled()
    gc.disable()  # nothing here is a cycle, and there is much to look through
    try:
        return _walk(start, depth_max, states_max, seconds_max)
    finally:
        if collects:
            gc.enable()


def _walk(start: World, depth_max: int, states_max: int, seconds_max: float) -> Walk:
    began, found, seen, memory = time.monotonic(), Walk(states=1), Seen(), Memory()
    first, second = (memory.settled(side, False, False) for side in start.sides)
    start = start._replace(sides=(first, second))
    seen.new(start, 0, None)
    edge = [(0, start)]
    while edge and found.depth < depth_max and not found.wrong:
        after_edge: list[tuple[int, World]] = []
        for place, world in edge:
            found.seconds = time.monotonic() - began
            if found.states >= states_max or found.seconds > seconds_max:
                return found
            for action in actions(world):
                found.steps += 1
                try:
                    after = act(world, action, memory)
                except Wrong as wrong:
                    found.wrong, found.path = str(wrong), _path(start, seen, place, action)
                    return found
                if seen.new(after, place, action):
                    after_edge.append((found.states, after))
                    found.states += 1
        edge = after_edge
        found.depth += 1
    found.complete = not edge
    found.seconds = time.monotonic() - began
    return found


def _path(start: World, seen: Seen, place: int, last: Action) -> list[str]:
    taken = [last]
    while (action := seen.by[place]) is not None:
        place = seen.parents[place]
        taken.append(action)
    lines, world, memory = [], start, Memory()
    for action in reversed(taken):
        name, at, more = action
        lines.append(f"{name} {at} {more}   {_brief(world)}")
        if action is not last:
            world = act(world, action, memory)
    return lines


def _brief(world: World) -> str:
    units = " ".join(
        f"{side.unit.state if side.unit else 'down'}:{len(side.log)}/{side.durable}" for side in world.sides
    )
    return f"{said(world.record)} {units} shown {len(world.shown)}"


def main(arguments: Sequence[str]) -> int:
    """Walk and tell; the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.forces and options.away:
        parser.error("--forces and --away are walked apart: a struck survivor answers alone (decisions/0200)")
    faults = options.faults if options.faults is not None else (3 if options.full else 2)
    seconds = options.seconds if options.seconds is not None else (NEVER_S if options.full else 120)
    start = duplex_world(
        faults,
        options.delays,
        options.timeouts,
        options.commands,
        options.reads,
        options.away,
        options.forces,
    )
    found = walk(start, options.depth, options.states, seconds)
    for line in found.path:
        print(line)
    if found.wrong:
        print(f"=> {found.wrong}")
    figures = {
        "verdict": "fail" if found.wrong else "pass",
        "states": found.states,
        "steps": found.steps,
        "depth": found.depth,
        "seconds": round(found.seconds, 1),
        "faults": faults,
        "commands": options.commands,
        "reads": options.reads,
        "delays": options.delays,
        "timeouts": options.timeouts,
        "away": options.away,
        "forces": options.forces,
        "complete": found.complete,
        "ok": not found.wrong,
        "wrong": found.wrong[:300],
    }
    print(json.dumps(figures))
    return 1 if found.wrong else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m chaos.sim explore", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    add = parser.add_argument
    add("--full", action="store_true", help="three faults, and as long as it takes")
    add("--faults", type=int, help="most faults on one path (default 2; with --full 3)")
    add("--commands", "--writes", type=int, default=2, help="commands (default 2)")
    add("--reads", type=int, default=0, help="reads (default 0)")
    add("--delays", type=int, default=0, help="most overtakings on one path (default 0)")
    add("--timeouts", type=int, default=0, help="most patiences that end for no reason (default 0)")
    add("--away", type=int, default=0, help="times that the witness goes for long (default 0)")
    add("--forces", type=int, default=0, help="times that a unit is forced, the other one off (default 0)")
    add("--depth", type=int, default=1000, help="most actions on one path (default 1000)")
    add("--states", type=int, default=100_000_000, help="most states (default 100,000,000)")
    add("--seconds", type=float, help="most time (default 120; with --full no bound)")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
