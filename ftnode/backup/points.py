"""Which entry a point in time is, and from which snapshot it is reached."""

from dataclasses import dataclass
from datetime import UTC, datetime

from ftnode.backup.contents import LOG, Contents, Reach
from ftnode.backup.files import BackupFault
from ftnode.backup.logs import read_log
from ftnode.backup.records import SnapshotHead


class NoSuchPoint(BackupFault):
    """The backup does not reach it; the text says what it reaches."""


@dataclass(frozen=True, slots=True)
class Point:
    """The last entry that is to be in what is restored, and where the way to it begins."""

    seq: int
    reach: Reach

    @property
    def snapshots(self) -> tuple[SnapshotHead, ...]:
        """From which it can be reached, the nearest first."""
        return tuple(head for head in reversed(self.reach.snapshots) if head.seq <= self.seq)


def find(contents: Contents, seq: int = 0, at_ms: int | None = None) -> Point:
    """The point after entry `seq`, or after the last entry whose log time is not after `at_ms`; else the end.

    Raises:
        NoSuchPoint: it is not in this backup. Damaged: the file in which it lies.
    """
    if not contents.reaches:
        raise NoSuchPoint(f"{contents.root}: no snapshot can be read: nothing can be restored")
    if seq:
        for reach in contents.reaches:
            if reach.first_seq <= seq <= reach.last_seq:
                return Point(seq, reach)
        raise NoSuchPoint(f"entry {seq} cannot be restored. {possible(contents)}")
    if at_ms is not None:
        return _at(contents, at_ms)
    return Point(contents.reaches[-1].last_seq, contents.reaches[-1])


def _at(contents: Contents, at_ms: int) -> Point:
    for reach in reversed(contents.reaches):
        if reach.first_ms <= at_ms <= reach.last_ms:
            return Point(_last_seq(contents, reach, at_ms), reach)
    raise NoSuchPoint(f"the state as of {instant(at_ms)} cannot be restored. {possible(contents)}")


def _last_seq(contents: Contents, reach: Reach, at_ms: int) -> int:
    """Log time never goes back from entry to entry, so there is a last one."""
    logs = [head for head in reach.logs if head.first_time_ms <= at_ms]
    snapshot_seq = max(head.seq for head in reach.snapshots if head.time_ms <= at_ms)
    if not logs:
        return snapshot_seq
    if logs[-1].last_time_ms <= at_ms:
        return max(logs[-1].last_seq, snapshot_seq)
    entries = read_log(contents.root / LOG, logs[-1]).entries
    return max(snapshot_seq, *(entry.seq for entry in entries if entry.time_ms <= at_ms))


def possible(contents: Contents) -> str:
    """What can be restored, in words."""
    ranges = [
        f"from {instant(reach.first_ms)} (entry {reach.first_seq}) to {instant(reach.last_ms)} "
        f"(entry {reach.last_seq})"
        for reach in contents.reaches
    ]
    return f"This backup reaches {', and '.join(ranges)}: choose --at TIME or --seq N within"


def instant(ms: int) -> str:
    """UTC, to the millisecond; the time of day that the pair itself gave the entry."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S.") + f"{ms % 1000:03d}Z"


def parse_instant(text: str) -> int:
    """UTC milliseconds of `2026-11-28 17:30`, `2026-11-28T17:30:00.250Z` or `...+08:00`; without a zone UTC.

    Raises:
        BackupFault: it is no time.
    """
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BackupFault(
            f"--at {text}: want a time like 2026-11-28T17:30:00Z or 2026-11-29T01:30:00+08:00"
        ) from None
    aware = found if found.tzinfo is not None else found.replace(tzinfo=UTC)
    whole = int(aware.replace(microsecond=0).timestamp())
    return whole * 1000 + aware.microsecond // 1000
