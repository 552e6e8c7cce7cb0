"""A pair without processes: a log, executed directly, and backups taken of it at any entry."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ftnode.backup.contents import LOG, SLOT_FILES, SNAPSHOTS, filled, writing
from ftnode.backup.files import Draft, publish
from ftnode.backup.logs import draft_log
from ftnode.backup.records import SnapshotHead, Source
from ftnode.backup.slots import SlotDraft
from ftnode.machine.contract import Machine
from ftnode.machine.executor import DAY_MS, Executor
from ftnode.store.entry import FORMAT as ENTRY_FORMAT
from ftnode.store.entry import GENESIS_HASH, Entry, Run, cut_run, encode_run
from ftnode.store.snapshot import read_chunks
from ftnode.store.state import Pair, StateStore
from ftnode.store.state_dict import DictMedium, DictStateStore
from ftnode.store.state_lmdb_file import FORMAT as STATE_FORMAT
from ftnode.store.state_roots import root_at
from tests.machine.log import checkpoint
from tests.machines import COMMAND, Register, body

NOON_MS: Final = 1_800_000_000_000
KEEP_DAYS: Final = 2
SOURCE: Final = Source(
    cabinet="shop",
    unit=1,
    software="test",
    state_format=STATE_FORMAT.decode().strip(),
    entry_format=ENTRY_FORMAT,
    settings={"state.request_keep_days": KEEP_DAYS, "state.prune_per_entry": 4},
)


def put(seq: int, slot: int, value: bytes, time_ms: int = 0, request_id: bytes = b"") -> Entry:
    """An entry that writes to a register of `slot`."""
    at_ms = NOON_MS + (time_ms or seq * 1000)
    text = body("put", slot, b"%d" % (seq % 3), value)
    return Entry(seq, 1, at_ms, 0, 1, COMMAND, 1, slot, request_id, b"till", 0, at_ms, text)


def executor_on(store: StateStore, machines: Sequence[Machine]) -> Executor:
    """As the pair's, with the settings of `SOURCE`."""
    return Executor(store, machines, KEEP_DAYS * DAY_MS, 4)


def everything(store: StateStore) -> list[Pair]:
    """All pairs of a store."""
    return list(store.iterate(b"", b"\xff" * 8))


@dataclass
class Past:
    """A log, and what the pair that executed it could say of every entry."""

    entries: Sequence[Entry]
    machines: Sequence[Machine] = field(default_factory=lambda: [Register()])

    def __post_init__(self) -> None:
        self.run, self.hashes = encode_run(GENESIS_HASH, self.entries)
        self.digests: dict[int, bytes] = {}
        executor = executor_on(DictStateStore(DictMedium()), self.machines)
        for entry, its_hash in zip(self.entries, self.hashes, strict=True):
            executor.execute(entry, its_hash)
            self.digests[entry.seq] = executor.digest

    def state_at(self, seq: int) -> DictStateStore:
        """The state after entry `seq`, executed directly."""
        store = DictStateStore(DictMedium())
        executor = executor_on(store, self.machines)
        for entry, its_hash in zip(self.entries[:seq], self.hashes, strict=False):
            executor.execute(entry, its_hash)
        executor.compared(seq)
        checkpoint(executor)
        return store

    def part(self, first_seq: int, last_seq: int) -> Run:
        """Some of the log."""
        return cut_run(self.run, first_seq, last_seq)

    # ---------------------------------------------------------------- what a backup does, without a unit

    def back_up(self, root: Path, snapshots: Iterable[int], files: Iterable[tuple[int, int]]) -> None:
        """Snapshots at these entries, and log files with these (first, last) entries."""
        with writing(root):
            for seq in snapshots:
                self.keep_snapshot(root, seq)
            for first_seq, last_seq in files:
                self.keep_log(root, first_seq, last_seq)

    def keep_snapshot(self, root: Path, seq: int) -> SnapshotHead:
        """One snapshot, all its slots."""
        snapshot = self.state_at(seq).open_snapshot()
        at, slots = snapshot.checkpoint, filled(snapshot.roots)
        for slot in slots:
            draft = SlotDraft(root / SLOT_FILES, slot, root_at(snapshot.roots, slot))
            for chunk in read_chunks(snapshot, [slot]):
                draft.take(chunk)
            publish([draft.draft])
        head = SnapshotHead(
            source=SOURCE,
            seq=at.seq,
            epoch=at.epoch,
            time_ms=at.time_ms,
            entry_hash=at.entry_hash.hex(),
            digest=at.digest.hex(),
            engine_version=at.engine_version,
            slots=len(slots),
            taken_ms=NOON_MS,
        )
        kept = Draft(root / SNAPSHOTS / head.name, head)
        kept.add(snapshot.roots)
        publish([kept])
        return head

    def keep_log(self, root: Path, first_seq: int, last_seq: int) -> Path:
        """One log file."""
        part = self.part(first_seq, last_seq)
        draft = draft_log(root / LOG, SOURCE, part, self.digests[last_seq], NOON_MS)
        publish([draft])
        return draft.path


def small_past(entries: int = 60) -> Past:
    """Every entry a second behind the one before; values differ, registers come again."""
    return Past([put(seq, seq % 7, b"value %d" % seq) for seq in range(1, entries + 1)])


def quiet(*_: object) -> None:
    """Progress for nobody."""
