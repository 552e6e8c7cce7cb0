"""Makes entries and runs them: the log of a unit without the disk."""

from collections.abc import Sequence
from typing import Final

from ftnode.machine.contract import Machine
from ftnode.machine.executor import Executor
from ftnode.store.entry import GENESIS_HASH, Entry, encode
from ftnode.store.state import StateStore
from ftnode.store.state_dict import DictMedium, DictStateStore
from tests.machines import COMMAND, Counter, body

NOON_MS: Final = 1_800_000_000_000  # some log time
ADD_ONE: Final = body("add", 1)

Logged = tuple[Entry, bytes]


def entry(
    seq: int,
    text: bytes = ADD_ONE,
    *,
    request_id: bytes = b"",
    actor: bytes = b"till-1",
    kind: int = COMMAND,
    tenant: int = 1,
    time_ms: int = NOON_MS,
    seen_ms: int = NOON_MS,
    engine_version: int = 1,
    chance: int = 0,
) -> Entry:
    """An entry with everything that a test does not care about filled in."""
    return Entry(
        seq, 1, time_ms, chance, engine_version, kind, tenant, 0, request_id, actor, 0, seen_ms, text
    )


def chained(entries: Sequence[Entry], before: bytes = GENESIS_HASH) -> list[Logged]:
    """Entries with their hashes, as a log would have them."""
    logged = []
    for one in entries:
        before = encode(before, one)[1]
        logged.append((one, before))
    return logged


def blank(machine: Machine | None = None, keep_ms: int | None = None) -> Executor:
    """An executor on an empty simulated disk."""
    return opened(DictStateStore(DictMedium()), machine, keep_ms)


def opened(store: StateStore, machine: Machine | None = None, keep_ms: int | None = None) -> Executor:
    """An executor where the store stands."""
    machines = [machine or Counter()]
    return Executor(store, machines) if keep_ms is None else Executor(store, machines, keep_ms)


def run(executor: Executor, logged: Sequence[Logged]) -> list[bytes]:
    """Execute all of it; the results."""
    return [executor.execute(one, its_hash) for one, its_hash in logged]


def checkpoint(executor: Executor) -> bytes:
    """A whole checkpoint at what is compared; its roots."""
    job = executor.begin_checkpoint()
    while job.put_slice(7):
        pass
    roots = job.prepare()
    job.write()
    job.sync()
    executor.finish_checkpoint(job)
    return roots
