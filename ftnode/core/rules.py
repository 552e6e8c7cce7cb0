"""The protocol's rules as small questions, each with one answer.

Handlers ask them as `rules.name(...)`; nothing else decides. That makes each rule readable on
its own, and lets a test plant a bug in exactly one of them.
"""

from typing import Final

from ftnode.core import illness, log_end
from ftnode.core.ends import last
from ftnode.core.fsm import State
from ftnode.core.messages import Ack, Goodbye, Hello
from ftnode.core.record import Record
from ftnode.core.state import NEVER, Lead, Partner, Peer, Purpose, Read, Stage, Trial, Unit

BARRIERS_MAX: Final = 128
"""Barriers under way at once; reads that come then share the next one. A shell remembers twice as many."""

# --- who must hold an entry ----------------------------------------------------------------


def in_set(record: Record | None, unit_id: int, incarnation: str) -> bool:
    """Is this unit, in this stay of its disk, in the in-sync set? (rule 4)"""
    if record is None or not incarnation or unit_id not in record.in_sync:
        return False
    return record.incarnation_of(unit_id) == incarnation


def join_pending(unit: Unit) -> bool:
    """May a swap that adds the partner have landed, or land later? (rule 2)"""
    return any(unit.other in wanted.in_sync for wanted in unit.unsettled)


def partner_counts(unit: Unit) -> bool:
    """May the partner be in the in-sync set already? If not, its word is not against ours. (rule 16)"""
    if unit.record is not None and unit.other in unit.record.in_sync and not alone(unit):
        return True
    return join_pending(unit)


def required(unit: Unit) -> bool:
    """Must the partner hold an entry before it counts? The stricter of all that may be true. (rules 1-3)"""
    return partner_counts(unit) or (unit.lead is not None and unit.lead.join_required)


def ack_counts(unit: Unit, partner: Partner, ack: Ack) -> str:
    """Empty if an acknowledgement counts, else why not. (sessions)"""
    if ack.sid != partner.sid:
        return "acknowledgement of another session"
    if unit.record is None or ack.epoch != unit.record.epoch:
        return "acknowledgement in another epoch"
    return ""


def commit_seq(unit: Unit) -> int:
    """The highest seq durable on every unit that must hold it; commit never goes back. (rule 1)"""
    held_seq = unit.log.durable_seq
    if required(unit):
        held_seq = min(held_seq, unit.partner.acked_seq if unit.partner else 0)
    return max(unit.log.commit_seq, held_seq)


def compared_seq(unit: Unit) -> int:
    """The highest seq whose digest is known to be equal, or needs no partner; none is while digests
    differ and it is not known whose fault it is. (rule 16)"""
    if unit.trial is not None:
        return unit.log.compared_seq
    equal_seq = min(unit.log.commit_seq, unit.log.executed_seq)
    if required(unit):
        equal_seq = min(equal_seq, unit.partner.compared_seq if unit.partner else 0)
    return max(unit.log.compared_seq, equal_seq)


# --- answering -----------------------------------------------------------------------------


def answers(unit: Unit, lead: Lead) -> bool:
    """May anything leave this unit? Only in an epoch won in this life and on disk. (rules 2, 20)"""
    if unit.record is None or lead.stopped or unit.trial is not None:
        return False
    return lead.epoch == unit.record.epoch == unit.promise.epoch


def accepts(unit: Unit) -> bool:
    """May commands be given a seq now?"""
    lead = unit.lead
    if unit.state is not State.ACTIVE or lead is None or lead.epoch == 0 or lead.stopped or lead.draining:
        return False
    if unit.trial is not None:
        return False  # whatever else stopped us, and is over: it is not known yet whose fault it is
    return unit.log.head_seq - unit.log.released_seq < unit.timing.unreleased_max_entries


def accepts_reads(unit: Unit) -> bool:
    """May reads take a barrier now?"""
    lead = unit.lead
    if unit.state is not State.ACTIVE or lead is None or lead.epoch == 0 or lead.stopped:
        return False
    return unit.trial is None and len(lead.reads) < BARRIERS_MAX


