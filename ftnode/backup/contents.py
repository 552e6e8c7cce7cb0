"""What a directory with a backup holds: read from the headers of its files, without looking into them.

    DIR/snapshots/   states at checkpoints: which slots, with which roots
    DIR/slots/       the pairs of one slot; snapshots with the same root share the file
    DIR/log/         entries, from the oldest snapshot on
    DIR/lock         held by whoever writes here

What has another name is not ours and left alone; what ends with `.tmp` was left by a backup that did not end.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from ftnode.backup.files import TEMPORARY, BackupFault, Damaged, OtherFormat, Reader, told
from ftnode.backup.records import LogHead, SlotHead, SnapshotHead
from ftnode.store.state import SLOTS
from ftnode.store.state_roots import EMPTY_ROOT, ROOTS_BYTES, root_at

SNAPSHOTS: Final = "snapshots"
SLOT_FILES: Final = "slots"
LOG: Final = "log"
LOCK: Final = "lock"
LOST: Final = "lost+found"  # of a file system of its own
T = TypeVar("T")
PLACES: Final = (SNAPSHOTS, SLOT_FILES, LOG)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Entries without a gap, in one or more log files."""

    logs: tuple[LogHead, ...]

    @property
    def first_seq(self) -> int:
        """First entry."""
        return self.logs[0].first_seq

    @property
    def last_seq(self) -> int:
        """Last entry."""
        return self.logs[-1].last_seq


@dataclass(frozen=True, slots=True)
class Reach:
    """Points that can be restored: from the oldest of some snapshots to the end of the log behind them."""

    snapshots: tuple[SnapshotHead, ...]  # ascending, at least one
    logs: tuple[LogHead, ...]  # ascending, those with entries behind the oldest snapshot

    @property
    def first_seq(self) -> int:
        """Oldest point."""
        return self.snapshots[0].seq

    @property
    def first_ms(self) -> int:
        """Its log time."""
        return self.snapshots[0].time_ms

    @property
    def last_seq(self) -> int:
        """Newest point."""
        return max(self.snapshots[-1].seq, self.logs[-1].last_seq if self.logs else 0)

    @property
    def last_ms(self) -> int:
        """Its log time."""
        return max(self.snapshots[-1].time_ms, self.logs[-1].last_time_ms if self.logs else 0)


@dataclass(frozen=True, slots=True)
class Contents:
    """See the module. `damaged` are files whose header cannot be read, and why."""

    root: Path
    snapshots: tuple[SnapshotHead, ...]
    logs: tuple[LogHead, ...]
    damaged: tuple[Damaged, ...]
    leftovers: tuple[Path, ...]

    @property
    def cabinet(self) -> str:
        """Whose it is; empty if nothing is here yet."""
        return next(iter(_cabinets(self.snapshots, self.logs)), "")

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """The log, as far as its files follow each other."""
        found: list[list[LogHead]] = []
        for head in self.logs:
            if found and (found[-1][-1].last_seq + 1, found[-1][-1].last_hash) == (
                head.first_seq,
                head.prev_hash,
            ):
                found[-1].append(head)
            else:
                found.append([head])
        return tuple(Stretch(tuple(heads)) for heads in found)

    @property
    def reaches(self) -> tuple[Reach, ...]:
        """What can be restored, ascending; a snapshot without a log behind it is a reach of one point."""
        found: list[Reach] = []
        stretches = self.stretches
        for snapshot in self.snapshots:
            stretch = next(
                (one for one in stretches if one.first_seq - 1 <= snapshot.seq <= one.last_seq), None
            )
            logs = tuple(head for head in stretch.logs if head.last_seq > snapshot.seq) if stretch else ()
            before = found[-1] if found else None
            if before and before.first_seq <= snapshot.seq <= before.last_seq:
                found[-1] = Reach((*before.snapshots, snapshot), before.logs)
            else:
                found.append(Reach((snapshot,), logs))
        return tuple(found)


