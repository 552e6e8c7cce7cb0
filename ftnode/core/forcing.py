"""`ftctl force-active --accept-data-loss`: the operator says that a unit is gone, and what it holds with it.

The only way around rules 4, 11 and 12, and only for a person: the unit that is named is struck from the
record with its incarnation, so it comes back as a stranger: by the log where the two
agree, by a copy of the state where they do not.
"""

from typing import Final

from msgspec.structs import replace

from ftnode.core.effects import Ignore, Noted
from ftnode.core.events import ForceAsked
from ftnode.core.fsm import State
from ftnode.core.moves import Step, lose_source
from ftnode.core.record import Record
from ftnode.core.state import NEVER, Unit

EPOCHS_SKIPPED: Final = 1 << 20
"""So far is a new witness's first record above all that the old one, which nobody asks, may have granted."""


def on_force_asked(unit: Unit, event: ForceAsked) -> Step:
    """Ask for {self} under a new incarnation, whoever was in the set before."""
    why = cannot_force(unit, event.off, bool(event.witness_id))
    if why:
        return unit, [Ignore("a force that cannot be"), Noted("force refused", why)]
    incarnation = f"{unit.life:016x}-f{unit.hello}"
    want = replace(unit.want, incarnation=incarnation, bound_epoch=0, note=None)
    after = unit
    if event.witness_id:
        basis = _basis(unit, incarnation)
        want = replace(want, witness_id=event.witness_id, witness_address=event.address, basis=basis)
        after = replace(after, record=basis, told_seq=NEVER)
    why = f"unit {event.off} is said to be switched off; entries above {unit.log.head_seq} are given up"
    if _rotten_only(unit):
        after = replace(after, unfit="")
    after = replace(lose_source(after), want=want, candidate="", ask=None, force=event.off)
    return after, [Noted("forced", why)]


def cannot_force(unit: Unit, off: int, witness_given: bool) -> str:
    """Why this unit cannot be made active by force; empty if it can."""
    if off != unit.other:
        return f"unit {off} is this unit: name the one that is switched off, unit {unit.other}"
    if unit.state is State.ACTIVE:
        return "this unit is active already: there is nothing to force"
    if unit.state not in (State.DUPLEXING, State.STANDBY):
        return f"this unit is {unit.state}: only one that looks for its partner can be forced"
    if broken := disk_fault(unit):
        return f"its own disk is not whole: {broken}"
    peer, now_ms = unit.peer, unit.timers.now_ms
    heard = peer is not None and now_ms - peer.heard_ms <= unit.timing.silence_ms
    if heard or (unit.source is not None and now_ms - unit.timers.heard_ms <= unit.timing.silence_ms):
        return f"unit {unit.other} is heard: it is not switched off"
    if unit.leaving or unit.writing is not None:
        return "it is busy with something else: ask again"
    if unit.record is None and not witness_given:
        return "the witness gives no record: bring it back, or name a new, empty one with --witness"
    return ""


def disk_fault(unit: Unit) -> str:
    """What this unit's disk lacks to be gone on with; empty if nothing. With a state of which a part is
    rotten it serves the rest: nobody else has any."""
    unfit = "" if _rotten_only(unit) else unit.unfit
    return unfit or unit.changing or ("entries rotted" if unit.rotten else "")


def _rotten_only(unit: Unit) -> bool:
    """Would it join anew for nothing but a rotten state, of which no entry needed anything?"""
    return bool(unit.rot) and unit.unfit == unit.rot and unit.log.executed_seq == unit.log.head_seq


def hear(unit: Unit) -> Step:
    """The other unit speaks: it is not switched off (any more). What was not sent yet is not sent."""
    if unit.force == NEVER:
        return unit, []
    why = f"unit {unit.other} is heard: it is not switched off"
    return replace(unit, force=NEVER), [Noted("force dropped", why)]


def _basis(unit: Unit, incarnation: str) -> Record:
    """What a new witness's first record follows upon."""
    known_epoch = unit.record.epoch if unit.record is not None else 0
    epoch = max(known_epoch, unit.promise.epoch, unit.promise.bound_epoch) + EPOCHS_SKIPPED
    witness_id = unit.promise.witness_id or "lost"
    return Record(unit.promise.cabinet, witness_id, epoch, unit.me, (unit.me,), ((unit.me, incarnation),))
