"""Unit processes for tests that kill and stop them: fakes here; `tests/live` starts the real ones."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UnitProcess:
    process: subprocess.Popen[str]
    address: str


@contextmanager
def two_units() -> Iterator[list[UnitProcess]]:
    """Two fake units, killed at the end (a stopped process too)."""
    with ExitStack() as stack:
        processes = []
        for _ in range(2):
            command = [sys.executable, "-m", "tests.client.fake_process"]
            process = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
            stack.callback(process.kill)
            processes.append(process)
        yield [UnitProcess(process, _first_line(process)) for process in processes]


def _first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    assert line, "the fake unit did not start"
    return line


@contextmanager
def engine_pair(bug: str = "") -> Iterator[str]:
    """The real engine behind two addresses, which it yields; `bug` as in `engine_pair.BUGS`."""
    command = [sys.executable, "-m", "tests.client.engine_pair", bug]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield _first_line(process)
        finally:
            process.kill()
