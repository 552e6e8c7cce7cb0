"""The one line between torn and rotten, as a table: what stands in the segments, what the log is then.

The hash of entry n is its number, after the name of another history if it is of one.
"""

from dataclasses import dataclass

import pytest

from ftnode.store.wal_faults import LogFault
from ftnode.store.wal_frame import Frame, Marks
from ftnode.store.wal_judge import judge
from ftnode.store.wal_scan import Found, Gap, Scan

SIZE = 4096


def _hash(seq: int, history: str = "") -> bytes:
    return f"{history}{seq}".encode().rjust(16, b"\0")


@dataclass
class _At:
    """Builds a segment from left to right, a frame or a gap of one sector each."""

    segment: int
    segment_seq: int
    items: list[Found | Gap]

    def frame(
        self, first: int, last: int, mark: int = 0, cuts: int = 0, history: str = "", epoch: int = 1
    ) -> "_At":
        at = len(self.items) * 512
        marks = Marks(mark, 1 if mark else 0, _hash(mark), 0, 0)
        prev_epoch = 1 if first > 1 else 0
        frame = Frame(
            self.segment,
            at,
            512,
            100 if last >= first else 0,
            cuts,
            1,
            7,
            self.segment_seq,
            first,
            last,
            prev_epoch,
            epoch if last >= first else prev_epoch,
            _hash(first - 1, history),
            _hash(last, "" if last >= first else history),
            marks,
        )
        self.items.append(Found(frame, ((epoch, last),) if last >= first else ()))
        return self

    def gap(self, blank: bool = False, rotten: bool = False) -> "_At":
        at = len(self.items) * 512
        self.items.append(Gap(self.segment, at, at + 512, blank, rotten))
        return self

    def scan(self) -> Scan:
        end = len(self.items) * 512
        return Scan(self.segment, SIZE, (*self.items, Gap(self.segment, end, SIZE, blank=True)))


def _one() -> _At:
    return _At(1, 1, []).frame(1, 0)


def _two(segment_seq: int, number: int = 2) -> _At:
    return _At(number, segment_seq, [])


@dataclass
class _Case:
    """What is there; the floor that the caller knows; what comes of it."""

    segments: list[_At]
    head: int
    rotten: tuple[tuple[int, int], ...] = ()
    torn: bool = False
    short: bool = False
    floor: int = 0
    rotten_end: bool = False


