"""The hot half of the write-ahead log: append, mark, sync, and the next segment made ready in time.

`Wal` (`ftnode.store.wal`) is this and everything that happens seldom.
"""

import errno
import threading
from dataclasses import dataclass
from typing import NoReturn

from ftnode.core.invariants import invariant
from ftnode.store.disk import SECTOR_BYTES
from ftnode.store.entry import Run
from ftnode.store.wal_faults import LogFull, LogShort, LogUnusable
from ftnode.store.wal_frame import Marks, pack, span_of
from ftnode.store.wal_log import Log
from ftnode.store.wal_recover import Recovered
from ftnode.store.wal_scan import segment_name
from ftnode.store.wal_segment import Segment, Tracked, create_segment


@dataclass(frozen=True, slots=True)
class Ticket:
    """A sync that has begun: what it will cover, and the files it needs to sync for that."""

    cuts: int
    seq: int
    epoch: int
    entry_hash: bytes
    files: tuple[tuple[Tracked, int], ...]  # and the number of writes to each so far


class Writer:
    """One writer; `sync`, `prepare`, and a `mark_idle` of another thread may run beside it."""

    def __init__(self, log: Log, found: Recovered, probe: Tracked, floor_seq: int) -> None:
        """For `Wal.recover` only."""
        self._log = log
        self._probe = probe
        self._floor_seq = floor_seq  # durable here, as the caller said
        self._broken = ""  # why nothing may be done any more
        self._short = found.short
        self._unclean = not found.clean
        self._synced_seq = 0  # by a sync of this life
        self._commit_seq, self._peer_seq = found.commit_seq, found.peer_seq
        self._marked: Marks | None = None  # in the newest frame of this life
        self._spare: Segment | None = None
        # Whoever needs several takes them in this order; the log's own lock comes last.
        self._write_lock = threading.Lock()  # the log's end moves
        self._sync_lock = threading.Lock()  # a sync, or something that none may overlap
        self._spare_lock = threading.Lock()  # the next segment is made, or taken
        self._probes = 0

    @property
    def first_seq(self) -> int:
        """The oldest entry here; `head_seq + 1` if there is none."""
        return self._log.first_seq

    @property
    def head_seq(self) -> int:
        """The last entry appended, durable or not."""
        return self._log.head_seq

    @property
    def head_hash(self) -> bytes:
        """What the next entry is to be chained to."""
        return self._log.head_hash

    @property
    def head_epoch(self) -> int:
        """Epoch of the last entry."""
        return self._log.head_epoch

    @property
    def ends(self) -> tuple[tuple[int, int], ...]:
        """(epoch, last seq in it), ascending, as far as this log goes back."""
        with self._log.lock:
            return tuple(self._log.ends.items())

    @property
    def synced_seq(self) -> int:
        """The log is durable through this seq, by a sync of this life."""
        return self._synced_seq

    @property
    def rotten(self) -> tuple[tuple[int, int], ...]:
        """(first, last) seq of what cannot be read, as far as it has been noticed."""
        return tuple((hole.first_seq, hole.last_seq) for hole in self._log.holes)

    @property
    def wants_spare(self) -> bool:
        """Whether `prepare` has something to do."""
        return self._spare is None

    @property
    def room_bytes(self) -> int:
        """Room for frames in the present segment."""
        segment = self._log.current
        return segment.size_bytes - segment.end_at

    def append(self, run: Run, commit_seq: int, peer_seq: int) -> None:
        """Write a batch behind the head, in one write. Not durable before a `sync` that begins later.

        Args:
            run: begins with `head_seq + 1`, chained to `head_hash`.
            commit_seq: highest seq known to be durable on the whole in-sync set.
            peer_seq: highest seq that the other unit is known to hold.

        Raises:
            LogFull: a new segment was needed and there is no room; nothing was written.
            LogUnusable: the write failed. LogShort: this log lost its end. ValueError: too large a run.
        """
        with self._write_lock:
            log = self._log
            if run.first_seq != log.head_seq + 1 or run.prev_hash != log.head_hash:
                invariant(
                    False, "a run is not the head's successor", run=run.first_seq, head_seq=log.head_seq
                )
            if run.ends[0][0] < log.head_epoch:
                invariant(False, "an epoch went back", run=run.ends[0][0], head_epoch=log.head_epoch)
            self._write(run.data, run.last_seq, run.last_hash, run.ends, self._marks(commit_seq, peer_seq))

    def mark_idle(self, commit_seq: int, peer_seq: int) -> bool:
        """Write the marks by themselves if the newest frame has older ones; True if it was needed.

        Call it when nothing was appended for `mark_ms`, then sync. Raises as `append`.
        """
        with self._write_lock:
            marks = self._marks(commit_seq, peer_seq)
            if marks == self._marked:
                return False
            self._write(b"", self._log.head_seq, self._log.head_hash, (), marks)
            return True

    def probe(self) -> None:
        """Write one sector that is no part of the log, for the next sync to prove the disk with."""
        self._check()
        self._probes += 1
        try:
            self._probe.file.pwrite(self._probes.to_bytes(SECTOR_BYTES, "little"), 0)
        except OSError as trouble:
            self._break(trouble)
        self._probe.written += 1

    def sync(self) -> int:
        """Make durable what was appended before this call; the highest seq covered. For a thread.

        Raises:
            LogUnusable: it failed, now or earlier. It is never tried again.
        """
        with self._sync_lock:
            return self.sync_end(self.sync_begin())

    def sync_begin(self) -> Ticket:
        """The first half of `sync`: decides what it covers. For a simulator, which lets time pass."""
        self._check()
        invariant(not self._unclean, "sync before rewrite_tail: the last life proved less than the head")
        log = self._log
        with log.lock:
            files: list[Tracked] = [segment for segment in log.segments if segment.written > segment.synced]
            if log.current not in files:
                files.append(log.current)  # a sync proves the disk, also when there is nothing to do
            if self._probe.written > self._probe.synced:
                files.append(self._probe)
            tracked = tuple((file, file.written) for file in files)
            return Ticket(log.cuts, log.head_seq, log.head_epoch, log.head_hash, tracked)

    def sync_end(self, ticket: Ticket) -> int:
        """The second half: does it. A ticket from before a cut covers nothing any more."""
        self._check()
        if ticket.cuts != self._log.cuts:
            return self._synced_seq
        error = None
        try:
            for tracked, _ in ticket.files:
                tracked.file.fdatasync()
        except OSError as trouble:
            error = trouble
        return self.sync_done(ticket, error)

    def sync_done(self, ticket: Ticket, error: OSError | None) -> int:
        """The second half where somebody else synced the ticket's files; the highest seq covered.

        Raises:
            LogUnusable: `error` is one, or something else failed earlier. It is never tried again.
        """
        if error is not None:
            self._break(error)
        self._check()  # another thread's write may have failed meanwhile
        if ticket.cuts != self._log.cuts:
            return self._synced_seq
        with self._log.lock:
            for tracked, written in ticket.files:
                tracked.synced = max(tracked.synced, written)
            if ticket.seq >= self._synced_seq:
                self._synced_seq = ticket.seq
                if ticket.seq > self._log.marks.seq:
                    self._log.marks = Marks(ticket.seq, ticket.epoch, ticket.entry_hash, 0, 0)
        return self._synced_seq

    def prepare(self) -> bool:
        """Make the next segment ready, off the hot path; False if it is. For a thread.

        Raises:
            LogFull: no room for it. LogUnusable: the disk failed.
        """
        self._check()
        with self._spare_lock:
            if self._spare is not None:
                return False
            log = self._log
            number = log.current.number + 1
            try:
                file = create_segment(log.disk, log.directory, number, log.segment_bytes)
            except OSError as trouble:
                if trouble.errno == errno.ENOSPC:
                    name = segment_name(number)
                    raise LogFull(
                        f"{log.directory}: no room for {name}, {log.segment_bytes} bytes"
                    ) from trouble
                self._break(trouble)
            self._spare = Segment(file, number, log.segment_bytes, 0, None)
            return True

    def _write(
        self, payload: bytes, last_seq: int, last_hash: bytes, ends: tuple[tuple[int, int], ...], marks: Marks
    ) -> None:
        """One frame behind all others, in one write."""
        self._check()
        log = self._log
        if self._short:
            where = f"{log.directory}: the log ends at {log.head_seq}"
            raise LogShort(f"{where}, below its durable mark; rejoin blank")
        span_bytes = span_of(len(payload))
        segment = log.current
        if segment.end_at + span_bytes > segment.size_bytes:
            segment = self._roll(span_bytes)
        last_epoch = ends[-1][0] if ends else log.head_epoch
        frame = log.next_frame(segment, span_bytes, len(payload), last_seq, last_epoch, last_hash, marks)
        try:
            segment.file.pwrite(pack(frame, payload), frame.at)
        except OSError as trouble:
            self._break(trouble)
        with log.lock:
            log.grow(segment, frame, ends)
        self._marked = marks

    def _roll(self, span_bytes: int) -> Segment:
        """Go on in the next segment. If nobody made it ready, the tills wait for it here."""
        log = self._log
        if span_bytes > log.segment_bytes:
            raise ValueError(f"a frame of {span_bytes} bytes; a segment has {log.segment_bytes}")
        self.prepare()
        with self._spare_lock:
            spare, self._spare = self._spare, None
            if spare is None:
                raise LogUnusable(f"{log.directory}: the next segment was taken away")
            spare.first_seq, spare.last_seq = log.head_seq + 1, log.head_seq
            spare.last_hash = log.head_hash
            with log.lock:
                log.segments.append(spare)
        return spare

    def _marks(self, commit_seq: int, peer_seq: int) -> Marks:
        """What is known for certain now. Commit and peer only grow."""
        if commit_seq > self._commit_seq:
            self._commit_seq = commit_seq
        if peer_seq > self._peer_seq:
            self._peer_seq = peer_seq
        mark = self._log.marks
        return Marks(mark.seq, mark.epoch, mark.entry_hash, self._commit_seq, self._peer_seq)

    def _check(self) -> None:
        if self._broken:
            raise LogUnusable(f"{self._log.directory}: {self._broken}; this process must end")

    def _break(self, trouble: OSError) -> NoReturn:
        """A write or a sync failed: what the disk holds is unknown from now on."""
        self._broken = self._broken or f"the disk failed: {trouble}"
        raise LogUnusable(f"{self._log.directory}: {self._broken}; this process must end") from trouble
