"""The thread that syncs the log: wishes gathered, jobs in order, a failure said once."""

import asyncio
import threading
from collections.abc import Callable

from ftnode.observe.count import Buckets
from ftnode.shell.disk_thread import DiskThread

SECONDS = (0.001, 1.0)


async def until(seen: Callable[[], bool]) -> None:
    for _ in range(300):
        if seen():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("not seen in three seconds")


async def test_wishes_under_way_become_one_sync() -> None:
    """What is asked for while a sync runs is done by the next one, together."""
    gate = threading.Event()
    syncs: list[int] = []
    told: list[int | str] = []

    def sync() -> int:
        gate.wait(3)
        syncs.append(len(syncs) + 1)
        return len(syncs)

    disk = DiskThread(sync, told.append, told.append, Buckets(SECONDS))
    disk.want_sync()
    await asyncio.sleep(0.05)
    for _ in range(50):
        disk.want_sync()
    gate.set()
    await until(lambda: len(told) == 2)
    await asyncio.sleep(0.05)
    assert told == [1, 2]
    disk.stop()


async def test_jobs_run_after_what_was_asked_for_before() -> None:
    """A cut waits for the syncs before it, and what is asked later waits for the cut."""
    order: list[str] = []

    def sync() -> int:
        order.append("sync")
        return 0

    disk = DiskThread(sync, lambda _: None, order.append, Buckets(SECONDS))
    disk.want_sync()
    disk.run(lambda: order.append("cut"), lambda _: order.append("told"))
    disk.want_sync()
    await until(lambda: order.count("sync") == 2 and "told" in order)
    assert [word for word in order if word != "told"] == ["sync", "cut", "sync"]
    disk.stop()


async def test_a_failed_sync_is_the_last_thing_done() -> None:
    """Said once, never tried again: what comes after it in the queue is not done."""
    tries: list[int] = []
    said: list[str] = []

    def sync() -> int:
        tries.append(1)
        raise OSError(5, "Input/output error")

    disk = DiskThread(sync, lambda _: None, said.append, Buckets(SECONDS))
    disk.want_sync()
    await until(lambda: bool(said))
    disk.want_sync()
    disk.run(lambda: tries.append(2), lambda _: None)
    await asyncio.sleep(0.05)
    assert (tries, said) == ([1], ["OSError: [Errno 5] Input/output error"])
