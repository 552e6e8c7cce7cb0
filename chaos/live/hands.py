"""What a person does to a pair: pull a unit, put a blank one in, crash it, hang it.

Everything goes through the directory of `ftnode pair`, by the identity of the
process written there, never by name. The marker file that keeps a unit out is
written before the unit is killed, so that nobody starts it in between.
"""

import shutil
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ftnode.pair import process
from ftnode.pair.layout import PairDir, PairError, Process, UnitFacts, read_facts, write_whole

GONE_S: Final = 5.0  # longest wait for a killed process to be gone
SEEN_S: Final = 3.0  # longest wait for the supervisor to act on a marker file
LOOK_S: Final = 0.02
STUTTER_STOP_S: Final = 0.3  # shorter than any silence that is taken for a death
STUTTER_GO_S: Final = 0.08


def pull(pair: PairDir, unit: int, why: str = "pulled") -> Path | None:
    """Kill the unit, keep it out, and set its data aside.

    Returns:
        Where its data lies now; None if it had none.

    Raises:
        PairError: no pair here, it is out already, or its data cannot be moved.
    """
    if _facts(pair, unit).out or pair.out(unit).exists():
        raise PairError(f"unit {unit} is out already; put a blank one in with: chaos insert {unit}")
    write_whole(pair.out(unit), f"{why}\n".encode())
    _kill(pair, unit)
    _until(lambda: not _supervised(pair) or _is_out(pair, unit), SEEN_S)
    _kill(pair, unit)  # if it had just been started when the marker came
    return _set_aside(pair, unit)


def insert(pair: PairDir, unit: int, disk: Path | None = None) -> None:
    """Put a unit in: a blank one, or one with the `disk` that was set aside earlier.

    Returns when the supervisor has started it, or at once if none runs.

    Raises:
        PairError: no pair here, the unit was not pulled, or its old data is still in place.
    """
    _facts(pair, unit)
    data = pair.data(f"unit{unit}")
    if not pair.out(unit).exists():
        raise PairError(f"unit {unit} is in; pull it first: chaos pull {unit}")
    if data.exists() and any(data.iterdir()):
        raise PairError(f"{data} is not empty, so it is not a blank unit; move it away first")
    try:
        if disk is not None:
            data.rmdir() if data.exists() else None
            shutil.copytree(disk, data)
        data.mkdir(exist_ok=True)
    except OSError as problem:
        raise PairError(f"{data}: {problem.strerror}") from problem
    pair.out(unit).unlink()
    _until(lambda: not _supervised(pair) or _runs(pair, unit), SEEN_S)


def crash(pair: PairDir, name: str) -> None:
    """SIGKILL `unit0`, `unit1` or `witness`; its supervisor starts it again.

    Raises:
        PairError: no pair here, or the process does not run.
    """
    process.send(_running(pair, name), signal.SIGKILL)


def hang(pair: PairDir, name: str, seconds: float) -> None:
    """SIGSTOP a process for a while: its sockets stay open and nobody answers on them.

    Raises:
        PairError: no pair here, or the process does not run.
    """
    running = _running(pair, name)
    if not process.send(running, signal.SIGSTOP):
        raise PairError(f"{name} ended by itself just now")
    try:
        time.sleep(seconds)
    finally:
        process.send(running, signal.SIGCONT)


def stutter(pair: PairDir, name: str, seconds: float) -> None:
    """A process stands still, goes on for a moment, stands still again: a processor that hardly comes.

    Raises:
        PairError: no pair here, or the process does not run.
    """
    running = _running(pair, name)
    ends_s = time.monotonic() + seconds
    try:
        while time.monotonic() < ends_s:
            if not process.send(running, signal.SIGSTOP):
                raise PairError(f"{name} ended by itself just now")
            time.sleep(STUTTER_STOP_S)
            process.send(running, signal.SIGCONT)
            time.sleep(STUTTER_GO_S)
    finally:
        process.send(running, signal.SIGCONT)


def _facts(pair: PairDir, unit: int) -> UnitFacts:
    return read_facts(pair).units[unit]


def _running(pair: PairDir, name: str) -> Process:
    facts = read_facts(pair)
    found = facts.witness.process if name == "witness" else facts.units[int(name[-1])].process
    if found is None or not process.alive(found):
        raise PairError(f"{name} does not run; see {pair.log(name)}")
    return found


def _kill(pair: PairDir, unit: int) -> None:
    found = _facts(pair, unit).process
    if found is None:
        return
    process.send(found, signal.SIGKILL)
    if not process.wait_gone(found, GONE_S):
        raise PairError(f"unit {unit} (pid {found.pid}) was killed and is still there after {GONE_S:g} s")


def _set_aside(pair: PairDir, unit: int) -> Path | None:
    data = pair.data(f"unit{unit}")
    if not data.exists():
        return None
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")[:-3]
    aside = pair.pulled / f"unit{unit}-{stamp}"
    try:
        pair.pulled.mkdir(exist_ok=True)
        data.rename(aside)
    except OSError as problem:
        raise PairError(f"{data}: cannot be set aside as {aside}: {problem.strerror}") from problem
    return aside


def _supervised(pair: PairDir) -> bool:
    return process.alive(read_facts(pair).supervisor)


def _is_out(pair: PairDir, unit: int) -> bool:
    facts = _facts(pair, unit)
    return bool(facts.out) and facts.process is None


def _runs(pair: PairDir, unit: int) -> bool:
    return _facts(pair, unit).process is not None


def _until(condition: Callable[[], bool], longest_s: float) -> None:
    ends_s = time.monotonic() + longest_s
    while not condition() and time.monotonic() < ends_s:
        time.sleep(LOOK_S)