CASES = {
    "no entry at all": _Case([_one()], 0),
    "nothing special": _Case([_one().frame(1, 3).frame(4, 6, mark=3)], 6),
    "over two segments": _Case([_one().frame(1, 3), _two(4).frame(4, 5, mark=3)], 5),
    "a spare segment behind": _Case([_one().frame(1, 3), _two(0)], 3),
    "lost bytes behind the end": _Case([_one().frame(1, 3).gap()], 3, torn=True),
    "a lost write, a later one that arrived": _Case(
        [_one().frame(1, 3).gap(blank=True).frame(6, 7)], 3, torn=True
    ),
    "a torn write, a later one that arrived": _Case([_one().frame(1, 3).gap().frame(6, 7)], 3, torn=True),
    "a torn write at a segment's start": _Case([_one().frame(1, 3), _two(4).gap().frame(6, 7)], 3, torn=True),
    "the same gap, but a mark says that it was durable": _Case(
        [_one().frame(1, 3).gap().frame(6, 7, mark=5)], 7, rotten=((4, 5),)
    ),
    "zeros where a mark says that there was something": _Case(
        [_one().frame(1, 3).gap(blank=True).frame(6, 7, mark=5)], 7, rotten=((4, 5),)
    ),
    "a mark in the middle of the gap": _Case(
        [_one().frame(1, 3).gap().frame(8, 9, mark=5)], 5, rotten=((4, 5),), torn=True, rotten_end=True
    ),
    "the last frame was written as a whole": _Case(
        [_one().frame(1, 3).gap(rotten=True)], 3, torn=True, rotten_end=True
    ),
    "the same at a segment's start": _Case(
        [_one().frame(1, 3).gap(blank=True), _two(4).gap(rotten=True)], 3, torn=True, rotten_end=True
    ),
    "the same, and a later one that is whole": _Case(
        [_one().frame(1, 3).gap(rotten=True).frame(6, 7)], 3, torn=True, rotten_end=True
    ),
    "a frame that was never written, before one that rotted": _Case(
        [_one().frame(1, 3).gap(blank=True).frame(6, 7).gap(rotten=True)], 3, torn=True
    ),
    "written as a whole, and a mark says so too": _Case(
        [_one().frame(1, 3).gap(rotten=True).frame(6, 7, mark=5)], 7, rotten=((4, 5),)
    ),
    "rot, and a torn tail": _Case(
        [_one().gap().frame(4, 5, mark=3).gap().frame(8, 9, mark=3)], 5, rotten=((1, 3),), torn=True
    ),
    "the caller knows that it was durable": _Case(
        [_one().frame(1, 3).gap().frame(6, 7)], 7, rotten=((4, 5),), floor=4
    ),
    "the caller knows of more than there is": _Case([_one().frame(1, 3)], 3, short=True, floor=4),
    "and of more than what is torn": _Case([_one().frame(1, 3).gap()], 3, short=True, torn=True, floor=4),
    "a segment is missing": _Case(
        [_one().frame(1, 3), _two(8, number=3).frame(8, 9, mark=7)], 9, rotten=((4, 7),)
    ),
    "a segment is missing that was never synced": _Case(
        [_one().frame(1, 3), _two(8, number=3).frame(8, 9)], 3, torn=True
    ),
    "a spoilt frame of marks: no entry is lost": _Case([_one().frame(1, 3).gap().frame(4, 6, mark=3)], 6),
    "the successor of another entry 3": _Case([_one().frame(1, 3).frame(4, 6, history="x")], 3, torn=True),
    "the same, with a mark that it cannot vouch for": _Case(
        [_one().frame(1, 3).frame(4, 6, mark=5, history="x")], 3, torn=True
    ),
    "a frame from before a cut": _Case(
        [_one().frame(1, 3).frame(4, 3, mark=3, cuts=1).frame(4, 6)], 3, torn=True
    ),
    "two of them, the second behind the first": _Case(
        [_one().frame(1, 3).frame(4, 3, mark=3, cuts=1).frame(5, 6).frame(7, 9, mark=6)], 3, torn=True
    ),
    "an entry seen before": _Case([_one().frame(1, 3).frame(2, 3)], 3, torn=True),
}


@pytest.mark.parametrize("name", CASES)
def test_verdicts(name: str) -> None:
    """One row per story."""
    case = CASES[name]
    verdict = judge([one.scan() for one in case.segments], case.floor)
    assert verdict is not None
    rotten = tuple((hole.first_seq, hole.last_seq) for hole in verdict.holes)
    assert (verdict.head_seq, rotten, verdict.torn, verdict.short) == (
        case.head,
        case.rotten,
        case.torn,
        case.short,
    )
    assert verdict.rotten_end == case.rotten_end
    assert verdict.head_hash == (_hash(case.head))
    assert all(hole.last_hash == _hash(hole.last_seq) for hole in verdict.holes)


def test_nothing_to_judge() -> None:
    """Blank or unreadable segments hold no log; whoever asked decides what that means."""
    assert judge([]) is None
    assert judge([_two(0).scan(), _two(0, number=3).gap().scan()]) is None


def test_a_log_that_hangs_in_the_air() -> None:
    """Its first entries were never durable, what they were chained to is unknown: no end can be given."""
    with pytest.raises(LogFault, match="rejoin with a blank disk"):
        judge([_two(5).gap().frame(8, 9).scan()])
    verdict = judge([_two(5).gap().frame(8, 9, mark=7).scan()])
    assert verdict is not None
    assert [(hole.first_seq, hole.last_seq, hole.prev_hash) for hole in verdict.holes] == [(5, 7, None)]
