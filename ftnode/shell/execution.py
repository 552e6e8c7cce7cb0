"""Settings that decide what executing an entry does: equal on both units, and for the life of the log.

With other values the same entry leaves another state: two units miscompare weeks later, a lone one
that starts again re-executes something else than it answered. So they stand on each unit's disk,
beside the log, from its first entry on; the handshake compares them with the other unit's.
"""

import os
from pathlib import Path
from typing import Final

import msgspec

from ftnode.config import UnitSettings
from ftnode.store.disk import RealDisk, read_whole, write_whole

FILE: Final = "execution.json"
_FORMAT: Final = 1


class ExecutionSettingsError(Exception):
    """This unit was configured to execute its log in another way than it was executed so far."""


class Execution(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """As in the configuration's `state`."""

    format: int = _FORMAT
    request_keep_days: int
    prune_per_entry: int


def of(settings: UnitSettings) -> Execution:
    """What these settings say."""
    at = settings.state
    return Execution(request_keep_days=at.request_keep_days, prune_per_entry=at.prune_per_entry)


def deciding(settings: UnitSettings) -> dict[str, int]:
    """The same by the settings' full names, for whoever executes this log elsewhere."""
    at = of(settings)
    return {f"state.{name}": getattr(at, name) for name in Execution.__struct_fields__ if name != "format"}


def equal_on_both(settings: UnitSettings) -> dict[str, int]:
    """Everything that must be equal on both units, by the settings' full names, for the handshake.

    Checkpoints are written at the same seqs on both: that is what a miscompare is judged by.
    """
    at = settings.state
    names = ("request_keep_days", "prune_per_entry", "checkpoint_entries", "checkpoint_bytes")
    return {f"state.{name}": getattr(at, name) for name in names}


def check(settings: UnitSettings, directory: Path, blank: bool) -> None:
    """Compare with what the disk says, or write it down: on a disk without one, and on a blank one.

    Raises:
        ExecutionSettingsError: another value, or a file that cannot be understood; in words.
        OSError: the disk failed.
    """
    disk, wanted = RealDisk(), of(settings)
    path = os.path.abspath(directory / FILE)
    data = read_whole(disk, path)
    if data is None or blank:
        write_whole(disk, path, msgspec.json.encode(wanted))
        return
    try:
        stands = msgspec.json.decode(data, type=Execution)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ExecutionSettingsError(f"{path} cannot be understood: {error}") from error
    if wrong := [said for name in Execution.__struct_fields__ if (said := _problem(name, stands, wanted))]:
        raise ExecutionSettingsError("; ".join(wrong))


def _problem(name: str, stands: Execution, wanted: Execution) -> str:
    was, now = getattr(stands, name), getattr(wanted, name)
    if was == now:
        return ""
    return (
        f"state.{name} is {now}, but the log on this disk was executed with {was}, and with another value it "
        f"would give another state: set it to {was}, on both units"
    )
