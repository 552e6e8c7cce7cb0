"""The driver hands out effects in order; what a hand puts off is done when the step's others are out."""

from types import SimpleNamespace
from typing import Any

import pytest

from ftnode.core import effects as ef
from ftnode.core import events as ev
from ftnode.core.state import Timing, fresh
from ftnode.observe.figures import UnitFigures
from ftnode.shell import driver as module
from ftnode.shell.driver import Driver


def test_an_entry_is_sent_before_it_is_written_and_written_before_the_next_event(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """GiveOut makes, Send sends, then the log is written: never after another event was taken."""
    done: list[str] = []
    give_out = ef.GiveOut(1, 1, 1, 1_000, noop=False)

    def step(unit: Any, event: ev.Event) -> tuple[Any, list[ef.Effect]]:
        done.append(type(event).__name__)
        return unit, [give_out, ef.StopAnswering("it is only told that others go first")]

    def make(_: ef.GiveOut) -> Any:
        done.append("made")
        return lambda: done.append("written")

    monkeypatch.setattr(module, "step", step)
    hands: dict[type, module.Hand] = {
        ef.GiveOut: make,
        ef.StopAnswering: lambda _: done.append("sent"),
    }
    driver = Driver(fresh(Timing(), 0, "shop"), hands, lambda: done.append("turn"), 1_000, UnitFigures())
    driver.feed(ev.Executed(1, 1))
    driver.feed(ev.Persisted(2, 1))
    one = ["made", "sent", "written", "turn"]
    assert done == ["Executed", *one, "Persisted", *one]


@pytest.mark.parametrize(
    ("inside_ms", "outside_ms", "late_ms", "heard"),
    [
        (5, 12, 0, ["Executed", "Persisted"]),
        (60, 0, 60, ["Executed", "Persisted"]),  # starved in the middle of a turn
        (0, 60, 60, ["Executed", "Persisted"]),  # or between two
        (2000, 0, 2000, ["Executed", "Paused", "Persisted"]),
        (0, 2000, 2000, ["Executed", "Paused", "Persisted"]),
    ],
)
def test_time_that_was_taken_from_us_counts_wherever_it_was(
    monkeypatch: pytest.MonkeyPatch, inside_ms: int, outside_ms: int, late_ms: int, heard: list[str]
) -> None:
    """A unit that stood still must know it before it says that the other one is silent."""
    seen: list[str] = []
    clock = SimpleNamespace(ms=10_000)

    def step(unit: Any, event: ev.Event) -> tuple[Any, list[ef.Effect]]:
        seen.append(type(event).__name__)
        clock.ms += inside_ms if isinstance(event, ev.Executed) else 0
        return unit, []

    monkeypatch.setattr(module, "step", step)
    monkeypatch.setattr(module, "now_ms", lambda: clock.ms)
    driver = Driver(fresh(Timing(), 0, "shop"), {}, lambda: None, 1_000, UnitFigures())
    driver.feed(ev.Executed(1, 1))
    clock.ms += outside_ms
    driver.feed(ev.Persisted(2, 1))
    assert seen == heard
    assert driver.late_ms == late_ms
