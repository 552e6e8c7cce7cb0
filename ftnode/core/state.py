"""All that a unit knows while it runs: numbers, never payloads. Frozen; `step` makes the next one."""

from enum import StrEnum

from msgspec import Struct, field

from ftnode.core.bound import Bound
from ftnode.core.clock import LogClock
from ftnode.core.fsm import State
from ftnode.core.messages import Doubt, Sid
from ftnode.core.promise import Promise
from ftnode.core.reconfigure import Named
from ftnode.core.record import Record
from ftnode.core.versions import Ordered, Standing

NEVER = -1  # a time that has not come
REFUSED = "the standby refuses our log time"  # why an active stopped


class Timing(Struct, frozen=True, gc=False):
    """Deadlines of the protocol, from the configuration. Milliseconds and entries."""

    heartbeat_ms: int = 50
    silence_ms: int = 400  # nothing heard for so long: suspect
    standby_extra_ms: int = 100  # the standby waits so much longer than the active before it asks
    closed_wait_ms: int = 40  # a closed channel shortens the silence to this
    slow_standby_ms: int = 800  # no progress of a standby for so long: put it out
    sick_ms: int = 400  # own disk silent for so long: give up
    probe_ms: int = 250  # idle disk probe, slow look at the record
    retry_ms: int = 100  # between tries at the witness
    hello_ms: int = 50
    boot_wait_ms: int = 3000  # a booted unit waits so long for its partner
    torn_wait_factor: int = 3  # and so many times longer if it cut its log's end
    rot_retry_ms: int = 10_000  # between handovers of an active with a rotten state that were not taken up
    drain_ms: int = 1000  # a handover not taken up in this time is taken back
    ill_settle_ms: int = 200  # before an ill unit goes out: the other one may be found ill, too
    ill_drain_ms: int = 300  # an ill active waits so long for what it gave out, then hands over as it is
    resend_ms: int = 150  # no progress of what was sent: send it again
    join_lag_entries: int = 1024  # a newcomer this near is required from now on
    window_entries: int = 8192  # sent and not yet received
    catch_up_entries: int = 512  # the same, while nobody waits for the partner's word
    chunk_entries: int = 512  # at most so many in one message
    unreleased_max_entries: int = 8192  # given out and not yet released
    clock_tolerance_ms: int = 1000  # clocks this near to one another agree
    clock_alarm_ms: int = 1000  # a wall clock that is off by more is named
    clock_ahead_ms: int = 1000  # a standby lets entries pass that are so far ahead of what it can explain
    clock_look_ms: int = 2000  # a standby asks the witness for its clock this often
    arbitration_ms: int = 15_000  # after digests differed: who has not vouched for itself by then is put out
    unsure_reads_max: int = 3  # doubts of reads that found both units sound; further ones begin no trial...
    unsure_reads_ms: int = 600_000  # ...for so long
    witness_lost_ms: int = 2000  # no answer of the witness, by either unit, for so long: it is lost


class Log(Struct, frozen=True, gc=False):
    """How far everything is. released <= compared <= min(commit, executed) <= head."""

    first_seq: int = 1  # oldest entry that can still be sent
    head_seq: int = 0
    durable_seq: int = 0  # on this unit's disk
    executed_seq: int = 0
    commit_seq: int = 0  # durable on every unit that must hold it
    compared_seq: int = 0
    released_seq: int = 0
    checkpoint_seq: int = 0
    ends: tuple[tuple[int, int], ...] = ()  # (epoch, last seq in it), ascending


class Peer(Struct, frozen=True, gc=False):
    """The partner's last hello, as far as it matters later."""

    boot: int
    life: int
    hello: int
    state: State
    incarnation: str
    electable: bool
    last: tuple[int, int]  # (epoch of last entry, seq)
    heard_ms: int
    ailing: str = ""  # why it stays out, by its own word
    versions: tuple[int, ...] = ()  # engine versions that its program executes
    version: int = 0  # the one in force in its log


