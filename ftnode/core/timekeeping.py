"""What the units do about a clock that is off: refuse its times, yield, hand over, set the time. (rule 17)

A standby that finds the active's log time too fast takes none of it: first it withholds (a late word, or
the witness's clock, may still explain it), then it refuses, says so with each acknowledgement, and takes
over. What it never acknowledged was never released; it ends above the common log and is cut. The active,
told so, stops at once, so that it cannot put the standby out and answer alone meanwhile.
"""

from typing import Final

from msgspec.structs import replace

from ftnode.core import bound, clock, rules, upgrading
from ftnode.core.effects import Effect, GiveOut, Ignore, Noted, Send, Suspect
from ftnode.core.ends import extended
from ftnode.core.events import Received, SetTimeAsked
from ftnode.core.fsm import State
from ftnode.core.moves import Step, lose_source
from ftnode.core.pace import ours_is_odd, rates_ppm, theirs_is_odd
from ftnode.core.planned import cannot_hand_over
from ftnode.core.saying import ack
from ftnode.core.state import NEVER, REFUSED, Unit
from ftnode.core.witnessing import read_record

YIELD_AGAIN_MS: Final = 60_000  # a handover for our clock that nobody took up is not asked for sooner
SET_AHEAD_MS: Final = 3_600_000  # of every clock we know: what is beyond it was typed wrongly
CONTRADICTED: Final = "refuses a log time that two clocks confirm"


# --- the standby's half ----------------------------------------------------------------------


def objection(unit: Unit, event: Received) -> str:
    """Why the entries that came may not be taken for their times; empty if they may."""
    if unit.source is not None and unit.source.refused:
        return unit.source.refused
    if event.times is None or (unit.state is not State.STANDBY and event.times.ordered):
        return ""  # what a unit catches up with was answered without it
    timing, now_ms = unit.timing, unit.timers.now_ms
    return bound.objection(
        unit.bound, unit.clock, event.times, now_ms, timing.clock_ahead_ms, timing.clock_tolerance_ms
    )


def pass_on(unit: Unit, event: Received) -> Unit:
    """The entries are taken: go on from their times. Those that a unit catches up with prove nothing."""
    times, now_ms = event.times, unit.timers.now_ms
    if times is None:
        return unit
    if unit.state is not State.STANDBY:
        return replace(unit, clock=clock.took(unit.clock, times.last_ms, now_ms))
    passed = bound.let_pass(unit.bound, unit.clock, times, now_ms, unit.timing.clock_ahead_ms)
    return replace(unit, bound=passed, clock=clock.took(unit.clock, times.last_ms, now_ms))


def withhold(unit: Unit, why: str) -> Step:
    """Not taken: they are sent again soon. Held against the witness's clock meanwhile, then refused."""
    now_ms, source = unit.timers.now_ms, unit.source
    if source is None or source.refused:
        return unit, [Ignore("entries whose time is refused")]
    since_ms = unit.bound.doubt_ms
    if since_ms == NEVER:
        after = replace(unit, bound=replace(unit.bound, doubt_ms=now_ms))
        after, effects = read_record(after)
        return after, [Noted("time doubted", why), *effects]
    if now_ms - since_ms < bound.DOUBT_MS:
        return unit, [Ignore("entries whose time is in doubt")]
    effects = [Suspect(unit.other, why), Noted("time refused", why)]
    unit = replace(unit, bound=replace(unit.bound, doubt_ms=NEVER))
    if not rules.electable(unit):
        return lose_source(unit), effects  # nothing depends on us: look for whoever is active
    refused = f"its {why}"
    source = replace(source, refused=refused)
    after = replace(unit, source=source, suspect=refused)
    return after, [*effects, Send(ack(after, source))]  # so that it stops, and does not put us out


# --- the active's half -----------------------------------------------------------------------


def heed(unit: Unit, refused: str) -> Step:
    """The standby acknowledges; does it refuse our time? Then nothing leaves, and no swap puts it out."""
    partner, lead = unit.partner, unit.lead
    if partner is None or lead is None or (not refused and not partner.refused):
        return unit, []
    since_ms = partner.refused_ms if partner.refused and refused else unit.timers.now_ms
    unit = replace(unit, partner=replace(partner, refused=refused, refused_ms=since_ms))
    if not refused or lead.stopped or unit.suspect.startswith(CONTRADICTED):
        return unit, []
    why = f"unit {unit.other} refuses it: {refused}"
    return replace(unit, lead=replace(lead, stopped=REFUSED)), [Noted("stopped", why)]


def resume(unit: Unit) -> Step:
    """Refused, and yet not replaced: go on if the standby is gone, or if two clocks say that we are right.

    What two clocks say is ahead stays unanswered, whoever is there.
    """
    lead, partner = unit.lead, unit.partner
    if lead is None or lead.stopped != REFUSED:
        return unit, []
    ahead_ms = ahead_of_clocks(unit)
    if ahead_ms is not None and ahead_ms > unit.timing.clock_ahead_ms:
        return unit, []
    gone = partner is None or not partner.refused or silent(unit)
    going_on = replace(unit, lead=replace(lead, stopped=""))
    if gone or partner is None:
        return going_on, [Noted("resumed", "nobody refuses our log time any more")]
    if ahead_ms is None or unit.timers.now_ms - partner.refused_ms <= unit.timing.drain_ms:
        return unit, []
    why = f"{CONTRADICTED}: {partner.refused}"
    return replace(going_on, suspect=why), [Suspect(unit.other, why), Noted("resumed", why)]


