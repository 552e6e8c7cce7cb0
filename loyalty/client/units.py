"""The connections to both units, and one question asked of them until there is an answer.

A question is bytes and goes out unchanged in every try: same request id, same body. The first try goes to
the preferred unit. No answer for `hedge_after_ms`: the other one is asked too. A failure: the other one at
once, the same one after a backoff. The first answer wins, whoever gives it.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from types import TracebackType
from typing import Protocol, Self

import grpc

from loyalty.client.failure import Failure, failure_of
from loyalty.client.policy import Policy
from loyalty.client.published import channel_options
from loyalty.client.targets import Target, parse_targets


@dataclass(eq=False, slots=True)
class Unit:
    """One unit as this client knows it."""

    target: Target
    channel: grpc.aio.Channel
    suspect_until: float = 0.0  # monotonic seconds
    stubs: dict[str, Callable[..., grpc.aio.UnaryUnaryCall[bytes, bytes]]] = field(default_factory=dict)

    def stub(self, path: str) -> Callable[..., grpc.aio.UnaryUnaryCall[bytes, bytes]]:
        """The raw-bytes stub of a method, made once."""
        if path not in self.stubs:
            self.stubs[path] = self.channel.unary_unary(path, None, None)
        return self.stubs[path]


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a question: a body, or why there is none."""

    body: bytes | None
    tries: int
    failure: Failure | None = None  # the last one
    unknown: bool = False  # a try may have been taken


class Asker(Protocol):
    """What a till needs of the connections: `Units`, or the lean ones of measurements."""

    policy: Policy
    seen_ms: int  # newest log time in any answer

    async def ask(self, path: str, body: bytes, prefer: int = 0, deadline_ms: int | None = None) -> Reply:
        """Ask once within the deadline; never raises for anything a unit does."""


