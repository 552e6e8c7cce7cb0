"""The standby's half: making its log equal to the active's, holding, executing, acknowledging."""

from msgspec.structs import replace

from ftnode.core import forcing, log_end, lost_witness, rules, timekeeping, upgrading
from ftnode.core.bound import Bound
from ftnode.core.clock import hear_partner, took
from ftnode.core.effects import Cut, Effect, FetchSnapshot, Ignore, Noted, Send, Suspect, Take
from ftnode.core.ends import between, cut, merged
from ftnode.core.events import CutDone, Received, SnapshotFailed, SnapshotInstalled
from ftnode.core.fsm import State, Trigger
from ftnode.core.messages import Append, Open
from ftnode.core.moves import Step, convict, lose_source, move
from ftnode.core.saying import ack, hello
from ftnode.core.state import Log, Source, Stage, Unit
from ftnode.core.witnessing import adopt


def on_open(unit: Unit, event: Received, said: Open) -> Step:
    """The active opens the session that our hello asked for."""
    if unit.state not in (State.DUPLEXING, State.STANDBY) or unit.leaving:
        return unit, [Ignore("takes no part in a session now")]
    if rules.refuses(unit, said.record):
        return unit, [Ignore("an older epoch opens a session"), Send(hello(unit))]
    if (said.sid.standby_life, said.sid.hello) != (unit.life, unit.hello) or unit.source is not None:
        return unit, [Ignore("opens a session that is over or open")]
    if unit.changing:
        return unit, [Ignore(f"not yet: {unit.changing}")]
    if unit.trial is not None:
        return unit, [Ignore("no session before it is known whose digest is wrong")]
    if rules.waits_to_be_out(unit, said.record):
        return unit, [Ignore("what is rotten here may not be replaced before the set has shrunk")]
    if not rules.quiet(unit):
        return unit, [Ignore("writes are under way")]
    unit, dropped = forcing.hear(unit)
    unit, effects = adopt(unit, said.record)
    effects = [*dropped, *effects]
    if unit.hello != said.sid.hello:
        return unit, effects  # put out by this record: the next hello says so
    blank = said.snapshot or not event.sound or rules.begins_anew(unit, said.common_seq)
    unit = _without_older_witness(_promised(unit, said))
    source = Source(said.sid, Stage.PROMISING, said.common_seq, said.head_seq, snapshot=blank)
    timers = replace(unit.timers, heard_ms=unit.timers.now_ms)
    bound = unit.bound if rules.in_set(said.record, unit.me, unit.promise.incarnation) else Bound()
    return replace(unit, source=source, timers=timers, bound=bound, suspect=""), effects


def _promised(unit: Unit, said: Open) -> Unit:
    """Want the epoch on disk, and, if ours is not in the set, a new incarnation and the active's witness."""
    record = said.record
    want = replace(unit.want, epoch=max(unit.want.epoch, record.epoch))
    if rules.in_set(record, unit.me, want.incarnation):
        return replace(unit, want=want)
    candidate = unit.candidate or f"{unit.life:016x}-{unit.hello}"
    if said.witness_id:
        want = replace(want, witness_id=said.witness_id, witness_address=said.witness_address, basis=None)
    return replace(unit, want=replace(want, incarnation=candidate), candidate=candidate)


def _without_older_witness(unit: Unit) -> Unit:
    """What our log names may have been replaced while we were out: it is not gone back to. (trap 11)"""
    in_set = rules.in_set(unit.record, unit.me, unit.promise.incarnation)
    if in_set or not lost_witness.witness_pending(unit):
        return unit
    return replace(unit, change=None)


def open_further(unit: Unit) -> Step:
    """Once the promise is on disk: cut what the active does not have, or take a snapshot."""
    source = unit.source
    if source is None or source.stage is not Stage.PROMISING or unit.promise != unit.want:
        return unit, []
    if source.snapshot:
        changing = "a snapshot is being fetched"
        after = replace(unit, source=replace(source, stage=Stage.SNAPSHOT), changing=changing)
        return after, [
            Noted("duplexing", "the log alone is not enough: a snapshot"),
            FetchSnapshot(source.sid),
        ]
    if source.common_seq < unit.log.head_seq:
        changing = "the tail is being cut"
        after = replace(unit, source=replace(source, stage=Stage.CUTTING), changing=changing)
        why = f"entries {source.common_seq + 1}..{unit.log.head_seq} are not the active's"
        return after, [Noted("tail cut", why), Cut(source.common_seq)]
    return replace(unit, source=replace(source, stage=Stage.READY)), []


def on_cut_done(unit: Unit, event: CutDone) -> Step:
    """The tail is gone, durably; a copy is kept for audit."""
    log = unit.log
    log = replace(
        log,
        head_seq=event.seq,
        durable_seq=event.seq,
        executed_seq=min(log.executed_seq, event.seq),
        commit_seq=min(log.commit_seq, event.seq),
        ends=cut(log.ends, event.seq),
    )
    clock = took(unit.clock, event.log_time_ms, unit.timers.now_ms)
    change = unit.change if unit.change is not None and unit.change[0] <= event.seq else None
    unit = upgrading.cut(replace(unit, log=log, clock=clock, changing="", change=change), event.seq)
    if unit.source is None or unit.source.stage is not Stage.CUTTING:
        return lose_source(unit), [Ignore("the session ended while the tail was cut")]
    return replace(unit, source=replace(unit.source, stage=Stage.READY)), []


