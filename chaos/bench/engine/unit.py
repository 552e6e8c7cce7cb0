"""The part of a unit that executes, in this process and on one core: executor, engine, LMDB.

Times are processor time of this thread: other work on the machine is not in it. Nor is waiting for the disk,
but what is measured lies in memory.
"""

import gc
import os
from collections.abc import Callable, Sequence
from hashlib import blake2b
from pathlib import Path
from time import thread_time_ns
from typing import Any, Final, NamedTuple

from msgspec import msgpack

from chaos.bench.engine.fixtures import KINDS, NOW_MS, PROGRAMME
from ftnode.machine.executor import Executor
from ftnode.shell.serve import GC_THRESHOLDS
from ftnode.store.entry import Entry
from ftnode.store.state import Change, Checkpoint, CheckpointWriter
from ftnode.store.state_lmdb import LmdbStateStore
from ftnode.store.state_lmdb_writer import LmdbWriter
from ftnode.store.state_roots import EMPTY_ROOTS, RootSum
from loyalty import commands as cmd
from loyalty.engine import Engine, book, conditions, records
from loyalty.outcomes import AnyOutcome, Rejected

WARM_ENTRIES: Final = 200  # of each row, not measured

_encode: Final = msgpack.Encoder().encode
outcome_of: Final = msgpack.Decoder(AnyOutcome).decode


class Refused(RuntimeError):
    """A command of the bench was rejected: it would measure something else."""


class Saved(NamedTuple):
    """What a checkpoint came to."""

    changed_keys: int
    root_ns: int  # reading what was there, and counting the roots
    all_ns: int  # with pages, commit and sync


class Unit:
    """One unit's state in a directory; commands are executed one after the other."""

    def __init__(self, path: Path, request_ids: bool = True) -> None:
        """`request_ids`: whether entries carry one, as those of tills do; loading needs none."""
        self.path = path
        self.request_ids = request_ids
        self.engine = Engine()
        self.store = _Store(path)
        self.executor = Executor(self.store, [self.engine])
        self.now_ms = max(NOW_MS, self.executor.time_ms)
        self.programme = PROGRAMME  # of the commands

    def run(self, command: cmd.Command) -> Any:
        """Execute a command for good; its outcome. Raises Refused."""
        entry = self.entry(command)
        result = self.executor.execute(entry, hash_of(entry))
        self.executor.compared(entry.seq)
        outcome = outcome_of(result[1:])
        if isinstance(outcome, Rejected):
            raise Refused(f"{type(command).__name__}: {outcome}"[:400])
        return outcome

    def ask(self, query: cmd.Query) -> Any:
        """Answer a question. Raises Refused."""
        outcome = outcome_of(self.executor.query(_encode(query), self.now_ms))
        if isinstance(outcome, Rejected):
            raise Refused(f"{type(query).__name__}: {outcome}"[:400])
        return outcome

    def entry(self, command: cmd.Command) -> Entry:
        """The next entry of the log."""
        seq = self.executor.executed_seq + 1
        request_id = seq.to_bytes(16) if self.request_ids else b""
        kind, body = KINDS[type(command)], _encode(command)
        version = self.engine.version
        return Entry(
            seq,
            1,
            self.now_ms,
            0,
            version,
            kind,
            self.programme,
            0,
            request_id,
            b"till-17-3",
            0,
            self.now_ms,
            body,
        )

    def time_entry(self, command: cmd.Command) -> int:
        """Execute a command for good; nanoseconds. Raises Refused."""
        entry = self.entry(command)
        entry_hash = hash_of(entry)
        began_ns = thread_time_ns()
        result = self.executor.execute(entry, entry_hash)
        self.executor.compared(entry.seq)
        took_ns = thread_time_ns() - began_ns
        _check(command, result[1:])
        return took_ns

    def time_undone(self, command: cmd.Command) -> int:
        """Execute a command and undo it; nanoseconds of the executing. Raises Refused."""
        entry = self.entry(command)
        entry_hash = hash_of(entry)
        began_ns = thread_time_ns()
        result = self.executor.execute(entry, entry_hash)
        took_ns = thread_time_ns() - began_ns
        self.executor.discard_above(entry.seq - 1)
        _check(command, result[1:])
        return took_ns

    def time_query(self, query: cmd.Query, later_ms: int = 0) -> int:
        """Answer a question, as of now or later; nanoseconds. Raises Refused."""
        body, at_ms = _encode(query), self.now_ms + later_ms
        began_ns = thread_time_ns()
        answer = self.executor.query(body, at_ms)
        took_ns = thread_time_ns() - began_ns
        _check(query, answer)
        return took_ns

    def checkpoint(self) -> Saved:
        """Bring all that was executed into the store."""
        self.store.given.clear()
        began_ns = thread_time_ns()
        job = self.executor.begin_checkpoint()
        while job.put_slice():
            pass
        root_ns = self._count_roots()
        job.prepare()
        job.write()
        job.sync()
        self.executor.finish_checkpoint(job)
        return Saved(job.changed_keys, root_ns, thread_time_ns() - began_ns - root_ns)

    def _count_roots(self) -> int:
        """What the roots alone cost: the writer, as it counts them, but with nothing put. Nanoseconds."""
        return self.store.count_roots()

    def restart(self) -> None:
        """What a process keeps of published data is gone; then it begins anew, from the checkpoint."""
        book._kept.clear()
        for kept in (
            records.programme,
            records.store,
            records.partner,
            records.published,
            conditions.compile_line,
            conditions.compile_receipt,
        ):
            kept.cache_clear()
        self.executor = Executor(self.store, [self.engine])

    def close(self) -> None:
        """Let the files go."""
        self.store.close()


