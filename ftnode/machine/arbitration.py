"""After a miscompare: which slots are broken, and what one entry read and wrote on each unit.

A unit recounts the roots of the slots it touched (`unsound_slots`), re-executes from its
checkpoint in a clean process (a fresh `Executor` over the same store opened read-only), and if
that settles nothing, the units exchange their `Evidence` of the entries in doubt, so that the
report can name the first difference.
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
READS_MAX: Final = 4096  # pairs that questions in doubt read; what comes behind is not compared
EVIDENCE_MAX_BYTES: Final = 64 * 1024  # of one unit, in one frame; what does not fit is not compared
DIGESTS_MAX_ENTRIES: Final = 1024  # in evidence: the first ones in doubt


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
    found: Trace | None = None
    for entry, its_hash in log:
        found = traced(executor, recorders, entry, its_hash)
    if found is None:
        raise ValueError("an empty log: there is nothing to trace")
    return found


def traced(executor: Executor, recorders: "Sequence[Recorder]", entry: Entry, its_hash: bytes) -> Trace:
    """Execute the next entry and show it. Raises what `Executor.execute` raises."""
    before = executor.digest
    for recorder in recorders:
        recorder.reads.clear()
    result = executor.execute(entry, its_hash)
    writes = executor.writes_of(entry.seq)
    invariant(writes is not None, "what was just executed is kept", seq=entry.seq)
    reads = [read for recorder in recorders for read in recorder.reads]
    writes_in_order = sorted((writes or {}).items())
    return Trace(entry.seq, its_hash, before, executor.digest, result, reads, writes_in_order)


class Evidence(msgspec.Struct, array_like=True):
    """What the entries in doubt did on one unit: at most EVIDENCE_MAX_BYTES packed."""

    digests: list[tuple[int, bytes]] = []  # behind each, in order; at most DIGESTS_MAX_ENTRIES
    traces: list[Trace] = []  # of the same entries, in order, as many as fit

    def add(self, trace: Trace) -> None:
        """The next entry in doubt. What does not fit is left out, and whatever comes after it."""
        if len(self.digests) >= DIGESTS_MAX_ENTRIES:
            return
        whole = len(self.traces) == len(self.digests)
        self.digests.append((trace.seq, trace.digest))
        if whole and len(_pack(self)) + len(_pack(trace)) <= EVIDENCE_MAX_BYTES // 2:
            self.traces.append(trace)


_pack: Final = msgspec.msgpack.Encoder().encode
_unpack: Final = msgspec.msgpack.Decoder(Evidence).decode


def packed_evidence(evidence: Evidence) -> bytes:
    """For the other unit."""
    return _pack(evidence)


def difference_between(ours: bytes, theirs: bytes) -> str:
    """The first entry, key and values in which the evidence of two units differs, in words; never empty.

    `theirs` came from outside: nonsense is said to be nonsense, and raises nothing.
    """
    try:
        mine, other = _unpack(ours), _unpack(theirs)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return f"what the other unit says of the entries in doubt does not parse: {error}"
    yours = dict(other.digests)
    seq = next((seq for seq, digest in mine.digests if seq in yours and yours[seq] != digest), 0)
    if not seq:
        return "no entry of which both units tell gave two digests"
    one = next((trace for trace in mine.traces if trace.seq == seq), None)
    two = next((trace for trace in other.traces if trace.seq == seq), None)
    if one is None or two is None:
        return f"entry {seq} is the first that gave two digests; what it did is too long to be sent"
    return f"entry {seq}: {first_difference(one, two) or 'all parts are equal, and the digest is not'}"


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
            place = min(len(mine), len(yours))
            here, there = (
                shown_pair(pairs[place]) if place < len(pairs) else "no more" for pairs in (mine, yours)
            )
            return f"{what} {place + 1}: ours {here}, theirs {there}"
        if what == "read" and ours.result != theirs.result:
            return f"result: ours {shown(ours.result)}, theirs {shown(theirs.result)}"
    if ours.digest != theirs.digest:
        return f"digest over equal parts: ours {shown(ours.digest)}, theirs {shown(theirs.digest)}"
    return ""


def reads_of(executor: Executor, bodies: Iterable[bytes]) -> list[tuple[bytes, bytes | None]]:
    """The first READS_MAX pairs that these questions read in the executor's state."""
    made: list[Recorder] = []

    def record(machine: Machine) -> Machine:
        made.append(Recorder(machine))
        return made[0]

    executor.recorded(record, bodies)
    return made[0].queried[:READS_MAX]


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
