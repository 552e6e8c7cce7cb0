"""What the core asks for. The shell (or the simulator) does it and reports back by an event."""

from typing import TypeAlias

from msgspec import Struct

from ftnode.core.fsm import State, Trigger
from ftnode.core.messages import Message, Sid
from ftnode.core.promise import Promise
from ftnode.core.reconfigure import Change
from ftnode.core.record import Record
from ftnode.core.versions import Order


class KeepPromise(Struct, frozen=True, gc=False):
    """Put the promise on disk, then report PromiseKept(number). One at a time."""

    number: int
    promise: Promise


class Diagnose(Struct, frozen=True, gc=False):
    """Check this unit at start; report Diagnosed."""


class Send(Struct, frozen=True, gc=False):
    """Say this to the partner; fill in bytes, hash or digest from the log."""

    message: Message


class ReadRecord(Struct, frozen=True, gc=False):
    """Ask the witness; report RecordRead or WitnessSilent with this op."""

    op: int
    compared_seq: int  # told to the witness
    address: str = ""  # which witness; empty: the one that the settings name


class SwapRecord(Struct, frozen=True, gc=False):
    """Compare-and-swap at the witness; report RecordRead(won) or WitnessSilent with this op."""

    op: int
    expected: Record
    wanted: Record
    compared_seq: int
    address: str = ""


class CreateRecord(Struct, frozen=True, gc=False):
    """Put the first record into the witness that our log names; report as for SwapRecord."""

    op: int
    wanted: Record
    compared_seq: int
    address: str


class ProbeDisk(Struct, frozen=True, gc=False):
    """Begin a write and fsync now; report DiskProbed(number) or FsyncFailed."""

    number: int


class GiveOut(Struct, frozen=True, gc=False):
    """Make entries `from_seq..to_seq` of the commands that waited (a no-op if `noop`, the operator's
    set-time if `set_time`, a RECONFIGURE entry if there is a `change`, an UPGRADE entry if there is an
    `order`), stamped with `epoch` and `time_ms`, executed by engine `version`; write and execute them; report
    Persisted and Executed."""

    from_seq: int
    to_seq: int
    epoch: int
    time_ms: int
    noop: bool
    set_time: bool = False
    change: Change | None = None
    order: Order | None = None
    version: int = 1


class Take(Struct, frozen=True, gc=False):
    """Write and execute entries `from_seq..to_seq` of the Append just received; report both."""

    from_seq: int
    to_seq: int


class Cut(Struct, frozen=True, gc=False):
    """Keep a copy of what is above `seq`, lower the mark durably, cut, discard write sets: CutDone."""

    seq: int


class Compare(Struct, frozen=True, gc=False):
    """Hold this digest against our own at `seq`; report Compared."""

    seq: int
    digest: bytes


class Arbitrate(Struct, frozen=True, gc=False):
    """Re-execute the log from the checkpoint through `seq` in a clean process, recount the slots that this
    reads, and hold this unit against it: Arbitrated. One must come, however it ends."""

    seq: int
    equal_seq: int  # the last that both units agreed on
    roots: bool  # hold what the checkpoint at `seq` would add up to against it, too
    barrier: int  # not 0: run the reads held or run under it again, too, and hold their answers against it


class WriteCheckpoint(Struct, frozen=True, gc=False):
    """Write the checkpoint that is ready: Checkpointed."""

    seq: int


class MarkCompared(Struct, frozen=True, gc=False):
    """Everything through `seq` is final: write sets may be merged, checkpoints taken, feed fed."""

    seq: int


class Release(Struct, frozen=True, gc=False):
    """Answer the clients whose commands are at or below `seq`."""

    seq: int


class TakeReads(Struct, frozen=True, gc=False):
    """Run the waiting reads right behind entry `seq`, which may not be executed yet; hold the answers under
    `barrier`."""

    barrier: int
    seq: int


class RunReads(Struct, frozen=True, gc=False):
    """Run the reads that came with this message right behind entry `seq`, for the comparison: ReadsDone."""

    sid: Sid
    barrier: int
    seq: int


class CompareReads(Struct, frozen=True, gc=False):
    """Hold this digest of answers against that of ours, as soon as we have them: ReadsCompared."""

    barrier: int
    digest: bytes


class TakeReadsBack(Struct, frozen=True, gc=False):
    """Forget the answers held under barriers up to `barrier`: their reads wait again, before all others."""

    barrier: int


class RefuseReads(Struct, frozen=True, gc=False):
    """Two sound units do not agree on the answers held under `barrier`: say that there is none."""

    barrier: int


class ReleaseReads(Struct, frozen=True, gc=False):
    """Answer the reads held under barriers up to `barrier`."""

    barrier: int


class FetchSnapshot(Struct, frozen=True, gc=False):
    """Get a snapshot from the active: SnapshotInstalled or SnapshotFailed. One must come: sessions wait."""

    sid: Sid


class Repair(Struct, frozen=True, gc=False):
    """Replace rotten entries by those just fetched, verified by hash: Repaired."""

    seqs: tuple[int, ...]


class WantCheckpoint(Struct, frozen=True, gc=False):
    """Have a checkpoint written soon: entries that it will hold cannot be read again."""


class Serve(Struct, frozen=True, gc=False):
    """We are active in `epoch`: start (or go on) answering clients."""

    epoch: int


class StopAnswering(Struct, frozen=True, gc=False):
    """Let nothing out any more. Calls that wait are sent on to the other unit with the same id."""

    why: str


class Moved(Struct, frozen=True, gc=False):
    """A row of the table fired."""

    at: State
    on: Trigger
    to: State
    why: str


class Noted(Struct, frozen=True, gc=False):
    """A decision worth a line: taken, and why."""

    what: str
    why: str


class Suspect(Struct, frozen=True, gc=False):
    """Something is wrong with a unit."""

    unit: int
    why: str


class Ignore(Struct, frozen=True, gc=False):
    """Doing nothing is a decision too: counted and traced."""

    why: str


class Halt(Struct, frozen=True, gc=False):
    """End the process; `why` is said aloud. `fault` is False if somebody asked for it."""

    why: str
    fault: bool


Effect: TypeAlias = (
    KeepPromise
    | Diagnose
    | Send
    | ReadRecord
    | SwapRecord
    | CreateRecord
    | ProbeDisk
    | GiveOut
    | Take
    | Cut
    | Compare
    | Arbitrate
    | WriteCheckpoint
    | MarkCompared
    | Release
    | TakeReads
    | RunReads
    | CompareReads
    | TakeReadsBack
    | RefuseReads
    | ReleaseReads
    | FetchSnapshot
    | Repair
    | WantCheckpoint
    | Serve
    | StopAnswering
    | Moved
    | Noted
    | Suspect
    | Ignore
    | Halt
)
