"""Taking a backup from a unit: what is new and no more, whatever is interrupted, damaged, refused or full."""

import asyncio
import errno
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
import msgspec
import psutil
import pytest

from ftnode.backup import take
from ftnode.backup.contents import LOG, SLOT_FILES, look, writing
from ftnode.backup.files import BackupFault, BackupFull, Damaged, Draft, OtherHistory
from ftnode.backup.take import LogGone, Taker, due
from ftnode.backup.verify import verify
from ftnode.config.limits import Backup
from ftnode.shell import backups
from ftnode.shell.backups import BackupServer
from ftnode.store import snapshot
from ftnode.store.archive import Archive, archive_closed
from ftnode.store.disk import RealDisk
from ftnode.store.snapshot import Chunk, decode_chunk, encode
from ftnode.store.state_lmdb import LmdbStateStore
from ftnode.store.wal import Wal
from ftnode.v1 import backup_pb2 as pb
from ftnode.v1 import backup_pb2_grpc as pb_grpc
from tests.backup.kit import Past, executor_on, put, quiet
from tests.machine.log import checkpoint
from tests.machines import Register

ENTRIES = 400
SEGMENT_BYTES = 65_536  # a third of them in each


def make_past(fork_at: int = 0) -> Past:
    """Entries of half a kilobyte; from `fork_at` on others than usual."""
    return Past(
        [
            put(seq, seq % 50, b"%d %d" % (seq, fork_at and seq >= fork_at) + bytes(500))
            for seq in range(1, ENTRIES + 1)
        ]
    )


PAST = make_past()
FORK = make_past(fork_at=150)


class Unit:
    """What the server of backups knows of a unit: a real log, archive and state, and numbers."""

    def __init__(self, place: Path, past: Past = PAST, **limits: Any) -> None:
        place.mkdir()
        self.past = past
        self.store = LmdbStateStore(place / "state")
        self.executor = executor_on(self.store, [Register()])
        self.wal, _ = Wal.recover(RealDisk(), str(place / "log"), segment_bytes=SEGMENT_BYTES)
        self.wal.rewrite_tail()
        self.archive = Archive(RealDisk(), str(place / "archive"), "shop")
        self.why_not = ""
        running: Any = SimpleNamespace(
            settings=SimpleNamespace(
                backup=SimpleNamespace(**{name: setting.default for name, setting in _defaults()} | limits),
                unit=SimpleNamespace(cabinet="shop", id=1),
                state=SimpleNamespace(request_keep_days=2, prune_per_entry=4),
            ),
            fresh=SimpleNamespace(wanted=self._fresh),
            opened=SimpleNamespace(directory=place, archive=self.archive),
            logbook=SimpleNamespace(wal=self.wal),
            driver=SimpleNamespace(unit=SimpleNamespace(log=SimpleNamespace(compared_seq=0))),
            runner=SimpleNamespace(executor=self.executor),
            unready=lambda: self.why_not,
        )
        self.running = running
        self.server = BackupServer(running)

    async def _fresh(self) -> None:
        if self.executor.executed_seq > self.store.checkpoint.seq:
            checkpoint(self.executor)

    def go_to(self, seq: int) -> None:
        """Log and execute through `seq`; closed segments are archived."""
        at = self.wal.head_seq
        for first in range(at + 1, seq + 1, 10):
            self.wal.append(self.past.part(first, min(first + 9, seq)), 0, 0)
        self.wal.sync()
        for number in range(at, seq):
            self.executor.execute(self.past.entries[number], self.past.hashes[number])
        self.executor.compared(seq)
        self.running.driver.unit.log.compared_seq = seq
        archive_closed(self.wal, self.archive, seq)

    def forget(self) -> int:
        """Closed segments go from log and archive; the first entry that is left."""
        self.wal.trim(self.wal.head_seq, self.wal.head_seq)
        self.archive.expire(1 << 60, 1)
        return self.wal.first_seq

    def close(self) -> None:
        self.wal.close()
        self.store.close()


def _defaults() -> list[tuple[str, Any]]:
    from ftnode.config.schema import settings_of

    return list(settings_of(Backup))


@asynccontextmanager
async def line_to(servicer: Any) -> AsyncIterator[grpc.aio.Channel]:
    """A channel to a server of its own."""
    server = grpc.aio.server()
    pb_grpc.add_BackupServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    options = [("grpc.max_receive_message_length", take.MESSAGE_MAX_BYTES)]
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=options) as channel:
            yield channel
    finally:
        await server.stop(0)


@pytest.fixture
def unit(tmp_path: Path) -> Iterator[Unit]:
    """A unit that has executed the first 200 entries."""
    unit = Unit(tmp_path / "unit")
    unit.go_to(200)
    yield unit
    unit.close()


async def back_up(servicer: Any, root: Path, log_only: bool = False, full: bool = False) -> take.Taken:
    """As the command does it."""
    with writing(root):
        taker = Taker(root, 0, quiet)
        async with line_to(servicer) as line:
            head = None if log_only else await taker.state(line, full)
            for place, (from_seq, prev_hash) in enumerate(ways := due(look(root), head)):
                try:
                    await taker.log(line, look(root).cabinet, from_seq, prev_hash)
                    break
                except LogGone:
                    if place + 1 == len(ways):
                        raise
        taker.read_back()
    return taker.taken


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
        (helper,) = psutil.Process().children()
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


# -------------------------------------------------------------------- on the way


