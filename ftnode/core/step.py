"""The core: `step(unit, event) -> (unit, effects)`.

A handler takes in what happened; then the rules are asked, in a fixed order, what follows from
where the unit now stands (promises to write, epochs to begin, swaps to ask for, entries to send,
digests to compare, answers to release). Nothing here reads a clock, a disk or a network.
"""

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from ftnode.core import (
    active,
    agreeing,
    arbitration,
    booting,
    designation,
    forcing,
    health,
    planned,
    reads,
    rules,
    scrubbing,
    sessions,
    standby,
    timekeeping,
    timers,
    upgrading,
    witnessing,
)
from ftnode.core import events as ev
from ftnode.core import messages as msg
from ftnode.core.clock import GAP_MS
from ftnode.core.effects import Ignore, MarkCompared
from ftnode.core.fsm import State, Trigger
from ftnode.core.invariants import invariant
from ftnode.core.moves import Step, begin_log_at, move
from ftnode.core.state import NEVER, Log, Unit

__all__ = ["step"]


def step(unit: Unit, event: ev.Event) -> Step:
    """One event in; the next state and what to do about it out."""
    now_ms = max(event.now_ms, unit.timers.now_ms)
    if now_ms != unit.timers.now_ms:
        if now_ms - unit.timers.now_ms > GAP_MS:
            unit = timekeeping.wake(unit, now_ms - unit.timers.now_ms)
        unit = replace(unit, timers=replace(unit.timers, now_ms=now_ms))
    before = unit.log
    unit, effects = _HANDLERS[type(event)](unit, event)
    for follow_up in _HOT_FOLLOW_UPS if type(event) in _HOT_EVENTS else _FOLLOW_UPS:
        unit, more = follow_up(unit)
        if more:
            effects = [*effects, *more]
    _check(before, unit)
    if unit.log.compared_seq > before.compared_seq:
        effects = [*effects, MarkCompared(unit.log.compared_seq)]
    return unit, effects


def _on_received(unit: Unit, event: ev.Received) -> Step:
    said = event.message
    if unit.state in (State.EMPTY, State.INITIALIZING, State.BROKEN, State.OFFLINE):
        return unit, [Ignore(f"takes no part while {unit.state}")]
    match said:
        case msg.Append():
            return standby.on_append(unit, event, said)
        case msg.Ack():
            return active.on_ack(unit, said)
        case msg.Hello():
            return sessions.on_hello(unit, said)
        case msg.Open():
            return standby.on_open(unit, event, said)
        case msg.Goodbye():
            return sessions.on_goodbye(unit, said)
        case msg.Reads():
            return reads.on_reads(unit, said)
        case msg.ReadsRun():
            return reads.on_reads_run(unit, said)
        case msg.Roots():
            return agreeing.on_roots(unit, said)
        case msg.Doubt():
            return arbitration.on_doubt(unit, said)
        case msg.Fetch():
            return sessions.on_fetch(unit, said)
        case msg.Fetched():
            return sessions.on_fetched(unit, event, said)


def _on_persisted(unit: Unit, event: ev.Persisted) -> Step:
    log, now_ms = unit.log, unit.timers.now_ms
    durable_seq = max(log.durable_seq, min(event.seq, log.head_seq))
    busy_ms = NEVER if durable_seq == log.head_seq else now_ms
    unit = replace(unit, log=replace(log, durable_seq=durable_seq))
    behind_ms = unit.timers.behind_ms
    if unit.partner is not None and behind_ms == NEVER and unit.partner.acked_seq < durable_seq:
        behind_ms = now_ms
    return replace(
        unit, timers=replace(unit.timers, disk_ms=now_ms, busy_ms=busy_ms, behind_ms=behind_ms)
    ), []


def _on_executed(unit: Unit, event: ev.Executed) -> Step:
    executed_seq = max(unit.log.executed_seq, min(event.seq, unit.log.head_seq))
    return replace(unit, log=replace(unit.log, executed_seq=executed_seq)), []


def _on_checkpointed(unit: Unit, event: ev.Checkpointed) -> Step:
    unit = begin_log_at(unit, event.first_seq)
    return replace(unit, log=replace(unit.log, checkpoint_seq=max(unit.log.checkpoint_seq, event.seq))), []


def _count(unit: Unit) -> Step:
    """What is committed and compared now."""
    if unit.lead is None:
        return unit, []
    commit_seq = rules.commit_seq(unit)
    if commit_seq != unit.log.commit_seq:
        unit = replace(unit, log=replace(unit.log, commit_seq=commit_seq))
    compared_seq = rules.compared_seq(unit)
    if compared_seq != unit.log.compared_seq:
        unit = replace(unit, log=replace(unit.log, compared_seq=compared_seq))
    return unit, []


