"""Which of the log is kept for a unit that duplexes, and when that costs more than beginning anew."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from ftnode.shell.house import House
from ftnode.shell.sending import keep_from_seq
from ftnode.store.wal import Closed

SEGMENT = 1000  # bytes, and each has 10 entries
HEAD = 200


def unit_with(partner: Any, held_seq: int | None, checkpoint_seq: int = 150) -> Any:
    log = SimpleNamespace(head_seq=HEAD, checkpoint_seq=checkpoint_seq)
    return SimpleNamespace(
        driver=SimpleNamespace(unit=SimpleNamespace(log=log, partner=partner)),
        snapshots=SimpleNamespace(held_seq=held_seq),
    )


def partner(snapshot: bool = False, received_seq: int = 0, acked_seq: int = 0) -> Any:
    return SimpleNamespace(snapshot=snapshot, received_seq=received_seq, acked_seq=acked_seq)


CASES = [  # partner, the snapshot held, the first entry kept
    (None, None, HEAD + 1),  # nobody needs anything
    (None, 60, 61),  # a newcomer went away and may come back for the rest of its snapshot
    (partner(snapshot=True), None, 151),  # the snapshot that it will be given stands there at the earliest
    (partner(snapshot=True), 60, 61),  # or stands already
    (partner(snapshot=True), 0, 1),  # or is being opened: not known where
    (partner(received_seq=60), None, 61),  # it goes on there, and has not acknowledged yet
    (partner(received_seq=90, acked_seq=80), None, 81),  # what it may still have to be sent again
    (partner(received_seq=90, acked_seq=80), 60, 61),  # it may die before it is in the set
]


@pytest.mark.parametrize(("said", "held_seq", "first"), CASES)
def test_what_a_newcomer_needs(said: Any, held_seq: int | None, first: int) -> None:
    """No entry less, in any stage of its way; and none for nobody."""
    assert keep_from_seq(unit_with(said, held_seq)) == first


def house_with(log_max_bytes: int, free_min_bytes: int = 0) -> House:
    """Entries 1..200 in closed segments of ten; 20 of them are the local window."""
    segments = [Closed(number, 10 * number + 1, 10 * number + 10) for number in range(20)]
    wal = SimpleNamespace(
        head_seq=HEAD, closed=lambda upto_seq: [one for one in segments if one.last_seq <= upto_seq]
    )
    settings = SimpleNamespace(
        log=SimpleNamespace(
            local_window_entries=20,
            local_window_bytes=100 * SEGMENT,
            segment_bytes=SEGMENT,
            free_min_bytes=free_min_bytes,
        ),
        join=SimpleNamespace(log_max_bytes=log_max_bytes),
        unit=SimpleNamespace(dir="/"),
    )
    nothing = cast(Any, lambda *_: None)
    archive = cast(Any, SimpleNamespace(unreadable={}))
    return House(cast(Any, settings), cast(Any, wal), archive, *[nothing] * 6)


def test_its_log_is_kept_beyond_the_window() -> None:
    """Without a newcomer the window decides; with one, it does."""
    house = house_with(log_max_bytes=100 * SEGMENT)
    assert house._upto(200, HEAD + 1) == 180
    assert house._upto(200, 61) == 60
    assert house.let_go == ""


@pytest.mark.parametrize(
    ("house", "why"),
    [
        (house_with(log_max_bytes=11 * SEGMENT), "join.log_max_bytes = 11000"),
        (house_with(log_max_bytes=100 * SEGMENT, free_min_bytes=1 << 60), "log.free_min_bytes"),
    ],
)
def test_a_newcomer_slower_than_the_log_grows_begins_anew(house: House, why: str) -> None:
    """It is told by the name of the limit; what the tills need goes first when the disk is nearly full."""
    assert house._upto(200, 61) == 180
    assert why in house.let_go
    assert "from entry 61 on" in house.let_go
    assert "begins anew" in house.let_go


def test_a_log_that_is_just_not_too_long_is_kept() -> None:
    """Twelve segments beyond the window: 61..180."""
    assert house_with(log_max_bytes=12 * SEGMENT)._upto(200, 61) == 60
