"""The explorer sees: planted bugs have their shortest story told; and what it calls the same is the same."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from chaos.sim import explore, mutations, mutations_witness
from chaos.sim.explore import budget_of, duplex_world, walk
from chaos.sim.explore_acts import act, actions
from chaos.sim.explore_memory import Memory
from chaos.sim.explore_model import World, Wrong
from chaos.sim.explore_names import Names
from chaos.sim.planting import Plant
from ftnode.core import forcing, rules, witnessing
from ftnode.core.record import Record
from ftnode.core.state import Ask, Purpose, Unit


def takes_older_epochs(plant: Plant) -> None:
    """An active of an older epoch is obeyed: it has released entries cut."""
    plant.set(rules, "refuses", lambda unit, record: False)


def newcomer_not_required(plant: Plant) -> None:
    """It is put in sync without having been required, so entries may have been released without it."""
    plant.set(rules, "may_require", lambda unit, partner: False)
    plant.set(rules, "may_join", lambda unit, lead, partner: partner.opened)


BUGS = [  # bug, faults, reads, what is wrong, actions of the shortest story
    (mutations.received_is_durable, 1, 0, "durable", 4),
    (mutations.own_disk_does_not_count, 1, 0, "durable", 5),
    (mutations.reads_without_barrier, 1, 1, "stale read", 7),
    (mutations.guesses_when_cut_off, 1, 0, "durable", 8),
    (mutations.any_disk_will_do, 2, 0, "lost", 9),
    (mutations.restart_goes_on, 2, 0, "one active", 9),
    (mutations.any_ack_counts, 2, 0, "one active", 9),
    (mutations.promoted_from_outside, 1, 0, "lost", 12),
    (newcomer_not_required, 2, 0, "lost", 16),
    (takes_older_epochs, 2, 0, "lost", 14),
]


@pytest.mark.parametrize(("bug", "faults", "reads", "wrong", "length"), BUGS)
def test_a_planted_bug_is_found(
    bug: Callable[[Plant], None], faults: int, reads: int, wrong: str, length: int
) -> None:
    """By its shortest story."""
    start, plant = duplex_world(faults, 0, 1, 1, reads), Plant()
    bug(plant)
    try:
        found = walk(start, length, 200_000, 120)
    finally:
        plant.dig_up()
    assert found.wrong.startswith(wrong)
    assert len(found.path) == length


@pytest.mark.parametrize(
    ("faults", "delays", "commands", "reads", "forces", "worlds_max"),
    [(1, 0, 1, 1, 0, 40_000), (2, 1, 2, 1, 0, 10_000), (2, 0, 1, 0, 1, 20_000)],
)
def test_worlds_that_are_called_the_same_have_the_same_future(
    faults: int, delays: int, commands: int, reads: int, forces: int, worlds_max: int
) -> None:
    """Visits every world, also those that a walk would take for one it saw: each does what that one does."""
    names, memory = Names(), Memory()
    futures: dict[tuple[bytes, int], set[tuple[bytes, int]]] = {}
    start = duplex_world(faults, delays, 1, commands, reads, forces=forces)
    worlds, seen = [start], {start}
    for world in worlds:
        mine: tuple[bytes, int] = _called(names, world)
        after: set[tuple[bytes, int]] = set()
        for action in actions(world):
            try:
                next_world = act(world, action, memory)
            except Wrong:
                after.add((b"wrong", 0))
                continue
            after.add(_called(names, next_world))
            if next_world not in seen and len(worlds) < worlds_max:
                seen.add(next_world)
                worlds.append(next_world)
        assert futures.setdefault(mine, after) == after
    assert len(futures) < len(worlds)


LOST = [  # bug of rule 11, what is wrong; the witness goes for long, and there is one fault besides
    (mutations_witness.own_log_gives_the_right, "durable"),
    (mutations_witness.return_frees, "lost"),
    (mutations_witness.bound_before_kept, "lost"),
]


@pytest.mark.parametrize(("bug", "wrong"), LOST)
def test_a_planted_bug_of_rule_11_is_found(bug: Callable[[Plant], None], wrong: str) -> None:
    """Without it, the same walk through every order finds nothing: `explore --faults 1 --away 1`."""
    start, plant = duplex_world(1, 0, 0, 1, 0, away=1), Plant()
    bug(plant)
    try:
        found = walk(start, 40, 200_000, 60)
    finally:
        plant.dig_up()
    assert found.wrong, f"{found.states} states"


def the_other_one_is_not_struck(plant: Plant) -> None:
    """A force leaves the set as it was: a unit that is off, and holds more, counts as in sync."""

    def wanted(unit: Unit, ask: Ask, record: Record) -> Record:
        after: Record = before(unit, ask, record)
        if ask.purpose is not Purpose.FORCE:
            return after
        named = dict(record.incarnations) | dict(after.incarnations)
        return replace(after, in_sync=tuple(sorted(named)), incarnations=tuple(sorted(named.items())))

    before = plant.set(witnessing, "_wanted", wanted)


def a_force_outlives_the_record(plant: Plant) -> None:
    """It goes on after the other unit came back, won a record and answered."""

    def kept(unit: Unit, record: Record, won: bool) -> Unit:
        after: Unit = before(unit, record, won)
        return after if won else replace(after, force=unit.force)

    before = plant.set(witnessing, "_without_designation", kept)
    plant.set(forcing, "hear", lambda unit: (unit, []))


FORCED = [  # bug of a force, what is wrong
    (the_other_one_is_not_struck, "lost"),
    (a_force_outlives_the_record, "given up"),
]


@pytest.mark.parametrize(("bug", "wrong"), FORCED)
def test_a_planted_bug_of_a_force_is_found(bug: Callable[[Plant], None], wrong: str) -> None:
    """Without it, the same walk finds nothing: `explore --commands 1 --forces 1`."""
    start, plant = duplex_world(2, 0, 0, 1, 0, forces=1), Plant()
    bug(plant)
    try:
        found = walk(start, 60, 100_000, 60)
    finally:
        plant.dig_up()
    assert found.wrong.startswith(wrong), f"{found.states} states, {found.wrong}"


def test_a_force_costs_what_only_the_other_unit_held() -> None:
    """One unit answers alone and is off; the other one, forced, holds less: that is forgotten everywhere."""
    start, memory, costly = duplex_world(2, 0, 0, 1, 0, forces=1), Memory(), 0
    names, seen, worlds = Names(), set[tuple[bytes, int]](), [start]
    for world in worlds:
        for action in actions(world):
            after = act(world, action, memory)
            if len(after.shown) < len(world.shown):
                assert after.record.in_sync == (after.record.active,)
                assert after.told_seq == 0
                costly += 1
            elif (called := _called(names, after)) not in seen and len(worlds) < 20_000:
                seen.add(called)
                worlds.append(after)
    assert costly


def _called(names: Names, world: World) -> tuple[bytes, int]:
    return names.key(world), budget_of(world)


def test_a_small_walk_is_complete(capsys: pytest.CaptureFixture[str]) -> None:
    """One fault, two commands: everything is seen, nothing is wrong, and the last line says so."""
    assert explore.main(["--faults", "1"]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert '"complete": true' in last
    assert '"commands": 2' in last
    assert '"ok": true' in last


def test_a_walk_that_ends_by_its_budget_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """It is not called complete."""
    assert explore.main(["--depth", "3"]) == 0
    assert '"complete": false' in capsys.readouterr().out.splitlines()[-1]
