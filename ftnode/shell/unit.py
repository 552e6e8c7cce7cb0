"""One running unit: everything made, wired and started in order, and stopped in the reverse."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import grpc
import structlog

from ftnode.config import UnitSettings
from ftnode.core import effects as ef
from ftnode.core import events as ev
from ftnode.core.fsm import State
from ftnode.core.state import fresh
from ftnode.machine.contract import Machine
from ftnode.machine.executor import Executor
from ftnode.machine.kinds import Kind
from ftnode.observe.figures import UnitFigures
from ftnode.shell import boot, execution, secure, sending
from ftnode.shell.alarms import Alarms
from ftnode.shell.archivist import Archivist
from ftnode.shell.asking import Asker
from ftnode.shell.boot import BootError, Opened, draw_life
from ftnode.shell.calls import Call
from ftnode.shell.changes import Changes
from ftnode.shell.checkpoints import Checkpoints
from ftnode.shell.deadlines import timing_of
from ftnode.shell.desk import Desk
from ftnode.shell.disk_queue import DiskQueue
from ftnode.shell.driver import FAULTS, Driver, die, now_ms, wall_ms
from ftnode.shell.duplexing import CatchingUp
from ftnode.shell.fitting import booted_of, intake_limits, link_settings, often
from ftnode.shell.fresh import Fresh
from ftnode.shell.hands import Hands
from ftnode.shell.health import Health
from ftnode.shell.house import House
from ftnode.shell.joining import Joiner
from ftnode.shell.keeping import Keeper
from ftnode.shell.last_backup import LastBackup
from ftnode.shell.link import Link
from ftnode.shell.logbook import Logbook
from ftnode.shell.ports import cannot_listen
from ftnode.shell.reader import Reader
from ftnode.shell.rot import Rot
from ftnode.shell.scans import Scans
from ftnode.shell.scrubber import Scrubber
from ftnode.shell.self_trial import SelfTrial
from ftnode.shell.snapshots import SnapshotServer
from ftnode.shell.table import Command, Lane, Method, ScanMethod
from ftnode.shell.traffic import Traffic
from ftnode.shell.witnesses import Witnesses
from ftnode.store.state import RottenValue, StateBroken, StateStore
from ftnode.wire import forms
from ftnode.wire.handshake import Handshake

TICK_S: Final = 0.010  # the core hears of the time at least this often
SENT_AWAY: Final = (
    "unit {other} sent us away: {why}. Each unit needs a disk and a unit.id of its own: stop this process, "
    "or the one that is connected; if that one is really gone, start this one again"
)
SWEEP_S: Final = 0.1  # callers who waited too long are told within this time


@dataclass(frozen=True, slots=True)
class Application:
    """What runs on the pair: its machines (one for each engine version, newest first), methods, services.

    Machines that scan are needed where there are methods that do (`ftnode.machine.contract`).
    """

    machines: Sequence[Machine]
    methods: Sequence[Method]
    services: Sequence[str]
    scans: Sequence[ScanMethod] = ()


class RunningUnit:
    """See the module. Made inside the loop; `started` becomes True when it may be called."""

    def __init__(self, settings: UnitSettings, app: Application, opened: Opened) -> None:
        """Nothing is heard or said before `start`."""
        self.settings, self.app, self.opened = settings, app, opened
        self.figures = UnitFigures()
        self.halted: asyncio.Future[ef.Halt] = asyncio.get_running_loop().create_future()
        self.sent_away = ""  # another process of this unit stays: why this one ends
        self.life = draw_life()
        self.tls = secure.of(settings)
        self.desk = self._make_desk()
        self.runner, self.ledger, self.logbook = opened.runner, opened.ledger, Logbook(opened.wal)
        self.reader = Reader(self.runner, self.ledger, self._feed)
        self.disk = DiskQueue(
            opened.wal,
            lambda seq: self.hands.synced(seq),
            self._disk_failed,
            self.figures.fsync_seconds,
            by_kernel=settings.log.sync_by == "kernel",
        )
        self.health = Health(settings, opened.directory, opened.wal, self.figures)
        self.keeper = Keeper(opened.promises, self.health.diagnose)
        self.checkpoints = Checkpoints(
            self.runner, often(self.settings.state), self._checkpointed, self._not_written
        )
        witnesses = Witnesses(settings, self.tls, lambda: self.link.connected)
        self.asker = Asker(witnesses, self._feed, self._epoch, self.figures)
        self.hands = self._make_hands()
        self.driver = Driver(
            fresh(timing_of(settings), settings.unit.id, settings.unit.cabinet),
            self.hands.table(),
            self.hands.turn_ended,
            settings.timing.stall_ms,
            self.figures,
        )
        self.link = Link(self.hands, self._handshake(), link_settings(self.settings, self.tls))
        self.link.on_sent_away = self._sent_away
        self.joiner = self._make_joiner()
        self.rot = self._make_rot()
        self.reader.on_rot = lambda fault: self.rot.state(fault, asked=True)
        self.checkpoints.prepared = lambda seq, roots: self._feed(ev.Prepared(now_ms(), seq, roots))
        self.self_trial = self._make_self_trial()
        self.hands.attach(self.driver, self.link, self.joiner, self.self_trial, self.rot)
        self.health.attach(self.driver, self.link, self.desk, self.disk)
        self.house = House(
            settings,
            opened.wal,
            opened.archive,
            self._marks,
            self.disk.want_sync,
            self._disk_failed,
            self._trimmed,
            self.rot.log,
            lambda: sending.tidy(self, self.driver.unit.log.checkpoint_seq),
        )
        self.archivist = Archivist(
            cabinet=settings.unit.cabinet,
            unit=settings.unit.id,
            archive=opened.archive,
            wal=opened.wal,
            channel=self.partner_channel,
            in_archiver=self.house.in_archiver,
            found=self.figures.rot,
        )
        self.scrubber = Scrubber(self)
        self.last_backup = LastBackup(opened.directory)
        self.fresh = Fresh(self.desk, self._stands)
        self.snapshots: SnapshotServer | None = None  # these three are set by whoever opens the ports
        self.scans: Scans | None = None
        self.alarms: Alarms | None = None
        self.traffic, self.catching_up = Traffic(self.figures), CatchingUp()
        self.changes, self.compared_feed = Changes(), Changes()
        self.driver.on_change = self.changes.tell
        self.hands.on_compared = self.compared_feed.tell
        self.hands.on_want_checkpoint = self._want_checkpoint
        self._wanting: asyncio.Task[None] | None = None
        self._timers: list[asyncio.TimerHandle] = []
        self._log = structlog.get_logger()

    async def start(self) -> None:
        """Open the channel and wake the core. Raises BootError if the lockstep port cannot be had."""
        at = self.settings.lockstep
        try:
            await self.link.start()
        except OSError as error:
            words = cannot_listen(f"{at.host}:{at.port}", "lockstep.port", str(error.strerror))
            raise BootError(words) from error
        can = tuple(sorted(machine.version for machine in self.app.machines))
        self._feed(booted_of(self.opened, self.settings, self.life, can))
        self._tick()
        self._sweep()
        self._propose_tick()
        self.house.start()
        self.scrubber.start()
        self.health.start()

    async def stop(self, why: str) -> None:
        """Close everything; the core hears nothing any more."""
        self.driver.halted = True
        for timer in self._timers:
            timer.cancel()
        await self.scrubber.stop()
        await self.house.stop()
        await self.health.stop(clean=not self.halted.done() or not self.halted.result().fault)
        await self.joiner.stop()
        await self.self_trial.stop()
        await self.link.stop(why)
        await self.asker.close()
        self.disk.stop()

    # ---------------------------------------------------------------- made here

    def _make_desk(self) -> Desk:
        limits = self.settings.limits
        return Desk(
            lambda data: self.link.send(data),
            lambda: self.hands.work(),
            intake_limits(limits),
            relay_max_entries=limits.relay_max_entries,
            relay_max_bytes=limits.relay_max_bytes,
            takeover_wait_ms=self.settings.timing.takeover_wait_ms,
        )

    def _make_hands(self) -> Hands:
        return Hands(
            desk=self.desk,
            ledger=self.ledger,
            logbook=self.logbook,
            runner=self.runner,
            disk=self.disk,
            reader=self.reader,
            keeper=self.keeper,
            asker=self.asker,
            checkpoints=self.checkpoints,
            figures=self.figures,
            batches_in_flight=self.settings.limits.batches_in_flight,
            append_max_bytes=self.settings.limits.batch_max_bytes,
            halt=self._halt,
        )

    def _make_joiner(self) -> Joiner:
        settings = self.settings
        return Joiner(
            cabinet=settings.unit.cabinet,
            unit=settings.unit.id,
            channel=self.partner_channel,
            store=self.opened.store,
            state=(self.opened.directory / boot.STATE, settings.state.map_max_bytes),
            logbook=self.logbook,
            runner=self.runner,
            checkpoints=self.checkpoints,
            disk=self.disk,
            executor=self._executor,
            feed=self._feed,
            failed=self._disk_failed,
            rot=lambda: self.rot,
        )

    def _make_self_trial(self) -> SelfTrial:
        at = self.settings.state
        return SelfTrial(
            state=self.opened.directory / boot.STATE,
            machines=self.app.machines,
            request_keep_ms=at.request_keep_days * boot.DAY_MS,
            prune_per_entry=at.prune_per_entry,
            limit_ms=self.settings.timing.arbitration_ms,
            runner=self.runner,
            logbook=self.logbook,
            reader=self.reader,
            tell=self._feed,
            rotten=self.rot.slots,
            roots=lambda: self.checkpoints.packed_roots,
        )

    def _make_rot(self) -> Rot:
        opened = self.opened
        return Rot(
            directory=opened.directory,
            note=opened.rot,
            store=opened.store,
            logbook=self.logbook,
            archive=opened.archive,
            disk=self.disk,
            feed=self._feed,
            failed=self._disk_failed,
            found=self.figures.rot,
        )

    def unready(self) -> str:
        """Why long reads had better go to the other unit; empty if they are welcome here. Every checkpoint of
        ours is a state that was compared, but one who is not in sync may stand days behind."""
        state = self.driver.unit.state
        if self.rot.note:
            return f"unit {self.settings.unit.id}'s state is rotten: {self.rot.note.why}; ask the other one"
        if state in (State.ACTIVE, State.STANDBY):
            return ""
        return f"unit {self.settings.unit.id} is {state.value}: its state may be old; ask the other one"

    def partner_channel(self) -> grpc.aio.Channel:
        """To the partner's back-office port, for snapshots and status."""
        settings = self.settings
        size = ("grpc.max_receive_message_length", settings.admin.message_max_bytes)
        options = [size, *self.tls.options(f"unit{1 - settings.unit.id}")]
        address = settings.lockstep.peer_admin_address
        if self.tls.channel is None:
            return grpc.aio.insecure_channel(address, options=options)
        return grpc.aio.secure_channel(address, self.tls.channel, options=options)

    def _executor(self, store: StateStore) -> Executor:
        return boot.executor_of(self.settings, self.app.machines, store)

    def _handshake(self) -> Handshake:
        unit, till = self.settings.unit, self.settings.till
        return Handshake(
            cabinet=unit.cabinet,
            unit=unit.id,
            life=self.life,
            wire_versions=forms.spoken(),
            till_address=f"{till.host}:{till.port}",
            equal=execution.equal_on_both(self.settings),
        )

    # ---------------------------------------------------------------- heard from the parts

    def _feed(self, event: ev.Event) -> None:
        self.driver.feed(event)

    def _epoch(self) -> int:
        record = self.driver.unit.record
        return record.epoch if record is not None else 0

    def _not_written(self, why: str, error: Exception) -> None:
        """A checkpoint could not be: the disk is none any more, or the state that is there is rotten."""
        if isinstance(error, RottenValue | StateBroken):
            self.rot.state(error, met=True)
        else:
            self._disk_failed(why)

    def _want_checkpoint(self) -> None:
        """One wish at a time."""
        if self._wanting is None or self._wanting.done():
            self._wanting = asyncio.get_running_loop().create_task(self.fresh.wanted(), name="checkpoint")

    def _disk_failed(self, why: str) -> None:
        self.hands.disk_failed(why)

    def _marks(self) -> tuple[int, int] | None:
        """(commit_seq, what the partner holds) for marks written when idle; None while the log is no log
        to write to: it is being cut or replaced in the disk's thread, or has to be."""
        unit = self.driver.unit
        if unit.changing or unit.unfit:
            return None
        return unit.log.commit_seq, unit.peer_floor_seq

    def _stands(self) -> tuple[int, int]:
        """How far the state on disk is, and how far it could be."""
        log = self.driver.unit.log
        return log.checkpoint_seq, log.compared_seq

    def _checkpointed(self, seq: int) -> None:
        self.figures.checkpoints += 1
        self._feed(ev.Checkpointed(now_ms(), seq, self.logbook.wal.first_seq))
        self.fresh.written()
        record = self.driver.unit.record
        if record is not None and len(record.in_sync) > 1:
            self.house.let_go = ""
        sending.tidy(self, seq)

    def _trimmed(self, first_seq: int) -> None:
        self._feed(ev.Checkpointed(now_ms(), self.driver.unit.log.checkpoint_seq, first_seq))

    def _halt(self, effect: ef.Halt) -> None:
        self.driver.halted = True
        self.driver.say("halt", effect.why, fault=effect.fault)
        self.link.flush()
        self.changes.tell()
        self.compared_feed.tell()
        if not self.halted.done():
            self.halted.set_result(effect)

    def _sent_away(self, why: str) -> None:
        """Alone we would believe that the pair is gone, and win a record that names both of us: from here
        on the core hears nothing, so nothing more is asked of the witness."""
        self.sent_away = SENT_AWAY.format(other=1 - self.settings.unit.id, why=why)
        self._halt(ef.Halt(self.sent_away, fault=False))

    # ---------------------------------------------------------------- timers

    def _later(self, delay_s: float, again: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        self._timers = [timer for timer in self._timers if timer.when() > loop.time()]
        self._timers.append(loop.call_later(delay_s, again))

    def _tick(self) -> None:
        self._feed(ev.Tick(now_ms(), wall_ms()))
        self._later(TICK_S, self._tick)

    def _sweep(self) -> None:
        self.desk.sweep(self.ledger.older(self.desk.sweep_before_ms()))
        self.catching_up.look(self.driver.unit)
        self._later(SWEEP_S, self._sweep)

    def _propose_tick(self) -> None:
        """Timers are entries too: the active proposes one when the state says that something is due."""
        executor = self.runner.executor
        try:
            due_ms = executor.due_ms() if self.desk.serving else None
        except (RottenValue, StateBroken) as rotten:
            self.rot.state(rotten)
            due_ms = None
        except FAULTS as fault:
            self._disk_failed(f"what is due cannot be read: {fault}")
            return
        except Exception as bug:
            die(bug)
        if due_ms is not None and due_ms <= executor.time_ms and not self.desk.no_room:
            tick = Command(Kind.TICK, 0, 0, b"", executor.time_ms, 0, b"")
            self.desk.intake.put(Call(tick, Lane.BACK_OFFICE, b"", now_ms(), None, place=-1))
            self.hands.work()
        self._later(self.settings.timing.tick_ms / 1000, self._propose_tick)
