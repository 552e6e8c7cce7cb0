"""The purchase on PostgreSQL as a synchronous pair: the other side of `make bench`.

The driver is asyncpg: binary protocol, prepared statements, written in C for the most part; of Python's
drivers it costs least per call, so PostgreSQL is not slowed down by its client. psycopg 3 in its pipeline
mode would send several statements of one connection at once, but each purchase waits for its own commit on
both machines, so callers on connections of their own are what a till sees.

    with PostgresPair() as pair:
        async with PostgresBench(pair) as bench:
            print(await bench.in_flight(32, seconds=5))
"""

import asyncio
import itertools
import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from importlib import resources
from time import perf_counter, process_time
from types import TracebackType
from typing import Any, Final, Self

import asyncpg

from chaos.bench.cpu import cpu_s
from chaos.bench.postgres_pair import PostgresPair
from chaos.bench.workload import MEMBERS, STORE, WELCOME_POINTS, Measured, Purchase, purchases

SIDE: Final = "postgresql"
ONE: Final = "SELECT purchase($1::purchase_input)"
MANY: Final = "SELECT purchase(p) FROM unnest($1::purchase_input[]) p"
CONNECTIONS_MAX: Final = 100
BUSINESS_DAY: Final = 20261122

Row = tuple[Any, ...]


class PostgresBench:
    """One function per measure, so that rounds can be interleaved with the other side's."""

    def __init__(self, pair: PostgresPair, seed: int = 1) -> None:
        self.pair = pair
        self.pids = pair.pids()
        self.seed = seed
        self.terminals = itertools.count(1)  # each caller of each round buys at a till of its own
        self.connections: list[asyncpg.Connection] = []

    async def __aenter__(self) -> Self:
        connection = await self._connect()
        await connection.execute(resources.files("chaos.bench").joinpath("postgres.sql").read_text("utf-8"))
        await connection.execute("SELECT enrol($1, $2)", MEMBERS, WELCOME_POINTS)
        await self._check_synchronous(connection)
        self.connections.append(connection)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for connection in self.connections:
            await connection.close()

    async def one_caller(self, seconds: float) -> Measured:
        """One purchase after the other."""
        return await self._round("one caller", 1, 1, seconds)

    async def in_flight(self, callers: int, seconds: float) -> Measured:
        """So many callers, each with a connection of its own and one purchase at a time."""
        return await self._round(f"{callers} in flight", callers, 1, seconds)

    async def batches(self, size: int, seconds: float, callers: int = 1) -> Measured:
        """So many calls of the procedure in one transaction, sent without waiting in between."""
        return await self._round(f"batches of {size}", callers, size, seconds)

    async def statements(self, size: int, seconds: float, callers: int = 1) -> Measured:
        """So many purchases in one statement over an array: the form that costs PostgreSQL least."""
        return await self._round(f"{size} in a statement", callers, size, seconds, in_array=True)

    async def _round(
        self, measure: str, callers: int, size: int, seconds: float, in_array: bool = False
    ) -> Measured:
        while len(self.connections) < callers:
            self.connections.append(await self._connect())
        waits_ms: list[float] = []
        served_s = cpu_s(self.pids)
        began, began_cpu = perf_counter(), process_time()
        until = began + seconds
        await asyncio.gather(
            *(
                self._caller(connection, size, until, waits_ms, in_array)
                for connection in self.connections[:callers]
            )
        )
        took, cpu = perf_counter() - began, process_time() - began_cpu
        served_s = cpu_s(self.pids) - served_s
        return Measured(SIDE, measure, len(waits_ms) * size, took, waits_ms, cpu, served_s)

    async def _caller(
        self,
        connection: asyncpg.Connection,
        size: int,
        until: float,
        waits_ms: list[float],
        in_array: bool,
    ) -> None:
        statement = await connection.prepare(MANY if in_array else ONE)
        rows = map(_row, purchases(self.seed, next(self.terminals)))
        buy_many = _buy_in_array if in_array else _buy_many
        buy = _buy_one(statement, rows) if size == 1 else buy_many(statement, rows, size)
        while (now := perf_counter()) < until:
            for outcome in await buy():
                if outcome["code"] != 0:
                    raise RuntimeError(f"PostgreSQL rejected a purchase of the bench: {outcome}")
            waits_ms.append((perf_counter() - now) * 1000)

    async def _connect(self) -> asyncpg.Connection:
        return await asyncpg.connect(self.pair.dsn)

    async def _check_synchronous(self, connection: asyncpg.Connection) -> None:
        """A comparison with an asynchronous pair would be worth nothing."""
        for _ in range(100):
            states = await connection.fetch("SELECT sync_state FROM pg_stat_replication")
            if [state["sync_state"] for state in states] == ["sync"]:
                break
            await asyncio.sleep(0.1)
        else:
            raise RuntimeError("PostgreSQL's standby does not follow synchronously")
        for name, wanted in (("fsync", "on"), ("synchronous_commit", "remote_apply")):
            value = await connection.fetchval(f"SHOW {name}")
            if value != wanted:
                raise RuntimeError(f"PostgreSQL's {name} is {value}, wanted {wanted}")


Buy = Callable[[], Awaitable[Sequence[Any]]]


def _buy_one(statement: Any, rows: Iterator[Row]) -> Buy:
    async def buy() -> Sequence[Any]:
        return (await statement.fetchval(next(rows)),)

    return buy


def _buy_many(statement: Any, rows: Iterator[Row], size: int) -> Buy:
    async def buy() -> Sequence[Any]:
        return [record[0] for record in await statement.fetchmany([(row,) for row in _batch(rows, size)])]

    return buy


def _buy_in_array(statement: Any, rows: Iterator[Row], size: int) -> Buy:
    async def buy() -> Sequence[Any]:
        return [record[0] for record in await statement.fetch(_batch(rows, size))]

    return buy


def _batch(rows: Iterator[Row], size: int) -> list[Row]:
    """The next purchases, by member: no deadlocks."""
    return sorted(itertools.islice(rows, size), key=lambda row: int(row[5]))


def _row(purchase: Purchase) -> Row:
    """As the composite type `purchase_input`."""
    return (
        os.urandom(16),
        STORE,
        purchase.terminal,
        purchase.number,
        BUSINESS_DAY,
        purchase.member + 1,
        list(purchase.skus),
        list(purchase.quantities_milli),
        list(purchase.amounts_minor),
        purchase.spend_points,
    )
