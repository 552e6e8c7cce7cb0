"""What the two units say to each other on the lockstep channel.

Every message may be lost, delayed, doubled or overtaken: each carries all that is needed to
know whether it still counts. Messages hold ranges of entries; the bytes of the entries, digests
and hashes are added by whoever sends them (shell or simulator) from the log.
"""

from typing import TypeAlias

from msgspec import Struct

from ftnode.core.reconfigure import Change
from ftnode.core.record import Record


class Sid(Struct, frozen=True, order=True, gc=False):
    """A session: both lives (random, new with every start), and the standby's hello that opened it."""

    active_life: int
    standby_life: int
    hello: int


class Hello(Struct, frozen=True, gc=False):
    """Said again and again by a unit that is in no session: who am I and what do I hold."""

    unit: int
    boot: int
    life: int  # random number of this start of the process
    hello: int  # grows whenever what is said about the log may have changed
    state: str
    epoch: int  # promised epoch
    record: Record | None  # the newest seen
    incarnation: str
    electable: bool  # may this unit be promoted, as far as it knows itself
    ends: tuple[tuple[int, int], ...]  # (epoch, last seq in it), ascending
    head_seq: int
    checkpoint_seq: int
    wall_ms: int
    ailing: str = ""  # why it had better stay out; empty: it is well
    full: bool = False  # there is no room on its disk
    given_up_epoch: int = 0  # in it this unit will never go alone: who was bound by that is free
    versions: tuple[int, ...] = ()  # engine versions that this program executes
    version: int = 0  # the one in force behind its last entry; 0: it does not say


class Open(Struct, frozen=True, gc=False):
    """The active opens a session: make your log equal to mine."""

    sid: Sid
    record: Record
    common_seq: int  # last entry that both logs share
    common_hash: bytes  # its hash (filled in when sent); the standby compares
    snapshot: bool  # the entries after `common_seq` are gone here: take a snapshot first
    head_seq: int
    wall_ms: int
    witness_id: str = ""  # the witness that the active obeys: who is not in the set obeys it too
    witness_address: str = ""


class Append(Struct, frozen=True, gc=False, omit_defaults=True):
    """Entries `from_seq..to_seq` (none if to < from), and what the active knows by now."""

    sid: Sid
    record: Record
    from_seq: int
    to_seq: int
    ends: tuple[tuple[int, int], ...]  # (epoch, last seq) of the entries carried
    head_seq: int
    commit_seq: int
    compared_seq: int
    barrier: int  # highest barrier given out in this session
    wall_ms: int
    mono_ms: int = 0  # the sender's monotonic clock: how it runs beside ours
    change_seq: int = 0  # the last entry that names a survivor or a witness, and is not done with; 0: none
    change: Change | None = None  # what it says


class Ack(Struct, frozen=True, gc=False, omit_defaults=True):
    """The standby holds `seq` on disk, has executed it, and this is the digest there."""

    sid: Sid
    epoch: int  # promised epoch in which this is said
    incarnation: str
    seq: int
    digest: bytes  # filled in when sent
    received_seq: int
    barrier: int
    wall_ms: int
    mono_ms: int = 0
    refused: str = ""  # why the active's log time is refused; empty: it is not
    ailing: str = ""  # why it had better not be waited for; empty: it is well
    change_seq: int = 0  # the last change told, obeyed on this disk; 0: none
    asked: bool = False  # this unit asked for the record in this epoch: it will not be bound


class Goodbye(Struct, frozen=True, gc=False):
    """A live unit that stops says so, and why, before it closes."""

    unit: int
    life: int
    epoch: int
    reason: str


class Doubt(Struct, frozen=True, gc=False):
    """Our digests differ at `seq`: each unit tries itself, and says what it found. Said again and again."""

    sid: Sid  # the session in which they differed
    unit: int  # who says so
    seq: int
    equal_seq: int  # last seq known to be equal
    barrier: int  # not 0: it is answers to reads under it that differ
    roots: bool  # it is the roots of a checkpoint at `seq` that differ
    done: bool  # it has tried itself
    fault: str  # what is wrong with it, if it is done; empty: nothing
    heard: bool  # it knows the partner's verdict
    over: bool = False  # said after the doubt was over: it needs no answer
    evidence: bytes = b""  # what the entries in doubt did on a sound unit (filled in when sent)


class Reads(Struct, frozen=True, gc=False):
    """Run these reads (their bytes are filled in when sent) right behind entry `seq`."""

    sid: Sid
    barrier: int
    seq: int


class ReadsRun(Struct, frozen=True, gc=False):
    """They were run. `passed`: they could not be, the state is beyond their place already."""

    sid: Sid
    barrier: int
    digest: bytes  # of the answers (filled in when sent)
    passed: bool


class Roots(Struct, frozen=True, gc=False):
    """What our checkpoint at `seq` adds up to. Empty in an answer: we do not remember."""

    sid: Sid
    seq: int
    roots: bytes
    answer: bool  # said because the partner asked: needs no answer itself


class Fetch(Struct, frozen=True, gc=False):
    """Entries that rotted here: send them if you hold them."""

    unit: int
    life: int
    seqs: tuple[int, ...]


class Fetched(Struct, frozen=True, gc=False):
    """Entries asked for, as far as they are held (bytes filled in when sent)."""

    unit: int
    life: int  # of the unit that asked
    seqs: tuple[int, ...]


Message: TypeAlias = (
    Hello | Open | Append | Ack | Goodbye | Doubt | Reads | ReadsRun | Roots | Fetch | Fetched
)
