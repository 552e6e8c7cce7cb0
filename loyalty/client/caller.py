"""How one call is made: request id and times filled in, asked until there is an answer, and what it means."""

import asyncio
import os
from dataclasses import replace
from time import monotonic, time
from typing import Any

from loyalty.client.answers import Answer, Done, NotTaken, Rejected, Unknown
from loyalty.client.methods import METHODS, TOO_OLD, Method
from loyalty.client.units import Asker, Reply
from loyalty.v1 import till_pb2 as till

REQUEST_ID_BYTES = 16


class Caller:
    """Calls methods of both services. Cheap: thousands may share the connections of one `Units`."""

    def __init__(self, units: Asker, prefer: int = 0) -> None:
        """`prefer` is the index of the unit to ask first; spread tills over both."""
        self.units = units
        self.prefer = prefer

    # Both services' commands can be doubted.

    async def abandon(self, request_id: bytes, seen_ms: int) -> Answer[Answer[Any] | None]:
        """End doubt about a command.

        Args:
            request_id: the command's.
            seen_ms: what the command carried, as `Unknown` says it; a later time could make a promise
                about a command that was executed long ago.

        Returns:
            Done(None): it was not and will never be executed; Done(answer): it was, and that is what
            came of it; Rejected REQUEST_TOO_OLD: that is too long ago to tell, or `seen_ms` is 0 and
            nothing is kept of it.
        """
        request = till.AbandonRequest(request_id=request_id, seen_ms=seen_ms)
        return await self.call("Abandon", request, until_definite=True)

    async def outcome(self, request_id: bytes) -> Answer[Answer[Any] | None]:
        """What became of a command. Done(None): nothing so far; it may still arrive."""
        return await self.call("GetOutcome", till.GetOutcomeRequest(request_id=request_id))

    # How it is done.

    async def call(self, name: str, request: Any, until_definite: bool = False) -> Answer[Any]:
        """Any method by its name, for tools."""
        method = METHODS[name]
        if method.is_command:
            request = self.prepare(request)
        request_id = getattr(request, "request_id", b"") if method.is_command else b""
        answer = await self._ask(method, request_id, request.SerializeToString(), until_definite)
        if request_id and isinstance(answer, Unknown):
            return replace(answer, seen_ms=request.seen_ms)
        return answer

    async def _ask(self, method: Method, request_id: bytes, body: bytes, until_definite: bool) -> Answer[Any]:
        policy = self.units.policy
        give_up = monotonic() + policy.give_up_after_ms / 1000
        answer = await self.ask_once(method, request_id, body)
        while until_definite and isinstance(answer, Unknown):
            await asyncio.sleep(policy.backoff_first_ms / 1000)  # never in a hot circle
            deadline_ms = min(policy.deadline_ms, int((give_up - monotonic()) * 1000))
            if deadline_ms <= 0:
                break
            answer = await self.ask_once(method, request_id, body, deadline_ms, answer)
        return answer

    async def ask_once(
        self,
        method: Method,
        request_id: bytes,
        body: bytes,
        deadline_ms: int | None = None,
        before: Unknown | None = None,
    ) -> Answer[Any]:
        """Ask within one deadline, for callers that prepare requests and keep the score themselves.

        Args:
            body: a whole request, with id and times; the same for every asking.
            before: what the last asking of the same request brought, if this is not the first.
        """
        reply = await self.units.ask(method.path, body, self.prefer, deadline_ms)
        tries = reply.tries + (before.tries if before else 0)
        answer = _answer(method, request_id, reply, tries, was_unknown=before is not None)
        if isinstance(answer, Done | Rejected):
            self.units.seen_ms = max(self.units.seen_ms, answer.log_time_ms)
        return answer

    def prepare(self, request: Any) -> Any:
        """A copy of a command with request id and times filled in."""
        prepared = type(request)()
        prepared.CopyFrom(request)
        prepared.request_id = request.request_id or os.urandom(REQUEST_ID_BYTES)
        if not isinstance(request, till.AbandonRequest):  # which has the word of the command it gives up
            prepared.seen_ms = request.seen_ms or self.units.seen_ms
        prepared.client_ms = request.client_ms or int(time() * 1000)
        return prepared


def _answer(method: Method, request_id: bytes, reply: Reply, tries: int, was_unknown: bool) -> Answer[Any]:
    """What a reply means, given whether earlier sendings of the same request are in doubt."""
    if reply.body is not None:
        answer = method.answer(reply.body, tries)
        if answer is None:
            return Unknown(request_id, "the answer does not parse: another version?", tries)
        if isinstance(answer, Rejected) and answer.code == TOO_OLD and was_unknown:
            why = "too old to tell whether an earlier try was executed: look at the statement"
            return Unknown(request_id, why, tries)
        return answer
    failure = reply.failure
    if failure is None:
        return Unknown(request_id, "no answer before the deadline", tries)
    if reply.unknown or was_unknown:
        return Unknown(request_id, f"{failure.status}: {failure.problem}", tries)
    return NotTaken(failure.status, failure.problem, failure.field, tries, failure.retry_after_ms)


def in_doubt(command: Any, why: str, tries: int) -> Unknown:
    """What is unknown of a command that was sent, with what ends the doubt."""
    return Unknown(command.request_id, why, tries, command.seen_ms)
