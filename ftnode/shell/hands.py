"""What the core asks for, done: one short method per effect. `driver` says when, others say how.

Everything here runs on the loop and never waits. What takes time (fsync, promise, witness, snapshot)
is begun here and comes back as an event.
"""

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

import structlog

from ftnode.core import effects as ef
from ftnode.core import events as ev
from ftnode.core.messages import Append, Goodbye, Message, Open
from ftnode.core.rules import accepts, accepts_reads
from ftnode.machine.executor import EngineMissing
from ftnode.observe.figures import UnitFigures
from ftnode.shell.asking import Asker
from ftnode.shell.checkpoints import Checkpoints
from ftnode.shell.desk import Desk
from ftnode.shell.disk_queue import DiskQueue
from ftnode.shell.driver import Driver, Hand, die, now_ms, wall_ms
from ftnode.shell.framing import framed, unframed
from ftnode.shell.joining import Joiner
from ftnode.shell.keeping import Keeper
from ftnode.shell.ledger import Ledger
from ftnode.shell.link import Link
from ftnode.shell.logbook import Logbook, Taken
from ftnode.shell.reader import Reader
from ftnode.shell.rot import Rot
from ftnode.shell.runner import Runner
from ftnode.shell.self_trial import SelfTrial
from ftnode.store.entry import Entry, Run
from ftnode.store.state import StoreFault
from ftnode.store.wal_faults import LogFault, LogGone, LogRotten
from ftnode.wire import lockstep, relay
from ftnode.wire.frames import Frame, FrameError, Kind
from ftnode.wire.handshake import Handshake

READS_AT_ONCE: Final = 64  # under one barrier; further ones take the next


