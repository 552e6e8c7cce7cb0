"""Asking the witness: when another record is wanted, on what proof, and what an answer means."""

from msgspec.structs import replace

from ftnode.core import log_end, lost_witness, rules, upgrading
from ftnode.core import versions as engine
from ftnode.core.arbitration import STOPPED
from ftnode.core.clock import begin, hear_witness
from ftnode.core.effects import (
    CreateRecord,
    Effect,
    GiveOut,
    Halt,
    Ignore,
    Noted,
    ProbeDisk,
    ReadRecord,
    Send,
    Serve,
    SwapRecord,
)
from ftnode.core.ends import extended
from ftnode.core.events import DiskProbed, RecordRead, WitnessSilent
from ftnode.core.fsm import State, Trigger
from ftnode.core.moves import Step, lose_partner, lose_source, move, stop_leading
from ftnode.core.pace import Pace
from ftnode.core.reconfigure import Designation
from ftnode.core.record import Record, stays
from ftnode.core.saying import heartbeat, hello
from ftnode.core.state import NEVER, REFUSED, Ask, Lead, Purpose, Unit

# --- answers of the witness ------------------------------------------------------------------


def on_record_read(unit: Unit, event: RecordRead) -> Step:
    """A record was read, or a swap was decided. Adopt what it says, never what was asked for."""
    swapped = unit.ask is not None and unit.ask.op == event.op
    timers = replace(unit.timers, ask_ms=NEVER) if swapped else unit.timers
    unit = replace(
        _answered(unit, event.op),
        timers=timers,
        clock=hear_witness(unit.clock, event.wall_ms, event.mono_ms, timers.now_ms),
    )
    if event.record is None:
        return _empty(unit, event)
    if unit.want.witness_id and event.record.witness_id != unit.want.witness_id:
        return unit, [Ignore("the record of a witness that we do not obey")]
    if event.record.cabinet != unit.want.cabinet:
        return unit, [Ignore("the record of another cabinet")]
    if event.record.epoch < unit.promise.epoch:
        return unit, [Ignore("a witness behind our own epoch counts as lost")]
    return _believed(unit, event, event.record)


def _believed(unit: Unit, event: RecordRead, record: Record) -> Step:
    """The word of the witness that we obey. What it was told is of the record that it is told with: an answer
    that a force has overtaken speaks of what was given up."""
    late = unit.record is not None and record.epoch < unit.record.epoch
    unit = replace(unit, timers=replace(unit.timers, witness_ms=unit.timers.now_ms))
    after, effects = adopt(unit, record)
    return replace(after, told_seq=after.told_seq if late else max(after.told_seq, event.told_seq)), effects


def _empty(unit: Unit, event: RecordRead) -> Step:
    """A witness without a record counts as lost; but if our log named it, and we were active, we fill it."""
    basis = unit.promise.basis
    if basis is None or event.witness_id != unit.promise.witness_id:
        return unit, [Ignore("the witness has no record: it counts as lost")]
    return _believed(unit, event, basis)


def on_witness_silent(unit: Unit, event: WitnessSilent) -> Step:
    """No answer in time. A swap may have landed or land later: unknown, never failed."""
    after = _answered(unit, event.op)
    sent = unit.ask is not None and unit.ask.op == event.op
    why = "a swap of unknown result may still land" if sent else "the witness does not answer"
    return after, [Ignore(why)]


def _answered(unit: Unit, op: int) -> Unit:
    if unit.reading == op:
        unit = replace(unit, reading=0)
    if unit.ask is not None and unit.ask.op == op:
        unit = replace(unit, ask=None)
    return unit


def adopt(unit: Unit, record: Record) -> Step:
    """Take over a record that is newer than what we knew."""
    if unit.record is not None and record.epoch <= unit.record.epoch:
        same = record == unit.record
        return unit, [] if same else [Ignore("an older record")]
    if rules.doubled(unit, record):
        return _replaced_by_our_like(unit, record)
    won = rules.won_here(unit, record)
    want = replace(unit.want, witness_id=unit.want.witness_id or record.witness_id)
    told_seq = unit.told_seq if unit.record is None or stays(unit.record, record) else NEVER
    ask = unit.ask if unit.ask is not None and unit.ask.epoch >= record.epoch else None
    unsettled = tuple(wanted for wanted in unit.unsettled if not rules.settles(record, wanted))
    after = replace(unit, record=record, want=want, ask=ask, unsettled=unsettled, told_seq=told_seq)
    after = _without_designation(after, record, won)
    effects: list[Effect] = [Noted("record", _told(record))]
    if rules.fences(after, record):
        after, more = _not_ours(after, record)
    elif won:
        after, more = _ours(after, record)
    else:
        more = [Ignore("a record in our name from an earlier life: it must be won anew")]
    return after, effects + more


