"""After a miscompare: which slots are broken, and what one entry read and wrote on each unit.

A unit recounts the roots of the slots it touched (`unsound_slots`), re-executes from its
checkpoint in a clean process (a fresh `Executor` over the same store opened read-only), and if
that settles nothing, exchanges the `Trace` of the entry in doubt so that the report can name
the first difference.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from ftnode.core.invariants import invariant
from ftnode.machine.contract import EntryView, Machine, StateReader, StateWriter
from ftnode.machine.executor import REQUEST_KEEP_MS, Executor
from ftnode.machine.requests import PRUNE_PER_ENTRY
from ftnode.store.entry import Entry
from ftnode.store.state import RottenValue, StateStore, slot_start
from ftnode.store.state_roots import count_root, root_at

SHOWN_MAX_BYTES: Final = 64  # of a value, in a report


class Trace(msgspec.Struct, array_like=True, frozen=True):
    """One entry as one unit executes it."""

    seq: int
    entry_hash: bytes
    digest_before: bytes
    digest: bytes
    result: bytes
    reads: list[tuple[bytes, bytes | None]]  # in the order read; a scan is the pairs it gave
    writes: list[tuple[bytes, bytes | None]]  # in key order; None: deleted


def unsound_slots(store: StateStore, slots: Iterable[int]) -> Iterator[tuple[int, bool]]:
    """Recount slot by slot: (slot, whether its pairs do NOT add up to its recorded root).

    One slot at a time, so that a scrubber can pace it. A slot that cannot be read is unsound.
    """
    for slot in slots:
        try:
            counted = count_root(store.iterate(slot_start(slot), slot_start(slot + 1)))
        except RottenValue:
            yield slot, True
        else:
            yield slot, counted != root_at(store.roots, slot)


def trace(
    store: StateStore,
    machines: Sequence[Machine],
    log: Iterable[tuple[Entry, bytes]],
    request_keep_ms: int = REQUEST_KEEP_MS,
    prune_per_entry: int = PRUNE_PER_ENTRY,
) -> Trace:
    """Re-execute `log`, which begins right behind the store's checkpoint, and show its last entry.

    Raises what `Executor.execute` raises.
    """
    recorders = [Recorder(machine) for machine in machines]
    executor = Executor(store, recorders, request_keep_ms, prune_per_entry)
    before, its_hash, result = executor.digest, b"", b""
    for entry, its_hash in log:
        before = executor.digest
        for recorder in recorders:
            recorder.reads.clear()
        result = executor.execute(entry, its_hash)
    seq = executor.executed_seq
    writes = executor.writes_of(seq)
    invariant(writes is not None, "there is nothing to trace", seq=seq)
    reads = [read for recorder in recorders for read in recorder.reads]
    return Trace(seq, its_hash, before, executor.digest, result, reads, sorted((writes or {}).items()))


def first_difference(ours: Trace, theirs: Trace) -> str:
    """The first thing in which two traces of one entry differ, in words; empty if they are equal."""
    for name in ("seq", "entry_hash", "digest_before"):
        one, other = getattr(ours, name), getattr(theirs, name)
        if one != other:
            return f"{name}: ours {shown(one)}, theirs {shown(other)}"
    for what, mine, yours in (("read", ours.reads, theirs.reads), ("write", ours.writes, theirs.writes)):
        for place, (one, other) in enumerate(zip(mine, yours, strict=False), 1):
            if one != other:
                return f"{what} {place}: ours {shown_pair(one)}, theirs {shown_pair(other)}"
        if len(mine) != len(yours):
            return f"{what}s: ours {len(mine)}, theirs {len(yours)}"
        if what == "read" and ours.result != theirs.result:
            return f"result: ours {shown(ours.result)}, theirs {shown(theirs.result)}"
    if ours.digest != theirs.digest:
        return f"digest over equal parts: ours {shown(ours.digest)}, theirs {shown(theirs.digest)}"
    return ""


class Recorder:
    """A machine that remembers what it read."""

    def __init__(self, machine: Machine) -> None:
        self.reads: list[tuple[bytes, bytes | None]] = []
        self.queried: list[tuple[bytes, bytes | None]] = []  # what questions read
        self.version = machine.version
        self._machine = machine

    def execute(self, state: StateWriter, entry: EntryView) -> bytes:
        return self._machine.execute(_Recorded(state, self.reads), entry)

    def tick(self, state: StateWriter, entry: EntryView) -> bytes:
        tick = getattr(self._machine, "tick", None)
        outcome: bytes = b"" if tick is None else tick(_Recorded(state, self.reads), entry)
        return outcome

    def query(self, state: StateReader, at_ms: int, body: bytes) -> bytes:
        return self._machine.query(_RecordedReads(state, self.queried), at_ms, body)


class _RecordedReads:
    """A state that writes down every answer it gives."""

    def __init__(self, state: StateReader, reads: list[tuple[bytes, bytes | None]]) -> None:
        self._state = state
        self._reads = reads

    def get(self, key: bytes) -> bytes | None:
        value = self._state.get(key)
        self._reads.append((key, value))
        return value

    def scan(self, start: bytes, stop: bytes, limit: int) -> Sequence[tuple[bytes, bytes]]:
        pairs = self._state.scan(start, stop, limit)
        self._reads.extend(pairs)
        return pairs


class _Recorded(_RecordedReads):
    """One that may be changed."""

    def __init__(self, state: StateWriter, reads: list[tuple[bytes, bytes | None]]) -> None:
        super().__init__(state, reads)
        self.put = state.put
        self.delete = state.delete


def shown(value: object) -> str:
    """Bytes as hex, cut short; anything else as it prints."""
    if not isinstance(value, bytes):
        return str(value)
    text = value[:SHOWN_MAX_BYTES].hex()
    return text if len(value) <= SHOWN_MAX_BYTES else f"{text}... ({len(value)} bytes)"


def shown_pair(pair: tuple[bytes, bytes | None]) -> str:
    """`key = value`, for a report."""
    key, value = pair
    return f"{shown(key)} = {'nothing' if value is None else shown(value)}"
