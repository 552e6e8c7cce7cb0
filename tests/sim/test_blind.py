"""The simulator can see: planted bugs are caught by the check meant to. `make mutants` runs them all."""

import pytest

from chaos.sim import mutations, run
from chaos.sim.explore import duplex_world, walk
from chaos.sim.judge import CHECKS
from chaos.sim.mutant_table import MUTANTS
from chaos.sim.mutants import hunt
from chaos.sim.planting import Plant
from chaos.sim.reasons import known_reasons, matches
from ftnode.core import rules

QUICK = (
    "received counts as durable",
    "answers alone before the swap",
    "a newcomer joins while behind",
    "a swap is settled by reading",
    "one clock is believed",
    "any time is taken",
    "requests are not remembered",
)
RULES_BUILT = (
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
    "7",
    "8",
    "9",
    "10",
    "11",
    "12",
    "13",
    "14",
    "15",
    "16",
    "17",
    "18",
    "20",
)
TRAPS_THAT_APPLY = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 19)


@pytest.mark.parametrize("name", QUICK)
def test_a_planted_bug_is_caught(name: str) -> None:
    """One that is cheap to catch, from each family."""
    mutant = next(mutant for mutant in MUTANTS if mutant.name == name)
    catch = hunt(mutant, seeds_max=8)
    assert catch.seed, f"{name} survived {catch.tried} seeds"


def test_every_rule_and_every_trap_has_its_bug() -> None:
    """At least one for each rule built and each trap that applies, 20 or more, each with its checks."""
    breaks = [mutant.breaks.replace(",", " ").split() for mutant in MUTANTS]
    for rule in RULES_BUILT:
        assert any(rule in words for words in breaks), f"no mutant breaks rule {rule}"
    for trap in TRAPS_THAT_APPLY:
        assert any(f"trap {trap}" in mutant.breaks for mutant in MUTANTS), f"no mutant springs trap {trap}"
    assert len(MUTANTS) >= 20
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
    assert {check for mutant in MUTANTS for check in mutant.seen_by} <= set(CHECKS)


def test_a_planted_bug_can_be_dug_up() -> None:
    """Afterwards everything is as it was: a run is the same as before."""
    before = run.run_seed(2)
    plant = Plant()
    for mutant in MUTANTS:
        mutant.plant(plant)
    plant.dig_up()
    after = run.run_seed(2)
    assert (after.check, after.steps, after.answered) == (before.check, before.steps, before.answered)


def test_the_walk_through_the_small_world_finds_a_planted_bug() -> None:
    """And tells the shortest story of it; without the bug it finds nothing as near."""
    assert not walk(duplex_world(1, 0, 1, 1, 1), 6, 20_000, 20).wrong
    plant = Plant()
    mutations.alone_before_the_swap(plant)
    try:
        found = walk(duplex_world(1, 0, 1, 1, 1), 12, 50_000, 30)
    finally:
        plant.dig_up()
    assert "does not hold" in found.wrong
    assert 2 <= len(found.path) <= 8


def test_the_reasons_to_do_nothing_are_read_from_the_source() -> None:
    """Plain texts, texts made from values, and texts that a rule returns."""
    reasons = known_reasons()
    assert "an older hello" in reasons
    assert any(matches(reason, "takes no part while BROKEN") for reason in reasons)
    assert not matches("an older hello", "an older record")
    assert rules.ack_counts.__doc__ is not None
