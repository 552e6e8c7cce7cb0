"""Decides what a scanned log is worth: what holds, what is rotten, what is a torn tail. Pure.

The one line that matters is the *floor*: the highest seq known to have been durable here, from the
marks in the frames or from the caller (its checkpoint). A gap that holds entries at or below it is
rot: nothing is cut, its entries are listed with the hash that their successor demands. A gap above
it is what a crash leaves of the last, never synced writes: everything from there on is cut. If what stands
there was written as a whole it is no torn write, it rotted, and may have been synced and acknowledged since
the newest mark. It is cut like the other (no hash says what it was), but the verdict says so.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ftnode.store.entry import HASH_BYTES
from ftnode.store.wal_faults import LogFault
from ftnode.store.wal_frame import Frame, Marks
from ftnode.store.wal_scan import Found, Gap, Scan, Skipped

_NO_MARKS: Final = Marks(0, 0, bytes(HASH_BYTES), 0, 0)


@dataclass(frozen=True, slots=True)
class Hole:
    """Entries `first_seq..last_seq` that were durable and cannot be read, and the bytes that held them."""

    first_seq: int
    last_seq: int
    prev_epoch: int
    last_epoch: int
    prev_hash: bytes | None  # None: the log begins in this hole
    last_hash: bytes  # what the successor, or the mark, demands
    pieces: tuple[Gap, ...]
    cuts: int  # of the frame before it


@dataclass(frozen=True, slots=True)
class End:
    """Where the next frame goes: byte `at` of `segment`. Whatever lies there or behind it is to be wiped."""

    segment: int
    at: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a log holds. Numbers of entries, hashes and places; see `Recovered` for what they mean."""

    frames: tuple[Frame, ...]  # in order, those that stay
    skipped: tuple[Skipped, ...]  # segments of which `frames` has only the first
    log_id: int
    cuts: int
    base: int
    first_seq: int
    head_seq: int
    head_epoch: int
    head_hash: bytes
    ends: tuple[tuple[int, int], ...]
    marks: Marks
    holes: tuple[Hole, ...]
    end: End
    torn: bool
    rotten_end: bool  # torn is not the word: what is cut, or the first of it, had been written as a whole
    short: bool


@dataclass(slots=True)
class _Chain:
    """The frames accepted so far, and what the next one must be chained to."""

    next_seq: int
    prev_hash: bytes | None
    prev_epoch: int
    first_seq: int
    end: End
    log_id: int
    cuts: int
    base: int
    frames: list[Frame] = field(default_factory=list)
    ends: dict[int, int] = field(default_factory=dict)
    holes: list[tuple[Hole, int]] = field(default_factory=list)  # and the number of frames before it
    skipped: list[Skipped] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)  # since the last accepted frame


def judge(scans: Sequence[Scan], floor_seq: int = 0, last_hash: bytes | None = None) -> Verdict | None:
    """Decide over the segments of a log, in order. None if there is no frame in them at all.

    Args:
        scans: what was read.
        floor_seq: highest seq that the caller knows to have been durable here.
        last_hash: of entry `floor_seq`, if these segments are known to end with it.

    Raises:
        LogFault: the entry before the first one is unknown, so that nothing can be chained to it.
    """
    items = list(_in_order(scans))
    chain = _begin(items)
    if chain is None:
        return None
    for item in items:
        if isinstance(item, Gap):
            chain.gaps.append(item)
        elif isinstance(item, Skipped):
            _pass_over(chain, item)
        elif _fits(chain, item.frame):
            _accept(chain, item)
        else:
            chain.gaps.append(_as_gap(item.frame))
    if last_hash is not None and chain.next_seq <= floor_seq:
        _hole(chain, floor_seq, last_hash, chain.prev_epoch)
    return _sum_up(chain, floor_seq)


def _in_order(scans: Iterable[Scan]) -> Iterator[Found | Gap | Skipped]:
    """What stands in the segments; a missing segment is a gap."""
    before: Scan | None = None
    for scan in scans:
        for missing in range(before.segment + 1 if before else scan.segment, scan.segment):
            yield Gap(missing, 0, scan.size_bytes, blank=False)
        yield from scan.items
        before = scan


def _begin(items: Iterable[Found | Gap | Skipped]) -> _Chain | None:
    """Start with what the first frame says of itself, or of its segment if something stood before it."""
    for item in items:
        if isinstance(item, Gap):
            continue
        first = item.frame if isinstance(item, Found) else item.first
        at_start = first.first_seq == first.segment_seq
        chain = _Chain(
            next_seq=first.segment_seq,
            prev_hash=first.prev_hash if at_start else None,
            prev_epoch=first.prev_epoch if at_start else 0,
            first_seq=first.segment_seq,
            end=End(first.segment, first.at),
            log_id=first.log_id,
            cuts=first.cuts,
            base=first.base,
        )
        if at_start and first.prev_epoch:
            chain.ends[first.prev_epoch] = first.segment_seq - 1
        return chain
    return None


def _pass_over(chain: _Chain, item: Skipped) -> None:
    """Take a segment that was not read for what its neighbours say."""
    first, following = item.first, item.following
    if not _fits(chain, first):
        chain.gaps.append(Gap(first.segment, 0, item.size_bytes, blank=False))
        return
    if first.first_seq > chain.next_seq:
        _hole(chain, first.first_seq - 1, first.prev_hash, first.prev_epoch)
    chain.ends[following.prev_epoch] = following.segment_seq - 1
    chain.frames.append(first)
    chain.skipped.append(item)
    chain.gaps.clear()
    chain.cuts, chain.base = first.cuts, first.base
    chain.next_seq, chain.prev_hash = following.segment_seq, following.prev_hash
    chain.prev_epoch = following.prev_epoch
    chain.end = End(first.segment, item.size_bytes)  # never written to again


