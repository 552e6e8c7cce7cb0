"""Re-execution in a clean process, for a unit whose digest is in doubt.

The child opens the unit's state read-only at its newest checkpoint, takes the log's entries from there on
over its standard input, checks their chain, executes them, and says in what the unit differs from that:
the first entry with another digest, what that entry wrote here, and which of the slots that the entries in
doubt read do not add up to their roots. It decides nothing.

    python -m ftnode.shell.self_trial_helper STATE PARENT
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

import msgspec

from ftnode.machine.arbitration import (
    READS_MAX,
    Evidence,
    Recorder,
    packed_evidence,
    shown,
    traced,
    unsound_slots,
)
from ftnode.machine.contract import Machine
from ftnode.machine.executor import EngineMissing, Executor
from ftnode.shell.reading import Asked, answer_all
from ftnode.shell.scan_helper import named
from ftnode.shell.table import Answer
from ftnode.store.child import read_message, settle_down, write_message
from ftnode.store.entry import Entry, EntryFaultError, NewerEntryError, decode_run
from ftnode.store.state import Checkpoint, RottenValue, StoreFault, slot_of
from ftnode.store.state_lmdb import LmdbStateStore
from ftnode.store.state_roots import unequal_slots

SLOTS_NAMED_MAX: Final = 16


class Job(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """What the child is told first."""

    machines: tuple[str, ...]  # names of classes, newest engine version first
    request_keep_ms: int
    prune_per_entry: int
    equal_seq: int  # everything through it was equal on both units
    digests: list[tuple[int, bytes]]  # the unit's own, of the entries in doubt, in order
    asked: tuple[Asked, ...]  # reads in doubt, to be asked behind the last entry
    answers: list[Answer]  # the unit's own
    reads: list[tuple[bytes, bytes | None]]  # what the questions read in the unit's memory
    roots: bytes  # packed, as the unit would write them behind the last entry; empty: not in doubt


class Found(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """What came of it. `fault` is empty if everything could be re-executed."""

    fault: str = ""  # log or state could not be used, and why
    slots: tuple[int, ...] = ()  # that do not add up, of those read in doubt; at most SLOTS_NAMED_MAX
    first_seq: int = 0  # the first entry whose digest is not the unit's; 0: all are
    result: bytes = b""  # of that entry
    writes: list[tuple[bytes, bytes | None]] = []  # of that entry, in key order; None: deleted
    other_slots: tuple[int, ...] = ()  # whose roots the unit would write otherwise; at most SLOTS_NAMED_MAX
    read: str = ""  # the first read that has another answer, for memory has other values: in words
    unsure: str = ""  # the same, though all that memory read is right: the application is not sure of itself
    queried: list[tuple[bytes, bytes | None]] = []  # what it read here, then; at most READS_MAX
    evidence: bytes = b""  # of the entries in doubt, for the other unit


_pack = msgspec.msgpack.Encoder().encode
decode_head: Final = msgspec.msgpack.Decoder(Checkpoint).decode
decode_found: Final = msgspec.msgpack.Decoder(Found).decode
_decode_job: Final = msgspec.msgpack.Decoder(Job).decode


def again(store: LmdbStateStore, machines: Sequence[Machine], job: Job, log: Iterator[bytes]) -> Found:
    """Execute `log`, pieces of encoded entries from the store's checkpoint on, and hold `job` against it."""
    recorders = [Recorder(machine) for machine in machines]
    executor = Executor(store, recorders, job.request_keep_ms, job.prune_per_entry)
    wanted = dict(job.digests)
    slots: set[int] = set()
    found, evidence = Found(), Evidence()
    try:
        for entry, entry_hash in _entries(store.checkpoint, log):
            seq, trace = entry.seq, traced(executor, recorders, entry, entry_hash)
            if seq > job.equal_seq:
                slots.update(slot_of(key) for key, _ in trace.reads)
                evidence.add(trace)
                if not found.first_seq and wanted.get(seq, executor.digest) != executor.digest:
                    found = Found(first_seq=seq, result=trace.result, writes=trace.writes)
            else:
                executor.compared(seq)
        read, unsure = _first_other_answer(executor, job)
        queried = [pair for recorder in recorders for pair in recorder.queried]
        other = unequal_slots(executor.roots(), job.roots) if job.roots else []
        slots.update(other)
        slots.update(slot_of(key) for recorder in recorders for key, _ in recorder.queried)
        unsound = [slot for slot, bad in unsound_slots(store, sorted(slots)) if bad]
    except RottenValue as fault:
        return Found(fault=str(fault), slots=(fault.slot,))
    except (EntryFaultError, NewerEntryError, EngineMissing, StoreFault) as fault:
        return Found(fault=str(fault))
    return msgspec.structs.replace(
        found,
        slots=tuple(unsound[:SLOTS_NAMED_MAX]),
        read=read,
        unsure=unsure,
        queried=queried[:READS_MAX] if unsure else [],
        other_slots=tuple(other[:SLOTS_NAMED_MAX]),
        evidence=packed_evidence(evidence),
    )


def _first_other_answer(executor: Executor, job: Job) -> tuple[str, str]:
    """(contradiction, unsure), in words: the first read that has another answer here, and whether it is
    memory that differs, or an application that answers one question on one state in two ways."""
    unsure = ""
    again = answer_all(executor, job.asked, lambda bug: None)
    wrong = any(executor.value_of(key) != value for key, value in job.reads)
    for asked, ours, clean in zip(job.asked, job.answers, again, strict=True):
        if ours != clean:
            what = "request id" if asked.lookup else "question"
            here, there = shown(ours.outcome), shown(clean.outcome)
            told = f"to {what} {shown(asked.body)} it answers {here}, re-executed it answers {there}"
            if asked.lookup or wrong:
                return told, ""
            unsure = unsure or told
    return "", unsure


def _entries(stands: Checkpoint, log: Iterator[bytes]) -> Iterator[tuple[Entry, bytes]]:
    """Decoded and chained to the checkpoint's own entry. Raises EntryFaultError."""
    seq, prev_hash = stands.seq, stands.entry_hash
    for data in log:
        run, entries, hashes = decode_run(prev_hash, seq + 1, data)
        yield from zip(entries, hashes, strict=True)
        seq, prev_hash = run.last_seq, run.last_hash


def serve(state: Path, asks: IO[bytes], replies: IO[bytes]) -> None:
    """One re-execution. An empty piece ends the log."""
    store = LmdbStateStore(state, read_only=True)
    write_message(replies, _pack(store.checkpoint))
    told = read_message(asks)
    if told is None:
        return
    job = _decode_job(told)
    machines = [named(name)() for name in job.machines]
    log = iter(lambda: read_message(asks) or b"", b"")
    write_message(replies, _pack(again(store, machines, job, log)))


def main() -> None:
    """The child's command line."""
    settle_down()
    with suppress(BrokenPipeError):
        serve(Path(sys.argv[1]), sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
