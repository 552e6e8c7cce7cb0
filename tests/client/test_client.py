"""The till's client against units that hang, drop, refuse and answer late."""

import asyncio
from collections.abc import AsyncIterator
from time import monotonic

import pytest

from loyalty.client.answers import Answer, Done, NotTaken, Rejected, Unknown
from loyalty.client.client import TillClient
from loyalty.client.policy import Policy
from loyalty.client.units import Units
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till
from tests.client import fake
from tests.client.fake import (
    BUSY,
    DO_AND_DROP,
    DO_AND_HANG,
    DROP,
    GARBAGE,
    HANG,
    LATE,
    OK,
    PROXY_BUSY,
    REFUSE,
    TOO_OLD,
    FakePair,
    fake_pair,
)

QUICK = Policy(deadline_ms=600, hedge_after_ms=150, backoff_first_ms=5, backoff_most_ms=20, suspect_ms=200)


@pytest.fixture
async def pair() -> AsyncIterator[FakePair]:
    async with fake_pair() as pair:
        yield pair


@pytest.fixture
async def till_client(pair: FakePair) -> AsyncIterator[TillClient]:
    async with Units(pair.addresses, QUICK) as units:
        yield TillClient(units)


def told(answer: Answer[object]) -> str:
    """The kind of an answer in a word, for tables."""
    match answer:
        case Rejected(reason=reason):
            return f"rejected {reason}"
        case NotTaken(status=status):
            return f"not taken {status}"
        case Done():
            return "done"
        case Unknown():
            return "unknown"


CASES = [  # preferred unit, other unit, answer, executed, tries: all with one deadline of 0.6 s
    ([OK], [OK], "done", 1, (1, 1)),
    ([HANG], [OK], "done", 1, (2, 2)),  # the hedge goes to the other
    ([DO_AND_HANG], [OK], "done", 1, (2, 2)),  # executed by both ways, counted once
    ([LATE], [HANG], "done", 1, (2, 2)),  # the hedge hangs: the late answer still counts
    ([DROP], [OK], "done", 1, (2, 9)),  # at once to the other; then this one again, until an answer comes
    ([DO_AND_DROP], [OK], "done", 1, (2, 9)),
    ([DROP, DROP, DROP, OK], [DROP, DROP, DROP, OK], "done", 1, (4, 12)),  # a takeover that takes its time
    ([BUSY, OK], [BUSY, OK], "done", 1, (2, 6)),  # comes back after the pushback
    ([BUSY], [BUSY], "not taken RESOURCE_EXHAUSTED", 0, (3, 60)),  # busy to the end: nothing happened
    ([HANG], [BUSY], "unknown", 0, (2, 60)),  # one said no, the other said nothing: who knows
    ([DO_AND_DROP], [BUSY], "unknown", 1, (2, 60)),  # it did happen, and "not taken" would be a lie
    ([DO_AND_DROP, REFUSE], [REFUSE], "unknown", 1, (2, 4)),
    ([PROXY_BUSY], [PROXY_BUSY], "unknown", 0, (3, 200)),  # no NOT_TAKEN: not proven
    ([REFUSE], [OK], "not taken INVALID_ARGUMENT", 0, (1, 1)),  # asking elsewhere would not help
    ([HANG], [HANG], "unknown", 0, (2, 2)),
    ([DROP], [DROP], "unknown", 0, (4, 200)),
    ([GARBAGE], [OK], "unknown", 0, (1, 1)),  # an answer that is none
    ([TOO_OLD], [OK], "rejected REQUEST_TOO_OLD", 0, (1, 1)),
]


@pytest.mark.alone
@pytest.mark.parametrize(("first", "second", "answer", "executed", "tries"), CASES)
async def test_what_a_till_is_told(
    pair: FakePair,
    till_client: TillClient,
    first: list[str],
    second: list[str],
    answer: str,
    executed: int,
    tries: tuple[int, int],
) -> None:
    """Every way two units can behave ends in the one answer that is true, within the deadline."""
    pair.play(list(first), list(second))
    began = monotonic()
    got = await till_client.enrol(till.EnrolRequest(phone="+886912345678"))
    assert told(got) == answer
    assert len(pair.book.executed) == executed
    assert tries[0] <= got.tries <= tries[1]
    assert monotonic() - began < QUICK.deadline_ms / 1000 + 0.3


async def test_every_try_carries_the_same_request(pair: FakePair, till_client: TillClient) -> None:
    """Hedges and retries must not become new commands: same id, and the seen time of the first sending."""
    pair.play([DO_AND_DROP, DO_AND_DROP, OK], [DO_AND_DROP, DO_AND_DROP, OK])
    till_client.units.seen_ms = 777
    got = await till_client.enrol(till.EnrolRequest(phone="+886912345678"))
    assert told(got) == "done"
    assert len(pair.book.executed) == 1
    assert set(pair.book.seen_ms) == {777}
    assert len(pair.book.seen_ms) >= 3


