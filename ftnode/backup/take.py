"""Taking a backup from a running unit: what the directory lacks, checked as it comes, read back at the end.

Every step leaves a directory that is good for what it holds: slots first, then the snapshot that names them,
then the log, file by file. Whoever is interrupted starts again and fetches only what is missing.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import grpc
import msgspec
from google.rpc import error_details_pb2, status_pb2

from ftnode.backup.contents import LOG, SLOT_FILES, SNAPSHOTS, Contents, filled, look, slot_path
from ftnode.backup.files import BackupFault, Damaged, Draft, OtherHistory, Reader, drop_cache, publish
from ftnode.backup.logs import FILE_BYTES, checked_entries, checked_segment, draft_log, joined, read_log
from ftnode.backup.records import LogHead, SlotHead, SnapshotHead, Source
from ftnode.backup.slots import SlotDraft, read_slot
from ftnode.store.archive import Manifest
from ftnode.store.entry import Run
from ftnode.store.snapshot import Manifest as StateManifest
from ftnode.store.snapshot import SnapshotFault, decode_chunk, decode_manifest
from ftnode.store.state_roots import root_at
from ftnode.v1 import backup_pb2 as pb
from ftnode.v1 import backup_pb2_grpc as pb_grpc

MESSAGE_MAX_BYTES: Final = 8 << 20
AT_ONCE_FILES: Final = 64  # made durable together
AT_ONCE_BYTES: Final = 64 << 20

Say = Callable[[str, int, int], None]  # what is being done, how much of it, of how much


class LogGone(BackupFault):
    """The unit no longer keeps the entry that is due."""


@dataclass(slots=True)
class Taken:
    """What a backup added, for its last line."""

    snapshot_seq: int = 0  # 0: none was taken
    slots_new: int = 0
    slots_shared: int = 0  # that earlier snapshots brought
    log_first_seq: int = 0  # 0: nothing was new
    log_last_seq: int = 0
    gap: str = ""  # entries that no unit had any more
    received_bytes: int = 0
    written_bytes: int = 0
    new_slots: list[tuple[int, bytes]] = field(default_factory=list)
    new_logs: list[LogHead] = field(default_factory=list)


class Taker:
    """Takes from units into one directory, which the caller holds (`contents.writing`)."""

    def __init__(self, root: Path, max_bytes_per_s: int, say: Say) -> None:
        """`max_bytes_per_s`: slower than the units would; 0: as fast as they allow."""
        self.taken = Taken()
        self._root = root
        self._max_bytes_per_s = max_bytes_per_s
        self._say = say

    # ---------------------------------------------------------------- the state

    async def state(self, line: grpc.aio.Channel, full: bool) -> SnapshotHead:
        """A snapshot: the slots that are not here yet, or all if `full`; then the file that names them.

        Raises:
            BackupFault: what came is not what was announced, or cannot be kept.
            grpc.aio.AioRpcError: the unit refuses, or is gone.
        """
        cabinet = look(self._root).cabinet
        call = pb_grpc.BackupServiceStub(line).Snapshot()
        await call.write(
            pb.BackupServiceSnapshotRequest(cabinet=cabinet, max_bytes_per_s=self._max_bytes_per_s)
        )
        first = await _next(call)
        try:
            manifest = decode_manifest(first.manifest)
        except SnapshotFault as fault:
            raise BackupFault(f"the unit's manifest: {fault}") from fault
        if not manifest.checkpoint.seq:
            raise BackupFault("the pair has executed nothing yet: there is nothing to back up")
        head = _head(_source(first.source), manifest)
        self._check_history(head)
        slots = filled(manifest.roots)
        wanted = [slot for slot in slots if full or not self._has(slot, root_at(manifest.roots, slot))]
        await call.write(pb.BackupServiceSnapshotRequest(slots=wanted))
        await call.done_writing()
        await self._slots(call, wanted, manifest.roots)
        if await call.read() is not grpc.aio.EOF:  # type: ignore[attr-defined]
            raise BackupFault("more came of the state than was asked for")
        draft = Draft(self._root / SNAPSHOTS / head.name, head)
        draft.add(manifest.roots)
        publish([draft])
        taken = self.taken
        taken.snapshot_seq, taken.slots_new, taken.slots_shared = (
            head.seq,
            len(wanted),
            len(slots) - len(wanted),
        )
        taken.written_bytes += draft.size_bytes
        return head

    def _has(self, slot: int, its_root: bytes) -> bool:
        """By its header; whether all of it is sound is for `verify` to say."""
        path = slot_path(self._root, slot, its_root)
        if path.exists():
            with suppress(Damaged):
                return Reader(path).head(SlotHead) == SlotHead(slot=slot, root=its_root.hex())
        return False

    async def _slots(self, call: Any, wanted: list[int], roots: bytes) -> None:
        open_drafts: list[Draft] = []
        draft: SlotDraft | None = None
        try:
            for done, slot in enumerate(wanted):
                self._say("slots", done, len(wanted))
                draft = SlotDraft(self._root / SLOT_FILES, slot, root_at(roots, slot))
                open_drafts.append(draft.draft)
                last = False
                while not last:
                    text = (await _next(call)).chunk
                    self.taken.received_bytes += len(text)
                    chunk = decode_chunk(text)
                    draft.take(chunk)
                    last = chunk.last
                self.taken.new_slots.append((slot, root_at(roots, slot)))
                held_bytes = sum(one.size_bytes for one in open_drafts)
                if len(open_drafts) >= AT_ONCE_FILES or held_bytes >= AT_ONCE_BYTES:
                    self._publish(open_drafts)
            self._publish(open_drafts)
            self._say("slots", len(wanted), len(wanted))
        except SnapshotFault as fault:
            raise BackupFault(f"the state came damaged: {fault}") from fault
        finally:
            for one in open_drafts:
                one.drop()

    def _publish(self, drafts: list[Draft]) -> None:
        publish(drafts)
        self.taken.written_bytes += sum(draft.size_bytes for draft in drafts)
        drafts.clear()

    def _check_history(self, head: SnapshotHead) -> None:
        """A snapshot must be of the log that is here, where both speak of the same entry."""
        for log in look(self._root).logs:
            if log.first_seq - 1 <= head.seq <= log.last_seq and hash_in(self._root, log, head.seq) != (
                head.entry_hash
            ):
                raise OtherHistory(head.seq)

    # ---------------------------------------------------------------- the log

    async def log(self, line: grpc.aio.Channel, cabinet: str, from_seq: int, prev_hash: bytes) -> None:
        """Everything compared from `from_seq` on.

        Raises:
            LogGone: the unit does not keep it any more; another may.
            OtherHistory: the pair has another entry before it.
            BackupFault, grpc.aio.AioRpcError: as `state`.
        """
        request = pb.BackupServiceLogRequest(
            cabinet=cabinet, from_seq=from_seq, prev_hash=prev_hash, max_bytes_per_s=self._max_bytes_per_s
        )
        call = pb_grpc.BackupServiceStub(line).Log(request)
        try:
            await self._log(call, from_seq, prev_hash)
        except grpc.aio.AioRpcError as refused:
            if _is_gone(refused):
                raise LogGone(refused.details() or "gone") from refused
            raise
        finally:
            call.cancel()

    async def _log(self, call: Any, from_seq: int, prev_hash: bytes) -> None:
        first = await _next(call)
        if first.prev_hash and first.prev_hash != prev_hash:
            raise OtherHistory(from_seq - 1)
        keeper = _LogKeeper(self._root / LOG, _source(first.source), self.taken, from_seq, prev_hash)
        segment: Manifest | None = None
        packed: list[bytes] = []
        while keeper.due_seq <= first.to_seq:
            self._say("entries", keeper.due_seq - from_seq, first.to_seq + 1 - from_seq)
            piece = await _next(call)
            self.taken.received_bytes += piece.ByteSize()
            if piece.archived:
                segment, packed = _manifest(piece.archived), []
            elif piece.entries:
                keeper.entries(piece.entries, piece.digest)
            elif segment is not None:
                packed.append(piece.packed)
                if sum(map(len, packed)) > segment.packed_bytes:
                    raise BackupFault(f"more than {segment.packed_bytes} bytes came of an archived segment")
                if piece.segment_ends:
                    keeper.segment(segment, b"".join(packed), piece.digest)
                    segment = None
        keeper.flush()
        self._say("entries", first.to_seq + 1 - from_seq, first.to_seq + 1 - from_seq)

    # ---------------------------------------------------------------- looking at what was written

    def read_back(self) -> None:
        """Read all that this backup wrote from the disk again. Raises Damaged."""
        done, total = 0, len(self.taken.new_slots) + len(self.taken.new_logs)
        for slot, its_root in self.taken.new_slots:
            drop_cache(slot_path(self._root, slot, its_root))
            for _ in read_slot(self._root / SLOT_FILES, slot, its_root):
                pass
            done += 1
            self._say("read back", done, total)
        for head in self.taken.new_logs:
            drop_cache(self._root / LOG / head.name)
            read_log(self._root / LOG, head)
            done += 1
            self._say("read back", done, total)


class _LogKeeper:
    """Puts entries into files as they come."""

    def __init__(self, directory: Path, source: Source, taken: Taken, due_seq: int, prev_hash: bytes) -> None:
        self.due_seq = due_seq
        self._directory, self._source, self._taken = directory, source, taken
        self._last_hash = prev_hash
        self._held: list[Run] = []
        self._held_bytes = 0
        self._digest = b""

    def entries(self, data: bytes, digest: bytes) -> None:
        """Some from the log; kept together until they are worth a file."""
        run = checked_entries(data, self.due_seq, self._last_hash)
        self._held.append(run)
        self._held_bytes += len(data)
        self._moved(run, digest)
        if self._held_bytes >= FILE_BYTES:
            self.flush()

    def segment(self, manifest: Manifest, packed: bytes, digest: bytes) -> None:
        """An archived segment, all of it."""
        run = checked_segment(manifest, packed, self.due_seq, self._last_hash)
        self.flush()
        self._held = [run]
        self._moved(run, digest)
        self.flush()

    def _moved(self, run: Run, digest: bytes) -> None:
        self.due_seq, self._last_hash, self._digest = run.last_seq + 1, run.last_hash, digest

    def flush(self) -> None:
        """Put what is held into a file."""
        if not self._held:
            return
        run, self._held, self._held_bytes = joined(self._held), [], 0
        draft = draft_log(self._directory, self._source, run, self._digest, _wall_ms())
        publish([draft])
        taken = self._taken
        taken.written_bytes += draft.size_bytes
        taken.log_first_seq = taken.log_first_seq or run.first_seq
        taken.log_last_seq = run.last_seq
        taken.new_logs.append(Reader(draft.path).head(LogHead))


def due(contents: Contents, snapshot: SnapshotHead | None) -> list[tuple[int, bytes]]:
    """From which entry, behind which hash, the log is to go on: what leaves no gap first, then what does.

    Args:
        snapshot: taken just now, if one was.
    """
    ends = [(head.seq, head.entry_hash) for head in contents.snapshots if head != snapshot]
    ends += [(log.last_seq, log.last_hash) for log in contents.logs]
    found = [max(ends)] if ends else []
    if snapshot is not None and (not found or snapshot.seq >= found[0][0]):
        found.append((snapshot.seq, snapshot.entry_hash))
    return [(seq + 1, bytes.fromhex(its_hash)) for seq, its_hash in found]


def hash_in(root: Path, log: LogHead, seq: int) -> str:
    """Hash of an entry that a log file holds, or of the one before it. Raises Damaged."""
    if seq == log.first_seq - 1:
        return log.prev_hash
    if seq == log.last_seq:
        return log.last_hash
    return read_log(root / LOG, log).hashes[seq - log.first_seq].hex()


def _head(source: Source, manifest: StateManifest) -> SnapshotHead:
    at = manifest.checkpoint
    return SnapshotHead(
        source=source,
        seq=at.seq,
        epoch=at.epoch,
        time_ms=at.time_ms,
        entry_hash=at.entry_hash.hex(),
        digest=at.digest.hex(),
        engine_version=at.engine_version,
        slots=len(filled(manifest.roots)),
        taken_ms=_wall_ms(),
    )


def _source(said: pb.BackupSource) -> Source:
    return Source(
        cabinet=said.cabinet,
        unit=said.unit,
        software=said.software,
        state_format=said.state_format,
        entry_format=said.entry_format,
        settings=dict(sorted(said.settings.items())),
    )


def _manifest(text: bytes) -> Manifest:
    try:
        return msgspec.json.decode(text, type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as trouble:
        raise BackupFault(f"an archived segment's manifest cannot be read: {trouble}") from trouble


async def _next(call: Any) -> Any:
    """The next message.

    Raises:
        grpc.aio.AioRpcError: the unit refuses, or is gone. BackupFault: it ended before everything came.
    """
    answer = await call.read()
    if isinstance(answer, pb.BackupServiceSnapshotResponse | pb.BackupServiceLogResponse):
        return answer
    raise BackupFault("the unit ended the backup before everything came; give the command again")


def _is_gone(refused: grpc.aio.AioRpcError) -> bool:
    """Whether the refusal names the first entry that the unit still keeps."""
    metadata: Any = refused.trailing_metadata()
    for key, value in metadata or ():
        if key == "grpc-status-details-bin" and isinstance(value, bytes):
            for detail in status_pb2.Status.FromString(value).details:
                info = error_details_pb2.ErrorInfo()
                if detail.Unpack(info) and "first_seq" in info.metadata:
                    return True
    return False


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000
