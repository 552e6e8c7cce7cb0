"""From what lies in a directory to a log that may be written to: settle, judge, wipe the torn tail.

Every step here may be the last one before the next crash; doing all of it again gives the same log.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeAlias

from ftnode.store.disk import Disk, is_unfinished, parent
from ftnode.store.entry import GENESIS_HASH
from ftnode.store.wal_audit import AUDIT, keep_copy, prune
from ftnode.store.wal_faults import LogFault
from ftnode.store.wal_frame import MARK_BYTES, Frame, Marks, pack
from ftnode.store.wal_judge import End, Verdict, judge
from ftnode.store.wal_note import carry_out, confirm, cuts_seen, newest_frame, read_note
from ftnode.store.wal_scan import Gap, Scan, read_log, segment_name, segments_in
from ftnode.store.wal_segment import create_segment, used_bytes, wipe

_FIRST_SEGMENT: Final = 1

OnCut: TypeAlias = Callable[[int, bool], None]
"""Told the first seq that is about to be cut from a log's end, and whether it rotted rather than was torn.
Nothing is cut before it returns: what is to be remembered of the cut has to be durable by then."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a unit finds in its log when it boots.

    Nothing of it counts as durable before a sync of this life. `mark_seq` was durable in an earlier
    one. `ends` begins with the entry before `first_seq`, if that is known. `commit_seq` and
    `peer_seq` are lower bounds known before; they may be above `head_seq` if this unit was
    catching up, or if its disk lost what it held. A unit whose checkpoint is below `first_seq - 1`
    cannot replay: the entries in between are gone.
    """

    first_seq: int  # oldest entry here; head_seq + 1 if there is none
    head_seq: int
    head_hash: bytes
    head_epoch: int
    ends: tuple[tuple[int, int], ...]  # (epoch, last seq in it), ascending
    mark_seq: int
    commit_seq: int
    peer_seq: int
    torn: bool  # something above the mark was cut at this boot
    rotten_end: bool  # and it had been written as a whole before: it may have been acknowledged
    rotten: tuple[tuple[int, int], ...]  # (first, last) seq of what must be fetched and repaired
    short: bool  # the log ends below what was durable: broken, nothing may be appended
    clean: bool  # the mark covers the head: nothing has to be written anew

    @property
    def rotten_seqs(self) -> tuple[int, ...]:
        """Each rotten seq by itself."""
        return tuple(seq for first, last in self.rotten for seq in range(first, last + 1))


def settle(
    disk: Disk, directory: str, segment_bytes: int, durable_seq: int, log_id: int, on_cut: OnCut
) -> Verdict:
    """Bring the directory into a state in which the log may be written on.

    Args:
        durable_seq: highest seq that the caller knows to have been durable here (its checkpoint).
        log_id: what to call the log if there is none yet; not 0.
        on_cut: called before a torn or rotten tail is cut, if there is one.

    Raises:
        LogFault: nothing in there can be trusted. OSError: the disk failed.
    """
    _make_directories(disk, directory)
    scans = _since_base(disk, directory, read_log(disk, directory, durable_seq))
    note = read_note(disk, directory)
    if note is not None:
        if cuts_seen(scans) < note.cuts:
            carry_out(disk, directory, note)
        else:
            confirm(disk, directory, note)
        scans = _since_base(disk, directory, read_log(disk, directory, durable_seq))
    verdict = judge(scans, durable_seq)
    if verdict is None:
        _begin(disk, directory, scans, segment_bytes, log_id)
        verdict = judge(read_log(disk, directory, durable_seq), durable_seq)
    if verdict is None:
        raise LogFault(f"{directory}: a new log cannot be read back; replace the disk")
    if not verdict.short:
        if verdict.torn:
            on_cut(verdict.head_seq + 1, verdict.rotten_end)
        _cut_behind(disk, directory, verdict)
    return verdict


def summary(verdict: Verdict) -> Recovered:
    """The part of a verdict that the rest of a unit decides by."""
    return Recovered(
        first_seq=verdict.first_seq,
        head_seq=verdict.head_seq,
        head_hash=verdict.head_hash,
        head_epoch=verdict.head_epoch,
        ends=verdict.ends,
        mark_seq=verdict.marks.seq,
        commit_seq=verdict.marks.commit_seq,
        peer_seq=verdict.marks.peer_seq,
        torn=verdict.torn,
        rotten_end=verdict.rotten_end,
        rotten=tuple((hole.first_seq, hole.last_seq) for hole in verdict.holes),
        short=verdict.short,
        clean=verdict.marks.seq == verdict.head_seq,
    )


def _make_directories(disk: Disk, directory: str) -> None:
    disk.mkdir(directory)
    disk.fsync_dir(parent(directory))
    disk.mkdir(f"{directory}/{AUDIT}")
    for place in (directory, f"{directory}/{AUDIT}"):
        for name in filter(is_unfinished, disk.listdir(place)):
            disk.unlink(f"{place}/{name}")
        disk.fsync_dir(place)
    prune(disk, directory)


def _since_base(disk: Disk, directory: str, scans: list[Scan]) -> list[Scan]:
    """Without segments from before the log was begun anew. They were deleted; that may have been lost."""
    newest = newest_frame(scans)
    if newest is None:
        return scans
    for scan in scans:
        if scan.segment < newest.base:
            disk.unlink(f"{directory}/{segment_name(scan.segment)}")
    disk.fsync_dir(directory)
    return [scan for scan in scans if scan.segment >= newest.base]


def _begin(disk: Disk, directory: str, scans: list[Scan], segment_bytes: int, log_id: int) -> None:
    """A log without entries. Only blank segments may lie there: a crash left them, in these very lines."""
    for scan in scans:
        if any(isinstance(item, Gap) and not item.blank for item in scan.items):
            name = segment_name(scan.segment)
            raise LogFault(f"{directory}/{name}: not one readable frame in the log; keep it, rejoin blank")
    for scan in reversed(scans):
        disk.unlink(f"{directory}/{segment_name(scan.segment)}")
    file = create_segment(disk, directory, _FIRST_SEGMENT, segment_bytes)
    try:
        file.pwrite(base_frame(_FIRST_SEGMENT, 0, log_id, Marks(0, 0, GENESIS_HASH, 0, 0)), 0)
        file.fdatasync()
    finally:
        file.close()


def base_frame(segment: int, cuts: int, log_id: int, marks: Marks) -> bytes:
    """The first frame of a log whose next entry follows the one that `marks` speaks of."""
    seq, epoch, entry_hash = marks.seq, marks.epoch, marks.entry_hash
    frame = Frame(
        segment=segment,
        at=0,
        span_bytes=MARK_BYTES,
        payload_bytes=0,
        cuts=cuts,
        base=segment,
        log_id=log_id,
        segment_seq=seq + 1,
        first_seq=seq + 1,
        last_seq=seq,
        prev_epoch=epoch,
        last_epoch=epoch,
        prev_hash=entry_hash,
        last_hash=entry_hash,
        marks=marks,
    )
    return pack(frame, b"")


def _cut_behind(disk: Disk, directory: str, verdict: Verdict) -> None:
    """Wipe what lies behind the end: a torn tail (after copying it), and segments prepared but unused.

    Later segments go first: what is left in between looks torn again.
    """
    end: End = verdict.end
    if verdict.torn:
        keep_copy(disk, directory, verdict.cuts, f"torn-{verdict.head_seq + 1}", end.segment, end.at)
    later = [number for number in segments_in(disk, directory) if number > end.segment]
    for number in reversed(later):
        disk.unlink(f"{directory}/{segment_name(number)}")
    if later:
        disk.fsync_dir(directory)
    with suppress(FileNotFoundError):
        file = disk.open(f"{directory}/{segment_name(end.segment)}")
        try:
            if used_bytes(file, end.at):
                wipe(file, end.at)
            file.fdatasync()
        finally:
            file.close()
