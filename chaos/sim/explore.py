"""Walks through everything that can happen in the small world of `explore_model`, nearest first.

`python -m chaos.sim explore`: breadth first from a duplex pair at rest, so the first counterexample is a
shortest one; it is printed action by action. The last line is JSON; exit status 1 if a check failed.
A walk that ends by its budget says how deep it was complete.

What is under way ends in a fixed order, unless something overtakes it: each overtaking is paid from a
budget, as faults are. (Emmi, Qadeer, Rakamaric: "Delay-bounded scheduling", 2011.) Without that bound the
orders of harmless events would drown the faults.
"""

import argparse
import gc
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from chaos.sim.explore_model import (
    LONG_MS,
    NOW_MS,
    SHORT_MS,
    WITNESS,
    Desk,
    Side,
    World,
    Wrong,
    first_world,
)
from chaos.sim.say import said
from ftnode.core import events as ev
from ftnode.core.fsm import State

DIRECTIONS: Final = ((0, 1), (1, 0), (0, WITNESS), (1, WITNESS))
FAULTS: Final = ("crash", "blank", "lose", "swap held", "answer lost", "witness restart", "cut")
Action = tuple[str, int, int]


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


def actions(world: World) -> Iterator[Action]:
    """Everything that may happen next: what is due first, what may come at any time, delays, faults."""
    due = list(_due(world))
    quiet = not due
    if quiet:
        due = [
            ("short tick", at, 0) for at in (world.turn, 1 - world.turn) if world.sides[at].unit is not None
        ]
    yield from due[:1]
    if quiet or world.delays:
        yield from _from_outside(world)
    if world.faulted and world.timeouts and (quiet or world.delays):
        yield from (("long tick", at, 0) for at in (0, 1) if world.sides[at].unit is not None)
    if world.delays:
        yield from due[1:]
    if world.faults:
        yield from _faults(world)


def _due(world: World) -> Iterator[Action]:
    """What is under way, in the order in which it ends unless something is delayed."""
    for at in (0, 1):
        if world.queues[at] and world.sides[1 - at].unit is not None:
            yield "deliver", at, 0
    for at in (0, 1):
        side = world.sides[at]
        if side.unit is not None and (side.writing or side.durable < len(side.log)):
            yield "sync", at, 0
    for place, _ in enumerate(world.swaps):
        yield "swap lands", place, 0


def _from_outside(world: World) -> Iterator[Action]:
    """What somebody outside decides, or an earlier fault left open: when nothing is under way."""
    for at in (0, 1):
        if world.sides[at].unit is None:
            yield "boot", at, 0
        if world.writes and Desk.of(world).accepts(at):
            yield "write", at, 0
        if world.reads and Desk.of(world).accepts_reads(at):
            yield "read", at, 0
    for place, _ in enumerate(world.late):
        yield "late swap lands", place, 0
    for place, _ in enumerate(world.cuts):
        yield "mend", place, 0


def _delay(world: World, action: Action) -> int:
    """1 if this is not what is due next: something that was under way is overtaken."""
    if action[0] in FAULTS:
        return 0
    due = next(_due(world), None)
    return int(due is not None and action != due)


def _faults(world: World) -> Iterator[Action]:
    for at in (0, 1):
        if world.sides[at].unit is not None:
            yield "crash", at, 0
            if world.sides[at].writing or world.sides[at].durable < len(world.sides[at].log):
                yield "crash", at, 1  # and what was under way is on the disk
        elif _spare(world, at):
            yield "blank", at, 0
        if world.queues[at]:
            yield "lose", at, 0
    for place, _ in enumerate(world.swaps):
        yield "swap held", place, 0
        yield "answer lost", place, 0
    if world.swaps:
        yield "witness restart", 0, 0
    for source, target in DIRECTIONS:
        if (source, target) not in world.cuts:
            yield "cut", source, target


def _spare(world: World, at: int) -> bool:
    """May this disk be lost? The other unit is in the set and holds all; no swap of this one is under way."""
    other = world.sides[1 - at]
    if 1 - at not in world.record.in_sync or other.harmed:
        return False
    if any(swap.by == at for swap in (*world.swaps, *world.late)):
        return False
    return other.log[: other.durable][: len(world.shown)] == world.shown


def act(world: World, action: Action) -> World:
    """The world after an action. Raises Wrong."""
    name, at, more = action
    world = world._replace(delays=world.delays - _delay(world, action))
    desk = Desk.of(world)
    if name in FAULTS:
        desk.world = desk.world._replace(faults=world.faults - 1, faulted=True)
    match name:
        case "deliver":
            desk.deliver(at)
        case "boot":
            desk.boot(at)
        case "sync":
            desk.sync(at)
        case "short tick":
            desk.world = desk.world._replace(turn=1 - at)
            desk.feed(at, ev.Tick(NOW_MS + SHORT_MS, NOW_MS))
        case "long tick":
            desk.world = desk.world._replace(timeouts=max(0, world.timeouts - 1))
            desk.feed(at, ev.Tick(NOW_MS + LONG_MS, NOW_MS))
        case "write":
            desk.feed(at, ev.Proposed(NOW_MS, NOW_MS, 1))
            desk.world = desk.world._replace(writes=desk.world.writes - 1)
        case "read":
            desk.world = desk.world._replace(reads=desk.world.reads - 1)
            desk.feed(at, ev.ReadAsked(NOW_MS))
        case "crash":
            desk.end(at, keep=bool(more))
        case "blank":
            blank = Side(None, None, (), 0, world.sides[at].boots, harmed=True)
            desk.sides[at] = blank
        case "lose":
            desk.queues[at].pop(0)
        case "cut":
            desk.world = desk.world._replace(cuts=(*desk.world.cuts, (at, more)))
            if more != WITNESS:
                desk.queues[at].clear()
        case "mend":
            cuts = tuple(cut for place, cut in enumerate(world.cuts) if place != at)
            desk.world = desk.world._replace(cuts=cuts)
        case _:
            _swaps(desk, name, at)
    return desk.done()


