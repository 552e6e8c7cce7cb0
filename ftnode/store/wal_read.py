"""How entries are found in an open log and read, every byte verified; and how rot is noticed."""

from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

from ftnode.core.invariants import invariant
from ftnode.store.entry import EntryFaultError, Run, cut_run
from ftnode.store.wal_faults import LogFault, LogGone, LogRotten
from ftnode.store.wal_frame import HEADER_BYTES, Frame, parse, payload_of
from ftnode.store.wal_judge import Hole, Verdict, judge
from ftnode.store.wal_log import Log, covers
from ftnode.store.wal_scan import Gap, scan
from ftnode.store.wal_segment import Segment

_READ_BYTES: Final = 1 << 16  # least read at once


def read(log: Log, from_seq: int, max_bytes: int) -> Run | None:
    """Entries from `from_seq` on, whole frames' worth up to about `max_bytes`; None beyond the head.

    Every byte given out was verified. At least one entry comes, however large; a run ends where a
    segment ends.

    Raises:
        LogGone: `from_seq` is below the oldest entry. LogRotten: it, or what precedes it in its frame,
        cannot be read. ValueError: it lies beyond the entry that comes next.
    """
    if from_seq == log.head_seq + 1:
        return None
    if not 0 < from_seq <= log.head_seq:
        raise ValueError(f"entry {from_seq} asked for; the log ends at {log.head_seq}")
    segment, at = locate(log, from_seq)
    runs: list[Run] = []
    size_bytes = 0
    for _, run in frames_from(log, segment, at, max_bytes):
        part = cut_run(run, max(run.first_seq, from_seq), run.last_seq)
        if runs and size_bytes + len(part.data) > max_bytes:
            break
        runs.append(part)
        size_bytes += len(part.data)
    if not runs:
        raise rot_at(log, segment, from_seq)
    return _join(runs)


def scrub(log: Log, from_seq: int, max_bytes: int) -> Run | None:
    """Like `read`, but not from the kernel's memory, where a closed segment may still look well."""
    if from_seq <= log.head_seq:
        segment, at = locate(log, from_seq)
        if at == 0 and segment is not log.current:
            segment.file.drop_cache()
        return read(log, from_seq, max_bytes)
    return None


def hash_at(log: Log, seq: int) -> bytes:
    """Hash of entry `seq`; also of the one before the oldest, and of 0.

    Raises:
        LogGone, LogRotten, ValueError: as `read`.
    """
    if seq == log.head_seq:
        return log.head_hash
    for segment in log.segments:
        if seq == segment.first_seq - 1 and segment.prev_hash:
            return segment.prev_hash
    for hole in log.holes:
        known = (
            hole.last_hash if seq == hole.last_seq else hole.prev_hash if seq == hole.first_seq - 1 else None
        )
        if known is not None:
            return known
    run = read(log, seq, 1)
    invariant(run is not None, "an entry below the head was not found", seq=seq, head_seq=log.head_seq)
    return cut_run(run, seq, seq).last_hash if run else b""


def locate(log: Log, seq: int) -> tuple[Segment, int]:
    """The segment and byte at which the frame with entry `seq` starts.

    Raises:
        LogGone, LogRotten: as `read`.
    """
    if seq < log.first_seq:
        raise LogGone(f"{log.directory}: entry {seq} is gone, the oldest is {log.first_seq}")
    for hole in log.holes:
        if hole.first_seq <= seq <= hole.last_seq:
            raise LogRotten(log.directory, hole.first_seq, hole.last_seq)
    place = bisect_right(log.segments, seq, key=lambda segment: segment.first_seq) - 1
    segment = log.segments[place]
    if not segment.indexed:
        examine(log, segment)
        return locate(log, seq)  # what was just read may have shown a hole
    with log.lock:
        at = segment.find(seq)
    if at is None:
        raise rot_at(log, segment, seq)
    return segment, at