def read_ready(unit: Unit, lead: Lead, read: Read) -> bool:
    """May a read be answered? (output rule, trap 1)"""
    if unit.log.compared_seq < max(read.seq, lead.noop_seq):
        return False
    if not required(unit):
        return True
    return unit.partner is not None and unit.partner.barrier >= read.barrier and agrees(read)


def agrees(read: Read) -> bool:
    """Did both units give the same answers? (rule 16)"""
    return read.compared


# --- suspicion -----------------------------------------------------------------------------


def silence(unit: Unit) -> str:
    """Why the other unit is believed lost by now, or empty. (rules 2, 7, 9)"""
    timing, timers = unit.timing, unit.timers
    extra_ms = 0 if unit.lead is not None else timing.standby_extra_ms
    if timers.now_ms - timers.heard_ms > timing.silence_ms + extra_ms:
        return f"silent for more than {timing.silence_ms + extra_ms} ms"
    closed_ms = timers.closed_ms
    if closed_ms != NEVER and timers.heard_ms <= closed_ms:
        if timers.gone:
            return "channel closed, and its host says that the process is gone"
        if timers.now_ms - closed_ms > timing.closed_wait_ms + extra_ms:
            return f"channel closed for more than {timing.closed_wait_ms + extra_ms} ms"
    if unit.lead is not None and slow(unit):
        return f"no progress for more than {timing.slow_standby_ms} ms"
    return ""


def slow(unit: Unit) -> bool:
    """Does the standby stand still while our own disk finished the same entries? (rule 9)"""
    timers = unit.timers
    return timers.behind_ms != NEVER and timers.now_ms - timers.behind_ms > unit.timing.slow_standby_ms


def disk_fresh(unit: Unit) -> bool:
    """Did our disk finish something lately, so that a heartbeat tells the truth? (rule 8)"""
    return not sick(unit)


def sick(unit: Unit) -> bool:
    """Has a write to our own disk, of entries or of an idle probe, been under way for too long? (rule 8)"""
    timers, limit_ms = unit.timers, unit.timing.sick_ms
    if unit.probing and timers.now_ms - timers.probe_ms > limit_ms:
        return True
    return timers.busy_ms != NEVER and timers.now_ms - timers.busy_ms > limit_ms


# --- digests differ --------------------------------------------------------------------------


def sound(trial: Trial) -> bool:
    """Did our own re-execution agree with us? Nothing past the last equal seq leaves before. (rule 16)"""
    return trial.mine == ""


def same_roots(ours: bytes, theirs: bytes) -> bool:
    """Would both units write the same checkpoint? (rule 16, trap 17)"""
    return ours == theirs


def awaits_roots(unit: Unit) -> bool:
    """Does a checkpoint wait for the partner's word? A lone active's does not: it needs nobody. (rule 16)"""
    if unit.lead is not None:
        return required(unit) and unit.partner is not None and unit.partner.opened
    return unit.source is not None and unit.source.stage is Stage.READY


def may_ask_in_trial(unit: Unit) -> bool:
    """May we ask for the record while digests differ? Only once we are sound, the other one not. (16)"""
    trial = unit.trial
    return trial is None or (sound(trial) and (trial.theirs != "" or trial.barrier > 0))


# --- the record ----------------------------------------------------------------------------


def settles(record: Record, wanted: Record) -> bool:
    """Does this record settle a swap of unknown result? Only by an epoch above its condition. (rule 2)"""
    return record.epoch >= wanted.epoch


def won_here(unit: Unit, record: Record) -> bool:
    """Was this record, which names us active, won by a swap that we sent in this life? (rule 2, trap 3)

    A record names no lives: of two lives of one unit that asked for the very same record, both believe it.
    """
    return unit.state in (State.ACTIVE, State.STANDBY, State.DUPLEXING) and record in unit.unsettled


def doubled(unit: Unit, record: Record) -> bool:
    """Has another process of this unit won a record while we are active? A copied disk, started too."""
    if unit.lead is not None and unit.lead.by_note:
        return False  # an earlier life of ours asked for it before we began again by our note
    return unit.state is State.ACTIVE and record.active == unit.me and not won_here(unit, record)


def fences(unit: Unit, record: Record) -> bool:
    """Does this record fence us? Only one that names another active. (rule 6, trap 13)"""
    return record.active != unit.me


