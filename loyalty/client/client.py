"""A till's client: every call ends as done, rejected, not taken or unknown, and is safe to repeat.

    async with Units("127.0.0.1:7400,127.0.0.1:7410") as units:
        till = TillClient(units)
        answer = await till.confirm(ConfirmRequest(receipt=..., member=..., lines=...))
        match answer:
            case Done(outcome=confirmed): print(confirmed.balance.spendable_points)
            case Rejected(reason=reason): print("no:", reason)
            case NotTaken(problem=problem): print("mend it:", problem)
            case Unknown(request_id=request_id): ...  # ask again with this id, or `abandon` it

Requests are loyalty.v1 messages. The client fills in `request_id`, `seen_ms` and `client_ms` unless given;
all tries of a call send the same bytes, so `seen_ms` stays what it was when the command was first sent: that
is what protects a command that is sent again after weeks.
"""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import replace
from time import monotonic, time
from typing import Any

from loyalty.client.answers import Answer, Done, NotTaken, Rejected, Unknown
from loyalty.client.methods import METHODS, TOO_OLD, Method
from loyalty.client.units import Asker, Reply
from loyalty.v1 import till_pb2 as till

REQUEST_ID_BYTES = 16


class TillClient:
    """One till. Cheap: thousands may share the connections of one `Units`."""

    def __init__(self, units: Asker, prefer: int = 0) -> None:
        """`prefer` is the index of the unit to ask first; spread tills over both."""
        self.units = units
        self.prefer = prefer

    # Commands: executed at most once, whatever happens on the way.

    async def enrol(
        self, request: till.EnrolRequest, *, until_definite: bool = False
    ) -> Answer[till.EnrolDone]:
        """Make a person a member."""
        return await self.call("Enrol", request, until_definite)

    async def confirm(
        self, request: till.ConfirmRequest, *, until_definite: bool = False
    ) -> Answer[till.ConfirmDone]:
        """Book a purchase."""
        return await self.call("Confirm", request, until_definite)

    async def return_lines(
        self, request: till.ReturnLinesRequest, *, until_definite: bool = False
    ) -> Answer[till.ReturnLinesDone]:
        """Take goods back."""
        return await self.call("ReturnLines", request, until_definite)

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

    # Questions: they see everything that was answered before.

    async def find_member(self, request: till.FindMemberRequest) -> Answer[till.FindMemberDone]:
        return await self.call("FindMember", request)

    async def quote(self, request: till.QuoteRequest) -> Answer[till.QuoteDone]:
        """What a basket comes to; stores nothing."""
        return await self.call("Quote", request)

    async def balance(self, request: till.GetBalanceRequest) -> Answer[till.GetBalanceDone]:
        return await self.call("GetBalance", request)

    async def statement(self, request: till.GetStatementRequest) -> Answer[till.GetStatementDone]:
        """One page of a member's movements, newest first."""
        return await self.call("GetStatement", request)

    async def outcome(self, request_id: bytes) -> Answer[Answer[Any] | None]:
        """What became of a command. Done(None): nothing so far; it may still arrive."""
        return await self.call("GetOutcome", till.GetOutcomeRequest(request_id=request_id))

    # Many commands in one call.

    async def execute_batch(
        self, commands: Sequence[till.Command], *, until_definite: bool = False
    ) -> list[Answer[Any]]:
        """Execute up to 1,000 commands; one answer each, in order."""
        prepared = [self.prepare_command(command) for command in commands]
        sent = [command_of(command) for command in prepared]
        request = till.ExecuteBatchRequest(commands=prepared)
        whole = await self.call("ExecuteBatch", request, until_definite)
        if not isinstance(whole, Done):
            return [_as_item(whole, command) for command in sent]
        answers: list[Answer[Any] | None] = whole.outcome
        answers += [None] * (len(sent) - len(answers))
        nothing = "the batch was answered, this command was not"
        return [
            answer if answer is not None else in_doubt(command, nothing, whole.tries)
            for answer, command in zip(answers, sent, strict=True)
        ]

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

    def prepare_command(self, command: till.Command) -> till.Command:
        """A copy with request id and times filled in."""
        kind = command.WhichOneof("command")
        if kind is None:
            raise ValueError("empty command: set one of enrol, confirm, return_lines")
        prepared = till.Command()
        getattr(prepared, kind).CopyFrom(self.prepare(getattr(command, kind)))
        return prepared

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


def command_of(command: till.Command) -> Any:
    """The command inside the oneof."""
    return getattr(command, command.WhichOneof("command") or "confirm")


def in_doubt(command: Any, why: str, tries: int) -> Unknown:
    """What is unknown of a command that was sent, with what ends the doubt."""
    return Unknown(command.request_id, why, tries, command.seen_ms)


def _as_item(whole: Rejected | NotTaken | Unknown, command: Any) -> Answer[Any]:
    return in_doubt(command, whole.why, whole.tries) if isinstance(whole, Unknown) else whole
