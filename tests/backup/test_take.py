"""Taking a backup from a unit: what is new and no more, whatever is interrupted, damaged, refused or full."""

import asyncio
from pathlib import Path
from typing import Any

import grpc
import psutil
import pytest

from ftnode.backup.contents import SLOT_FILES, look, writing
from ftnode.backup.files import OtherHistory
from ftnode.backup.take import LogGone, Taker
from ftnode.backup.verify import verify
from ftnode.shell import backups
from ftnode.v1 import backup_pb2 as pb
from ftnode.v1 import backup_pb2_grpc as pb_grpc
from tests.backup.kit import quiet
from tests.backup.take_kit import ENTRIES, FORK, PAST, Unit, back_up, line_to


async def test_the_first_one_and_what_is_new_later(unit: Unit, tmp_path: Path) -> None:
    """State and log; then only the log; then changed slots and the log. All of it sound, one reach."""
    root = tmp_path / "backup"
    first = await back_up(unit.server, root)
    assert (first.snapshot_seq, first.slots_new, first.slots_shared) == (200, 50, 0)
    assert (first.log_first_seq, first.log_last_seq) == (0, 0)  # the checkpoint is of this moment
    unit.go_to(290)
    second = await back_up(unit.server, root, log_only=True)
    assert (second.snapshot_seq, second.log_first_seq, second.log_last_seq) == (0, 201, 290)
    unit.go_to(305)
    third = await back_up(unit.server, root)
    assert (third.snapshot_seq, third.slots_new, third.slots_shared) == (305, 50, 0)
    assert (third.log_first_seq, third.log_last_seq) == (291, 305)
    unit.go_to(310)
    fourth = await back_up(unit.server, root)
    assert (fourth.slots_new, fourth.slots_shared) == (5, 45)  # those that five entries wrote to
    verdict = verify(root)
    assert verdict.ok, verdict.problems
    assert [(reach.first_seq, reach.last_seq) for reach in verdict.reaches] == [(200, 310)]
    assert look(root).snapshots[-1].digest == PAST.digests[310].hex()
    assert look(root).logs[-1].digest == PAST.digests[310].hex()


async def test_archived_segments_travel_as_they_are(unit: Unit, tmp_path: Path) -> None:
    """From the middle of an archived segment on, through whole ones, to what is in the log alone."""
    root = tmp_path / "backup"
    await back_up(unit.server, root)
    unit.go_to(ENTRIES)
    segments = [(one.first_seq, one.last_seq) for one in unit.archive.manifests]
    assert any(first < 201 <= last for first, last in segments)
    assert segments[-1][1] > 300
    assert unit.wal.trim(ENTRIES, segments[-1][1])
    taken = await back_up(unit.server, root, log_only=True)
    assert (taken.log_first_seq, taken.log_last_seq) == (201, ENTRIES)
    assert verify(root).ok
    heads = look(root).logs
    assert heads[0].first_seq == 201  # cut: what was here before is not kept twice
    assert heads[-1].digest == PAST.digests[ENTRIES].hex()


async def test_full_fetches_what_is_here_and_mends_it(unit: Unit, tmp_path: Path) -> None:
    """A slot file rotted: a later backup shares it unseen, --full puts a good one in its place."""
    root = tmp_path / "backup"
    await back_up(unit.server, root)
    path = sorted((root / SLOT_FILES).iterdir())[7]
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert (await back_up(unit.server, root)).slots_shared == 50
    assert verify(root).problems[0].file == str(path)
    assert (await back_up(unit.server, root, full=True)).slots_new == 50
    assert verify(root).ok


async def test_entries_that_no_unit_keeps_leave_a_gap(unit: Unit, tmp_path: Path) -> None:
    """The old points stay, and a new snapshot begins a new reach."""
    root = tmp_path / "backup"
    await back_up(unit.server, root)
    unit.go_to(210)
    await back_up(unit.server, root, log_only=True)
    unit.go_to(ENTRIES)
    assert unit.forget() > 211
    with pytest.raises(LogGone, match="entry 211 is gone"):
        await back_up(unit.server, root, log_only=True)
    await back_up(unit.server, root)
    verdict = verify(root)
    assert verdict.ok, verdict.problems
    assert [(one.first_seq, one.last_seq) for one in verdict.reaches] == [(200, 210), (400, 400)]


async def test_another_history_is_not_mixed_in(unit: Unit, tmp_path: Path) -> None:
    """After a forced start the pair has other entries under the same seqs: what was here stays whole."""
    root = tmp_path / "backup"
    await back_up(unit.server, root)
    fork = Unit(tmp_path / "fork", FORK)
    fork.go_to(240)
    with pytest.raises(OtherHistory, match="the pair's entry 200 is not the one"):
        await back_up(fork.server, root, log_only=True)
    unit.go_to(250)
    await back_up(unit.server, root, log_only=True)
    with pytest.raises(OtherHistory, match="the pair's entry 240 is not the one"):
        await back_up(fork.server, root)
    fork.go_to(ENTRIES)
    assert fork.wal.trim(ENTRIES, ENTRIES)  # it does not know entry 250 any more, but for its archive
    assert fork.wal.first_seq > 251
    with pytest.raises(OtherHistory, match="the pair's entry 250 is not the one"):
        await back_up(fork.server, root, log_only=True)
    assert verify(root).ok
    fork.close()


