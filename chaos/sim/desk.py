"""Where a simulated unit takes requests and lets answers out: the shell's admission, relay and reads.

A unit that accepts queues commands and asks the core for seqs. One that does not sends them on to
the other unit once, with the same id, or keeps them for a while: it may become active.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol

from chaos.sim.calls import UNKNOWN, Answer, Request
from chaos.sim.judge import ViolationError
from chaos.sim.world import MS, World
from ftnode.core.events import Event, Proposed, ReadAsked
from ftnode.core.rules import accepts, accepts_reads
from ftnode.core.state import Unit

BATCH_MAX_ENTRIES: Final = 16
CARELESS: Final = 0.003  # requests lined up without looking whether the core takes any
PARK_MS: Final = 1500  # a request waits so long for a takeover to end


class Process(Protocol):
    """What the desk needs of the process that it stands in."""

    world: World
    unit: Unit
    alive: bool

    def now_ms(self) -> int: ...
    def wall_ms(self) -> int: ...
    def feed(self, event: Event) -> None: ...
    def reply(self, request: Request, answer: Answer) -> None: ...
    def relay(self, request: Request) -> None: ...
    def query(self, request: Request) -> tuple[bytes, int]: ...
    def later(self, delay_us: int, call: Callable[..., None], *args: object) -> None: ...


@dataclass(slots=True)
class HeldRead:
    """A read that ran; its answer waits for the barrier."""

    request: Request
    outcome: bytes
    seq: int
    time_ms: int


class Desk:
    """Requests of one life of one unit."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._queue: deque[Request] = deque()
        self._reads: deque[Request] = deque()
        self._held: deque[tuple[int, list[HeldRead]]] = deque()
        self._parked: dict[bytes, Request] = {}
        self._waiting: dict[int, Request] = {}
        self._flushing = False
        self._fresh = False

    def arrive(self, request: Request) -> None:
        """A request comes in, from a client or sent on by the other unit."""
        process = self._process
        careless = process.world.chance(CARELESS)
        if careless or (accepts_reads(process.unit) if request.job.read else accepts(process.unit)):
            self._line_up(request)
        elif request.relayed:
            self._park(request)
        else:
            self._park(request)
            process.relay(replace(request, relayed=True))

    def take(self, count: int) -> list[Request]:
        """The commands that get the next `count` seqs."""
        return [self._queue.popleft() for _ in range(min(count, len(self._queue)))]

    def await_release(self, seq: int, request: Request) -> None:
        """The command got this seq."""
        self._waiting[seq] = request

    def release(self, seq: int, answer: Answer) -> None:
        """What became of the entry may leave."""
        request = self._waiting.pop(seq, None)
        if request is not None:
            self._process.reply(request, answer)

    def hold_reads(self, barrier: int) -> list[Request]:
        """What waits takes a barrier; it runs later."""
        requests = list(self._reads)
        self._reads.clear()
        self._held.append((barrier, [HeldRead(request, b"", -1, 0) for request in requests]))
        return requests

    def answer_reads(self, barrier: int, seq: int, found: list[tuple[bytes, int]]) -> None:
        """They ran behind entry `seq`: hold what they saw, if anybody still waits."""
        for number, reads in self._held:
            if number == barrier:
                for read, (outcome, time_ms) in zip(reads, found, strict=True):
                    read.outcome, read.seq, read.time_ms = outcome, seq, time_ms

    def release_reads(self, barrier: int) -> int:
        """Let out the reads up to `barrier`; the highest seq that any of them saw, 0 if none."""
        seen_seq = 0
        while self._held and self._held[0][0] <= barrier:
            for read in self._held.popleft()[1]:
                if read.seq < 0:
                    raise ViolationError("order", f"a read under barrier {barrier} leaves and did not run")
                seen_seq = max(seen_seq, read.seq)
                answer = Answer(True, read.seq, read.time_ms, outcome=read.outcome)
                self._process.reply(read.request, answer)
        return seen_seq

    def take_back(self, barrier: int) -> None:
        """Reads up to this barrier wait again, before all others."""
        again: list[Request] = []
        while self._held and self._held[0][0] <= barrier:
            again += [read.request for read in self._held.popleft()[1]]
        self._reads.extendleft(reversed(again))

    def refuse_reads(self, barrier: int) -> None:
        """Nobody can say what they see."""
        for number, reads in self._held:
            if number == barrier:
                for read in reads:
                    self._process.reply(read.request, UNKNOWN)
        self._held = deque(held for held in self._held if held[0] != barrier)

    def serve(self) -> None:
        """We are active: what was kept may be lined up."""
        parked, self._parked = self._parked, {}
        for request in parked.values():
            self._line_up(request)

    def stop(self) -> None:
        """Nothing leaves any more: what waits is sent on with the same id."""
        reads = [read.request for _, group in self._held for read in group]
        for request in (*self._queue, *self._waiting.values(), *self._reads, *reads):
            self._process.relay(replace(request, relayed=True))
        self._queue.clear()
        self._reads.clear()
        self._held.clear()
        self._waiting.clear()

    def nudge(self) -> None:
        """Ask the core again if anything waits."""
        if (self._queue or self._reads) and not self._flushing:
            self._flushing = True
            self._process.later(MS // 5, self._flush)

    def _line_up(self, request: Request) -> None:
        (self._reads if request.job.read else self._queue).append(request)
        self._fresh = True
        self.nudge()

    def _flush(self) -> None:
        process = self._process
        self._flushing = False
        fresh, self._fresh = self._fresh, False  # the door was open a moment ago: no need to look again
        if self._queue and (fresh or accepts(process.unit)):
            count = min(len(self._queue), BATCH_MAX_ENTRIES)
            process.feed(Proposed(process.now_ms(), process.wall_ms(), count))
        if process.alive and self._reads and (fresh or accepts_reads(process.unit)):
            process.feed(ReadAsked(process.now_ms()))
        if process.alive and (self._queue or self._reads) and not self._flushing:
            self._flushing = True
            process.later(20 * MS, self._flush)

    def _park(self, request: Request) -> None:
        self._parked[request.request_id] = request
        self._process.later(PARK_MS * MS, self._unpark, request.request_id)

    def _unpark(self, request_id: bytes) -> None:
        request = self._parked.pop(request_id, None)
        if request is not None:
            self._process.reply(request, UNKNOWN)
