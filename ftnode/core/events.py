"""What can happen to a unit. Every event carries the unit's monotonic clock, `now_ms`.

The shell and the simulator make these; nothing else enters the core.
"""

from typing import TypeAlias

from msgspec import Struct

from ftnode.core.bound import Times
from ftnode.core.messages import Message, Sid
from ftnode.core.promise import Promise
from ftnode.core.reconfigure import Named
from ftnode.core.record import Record
from ftnode.core.versions import Order, Ordered, Standing


class Booted(Struct, frozen=True, gc=False):
    """The disk was read. Nothing in `head_seq` counts as durable unless the shell synced it in this life."""

    now_ms: int
    promise: Promise | None  # None: a blank disk
    blank: Promise  # what to write on a blank disk
    chance: int  # 64 random bits of this life
    first_seq: int = 1  # oldest entry still in the log
    head_seq: int = 0
    ends: tuple[tuple[int, int], ...] = ()
    executed_seq: int = 0
    commit_seq: int = 0  # from the log's frames: lower bounds known before the restart
    peer_floor_seq: int = 0  # what the partner was known to hold
    checkpoint_seq: int = 0
    roots: bytes = b""  # hash over the roots of that checkpoint
    log_time_ms: int = 0  # of the last entry
    wall_ms: int = 0
    rotten: tuple[int, ...] = ()  # seqs at or below the mark with a bad hash
    short: bool = False  # the log ends below its own durable mark
    rot: str = ""  # what of the state on disk is known to be rotten
    named: Named | None = None  # the last entry read that names a witness
    can: tuple[int, ...] = (1,)  # engine versions that this program executes
    stands: Standing = Standing()  # which of them executed what, as of the checkpoint
    orders: tuple[Ordered, ...] = ()  # of the entries behind that, as far as they were read


class Tick(Struct, frozen=True, gc=False):
    """Time passed. Comes at least every 10 ms in a live unit."""

    now_ms: int
    wall_ms: int


class Paused(Struct, frozen=True, gc=False):
    """The unit's own loop stood still for longer than `stall_ms`: suspect nobody for it."""

    now_ms: int
    gap_ms: int


class PromiseKept(Struct, frozen=True, gc=False):
    """The promise with this number is on disk."""

    now_ms: int
    number: int


class Diagnosed(Struct, frozen=True, gc=False):
    """The checks at start ended; `problem` is empty if all passed."""

    now_ms: int
    problem: str


class Repaired(Struct, frozen=True, gc=False):
    """Rotten entries were replaced, verified and synced, and what waited for them was executed."""

    now_ms: int
    seqs: tuple[int, ...]
    log_time_ms: int = 0  # of the last entry executed
    orders: tuple[Ordered, ...] = ()  # of the entries read behind those that were rotten
    began: int = 0  # engine version of entry 1, if it is one of them
    named: Named | None = None  # the last of them that names a witness


class Rotted(Struct, frozen=True, gc=False):
    """Entries at or below the mark were read again while the unit runs, and their hashes are bad."""

    now_ms: int
    seqs: tuple[int, ...]


class RottenState(Struct, frozen=True, gc=False):
    """The state on disk is not what was written. From now on the shell gives out nothing of the slots named.

    `met`: something had to be read there, so that no further entry can be executed or checkpoint written.
    `asked`: a read needed it, so that this unit cannot answer it.
    """

    now_ms: int
    why: str
    met: bool = False
    asked: bool = False


class Proposed(Struct, frozen=True, gc=False):
    """Commands wait: give out `count` seqs. Only sent while `accepts(unit)`."""

    now_ms: int
    wall_ms: int
    count: int


class ReadAsked(Struct, frozen=True, gc=False):
    """Reads wait: take a barrier for all of them."""

    now_ms: int


class ReadsDone(Struct, frozen=True, gc=False):
    """The active's reads ran here, a standby, at their place; `passed`: it was passed before they came."""

    now_ms: int
    sid: Sid
    barrier: int
    passed: bool


class ReadsCompared(Struct, frozen=True, gc=False):
    """The partner's answers to reads were held against ours."""

    now_ms: int
    barrier: int
    equal: bool


class Persisted(Struct, frozen=True, gc=False):
    """The log is on disk through `seq`, by an fsync of this life."""

    now_ms: int
    seq: int


class Executed(Struct, frozen=True, gc=False):
    """Entries are executed through `seq`."""

    now_ms: int
    seq: int


class Compared(Struct, frozen=True, gc=False):
    """The partner's digest at `seq` was held against ours."""

    now_ms: int
    seq: int
    equal: bool


class Arbitrated(Struct, frozen=True, gc=False):
    """This unit re-executed its log in a clean process and held itself against it; `fault` is empty if what
    it has in memory and on disk agreed. `disk`: what is wrong lies on the disk."""

    now_ms: int
    seq: int
    fault: str
    disk: bool = False


class Differed(Struct, frozen=True, gc=False):
    """Both units found themselves sound, and this is the first thing in which their executions differ."""

    now_ms: int
    seq: int  # of the doubt
    what: str  # entry, key and both values, in words


class CutDone(Struct, frozen=True, gc=False):
    """The log ends at `seq`, durably; write sets above it are discarded."""

    now_ms: int
    seq: int
    log_time_ms: int = 0  # of the entry there


