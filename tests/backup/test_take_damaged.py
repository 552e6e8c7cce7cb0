"""What comes damaged, late or to a full disk is not kept; what was complete is."""

import errno
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
import msgspec
import pytest

from ftnode.backup import take
from ftnode.backup.contents import LOG, SLOT_FILES, look, writing
from ftnode.backup.files import BackupFault, BackupFull, Damaged, Draft
from ftnode.backup.verify import verify
from ftnode.store import snapshot
from ftnode.store.snapshot import Chunk, decode_chunk, encode
from ftnode.v1 import backup_pb2_grpc as pb_grpc
from tests.backup.take_kit import ENTRIES, PAST, Unit, back_up


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
