"""When a backup was taken last, of either unit: kept on disk, told to the other one, missed when it is old.

What counts is the log: given out through what was compared then, it ends the loss that a burnt building would
cost. The command that took it knows more (whether its disk kept it), and says so itself.
"""

import asyncio
from pathlib import Path
from typing import Final

import msgspec
import structlog

from ftnode.shell.driver import wall_ms
from ftnode.shell.found import Problem, found
from ftnode.store.disk import RealDisk, read_whole, write_whole

FILE: Final = "backup.json"
SAME_MS: Final = 60_000  # two clocks of one backup
HOUR_MS: Final = 3_600_000


class Kept(msgspec.Struct, frozen=True):
    """On disk."""

    ended_ms: int


class LastBackup:
    """See the module. `ended_ms` is by this unit's wall clock; 0: none is known."""

    def __init__(self, directory: Path) -> None:
        """`directory` is the unit's. A file that cannot be understood is as good as none."""
        self._path = str(directory.absolute() / FILE)
        self._log = structlog.get_logger()
        self.ended_ms = 0
        try:
            data = read_whole(RealDisk(), self._path)
            self.ended_ms = msgspec.json.decode(data, type=Kept).ended_ms if data else 0
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as trouble:
            self._log.warning("last_backup_not_known", why=str(trouble))

    async def taken(self, ended_ms: int | None = None) -> None:
        """One ended just now, or, as the other unit knows, at that time. An earlier one changes nothing."""
        ended_ms = wall_ms() if ended_ms is None else ended_ms
        if ended_ms < self.ended_ms + SAME_MS and self.ended_ms:
            return
        self.ended_ms = ended_ms
        text = msgspec.json.encode(Kept(ended_ms))
        try:
            await asyncio.to_thread(write_whole, RealDisk(), self._path, text)
        except OSError as trouble:
            self._log.warning("last_backup_not_kept", why=str(trouble))


def backup_old(me: int, ended_ms: int, most_hours: int, required: bool, at_ms: int) -> Problem | None:
    """Older than so many hours (0: never); where none was ever taken only if one is required."""
    if not most_hours or not (ended_ms or required):
        return None
    if not ended_ms:
        return found("backup-old", me, "no backup of this pair was ever taken", at_ms)
    due_ms = ended_ms + most_hours * HOUR_MS
    if at_ms < due_ms:
        return None
    hours = (at_ms - ended_ms) // HOUR_MS
    what = f"the last backup of this pair ended {hours} h ago; backup.age_max_hours is {most_hours}"
    return found("backup-old", me, what, due_ms)
