"""Ten interruptions of a unit on its way into the set, at different points of snapshot, log and swap."""

import asyncio
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Final

import psutil

from chaos.live import hands
from ftnode.ctl.view import PairView, UnitView
from ftnode.pair import process
from ftnode.pair.layout import PairDir, read_facts
from ftnode.v1 import admin_pb2 as pb

CUT_S: Final = 1.0
HANG_S: Final = 1.0
PIECE_BYTES: Final = 1 << 18
SENDER, RECEIVER = "ftnode.store.snapshot_helper", "ftnode.store.receive_helper"

KILL: Final = "kill -9 of the newcomer"
CUT: Final = "the line for the state is cut"
HANG: Final = "the newcomer hangs"
READER: Final = "kill -9 of the active's helper that reads"
WRITER: Final = "kill -9 of the newcomer's helper that stores"
WITNESS: Final = "kill -9 of the witness"
PULL: Final = "pulled, its disk set aside, another blank one put in"

SNAPSHOT, INSTALLING = pb.DUPLEXING_PHASE_SNAPSHOT, pb.DUPLEXING_PHASE_INSTALLING
LOG, ADMITTING = pb.DUPLEXING_PHASE_LOG, pb.DUPLEXING_PHASE_ADMITTING


@dataclass(frozen=True, slots=True)
class Interruption:
    """When and what. `share` is of the slots that travel in this try, for the phase SNAPSHOT."""

    what: str
    phases: tuple[int, ...]
    share: float = 0.0


# Those after which a newer snapshot has to be begun come first: nearly all of it travels again.
TEN: Final = (
    Interruption(PULL, (SNAPSHOT,), 0.10),
    Interruption(READER, (SNAPSHOT,), 0.15),
    Interruption(KILL, (SNAPSHOT,), 0.20),
    Interruption(CUT, (SNAPSHOT,), 0.25),
    Interruption(WRITER, (SNAPSHOT,), 0.30),
    Interruption(HANG, (SNAPSHOT,), 0.30),
    Interruption(WITNESS, (SNAPSHOT,), 0.50),
    Interruption(KILL, (SNAPSHOT, INSTALLING), 0.95),
    Interruption(KILL, (LOG, ADMITTING)),
    Interruption(KILL, (ADMITTING, pb.DUPLEXING_PHASE_UNSPECIFIED)),  # unspecified: it is in the set already
)


@dataclass(frozen=True, slots=True)
class Done:
    """One that was done, and when: seconds of perf_counter."""

    what: str
    at_s: float


@dataclass(slots=True)
class Line:
    """The line on which the newcomer asks for the state: a TCP proxy that can be cut."""

    to_port: int
    port: int = 0
    _whole: bool = True
    _server: asyncio.Server | None = None
    _serving: set["asyncio.Task[None]"] = field(default_factory=set)

    async def open(self) -> None:
        """Listen on any port."""
        self._server = await asyncio.start_server(self._begin, "127.0.0.1", 0, limit=PIECE_BYTES)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Listen no more, and end what is open."""
        if self._server is not None:
            self._server.close()
        self._end_all()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def cut(self, seconds: float) -> None:
        """Everything on it ends, and nothing new begins for a while."""
        self._whole = False
        self._end_all()
        await asyncio.sleep(seconds)
        self._whole = True

    def _end_all(self) -> None:
        for task in self._serving:
            task.cancel()

    async def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._whole:
            writer.transport.abort()
            return
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back: asyncio.StreamWriter | None = None
        ways: list[asyncio.Task[None]] = []
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self.to_port, limit=PIECE_BYTES)
            ways = [asyncio.create_task(_pass(reader, back)), asyncio.create_task(_pass(there, writer))]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        except OSError:
            return
        finally:
            for way in ways:
                way.cancel()
            writer.transport.abort()
            if back is not None:
                back.transport.abort()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while piece := await reader.read(PIECE_BYTES):
            writer.write(piece)
            await writer.drain()
    except OSError:
        return


class Interrupter:
    """Does what is next as soon as the newcomer has come so far. `look` at each view of the pair."""

    def __init__(self, pair: PairDir, newcomer: int, line: Line, tell: Callable[[str], None]) -> None:
        """Nothing is done before the first `look`."""
        self.done: list[Done] = []
        self._pair, self._newcomer, self._line, self._tell = pair, newcomer, line, tell
        self._left = list(TEN)
        self._busy: asyncio.Task[None] | None = None

    @property
    def over(self) -> bool:
        """Whether all were done."""
        return not self._left and (self._busy is None or self._busy.done())

    def look(self, view: PairView) -> None:
        """Whether it is time for the next one."""
        if self._left and (self._busy is None or self._busy.done()):
            if self._busy is not None:
                self._busy.result()
            if reached(self._left[0], view.units[self._newcomer]):
                self._busy = asyncio.ensure_future(self._do(self._left.pop(0)))

    async def end(self) -> None:
        """Wait for what is under way."""
        if self._busy is not None:
            await self._busy

    async def _do(self, one: Interruption) -> None:
        name = f"unit{self._newcomer}"
        self.done.append(Done(one.what, perf_counter()))
        self._tell(f"  interruption {len(self.done)} of {len(TEN)}: {one.what}")
        match one.what:
            case what if what == KILL:
                await asyncio.to_thread(hands.crash, self._pair, name)
            case what if what == CUT:
                await self._line.cut(CUT_S)
            case what if what == HANG:
                await asyncio.to_thread(hands.hang, self._pair, name, HANG_S)
            case what if what == READER:
                kill_helper(self._pair, 1 - self._newcomer, SENDER)
            case what if what == WRITER:
                kill_helper(self._pair, self._newcomer, RECEIVER)
            case what if what == WITNESS:
                await asyncio.to_thread(hands.crash, self._pair, "witness")
            case _:
                await asyncio.to_thread(hands.pull, self._pair, self._newcomer)
                await asyncio.to_thread(hands.insert, self._pair, self._newcomer)


def reached(one: Interruption, unit: UnitView) -> bool:
    """Whether the newcomer is where this is to happen."""
    if unit.status is None:
        return False
    if pb.DUPLEXING_PHASE_UNSPECIFIED in one.phases and unit.state == "STANDBY":
        return True
    if unit.state != "DUPLEXING" or not unit.status.HasField("duplexing"):
        return False
    at = unit.status.duplexing
    if at.phase not in one.phases:
        return False
    return at.phase != SNAPSHOT or at.slots_done >= one.share * at.slots_total > 0


def kill_helper(pair: PairDir, unit: int, module: str) -> None:
    """Of this unit, the helper that runs this module; none if it has just ended."""
    running = read_facts(pair).units[unit].process
    if running is None:
        return
    for child in psutil.Process(running.pid).children():
        found = process.identity(child.pid)
        if found is not None and module in process.command_of(child.pid):
            process.send(found, signal.SIGKILL)
