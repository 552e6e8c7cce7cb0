"""What every witness does, whatever is behind the port."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import pytest
from msgspec.structs import replace

from ftnode.core.record import Record
from ftnode.witness.port import Conflict, Held, Refused, Swapped, Unknown, WitnessClient
from tests.witness.contract.harness import Witness
from tests.witness.make import alone, duplex, forced, joined
from tests.witness.proxy import Proxy


@pytest.fixture
async def units(witness: Witness) -> AsyncIterator[tuple[WitnessClient, WitnessClient]]:
    """Both units' views."""
    pair = (witness.client(0), witness.client(1))
    yield pair
    for client in pair:
        await client.close()


async def held(client: WitnessClient) -> Held:
    """What the witness holds; it must answer."""
    answer = await client.read(0, 0)
    assert isinstance(answer, Held), answer
    return answer


async def formed(client: WitnessClient, compared_seq: int = 10) -> Record:
    """Form a cabinet in duplex."""
    record = duplex((await held(client)).witness_id)
    answer = await client.create(record, compared_seq)
    assert isinstance(answer, Swapped), answer
    assert answer.held.record == record
    return record


async def test_an_empty_witness(witness: Witness, units: tuple[WitnessClient, WitnessClient]) -> None:
    """It has an id of its own and no record; a swap finds nothing to replace."""
    first, second = await held(units[0]), await held(units[1])
    assert (first.record, first.told_seq) == (None, 0)
    assert first.witness_id == second.witness_id != ""
    record = duplex(first.witness_id)
    answer = await units[1].swap(record, alone(record, 1), 0)
    assert isinstance(answer, Conflict)
    assert answer.held.record is None


async def test_time(witness: Witness, units: tuple[WitnessClient, WitnessClient]) -> None:
    """Ours says what time it is; etcd says nothing rather than something that nobody vouches for."""
    said = (await held(units[0])).wall_ms
    assert (abs(said - time.time() * 1000) < 5000) if witness.gives_time else said == 0


async def test_create_is_for_empty_witnesses_only(units: tuple[WitnessClient, WitnessClient]) -> None:
    """The second to form a cabinet is shown the first one's record."""
    record = await formed(units[0])
    mine = replace(record, active=1, incarnations=((0, "a9"), (1, "b9")))
    answer = await units[1].create(mine, 99)
    assert isinstance(answer, Conflict)
    assert answer.held.record == record == (await held(units[1])).record


async def test_create_at_a_high_epoch(units: tuple[WitnessClient, WitnessClient]) -> None:
    """A witness that replaces another goes on where the cabinet is."""
    record = duplex((await held(units[0])).witness_id, epoch=41)
    assert isinstance(await units[0].create(record, 7), Swapped)
    assert (await held(units[1])).record == record


async def test_swap(units: tuple[WitnessClient, WitnessClient]) -> None:
    """Take over, join again: each swap is seen by both."""
    record = await formed(units[0])
    taken = alone(record, 1)
    answer = await units[1].swap(record, taken, 12)
    assert isinstance(answer, Swapped)
    assert answer.held.record == taken == (await held(units[0])).record
    back = joined(taken, 0, "a2")
    assert isinstance(await units[1].swap(taken, back, 15), Swapped)
    assert (await held(units[0])).record == back


EXPECTATIONS: list[Callable[[Record], Record]] = [  # each differs from what is on record in one field
    lambda record: replace(record, epoch=record.epoch + 1),
    lambda record: replace(record, active=1),
    lambda record: replace(record, in_sync=(0,)),
    lambda record: replace(record, incarnations=((0, "a1"), (1, "b2"))),
    lambda record: replace(record, witness_id="another"),
]


