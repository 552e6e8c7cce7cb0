"""Rules about parts that are ill: each a small question with one answer. (rules 8, 9)"""

from typing import Final

from ftnode.core.fsm import State
from ftnode.core.state import NEVER, Unit

ILL: Final = "ill: "  # so begins the suspicion of a unit that speaks


def unwell(unit: Unit) -> str:
    """What is wrong with our own parts; empty if they are well. (rules 8, 9)"""
    return unit.worn or unit.ailing


def told(unit: Unit) -> str:
    """What the partner hears of us. Who is out of the set says of the link, too: if it alone sees that it
    loses packets, it would be taken in and put out again as long as it does. (rule 9)"""
    out = unit.record is not None and unit.me not in unit.record.in_sync
    return unwell(unit) or (unit.link if out else "")


def ill_partner(unit: Unit) -> str:
    """Why the partner, though it speaks, is put out: only the well are rid of the ill. (rule 9)

    If both are ill, being alone would help nobody.
    """
    if unit.lead is None or unit.partner is None or unwell(unit):
        return ""
    if unit.partner.ailing:
        settled = unit.timers.now_ms - unit.partner.ailing_ms >= unit.timing.ill_settle_ms
        return f"{ILL}{unit.partner.ailing}" if settled else ""
    return f"{ILL}the link to it: {unit.link}" if unit.link else ""


def keeps_out(unit: Unit, ailing: str) -> str:
    """Why an active opens no session with a unit that says so of itself; empty if it does. (rule 9)"""
    if unwell(unit):
        return ""
    if ailing:
        return f"{ILL}{ailing}"
    return f"{ILL}the link to it: {unit.link}" if unit.link else ""


def fit_partner(unit: Unit) -> bool:
    """Is there a partner in sync that speaks and is well?"""
    both = unit.record is not None and unit.other in unit.record.in_sync
    return (
        both and unit.partner is not None and not unit.partner.ailing and not unit.link and not unit.suspect
    )


def may_yield(unit: Unit) -> bool:
    """Should an active hand over because a part of it is ill? Only to a unit that is well. (rule 8)"""
    settled = unit.timers.now_ms - unit.timers.ill_ms >= unit.timing.ill_settle_ms
    if not unwell(unit) or not settled or unit.link:
        return False
    return unit.partner is not None and not unit.partner.ailing


def drained_enough(unit: Unit) -> bool:
    """Does an ill active wait no longer for what it gave out? The standby has it in its log. (rule 8)"""
    at_ms = unit.timers.unwell_ms
    return at_ms != NEVER and bool(unwell(unit)) and unit.timers.now_ms - at_ms > unit.timing.ill_drain_ms


def may_retire(unit: Unit) -> bool:
    """May a unit whose faults come too often stay out? Never the one that the data depends on. (rule 9)"""
    record, peer = unit.record, unit.peer
    if not unit.worn or unit.state is not State.DUPLEXING or record is None or peer is None:
        return False
    if record.active == unit.me or unit.me in record.in_sync or unit.unsettled or unit.leaving:
        return False
    return peer.state is State.ACTIVE and unit.timers.now_ms - peer.heard_ms <= unit.timing.silence_ms
