"""The write-ahead log of one unit: what may be answered is in here first.

One writer appends; a sync may run in another thread meanwhile, and so may a read. Writing and syncing
are two steps, so that one fdatasync covers all that was appended before it began, and so that a
simulator can end the process in between.

    log, found = Wal.recover(disk, directory)
    log.rewrite_tail()                      # what the last life did not prove durable, written anew
    log.append(run, commit_seq, peer_seq)   # the kernel has it
    log.sync()                              # the disk has it: this seq may be acknowledged

A write or a sync that fails ends the log's life: that call and every later one raise `LogUnusable`.
"""

import errno
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from ftnode.core.invariants import invariant
from ftnode.store.disk import SECTOR_BYTES, Disk
from ftnode.store.entry import Run
from ftnode.store.wal_audit import keep_copy
from ftnode.store.wal_change import hole_within, plan_cut, plan_reset, write_anew, write_repair
from ftnode.store.wal_faults import LogFault, LogFull, LogRotten, LogUnusable
from ftnode.store.wal_frame import Marks
from ftnode.store.wal_log import Log, is_whole
from ftnode.store.wal_note import Note, carry_out, write_note
from ftnode.store.wal_piece import Piece
from ftnode.store.wal_read import examine, hash_at, read, scrub
from ftnode.store.wal_recover import OnCut, Recovered, settle, summary
from ftnode.store.wal_scan import segment_name
from ftnode.store.wal_segment import SEGMENT_BYTES, SEGMENT_MAX_BYTES, SEGMENT_MIN_BYTES, Tracked
from ftnode.store.wal_writer import Writer

__all__ = ["Closed", "Recovered", "Wal"]

SCRUB_BYTES: Final = 1 << 18  # checked at once: a few milliseconds
_PROBE: Final = "probe"


@dataclass(frozen=True, slots=True)
class Closed:
    """A segment that will not be written to again."""

    number: int
    first_seq: int
    last_seq: int


