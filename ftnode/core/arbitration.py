"""Digests differ: whose fault is it? (rule 16)

Nothing leaves the pair from the moment the active sees the difference. Each unit tries itself: it
re-executes its log from its checkpoint in a clean process and holds what it has in memory and on disk
against that. Who contradicts itself is broken. The other one goes on, alone, and not before its own
re-execution agreed. Who is gone, or not done in time, is put out as if it had contradicted itself.

Both units say again and again how far they are; these words are heartbeats too.
"""

from msgspec.structs import replace

from ftnode.core import rules
from ftnode.core.effects import (
    Arbitrate,
    Effect,
    Halt,
    Ignore,
    Noted,
    RefuseReads,
    Send,
    StopAnswering,
    Suspect,
)
from ftnode.core.events import Arbitrated, Differed
from ftnode.core.fsm import State, Trigger
from ftnode.core.messages import Doubt, Sid
from ftnode.core.moves import Step, convict, lose_partner, lose_source
from ftnode.core.saying import doubt, goodbye
from ftnode.core.state import NEVER, Trial, Unit

STOPPED = "digests differ"  # `lead.stopped` while a trial is on
TRIED_IN = (State.ACTIVE, State.STANDBY, State.DUPLEXING)
NEITHER = "digests differ, and each unit agrees with its own re-execution"


def begin(unit: Unit, sid: Sid, seq: int, equal_seq: int, barrier: int = 0, roots: bool = False) -> Step:
    """Digests, answers or roots at `seq` differ: stop output, try ourselves, tell the partner."""
    trial = Trial(sid, seq, equal_seq, barrier, roots, since_ms=unit.timers.now_ms)
    lead = unit.lead
    if lead is not None:
        lead = replace(lead, stopped=lead.stopped or STOPPED)
    after = replace(unit, trial=trial, lead=lead, agreed=None)
    what = f"answers to reads under barrier {barrier}" if barrier else "roots" if roots else "digests"
    return after, [Noted("miscompare", f"{what} differ at seq {seq}; last equal at {equal_seq}")]


def on_doubt(unit: Unit, said: Doubt) -> Step:
    """The partner says that our digests differ, and how far it is with trying itself."""
    trial, effects = unit.trial, list[Effect]()
    if trial is None:
        if unit.agreed is not None and _same(unit.agreed, said):
            return unit, [Ignore("the other unit is over it, too")] if said.over else [Send(unit.agreed)]
        if not _may_begin(unit, said):
            return unit, [Ignore("a doubt of another session")]
        unit, effects = begin(unit, said.sid, said.seq, said.equal_seq, said.barrier, said.roots)
        trial = unit.trial
    if trial is None or not _same(doubt(unit, trial), said):
        return unit, [*effects, Ignore("a doubt of another session")]
    timers = replace(unit.timers, heard_ms=unit.timers.now_ms)
    if said.done and trial.theirs is None:
        trial = replace(trial, theirs=said.fault, said_ms=NEVER)
        effects.append(Noted("verdict", f"unit {said.unit} is {said.fault or 'sound'}"))
    if said.heard and trial.mine is not None:
        trial = replace(trial, heard=True)
    return replace(unit, trial=trial, timers=timers), effects


def _may_begin(unit: Unit, said: Doubt) -> bool:
    """Digests and answers are compared by the active; roots by whoever has both first.

    A word that comes twice, or late, begins no doubt of reads again that was settled before.
    """
    agreed = unit.agreed
    if agreed is not None and agreed.sid == said.sid and 0 < said.barrier <= agreed.barrier:
        return False
    if unit.source is not None:
        return unit.source.sid == said.sid
    partner = unit.partner
    return said.roots and partner is not None and partner.opened and partner.sid == said.sid


def try_ourselves(unit: Unit) -> Step:
    """A follow-up: begin to re-execute, once all that is in doubt was executed here."""
    trial = unit.trial
    if trial is None or trial.asked or unit.log.executed_seq < trial.seq:
        return unit, []
    after = replace(unit, trial=replace(trial, asked=True))
    return after, [Arbitrate(trial.seq, trial.equal_seq, trial.roots, trial.barrier)]


