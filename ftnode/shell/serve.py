"""`ftnode serve`: one unit as a process, from its settings to its exit status."""

import asyncio
import gc
import os
import signal
import sys
import time
from collections.abc import Sequence
from typing import Final, NoReturn

import grpc
import structlog

from ftnode.config import UnitSettings
from ftnode.core.events import TakeOutAsked
from ftnode.core.invariants import BrokenInvariantError
from ftnode.observe.http import MetricsServer
from ftnode.observe.metrics import unit_registry
from ftnode.shell import boot, sending, status
from ftnode.shell.acceptors import Acceptors
from ftnode.shell.admin import AdminServer
from ftnode.shell.alarm_service import AlarmServer
from ftnode.shell.alarms import Alarms, WebhookError
from ftnode.shell.archivist import ArchiveServer
from ftnode.shell.backups import BackupServer
from ftnode.shell.boot import EXIT_FAULT, EXIT_SETUP, BootError
from ftnode.shell.driver import die, now_ms
from ftnode.shell.feed import FeedServer
from ftnode.shell.ports import Health, PortSettings, PortTakenError, bind, cannot_listen, options, reflect
from ftnode.shell.scans import Scans
from ftnode.shell.serving import Servant
from ftnode.shell.table import Lane
from ftnode.shell.unit import Application, RunningUnit
from ftnode.shell.witnesses import WitnessThrough
from ftnode.store.turns import take_long_turns
from ftnode.tls import TlsError
from ftnode.v1 import (
    admin_pb2,
    admin_pb2_grpc,
    alarms_pb2,
    alarms_pb2_grpc,
    archive_pb2,
    archive_pb2_grpc,
    backup_pb2,
    backup_pb2_grpc,
    feed_pb2,
    feed_pb2_grpc,
    snapshot_pb2,
    snapshot_pb2_grpc,
    witness_pb2,
    witness_pb2_grpc,
)

EXIT_OK: Final = 0
SWITCH_INTERVAL_S: Final = 0.0002  # a thread must not wait 5 ms to say what it has done
GC_THRESHOLDS: Final = (50_000, 20, 50)  # young garbage is rare here: calls leave no cycles
HEALTH_EVERY_S: Final = 0.02
LAST_WORDS_S: Final = 0.1  # for statuses on their way out
LINGER_POLL_S: Final = 0.01
REMEMBER_S: Final = 0.5  # longest for the history's last lines at the end
ADMIN_SERVICES: Final = tuple(
    descriptor.services_by_name[name].full_name
    for descriptor, name in (
        (admin_pb2.DESCRIPTOR, "AdminService"),
        (alarms_pb2.DESCRIPTOR, "AlarmService"),
        (backup_pb2.DESCRIPTOR, "BackupService"),
        (feed_pb2.DESCRIPTOR, "FeedService"),
        (snapshot_pb2.DESCRIPTOR, "SnapshotService"),
        (archive_pb2.DESCRIPTOR, "ArchiveService"),
        (witness_pb2.DESCRIPTOR, "WitnessService"),
    )
)


