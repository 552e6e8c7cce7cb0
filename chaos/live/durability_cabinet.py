"""A witness and two units that we start ourselves: each can be killed, its disk cut, and started again.

`ftnode pair` would start a killed process at once; here its disk has to be mounted again before that. What
ends by itself is started again all the same, and told of at the end.
"""

import asyncio
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from chaos.live.durability_disk import Disk
from chaos.live.observer import Observer, TooLong
from chaos.live.stage import hurt_on_purpose
from ftnode.ctl.where import Where
from ftnode.pair import files, ports, process
from ftnode.pair.layout import NAMES, WITNESS, PairDir, PairError
from ftnode.pair.supervisor import REAL
from loyalty.client.answers import Done
from loyalty.client.client import TillClient
from loyalty.client.policy import Policy
from loyalty.client.units import Units

RETURN_S: Final = 60.0  # longest wait for an answer, or for duplex, on a busy machine
FORM_S: Final = 30.0
LOOK_S: Final = 0.02
AGAIN_S: Final = 0.3  # before what ended by itself is started again
EXIT_BUG: Final = 70
DIE_WITH_US: Final = ("setpriv", "--pdeathsig", "KILL", "--")
# Debian's command that makes every fsync do nothing. It has to see the call: a thread of the unit makes it.
LYING: Final = ("env", "FTNODE_LOG_SYNC_BY=thread", "eatmydata")


@dataclass(slots=True)
class Cabinet:
    """Use `with`; nothing runs and nothing is mounted afterwards."""

    root: Path
    wrapper: tuple[str, ...] = ()  # in front of each daemon's command
    on_disks: bool = False  # each data directory on a disk of its own
    return_s: float = RETURN_S  # longest wait for an answer after a restart
    pair: PairDir = field(init=False)
    settings: files.Settings = field(init=False)
    disks: dict[str, Disk] = field(default_factory=dict)
    running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)  # who ended by itself, and how
    bugs: list[str] = field(default_factory=list)  # of these, whose own reasoning had failed
    tolerant: frozenset[str] = frozenset()  # whose end is our own doing just now

    def __enter__(self) -> "Cabinet":
        hurt_on_purpose()
        self.pair = PairDir.at(self.root)
        self.pair.root.mkdir(parents=True, exist_ok=True)
        self.settings = files.prepare(self.pair, "durability", free_ports=True)
        try:
            for name in NAMES if self.on_disks else ():
                disk = Disk(self.pair.root / f"{name}.img", self.pair.data(name))
                self.disks[name] = disk
                disk.make()
                disk.mount()
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._leave()

    def _leave(self) -> None:
        for name in list(self.running):
            self.kill(name)
        for disk in self.disks.values():
            disk.remove()

    # ---------------------------------------------------------------- processes

    def start(self, name: str) -> None:
        """Start `unit0`, `unit1` or `witness`; from the main thread, for they shall die with us."""
        command = REAL.witness(self.pair) if name == WITNESS else REAL.unit(self.pair, int(name[-1]))
        before = DIE_WITH_US if shutil.which(DIE_WITH_US[0]) else ()
        self.running[name] = process.start([*before, *self.wrapper, *command], self.pair.log(name))

    def kill(self, name: str) -> None:
        """SIGKILL, and wait until it is gone."""
        self.send_kill(name)
        self.running.pop(name).wait()

    def send_kill(self, name: str) -> None:
        """SIGKILL without waiting."""
        self.running[name].send_signal(signal.SIGKILL)

    async def form(self) -> None:
        """The first start of all three, up to duplex.

        Raises:
            PairError: it could not be formed. TooLong: it did not become duplex.
        """
        self.start(WITNESS)
        witness = self.settings.witness.witness
        ends_s = time.monotonic() + FORM_S
        while not ports.answers(witness.port, witness.host):
            if time.monotonic() > ends_s:
                raise PairError(f"the witness does not listen: {self.last_words(WITNESS)}")
            await asyncio.sleep(LOOK_S)
        formed = await asyncio.to_thread(
            subprocess.run,
            [*self.wrapper, *REAL.form(self.pair)],
            capture_output=True,
            text=True,
            timeout=FORM_S,
            check=False,
        )
        if formed.returncode:
            raise PairError(f"the cabinet could not be formed: {formed.stdout}{formed.stderr}")
        self.start("unit0")
        self.start("unit1")
        await self.until_duplex()

    def mind(self) -> None:
        """Start again who ended by itself."""
        for name, running in list(self.running.items()):
            status = running.poll()
            if status is None or name in self.tolerant:
                continue
            told = f"{name} ended with status {status}: {self.last_words(name)}"
            self.ended.append(told)
            if status == EXIT_BUG or -status in (signal.SIGABRT, signal.SIGSEGV):
                self.bugs.append(told)
            time.sleep(AGAIN_S)
            self.start(name)

    def last_words(self, name: str) -> str:
        """The last line that it wrote."""
        lines = self.pair.log(name).read_text(errors="replace").strip().splitlines()
        return lines[-1][-400:] if lines else "no word"

    # ---------------------------------------------------------------- seen from outside

    @property
    def targets(self) -> str:
        """Where tills call."""
        return ",".join(files.unit_facts(self.settings, unit).till for unit in (0, 1))

    async def until_answering(self) -> float:
        """Wait until a till gets an answer; how long that took, in ms. Raises TooLong."""
        began_s = time.monotonic()
        policy = Policy(deadline_ms=1000, hedge_after_ms=100)
        async with Units(self.targets, policy) as units:
            while True:
                self.mind()
                if isinstance(await TillClient(units).outcome(bytes(16)), Done):
                    return (time.monotonic() - began_s) * 1000
                if time.monotonic() - began_s > self.return_s:
                    raise TooLong(f"no answer after {self.return_s:g} s; {self.all_last_words()}")
                await asyncio.sleep(LOOK_S)

    async def until_duplex(self) -> None:
        """Wait until both units hold everything and say so. Raises TooLong."""
        observer = Observer(self.where, on_news=lambda news: None)
        following = asyncio.create_task(observer.follow())
        minding = asyncio.create_task(self._keep_minding())
        try:
            await observer.until_duplex(RETURN_S)
        except TooLong as problem:
            raise TooLong(f"{problem}; {self.all_last_words()}") from None
        finally:
            for task in (following, minding):
                task.cancel()
            await asyncio.gather(following, minding, return_exceptions=True)

    async def digests_equal(self) -> bool:
        """Whether both units, at the same seq, have the same digest. Raises TooLong if that is not told."""
        observer = Observer(self.where, on_news=lambda news: None)
        following = asyncio.create_task(observer.follow())
        try:
            view = await observer.until(lambda seen: seen.digests_equal is not None, "equal seqs", RETURN_S)
            return view.digests_equal is True
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)

    async def _keep_minding(self) -> None:
        while True:
            self.mind()
            await asyncio.sleep(0.2)

    @property
    def where(self) -> Where:
        """Whom an operator asks."""
        zero, one = (files.unit_facts(self.settings, unit) for unit in (0, 1))
        witness = files.witness_facts(self.settings).address
        return Where((zero.admin, one.admin), witness, self.settings.witness.witness.cabinet)

    def all_last_words(self, names: Iterable[str] = NAMES) -> str:
        """What each said last."""
        return "; ".join(f"{name}: {self.last_words(name)}" for name in names)
