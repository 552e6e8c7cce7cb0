"""The other side of the comparison does the same work: the same bills, once, on both machines."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from chaos.bench.postgres import ONE, PostgresBench, _row
from chaos.bench.postgres_pair import PostgresMissing, PostgresPair, find_bin
from chaos.bench.workload import MEMBERS, STORE, Purchase, purchases
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till
from tests.client.engine_pair import Service


def missing() -> str:
    """Why there is no comparison here; empty if there is."""
    try:
        find_bin()
    except PostgresMissing as problem:
        return str(problem)
    return ""


pytestmark = [pytest.mark.live, pytest.mark.skipif(bool(missing()), reason=missing())]

COMPARED = 200  # purchases: enough for spending, for empty lots and for every rounding


@pytest.fixture(scope="module")
def pair() -> Iterator[PostgresPair]:
    with PostgresPair() as pair:
        yield pair


class EngineTill:
    """Buys at the engine through the method table, as a unit would."""

    def __init__(self) -> None:
        self.service = Service()
        self.members: dict[int, int] = {}

    def call(self, name: str, request: Any, response: Any) -> Any:
        method = self.service.methods[f"/loyalty.v1.TillService/{name}"]
        answers = [self.service.answer(want) for want in method.decode(request.SerializeToString())]
        return response.FromString(method.encode(answers))

    def buy(self, purchase: Purchase) -> till.ConfirmDone:
        if purchase.member not in self.members:
            enrol = till.EnrolRequest(
                request_id=b"enrol%04d" % purchase.member, phone=f"+886{purchase.member:09d}"
            )
            self.members[purchase.member] = self.call("Enrol", enrol, till.EnrolResponse).done.member_id
        today = int(datetime.now(UTC).strftime("%Y%m%d"))
        request = till.ConfirmRequest(
            request_id=b"buy%08d" % purchase.number,
            receipt=common.ReceiptId(
                store=STORE, terminal=purchase.terminal, number=purchase.number, business_day=today
            ),
            member=common.MemberRef(member_id=self.members[purchase.member]),
        )
        for line in zip(purchase.skus, purchase.quantities_milli, purchase.amounts_minor, strict=True):
            sku, quantity, amount = line
            request.lines.add(
                sku=sku, quantity_milli=quantity, amount_minor=amount, kind=common.LINE_KIND_GOODS
            )
        if purchase.spend_points:
            request.spend.points, request.spend.mode = purchase.spend_points, common.SPEND_MODE_UP_TO
        response = self.call("Confirm", request, till.ConfirmResponse)
        assert response.WhichOneof("result") == "done", response
        done: till.ConfirmDone = response.done
        return done


async def test_the_same_purchases_give_the_same_bills(pair: PostgresPair) -> None:
    """Line by line: points spent, points earned, and what the member has left."""
    engine, spent = EngineTill(), 0
    async with PostgresBench(pair) as bench:
        for purchase in itertools.islice(purchases(seed=3, terminal=7), COMPARED):
            few = Purchase(**{**as_dict(purchase), "member": purchase.member % 20})
            theirs = await bench.connections[0].fetchval(ONE, _row(few))
            ours = engine.buy(few)
            assert theirs["code"] == 0
            assert theirs["line_spent"] == [line.spent_points for line in ours.bill.lines]
            assert theirs["line_earned"] == [line.earned_points for line in ours.bill.lines]
            assert theirs["active_points"] == ours.balance.active_points
            assert theirs["future_points"] == ours.balance.future_points
            spent += ours.bill.spent_points
        assert spent > 3_000, "too little was spent to compare spending"
        await reset(bench)


async def test_a_purchase_counts_once(pair: PostgresPair) -> None:
    """The same request id: the same outcome. The same receipt under another id: rejected."""
    purchase = next(purchases(seed=1, terminal=1))
    async with PostgresBench(pair) as bench:
        row, again = _row(purchase), _row(purchase)
        first = await bench.connections[0].fetchval(ONE, row)
        assert await bench.connections[0].fetchval(ONE, row) == first
        assert (await bench.connections[0].fetchval(ONE, again))["code"] == 51
        assert await bench.connections[0].fetchval("SELECT count(*) FROM receipt") == 1
        await reset(bench)


async def test_every_measure_measures(pair: PostgresPair) -> None:
    async with PostgresBench(pair) as bench:
        rounds = [
            await bench.one_caller(0.3),
            await bench.in_flight(4, 0.3),
            await bench.batches(10, 0.3),
            await bench.statements(10, 0.3),
        ]
        booked = await bench.connections[0].fetchval("SELECT count(*) FROM receipt")
        unbalanced = await bench.connections[0].fetchval(
            "SELECT count(*) FROM movement WHERE (SELECT sum(x) FROM unnest(posted) x) <> 0"
        )
        await reset(bench)
    assert [measured.measure for measured in rounds] == [
        "one caller",
        "4 in flight",
        "batches of 10",
        "10 in a statement",
    ]
    assert all(measured.rate_per_s > 10 for measured in rounds)
    assert booked == sum(measured.purchases for measured in rounds)
    assert unbalanced == 0


async def reset(bench: PostgresBench) -> None:
    """Leave the pair as it was, for the next test."""
    await bench.connections[0].execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")


def as_dict(purchase: Purchase) -> dict[str, Any]:
    return {name: getattr(purchase, name) for name in purchase.__slots__}


def test_members_are_enough() -> None:
    """The engine rejects more than 4,096 open lots of one member; a long round must not get there."""
    assert MEMBERS * 4_096 > 60 * 60_000
