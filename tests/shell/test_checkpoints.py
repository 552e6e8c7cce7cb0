"""Checkpoints that wait: each is of the state where it was due, and what waits costs the loop nothing."""

from pathlib import Path
from typing import Any, cast

import pytest
from msgspec.structs import replace

from ftnode.machine.executor import Executor
from ftnode.machine.overlay import Executed, Overlay
from ftnode.shell.checkpoints import PAIR_BYTES, Checkpoints, Often
from ftnode.shell.ledger import Ledger
from ftnode.shell.runner import Runner
from ftnode.store.entry import Entry
from ftnode.store.state_lmdb import LmdbStateStore
from tests.machines import Bank, body
from tests.shell import test_fresh
from tests.shell.test_disk_queue import until
from tests.shell.test_fresh import add

LAST_SEQ = 47


def often(pairs_max: int) -> Often:
    """Every ten entries."""
    return Often(checkpoint_entries=10, checkpoint_bytes=1 << 20, overlay_max_bytes=pairs_max * PAIR_BYTES)


def entry(seq: int) -> Entry:
    """It writes keys of its own, so that no layer hides another one."""
    return replace(test_fresh.entry(seq), body=body("transfer", seq, seq + 1, seq))


class Held:
    """A unit's checkpoints; none is written before it is let go, as if the disk were slow."""

    def __init__(self, path: Path, pairs_max: int = 1000) -> None:
        self.store = LmdbStateStore(path)
        self.executor = Executor(self.store, [Bank()])
        self.runner = Runner(self.executor, Ledger())
        self.written: list[tuple[int, bytes]] = []
        self.failed: list[str] = []
        self.prepared: list[int] = []
        self.checkpoints = Checkpoints(
            self.runner, often(pairs_max), self._written, lambda why, error: self.failed.append(why)
        )
        self.checkpoints.prepared = lambda seq, roots: self.prepared.append(seq)

    def _written(self, seq: int) -> None:
        self.written.append((seq, self.store.checkpoint.digest))

    async def let_go(self, seq: int) -> None:
        """Write the one that is prepared; the next one is begun."""
        await until(lambda: self.prepared[-1:] == [seq])
        self.checkpoints.write(seq)
        await until(lambda: self.written[-1:] != [] and self.written[-1][0] == seq)


async def test_those_that_wait_are_of_the_states_where_they_were_due(tmp_path: Path) -> None:
    """Four are due before the first is written: all four are, in order, and read the same meanwhile."""
    held = Held(tmp_path / "state")
    add(held.runner, [entry(seq) for seq in range(1, LAST_SEQ + 1)])
    digests = [(seq, held.executor.digest_at(seq)) for seq in (10, 20, 30, 40)]
    roots = held.executor.roots()
    held.checkpoints.compared(LAST_SEQ)
    assert held.executor.compared_seq == LAST_SEQ
    for seq in (10, 20, 30, 40):
        assert held.executor.roots() == roots
        await held.let_go(seq)
    assert (held.written, held.failed, held.checkpoints.busy) == (digests, [], False)
    held.store.close()


async def test_what_waits_is_not_laid_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An import outran the disk: with every checkpoint the loop stood still for all that waited, seconds."""
    held = Held(tmp_path / "state")
    for seq in range(1, LAST_SEQ + 1):
        add(held.runner, [entry(seq)])
        held.checkpoints.compared(seq)
    pushed: list[int] = []
    push = Overlay.push

    def noted(overlay: Overlay, ran: Executed) -> None:
        pushed.append(ran.seq)
        push(overlay, ran)

    monkeypatch.setattr(Overlay, "push", noted)
    for seq in (10, 20, 30, 40):
        await held.let_go(seq)
    assert pushed == []
    held.store.close()


@pytest.mark.parametrize(("pairs_max", "first"), [(4, 20), (40, 41), (1000, LAST_SEQ + 1)])
async def test_commands_wait_while_too_much_waits_in_memory(
    pairs_max: int, first: int, tmp_path: Path
) -> None:
    """By what is held; never for the one alone that is being written."""
    held = Held(tmp_path / "state", pairs_max)
    held.runner.executor = cast(Any, Counting(held.executor))
    seen: dict[int, bool] = {}
    for seq in range(1, LAST_SEQ + 1):
        add(held.runner, [entry(seq)])
        held.checkpoints.compared(seq)
        seen[seq] = held.checkpoints.overlay_full
    held.runner.executor = held.executor
    assert [seq for seq, full in seen.items() if full] == list(range(first, LAST_SEQ + 1))
    held.store.close()


class Counting:
    """An executor that holds one pair for each entry that was executed."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def __getattr__(self, name: str) -> Any:
        return getattr(self._executor, name)

    @property
    def held_pairs(self) -> int:
        """As said above."""
        return self._executor.executed_seq
