"""A life's use of the real write-ahead log: opened with the state it belongs to, fresh entries in memory."""

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Final

from chaos.sim.disk import SimDisk
from chaos.sim.world import World
from ftnode.store.entry import EntryFaultError, Run, cut_run, decode_run, encode_run, walk_run
from ftnode.store.state import Checkpoint
from ftnode.store.wal import Wal
from ftnode.store.wal_faults import LogFault, LogGone, LogRotten
from ftnode.store.wal_recover import OnCut, Recovered
from ftnode.store.wal_writer import Ticket

LOG_DIR: Final = "/log"
RECENT_RUNS: Final = 64
READ_BYTES: Final = 1 << 20


@dataclass(slots=True)
class LogFile:
    """The log of one life."""

    wal: Wal
    recent: "OrderedDict[tuple[int, int], Run]"
    known_rotten: frozenset[int] = frozenset()  # since the boot: is being repaired
    rotten_seq: int = 0  # besides, met while reading in this life

    @property
    def first_seq(self) -> int:
        return self.wal.first_seq

    @property
    def head_seq(self) -> int:
        return self.wal.head_seq

    @property
    def head_hash(self) -> bytes:
        return self.wal.head_hash

    def append(self, run: Run, marks: tuple[int, int]) -> None:
        """Write entries behind the head."""
        self.wal.append(run, *marks)
        self.recent[(run.first_seq, run.last_seq)] = run
        if len(self.recent) > RECENT_RUNS:
            self.recent.popitem(last=False)

    def begin_sync(self) -> Ticket:
        """What the sync that begins now will cover."""
        return self.wal.sync_begin()

    def begin_probe(self, marks: tuple[int, int]) -> Ticket:
        """Write a little, and begin to sync it."""
        if not self.wal.mark_idle(*marks):
            self.wal.probe()
        return self.wal.sync_begin()

    def cut(self, seq: int) -> None:
        """End at `seq`, durably."""
        self.recent.clear()
        self.wal.cut(seq)

    def begin_anew(self, stands: Checkpoint) -> None:
        """After a snapshot."""
        self.recent.clear()
        self.wal.reset(stands.seq, stands.epoch, stands.entry_hash)

    def forget_below(self, seq: int) -> int:
        """Nothing below `seq` is needed; the oldest that is still there."""
        if seq > self.first_seq:
            self.wal.trim(seq, seq)
        return self.wal.first_seq

    def read(self, seq: int) -> Run | None:
        """Entries from `seq` on, some; None if that one cannot be read."""
        try:
            return self.wal.read(seq, READ_BYTES)
        except LogGone:
            return None
        except LogRotten as rot:
            if rot.first_seq not in self.known_rotten:
                self.rotten_seq = rot.last_seq
            return None

    def read_exactly(self, from_seq: int, to_seq: int) -> Run | None:
        """These entries, or None if not all can be read."""
        fresh = self.recent.get((from_seq, to_seq))
        if fresh is not None:
            return fresh
        if not self.first_seq <= from_seq <= to_seq <= self.head_seq:
            return None
        runs: list[Run] = []
        at = from_seq
        while at <= to_seq:
            run = self.read(at)
            if run is None:
                return None
            runs.append(cut_run(run, at, min(run.last_seq, to_seq)))
            at = run.last_seq + 1
        return runs[0] if len(runs) == 1 else _joined(runs)

    def hash_at(self, seq: int) -> bytes:
        """Hash of an entry that is here."""
        return self.wal.hash_at(seq)

    def hash_or_none(self, seq: int) -> bytes | None:
        """Hash of an entry, or None if it is not here or cannot be read."""
        if not self.first_seq - 1 <= seq <= self.head_seq:
            return None
        try:
            return self.wal.hash_at(seq)
        except (LogGone, LogRotten):
            return None

    def hashes(self) -> dict[int, bytes]:
        """Hash of every entry here that can be read, and of the one before the first."""
        before = self.hash_or_none(self.first_seq - 1)
        found = {} if before is None else {self.first_seq - 1: before}
        seq = self.first_seq
        while seq <= self.head_seq:
            run = self.read(seq)
            if run is None:
                seq += 1
                continue
            found.update((at, known) for at, _, _, known in walk_run(run.prev_hash, seq, run.data))
            seq = run.last_seq + 1
        return found

    def all_read(self) -> tuple[int, ...]:
        """Every segment was read, also those that a boot may skip: all rotten seqs, from now on known."""
        rotten = tuple(seq for first, last in self.wal.rotten for seq in range(first, last + 1))
        self.known_rotten, self.rotten_seq = frozenset(rotten), 0
        return rotten

    def fits(self, run: Run) -> bool:
        """Are these the entries that our log demands where some of ours are rotten?"""
        try:
            decode_run(run.prev_hash, run.first_seq, run.data)
        except EntryFaultError:
            return False
        return self.hash_or_none(run.last_seq) == run.last_hash

    def repair(self, run: Run) -> None:
        """Put them there, and sync."""
        self.wal.repair(run)
        self.wal.sync()


def log_after_power_cut(disk: SimDisk, segment_bytes: int, world: World) -> int:
    """Cut the power of a disk that nobody needs any more; the last entry that its log still holds."""
    disk.power_cut(world.random)
    _, found = Wal.recover(
        disk, LOG_DIR, segment_bytes=segment_bytes, durable_seq=0, draw=lambda: world.random.getrandbits(64)
    )
    return found.head_seq


def open_log(
    disk: SimDisk, directory: str, segment_bytes: int, stands: Checkpoint, world: World, on_cut: OnCut
) -> tuple[LogFile, Recovered]:
    """Open the log that belongs to a state, and make durable what is in it.

    A snapshot that was installed and whose log was not yet begun anew is found by the state being
    ahead of the log: then the log begins anew there.
    """
    wal, found = Wal.recover(
        disk,
        directory,
        segment_bytes=segment_bytes,
        durable_seq=stands.seq,
        draw=lambda: world.random.getrandbits(64),
        on_cut=on_cut,
    )
    log = LogFile(wal, OrderedDict())
    if stands.seq > found.head_seq or not _belongs(log, stands):
        world.seen["log begun anew at boot"] += 1
        log.begin_anew(stands)
        found = _after_reset(found, stands)
    elif not found.short:
        wal.rewrite_tail()
        wal.sync()
    return log, found


def _belongs(log: LogFile, stands: Checkpoint) -> bool:
    if stands.seq < log.first_seq - 1:
        raise LogFault(f"the state stands at {stands.seq}, the log begins at {log.first_seq}")
    known = log.hash_or_none(stands.seq)
    return known is None or known == stands.entry_hash


def _after_reset(found: Recovered, stands: Checkpoint) -> Recovered:
    return replace(
        found,
        first_seq=stands.seq + 1,
        head_seq=stands.seq,
        ends=((stands.epoch, stands.seq),),
        commit_seq=stands.seq,
        peer_seq=0,
        torn=False,
        rotten_end=False,
        rotten=(),
        short=found.mark_seq > stands.seq,
    )


def _joined(runs: list[Run]) -> Run:
    entries = [entry for run in runs for entry in decode_run(run.prev_hash, run.first_seq, run.data)[1]]
    return encode_run(runs[0].prev_hash, entries)[0]