def _fits(chain: _Chain, frame: Frame) -> bool:
    """Whether a frame continues the chain, directly or behind a hole. One of before a cut never does."""
    if frame.cuts < chain.cuts:
        return False
    if frame.first_seq == chain.next_seq:
        return chain.prev_hash in (None, frame.prev_hash)
    return frame.first_seq > chain.next_seq and bool(chain.gaps)


def _accept(chain: _Chain, found: Found) -> None:
    frame = found.frame
    if frame.first_seq > chain.next_seq:
        _hole(chain, frame.first_seq - 1, frame.prev_hash, frame.prev_epoch)
    for epoch, seq in found.ends:
        chain.ends[epoch] = seq
    chain.frames.append(frame)
    chain.cuts, chain.base = frame.cuts, frame.base
    chain.gaps.clear()
    chain.next_seq, chain.prev_hash, chain.prev_epoch = frame.last_seq + 1, frame.last_hash, frame.last_epoch
    chain.end = End(frame.segment, frame.end)


def _hole(chain: _Chain, last_seq: int, last_hash: bytes, last_epoch: int) -> None:
    """The gaps since the last frame held entries up to `last_seq`."""
    hole = Hole(
        chain.next_seq,
        last_seq,
        chain.prev_epoch,
        last_epoch,
        chain.prev_hash,
        last_hash,
        tuple(chain.gaps),
        chain.cuts,
    )
    chain.holes.append((hole, len(chain.frames)))
    chain.ends[last_epoch] = last_seq
    chain.next_seq, chain.prev_hash, chain.prev_epoch = last_seq + 1, last_hash, last_epoch
    if chain.gaps:
        chain.end = End(chain.gaps[-1].segment, chain.gaps[-1].end)
    chain.gaps.clear()


def _sum_up(chain: _Chain, caller_floor_seq: int) -> Verdict:
    """Find the first hole above the floor; that is where a torn tail begins."""
    marks = _newest(chain.frames)
    floor_seq = max(marks.seq, caller_floor_seq)
    frames, holes, end = chain.frames, [hole for hole, _ in chain.holes], chain.end
    head_seq, head_epoch, head_hash = chain.next_seq - 1, chain.prev_epoch, chain.prev_hash
    torn = any(not gap.blank for gap in chain.gaps)
    rotten_end = _rotted(chain.gaps)
    for number, (hole, before) in enumerate(chain.holes):
        if hole.last_seq <= floor_seq or (hole.first_seq <= floor_seq and floor_seq > marks.seq):
            continue  # rot, all of it: where only the caller knows the floor, no hash says where to split
        frames, holes, torn = chain.frames[:before], holes[:number], True
        # Right behind rot below the mark, one fault is likelier than two: the upper part rotted with it.
        rotten_end = hole.first_seq <= floor_seq or _rotted(hole.pieces)
        if hole.first_seq > floor_seq:
            end = End(frames[-1].segment, frames[-1].end) if frames else End(hole.pieces[0].segment, 0)
            head_seq, head_epoch, head_hash = hole.first_seq - 1, hole.prev_epoch, hole.prev_hash
        else:  # the hole reaches over the mark: its lower part is rot, its upper part was never synced
            holes.append(
                replace(hole, last_seq=marks.seq, last_hash=marks.entry_hash, last_epoch=marks.epoch)
            )
            end = End(hole.pieces[-1].segment, hole.pieces[-1].end)
            head_seq, head_epoch, head_hash = marks.seq, marks.epoch, marks.entry_hash
        break
    if head_hash is None:
        raise LogFault(
            f"entry {chain.first_seq} and what it is chained to are lost; rejoin with a blank disk"
        )
    return Verdict(
        frames=tuple(frames),
        skipped=tuple(chain.skipped),
        log_id=chain.log_id,
        cuts=chain.cuts,
        base=chain.base,
        first_seq=chain.first_seq,
        head_seq=head_seq,
        head_epoch=head_epoch,
        head_hash=head_hash,
        ends=_ends_up_to(chain.ends, head_seq, head_epoch),
        marks=marks,
        holes=tuple(holes),
        end=end,
        torn=torn,
        rotten_end=torn and rotten_end,
        short=head_seq < floor_seq,
    )


def _rotted(gaps: Sequence[Gap]) -> bool:
    """Is the first thing that stands in these gaps a frame that was written as a whole?"""
    first = next((gap for gap in gaps if not gap.blank), None)
    return first is not None and first.rotten


def _newest(frames: Sequence[Frame]) -> Marks:
    """The highest of each number that any frame carries: each was true when it was written."""
    best = max((frame.marks for frame in frames), key=lambda marks: marks.seq, default=_NO_MARKS)
    return Marks(
        best.seq,
        best.epoch,
        best.entry_hash,
        max(frame.marks.commit_seq for frame in frames),
        max(frame.marks.peer_seq for frame in frames),
    )


def _ends_up_to(ends: dict[int, int], head_seq: int, head_epoch: int) -> tuple[tuple[int, int], ...]:
    """(epoch, last seq) ascending, ending with the head's; epochs that begin above it are gone.

    Epoch 0 is not known: the log begins behind an entry whose own frame rotted.
    """
    kept = [(epoch, seq) for epoch, seq in ends.items() if epoch < head_epoch and 0 < seq < head_seq]
    return (*kept, (head_epoch, head_seq)) if head_seq and head_epoch else ()


def _as_gap(frame: Frame) -> Gap:
    return Gap(frame.segment, frame.at, frame.end, blank=False)
