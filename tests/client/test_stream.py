"""One stream of many commands, over units that break it in every way: each command is done once, in order."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from loyalty.client.answers import Done, Rejected, Unknown
from loyalty.client.policy import Policy
from loyalty.client.stream import TillStream
from loyalty.client.units import Units
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till
from tests.client.fake import DO_AND_DROP, DO_AND_HANG, DROP, HANG, OK, FakePair, fake_pair

QUICK = Policy(
    deadline_ms=900, hedge_after_ms=60, backoff_first_ms=5, backoff_most_ms=20, stream_stall_ms=100
)


@pytest.fixture
async def pair() -> AsyncIterator[FakePair]:
    async with fake_pair() as pair:
        yield pair


def enrolment(n: int) -> till.Command:
    return till.Command(enrol=till.EnrolRequest(request_id=b"stream-%04d" % n, phone=f"+{n}"))


SCRIPTS = [  # what the units do with the commands of the stream, one act per command
    ([OK], [OK]),
    ([OK] * 20 + [DROP, OK], [OK]),  # broken in the middle
    ([OK] * 20 + [DO_AND_DROP, OK], [OK]),  # ... with a command executed and its answer lost
    ([OK] * 20 + [DO_AND_HANG, OK], [OK]),  # ... with no word at all: the stall is noticed
    ([HANG], [OK]),
    ([DROP, DROP, OK], [DROP, DROP, OK]),  # nobody for a while
    ([OK] * 5 + [DROP], [OK] * 5 + [DO_AND_DROP] + [OK]),  # back and forth
]


@pytest.mark.parametrize(("first", "second"), SCRIPTS)
async def test_every_command_is_done_once_and_answered_in_order(
    pair: FakePair, first: list[str], second: list[str]
) -> None:
    pair.play(list(first), list(second))
    async with Units(pair.addresses, QUICK) as units, TillStream(units) as stream:
        answers = [await stream.submit(enrolment(n)) for n in range(100)]
        got = await asyncio.gather(*answers)
    assert all(isinstance(answer, Done) for answer in got)
    assert pair.book.executed == [b"stream-%04d" % n for n in range(100)]
    assert [answer.outcome.member_id for answer in got if isinstance(answer, Done)] == list(range(1, 101))


async def test_a_rejection_is_an_answer_like_any_other(pair: FakePair) -> None:
    async with Units(pair.addresses, QUICK) as units, TillStream(units) as stream:
        greedy = till.Command(confirm=till.ConfirmRequest(spend=common.Spend(points=501)))
        rejected = await (await stream.submit(greedy))
        done = await (await stream.submit(enrolment(1)))
    assert isinstance(rejected, Rejected)
    assert isinstance(done, Done)


async def test_the_window_holds_the_sender_back(pair: FakePair) -> None:
    """A concentrator that reads a file of millions must not hold them all in memory."""
    pair.play([HANG], [HANG])
    policy = Policy(stream_window_commands=3)
    async with Units(pair.addresses, policy) as units, TillStream(units) as stream:
        for n in range(3):
            await stream.submit(enrolment(n))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(stream.submit(enrolment(4)), 0.1)


async def test_closing_leaves_what_is_unanswered_unknown(pair: FakePair) -> None:
    pair.play([HANG], [HANG])
    async with Units(pair.addresses, QUICK) as units, TillStream(units) as stream:
        answer = await stream.submit(enrolment(1))
        await asyncio.sleep(0.05)
    got = answer.result()
    assert isinstance(got, Unknown)
    assert got.request_id == b"stream-0001"