def on_arbitrated(unit: Unit, event: Arbitrated) -> Step:
    """We tried ourselves, and this is what we found."""
    trial = unit.trial
    if trial is None or not trial.asked or trial.seq != event.seq:
        return unit, [Ignore("re-executed for a doubt that is over")]
    trial = replace(trial, mine=event.fault, disk=event.disk, said_ms=NEVER)
    return replace(unit, trial=trial), [
        Noted("verdict", f"unit {unit.me}, ourselves, is {event.fault or 'sound'}")
    ]


def on_differed(unit: Unit, event: Differed) -> Step:
    """What both units say of the entries in doubt was held against each other: for whoever has to look."""
    trial = unit.trial
    if trial is None or trial.seq != event.seq:
        return unit, [Ignore("a difference in a doubt that is over")]
    noted = Noted("first difference", event.what)
    return replace(unit, trial=replace(trial, difference=event.what)), [noted]


def _rotten(unit: Unit, trial: Trial, why: str) -> Step:
    """Our log or state on disk is not what was written: that needs no person. A standby asks to be put out
    and takes everything anew (rule 14); an active's next process does, or goes on with what is sound."""
    said = doubt(unit, trial, over=True)
    after = replace(unit, trial=None, agreed=said, rot=unit.rot or why, unwritten_seq=0)
    effects: list[Effect] = [Send(said), Suspect(unit.me, why)]
    if unit.lead is None:
        return after, [*effects, Noted("doubt over", "our state is rotten: we join anew")]
    effects += [Send(goodbye(unit, why)), StopAnswering(why), Halt(why, fault=True)]
    return lose_partner(replace(after, lead=None)), effects


def _out(unit: Unit, why: str, alone_too: bool = False) -> Step:
    """We are broken: say so, and end the process, so that the next one begins with a clean memory.

    Alone there is nobody who could serve instead, and a clean memory is all that was lacking.
    """
    trial, alone = unit.trial, unit.lead is not None and not rules.partner_counts(unit)
    said: list[Effect] = [Send(doubt(unit, trial, over=True))] if trial is not None else []
    said += [Suspect(unit.me, why), Send(goodbye(unit, why))]
    after, effects = convict(unit, Trigger.MISCOMPARED, why)
    after = replace(after, unwritten_seq=0)  # what it would write is not to be had again
    if not alone or alone_too:
        return replace(after, trial=None, leaving="convicted"), [*said, *effects]
    after = replace(after, trial=None, want=replace(after.want, broken=unit.want.broken))
    return after, [*said, *effects, Halt(f"{why}: starting again from the checkpoint", fault=True)]


def say_doubt(unit: Unit) -> Step:
    """With every heartbeat of a trial: how far we are."""
    trial, timers = unit.trial, unit.timers
    if trial is None:
        return unit, []
    if trial.said_ms != NEVER and timers.now_ms - trial.said_ms < unit.timing.heartbeat_ms:
        return unit, []
    after = replace(unit, trial=replace(trial, said_ms=timers.now_ms))
    return after, [Send(doubt(unit, trial))]


def settle(unit: Unit) -> Step:
    """A follow-up: what follows from both verdicts, as far as they are known."""
    trial = unit.trial
    if trial is None or unit.state not in TRIED_IN:
        return unit, []
    if trial.mine is None and _hangs(unit, trial):
        trial = replace(trial, mine=f"its own trial did not end within {2 * unit.timing.arbitration_ms} ms")
        unit = replace(unit, trial=trial)
    if trial.mine:
        return _rotten(unit, trial, trial.mine) if trial.disk else _out(unit, trial.mine)
    if not rules.sound(trial):
        return unit, []
    if unit.lead is not None and not rules.partner_counts(unit):
        return _go_on_alone(unit, trial)
    if trial.theirs == "":
        return _disagree(unit, trial) if trial.barrier else _neither(unit, trial)
    why = _put_out(unit, trial)
    effects: list[Effect] = []
    if why and not unit.suspect:
        unit = replace(unit, suspect=why)
        effects = [Suspect(unit.other, why)]
    if not unit.suspect:
        return unit, effects
    unit, more = _go_on(unit)
    return unit, [*effects, *more]


