"""How effects meet a log that is not as the core last heard: trimmed, rotten, or about to be another one."""

import asyncio
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from msgspec.structs import replace

from ftnode.core import effects as ef
from ftnode.core import events as ev
from ftnode.core.fsm import State
from ftnode.core.messages import Append, Fetched, Goodbye, Open, Sid
from ftnode.core.record import Record
from ftnode.core.state import Lead, Timing, fresh
from ftnode.shell.hands import Hands
from ftnode.shell.house import House
from ftnode.shell.ledger import Ledger
from ftnode.shell.logbook import Logbook
from ftnode.shell.trouble import archive_in_trouble
from ftnode.store.disk import RealDisk
from ftnode.store.entry import Entry, encode_run
from ftnode.store.wal import Wal
from ftnode.store.wal_faults import LogFault, LogGone, LogRotten
from ftnode.wire import lockstep
from ftnode.wire.frames import FrameError, FrameReader
from tests.shell.test_disk_queue import until

SID = Sid(1, 2, 3)
RECORD = Record("shop", "w1", 1, 0, (0,), ((0, "a"),))
APPEND = Append(SID, RECORD, 4, 5, ((1, 5),), 9, 0, 0, 0, 0)


class Log:
    """A log of which some entries cannot be read."""

    def __init__(self, fault: LogFault) -> None:
        self.first_seq, self.head_seq, self.fault = 7, 9, fault

    def read(self, seq: int, max_bytes: int) -> object:
        raise self.fault

    def hash_at(self, seq: int) -> bytes:
        raise self.fault


def hands_with(fault: LogFault) -> tuple[Hands, list[Any], list[bytes]]:
    """Hands with nothing in them but a log, what the core hears, and what is sent."""
    heard: list[Any] = []
    sent: list[bytes] = []
    hands = Hands.__new__(Hands)
    hands._logbook = Logbook(cast(Any, Log(fault)))
    hands._append_max_bytes = 1000
    hands._runner = cast(Any, SimpleNamespace(executor=None))
    hands._reader = cast(Any, None)
    hands._log = cast(Any, SimpleNamespace(error=lambda *_, **__: None))
    trial = SimpleNamespace(hear=lambda message: None, filled_in=lambda message: message)
    hands.self_trial = cast(Any, trial)
    hands.rot = cast(Any, SimpleNamespace(log=lambda: heard.append("rot")))
    unit = SimpleNamespace(log=SimpleNamespace(checkpoint_seq=6))
    hands.driver = cast(Any, SimpleNamespace(feed=heard.append, unit=unit))
    hands.link = cast(
        Any, SimpleNamespace(connected=True, crowded=False, send=sent.append, flush=lambda: None)
    )
    return hands, heard, sent


def test_entries_that_were_trimmed_away_are_told_to_the_core_not_died_of() -> None:
    """A segment may go between an opening and the first entries sent in its session."""
    hands, heard, sent = hands_with(LogGone("gone"))
    hands._send(ef.Send(APPEND))
    assert not sent
    (event,) = heard
    assert isinstance(event, ev.Checkpointed)
    assert (event.seq, event.first_seq) == (6, 7)


def test_entries_that_rotted_above_the_checkpoint_are_mended_first() -> None:
    """Corrupt is not absent: a restart would need them. The core sends again what was not received."""
    hands, heard, sent = hands_with(LogRotten("here", 4, 7))
    hands._send(ef.Send(APPEND))
    assert not sent
    assert heard == ["rot"]


def test_a_log_that_cannot_be_read_for_another_reason_is_the_end_of_the_unit() -> None:
    """A failing disk, not rot."""
    hands, heard, sent = hands_with(LogFault("input/output error"))
    hands._send(ef.Send(APPEND))
    assert not sent
    assert isinstance(heard[0], ev.FsyncFailed)


def test_rot_below_the_checkpoint_costs_the_partner_a_snapshot_not_this_unit_its_life() -> None:
    """Nothing here needs those entries again; dying of them would be a crash loop of the only good copy."""
    hands, heard, sent = hands_with(LogRotten("here", 4, 6))
    hands._send(ef.Send(APPEND))
    assert not sent
    assert isinstance(heard[0], ev.Checkpointed)
    assert (heard[0].seq, heard[0].first_seq) == (6, 7)


def test_a_session_is_never_opened_with_a_hash_that_cannot_be_read() -> None:
    """An empty one would tell the partner that its log is another one: it would fetch everything anew."""
    opening = Open(SID, RECORD, 7, b"", False, 5, 0)
    hands, heard, sent = hands_with(LogRotten("here", 7, 8))
    hands._send(ef.Send(opening))
    assert not sent
    assert heard == ["rot"]
    hands, heard, sent = hands_with(LogGone("gone"))
    hands._send(ef.Send(opening))
    assert not sent
    assert isinstance(heard[0], ev.Checkpointed)
    hands._send(ef.Send(replace(opening, snapshot=True)))  # the log is not what that partner gets
    assert len(sent) == 1


