"""The states of a unit, as one table. The diagram in the docs is printed from it.

Rows never depend on their order: a state and a trigger name at most one row. What has no
row is our own bug and stops the unit.
"""

from enum import StrEnum
from typing import Final, NamedTuple

from ftnode.core.invariants import invariant


class State(StrEnum):
    """What a unit is. Duplex, simplex and down are the pair's, derived from the record."""

    EMPTY = "EMPTY"  # the process started, its disk not yet read
    INITIALIZING = "INITIALIZING"  # a blank disk gets its promise record and log
    DIAGNOSTICS = "DIAGNOSTICS"  # the disk is checked, rotten entries are fetched from the partner
    DUPLEXING = "DUPLEXING"  # looking for the active, or catching up with it
    STANDBY = "STANDBY"  # in the in-sync set and complete
    ACTIVE = "ACTIVE"  # orders commands and answers clients
    FENCED = "FENCED"  # was active, the record names the other unit
    BROKEN = "BROKEN"  # convicted, with a reason; stays so until cleared
    OFFLINE = "OFFLINE"  # taken out on purpose


class Trigger(StrEnum):
    """What makes a unit change its state."""

    BLANK = "BLANK"
    LOADED = "LOADED"
    LOADED_BROKEN = "LOADED_BROKEN"
    LOADED_OFFLINE = "LOADED_OFFLINE"
    INITIALIZED = "INITIALIZED"
    PASSED = "PASSED"
    FAILED = "FAILED"
    CAUGHT_UP = "CAUGHT_UP"
    GRANTED = "GRANTED"
    DESIGNATED = "DESIGNATED"
    PUT_OUT = "PUT_OUT"
    RECORD_NAMES_OTHER = "RECORD_NAMES_OTHER"
    QUIET = "QUIET"
    FSYNC_FAILED = "FSYNC_FAILED"
    MISCOMPARED = "MISCOMPARED"
    MISCHAINED = "MISCHAINED"
    TAKEN_OUT = "TAKEN_OUT"
    BROUGHT_UP = "BROUGHT_UP"
    CLEARED = "CLEARED"
    WORN = "WORN"


class Row(NamedTuple):
    """One permitted change."""

    at: State
    on: Trigger
    to: State
    why: str  # printed when the row fires, and in the operator's manual


_S, _T = State, Trigger

TABLE: Final = (
    Row(_S.EMPTY, _T.BLANK, _S.INITIALIZING, "the disk is blank: it gets a promise record and an empty log"),
    Row(_S.EMPTY, _T.LOADED, _S.DIAGNOSTICS, "the disk has a past: check it before it is believed"),
    Row(
        _S.EMPTY,
        _T.LOADED_BROKEN,
        _S.BROKEN,
        "the disk says that this unit was convicted and not yet cleared",
    ),
    Row(_S.EMPTY, _T.LOADED_OFFLINE, _S.OFFLINE, "the disk says that this unit was taken out on purpose"),
    Row(_S.INITIALIZING, _T.INITIALIZED, _S.DIAGNOSTICS, "the new disk is ready to be checked"),
    Row(_S.DIAGNOSTICS, _T.PASSED, _S.DUPLEXING, "a returning disk may be behind: prove otherwise"),
    Row(_S.DIAGNOSTICS, _T.FAILED, _S.BROKEN, "the unit cannot vouch for its own disk"),
    Row(_S.DUPLEXING, _T.CAUGHT_UP, _S.STANDBY, "log complete, digest equal, and the record names us"),
    Row(_S.DUPLEXING, _T.GRANTED, _S.ACTIVE, "cold start: the witness found us in the last in-sync set"),
    Row(_S.DUPLEXING, _T.DESIGNATED, _S.ACTIVE, "its note says so: designated survivor, witness still lost"),
    Row(_S.STANDBY, _T.PUT_OUT, _S.DUPLEXING, "the record no longer names us: not fit to be promoted"),
    Row(_S.STANDBY, _T.GRANTED, _S.ACTIVE, "the witness recorded us for a new epoch"),
    Row(_S.ACTIVE, _T.RECORD_NAMES_OTHER, _S.FENCED, "somebody did replace us"),
    Row(_S.FENCED, _T.QUIET, _S.DUPLEXING, "writes under way have ended: join the new active"),
    Row(_S.DIAGNOSTICS, _T.FSYNC_FAILED, _S.BROKEN, "the disk cannot be trusted with a promise"),
    Row(_S.DUPLEXING, _T.FSYNC_FAILED, _S.BROKEN, "a failed fsync is never retried: the pages may be gone"),
    Row(_S.STANDBY, _T.FSYNC_FAILED, _S.BROKEN, "a failed fsync is never retried: the pages may be gone"),
    Row(_S.ACTIVE, _T.FSYNC_FAILED, _S.BROKEN, "a failed fsync is never retried: the partner takes over"),
    Row(_S.FENCED, _T.FSYNC_FAILED, _S.BROKEN, "a failed fsync is never retried: the pages may be gone"),
    Row(_S.ACTIVE, _T.MISCOMPARED, _S.BROKEN, "digests differ, and we contradict our own log"),
    Row(_S.STANDBY, _T.MISCOMPARED, _S.BROKEN, "digests differ, and we contradict our own log"),
    Row(_S.DUPLEXING, _T.MISCOMPARED, _S.BROKEN, "digests differ, and we contradict our own log"),
    Row(_S.STANDBY, _T.MISCHAINED, _S.BROKEN, "the active's log does not continue ours"),
    Row(_S.DUPLEXING, _T.MISCHAINED, _S.BROKEN, "the active's log does not continue ours"),
    Row(_S.DUPLEXING, _T.WORN, _S.BROKEN, "its faults come too often: it stays out until it is cleared"),
    Row(_S.DUPLEXING, _T.TAKEN_OUT, _S.OFFLINE, "the operator took this unit out"),
    Row(_S.STANDBY, _T.TAKEN_OUT, _S.OFFLINE, "the operator took this unit out"),
    Row(_S.ACTIVE, _T.TAKEN_OUT, _S.OFFLINE, "the operator took the only unit out: the pair is down"),
    Row(_S.OFFLINE, _T.BROUGHT_UP, _S.DIAGNOSTICS, "the operator put this unit back"),
    Row(_S.BROKEN, _T.CLEARED, _S.DIAGNOSTICS, "the operator cleared the reason"),
)
NEXT: Final = {(row.at, row.on): row for row in TABLE}


def row_for(at: State, on: Trigger) -> Row:
    """The row that fires at a state on a trigger; none is a bug of ours."""
    invariant((at, on) in NEXT, "no row in the table", at=at.value, on=on.value)
    return NEXT[at, on]


def diagram() -> str:
    """The table as a Mermaid state diagram, for the docs."""
    lines = ["stateDiagram-v2", "    [*] --> EMPTY"]
    lines += [f"    {row.at} --> {row.to}: {row.on}" for row in TABLE]
    return "\n".join(lines) + "\n"
