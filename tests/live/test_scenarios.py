"""Scenario files can be read, and what is measured is judged by the right number."""

from collections.abc import Sequence

import pytest

from chaos.live import play
from chaos.live.play import Played, nine_of_ten
from chaos.live.scenario import Scenario, load, names
from loyalty.cli.load.report import Report


@pytest.mark.parametrize("name", names())
def test_every_file_is_a_scenario(name: str) -> None:
    """It says why it exists, hurts, heals to duplex, and its waits fit into its cycle."""
    scenario = load(name)
    assert scenario.name == name
    assert scenario.why
    assert scenario.heal[-1].until == "duplex"
    assert sum(step.seconds for step in scenario.hurt) < scenario.cycle_s
    assert scenario.gap_ms <= scenario.wait_ms


def test_a_scenario_that_is_not_there() -> None:
    """The others are named."""
    with pytest.raises(ValueError, match="no scenario is called kill-cat; there are hang-active, "):
        load("kill-cat")


TENTHS = [  # values, what nine of ten do not exceed
    ([], 0),
    ([7], 7),
    ([1, 2], 2),
    (range(1, 11), 9),  # one of ten may be anything
    ([1] * 18 + [900, 900], 1),
    ([1] * 17 + [900] * 3, 900),
]


@pytest.mark.parametrize(("values", "wanted"), TENTHS)
def test_nine_of_ten(values: Sequence[float], wanted: float) -> None:
    """The outlier counts as soon as it is more than one in ten."""
    assert nine_of_ten(values) == wanted


def played(gaps_ms: list[float], **figures: object) -> list[str]:
    """What is wrong with a run with these gaps; limits are 100 ms, everything else in order."""
    scenario = Scenario(why="", cycle_s=1, gap_ms=100, wait_ms=100, hurt=(), heal=())
    report = Report({"ok": True, "refused": 0, **figures}, [])
    run = Played(scenario, gaps_ms=gaps_ms, report=report, digests_equal=True)
    play._hold_to_limits(run)
    return run.problems


def test_speed_is_judged_by_many_repetitions() -> None:
    """Ten or more: nine of ten within the limit. Fewer prove no speed; only a gross delay counts."""
    assert played([90.0] * 9 + [5_000.0]) == []
    assert played([90.0] * 8 + [200.0] * 2) == ["gap 200 ms in nine of ten, at most 100"]
    assert played([400.0]) == []
    assert played([501.0]) == ["gap 501 ms in nine of ten, at most 500"]


def test_safety_is_judged_always() -> None:
    """A report that is not in order is a problem whatever the times."""
    assert played([1.0], ok=False) == ["calls are still in doubt, or fewer than 90 % were acknowledged"]
