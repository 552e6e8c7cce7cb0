"""Rule 19: an entry is executed by one engine version on both units; a logged entry switches to a newer one.

`prepare` may be ordered at any time; the switch follows by itself as soon as both units are in sync and both
can, and until then `abort` takes it back. A unit that cannot execute what is in force gets no session.
Why this is enough: decisions/0180.
"""

from typing import Final

from msgspec.structs import replace

from ftnode.core import rules, versions
from ftnode.core.clock import stamp
from ftnode.core.effects import GiveOut, Ignore, Noted, Suspect, WantCheckpoint
from ftnode.core.ends import extended
from ftnode.core.events import UpgradeAsked
from ftnode.core.fsm import State
from ftnode.core.messages import Hello
from ftnode.core.moves import Step
from ftnode.core.state import Lead, Unit
from ftnode.core.versions import Abort, Order, Ordered, Prepare, Standing, Switch

INSTALL: Final = "start it with a program that has it"


# --- where we stand --------------------------------------------------------------------------


def standing(unit: Unit) -> Standing:
    """What is in force and prepared behind our last entry."""
    stands = unit.stands
    for seq, order in unit.orders:
        stands = versions.after(stands, seq, order)
    return stands


def in_force(unit: Unit) -> int:
    """The version that our next entry is executed by. A log without entries begins with our newest."""
    stands = standing(unit) if unit.orders else unit.stands
    return stands.version or max(unit.can)


def took(unit: Unit, began: int, orders: tuple[Ordered, ...]) -> Unit:
    """Entries were taken that hold these orders; `began`: the version of entry 1, if that is among them."""
    if began:
        return replace(unit, stands=versions.begun_with(began), orders=orders)
    return replace(unit, orders=(*unit.orders, *orders)) if orders else unit


def cut(unit: Unit, seq: int) -> Unit:
    """Everything above `seq` is gone."""
    return replace(unit, orders=tuple(one for one in unit.orders if one[0] <= seq)) if unit.orders else unit


# --- what is ordered -------------------------------------------------------------------------


def on_upgrade_asked(unit: Unit, event: UpgradeAsked) -> Step:
    """The operator prepares a version, switches to it now, or takes that back."""
    why = cannot_order(unit, event.order)
    if why or unit.lead is None:
        return unit, [Ignore("an order that cannot be"), Noted("upgrade refused", why)]
    return _logged(unit, unit.lead, event.order, "the operator wants it")


def cannot_order(unit: Unit, order: Order) -> str:
    """Why this may not be ordered here and now; empty if it may."""
    lead = unit.lead
    if unit.state is not State.ACTIVE or lead is None or not rules.accepts(unit):
        return "this unit does not take commands now: ask the active one"
    if not rules.answers(unit, lead):
        return "the active is not answering in the record's epoch"
    stands = standing(unit)
    if isinstance(order, Abort):
        return "" if stands.prepared else _nothing_to_abort(stands)
    if order.version <= in_force(unit):
        return f"version {in_force(unit)} is in force since entry {stands.since_seq}; there is no way back"
    if order.version not in unit.can:
        return f"unit {unit.me} has {_words(unit.can)}, not {order.version}: {INSTALL}"
    if unit.partner is not None and not unit.partner.versions:
        return f"unit {unit.other}'s program knows of no upgrades under traffic: start it with a newer one"
    if isinstance(order, Prepare):
        return f"version {order.version} is prepared already" if stands.prepared == order.version else ""
    return not_ready(unit, order.version)


def _nothing_to_abort(stands: Standing) -> str:
    if stands.since_seq:
        return f"version {stands.version} is in force since entry {stands.since_seq}; there is no way back"
    return "no version is prepared: there is nothing to take back"


