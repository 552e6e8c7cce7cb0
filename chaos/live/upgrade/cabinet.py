"""A cabinet each of whose units may run another program; an operator who has `ftctl` and no other tool."""

import asyncio
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from chaos.live.durability_cabinet import Cabinet
from chaos.live.observer import TooLong
from chaos.live.upgrade.next_program import make
from ftnode.pair.layout import WITNESS

FTCTL: Final = Path(sys.executable).parent / "ftctl"
TODAY, NEXT, LATER = "today", "next", "later"
"""Programs: as it is; with the next version beside today's; with the next version alone."""
SMALL: Final = (
    "FTNODE_TILL_MESSAGE_MAX_BYTES=65536",
    "FTNODE_LIMITS_BATCH_MAX_BYTES=131072",
    "FTNODE_LOG_SEGMENT_BYTES=262144",
    "FTNODE_LOG_LOCAL_WINDOW_BYTES=524288",
    "FTNODE_LOG_LOCAL_WINDOW_ENTRIES=1000",
    "FTNODE_STATE_CHECKPOINT_ENTRIES=300",
    "FTNODE_STATE_CHECKPOINT_BYTES=262144",
)
"""So that a log ends soon, and who comes blank takes a snapshot."""
WAIT_S: Final = 60.0
STOP_S: Final = 30.0
ASK_S: Final = 40.0


class Upgraded(Cabinet):
    """As its base, with programs by unit."""

    programs: dict[str, str]

    def __enter__(self) -> "Upgraded":
        super().__enter__()
        try:
            self.programs = {}
            for name in (NEXT, LATER):
                make(self.pair.root / name, older=name == NEXT)
        except BaseException:
            self._leave()
            raise
        return self

    def start(self, name: str) -> None:
        """See the base: with the program of that unit."""
        program = self.programs.get(name, TODAY)
        tree = self.pair.root / program
        there = () if program == TODAY else ("-C", str(tree), f"PYTHONPATH={tree}")
        self.wrapper = ("env", *there, *SMALL) if name != WITNESS else ()
        super().start(name)

    # ---------------------------------------------------------------- the operator's hands

    async def stop(self, unit: int) -> None:
        """SIGTERM: it hands over and ends. Raises TooLong."""
        name = f"unit{unit}"
        self.tolerant |= {name}
        process = self.running[name]
        process.send_signal(signal.SIGTERM)
        ends_s = time.monotonic() + STOP_S
        while process.poll() is None:
            if time.monotonic() > ends_s:
                raise TooLong(f"{name} did not stop within {STOP_S:g} s")
            await asyncio.sleep(0.05)
        del self.running[name]
        self.tolerant -= {name}

    async def install(self, unit: int, program: str, blank: bool = False) -> None:
        """Take a unit out in order, and start it with another program; wait until it is in sync."""
        await self.stop(unit)
        self.programs[f"unit{unit}"] = program
        if blank:
            self.blank(unit)
        self.start(f"unit{unit}")
        await self.until_duplex()

    def snapshots(self, unit: int) -> int:
        """How many it has begun to take."""
        return self.pair.log(f"unit{unit}").read_text(errors="replace").count("snapshot_begins")

    async def crash(self, unit: int) -> None:
        """SIGKILL, and start it again with the program that it had; wait until it is in sync."""
        self.kill(f"unit{unit}")
        self.start(f"unit{unit}")
        await self.until_duplex()

    def blank(self, unit: int) -> None:
        """An empty disk."""
        shutil.rmtree(self.pair.data(f"unit{unit}"))

    async def ends_at_boot(self, unit: int, program: str) -> tuple[int, str]:
        """Start a unit that must refuse to: its exit status and last line. Raises TooLong: it runs."""
        name = f"unit{unit}"
        self.tolerant |= {name}
        self.programs[name] = program
        self.start(name)
        ends_s = time.monotonic() + STOP_S
        while (status := self.running[name].poll()) is None:
            if time.monotonic() > ends_s:
                raise TooLong(f"{name} runs on, with the program {program}")
            await asyncio.sleep(0.05)
        del self.running[name]
        self.tolerant -= {name}
        return status, self.last_words(name)

    # ---------------------------------------------------------------- ftctl

    def ftctl(self, *words: str) -> tuple[int, str]:
        """Its exit status, and all that it said."""
        command = [str(FTCTL), "--units", ",".join(self.where.units), *words]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=ASK_S, check=False, cwd=self.pair.root
        )
        return done.returncode, done.stdout + done.stderr

    async def ask(self, *words: str) -> tuple[int, str]:
        """The same beside the tills."""
        return await asyncio.to_thread(self.ftctl, *words)

    async def upgrade(self) -> dict[str, Any]:
        """`ftctl upgrade status --json`."""
        _, said = await self.ask("upgrade", "status", "--json")
        try:
            found: dict[str, Any] = json.loads(said)
        except ValueError:
            raise TooLong(f"ftctl upgrade status said {said!r}") from None
        return found

    async def until(self, seen: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        """Wait until `ftctl upgrade status` shows it. Raises TooLong."""
        ends_s = time.monotonic() + WAIT_S
        while True:
            found = await self.upgrade()
            if seen(found):
                return found
            if time.monotonic() > ends_s:
                raise TooLong(f"{what}: not after {WAIT_S:g} s; {found}")
            self.mind()
            await asyncio.sleep(0.3)

    async def active(self) -> int:
        """Who is active. Raises TooLong."""
        found = await self.until(lambda seen: seen["active"] is not None, "an active unit")
        return int(found["active"])

    async def hand_over(self) -> None:
        """The other unit becomes active. Raises TooLong."""
        status, said = await self.ask("switchover")
        if status:
            raise TooLong(f"switchover: {said}")
        await self.until_duplex()