def examine(log: Log, segment: Segment) -> tuple[Hole, ...]:
    """Read a segment from disk and check every byte that was written; what is rotten joins the holes."""
    with log.lock:
        end_at, last_seq, last_hash = segment.end_at, segment.last_seq, segment.last_hash
    if last_hash is None or last_seq < segment.first_seq:
        return ()
    found = scan(segment.file.pread(end_at, 0), segment.number, log.log_id)
    verdict = judge([found], last_seq, last_hash)
    if not segment.indexed:
        _index(segment, verdict)
    holes = verdict.holes if verdict else (_lost(log, segment),)
    fresh = tuple(hole for hole in holes if not any(covers(known, hole) for known in log.holes))
    kept = [known for known in log.holes if not any(covers(hole, known) for hole in fresh)]
    log.holes = tuple(sorted((*kept, *fresh), key=lambda hole: hole.first_seq))
    return fresh


def reindex(log: Log, segment: Segment) -> None:
    """Note anew where the frames of a segment lie. Its end stays where it was."""
    found = scan(segment.file.pread(segment.end_at, 0), segment.number, log.log_id)
    _index(segment, judge([found], segment.last_seq, segment.last_hash))


def _index(segment: Segment, verdict: Verdict | None) -> None:
    """Only frames that are of this log: behind them others may lie, of before a cut."""
    end_at = segment.end_at
    del segment.seqs[:], segment.ats[:]
    for frame in verdict.frames if verdict else ():
        segment.note(frame)
    segment.end_at = end_at
    segment.indexed = True


def frames_from(log: Log, segment: Segment, at: int, max_bytes: int) -> Iterator[tuple[Frame, Run]]:
    """Frames with entries from byte `at` on, in order, verified; ends at the first that is not the next."""
    end_at = segment.end_at
    data, data_at = b"", at
    next_seq: int | None = None
    prev_hash = b""
    while at < end_at:
        if at + HEADER_BYTES > data_at + len(data):
            data, data_at = segment.file.pread(max(_READ_BYTES, max_bytes), at), at
        frame = parse(data, at - data_at, segment.number, at, log.log_id)
        if frame is None or (
            next_seq is not None and (next_seq, prev_hash) != (frame.first_seq, frame.prev_hash)
        ):
            return
        next_seq, prev_hash = frame.last_seq + 1, frame.last_hash
        if at + HEADER_BYTES + frame.payload_bytes > data_at + len(data):
            data, data_at = segment.file.pread(HEADER_BYTES + max(frame.payload_bytes, max_bytes), at), at
        try:
            run = payload_of(frame, data, at - data_at)
        except EntryFaultError:
            return
        if run is not None:
            yield frame, run
        at = frame.end


def rot_at(log: Log, segment: Segment, seq: int) -> LogFault:
    """What to raise because entry `seq` could not be read from `segment`."""
    examine(log, segment)
    for hole in log.holes:
        if hole.first_seq <= seq <= hole.last_seq:
            return LogRotten(log.directory, hole.first_seq, hole.last_seq)
    return LogFault(f"{log.directory}: entry {seq} cannot be found although every byte checks; a bug")


def _lost(log: Log, segment: Segment) -> Hole:
    """All of a segment as one hole."""
    return Hole(
        first_seq=segment.first_seq,
        last_seq=segment.last_seq,
        prev_epoch=0,
        last_epoch=log.head_epoch,
        prev_hash=segment.prev_hash,
        last_hash=segment.last_hash or log.head_hash,
        pieces=(Gap(segment.number, 0, segment.end_at, blank=False),),
        cuts=segment.cuts or 0,
    )


def _join(runs: list[Run]) -> Run:
    if len(runs) == 1:
        return runs[0]
    ends = {epoch: seq for run in runs for epoch, seq in run.ends}
    first, last = runs[0], runs[-1]
    data = b"".join([run.data for run in runs])
    return Run(data, first.first_seq, last.last_seq, first.prev_hash, last.last_hash, tuple(ends.items()))