def on_snapshot_installed(unit: Unit, event: SnapshotInstalled) -> Step:
    """State and log were replaced in one step. Say hello anew: the log goes on from there."""
    seq = event.seq
    log = Log(
        first_seq=seq + 1,
        head_seq=seq,
        durable_seq=seq,
        executed_seq=seq,
        commit_seq=seq,
        compared_seq=seq,
        released_seq=seq,
        checkpoint_seq=seq,
        ends=event.ends,
    )
    clock = took(unit.clock, event.log_time_ms, unit.timers.now_ms)
    after = replace(unit, log=log, clock=clock, rotten=(), rot="", unfit="", changing="", change=None)
    after = replace(
        after, roots=(), told_roots=None, unwritten_seq=0, trial=None, stands=event.stands, orders=()
    )
    return lose_source(after), [Noted("snapshot installed", f"log and state stand at {seq}")]


def on_snapshot_failed(unit: Unit, event: SnapshotFailed) -> Step:
    """The old state stands; look for the active again."""
    unit = replace(unit, changing="")
    if unit.source is None:
        return unit, [Ignore("a snapshot that nobody waits for failed")]
    return lose_source(unit), [Noted("snapshot failed", event.why)]


def on_append(unit: Unit, event: Received, said: Append) -> Step:
    """Entries, or just a heartbeat, of the active."""
    if rules.refuses(unit, said.record):
        return unit, [Ignore("an older epoch sends"), Send(hello(unit))]
    source = unit.source
    if source is None or source.sid != said.sid:
        return unit, [Ignore("entries of another session")]
    unit, effects = adopt(unit, said.record)
    if unit.source is None or unit.source.stage is not Stage.READY:
        return _alive(unit, said, unit.source), [*effects, Ignore("the session is not open yet")]
    unit = _alive(unit, said, _told(unit.source, said))
    if said.record.epoch > unit.want.epoch:
        unit = replace(unit, want=replace(unit.want, epoch=said.record.epoch))
    unit, more = _take(unit, event, said)
    return unit, [*effects, *more]


def _alive(unit: Unit, said: Append, source: Source | None) -> Unit:
    now_ms = unit.timers.now_ms
    clock = hear_partner(unit.clock, said.wall_ms, said.mono_ms, now_ms)
    timers = replace(unit.timers, heard_ms=now_ms)
    suspect = source.refused if source is not None else ""  # it lives; but its time is still refused
    return replace(unit, timers=timers, clock=clock, source=source, suspect=suspect)


def _told(source: Source, said: Append) -> Source:
    return replace(
        source,
        told_commit_seq=max(source.told_commit_seq, said.commit_seq),
        told_compared_seq=max(source.told_compared_seq, said.compared_seq),
        barrier=max(source.barrier, said.barrier),
        change=(said.change_seq, said.change) if said.change is not None else None,
    )


def _take(unit: Unit, event: Received, said: Append) -> Step:
    head_seq = unit.log.head_seq
    if said.to_seq < said.from_seq:
        return unit, []
    if said.to_seq <= head_seq:
        return unit, [Ignore("entries that are here already")]
    if said.from_seq > head_seq + 1:
        return unit, [Ignore("entries after a gap")]
    if not event.sound:
        why = f"the active's entry {head_seq + 1} does not continue our log"
        after, effects = convict(unit, Trigger.MISCHAINED, why)
        return after, [Suspect(unit.other, why), *effects]
    why = timekeeping.objection(unit, event)
    if why:
        return timekeeping.withhold(unit, why)
    unit = upgrading.took(timekeeping.pass_on(unit, event), event.began, event.orders)
    added = between(said.ends, head_seq + 1, said.to_seq)
    log = replace(unit.log, head_seq=said.to_seq, ends=merged(unit.log.ends, added))
    return replace(unit, log=log), [Take(head_seq + 1, said.to_seq)]


def follow(unit: Unit) -> Step:
    """After any event: take over what the active told, become standby, acknowledge what is new."""
    source = unit.source
    if source is None or source.stage is not Stage.READY:
        return unit, []
    unit = _counted(unit, source)
    effects: list[Effect] = []
    if unit.state is State.DUPLEXING and _complete(unit, source):
        complete = replace(unit, candidate="", unfit="", want=log_end.counts(unit.want))
        unit, effects = move(complete, Trigger.CAUGHT_UP)
    say = (
        rules.held_seq(unit),
        source.barrier,
        unit.promise.epoch,
        unit.promise.incarnation,
        lost_witness.obeyed_seq(unit, source),
        lost_witness.has_asked(unit),
    )
    if say == source.said or unit.record is None or not rules.may_ack(unit, unit.record):
        return unit, effects
    timers = replace(unit.timers, beat_ms=unit.timers.now_ms)
    after = replace(unit, source=replace(source, said=say), timers=timers)
    return after, [*effects, Send(ack(after, source))]


def _counted(unit: Unit, source: Source) -> Unit:
    log = unit.log
    commit_seq = max(log.commit_seq, min(source.told_commit_seq, log.durable_seq))
    equal_seq = min(source.told_compared_seq, commit_seq, log.executed_seq)
    compared_seq = max(log.compared_seq, equal_seq)
    if (commit_seq, compared_seq) == (log.commit_seq, log.compared_seq):
        return unit
    floor_seq = max(unit.peer_floor_seq, source.told_commit_seq)
    log = replace(log, commit_seq=commit_seq, compared_seq=compared_seq)
    return replace(unit, log=log, peer_floor_seq=floor_seq)


def _complete(unit: Unit, source: Source) -> bool:
    if not rules.in_set(unit.record, unit.me, unit.promise.incarnation):
        return False
    return (
        rules.held_seq(unit) >= source.target_seq
        and unit.record is not None
        and rules.may_ack(unit, unit.record)
    )
