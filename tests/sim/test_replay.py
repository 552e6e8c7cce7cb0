"""A seed replays exactly: in this process, in another, and with another order of hashes."""

import subprocess
import sys

from chaos.sim.run import run_seed
from chaos.sim.world import Trace

PROGRAM = """
from chaos.sim.run import run_seed
from chaos.sim.world import Trace
print(run_seed(3, Trace(hashing=True)).trace)
"""


def traced(seed: int) -> str:
    return run_seed(seed, Trace(hashing=True)).trace


def test_the_same_seed_gives_the_same_trace() -> None:
    """Nothing but the seed decides; another seed is another story."""
    assert traced(3) == traced(3)
    assert traced(3) != traced(4)


def test_another_process_with_other_hashes_gives_the_same_trace() -> None:
    """No set or dict order of ours depends on PYTHONHASHSEED."""
    answers = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert answers == {traced(3)}


def test_looking_changes_nothing() -> None:
    """A run that is traced ends like one that is not."""
    seen, unseen = run_seed(6, Trace(hashing=True)), run_seed(6)
    assert (seen.steps, seen.answered, seen.faults) == (unseen.steps, unseen.answered, unseen.faults)
