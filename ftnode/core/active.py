"""The active's half: giving out seqs, counting acknowledgements, comparing, releasing."""

from msgspec.structs import replace

from ftnode.core import arbitration, illness, rules, timekeeping, upgrading
from ftnode.core.clock import hear_partner, stamp
from ftnode.core.effects import (
    Compare,
    Effect,
    GiveOut,
    Ignore,
    Noted,
    Release,
    ReleaseReads,
    Send,
    Suspect,
)
from ftnode.core.ends import extended
from ftnode.core.events import Compared, Proposed
from ftnode.core.fsm import State
from ftnode.core.messages import Ack
from ftnode.core.moves import Step, lose_partner
from ftnode.core.pace import SAMPLE_MS
from ftnode.core.saying import append
from ftnode.core.state import NEVER, Partner, Unit

DIGESTS_MAX = 16  # acknowledged digests that wait for our own execution; the newest count


def on_proposed(unit: Unit, event: Proposed) -> Step:
    """Commands wait: give them seqs, one epoch and one time."""
    if not rules.accepts(unit) or unit.lead is None:
        return unit, [Ignore("not accepting commands")]
    clock = replace(unit.clock, mine_ms=event.wall_ms - event.now_ms)
    clock, time_ms = stamp(clock, event.now_ms, unit.timing.clock_tolerance_ms)
    from_seq, to_seq = unit.log.head_seq + 1, unit.log.head_seq + event.count
    log = replace(unit.log, head_seq=to_seq, ends=extended(unit.log.ends, unit.lead.epoch, to_seq))
    after = replace(unit, log=log, clock=clock)
    version = upgrading.in_force(unit)
    return after, [GiveOut(from_seq, to_seq, unit.lead.epoch, time_ms, noop=False, version=version)]


def on_ack(unit: Unit, ack: Ack) -> Step:
    """The standby holds and executed the log through `ack.seq`, and says the digest there."""
    partner = unit.partner
    if partner is None or unit.record is None:
        return unit, [Ignore("acknowledgement without a session")]
    why = rules.ack_counts(unit, partner, ack)
    if why == "acknowledgement in another epoch" and ack.sid == partner.sid:
        return _heard(unit, replace(partner, opened=True)), [Ignore(why)]
    if why:
        return unit, [Ignore(why)]
    if ack.seq > unit.log.head_seq or ack.received_seq > unit.log.head_seq:
        return unit, [
            Suspect(unit.other, f"holds {max(ack.seq, ack.received_seq)}, sent {unit.log.head_seq}")
        ]
    return timekeeping.heed(_hear_clock(_heard(unit, _counted(unit, partner, ack)), ack), ack.refused)


def _hear_clock(unit: Unit, ack: Ack) -> Unit:
    """The partner's clocks, as densely as they are worth looking at: acknowledgements are many."""
    now_ms = unit.timers.now_ms
    if now_ms - unit.clock.partner_at_ms < SAMPLE_MS and unit.clock.partner_ms is not None:
        return unit
    return replace(unit, clock=hear_partner(unit.clock, ack.wall_ms, ack.mono_ms, now_ms))


def _counted(unit: Unit, partner: Partner, ack: Ack) -> Partner:
    digests = partner.digests
    ailing_ms = partner.ailing_ms if partner.ailing and ack.ailing else unit.timers.now_ms
    if ack.seq > partner.compared_seq and (not digests or ack.seq > digests[-1][0]):
        digests = (*digests, (ack.seq, ack.digest))[-DIGESTS_MAX:]
    return replace(
        partner,
        ailing=ack.ailing,
        ailing_ms=ailing_ms,
        opened=True,
        snapshot=False,
        incarnation=ack.incarnation or partner.incarnation,
        received_seq=max(partner.received_seq, ack.received_seq),
        acked_seq=max(partner.acked_seq, ack.seq),
        barrier=max(partner.barrier, ack.barrier),
        digests=digests,
        change_seq=max(partner.change_seq, ack.change_seq),
        asked=ack.asked,
    )


def _heard(unit: Unit, partner: Partner) -> Unit:
    """Note what the partner showed, and that it is alive."""
    before = unit.partner
    timers, now_ms = unit.timers, unit.timers.now_ms
    progress = before is None or partner.acked_seq > before.acked_seq
    behind = partner.acked_seq < unit.log.durable_seq
    behind_ms = (
        NEVER if not behind else (now_ms if progress or timers.behind_ms == NEVER else timers.behind_ms)
    )
    sent_ms = now_ms if before is None or partner.received_seq > before.received_seq else timers.sent_ms
    timers = replace(timers, heard_ms=now_ms, behind_ms=behind_ms, sent_ms=sent_ms)
    # One that says goodbye and still acknowledges leaves all the same; a new session is a new word.
    said_so = before is not None and before.opened and unit.suspect.startswith("goodbye")
    still_slow = unit.suspect.startswith(("no progress", timekeeping.CONTRADICTED)) and not progress
    after = replace(unit, partner=partner, timers=timers)
    still_ill = unit.suspect.startswith(illness.ILL) and illness.ill_partner(after)
    return replace(
        after,
        suspect=unit.suspect if still_slow or still_ill or said_so else "",
        peer_floor_seq=max(unit.peer_floor_seq, partner.acked_seq),
    )


