"""What happens to a log seldom: it is cut, begun anew, written anew, repaired."""

from dataclasses import dataclass
from typing import Final

from ftnode.store.disk import FILL_BYTES
from ftnode.store.entry import HASH_BYTES, EntryFaultError, Run, check_run, cut_run, walk_run
from ftnode.store.wal_faults import LogFault, LogRotten
from ftnode.store.wal_frame import HEADER_BYTES, Frame, Marks, pack, span_of
from ftnode.store.wal_judge import Hole
from ftnode.store.wal_log import Log
from ftnode.store.wal_note import Note
from ftnode.store.wal_read import frames_from, locate, reindex, rot_at
from ftnode.store.wal_recover import base_frame
from ftnode.store.wal_scan import Gap
from ftnode.store.wal_segment import Segment

_UNMARKED: Final = Marks(0, 0, bytes(HASH_BYTES), 0, 0)  # a mark must not lie before a place that may be cut


@dataclass(frozen=True, slots=True)
class _Border:
    """Where a log is to be changed: from byte `at` of `segment` on it holds `kept`, or nothing."""

    segment: Segment
    at: int
    prev_epoch: int
    prev_hash: bytes
    kept: Run | None


def plan_cut(log: Log, to_seq: int, marks: Marks) -> Note:
    """What the log is to be from the first byte on that differs, if it is to end with `to_seq`.

    Raises:
        LogRotten: entries that stay are in a frame that cannot be read.
    """
    border = _border(log, to_seq)
    kept = border.kept
    last_epoch, last_hash = (
        (kept.ends[-1][0], kept.last_hash) if kept else (border.prev_epoch, border.prev_hash)
    )
    if marks.seq > to_seq:
        marks = Marks(to_seq, last_epoch, last_hash, marks.commit_seq, marks.peer_seq)
    payload = kept.data if kept else b""
    frame = Frame(
        segment=border.segment.number,
        at=border.at,
        span_bytes=span_of(len(payload)),
        payload_bytes=len(payload),
        cuts=log.cuts + 1,
        base=log.base,
        log_id=log.log_id,
        segment_seq=border.segment.first_seq,
        first_seq=kept.first_seq if kept else to_seq + 1,
        last_seq=to_seq,
        prev_epoch=border.prev_epoch,
        last_epoch=last_epoch,
        prev_hash=border.prev_hash,
        last_hash=last_hash,
        marks=marks,
    )
    return Note(
        frame.cuts, to_seq, frame.segment, frame.at, pack(frame, payload), False, False, log.segment_bytes
    )


def plan_reset(log: Log, marks: Marks, keep: bool) -> Note:
    """A log of one fresh segment, without entries, behind the entry that `marks` speaks of."""
    cuts, number = log.cuts + 1, log.current.number + 1
    frame = base_frame(number, cuts, log.log_id, marks)
    return Note(cuts, marks.seq, number, 0, frame, True, keep, log.segment_bytes)


def write_anew(log: Log) -> int:
    """Write the same bytes in the same places, for every frame that reaches above the mark; how many."""
    size_bytes = 0
    for segment in log.segments:
        if segment.last_seq <= log.marks.seq:
            continue
        start = segment.find(log.marks.seq + 1) or 0
        for at in range(start, segment.end_at, FILL_BYTES):
            data = segment.file.pread(min(FILL_BYTES, segment.end_at - at), at)
            segment.file.pwrite(data, at)
            size_bytes += len(data)
        segment.written += 1
    return size_bytes


def hole_within(log: Log, run: Run) -> Hole:
    """The rotten range whose entries `run` holds.

    Raises:
        LogFault: there is none.
    """
    for hole in log.holes:
        if run.first_seq <= hole.first_seq and hole.last_seq <= run.last_seq:
            return hole
    ranges = ", ".join(f"{hole.first_seq}..{hole.last_seq}" for hole in log.holes) or "nothing"
    raise LogFault(
        f"{log.directory}: entries {run.first_seq}..{run.last_seq} repair nothing; rotten is {ranges}"
    )


