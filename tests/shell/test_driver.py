"""The driver hands out effects in order; what a hand puts off is done when the step's others are out."""

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
