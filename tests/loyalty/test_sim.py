"""The full engine as the simulator's machine: tills through every fault; nothing lost, nothing twice.

Units are killed, cut off, lose power, are replaced; clients retry, hedge, give up and come back. At the end
both units have equal digests, everything that a till was told stands in the state, every movement is there
once, and the whole state equals a recount.
"""

import dataclasses
from collections.abc import Callable, Iterable

import pytest
from msgspec.structs import replace

from chaos.sim.calls import Done
from chaos.sim.judge import ViolationError
from chaos.sim.profiles import PROFILES
from chaos.sim.run import run_seed
from loyalty.outcomes import ConfirmDone
from tests.loyalty.sim_work import LoyaltyWork, identities
from tests.profile import seeds

ALL_OF_IT = ("ConfirmDone", "ReturnLinesDone", "HoldDone", "Rejected", "GetBalanceDone")
BY_NAME = {profile.name: profile for profile in PROFILES}


@pytest.mark.parametrize("seed", seeds(20))
def test_tills_through_faults(seed: int) -> None:
    """A seed of the simulator, whatever profile it picks."""
    work = LoyaltyWork()
    summary = run_seed(seed, work=work)
    assert summary.ok, f"seed {seed}: {summary.check}: {summary.story}"
    assert all(work.told[name] >= 3 for name in ALL_OF_IT), work.told


@pytest.mark.parametrize("name", ["mixed", "joins", "ends"])
def test_tills_through_the_hardest_faults(name: str) -> None:
    """Units that are replaced catch up by snapshots of a state with everything in it."""
    work = LoyaltyWork()
    summary = run_seed(7, profile=BY_NAME[name], work=work)
    assert summary.ok, f"{summary.check}: {summary.story}"
    assert all(work.told[name] >= 3 for name in ALL_OF_IT), work.told


class Keeping(LoyaltyWork):
    """Keeps the history that it judged."""

    history: tuple[Done, ...] = ()

    def judge(self, history: Iterable[Done]) -> int:
        self.history = tuple(history)
        return super().judge(self.history)


def forgotten(history: tuple[Done, ...]) -> Iterable[Done]:
    """A client was told another bill than the one that stands there."""
    sold = next(one for one in history if isinstance(one.answer, ConfirmDone))
    assert isinstance(sold.answer, ConfirmDone)
    other = replace(sold.answer, bill=replace(sold.answer.bill, earned_points=10**9))
    return [dataclasses.replace(one, answer=other) if one is sold else one for one in history]


def doubled(history: tuple[Done, ...]) -> Iterable[Done]:
    """One purchase was told as new to two clients."""
    sold = [one for one in history if isinstance(one.answer, ConfirmDone) and not one.answer.repeated]
    return [*history, sold[0]]


def invented(history: tuple[Done, ...]) -> Iterable[Done]:
    """A purchase stands there that nobody asked for."""
    sold = next(one for one in history if isinstance(one.answer, ConfirmDone))
    name = identities(sold.job.operation)
    return [one for one in history if identities(one.job.operation) != name]


@pytest.mark.parametrize(
    ("harm", "check"), [(forgotten, "lost"), (doubled, "doubled"), (invented, "invented")]
)
def test_the_judge_is_not_blind(harm: Callable[[tuple[Done, ...]], Iterable[Done]], check: str) -> None:
    """The history of a good run, and what would be wrong with it."""
    work = Keeping()
    assert run_seed(1, work=work).ok
    with pytest.raises(ViolationError) as caught:
        LoyaltyWork().judge(harm(work.history))
    assert caught.value.check == check
