"""How far a unit has come on its way into the set, how fast it goes, and about how long it still takes."""

from typing import TYPE_CHECKING

from ftnode.core import rules
from ftnode.core.fsm import State
from ftnode.core.state import Unit
from ftnode.shell.joining import Progress
from ftnode.shell.meter import Meter
from ftnode.shell.snapshots import SnapshotServer
from ftnode.v1 import admin_pb2 as pb

if TYPE_CHECKING:
    from ftnode.shell.unit import RunningUnit


class CatchingUp:
    """Counts entries while somebody duplexes. `look` is to be called some times a second."""

    def __init__(self) -> None:
        """Nothing was counted."""
        self.held = Meter()  # by the one that is behind
        self.made = Meter()  # by the active, as far as this unit knows
        self._under_way = False

    def look(self, unit: Unit) -> None:
        """How far both are now."""
        if not under_way(unit):
            self._under_way = False
            return
        if not self._under_way:
            self.held, self.made, self._under_way = Meter(), Meter(), True
        at = unit.partner.acked_seq if unit.partner is not None else unit.log.executed_seq
        head_seq = (
            unit.log.head_seq if unit.source is None else max(unit.source.target_seq, unit.log.head_seq)
        )
        _reach(self.held, at)
        _reach(self.made, head_seq)

    def left_ms(self, entries: int) -> int | None:
        """Until so many more are caught up with, beside those that are made meanwhile; None: nobody knows, or
        never, as it goes now."""
        gained = self.held.per_s() - self.made.per_s()
        return int(entries * 1000 / gained) if gained > 0 else None


def _reach(meter: Meter, seq: int) -> None:
    """A first number, and one after a snapshot, is where it begins, not what was done."""
    if meter.total == 0:
        meter.restart(seq)
    else:
        meter.reach(seq)


def under_way(unit: Unit) -> bool:
    """Whether this unit duplexes, or is the active of one that does."""
    newcomer = unit.partner is not None and unit.record is not None and unit.other not in unit.record.in_sync
    return unit.state is State.DUPLEXING or newcomer


def lag_entries(unit: Unit) -> int:
    """Entries that the one behind still lacks."""
    if unit.partner is not None:
        return max(0, unit.log.head_seq - unit.partner.acked_seq)
    if unit.source is not None:
        return max(0, unit.source.target_seq - unit.log.executed_seq)
    return 0


def of(running: "RunningUnit") -> pb.Duplexing | None:
    """For the status; None if nobody duplexes."""
    unit, sent, taken = running.driver.unit, running.snapshots, running.joiner.progress
    if taken is not None:
        return _taken(taken)
    if sent is not None and sent.slots_total:
        return _sent(sent)
    if not under_way(unit):
        return None
    if unit.source is None and unit.partner is None:
        return pb.Duplexing(phase=pb.DUPLEXING_PHASE_COMPARING)
    left = lag_entries(unit)
    named = rules.in_set(unit.record, unit.me, unit.promise.incarnation)
    admitting = unit.lead.join_required if unit.lead is not None else named
    in_log = left > 0 and not admitting
    found = pb.Duplexing(
        phase=pb.DUPLEXING_PHASE_LOG if in_log else pb.DUPLEXING_PHASE_ADMITTING,
        entries_left=left,
        entries_per_second=int(running.catching_up.held.per_s()),
    )
    left_ms = running.catching_up.left_ms(left)
    if in_log and left_ms is not None:
        found.left_ms = left_ms
    return found


def _taken(at: Progress) -> pb.Duplexing:
    plan = at.plan
    found = pb.Duplexing(
        phase=pb.DUPLEXING_PHASE_INSTALLING if at.installing else pb.DUPLEXING_PHASE_SNAPSHOT,
        slots_done=at.slots_done,
        slots_total=len(plan.wanted),
        slots_equal=plan.equal_slots,
        slots_resumed=plan.resumed_slots,
        bytes_saved=plan.saved_bytes,
    )
    _add_bytes(found, at.took)
    return found


def _sent(at: SnapshotServer) -> pb.Duplexing:
    found = pb.Duplexing(
        phase=pb.DUPLEXING_PHASE_SNAPSHOT, slots_done=at.slots_done, slots_total=at.slots_total
    )
    _add_bytes(found, at.sent)
    return found


def _add_bytes(found: pb.Duplexing, meter: Meter) -> None:
    """Slots are about equally large: what is left is estimated from those that came."""
    rate = meter.per_s()
    found.bytes_done, found.bytes_per_second = meter.total, int(rate)
    if found.slots_done and rate:
        left_bytes = meter.total * (found.slots_total - found.slots_done) / found.slots_done
        found.left_ms = int(left_bytes * 1000 / rate)
