"""Faults in odd places: each is reported once or ends the process, none leaves a unit that waits for ever."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ftnode.core.invariants import BrokenInvariantError
from ftnode.shell import disk_queue, unit
from ftnode.shell.checkpoints import Checkpoints, Often
from ftnode.shell.keeping import Keeper
from ftnode.shell.kernel_sync import AT_ONCE, KernelSync
from ftnode.shell.unit import RunningUnit
from ftnode.store.disk import RealDisk
from ftnode.store.state import StoreUnusable
from tests.shell.test_disk_queue import Log, Told, until

OFTEN = Often(checkpoint_entries=1, checkpoint_bytes=1000, overlay_max_bytes=1000)


async def test_diagnostics_that_fall_over_are_what_the_diagnosis_says() -> None:
    """It once said nothing at all: the unit stayed in diagnostics for ever."""
    said: list[str] = []

    def check() -> str:
        raise OSError("gone")

    Keeper(cast(Any, None), check).diagnose(said.append)
    await until(lambda: bool(said))
    assert said == ["the diagnostics failed: OSError: gone"]


async def test_what_fails_after_a_job_ends_the_queue(tmp_path: Path) -> None:
    """Mended entries are executed when they are on disk; a state that cannot be read is a fault."""
    told = Told()
    disk = told.queue(Log(tmp_path), by_kernel=False)

    def execute(_: object) -> None:
        raise StoreUnusable("a pair does not match its checksum")

    disk.run(lambda: None, execute)
    await until(lambda: bool(told))
    assert told == ["StoreUnusable: a pair does not match its checksum"]


@pytest.mark.parametrize("where", ["in the job", "after it"])
async def test_a_bug_in_a_job_is_no_failed_disk(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An operator who is told of a disk replaces it; a bug stays."""
    told = Told()
    died: list[BaseException] = []
    monkeypatch.setattr(disk_queue, "die", died.append)
    disk = told.queue(Log(tmp_path), by_kernel=False)
    bug = BrokenInvariantError("cut above the end")

    def fail(_: object = None) -> None:
        raise bug

    disk.run(fail if where == "in the job" else lambda: None, fail)
    await until(lambda: bool(died))
    assert died == [bug]


async def test_a_kernel_that_refuses_the_second_portion_is_a_failed_sync(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a boot there are more files than fit at once; nobody heard of the end of such a sync."""
    kernel = KernelSync(asyncio.get_running_loop())
    files = [RealDisk().create(str(tmp_path / str(n)), 512) for n in range(AT_ONCE + 1)]
    heard: list[OSError | None] = []
    kernel.begin(files, heard.append)

    def refuse(*_: object) -> int:
        raise OSError("Resource temporarily unavailable")

    monkeypatch.setattr(kernel, "_context", _Context(kernel._context, refuse))
    await until(lambda: bool(heard))
    assert str(heard[0]) == "io_submit: Resource temporarily unavailable"
    kernel.close()


class _Context:
    """The kernel's, but for what a test replaces."""

    def __init__(self, real: Any, submit: Callable[..., int]) -> None:
        self.poll, self.process_events, self.fileno = real.poll, real.process_events, real.fileno
        self.submit = submit


async def test_a_checkpoint_that_cannot_be_read_back_is_a_fault_of_the_disk() -> None:
    """No further one was ever begun, and newcomers waited for its end."""

    def finish(_: object) -> None:
        raise StoreUnusable("the state file is gone")

    job = SimpleNamespace(
        put_slice=lambda: False,
        prepare=lambda: b"roots",
        write=lambda: None,
        sync=lambda: None,
        checkpoint=SimpleNamespace(seq=1),
        changed_keys=1,
    )
    executor = SimpleNamespace(
        compared_seq=0,
        compared=lambda seq: None,
        set_aside=lambda: None,
        begin_checkpoint=lambda: job,
        finish_checkpoint=finish,
    )
    runner = SimpleNamespace(executor=executor, pop_size=lambda: 1, asks_for_checkpoint=lambda seq: False)
    done: list[int] = []
    failed: list[str] = []
    checkpoints = Checkpoints(cast(Any, runner), OFTEN, done.append, lambda why, error: failed.append(why))
    checkpoints.compared(1)
    await until(lambda: bool(failed))
    assert failed == ["the checkpoint at 1 could not be written: the state file is gone"]
    assert not done
    assert not checkpoints.busy


@pytest.mark.parametrize(
    ("trouble", "failed", "died"),
    [(StoreUnusable("rotten"), ["what is due cannot be read: rotten"], 0), (KeyError("due"), [], 1)],
)
def test_timers_that_cannot_be_read_do_not_stop_in_silence(
    trouble: Exception, failed: list[str], died: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing would have expired any more until the next start, and nobody would have known why."""

    def due_ms() -> int:
        raise trouble

    bugs: list[BaseException] = []

    def die(bug: BaseException) -> None:
        bugs.append(bug)
        raise SystemExit(70)

    monkeypatch.setattr(unit, "die", die)
    said: list[str] = []
    running = SimpleNamespace(
        runner=SimpleNamespace(executor=SimpleNamespace(due_ms=due_ms)),
        desk=SimpleNamespace(serving=True),
        _disk_failed=said.append,
    )
    with contextlib.suppress(SystemExit):
        RunningUnit._propose_tick(cast(Any, running))
    assert (said, len(bugs)) == (failed, died)