@pytest.mark.parametrize("differ", EXPECTATIONS)
async def test_the_whole_value_is_compared(
    units: tuple[WitnessClient, WitnessClient], differ: Callable[[Record], Record]
) -> None:
    """Not the epoch alone: an expectation wrong in any field is a conflict, and nothing changes."""
    record = await formed(units[0])
    expected = differ(record)
    wanted = replace(alone(record, 0), epoch=expected.epoch + 1)
    answer = await units[0].swap(expected, wanted, 12)
    assert isinstance(answer, Conflict)
    assert answer.held.record == record == (await held(units[0])).record


REFUSALS: list[tuple[Callable[[Record], Record], str]] = [
    (lambda record: replace(record, cabinet="station"), "keeps cabinet 'store-street'"),
    (lambda record: replace(record, witness_id="w2"), "the record is meant for witness 'w2'"),
    (lambda record: replace(record, epoch=record.epoch + 1), "does not follow"),
    (lambda record: replace(record, epoch=record.epoch - 1), "does not follow"),
    (lambda record: alone(replace(record, epoch=record.epoch - 1), 1), "only that unit may"),
    (lambda record: replace(record, in_sync=()), "is not in the in-sync set"),
    (lambda record: replace(record, active=-1), "is not in the in-sync set"),
]


@pytest.mark.parametrize(("spoil", "said"), REFUSALS)
async def test_refused(
    units: tuple[WitnessClient, WitnessClient], spoil: Callable[[Record], Record], said: str
) -> None:
    """What no witness does whatever is on record; surely not done, and the reason is said."""
    record = await formed(units[0])
    answer = await units[0].swap(record, spoil(alone(record, 0)), 12)
    assert isinstance(answer, Refused), answer
    assert said in answer.why
    assert (await held(units[0])).record == record


async def test_each_epoch_is_won_once(units: tuple[WitnessClient, WitnessClient]) -> None:
    """Both units race for every epoch, several calls each: one swap wins, all losers see the winner's."""
    record = await formed(units[0])
    for _ in range(10):
        tries = [(unit, alone(record, unit)) for unit in (0, 1, 0, 1)]
        # the same wish twice is still one change: the second finds the first
        answers = await asyncio.gather(*(units[unit].swap(record, wanted, 1) for unit, wanted in tries))
        won = [answer for answer in answers if isinstance(answer, Swapped)]
        lost = [answer for answer in answers if isinstance(answer, Conflict)]
        assert (len(won), len(lost)) == (1, 3), answers
        assert {answer.held.record for answer in lost} == {won[0].held.record}
        assert won[0].held.record is not None
        record = won[0].held.record
        full = joined(record, 1 - record.active, f"i{record.epoch}")
        assert isinstance(await units[record.active].swap(record, full, 1), Swapped)
        record = full


async def test_the_floor(units: tuple[WitnessClient, WitnessClient]) -> None:
    """It only rises; only who is in the record's epoch raises it; a forced take-over starts it anew."""
    record = await formed(units[0], compared_seq=10)
    told: list[int] = []

    async def tell(compared_seq: int, epoch: int) -> None:
        await units[0].read(compared_seq, epoch)
        told.append((await held(units[1])).told_seq)

    for compared_seq, epoch in [(12, 1), (11, 1), (99, 2), (99, 0), (13, 1)]:
        await tell(compared_seq, epoch)
    assert told == [12, 12, 12, 12, 13]
    behind = alone(record, 1)
    answer = await units[1].swap(record, behind, 5)
    assert isinstance(answer, Swapped)
    assert answer.held.told_seq == 13
    lossy = forced(behind, 0, "a2")
    answer = await units[0].swap(behind, lossy, 7)
    assert isinstance(answer, Swapped)
    assert answer.held.told_seq == 7 == (await held(units[1])).told_seq


async def test_all_of_it_survives_a_restart(
    witness: Witness, units: tuple[WitnessClient, WitnessClient]
) -> None:
    """Record, floor and id; and the clients find the witness again by themselves."""
    record = await formed(units[0])
    await units[1].swap(record, alone(record, 1), 12)
    await units[1].read(20, 2)
    before = await held(units[0])
    await witness.stop()
    await witness.start()
    after = await eventually_held(units[0])
    assert (after.record, after.told_seq, after.witness_id) == (alone(record, 1), 20, before.witness_id)


