"""`ftnode witness`: the daemon around the one record."""

import asyncio
import contextlib
import signal
import ssl
import time
from collections.abc import Callable
from typing import Any, Final

import grpc
import grpc.aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from ftnode.config import ConfigError, WitnessSettings
from ftnode.observe import logs
from ftnode.observe.http import MetricsServer
from ftnode.tls import TlsError, expiry_warning, server_context, server_credentials
from ftnode.v1 import witness_pb2 as pb
from ftnode.v1 import witness_pb2_grpc as stubs
from ftnode.witness.disk import Kept, RecordDisk, WitnessDiskError
from ftnode.witness.keeper import Keeper
from ftnode.witness.metrics import WitnessFigures
from ftnode.witness.service import WitnessService

_HealthServicer: Final[Any] = vars(health)["aio"].HealthServicer  # its type stubs do not know it
SERVICE: Final = pb.DESCRIPTOR.services_by_name["WitnessService"].full_name
EXIT_OK: Final = 0
EXIT_FAULT: Final = 1  # the disk failed: a supervisor may start us again, the disk will tell
EXIT_SETUP: Final = 2  # settings, certificates, directory or ports: starting again will not help


class StartError(Exception):
    """The daemon cannot start; the text says what is wrong and what would be right."""


class TimedDisk(RecordDisk):
    """A record's disk that tells how long each write took."""

    def __init__(self, directory: str, figures: WitnessFigures) -> None:
        super().__init__(directory)
        self._figures = figures

    def write(self, kept: Kept) -> None:
        """As `RecordDisk.write`, measured."""
        began = time.perf_counter()
        super().write(kept)
        self._figures.sync_seconds.observe(time.perf_counter() - began)


class WitnessProcess:
    """The daemon in pieces, so that tests can run it in their own loop: start, (failed), stop."""

    def __init__(self, settings: WitnessSettings) -> None:
        self.settings = settings
        self.failed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.port = 0
        self.metrics_port = 0
        self._figures = WitnessFigures()
        self._log = logs.get(cabinet=settings.witness.cabinet)
        self._keeper: Keeper | None = None
        self._health = _HealthServicer()
        self._server: grpc.aio.Server | None = None
        self._metrics: MetricsServer | None = None

    async def start(self) -> None:
        """Take the directory, listen on both ports.

        Raises:
            StartError: with words for the operator.
        """
        own, tls = self.settings.witness, self.settings.tls
        try:
            credentials = server_credentials(tls, "mutual") if tls.on else None
            context = server_context(tls, tls.metrics) if tls.on and tls.metrics != "off" else None
            if tls.on and (why := expiry_warning(tls)):
                self._log.warning("certificate_ends", why=why)
            disk = TimedDisk(own.dir, self._figures)
            self._keeper = Keeper(disk, own.cabinet, own.compared_sync_ms, self._fail)
            self._metrics = await self._listen_metrics(context)
            self._server = await self._listen(self._keeper, credentials)
        except (TlsError, WitnessDiskError, StartError) as error:
            await self.stop(0)
            raise StartError(str(error)) from error
        held = self._keeper.held
        epoch = held.record.epoch if held.record else 0
        self._log.info(
            "listening", port=self.port, metrics_port=self.metrics_port, witness_id=held.witness_id
        )
        logs.decision(
            self._log,
            "opened",
            epoch=epoch,
            seq=held.told_seq,
            why="record read and synced anew",
            dir=own.dir,
        )
        await self._health.set(SERVICE, health_pb2.HealthCheckResponse.SERVING)
        await self._health.set("", health_pb2.HealthCheckResponse.SERVING)

    async def stop(self, grace_ms: int) -> None:
        """Let calls in flight end, close the ports, write down what is not, let the directory go."""
        await self._health.enter_graceful_shutdown()
        if self._server is not None:
            await self._server.stop(grace_ms / 1000)
        if self._metrics is not None:
            await self._metrics.stop()
        if self._keeper is not None:
            await self._keeper.close()

    def _fail(self, why: str) -> None:
        if not self.failed.done():
            self.failed.set_result(why)

    async def _listen(self, keeper: Keeper, credentials: grpc.ServerCredentials | None) -> grpc.aio.Server:
        own = self.settings.witness
        server = grpc.aio.server(
            maximum_concurrent_rpcs=own.calls_max,
            options=_server_options(own.message_max_bytes, own.connections_max),
        )
        stubs.add_WitnessServiceServicer_to_server(WitnessService(keeper, self._figures, self._log), server)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        reflection.enable_server_reflection((SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME), server)
        address = _address(own.host, own.port)
        try:
            if credentials is None:
                self.port = server.add_insecure_port(address)
            else:
                self.port = server.add_secure_port(address, credentials)
        except RuntimeError as error:
            raise StartError(
                f"cannot listen on {address}: in use, or not an address of this machine; stop who listens "
                "there, or change witness.port"
            ) from error
        await server.start()
        return server

    async def _listen_metrics(self, context: ssl.SSLContext | None) -> MetricsServer:
        own = self.settings.metrics
        server = MetricsServer(
            self._figures.registry, own.connections_max, lambda: not self.failed.done(), context
        )
        try:
            self.metrics_port = await server.start(own.host, own.port)
        except OSError as error:
            address = _address(own.host, own.port)
            words = f"{error.strerror}; stop who listens there, or change metrics.port"
            raise StartError(f"cannot listen on {address}: {words}") from error
        return server


async def run(settings: WitnessSettings, on_ready: Callable[[WitnessProcess], None] = lambda _: None) -> int:
    """Run the daemon until SIGTERM or SIGINT; the process's exit status.

    Args:
        settings: checked ones.
        on_ready: called once both ports listen.
    """
    log = logs.get(cabinet=settings.witness.cabinet)
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    process = WitnessProcess(settings)
    try:
        await process.start()
    except StartError as error:
        log.error("not_started", why=str(error))
        return EXIT_SETUP
    on_ready(process)
    waiting = asyncio.ensure_future(told.wait())
    await asyncio.wait((waiting, process.failed), return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await waiting
    if process.failed.done():
        log.error("ended", why=process.failed.result())
        await process.stop(0)
        return EXIT_FAULT
    await process.stop(settings.witness.stop_grace_ms)
    log.info("ended", why="told to stop")
    return EXIT_OK


def main(load: Callable[[], WitnessSettings]) -> int:
    """Load settings, set up the log, run; the exit status. For the command line.

    Args:
        load: gives checked settings or raises ConfigError.
    """
    try:
        settings = load()
    except ConfigError as error:
        logs.configure(form="console", process="witness")
        for problem in error.problems:
            logs.get().error("bad_settings", why=problem)
        return EXIT_SETUP
    logs.configure(settings.observe.level, settings.observe.format, process="witness")
    return asyncio.run(run(settings))


def _server_options(message_max_bytes: int, connections_max: int) -> list[tuple[str, int]]:
    return [
        ("grpc.so_reuseport", 0),  # a second daemon on the port is an error, not half of the calls
        ("grpc.max_receive_message_length", message_max_bytes),
        ("grpc.max_send_message_length", message_max_bytes),
        ("grpc.max_allowed_incoming_connections", connections_max),
        ("grpc.max_metadata_size", 8192),
        ("grpc.http2.min_ping_interval_without_data_ms", 250),
        ("grpc.http2.max_ping_strikes", 0),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.keepalive_time_ms", 10_000),  # units that vanished do not keep their connections for ever
        ("grpc.keepalive_timeout_ms", 2_000),
        ("grpc.max_concurrent_streams", 64),
    ]


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host and not host.startswith("[") else f"{host}:{port}"
