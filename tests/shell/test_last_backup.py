"""The age of the last backup: who is warned, when, and that both units know of one that either gave."""

from pathlib import Path

import pytest

from ftnode.shell import last_backup
from ftnode.shell.last_backup import FILE, HOUR_MS, SAME_MS, LastBackup, backup_old

NOW_MS = 1_795_000_000_000
CASES = [  # hours since the last one (None: never), age_max_hours, required, what is said
    (None, 26, False, None),  # nobody wants any
    (None, 26, True, "no backup of this pair was ever taken"),
    (25, 26, True, None),
    (26, 26, False, "ended 26 h ago; backup.age_max_hours is 26"),
    (500, 26, False, "ended 500 h ago"),
    (500, 0, True, None),  # never
    (None, 0, True, None),
]


@pytest.mark.parametrize(("hours", "most", "required", "says"), CASES)
def test_who_is_warned(hours: int | None, most: int, required: bool, says: str | None) -> None:
    ended_ms = 0 if hours is None else NOW_MS - hours * HOUR_MS
    problem = backup_old(1, ended_ms, most, required, NOW_MS)
    assert (problem is None) == (says is None)
    if problem is not None and says is not None:
        assert (problem.code, says in problem.what) == ("backup-old", True)
        assert problem.since_ms <= NOW_MS


async def test_it_is_known_after_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new disk knows of none; a file that is none is none."""
    monkeypatch.setattr(last_backup, "wall_ms", lambda: NOW_MS)
    known = LastBackup(tmp_path)
    assert known.ended_ms == 0
    await known.taken()
    assert LastBackup(tmp_path).ended_ms == NOW_MS
    (tmp_path / FILE).write_bytes(b"{")
    assert LastBackup(tmp_path).ended_ms == 0


async def test_what_the_other_unit_knows_counts_once(tmp_path: Path) -> None:
    """A later one counts, an earlier one does not, and the way between them makes none younger."""
    known = LastBackup(tmp_path)
    await known.taken(NOW_MS)
    for heard_ms in (NOW_MS - HOUR_MS, NOW_MS + 40, NOW_MS + SAME_MS - 1):
        await known.taken(heard_ms)
        assert known.ended_ms == NOW_MS
    await known.taken(NOW_MS + HOUR_MS)
    assert LastBackup(tmp_path).ended_ms == NOW_MS + HOUR_MS


async def test_a_disk_that_takes_no_note_stops_no_backup(tmp_path: Path) -> None:
    known = LastBackup(tmp_path / "gone")
    await known.taken(NOW_MS)
    assert known.ended_ms == NOW_MS
