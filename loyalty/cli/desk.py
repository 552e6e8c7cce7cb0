"""What every command works with: the settings before it, connections to the pair, the programme's rules.

A command is a coroutine that gets a desk and gives the exit status:

    settings(context).run(lambda desk: ...)
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, NoReturn

import typer

from loyalty.cli import arguments
from loyalty.cli.clocks import Clock, clock_of_offsets, clock_of_zone
from loyalty.cli.console import say
from loyalty.cli.show import EXIT_USAGE, complain, show
from loyalty.cli.view import UTC, View
from loyalty.client.answers import Answer, Done, NotTaken, Rejected
from loyalty.client.caller import REQUEST_ID_BYTES, Caller
from loyalty.client.connect import credentials
from loyalty.client.methods import BACK_OFFICE, METHODS
from loyalty.client.policy import Policy
from loyalty.client.units import Units
from loyalty.commands import Rules
from loyalty.text.errors import TextError
from loyalty.v1 import back_office_pb2 as bo
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till
from loyalty.wire import programmes

ASK_AT_ONCE: Final = 16  # questions on their way at the same time
_OFFICE_PATIENCE_MS: Final = 1_000  # for the rules that an answer is shown by


class StoppedError(Exception):
    """What was needed first was not done; the answer tells why."""

    def __init__(self, answer: Answer[Any]) -> None:
        self.answer = answer
        super().__init__(answer)


class Place(NamedTuple):
    """What must be known of a store to type and show what happens there."""

    clock: Clock
    currency: str  # empty: the programme's first


@dataclass(frozen=True, slots=True)
class Options:
    """What goes before the command."""

    targets: str
    office: str
    as_json: bool
    programme: int
    policy: Policy
    ca: str
    certificate: str
    key: str
    wait: bool
    tz: str = ""
    exponent: int | None = None

    def run(self, work: Callable[["Desk"], Awaitable[int]]) -> NoReturn:
        """Do it, and leave with its status."""

        async def once() -> int:
            tls = credentials(self.ca, self.certificate, self.key)
            async with (
                Units(self.targets, self.policy, tls) as tills,
                Units(self.office, self.policy, tls) as office,
            ):
                return await work(Desk(self, tills, office))

        try:
            status = asyncio.run(once())
        except StoppedError as stopped:
            status = show(stopped.answer, self.as_json)
        except TextError:
            raise
        except (ValueError, OSError) as problem:
            complain(str(problem))
            status = EXIT_USAGE
        raise typer.Exit(status)

    def ask(self, name: str, request: Any) -> NoReturn:
        """Ask one question that needs nothing else, and show the answer."""
        self.run(lambda desk: desk.ask_and_show(name, request))


def settings(context: typer.Context) -> Options:
    """What was given before the command."""
    options = context.obj
    if not isinstance(options, Options):
        raise TypeError(f"context.obj is {type(options).__name__}, want Options")
    return options


class Desk:
    """The pair, as a command sees it: the tills' service and the back office's, each at its own port."""

    def __init__(self, options: Options, tills: Units, office: Units) -> None:
        self.options = options
        self.tills = Caller(tills)
        self.office = Caller(office)
        self._rules: Rules | None = None

    @property
    def programme(self) -> int:
        return self.options.programme

    def caller(self, name: str) -> Caller:
        """Who calls a method. Both know the newest time that either was told."""
        seen_ms = max(self.tills.units.seen_ms, self.office.units.seen_ms)
        self.tills.units.seen_ms = self.office.units.seen_ms = seen_ms
        return self.office if METHODS[name].service == BACK_OFFICE else self.tills

    async def ask(self, name: str, request: Any) -> Answer[Any]:
        """One question."""
        return await self.caller(name).call(name, request)

    async def need(self, name: str, request: Any) -> Any:
        """The outcome of a question that nothing goes on without."""
        return outcome_of(await self.ask(name, request))

    async def find(self, name: str, request: Any) -> Any:
        """The outcome, or None if there is no such thing."""
        answer = await self.ask(name, request)
        return (
            None
            if isinstance(answer, Rejected) and answer.reason.endswith("_UNKNOWN")
            else outcome_of(answer)
        )

    async def ask_all(self, name: str, requests: list[Any]) -> list[Any]:
        """As `find`, for many at the same time."""
        room = asyncio.Semaphore(ASK_AT_ONCE)

        async def one(request: Any) -> Any:
            async with room:
                return await self.find(name, request)

        return list(await asyncio.gather(*map(one, requests)))

    async def ask_and_show(self, name: str, request: Any, store: int = 0) -> int:
        """Ask, and show the answer; the exit status."""
        return await self.show(await self.ask(name, request), store=store)

    async def do(self, name: str, request: Any, until_definite: bool = False) -> Answer[Any]:
        """One command. The pair's time goes with it: `abandon` will want one."""
        request.request_id = request.request_id or os.urandom(REQUEST_ID_BYTES)
        caller = self.caller(name)
        if not caller.units.seen_ms:
            time_of = ("GetProgramme", bo.GetProgrammeRequest(programme=self.programme))
            await (caller.call(*time_of) if caller is self.office else caller.outcome(request.request_id))
        return await caller.call(name, request, until_definite or self.options.wait)

    async def do_and_show(self, name: str, request: Any, store: int = 0) -> int:
        """Do it, and show what came of it; the exit status."""
        return await self.show(await self.do(name, request), request.request_id, store)

    async def show(self, answer: Answer[Any], request_id: bytes = b"", store: int = 0) -> int:
        """Show an answer, at a store in that store's time and currency."""
        if self.options.as_json or not isinstance(answer, Done | Rejected):
            return show(answer, self.options.as_json, request_id)
        return show(answer, False, request_id, await self.view(store))

    async def rules(self) -> Rules:
        """The programme's rules in force."""
        if self._rules is None:
            done = await self.need("GetProgramme", bo.GetProgrammeRequest(programme=self.programme))
            self._rules = programmes.read(done.rules)
        return self._rules

    async def view(self, store: int = 0) -> View:
        """How figures are shown: in --tz, else in the store's time, else in UTC.

        A till may have no way to the back office: then amounts have --exponent decimals, or are shown in
        their smallest unit.
        """
        if not await self._reaches_office():
            return View(None, self.clock(), self.options.exponent)
        place = await self.place(store)
        return View(await self.rules(), place.clock, local=place.currency)

    async def typing(self, store: int = 0) -> tuple[View, str]:
        """How amounts are typed at a store: with its currency."""
        if await self._reaches_office():
            return View(await self.rules()), (await self.place(store)).currency
        if self.options.exponent is None:
            problem = "the back office, which knows the decimals of amounts, does not answer; give --exponent"
            raise StoppedError(NotTaken("UNAVAILABLE", problem, "", 1))
        return View(None, self.clock(), self.options.exponent), ""

    async def _reaches_office(self) -> bool:
        """Whether the back office answers, asked once and not for long."""
        if self._rules is not None:
            return True
        method = METHODS["GetProgramme"]
        body = bo.GetProgrammeRequest(programme=self.programme).SerializeToString()
        deadline_ms = min(_OFFICE_PATIENCE_MS, self.options.policy.deadline_ms)
        answer = await self.office.ask_once(method, b"", body, deadline_ms)
        if isinstance(answer, Done):
            self._rules = programmes.read(answer.outcome.rules)
        return isinstance(answer, Done)

    def clock(self) -> Clock:
        """That of --tz, else UTC."""
        return clock_of_zone(self.options.tz) if self.options.tz else UTC

    async def place(self, store: int) -> Place:
        """A store's clock and currency; of one that is not registered, those of all."""
        done = None
        if store:
            done = await self.find("GetStore", bo.GetStoreRequest(programme=self.programme, store=store))
        if done is None:
            return Place(self.clock(), "")
        offsets = [(offset.from_ms, offset.offset_s) for offset in done.store.zone]
        local = clock_of_offsets(f"store {store}", offsets)
        return Place(self.clock() if self.options.tz else local, done.store.currency)

    async def receipt(self, text: str) -> common.ReceiptId:
        """A receipt as it was typed; without a day, it is today at the store."""
        which = arguments.receipt_id(text)
        if which.business_day:
            return which
        if not await self._reaches_office():
            raise typer.BadParameter(f"receipt {text}: give its day; the back office does not answer")
        which.business_day = (await self.place(which.store)).clock.today()
        return which

    async def member(self, text: str) -> till.FindMemberDone:
        """Who it is."""
        who = till.FindMemberRequest(programme=self.programme, member=arguments.member_ref(text))
        found: till.FindMemberDone = await self.need("FindMember", who)
        return found


def outcome_of(answer: Answer[Any]) -> Any:
    """What was done; StoppedError if it was not."""
    if not isinstance(answer, Done):
        raise StoppedError(answer)
    return answer.outcome


async def agree(question: str, yes: bool, as_json: bool = False) -> bool:
    """Ask the person, unless he said --yes."""
    if yes:
        return True
    if as_json:
        raise typer.BadParameter("with --json there is nobody to ask: add --yes")
    try:
        agreed = await asyncio.to_thread(typer.confirm, question)
    except typer.Abort:
        agreed = False
    if not agreed:
        say("nothing was done")
    return agreed
