"""A till that knows every right answer: it gives points, and asks for all that it was told before."""

import itertools
from dataclasses import dataclass, field
from typing import Any, Final

from loyalty.client.answers import Done
from loyalty.client.back_office import BackOffice
from loyalty.client.client import TillClient
from loyalty.client.units import Units
from loyalty.v1 import back_office_pb2 as bo
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as pb

PROGRAMME: Final = 1


class WrongAnswer(Exception):
    """The pair told a till something that is not so."""


@dataclass(slots=True)
class Customer:
    """A member, and the points that he must have."""

    member_id: int
    points: int
    told: dict[str, Any] = field(default_factory=dict)  # the last answer to each question


class Till:
    """Everything that it asks has one right answer. Calls end when they are definite."""

    def __init__(self, tills: Units, offices: Units, run: int) -> None:
        self._till, self._office = TillClient(tills), BackOffice(offices)
        self._numbers = itertools.count(run * 1_000_000)
        self.calls = 0

    async def customer(self) -> Customer:
        """A new one, with some points and a statement."""
        request = pb.EnrolRequest(programme=PROGRAMME, phone=f"+4930{next(self._numbers):09d}")
        answer = await self._done(self._till.enrol(request, until_definite=True), "Enrol")
        made = Customer(answer.member_id, 0)
        made.points = (await self._balance(made)).balance.active_points
        for _ in range(3):
            await self.give(made)
        await self.look(made)
        return made

    async def give(self, customer: Customer) -> None:
        """Points, once."""
        number = next(self._numbers)
        points = 10 + number % 90
        request = bo.AdjustRequest(
            programme=PROGRAMME,
            reference=f"flip-{number}",
            member=_ref(customer),
            points=points,
            reason="a bit changed",
        )
        await self._done(self._office.adjust(request, until_definite=True), "Adjust")
        customer.points += points
        customer.told.clear()

    async def look(self, customer: Customer) -> None:
        """Ask for everything about him: what was told before and did not change has to be told again.

        Raises:
            WrongAnswer: it was not.
        """
        balance = await self._balance(customer)
        if balance.balance.active_points != customer.points:
            raise WrongAnswer(
                f"member {customer.member_id} has {customer.points} points, was told of {balance.balance}"
            )
        lots = pb.ListLotsRequest(programme=PROGRAMME, member=_ref(customer))
        statement = pb.GetStatementRequest(programme=PROGRAMME, member=_ref(customer))
        for name, request, part in (("ListLots", lots, "lots"), ("GetStatement", statement, "items")):
            answer = await self._done(self._till.call(name, request, True), name)
            told = [one.SerializeToString(deterministic=True) for one in getattr(answer, part)]
            if customer.told.setdefault(name, told) != told:
                raise WrongAnswer(f"{name} of member {customer.member_id} is not what it was: {answer}")

    async def _balance(self, customer: Customer) -> pb.GetBalanceDone:
        request = pb.GetBalanceRequest(programme=PROGRAMME, member=_ref(customer))
        answer: pb.GetBalanceDone = await self._done(
            self._till.call("GetBalance", request, True), "GetBalance"
        )
        return answer

    async def _done(self, call: Any, what: str) -> Any:
        self.calls += 1
        answer = await call
        if not isinstance(answer, Done):
            raise WrongAnswer(f"{what}: {answer}")
        return answer.outcome


def _ref(customer: Customer) -> common.MemberRef:
    return common.MemberRef(member_id=customer.member_id)
