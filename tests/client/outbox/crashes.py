"""Kills a till at every system call of a short life, and at every size of a disk that fills up.

`python -m tests.client.outbox.crashes calls|sizes STEP DIRECTORY` forks the same life again and again, each
time with so many more system calls (or bytes) before its end, and checks what is on disk each time. It prints
one JSON object: how many ends there were, and what was wrong.
"""

import ctypes
import json
import os
import resource
import shutil
import signal
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Final, NamedTuple

from loyalty.client.outbox import Fate, Outbox, OutboxDiskError, OutboxError
from loyalty.client.outbox.entries import Verdict
from loyalty.v1 import till_pb2 as till
from tests.client.line import FakeClock
from tests.client.outbox.purchases import sold

PTRACE_TRACEME: Final = 0
PTRACE_SYSCALL: Final = 24
NOT_PERMITTED: Final = 77
MOST_BYTES: Final = 96 * 1024
DONE: Final = Verdict(Fate.DONE, 9, outcome=till.ConfirmDone(member_id=81).SerializeToString())


class Ended(NamedTuple):
    """How a life ended: what it had said by then, and whether it came to its natural end."""

    said: list[str]
    naturally: bool


def life(path: Path, say: Callable[[str], object]) -> None:
    """What a till does in an hour, and what it relies on from then on."""
    with Outbox.open(path, FakeClock()) as outbox:
        for number in (1, 2):
            outbox.put(sold(number))
            say(f"put {number}")
        head = outbox.head()
        if head is not None and head.position == 1:
            outbox.settle(outbox.mark_in_doubt(head), DONE)
        say("settled 1")
        say(f"number {outbox.take_number('17/3')}")
        big = sold(3)
        big.lines.extend([sold(1).lines[0]] * 180)
        outbox.put(big)
        say("put 3")


def complaints(path: Path, ended: Ended) -> list[str]:
    """What is wrong with the file after such an end."""
    try:
        with Outbox.open(path, FakeClock()) as outbox:
            there = [entry.position for entry in outbox.pending()]
            settled = [each.entry.position for each in outbox.settled()]
            number = outbox.take_number("17/3")
    except OutboxError as problem:
        return [f"cannot be opened: {problem}"]
    wrong = [
        f"{said} is lost"
        for said in ended.said
        if said[:4] == "put " and int(said[4:]) not in there + settled
    ]
    if "settled 1" in ended.said and settled != [1]:
        wrong.append("the answer is lost")
    if any(said.startswith("number") and int(said[7:]) >= number for said in ended.said):
        wrong.append(f"number {number} is given out twice")
    if settled + there != list(range(1, len(settled + there) + 1)):
        wrong.append(f"not in order: {settled} settled, {there} waiting")
    if len(settled + there) > sum(said.startswith("put") for said in ended.said) + 1:
        wrong.append("there is more than was put")
    return wrong


def go_on(path: Path) -> list[str]:
    """The next till takes the file over and does all of it again: in the end everything is there once."""
    life(path, lambda said: None)
    with Outbox.open(path) as outbox:
        there = ([each.entry.position for each in outbox.settled()], [e.position for e in outbox.pending()])
    return [] if there == ([1], [2, 3]) else [f"in the end there is {there}"]


def until_call(path: Path, calls: int) -> Ended:
    """Kill the child at its n-th stop: system calls stop twice, before and after they are done."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        if ctypes.CDLL(None).ptrace(PTRACE_TRACEME, 0, 0, 0):
            os._exit(NOT_PERMITTED)
        os.kill(os.getpid(), signal.SIGSTOP)
        life(path, lambda said: os.write(writer, said.encode() + b"\n"))
        os._exit(0)
    os.close(writer)
    trace = ctypes.CDLL(None, use_errno=True).ptrace
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status):
        sys.exit(NOT_PERMITTED)
    for _ in range(calls):
        trace(PTRACE_SYSCALL, child, 0, 0)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            return Ended(_read(reader), naturally=os.waitstatus_to_exitcode(status) == 0)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return Ended(_read(reader), naturally=False)


def until_size(path: Path, size: int) -> Ended:
    """No file may grow beyond a size; the child dies at the first write that fails, leaving its journal."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        try:
            life(path, lambda said: os.write(writer, said.encode() + b"\n"))
        except OutboxDiskError:
            os._exit(1)
        os._exit(0)
    os.close(writer)
    _, status = os.waitpid(child, 0)
    return Ended(_read(reader), naturally=os.waitstatus_to_exitcode(status) == 0)


def _read(reader: int) -> list[str]:
    with os.fdopen(reader) as lines:
        return lines.read().splitlines()


def main(what: str, step: int, directory: Path) -> None:
    until = {"calls": until_call, "sizes": until_size}[what]
    wrong: list[str] = []
    for ends in count(1):
        place = directory / "life"
        place.mkdir()
        ended = until(place / "till.outbox", ends * step)
        found = complaints(place / "till.outbox", ended) + go_on(place / "till.outbox")
        wrong += [f"after {ends * step} {what}: {each}" for each in found]
        shutil.rmtree(place)
        if ended.naturally or (what == "sizes" and ends * step > MOST_BYTES):
            break
    print(json.dumps({"ends": ends, "naturally": ended.naturally, "said": ended.said, "wrong": wrong}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
