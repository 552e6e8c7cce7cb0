"""A frame is believed only where it was written, by the log that wrote it, in the order of writing."""

from typing import Any

import msgspec

from ftnode.store.entry import GENESIS_HASH
from ftnode.store.wal import Closed
from ftnode.store.wal_frame import HEADER_BYTES, MARK_BYTES, Frame, Marks, pack, parse, span_of
from ftnode.store.wal_scan import segment_name
from tests.store.log_world import DIRECTORY, World, frame_of, frames_on, spoil

FRAME = Frame(
    segment=3,
    at=512,
    span_bytes=512,
    payload_bytes=0,
    cuts=1,
    base=2,
    log_id=77,
    segment_seq=5,
    first_seq=9,
    last_seq=8,
    prev_epoch=4,
    last_epoch=4,
    prev_hash=GENESIS_HASH,
    last_hash=GENESIS_HASH,
    marks=Marks(8, 4, GENESIS_HASH, 7, 6),
)


def test_there_and_back() -> None:
    """Whole sectors, a header of 172 bytes, and the same frame again."""
    data = pack(FRAME, b"")
    assert (len(data), HEADER_BYTES, MARK_BYTES) == (512, 172, 512)
    assert [span_of(payload) for payload in (0, 340, 341, 852, 853)] == [512, 512, 1024, 1024, 1536]
    assert parse(data, 0, 3, 512, 77) == FRAME
    assert parse(b"x" * 9 + data, 9, 3, 512, None) == FRAME


ELSEWHERE = [  # segment, byte, log: bytes that look like a frame are none anywhere else
    (4, 512, 77),
    (3, 1024, 77),
    (3, 512, 78),  # inside the body of an entry that some client sent
]


def test_only_where_it_was_written() -> None:
    """Another segment, another place, another log."""
    data = pack(FRAME, b"")
    for segment, at, log_id in ELSEWHERE:
        assert parse(data, 0, segment, at, log_id) is None
    assert parse(data[:171], 0, 3, 512, 77) is None
    for byte in range(HEADER_BYTES):
        bad = bytearray(data)
        bad[byte] ^= 16
        assert parse(bytes(bad), 0, 3, 512, 77) is None


UNSOUND: list[dict[str, Any]] = [  # numbers that no frame of ours has, under a hash that is right
    {"span_bytes": 513},
    {"span_bytes": 0},
    {"payload_bytes": 300},
    {"last_seq": 9},
    {"last_seq": 7},
    {"last_hash": b"x" * 16},
    {"last_epoch": 5},
]


def test_unsound_numbers_are_refused() -> None:
    """A bug of ours, or an enemy with our hash function."""
    for change in UNSOUND:
        odd = msgspec.structs.replace(FRAME, **change)
        assert parse(pack(odd, b""), 0, 3, 512, 77) is None, change


def test_frames_of_before_a_cut_continue_nothing() -> None:
    """They come back behind the end of a closed segment, as after a lost wipe: never read, never rot."""
    world = World(2)
    world.live()
    while len(world.wal.closed(10**6)) < 2:
        world.append(1)
    world.sync()
    path = f"{DIRECTORY}/{segment_name(1)}"
    old = world.disk.open(path).pread(8192, 0)
    last = [frame for frame in frames_on(world.disk) if frame.segment == 1][-1]
    world.cut(last.first_seq - 5)
    world.epoch += 1
    while world.wal.closed(10**6) == []:
        world.append(9)
    world.sync()
    end = max(frame.end for frame in frames_on(world.disk) if frame.segment == 1)
    file = world.disk.open(path)
    file.pwrite(old[end:], end)
    file.fdatasync()
    stale = [frame for frame in frames_on(world.disk) if frame.segment == 1 and frame.at >= end]
    assert [frame.cuts for frame in stale] == [0] * 4
    for _ in range(2):
        world.check()
        spoil(world.disk, frame_of(world.disk, 2))
        world.scrub_all()
        assert [first for first, _ in world.wal.rotten] == [frame_of(world.disk, 1).last_seq + 1]
        world.repair_all()
        world.check()
        assert world.wal.closed(10**6)[0] == Closed(1, 1, last.first_seq - 5)
        assert world.restart(power_cut=True).rotten == ()
        world.live()
