"""What a start cut from a log's end: how long that is remembered, and what its unit may not do meanwhile.

A tail above the durable mark that cannot be read is cut at a start. As a rule a crash tore it, and nothing of
it was ever acknowledged. But it may have been synced, acknowledged and answered, and then have rotted, before
the mark that would have said so was written; and the other unit holds it. So the promise says, before
anything is cut, where that was, and whether what stood there had been written as a whole. It is forgotten
when this log is what the pair goes on from: by the word of an active with which this unit caught up, by this
unit's own epoch, or by a person who forced it. A second start forgets nothing. (rules 12, 14)
"""

from msgspec.structs import replace

from ftnode.core.effects import Effect, Noted
from ftnode.core.ends import last
from ftnode.core.fsm import State
from ftnode.core.promise import Promise
from ftnode.core.state import Peer, Unit


def cut(promise: Promise, first_seq: int, rotten: bool) -> Promise:
    """A start is about to cut the log's end from `first_seq` on: to be on disk before that is done.

    Args:
        rotten: what stands there was written as a whole; a crash does not leave that.
    """
    cut_seq = min(promise.cut_seq or first_seq, first_seq)
    return replace(promise, cut_seq=cut_seq, cut_rotten=promise.cut_rotten or rotten)


def counts(promise: Promise) -> Promise:
    """Our log is what the pair goes on from: whatever was cut is missed by nobody, or was given up."""
    return replace(promise, cut_seq=0, cut_rotten=False)


def told(promise: Promise) -> list[Effect]:
    """For the log line of a start."""
    if not promise.cut_seq:
        return []
    how = "were written as a whole, and rotted" if promise.cut_rotten else "were torn, as by a crash"
    return [
        Noted("end of the log cut", f"entries from {promise.cut_seq} on {how}: the partner is asked first")
    ]


def may_miss_answered(unit: Unit) -> bool:
    """Did something rot that we may have acknowledged? Then only our partner's log, or a person, can make us
    the one who answers; however long nobody comes. (rule 14: alone, never skip)"""
    return unit.promise.cut_rotten


def shown_more(unit: Unit, peer: Peer) -> bool:
    """Does the partner show more than a cut left us? Then it may hold what we acknowledged."""
    return unit.promise.cut_seq > 0 and peer.last > last(unit.log.ends)


def boot_wait_ms(unit: Unit) -> int:
    """How long a booted unit waits for its partner; longer if its log's end was cut. (rule 12)"""
    return unit.timing.boot_wait_ms * (unit.timing.torn_wait_factor if unit.promise.cut_seq else 1)


def waited_for_partner(unit: Unit) -> bool:
    """Has the partner had time enough to come? If our log's end was cut: since it was last heard as active.
    One that knows what we held lets us in only when we are out of the set: see `rules.rolled_back`."""
    since_ms, peer = unit.timers.since_ms, unit.peer
    if unit.promise.cut_seq and peer is not None and peer.state is State.ACTIVE:
        since_ms = max(since_ms, peer.heard_ms)
    return unit.timers.now_ms - since_ms > boot_wait_ms(unit)