def not_ready(unit: Unit, version: int) -> str:
    """Why the pair may not switch to `version` now; empty if both units are in sync and both can."""
    lead, partner, record = unit.lead, unit.partner, unit.record
    if lead is None or record is None or not rules.answers(unit, lead) or lead.draining or lead.alone:
        return "no unit is active and answers both for itself and for the other one"
    if version not in unit.can:
        return f"unit {unit.me} has {_words(unit.can)}, not {version}: {INSTALL}"
    if unit.other not in record.in_sync or partner is None or not partner.opened or unit.suspect:
        return f"unit {unit.other} is not in sync: what it can is not known"
    if version not in partner.versions:
        return f"unit {unit.other} has {_words(partner.versions)}, not {version}: {INSTALL}"
    if unit.trial is not None:
        return "the units' digests differ, and it is not known whose fault it is"
    return ""


def settle(unit: Unit) -> Step:
    """After any event: switch to what is prepared, once both are ready."""
    lead = unit.lead
    if lead is None or not (unit.orders or unit.stands.prepared) or not rules.accepts(unit):
        return unit, []
    version = standing(unit).prepared
    if not version or not_ready(unit, version):
        return unit, []
    return _logged(unit, lead, Switch(version), "both units are ready")


def _logged(unit: Unit, lead: Lead, order: Order, why: str) -> Step:
    clock, time_ms = stamp(unit.clock, unit.timers.now_ms, unit.timing.clock_tolerance_ms)
    seq, version = unit.log.head_seq + 1, in_force(unit)
    log = replace(unit.log, head_seq=seq, ends=extended(unit.log.ends, lead.epoch, seq))
    after = replace(unit, log=log, clock=clock, orders=(*unit.orders, (seq, order)))
    noted = Noted(type(order).__name__.lower(), f"engine version {order.version}, entry {seq}: {why}")
    return after, [noted, GiveOut(seq, seq, lead.epoch, time_ms, noop=False, order=order, version=version)]


# --- who fits --------------------------------------------------------------------------------


def misfit(unit: Unit, can: tuple[int, ...]) -> str:
    """Why a unit that has these versions cannot follow us now; empty if it can."""
    version = in_force(unit)
    if version in can or (not can and standing(unit) == versions.begun_with(version)):
        return ""  # a program that does not say knows of no upgrades, and has met none
    return (
        f"unit {unit.other} has {_words(can)}, but version {version} is in force since entry "
        f"{standing(unit).since_seq}: {INSTALL}"
    )


def misfit_here(unit: Unit, said: Hello) -> str:
    """Why we cannot follow the active that says this; empty if we can."""
    if said.state != State.ACTIVE.value or not said.version or said.version in unit.can:
        return ""
    return (
        f"version {said.version} is in force on unit {unit.other}, and this program has {_words(unit.can)}: "
        "start this unit with the program that the other one runs"
    )


def hear(unit: Unit, said: Hello) -> Step:
    """Do the two programs fit? Said at every change, not with every hello."""
    why = misfit(unit, said.versions) if unit.lead is not None else misfit_here(unit, said)
    if why == unit.misfit:
        return unit, []
    after = replace(unit, misfit=why)
    return after, [Suspect(unit.other if unit.lead is not None else unit.me, why)] if why else []


def cannot_execute_from(unit: Unit, said: Hello, common_seq: int) -> bool:
    """Does the other unit lack a version that our log behind `common_seq` needs? It takes a snapshot then."""
    return not versions.needed(standing(unit), common_seq + 1) <= {*said.versions, in_force(unit)}


def waits_for_checkpoint(unit: Unit, said: Hello, common_seq: int) -> Step | None:
    """A snapshot helps it only once our checkpoint is past the switch; None: it helps, or none is needed."""
    since_seq = standing(unit).since_seq
    if unit.log.checkpoint_seq >= since_seq or not cannot_execute_from(unit, said, common_seq):
        return None
    return unit, [
        Ignore("until our checkpoint is past the switch, it cannot execute our log"),
        WantCheckpoint(),
    ]


def may_drop(unit: Unit) -> bool:
    """Is our checkpoint past the switch, so that nothing on this disk is executed by an older version?"""
    return unit.log.checkpoint_seq >= standing(unit).since_seq


def _words(can: tuple[int, ...]) -> str:
    """Versions, for a person."""
    one = "engine version" if len(can) == 1 else "engine versions"
    return f"{one} {', '.join(map(str, can))}"