def _swaps(desk: Desk, name: str, place: int) -> None:
    world = desk.world
    if name == "late swap lands":
        swap = world.late[place]
        desk.world = world._replace(late=_without(world.late, place))
        desk.land(swap)
        return
    if name == "witness restart":
        desk.world = world._replace(swaps=())
        for swap in world.swaps:
            desk.feed(swap.by, ev.WitnessSilent(NOW_MS, swap.op))
        return
    swap = world.swaps[place]
    desk.world = world._replace(swaps=_without(world.swaps, place))
    if name == "swap held":
        desk.world = desk.world._replace(late=(*desk.world.late, swap))
        desk.feed(swap.by, ev.WitnessSilent(NOW_MS, swap.op))
        return
    reached = (swap.by, WITNESS) not in world.cuts
    won = reached and desk.land(swap)
    if name == "answer lost" or desk.out_of_reach(swap.by):
        desk.feed(swap.by, ev.WitnessSilent(NOW_MS, swap.op))
        return
    world = desk.world
    desk.feed(swap.by, ev.RecordRead(NOW_MS, swap.op, world.record, world.told_seq, NOW_MS, won))


def _without(swaps: tuple, place: int) -> tuple:  # type: ignore[type-arg]
    return swaps[:place] + swaps[place + 1 :]


def duplex_world(faults: int, delays: int, timeouts: int, writes: int, reads: int) -> World:
    """Bring the pair up without faults, always by what is due next."""
    world = first_world()
    for unit in (0, 1):
        world = act(world, ("boot", unit, 0))
    for turn in range(400):
        states = sorted(side.unit.state for side in world.sides if side.unit is not None)
        if states == [State.ACTIVE, State.STANDBY] and not list(_due(world)):
            return world._replace(faults=faults, delays=delays, timeouts=timeouts, writes=writes, reads=reads)
        if list(_due(world)):
            world = act(world, next(_due(world)))
        else:
            alone = world.record.epoch == 1 and turn % 7 == 0
            world = act(world, ("long tick", 0, 0) if alone else ("short tick", turn % 2, 0))
    raise Wrong("the pair did not come up by itself")


def walk(start: World, depth_max: int, states_max: int, seconds_max: float) -> Walk:
    """Breadth first, until a check fails, everything was seen, or a budget is used up."""
    began, found = time.monotonic(), Walk(states=1)
    parents: dict[int, tuple[int, Action | None]] = {hash(start): (0, None)}
    edge = [(hash(start), start)]
    while edge and found.depth < depth_max:
        after_edge: list[tuple[int, World]] = []
        for place, world in edge:
            if found.states >= states_max or time.monotonic() - began > seconds_max:
                found.seconds = time.monotonic() - began
                return found
            for action in actions(world):
                found.steps += 1
                try:
                    after = act(world, action)
                except Wrong as wrong:
                    found.wrong = str(wrong)
                    found.path = _path(start, parents, place, action)
                    found.seconds = time.monotonic() - began
                    return found
                key = hash(after)
                if key not in parents:
                    parents[key] = (place, action)
                    after_edge.append((key, after))
                    found.states += 1
        edge = after_edge
        found.depth += 1
    found.complete = not edge
    found.seconds = time.monotonic() - began
    return found


def _path(start: World, parents: dict[int, tuple[int, Action | None]], key: int, last: Action) -> list[str]:
    taken = [last]
    while (step := parents[key])[1] is not None:
        key = step[0]
        taken.append(step[1])
    lines, world = [], start
    for action in reversed(taken):
        name, at, more = action
        lines.append(f"{name} {at} {more}   {_brief(world)}")
        if action is not last:
            world = act(world, action)
    return lines


def _brief(world: World) -> str:
    units = " ".join(
        f"{side.unit.state if side.unit else 'down'}:{len(side.log)}/{side.durable}" for side in world.sides
    )
    return f"{said(world.record)} {units} shown {len(world.shown)}"


def main(arguments: Sequence[str]) -> int:
    """Walk and tell; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m chaos.sim explore", description=__doc__)
    parser.add_argument("--faults", type=int, default=3, help="most faults on one path (default 3)")
    parser.add_argument("--delays", type=int, default=0, help="most overtakings on one path (default 0)")
    parser.add_argument("--timeouts", type=int, default=1, help="most patiences that end (default 1)")
    parser.add_argument("--writes", type=int, default=1, help="commands (default 1)")
    parser.add_argument("--reads", type=int, default=1, help="reads (default 1)")
    parser.add_argument("--depth", type=int, default=200, help="most actions on one path (default 200)")
    parser.add_argument("--states", type=int, default=3_000_000, help="most states (default 3,000,000)")
    parser.add_argument("--seconds", type=float, default=120, help="most time (default 120)")
    options = parser.parse_args(arguments)
    gc.disable()
    start = duplex_world(options.faults, options.delays, options.timeouts, options.writes, options.reads)
    found = walk(start, options.depth, options.states, options.seconds)
    for line in found.path:
        print(line)
    if found.wrong:
        print(f"=> {found.wrong}")
    figures = {
        "verdict": "fail" if found.wrong else "pass",
        "states": found.states,
        "steps": found.steps,
        "depth": found.depth,
        "complete": found.complete,
        "faults": options.faults,
        "delays": options.delays,
        "timeouts": options.timeouts,
        "seconds": round(found.seconds, 1),
        "wrong": found.wrong[:300],
    }
    print(json.dumps(figures))
    return 1 if found.wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