def compare_next(unit: Unit) -> Step:
    """Ask for the comparison of the newest digest that we can hold ours against."""
    partner = unit.partner
    if partner is None or not partner.digests:
        return unit, []
    ready = [at for at in partner.digests if at[0] <= unit.log.executed_seq]
    if not ready:
        return unit, []
    left = partner.digests[len(ready) :]
    after = replace(unit, partner=replace(partner, digests=left))
    return after, [Compare(*ready[-1])]


def on_compared(unit: Unit, event: Compared) -> Step:
    """Equal at one seq is equal at all before it: the digest is a chain."""
    if unit.partner is None or unit.state is not State.ACTIVE:
        return unit, [Ignore("comparison after the session ended")]
    if event.seq > unit.partner.acked_seq:
        return unit, [Ignore("comparison of an older session")]
    if unit.trial is not None:
        return unit, [Ignore("comparison while digests differ")]
    if event.equal:
        partner = replace(unit.partner, compared_seq=max(unit.partner.compared_seq, event.seq))
        return replace(unit, partner=partner), []
    return arbitration.begin(unit, unit.partner.sid, event.seq, unit.partner.compared_seq)


def require_newcomer(unit: Unit) -> Step:
    """Begin or end to require a unit that is not in the set. (rule 3)"""
    lead, partner = unit.lead, unit.partner
    if lead is None or unit.record is None:
        return unit, []
    if unit.other in unit.record.in_sync and not rules.alone(unit):
        return unit, []
    lost = partner is None or bool(unit.suspect)
    if lead.join_required and lost and not rules.holds_requirement(unit):
        after = replace(unit, lead=replace(lead, join_required=False))
        return after, [Noted("newcomer no longer required", unit.suspect or "its session ended")]
    if lead.join_required or lost or partner is None or lead.epoch != unit.record.epoch or lead.draining:
        return unit, []
    if not rules.may_require(unit, partner):
        return unit, []
    floor_seq = unit.log.head_seq
    after = replace(unit, lead=replace(lead, join_required=True, join_floor_seq=floor_seq))
    return after, [Noted("newcomer required", f"it must be compared through seq {floor_seq} to join")]


def pump(unit: Unit) -> Step:
    """Send what the partner lacks, as far as the window goes.

    Entries that are long written have to be read for it, in the turns in which tills are served: to a
    partner that only catches up they go in small portions, one for each of its acknowledgements.
    """
    partner, timing = unit.partner, unit.timing
    if partner is None or unit.lead is None or not partner.opened or partner.snapshot:
        return unit, []
    window_entries = timing.window_entries if rules.required(unit) else timing.catch_up_entries
    sent_seq, limit_seq = partner.sent_seq, partner.received_seq + window_entries
    if sent_seq + 1 < unit.log.first_seq:
        why = f"entry {sent_seq + 1} is gone here, the log begins with {unit.log.first_seq}"
        return lose_partner(unit), [Noted("session ended", why)]
    end_seq = min(unit.log.head_seq, limit_seq)
    if sent_seq >= end_seq:
        return unit, []
    effects: list[Effect] = []
    while sent_seq < end_seq:
        to_seq = min(end_seq, sent_seq + timing.chunk_entries)
        effects.append(Send(append(unit, partner, unit.lead.barrier, sent_seq + 1, to_seq)))
        sent_seq = to_seq
    idle = partner.received_seq == partner.sent_seq
    timers = replace(unit.timers, beat_ms=unit.timers.now_ms)
    timers = replace(timers, sent_ms=timers.now_ms) if idle else timers
    return replace(unit, partner=replace(partner, sent_seq=sent_seq), timers=timers), effects


def release(unit: Unit) -> Step:
    """Let out what is compared, and reads whose barrier was passed."""
    lead, log = unit.lead, unit.log
    if lead is None or not rules.answers(unit, lead):
        return unit, []
    effects: list[Effect] = []
    if log.compared_seq > log.released_seq:
        unit = replace(unit, log=replace(log, released_seq=log.compared_seq))
        effects.append(Release(log.compared_seq))
    passed = 0
    for read in lead.reads:
        if not rules.read_ready(unit, lead, read):
            break
        passed += 1
    if passed:
        effects.append(ReleaseReads(lead.reads[passed - 1].barrier))
        unit = replace(unit, lead=replace(lead, reads=lead.reads[passed:]))
    return unit, effects