def _busy(unit: Unit) -> Step:
    """Since when has our disk owed us something?"""
    owed = unit.log.durable_seq < unit.log.head_seq
    if owed and unit.timers.busy_ms == NEVER:
        return replace(unit, timers=replace(unit.timers, busy_ms=unit.timers.now_ms)), []
    return unit, []


def _calm(unit: Unit) -> Step:
    if unit.state is State.FENCED and rules.quiet(unit):
        return move(unit, Trigger.QUIET)
    return unit, []


_HANDLERS: Final[dict[type, Callable[[Unit, Any], Step]]] = {
    ev.Persisted: _on_persisted,
    ev.Executed: _on_executed,
    ev.Proposed: active.on_proposed,
    ev.Received: _on_received,
    ev.Compared: active.on_compared,
    ev.Arbitrated: arbitration.on_arbitrated,
    ev.Differed: arbitration.on_differed,
    ev.ReadAsked: reads.on_read_asked,
    ev.ReadsDone: reads.on_reads_done,
    ev.ReadsCompared: reads.on_reads_compared,
    ev.Tick: timers.on_tick,
    ev.Paused: timers.on_paused,
    ev.Connected: timers.on_connected,
    ev.Closed: timers.on_closed,
    ev.Gone: timers.on_gone,
    ev.Booted: booting.on_booted,
    ev.PromiseKept: booting.on_promise_kept,
    ev.Diagnosed: booting.on_diagnosed,
    ev.Repaired: booting.on_repaired,
    ev.Rotted: scrubbing.on_rotted,
    ev.RottenState: scrubbing.on_rotten_state,
    ev.FsyncFailed: booting.on_fsync_failed,
    ev.BringUpAsked: booting.on_bring_up,
    ev.DiskProbed: witnessing.on_disk_probed,
    ev.RecordRead: witnessing.on_record_read,
    ev.WitnessSilent: witnessing.on_witness_silent,
    ev.CutDone: standby.on_cut_done,
    ev.Prepared: agreeing.on_prepared,
    ev.Checkpointed: _on_checkpointed,
    ev.SnapshotInstalled: standby.on_snapshot_installed,
    ev.SnapshotFailed: standby.on_snapshot_failed,
    ev.Judged: health.on_judged,
    ev.SetTimeAsked: timekeeping.on_set_time,
    ev.SwitchoverAsked: planned.on_switchover,
    ev.TakeOutAsked: planned.on_take_out,
    ev.WitnessNamed: designation.on_witness_named,
    ev.ForceAsked: forcing.on_force_asked,
    ev.UpgradeAsked: upgrading.on_upgrade_asked,
}

_FOLLOW_UPS: Final[tuple[Callable[[Unit], Step], ...]] = (
    booting.pass_diagnostics,
    witnessing.begin_epoch,
    _busy,
    standby.open_further,
    standby.follow,
    arbitration.try_ourselves,
    arbitration.settle,
    designation.settle,
    upgrading.settle,
    agreeing.agree,
    active.require_newcomer,
    active.pump,
    active.compare_next,
    _count,
    active.release,
    reads.ask_again,
    scrubbing.give_way,
    planned.hand_over,
    _calm,
    planned.leave,
    health.retire,
    witnessing.pursue,
    booting.keep_promise,
)

# These only move the log's numbers: no promise, epoch, session or wish can follow from them.
_HOT_EVENTS: Final = frozenset({ev.Persisted, ev.Executed, ev.Proposed, ev.ReadAsked, ev.ReadsDone})
_HOT_FOLLOW_UPS: Final[tuple[Callable[[Unit], Step], ...]] = (
    _busy,
    standby.follow,
    arbitration.try_ourselves,
    active.pump,
    active.compare_next,
    _count,
    active.release,
    planned.hand_over,
    _calm,
)


def _check(before: Log, unit: Unit) -> None:
    log = unit.log
    if log is before:
        return
    durable = min(log.commit_seq, log.executed_seq)
    invariant(
        log.released_seq <= log.compared_seq <= durable,
        "released <= compared <= min(commit, executed)",
        log=log,
    )
    invariant(
        max(log.commit_seq, log.executed_seq, log.durable_seq) <= log.head_seq, "nothing above head", log=log
    )
    invariant(log.checkpoint_seq <= log.compared_seq, "checkpoint <= compared", log=log)
    invariant(not log.ends or log.ends[-1][1] == log.head_seq, "ends end at head", log=log)
