"""Parts that work, but badly: a slow disk, a starved processor, a lossy link. (rules 8, 9)

The shell looks at the parts and says when one of them falls ill or is well again (`Judged`). Here is what
the pair does about it, and it is little. The ill one gives up, and only to one that is well: an active hands
over, a standby says so with each acknowledgement and is put out, and whoever is out stays out until it is
well. If both are ill nothing moves. So a fault makes one change of the record, and its end makes the one
that lets the unit in again.
"""

from typing import Final

from msgspec.structs import replace

from ftnode.core import illness
from ftnode.core.effects import Effect, Noted
from ftnode.core.events import Judged
from ftnode.core.fsm import Trigger
from ftnode.core.moves import Step, convict
from ftnode.core.planned import cannot_hand_over
from ftnode.core.state import NEVER, Unit

YIELD_AGAIN_MS: Final = 10_000  # a handover that nobody took up is not asked for sooner


def on_judged(unit: Unit, event: Judged) -> Step:
    """What is known of our parts from now on; acted on with the next tick."""
    after = replace(unit, ailing=event.ailing, link=event.link, worn=event.worn, full=event.full)
    if illness.unwell(after) and not illness.unwell(unit):
        after = replace(after, timers=replace(after.timers, ill_ms=unit.timers.now_ms))
    effects: list[Effect] = []
    for what, was, now in (
        ("ailing", unit.ailing, event.ailing),
        ("link", unit.link, event.link),
        ("worn", unit.worn, event.worn),
    ):
        if now != was:
            effects.append(Noted(what, now or f"well again; it was: {was}"))
    return after, effects


def hand_over(unit: Unit) -> Step:
    """An active with an ill part hands over to a unit that is well."""
    if unit.lead is None or unit.lead.draining or not illness.may_yield(unit) or cannot_hand_over(unit):
        return unit, []
    now_ms, before_ms = unit.timers.now_ms, unit.timers.unwell_ms
    if before_ms != NEVER and now_ms - before_ms < YIELD_AGAIN_MS:
        return unit, []
    timers = replace(unit.timers, unwell_ms=now_ms)
    after = replace(unit, lead=replace(unit.lead, draining=True), timers=timers)
    return after, [Noted("switchover", f"{illness.unwell(unit)}: draining")]


def retire(unit: Unit) -> Step:
    """A unit whose faults come too often is out, and the other one answers: it stays out until cleared."""
    if not illness.may_retire(unit):
        return unit, []
    return convict(unit, Trigger.WORN, unit.worn)