async def eventually_held(client: WitnessClient, within_s: float = 10) -> Held:
    """What the witness holds, once it answers again."""
    ends = time.monotonic() + within_s
    while True:
        answer = await client.read(0, 0)
        if isinstance(answer, Held):
            return answer
        assert isinstance(answer, Unknown), answer
        assert time.monotonic() < ends, answer
        await asyncio.sleep(0.05)


@pytest.mark.alone
async def test_a_witness_that_is_away_is_unknown_in_time(witness: Witness) -> None:
    """Never an exception, never a refusal, never later than the deadline allows."""
    client = witness.client(0, deadline_ms=300)
    record = await formed(client)
    await witness.stop()
    began = time.monotonic()
    answers = await asyncio.gather(
        client.read(0, 0), client.swap(record, alone(record, 0), 0), client.create(record, 0)
    )
    took_s = time.monotonic() - began
    assert all(isinstance(answer, Unknown) for answer in answers), answers
    assert took_s < 1.5
    await witness.start()
    assert (await eventually_held(client)).record == record
    await client.close()


async def test_a_lost_answer_is_unknown_and_the_swap_has_landed(witness: Witness) -> None:
    """The reason why unknown is not failed."""
    proxy = Proxy("127.0.0.1", witness.port)
    await proxy.start()
    near, far = witness.client(0, deadline_ms=500), witness.client(1, proxy.port, deadline_ms=500)
    record = await formed(near)
    assert (await held(far)).record == record
    proxy.deaf = True
    # etcd is read before its record is swapped: there it is the read whose answer is lost, and nothing lands
    answer = await far.swap(record, alone(record, 1), 12)
    assert isinstance(answer, Unknown), answer
    landed = (await held(near)).record
    assert landed == (alone(record, 1) if witness.gives_time else record)
    for client in (near, far):
        await client.close()
    await proxy.stop()


async def test_a_swap_may_land_late(witness: Witness) -> None:
    """Held back on the way until after its deadline: it never lands over a newer one."""
    proxy = Proxy("127.0.0.1", witness.port)
    await proxy.start()
    near, far = witness.client(0), witness.client(1, proxy.port, deadline_ms=300)
    record = await formed(near)
    assert (await held(far)).record == record
    proxy.held = True
    assert isinstance(await far.swap(record, alone(record, 1), 12), Unknown)
    newer = alone(record, 0)
    assert isinstance(await near.swap(record, newer, 13), Swapped)
    proxy.held = False
    await asyncio.sleep(0.3)
    assert (await held(near)).record == newer
    for client in (near, far):
        await client.close()
    await proxy.stop()


async def test_closing_ends_calls_as_unknown(witness: Witness) -> None:
    """A unit that stops does not trip over its own question."""
    proxy = Proxy("127.0.0.1", witness.port)
    await proxy.start()
    client = witness.client(0, proxy.port)
    await held(client)
    proxy.held = True
    call = asyncio.ensure_future(client.read(0, 0))
    await asyncio.sleep(0.1)
    await client.close()
    answer = await call
    assert isinstance(answer, Unknown), answer
    assert isinstance(await client.read(0, 0), Unknown)
    await proxy.stop()


async def test_a_cancelled_caller_stays_cancelled(witness: Witness) -> None:
    """Cancellation of the unit's own task is not turned into an answer."""
    proxy = Proxy("127.0.0.1", witness.port)
    await proxy.start()
    client = witness.client(0, proxy.port)
    await held(client)
    proxy.held = True
    call = asyncio.ensure_future(client.read(0, 0))
    await asyncio.sleep(0.05)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await client.close()
    await proxy.stop()