class Hands:
    """See the module. Made first, then given its driver and channel by `attach`."""

    driver: Driver
    link: Link
    joiner: Joiner
    self_trial: SelfTrial
    rot: Rot

    def __init__(
        self,
        *,
        desk: Desk,
        ledger: Ledger,
        logbook: Logbook,
        runner: Runner,
        disk: DiskQueue,
        reader: Reader,
        keeper: Keeper,
        asker: Asker,
        checkpoints: Checkpoints,
        figures: UnitFigures,
        batches_in_flight: int,
        append_max_bytes: int,
        halt: Callable[[ef.Halt], None],
    ) -> None:
        """`halt` ends the process; the rest is what the methods work with."""
        self.released_seq = 0
        self.partner_words = ""  # its last goodbye
        self.on_compared: Callable[[], None] = lambda: None  # for readers of the feed
        self.on_want_checkpoint: Callable[[], None] = lambda: None
        self._desk, self._ledger, self._logbook, self._runner = desk, ledger, logbook, runner
        self._reader = reader
        self._disk, self._keeper, self._asker, self._checkpoints = disk, keeper, asker, checkpoints
        self._figures, self._append_max_bytes = figures, append_max_bytes
        self._batches_in_flight = batches_in_flight
        self._halt = halt
        self._pumping = self._merging = False
        self._log = structlog.get_logger()

    def attach(self, driver: Driver, link: Link, joiner: Joiner, self_trial: SelfTrial, rot: Rot) -> None:
        """The other half of the loop."""
        self.driver, self.link, self.joiner, self.self_trial, self.rot = driver, link, joiner, self_trial, rot

    def table(self) -> dict[type, Hand]:
        """A hand for each effect that is more than a line in the log."""
        return {
            ef.KeepPromise: self._keep_promise,
            ef.Diagnose: self._diagnose,
            ef.Send: self._send,
            ef.ReadRecord: self._asker.read,
            ef.SwapRecord: self._asker.swap,
            ef.CreateRecord: self._asker.create,
            ef.ProbeDisk: self._probe_disk,
            ef.GiveOut: self._give_out,
            ef.Take: self._take,
            ef.Cut: self._cut,
            ef.Compare: self._compare,
            ef.Arbitrate: lambda effect: self.self_trial.arbitrate(effect),
            ef.WriteCheckpoint: lambda effect: self._checkpoints.write(effect.seq),
            ef.MarkCompared: self._mark_compared,
            ef.Release: self._release,
            ef.TakeReads: self._take_reads,
            ef.RunReads: self._run_reads,
            ef.CompareReads: lambda effect: self._reader.compare(effect.barrier, effect.digest),
            ef.TakeReadsBack: self._take_reads_back,
            ef.RefuseReads: self._refuse_reads,
            ef.ReleaseReads: self._release_reads,
            ef.FetchSnapshot: lambda effect: self.joiner.fetch(effect),
            ef.Repair: self._repair,
            ef.WantCheckpoint: lambda _: self.on_want_checkpoint(),
            ef.Serve: self._serve,
            ef.StopAnswering: self._stop_answering,
            ef.Halt: self._halt,
        }

    # ---------------------------------------------------------------- the loop's turns

    def turn_ended(self) -> None:
        """All events are taken: frames leave, then entries are executed, a slice at a time."""
        self.link.flush()
        if self._runner.waiting and self._run_slice():
            self.driver.feed(ev.Executed(now_ms(), self._runner.executor.executed_seq))
            if self._runner.waiting:
                asyncio.get_running_loop().call_soon(self.driver.turn)
        elif self._desk.intake.commands_waiting or self._desk.intake.reads_waiting:
            self.work()

    def _run_slice(self) -> int:
        """Entries that would need what is rotten are not executed, and none after them."""
        try:
            return self._runner.run_slice()
        except StoreFault as fault:
            self._runner.stop()
            self._log.error("not_executed", seq=self._runner.executor.executed_seq + 1, why=str(fault))
            self.rot.state(fault, met=True)
            return 0
        except EngineMissing as missing:
            self._runner.stop()
            self._halt(ef.Halt(str(missing), fault=True))
            return 0

    def work(self) -> None:
        """Something waits in the intake: give it a seq or a barrier in the next turn of the loop."""
        if not self._pumping:
            self._pumping = True
            asyncio.get_running_loop().call_soon(self._pump)

    def _pump(self) -> None:
        """A batch is what came in while the ones before are in flight."""
        self._pumping = False
        driver, intake = self.driver, self._desk.intake
        while not driver.halted and intake.commands_waiting and self._room() and accepts(driver.unit):
            count = intake.next_batch()
            if not count:
                break
            driver.feed(ev.Proposed(now_ms(), wall_ms(), count))
        if intake.reads_waiting and accepts_reads(driver.unit):
            driver.feed(ev.ReadAsked(now_ms()))

    def _room(self) -> bool:
        """May another batch begin beside those in flight? Only if it is as large as all of them together:
        a lone call never waits, and under load batches grow instead of becoming many."""
        ledger, log = self._ledger, self.driver.unit.log
        if ledger.batches == 0:
            return not self._checkpoints.overlay_full
        if ledger.batches >= self._batches_in_flight or self._checkpoints.overlay_full:
            return False
        return self._desk.intake.commands_waiting >= log.head_seq - log.released_seq

    # ---------------------------------------------------------------- log

    def _give_out(self, effect: ef.GiveOut) -> Callable[[], None]:
        """Entries are made now and written when they are sent: the partner's disk is the one waited for."""
        version = effect.version
        if effect.order is not None:
            made = self._logbook.make_order(
                effect.order, effect.from_seq, effect.epoch, effect.time_ms, version, self.driver.payload
            )
        elif effect.set_time:
            made = self._logbook.make_set_time(
                self.driver.payload, effect.from_seq, effect.epoch, effect.time_ms, version
            )
        elif effect.change is not None:
            made = self._logbook.make_change(
                effect.change, effect.from_seq, effect.epoch, effect.time_ms, version
            )
        elif effect.noop:
            made = self._logbook.make_noop(effect.from_seq, effect.epoch, effect.time_ms, version)
        else:
            calls = self._desk.intake.pull(effect.to_seq - effect.from_seq + 1)
            made = self._logbook.make(calls, effect.from_seq, effect.epoch, effect.time_ms, version)
            self._ledger.given(effect.from_seq, calls)
        return partial(self._write, *made)

    def _take(self, effect: ef.Take) -> None:
        taken = self.driver.payload
        if not isinstance(taken, Taken) or taken.run.last_seq != effect.to_seq:
            raise TypeError(
                f"entries {effect.from_seq}..{effect.to_seq} are to be taken; none came with the event"
            )
        self._write(taken.run, taken.entries, taken.hashes)

    def _write(self, run: Run, entries: list[Entry], hashes: list[bytes]) -> None:
        unit = self.driver.unit
        try:
            self._logbook.append(run, unit.log.commit_seq, unit.peer_floor_seq)
        except (LogFault, OSError) as error:
            self.disk_failed(f"{type(error).__name__}: {error}")
            return
        self._disk.want_sync()
        self._runner.add(entries, hashes)
        figures = self._figures
        figures.batches += 1
        figures.entries += len(entries)
        figures.batch_entries.add(len(entries))

    def synced(self, seq: int) -> None:
        """The disk's queue: durable through `seq`."""
        self.driver.feed(ev.Persisted(now_ms(), seq))

    def disk_failed(self, why: str) -> None:
        """Writing failed. Said once more by the core, as it ends the process."""
        self._log.error("disk_failed", why=why)
        self.driver.feed(ev.FsyncFailed(now_ms(), why))

    def _probe_disk(self, effect: ef.ProbeDisk) -> None:
        number, wal = effect.number, self._logbook.wal

        def probe() -> None:
            wal.probe()
            wal.sync()

        self._disk.run(probe, lambda _: self.driver.feed(ev.DiskProbed(now_ms(), number)))

    def _cut(self, effect: ef.Cut) -> None:
        seq = effect.seq
        self._runner.drop_above(seq)
        self._logbook.forget_recent()
        wal, time_ms = self._logbook.wal, self._runner.executor.time_ms
        self._disk.run(lambda: wal.cut(seq), lambda _: self.driver.feed(ev.CutDone(now_ms(), seq, time_ms)))

    def _repair(self, effect: ef.Repair) -> None:
        self.joiner.repair(effect, self.driver.payload)

    # ---------------------------------------------------------------- promises

    def _keep_promise(self, effect: ef.KeepPromise) -> None:
        number = effect.number
        self._keeper.keep(
            effect.promise, lambda: self.driver.feed(ev.PromiseKept(now_ms(), number)), self.disk_failed
        )

    def _diagnose(self, _: ef.Diagnose) -> None:
        self._keeper.diagnose(lambda problem: self.driver.feed(ev.Diagnosed(now_ms(), problem)))

    # ---------------------------------------------------------------- comparing and releasing

    def _compare(self, effect: ef.Compare) -> None:
        """A digest too old to be here is covered by every later one: the digest is a chain."""
        ours = self._runner.executor.digest_at(effect.seq)
        equal = ours is None or ours == effect.digest
        self._figures.digests_compared += 1
        self._figures.miscompares += not equal
        self.driver.feed(ev.Compared(now_ms(), effect.seq, equal))

    def _mark_compared(self, _: ef.MarkCompared) -> None:
        """Merging hurries nobody: answers and acknowledgements leave first."""
        if not self._merging:
            self._merging = True
            asyncio.get_running_loop().call_soon(self._merge)

    def _merge(self) -> None:
        self._merging = False
        if self.driver.halted:
            return
        try:
            self._checkpoints.compared(self.driver.unit.log.compared_seq)
            self.on_compared()
        except Exception as bug:
            die(bug)

    def _release(self, effect: ef.Release) -> None:
        self.released_seq = effect.seq
        answer = self._desk.answer
        for call, given in self._ledger.release(effect.seq):
            answer(call, given)

    def _take_reads(self, effect: ef.TakeReads) -> None:
        reads = self._desk.intake.pull_reads(READS_AT_ONCE, self._append_max_bytes)
        self._figures.reads += len(reads)
        self._reader.take(effect.barrier, effect.seq, reads)

    def _run_reads(self, effect: ef.RunReads) -> None:
        self._reader.run(effect, self.driver.payload)

    def _take_reads_back(self, effect: ef.TakeReadsBack) -> None:
        self._desk.intake.put_reads_back(self._reader.take_back(effect.barrier))
        self.work()

    def _refuse_reads(self, effect: ef.RefuseReads) -> None:
        for call, none in self._reader.refuse(effect.barrier):
            self._desk.answer(call, none)

    def _release_reads(self, effect: ef.ReleaseReads) -> None:
        for call, given in self._ledger.release_reads(effect.barrier):
            self._desk.answer(call, given)

    def _serve(self, _: ef.Serve) -> None:
        self._desk.serve()

    def _stop_answering(self, effect: ef.StopAnswering) -> None:
        self.driver.say("stop_answering", effect.why, undecided=len(self._ledger))
        self._desk.stop(self._ledger.pull_all())

    # ---------------------------------------------------------------- the channel

    def _send(self, effect: ef.Send) -> None:
        message = effect.message
        if not self.link.connected:
            return
        try:
            for frame in self._frames(message):
                self.link.send(frame)
            if isinstance(message, Append) and message.to_seq >= message.from_seq:
                self.link.flush()
        except LogGone:  # it was trimmed since the core last heard
            self._begins_with(self._logbook.wal.first_seq)
        except LogFault as fault:
            if not isinstance(fault, LogRotten):
                self.disk_failed(f"entries that are to be sent cannot be read: {fault}")
                return
            self._log.error("rotten_not_sent", why=str(fault))
            if fault.last_seq > self.driver.unit.log.checkpoint_seq:
                self.rot.log()  # the core sends again what was not received
                return
            common_seq = message.common_seq if isinstance(message, Open) else 0
            self._begins_with(max(fault.last_seq, common_seq + 1) + 1)  # no entry of it is needed here again

    def _begins_with(self, first_seq: int) -> None:
        """The core takes the log to begin there: who lacks something older gets a snapshot."""
        self.driver.feed(ev.Checkpointed(now_ms(), self.driver.unit.log.checkpoint_seq, first_seq))

    def _frames(self, message: Message) -> Iterator[bytes]:
        """What cannot be read is never sent. Raises LogFault, LogGone.

        Entries wait in the log, not in memory: while the channel is crowded they are neither read nor
        sent, and the core sends them again, as it does with any that are lost on the way.
        """
        if not isinstance(message, Append) or message.to_seq < message.from_seq:
            message = self.self_trial.filled_in(message)
            yield framed(message, self._logbook, self._runner.executor, self._reader, self._append_max_bytes)
            return
        parts = self._logbook.parts(message, self._append_max_bytes)
        while not self.link.crowded and (part := next(parts, None)) is not None:
            yield lockstep.encode(*part)

    def connected(self, theirs: Handshake) -> None:
        """The channel is open."""
        self._desk.connected()
        self.driver.feed(ev.Connected(now_ms()))

    def closed(self, why: str) -> None:
        """The channel is closed: it proves nothing."""
        self._desk.closed()
        self.driver.feed(ev.Closed(now_ms()))

    def gone(self) -> None:
        """The channel is closed and the partner's host refuses calls."""
        self.driver.feed(ev.Gone(now_ms()))

    def received(self, frames: list[Frame]) -> None:
        """Frames of the partner, in order."""
        for frame in frames:
            if lockstep.is_message(frame.kind):
                self._heard(lockstep.decode(frame), frame.tail)
            elif frame.kind == Kind.RELAY:
                self._desk.items_came(relay.decode_items(frame))
            elif frame.kind == Kind.REPLIES:
                self._desk.answers_came(relay.decode_answers(frame))
            elif frame.kind == Kind.SERVING:
                self._desk.partner_says(relay.decode_serving(frame))
            elif frame.kind == Kind.SWITCHOVER:
                self.driver.feed(ev.SwitchoverAsked(now_ms()))
            else:
                raise FrameError(f"a frame of kind {frame.kind}, which this version does not know")

    def _heard(self, message: Message, tail: bytes) -> None:
        """Check what the message carries against our log; the core hears whether it was sound."""
        if isinstance(message, Goodbye):
            self.partner_words = message.reason
        self.self_trial.hear(message)
        payload, why, told = unframed(message, tail, self._logbook)
        if why and isinstance(message, Append):
            self._log.error("unsound", seq=message.from_seq, why=why)
        self.driver.feed(ev.Received(now_ms(), message, not why, *told), payload)
