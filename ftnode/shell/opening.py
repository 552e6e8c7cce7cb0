"""Opening the state on a unit's disk, with what is known to be rotten of it.

Slots that are known to be rotten are in quarantine from the first moment. A state that cannot be read at all
is put aside, for audit, and a blank one is begun: the unit takes it from its partner. It never serves before
that, whether its partner comes or not.
"""

import os
import shutil
from pathlib import Path
from typing import Final

import structlog

from ftnode.shell.driver import wall_ms
from ftnode.store.disk import RealDisk
from ftnode.store.rot_note import RotNote, read_note, write_note
from ftnode.store.state import StateBroken
from ftnode.store.state_helper import HelperStateStore

STATE: Final = "state"  # where the state lies in a unit's directory
ASIDE: Final = "state.rotten"  # and the last one that could not be read


def open_state(directory: Path, map_max_bytes: int, blank: bool) -> tuple[HelperStateStore, RotNote]:
    """The store, and what is rotten of it.

    Args:
        blank: a disk without a past: a state that is there all the same is not ours to put aside.

    Raises:
        StoreFault: it cannot be opened, for another reason than rot. OSError: the disk failed.
    """
    note = read_note(RealDisk(), str(directory.absolute()))
    if not note.whole:
        try:
            store = HelperStateStore(directory / STATE, map_max_bytes)
        except StateBroken as broken:
            if blank:
                raise
            note = note.with_all(str(broken), wall_ms())
            keep_rot(directory, note)
        else:
            store.quarantine(note.slots)
            return store, note
    put_aside(directory, note.why)
    store = HelperStateStore(directory / STATE, map_max_bytes)
    keep_rot(directory, RotNote())  # a blank state is a sound one
    return store, RotNote()


def put_aside(directory: Path, why: str) -> None:
    """Keep a state that cannot be read, in place of an earlier one. Done again after a crash, it goes on."""
    if (directory / STATE).exists():
        shutil.rmtree(directory / ASIDE, ignore_errors=True)
        os.rename(directory / STATE, directory / ASIDE)
        RealDisk().fsync_dir(str(directory.absolute()))
    structlog.get_logger().error("state_put_aside", why=why, kept=str(directory / ASIDE))


def keep_rot(directory: Path, note: RotNote) -> None:
    """Durably. Raises OSError."""
    write_note(RealDisk(), str(directory.absolute()), note)
