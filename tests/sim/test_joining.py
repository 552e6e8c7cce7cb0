"""A blank unit joins while checkpoints move on, and somebody dies at each step: every story ends whole."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from chaos.sim import run
from chaos.sim.cabinet import Settings
from chaos.sim.calls import History
from chaos.sim.ferry import Ferry
from chaos.sim.judge import ViolationError
from chaos.sim.profiles import Profile
from chaos.sim.run import Run, Summary
from chaos.sim.world import MS, World
from ftnode.store import snapshot as snapshots

PULLED_MS = 4000
SHORT_LOG: Any = {
    "segment_bytes": 4096,
    "checkpoint_entries": 6,
    "window_entries": 4,
}  # a blank unit needs the state
BLANK_MS = 200  # from then until the blank one boots
RESTART_MS = 150  # of whoever dies on the way
STEPS = [  # of the conversation, with the how manieth of its kind; at whom it arrives
    ("asked", 1, "active"),
    ("offered", 1, "newcomer"),
    ("wanted", 1, "active"),
    ("brought", 1, "newcomer"),
    ("brought", 5, "newcomer"),
    ("_install", 1, "newcomer"),
    ("fetch", 2, "newcomer"),
]
CALM = Profile("joining", {"kill": 1}, every_ms=10_000_000, bank=True)


class Interrupted:
    """Pulls the standby, puts a blank disk in, and kills somebody when the join has come to a step."""

    def __init__(self, cabinet: Any, step: str, nth: int, victim: str, power: bool, times: int) -> None:
        self.cabinet, self.step, self.nth, self.victim, self.power = cabinet, step, nth, victim, power
        self.times = times
        self.newcomer = -1
        self.met = self.struck = 0

    def start(self) -> None:
        """As a nemesis does."""
        self.cabinet.world.after(PULLED_MS * MS, self._pull)

    def _pull(self) -> None:
        active = self.cabinet.active()
        if active is None or not self.cabinet.duplex():
            self.cabinet.world.after(100 * MS, self._pull)
            return
        self.newcomer = 1 - active.me
        self.cabinet.kill(self.newcomer, True, None)
        self.cabinet.boxes[self.newcomer].replace_disk()
        self.cabinet.world.after(BLANK_MS * MS, self.cabinet.boot, self.newcomer)

    def reached(self, unit: int, step: str) -> None:
        """A step is about to be done at a unit."""
        if step != self.step or self.newcomer < 0 or self.struck == self.times:
            return
        self.met += 1
        if self.met < self.nth:
            return
        self.met, self.struck = 0, self.struck + 1
        victim = self.newcomer if self.victim == "newcomer" else 1 - self.newcomer
        delay_us = (self.struck - 1) * MS  # at once; then a moment later, half way to the next step
        self.cabinet.world.after(delay_us, self.cabinet.kill, victim, self.power, RESTART_MS * MS)


def joined(
    monkeypatch: pytest.MonkeyPatch, seed: int, step: str, nth: int, victim: str, power: bool, times: int
) -> tuple[Summary, Interrupted, History]:
    """One story from beginning to judgement."""
    monkeypatch.setattr(run, "HURT_MS", 9000)
    monkeypatch.setattr(run, "CALM_MS", 12_000)
    monkeypatch.setattr(run, "Settings", partial(Settings, **SHORT_LOG))
    world = World(seed)
    told = Run(world, CALM)
    nemesis = Interrupted(told.cabinet, step, nth, victim, power, times)
    told.nemesis = nemesis  # type: ignore[assignment]
    for name in {name for name, _, _ in STEPS}:
        monkeypatch.setattr(Ferry, name, _noted(getattr(Ferry, name), name, nemesis))
    summary = Summary(seed, "joining")
    try:
        told.through()
        told.judge()
    except ViolationError as violation:
        summary.check, summary.story = violation.check, violation.story
    summary.seen = world.seen
    return summary, nemesis, told.history


def _noted(before: Callable[..., None], name: str, nemesis: Interrupted) -> Callable[..., None]:
    def noted(self: Ferry, *args: Any) -> None:
        nemesis.reached(self._life.me, name)
        before(self, *args)

    return noted


@pytest.mark.parametrize(("step", "nth", "_at"), STEPS)
@pytest.mark.parametrize("victim", ["newcomer", "active"])
def test_whoever_dies_the_unit_joins(
    monkeypatch: pytest.MonkeyPatch, step: str, nth: int, _at: str, victim: str
) -> None:
    """Twice in one join, with and without the power: nothing lost, nothing doubled, both whole and equal at
    the end. The checkpoint that travels is old by then: the log goes on behind it."""
    if step == "fetch":
        nth = 1
    for number, power in enumerate((True, False)):
        with monkeypatch.context() as patch:
            summary, nemesis, history = joined(patch, 100 + number, step, nth, victim, power, times=2)
        assert summary.check == "", summary.story
        assert nemesis.struck, summary.seen
        assert summary.seen["snapshot installed"] >= 1
        assert history.answered > 30


def test_an_interrupted_snapshot_is_gone_on_with(monkeypatch: pytest.MonkeyPatch) -> None:
    """The newcomer dies in the middle: what it has is of the snapshot that it is offered again."""
    summary, _, _ = joined(monkeypatch, 100, "brought", 1, "newcomer", False, times=1)
    assert summary.check == "", summary.story
    assert summary.seen["snapshot gone on with"]


@pytest.mark.parametrize("planted", [False, True])
def test_what_came_of_an_older_snapshot_counts_only_by_its_root(
    monkeypatch: pytest.MonkeyPatch, planted: bool
) -> None:
    """The newcomer is away for long, and is offered a newer checkpoint. If slots of the older one counted as
    they are, the planted bug, it would join with a state that nobody ever had."""
    monkeypatch.setattr(Ferry, "_goes_on", lambda self, seq: False)
    monkeypatch.setattr("tests.sim.test_joining.RESTART_MS", 2500)
    if planted:
        monkeypatch.setattr(snapshots, "is_still_right", lambda root, announced: True)
    summary, _, _ = joined(monkeypatch, 100, "brought", 1, "newcomer", False, times=1)
    assert summary.seen["snapshot asked for"] >= 2
    assert not summary.seen["snapshot gone on with"]
    assert bool(summary.check) is planted, summary.story
