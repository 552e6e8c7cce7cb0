"""Rule 11: who may go alone while the witness is lost, and which witness counts.

A designation is logged by the active, obeyed by the standby (`bound_epoch`, on its disk), and gives a right
only by the active's own note (`note`, on its disk). A new witness is logged, obeyed by the standby, and by
the active once that is committed. Why this is enough: decisions/0130.
"""

from msgspec.structs import replace

from ftnode.core import log_end, lost_witness, rules, upgrading
from ftnode.core.clock import stamp
from ftnode.core.effects import GiveOut, Ignore, Noted
from ftnode.core.ends import extended
from ftnode.core.events import WitnessNamed
from ftnode.core.fsm import State, Trigger
from ftnode.core.moves import Step, lose_partner, move
from ftnode.core.reconfigure import Change, Designation, NewWitness
from ftnode.core.record import Record
from ftnode.core.state import NEVER, Lead, Source, Unit


def settle(unit: Unit) -> Step:
    """After any event: what follows from rule 11."""
    if unit.lead is not None:
        return _settle_active(unit, unit.lead)
    if unit.source is not None:
        return _obey(unit, unit.source) if unit.source.change is not None else (unit, [])
    if unit.promise.note is not None:
        return _with_note(unit, unit.promise.note)
    return unit, []


def _with_note(unit: Unit, note: Record) -> Step:
    """Not active, and with a note: begin again by it, or, if that can never be, set the other unit free."""
    if lost_witness.may_start_by_note(unit):
        return _start_by_note(unit)
    if not lost_witness.frees(unit):
        return unit, []
    want = replace(unit.want, note=None, given_up_epoch=note.epoch)
    why = unit.unfit or unit.want.broken or unit.rot or f"entry {unit.want.cut_seq} and what followed is lost"
    return replace(unit, want=want), [Noted("right given up", f"epoch {note.epoch}: {why}")]


# --- the active ------------------------------------------------------------------------------


def _settle_active(unit: Unit, lead: Lead) -> Step:
    if unit.change is not None and lost_witness.witness_pending(unit):
        return _follow_witness(unit, lead, *unit.change)
    if unit.suspect and not lead.alone and rules.right(unit) and not rules.join_pending(unit):
        return _go_alone(unit, lead)
    partner = unit.partner
    if partner is None or unit.want.note is not None:
        return unit, []
    if lead.designated_seq == 0:
        return _designate(unit, lead) if lost_witness.may_designate(unit, lead, partner) else (unit, [])
    if lost_witness.may_note(unit, lead, partner):
        why = "the designation is committed, and the other unit is bound by it"
        return replace(unit, want=replace(unit.want, note=unit.record)), [Noted("may go alone", why)]
    return unit, []


def _designate(unit: Unit, lead: Lead) -> Step:
    """Log that we are the survivor. It binds the other unit; it gives us nothing yet."""
    after, step = _logged(unit, lead, Designation(unit.me, lead.epoch))
    seq = after.log.head_seq
    why = f"the witness is lost; entry {seq} says that unit {unit.me} is survivor of epoch {lead.epoch}"
    return replace(after, lead=replace(lead, designated_seq=seq)), [step, Noted("designated", why)]


def _logged(unit: Unit, lead: Lead, change: Change) -> tuple[Unit, GiveOut]:
    clock, time_ms = stamp(unit.clock, unit.timers.now_ms, unit.timing.clock_tolerance_ms)
    seq = unit.log.head_seq + 1
    log = replace(unit.log, head_seq=seq, ends=extended(unit.log.ends, lead.epoch, seq))
    after = replace(unit, log=log, clock=clock, change=(seq, change))
    version = upgrading.in_force(unit)
    return after, GiveOut(seq, seq, lead.epoch, time_ms, noop=False, change=change, version=version)


def _go_alone(unit: Unit, lead: Lead) -> Step:
    """The other unit is lost, and it obeys us until there is an epoch above this one."""
    why = f"designated survivor of epoch {lead.epoch}: {unit.suspect}"
    ask = unit.ask if unit.ask is not None and unit.ask.op else None
    want = replace(unit.want, alone_epoch=lead.epoch)
    after = replace(lose_partner(unit), suspect="", ask=ask, want=want)
    return replace(after, lead=replace(lead, alone=True, join_required=False)), [Noted("alone", why)]