class UnitProcess:
    """A running unit with its ports, in pieces so that tests run it in their own loop."""

    def __init__(self, settings: UnitSettings, app: Application) -> None:
        """Nothing is opened before `start`."""
        self.settings, self.app = settings, app
        self.till_port = self.admin_port = self.metrics_port = 0
        self.unit: RunningUnit | None = None
        self._servers: list[grpc.aio.Server] = []
        self._servants: list[Servant] = []
        self._acceptors: list[Acceptors] = []
        self._healths: list[Health] = []
        self._metrics: MetricsServer | None = None
        self._watching: asyncio.Task[None] | None = None
        self._log = structlog.get_logger()

    async def start(self) -> RunningUnit:
        """Open the directory, take the ports, wake the core.

        Raises:
            BootError: with words for the operator and an exit status.
        """
        if why := take_long_turns():
            self._log.info("usual_turns", why=why)
        opened = boot.open_unit(self.settings, self.app.machines)
        try:
            unit = self.unit = RunningUnit(self.settings, self.app, opened)
            unit.alarms = Alarms(unit)
            await self._listen(unit, unit.alarms)
            unit.alarms.start()
            await unit.start()
        except (TlsError, PortTakenError, WebhookError) as error:
            await self.stop(0)
            raise BootError(str(error)) from error
        except BootError:
            await self.stop(0)
            raise
        _quiet_collector()
        self._watching = asyncio.get_running_loop().create_task(self._watch_health(unit), name="health")
        ports = {"till": self.till_port, "admin": self.admin_port, "metrics": self.metrics_port}
        self._log.info("listening", lockstep=unit.link.port, **ports)
        return unit

    async def ended(self) -> int:
        """Wait until the core asks for the end; the exit status."""
        if self.unit is None:
            return EXIT_SETUP
        halt = await self.unit.halted
        if self.unit.sent_away:
            return EXIT_SETUP
        return EXIT_FAULT if halt.fault else EXIT_OK

    def told_to_stop(self) -> None:
        """Hand over first; the core asks for the end when that is done."""
        if self.unit is not None:
            self._log.info("told_to_stop", grace_ms=self.settings.unit.stop_grace_ms)
            if self.unit.scans is not None:
                self.unit.scans.stop()
            self.unit.driver.feed(TakeOutAsked(now_ms(), stay_out=False))

    async def linger(self, until_s: float) -> None:
        """Calls that wait here are sent on to the new active and answered before we go."""
        unit = self.unit
        while unit is not None and time.monotonic() < until_s:
            waiting = sum(servant.open_calls for servant in self._servants)
            if not waiting or not unit.desk.partner_serving:
                return
            await asyncio.sleep(LINGER_POLL_S)

    async def stop(self, grace_s: float) -> None:
        """Close all ports, then the unit."""
        if self._watching is not None:
            self._watching.cancel()
        for health in self._healths:
            await health.say(False)
        for servant in self._servants:
            servant.stopping = True
        if self.unit is not None and self.unit.scans is not None:
            self.unit.scans.stop()
        await asyncio.gather(*(server.stop(grace_s) for server in self._servers))
        for acceptors in self._acceptors:
            await acceptors.ended()
        if self._metrics is not None:
            await self._metrics.stop()
        if self.unit is not None:
            if self.unit.snapshots is not None:
                await self.unit.snapshots.stop()
            await self.unit.stop("told to stop")
            if self.unit.alarms is not None:
                halted = self.unit.halted
                why = halted.result().why if halted.done() else "told to stop"
                await self.unit.alarms.stop(why, REMEMBER_S)

    # ---------------------------------------------------------------- ports

    async def _listen(self, unit: RunningUnit, alarms: Alarms) -> None:
        self.till_port = await self._listen_tills(unit)
        self.admin_port = await self._listen_admin(unit, alarms)
        at = self.settings.metrics
        registry = unit_registry(
            unit.figures,
            lambda: status.sample(unit, self.open_calls),
            self.settings.unit.id,
            self.settings.unit.cabinet,
        )
        self._metrics = MetricsServer(
            registry, at.connections_max, lambda: not unit.driver.halted, unit.tls.metrics_context
        )
        try:
            self.metrics_port = await self._metrics.start(at.host, at.port)
        except OSError as error:
            words = cannot_listen(f"{at.host}:{at.port}", "metrics.port", str(error.strerror))
            raise PortTakenError(words) from error

    async def _listen_tills(self, unit: RunningUnit) -> int:
        at = self.settings.till
        port = PortSettings(
            host=at.host,
            port=at.port,
            setting="till.port",
            message_max_bytes=at.message_max_bytes,
            ping_min_ms=at.ping_min_ms,
            connections_max=at.connections_max,
            credentials=unit.tls.till,
        )
        server, servant = self._server(unit, port, at.calls_max)
        methods = [method for method in self.app.methods if method.lane is Lane.TILL]
        acceptors = Acceptors(server, servant.handlers(methods), servant.refusing)
        number = await self._open(server, port, self.app.services)
        acceptors.start()
        self._acceptors.append(acceptors)
        return number

    async def _listen_admin(self, unit: RunningUnit, alarms: Alarms) -> int:
        at = self.settings.admin
        port = PortSettings(
            host=at.host,
            port=at.port,
            setting="admin.port",
            message_max_bytes=at.message_max_bytes,
            ping_min_ms=self.settings.till.ping_min_ms,
            credentials=unit.tls.admin,
        )
        server, servant = self._server(unit, port, at.calls_max)
        methods = [method for method in self.app.methods if method.lane is Lane.BACK_OFFICE]
        Acceptors(server, servant.handlers(methods))  # not started: nobody is in a hurry here
        unit.scans = self._scans(unit)
        Acceptors(server, unit.scans.handlers(self.app.scans))
        own, join = self.settings.unit, self.settings.join
        unit.snapshots = snapshots = sending.server_of(unit)
        admin_pb2_grpc.add_AdminServiceServicer_to_server(AdminServer(unit, lambda: self.open_calls), server)
        alarms_pb2_grpc.add_AlarmServiceServicer_to_server(AlarmServer(alarms), server)
        backup_pb2_grpc.add_BackupServiceServicer_to_server(BackupServer(unit), server)
        feed_pb2_grpc.add_FeedServiceServicer_to_server(FeedServer(unit), server)
        archive_pb2_grpc.add_ArchiveServiceServicer_to_server(
            ArchiveServer(
                own.cabinet, own.id, unit.opened.archive, unit.opened.wal, join.snapshot_max_bytes_per_s
            ),
            server,
        )
        snapshot_pb2_grpc.add_SnapshotServiceServicer_to_server(snapshots, server)
        through = WitnessThrough(unit.asker.witnesses, own.cabinet)
        witness_pb2_grpc.add_WitnessServiceServicer_to_server(through, server)
        return await self._open(server, port, (*self.app.services, *ADMIN_SERVICES))

    def _scans(self, unit: RunningUnit) -> Scans:
        state = unit.opened.directory / boot.STATE
        machines = self.app.machines if self.app.scans else ()
        scans = Scans(self.settings.scans, state, machines, unit.figures, unit.unready, unit.fresh.wanted)
        scans.on_rot = lambda slot, why: unit.rot.slots([slot], why)
        return scans

    def _server(
        self, unit: RunningUnit, port: PortSettings, calls_max: int
    ) -> tuple[grpc.aio.Server, Servant]:
        server = grpc.aio.server(options=options(port))
        servant = Servant(
            unit.desk,
            unit.figures,
            calls_max=calls_max,
            stream_in_flight_max=self.settings.limits.stream_in_flight_max,
            batch_call_max_entries=self.settings.limits.batch_call_max_entries,
            pushback_ms=self.settings.timing.retry_pushback_ms,
        )
        self._servers.append(server)
        self._servants.append(servant)
        return server, servant

    async def _open(self, server: grpc.aio.Server, port: PortSettings, services: Sequence[str]) -> int:
        health = Health(server, services)
        self._healths.append(health)
        reflect(server, services)
        number = bind(server, port)
        await server.start()
        return number

    @property
    def open_calls(self) -> int:
        """Calls taken in and not yet answered, on all ports."""
        return sum(servant.open_calls for servant in self._servants)

    async def _watch_health(self, unit: RunningUnit) -> None:
        while True:
            for health in self._healths:
                await health.say(unit.desk.answering)
            await asyncio.sleep(HEALTH_EVERY_S)


