"""The witness's decisions: compare-and-swap of the whole value, and the floor that it was told."""

import asyncio
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from ftnode.core.record import Record
from ftnode.witness.disk import RecordDisk, WitnessDiskError
from ftnode.witness.keeper import Keeper
from ftnode.witness.port import Conflict, Refused, Swapped
from tests.witness.make import CABINET, alone, duplex


class Gate:
    """An fsync that waits until it is let through, or fails."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.open.set()
        self.reached = threading.Event()
        self.fail = False

    def __call__(self, fd: int) -> None:
        self.reached.set()
        self.open.wait(10)
        if self.fail:
            raise OSError(5, "Input/output error")
        os.fsync(fd)

    def shut(self) -> None:
        self.open.clear()
        self.reached.clear()


@pytest.fixture
def gate() -> Iterator[Gate]:
    """Never leaves a thread waiting."""
    made = Gate()
    yield made
    made.open.set()


def keeper_on(directory: Path, gate: Gate, sync_ms: int = 60_000) -> tuple[Keeper, list[str]]:
    """A keeper, and what it said when its disk died."""
    died: list[str] = []
    keeper = Keeper(RecordDisk(directory, gate), CABINET, sync_ms, died.append, wall_ms=lambda: 77)
    return keeper, died


async def formed(keeper: Keeper) -> Record:
    """A cabinet in duplex on this witness."""
    record = duplex(keeper.held.witness_id)
    assert isinstance(await keeper.create(0, record, 10), Swapped)
    return record


async def reached(gate: Gate) -> None:
    """Wait until some fsync was begun."""
    assert await asyncio.to_thread(gate.reached.wait, 5)


async def test_nothing_is_said_that_is_not_on_disk(tmp_path: Path, gate: Gate) -> None:
    """While the swap's fsync runs, a read gets the old record and the swap has no answer."""
    keeper, _ = keeper_on(tmp_path, gate)
    record = await formed(keeper)
    gate.shut()
    swap = asyncio.create_task(keeper.swap(1, record, alone(record, 1), 12))
    await reached(gate)
    assert (await keeper.read(0, 0)).record == record
    assert not swap.done()
    gate.open.set()
    answer = await swap
    assert isinstance(answer, Swapped)
    assert answer.held.record == alone(record, 1) == (await keeper.read(0, 0)).record
    await keeper.close()


async def test_a_client_that_hangs_up_does_not_split_memory_from_disk(tmp_path: Path, gate: Gate) -> None:
    """Its deadline passes during the fsync: the swap still lands, and everybody after sees it."""
    keeper, _ = keeper_on(tmp_path, gate)
    record = await formed(keeper)
    gate.shut()
    swap = asyncio.create_task(keeper.swap(1, record, alone(record, 1), 12))
    await reached(gate)
    swap.cancel()
    with pytest.raises(asyncio.CancelledError):
        await swap
    gate.open.set()
    late = await keeper.swap(0, record, alone(record, 0), 12)  # waits its turn behind the first
    assert isinstance(late, Conflict)
    assert late.held.record == alone(record, 1)
    await keeper.close()


async def test_of_two_swaps_at_once_one_wins(tmp_path: Path, gate: Gate) -> None:
    """Both units ask with the same expectation."""
    keeper, _ = keeper_on(tmp_path, gate)
    record = await formed(keeper)
    answers = await asyncio.gather(*(keeper.swap(unit, record, alone(record, unit), 12) for unit in (0, 1)))
    assert [type(answer) for answer in answers] == [Swapped, Conflict]
    assert answers[0].held.record == answers[1].held.record == alone(record, 0)  # type: ignore[union-attr]
    await keeper.close()


async def test_a_failed_fsync_is_the_end(tmp_path: Path, gate: Gate) -> None:
    """No answer to the swap, none to anything after it, and the process is told to end, once."""
    keeper, died = keeper_on(tmp_path, gate)
    record = await formed(keeper)
    gate.fail = True
    for _ in range(2):
        with pytest.raises(WitnessDiskError, match=r"Input/output error"):
            await keeper.swap(1, record, alone(record, 1), 12)
    with pytest.raises(WitnessDiskError):
        await keeper.read(0, 0)
    assert len(died) == 1
    await keeper.close()


async def test_a_failed_fsync_of_a_floor_is_the_end_too(tmp_path: Path, gate: Gate) -> None:
    """Also when it runs in the background, with nobody waiting for it."""
    keeper, died = keeper_on(tmp_path, gate, sync_ms=1)
    await formed(keeper)
    gate.fail = True
    await keeper.read(99, 1)
    for _ in range(200):
        if died:
            break
        await asyncio.sleep(0.01)
    assert len(died) == 1
    await keeper.close()


async def test_the_floor_is_answered_only_from_disk(tmp_path: Path, gate: Gate) -> None:
    """What was once answered is never taken back, whenever the witness loses power."""
    keeper, _ = keeper_on(tmp_path, gate)
    await formed(keeper)
    assert (await keeper.read(50, 1)).told_seq == 10  # not written yet
    await keeper.close()  # a graceful stop writes it
    again, _ = keeper_on(tmp_path, gate)
    assert again.held.told_seq == 50
    await again.close()


async def test_the_floor_is_on_disk_in_time(tmp_path: Path, gate: Gate) -> None:
    """compared_sync_ms after it was told; 0 means before the answer."""
    keeper, _ = keeper_on(tmp_path, gate, sync_ms=20)
    await formed(keeper)
    await keeper.read(50, 1)
    for _ in range(200):
        if keeper.held.told_seq == 50:
            break
        await asyncio.sleep(0.01)
    assert keeper.held.told_seq == 50
    await keeper.close()
    at_once, _ = keeper_on(tmp_path, gate, sync_ms=0)
    assert (await at_once.read(60, 1)).told_seq == 60
    await at_once.close()


async def test_a_swap_takes_along_what_reads_told(tmp_path: Path, gate: Gate) -> None:
    """One fsync for both: the floor is on disk with the swap's answer."""
    keeper, _ = keeper_on(tmp_path, gate)
    record = await formed(keeper)
    await keeper.read(50, 1)
    answer = await keeper.swap(1, record, alone(record, 1), 12)
    assert isinstance(answer, Swapped)
    assert answer.held.told_seq == 50
    await keeper.close()


async def test_every_field_counts_in_the_comparison(tmp_path: Path, gate: Gate) -> None:
    """An expectation that differs in one field only is a conflict; a CAS of the epoch alone would swap."""
    keeper, _ = keeper_on(tmp_path, gate)
    record = await formed(keeper)
    differs = [
        replace(record, active=1),
        replace(record, in_sync=(0,)),
        replace(record, incarnations=((0, "a1"), (1, "b2"))),
        replace(record, epoch=record.epoch + 1),
        replace(record, witness_id="other"),
    ]
    for expected in differs:
        wanted = replace(alone(record, 0), epoch=expected.epoch + 1)
        assert isinstance(await keeper.swap(0, expected, wanted, 12), Conflict), expected
    assert keeper.held.record == record
    assert isinstance(await keeper.swap(0, replace(record, cabinet="x"), alone(record, 0), 0), Refused)
    await keeper.close()