def test_what_lies_behind_the_rot_of_a_real_log_can_still_be_sent(tmp_path: Path) -> None:
    """The seq that the core is told to begin with is one from which this log does send."""
    wal, _ = Wal.recover(RealDisk(), str(tmp_path / "log"), segment_bytes=1 << 16)
    for seq in range(1, 401, 10):
        entries = [Entry(seq + at, 1, 1000, 7, 1, 16, body=b"x" * 900) for at in range(10)]
        wal.append(encode_run(wal.head_hash, entries)[0], seq - 1, 0)
        wal.sync()
    with (tmp_path / "log" / "0000000003.seg").open("r+b") as segment:
        segment.seek(30_000)
        segment.write(b"\xff" * 64)
    hands, heard, sent = hands_with(LogGone("none"))
    hands._logbook, hands._append_max_bytes = Logbook(wal), 1 << 20
    hands.driver.unit.log.checkpoint_seq = 390  # type: ignore[misc]
    hands._send(ef.Send(replace(APPEND, from_seq=1, to_seq=400, ends=((1, 400),))))
    (told,) = heard
    assert isinstance(told, ev.Checkpointed)
    assert 1 < told.first_seq <= 391
    heard.clear()
    sent.clear()
    hands._send(ef.Send(replace(APPEND, from_seq=told.first_seq, to_seq=400, ends=((1, 400),))))
    assert not heard
    frames = FrameReader(2 << 20).feed(b"".join(sent))
    parts = [said for frame in frames if isinstance(said := lockstep.decode(frame), Append)]
    assert (parts[0].from_seq, parts[-1].to_seq) == (told.first_seq, 400)
    wal.close()


@pytest.mark.parametrize("common_seq", [4, 5])
def test_a_session_whose_common_entry_rotted_below_the_checkpoint_begins_with_a_snapshot(
    common_seq: int,
) -> None:
    """The core opens by the log if what follows the common entry is here: so that is said to be gone too."""
    hands, heard, sent = hands_with(LogRotten("here", 4, 5))
    hands._send(ef.Send(Open(SID, RECORD, common_seq, b"", False, 5, 0)))
    assert not sent
    assert isinstance(heard[0], ev.Checkpointed)
    assert heard[0].first_seq > common_seq + 1


def test_what_the_disk_had_no_room_for_is_not_sent_empty_and_the_goodbye_still_leaves() -> None:
    """The standby called an Append without entries garbage, and closed before it heard why."""
    hands, heard, sent = hands_with(LogGone("not even asked for"))
    hands._send(ef.Send(replace(APPEND, from_seq=9, to_seq=10)))
    assert not sent
    assert isinstance(heard[0], ev.FsyncFailed)
    hands._send(ef.Send(Goodbye(0, 1, 1, "the disk is full")))
    (frame,) = FrameReader(1 << 20).feed(sent[0])
    assert isinstance(lockstep.decode(frame), Goodbye)


def test_entries_are_neither_read_nor_sent_while_the_channel_is_crowded() -> None:
    """Cutting the connection would drop what waits, and the next one would go the same way."""
    hands, heard, sent = hands_with(LogFault("was read"))
    hands.link = cast(
        Any, SimpleNamespace(connected=True, crowded=True, send=sent.append, flush=lambda: None)
    )
    hands._send(ef.Send(APPEND))
    assert not heard
    assert not sent
    hands._send(ef.Send(replace(APPEND, from_seq=1, to_seq=0, ends=())))  # a heartbeat
    assert len(sent) == 1


def test_a_unit_that_ends_gives_nothing_out_any_more() -> None:
    """The driver takes no event then, so the queue would never become shorter: the loop went on for ever."""
    asked = 0

    def next_batch() -> int:
        nonlocal asked
        asked += 1
        assert asked < 100, "still in the loop"
        return 1

    lead = replace(fresh(Timing(), 0, "shop"), state=State.ACTIVE, lead=Lead(epoch=3))
    hands = Hands.__new__(Hands)
    intake = SimpleNamespace(commands_waiting=1, reads_waiting=False, next_batch=next_batch)
    hands._desk = cast(Any, SimpleNamespace(intake=intake))
    hands._ledger = Ledger()
    hands._checkpoints = cast(Any, SimpleNamespace(overlay_full=False))
    hands._batches_in_flight = 4
    hands.driver = cast(Any, SimpleNamespace(halted=True, unit=lead, feed=lambda _: None))
    hands._pump()
    assert asked == 0
    hands.driver.halted = False
    with pytest.raises(AssertionError, match="still in the loop"):
        hands._pump()


def test_a_partner_that_asks_for_what_rotted_here_too_gets_what_there_is() -> None:
    """A legal message of the other unit must not end this one."""
    hands, heard, sent = hands_with(LogRotten("here", 4, 5))
    hands._send(ef.Send(Fetched(0, 2, (4, 5))))
    assert not heard
    (frame,) = FrameReader(1 << 20).feed(sent[0])
    assert lockstep.decode(frame) == Fetched(0, 2, ())