def _start_by_note(unit: Unit) -> Step:
    """Neither witness nor partner is needed: the partner obeys our note. (rule 2's exception)"""
    after, moved = move(unit, Trigger.DESIGNATED)
    note = after.promise.note
    want = replace(log_end.counts(after.want), alone_epoch=note.epoch if note is not None else 0)
    timers = replace(after.timers, heard_ms=after.timers.now_ms, behind_ms=NEVER, hello_ms=NEVER)
    lead = Lead(epoch=0, alone=True, by_note=True)
    return replace(after, record=note, want=want, lead=lead, timers=timers, suspect=""), moved


# --- the standby -----------------------------------------------------------------------------


def _obey(unit: Unit, source: Source) -> Step:
    """What the active's log named is in ours, too: obey it, unless our own swap may land."""
    record = unit.record
    if source.change is None or source.change[0] > unit.log.head_seq or record is None:
        return unit, []
    seq, change = source.change
    if isinstance(change, NewWitness):
        unit = replace(unit, change=source.change)
        if not lost_witness.witness_pending(unit) or not lost_witness.may_bind(unit):
            return unit, []
        return _obeying(unit, change, f"entry {seq} names it")
    if change.epoch != record.epoch or unit.want.bound_epoch >= change.epoch:
        return unit, []
    if not lost_witness.may_bind(unit):
        return unit, []
    why = f"entry {seq}: unit {change.unit} is designated survivor of epoch {change.epoch}"
    return replace(unit, want=replace(unit.want, bound_epoch=change.epoch)), [Noted("bound", why)]


def hear_given_up(unit: Unit, epoch: int) -> Step:
    """The survivor will never go alone in that epoch, on its disk, and never did: who was bound is free."""
    if not 0 < unit.want.bound_epoch <= epoch:
        return unit, []
    why = f"unit {unit.other} gave its right in epoch {epoch} up"
    return replace(unit, want=replace(unit.want, bound_epoch=0)), [Noted("free", why)]


# --- which witness counts ---------------------------------------------------------------------


def on_witness_named(unit: Unit, event: WitnessNamed) -> Step:
    """The operator replaces the witness: it is logged, and counts when that is committed."""
    why = cannot_name_witness(unit, event.witness_id, event.address)
    if why or unit.lead is None:
        return unit, [Ignore("a new witness that cannot be"), Noted("new witness refused", why)]
    after, step = _logged(unit, unit.lead, NewWitness(event.witness_id, event.address))
    why = f"entry {after.log.head_seq} names {event.witness_id} at {event.address}"
    return after, [step, Noted("new witness logged", why)]


def cannot_name_witness(unit: Unit, witness_id: str, address: str) -> str:
    """Why the witness cannot be replaced here and now; empty if it can."""
    lead, partner = unit.lead, unit.partner
    if unit.state is not State.ACTIVE or lead is None or unit.record is None:
        return "this unit is not active"
    if not rules.answers(unit, lead) or lead.draining:
        return "the active is not answering in the record's epoch"
    if (unit.want.witness_id, unit.want.witness_address) == (witness_id, address):
        return "this witness counts already"
    unfinished = not rules.right_witness(unit) or unit.record == unit.promise.basis
    if unfinished or lost_witness.witness_pending(unit):
        return "a new witness was named before, and has no record yet"
    if not rules.partner_counts(unit):
        return ""
    if partner is None or not partner.opened or unit.suspect:
        return f"unit {unit.other} may be in the in-sync set and does not follow: it has to agree first"
    if partner.asked:
        return (
            f"unit {unit.other} asked the old witness for a takeover in this epoch, which may still be "
            "granted: take it out (ftctl bring-down), or bring the old witness back first"
        )
    return ""


def _follow_witness(unit: Unit, lead: Lead, seq: int, change: Change) -> Step:
    if not isinstance(change, NewWitness) or not lost_witness.witness_agreed(unit, lead, seq):
        return unit, []
    return _obeying(unit, change, f"entry {seq} is committed", basis=True)


def _obeying(unit: Unit, change: NewWitness, why: str, basis: bool = False) -> Step:
    """Nothing that another witness says counts any more. `basis`: the first record there is ours to make."""
    kept = unit.record if basis and unit.want.witness_id != change.witness_id else None
    want = replace(unit.want, witness_id=change.witness_id, witness_address=change.address, basis=kept)
    timers = replace(unit.timers, witness_ms=unit.timers.now_ms)
    noted = Noted("new witness", f"{change.witness_id} at {change.address}: {why}")
    return replace(unit, want=want, timers=timers), [noted]