async def test_nothing_new(unit: Unit, tmp_path: Path) -> None:
    """Taken twice at once, the second adds nothing but its word."""
    root = tmp_path / "backup"
    await back_up(unit.server, root)
    again = await back_up(unit.server, root)
    assert (again.slots_new, again.log_last_seq) == (0, 0)
    assert len(look(root).snapshots) == 1


# -------------------------------------------------------------------- refusals


async def refused(servicer: Any, root: Path) -> str:
    with pytest.raises(grpc.aio.AioRpcError) as told:
        await back_up(servicer, root)
    return f"{told.value.code().name}: {told.value.details()}"


async def test_who_is_refused(unit: Unit, tmp_path: Path) -> None:
    """A directory of another cabinet, and a unit whose state may be old."""
    unit.running.settings.unit.cabinet = "market"
    await back_up(unit.server, tmp_path / "market")
    unit.running.settings.unit.cabinet = "shop"
    assert await refused(unit.server, tmp_path / "market") == (
        "FAILED_PRECONDITION: this is cabinet 'shop', not 'market': a backup of another one stays elsewhere"
    )
    unit.why_not = "unit 1 is DUPLEXING: its state may be old; ask the other one"
    assert "its state may be old" in await refused(unit.server, tmp_path / "backup")


async def test_one_at_a_time_and_who_takes_nothing_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An open snapshot lets the state file grow: it is not held for whoever sleeps."""
    monkeypatch.setattr(backups, "TURN_WAIT_S", 0.01)
    unit = Unit(tmp_path / "unit", stall_max_ms=150)
    unit.go_to(100)
    async with line_to(unit.server) as line:
        sleeping = pb_grpc.BackupServiceStub(line).Snapshot()
        await sleeping.write(pb.BackupServiceSnapshotRequest())
        assert (await sleeping.read()).manifest
        assert "RESOURCE_EXHAUSTED: a backup of this unit is being taken" in await refused(
            unit.server, tmp_path / "backup"
        )
        with pytest.raises(grpc.aio.AioRpcError, match="stall_max_ms is over"):
            await asyncio.wait_for(sleeping.read(), 5)
    await back_up(unit.server, tmp_path / "backup")
    unit.close()


async def test_whoever_goes_away_leaves_no_helper(unit: Unit, tmp_path: Path) -> None:
    """The reader of the state ends with the call: nobody holds a page, the next one is let in."""
    async with line_to(unit.server) as line:
        call = pb_grpc.BackupServiceStub(line).Snapshot()
        await call.write(pb.BackupServiceSnapshotRequest())
        assert (await call.read()).manifest
        call.cancel()
        async with asyncio.timeout(10):
            while unit.server._turns.locked():  # noqa: ASYNC110 - no event tells it
                await asyncio.sleep(0.01)
    unit.store._file.env.reader_check()  # as every checkpoint does: the dead hold nothing
    assert len(unit.store._file.env.readers().splitlines()) <= 2  # the title, and our own
    await back_up(unit.server, tmp_path / "backup")


async def test_a_helper_that_hangs_holds_up_nobody_for_long(unit: Unit, tmp_path: Path) -> None:
    """Stopped in the middle of its reading: the caller leaves, the helper is sent away."""
    async with line_to(unit.server) as line:
        call = pb_grpc.BackupServiceStub(line).Snapshot()
        await call.write(pb.BackupServiceSnapshotRequest())
        assert (await call.read()).manifest
        helper = max(psutil.Process().children(), key=psutil.Process.create_time)
        helper.suspend()
        await call.write(pb.BackupServiceSnapshotRequest(slots=range(50)))
        await asyncio.sleep(0.05)  # the thread is in its read now
        call.cancel()
        async with asyncio.timeout(10):
            while unit.server._turns.locked():  # noqa: ASYNC110 - no event tells it
                await asyncio.sleep(0.01)
    assert not psutil.pid_exists(helper.pid)
    await back_up(unit.server, tmp_path / "backup")


async def test_no_faster_than_asked_for(unit: Unit, tmp_path: Path) -> None:
    """The rests add up: counted, not timed."""
    rests: list[float] = []

    async def rest(size_bytes: int, wished: int) -> None:
        rests.append(size_bytes / wished)

    unit.server._rest = rest  # type: ignore[method-assign]
    with writing(tmp_path / "backup"):
        taker = Taker(tmp_path / "backup", 1000, quiet)
        async with line_to(unit.server) as line:
            await taker.state(line, False)
    assert sum(rests) == pytest.approx(taker.taken.received_bytes / 1000)
