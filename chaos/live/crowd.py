"""Thousands of idle clients: connected, pinging as the published keepalive makes them, asking nothing.

`with crowd(targets, 2_000): ...` holds them in a process of their own, `python -m chaos.live.crowd`. A
connection that is lost is made again, as a gRPC channel would: after a takeover the crowd comes over.
"""

import asyncio
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import uvloop

from loyalty.client.lean_connection import LeanConnection
from loyalty.client.published import published
from loyalty.client.targets import Target, parse_targets

READY_S: Final = 60.0
AGAIN_LEAST_S: Final = 0.1
AGAIN_MOST_S: Final = 1.0
DIALLING: Final = 50  # at once, at the start


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


async def _hold(targets: Sequence[Target], clients: int) -> None:
    gate = asyncio.Semaphore(DIALLING)
    connected = [asyncio.Event() for _ in range(clients)]
    tasks = [
        asyncio.ensure_future(_idle(targets[n % len(targets)], gate, connected[n])) for n in range(clients)
    ]
    async with asyncio.timeout(READY_S):
        for event in connected:
            await event.wait()
    print("ready", flush=True)
    await asyncio.wait(tasks)


async def _idle(target: Target, gate: asyncio.Semaphore, connected: asyncio.Event) -> None:
    """One client: connect, ping, connect again when it was lost."""
    ping_s = published()["channel_options"]["c_core"]["grpc.keepalive_time_ms"] / 1000
    loop = asyncio.get_running_loop()
    again_s = AGAIN_LEAST_S
    while True:
        try:
            async with gate:
                _, connection = await loop.create_connection(
                    lambda: LeanConnection(target), target.host, target.port
                )
        except OSError:
            await asyncio.sleep(again_s * random.uniform(0.8, 1.2))
            again_s = min(again_s * 2, AGAIN_MOST_S)
            continue
        connected.set()
        again_s = AGAIN_LEAST_S
        await asyncio.sleep(random.uniform(0, ping_s))  # not all at one moment
        while connection.transport is not None:
            connection.ping()
            await asyncio.sleep(ping_s)


def main() -> None:
    """The process: until it is killed."""
    uvloop.run(_hold(parse_targets(sys.argv[1]), int(sys.argv[2])))


if __name__ == "__main__":
    main()