class _Store(LmdbStateStore):
    """Remembers what a checkpoint is given."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.given: list[Change] = []

    def count_roots(self) -> int:
        """Let the writer count what it was given on the state as it is, and put nothing; nanoseconds."""
        writer = LmdbWriter(self._file, self.checkpoint, lambda: None)
        writer.put_slice(self.given)
        cursors = [_Reading(self._txn.cursor(bank)) for bank in self._file.banks]
        began_ns = thread_time_ns()
        roots = RootSum(EMPTY_ROOTS)
        for name in sorted(writer._slots):
            slot = int.from_bytes(name)
            cursor: Any = cursors[self._reading.bank_of_slot[slot]]
            roots.add(slot, writer._put_slot(cursor, writer._slots[name]))
        roots.packed()
        return thread_time_ns() - began_ns

    def begin_checkpoint(self, checkpoint: Checkpoint) -> CheckpointWriter:
        return _Writer(super().begin_checkpoint(checkpoint), self.given)


class _Reading:
    """A cursor of a writer that finds what is there, and changes nothing."""

    def __init__(self, cursor: Any) -> None:
        self.getmulti = cursor.getmulti

    def set_key(self, key: bytes) -> bool:
        """There is nothing to delete."""
        return False

    def putmulti(self, pairs: Sequence[tuple[bytes, bytes]]) -> None:
        """Nothing is put."""


class _Writer:
    """`CheckpointWriter` that remembers what it is given."""

    def __init__(self, writer: CheckpointWriter, given: list[Change]) -> None:
        self._given, self._put = given, writer.put_slice
        self.prepare, self.write = writer.prepare, writer.write
        self.sync, self.abort = writer.sync, writer.abort

    def put_slice(self, changes: Sequence[Change]) -> None:
        """Take some of what changed."""
        self._given += changes
        self._put(changes)


def _check(what: object, answer: bytes) -> None:
    """An answer is an array whose tag says what it is."""
    outcome = outcome_of(answer)
    if isinstance(outcome, Rejected):
        raise Refused(f"{type(what).__name__}: {outcome}"[:400])


def hash_of(entry: Entry) -> bytes:
    """In place of the log's chain: 16 bytes of the entry."""
    return blake2b(entry.body, digest_size=16).digest()


def pin() -> int:
    """Stay on one core, if the system lets us; which one, -1: not pinned."""
    try:
        core = max(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {core})
    except OSError:
        return -1
    return core


def settle() -> None:
    """What was made so far stays, as in a unit that serves."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


def times_ns(measure: Callable[[int], int], count: int, tick: Callable[[], None], warm: int) -> list[int]:
    """`measure` with 0, 1, 2, ...; the first `warm` do not count."""
    found = []
    for number in range(warm + count):
        took_ns = measure(number)
        if number >= warm:
            found.append(took_ns)
        tick()
    return found
