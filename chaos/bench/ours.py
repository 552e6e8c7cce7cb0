"""The purchase on our pair: one function per measure, as `postgres.py` has them.

The clients are lean ones (loyalty/client/lean.py) in the measuring process, as asyncpg is on the other side:
neither pair is to be held up by its client. Callers are spread over both units, as tills are; the single
caller asks the unit it is given.
"""

import asyncio
import itertools
import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime
from time import perf_counter, process_time
from types import TracebackType
from typing import Final, Self

from chaos.bench.cpu import cpu_s
from chaos.bench.workload import MEMBERS, STORE, Measured, Purchase, purchases
from loyalty.client.lean import LeanUnits
from loyalty.client.lean_connection import LeanConnection
from loyalty.client.methods import METHODS
from loyalty.client.policy import Policy
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till

SIDE: Final = "ftnode"
ENROL_IN_FLIGHT: Final = 32
DEADLINE_MS: Final = 10_000

Buy = Callable[[int], Awaitable[None]]


class OurBench:
    """A running pair with members, ready to be measured."""

    def __init__(
        self, targets: str, seed: int = 1, pids: Sequence[int] = (), member_count: int = MEMBERS
    ) -> None:
        """`targets` are both units' till addresses, with a comma; `pids` the pair's processes."""
        self.pids = pids
        self.member_count = member_count  # MEMBERS or more: so many do the purchases name
        self.units = LeanUnits(targets, Policy(deadline_ms=DEADLINE_MS))
        self.seed = seed
        self.terminals = itertools.count(1)  # each caller of each round buys at a till of its own
        self.members: list[int] = []
        self.today = int(datetime.now(UTC).strftime("%Y%m%d"))

    async def __aenter__(self) -> Self:
        await self.units.__aenter__()
        gate = asyncio.Semaphore(ENROL_IN_FLIGHT)
        self.members = await asyncio.gather(*(self._enrol(n, gate) for n in range(self.member_count)))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.units.__aexit__(kind, error, trace)

    async def one_caller(self, seconds: float, unit: int = 0) -> Measured:
        """One purchase after the other at one unit."""
        return await self._round("one caller", 1, 1, seconds, unit)

    async def in_flight(self, callers: int, seconds: float) -> Measured:
        """So many callers, one purchase each at a time, over both units."""
        return await self._round(f"{callers} in flight", callers, 1, seconds)

    async def batches(self, size: int, seconds: float, callers: int = 1) -> Measured:
        """So many purchases in one call."""
        return await self._round(f"batches of {size}", callers, size, seconds)

    async def connections(self, per_unit: int) -> list[LeanConnection]:
        """Open connections, unit by unit in turn: a unit limits the calls on each."""
        units = range(len(self.units.targets))
        return [await self.units.open(unit) for _ in range(per_unit) for unit in units]

    async def _round(self, measure: str, callers: int, size: int, seconds: float, unit: int = 0) -> Measured:
        waits_ms: list[float] = []
        served_s = cpu_s(self.pids)
        began, began_cpu = perf_counter(), process_time()
        until = began + seconds
        await asyncio.gather(*(self._caller(unit + n, size, until, waits_ms) for n in range(callers)))
        took, cpu = perf_counter() - began, process_time() - began_cpu
        served_s = cpu_s(self.pids) - served_s
        return Measured(SIDE, measure, len(waits_ms) * size, took, waits_ms, cpu, served_s)

    async def _caller(self, prefer: int, size: int, until: float, waits_ms: list[float]) -> None:
        requests = map(self.request, purchases(self.seed, next(self.terminals)))
        buy = self._buy_one(requests) if size == 1 else self._buy_many(requests, size)
        while (now := perf_counter()) < until:
            await buy(prefer)
            waits_ms.append((perf_counter() - now) * 1000)

    def _buy_one(self, requests: Iterator[till.ConfirmRequest]) -> Buy:
        async def buy(prefer: int) -> None:
            body = await self._ask("Confirm", next(requests).SerializeToString(), prefer)
            response = till.ConfirmResponse.FromString(body)
            if response.WhichOneof("result") != "done":
                raise RuntimeError(f"our pair rejected a purchase of the bench: {response}")
            self.units.seen_ms = response.log_time_ms

        return buy

    def _buy_many(self, requests: Iterator[till.ConfirmRequest], size: int) -> Buy:
        async def buy(prefer: int) -> None:
            batch = till.ExecuteBatchRequest()
            for request in itertools.islice(requests, size):
                batch.commands.add().confirm.CopyFrom(request)
            body = await self._ask("ExecuteBatch", batch.SerializeToString(), prefer)
            answers = till.ExecuteBatchResponse.FromString(body).answers
            bad = [answer for answer in answers if answer.WhichOneof("result") != "confirm"]
            if bad or len(answers) != size:
                raise RuntimeError(
                    f"our pair rejected purchases of the bench: {len(answers)} answers, {bad[:1]}"
                )
            self.units.seen_ms = answers[0].log_time_ms

        return buy

    async def _ask(self, method: str, body: bytes, prefer: int) -> bytes:
        reply = await self.units.ask(METHODS[method].path, body, prefer)
        if reply.body is None:
            raise RuntimeError(f"our pair gave no answer in the bench: {reply.failure}")
        return reply.body

    async def _enrol(self, n: int, gate: asyncio.Semaphore) -> int:
        phone = f"+886{int.from_bytes(os.urandom(8)) % 10**12:012d}"
        request = till.EnrolRequest(request_id=os.urandom(16), phone=phone, store=STORE)
        async with gate:
            body = await self._ask("Enrol", request.SerializeToString(), n)
        response = till.EnrolResponse.FromString(body)
        if not response.done.member_id:
            raise RuntimeError(f"our pair did not enrol a member for the bench: {response}")
        return response.done.member_id

    def request(self, purchase: Purchase) -> till.ConfirmRequest:
        """A purchase as a call, with a new request id."""
        request = till.ConfirmRequest(
            request_id=os.urandom(16),
            seen_ms=self.units.seen_ms,
            receipt=common.ReceiptId(
                store=STORE, terminal=purchase.terminal, number=purchase.number, business_day=self.today
            ),
            member=common.MemberRef(member_id=self.members[purchase.member]),
        )
        lines = zip(purchase.skus, purchase.quantities_milli, purchase.amounts_minor, strict=True)
        for sku, quantity_milli, amount_minor in lines:
            request.lines.add(
                sku=sku, quantity_milli=quantity_milli, amount_minor=amount_minor, kind=common.LINE_KIND_GOODS
            )
        if purchase.spend_points:
            request.spend.points = purchase.spend_points
            request.spend.mode = common.SPEND_MODE_UP_TO
        return request
