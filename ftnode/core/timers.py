"""What a unit does because time passed: heartbeats, suspicion, probes, looks at the record."""

from typing import Final

from msgspec.structs import replace

from ftnode.core import clock, health, illness, rules, scrubbing, timekeeping
from ftnode.core.agreeing import say_roots
from ftnode.core.arbitration import say_doubt
from ftnode.core.effects import Effect, Ignore, Noted, ProbeDisk, Send
from ftnode.core.events import Closed, Connected, Gone, Paused, Tick
from ftnode.core.fsm import State
from ftnode.core.messages import Fetch
from ftnode.core.moves import Step, looks_for_active, lose_source
from ftnode.core.planned import take_back
from ftnode.core.reads import ask_late
from ftnode.core.saying import ack, goodbye, heartbeat, hello
from ftnode.core.state import NEVER, Stage, Unit
from ftnode.core.witnessing import read_record


def on_tick(unit: Unit, event: Tick) -> Step:
    """Time passed."""
    timers = replace(unit.timers, wall_ms=event.wall_ms)
    unit = replace(unit, timers=timers, clock=clock.tick(unit.clock, event.wall_ms, event.now_ms))
    effects: list[Effect] = []
    for part in (
        _suspect,
        _give_up,
        timekeeping.resume,
        timekeeping.hand_over,
        health.hand_over,
        _say_hello,
        _beat,
        say_doubt,
        ask_late,
        say_roots,
        _send_again,
        _probe,
        _look,
        _drain,
        scrubbing.mend,
    ):
        unit, more = part(unit)
        effects += more
    return unit, effects


def on_paused(unit: Unit, event: Paused) -> Step:
    """Our own loop stood still: drop the timers, read the sockets first. (rule 7)"""
    now_ms = unit.timers.now_ms
    closed_ms = NEVER if unit.timers.closed_ms == NEVER else now_ms
    behind_ms = NEVER if unit.timers.behind_ms == NEVER else now_ms
    busy_ms = NEVER if unit.timers.busy_ms == NEVER else now_ms
    timers = replace(unit.timers, heard_ms=now_ms, closed_ms=closed_ms, behind_ms=behind_ms)
    timers = replace(timers, gone=False, busy_ms=busy_ms, probe_ms=now_ms, witness_ms=now_ms)
    timers = replace(timers, unwritten_ms=_later(unit, timers.unwritten_ms, event.gap_ms))
    trial = unit.trial  # the partner's verdict may wait in the socket
    if trial is not None:
        trial = replace(trial, since_ms=_later(unit, trial.since_ms, event.gap_ms))
    kept = unit.suspect if unit.suspect.startswith("goodbye") else ""
    return replace(unit, timers=timers, trial=trial, suspect=kept), [
        Noted("paused", f"our own loop stood still {event.gap_ms} ms")
    ]


def _later(unit: Unit, at_ms: int, gap_ms: int) -> int:
    """The time of our pause is nobody's delay."""
    return NEVER if at_ms == NEVER else min(unit.timers.now_ms, at_ms + gap_ms)


def on_connected(unit: Unit, event: Connected) -> Step:
    """The channel is open (again): say at once what there is to say."""
    timers = replace(unit.timers, closed_ms=NEVER, gone=False, hello_ms=NEVER, beat_ms=NEVER)
    return replace(unit, timers=timers), []


def on_closed(unit: Unit, event: Closed) -> Step:
    """A closed channel proves nothing; it shortens the wait. (rule 7)"""
    if unit.timers.closed_ms != NEVER:
        return unit, [Ignore("the channel was closed already")]
    return replace(unit, timers=replace(unit.timers, closed_ms=unit.timers.now_ms, gone=False)), []


def on_gone(unit: Unit, event: Gone) -> Step:
    """Nobody is there who could win the race to the witness: there is nothing to wait for. (rule 7)"""
    return _suspect(replace(unit, timers=replace(unit.timers, gone=True)))


def _due(at_ms: int, every_ms: int, unit: Unit) -> bool:
    return at_ms == NEVER or unit.timers.now_ms - at_ms >= every_ms


def _suspect(unit: Unit) -> Step:
    if unit.suspect or not _depends_on_other(unit):
        return unit, []
    why = rules.silence(unit) or illness.ill_partner(unit)
    if not why:
        return unit, []
    noted = Noted("suspect", f"unit {unit.other}: {why}")
    if unit.lead is None and not rules.electable(unit):
        return lose_source(unit), [noted]  # not ours to take over: look for whoever is active
    return replace(unit, suspect=why), [noted]


def _depends_on_other(unit: Unit) -> bool:
    if unit.lead is not None:
        return rules.required(unit) and not unit.lead.handed_over
    return unit.source is not None and unit.source.stage is Stage.READY


def _give_up(unit: Unit) -> Step:
    """A sick active says so and stops; in simplex there is nobody to give up to. (rule 8)"""
    lead = unit.lead
    if lead is None or unit.record is None:
        return unit, []
    sick = rules.sick(unit) and unit.other in unit.record.in_sync and not rules.right(unit)
    if sick and not lead.stopped:
        why = f"our disk did not answer within {unit.timing.sick_ms} ms"
        return replace(unit, lead=replace(lead, stopped="sick")), [
            Noted("stopped", why),
            Send(goodbye(unit, why)),
        ]
    if not sick and lead.stopped == "sick":
        return replace(unit, lead=replace(lead, stopped="")), [Noted("resumed", "our disk answers again")]
    return unit, []


