"""A unit's memory: written by a thread, bounded, and never in the way."""

import asyncio
import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ftnode.shell import memory
from ftnode.shell.memory import Memory
from ftnode.store.history import Happened, read

PATIENCE_S = 10.0


def made(directory: Path, boot: int = 1) -> Memory:
    return Memory(directory / "history", 1 << 20, 1, boot)


def told(directory: Path) -> list[tuple[int, int, str]]:
    return [(line.boot, line.number, line.what) for line in read(directory / "history")]


async def until(seen: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not seen():  # noqa: ASYNC110 - what is waited for happens in a thread
            await asyncio.sleep(0.01)


async def until_written(unit: Memory, lines: int) -> None:
    await until(lambda: sum(1 for _ in read(unit.directory)) >= lines)


async def test_what_is_noted_is_there_after_the_end(tmp_path: Path) -> None:
    """With who and why; and a life that ended in order says nothing of itself later."""
    unit = made(tmp_path)
    unit.start()
    unit.note("bring_down_asked", "new disk", who="ann", force=False)
    unit.note("ended", "told to stop")
    await unit.stop(PATIENCE_S)
    unit = made(tmp_path, boot=2)
    unit.start()
    unit.note("started", "")
    await until_written(unit, 3)
    await unit.stop(PATIENCE_S)
    assert told(tmp_path) == [(1, 1, "bring_down_asked"), (1, 2, "ended"), (2, 1, "started")]
    first = next(read(tmp_path / "history"))
    assert (first.who, first.why, first.more) == ("ann", "new disk", {"force": "False"})


async def test_a_life_that_was_cut_off_is_told_by_the_next(tmp_path: Path) -> None:
    """A killed process writes nothing: the gap is named where it is."""
    unit = made(tmp_path)
    unit.start()
    unit.note("moved", "x")
    await until_written(unit, 1)  # and then it was killed
    later = made(tmp_path, boot=2)
    later.start()
    later.note("started", "")
    await until_written(later, 3)
    assert told(tmp_path)[-1] == (2, 2, "unended")
    await later.stop(PATIENCE_S)
    await unit.stop(PATIENCE_S)


async def test_a_disk_that_fails_is_told_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines wait, what is wrong has a name, and when there is room all of it is written."""
    monkeypatch.setattr(memory, "AGAIN_S", 0.01)
    full = True
    real = os.write

    def write(fd: int, data: bytes) -> int:
        if full and b'"v":1' in bytes(data):
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(fd, data)

    monkeypatch.setattr(os, "write", write)
    unit = made(tmp_path)
    unit.start()
    unit.note("moved", "one")
    await until(lambda: bool(unit.failing))
    assert unit.failing == "No space left on device"
    unit.note("moved", "two")
    full = False
    await until_written(unit, 2)
    await until(lambda: not unit.failing)
    await unit.stop(PATIENCE_S)
    assert [line.why for line in read(unit.directory)] == ["one", "two"]


async def test_a_disk_that_hangs_holds_up_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Noting returns at once, what waits is bounded, and the end is not waited for longer than was said."""
    hang = asyncio.Event()
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(memory, "WAITING_MAX", 5)
    monkeypatch.setattr(memory, "OF_A_KIND_MAX", 1000)

    def append(_: object, lines: list[Happened]) -> None:
        asyncio.run_coroutine_threadsafe(hang.wait(), loop).result()

    monkeypatch.setattr("ftnode.store.history.HistoryFile.append", append)
    unit = made(tmp_path)
    unit.start()
    for number in range(100):
        unit.note("moved", str(number))
    assert len(unit.recent) == 100, "who follows is told all the same"
    assert len(unit._waiting) == 5
    await unit.stop(0.05)
    hang.set()


async def test_one_thing_all_the_time_is_not_history(tmp_path: Path) -> None:
    """A stranger who calls a thousand times a minute fills no disk, and pushes nothing else out."""
    unit = made(tmp_path)
    unit.start()
    for _ in range(1000):
        unit.note("suspect", "a stranger")
    unit.note("moved", "x")
    await until_written(unit, memory.OF_A_KIND_MAX + 1)
    await unit.stop(PATIENCE_S)
    assert [what for *_, what in told(tmp_path)].count("suspect") == memory.OF_A_KIND_MAX
    assert told(tmp_path)[-1][2] == "moved"


async def test_what_is_kept_is_loaded_and_counted(tmp_path: Path) -> None:
    """The newest one, whole."""
    unit = made(tmp_path)
    assert unit.load() == b""
    unit.start()
    for number in range(50):
        newest = unit.keep(b"%d" % number * 1000)
    await until(lambda: unit.kept >= newest)
    assert made(tmp_path).load() == b"49" * 1000
    await unit.stop(PATIENCE_S)
