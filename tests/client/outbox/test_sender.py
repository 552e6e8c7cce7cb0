"""Sending: in order, never twice, one head at a time, whatever becomes of the answers."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from loyalty.client.client import TillClient
from loyalty.client.outbox import Fate, Outbox, Sender
from loyalty.client.policy import Policy
from loyalty.client.units import Units
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
    fake_pair,
)
from tests.client.line import ACTS, STRANGER, FakeClock, FakeLine
from tests.client.outbox.purchases import ANN, sold
from tests.client.shop import Shop

HOUR_MS = 3_600_000


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def line(clock: FakeClock) -> FakeLine:
    """The pair knows Ann."""
    shop = Shop()
    shop.execute(till.EnrolRequest(request_id=b"enrol-ann", phone=ANN))
    return FakeLine(shop, clock)


@pytest.fixture
def outbox(tmp_path: Path, clock: FakeClock) -> Iterator[Outbox]:
    with Outbox.open(tmp_path / "till.outbox", clock) as outbox:
        yield outbox


def sender_of(outbox: Outbox, line: FakeLine, clock: FakeClock) -> Sender:
    return Sender(outbox, TillClient(line), clock, chance=lambda: 1.0)


def booked(line: FakeLine) -> list[int]:
    """Receipt numbers, in the order of booking."""
    return [number for _, _, number, _ in line.book.sales]


CASES = [  # what happens to purchase 2 of 3, what becomes of it, is it booked, how often it was asked
    ([OK], Fate.DONE, True, 1),
    ([DROP, DROP, OK], Fate.DONE, True, 3),
    ([DO_AND_DROP, OK], Fate.DONE, True, 2),  # done the first time, counted once
    ([HANG, DO_AND_HANG, HANG, OK], Fate.DONE, True, 4),
    ([BUSY, BUSY, OK], Fate.DONE, True, 3),  # nothing is wrong with it: later
    ([STRANGER, OK], Fate.DONE, True, 2),  # nothing is wrong with it: that is no unit of ours
    ([GARBAGE, OK], Fate.DONE, True, 2),
    ([REFUSE], Fate.REFUSED, False, 1),  # surely never taken: set aside, the rest goes on
    ([DROP, REFUSE], Fate.REFUSED, False, 2),
    ([TOO_OLD], Fate.REJECTED, False, 1),  # never sent before: surely not executed
    ([DO_AND_DROP, TOO_OLD], Fate.UNKNOWN, True, 2),  # nobody can tell any more, and we do not say so
]


@pytest.mark.parametrize(("acts", "fate", "is_booked", "asked"), CASES)
async def test_each_until_it_is_definite(
    outbox: Outbox, line: FakeLine, clock: FakeClock, acts: list[str], fate: Fate, is_booked: bool, asked: int
) -> None:
    for number in (1, 2, 3):
        outbox.put(sold(number))
    line.script = [OK, *acts, OK]
    await sender_of(outbox, line, clock).run()
    assert [settled.fate for settled in outbox.settled()] == [Fate.DONE, fate, Fate.DONE]
    assert booked(line) == ([1, 2, 3] if is_booked else [1, 3])
    bodies = [body for _, body in line.asked]
    assert bodies == [sold(n).SerializeToString() for n in (1, *[2] * asked, 3)], "the same bytes, in order"


def test_the_table_covers_every_act() -> None:
    assert {act for acts, *_ in CASES for act in acts} == set(ACTS)


async def test_a_rejected_one_does_not_stop_the_next(
    outbox: Outbox, line: FakeLine, clock: FakeClock
) -> None:
    """And the cashier is shown which and why."""
    for request in (sold(1), sold(2, phone="+886900000000"), sold(3)):
        outbox.put(request)
    await sender_of(outbox, line, clock).run()
    assert booked(line) == [1, 3]
    (no,) = outbox.rejected()
    assert (no.entry.position, no.fate, no.reason, no.verdict.field) == (
        2,
        Fate.REJECTED,
        "MEMBER_UNKNOWN",
        "member",
    )


async def test_while_the_head_is_unknown_all_others_wait(
    outbox: Outbox, line: FakeLine, clock: FakeClock
) -> None:
    """Also new ones: their order is that in which they were sold."""
    outbox.put(sold(1))
    line.script = [DROP]
    sender = sender_of(outbox, line, clock)
    assert not await sender.drain()
    outbox.put(sold(2))
    assert not await sender.drain()
    assert {body for _, body in line.asked} == {sold(1).SerializeToString()}
    assert sender.why == "UNAVAILABLE: nobody there"
    line.script = [OK]
    assert await sender.drain()
    assert booked(line) == [1, 2]


async def test_an_hour_without_a_line(outbox: Outbox, line: FakeLine, clock: FakeClock) -> None:
    """Asked less and less often, then at least each minute; all are booked with their own time of sale."""
    began_ms = clock.now_ms()
    for number in range(1, 31):
        outbox.put(sold(number, sold_ms=began_ms - HOUR_MS + number * 60_000))
    line.script = [DROP]
    sender = sender_of(outbox, line, clock)
    while clock.now_ms() < began_ms + HOUR_MS:
        assert not await sender.drain()
        await clock.sleep_ms(sender.backoff.left_ms)
    assert clock.slept_ms[:8] == [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]
    assert len(line.asked) < 70
    line.script = [OK]
    await sender.run()
    assert [sale.sold_ms for sale in line.book.sales.values()] == [
        began_ms - HOUR_MS + number * 60_000 for number in range(1, 31)
    ]
    assert booked(line) == list(range(1, 31))


async def test_chance_spreads_a_thousand_tills(outbox: Outbox, line: FakeLine, clock: FakeClock) -> None:
    """Half of the waiting is up to chance; what a busy pair says is the least."""
    outbox.put(sold(1))
    line.script = [DROP]
    sender = Sender(outbox, TillClient(line), clock, chance=lambda: 0.0)
    await sender.drain()
    assert sender.backoff.left_ms == 500
    sender.backoff.grow()
    assert sender.backoff.left_ms == 1_000
    sender.backoff.grow(at_least_ms=90_000)
    assert sender.backoff.left_ms == 90_000
    line.script = [BUSY]
    await sender.drain()
    assert sender.why == "RESOURCE_EXHAUSTED: queue is full"


async def test_two_at_once_send_one_head(outbox: Outbox, line: FakeLine, clock: FakeClock) -> None:
    """The till's own drain before a payment and the one in the background do not get in each other's way."""
    for number in (1, 2, 3):
        outbox.put(sold(number))
    sender = sender_of(outbox, line, clock)
    assert all(await asyncio.gather(sender.drain(), sender.drain()))
    assert len(line.asked) == 3


async def test_a_till_that_died_while_it_asked_asks_the_same_again(
    tmp_path: Path, line: FakeLine, clock: FakeClock
) -> None:
    """Before the first try leaves, the file says that there may have been one: too old is no proof then."""
    path = tmp_path / "till.outbox"
    for act, fate in ((OK, Fate.DONE), (TOO_OLD, Fate.UNKNOWN)):
        number = 1 if act == OK else 2
        with Outbox.open(path, clock) as outbox:
            outbox.put(sold(number))
            line.script = [DO_AND_HANG]
            await sender_of(outbox, line, clock).drain()
        with Outbox.open(path, clock) as outbox:
            (waiting,) = outbox.pending()
            assert waiting.in_doubt
            line.script = [act]
            await sender_of(outbox, line, clock).run()
            assert outbox.settled()[-1].fate is fate
    assert booked(line) == [1, 2]
    assert len(line.book.executed) == 3  # Ann's enrolment and two purchases


async def test_the_pairs_time_survives_the_till(tmp_path: Path, line: FakeLine, clock: FakeClock) -> None:
    """A till that starts without a line must not send commands that carry no time."""
    with Outbox.open(tmp_path / "till.outbox", clock) as outbox:
        outbox.put(sold(1))
        await sender_of(outbox, line, clock).run()
    fresh = FakeLine(line.book, clock)
    with Outbox.open(tmp_path / "till.outbox", clock) as outbox:
        sender_of(outbox, fresh, clock)
    assert fresh.seen_ms == clock.now_ms()


async def test_over_grpc_with_answers_that_get_lost(tmp_path: Path) -> None:
    """The real client and two servers: every first answer is lost on both, nothing is done twice."""
    policy = Policy(deadline_ms=60, hedge_after_ms=20)
    async with fake_pair() as pair, Units(pair.addresses, policy) as units:
        pair.play([DO_AND_HANG, OK] * 5 + [OK], [DO_AND_HANG, OK] * 5 + [OK])
        with Outbox.open(tmp_path / "till.outbox") as outbox:
            for number in range(1, 6):
                outbox.put(sold(number))
            await Sender(outbox, TillClient(units), FakeClock()).run()
            assert [settled.fate for settled in outbox.settled()] == [Fate.DONE] * 5
    assert pair.book.executed == [sold(number).request_id for number in range(1, 6)]
    assert set(pair.book.seen_ms) == {42}