class Partner(Struct, frozen=True, gc=False):
    """An active's view of the other unit in this session."""

    sid: Sid
    incarnation: str
    opened: bool = False  # the first acknowledgement has come
    snapshot: bool = False  # it must take a snapshot before entries help it
    received_seq: int = 0
    acked_seq: int = 0
    compared_seq: int = 0
    sent_seq: int = 0
    barrier: int = 0  # highest barrier acknowledged
    digests: tuple[tuple[int, bytes], ...] = ()  # acknowledged, not yet executed here
    refused: str = ""  # why it refuses our log time
    refused_ms: int = NEVER  # heard since
    ailing: str = ""  # what is wrong with it, by its own word
    ailing_ms: int = NEVER  # heard since
    change_seq: int = 0  # the last change told that it obeys, on its disk
    asked: bool = False  # it asked for the record in this epoch
    versions: tuple[int, ...] = ()  # engine versions that its program executes


class Stage(StrEnum):
    """How far a standby's session is."""

    PROMISING = "promising"  # epoch and incarnation go to disk
    CUTTING = "cutting"
    SNAPSHOT = "snapshot"
    READY = "ready"


class Source(Struct, frozen=True, gc=False):
    """A standby's view of its active in this session."""

    sid: Sid
    stage: Stage
    common_seq: int
    target_seq: int  # the active's head when the session opened
    snapshot: bool = False
    told_commit_seq: int = 0
    told_compared_seq: int = 0
    barrier: int = 0
    refused: str = ""  # why the active's log time is refused: nothing more is taken in this session
    change: Named | None = None  # the last change told
    said: tuple[int, int, int, str, int, bool] = (-1, -1, -1, "", 0, False)  # last acknowledged, see `follow`


class Read(Struct, frozen=True, gc=False):
    """Reads that share a barrier."""

    barrier: int
    seq: int  # they see the state right behind this entry
    sid: Sid | None = None  # the session in which the partner was asked to run them too
    asked_ms: int = 0
    compared: bool = False  # the partner gave the same answers


class Lead(Struct, frozen=True, gc=False):
    """What only an active has."""

    epoch: int  # won by a swap of this life and on disk; 0 until then
    noop_seq: int = 0  # reads wait until this is compared
    join_required: bool = False  # a newcomer must hold and answer everything from now on
    join_floor_seq: int = 0  # and everything through this before it may join
    barrier: int = 0  # highest given out
    reads: tuple[Read, ...] = ()  # not yet answered, oldest first
    stopped: str = ""  # why nothing is answered
    draining: bool = False
    handed_over: bool = False  # goodbye was said
    alone: bool = False  # by the right of a designated survivor: the partner is on record and not asked
    by_note: bool = False  # active by its note, not by a swap of this life
    designated_seq: int = 0  # entry of this epoch that names us survivor; 0: none


class Purpose(StrEnum):
    """Why the witness is asked for another record."""

    SHRINK = "shrink"  # the standby is lost: {self}
    JOIN = "join"  # the newcomer is complete: {both}
    RENEW = "renew"  # the same set in a new epoch: a designation ends, or a new witness begins
    TAKEOVER = "takeover"  # the active is lost: {self}
    RESTART = "restart"  # nobody is active: {self}
    FORCE = "force"  # the operator accepts a loss: {self}, the other unit struck


class Ask(Struct, frozen=True, gc=False):
    """A swap that is decided on, or under way."""

    purpose: Purpose
    epoch: int  # of the record that it is conditional on
    probe: int  # number of the disk probe that must succeed; 0: the promise is the proof
    proved: bool = False
    op: int = 0  # not 0: sent


class Trial(Struct, frozen=True, gc=False):
    """Digests differed: until it is known whose fault it is, nothing leaves. (rule 16)

    Verdicts: None while not known, empty for a unit that found itself sound, else what is wrong with it.
    """

    sid: Sid
    seq: int  # where they differed
    equal_seq: int  # last seq known to be equal
    barrier: int  # not 0: answers to reads under it differed, not digests
    roots: bool  # the roots of a checkpoint differed
    since_ms: int
    asked: bool = False  # our own re-execution has begun
    mine: str | None = None
    disk: bool = False  # what is wrong with us lies on our disk
    theirs: str | None = None
    difference: str = ""  # the first one between two units that are both sound
    heard: bool = False  # the partner knows our verdict
    said_ms: int = NEVER


