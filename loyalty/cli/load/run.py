"""One process's part of a load: enrol its members, then send.

Open loop: a call leaves when it is due, whatever became of the calls before it, and its wait counts from
then; so a stall is seen by every call that it would have met (no coordinated omission). The closed loops
keep a number of calls in flight and measure what a pair can do.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from time import monotonic

from loyalty.cli.load.catalogue import read_catalogue
from loyalty.cli.load.club import ClubShopper
from loyalty.cli.load.plan import LoadPlan
from loyalty.cli.load.recorder import Progress, Recorder
from loyalty.cli.load.shopper import Planned, Shopper
from loyalty.client.answers import Done, Rejected
from loyalty.client.client import TillClient
from loyalty.client.history import now_us
from loyalty.client.units import Asker
from loyalty.v1 import till_pb2 as pb

ENROL_IN_FLIGHT = 32
ENROL_TRIES = 3  # a phone may be taken, by another run


class LoadFailed(Exception):
    """The load could not be made at all: no members, nobody there. The message is for people."""


class Load:
    """The tills of one process."""

    def __init__(self, plan: LoadPlan, units: Asker, recorder: Recorder) -> None:
        self.plan = plan
        self.recorder = recorder
        numbers = range(plan.worker, plan.tills, plan.processes)
        self.shoppers = _shoppers(plan, [n + 1 for n in numbers])
        self.clients = [TillClient(units, prefer=n) for n in numbers]  # over all units
        self.tasks: set[asyncio.Task[None]] = set()

    @property
    def progress(self) -> Progress:
        return self.recorder.progress

    async def enrol(self) -> None:
        """Make members, all of them before the first purchase.

        Raises:
            LoadFailed: not one could be made.
        """
        wanted = [till for till in range(len(self.shoppers)) for _ in range(self.plan.members_per_till)]
        gate = asyncio.Semaphore(ENROL_IN_FLIGHT)

        async def enrol_one(till: int) -> str:
            async with gate:
                return await self._enrol_one(till)

        problems = [problem for problem in await asyncio.gather(*map(enrol_one, wanted)) if problem]
        for shopper in self.shoppers:
            if not shopper.members:
                raise LoadFailed(f"till {shopper.terminal} has no member: {problems[0]}")

    async def _enrol_one(self, till: int) -> str:
        problem = ""
        for _ in range(ENROL_TRIES):
            phone = f"+886{int.from_bytes(os.urandom(8)) % 10**12:012d}"
            request = self.shoppers[till].enrolment(phone)
            answer = await self.recorder.call(
                self.clients[till], till, "Enrol", request, scheduled_us=now_us()
            )
            if isinstance(answer, Done):
                member = answer.outcome.member_id
                self.shoppers[till].members.append(member)
                for planned in self.shoppers[till].past(member):
                    await self._make(till, planned, now_us())
                return ""
            problem = f"enrolment: {answer}"
            if not isinstance(answer, Rejected):
                break
        return problem

    async def open_loop(self) -> None:
        """Send on schedule for the planned time, then wait for every answer."""
        plan, tills = self.plan, len(self.shoppers)
        rate = plan.rate / plan.processes
        began_us = now_us()
        total = int(rate * plan.seconds)
        for n in range(total):
            due_us = began_us + int(n * 1_000_000 / rate)
            early_us = due_us - now_us()
            if early_us > 0:
                await asyncio.sleep(early_us / 1_000_000)
            elif n % 50 == 0:
                await asyncio.sleep(0)  # behind schedule: let answers be read all the same
            self._start(self._shop(n % tills, due_us))
        if self.tasks:
            await asyncio.wait(self.tasks)

    async def _shop(self, till: int, due_us: int) -> None:
        shopper = self.shoppers[till]
        planned = shopper.next()
        await self._make(till, planned, due_us)

    async def _make(self, till: int, planned: Planned, due_us: int) -> None:
        await self.recorder.call(
            self.clients[till],
            till,
            planned.method,
            planned.request,
            scheduled_us=due_us,
            member=planned.member,
            receipt=planned.receipt,
            on_answer=lambda answer: self.shoppers[till].learn(planned, answer),
        )

    async def closed_loop(self) -> None:
        """Keep `in_flight` calls going until the time is over; each caller is at a till of its own turn."""
        until = monotonic() + self.plan.seconds
        one = self._batch if self.plan.mode == "batch" else self._one
        await asyncio.gather(*(self._caller(n, until, one) for n in range(self.plan.in_flight)))

    async def _caller(self, n: int, until: float, one: Callable[[int], Awaitable[None]]) -> None:
        till = n % len(self.shoppers)
        while monotonic() < until:
            await one(till)

    async def _one(self, till: int) -> None:
        await self._make(till, self.shoppers[till].purchase(), now_us())

    async def _batch(self, till: int) -> None:
        """One batch of purchases; each command is counted."""
        planned = [self.shoppers[till].purchase() for _ in range(self.plan.batch)]
        commands = [pb.Command(confirm=purchase.request) for purchase in planned]
        began_us = now_us()
        answers = await self.clients[till].execute_batch(commands, until_definite=True)
        self.progress.sent += len(answers)
        for answer in answers:
            self.progress.told["done" if isinstance(answer, Done) else type(answer).__name__.lower()] += 1
        self.progress.waits_ms.append((now_us() - began_us) / 1000)

    def _start(self, part: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(part)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


def _shoppers(plan: LoadPlan, terminals: Sequence[int]) -> list[Shopper]:
    """A till each. Raises LoadFailed if the programme's files cannot be read."""
    if not plan.programme_file:
        return [Shopper(terminal, plan.store, plan.run, plan.mix, plan.seed) for terminal in terminals]
    try:
        catalogue = read_catalogue(plan.programme_file)
    except ValueError as problem:
        raise LoadFailed(str(problem)) from None
    return [ClubShopper(terminal, catalogue, plan.run, plan.mix, plan.seed) for terminal in terminals]


async def statements(client: TillClient, members: Sequence[int]) -> list[tuple[int, pb.StatementItem]]:
    """Every movement of these members, from whoever of the pair is there.

    Raises:
        LoadFailed: a statement could not be had.
    """
    items: list[tuple[int, pb.StatementItem]] = []
    for member in members:
        request = pb.GetStatementRequest(page_size=200)
        request.member.member_id = member
        while True:
            answer = await client.call("GetStatement", request, until_definite=True)
            if isinstance(answer, Rejected) and answer.reason == "MEMBER_UNKNOWN":
                break  # nothing is booked for him: whoever was told of it will miss it
            if not isinstance(answer, Done):
                raise LoadFailed(f"no statement of member {member}: {answer}")
            items += [(member, item) for item in answer.outcome.items]
            if not answer.outcome.next_page_token:
                break
            request.page_token = answer.outcome.next_page_token
    return items
