"""A lean gRPC client for measurements: unary calls over bare HTTP/2, at a small part of the cost.

grpc.aio spends about 250 us of processor time on a call, several times what a unit needs to serve it; on a
machine that runs both, a load generator made of it measures itself. This one does one thing: many unary
calls in flight to our own units, without hedging, retries or TLS. Tills use `Units`.

It offers what `Units` offers to `TillClient`: `ask`, `policy`, `seen_ms`. Source: RFC 9113.
"""

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Final, Self

from loyalty.client.failure import Failure
from loyalty.client.lean_connection import LeanConnection
from loyalty.client.policy import Policy
from loyalty.client.targets import Target, parse_targets
from loyalty.client.units import Reply

SWEEP_EVERY_S: Final = 0.05
CONNECT_S: Final = 1.0


class LeanUnits:
    """Lean connections to all units; a drop-in for `Units` where no unit is expected to fail for long."""

    def __init__(self, addresses: str | Sequence[Target], policy: Policy | None = None) -> None:
        """Dials nothing yet. Raises ValueError for an address that is none."""
        self.targets = parse_targets(addresses) if isinstance(addresses, str) else tuple(addresses)
        self.policy = policy or Policy()
        self.units: list[LeanConnection | None] = [None] * len(self.targets)
        self.opened: list[LeanConnection] = []  # all of them
        self.dialling = [asyncio.Lock() for _ in self.targets]
        self.seen_ms = 0
        self.sweeper: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self.sweeper = asyncio.ensure_future(self._sweep())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.sweeper is not None:
            self.sweeper.cancel()
        for connection in self.opened:
            if connection.transport is not None:
                connection.transport.close()

    async def ask(self, path: str, body: bytes, prefer: int = 0, deadline_ms: int | None = None) -> Reply:
        """Ask the preferred unit; if it cannot be reached, the others. One try, never an exception."""
        problem = "no unit"
        for turn in range(len(self.targets)):
            index = (prefer + turn) % len(self.targets)
            try:
                connection = self.units[index]
                if connection is None or connection.transport is None:
                    connection = await self.dial(index)
            except (OSError, TimeoutError) as error:
                problem = f"{self.targets[index]}: {error}"
                continue
            return await connection.start(path, body, deadline_ms or self.policy.deadline_ms)
        return Reply(None, 1, Failure("UNAVAILABLE", problem), unknown=True)

    async def dial(self, index: int) -> LeanConnection:
        """The open connection to a unit. Raises OSError or TimeoutError."""
        async with self.dialling[index]:
            connection = self.units[index]
            if connection is None or connection.transport is None:
                connection = self.units[index] = await self.open(index)
            return connection

    async def open(self, index: int) -> LeanConnection:
        """One more connection to a unit, as another client would have. Raises OSError or TimeoutError."""
        target = self.targets[index]
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(CONNECT_S):
            _, connection = await loop.create_connection(
                lambda: LeanConnection(target), target.host, target.port
            )
        self.opened = [*(one for one in self.opened if one.transport is not None), connection]
        return connection

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_EVERY_S)
            for connection in self.opened:
                connection.sweep()
