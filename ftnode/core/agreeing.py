"""Checkpoints are written when both units would write the same. (rule 16)

What changed in memory and was read by nobody since would otherwise become the state on disk, with roots that
fit it; whoever is tried later begins there, and finds itself sound. So a checkpoint that is ready waits for
the partner's word on the roots at that seq. Who has no partner that counts, or gets no word for long, writes.
"""

from msgspec.structs import replace

from ftnode.core import arbitration, rules
from ftnode.core.effects import Effect, Ignore, Noted, Send, WriteCheckpoint
from ftnode.core.events import Prepared
from ftnode.core.messages import Roots, Sid
from ftnode.core.moves import Step
from ftnode.core.state import NEVER, Unit

KEPT_MAX = 4  # checkpoints whose roots are remembered, for a partner that comes to them later


def on_prepared(unit: Unit, event: Prepared) -> Step:
    """A checkpoint is ready to be written."""
    kept = (*unit.roots, (event.seq, event.roots))[-KEPT_MAX:]
    timers = replace(unit.timers, unwritten_ms=unit.timers.now_ms, roots_ms=NEVER)
    unit = replace(unit, roots=kept, unwritten_seq=event.seq, timers=timers)
    if unit.told_roots is None:
        return unit, []
    sid, seq, theirs = unit.told_roots
    if sid != _session(unit) or seq != event.seq:
        return unit, []  # an earlier life of the partner may have had another memory
    return _hold_against(unit, sid, seq, theirs)


def on_roots(unit: Unit, said: Roots) -> Step:
    """The partner's word on a checkpoint."""
    if said.sid != _session(unit):
        return unit, [Ignore("roots of another session")]
    ours = dict(unit.roots).get(said.seq, b"")
    past = said.seq <= max(unit.log.checkpoint_seq, unit.roots[-1][0] if unit.roots else 0)
    effects: list[Effect] = []
    if not said.answer and past:
        effects = [Send(Roots(said.sid, said.seq, ours, answer=True))]
    if not past:
        return replace(unit, told_roots=(said.sid, said.seq, said.roots)), effects
    if not ours or not said.roots:  # one of us does not remember: it was agreed on, or written alone
        return _write(unit, said.seq, effects) if said.answer else (unit, effects)
    after, more = _hold_against(unit, said.sid, said.seq, said.roots)
    return after, [*effects, *more]


def _hold_against(unit: Unit, sid: Sid, seq: int, theirs: bytes) -> Step:
    if rules.same_roots(dict(unit.roots)[seq], theirs):
        return _write(unit, seq, [])
    if unit.trial is not None:
        return unit, [Ignore("roots while digests differ")]
    return arbitration.begin(unit, sid, seq, seq, roots=True)


def _write(unit: Unit, seq: int, effects: list[Effect]) -> Step:
    if unit.unwritten_seq != seq:
        return unit, effects
    return replace(unit, unwritten_seq=0), [*effects, WriteCheckpoint(seq)]


def agree(unit: Unit) -> Step:
    """A follow-up: nobody's word is waited for any more."""
    if not unit.unwritten_seq or unit.trial is not None:
        return unit, []
    late = unit.timers.now_ms - unit.timers.unwritten_ms > unit.timing.arbitration_ms
    if rules.awaits_roots(unit) and not late:
        return unit, []
    noted = Noted("checkpoint alone", "the other unit says nothing of its roots")
    return _write(unit, unit.unwritten_seq, [noted] if late else [])


def say_roots(unit: Unit) -> Step:
    """With time, until the partner answers."""
    timers, sid = unit.timers, _session(unit)
    if not unit.unwritten_seq or sid is None or unit.trial is not None:
        return unit, []
    if timers.roots_ms != NEVER and timers.now_ms - timers.roots_ms < unit.timing.resend_ms:
        return unit, []
    roots = dict(unit.roots).get(unit.unwritten_seq, b"")
    after = replace(unit, timers=replace(timers, roots_ms=timers.now_ms))
    return after, [Send(Roots(sid, unit.unwritten_seq, roots, answer=False))]


def _session(unit: Unit) -> Sid | None:
    if unit.partner is not None:
        return unit.partner.sid if unit.partner.opened else None
    return unit.source.sid if unit.source is not None else None
