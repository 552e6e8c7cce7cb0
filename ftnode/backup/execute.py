"""The log executed anew behind a snapshot, in a clean executor, compared with every recorded digest."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ftnode.backup.contents import LOG, SLOT_FILES, read_roots
from ftnode.backup.files import BackupFault
from ftnode.backup.logs import read_log
from ftnode.backup.points import Point
from ftnode.backup.records import LogHead, SnapshotHead, Source
from ftnode.backup.slots import read_slot
from ftnode.machine.arbitration import unsound_slots
from ftnode.machine.contract import Machine
from ftnode.machine.executor import DAY_MS, EngineMissing, ExecutionBug, Executor
from ftnode.store.entry import reads as entry_formats
from ftnode.store.snapshot import FORMAT as SNAPSHOT_FORMAT
from ftnode.store.snapshot import Manifest, SnapshotReceiver
from ftnode.store.state import SLOTS, Checkpoint, StateStore, StoreFault
from ftnode.store.state_lmdb_file import FORMAT as STATE_FORMAT
from ftnode.store.state_roots import root_at

CHECKPOINT_ENTRIES: Final = 50_000  # of re-execution: what was executed since lies in memory
CHECKPOINT_BYTES: Final = 64 << 20
KEEP_DAYS: Final = "state.request_keep_days"
PRUNE: Final = "state.prune_per_entry"

Say = Callable[[str, int, int], None]


class Mismatch(BackupFault):
    """Executed here, the log leaves another state than it left on the pair."""


class EngineGone(BackupFault):
    """This program cannot execute what the backup holds; another version of it can."""


@dataclass(slots=True)
class Executed:
    """What was done on the way to a point."""

    entries: int = 0
    digests_compared: int = 0
    compared_seq: int = 0  # the last seq with a recorded digest: everything through it is proved


def check_readable(head: SnapshotHead, point: Point, machines: Sequence[Machine]) -> None:
    """Can this program read this snapshot, and execute the log from there through the point?

    Raises:
        EngineGone: it cannot; says which version is needed.
    """
    source, state_format = head.source, STATE_FORMAT.decode().strip()
    wrote = f"it was taken from version {source.software!r}: restore with that one"
    if source.state_format != state_format:
        raise EngineGone(
            f"the state's format is {source.state_format!r}, this version reads {state_format!r}; {wrote}"
        )
    if source.entry_format not in entry_formats():
        raise EngineGone(
            f"entries of format {source.entry_format}; this version reads "
            f"{', '.join(map(str, entry_formats()))}; {wrote}"
        )
    if missing := [name for name in (KEEP_DAYS, PRUNE) if name not in source.settings]:
        raise EngineGone(f"it does not say {', '.join(missing)}, which decide what entries do; {wrote}")
    if unheard := sorted(set(source.settings) - {KEEP_DAYS, PRUNE}):
        raise EngineGone(f"{', '.join(unheard)} decide what entries do, and this version knows none; {wrote}")
    _check_engine(head.engine_version, machines, f"the state at entry {head.seq}")
    for log in _between(point.reach.logs, head.seq, point.seq):
        for version in log.engine_versions:
            _check_engine(version, machines, f"an entry of {log.first_seq}..{log.last_seq}")


def _check_engine(version: int, machines: Sequence[Machine], what: str) -> None:
    here = sorted(machine.version for machine in machines)
    if version not in here:
        raise EngineGone(
            f"{what} needs engine version {version}, this program has {', '.join(map(str, here))}: restore "
            "with a version of the program that has it"
        )


def load_snapshot(root: Path, head: SnapshotHead, store: StateStore, say: Say) -> bytes:
    """Put a snapshot into a blank store; its roots. Checked chunk by chunk, slot by slot.

    Raises:
        Damaged: a file of it. StoreFault, OSError: the disk that it goes to.
    """
    roots = read_roots(root, head)
    checkpoint = Checkpoint(
        head.seq,
        bytes.fromhex(head.digest),
        bytes.fromhex(head.entry_hash),
        head.epoch,
        head.time_ms,
        head.engine_version,
    )
    receiver = SnapshotReceiver(store, Manifest(SNAPSHOT_FORMAT, checkpoint, roots))
    slots = receiver.wanted_slots()
    for done, slot in enumerate(slots):
        say("slots", done, len(slots))
        for chunk in read_slot(root / SLOT_FILES, slot, root_at(roots, slot)):
            receiver.take(chunk)
    receiver.install(b"")  # nothing of what the old pair's shell kept with it
    say("slots", len(slots), len(slots))
    return roots


def make_executor(source: Source, machines: Sequence[Machine], store: StateStore) -> Executor:
    """An executor at the store's checkpoint, with the settings under which the log was executed."""
    return Executor(store, machines, source.settings[KEEP_DAYS] * DAY_MS, source.settings[PRUNE])