def write_repair(log: Log, hole: Hole, run: Run) -> None:
    """Put the hole's entries where they lay, in as few frames as there are pieces.

    They fit: what lay there had at least one header for each piece.

    Raises:
        LogFault: they are not the entries that the chain demands. OSError: the disk failed.
    """
    try:
        part = cut_run(check_run(run.prev_hash, run.first_seq, run.data), hole.first_seq, hole.last_seq)
    except EntryFaultError as fault:
        raise LogFault(f"{log.directory}: entries fetched for {hole.first_seq} on: {fault}") from fault
    if part.last_hash != hole.last_hash or hole.prev_hash not in (None, part.prev_hash):
        raise LogFault(f"{log.directory}: entries fetched for {hole.first_seq} on are not those of this log")
    segments = {one.number: one for one in log.segments}
    writes = _fill(log, hole, part, segments)
    for frame, payload in writes:
        segments[frame.segment].file.pwrite(pack(frame, payload), frame.at)
    with log.lock:
        log.holes = tuple(one for one in log.holes if one is not hole)
        for frame, _ in writes:
            segment = segments[frame.segment]
            segment.written += 1
            if frame.last_seq > segment.last_seq:
                segment.last_seq, segment.last_hash = frame.last_seq, frame.last_hash
            reindex(log, segment)
        ends = dict(sorted({**dict(part.ends), **log.ends}.items()))
        log.ends = {epoch: max(seq, dict(part.ends).get(epoch, 0)) for epoch, seq in ends.items()}


def _border(log: Log, to_seq: int) -> _Border:
    for hole in log.holes:
        if hole.first_seq == to_seq + 1 and hole.prev_hash is not None:
            piece = hole.pieces[0]
            segment = next(one for one in log.segments if one.number == piece.segment)
            return _Border(segment, piece.start, hole.prev_epoch, hole.prev_hash, None)
        if hole.first_seq <= to_seq + 1 <= hole.last_seq:
            raise LogRotten(log.directory, hole.first_seq, hole.last_seq)
    segment, at = locate(log, to_seq + 1)
    found = next(frames_from(log, segment, at, 0), None)
    if found is None:
        raise rot_at(log, segment, to_seq + 1)
    frame, run = found
    kept = cut_run(run, run.first_seq, to_seq) if run.first_seq <= to_seq else None
    return _Border(segment, frame.at, frame.prev_epoch, frame.prev_hash, kept)


def _fill(log: Log, hole: Hole, part: Run, segments: dict[int, Segment]) -> list[tuple[Frame, bytes]]:
    """One frame for each piece, with as many entries as fit and do not belong into a later segment."""
    places = walk_run(part.prev_hash, part.first_seq, part.data)
    writes: list[tuple[Frame, bytes]] = []
    epoch = hole.prev_epoch
    if not epoch and hole.first_seq > log.first_seq:  # the hole was found in its segment alone
        epoch = min(log.epoch_at(hole.first_seq - 1), part.ends[0][0])
    done, start, prev_hash = 0, 0, part.prev_hash
    for number, piece in enumerate(hole.pieces):
        limit_seq = _limit(hole.pieces[number + 1 :], segments)
        upto, end, last_epoch, last_hash = done, start, epoch, prev_hash
        for seq, entry_epoch, entry_end, entry_hash in places[done:]:
            if entry_end - start > piece.end - piece.start - HEADER_BYTES or seq >= limit_seq:
                break
            upto, end, last_epoch, last_hash = upto + 1, entry_end, entry_epoch, entry_hash
        segment, first_seq = segments[piece.segment], part.first_seq + done
        if not segment.first_known and piece.start == 0:
            segment.first_seq, segment.first_known = first_seq, True
        frame = Frame(
            piece.segment,
            piece.start,
            piece.end - piece.start,
            end - start,
            hole.cuts,
            log.base,
            log.log_id,
            segment.first_seq,
            first_seq,
            part.first_seq + upto - 1,
            epoch,
            last_epoch,
            prev_hash,
            last_hash,
            _UNMARKED,
        )
        writes.append((frame, part.data[start:end]))
        done, start, epoch, prev_hash = upto, end, last_epoch, last_hash
    if done < len(places):
        raise LogFault(
            f"{log.directory}: entries {hole.first_seq}..{hole.last_seq} do not fit where they lay"
        )
    return writes


def _limit(pieces: tuple[Gap, ...], segments: dict[int, Segment]) -> int:
    """First seq that lies in a later segment which is known to begin with it; or beyond any."""
    known = [segments[piece.segment] for piece in pieces if piece.start == 0]
    return next((segment.first_seq for segment in known if segment.first_known), 2**64)
