"""A pair of real processes on free ports in a directory of its own, and a load that judges it."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import grpc

from chaos.live.stage import hurt_on_purpose
from ftnode.config.shared import Tls
from ftnode.pair.ports import free as free_ports
from ftnode.store.wal_scan import segment_name
from ftnode.tls import channel_credentials, role_options
from ftnode.v1 import admin_pb2 as pb
from ftnode.v1 import admin_pb2_grpc as pb_grpc

BIN: Final = Path(sys.executable).parent
READY_S: Final = 60.0  # on a busy machine; alone it is a few seconds
GONE_S: Final = 10.0  # longest until the helpers of a killed unit are gone
PORT_NAMES: Final = ("till", "lockstep", "metrics", "admin", "console")


@dataclass
class Pair:
    """Witness and two units, each a process that may be hurt."""

    root: Path
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    certs: Path | None = None

    def __post_init__(self) -> None:
        hurt_on_purpose()
        numbers = free_ports(12)
        self.ports = {
            f"{name}{unit}": numbers[5 * unit + at] for unit in (0, 1) for at, name in enumerate(PORT_NAMES)
        }
        self.ports |= {"witness": numbers[10], "witness_metrics": numbers[11]}
        self.root.joinpath("witness.toml").write_text(self._witness_toml())
        for unit in (0, 1):
            self.root.joinpath(f"unit{unit}.toml").write_text(self.unit_toml(unit))

    def secure(self, certs: Path) -> None:
        """From now on ask with the operator's certificate."""
        self.certs = certs

    # ---------------------------------------------------------------- settings

    def _witness_toml(self) -> str:
        return (
            f'[witness]\ncabinet = "test"\ndir = "{self.root}/witness"\nport = {self.ports["witness"]}\n'
            f"[metrics]\nport = {self.ports['witness_metrics']}\n"
        )

    def unit_toml(self, unit: int) -> str:
        """Settings of a unit; small segments and frequent checkpoints, so that tests reach them.

        No unit gives up its place because the machine that runs the tests is busy.
        """
        at, other = self.ports, 1 - unit
        return f"""
[unit]
cabinet = "test"
id = {unit}
dir = "{self.root}/unit{unit}"
[till]
port = {at[f"till{unit}"]}
message_max_bytes = 65536
[lockstep]
port = {at[f"lockstep{unit}"]}
peer_address = "127.0.0.1:{at[f"lockstep{other}"]}"
peer_admin_address = "127.0.0.1:{at[f"admin{other}"]}"
[witness]
address = "127.0.0.1:{at["witness"]}"
[admin]
port = {at[f"admin{unit}"]}
[metrics]
port = {at[f"metrics{unit}"]}
[console]
port = {at[f"console{unit}"]}
[limits]
batch_max_bytes = 131072
[log]
segment_bytes = 262144
local_window_bytes = 524288
local_window_entries = 1000
[state]
checkpoint_entries = 300
checkpoint_bytes = 262144
[hardware]
ill_after_ms = 600000
"""

    # ---------------------------------------------------------------- processes

    def start(self, name: str) -> None:
        """Start `witness`, `unit0` or `unit1`."""
        command = "witness" if name == "witness" else "serve"
        with self.root.joinpath(f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [BIN / "ftnode", command, "--config", self.root / f"{name}.toml"],
                stdout=log,
                stderr=log,
                cwd=self.root,
            )

    def form(self) -> None:
        """Make the first record."""
        subprocess.run([BIN / "ftnode", "form", "--config", self.root / "unit0.toml"], check=True, timeout=30)

    def kill(self, name: str, how: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal; after SIGKILL wait until the process is gone."""
        self.processes[name].send_signal(how)
        if how is signal.SIGKILL:
            self.processes.pop(name).wait()

    def blank(self, unit: int) -> None:
        """Replace the unit's disk by an empty one."""
        shutil.rmtree(self.root / f"unit{unit}")

    def end(self) -> None:
        """Leave nothing behind, whatever state it is in."""
        for process in self.processes.values():
            process.send_signal(signal.SIGKILL)
        for process in self.processes.values():
            process.wait()

    def log(self, name: str) -> list[dict[str, Any]]:
        """What a process said, a dictionary per line."""
        text = self.root.joinpath(f"{name}.log").read_text(errors="replace")
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]

    # ---------------------------------------------------------------- seen from outside

    def host(self, unit: int) -> str:
        """Where the unit is called."""
        return "127.0.0.1"

    @property
    def targets(self) -> str:
        """Both units' till addresses."""
        return ",".join(f"{self.host(unit)}:{self.ports[f'till{unit}']}" for unit in (0, 1))

    @contextlib.asynccontextmanager
    async def admin(self, unit: int) -> AsyncIterator[Any]:
        """The unit's admin service."""
        address = f"{self.host(unit)}:{self.ports[f'admin{unit}']}"
        async with self._channel(address, f"unit{unit}") as channel:
            yield pb_grpc.AdminServiceStub(channel)

    def _channel(self, address: str, role: str) -> grpc.aio.Channel:
        if self.certs is None:
            return grpc.aio.insecure_channel(address)
        own = Tls(
            ca_file=f"{self.certs}/ca.pem",
            cert_file=f"{self.certs}/operator.pem",
            key_file=f"{self.certs}/operator.key",
            till="server",
            metrics="server",
            expiry_warning_days=30,
        )
        return grpc.aio.secure_channel(address, channel_credentials(own), options=role_options(role))

    async def status(self, unit: int) -> pb.Status | None:
        """Its status, None if it does not answer."""
        async with self.admin(unit) as stub:
            with contextlib.suppress(grpc.aio.AioRpcError):
                answer = await stub.GetStatus(pb.GetStatusRequest(), timeout=1)
                return answer.status  # type: ignore[no-any-return]
        return None

    async def until(self, seen: Callable[["pb.Status | None", "pb.Status | None"], bool], what: str) -> None:
        """Wait until both statuses satisfy `seen`; fail with what they are."""
        until_s = time.monotonic() + READY_S
        while True:
            both = (await self.status(0), await self.status(1))
            if seen(*both):
                return
            if time.monotonic() > until_s:
                raise AssertionError(f"not {what} within {READY_S} s: {both}")
            await asyncio.sleep(0.05)

    async def until_duplex(self) -> int:
        """Wait until both units hold everything; the active one's id."""
        await self.until(duplex, "duplex")
        status = await self.status(0)
        assert status is not None
        return status.active

    def trimmed(self, unit: int) -> bool:
        """Whether a unit's log no longer reaches back to its first entry."""
        return not (Path(self.root) / f"unit{unit}" / "log" / segment_name(1)).exists()

    # ---------------------------------------------------------------- load

    @contextlib.asynccontextmanager
    async def load(self, seconds: float, rate: int = 100, tills: int = 10) -> AsyncIterator["Load"]:
        """Tills that buy on schedule meanwhile; afterwards the books are compared."""
        history = self.root / f"history{time.monotonic_ns()}"
        process = await asyncio.create_subprocess_exec(
            BIN / "loyalty",
            *(() if self.certs is None else ("--ca", self.certs / "ca.pem")),
            "load",
            *("--rate", str(rate), "--tills", str(tills), "--members", "1", "--seconds", str(seconds)),
            *("--history", str(history)),
            env={**os.environ, "LOYALTY_TARGETS": self.targets},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        load = Load(process)
        try:
            yield load
            await load.ended()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


class Load:
    """A load under way."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.result: dict[str, Any] = {}
        self.said = ""
        self._process = process

    async def ended(self) -> None:
        """Wait for the end and the judgement."""
        out, err = await asyncio.wait_for(self._process.communicate(), 60)
        self.said = out.decode() + err.decode()
        self.result = json.loads(out.decode().strip().splitlines()[-1])

    def judge(self) -> None:
        """Nothing lost, nothing done twice, everything answered in the end, a good part of it in time."""
        wrong = {
            name: self.result[name] for name in ("lost", "doubled", "unknown", "refused") if self.result[name]
        }
        assert self.result["ok"], self.said
        assert not wrong, self.said
        assert self.result["acknowledged"] >= 0.9 * self.result["scheduled"], self.said


def unmount(place: Path) -> None:
    """Take a file system away. A helper of a unit that was killed ends by itself, a moment later.

    Raises:
        AssertionError: somebody still works there after GONE_S.
    """
    until_s = time.monotonic() + GONE_S
    while (done := subprocess.run(["umount", place], capture_output=True, text=True, check=False)).returncode:
        if time.monotonic() > until_s:
            subprocess.run(["umount", "--lazy", place], check=True)
            raise AssertionError(done.stderr)
        time.sleep(0.1)


def duplex(zero: pb.Status | None, one: pb.Status | None) -> bool:
    """Both in sync, one active and one standby, and both say so."""
    if zero is None or one is None:
        return False
    states = {zero.state, one.state}
    return states == {pb.UNIT_STATE_ACTIVE, pb.UNIT_STATE_STANDBY} and all(
        status.redundancy == pb.REDUNDANCY_DUPLEX for status in (zero, one)
    )
