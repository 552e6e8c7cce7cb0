"""One history in processes with different hash seeds, time zones and languages gives the same bytes."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.loyalty.history import random_steps
from tools.compile import MODULES

ROOT: Final = Path(__file__).parents[2]

ENVIRONMENTS = [
    {"PYTHONHASHSEED": "0", "TZ": "UTC", "LANG": "C"},
    {"PYTHONHASHSEED": "1", "TZ": "Asia/Taipei", "LANG": "de_DE.UTF-8", "LC_ALL": "de_DE.UTF-8"},
    {"PYTHONHASHSEED": "4242", "TZ": "America/St_Johns", "LANG": "tr_TR.UTF-8", "PYTHONOPTIMIZE": "2"},
]


def run(arguments: list[str], environment: dict[str, str], directory: Path = ROOT) -> str:
    """What `tests.loyalty.history` prints in a process of its own."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.loyalty.history", *arguments]
    done = subprocess.run(
        command,
        cwd=directory,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout


def test_equal_digests_in_unequal_processes() -> None:
    """Outcomes and state; and another history gives another digest, so the comparison sees something."""

    found = [run(["7", "300"], environment) for environment in ENVIRONMENTS]
    assert len(found[0].split()) == 2
    assert found == [found[0]] * len(ENVIRONMENTS)
    assert run(["8", "300"], ENVIRONMENTS[0]) != found[0]


def test_the_log_of_one_process_replayed_in_another(tmp_path: Path) -> None:
    """Only the entries go over, as to a unit that catches up: the same outcomes, the same state."""
    log = str(tmp_path / "log")
    played = run(["7", "300", log], ENVIRONMENTS[0])
    assert run(["replay", log], ENVIRONMENTS[1]) == run(["replay", log], ENVIRONMENTS[2]) == played


def test_all_that_is_to_be_compiled_is_there() -> None:
    """A module that was renamed would be left out unseen."""
    assert [name for name in MODULES if not ROOT.joinpath(name).is_file()] == []


def test_histories_come_from_their_seed() -> None:
    """The steps themselves do not depend on the process."""
    assert random_steps(3, 50) == random_steps(3, 50)