async def test_newest_log_time_is_kept_and_sent(pair: FakePair, till_client: TillClient) -> None:
    pair.book.now_ms = 5_000
    await till_client.enrol(till.EnrolRequest(phone="+886912345678"))
    pair.book.now_ms = 3_000  # an older answer must not turn it back
    await till_client.balance(till.GetBalanceRequest())
    await till_client.enrol(till.EnrolRequest(phone="+886912345679"))
    assert pair.book.seen_ms == [0, 5_001]


async def test_what_the_caller_set_is_left_alone(pair: FakePair, till_client: TillClient) -> None:
    """An outbox that sends a command again after weeks keeps its first id and seen time."""
    request = till.EnrolRequest(request_id=b"outbox-1", seen_ms=42, phone="+886912345678")
    till_client.units.seen_ms = 99_999
    await till_client.enrol(request)
    assert pair.book.executed == [b"outbox-1"]
    assert pair.book.seen_ms == [42]
    assert request.client_ms == 0, "the caller's message is not written to"


async def test_what_is_in_doubt_carries_what_ends_it(pair: FakePair) -> None:
    """`abandon` wants the id and the seen time that the command carried."""
    pair.play([HANG] * 20, [HANG] * 20)
    policy = Policy(deadline_ms=60, hedge_after_ms=20)
    async with Units(pair.addresses, policy) as units:
        client = TillClient(units)
        units.seen_ms = 777
        one = await client.enrol(till.EnrolRequest(request_id=b"in-doubt-1", phone="+1"))
        enrol = till.EnrolRequest(request_id=b"in-doubt-2", seen_ms=42, phone="+2")
        (other,) = await client.execute_batch([till.Command(enrol=enrol)])
    assert isinstance(one, Unknown)
    assert isinstance(other, Unknown)
    assert (one.request_id, one.seen_ms) == (b"in-doubt-1", 777)
    assert (other.request_id, other.seen_ms) == (b"in-doubt-2", 42)


async def test_a_rejection_says_why(till_client: TillClient) -> None:
    request = till.ConfirmRequest(spend=common.Spend(points=501, mode=common.SPEND_MODE_EXACTLY))
    got = await till_client.confirm(request)
    assert isinstance(got, Rejected)
    assert (got.reason, got.field, got.acceptable) == ("BALANCE_TOO_LOW", "spend.points", "at most 500")


async def test_not_taken_names_the_field(pair: FakePair, till_client: TillClient) -> None:
    pair.play([REFUSE], [REFUSE])
    got = await till_client.confirm(till.ConfirmRequest())
    assert got == NotTaken("INVALID_ARGUMENT", "receipt.store is 0", "receipt.store", tries=1)


async def test_until_definite_outlasts_an_outage(pair: FakePair) -> None:
    """Longer than several deadlines without an answer; then the same command is done, once."""
    policy = Policy(deadline_ms=150, hedge_after_ms=40, backoff_first_ms=5, backoff_most_ms=20)
    pair.play([DO_AND_HANG] * 3 + [OK], [HANG] * 3 + [OK])
    async with Units(pair.addresses, policy) as units:
        got = await TillClient(units).enrol(till.EnrolRequest(phone="+1"), until_definite=True)
    assert told(got) == "done"
    assert got.tries == 7
    assert len(pair.book.executed) == 1


@pytest.mark.alone
async def test_until_definite_gives_up_in_the_end(pair: FakePair) -> None:
    policy = Policy(deadline_ms=100, hedge_after_ms=20, give_up_after_ms=300)
    pair.play([HANG], [HANG])
    async with Units(pair.addresses, policy) as units:
        began = monotonic()
        got = await TillClient(units).enrol(till.EnrolRequest(phone="+1"), until_definite=True)
    assert isinstance(got, Unknown)
    assert len(got.request_id) == 16
    assert 0.25 < monotonic() - began < 2


async def test_too_old_after_an_unknown_try_is_no_proof(pair: FakePair) -> None:
    """An earlier sending may have been executed, and its outcome forgotten since."""
    pair.play([DO_AND_HANG, TOO_OLD], [HANG, TOO_OLD])
    async with Units(
        pair.addresses, Policy(deadline_ms=100, hedge_after_ms=60, give_up_after_ms=400)
    ) as units:
        got = await TillClient(units).enrol(till.EnrolRequest(phone="+1"), until_definite=True)
    assert isinstance(got, Unknown)
    assert "statement" in got.why


async def test_outcome_and_abandon_end_doubt(pair: FakePair, till_client: TillClient) -> None:
    """Not so far; then abandoned for good; a command that was done keeps its outcome."""
    before = await till_client.outcome(b"in-doubt-1")
    assert isinstance(before, Done)
    assert before.outcome is None
    till_client.units.seen_ms = 99_999
    given_up = await till_client.abandon(b"in-doubt-1", 42)
    assert isinstance(given_up, Done)
    assert given_up.outcome is None
    await till_client.abandon(b"in-doubt-1", 0)
    assert pair.book.abandoned_seen_ms == [42, 0], "the command's own word, never the newest"
    late = await till_client.enrol(till.EnrolRequest(request_id=b"in-doubt-1", phone="+1"))
    assert told(late) == "rejected REQUEST_ABANDONED"
    assert pair.book.executed == []

    await till_client.enrol(till.EnrolRequest(request_id=b"in-doubt-2", phone="+1"))
    too_late = await till_client.abandon(b"in-doubt-2", 42)
    assert isinstance(too_late, Done)
    assert isinstance(too_late.outcome, Done)
    assert too_late.outcome.outcome.member_id == 1
    known = await till_client.outcome(b"in-doubt-2")
    assert isinstance(known, Done)
    assert told(known.outcome) == "done"  # type: ignore[arg-type]


