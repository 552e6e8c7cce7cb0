"""Two addresses in front of the real engine and method table, in one process without replication.

For tests of clients and of the load generator: what is answered is what the engine decides, exactly once by
request id. As a process, `python -m tests.client.engine_pair [BUG]` prints both addresses; BUG plants a
fault that the load's accounting must find (see BUGS).
"""

import asyncio
import random
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from time import time
from typing import Any, Final, NamedTuple

import grpc
from sortedcontainers import SortedDict

from loyalty.engine.machine import Engine
from loyalty.front import (
    ABANDONED,
    EXECUTED,
    METHODS,
    NOT_FOUND,
    Command,
    Lookup,
    Method,
    Query,
    RefusalError,
)
from loyalty.wire.calls import KIND_ABANDON
from tests.client.fake import Context, not_taken

BUGS: Final = ("lose", "stale")  # forgets what it confirmed; answers questions from an old state
BUG_EVERY: Final = 50  # commands


class Entry(NamedTuple):
    seq: int
    time_ms: int
    chance: int
    kind: int
    tenant: int
    slot: int
    request_id: bytes
    actor: bytes
    client_ms: int
    seen_ms: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    seq: int
    epoch: int
    time_ms: int
    verdict: int
    outcome: bytes


class State:
    """The engine's view on a sorted dict."""

    def __init__(self) -> None:
        self.pairs: SortedDict = SortedDict()

    def get(self, key: bytes) -> bytes | None:
        value: bytes | None = self.pairs.get(key)
        return value

    def put(self, key: bytes, value: bytes) -> None:
        self.pairs[key] = value

    def delete(self, key: bytes) -> None:
        self.pairs.pop(key, None)

    def scan(self, start: bytes, stop: bytes, limit: int) -> Sequence[tuple[bytes, bytes]]:
        found: list[tuple[bytes, bytes]] = []
        for key in self.pairs.irange(start, stop, inclusive=(True, False)):
            if len(found) == limit:
                break
            found.append((key, self.pairs[key]))
        return found


class Service:
    """What a pair does with a want, less the pair."""

    def __init__(self, bug: str = "") -> None:
        self.engine = Engine()
        self.methods = {method.path: method for method in METHODS}
        self.state = State()
        self.old: State = self.state
        self.outcomes: dict[bytes, Answer] = {}
        self.seq = 0
        self.bug = bug

    def answer(self, want: Command | Query | Lookup) -> Answer:
        now_ms = int(time() * 1000)
        if isinstance(want, Query):
            return Answer(self.seq, 1, now_ms, EXECUTED, self.engine.query(self._read(), now_ms, want.body))
        known = self.outcomes.get(want.request_id)
        if isinstance(want, Lookup):
            return known or Answer(self.seq, 1, now_ms, NOT_FOUND, b"")
        if known is not None:
            return known
        self.seq += 1
        if self.bug == "stale" and (self.seq % BUG_EVERY == 0 or self.seq == 1):
            self.old = State()
            self.old.pairs = SortedDict(self.state.pairs)
        if want.kind == KIND_ABANDON:
            answer = Answer(self.seq, 1, now_ms, ABANDONED, b"")
        else:
            answer = Answer(self.seq, 1, now_ms, EXECUTED, self._execute(want, now_ms))
        self.outcomes[want.request_id] = answer
        return answer

    def _execute(self, want: Command, now_ms: int) -> bytes:
        chance = random.getrandbits(64)
        head = (self.seq, now_ms, chance, want.kind, want.tenant, want.slot)
        entry = Entry(*head, want.request_id, b"anonymous", want.client_ms, want.seen_ms, want.body)
        strikes = self.seq % BUG_EVERY == 0
        state = self.state
        if self.bug == "lose" and strikes:
            state = State()
            state.pairs = SortedDict(self.state.pairs)  # done on a copy that nobody will see again
        return self.engine.execute(state, entry)

    def _read(self) -> State:
        """A stale reader looks at the state of a while ago."""
        return self.old if self.bug == "stale" else self.state


class Unit(grpc.GenericRpcHandler):  # type: ignore[type-arg]  # generic in the stubs only
    """One address."""

    def __init__(self, service: Service) -> None:
        self.service_below = service
        self.server = grpc.aio.server()
        self.server.add_generic_rpc_handlers((self,))
        self.address = f"127.0.0.1:{self.server.add_insecure_port('127.0.0.1:0')}"

    def service(self, details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[Any, Any] | None":
        method = self.service_below.methods.get(str(details.method))
        if method is None:
            return None
        if method.shape == "stream":
            return grpc.stream_stream_rpc_method_handler(self._stream(method))
        return grpc.unary_unary_rpc_method_handler(self._unary(method))

    def _unary(self, method: Method) -> Callable[[bytes, Context], Any]:
        async def unary(body: bytes, context: Context) -> bytes:
            try:
                wants = method.decode(body)
            except RefusalError as refusal:
                await not_taken(context, grpc.StatusCode.INVALID_ARGUMENT, str(refusal))
                raise
            return method.encode([self.service_below.answer(want) for want in wants])

        return unary

    def _stream(self, method: Method) -> Callable[[AsyncIterator[bytes], Context], AsyncIterator[bytes]]:
        async def stream(bodies: AsyncIterator[bytes], context: Context) -> AsyncIterator[bytes]:
            async for body in bodies:
                yield method.encode([self.service_below.answer(want) for want in method.decode(body)])

        return stream


async def main(bug: str) -> None:
    service = Service(bug)
    units = [Unit(service) for _ in range(2)]
    for unit in units:
        await unit.server.start()
    print(",".join(unit.address for unit in units), flush=True)
    await units[0].server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else ""))
