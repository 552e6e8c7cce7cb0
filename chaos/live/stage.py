"""A pair of its own for one run: started with `ftnode pair` on free ports, stopped at the end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ftnode.pair import process
from ftnode.pair.layout import PairDir, PairError, PairFacts, Process, read_facts

START_S: Final = 30.0
STOP_S: Final = 20.0


def hurt_on_purpose() -> None:
    """Units that we start from here on may be killed as often as we like: their faults are our own doing,
    and the mean time between them says nothing of their parts."""
    os.environ.setdefault("FTNODE_HARDWARE_MTBF_MIN_MS", "0")


@contextmanager
def pair_running(directory: Path, ports_free: bool = True) -> Iterator[PairDir]:
    """`ftnode pair` as a child of ours; its words go to `logs/pair.log` in the directory.

    Raises:
        PairError: it did not start; the text has its last words.
    """
    hurt_on_purpose()
    pair = PairDir.at(directory)
    pair.root.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "ftnode.pair", "--dir", str(pair.root)]
    supervisor = process.start([*command, *["--free-ports"] * ports_free], pair.log("pair"))
    try:
        _wait_started(pair, supervisor)
        yield pair
    finally:
        _stop(pair, supervisor)


def _wait_started(pair: PairDir, supervisor: "subprocess.Popen[bytes]") -> None:
    ends_s = time.monotonic() + START_S
    while time.monotonic() < ends_s:
        if supervisor.poll() is not None:
            break
        if _started(pair, supervisor.pid):
            return
        time.sleep(0.05)
    words = pair.log("pair").read_text(errors="replace").strip().splitlines()[-5:]
    raise PairError("the pair did not start: " + " / ".join(words or ["no word why"]))


def _started(pair: PairDir, supervisor_pid: int) -> bool:
    try:
        facts = read_facts(pair)
    except PairError:
        return False
    return facts.supervisor.pid == supervisor_pid and all(unit.process for unit in facts.units)


def _stop(pair: PairDir, supervisor: "subprocess.Popen[bytes]") -> None:
    """In order; whoever does not obey is killed, by the identity that was written down."""
    supervisor.terminate()
    try:
        supervisor.wait(STOP_S)
    except subprocess.TimeoutExpired:
        supervisor.kill()
        supervisor.wait()
    for left in _processes(pair):
        process.send(left, signal.SIGKILL)


def _processes(pair: PairDir) -> list[Process]:
    try:
        facts: PairFacts = read_facts(pair)
    except PairError:
        return []
    everybody = [facts.witness.process, *(unit.process for unit in facts.units)]
    return [one for one in everybody if one is not None]
