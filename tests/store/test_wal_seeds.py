"""Long random lives of a log, told by a seed. One that ever failed stays here; `python -m` runs more of them.

python -m tests.store.test_wal_seeds FIRST COUNT
"""

import sys
from random import Random

import pytest

from tests.store.test_wal_machine import LogMachine

STEPS = 40
DEEDS = ("append", "sync", "mark", "cut", "reset", "trim", "prepare")
RULES = (
    *("append",) * 4,
    *("sync", "mark", "prepare", "overlapping_sync", "commit", "cut", "reset"),
    *("trim",) * 2,
    *("crash",) * 2,
    "failed_sync",
    *("rot",) * 2,
)
ONCE_FAILED = {
    37: "a sync after a cut forgot what another segment had not synced yet",
    178: "a frame repaired in a segment by itself knew no epoch before it",
    400: "and one at the beginning of the log denied the epoch that it knew",
    532: "a closed segment's epochs after its first frame rotted",
    1345: "a cut down to a base whose own frame had rotted",
    1553: "frames of before a cut, back after a failed sync, were found by a repair",
    1856: "the same as 1345, after a trim",
}


@pytest.mark.parametrize("seed", ONCE_FAILED)
def test_seeds_that_once_failed(seed: int) -> None:
    """Each of these lives ended badly before."""
    live(seed)


def live(seed: int) -> None:
    """Forty steps of a log's life, checked after each."""
    rng = Random(seed)
    machine = LogMachine()
    machine.begin(seed=seed)
    for _ in range(STEPS):
        _step(machine, rng, rng.choice(RULES))
        machine.the_log_is_the_truth()


def _step(machine: LogMachine, rng: Random, rule: str) -> None:
    if rule == "append":
        machine.append(count=rng.randint(1, 6), new_epoch=rng.random() < 0.3)
    elif rule in ("commit", "cut", "trim"):
        getattr(machine, rule)(share=rng.choice([0.0, 1.0, rng.random()]))
    elif rule == "reset":
        if rng.random() < 0.15:
            machine.reset(ahead=rng.randint(0, 50))
    elif rule == "crash":
        machine.crash(
            deed=rng.choice(DEEDS),
            step=rng.randint(1, 25),
            again=rng.randint(1, 12),
            power_cuts=[rng.random() < 0.5, rng.random() < 0.5],
        )
    elif rule == "failed_sync":
        deed = rng.choice([deed for deed in DEEDS if deed != "mark"])
        machine.failed_sync(deed=deed, good=rng.randint(0, 8), power_cut=rng.random() < 0.5)
    elif rule == "rot":
        if machine.world.durable_seq > machine.world.base_seq:
            which, byte = rng.random() * 0.999, rng.choice([0, 70, 150, 172, 180, 250, rng.randint(0, 400)])
            machine.rot(which=which, byte=byte, seen_at_boot=rng.random() < 0.5)
    else:
        getattr(machine, rule)()


if __name__ == "__main__":
    first_seed, count = int(sys.argv[1]), int(sys.argv[2])
    for number in range(first_seed, first_seed + count):
        try:
            live(number)
        except Exception as trouble:
            print(f"seed {number}: {type(trouble).__name__}: {trouble}")
            raise
    print(f"{count} lives, all well")
