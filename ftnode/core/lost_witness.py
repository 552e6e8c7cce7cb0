"""Rule 11 as small questions, each with one answer: who may go alone, and which witness counts.

What other rules need of it (`bound`, `right`, `alone`, `right_witness`) is in `rules.py`.
"""

from ftnode.core import log_end, rules
from ftnode.core.fsm import State
from ftnode.core.reconfigure import Designation, NewWitness
from ftnode.core.state import NEVER, Lead, Partner, Purpose, Source, Unit


def witness_lost(unit: Unit) -> bool:
    """Has the witness given no usable answer for so long, neither to us nor through the other unit?"""
    return unit.timers.now_ms - unit.timers.witness_ms > unit.timing.witness_lost_ms


def may_designate(unit: Unit, lead: Lead, partner: Partner) -> bool:
    """May the active log that it is designated survivor of its epoch? Not while the other unit asked for the
    record in it, nor while a swap of ours may have landed. (traps 6, 8)"""
    record = unit.record
    if record is None or not rules.answers(unit, lead) or lead.draining or lead.alone or unit.suspect:
        return False
    if unit.unsettled or unit.ask is not None or partner.asked or not partner.opened:
        return False
    if unit.want.given_up_epoch >= record.epoch:
        return False
    return witness_lost(unit) and rules.in_set(record, unit.other, partner.incarnation)


def has_asked(unit: Unit) -> bool:
    """Did this unit, in this life or an earlier one, ask for the record in this epoch? (trap 6)"""
    return unit.record is not None and unit.want.asked_epoch >= unit.record.epoch


def may_bind(unit: Unit) -> bool:
    """May a standby obey a survivor, or leave the old witness? Not while its own swap may land. (trap 8)"""
    return not has_asked(unit) and not unit.unsettled and unit.ask is None


def obeyed_seq(unit: Unit, source: Source) -> int:
    """The entry that named a survivor or a witness, if we obey it and that is on our disk; else 0."""
    if source.change is None:
        return 0
    seq, change = source.change
    if isinstance(change, Designation):
        return seq if unit.promise.bound_epoch == change.epoch else 0
    named = (unit.promise.witness_id, unit.promise.witness_address)
    return seq if named == (change.witness_id, change.address) else 0


def designation_known(unit: Unit, lead: Lead, partner: Partner) -> bool:
    """Does the active know that its designation is committed and the other unit bound? (trap 7)"""
    seq = lead.designated_seq
    return seq > 0 and partner.change_seq == seq and unit.log.commit_seq >= seq


def may_note(unit: Unit, lead: Lead, partner: Partner) -> bool:
    """May the active write down that it may go alone? Not once it wants or has sent another record."""
    if unit.unsettled or unit.ask is not None or unit.suspect or not rules.answers(unit, lead) or lead.alone:
        return False
    if unit.want.given_up_epoch >= lead.epoch:
        return False
    return witness_lost(unit) and designation_known(unit, lead, partner)


def frees(unit: Unit) -> bool:
    """Must a survivor that cannot serve set the other one free? Only if it never answered alone. (rule 16)"""
    note = unit.want.note
    if note is None or unit.writing is not None or unit.want.alone_epoch >= note.epoch:
        return False
    if unit.unfit or log_end.may_miss_answered(unit) or unit.state is State.BROKEN:
        return True
    # With a rotten state it would serve, if nobody else can: while no witness can make the other one active.
    return rules.gives_way(unit) and unit.state is State.DUPLEXING and unit.told_seq != NEVER


def gives_up(purpose: Purpose) -> bool:
    """Must the right be given up, on disk, before this swap leaves? One that names both. (trap 10)"""
    return purpose in (Purpose.JOIN, Purpose.RENEW)


def right_on_disk(unit: Unit) -> bool:
    """Does our disk have the right to go alone, or may it in a moment, by a write that is under way?"""
    writing = unit.writing
    return unit.promise.note is not None or (writing is not None and writing.note is not None)


def may_start_by_note(unit: Unit) -> bool:
    """May a unit that booted begin again alone, without witness and partner?"""
    note = unit.promise.note
    if note is None or note != unit.want.note or unit.record not in (None, note) or not witness_lost(unit):
        return False
    if unit.state is not State.DUPLEXING or unit.source is not None or unit.rotten or unit.unfit:
        return False
    if unit.leaving or unit.changing or unit.promise.epoch > note.epoch:
        return False
    if log_end.may_miss_answered(unit) or (unit.promise.cut_seq and not log_end.waited_for_partner(unit)):
        return False
    return rules.in_set(note, unit.me, unit.promise.incarnation)


def ends_designation(unit: Unit, lead: Lead) -> bool:
    """The witness is back: does the epoch of a designation have to end?"""
    return (lead.designated_seq > 0 or lead.by_note) and not witness_lost(unit)


def witness_agreed(unit: Unit, lead: Lead, seq: int) -> bool:
    """Is the entry that names another witness committed, and obeyed by who may be in the set? (trap 11)"""
    if not rules.answers(unit, lead) or unit.log.commit_seq < seq:
        return False
    return not rules.partner_counts(unit) or (unit.partner is not None and unit.partner.change_seq == seq)


def witness_pending(unit: Unit) -> bool:
    """Does our log name a witness that we do not obey yet?"""
    change = unit.change[1] if unit.change is not None else None
    if not isinstance(change, NewWitness):
        return False
    return (unit.want.witness_id, unit.want.witness_address) != (change.witness_id, change.address)