def _without_designation(unit: Unit, record: Record, won: bool) -> Unit:
    """A right ends with its epoch; what was in force before a new witness ends with its first record."""
    want, lead, change = unit.want, unit.lead, unit.change
    if want.note is not None and want.note.epoch < record.epoch:
        want = replace(want, note=None)
    if want.basis is not None and record.witness_id == want.witness_id:
        want = replace(want, basis=None)
    if lead is not None and (lead.alone or lead.designated_seq or lead.by_note):
        lead = replace(lead, alone=False, designated_seq=0, by_note=lead.by_note and not won)
    if change is not None and isinstance(change[1], Designation) and change[1].epoch < record.epoch:
        change = None
    elif (
        change is not None and not lost_witness.witness_pending(unit) and record.witness_id == want.witness_id
    ):
        change = None  # the witness that it names has its first record: who comes later hears of it by Open
    force = unit.force if record.active == unit.me and not won else NEVER  # only an earlier life's swap
    return replace(unit, want=want, lead=lead, change=change, force=force)


def _replaced_by_our_like(unit: Unit, record: Record) -> Step:
    """Two processes of one unit: this one answers no more and ends, for it would win the record back."""
    why = (
        f"epoch {record.epoch} is on record in our name, and this process did not ask for it: another "
        f"process of unit {unit.me} did. Each unit needs a disk and a unit.id of its own: stop one of them"
    )
    after, moved = move(unit, Trigger.RECORD_NAMES_OTHER)
    after, stopped = stop_leading(replace(after, record=record), why)
    return after, [*moved, *stopped, Halt(why, fault=True)]


def _told(record: Record) -> str:
    members = ",".join(str(unit) for unit in record.in_sync)
    return f"epoch {record.epoch}: unit {record.active} is active, in sync {{{members}}}"


def _not_ours(unit: Unit, record: Record) -> Step:
    """The record names the other unit."""
    if unit.state is State.ACTIVE:
        after, moved = move(unit, Trigger.RECORD_NAMES_OTHER)
        after, stopped = stop_leading(after, f"epoch {record.epoch} is unit {record.active}'s")
        return after, [*moved, *stopped]
    if rules.in_set(record, unit.me, unit.want.incarnation):
        return replace(unit, candidate=""), []
    after = replace(unit, suspect="")
    if after.state is State.STANDBY:
        after, moved = move(after, Trigger.PUT_OUT)
        return lose_source(after), moved
    joining = unit.candidate != ""  # an outsider already, its session goes on
    return (after if joining or after.source is None else lose_source(after)), []


def _ours(unit: Unit, record: Record) -> Step:
    """The record names us, by a swap of this life."""
    incarnation = record.incarnation_of(unit.me) or ""  # a force may have drawn another one since it was sent
    want = replace(log_end.counts(unit.want), epoch=record.epoch, incarnation=incarnation)
    after = replace(unit, want=want, suspect="" if unit.lead is None else unit.suspect)
    if unit.lead is None:
        after, moved = move(replace(after, candidate=""), Trigger.GRANTED)
        timers = replace(after.timers, heard_ms=after.timers.now_ms, behind_ms=NEVER, hello_ms=NEVER)
        leaving = "" if after.leaving == "offline" else after.leaving  # nobody else may answer now
        tried = after.trial is None or rules.sound(after.trial)
        # A swap from before the doubt may land in it: who is not known to be sound answers nothing yet.
        lead = Lead(epoch=0, stopped="" if tried else STOPPED)
        after = replace(after, lead=lead, source=None, trial=None if tried else after.trial)
        return replace(after, timers=timers, leaving=leaving), moved
    joined = unit.other in record.in_sync
    after = replace(after, lost="" if joined else after.lost)
    lead = replace(unit.lead, join_required=unit.lead.join_required and not joined)
    if lead.stopped and not lead.handed_over:
        lead = replace(lead, stopped=STOPPED if unit.trial is not None else "")
    after = replace(after, lead=lead)
    if not joined or after.partner is None:
        return replace(lose_partner(after), suspect=after.suspect if after.trial is not None else ""), []
    return after, [Send(heartbeat(after, after.partner, lead))]  # it must promise this epoch too


