"""A log that is open: its segments, and what it holds."""

import threading

from ftnode.store.disk import Disk, DiskFile
from ftnode.store.wal_frame import Frame, Marks
from ftnode.store.wal_judge import Hole, Verdict
from ftnode.store.wal_scan import segment_name, segments_in
from ftnode.store.wal_segment import Segment, create_segment


class Log:
    """State shared by everything that works on one log. Only `Wal` changes it.

    `lock` is held for moments only, while numbers change together; never during a read or a sync.
    """

    def __init__(self, disk: Disk, directory: str, segment_bytes: int, verdict: Verdict) -> None:
        self.lock = threading.Lock()
        self.disk = disk
        self.directory = directory
        self.segment_bytes = segment_bytes
        self.log_id = verdict.log_id
        self.cuts = verdict.cuts
        self.base = verdict.base
        self.first_seq = verdict.first_seq
        self.head_seq = verdict.head_seq
        self.head_epoch = verdict.head_epoch
        self.head_hash = verdict.head_hash
        self.ends: dict[int, int] = dict(verdict.ends)  # epoch to the last seq in it, ascending
        self.marks: Marks = verdict.marks
        self.holes: tuple[Hole, ...] = verdict.holes
        self.segments: list[Segment] = _open_segments(self, verdict)

    @property
    def current(self) -> Segment:
        """The segment that is written to."""
        return self.segments[-1]

    def epoch_at(self, seq: int) -> int:
        """Epoch of an entry that this log holds or follows; 0 for 0."""
        with self.lock:
            return next((epoch for epoch, last_seq in self.ends.items() if seq <= last_seq), 0) if seq else 0

    def next_frame(
        self,
        segment: Segment,
        span_bytes: int,
        payload_bytes: int,
        last_seq: int,
        last_epoch: int,
        last_hash: bytes,
        marks: Marks,
    ) -> Frame:
        """The header of the frame that comes behind all others."""
        return Frame(
            segment.number,
            segment.end_at,
            span_bytes,
            payload_bytes,
            self.cuts,
            self.base,
            self.log_id,
            segment.first_seq,
            self.head_seq + 1,
            last_seq,
            self.head_epoch,
            last_epoch,
            self.head_hash,
            last_hash,
            marks,
        )

    def grow(self, segment: Segment, frame: Frame, ends: tuple[tuple[int, int], ...]) -> None:
        """A frame was written behind all others."""
        segment.note(frame)
        segment.written += 1
        self.head_seq, self.head_epoch, self.head_hash = frame.last_seq, frame.last_epoch, frame.last_hash
        for epoch, seq in ends:
            self.ends[epoch] = seq

    def inherit(self, before: "Log") -> None:
        """Keep what was known of this log before it was cut: what is not synced yet, and what is rotten."""
        unsynced = {segment.number for segment in before.segments if segment.written > segment.synced}
        for segment in self.segments:
            segment.written += segment.number in unsynced
        inside = [
            hole
            for hole in before.holes
            if self.first_seq <= hole.first_seq <= hole.last_seq <= self.head_seq
        ]
        inside = [hole for hole in inside if not any(covers(known, hole) for known in self.holes)]
        self.holes = tuple(sorted((*self.holes, *inside), key=lambda hole: hole.first_seq))

    def close(self) -> None:
        """Give all handles back."""
        for segment in self.segments:
            segment.file.close()


def is_whole(log: Log, segment: Segment) -> bool:
    """Whether nothing in it is known to be rotten. If something is, its last seq is not certain either."""
    return not any(piece.segment == segment.number for hole in log.holes for piece in hole.pieces)


def covers(one: Hole, other: Hole) -> bool:
    """Whether `other` lies within `one`."""
    return one.first_seq <= other.first_seq and other.last_seq <= one.last_seq


def _open_segments(log: Log, verdict: Verdict) -> list[Segment]:
    """Handles and places for every segment that holds entries, or held some that are rotten now."""
    seqs = {piece.segment: hole.first_seq for hole in reversed(verdict.holes) for piece in hole.pieces}
    seqs.update((frame.segment, frame.segment_seq) for frame in verdict.frames)
    seqs.setdefault(verdict.end.segment, verdict.head_seq + 1)
    segments = {number: _open_segment(log, number, seqs[number]) for number in sorted(seqs)}
    guessed = set(seqs) - {frame.segment for frame in verdict.frames}
    for number in guessed:
        segments[number].first_known = False
    for frame in verdict.frames:
        segments[frame.segment].note(frame)
    for item in verdict.skipped:
        segment = segments[item.first.segment]
        segment.indexed = False
        segment.last_seq, segment.last_hash = item.following.segment_seq - 1, item.following.prev_hash
    for segment in segments.values():
        segment.end_at = segment.size_bytes  # closed: whatever lies there was written, or is to be repaired
    segments[verdict.end.segment].end_at = verdict.end.at
    return list(segments.values())


def _open_segment(log: Log, number: int, first_seq: int) -> Segment:
    """Open it; put an empty one where a rotten segment's file is missing, for the repair to write into."""
    file: DiskFile
    if number in segments_in(log.disk, log.directory):
        file = log.disk.open(f"{log.directory}/{segment_name(number)}")
    else:
        file = create_segment(log.disk, log.directory, number, log.segment_bytes)
    return Segment(file, number, file.size_bytes(), first_seq, None)
