"""Both witnesses, in a form that the contract suite can start, stop and start again."""

import asyncio
import shutil
import subprocess
import time
import uuid
from pathlib import Path
from typing import Protocol

from ftnode.config import witness_from
from ftnode.pair import ports
from ftnode.witness.daemon import WitnessProcess
from ftnode.witness.daemon_client import DaemonClient
from ftnode.witness.etcd import EtcdClient
from ftnode.witness.port import WitnessClient
from tests.witness.make import CABINET

DEADLINE_MS = 2000  # the machine that runs tests is busy; a witness answers within a few


class Witness(Protocol):
    """One witness, empty at first."""

    port: int
    gives_time: bool

    async def start(self) -> None:
        """Start it, also again with what it had."""

    async def stop(self) -> None:
        """Stop it; etcd gets no chance to say goodbye."""

    def client(self, unit: int, port: int = 0, deadline_ms: int = DEADLINE_MS) -> WitnessClient:
        """A unit's view of it, through another port if given."""


class Daemon:
    """Ours, in this process."""

    gives_time = True

    def __init__(self, directory: Path) -> None:
        self._dir = directory
        self.port = 0
        self._process: WitnessProcess | None = None

    async def start(self) -> None:
        """Start it, the second time on the same port."""
        given = {"cabinet": CABINET, "dir": str(self._dir), "port": self.port, "compared_sync_ms": 0}
        self._process = WitnessProcess(witness_from({"witness": given, "metrics": {"port": 0}}))
        await self._process.start()
        self.port = self._process.port

    async def stop(self) -> None:
        """Close its ports and its directory."""
        assert self._process is not None
        await self._process.stop(0)

    def client(self, unit: int, port: int = 0, deadline_ms: int = DEADLINE_MS) -> WitnessClient:
        """A unit's view of it."""
        return DaemonClient(f"127.0.0.1:{port or self.port}", CABINET, unit, deadline_ms)


class EtcdServer:
    """One etcd on free loopback ports; it has nothing to do with a service of the machine."""

    def __init__(self, directory: Path, tls: dict[str, str] | None = None) -> None:
        self._dir = directory
        self._tls = tls  # etcd's own options for TLS
        self.port, self._peer_port = ports.free(2)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it serves."""
        path = shutil.which("etcd")
        assert path is not None
        scheme = "https" if self._tls else "http"
        client, peer = f"{scheme}://127.0.0.1:{self.port}", f"http://127.0.0.1:{self._peer_port}"
        options = {
            "name": "one",
            "data-dir": str(self._dir / "data"),
            "listen-client-urls": client,
            "advertise-client-urls": client,
            "listen-peer-urls": peer,
            "initial-advertise-peer-urls": peer,
            "initial-cluster": f"one={peer}",
            "logger": "zap",
            "log-outputs": "stderr",
            **(self._tls or {}),
        }
        args = [path, *(f"--{name}={value}" for name, value in options.items())]
        with open(self._dir / "log", "wb") as log:
            self._process = subprocess.Popen(args, stdout=log, stderr=log, env={"PATH": "/usr/bin:/bin"})
        ends = time.monotonic() + 30
        while time.monotonic() < ends and self._process.poll() is None:
            if b"serving client traffic" in (self._dir / "log").read_bytes():
                return
            time.sleep(0.02)
        self.kill()
        raise RuntimeError(f"etcd did not start: {(self._dir / 'log').read_text()[-2000:]}")

    def kill(self) -> None:
        """SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)


class Etcd:
    """A fresh corner of the run's etcd."""

    gives_time = False

    def __init__(self, server: EtcdServer) -> None:
        self._server = server
        self._prefix = f"/{uuid.uuid4().hex}/"
        self.port = server.port
        self._down = False

    async def start(self) -> None:
        """Bring the server back if a test took it away."""
        if self._down:
            await asyncio.to_thread(self._server.start)
            self._down = False

    async def stop(self) -> None:
        """SIGKILL the server."""
        self._server.kill()
        self._down = True

    def client(self, unit: int, port: int = 0, deadline_ms: int = DEADLINE_MS) -> WitnessClient:
        """A unit's view of it."""
        return EtcdClient(
            [f"127.0.0.1:{port or self.port}"], self._prefix, CABINET, unit, deadline_ms, told_ms=0
        )
