"""What may happen next in the small world, and what it does.

What is under way ends in a fixed order, unless something overtakes it: each overtaking is paid from a
budget, as faults are. (Emmi, Qadeer, Rakamaric: "Delay-bounded scheduling", 2011.) Without that bound the
orders of harmless events would drown the faults.

Patience ends of itself where a unit hears no session: the other one is down, cut off or in none with it.
That it ends although nothing is amiss (the process stood still for too long) is paid from a budget, too.
"""

from collections.abc import Iterator
from typing import Final

from chaos.sim.explore_memory import Memory
from chaos.sim.explore_model import (
    ASKED,
    LONG_MS,
    NOW_MS,
    SHORT_MS,
    WITNESS,
    Desk,
    Side,
    Swap,
    World,
)
from chaos.sim.explore_sides import bound, takes_reads, takes_writes
from ftnode.core import events as ev
from ftnode.core.forcing import cannot_force
from ftnode.core.lost_witness import witness_lost

WITNESS_WAYS: Final = ((0, WITNESS), (1, WITNESS), (WITNESS, 0), (WITNESS, 1))
DIRECTIONS: Final = ((0, 1), (1, 0), (0, WITNESS), (1, WITNESS))
FAULTS: Final = ("crash", "blank", "lose", "swap held", "answer lost", "witness restart", "cut")
Action = tuple[str, int, int]


def actions(world: World) -> Iterator[Action]:
    """Everything that may happen next: what is due first, what may come at any time, delays, faults."""
    due = list(due_in(world))
    quiet = not due
    if quiet:
        yield from (("short tick", at, 0) for at in (0, 1) if world.sides[at].unit is not None)
    yield from due[:1]
    if quiet or world.delays:
        yield from _from_outside(world)
    if quiet or world.delays:
        yield from _patience(world)
    if world.delays:
        yield from due[1:]
    if world.faults:
        yield from _faults(world)


def due_in(world: World) -> Iterator[Action]:
    """What is under way, in the order in which it ends unless something is delayed."""
    order = (world.record.active, 1 - world.record.active)
    for at in order:
        if world.queues[at] and world.sides[1 - at].unit is not None:
            yield "deliver", at, 0
    for at in order:
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
        if world.writes and takes_writes(world.sides[at]):
            yield "write", at, 0
        if world.reads and takes_reads(world.sides[at]):
            yield "read", at, 0
        if world.forces and _forcible(world, at):
            yield "force", at, 0
    for place, _ in enumerate(world.late):
        yield "late swap lands", place, 0
    yield from _witness(world)
    for place, _ in enumerate(world.cuts):
        yield "mend", place, 0


def _forcible(world: World, at: int) -> bool:
    """Would this unit let itself be forced? The other one is off, as the operator says."""
    unit = world.sides[at].unit
    return unit is not None and world.sides[1 - at].unit is None and not cannot_force(unit, 1 - at, False)


def _witness(world: World) -> Iterator[Action]:
    """The witness goes for long, is missed by who cannot reach it, and comes back."""
    away = [cut for cut in WITNESS_WAYS if cut in world.cuts]
    if world.away and not away:
        yield "witness away", 0, 0
    if len(away) < len(WITNESS_WAYS):
        return
    yield "witness back", 0, 0
    for at in (0, 1):
        unit = world.sides[at].unit
        if unit is not None and not witness_lost(unit):
            yield "miss", at, 0


def _patience(world: World) -> Iterator[Action]:
    """Whose patience may end: of who hears nothing of a session; and, from a budget, of anybody."""
    for at in (0, 1):
        if world.sides[at].unit is None:
            continue
        if (1 - at, at) in world.cuts or not _in_session(world):
            yield "long tick", at, 1
        elif world.faulted and world.timeouts:
            yield "long tick", at, 0


def _in_session(world: World) -> bool:
    """Does one unit follow the other, which knows of it?"""
    one, other = (side.unit for side in world.sides)
    if one is None or other is None:
        return False
    return any(
        lead.partner is not None and standby.source is not None and lead.partner.sid == standby.source.sid
        for lead, standby in ((one, other), (other, one))
    )


def _delay(world: World, action: Action) -> int:
    """1 if this is not what is due next: something that was under way is overtaken."""
    if action[0] in FAULTS:
        return 0
    due = next(due_in(world), None)
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
    if bound(other, world.record.epoch):
        return False  # a survivor whose disk is lost is an outage that is accepted
    return other.log[: other.durable][: len(world.shown)] == world.shown


def act(world: World, action: Action, memory: Memory) -> World:
    """The world after an action. Raises Wrong."""
    name, at, more = action
    if world.delays:
        world = world._replace(delays=world.delays - _delay(world, action))
    desk = Desk.of(world, memory)
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
            desk.feed(at, ev.Tick(NOW_MS + SHORT_MS, NOW_MS))
        case "long tick":
            if not more:
                desk.world = desk.world._replace(timeouts=world.timeouts - 1)
            desk.feed(at, ev.Tick(NOW_MS + LONG_MS, NOW_MS))
            return desk.done(patient=at)
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
        case "witness away":
            desk.world = world._replace(cuts=(*world.cuts, *WITNESS_WAYS), away=world.away - 1)
        case "witness back":
            cuts = tuple(cut for cut in world.cuts if cut not in WITNESS_WAYS)
            desk.world = desk.world._replace(cuts=cuts)
        case "force":
            desk.world = desk.world._replace(forces=world.forces - 1, forced=ASKED)
            desk.feed(at, ev.ForceAsked(NOW_MS, 1 - at))
        case "miss":
            desk.miss(at)
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


def _without(swaps: tuple[Swap, ...], place: int) -> tuple[Swap, ...]:
    return swaps[:place] + swaps[place + 1 :]
