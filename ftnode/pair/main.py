"""`ftnode pair --dir D`: the whole pair with one command, on this machine."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Final

import grpc
import typer

from ftnode.pair import files, process
from ftnode.pair.layout import PairDir, PairError, UnitFacts, read_facts
from ftnode.pair.lock import directory_lock
from ftnode.pair.supervisor import Supervisor
from ftnode.v1 import admin_pb2, admin_pb2_grpc

STATUS_TIMEOUT_S: Final = 0.5
DETACH_TIMEOUT_S: Final = 60.0


def pair(
    dir: Annotated[str, typer.Option(help="Directory of the pair; made if it is not there.")],
    free_ports: Annotated[
        bool, typer.Option("--free-ports", help="At the first start, choose ports that nobody uses.")
    ] = False,
    cabinet: Annotated[str, typer.Option(help="Name of the cabinet at the first start.")] = "",
    detach: Annotated[
        bool, typer.Option("--detach", help="Return as soon as everything is started.")
    ] = False,
) -> None:
    """Run a witness and both units in one directory, on loopback; restart what dies.

    Stops all three in order on SIGTERM or Ctrl-C. What was pulled stays out until it is put back.
    Exit status: 0 stopped as asked, 1 could not run (the last line says why).
    """
    try:
        status = _detached(dir, free_ports, cabinet) if detach else run(PairDir.at(dir), free_ports, cabinet)
    except PairError as problem:
        print(f"ftnode pair: {problem}", file=sys.stderr)
        status = 1
    raise typer.Exit(status)


def run(directory: PairDir, free_ports: bool, cabinet: str) -> int:
    """Supervise until told to stop; returns the exit status.

    Raises:
        PairError: it cannot be done here; the text says what would be right.
    """
    try:
        directory.root.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise PairError(f"{directory.root}: cannot be made: {problem.strerror}") from problem
    files.check_writable(directory)
    with directory_lock(directory):
        settings = files.prepare(directory, cabinet, free_ports)
        return asyncio.run(_supervise(directory, settings))


async def _supervise(directory: PairDir, settings: files.Settings) -> int:
    return await Supervisor(directory, settings, say=say, find_active=find_active).run()


def say(name: str, text: str) -> None:
    """One line for a person; nobody listening any more is no reason to stop."""
    shown = f"unit {name[-1]}" if name.startswith("unit") else name
    with suppress(OSError):
        print(f"{time.strftime('%H:%M:%S')}  {shown:<8} {text}", flush=True)


def find_active(units: Sequence[UnitFacts]) -> int | None:
    """Ask the units which of them is active; None if nobody says so in time."""
    for unit in units:
        with grpc.insecure_channel(unit.admin) as channel:
            stub = admin_pb2_grpc.AdminServiceStub(channel)
            try:
                answer: admin_pb2.GetStatusResponse = stub.GetStatus(
                    admin_pb2.GetStatusRequest(), timeout=STATUS_TIMEOUT_S
                )
            except grpc.RpcError:
                continue
            if answer.status.state == admin_pb2.UNIT_STATE_ACTIVE:
                return unit.unit
    return None


def _detached(dir: str, free_ports: bool, cabinet: str) -> int:
    """Start ourselves in the background and wait until everything is started, or it gave up."""
    directory = PairDir.at(dir)
    command = [sys.executable, "-m", "ftnode.pair", "--dir", str(directory.root)]
    command += ["--free-ports"] * free_ports + ["--cabinet", cabinet] * bool(cabinet)
    try:
        directory.root.mkdir(parents=True, exist_ok=True)
        files.check_writable(directory)
        background = process.start(command, directory.log("pair"))
    except OSError as problem:
        raise PairError(f"{directory.root}: cannot be used: {problem.strerror}") from problem
    ends_s = time.monotonic() + DETACH_TIMEOUT_S
    while time.monotonic() < ends_s:
        if background.poll() is not None:
            raise PairError(_last_line(directory))
        if _all_started(directory, background):
            print(f"started, pid {background.pid}; stop it with: kill {background.pid}")
            print(f"look at it with: ftctl status --dir {directory.root}")
            return 0
        time.sleep(0.05)
    raise PairError(f"not everything has started after {DETACH_TIMEOUT_S:.0f} s; see {directory.log('pair')}")


def _all_started(directory: PairDir, background: subprocess.Popen[bytes]) -> bool:
    try:
        facts = read_facts(directory)
    except PairError:
        return False
    ours = facts.supervisor.pid == background.pid
    return ours and all(unit.process is not None or unit.out for unit in facts.units)


def _last_line(directory: PairDir) -> str:
    lines = directory.log("pair").read_text(errors="replace").strip().splitlines()
    return lines[-1].removeprefix("ftnode pair: ") if lines else "ended without a word"


def main() -> None:
    """`python -m ftnode.pair`"""
    typer.run(pair)
