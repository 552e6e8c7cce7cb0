"""A checkpoint when somebody wants one: asked for by an entry, written at its seq, waited for a while."""

import asyncio
from pathlib import Path
from typing import Any, cast

import pytest

from ftnode.machine.executor import Executor
from ftnode.machine.kinds import Kind
from ftnode.shell import fresh
from ftnode.shell.calls import NoRoomError, Waiter
from ftnode.shell.checkpoints import Checkpoints, Often
from ftnode.shell.fresh import Fresh
from ftnode.shell.ledger import Ledger
from ftnode.shell.runner import Runner
from ftnode.shell.table import Answer, Command
from ftnode.store.entry import Entry
from ftnode.store.state_lmdb import LmdbStateStore
from tests.machine.log import chained
from tests.machines import COMMAND, Bank, body
from tests.shell.test_disk_queue import until

SELDOM = Often(checkpoint_entries=1000, checkpoint_bytes=1 << 20, overlay_max_bytes=1 << 20)
T_MS = 1_795_312_857_000


def entry(seq: int, kind: int = COMMAND) -> Entry:
    text = body("transfer", 1, 2, 1) if kind == COMMAND else b""
    return Entry(seq, 1, T_MS + seq, 7, 1, kind, 1, 7, b"", b"", 0, 0, text)


def add(runner: Runner, entries: list[Entry]) -> None:
    """Behind what there is, and executed."""
    logged = chained(entries, runner.executor.entry_hash)
    runner.add([one for one, _ in logged], [its_hash for _, its_hash in logged])
    while runner.run_slice():
        pass


async def test_the_checkpoint_is_at_the_entry_that_asks(tmp_path: Path) -> None:
    """Not before it, not behind it, however far is compared; one that was undone asks for nothing."""
    store = LmdbStateStore(tmp_path / "state")
    runner = Runner(Executor(store, [Bank()]), Ledger())
    done: list[int] = []
    failed: list[str] = []
    checkpoints = Checkpoints(runner, SELDOM, done.append, lambda why, error: failed.append(why))
    entries = [entry(1), entry(2), entry(3, Kind.CHECKPOINT), entry(4), entry(5, Kind.CHECKPOINT)]
    add(runner, entries)
    runner.drop_above(4)
    checkpoints.compared(4)
    await until(lambda: not checkpoints.busy)
    assert (done, failed, store.checkpoint.seq) == ([3], [], 3)
    add(runner, [entry(5)])
    checkpoints.compared(5)
    assert not checkpoints.busy
    store.close()


class Desk:
    """Answers with a seq, or not at all."""

    def __init__(self, refuse: Exception | None = None) -> None:
        self.asked: list[Command] = []
        self.waiter: Waiter | None = None
        self._refuse = refuse

    def ask(self, wants: list[Command], lane: object, actor: bytes) -> Waiter:
        self.asked += wants
        if self._refuse:
            raise self._refuse
        self.waiter = Waiter(1)
        return self.waiter


async def test_who_wants_one_waits_for_it() -> None:
    """An older one that is written meanwhile is not it."""
    desk, stands = Desk(), [10, 15]
    wish = Fresh(cast(Any, desk), lambda: (stands[0], stands[1]))
    waiting = asyncio.ensure_future(wish.wanted())
    await until(lambda: desk.waiter is not None)
    assert [command.kind for command in desk.asked] == [Kind.CHECKPOINT]
    assert desk.waiter is not None
    desk.waiter.put(0, Answer(16, 1, T_MS, 0, b""))
    await asyncio.sleep(0.01)
    for seq in (14, 16):
        assert not waiting.done()
        stands[0] = seq
        wish.written()
        await asyncio.sleep(0.01)
    await asyncio.wait_for(waiting, 1)


async def test_where_nothing_is_new_nothing_is_asked() -> None:
    """An idle shop's log does not grow by reports."""
    desk = Desk()
    await Fresh(cast(Any, desk), lambda: (15, 15)).wanted()
    assert desk.asked == []


@pytest.mark.parametrize("refuse", [None, NoRoomError("no room")])
async def test_who_cannot_have_one_goes_on_without(
    refuse: Exception | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody answers, or there is no room for the wish: the report is older, and says so."""
    monkeypatch.setattr(fresh, "WAIT_S", 0.05)
    desk = Desk(refuse)
    await asyncio.wait_for(Fresh(cast(Any, desk), lambda: (10, 15)).wanted(), 5)
    assert len(desk.asked) == 1