class Prepared(Struct, frozen=True, gc=False):
    """The checkpoint at `seq` is ready to be written; `roots` is a hash over all its slots' roots."""

    now_ms: int
    seq: int
    roots: bytes


class Checkpointed(Struct, frozen=True, gc=False):
    """State through `seq` is on disk; the log holds entries from `first_seq` on."""

    now_ms: int
    seq: int
    first_seq: int


class SnapshotInstalled(Struct, frozen=True, gc=False):
    """A snapshot replaced state and log in one step: both now stand at `seq`."""

    now_ms: int
    seq: int
    ends: tuple[tuple[int, int], ...]
    log_time_ms: int
    stands: Standing = Standing()


class SnapshotFailed(Struct, frozen=True, gc=False):
    """The snapshot did not arrive whole; the old state stands."""

    now_ms: int
    why: str


class DiskProbed(Struct, frozen=True, gc=False):
    """An fsync begun after `ProbeDisk(number)` ended well."""

    now_ms: int
    number: int


class FsyncFailed(Struct, frozen=True, gc=False):
    """Writing to disk failed. Never retried."""

    now_ms: int
    why: str


class Connected(Struct, frozen=True, gc=False):
    """The lockstep channel to the partner is open."""

    now_ms: int


class Closed(Struct, frozen=True, gc=False):
    """The lockstep channel closed. It proves nothing; it only shortens the wait."""

    now_ms: int


class Gone(Struct, frozen=True, gc=False):
    """The channel closed, and the host refuses calls where the partner listened: the process is gone.

    A hint like `Closed`, only a stronger one: who believes it wrongly asks the witness too early.
    """

    now_ms: int


class Received(Struct, frozen=True, gc=False):
    """The partner said something. `sound` is False if bytes carried did not match log or hash:
    for Open, the hash at `common_seq`; for Append, the chain from our head; for Fetched, any entry.
    Of an Append's entries that continue our log: `times` are their log times, `orders` what UPGRADE entries
    among them say, `began` the engine version of entry 1, 0 if that is not among them."""

    now_ms: int
    message: Message
    sound: bool = True
    times: Times | None = None
    orders: tuple[Ordered, ...] = ()
    began: int = 0


class RecordRead(Struct, frozen=True, gc=False):
    """The witness answered a read, or a swap with a conflict (`won` False) or success (`won` True)."""

    now_ms: int
    op: int
    record: Record | None  # None: this witness has no record
    told_seq: int  # highest compared_seq the witness was told
    wall_ms: int  # the witness's clock; 0: it gives no time
    won: bool = False
    mono_ms: int = 0  # the witness's monotonic clock; 0: it gives none
    witness_id: str = ""  # who answered


class WitnessSilent(Struct, frozen=True, gc=False):
    """No answer to op in time. A swap may still have landed or land later: unknown, not failed."""

    now_ms: int
    op: int


class SetTimeAsked(Struct, frozen=True, gc=False):
    """The operator steps log time forward, to `time_ms` UTC."""

    now_ms: int
    time_ms: int


class Judged(Struct, frozen=True, gc=False):
    """This unit's parts were looked at. Each text is what is so from now on, empty if all is well.

    What flickers was smoothed before: each change of a text is meant to be acted on once.
    """

    now_ms: int
    ailing: str  # what is wrong with a part of ours: it works, but would hold up the tills
    link: str  # what is wrong with the link to the partner, as seen from here
    worn: str  # why this unit's faults come too often: once out, it stays out until cleared
    full: bool = False  # there is no room on its disk: who is out and full is taken in by nobody


class SwitchoverAsked(Struct, frozen=True, gc=False):
    """The operator wants the other unit to be active."""

    now_ms: int


class TakeOutAsked(Struct, frozen=True, gc=False):
    """The operator takes this unit out (`stay_out`), or the process was told to stop."""

    now_ms: int
    stay_out: bool


class WitnessNamed(Struct, frozen=True, gc=False):
    """The operator replaces the witness. The new one answered, and it is empty."""

    now_ms: int
    witness_id: str
    address: str


class UpgradeAsked(Struct, frozen=True, gc=False):
    """The operator prepares an engine version, switches to it now, or takes that back."""

    now_ms: int
    order: Order


class ForceAsked(Struct, frozen=True, gc=False):
    """The operator accepts the loss of what only the other unit, which he has switched off, may hold."""

    now_ms: int
    off: int  # the unit that is switched off
    witness_id: str = ""  # an empty witness that counts from now on; empty: the one that counts already
    address: str = ""


class BringUpAsked(Struct, frozen=True, gc=False):
    """The operator puts this unit back, or clears what it was convicted of."""

    now_ms: int


Event: TypeAlias = (
    Booted
    | Tick
    | Paused
    | PromiseKept
    | Diagnosed
    | Repaired
    | Rotted
    | RottenState
    | Proposed
    | ReadAsked
    | ReadsDone
    | ReadsCompared
    | Persisted
    | Executed
    | Compared
    | Arbitrated
    | Differed
    | CutDone
    | Prepared
    | Checkpointed
    | SnapshotInstalled
    | SnapshotFailed
    | DiskProbed
    | FsyncFailed
    | Connected
    | Closed
    | Gone
    | Received
    | RecordRead
    | WitnessSilent
    | Judged
    | SetTimeAsked
    | SwitchoverAsked
    | TakeOutAsked
    | BringUpAsked
    | WitnessNamed
    | ForceAsked
    | UpgradeAsked
)
