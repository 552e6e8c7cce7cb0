"""Purchases as fast as a process can send them: made beforehand, sent bare, answers only counted.

For loads far above what a pair can do, beside the pair on one machine: a call costs the sender some 30 us.
Every purchase is a new one: request id and receipt number are patched into bytes made once.
"""

import asyncio
import itertools
import os
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter
from typing import Final

from chaos.bench.ours import OurBench
from chaos.bench.workload import purchases
from loyalty.client.accounting import percentiles
from loyalty.client.lean_connection import LeanConnection
from loyalty.client.methods import METHODS
from loyalty.client.units import Reply
from loyalty.v1 import till_pb2 as till

TICK_S: Final = 0.002
DEADLINE_MS: Final = 10_000
PATH: Final = METHODS["Confirm"].path
NUMBER_LEAST: Final = 1 << 28  # from here to 2^35 a varint has five bytes
CHECK_EVERY: Final = 100  # answers that are parsed


@dataclass(slots=True)
class Tally:
    """What came of one phase. Times are seconds of perf_counter."""

    began: float = 0.0
    ended: float = 0.0
    sent: int = 0
    answered: list[tuple[float, float]] = field(default_factory=list)  # when, wait in ms
    refused: list[tuple[float, float]] = field(default_factory=list)  # the same; not taken, with a pushback
    bare: int = 0  # refused without a pushback
    unknown: list[tuple[float, str]] = field(default_factory=list)  # when, why
    rejected: str = ""  # what the first rejection said: every purchase here is one that can be booked

    @property
    def in_flight(self) -> int:
        """Sent, and nothing came of it yet."""
        return self.sent - len(self.answered) - len(self.refused) - self.bare - len(self.unknown)

    @property
    def rate_per_s(self) -> float:
        """Answers per second of the phase; late ones count too, they were due in it."""
        return len(self.answered) / (self.ended - self.began)

    def waits(self) -> dict[str, float]:
        return _waits(self.answered)

    def waits_refused(self) -> dict[str, float]:
        """How long those waited who were told no."""
        return _waits(self.refused)

    def longest_gap_ms(self) -> float:
        """The longest time without an answer, from the beginning on."""
        moments = sorted([self.began, *(at for at, _ in self.answered)])
        return max((b - a for a, b in itertools.pairwise(moments)), default=0.0) * 1000

    def longest_gaps_ms(self, window_s: float) -> list[float]:
        """The longest time without an answer within each whole window of the phase."""
        window_s = min(window_s, self.ended - self.began)
        windows = int((self.ended - self.began) / window_s)
        moments = sorted(at for at, _ in self.answered)
        longest = []
        for number in range(windows):
            start = self.began + number * window_s
            within = moments[bisect_left(moments, start) : bisect_left(moments, start + window_s)]
            pairs = itertools.pairwise([start, *within, start + window_s])
            longest.append(max(b - a for a, b in pairs) * 1000)
        return longest


class Storm:
    """Sends over lean connections in turn."""

    def __init__(self, bench: OurBench, connections: Sequence[LeanConnection]) -> None:
        """`bench` has the members; its connections are open."""
        self.connections = connections
        self.bodies = itertools.cycle(_templates(bench))
        self.number = NUMBER_LEAST + int.from_bytes(os.urandom(3)) * 64
        self.turn = 0

    async def open_loop(
        self,
        rate: float,
        seconds: float,
        tally: Tally | None = None,
        ended: Callable[[], bool] = lambda: False,
    ) -> Tally:
        """`rate` calls a second, whatever becomes of them; waits for the last answer or deadline.

        Args:
            tally: to be filled, for who looks at it meanwhile.
            ended: the phase is over before its `seconds` are.
        """
        tally = tally or Tally()
        tally.began = perf_counter()
        while (elapsed := perf_counter() - tally.began) < seconds and not tally.rejected and not ended():
            for _ in range(int(elapsed * rate) - tally.sent):
                due = tally.began + tally.sent / rate
                self._send(tally, partial(_count, tally, due))
            await asyncio.sleep(TICK_S)
        tally.ended = perf_counter()
        while tally.in_flight:  # noqa: ASYNC110 - an event would cost each call
            await asyncio.sleep(TICK_S)
        return _booked(tally)

    async def closed_loop(self, callers: int, seconds: float) -> Tally:
        """So many calls in flight all the time: what the pair can do."""
        tally = Tally(began=perf_counter())
        await asyncio.gather(*(self._caller(tally, tally.began + seconds) for _ in range(callers)))
        tally.ended = perf_counter()
        return _booked(tally)

    async def _caller(self, tally: Tally, until: float) -> None:
        while (now := perf_counter()) < until:
            answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
            self._send(tally, answer.set_result)
            _count(tally, now, await answer)

    def _send(self, tally: Tally, told: Callable[[Reply], None]) -> None:
        tally.sent += 1
        self.turn += 1
        self.number += 1
        head, middle, tail = next(self.bodies)
        body = b"".join((head, os.urandom(16), middle, _varint(self.number), tail))
        self.connections[self.turn % len(self.connections)].send(PATH, body, DEADLINE_MS, told)


def _count(tally: Tally, due: float, reply: Reply) -> None:
    now = perf_counter()
    if reply.body is not None:
        tally.answered.append((now, (now - due) * 1000))
        if len(tally.answered) % CHECK_EVERY == 1:
            tally.rejected = tally.rejected or _rejection(reply.body)
    elif reply.unknown or reply.failure is None:
        tally.unknown.append((now, str(reply.failure)))
    elif reply.failure.retry_after_ms:
        tally.refused.append((now, (now - due) * 1000))
    else:
        tally.bare += 1


def _waits(ended: list[tuple[float, float]]) -> dict[str, float]:
    waits = percentiles([wait for _, wait in ended], (50, 99))
    return {name: round(value, 2) for name, value in waits.items()}


def _rejection(body: bytes) -> str:
    response = till.ConfirmResponse.FromString(body)
    return "" if response.WhichOneof("result") == "done" else str(response)


def _booked(tally: Tally) -> Tally:
    if tally.rejected:
        raise RuntimeError(f"our pair rejected a purchase of the bench: {tally.rejected}")
    return tally


def _templates(bench: OurBench) -> list[tuple[bytes, bytes, bytes]]:
    """Requests, one for each member, cut where the request id and the receipt number go."""
    mark_id, mark_number = b"\xa5\x5a" * 8, (1 << 34) + 0x12345678
    terminal = next(bench.terminals)
    templates = []
    for member, purchase in zip(bench.members, purchases(bench.seed, terminal, mark_number), strict=False):
        request = bench.request(purchase)
        request.member.member_id = member
        request.request_id = mark_id
        request.seen_ms = 0
        request.receipt.number = mark_number
        head, _, rest = request.SerializeToString().partition(mark_id)
        middle, found, tail = rest.partition(_varint(mark_number))
        if not found:
            raise RuntimeError("the receipt number is not where it was expected")
        templates.append((head, middle, tail))
    return templates


def _varint(number: int) -> bytes:
    """Five bytes, for numbers from 2^28 to 2^35."""
    return bytes(
        (
            number & 0x7F | 0x80,
            number >> 7 & 0x7F | 0x80,
            number >> 14 & 0x7F | 0x80,
            number >> 21 & 0x7F | 0x80,
            number >> 28,
        )
    )