def rolled_back(unit: Unit, hello: Hello) -> bool:
    """Does a disk show less than it was known to hold under the same incarnation? (rule 4)"""
    return hello.head_seq < unit.peer_floor_seq


def shows_less_than_told(unit: Unit) -> bool:
    """Does our own log end below what the witness was told was compared? Rolled back. (rule 4)

    A standby has caught up with its active in this life; who only booted has to hear it first: a record
    that came with a hello says nothing about it.
    """
    if unit.state is State.DUPLEXING and unit.told_seq == NEVER:
        return True
    return unit.log.durable_seq < unit.told_seq


def can_do_without(unit: Unit) -> bool:
    """Is all that rotted in the checkpoint already? Then only who lags behind it would need it."""
    return bool(unit.rotten) and max(unit.rotten) <= unit.log.checkpoint_seq


def alone_on_record(unit: Unit) -> bool:
    """Is nobody else in the set? Then nobody else holds what was answered."""
    return unit.record is not None and unit.record.in_sync == (unit.me,)


def gives_way(unit: Unit) -> bool:
    """Must a unit with a rotten state not be the one to answer, because another one can? (rule 14)"""
    return bool(unit.rot) and not alone_on_record(unit) and not answered_alone(unit)


def waits_to_be_out(unit: Unit, record: Record) -> bool:
    """Does the set count on what a unit holds that is to join anew? A snapshot may hold less. (rule 3)"""
    anew = unit.rot or (unit.unfit and unit.state is State.STANDBY)
    return bool(anew) and in_set(record, unit.me, unit.promise.incarnation)


def waited_for_repair(unit: Unit) -> bool:
    """Has nobody sent what rotted, so long after we began to ask, and can we go on without it? (rule 14)"""
    waited = unit.timers.now_ms - unit.timers.since_ms > unit.timing.boot_wait_ms
    return waited and not unit.mending and can_do_without(unit)


def electable(unit: Unit) -> bool:
    """May this unit ask to be active? (rules 3, 4, 14)"""
    if unit.state not in (State.STANDBY, State.DUPLEXING) or unit.rotten or unit.unfit or unit.leaving:
        return False
    if unit.changing or gives_way(unit) or bound(unit) or log_end.may_miss_answered(unit):
        return False
    if not right_witness(unit) or not in_set(unit.record, unit.me, unit.promise.incarnation):
        return False
    return knows_own_epoch(unit) and not shows_less_than_told(unit)


def knows_own_epoch(unit: Unit) -> bool:
    """Is the record that we know as new as the epoch that we promised? If not, an earlier life of ours may
    have won the very record that we would ask for, and have answered in it. (rule 2, trap 3)"""
    return unit.record is not None and unit.record.epoch >= unit.promise.epoch


def stale(unit: Unit, known: Peer, hello: Hello) -> bool:
    """Was this hello said before one that we know? A blank disk counts boots anew: silence decides then."""
    if hello.life == known.life:
        return hello.hello < known.hello
    return hello.boot <= known.boot and unit.timers.now_ms - known.heard_ms <= unit.timing.silence_ms


def may_start(unit: Unit) -> bool:
    """A booted unit without an active: may it ask for the record now? (rule 12)"""
    record, peer, timers = unit.record, unit.peer, unit.timers
    if record is None or unit.other not in record.in_sync:
        return True
    heard = peer if peer and timers.now_ms - peer.heard_ms <= unit.timing.silence_ms else None
    if heard and heard.state is State.ACTIVE:
        return False
    able = heard and heard.electable and record.incarnation_of(unit.other) == heard.incarnation
    lacking = heard is not None and log_end.shown_more(unit, heard)
    if able and lacking:
        return False  # it begins, and may hold what we lost
    if log_end.waited_for_partner(unit):
        return True
    if illness.unwell(unit) or heard is None:
        return False  # the other one first, if it comes
    if not able:
        return not lacking and heard.state not in (State.DIAGNOSTICS, State.EMPTY, State.INITIALIZING)
    mine = last(unit.log.ends)
    return mine > heard.last or (mine == heard.last and record.active == unit.me)


