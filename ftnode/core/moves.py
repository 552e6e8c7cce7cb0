"""Changing the state by the table, and leaving or losing a session: shared by all handlers."""

from typing import TypeAlias

from msgspec.structs import replace

from ftnode.core.effects import Effect, Moved, Noted, StopAnswering
from ftnode.core.fsm import State, Trigger, row_for
from ftnode.core.state import NEVER, Unit

Step: TypeAlias = tuple[Unit, list[Effect]]


def move(unit: Unit, on: Trigger) -> Step:
    """Fire the row of the table for this trigger."""
    row = row_for(unit.state, on)
    return replace(unit, state=row.to), [Moved(row.at, row.on, row.to, row.why)]


def lose_source(unit: Unit) -> Unit:
    """A standby's session is over: look for an active again, saying anew what we hold."""
    timers = replace(unit.timers, since_ms=unit.timers.now_ms, hello_ms=NEVER)
    return replace(unit, source=None, hello=unit.hello + 1, timers=timers)


def lose_partner(unit: Unit) -> Unit:
    """An active's session is over."""
    timers = replace(unit.timers, behind_ms=NEVER, hello_ms=NEVER)
    return replace(unit, partner=None, timers=timers)


def stop_leading(unit: Unit, why: str) -> Step:
    """Nothing more is answered from here; what waits is sent on."""
    after = replace(lose_partner(unit), lead=None, suspect="")
    after = replace(after, ask=after.ask if after.ask and after.ask.op else None)
    return lose_source(after), [StopAnswering(why)]


def convict(unit: Unit, on: Trigger, why: str) -> Step:
    """This unit is broken: say why on disk, answer nothing, take part in nothing."""
    after, moved = move(unit, on)
    effects: list[Effect] = [*moved, Noted("convicted", why)]
    if unit.lead is not None:
        after, stopped = stop_leading(after, why)
        effects += stopped
    else:
        after = lose_source(after)
    return replace(after, want=replace(after.want, broken=why), suspect=""), effects


def begin_log_at(unit: Unit, first_seq: int) -> Unit:
    """What is older cannot be sent any more, and does not come back: who lacks it gets a snapshot."""
    log = unit.log
    first_seq = max(log.first_seq, first_seq)
    ends = tuple(end for end in log.ends if end[1] >= first_seq - 1)
    return replace(unit, log=replace(log, first_seq=first_seq, ends=ends))


def forget_rotten(unit: Unit, why: str) -> Step:
    """Rot below the checkpoint keeps nobody from serving: the log begins behind it from now on. (rule 14)"""
    last_seq = max(unit.rotten)
    noted = Noted("old entries lost", f"rotten through {last_seq}, in the checkpoint already; {why}")
    return replace(begin_log_at(unit, last_seq + 1), rotten=()), [noted]


def looks_for_active(unit: Unit) -> bool:
    """Is this unit without a session, and wants one? Not before its boot number is on disk."""
    if unit.promise.boot != unit.want.boot:
        return False
    if unit.state is State.BROKEN:
        return unit.promise.given_up_epoch > 0  # only to say so
    if unit.state is State.ACTIVE:
        return unit.partner is None or not unit.partner.opened
    return unit.state in (State.DUPLEXING, State.STANDBY, State.DIAGNOSTICS) and unit.source is None