def begin_epoch(unit: Unit) -> Step:
    """The won epoch is on disk: answer in it. A new active commits a no-op before its first read."""
    lead, record = unit.lead, unit.record
    if lead is None or record is None or record.active != unit.me:
        return unit, []
    if lead.epoch == record.epoch or unit.promise.epoch != record.epoch:
        return unit, []
    if lead.epoch:
        return replace(unit, lead=replace(lead, epoch=record.epoch)), [Serve(record.epoch)]
    clock, said = begin(unit.clock, unit.timers.now_ms, unit.timing.clock_tolerance_ms)
    clock = replace(clock, partner_pace=Pace(), witness_pace=Pace())  # an old fault of ours is over
    seq = unit.log.head_seq + 1
    log = replace(unit.log, head_seq=seq, ends=extended(unit.log.ends, record.epoch, seq))
    after = replace(unit, lead=replace(lead, epoch=record.epoch, noop_seq=seq), log=log, clock=clock)
    version = upgrading.in_force(unit)
    if seq == 1:
        after = replace(after, stands=engine.begun_with(version))
    noop = GiveOut(seq, seq, record.epoch, clock.log_ms, noop=True, version=version)
    told: list[Effect] = [Noted("clock", said)] if said else []
    return after, [*told, Serve(record.epoch), noop, Send(hello(after))]


# --- wanting another record -------------------------------------------------------------------


def wish(unit: Unit) -> Purpose | None:
    """Which change of the record is wanted now, if any."""
    if unit.record is None or not rules.may_ask_in_trial(unit):
        return None
    if unit.lead is not None:
        return _wish_of_active(unit, unit.lead)
    if unit.force != NEVER:
        return Purpose.FORCE
    if unit.source is not None and not unit.suspect:
        return None
    if not rules.electable(unit):
        return None
    if unit.suspect:
        return Purpose.TAKEOVER
    return Purpose.RESTART if rules.may_start(unit) else None


def _wish_of_active(unit: Unit, lead: Lead) -> Purpose | None:
    record, partner = unit.record, unit.partner
    if record is None or lead.handed_over or lead.stopped == REFUSED:
        return None
    if lead.epoch != record.epoch:  # what an earlier life of ours won is won anew
        return Purpose.SHRINK if lead.by_note and unit.promise.epoch < record.epoch else None
    if rules.alone(unit):
        return _wish_alone(unit, lead)
    if unit.other in record.in_sync or rules.join_pending(unit):
        replaced = partner is not None and unit.other in record.in_sync and not _same_stay(unit)
        if unit.suspect or replaced:
            return Purpose.SHRINK
    if lost_witness.witness_pending(unit) or unit.suspect or lead.draining:
        return None
    if record.witness_id != unit.promise.witness_id and rules.right_witness(unit):
        return Purpose.RENEW
    if unit.other in record.in_sync:
        return Purpose.RENEW if partner is not None and lost_witness.ends_designation(unit, lead) else None
    if partner is None:
        return None
    return Purpose.JOIN if rules.may_join(unit, lead, partner) else None


def _wish_alone(unit: Unit, lead: Lead) -> Purpose | None:
    """The witness is back: say what is true, {self} or, if the other unit has everything, both. (rule 11)"""
    if lost_witness.witness_lost(unit):
        return None
    partner = unit.partner
    if partner is None or unit.suspect or lead.draining or lost_witness.witness_pending(unit):
        return Purpose.SHRINK
    return Purpose.JOIN if rules.may_join(unit, lead, partner) else Purpose.SHRINK


def _same_stay(unit: Unit) -> bool:
    partner = unit.partner
    return partner is not None and rules.in_set(unit.record, unit.other, partner.incarnation)


def pursue(unit: Unit) -> Step:
    """Go one step towards the wanted record: decide, prove the disk, send the swap."""
    purpose, ask = wish(unit), unit.ask
    if ask is not None and ask.op:
        return unit, []  # under way
    if ask is not None and (
        ask.purpose is not purpose or unit.record is None or ask.epoch != unit.record.epoch
    ):
        return replace(unit, ask=None), [Noted("asking dropped", f"{ask.purpose} is no longer wanted")]
    if purpose is None or unit.record is None:
        return unit, []
    if ask is None:
        return _decide(unit, purpose, unit.record)
    if not ask.proved and ask.probe == 0:
        ask = replace(ask, proved=unit.promise.asked_epoch == ask.epoch)
    if not ask.proved and rules.proof_needed(unit, purpose):
        return replace(unit, ask=ask), []
    if unit.promise.witness_id != unit.want.witness_id or unit.promise.incarnation != unit.want.incarnation:
        return replace(unit, ask=ask), []  # what the swap will say is not on disk yet
    if lost_witness.gives_up(purpose) and lost_witness.right_on_disk(unit):
        return replace(unit, ask=ask), []  # nor is it that we gave up our right
    return _send(unit, ask, unit.record)