def may_require(unit: Unit, partner: Partner) -> bool:
    """Is the newcomer near enough to be required from now on? (rule 3)"""
    if not partner.opened or partner.snapshot or not partner.incarnation:
        return False
    if illness.keeps_out(unit, partner.ailing):
        return False
    return unit.log.head_seq - partner.acked_seq <= unit.timing.join_lag_entries


def may_join(unit: Unit, lead: Lead, partner: Partner) -> bool:
    """Does the newcomer hold, compared, everything that was committed or shown before? (rule 3, trap 4)"""
    return lead.join_required and partner.compared_seq >= lead.join_floor_seq


def holds_requirement(unit: Unit) -> bool:
    """Does a lost newcomer stay required? Only while a swap that adds it is unsettled. (rule 3, trap 15)"""
    return join_pending(unit)


def needs_probe(unit: Unit, purpose: Purpose) -> bool:
    """Is a disk probe needed before asking, or is the promise write the proof? (rules 5, 8)"""
    if purpose in (Purpose.SHRINK, Purpose.JOIN, Purpose.RENEW):
        return True
    return unit.record is not None and unit.promise.asked_epoch == unit.record.epoch


def proof_needed(unit: Unit, purpose: Purpose) -> bool:
    """Must our disk prove itself between the decision to ask and the swap? (rule 8, trap 16)"""
    return True


# --- designated survivor (rule 11) -----------------------------------------------------------


def bound(unit: Unit) -> bool:
    """Does this unit obey the other one against any record that is not above its epoch? (trap 9)"""
    return unit.record is not None and unit.want.bound_epoch >= unit.record.epoch


def right(unit: Unit) -> bool:
    """Has this unit, on disk, the right to go alone in the epoch of its record?"""
    note = unit.promise.note
    return note is not None and note == unit.record and note == unit.want.note


def alone(unit: Unit) -> bool:
    """Does this active answer alone by its right, with the other unit on record? It says so on disk first."""
    return unit.lead is not None and unit.lead.alone and right(unit) and answered_alone(unit)


def answered_alone(unit: Unit) -> bool:
    """Did we answer by our right in the epoch of the record, in this life or an earlier one? Then nobody else
    holds what was answered, whoever is on record."""
    return unit.record is not None and unit.promise.alone_epoch == unit.record.epoch


def right_witness(unit: Unit) -> bool:
    """Is the record that we know the one of the witness that we obey? Or were we active in it when the
    witness was replaced: then the first record there is ours to make."""
    if unit.record is None or unit.promise.witness_id != unit.want.witness_id:
        return False
    return unit.record.witness_id == unit.promise.witness_id or unit.record == unit.promise.basis


# --- following -----------------------------------------------------------------------------


def refuses(unit: Unit, record: Record) -> bool:
    """Is this the word of an older epoch than we promised? (rule 5)"""
    return record.epoch < unit.promise.epoch or (unit.record is not None and record.epoch < unit.record.epoch)


def begins_anew(unit: Unit, common_seq: int) -> bool:
    """Must this log be replaced as a whole, because it cannot be cut back to what is common? (rule 6)

    Committed entries are cut by nobody; a log that lost its own end takes no more.
    """
    return bool(unit.unfit) or common_seq < unit.log.commit_seq


def may_ack(unit: Unit, record: Record) -> bool:
    """Is the epoch that we acknowledge in on disk? (rule 20)"""
    return unit.promise.epoch == record.epoch


def held_seq(unit: Unit) -> int:
    """What a standby may acknowledge: durable and executed. (rule 1)"""
    return min(unit.log.durable_seq, unit.log.executed_seq)


def goodbye_counts(unit: Unit, goodbye: Goodbye) -> bool:
    """Is this goodbye of the life of the partner that we know, in the epoch that we know?"""
    known_epoch = unit.record.epoch if unit.record else 0
    if unit.source is not None:
        return goodbye.life == unit.source.sid.active_life and goodbye.epoch >= known_epoch
    if unit.partner is not None:
        return goodbye.life == unit.partner.sid.standby_life
    return False


def quiet(unit: Unit) -> bool:
    """Has everything that was given to disk and engine come back? Of an unfit log nothing was given."""
    return bool(unit.unfit) or unit.log.durable_seq == unit.log.executed_seq == unit.log.head_seq
