"""One life of one process: does what the core asks, and tells it what came of it.

The real log, promise record, exactly-once and state run here over a simulated disk. A life may end
between any two effects, in the middle of one (`SimDisk.stop_after`), or by a pull of the plug; what
was scheduled for it then falls on deaf ears.
"""

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from chaos.sim import self_trial
from chaos.sim.book import Book
from chaos.sim.calls import Answer, Request
from chaos.sim.clock import due_ms
from chaos.sim.desk import Desk
from chaos.sim.disk import StoppedError
from chaos.sim.ferry import Ferry
from chaos.sim.judge import ViolationError
from chaos.sim.network import WITNESS
from chaos.sim.reader import Reader
from chaos.sim.say import said
from chaos.sim.scrub import Scrubber
from chaos.sim.world import MS
from ftnode.core import effects as eff
from ftnode.core import events as ev
from ftnode.core.fsm import Trigger
from ftnode.core.invariants import BrokenInvariantError
from ftnode.core.messages import Append, Fetched, Message, Reads, ReadsRun
from ftnode.core.record import Record
from ftnode.core.state import Unit, fresh
from ftnode.core.step import step
from ftnode.machine.executor import EngineMissing
from ftnode.store.wal_faults import LogFault

if TYPE_CHECKING:
    from chaos.sim.cabinet import Cabinet

WITNESS_TIMEOUT_MS: Final = 300
TICK_MIN_US: Final = 10 * MS
ENDINGS: Final = (StoppedError, LogFault, OSError, BrokenInvariantError, EngineMissing)
"""What ends a process, or the whole run."""


