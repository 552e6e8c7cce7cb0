"""What a unit says, made from where it stands."""

from ftnode.core import illness, log_end, lost_witness, rules, upgrading
from ftnode.core.ends import between
from ftnode.core.invariants import BrokenInvariantError
from ftnode.core.messages import Ack, Append, Doubt, Goodbye, Hello
from ftnode.core.state import Lead, Partner, Source, Trial, Unit


def hello(unit: Unit) -> Hello:
    """What this unit says of itself."""
    return Hello(
        unit=unit.me,
        boot=unit.promise.boot,
        life=unit.life,
        hello=unit.hello,
        state=unit.state.value,
        epoch=unit.promise.epoch,
        record=unit.record,
        incarnation=unit.promise.incarnation,
        electable=not (unit.rotten or unit.rot or unit.unfit or unit.leaving or rules.bound(unit))
        and not log_end.may_miss_answered(unit),
        ends=() if unit.unfit else unit.log.ends,
        head_seq=unit.log.head_seq,
        checkpoint_seq=unit.log.checkpoint_seq,
        wall_ms=unit.timers.wall_ms,
        ailing=illness.told(unit),
        full=unit.full,
        given_up_epoch=unit.promise.given_up_epoch,
        versions=unit.can,
        version=upgrading.in_force(unit),
    )


def heartbeat(unit: Unit, partner: Partner, lead: Lead) -> Append:
    """An Append without entries: what the active knows by now."""
    return append(unit, partner, lead.barrier, 1, 0)


def append(unit: Unit, partner: Partner, barrier: int, from_seq: int, to_seq: int) -> Append:
    """Entries `from_seq..to_seq` for the partner."""
    record = unit.record
    if record is None:
        raise BrokenInvariantError("an active without a record sends")
    return Append(
        sid=partner.sid,
        record=record,
        from_seq=from_seq,
        to_seq=to_seq,
        ends=between(unit.log.ends, from_seq, to_seq),
        head_seq=unit.log.head_seq,
        commit_seq=unit.log.commit_seq,
        compared_seq=unit.log.compared_seq,
        barrier=barrier,
        wall_ms=unit.timers.wall_ms,
        mono_ms=unit.timers.now_ms,
        change_seq=unit.change[0] if unit.change else 0,
        change=unit.change[1] if unit.change else None,
    )


def ack(unit: Unit, source: Source) -> Ack:
    """What this standby holds and has executed."""
    return Ack(
        sid=source.sid,
        epoch=unit.promise.epoch,
        incarnation=unit.promise.incarnation,
        seq=rules.held_seq(unit),
        digest=b"",
        received_seq=unit.log.head_seq,
        barrier=source.barrier,
        wall_ms=unit.timers.wall_ms,
        mono_ms=unit.timers.now_ms,
        refused=source.refused,
        ailing=illness.told(unit),
        change_seq=lost_witness.obeyed_seq(unit, source),
        asked=lost_witness.has_asked(unit),
    )


def goodbye(unit: Unit, reason: str) -> Goodbye:
    """We stop, and why."""
    return Goodbye(unit.me, unit.life, unit.record.epoch if unit.record else 0, reason)


def doubt(unit: Unit, trial: Trial, over: bool = False) -> Doubt:
    """Our digests differ, and this is how far we are with trying ourselves."""
    return Doubt(
        sid=trial.sid,
        unit=unit.me,
        seq=trial.seq,
        equal_seq=trial.equal_seq,
        barrier=trial.barrier,
        roots=trial.roots,
        done=trial.mine is not None,
        fault=trial.mine or "",
        heard=trial.theirs is not None,
        over=over,
    )
