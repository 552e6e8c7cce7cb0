"""A line without a network: a till's questions go straight to a book, and get lost as a test says.

And a clock that a test moves. With both, hours without a line are over at once and nothing depends on
how quick this machine is.
"""

from typing import Any, Final

from loyalty.client.failure import Failure
from loyalty.client.methods import METHODS, SERVICE
from loyalty.client.policy import Policy
from loyalty.client.units import Reply
from loyalty.v1 import till_pb2 as till
from tests.client.fake import (
    BUSY,
    DO_AND_DROP,
    DO_AND_HANG,
    DROP,
    GARBAGE,
    HANG,
    OK,
    REFUSE,
    TOO_OLD,
)
from tests.client.shop import Shop

STRANGER: Final = "stranger"  # a server that has no such method: nothing of ours
NOON_MS: Final = 1_795_348_800_000  # 22 November 2026, 12:00 UTC


class FakeClock:
    """Goes on only when somebody sleeps, or a test says so."""

    def __init__(self, now_ms: int = NOON_MS) -> None:
        self.time_ms = now_ms
        self.slept_ms: list[int] = []

    def now_ms(self) -> int:
        return self.time_ms

    async def sleep_ms(self, time_ms: int) -> None:
        self.slept_ms.append(time_ms)
        self.time_ms += time_ms


class FakeLine:
    """Both units and the way to them, as an `Asker`. `script`: one act for each asking, the last for ever."""

    def __init__(self, book: Shop, clock: FakeClock | None = None) -> None:
        self.policy = Policy()
        self.seen_ms = 0
        self.book = book
        self.clock = clock
        self.script: list[str] = [OK]
        self.asked: list[tuple[str, bytes]] = []  # method, body

    async def ask(self, path: str, body: bytes, prefer: int = 0, deadline_ms: int | None = None) -> Reply:
        name = path.removeprefix(SERVICE)
        self.asked.append((name, body))
        if self.clock is not None:
            self.book.now_ms = self.clock.now_ms()
        act = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        return self._reply(act, name, METHODS[name].request.FromString(body))

    def _reply(self, act: str, name: str, request: Any) -> Reply:
        if act in (DO_AND_DROP, DO_AND_HANG):
            self.respond(name, request)
        match act:
            case "drop" | "do and drop":
                return Reply(None, 1, Failure("UNAVAILABLE", "nobody there"), unknown=True)
            case "hang" | "do and hang":
                return Reply(None, 1, None, unknown=True)
            case "busy":
                return Reply(None, 1, Failure("RESOURCE_EXHAUSTED", "queue is full", "", True, 30))
            case "refuse":
                return Reply(
                    None, 1, Failure("INVALID_ARGUMENT", "receipt.store is 0", "receipt.store", True)
                )
            case "stranger":
                return Reply(None, 1, Failure("UNIMPLEMENTED", "no such method", "", True))
            case "garbage":
                return Reply(b"\xff\xff\xff", 1)
            case "too old":
                response = METHODS[name].response()
                response.rejected.code = 10  # type: ignore[attr-defined]
                return Reply(response.SerializeToString(), 1)
        return Reply(self.respond(name, request).SerializeToString(), 1)

    def respond(self, name: str, request: Any) -> Any:
        """What the book says, as the method's response."""
        if name == "GetOutcome":
            found = self.book.outcomes.get(request.request_id)
            return till.GetOutcomeResponse(
                log_time_ms=self.book.now_ms, found=found is not None, answer=found
            )
        if not METHODS[name].is_command:
            return self.book.tell(name, request)
        answer = self.book.execute(request)
        response: Any = METHODS[name].response(log_time_ms=answer.log_time_ms, seq=answer.seq, epoch=7)
        kind = answer.WhichOneof("result") or ""
        getattr(response, "rejected" if kind == "rejected" else "done").CopyFrom(getattr(answer, kind))
        if answer.HasField("new_quote"):
            response.new_quote.CopyFrom(answer.new_quote)
        return response


ACTS: Final = (OK, DROP, DO_AND_DROP, HANG, DO_AND_HANG, BUSY, REFUSE, GARBAGE, TOO_OLD, STRANGER)