def silent(unit: Unit) -> bool:
    """Is the other unit not heard any more? That it makes no progress is what refusing is."""
    why = rules.silence(unit)
    return bool(why) and not why.startswith("no progress")


def ahead_of_clocks(unit: Unit) -> int | None:
    """How far log time is ahead of where two clocks agree; None if no two do."""
    offset_ms = clock.agreed_offset(unit.clock, unit.timing.clock_tolerance_ms)
    return None if offset_ms is None else unit.clock.log_ms - unit.timers.now_ms - offset_ms


def hand_over(unit: Unit) -> Step:
    """An active whose clock runs off beside both others hands over, to a unit whose clock does not."""
    rate_ppm = yields(unit)
    if not rate_ppm or unit.lead is None or unit.lead.draining or cannot_hand_over(unit):
        return unit, []
    now_ms, yielded_ms = unit.timers.now_ms, unit.timers.yielded_ms
    if yielded_ms != NEVER and now_ms - yielded_ms < YIELD_AGAIN_MS:
        return unit, []
    after = replace(
        unit, lead=replace(unit.lead, draining=True), timers=replace(unit.timers, yielded_ms=now_ms)
    )
    return after, [Noted("switchover", f"our clock runs {rate_ppm:+} ppm beside both others: draining")]


def yields(unit: Unit) -> int:
    """By how many ppm an active's clock runs off, so that it should not go on; 0: it does not."""
    if unit.lead is None:
        return 0
    return ours_is_odd(unit.clock.partner_pace, unit.clock.witness_pace, unit.timers.now_ms)


def runs_off(unit: Unit) -> clock.Off | None:
    """Whose monotonic clock runs off, in ppm (`NOBODY`: two run apart, no third is heard); None: nobody's."""
    now_ms, partner, witness = unit.timers.now_ms, unit.clock.partner_pace, unit.clock.witness_pace
    if ppm := ours_is_odd(partner, witness, now_ms):
        return clock.Off(clock.MINE, ppm)
    of_partner, of_witness = theirs_is_odd(partner, witness, now_ms)
    if of_partner:
        return clock.Off(clock.PARTNER, of_partner)
    if of_witness:
        return clock.Off(clock.WITNESS, of_witness)
    rates = rates_ppm(partner, witness, now_ms)
    if None in rates or all(rates):  # no third one is heard, or all three run apart
        apart = next((rate for rate in rates if rate), 0)
        return clock.Off(clock.NOBODY, apart) if apart else None
    return None  # the third one has not shown yet


# --- outages, and the operator ---------------------------------------------------------------


def wake(unit: Unit, gap_ms: int) -> Unit:
    """Nothing happened here for so long, by our own clock: what we knew of times is as old as that."""
    return replace(unit, clock=clock.slept(unit.clock, gap_ms), bound=bound.Bound())


def on_set_time(unit: Unit, event: SetTimeAsked) -> Step:
    """Step log time forward by an entry of its own."""
    why = cannot_set_time(unit, event.time_ms)
    if why or unit.lead is None:
        return unit, [Ignore("a set-time that cannot be"), Noted("set-time refused", why)]
    seq = unit.log.head_seq + 1
    log = replace(unit.log, head_seq=seq, ends=extended(unit.log.ends, unit.lead.epoch, seq))
    stepped = replace(unit.clock, log_ms=event.time_ms, mono_ms=unit.timers.now_ms, owed=False)
    told: list[Effect] = [Noted("set-time", f"log time {log_time_ms(unit)} -> {event.time_ms}")]
    version = upgrading.in_force(unit)
    given = GiveOut(seq, seq, unit.lead.epoch, event.time_ms, noop=False, set_time=True, version=version)
    return replace(unit, log=log, clock=stepped), [*told, given]


def log_time_ms(unit: Unit) -> int:
    """What an active would stamp now."""
    return clock.stamp(unit.clock, unit.timers.now_ms, unit.timing.clock_tolerance_ms)[1]


def cannot_set_time(unit: Unit, time_ms: int) -> str:
    """Why log time may not be set to this; empty if it may."""
    if not rules.accepts(unit):
        return "this unit does not take commands now: only an active that answers sets the time"
    now_ms = log_time_ms(unit)
    if time_ms <= now_ms:
        return f"log time is {now_ms} already, {now_ms - time_ms} ms later: it never goes back"
    latest_ms = max([now_ms, *(unit.timers.now_ms + offset for offset in clock.heard(unit.clock))])
    if time_ms > latest_ms + SET_AHEAD_MS:
        return (
            f"{time_ms} is {time_ms - latest_ms} ms beyond every clock that this unit knows; "
            f"at most {SET_AHEAD_MS} ms beyond the latest of them, {latest_ms}, is believed"
        )
    return ""
