"""Fetching a snapshot: an attempt that fails is begun again, less and less often while nothing comes."""

import asyncio
from types import SimpleNamespace
from typing import Any, Final

import pytest

from ftnode.core import effects as ef
from ftnode.core import events as ev
from ftnode.core.messages import Sid
from ftnode.shell.joining import RETRY_LEAST_S, RETRY_MOST_S, Joiner
from ftnode.store.snapshot import SnapshotFault

SID: Final = Sid(1, 2, 3)


def joiner(told: list[ev.Event]) -> Joiner:
    """Of a unit whose partner's back office cannot be reached."""
    nothing: Any = SimpleNamespace(busy=False, staged_roots=dict)
    return Joiner(
        cabinet="shop",
        unit=1,
        channel=lambda: nothing,
        store=nothing,
        state=(nothing, 0),
        logbook=nothing,
        runner=nothing,
        checkpoints=nothing,
        disk=SimpleNamespace(run=lambda *_: None),  # type: ignore[arg-type]
        executor=lambda _: nothing,
        feed=told.append,
        failed=lambda why: pytest.fail(why),
        rot=lambda: SimpleNamespace(note=SimpleNamespace(whole=False)),  # type: ignore[arg-type, return-value]
    )


async def test_attempts_that_bring_nothing_come_less_and_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that is cut would be dialled a hundred times a second, each time with a new session. What
    brought something is gone on with soon; one that came to its end leaves nothing behind."""
    rests: list[float] = []

    async def rest(seconds: float) -> None:
        rests.append(seconds)

    told: list[ev.Event] = []
    made = joiner(told)
    outcome: dict[str, Any] = {"brings": False, "fails": True}

    async def replaced() -> Any:
        if outcome["brings"]:
            made._rest_s = RETRY_LEAST_S  # as with each batch that is stored
        if outcome["fails"]:
            raise SnapshotFault("the line is cut")

    monkeypatch.setattr(asyncio, "sleep", rest)
    monkeypatch.setattr(made, "_replaced", replaced)

    async def attempts(count: int) -> list[float]:
        rests.clear()
        for _ in range(count):
            made.fetch(ef.FetchSnapshot(SID))
            assert made._task is not None
            await asyncio.gather(made._task)
        return list(rests)

    growing = await attempts(9)
    assert growing[:4] == [0.0, RETRY_LEAST_S, 2 * RETRY_LEAST_S, 4 * RETRY_LEAST_S]
    assert growing[-1] == RETRY_MOST_S
    assert all(isinstance(one, ev.SnapshotFailed) for one in told)
    assert len(told) == 9
    outcome["brings"] = True
    assert (await attempts(3))[1:] == [RETRY_LEAST_S] * 2
    outcome["fails"] = False
    assert (await attempts(2))[1:] == [0.0]


@pytest.mark.parametrize(("rotten", "repaired"), [(((7, 9),), ["run"]), ((), [])])
def test_what_somebody_else_put_back_meanwhile_is_no_fault(
    rotten: tuple[tuple[int, int], ...], repaired: list[str]
) -> None:
    """From memory or the archive: the log refuses to repair what is not rotten, and the unit ended."""
    told: list[ev.Event] = []
    made = joiner(told)
    done: list[str] = []
    run = SimpleNamespace(first_seq=7, last_seq=9)
    wal = SimpleNamespace(rotten=rotten, repair=lambda _: done.append("run"), sync=lambda: None)
    patched: Any = made
    patched._logbook = SimpleNamespace(wal=wal, repairs=lambda seqs, data: [run])
    patched._disk = SimpleNamespace(run=lambda work, then: then(work()))
    patched._runner = SimpleNamespace(busy=True, executor=SimpleNamespace(time_ms=5, executed_seq=12))
    made.repair(ef.Repair((7, 8, 9)), b"")
    assert done == repaired
    assert [type(event) for event in told] == [ev.Repaired, ev.Executed]
