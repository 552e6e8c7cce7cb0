"""A helper process and the processors that it may use."""

import os
import subprocess
import sys

import pytest

_HELPER = """
import os
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
from ftnode.store.child import settle_down
settle_down()
print(len(os.sched_getaffinity(0)))
"""


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="there is only one processor")
def test_a_helper_does_not_stay_on_the_processor_of_its_unit() -> None:
    """It was started by a process that is kept to one."""
    command = [sys.executable, "-c", _HELPER, str(os.getpid())]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout) >= len(os.sched_getaffinity(0))