class Units:
    """Channels to all units, shared by any number of tills in one event loop.

    Use as `async with Units("127.0.0.1:7400,127.0.0.1:7410") as units`.
    """

    def __init__(
        self,
        addresses: str | Sequence[Target],
        policy: Policy | None = None,
        credentials: grpc.ChannelCredentials | None = None,
    ) -> None:
        """Dials nothing yet.

        Args:
            addresses: `host:port,host:port`, one per unit; one alone works too, without hedging.
            credentials: for TLS; None speaks plain text.

        Raises:
            ValueError: an address that is none.
        """
        targets = parse_targets(addresses) if isinstance(addresses, str) else tuple(addresses)
        self.policy = policy or Policy()
        self.units = [Unit(target, _open_channel(target, credentials)) for target in targets]
        self.seen_ms = 0  # newest log time in any answer
        self.hedges_left = float(self.policy.hedge_burst_calls)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends what is in flight as unknown."""
        for unit in self.units:
            await unit.channel.close(None)

    def in_order(self, prefer: int) -> list[Unit]:
        """Preferred unit first, then the others; suspects behind those that are not.

        When a suspect's time is over one call tries it; all others wait for what comes of that.
        """
        n = len(self.units)
        order = [self.units[(prefer + i) % n] for i in range(n)]
        now = monotonic()
        if 0 < order[0].suspect_until <= now:
            self.suspect(order[0])
            return order
        order.sort(key=lambda unit: unit.suspect_until > now)
        return order

    def suspect(self, unit: Unit) -> None:
        """Ask this unit second for a while."""
        unit.suspect_until = monotonic() + self.policy.suspect_ms / 1000

    def take_hedge(self) -> bool:
        """Whether the budget holds one more hedge."""
        if self.hedges_left < 1:
            return False
        self.hedges_left -= 1
        return True

    def answered(self, unit: Unit) -> None:
        """Note a good answer: trust and hedges come back."""
        unit.suspect_until = 0.0
        share = self.policy.hedge_share_percent / 100
        self.hedges_left = min(self.hedges_left + share, self.policy.hedge_burst_calls)

    async def ask(self, path: str, body: bytes, prefer: int = 0, deadline_ms: int | None = None) -> Reply:
        """Ask once, with as many tries as the deadline allows. Never raises for anything a unit does."""
        return await _Question(self, path, body, prefer, deadline_ms or self.policy.deadline_ms).settle()


class _Question:
    """One question on its way. At most one try is in flight per unit."""

    def __init__(self, units: Units, path: str, body: bytes, prefer: int, deadline_ms: int) -> None:
        self.units = units
        self.path = path
        self.body = body
        self.deadline = monotonic() + deadline_ms / 1000
        self.order = units.in_order(prefer)
        self.flying: dict[asyncio.Task[bytes | Failure], Unit] = {}
        self.due: dict[Unit, float] = {self.order[0]: 0.0}
        self.hedge_at = monotonic() + units.policy.hedge_after_ms / 1000
        self.failures: dict[Unit, int] = {}
        self.tries = 0
        self.unknown = False
        self.last: Failure | None = None

    async def settle(self) -> Reply:
        try:
            while True:
                now = monotonic()
                if now >= self.deadline:
                    break
                self._hedge(now)
                self._send_due(now)
                if not self.flying and not self.due:
                    break
                body = await self._next_answer(now)
                if body is not None:
                    return Reply(body, self.tries)
        finally:
            for task in self.flying:
                task.cancel()
        return Reply(None, self.tries, self.last, self.unknown or bool(self.flying))

    def _hedge(self, now: float) -> None:
        """Nothing came for a while: the other unit may know more."""
        if now < self.hedge_at:
            return
        self.hedge_at = float("inf")
        for unit in self.flying.values():
            self.units.suspect(unit)
        idle = [unit for unit in self.order if unit not in self.flying.values() and unit not in self.due]
        if self.flying and idle and self.units.take_hedge():
            self.due[idle[0]] = now

    def _send_due(self, now: float) -> None:
        for unit in [unit for unit, due in self.due.items() if due <= now]:
            del self.due[unit]
            self.tries += 1
            task = asyncio.ensure_future(_try(unit, self.path, self.body, self.deadline - now))
            self.flying[task] = unit

    async def _next_answer(self, now: float) -> bytes | None:
        """Wait for a try to end or a time to come; the answer if there is one."""
        wake_at = min(self.deadline, self.hedge_at, *self.due.values())
        if not self.flying:
            await asyncio.sleep(wake_at - now)
            return None
        ended, _ = await asyncio.wait(
            self.flying, timeout=max(wake_at - now, 0), return_when=asyncio.FIRST_COMPLETED
        )
        for task in ended:
            unit, result = self.flying.pop(task), task.result()
            if isinstance(result, bytes):
                self.units.answered(unit)
                return result
            self._failed(unit, result)
        return None

    def _failed(self, unit: Unit, failure: Failure) -> None:
        """Decide who is asked next, and when."""
        self.last = failure
        now = monotonic()
        others = [other for other in self.order if other is not unit]
        if failure.not_taken and not failure.retry_after_ms:
            self.due.clear()  # it will not get better by asking again
            return
        if failure.not_taken:  # the pair is busy: come back when it said, and let the other unit have it
            self.hedge_at = float("inf")
            idle = [other for other in others if other not in self.flying.values()]
            self.due[(idle or [unit])[0]] = now + failure.retry_after_ms / 1000
            return
        self.unknown = True
        self.units.suspect(unit)
        self.failures[unit] = self.failures.get(unit, 0) + 1
        self.due[unit] = now + _backoff_s(self.units.policy, self.failures[unit])
        for other in others:
            if other not in self.flying.values() and other not in self.failures:
                self.due[other] = now


def _backoff_s(policy: Policy, failures: int) -> float:
    most_ms = min(policy.backoff_first_ms << min(failures - 1, 20), policy.backoff_most_ms)
    return most_ms * random.uniform(0.5, 1.0) / 1000


async def _try(unit: Unit, path: str, body: bytes, timeout_s: float) -> bytes | Failure:
    try:
        return await unit.stub(path)(body, timeout=timeout_s)
    except grpc.aio.AioRpcError as error:
        return failure_of(error)


def _open_channel(target: Target, credentials: grpc.ChannelCredentials | None) -> grpc.aio.Channel:
    options = channel_options(retries=False)  # we do our own
    if credentials is None:
        return grpc.aio.insecure_channel(str(target), options=options)
    return grpc.aio.secure_channel(str(target), credentials, options=options)