class Life:
    """From boot to end of one unit's process."""

    def __init__(self, cabinet: "Cabinet", unit_id: int) -> None:
        self.cabinet = cabinet
        self.world = cabinet.world
        self.box = cabinet.boxes[unit_id]
        self.box.lives += 1
        self.me = unit_id
        self.number = self.box.lives
        self.alive = True
        self.unit: Unit = fresh(cabinet.settings.timing, unit_id, cabinet.settings.name)
        self.epoch = 0  # in which we serve; 0: not
        self.trials = 0  # begun
        self.evidence = self_trial.Exchange(self)
        self._judge, self._twice = cabinet.judge, cabinet.settings.twice
        self.end_in = -1  # effects left to do before the process is ended; -1: no end is planned
        self.booted = False
        self.power = False  # it ends by a power cut
        self.restart_us: int | None = self.world.between(50 * MS, 1500 * MS)  # after the end; None: never
        self.scrubber: Scrubber = Scrubber(self)
        self.book: Book = Book(self)
        self.desk: Desk = Desk(self)
        self.ferry: Ferry = Ferry(self)
        self.reader: Reader = Reader(self)
        self._events: deque[ev.Event] = deque()
        self._busy = False
        self._tick_us = 0
        self._nearer: tuple[object, ...] = ()  # all that could move the alarm nearer, when it was set
        self._calls: set[int] = set()  # to the witness, not answered yet
        self._through = False  # the witness did not answer us: ask it through the other unit, too

    # --- being a process -----------------------------------------------------------------

    def boot(self) -> None:
        """Read the disk and start."""
        try:
            self._boot()
        except ENDINGS as fell:
            self._fell(fell)

    def _boot(self) -> None:
        booted = self.book.recover()
        self.booted = True
        self.scrubber.begin()
        self.feed(booted)

    def end(self, why: str) -> None:
        """The process is gone, without a word."""
        if self.alive:
            self.alive = False
            self._events.clear()
            if self.world.trace.on:
                self.world.trace.line(self.world.now_us, f"unit {self.me}", f"ENDED: {why}")
            self.cabinet.life_ended(self)

    def later(self, delay_us: int, call: Callable[..., None], *args: object) -> None:
        """Call in this life when the time has passed, or when the process is let go on."""
        self.world.after(delay_us, self.run, call, *args)

    def run(self, call: Callable[..., None], *args: Any) -> None:
        """Something happens to the process now: if it lives, and once it is not paused."""
        if not self.alive:
            return
        if self.box.paused_until_us > self.world.now_us:
            self.world.at(self.box.paused_until_us, self.run, call, *args)
            return
        try:
            call(*args)
        except ENDINGS as fell:
            self._fell(fell)

    def pause(self, length_us: int) -> None:
        """The process stands still, and its sockets fill."""
        self.box.paused_until_us = self.world.now_us + length_us
        self.world.at(self.box.paused_until_us, self.run, self._resumed, length_us // MS)

    def _resumed(self, gap_ms: int) -> None:
        if gap_ms > self.cabinet.settings.stall_ms:
            self.feed(ev.Paused(self.now_ms(), gap_ms))

    def _fell(self, fell: Exception) -> None:
        match fell:
            case StoppedError():
                self.world.faults["crash within a disk step"] += 1
                self.end("ended within a disk step")
            case BrokenInvariantError():
                raise ViolationError("invariant", f"unit {self.me}: {fell}") from fell
            case EngineMissing():
                self.box.lacks(fell, self.booted)
                self.end(str(fell))
            case _:
                self.world.seen["boot failed"] += not self.booted
                self.end(f"{type(fell).__name__}: {fell}")

    def now_ms(self) -> int:
        return self.box.clock.now_ms()

    def wall_ms(self) -> int:
        return self.box.clock.wall_ms()

    # --- stepping the core ----------------------------------------------------------------

    def feed(self, event: ev.Event) -> None:
        """Let the core decide about an event, and about all that its effects bring at once."""
        events = self._events
        events.append(event)
        if self._busy:
            return
        self._busy = True
        try:
            while events and self.alive:
                self._step(events.popleft())
        finally:
            self._busy = False
        if self.alive:
            self._set_alarm()
            self.desk.nudge()

    def _step(self, event: ev.Event) -> None:
        world, before = self.world, self.unit
        after, effects = step(before, event)
        if self._twice and step(before, event) != (after, effects):
            raise ViolationError("pure", f"unit {self.me}: {event} decided twice, differently")
        self.unit = after
        world.steps += 1
        if world.trace.on:
            self._tell(event, effects)
        if after.log is not before.log:
            self._judge.step(after, before.log)
            if isinstance(event, ev.Proposed):
                self._judge.slewed(self.me, before.clock, after.clock)
        for effect in effects:
            if self.end_in >= 0:
                self.end_in -= 1
                if self.end_in < 0:
                    world.faults["crash between effects"] += 1
                    self.end(f"ended before {type(effect).__name__}")
            if not self.alive:
                return
            HANDLERS[type(effect)](self, effect)

    def _tell(self, event: ev.Event, effects: list[eff.Effect]) -> None:
        if effects or not isinstance(event, ev.Tick):
            told = "; ".join(said(effect) for effect in effects) or "-"
            self.world.trace.line(self.world.now_us, f"unit {self.me}", f"{said(event)} -> {told}")

    def _set_alarm(self) -> None:
        """Wake us in time. What is due later than at the last look cannot move the alarm nearer."""
        world, unit = self.world, self.unit
        if world.now_us < self._tick_us <= world.now_us + TICK_MIN_US:
            return
        timers, partner = unit.timers, unit.partner
        nearer = (
            unit.state,
            timers.hello_ms,
            timers.closed_ms,
            unit.lead is None,
            unit.source is None,
            partner is None or not partner.opened,
            unit.promise.boot,
        )
        if world.now_us < self._tick_us and nearer == self._nearer:
            return
        self._nearer = nearer
        due_us = self.box.clock.true_us(due_ms(self.unit))
        at_us = max(due_us, world.now_us + TICK_MIN_US)
        if self._tick_us <= world.now_us or at_us < self._tick_us:
            self._tick_us = at_us
            world.at(at_us, self.run, self._tick, at_us)

    def _tick(self, at_us: int) -> None:
        if at_us == self._tick_us:
            self._tick_us = 0
            self.feed(ev.Tick(self.now_ms(), self.wall_ms()))

    def channel_open(self) -> None:
        self.feed(ev.Connected(self.now_ms()))

    def channel_closed(self) -> None:
        self.feed(ev.Closed(self.now_ms()))

    def partner_gone(self) -> None:
        self.feed(ev.Gone(self.now_ms()))

    # --- the partner ------------------------------------------------------------------------

    def send(self, message: Message) -> None:
        """Say it to the partner, with what only the log knows."""
        payload: object = None
        if isinstance(message, Append):
            if message.from_seq <= message.to_seq:
                payload = self.book.pages.run(message.from_seq, message.to_seq)
                if payload is None:
                    self.world.seen["entries to send are gone"] += 1
                    self._rot_met()
                    return
        elif isinstance(message, Fetched):
            payload = self.book.pages.runs(message.seqs)
        elif isinstance(message, Reads | ReadsRun):
            message, payload = self.reader.filled_in(message)
        told = self.evidence.filled_in(self.book.pages.filled_in(message))
        if not self._rot_met():
            self.cabinet.say(self.me, told, payload)

    def _rot_met(self) -> bool:
        """What cannot be read is not absent: the process ends, and the next one has it repaired. (rule 14)"""
        if self.book.log.rotten_seq:
            self.scrubber.log_rotten()
            return True
        return not self.alive

    def hear(self, message: Message, payload: object) -> None:
        """The partner's words arrive."""
        self.evidence.hear(message)
        sound = self.book.pages.sound(message, payload)
        if isinstance(message, Reads) and isinstance(payload, list):
            self.reader.heard = payload
        times, orders = self.book.pages.times(message), self.book.pages.orders(message)
        self.feed(ev.Received(self.now_ms(), message, sound, times, *orders))

    def reply(self, request: Request, answer: Answer) -> None:
        """Answer a client."""
        self.cabinet.reply(self.me, request, answer)

    def relay(self, request: Request) -> None:
        """Send a request on to the other unit."""
        self.world.seen["relayed"] += 1
        self.cabinet.relay(self.me, request)

    def query(self, request: Request) -> tuple[bytes, int]:
        """Run a read on the executed state: its outcome and the log time there."""
        return self.book.query(request.job.body)

    # --- the witness ------------------------------------------------------------------------

    def _read_record(self, effect: eff.ReadRecord) -> None:
        epoch = self.unit.record.epoch if self.unit.record is not None else 0
        self._ask(effect.address, "read", (effect.compared_seq, epoch), self._answer_to(effect.op))

    def _swap_record(self, effect: eff.SwapRecord) -> None:
        args = (effect.expected, effect.wanted, effect.compared_seq)
        self._change(effect.op, effect.wanted, effect.address, "swap", args)

    def _create_record(self, effect: eff.CreateRecord) -> None:
        args = (effect.wanted, effect.compared_seq)
        self._change(effect.op, effect.wanted, effect.address, "create", args)

    def _change(self, op: int, wanted: Record, address: str, method: str, args: tuple[object, ...]) -> None:
        answer = self._answer_to(op)
        land = partial(getattr(self.cabinet.witnesses[address], method), self.me, *args, answer)
        self.cabinet.swap_leaves(self.me, wanted, partial(self._ask, address, method, args, answer), land)

    def _ask(self, address: str, method: str, args: tuple[object, ...], answer: Callable[..., None]) -> None:
        """Ask the witness, and, if it did not answer last time, let the other unit ask it as well."""
        network, witness = self.cabinet.network, self.cabinet.witnesses[address]
        network.send(self.me, WITNESS, getattr(witness, method), self.me, *args, answer)
        if self._through:
            network.send(self.me, 1 - self.me, self.cabinet.pass_on, self.me, address, method, args, answer)

    def _answer_to(self, op: int) -> Callable[..., None]:
        """What the witness calls to answer; if it does not in time, silence is the answer."""
        self._calls.add(op)
        self.later(WITNESS_TIMEOUT_MS * MS, self._witness_silent, op)
        return partial(self.run, self._witness_said, op)

    def _witness_said(self, op: int, *said: Any) -> None:
        if op in self._calls:
            self._calls.discard(op)
            self.feed(ev.RecordRead(self.now_ms(), op, *said))

    def _witness_silent(self, op: int) -> None:
        if op in self._calls:
            self._calls.discard(op)
            self._through = True
            self.feed(ev.WitnessSilent(self.now_ms(), op))

    # --- answering --------------------------------------------------------------------------

    def _serve(self, effect: eff.Serve) -> None:
        self.epoch = effect.epoch
        self.cabinet.served(self)
        self.desk.serve()

    def _stop(self, effect: eff.StopAnswering) -> None:
        self.epoch = 0
        self.desk.stop()

    def _release(self, effect: eff.Release) -> None:
        self.book.release(effect.seq)

    def _take_reads(self, effect: eff.TakeReads) -> None:
        self.reader.take(effect)

    def _release_reads(self, effect: eff.ReleaseReads) -> None:
        seen_seq = self.desk.release_reads(effect.barrier)
        if seen_seq:
            self.reader.shown(effect.barrier, seen_seq)

    # --- counted, said, or the end --------------------------------------------------------------

    def _moved(self, effect: eff.Moved) -> None:
        if effect.on is Trigger.MISCOMPARED:
            self._judge.convicted(
                self.me, harmed=self.book.harmed or any(box.twisted for box in self.cabinet.boxes)
            )
        self.world.rows[f"{effect.at} {effect.on}"] += 1

    def _ignore(self, effect: eff.Ignore) -> None:
        self.world.ignored[effect.why] += 1

    def _noted(self, effect: eff.Noted) -> None:
        self.world.seen[f"noted: {effect.what}"] += 1
        self.book.noted(effect.what)

    def _suspect(self, effect: eff.Suspect) -> None:
        self.world.seen["suspected a unit"] += 1

    def _halt(self, effect: eff.Halt) -> None:
        self.end(f"halt: {effect.why}")


HANDLERS: Final[dict[type, Callable[[Life, Any], None]]] = {
    eff.KeepPromise: lambda life, effect: life.book.keep_promise(effect),
    eff.Diagnose: lambda life, effect: life.book.diagnose(),
    eff.Send: lambda life, effect: life.send(effect.message),
    eff.ReadRecord: Life._read_record,
    eff.SwapRecord: Life._swap_record,
    eff.CreateRecord: Life._create_record,
    eff.ProbeDisk: lambda life, effect: life.book.probe(effect.number),
    eff.GiveOut: lambda life, effect: life.book.give_out(effect),
    eff.Take: lambda life, effect: life.book.take(effect),
    eff.Cut: lambda life, effect: life.book.cut(effect.seq),
    eff.Compare: lambda life, effect: life.book.compare(effect),
    eff.Arbitrate: lambda life, effect: self_trial.arbitrate(life, effect),
    eff.WriteCheckpoint: lambda life, effect: life.book.write_checkpoint(effect.seq),
    eff.MarkCompared: lambda life, effect: life.book.mark_compared(effect.seq),
    eff.Release: Life._release,
    eff.TakeReads: Life._take_reads,
    eff.RunReads: lambda life, effect: life.reader.run(effect),
    eff.CompareReads: lambda life, effect: life.reader.compare(effect),
    eff.TakeReadsBack: lambda life, effect: life.desk.take_back(effect.barrier),
    eff.RefuseReads: lambda life, effect: life.desk.refuse_reads(effect.barrier),
    eff.ReleaseReads: Life._release_reads,
    eff.FetchSnapshot: lambda life, effect: life.ferry.fetch(effect.sid),
    eff.Repair: lambda life, effect: life.book.repair(effect.seqs),
    eff.WantCheckpoint: lambda life, effect: None,
    eff.Serve: Life._serve,
    eff.StopAnswering: Life._stop,
    eff.Moved: Life._moved,
    eff.Noted: Life._noted,
    eff.Suspect: Life._suspect,
    eff.Ignore: Life._ignore,
    eff.Halt: Life._halt,
}