def look(root: Path) -> Contents:
    """What is there. Changes nothing.

    Raises:
        BackupFault: no directory, not a backup's, of two cabinets, or of another format.
    """
    if not set(_names(root)) & set(PLACES):
        raise BackupFault(
            f"{root}: not a backup: nothing of one is in it; want the directory that `ftctl backup` was given"
        )
    damaged: list[Damaged] = []
    snapshots: list[SnapshotHead] = []
    logs: list[LogHead] = []
    for path in _files(root / SNAPSHOTS):
        with _noting(damaged):
            snapshot = Reader(path).head(SnapshotHead)
            snapshots.append(_named(path, snapshot, snapshot.name))
    for path in _files(root / LOG):
        with _noting(damaged):
            log = Reader(path).head(LogHead)
            logs.append(_named(path, log, log.name))
    later = next((fault for fault in damaged if isinstance(fault, OtherFormat)), None)
    if later is not None and not snapshots and not logs:
        raise later
    snapshots.sort(key=lambda head: head.seq)
    logs.sort(key=lambda head: (head.first_seq, head.last_seq))
    cabinets = _cabinets(snapshots, logs)
    if len(cabinets) > 1:
        raise BackupFault(f"{root}: holds files of cabinets {', '.join(cabinets)}; want one in a directory")
    leftovers = [path for place in PLACES for path in _all(root / place) if path.name.endswith(TEMPORARY)]
    return Contents(root, tuple(snapshots), tuple(logs), tuple(damaged), tuple(leftovers))


def read_roots(root: Path, head: SnapshotHead) -> bytes:
    """The packed slot roots of a snapshot. Raises Damaged."""
    reader = Reader(root / SNAPSHOTS / head.name)
    if reader.head(SnapshotHead) != head:
        raise Damaged(reader.path, "another file bears its name")
    roots = b"".join(reader.body())
    if len(roots) != ROOTS_BYTES or len(filled(roots)) != head.slots:
        raise Damaged(reader.path, f"{len(roots)} bytes of roots for {head.slots} slots")
    return roots


def filled(roots: bytes) -> list[int]:
    """Slots that hold anything."""
    return [slot for slot in range(SLOTS) if root_at(roots, slot) != EMPTY_ROOT]


def slot_path(root: Path, slot: int, its_root: bytes) -> Path:
    """Where the pairs of a slot with this root lie."""
    return root / SLOT_FILES / SlotHead(slot=slot, root=its_root.hex()).name


@contextmanager
def writing(root: Path) -> Iterator[None]:
    """Hold the directory, made if it is not there, against others who write; sweep what was left unfinished.

    Raises:
        BackupFault: it cannot be written, or another backup is being taken into it.
    """
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        strangers = [name for name in _names(root) if name not in (LOCK, LOST) and not name.startswith(".")]
        if strangers and not (root / SNAPSHOTS).is_dir():
            raise BackupFault(
                f"{root}: not empty, and not a backup: {strangers[0]!r} is in it; give an empty directory"
            )
        fd = os.open(root / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as trouble:
        raise told(root, trouble) from trouble
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as taken:
        os.close(fd)
        raise BackupFault(f"{root}: another `ftctl backup` is writing here; wait for its end") from taken
    try:
        for place in PLACES:
            (root / place).mkdir(exist_ok=True)
        for path in look(root).leftovers:
            path.unlink()
        yield
    except OSError as trouble:
        raise told(root, trouble) from trouble
    finally:
        os.close(fd)


def _cabinets(snapshots: Sequence[SnapshotHead], logs: Sequence[LogHead]) -> list[str]:
    return sorted({head.source.cabinet for head in snapshots} | {head.source.cabinet for head in logs})


def _names(root: Path) -> list[str]:
    try:
        return sorted(os.listdir(root))
    except OSError as trouble:
        raise BackupFault(f"{root}: {trouble.strerror}; want the directory of a backup") from trouble


def _all(directory: Path) -> Sequence[Path]:
    with suppress(FileNotFoundError):
        return [directory / name for name in sorted(os.listdir(directory))]
    return []


def _files(directory: Path) -> list[Path]:
    return [path for path in _all(directory) if not path.name.endswith(TEMPORARY)]


def _named(path: Path, head: T, name: str) -> T:
    if path.name != name:
        raise Damaged(path, f"bears the name of another file; it is {name}")
    return head


@contextmanager
def _noting(damaged: list[Damaged]) -> Iterator[None]:
    try:
        yield
    except Damaged as fault:
        damaged.append(fault)
