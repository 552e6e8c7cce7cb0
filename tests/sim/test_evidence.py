"""Two sound units that never agree, in the simulator: both stop, and both disks say where they differ."""

from collections.abc import Callable

import pytest

from chaos.sim import mutations_doubts as d
from chaos.sim.evidence import play
from chaos.sim.judge import ViolationError
from chaos.sim.planting import Plant

SEEDS = range(1, 13)


@pytest.mark.parametrize("seed", SEEDS)
def test_both_disks_name_the_first_entry_key_and_values_that_differ(seed: int) -> None:
    """Though words of doubt are lost on the way. Nothing of that entry was answered."""
    found = play(seed)
    assert all(f"entry {found.seq}" in reason for reason in found.reasons)


@pytest.mark.parametrize("plant_it", [d.stops_before_the_other_knows, d.difference_is_forgotten])
def test_the_story_sees_that_a_unit_says_nothing(plant_it: Callable[[Plant], None]) -> None:
    """One that halts before its evidence was heard: the other one then takes it for
    gone, and answers alone. One that does not write down what it was told."""
    plant = Plant()
    try:
        plant_it(plant)
        with pytest.raises(ViolationError, match=r"evidence|digest"):
            all(play(seed) for seed in SEEDS)
    finally:
        plant.dig_up()
