"""Reads: seen by both units at one place of the stream, compared, and then answered.

A read is not logged. It takes a barrier, runs on both units right behind the last entry given out, and its
answer leaves when the standby has acknowledged the barrier in this session, everything below it is
compared, and both units gave the same answer. So no stale read leaves, and none that only one unit's
memory believes in.

Reads change nothing: those that lost their session, or that the standby could not run at their place, are
simply taken again.
"""

from collections.abc import Callable

from msgspec.structs import replace

from ftnode.core import arbitration, rules
from ftnode.core.effects import (
    CompareReads,
    Effect,
    Ignore,
    Noted,
    RefuseReads,
    RunReads,
    Send,
    TakeReads,
    TakeReadsBack,
)
from ftnode.core.events import ReadAsked, ReadsCompared, ReadsDone
from ftnode.core.messages import Reads, ReadsRun
from ftnode.core.moves import Step
from ftnode.core.saying import append
from ftnode.core.state import Partner, Read, Stage, Unit


def on_read_asked(unit: Unit, event: ReadAsked) -> Step:
    """Reads wait: they take one barrier, and run behind everything given out so far."""
    lead, partner = unit.lead, unit.partner
    if lead is None or not rules.accepts_reads(unit):
        return unit, [Ignore("not accepting reads")]
    barrier, seq = lead.barrier + 1, unit.log.head_seq
    effects: list[Effect] = [TakeReads(barrier, seq)]
    read = Read(barrier, seq, asked_ms=unit.timers.now_ms)
    lead = replace(lead, barrier=barrier)
    if partner is not None and partner.opened and rules.required(unit):
        read = replace(read, sid=partner.sid)
        effects += [
            Send(append(unit, partner, barrier, 1, 0)),
            Send(Reads(partner.sid, barrier, seq)),
        ]
    return replace(unit, lead=replace(lead, reads=(*lead.reads, read))), effects


def on_reads(unit: Unit, said: Reads) -> Step:
    """The active's reads: run them at their place."""
    source = unit.source
    if source is None or source.sid != said.sid or source.stage is not Stage.READY:
        return unit, [Ignore("reads of another session")]
    return unit, [RunReads(said.sid, said.barrier, said.seq)]


def on_reads_done(unit: Unit, event: ReadsDone) -> Step:
    """They ran here, or their place was passed already: say so."""
    source = unit.source
    if source is None or source.sid != event.sid:
        return unit, [Ignore("reads of another session")]
    return unit, [Send(ReadsRun(event.sid, event.barrier, b"", event.passed))]


def on_reads_run(unit: Unit, said: ReadsRun) -> Step:
    """The standby ran them, or could not."""
    lead, partner = unit.lead, unit.partner
    if lead is None or partner is None or partner.sid != said.sid:
        return unit, [Ignore("reads of another session")]
    if not any(read.barrier == said.barrier for read in lead.reads):
        return unit, [Ignore("reads that were answered or taken again")]
    if said.passed:
        return _take_back(unit, said.barrier)
    return unit, [CompareReads(said.barrier, said.digest)]


def on_reads_compared(unit: Unit, event: ReadsCompared) -> Step:
    """Both ran them. Unequal answers at one place of the stream: somebody's state is wrong."""
    lead, partner = unit.lead, unit.partner
    read = None if lead is None else next((one for one in lead.reads if one.barrier == event.barrier), None)
    if lead is None or partner is None or read is None or read.sid != partner.sid:
        return unit, [Ignore("reads that were answered or taken again")]
    if unit.trial is not None:
        return unit, [Ignore("comparison while digests differ")]
    if not event.equal and arbitration.application_unsure(unit):
        left = tuple(one for one in lead.reads if one is not read)
        why = (
            f"under barrier {event.barrier}: both units are sound, and answer it differently again and again"
        )
        return replace(unit, lead=replace(lead, reads=left)), [
            Noted("reads refused", why),
            RefuseReads(event.barrier),
        ]
    if not event.equal:
        return arbitration.begin(unit, partner.sid, read.seq, partner.compared_seq, read.barrier)
    reads = tuple(replace(one, compared=True) if one is read else one for one in lead.reads)
    return replace(unit, lead=replace(lead, reads=reads)), []


def ask_again(unit: Unit) -> Step:
    """A follow-up: reads that this session's standby was never asked are taken again."""
    return _take_again(unit, lambda read, partner: read.sid != partner.sid)


def ask_late(unit: Unit) -> Step:
    """With time: so are those that it does not answer."""
    late_ms = unit.timers.now_ms - unit.timing.slow_standby_ms
    return _take_again(unit, lambda read, partner: read.asked_ms < late_ms)


def _take_again(unit: Unit, lost: Callable[[Read, Partner], bool]) -> Step:
    lead, partner = unit.lead, unit.partner
    if lead is None or not lead.reads or partner is None or not partner.opened or lead.stopped:
        return unit, []
    if not rules.required(unit):
        return unit, []
    found = [read for read in lead.reads if not read.compared and lost(read, partner)]
    return _take_back(unit, found[-1].barrier) if found else (unit, [])


def _take_back(unit: Unit, barrier: int) -> Step:
    """All up to this barrier: their order is kept."""
    lead = unit.lead
    if lead is None:
        return unit, []
    left = tuple(read for read in lead.reads if read.barrier > barrier)
    return replace(unit, lead=replace(lead, reads=left)), [TakeReadsBack(barrier)]