def _decide(unit: Unit, purpose: Purpose, record: Record) -> Step:
    timers = unit.timers
    if timers.ask_ms != NEVER and timers.now_ms - timers.ask_ms < unit.timing.retry_ms:
        return unit, []
    unit = replace(unit, timers=replace(timers, ask_ms=timers.now_ms))
    why = unit.suspect or _why(purpose)
    noted = Noted("asking", f"{purpose} from epoch {record.epoch}: {why}")
    if lost_witness.gives_up(purpose) and unit.want.note is not None:
        want = replace(unit.want, note=None, given_up_epoch=record.epoch)
        unit = replace(unit, want=want)
    if not rules.needs_probe(unit, purpose):
        want = replace(unit.want, asked_epoch=record.epoch)
        return replace(unit, want=want, ask=Ask(purpose, record.epoch, probe=0)), [noted]
    number = unit.number + 1
    ask = Ask(purpose, record.epoch, probe=number)
    return replace(unit, number=number, ask=ask), [noted, ProbeDisk(number)]


def _why(purpose: Purpose) -> str:
    return {
        Purpose.JOIN: "the newcomer holds everything",
        Purpose.RESTART: "nobody is active",
        Purpose.RENEW: "the witness is back, or another one",
        Purpose.FORCE: "the operator accepts the loss of what only the other unit may hold",
        Purpose.SHRINK: "the disk of the other unit was replaced",
    }.get(purpose, "the active is lost")


def _send(unit: Unit, ask: Ask, record: Record) -> Step:
    op = unit.op + 1
    wanted = _wanted(unit, ask, record)
    timers = replace(unit.timers, ask_ms=unit.timers.now_ms)
    unsettled = unit.unsettled if wanted in unit.unsettled else (*unit.unsettled, wanted)
    after = replace(unit, op=op, ask=replace(ask, op=op, proved=True), unsettled=unsettled, timers=timers)
    after = replace(after, lost=unit.suspect or unit.lost)
    told_seq, address = unit.log.compared_seq, unit.promise.witness_address
    if record.witness_id != wanted.witness_id:
        return after, [CreateRecord(op, wanted, told_seq, address)]
    return after, [SwapRecord(op, record, wanted, told_seq, address)]


def _wanted(unit: Unit, ask: Ask, record: Record) -> Record:
    named = [(unit.me, unit.promise.incarnation)]
    if ask.purpose is Purpose.JOIN and unit.partner is not None:
        named = sorted([*named, (unit.other, unit.partner.incarnation)])
    if ask.purpose is Purpose.RENEW:
        named = [(at, record.incarnation_of(at) or "") for at in record.in_sync]
    return replace(
        record,
        witness_id=unit.promise.witness_id,
        epoch=record.epoch + 1,
        active=unit.me,
        in_sync=tuple(at for at, _ in named),
        incarnations=tuple(named),
    )


def on_disk_probed(unit: Unit, event: DiskProbed) -> Step:
    """A write and fsync begun after the decision ended well."""
    timers = replace(unit.timers, disk_ms=unit.timers.now_ms)
    if unit.probing == event.number:
        unit = replace(unit, probing=0)
    unit = replace(unit, timers=timers)
    if unit.ask is not None and unit.ask.probe == event.number:
        unit = replace(unit, ask=replace(unit.ask, proved=True))
    return unit, []


def read_record(unit: Unit) -> Step:
    """Look at the record, unless a look is under way. Who is not in the set tells nothing on the way: after a
    force it may still show what was given up."""
    if unit.reading:
        return unit, []
    op = unit.op + 1
    timers = replace(unit.timers, read_ms=unit.timers.now_ms)
    shown_seq = unit.log.compared_seq if rules.in_set(unit.record, unit.me, unit.promise.incarnation) else 0
    return replace(unit, op=op, reading=op, timers=timers), [
        ReadRecord(op, shown_seq, unit.promise.witness_address)
    ]