class Wal(Writer):
    """See above. Seqs, hashes and epochs as in `Recovered`."""

    def __init__(self, log: Log, found: Recovered, probe: Tracked, floor_seq: int) -> None:
        """For `recover` only."""
        super().__init__(log, found, probe, floor_seq)
        self._files_lock = threading.Lock()  # handles are read from, or closed; after the writer's locks

    @classmethod
    def recover(
        cls,
        disk: Disk,
        directory: str,
        *,
        segment_bytes: int = SEGMENT_BYTES,
        durable_seq: int = 0,
        draw: Callable[[], int] = lambda: secrets.randbits(64),
        on_cut: OnCut = lambda first_seq, rotten: None,
    ) -> tuple["Wal", Recovered]:
        """Open the log in `directory` (whose parent exists), or begin one there.

        Args:
            segment_bytes: of segments made from now on.
            durable_seq: highest seq that is known from elsewhere to have been durable here, as a rule
                the checkpoint's. What is rotten at or below it is never cut, and closed segments below
                it are not read now.
            draw: 64 random bits, once in the life of a log.
            on_cut: see `wal_recover.OnCut`.

        Raises:
            LogFault: what lies there cannot be trusted, or the disk failed.
        """
        if not SEGMENT_MIN_BYTES <= segment_bytes <= SEGMENT_MAX_BYTES or segment_bytes % SECTOR_BYTES:
            limits = f"{SEGMENT_MIN_BYTES}..{SEGMENT_MAX_BYTES}, whole sectors of {SECTOR_BYTES}"
            raise ValueError(f"segment_bytes is {segment_bytes}; want {limits}")
        try:
            verdict = settle(disk, directory, segment_bytes, durable_seq, draw() or 1, on_cut)
            probe = f"{directory}/{_PROBE}"
            there = _PROBE in disk.listdir(directory)
            file = disk.open(probe) if there else disk.create(probe, SECTOR_BYTES)
            found = summary(verdict)
            return cls(Log(disk, directory, segment_bytes, verdict), found, Tracked(file), durable_seq), found
        except OSError as trouble:
            raise LogUnusable(f"{directory}: {trouble}; this disk cannot hold a log now") from trouble

    def read(self, from_seq: int, max_bytes: int) -> Run | None:
        """Entries from `from_seq` on, for the other unit; see `wal_read.read`. For any thread."""
        with self._reading() as log:
            return read(log, from_seq, max_bytes)

    def hash_at(self, seq: int) -> bytes:
        """Hash of entry `seq` (0: what the first is chained to); see `wal_read.hash_at`."""
        with self._reading() as log:
            return hash_at(log, seq)

    def epoch_at(self, seq: int) -> int:
        """Epoch of entry `seq`, which this log holds or follows; 0 for 0."""
        return self._log.epoch_at(seq)

    def scrub(self, seq: int, max_bytes: int = SCRUB_BYTES) -> int:
        """Check about `max_bytes` of the log from entry `seq` on, as it is on disk. For a thread.

        Returns:
            The seq to go on with; 1 behind the head. What was found is in `rotten`.
        """
        with self._reading() as log:
            try:
                run = scrub(log, max(seq, log.first_seq), max_bytes)
            except LogRotten as rot:
                return rot.last_seq + 1
            return 1 if run is None else run.last_seq + 1

    def pieces(self) -> list[Piece]:
        """What every segment holds as it should be read back, oldest first, but for those that rotted."""
        log = self._log
        with log.lock:
            found = [
                Piece(one.number, one.end_at, one.first_seq, one.last_seq, one.last_hash, log.log_id)
                for one in log.segments
                if one.last_hash is not None and one.first_seq <= one.last_seq
            ]
        whole = {one.number for one in log.segments if is_whole(log, one)}
        return [piece for piece in found if piece.segment in whole]

    def look_again(self, number: int) -> tuple[tuple[int, int], ...]:
        """Check every byte of a segment as it is on disk; (first, last) seq of what was not known as rotten.

        For a thread. Nothing, if there is no such segment any more.
        """
        with self._reading() as log:
            segment = next((one for one in log.segments if one.number == number), None)
            if segment is None:
                return ()
            segment.file.drop_cache()
            return tuple((hole.first_seq, hole.last_seq) for hole in examine(log, segment))

    def rewrite_tail(self) -> int:
        """Write anew what an earlier life wrote and did not prove durable; the number of bytes.

        Reading it back proves nothing: it may be in the kernel's memory only, and after a failed
        sync the kernel does not even try any more. Call it once, before the first sync.
        """
        self._check()
        with self._sync_lock:
            try:
                size_bytes = write_anew(self._log) if self._unclean else 0
            except OSError as trouble:
                self._break(trouble)
            self._unclean = False
            return size_bytes

    def cut(self, to_seq: int) -> None:
        """Make `to_seq` the last entry, durably; a copy of the rest is kept for audit.

        Everything that a new active of a higher epoch decided away.

        Raises:
            LogRotten: what is to stay cannot be read. LogUnusable: the disk failed; after a restart
            the log ends where it did before, or at `to_seq`.
        """
        self._check()
        committed_seq = self._commit_seq
        invariant(committed_seq <= to_seq, "cut below what was committed", to=to_seq, commit=committed_seq)
        with self._write_lock:
            log = self._log
            invariant(log.first_seq - 1 <= to_seq <= log.head_seq, "cut outside of the log", to=to_seq)
            if to_seq == log.head_seq:
                return
            with self._files_lock:
                note = plan_cut(log, to_seq, self._marks(0, 0))
            self._change(note)

    def reset(self, seq: int, epoch: int, entry_hash: bytes, *, audit: bool = False) -> None:
        """Begin anew behind entry `seq`, which a snapshot holds; what was here goes.

        Args:
            audit: keep it beside the new log. (Commit may go back: a forced start of the other unit.)

        Raises:
            LogUnusable: the disk failed; after a restart the log is the old one or the new one.
        """
        self._check()
        with self._write_lock:
            self._change(plan_reset(self._log, Marks(seq, epoch, entry_hash, seq, 0), audit))
            self._commit_seq, self._peer_seq = seq, 0

    def repair(self, run: Run) -> None:
        """Put entries fetched from the other unit where rotten ones lay; durable by the next sync.

        Args:
            run: all entries of one range in `rotten`, perhaps more around it.

        Raises:
            LogFault: no rotten range is inside, or these are not the entries that the chain demands.
        """
        self._check()
        with self._sync_lock, self._files_lock:
            log = self._log
            hole = hole_within(log, run)
            try:
                write_repair(log, hole, run)
            except OSError as trouble:
                self._break(trouble)

    def closed(self, upto_seq: int) -> list[Closed]:
        """Segments that will not be written to again, oldest first, up to the first that is rotten
        or holds an entry above `upto_seq`."""
        log, found = self._log, []
        for one in log.segments[:-1]:
            if one.last_seq > upto_seq or not is_whole(log, one):
                break
            if one.first_seq <= one.last_seq:
                found.append(Closed(one.number, one.first_seq, one.last_seq))
        return found

    def trim(self, upto_seq: int, archived_seq: int) -> int:
        """Delete closed segments whose entries are all at or below both; the number of segments.

        Args:
            upto_seq: neither a restart nor a rejoining unit needs these any more.
            archived_seq: durable in the archive. 0 if nothing is.
        """
        self._check()
        removed = 0
        with self._files_lock:
            log = self._log
            while self._may_go(min(upto_seq, archived_seq)):
                segment = log.segments[0]
                try:
                    log.disk.unlink(f"{log.directory}/{segment_name(segment.number)}")
                    log.disk.fsync_dir(log.directory)  # one by one: never a gap between two that are left
                except OSError as trouble:
                    self._break(trouble)
                with log.lock:
                    log.segments.pop(0)
                    log.first_seq = log.segments[0].first_seq
                segment.file.close()
                removed += 1
        return removed

    def close(self) -> None:
        """Give all handles back; makes nothing durable."""
        self._broken = self._broken or "closed"
        with self._files_lock:
            self._log.close()
            self._probe.file.close()
            if self._spare:
                self._spare.file.close()

    def _change(self, note: Note) -> None:
        """Replace the log by what `note` says: copy, note, deed, and open what is there now."""
        log = self._log
        with self._sync_lock, self._spare_lock, self._files_lock:
            try:
                if not note.alone:
                    what = f"cut-{note.head_seq + 1}-{log.head_seq}"
                    keep_copy(log.disk, log.directory, note.cuts, what, note.segment, note.at)
                write_note(log.disk, log.directory, note)
            except OSError as trouble:
                if trouble.errno == errno.ENOSPC:
                    raise LogFull(f"{log.directory}: no room for a copy of what is cut") from trouble
                self._break(trouble)
            log.close()
            if self._spare is not None:
                self._spare.file.close()
                self._spare = None
            try:
                carry_out(log.disk, log.directory, note)
                self._floor_seq = 0 if note.alone else min(self._floor_seq, note.head_seq)
                verdict = settle(
                    log.disk, log.directory, log.segment_bytes, self._floor_seq, log.log_id, self._rotted
                )
                self._log = Log(log.disk, log.directory, log.segment_bytes, verdict)
            except OSError as trouble:
                self._break(trouble)
            self._log.inherit(log)
            self._marked = None
            self._synced_seq = note.head_seq if note.alone else min(self._synced_seq, note.head_seq)
            if note.alone:
                self._short = self._unclean = False
            head_seq = self._log.head_seq
            invariant(head_seq == note.head_seq, "a cut ended elsewhere", to=note.head_seq, at=head_seq)

    def _rotted(self, first_seq: int, rotten: bool) -> None:
        """Where nothing can be torn, something cannot be read: nothing is cut before a start has noted it."""
        self._broken = f"entry {first_seq} cannot be read any more, met while the log was changed"
        self._check()

    @contextmanager
    def _reading(self) -> Iterator[Log]:
        """The log, while no handle is closed. A failed read is a fault of the disk, but ends nothing."""
        self._check()
        with self._files_lock:
            try:
                yield self._log
            except OSError as trouble:
                raise LogFault(f"{self._log.directory}: cannot be read: {trouble}") from trouble

    def _may_go(self, limit_seq: int) -> bool:
        """Whether the oldest segment may be deleted. What is left must begin with something durable."""
        oldest, *later = self._log.segments
        if not later or not is_whole(self._log, oldest):
            return False
        return oldest.last_seq <= limit_seq and later[0].first_seq <= self._synced_seq