async def test_batch_answers_each_command(pair: FakePair, till_client: TillClient) -> None:
    commands = [
        till.Command(enrol=till.EnrolRequest(request_id=b"batch-01", phone="+1")),
        till.Command(confirm=till.ConfirmRequest(spend=common.Spend(points=501))),
        till.Command(enrol=till.EnrolRequest(request_id=b"batch-01", phone="+1")),
    ]
    pair.play([DO_AND_DROP, OK], [OK])
    answers = await till_client.execute_batch(commands)
    assert [told(answer) for answer in answers] == ["done", "rejected BALANCE_TOO_LOW", "done"]
    assert len(pair.book.executed) == 2


async def test_a_lost_batch_leaves_every_command_unknown(pair: FakePair, till_client: TillClient) -> None:
    pair.play([HANG], [HANG])
    commands = [till.Command(enrol=till.EnrolRequest(request_id=b"batch-%02d" % n)) for n in range(3)]
    answers = await till_client.execute_batch(commands)
    assert [answer.request_id for answer in answers if isinstance(answer, Unknown)] == [
        b"batch-00",
        b"batch-01",
        b"batch-02",
    ]


@pytest.mark.alone
async def test_a_suspect_is_asked_second_for_a_while(pair: FakePair, till_client: TillClient) -> None:
    """One slow answer shall not make every following one slow."""
    pair.play([HANG], [OK])
    await till_client.enrol(till.EnrolRequest(phone="+1"))
    began = monotonic()
    for n in range(10):
        await till_client.enrol(till.EnrolRequest(phone=f"+{n}"))
    assert pair.units[0].calls == 1
    assert monotonic() - began < 0.15 * 10, "none of them waited for a hedge"


async def test_one_call_finds_out_whether_a_suspect_is_back(pair: FakePair, till_client: TillClient) -> None:
    """Else every call of the moment would wait for its hedge, once a second, as long as the unit hangs."""
    pair.play([HANG], [OK])
    await till_client.enrol(till.EnrolRequest(phone="+1"))
    await asyncio.sleep(QUICK.suspect_ms / 1000)
    calls = (till_client.enrol(till.EnrolRequest(phone=f"+{n}")) for n in range(20))
    assert {told(answer) for answer in await asyncio.gather(*calls)} == {"done"}
    assert pair.units[0].calls == 2
    pair.play([OK], [OK])
    await asyncio.sleep(QUICK.suspect_ms / 1000)
    for n in range(5):
        await till_client.enrol(till.EnrolRequest(phone=f"+{n}"))
    assert pair.units[0].calls == 7, "it is back, and preferred again"


async def test_hedges_have_a_budget(pair: FakePair) -> None:
    """An overloaded pair is slow everywhere; asking twice for everything would finish it off."""
    policy = Policy(deadline_ms=400, hedge_after_ms=10, hedge_burst_calls=3, hedge_share_percent=1)
    pair.play([LATE], [LATE])
    async with Units(pair.addresses, policy) as units:
        clients = [TillClient(units) for _ in range(10)]
        await asyncio.gather(*(client.enrol(till.EnrolRequest(phone="+1")) for client in clients))
    assert pair.units[0].calls + pair.units[1].calls == 13


async def test_one_unit_alone_works_without_hedges(pair: FakePair) -> None:
    pair.play([DROP, LATE], [OK])
    async with Units(pair.units[0].address, QUICK) as units:
        assert told(await TillClient(units).enrol(till.EnrolRequest(phone="+1"))) == "done"
    assert pair.units[1].calls == 0


async def test_nobody_there_is_unknown_not_an_exception() -> None:
    async with Units("127.0.0.1:1,127.0.0.1:2", Policy(deadline_ms=200, hedge_after_ms=50)) as units:
        got = await TillClient(units).enrol(till.EnrolRequest(phone="+1"))
    assert isinstance(got, Unknown)
    assert "UNAVAILABLE" in got.why


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"deadline_ms": 0}, "deadline_ms is 0, must be at least 1"),
        ({"hedge_after_ms": 5_000}, r"hedge_after_ms \(5000\) must be below deadline_ms \(5000\)"),
    ],
)
def test_a_policy_that_cannot_be(wrong: dict[str, int], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Policy(**wrong)


def test_the_table_covers_every_behaviour() -> None:
    """A behaviour of the fake that no case plays proves nothing."""
    played = {act for first, second, *_ in CASES for act in first + second}
    acts = {value for name, value in vars(fake).items() if name.isupper() and isinstance(value, str)}
    assert acts == played