def replay(
    root: Path,
    point: Point,
    executor: Executor,
    machines: Sequence[Machine],
    say: Say,
    store: StateStore | None = None,
) -> Executed:
    """Execute everything behind the executor's state through the point; the state is written at the end.

    Args:
        store: the executor's own; given, it is compared with every later snapshot on the way, root by root.

    Raises:
        Mismatch: a digest or a root is not the recorded one. Damaged: a log file.
        StoreFault, OSError: the disk that the state lies on.
    """
    base_seq = executor.executed_seq
    snapshots = {head.seq: head for head in point.reach.snapshots if base_seq < head.seq <= point.seq}
    digests = {head.seq: head.digest for head in snapshots.values()}
    digests |= {log.last_seq: log.digest for log in point.reach.logs if log.digest}
    done = Executed(compared_seq=base_seq)
    since_entries = since_bytes = 0
    for log in _between(point.reach.logs, base_seq, point.seq):
        found = read_log(root / LOG, log)
        since_bytes += log.raw_bytes
        for entry, entry_hash in zip(found.entries, found.hashes, strict=True):
            if not base_seq < entry.seq <= point.seq:
                continue
            try:
                executor.execute(entry, entry_hash)
            except (ExecutionBug, EngineMissing) as bug:
                raise Mismatch(f"entry {entry.seq} cannot be executed by this program: {bug}") from bug
            executor.compared(entry.seq)
            done.entries += 1
            since_entries += 1
            if entry.seq in digests:
                _compare(executor, digests[entry.seq], done)
            if store is not None and entry.seq in snapshots:
                checkpoint(executor)
                since_entries = since_bytes = 0
                _compare_roots(store, read_roots(root, snapshots[entry.seq]), entry.seq)
            if since_entries >= CHECKPOINT_ENTRIES or since_bytes >= CHECKPOINT_BYTES:
                checkpoint(executor)
                since_entries = since_bytes = 0
            if done.entries % 1000 == 0:
                say("entries", entry.seq - base_seq, point.seq - base_seq)
    if executor.executed_seq != point.seq:
        raise BackupFault(f"{root}: the log ends at {executor.executed_seq}, before entry {point.seq}")
    if since_entries:
        checkpoint(executor)
    say("entries", point.seq - base_seq, point.seq - base_seq)
    return done


def _between(logs: Sequence[LogHead], base_seq: int, last_seq: int) -> Iterator[LogHead]:
    return (log for log in logs if log.last_seq > base_seq and log.first_seq <= last_seq)


def _compare(executor: Executor, digest: str, done: Executed) -> None:
    seq = executor.executed_seq
    if executor.digest.hex() != digest:
        raise Mismatch(
            f"at entry {seq} the digest is {executor.digest.hex()}, the pair had {digest}: this program "
            "executes the log in another way than the one that wrote it"
        )
    done.digests_compared += 1
    done.compared_seq = seq


def _compare_roots(store: StateStore, roots: bytes, seq: int) -> None:
    if store.roots != roots:
        slot = next(slot for slot in range(SLOTS) if root_at(store.roots, slot) != root_at(roots, slot))
        raise Mismatch(f"at entry {seq} slot {slot} has another root than the snapshot taken there")


def checkpoint(executor: Executor) -> None:
    """Write everything executed to the store."""
    job = executor.begin_checkpoint()
    job.prepare()
    job.write()
    job.sync()
    executor.finish_checkpoint(job)


def recount(store: StateStore, say: Say) -> None:
    """Count every root from the pairs as they lie on the disk now. Raises StoreFault: one is not right."""
    for slot, unsound in unsound_slots(store, range(SLOTS)):
        if unsound:
            raise StoreFault(f"slot {slot} does not add up to its root as it was written; the disk is broken")
        if slot % 256 == 0:
            say("roots", slot, SLOTS)
    say("roots", SLOTS, SLOTS)
