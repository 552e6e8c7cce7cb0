"""From a process that started to a unit that looks for its partner; and back from being out."""

from msgspec.structs import replace

from ftnode.core import log_end, rules, upgrading
from ftnode.core.clock import LogClock, took
from ftnode.core.effects import Diagnose, Effect, Halt, KeepPromise, Noted, Send, StopAnswering
from ftnode.core.events import Booted, BringUpAsked, Diagnosed, FsyncFailed, PromiseKept, Repaired
from ftnode.core.fsm import State, Trigger
from ftnode.core.moves import Step, forget_rotten, lose_source, move
from ftnode.core.saying import goodbye
from ftnode.core.state import NEVER, Log, Timers, Unit


def on_booted(unit: Unit, event: Booted) -> Step:
    """The disk was read. What it says about itself decides where we begin."""
    promise = event.promise or event.blank
    commit_seq = min(event.commit_seq, event.head_seq)
    log = Log(
        first_seq=event.first_seq,
        head_seq=event.head_seq,
        durable_seq=event.head_seq,
        executed_seq=event.executed_seq,
        commit_seq=max(commit_seq, event.checkpoint_seq),
        compared_seq=event.checkpoint_seq,
        released_seq=event.checkpoint_seq,
        checkpoint_seq=event.checkpoint_seq,
        ends=event.ends,
    )
    now_ms = event.now_ms
    after = replace(
        unit,
        promise=replace(promise, boot=0) if event.promise is None else promise,
        want=replace(promise, boot=promise.boot + 1),
        life=event.chance,
        log=log,
        peer_floor_seq=event.peer_floor_seq,
        roots=((event.checkpoint_seq, event.roots),) if event.roots else (),
        rotten=event.rotten,
        unfit="the log ends below its own durable mark" if event.short else "",
        rot=event.rot,
        change=None if promise.cut_rotten else event.named,  # a later one may have been cut: we are told
        can=event.can,
        stands=event.stands,
        orders=event.orders,
        timers=Timers(
            now_ms=now_ms,
            wall_ms=event.wall_ms,
            since_ms=now_ms,
            heard_ms=now_ms,
            disk_ms=now_ms,
            witness_ms=now_ms,
        ),
        clock=LogClock(log_ms=event.log_time_ms, mono_ms=now_ms, owed=True, mine_ms=event.wall_ms - now_ms),
    )
    began, effects = _begin(after, blank=event.promise is None)
    return began, [*effects, *log_end.told(promise)]


def _begin(unit: Unit, blank: bool) -> Step:
    if blank:
        return move(unit, Trigger.BLANK)
    if unit.promise.broken:
        return move(unit, Trigger.LOADED_BROKEN)
    if unit.promise.offline:
        return move(unit, Trigger.LOADED_OFFLINE)
    return move(unit, Trigger.LOADED)


def keep_promise(unit: Unit) -> Step:
    """Whatever should be on disk and is not: one write at a time."""
    if unit.writing is not None or unit.want == unit.promise or unit.state is State.EMPTY:
        return unit, []
    number = unit.number + 1
    return replace(unit, number=number, writing=unit.want), [KeepPromise(number, unit.want)]


def on_promise_kept(unit: Unit, event: PromiseKept) -> Step:
    """A promise is on disk: it may be acted on."""
    if unit.writing is None:
        return unit, []
    first = unit.promise.boot != unit.writing.boot
    timers = replace(unit.timers, disk_ms=unit.timers.now_ms)
    unit = replace(unit, promise=unit.writing, writing=None, timers=timers)
    if not first:
        return unit, []
    return _loaded(unit)


def _loaded(unit: Unit) -> Step:
    """The boot number is on disk: this life has begun."""
    effects: list[Effect] = []
    if unit.state is State.INITIALIZING:
        unit, effects = move(unit, Trigger.INITIALIZED)
    if unit.state is State.DIAGNOSTICS:
        effects.append(Diagnose())
    return unit, effects


def on_diagnosed(unit: Unit, event: Diagnosed) -> Step:
    """The checks at start ended."""
    if unit.state is not State.DIAGNOSTICS:
        return unit, []
    if not event.problem:
        return replace(unit, checked=True), []
    after, moved = move(unit, Trigger.FAILED)
    return replace(after, want=replace(after.want, broken=event.problem)), [
        *moved,
        Noted("convicted", event.problem),
    ]


def on_repaired(unit: Unit, event: Repaired) -> Step:
    """Rotten entries were replaced by the partner's, verified by hash."""
    left = tuple(seq for seq in unit.rotten if seq not in event.seqs)
    clock = took(unit.clock, max(unit.clock.log_ms, event.log_time_ms), unit.timers.now_ms)
    unit = upgrading.took(unit, event.began, event.orders)  # what stood behind the rot is read now
    change = event.named or unit.change
    return replace(unit, rotten=left, mending=False, clock=clock, change=change), [
        Noted("repaired", f"entries {event.seqs}, {len(left)} left")
    ]


def pass_diagnostics(unit: Unit) -> Step:
    """Checked and whole: look for the active."""
    if unit.state is not State.DIAGNOSTICS or not unit.checked:
        return unit, []
    effects: list[Effect] = []
    if rules.waited_for_repair(unit):
        unit, effects = forget_rotten(unit, "nobody sent them")
    if unit.rotten:
        return unit, effects
    after, moved = move(unit, Trigger.PASSED)
    now_ms = after.timers.now_ms
    timers = replace(after.timers, since_ms=now_ms, heard_ms=now_ms)
    return replace(after, timers=timers), [*effects, *moved]


def on_fsync_failed(unit: Unit, event: FsyncFailed) -> Step:
    """The death of the unit: the process ends, the partner goes on. Never retried. (rule 15)"""
    if unit.state in (State.EMPTY, State.INITIALIZING, State.BROKEN, State.OFFLINE):
        return unit, [Halt(event.why, fault=True)]
    effects: list[Effect] = [Send(goodbye(unit, event.why))]  # the partner need not wait for silence
    effects += [StopAnswering(event.why)] if unit.lead is not None else []
    unit = replace(unit, lead=None, partner=None)
    after, moved = move(unit, Trigger.FSYNC_FAILED)
    return lose_source(after), [*effects, *moved, Halt(event.why, fault=True)]


def on_bring_up(unit: Unit, event: BringUpAsked) -> Step:
    """The operator puts this unit back, or clears what it was convicted of."""
    if unit.state is State.OFFLINE:
        after, moved = move(unit, Trigger.BROUGHT_UP)
    elif unit.state is State.BROKEN:
        after, moved = move(unit, Trigger.CLEARED)
    else:
        return unit, [Noted("bring up", f"nothing to do for a unit in {unit.state}")]
    want = replace(after.want, broken="", offline=False)
    timers = replace(after.timers, since_ms=after.timers.now_ms, hello_ms=NEVER)
    after = replace(after, want=want, checked=False, leaving="", suspect="", hello=after.hello + 1, worn="")
    after = replace(after, timers=timers)
    return after, [*moved, Diagnose()]
