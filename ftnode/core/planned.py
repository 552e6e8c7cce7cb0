"""What an operator asks for: switchover, taking a unit out, stopping a process."""

from msgspec.structs import replace

from ftnode.core import illness, rules
from ftnode.core.effects import Effect, Halt, Ignore, Noted, Send, StopAnswering
from ftnode.core.events import SwitchoverAsked, TakeOutAsked
from ftnode.core.fsm import State, Trigger
from ftnode.core.moves import Step, lose_source, move
from ftnode.core.saying import goodbye
from ftnode.core.state import NEVER, Lead, Unit


def on_switchover(unit: Unit, event: SwitchoverAsked) -> Step:
    """Hand over to the standby, if there is one."""
    why = cannot_hand_over(unit)
    if why or unit.lead is None:
        return unit, [Ignore("a switchover that cannot be"), Noted("switchover refused", why)]
    return replace(unit, lead=replace(unit.lead, draining=True)), [Noted("switchover", "draining")]


def cannot_hand_over(unit: Unit) -> str:
    """Why the other unit cannot become active now; empty if it can."""
    if unit.state is not State.ACTIVE or unit.lead is None:
        return "this unit is not active"
    if unit.record is None or unit.other not in unit.record.in_sync:
        return "the pair is not duplex: the other unit is not in sync"
    if unit.suspect:
        return f"the other unit is suspected: {unit.suspect}"
    if unit.lead.designated_seq or unit.promise.note is not None:
        return "the witness is lost and this unit is designated survivor: the other one may not take over"
    if unit.lead.stopped or unit.lead.epoch != unit.record.epoch:
        return "the active is not answering in the record's epoch"
    return ""


def on_take_out(unit: Unit, event: TakeOutAsked) -> Step:
    """Take this unit out; an active hands over first."""
    if unit.state in (State.EMPTY, State.INITIALIZING, State.DIAGNOSTICS, State.BROKEN, State.OFFLINE):
        return _leave_unready(unit, event.stay_out)
    timers = replace(unit.timers, drain_ms=NEVER)
    unit = replace(unit, leaving="offline" if event.stay_out else "stop", timers=timers)
    if unit.lead is not None and not cannot_hand_over(unit):
        unit = replace(unit, lead=replace(unit.lead, draining=True))
        return unit, [Noted("taken out", "handing over first")]
    return unit, []


def _leave_unready(unit: Unit, stay_out: bool) -> Step:
    if not stay_out:
        return unit, [Halt("told to stop", fault=False)]
    return unit, [Noted("take out refused", f"a unit in {unit.state} takes no part already")]


def leave(unit: Unit) -> Step:
    """A unit that is to leave and leads nothing (any more) says goodbye and goes."""
    if not unit.leaving or unit.state is State.FENCED:
        return unit, []
    if unit.state is State.BROKEN:
        return _leave_broken(unit)
    if unit.lead is not None and (unit.lead.draining or unit.lead.handed_over):
        return unit, []
    if unit.lead is not None and not cannot_hand_over(unit) and unit.timers.drain_ms == NEVER:
        return replace(unit, lead=replace(unit.lead, draining=True)), []
    if unit.ask is not None and unit.ask.op:
        return unit, []  # our swap is under way: hear of it first
    if unit.lead is None and unit.unsettled and unit.leaving == "offline":
        waiting, said = _leave_later(unit)
        if waiting is not None:
            return waiting, said
    effects: list[Effect] = [
        Send(goodbye(unit, "taken out" if unit.leaving == "offline" else "told to stop"))
    ]
    if unit.lead is not None:
        effects.append(StopAnswering("the unit leaves"))
        unit = replace(unit, lead=None, partner=None)
    if unit.leaving == "stop":
        return replace(lose_source(unit), suspect=""), [*effects, Halt("told to stop", fault=False)]
    after, moved = move(unit, Trigger.TAKEN_OUT)
    want = replace(after.want, offline=True)
    return replace(lose_source(after), want=want, leaving="", suspect=""), [*effects, *moved]


def _leave_later(unit: Unit) -> tuple[Unit | None, list[Effect]]:
    """Our swap may still land, and would name a unit that is out: let the active make it void, for a while.

    None: waited long enough. The active hears that we go, shrinks, and so settles every swap of ours.
    """
    timers = unit.timers
    if timers.drain_ms == NEVER:
        after = replace(lose_source(unit), suspect="")
        after = replace(after, timers=replace(after.timers, drain_ms=timers.now_ms))
        return after, [Noted("taken out", "a swap of ours may still land"), Send(goodbye(unit, "taken out"))]
    return unit if timers.now_ms - timers.drain_ms <= unit.timing.boot_wait_ms else None, []


def _leave_broken(unit: Unit) -> Step:
    """Convicted on its way out: it takes no part any more, and goes when the reason is on disk."""
    if unit.promise != unit.want:
        return unit, []
    effects: list[Effect] = []
    if unit.leaving == "convicted":
        effects = [Halt(f"{unit.promise.broken}: the next process begins with a clean memory", fault=True)]
    elif unit.leaving == "stop":
        effects = [Halt("told to stop", fault=False)]
    return replace(unit, leaving=""), effects


def hand_over(unit: Unit) -> Step:
    """Everything given out is released: say goodbye, so that the standby takes over at once."""
    lead = unit.lead
    if lead is None or not lead.draining or lead.handed_over or not rules.answers(unit, lead):
        return unit, []
    drained = not lead.reads and unit.log.released_seq == unit.log.head_seq
    if not drained and not illness.drained_enough(unit):
        return unit, []
    why = cannot_hand_over(unit)
    if why:
        return _stays(replace(unit, lead=replace(lead, draining=False))), [Noted("switchover given up", why)]
    lead = replace(lead, handed_over=True, stopped="handed over")
    timers = replace(unit.timers, drain_ms=unit.timers.now_ms)
    after = replace(unit, lead=lead, timers=timers)
    why = illness.unwell(unit)
    return after, [
        Noted("handed over", "drained, the standby takes over" if drained else "the rest is the standby's"),
        Send(goodbye(unit, f"switchover: {why}" if why else "switchover")),
    ]


def _stays(unit: Unit) -> Unit:
    """Who was to be taken out because the other one would answer stays if it would not; a stop is a stop."""
    return replace(unit, leaving="" if unit.leaving == "offline" else unit.leaving)


def take_back(unit: Unit, lead: Lead) -> Step:
    """The standby did not take over in time: go on ourselves."""
    after = _stays(replace(unit, lead=replace(lead, draining=False, handed_over=False, stopped="")))
    return after, [Noted("handover taken back", f"not taken up within {unit.timing.drain_ms} ms")]
