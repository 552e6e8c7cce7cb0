"""Keep a witness and two units running: start, adopt, restart, stop in order.

Whoever takes a unit out writes its marker file first; everything else that ends
is started again. The supervisor may die at any moment itself: its children go
on, and the next supervisor of the directory adopts them.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import msgspec

from ftnode.core.record import UNITS
from ftnode.pair import files, ports, process
from ftnode.pair.child import Child
from ftnode.pair.layout import (
    FORMAT,
    WITNESS,
    PairDir,
    PairError,
    PairFacts,
    Process,
    UnitFacts,
    read_facts,
    write_facts,
    write_whole,
)

LOOK_S: Final = 0.1  # how often marker files and due restarts are looked at
FORM_TIMEOUT_S: Final = 30
FORM_TRIES: Final = 5
WITNESS_UP_S: Final = 20  # longest wait for the witness's port before the units start anyway
STOP_EXTRA_S: Final = 2.0  # beyond its own grace, before a process is killed


@dataclass(frozen=True, slots=True)
class Commands:
    """How the processes are started; tests put in their own."""

    witness: Callable[[PairDir], Sequence[str]]
    unit: Callable[[PairDir, int], Sequence[str]]
    form: Callable[[PairDir], Sequence[str]]


def _app(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "ftnode.app", *arguments]


REAL: Final = Commands(
    witness=lambda pair: _app("witness", "--config", str(pair.config(WITNESS))),
    unit=lambda pair, unit: _app("serve", "--config", str(pair.config(f"unit{unit}"))),
    form=lambda pair: _app("form", "--config", str(pair.config("unit0"))),
)


class Supervisor:
    """One directory's supervisor; the caller holds the directory's lock."""

    def __init__(
        self,
        pair: PairDir,
        settings: files.Settings,
        commands: Commands = REAL,
        say: Callable[[str, str], None] = lambda name, text: print(f"{name}: {text}", flush=True),
        find_active: Callable[[Sequence[UnitFacts]], int | None] = lambda units: None,
    ) -> None:
        self._pair = pair
        self._settings = settings
        self._commands = commands
        self._say = say
        self._find_active = find_active
        self._wake = asyncio.Event()
        self._stopping = False
        self._hurry = False  # told to stop twice
        self._witness = Child(WITNESS, commands.witness(pair), pair.log(WITNESS))
        self._units = [
            Child(f"unit{unit}", commands.unit(pair, unit), pair.log(f"unit{unit}"), processor=processor)
            for unit, processor in zip(UNITS, process.far_apart(), strict=True)
        ]
        self._written: PairFacts | None = None
        self._complaint = ""  # about pair.json, said once

    @property
    def _children(self) -> list[Child]:
        return [self._witness, *self._units]

    def stop(self) -> None:
        """Stop everything in order; a second call stops waiting for it."""
        self._hurry = self._stopping
        self._stopping = True
        self._wake.set()

    async def run(self) -> int:
        """Run until told to stop; returns the exit status.

        Raises:
            PairError: something that a restart would not mend.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self.stop)
        self._adopt()
        try:
            await self._keep_running([self._witness], until=self._witness_answers, longest_s=WITNESS_UP_S)
            await self._form()
            self._announce_addresses()
            await self._keep_running(self._children, until=self._never)
        finally:
            await self._stop_all()
        return 0

    # -------------------------------------------------------------- start

    def _adopt(self) -> None:
        """Take over what outlived an earlier supervisor; refuse ports that somebody else has."""
        try:
            facts = read_facts(self._pair)
            recorded = [facts.witness.process, *(unit.process for unit in facts.units)]
        except PairError:
            recorded = [None, None, None]  # no file, or a damaged one: look for the processes themselves
        for child, known in zip(self._children, recorded, strict=True):
            if child.adopt(known, time.monotonic()):
                self._watch(child, "adopted")
            else:
                files.check_ports(self._pair, self._settings, child.name)
        self._write_facts()

    async def _form(self) -> None:
        """At the very first start: unit 0 becomes the cabinet's first unit, on record at the witness."""
        if self._pair.formed.exists() or self._stopping:
            return
        complaint = ""
        for _ in range(FORM_TRIES):
            running = await asyncio.create_subprocess_exec(
                *self._commands.form(self._pair),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            try:
                async with asyncio.timeout(FORM_TIMEOUT_S):
                    output, _ = await running.communicate()
            except TimeoutError:
                running.kill()
                output = f"no end after {FORM_TIMEOUT_S} s".encode()
                await running.wait()
            if running.returncode == 0:
                write_whole(self._pair.formed, b"")
                self._say("pair", "the cabinet is formed: unit 0 is its first unit")
                return
            complaint = output.decode(errors="replace").strip()
            await asyncio.sleep(LOOK_S)
        raise PairError(f"the cabinet could not be formed: {complaint or 'no word why'}")

    def _witness_answers(self) -> bool:
        daemon = self._settings.witness.witness
        return ports.answers(daemon.port, daemon.host)

    @staticmethod
    def _never() -> bool:
        return False

    def _announce_addresses(self) -> None:
        tills = ",".join(files.unit_facts(self._settings, unit).till for unit in UNITS)
        self._say("pair", f"tills call {tills}")
        self._say("pair", f"look at it with: ftctl status --dir {self._pair.root}")

    # ---------------------------------------------------------------- run

    async def _keep_running(
        self, children: Sequence[Child], until: Callable[[], bool], longest_s: float = float("inf")
    ) -> None:
        ends_s = time.monotonic() + longest_s
        while not self._stopping and time.monotonic() < ends_s:
            for child in children:
                self._look_at(child)
            self._write_facts()
            if until():
                return
            await self._wait(LOOK_S)

    async def _wait(self, longest_s: float) -> None:
        """Until something happened, at most so long."""
        self._wake.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(longest_s):
                await self._wake.wait()

    def _look_at(self, child: Child) -> None:
        now_s = time.monotonic()
        if child.running is not None or now_s < child.not_before_s:
            return
        reason = self._out_reason(child)
        if reason:
            if not child.announced_out:
                self._say(child.name, f"kept out: {reason}")
            child.announced_out = True
            return
        child.announced_out = False
        try:
            self._pair.data(child.name).mkdir(exist_ok=True)
            child.start(now_s)
        except OSError as problem:
            _, wait_ms = child.backoff.after(0)
            child.not_before_s = now_s + wait_ms / 1000
            self._say(child.name, f"cannot be started: {problem}")
            return
        self._watch(child, "started")

    def _watch(self, child: Child, how: str) -> None:
        if child.running is None:  # gone before it could be looked at
            self._on_end(child)
            return
        self._say(child.name, f"{how}, pid {child.running.pid}")
        asyncio.get_running_loop().add_reader(child.handle, self._on_end, child)

    def _on_end(self, child: Child) -> None:
        if child.handle >= 0:
            asyncio.get_running_loop().remove_reader(child.handle)
        how = child.ended(time.monotonic())
        words = child.last_words() if "status" in how and not how.endswith(" 0") else ""
        self._say(child.name, f"{how}; its last line: {words}" if words else how)
        self._wake.set()

    def _out_reason(self, child: Child) -> str:
        return "" if child is self._witness else self._pair.out_reason(int(child.name[-1]))

    def _write_facts(self) -> None:
        me = process.identity(os.getpid())
        facts = PairFacts(
            format=FORMAT,
            cabinet=self._settings.witness.witness.cabinet,
            supervisor=me or Process(os.getpid(), 0),
            witness=msgspec.structs.replace(
                files.witness_facts(self._settings), process=self._witness.running
            ),
            units=tuple(
                msgspec.structs.replace(
                    files.unit_facts(self._settings, unit),
                    process=self._units[unit].running,
                    out=self._pair.out_reason(unit),
                )
                for unit in UNITS
            ),
        )
        if facts == self._written:
            return
        try:
            write_facts(self._pair, facts)
        except PairError as problem:  # a full disk ends nobody's service; the next look tries again
            if str(problem) != self._complaint:
                self._say("pair", str(problem))
            self._complaint = str(problem)
            return
        self._written, self._complaint = facts, ""

    # --------------------------------------------------------------- stop

    async def _stop_all(self) -> None:
        """The standby first, so that nobody takes over for nothing; then the active; the witness last."""
        if any(child.running for child in self._children):
            self._say("pair", "stopping")
        units = list(self._units)
        if all(child.running for child in units):
            active = await asyncio.to_thread(self._find_active, self._facts_of_units())
            units.sort(key=lambda child: child.name == f"unit{active if active is not None else 0}")
        for child in units:
            await self._stop(child, self._settings.units[int(child.name[-1])].unit.stop_grace_ms / 1000)
        await self._stop(self._witness, self._settings.witness.witness.stop_grace_ms / 1000)
        self._write_facts()

    def _facts_of_units(self) -> list[UnitFacts]:
        return [files.unit_facts(self._settings, unit) for unit in UNITS]

    async def _stop(self, child: Child, grace_s: float) -> None:
        if child.running is None:
            return
        child.signal(signal.SIGTERM)
        child.signal(signal.SIGCONT)  # a hung one has to wake up to stop
        ends_s = time.monotonic() + grace_s + STOP_EXTRA_S
        while child.running is not None and time.monotonic() < ends_s and not self._hurry:
            await self._wait(ends_s - time.monotonic())
        while child.running is not None:
            child.signal(signal.SIGKILL)
            await self._wait(LOOK_S)
