"""How a batch lies in a segment: one frame, whole sectors, a header that stands for itself.

    header (172 bytes, with its own hash) | the entries as they were handed in | zeros to the sector's end

A frame starts on a sector, so writing one never touches bytes that were durable before, and a
scan finds the next one after a bad one. Its header says where it lies and whose it is, so that no
bytes inside an entry, no stale frame and no frame of another log is ever taken for one of this log.
A frame without entries only carries marks.
"""

import struct
from hashlib import blake2b
from typing import Final

import msgspec

from ftnode.store.disk import SECTOR_BYTES
from ftnode.store.entry import EntryFaultError, Run, ends_of, walk_run

MAGIC: Final = b"FTW1"  # the last character is the format
_CHECK_BYTES: Final = 16
# magic; segment, place, span, payload, cuts, base; log id; segment's first seq, first seq, last seq, epoch
# before, epoch of the last; mark: seq, epoch; commit, peer; hashes before, of the last, of the mark.
_HEADER: Final = struct.Struct("<4sIIIIIIQQQQQQQQQQ16s16s16s")
HEADER_BYTES: Final = _HEADER.size + _CHECK_BYTES
_PACK: Final = _HEADER.pack
_ZEROS: Final = bytes(SECTOR_BYTES)


class Marks(msgspec.Struct, frozen=True, gc=False):
    """What a unit knew for certain when it wrote a frame; each only grows, but for a cut."""

    seq: int  # durable here: an fsync of an earlier moment covered it
    epoch: int  # of that entry
    entry_hash: bytes  # of that entry
    commit_seq: int  # durable on the whole in-sync set, as far as told
    peer_seq: int  # what the other unit was known to hold


class Frame(msgspec.Struct, frozen=True, gc=False):
    """A frame's header. `last_seq` is `first_seq - 1` if it carries only marks."""

    segment: int  # number of the segment that it lies in
    at: int  # byte in that segment
    span_bytes: int  # up to where the next frame may start, whole sectors
    payload_bytes: int
    cuts: int  # how often this log was cut or begun anew before; never falls along the log
    base: int  # number of the segment with which the log began, the last time it did
    log_id: int  # drawn when the log was made
    segment_seq: int  # first seq of the segment
    first_seq: int
    last_seq: int
    prev_epoch: int  # of entry first_seq - 1
    last_epoch: int  # of entry last_seq, or prev_epoch
    prev_hash: bytes
    last_hash: bytes
    marks: Marks

    @property
    def end(self) -> int:
        """The byte after it."""
        return self.at + self.span_bytes


def sectors(size_bytes: int) -> int:
    """`size_bytes` rounded up to whole sectors, in bytes."""
    return -(-size_bytes // SECTOR_BYTES) * SECTOR_BYTES


def span_of(payload_bytes: int) -> int:
    """Least span of a frame with so much payload."""
    return sectors(HEADER_BYTES + payload_bytes)


MARK_BYTES: Final = span_of(0)


def pack(frame: Frame, payload: bytes) -> bytes:
    """The frame's bytes up to the last sector that it fills; the rest of a longer span is left as it is."""
    marks = frame.marks
    head = _PACK(
        MAGIC,
        frame.segment,
        frame.at,
        frame.span_bytes,
        frame.payload_bytes,
        frame.cuts,
        frame.base,
        frame.log_id,
        frame.segment_seq,
        frame.first_seq,
        frame.last_seq,
        frame.prev_epoch,
        frame.last_epoch,
        marks.seq,
        marks.epoch,
        marks.commit_seq,
        marks.peer_seq,
        frame.prev_hash,
        frame.last_hash,
        marks.entry_hash,
    )
    check = blake2b(head, digest_size=_CHECK_BYTES).digest()
    fill = -(HEADER_BYTES + len(payload)) % SECTOR_BYTES
    return b"".join((head, check, payload, _ZEROS[:fill]))


def parse(data: bytes, start: int, segment: int, at: int, log_id: int | None) -> Frame | None:
    """The frame header at byte `start` of `data`, read from byte `at` of `segment`; None if there is none.

    `log_id` None takes a frame of any log.
    """
    if data[start : start + 4] != MAGIC or len(data) - start < HEADER_BYTES:
        return None
    body_at = start + _HEADER.size
    check = blake2b(data[start:body_at], digest_size=_CHECK_BYTES).digest()
    if check != data[body_at : body_at + _CHECK_BYTES]:
        return None
    found = _HEADER.unpack_from(data, start)
    (_, in_segment, lies_at, span, payload, cuts, base, of_log, segment_seq, first_seq, last_seq) = found[:11]
    (prev_epoch, last_epoch, mark_seq, mark_epoch, commit_seq, peer_seq) = found[11:17]
    prev_hash, last_hash, mark_hash = found[17:]
    frame = Frame(
        in_segment,
        lies_at,
        span,
        payload,
        cuts,
        base,
        of_log,
        segment_seq,
        first_seq,
        last_seq,
        prev_epoch,
        last_epoch,
        prev_hash,
        last_hash,
        Marks(mark_seq, mark_epoch, mark_hash, commit_seq, peer_seq),
    )
    if frame.segment != segment or frame.at != at or frame.log_id != (log_id or frame.log_id):
        return None
    return frame if _is_sound(frame) else None


def payload_of(frame: Frame, data: bytes, start: int) -> Run | None:
    """The frame's entries, verified, from `data` where it starts at byte `start`.

    None if it carries only marks.

    Raises:
        EntryFaultError: the bytes are not what the header says.
    """
    if frame.last_seq < frame.first_seq:
        return None
    body_at = start + HEADER_BYTES
    payload = data[body_at : body_at + frame.payload_bytes]
    places = walk_run(frame.prev_hash, frame.first_seq, payload)
    if not places or places[-1][0] != frame.last_seq or places[-1][3] != frame.last_hash:
        raise EntryFaultError(f"frame at byte {frame.at}: its entries do not end where its header says")
    ends = ends_of(places)
    if ends[0][0] < frame.prev_epoch or ends[-1][0] != frame.last_epoch:
        raise EntryFaultError(f"frame at byte {frame.at}: its entries are not of the epochs its header says")
    return Run(payload, frame.first_seq, frame.last_seq, frame.prev_hash, frame.last_hash, ends)


def _is_sound(frame: Frame) -> bool:
    """Whether the numbers of a header agree with each other. Only a bug of ours makes them disagree."""
    if frame.span_bytes < span_of(frame.payload_bytes) or frame.span_bytes % SECTOR_BYTES:
        return False
    if frame.last_seq < frame.first_seq:
        return (frame.payload_bytes, frame.last_seq, frame.last_hash, frame.last_epoch) == (
            0,
            frame.first_seq - 1,
            frame.prev_hash,
            frame.prev_epoch,
        )
    return frame.payload_bytes > 0
