"""Thousands of idle clients: connected, pinging as the published keepalive makes them, asking nothing.

`with crowd(targets, 2_000): ...` holds them in a process of their own, `python -m chaos.live.crowd`. A
connection that is lost is made again, as a gRPC channel would: after a takeover the crowd comes over.
"""

import asyncio
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import uvloop

from loyalty.client.lean_connection import PING_FRAME, LeanConnection
from loyalty.client.published import published
from loyalty.client.targets import Target, parse_targets

READY_S: Final = 60.0
AGAIN_LEAST_S: Final = 0.1
AGAIN_MOST_S: Final = 1.0
DIALLING: Final = 50  # at once, at the start
STEP_S: Final = 0.01


class CrowdFailed(RuntimeError):
    """Not all clients could connect."""


@contextmanager
def crowd(targets: str, clients: int) -> Iterator[None]:
    """Hold so many idle clients, each connected to one unit in turn.

    Raises:
        CrowdFailed: they could not all connect.
    """
    command = [sys.executable, "-m", "chaos.live.crowd", targets, str(clients)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if line.strip() != "ready":
                raise CrowdFailed(f"the crowd of {clients} could not connect to {targets}")
            yield
        finally:
            process.kill()


class _Idler(LeanConnection):
    """A connection that says when it is lost."""

    def __init__(self, target: Target) -> None:
        super().__init__(target)
        self.lost = asyncio.Event()

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self.lost.set()


async def _hold(targets: Sequence[Target], clients: int) -> None:
    gate = asyncio.Semaphore(DIALLING)
    idlers: list[_Idler | None] = [None] * clients
    connected = [asyncio.Event() for _ in range(clients)]
    tasks = [
        asyncio.ensure_future(_stay(idlers, number, targets[number % len(targets)], gate, connected[number]))
        for number in range(clients)
    ]
    async with asyncio.timeout(READY_S):
        for event in connected:
            await event.wait()
    print("ready", flush=True)
    pinging = asyncio.ensure_future(_ping(idlers))
    await asyncio.wait([*tasks, pinging], return_when=asyncio.FIRST_EXCEPTION)


async def _stay(
    idlers: list[_Idler | None],
    number: int,
    target: Target,
    gate: asyncio.Semaphore,
    connected: asyncio.Event,
) -> None:
    """One client: connect, and connect again when it was lost."""
    loop = asyncio.get_running_loop()
    again_s = AGAIN_LEAST_S
    while True:
        try:
            async with gate:
                _, idler = await loop.create_connection(lambda: _Idler(target), target.host, target.port)
        except OSError:
            await asyncio.sleep(again_s * random.uniform(0.8, 1.2))
            again_s = min(again_s * 2, AGAIN_MOST_S)
            continue
        idlers[number] = idler
        connected.set()
        came_s = loop.time()
        await idler.lost.wait()
        again_s = AGAIN_LEAST_S if loop.time() - came_s > AGAIN_MOST_S else min(again_s * 2, AGAIN_MOST_S)
        await asyncio.sleep(again_s * random.uniform(0.8, 1.2))


async def _ping(idlers: Sequence[_Idler | None]) -> None:
    """Each client once in the published time, evenly. One task for all: the crowd must cost little, it is
    the units that are looked at."""
    ping_s = published()["channel_options"]["c_core"]["grpc.keepalive_time_ms"] / 1000
    began_s, pings = time.monotonic(), 0
    while True:
        due = int((time.monotonic() - began_s) / ping_s * len(idlers))
        for number in range(pings, due):
            idler = idlers[number % len(idlers)]
            if idler is not None and idler.transport is not None:
                idler.transport.write(PING_FRAME)
        pings = due
        await asyncio.sleep(STEP_S)


def _end_with_parent() -> None:
    """Whoever holds the crowd may be killed: its end of the pipe closes, and nobody else would end us."""
    sys.stdin.read()
    os._exit(0)


def main() -> None:
    """The process: until it is killed, or its input ends."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    uvloop.run(_hold(parse_targets(sys.argv[1]), int(sys.argv[2])))


if __name__ == "__main__":
    main()
