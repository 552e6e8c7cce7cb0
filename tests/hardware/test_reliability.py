"""The mean time between faults, and when a unit stays out for it."""

import pytest

from ftnode.hardware.parts import Fault, Kind, Part
from ftnode.hardware.reliability import Threshold, mtbf_ms, overview, worn

LIMIT = Threshold(faults=4, mtbf_min_ms=60_000)


def soft(*at_s: int, part: Part = Part.DISK) -> list[Fault]:
    """Soft faults of a part at these seconds."""
    return [Fault(at * 1000, part, Kind.SOFT, f"at {at}") for at in at_s]


CASES = [  # faults at seconds, mean time between the last four in ms
    ((), None),
    ((0, 10, 20), None),  # too few to say
    ((0, 10, 20, 30), 10_000),
    ((0, 1, 2, 3, 600, 1200, 1800), 599_000),  # what was long ago counts no more
    ((30, 20, 10, 0), 10_000),  # a clock that was set back is no negative time
    ((5, 5, 5, 5), 0),
]


@pytest.mark.parametrize(("at_s", "wanted"), CASES)
def test_the_mean_is_of_the_newest_faults(at_s: tuple[int, ...], wanted: int | None) -> None:
    """Fewer faults than the threshold say nothing."""
    assert mtbf_ms(soft(*at_s), LIMIT.faults) == wanted


def test_a_hard_fault_weighs_as_two() -> None:
    """Two failed fsyncs in a minute are four faults."""
    hard = [Fault(at_ms, Part.DISK, Kind.HARD, "fsync") for at_ms in (0, 30_000)]
    assert mtbf_ms(hard, 4) == 10_000
    assert worn(hard, LIMIT)


@pytest.mark.parametrize(("between_s", "out"), [(59, True), (60, False), (61, False)])
def test_below_the_threshold_a_unit_stays_out(between_s: int, out: bool) -> None:
    """The boundary itself is good enough."""
    why = worn(soft(*(at * between_s for at in range(4))), LIMIT)
    assert bool(why) is out
    assert not out or ("MTBF of 59 s" in why and "disk" in why and f"at {3 * between_s}" in why)


def test_faults_of_different_parts_count_together() -> None:
    """No part alone is below the threshold; the unit is."""
    faults = [*soft(0, 20), *soft(40, 60, part=Part.LINK)]
    told = {one.part: one.mtbf_ms for one in overview(faults, LIMIT)}
    assert told[Part.DISK] is None
    assert told[None] == 20_000
    assert "all parts together" in worn(faults, LIMIT)


def test_zero_means_never() -> None:
    """Whoever pulls units on purpose every few seconds says so."""
    assert worn(soft(0, 0, 0, 0, 0), Threshold(4, 0)) == ""