def _say_hello(unit: Unit) -> Step:
    if not looks_for_active(unit) or not _due(unit.timers.hello_ms, unit.timing.hello_ms, unit):
        return unit, []
    unit = replace(unit, timers=replace(unit.timers, hello_ms=unit.timers.now_ms))
    said: list[Effect] = [Send(hello(unit))]
    if unit.rotten:
        said.append(Send(Fetch(unit.me, unit.life, unit.rotten)))
    return unit, said


def _beat(unit: Unit) -> Step:
    """Heartbeats only while our own disk answers; what was handed over beats no more. (rule 8)"""
    if not _due(unit.timers.beat_ms, unit.timing.heartbeat_ms, unit) or not rules.disk_fresh(unit):
        return unit, []
    beaten = replace(unit, timers=replace(unit.timers, beat_ms=unit.timers.now_ms))
    if unit.lead is not None and unit.partner is not None and unit.record is not None:
        if unit.lead.handed_over or unit.lead.stopped:
            return unit, []
        return beaten, [Send(heartbeat(unit, unit.partner, unit.lead))]
    source = unit.source
    ready = source is not None and source.stage is Stage.READY
    if source is not None and ready and unit.record is not None and rules.may_ack(unit, unit.record):
        return beaten, [Send(ack(unit, source))]
    return unit, []


def _send_again(unit: Unit) -> Step:
    """What was sent and never arrived is sent again."""
    partner, timers = unit.partner, unit.timers
    if (
        partner is None
        or partner.received_seq >= partner.sent_seq
        or not _due(timers.sent_ms, unit.timing.resend_ms, unit)
    ):
        return unit, []
    unit = replace(unit, partner=replace(partner, sent_seq=partner.received_seq))
    unit = replace(unit, timers=replace(timers, sent_ms=timers.now_ms))
    return unit, [Ignore("no progress of what was sent: sending again")]


def _probe(unit: Unit) -> Step:
    """When idle, write, sync and execute a little, so that a heartbeat tells the truth. (rule 8)"""
    timers = unit.timers
    if unit.state not in (State.ACTIVE, State.STANDBY) or unit.probing or unit.writing is not None:
        return unit, []
    idle = timers.busy_ms == NEVER and _due(timers.disk_ms, unit.timing.probe_ms, unit)
    if not idle or not _due(timers.probe_ms, unit.timing.probe_ms, unit):
        return unit, []
    number = unit.number + 1
    timers = replace(timers, probe_ms=timers.now_ms)
    return replace(unit, number=number, probing=number, timers=timers), [ProbeDisk(number)]


def _look(unit: Unit) -> Step:
    every_ms = _look_every_ms(unit)
    if every_ms is None or not _due(unit.timers.read_ms, every_ms, unit):
        return unit, []
    return read_record(unit)


def _look_every_ms(unit: Unit) -> int | None:
    timing = unit.timing
    if unit.lead is not None:
        hurry = unit.lead.stopped or (unit.unsettled and unit.ask is None)
        return timing.retry_ms if hurry else timing.probe_ms
    if unit.state is State.STANDBY and unit.source is not None and not unit.suspect:
        return timing.probe_ms if unit.unsettled else timing.clock_look_ms
    if unit.state in (State.DUPLEXING, State.STANDBY):
        joining = unit.source is not None and not unit.suspect
        return None if joining and not unit.unsettled else timing.retry_ms
    return None


def _drain(unit: Unit) -> Step:
    lead, timers = unit.lead, unit.timers
    if lead is None or not lead.handed_over or timers.now_ms - timers.drain_ms <= unit.timing.drain_ms:
        return unit, []
    return take_back(unit, lead)


_PARTS: Final = (
    _suspect,
    _give_up,
    _say_hello,
    _beat,
    say_doubt,
    ask_late,
    _send_again,
    _probe,
    _look,
    _drain,
)


def next_deadline_ms(unit: Unit) -> int:
    """When the next Tick can matter, on the unit's monotonic clock: an idle unit may sleep until then."""
    timers, timing = unit.timers, unit.timing
    if unit.state in (State.EMPTY, State.INITIALIZING, State.BROKEN, State.OFFLINE):
        return timers.now_ms + timing.probe_ms
    if timers.hello_ms == NEVER and looks_for_active(unit):
        return timers.now_ms + 1  # a hello is due at once
    at = [timers.now_ms + timing.heartbeat_ms]
    extra_ms = 0 if unit.lead is not None else timing.standby_extra_ms
    silent_ms = timers.heard_ms + timing.silence_ms + extra_ms + 1
    at += [silent_ms] if silent_ms > timers.now_ms else []
    if timers.closed_ms != NEVER:
        due_ms = timers.closed_ms + timing.closed_wait_ms + extra_ms + 1
        at += [due_ms] if due_ms > timers.now_ms else []
    if timers.beat_ms != NEVER:
        at.append(timers.beat_ms + timing.heartbeat_ms)
    return max(timers.now_ms + 1, min(at))
