"""Is every byte of a backup what was written, does the log follow the snapshots, and what can be restored?"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from ftnode.backup.contents import LOG, SLOT_FILES, Contents, Reach, filled, look, read_roots, slot_path
from ftnode.backup.files import BackupFault, Damaged, drop_cache
from ftnode.backup.logs import read_log
from ftnode.backup.records import LogHead, SnapshotHead
from ftnode.backup.slots import read_slot
from ftnode.store.state_roots import root_at

Say = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it was written."""

    file: str
    what: str


@dataclass(slots=True)
class Verdict:
    """What was found."""

    cabinet: str = ""
    snapshots: int = 0
    slots: int = 0
    entries: int = 0
    read_bytes: int = 0
    problems: list[Problem] = field(default_factory=list)
    reaches: tuple[Reach, ...] = ()  # of what is sound

    @property
    def ok(self) -> bool:
        """Nothing is damaged, and something can be restored."""
        return not self.problems and bool(self.reaches)


def verify(root: Path, say: Say = lambda what, done, total: None) -> Verdict:
    """Read everything. Raises BackupFault: there is no backup to verify."""
    contents = look(root)
    verdict = Verdict(contents.cabinet, len(contents.snapshots))
    verdict.problems += [Problem(str(fault.path), fault.why) for fault in contents.damaged]
    sound_logs, hashes = _verify_logs(contents, verdict, say)
    sound_snapshots = _verify_snapshots(contents, verdict, hashes, say)
    verdict.problems += _gaps(contents)
    sound = Contents(root, tuple(sound_snapshots), tuple(sound_logs), (), ())
    verdict.reaches = sound.reaches
    if not verdict.reaches:
        verdict.problems.append(Problem(str(root), "no sound snapshot is in it: nothing can be restored"))
    return verdict


def _verify_logs(contents: Contents, verdict: Verdict, say: Say) -> tuple[list[LogHead], dict[int, str]]:
    """Sound log files, and the hashes of the entries at which snapshots stand."""
    at = {head.seq for head in contents.snapshots}
    hashes: dict[int, str] = {}
    sound: list[LogHead] = []
    for done, head in enumerate(contents.logs):
        say("log files", done, len(contents.logs))
        path = contents.root / LOG / head.name
        drop_cache(path)
        try:
            found = read_log(contents.root / LOG, head)
        except BackupFault as fault:
            verdict.problems.append(_problem(path, fault))
            continue
        sound.append(head)
        verdict.entries += len(found.entries)
        verdict.read_bytes += path.stat().st_size
        hashes.setdefault(head.first_seq - 1, head.prev_hash)
        hashes.update(
            (seq, found.hashes[seq - head.first_seq].hex())
            for seq in at
            if head.first_seq <= seq <= head.last_seq
        )
    say("log files", len(contents.logs), len(contents.logs))
    return sound, hashes


def _verify_snapshots(
    contents: Contents, verdict: Verdict, hashes: dict[int, str], say: Say
) -> list[SnapshotHead]:
    checked: dict[Path, bool] = {}  # slots are shared
    digests = {log.last_seq: log.digest for log in contents.logs if log.digest}
    sound: list[SnapshotHead] = []
    for head in contents.snapshots:
        path = contents.root / "snapshots" / head.name
        try:
            roots = read_roots(contents.root, head)
        except BackupFault as fault:
            verdict.problems.append(_problem(path, fault))
            continue
        if hashes.get(head.seq, head.entry_hash) != head.entry_hash:
            verdict.problems.append(
                Problem(str(path), f"is not of this log: entry {head.seq} is another one")
            )
            continue
        marked = digests.get(head.seq, head.digest)
        if marked != head.digest:
            verdict.problems.append(Problem(str(path), f"its digest is not the one recorded at {head.seq}"))
            continue
        slots = filled(roots)
        whole = True
        for done, slot in enumerate(slots):
            say(f"slots of the snapshot at {head.seq}", done, len(slots))
            whole &= _verify_slot(contents.root, slot, root_at(roots, slot), verdict, checked)
        say(f"slots of the snapshot at {head.seq}", len(slots), len(slots))
        if whole:
            sound.append(head)
    verdict.slots = len(checked)
    return sound


def _verify_slot(root: Path, slot: int, its_root: bytes, verdict: Verdict, checked: dict[Path, bool]) -> bool:
    path = slot_path(root, slot, its_root)
    if path not in checked:
        drop_cache(path)
        try:
            for _ in read_slot(root / SLOT_FILES, slot, its_root):
                pass
            checked[path] = True
            verdict.read_bytes += path.stat().st_size
        except BackupFault as fault:
            checked[path] = False
            verdict.problems.append(_problem(path, fault))
    return checked[path]


def _gaps(contents: Contents) -> list[Problem]:
    """Where the log does not go on, unless a snapshot stands at its new beginning: that gap was told when it
    came about. Pruned, the log may begin a little before the oldest snapshot."""
    stretches, seqs = contents.stretches, [head.seq for head in contents.snapshots]
    if not stretches or not seqs:
        return []
    where, first, found = str(contents.root / LOG), stretches[0], []
    if not first.first_seq - 1 <= seqs[0] <= first.last_seq:
        what = (
            f"the log begins with {first.first_seq}, the oldest snapshot is at {seqs[0]}: a file is missing"
        )
        found.append(Problem(where, what))
    for before, after in pairwise(stretches):
        if after.first_seq - 1 not in seqs:
            what = (
                f"entry {after.first_seq} does not follow {before.last_seq}: a file between them is missing"
            )
            found.append(Problem(where, what))
    return found


def _problem(path: Path, fault: BackupFault) -> Problem:
    return Problem(str(path), fault.why if isinstance(fault, Damaged) else str(fault))
