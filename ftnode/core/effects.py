"""What the core asks for. The shell (or the simulator) does it and reports back by an event."""

from dataclasses import dataclass
from typing import TypeAlias

from ftnode.core.fsm import State, Trigger
from ftnode.core.messages import Message, Sid
from ftnode.core.promise import Promise
from ftnode.core.record import Record


@dataclass(frozen=True, slots=True)
class KeepPromise:
    """Put the promise on disk, then report PromiseKept(number). One at a time."""

    number: int
    promise: Promise


@dataclass(frozen=True, slots=True)
class Diagnose:
    """Check this unit at start; report Diagnosed."""


@dataclass(frozen=True, slots=True)
class Send:
    """Say this to the partner; fill in bytes, hash or digest from the log."""

    message: Message


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """Ask the witness; report RecordRead or WitnessSilent with this op."""

    op: int
    compared_seq: int  # told to the witness


@dataclass(frozen=True, slots=True)
class SwapRecord:
    """Compare-and-swap at the witness; report RecordRead(won) or WitnessSilent with this op."""

    op: int
    expected: Record
    wanted: Record
    compared_seq: int


@dataclass(frozen=True, slots=True)
class ProbeDisk:
    """Begin a write and fsync now; report DiskProbed(number) or FsyncFailed."""

    number: int


@dataclass(frozen=True, slots=True)
class GiveOut:
    """Make entries `from_seq..to_seq` of the commands that waited (a no-op if `noop`), stamped with
    `epoch` and `time_ms`; write and execute them; report Persisted and Executed."""

    from_seq: int
    to_seq: int
    epoch: int
    time_ms: int
    noop: bool


@dataclass(frozen=True, slots=True)
class Take:
    """Write and execute entries `from_seq..to_seq` of the Append just received; report both."""

    from_seq: int
    to_seq: int


@dataclass(frozen=True, slots=True)
class Cut:
    """Keep a copy of what is above `seq`, lower the mark durably, cut, discard write sets: CutDone."""

    seq: int


@dataclass(frozen=True, slots=True)
class Compare:
    """Hold this digest against our own at `seq`; report Compared."""

    seq: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class MarkCompared:
    """Everything through `seq` is final: write sets may be merged, checkpoints taken, feed fed."""

    seq: int


@dataclass(frozen=True, slots=True)
class Release:
    """Answer the clients whose commands are at or below `seq`."""

    seq: int


@dataclass(frozen=True, slots=True)
class TakeReads:
    """Run the waiting reads on the executed state now; hold the answers under `barrier`."""

    barrier: int


@dataclass(frozen=True, slots=True)
class ReleaseReads:
    """Answer the reads held under barriers up to `barrier`."""

    barrier: int


@dataclass(frozen=True, slots=True)
class FetchSnapshot:
    """Get a snapshot from the active: SnapshotInstalled or SnapshotFailed. One must come: sessions wait."""

    sid: Sid


@dataclass(frozen=True, slots=True)
class Repair:
    """Replace rotten entries by those just fetched, verified by hash: Repaired."""

    seqs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Serve:
    """We are active in `epoch`: start (or go on) answering clients."""

    epoch: int


@dataclass(frozen=True, slots=True)
class StopAnswering:
    """Let nothing out any more. Calls that wait are sent on to the other unit with the same id."""

    why: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A row of the table fired."""

    at: State
    on: Trigger
    to: State
    why: str


@dataclass(frozen=True, slots=True)
class Noted:
    """A decision worth a line: taken, and why."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Suspect:
    """Something is wrong with a unit."""

    unit: int
    why: str


@dataclass(frozen=True, slots=True)
class Ignore:
    """Doing nothing is a decision too: counted and traced."""

    why: str


@dataclass(frozen=True, slots=True)
class Halt:
    """End the process; `why` is said aloud. `fault` is False if somebody asked for it."""

    why: str
    fault: bool


Effect: TypeAlias = (
    KeepPromise
    | Diagnose
    | Send
    | ReadRecord
    | SwapRecord
    | ProbeDisk
    | GiveOut
    | Take
    | Cut
    | Compare
    | MarkCompared
    | Release
    | TakeReads
    | ReleaseReads
    | FetchSnapshot
    | Repair
    | Serve
    | StopAnswering
    | Moved
    | Noted
    | Suspect
    | Ignore
    | Halt
)
