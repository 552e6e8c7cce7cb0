"""A disk without room: commands are refused and surely not taken, questions are answered, nothing ends."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import grpc
import pytest

from ftnode.shell.checkpoints import Checkpoints
from ftnode.shell.house import House
from ftnode.store.state import StoreFull
from tests.shell.stub import ADD, FLOW, MANY, READ, Unit, tills
from tests.shell.test_disk_queue import until
from tests.shell.test_faults import OFTEN
from tests.shell.test_serving import info, trailer

FULL = "the disk of unit 1 is full: 3.0 MiB free, want 64.0 MiB"


def refused(error: grpc.aio.AioRpcError) -> None:
    """Surely not taken, with the reason in words and a time to come back."""
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert FULL in (error.details() or "")
    assert info(error).reason == "NOT_TAKEN"
    assert trailer(error)["grpc-retry-pushback-ms"] == "25"


async def test_commands_are_refused_and_questions_answered() -> None:
    """Unary, batch and stream; and with room everything is as before."""
    unit = Unit()
    unit.desk.serve()
    async with tills(unit) as (till, _):
        unit.desk.shut(FULL)
        for path in (ADD, MANY):
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await till.call(path, b"one")
            refused(caught.value)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await till.flow([b"x"], FLOW).read()
        refused(caught.value)
        assert await till.call(READ, b"who") == b"who!"
        assert unit.seq == 0
        unit.desk.shut("")
        assert await till.call(ADD, b"one") == b"ONE"


async def test_what_waits_is_refused_too() -> None:
    """It would otherwise wait for its deadline and not know."""
    unit = Unit(open=False)
    unit.desk.serve()
    async with tills(unit) as (till, _):
        waiting = asyncio.ensure_future(till.call(ADD, b"one"))
        while not unit.desk.intake.commands_waiting:  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.01)
        unit.desk.shut(FULL)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await waiting
        refused(caught.value)
        unit.open = True
        assert await till.call(READ, b"who") == b"who!"


async def test_a_checkpoint_without_room_is_given_up_and_the_next_one_holds_all() -> None:
    """It once ended the unit: on a full disk the last one that answered would have gone."""
    abandoned, began = list[object](), list[int]()
    room = False

    def write() -> None:
        if not room:
            raise StoreFull("no room on the disk")

    job = SimpleNamespace(
        put_slice=lambda: False,
        prepare=lambda: b"roots",
        write=write,
        sync=lambda: None,
        checkpoint=SimpleNamespace(seq=1),
        changed_keys=1,
    )

    def begin() -> object:
        began.append(1)
        return job

    executor = SimpleNamespace(
        compared_seq=0,
        compared=lambda seq: None,
        set_aside=lambda: None,
        begin_checkpoint=begin,
        finish_checkpoint=lambda job: None,
        abandon_checkpoint=abandoned.append,
    )
    runner = SimpleNamespace(executor=executor, pop_size=lambda: 1, asks_for_checkpoint=lambda seq: False)
    done, failed = list[int](), list[str]()
    checkpoints = Checkpoints(cast(Any, runner), OFTEN, done.append, lambda why, error: failed.append(why))
    checkpoints.compared(1)
    await until(lambda: bool(abandoned))
    assert (failed, done, checkpoints.busy) == ([], [], False)
    room = True
    checkpoints.compared(2)
    await until(lambda: bool(done))
    assert (failed, len(began)) == ([], 2)


async def test_a_segment_that_cannot_fit_is_not_begun(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Making it would take the last byte from those who need one, again and again."""
    prepared: list[int] = []
    wal = SimpleNamespace(rotten=(), wants_spare=True, head_seq=1, prepare=lambda: prepared.append(1))
    log = SimpleNamespace(segment_bytes=1 << 62)
    settings = SimpleNamespace(
        log=log, unit=SimpleNamespace(dir=str(tmp_path)), timing=SimpleNamespace(mark_ms=1000)
    )
    nothing: Any = lambda *_: None  # noqa: E731
    archive: Any = SimpleNamespace(unreadable={})
    house = House(cast(Any, settings), cast(Any, wal), archive, *[nothing] * 6)
    house.start()
    try:
        await until(lambda: bool(house.full))
        assert "no room for a segment" in house.full
        assert not prepared
        log.segment_bytes = 1
        monkeypatch.setattr("ftnode.shell.house.AGAIN_S", 0.01)
        await until(lambda: bool(prepared))
        assert house.full == ""
    finally:
        await house.stop()
