"""Simulated clients: closed and open loop; they retry, hedge, give up, come back late, abandon.

All tries of one job carry one request id, the same body and the `seen_ms` of the first try.
A client never knows more than the answers it got.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol

from chaos.sim.calls import ABANDONED, EXECUTED, TOO_OLD, Answer, Done, History, Job, Request
from chaos.sim.network import CLIENTS, Network
from chaos.sim.world import EPOCH_MS, MS, World


class Workload(Protocol):
    """Makes jobs and understands their outcomes: the client's half of a machine."""

    def job(self, world: World, client: int, reads: float | None = None) -> Job:
        """The next thing that a client wants."""

    def answer(self, job: Job, outcome: bytes) -> object:
        """What the judge is told that the client was told."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a client behaves."""

    try_ms: int = 500  # then the other unit is tried
    tries_max: int = 12
    hedge_ms: int = 0  # ask the other unit too after so long; 0: never
    open_loop: bool = False  # the next job starts on schedule, not after the last answer
    think_ms: int = 800  # mean time between jobs
    again: float = 0.2  # chance to ask again, much later, after giving up
    abandon: float = 0.1  # or to abandon
    pinned: bool = False  # never tries the other unit
    reads: float | None = None  # share of reads; None: as the workload has it


STYLES: Final = (
    Style(),
    Style(hedge_ms=60, try_ms=800),
    Style(try_ms=120, tries_max=2),  # gives up early
    Style(open_loop=True, think_ms=1000),
    Style(try_ms=300, tries_max=30, think_ms=500),
)

PINNED: Final = (
    Style(pinned=True, reads=1.0, think_ms=150, try_ms=400, tries_max=2),
    Style(pinned=True, reads=0.0, think_ms=700, try_ms=1000, tries_max=6, hedge_ms=0),
    Style(think_ms=500),
)

Door = Callable[[int, Request], None]
"""Takes the unit asked and the request, after the network."""


class Client:
    """One client. `knock` is how a request gets to a unit."""

    def __init__(
        self, world: World, network: Network, number: int, style: Style, workload: Workload, history: History
    ) -> None:
        self.number = number
        self.knock: Door | None = None
        self._world = world
        self._network = network
        self._style = style
        self._workload = workload
        self._history = history
        self._made = 0
        self._seen_ms = 0
        self._unit = number & 1
        self._until_us = 0
        self._waiting: dict[bytes, tuple[Done, Request]] = {}
        self._late: dict[bytes, tuple[Done, Request]] = {}  # given up, perhaps to be asked again

    def start(self, until_us: int) -> None:
        """Begin to want things, until then."""
        self._until_us = until_us
        self._world.after(self._think_us(), self._next)

    def learn(self, seen_ms: int) -> None:
        """Somebody told this client the log time."""
        self._seen_ms = max(self._seen_ms, seen_ms)

    def ask(self, job: Job) -> Done:
        """Want one thing, now."""
        world = self._world
        self._made += 1
        request_id = b"c%03d-%08d" % (self.number, self._made)
        done = Done(request_id, self.number, job, world.now_us)
        client_ms = EPOCH_MS + world.now_us // MS
        request = Request(request_id, self.number, job, self._seen_ms, client_ms)
        self._history.done.append(done)
        self._waiting[request_id] = (done, request)
        self._try(request_id)
        return done

    def hear(self, request_id: bytes, unit: int, answer: Answer) -> None:
        """An answer arrives, perhaps for the second time, perhaps long after we gave up."""
        found = self._waiting.get(request_id) or self._late.get(request_id)
        if found is None:
            return
        if not answer.known:
            self._turn_to(1 - unit)
            return  # the timer of this try brings the next one
        self._waiting.pop(request_id, None)
        self._late.pop(request_id, None)
        self._settle(*found, answer)
        if not self._style.open_loop:
            self._world.after(self._think_us(), self._next)

    def _settle(self, done: Done, request: Request, answer: Answer) -> None:
        world, history = self._world, self._history
        self._seen_ms = max(self._seen_ms, answer.time_ms)
        if answer.verdict == TOO_OLD:
            world.seen["too old"] += 1
            done.too_old = True
            done.refused = request.seen_ms == 0  # then every try was too old
            return  # this try was refused; an earlier one may have been executed: unknown for good
        done.returned_us = world.now_us
        if answer.verdict == EXECUTED:
            done.answer = self._workload.answer(done.job, answer.outcome)
        elif answer.verdict == ABANDONED:
            world.seen["abandoned"] += 1
            done.refused = True
        else:
            done.answer = f"verdict {answer.verdict}"
        history.answered += 1
        history.seen_ms = max(history.seen_ms, answer.time_ms)

    def _next(self) -> None:
        world = self._world
        if world.now_us >= self._until_us:
            return
        if self._style.open_loop:
            world.after(self._think_us(), self._next)
        self.ask(self._workload.job(world, self.number, self._style.reads))

    def _try(self, request_id: bytes) -> None:
        found = self._waiting.get(request_id)
        if found is None:
            return
        done, request = found
        if done.tries >= self._style.tries_max:
            self._give_up(request_id)
            return
        done.tries += 1
        if done.tries > 1:
            self._world.seen["client retried"] += 1
        self._send(self._unit, request)
        if done.tries % 2 == 0:
            self._turn_to(1 - self._unit)
        if self._style.hedge_ms:
            self._world.after(self._style.hedge_ms * MS, self._hedge, request_id, 1 - self._unit)
        self._world.after(self._style.try_ms * MS, self._try, request_id)

    def _hedge(self, request_id: bytes, unit: int) -> None:
        found = self._waiting.get(request_id)
        if found is not None:
            self._world.seen["client hedged"] += 1
            self._send(unit, found[1])

    def _give_up(self, request_id: bytes) -> None:
        world = self._world
        world.seen["client gave up"] += 1
        done, request = self._waiting.pop(request_id)
        done.gave_up = True
        draw = world.random.random()
        if not request.job.read and draw < self._style.again + self._style.abandon:
            self._late[request_id] = (done, request)
            if draw > self._style.again:
                request = replace(request, abandon=True)
            world.after(
                world.between(1, world.random.choice((12, 36))) * 1000 * MS,
                self._ask_again,
                request_id,
                request,
            )
        if not self._style.open_loop:
            world.after(self._think_us(), self._next)

    def _ask_again(self, request_id: bytes, request: Request) -> None:
        if request_id in self._late and self._world.now_us < self._until_us:
            self._world.seen["client abandoned" if request.abandon else "client asked again late"] += 1
            self._send(self._unit, request)

    def _turn_to(self, unit: int) -> None:
        if not self._style.pinned:
            self._unit = unit

    def _send(self, unit: int, request: Request) -> None:
        if self.knock is not None:
            self._network.send(CLIENTS, unit, self.knock, unit, request)

    def _think_us(self) -> int:
        return int(self._world.random.random() * 2 * self._style.think_ms * MS)
