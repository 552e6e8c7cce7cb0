"""Rot that is found while a unit runs. (rule 14)

A rotten entry is fetched from the partner and put back by its hash; who has one may not be promoted. What is
in the checkpoint already can be done without, if nobody sends it.

A rotten state is never executed on. Its unit leaves the set as soon as another one can answer, and takes the
state anew from there; alone it goes on with what is sound, and ends when it would need what is not.
"""

from msgspec.structs import replace

from ftnode.core import rules
from ftnode.core.effects import Effect, Halt, Ignore, Noted, Send, StopAnswering, Suspect, WantCheckpoint
from ftnode.core.events import Rotted, RottenState
from ftnode.core.fsm import State
from ftnode.core.messages import Fetch
from ftnode.core.moves import Step, forget_rotten, looks_for_active, lose_partner, lose_source
from ftnode.core.planned import cannot_hand_over
from ftnode.core.saying import goodbye
from ftnode.core.state import NEVER, Unit

_NO_PART = (State.EMPTY, State.INITIALIZING, State.BROKEN, State.OFFLINE)
TOLD_MAX = 8  # seqs named in a line


def on_rotted(unit: Unit, event: Rotted) -> Step:
    """Entries of the log cannot be read any more."""
    if unit.state in _NO_PART:
        return unit, [Ignore(f"rot is looked for anew after {unit.state}")]
    if unit.changing or unit.unfit:
        return unit, [Ignore("rot in a log that is about to be another one")]
    log, known = unit.log, set(unit.rotten)
    found = [seq for seq in event.seqs if log.first_seq <= seq <= log.durable_seq and seq not in known]
    if not found:
        return unit, [Ignore("rot that is known, or in entries that are not kept any more")]
    after = replace(unit, rotten=tuple(sorted({*known, *found})))
    after = replace(after, timers=replace(after.timers, rot_ms=NEVER, since_ms=after.timers.now_ms))
    told = ", ".join(map(str, found[:TOLD_MAX])) + (", ..." if len(found) > TOLD_MAX else "")
    return after, [Noted("rot in the log", f"{len(found)} entries cannot be read: {told}")]


def on_rotten_state(unit: Unit, event: RottenState) -> Step:
    """The state on disk has changed by itself."""
    fresh: list[Effect] = [] if unit.rot else [Noted("rot in the state", event.why)]
    unit = replace(unit, rot=unit.rot or event.why)
    if unit.state in _NO_PART:  # it gives way when it takes part again
        return unit, fresh or [Ignore("more rot in a state that is known to be rotten")]
    # Beside a partner reads wait for both units' answers: one that stays would keep us from handing over.
    needed = event.met or (event.asked and unit.lead is not None and rules.required(unit))
    if not needed:
        return unit, fresh or [Ignore("more rot in a state that is known to be rotten")]
    if unit.lead is None:
        if unit.trial is not None:  # what is in doubt is not executed here any more: this is the verdict
            unit = replace(unit, trial=replace(unit.trial, mine=event.why, disk=True))
        after, effects = join_anew(unit, f"{event.why}; it was needed")
        return after, [*fresh, *effects]
    # Entries that were given out cannot be executed here: the partner does. Alone, nobody may guess.
    why = f"{event.why}; it was needed, and what would come of it is not known here"
    effects = [Send(goodbye(unit, why)), StopAnswering(why), Halt(why, fault=True)]
    return replace(lose_partner(unit), lead=None), [*fresh, *effects]


def join_anew(unit: Unit, why: str) -> Step:
    """What is on this disk is no good to go on from: leave, and take what the active has."""
    effects: list[Effect] = [Suspect(unit.me, why)]
    if unit.source is not None:
        effects.append(Send(goodbye(unit, why)))
    return lose_source(replace(unit, rotten=(), mending=False, unfit=why)), effects


def give_way(unit: Unit) -> Step:
    """With a rotten state: hand over to one who is in sync; once out of the set, join anew."""
    if not unit.rot:
        return unit, []
    if unit.lead is not None:
        return _hand_over(unit)
    out = unit.record is not None and not rules.in_set(unit.record, unit.me, unit.promise.incarnation)
    if unit.state is not State.DUPLEXING or unit.unfit or not out or unit.force != NEVER:
        return unit, []
    return join_anew(unit, unit.rot)


def _hand_over(unit: Unit) -> Step:
    lead, timers = unit.lead, unit.timers
    if lead is None or lead.draining or lead.handed_over or cannot_hand_over(unit):
        return unit, []
    if timers.rot_ms != NEVER and timers.now_ms - timers.rot_ms < unit.timing.rot_retry_ms:
        return unit, []
    after = replace(unit, lead=replace(lead, draining=True), timers=replace(timers, rot_ms=timers.now_ms))
    return after, [Noted("switchover", f"the other unit is sound: {unit.rot}")]


def mend(unit: Unit) -> Step:
    """Time passed, and something is rotten: ask for it, do without it, ask to be put out."""
    timers, timing = unit.timers, unit.timing
    if unit.rot and unit.state is State.STANDBY and unit.source is not None:
        return _asks_out(unit)
    if not unit.rotten or unit.mending or unit.state not in (State.ACTIVE, State.STANDBY, State.DUPLEXING):
        return unit, []
    if rules.waited_for_repair(unit):
        return forget_rotten(unit, "nobody sent them")
    if timers.rot_ms != NEVER and timers.now_ms - timers.rot_ms < timing.resend_ms:
        return unit, []
    unit = replace(unit, timers=replace(timers, rot_ms=timers.now_ms))
    effects: list[Effect] = []
    if not looks_for_active(unit):  # whose hellos ask for it
        effects.append(Send(Fetch(unit.me, unit.life, unit.rotten)))
    if unit.lead is not None and not rules.can_do_without(unit) and _nobody_sends(unit):
        effects.append(WantCheckpoint())
    return unit, effects


def _nobody_sends(unit: Unit) -> bool:
    """Is nobody there who could send what rotted, or has nobody for long?"""
    return unit.partner is None or unit.timers.now_ms - unit.timers.since_ms > unit.timing.boot_wait_ms


def _asks_out(unit: Unit) -> Step:
    """It acknowledges what it executes without its rotten slots until it is out, and may not be promoted."""
    timers = unit.timers
    if timers.rot_ms != NEVER and timers.now_ms - timers.rot_ms < unit.timing.retry_ms:
        return unit, []
    after = replace(unit, timers=replace(timers, rot_ms=timers.now_ms))
    return after, [Send(goodbye(unit, unit.rot))]