def _late(unit: Unit, trial: Trial) -> bool:
    """Is the time over in which both units had to try themselves? (rule 16)"""
    return unit.timers.now_ms - trial.since_ms > unit.timing.arbitration_ms


def _hangs(unit: Unit, trial: Trial) -> bool:
    """Has our own trial lasted so long that it will not end? Nothing may wait for it for ever."""
    return unit.timers.now_ms - trial.since_ms > 2 * unit.timing.arbitration_ms


def _put_out(unit: Unit, trial: Trial) -> str:
    """Why the other unit has to go, now that we are sound; empty while its verdict is awaited. (rule 16)"""
    if trial.theirs:
        return f"convicted itself: {trial.theirs}"
    if trial.theirs is None and _late(unit, trial):
        return f"digests differ, and it did not vouch for itself within {unit.timing.arbitration_ms} ms"
    return ""


def _neither(unit: Unit, trial: Trial) -> Step:
    """Nobody contradicts itself: this no unit can decide. One in the set waits until both know, and stops."""
    member = rules.in_set(unit.record, unit.me, unit.promise.incarnation)
    if member and not trial.heard and not _late(unit, trial):
        return unit, []
    found = f": {trial.difference}" if trial.difference else ""
    return _out(unit, f"{NEITHER} at seq {trial.seq}{found}", alone_too=True)


def application_unsure(unit: Unit) -> bool:
    """Were reads in doubt so often lately, and both units sound, that another trial would tell no more? Then
    it is the application that answers one question in two ways. (rule 16)"""
    timing, now_ms = unit.timing, unit.timers.now_ms
    lately = [at_ms for at_ms in unit.unsure if now_ms - at_ms <= timing.unsure_reads_ms]
    return len(lately) >= timing.unsure_reads_max


def _disagree(unit: Unit, trial: Trial) -> Step:
    """Only answers to reads differed, and nobody's state contradicts his log: they changed on their way, or
    the application is not sure of itself. Nothing left; these reads get no answer, all else goes on."""
    noted = Noted("doubt over", f"reads under barrier {trial.barrier} get no answer: each unit is sound")
    unsure = (*unit.unsure, unit.timers.now_ms)[-unit.timing.unsure_reads_max :]
    over = replace(unit, trial=None, agreed=doubt(unit, trial, over=True), unsure=unsure)
    lead = unit.lead
    if lead is None:
        return over, [noted]
    if not trial.heard and not unit.suspect and not _late(unit, trial):
        return unit, []
    reads = tuple(read for read in lead.reads if read.barrier != trial.barrier)
    stopped = "" if lead.stopped == STOPPED else lead.stopped
    after = replace(over, lead=replace(lead, reads=reads, stopped=stopped))
    return after, [noted, RefuseReads(trial.barrier)]


def _go_on_alone(unit: Unit, trial: Trial) -> Step:
    """The other unit is in no set, or not any more: its word is not waited for, and it hears ours."""
    said = doubt(unit, trial, over=True)
    why = unit.suspect or _put_out(unit, trial) or ("" if trial.theirs is None else NEITHER)
    after, effects = _go_on(
        replace(unit, agreed=said, suspect=why or "digests differ, and it was not in sync")
    )
    return after, [Send(said), *effects]


def _same(one: Doubt, other: Doubt) -> bool:
    """Is it about the same?"""
    return (one.sid, one.seq, one.barrier, one.roots) == (other.sid, other.seq, other.barrier, other.roots)


def _go_on(unit: Unit) -> Step:
    """We are sound, and the other unit is out or to be put out: go on as soon as the record allows it."""
    if unit.lead is None:
        if unit.state is State.STANDBY:
            return unit, []  # takes over: `witnessing.wish`
        return lose_source(replace(unit, trial=None)), [Noted("doubt over", "we were not in the set yet")]
    if rules.partner_counts(unit):
        return unit, []  # shrinks first: `witnessing.wish`
    lead = replace(unit.lead, join_required=False)
    if lead.stopped == STOPPED:
        lead = replace(lead, stopped="")
    after = lose_partner(replace(unit, trial=None, lead=lead))
    return after, [Noted("doubt over", f"we are sound and go on alone; the other unit: {unit.suspect}")]
