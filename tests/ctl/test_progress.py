"""What a person is shown of a unit that duplexes: what, how fast, how long, what is saved."""

import pytest

from ftnode.ctl import words
from ftnode.v1 import admin_pb2 as pb

BOX = 43  # the inside of a unit's box on a terminal of 96; alone on one of 80 it has more
SNAPSHOT = pb.Duplexing(
    phase=pb.DUPLEXING_PHASE_SNAPSHOT,
    slots_done=1024,
    slots_total=4096,
    bytes_done=123_456_789,
    bytes_per_second=23_456_789,
    left_ms=3_725_000,
    slots_equal=100,
    slots_resumed=28,
    bytes_saved=9_876_543,
)
CASES = [
    (
        SNAPSHOT,
        [
            "duplexing: snapshot, 1024 of 4096 slots",
            "  117.7 MiB, 22.4 MiB/s, 1 h 2 min left",
            "  128 slots were here: 9.4 MiB saved",
        ],
    ),
    (
        pb.Duplexing(
            phase=pb.DUPLEXING_PHASE_LOG, entries_left=1_234_567, entries_per_second=4321, left_ms=285_714
        ),
        ["duplexing: log, 1,234,567 entries left", "  4,321 entries/s, 4 min 45 s left"],
    ),
    (pb.Duplexing(phase=pb.DUPLEXING_PHASE_LOG, entries_left=5), ["duplexing: log, 5 entries left"]),
    (pb.Duplexing(phase=pb.DUPLEXING_PHASE_COMPARING), ["duplexing: comparing"]),
]


@pytest.mark.parametrize(("at", "said"), CASES)
def test_progress_in_words(at: pb.Duplexing, said: list[str]) -> None:
    """Nothing that is not known is said, and no line is wider than the box."""
    assert words.progress(at) == said
    assert max(map(len, said)) <= BOX
