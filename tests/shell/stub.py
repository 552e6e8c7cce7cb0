"""A table, a driver that answers everything at once, and a gRPC server around a desk: no log, no disk."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc

from ftnode.observe.figures import UnitFigures
from ftnode.shell.acceptors import Acceptors
from ftnode.shell.desk import Desk
from ftnode.shell.intake import IntakeLimits
from ftnode.shell.ports import Health, PortSettings, bind, options
from ftnode.shell.serving import Servant
from ftnode.shell.table import Answer, BadRequestError, Command, Lane, Method, Query, Shape, Want

ADD, MANY, FLOW, LONG, READ = (f"/test.S/{name}" for name in ("Add", "Many", "Flow", "Long", "Read"))


def one(request: bytes) -> Sequence[Want]:
    """A command whose body is the request; `bad` does not parse."""
    if request == b"bad":
        raise BadRequestError("points", "is below 0", "want 1 or more")
    return [Command(16, 1, 7, b"id-" + request.ljust(8, b"."), 0, 0, request)]


METHODS = [
    Method(ADD, Shape.UNARY, Lane.TILL, one, lambda answers: answers[0].outcome),
    Method(
        MANY,
        Shape.BATCH,
        Lane.TILL,
        lambda request: [want for item in request.split(b",") for want in one(item)],
        lambda answers: b",".join(answer.outcome for answer in answers),
    ),
    Method(FLOW, Shape.STREAM, Lane.TILL, one, lambda answers: answers[0].outcome),
    Method(
        LONG,
        Shape.STREAM,
        Lane.TILL,
        one,
        lambda answers: answers[0].outcome,
        lambda field, problem, wanted, _ms: f"{field} {problem}; {wanted}".encode(),
    ),
    Method(
        READ, Shape.UNARY, Lane.TILL, lambda request: [Query(request)], lambda answers: answers[0].outcome
    ),
]


@dataclass
class Unit:
    """A desk whose commands are answered with their own body in capitals, when `open` is True."""

    limits: IntakeLimits = field(default_factory=IntakeLimits)
    takeover_wait_ms: int = 500
    relay_max_entries: int = 100
    open: bool = True
    sent: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.seq = 0
        self.figures = UnitFigures()
        self.desk = Desk(
            self.send,
            self.work,
            self.limits,
            relay_max_entries=self.relay_max_entries,
            relay_max_bytes=1 << 20,
            takeover_wait_ms=self.takeover_wait_ms,
        )

    def send(self, data: bytes) -> None:
        self.sent.append(data)

    def work(self) -> None:
        """Answer all that waits."""
        intake = self.desk.intake
        while self.open and (count := intake.next_batch()):
            for call in intake.pull(count):
                self.seq += 1
                assert isinstance(call.want, Command)
                self.desk.answer(call, Answer(self.seq, 1, 1000, 0, call.want.body.upper()))
        for call in intake.pull_reads(64, 1 << 30) if self.open else ():
            assert isinstance(call.want, Query)
            self.desk.answer(call, Answer(self.seq, 1, 1000, 0, call.want.body + b"!"))


class Till:
    """A stock client: raw bytes both ways."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.channel: Any = channel

    def call(self, path: str, request: bytes, timeout_s: float | None = None) -> Any:
        return self.channel.unary_unary(path)(request, timeout=timeout_s)

    def flow(self, requests: Sequence[bytes], path: str = FLOW) -> Any:
        return self.channel.stream_stream(path)(iter(requests))


@asynccontextmanager
async def tills(
    unit: Unit,
    message_max_bytes: int = 1 << 20,
    calls_max: int = 100,
    stream_in_flight_max: int = 4,
    methods: Sequence[Method] = METHODS,
) -> AsyncIterator[tuple["Till", Servant]]:
    """A till port before `unit`, and a channel to it."""
    settings = PortSettings(host="127.0.0.1", port=0, message_max_bytes=message_max_bytes, ping_min_ms=100)
    server = grpc.aio.server(options=options(settings))
    servant = Servant(
        unit.desk,
        unit.figures,
        calls_max=calls_max,
        stream_in_flight_max=stream_in_flight_max,
        batch_call_max_entries=5,
        pushback_ms=25,
    )
    acceptors = Acceptors(server, servant.handlers(methods))
    health = Health(server, ())
    await health.say(True)
    port = bind(server, settings)
    await server.start()
    assert acceptors.start()
    try:  # a test that fails must not hang the next one
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield Till(channel), servant
    finally:
        await server.stop(None)
        await acceptors.ended()