class Timers(Struct, frozen=True, gc=False):
    """Everything measured on the unit's own monotonic clock."""

    now_ms: int = 0
    wall_ms: int = 0
    since_ms: int = 0  # looking for an active since
    heard_ms: int = 0
    closed_ms: int = NEVER
    gone: bool = False  # since then its host has refused our calls: nobody is there to be waited for
    hello_ms: int = NEVER
    beat_ms: int = NEVER
    disk_ms: int = 0  # last fsync that ended
    busy_ms: int = NEVER  # begun then, not ended
    probe_ms: int = NEVER
    unwritten_ms: int = NEVER  # a checkpoint is ready since
    roots_ms: int = NEVER  # when we last asked for the partner's word on it
    behind_ms: int = NEVER  # the partner stands still below our durable seq since
    sent_ms: int = NEVER  # last progress of what was sent
    read_ms: int = NEVER
    ask_ms: int = NEVER
    drain_ms: int = NEVER
    yielded_ms: int = NEVER  # last handed over because our clock runs off
    rot_ms: int = NEVER  # rotten entries asked for, a rotten state's unit trying to give way
    ill_ms: int = NEVER  # a part of ours is ill since
    unwell_ms: int = NEVER  # last handed over because a part of ours is ill
    witness_ms: int = 0  # last usable answer of the witness


class Unit(Struct, frozen=True, gc=False):
    """One unit."""

    timing: Timing
    me: int
    promise: Promise  # on disk
    want: Promise  # what should be on disk
    state: State = State.EMPTY
    life: int = 0  # 64 random bits, new with every start
    writing: Promise | None = None
    number: int = 0  # of the last promise write or disk probe
    hello: int = 1
    candidate: str = ""  # incarnation made in this session of life, not yet seen in the record
    record: Record | None = None
    told_seq: int = NEVER  # highest compared_seq that the witness knows; NEVER: not heard in this life
    log: Log = field(default_factory=Log)
    peer_floor_seq: int = 0  # what the partner was known to hold under its incarnation
    peer: Peer | None = None
    lead: Lead | None = None
    partner: Partner | None = None
    source: Source | None = None
    trial: Trial | None = None
    roots: tuple[tuple[int, bytes], ...] = ()  # of our last checkpoints: (seq, hash over all), oldest first
    told_roots: tuple[Sid, int, bytes] | None = None  # the partner's, of a checkpoint we have not come to
    unwritten_seq: int = 0  # a checkpoint that waits for the partner's word
    agreed: Doubt | None = None  # our last word in a doubt that is over
    unsure: tuple[
        int, ...
    ] = ()  # when reads were in doubt, and both units sound: the last times, oldest first
    suspect: str = ""  # why the other unit is believed lost
    ask: Ask | None = None
    unsettled: tuple[Record, ...] = ()  # wanted by swaps that may have landed or may land later
    op: int = 0  # of the last call to the witness
    reading: int = 0  # op of the read under way
    probing: int = 0  # number of the disk probe under way
    checked: bool = False  # diagnostics of this life passed
    rotten: tuple[int, ...] = ()  # entries with a bad hash at or below the mark
    mending: bool = False  # rotten entries are being replaced
    rot: str = ""  # what of the state on disk is rotten: nothing of it is executed on
    unfit: str = ""  # why the disk may not be promoted until it has joined anew
    ailing: str = ""  # what is wrong with a part of ours; see `Judged`
    link: str = ""  # what is wrong with the link to the partner
    worn: str = ""  # why we stay out, once we are out
    full: bool = False  # there is no room on our disk
    lost: str = ""  # why the other unit went out of the set, as long as it is out
    leaving: str = ""  # "stop" or "offline": hand over first
    change: Named | None = None  # the last entry of our log that names a survivor or a witness, if it matters
    can: tuple[int, ...] = (1,)  # engine versions that this program executes
    stands: Standing = field(default_factory=Standing)  # which executed what, when we began
    orders: tuple[Ordered, ...] = ()  # what our log says behind that
    misfit: str = ""  # which of the two programs cannot execute the active's log, and what to do
    force: int = NEVER  # unit that the operator has switched off, accepting a loss
    changing: str = ""  # why the log is about to be another one: no session begins before it is
    timers: Timers = field(default_factory=Timers)
    clock: LogClock = field(default_factory=LogClock)
    bound: Bound = field(default_factory=Bound)  # of the active's log time, as long as we are in the set

    @property
    def other(self) -> int:
        """The partner's id."""
        return 1 - self.me


def fresh(timing: Timing, me: int, cabinet: str) -> Unit:
    """A unit whose disk was not read yet; Booted comes next."""
    promise = Promise(cabinet, me)
    return Unit(timing, me, promise, promise)
