"""The log as the loop uses it: one encoding for disk and link, what comes is checked, the large is split."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ftnode.core.messages import Append, Sid
from ftnode.core.record import Record
from ftnode.machine.kinds import Kind
from ftnode.shell.calls import Call
from ftnode.shell.logbook import Logbook
from ftnode.shell.table import Command, Lane
from ftnode.store.disk import RealDisk
from ftnode.store.entry import EntryFaultError, Run
from ftnode.store.wal import Wal
from ftnode.store.wal_faults import LogFault

SEGMENT_BYTES = 1 << 17


@pytest.fixture
def books(tmp_path: Path) -> Iterator[tuple[Logbook, Logbook]]:
    """The active's log and the standby's, both empty."""
    logs = []
    for name in ("active", "standby"):
        (tmp_path / name).mkdir()
        wal, _ = Wal.recover(RealDisk(), str(tmp_path / name / "log"), segment_bytes=SEGMENT_BYTES)
        logs.append(Logbook(wal))
    yield logs[0], logs[1]
    for book in logs:
        book.wal.close()


def give_out(book: Logbook, count: int, epoch: int = 1, body_bytes: int = 10) -> Run:
    """The next `count` commands of an active."""
    head_seq = book.wal.head_seq
    calls = [
        Call(Command(16, 1, 7, b"id-%05d" % n, 0, 0, b"b" * body_bytes), Lane.TILL, b"me", 0, None)
        for n in range(head_seq, head_seq + count)
    ]
    run, _, _ = book.make(calls, head_seq + 1, epoch, 1000, 1)
    book.append(run, 0, 0)
    return run


def append_of(from_seq: int, to_seq: int, ends: tuple[tuple[int, int], ...]) -> Append:
    record = Record("shop", "w", 1, 0, (0, 1), ((0, "a"), (1, "b")))
    return Append(Sid(1, 2, 3), record, from_seq, to_seq, ends, to_seq, 0, 0, 0, 0, 0)


def test_the_same_bytes_reach_the_other_log(books: tuple[Logbook, Logbook]) -> None:
    """What the active encoded once is what the standby writes: equal heads by hash."""
    active, standby = books
    for _ in range(3):
        run = give_out(active, 4)
        taken = standby.check(append_of(run.first_seq, run.last_seq, run.ends), run.data)
        assert taken is not None
        standby.append(taken.run, 0, 0)
    assert standby.wal.head_seq == 12
    assert standby.wal.head_hash == active.wal.head_hash


def test_entries_come_from_memory_or_from_disk(books: tuple[Logbook, Logbook]) -> None:
    """Any range, across batches, whether it is still at hand or has to be read."""
    active, _ = books
    runs = [give_out(active, 3) for _ in range(4)]
    whole = b"".join(run.data for run in runs)
    at_hand = (active.entries(1, 12), active.entries(5, 6), active.entries(10, 12))
    active.forget_recent()
    assert (active.entries(1, 12), active.entries(5, 6), active.entries(10, 12)) == at_hand
    assert at_hand[0] == whole
    assert at_hand[2] == runs[3].data


def test_entries_that_were_never_written_are_a_fault_not_nothing(books: tuple[Logbook, Logbook]) -> None:
    """A disk that was full at `append` once made an Append leave empty."""
    active, _ = books
    give_out(active, 4)
    for from_seq, to_seq in ((5, 6), (3, 6)):
        with pytest.raises(LogFault, match="beyond"):
            active.entries(from_seq, to_seq)
        with pytest.raises(LogFault, match="beyond"):
            list(active.parts(append_of(from_seq, to_seq, ((1, to_seq),)), 1000))


def test_what_is_sent_twice_is_taken_once(books: tuple[Logbook, Logbook]) -> None:
    """An Append that overlaps our head gives only what is new; all old or beyond a gap, nothing."""
    active, standby = books
    first, second = give_out(active, 4), give_out(active, 4)
    standby.append(first, 0, 0)
    both = standby.check(append_of(3, 8, ((1, 8),)), active.entries(3, 8))
    assert both is not None
    assert both.run == second
    assert [entry.seq for entry in both.entries] == [5, 6, 7, 8]
    assert standby.check(append_of(1, 4, ((1, 4),)), first.data) is None
    assert standby.check(append_of(6, 8, ((1, 8),)), active.entries(6, 8)) is None


UNSOUND = [  # from, to, ends as said; which entries come; what is wrong
    (1, 4, ((1, 4),), (2, 4), "hash"),  # not those announced
    (1, 4, ((1, 4),), (1, 3), "came as"),  # fewer
    (1, 4, ((2, 4),), (1, 4), "came as"),  # of another epoch than said
]


@pytest.mark.parametrize(("from_seq", "to_seq", "ends", "sent", "words"), UNSOUND)
def test_what_is_not_as_it_was_announced_is_unsound(
    books: tuple[Logbook, Logbook],
    from_seq: int,
    to_seq: int,
    ends: tuple[tuple[int, int], ...],
    sent: tuple[int, int],
    words: str,
) -> None:
    """The core hears `sound=False`, and nothing of it is written."""
    active, standby = books
    give_out(active, 4)
    with pytest.raises(EntryFaultError, match=words):
        standby.check(append_of(from_seq, to_seq, ends), active.entries(*sent))


def test_a_flipped_bit_is_unsound(books: tuple[Logbook, Logbook]) -> None:
    """One bit, anywhere in what came."""
    active, standby = books
    data = bytearray(give_out(active, 2).data)
    data[len(data) // 2] ^= 4
    with pytest.raises(EntryFaultError):
        standby.check(append_of(1, 2, ((1, 2),)), bytes(data))


def test_a_large_append_travels_in_parts(books: tuple[Logbook, Logbook]) -> None:
    """No frame carries more than a batch may have; each part is a whole Append of its own."""
    active, standby = books
    give_out(active, 3, epoch=1, body_bytes=400)
    give_out(active, 3, epoch=2, body_bytes=400)
    parts = list(active.parts(append_of(1, 6, ((1, 3), (2, 6))), 1200))
    assert [(part.from_seq, part.to_seq, part.ends) for part, _ in parts] == [
        (1, 2, ((1, 2),)),
        (3, 4, ((1, 3), (2, 4))),
        (5, 6, ((2, 6),)),
    ]
    for part, data in parts:
        taken = standby.check(part, data)
        assert taken is not None
        standby.append(taken.run, 0, 0)
    assert standby.wal.head_hash == active.wal.head_hash


def test_a_client_that_saw_nothing_is_not_too_old(books: tuple[Logbook, Logbook]) -> None:
    """`seen_ms` 0 stands for the time of the first try: the entry's own."""
    active, standby = books
    run = give_out(active, 1)
    taken = standby.check(append_of(1, 1, run.ends), run.data)
    assert taken is not None
    assert taken.entries[0].seen_ms == taken.entries[0].time_ms == 1000


def test_an_abandon_that_says_nothing_claims_nothing(books: tuple[Logbook, Logbook]) -> None:
    """Its word is that of the command it gives up: 0 stays 0, or a command of last year "never ran"."""
    active, _ = books
    want = Command(int(Kind.ABANDON), 0, 0, b"request-1", 0, 0, b"")
    _, entries, _ = active.make([Call(want, Lane.TILL, b"me", 0, None)], 1, 1, 1000, 1)
    assert [one.seen_ms for one in entries] == [0]


def test_what_was_made_can_be_sent_before_it_is_written(tmp_path: Path) -> None:
    """The partner's disk is the one waited for: it hears of an entry before our own log has it."""
    wal, _ = Wal.recover(RealDisk(), str(tmp_path / "log"))
    logbook = Logbook(wal)
    for seq in (1, 2):
        run, _, _ = logbook.make_noop(seq, 1, 1_000, 1)
        assert wal.head_seq == seq - 1
        assert logbook.entries(seq, seq) == run.data
        logbook.append(run, 0, 0)
        assert wal.head_seq == seq
        assert logbook.entries(1, seq).endswith(run.data)
    with pytest.raises(LogFault, match="beyond the log's head, 2"):
        logbook.entries(1, 3)