class Harmful(pb_grpc.BackupServiceServicer):
    """Passes on what a unit says, harmed."""

    def __init__(self, unit: Unit, harm: Any) -> None:
        self.unit, self.harm = unit, harm

    async def Snapshot(self, requests: Any, context: Any) -> None:
        await self.unit.server.Snapshot(requests, self._through(context))

    async def Log(self, request: Any, context: Any) -> None:
        await self.unit.server.Log(request, self._through(context))

    def _through(self, context: Any) -> Any:
        async def write(message: Any) -> None:
            await context.write(self.harm(message))

        return SimpleNamespace(write=write, abort=context.abort, done=context.done)


def flipped(data: bytes) -> bytes:
    return data[:-30] + bytes([data[-30] ^ 1]) + data[-29:]


def harm_chunk(message: Any) -> Any:
    if getattr(message, "chunk", b""):
        message.chunk = flipped(message.chunk)
    return message


def harm_pairs(message: Any) -> Any:
    """A chunk that is whole in itself, with one pair less than the root says."""
    if getattr(message, "chunk", b""):
        chunk = decode_chunk(message.chunk)
        pairs = msgspec.msgpack.encode(msgspec.msgpack.decode(chunk.pairs)[1:])
        message.chunk = encode(_chunk(chunk.slot, chunk.number, chunk.last, pairs))
    return message


def _chunk(slot: int, number: int, last: bool, pairs: bytes) -> Chunk:
    its_hash = snapshot._chunk_hash(slot, number, last, pairs)
    return Chunk(slot, number, last, its_hash, pairs)


def harm_entries(message: Any) -> Any:
    if getattr(message, "entries", b""):
        message.entries = flipped(message.entries)
    return message


def harm_packed(message: Any) -> Any:
    if getattr(message, "packed", b""):
        message.packed = flipped(message.packed)
    return message


def harm_manifest(message: Any) -> Any:
    if getattr(message, "archived", b""):
        told = json.loads(message.archived)
        message.archived = json.dumps(
            {**told, "last_seq": told["last_seq"] + 1, "prev_hash": "00" * 16}
        ).encode()
    return message


@pytest.mark.parametrize("harm", [harm_chunk, harm_pairs, harm_entries, harm_packed, harm_manifest])
async def test_what_came_damaged_is_not_kept(unit: Unit, tmp_path: Path, harm: Any) -> None:
    """Refused in words; what was complete before stays, and the next backup goes on from there."""
    root = tmp_path / "backup"
    state = harm in (harm_chunk, harm_pairs)
    if not state:
        await back_up(unit.server, root)
        unit.go_to(ENTRIES)
    with pytest.raises(BackupFault):
        await back_up(Harmful(unit, harm), root, log_only=not state)
    kept = look(root)
    assert not kept.leftovers
    assert not kept.damaged
    await back_up(unit.server, root)
    assert verify(root).ok


async def test_an_interrupted_one_goes_on_where_it_stopped(unit: Unit, tmp_path: Path) -> None:
    """Killed at any message: every slot and every entry that was complete is not fetched again."""
    root, seen = tmp_path / "backup", 0

    class Stopped(Exception):
        pass

    def stop_after(count: int) -> Any:
        left = count

        def harm(message: Any) -> Any:
            nonlocal left, seen
            left -= 1
            seen += 1
            if left < 0:
                raise Stopped
            return message

        return harm

    take_at_once = take.AT_ONCE_FILES
    take.AT_ONCE_FILES = 4  # type: ignore[misc]
    try:
        for count in (1, 20, 14):
            with pytest.raises((BackupFault, grpc.aio.AioRpcError)):
                await back_up(Harmful(unit, stop_after(count)), root)
            assert not look(root).snapshots
    finally:
        take.AT_ONCE_FILES = take_at_once  # type: ignore[misc]
    done = await back_up(unit.server, root)
    assert (done.slots_new, done.slots_shared) == (22, 28)  # 19 chunks were 16 slots, 13 were 12
    assert verify(root).ok


async def test_a_full_disk_says_so_and_keeps_what_is_complete(
    unit: Unit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No half file bears a name; with room again the same command ends it."""
    root = tmp_path / "backup"
    await back_up(unit.server, root)
    unit.go_to(ENTRIES)
    room = 12

    ended = Draft.end

    def end(draft: Draft) -> None:
        nonlocal room
        room -= 1
        if room < 0:
            draft.drop()
            raise BackupFull("no room")
        ended(draft)

    with monkeypatch.context() as patch:
        patch.setattr(Draft, "end", end)
        with pytest.raises(BackupFull):
            await back_up(unit.server, root)
    assert not look(root).leftovers
    assert verify(root).ok
    await back_up(unit.server, root)
    assert verify(root).reaches[0].last_seq == ENTRIES


def test_the_system_s_own_words_for_no_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ENOSPC at the sync of a file: said with its name, and nothing is left of it."""

    def full(fd: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with writing(tmp_path / "backup"):
        monkeypatch.setattr("ftnode.backup.files.os.fdatasync", full)
        with pytest.raises(BackupFull, match=r"no room .*make room and give the same command again"):
            PAST.keep_log(tmp_path / "backup", 1, 5)
        assert list((tmp_path / "backup" / LOG).iterdir()) == []


async def test_what_the_disk_did_not_keep_is_found_before_the_end(
    unit: Unit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything written is read from the disk once more: one that lies is no backup."""
    rename = Draft.rename

    def rots(draft: Draft) -> None:
        rename(draft)
        if draft.path.parent.name == SLOT_FILES:
            data = draft.path.read_bytes()
            draft.path.write_bytes(data[:-40] + bytes([data[-40] ^ 4]) + data[-39:])

    monkeypatch.setattr(Draft, "rename", rots)
    with pytest.raises(Damaged):
        await back_up(unit.server, tmp_path / "backup")