def test_an_append_without_its_entries_is_nonsense_not_a_bug_of_ours() -> None:
    """It closes the channel; it used to end the process when the core asked to take what never came."""
    hands, heard, _ = hands_with(LogGone("gone"))
    (frame,) = FrameReader(1 << 20).feed(lockstep.encode(APPEND))
    with pytest.raises(FrameError, match="came with 0 bytes of entries"):
        hands.received([frame])
    assert not heard


@pytest.mark.parametrize("may", [True, False])
async def test_no_mark_is_written_into_a_log_that_is_being_replaced(may: bool) -> None:
    """Cuts and resets run in the disk's thread; a mark in between went to a closed file."""
    written: list[tuple[int, int]] = []

    def mark_idle(*marks: int) -> bool:
        written.append((marks[0], marks[1]))
        return False

    wal = SimpleNamespace(head_seq=3, rotten=(), wants_spare=False, mark_idle=mark_idle)
    settings = SimpleNamespace(timing=SimpleNamespace(mark_ms=20))
    house = House(
        cast(Any, settings),
        cast(Any, wal),
        cast(Any, SimpleNamespace(unreadable={})),
        lambda: (1, 2) if may else None,
        lambda: None,
        lambda _: None,
        lambda _: None,
        lambda: None,
        lambda: None,
    )
    house.start()
    await asyncio.sleep(0.15)
    await house.stop()
    assert bool(written) is may


async def test_rot_that_the_archiver_meets_is_told_and_archiving_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody mended it: its segment was never archived, and a snapshot took the log away."""
    monkeypatch.setattr("ftnode.shell.house.TIDY_AGAIN_S", 0.05)
    wal = SimpleNamespace(head_seq=3, rotten=(), wants_spare=False, trim=lambda *_: 0)

    def closed(_: int) -> list[object]:
        if wal.rotten:
            raise LogRotten("log", *wal.rotten[0])
        return []

    wal.closed = closed
    log = SimpleNamespace(local_window_entries=1, local_window_bytes=1, segment_bytes=1, archive_keep_days=0)
    unit = SimpleNamespace(dir="/")
    settings = SimpleNamespace(timing=SimpleNamespace(mark_ms=1000), log=log, unit=unit)
    told: list[tuple[tuple[int, int], ...]] = []
    nothing = cast(Any, lambda *_: None)
    archive = cast(Any, SimpleNamespace(unreadable={}))

    def rotted() -> None:
        told.append(wal.rotten)

    def tidy_again() -> None:
        house.tidy(3, 3, 0)

    fakes = cast(Any, settings), cast(Any, wal), archive
    house = House(*fakes, nothing, nothing, nothing, nothing, rotted, tidy_again)
    house.start()
    try:
        wal.rotten = ((2, 2),)
        house.tidy(3, 3, 0)
        await until(lambda: bool(told) and "2..2 are rotten" in house.not_archived)
        wal.rotten = ()  # it was put back
        await until(lambda: not house.not_archived)
        heard = len(told)
        await asyncio.sleep(0.1)
        assert len(told) == heard
    finally:
        await house.stop()


async def test_an_archive_that_hangs_keeps_no_segment_from_being_made_ready(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It may be another machine's disk. The log's next segment, and marks, have nothing to do with it."""
    prepared: list[int] = []
    gate = threading.Event()

    def hang(_: int) -> list[object]:
        gate.wait(10)
        return []

    def prepare() -> None:
        prepared.append(1)

    wal = SimpleNamespace(
        head_seq=3, rotten=(), wants_spare=True, prepare=prepare, closed=hang, trim=lambda *_: 0
    )
    log = SimpleNamespace(local_window_entries=1, local_window_bytes=1, segment_bytes=1, archive_keep_days=0)
    unit = SimpleNamespace(dir="/")
    settings = SimpleNamespace(timing=SimpleNamespace(mark_ms=1000), log=log, unit=unit)
    nothing = cast(Any, lambda *_: None)
    archive = cast(Any, SimpleNamespace(unreadable={}))
    house = House(cast(Any, settings), cast(Any, wal), archive, *[nothing] * 6)
    house.tidy(3, 3, 0)
    house.start()
    await asyncio.sleep(0.2)
    try:
        assert prepared
        assert archive_in_trouble(1, house) is None
        monkeypatch.setattr("ftnode.shell.house.ARCHIVE_SLOW_S", 0.1)
        found = archive_in_trouble(1, house)
        assert found is not None
        assert "has not answered" in found.what
    finally:
        gate.set()
        await house.stop()
    for _ in range(100):
        await asyncio.sleep(0.01)
        if archive_in_trouble(1, house) is None:
            break
    assert archive_in_trouble(1, house) is None
