"""Which engine version executes what, in the replicated state itself, and what entries say of it.

    slot 0 | ffff | "V"     -> `ftnode.core.versions.Standing`

The key is written by the first UPGRADE entry: a log without one was executed by one version all along.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from ftnode.core import versions
from ftnode.core.versions import Ordered, Standing
from ftnode.machine.contract import StateReader
from ftnode.machine.kinds import Kind
from ftnode.machine.view import RUNTIME_TENANT, EntryState
from ftnode.store.entry import Entry
from ftnode.store.state import StateBroken

KEY: Final = bytes(2) + RUNTIME_TENANT + b"V"


def standing(state: StateReader, version: int) -> Standing:
    """Where the log stands that made this state. `version`: in force behind its last entry, 0 if it has none.

    Raises StoreFault.
    """
    text = state.get(KEY)
    if text is None:
        return versions.begun_with(version) if version else Standing()
    try:
        return versions.unpack(text)
    except msgspec.MsgspecError as error:
        raise StateBroken(f"key {KEY.hex()}: what executed this log does not parse: {error}") from error


def execute(state: EntryState, entry: Entry) -> Standing:
    """Run an UPGRADE entry: where the log stands behind it."""
    before = standing(state, entry.engine_version)
    after = versions.after(before, entry.seq, versions.from_body(entry.body))
    state.writes[KEY] = versions.pack(after)
    return after


def orders_of(entries: Iterable[Entry]) -> tuple[Ordered, ...]:
    """What the UPGRADE entries among these say. Raises msgspec.DecodeError on one that none of ours made."""
    return tuple(
        [(entry.seq, versions.from_body(entry.body)) for entry in entries if entry.kind == Kind.UPGRADE]
    )


def began(entries: Sequence[Entry]) -> int:
    """The engine version of entry 1; 0 if it is not the first of these."""
    return entries[0].engine_version if entries[0].seq == 1 else 0