async def run(settings: UnitSettings, app: Application) -> int:
    """Run a unit until it ends or is told to, then end the process; returns only if it cannot start."""
    log = structlog.get_logger()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_unhandled)
    process = UnitProcess(settings, app)
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    try:
        await process.start()
    except BootError as error:
        log.error("not_started", why=str(error))
        return error.status
    ended = asyncio.ensure_future(process.ended())
    waiting = asyncio.ensure_future(told.wait())
    await asyncio.wait((ended, waiting), return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    until_s = time.monotonic() + settings.unit.stop_grace_ms / 1000
    if not ended.done():
        process.told_to_stop()
        await asyncio.wait((ended,), timeout=settings.unit.stop_grace_ms / 1000)
    exit_status = ended.result() if ended.done() else EXIT_OK
    if exit_status == EXIT_OK:
        await process.linger(until_s)
    grace_s = until_s - time.monotonic() if process.open_calls else LAST_WORDS_S
    await process.stop(max(LAST_WORDS_S, grace_s) if exit_status == EXIT_OK else 0)
    if exit_status == EXIT_SETUP and process.unit is not None:
        log.error("sent_away", why=process.unit.sent_away)  # the last line is what a supervisor shows
    else:
        log.info("ended", exit_status=exit_status)
    _leave(exit_status)


def _leave(exit_status: int) -> NoReturn:
    """Be gone at once: the interpreter would wait for threads, and a hung disk holds one for ever."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(exit_status)


def _unhandled(loop: asyncio.AbstractEventLoop, context: "dict[str, object]") -> None:
    """A callback raised: a broken invariant ends us, a connection of somebody else's does not."""
    error = context.get("exception")
    if isinstance(error, BrokenInvariantError):
        die(error)
    structlog.get_logger().error("loop", why=str(context.get("message")), exc_info=error)


def _quiet_collector() -> None:
    """Everything made so far stays; what calls leave behind is freed without the collector."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
