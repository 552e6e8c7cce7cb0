"""Processes that stand in for units and witness: they write down when they start and stop."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from ftnode.pair import files, process
from ftnode.pair.layout import PairDir, PairError, PairFacts, read_facts
from ftnode.pair.supervisor import Commands, Supervisor

LONGEST_S = 15.0  # a step of a test takes milliseconds; this is for a machine that is busy


def script(name: str, root: Path, then: str) -> list[str]:
    """A shell that notes `start NAME`, obeys SIGTERM with `stop NAME`, and does `then` for ever."""
    journal = root / "journal"
    text = (
        f"trap 'echo stop {name} >> {journal}; exit 0' TERM; echo start {name} >> {journal}; "
        f"while :; do {then}; done"
    )
    return ["/bin/sh", "-c", text]


def fakes(pair: PairDir, **other: str) -> Commands:
    """Scripts for all three; `other` says by name what one does instead of sleeping."""
    idle = "sleep 0.02"
    return Commands(
        witness=lambda _: script("witness", pair.root, other.get("witness", idle)),
        unit=lambda _, unit: script(f"unit{unit}", pair.root, other.get(f"unit{unit}", idle)),
        form=lambda _: ["/bin/sh", "-c", other.get("form", f"echo form >> {pair.root / 'journal'}")],
    )


def journal(pair: PairDir) -> list[str]:
    """What the fakes wrote down, in order."""
    path = pair.root / "journal"
    return path.read_text().splitlines() if path.exists() else []


class Running:
    """A supervisor at work in this process."""

    def __init__(self, supervisor: Supervisor, pair: PairDir, said: list[str]) -> None:
        self.supervisor = supervisor
        self.pair = pair
        self.said = said

    @property
    def facts(self) -> PairFacts:
        """pair.json as it is now."""
        return read_facts(self.pair)

    def pid(self, unit: int) -> int:
        """A unit's pid as others learn it; 0 while it does not run."""
        running = self.facts.units[unit].process
        return running.pid if running else 0

    async def until(self, condition: Callable[[], object], what: str) -> None:
        """Wait for something to become true."""
        ends_s = time.monotonic() + LONGEST_S
        while True:
            try:
                if condition():
                    return
            except PairError:
                pass  # pair.json is not there yet
            assert time.monotonic() < ends_s, f"{what}; said: {self.said}; journal: {journal(self.pair)}"
            await asyncio.sleep(0.01)

    async def until_started(self) -> None:
        """Wait until all three run."""
        await self.until(
            lambda: (
                sum(" started" in line or " adopted" in line for line in self.said) >= 3
                and self.facts.witness.process
                and self.pid(0)
                and self.pid(1)
            ),
            "all three started",
        )


@asynccontextmanager
async def supervised(
    pair: PairDir, commands: Commands | None = None, active: int = 0
) -> AsyncIterator[Running]:
    """A supervisor in a directory; stopped, hard if it must be, at the end."""
    said: list[str] = []
    settings = files.prepare(pair, "", free_ports=True)
    supervisor = Supervisor(
        pair,
        settings,
        commands or fakes(pair),
        say=lambda name, text: said.append(f"{name} {text}"),
        find_active=lambda units: active,
    )
    supervisor._witness_answers = lambda: True  # type: ignore[method-assign]  # fakes open no port
    task = asyncio.create_task(supervisor.run())
    running = Running(supervisor, pair, said)
    try:
        yield running
    finally:
        supervisor.stop()
        status = await asyncio.wait_for(task, LONGEST_S)
        assert status == 0
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            asyncio.get_running_loop().remove_signal_handler(number)


def leave_running(pair: PairDir, name: str) -> int:
    """Start a fake as a supervisor would that dies right after; returns its pid."""
    commands = fakes(pair)
    command = commands.witness(pair) if name == "witness" else commands.unit(pair, int(name[-1]))
    pid = os.posix_spawn(
        sys.executable,
        [sys.executable, "-c", _ORPHAN, str(pair.log(name)), *command],
        dict(os.environ),
    )
    os.waitpid(pid, 0)
    ends_s = time.monotonic() + LONGEST_S
    while (found := process.find(command)) is None:
        assert time.monotonic() < ends_s
        time.sleep(0.01)
    return found.pid


_ORPHAN = """
import sys
from pathlib import Path
from ftnode.pair import process
process.start(sys.argv[2:], Path(sys.argv[1])).returncode = 0
"""
