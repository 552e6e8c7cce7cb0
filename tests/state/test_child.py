"""A helper process and the processors that it may use."""

import os
import subprocess
import sys

import pytest

_UNIT = """
import os
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
from ftnode.store.child import Child
child = Child("ftnode.store.state_helper", "nowhere", "0")
print(len(os.sched_getaffinity(child.pid)))
child.end(at_once=True)
"""


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="there is only one processor")
def test_a_helper_does_not_stay_on_the_processor_of_its_unit() -> None:
    """It is started by a process that is kept to one."""
    done = subprocess.run([sys.executable, "-c", _UNIT], capture_output=True, text=True, check=True)
    assert int(done.stdout) >= len(os.sched_getaffinity(0))
