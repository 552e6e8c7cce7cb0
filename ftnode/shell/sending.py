"""What a unit keeps for its partner that duplexes: a snapshot held still, and the log behind it."""

from typing import TYPE_CHECKING

from ftnode.config.learned import offered
from ftnode.core.fsm import State
from ftnode.shell import boot
from ftnode.shell.snapshots import Keeping, SnapshotServer
from ftnode.shell.throttle import Throttle
from ftnode.store.snapshot_helper import HelperSnapshot
from ftnode.witness.naming import meant

if TYPE_CHECKING:
    from ftnode.shell.unit import RunningUnit


def server_of(unit: "RunningUnit") -> SnapshotServer:
    """The server of this unit's state to its partner."""
    own, join = unit.settings.unit, unit.settings.join
    state = unit.opened.directory / boot.STATE

    def goes_on(seq: int) -> bool:
        """Only an active's checkpoints are surely of the history that its partner joins."""
        return unit.driver.unit.state is State.ACTIVE and unit.logbook.wal.first_seq <= seq + 1

    def offer() -> dict[str, object]:
        """The witness that counts is the log's, whatever our settings say."""
        witness = meant(unit.driver.unit.promise.witness_address, unit.settings.witness)
        return offered(unit.settings, witness)

    return SnapshotServer(
        own.cabinet,
        own.id,
        lambda: HelperSnapshot(state),
        lambda: Throttle(join.snapshot_min_bytes_per_s, join.snapshot_max_bytes_per_s),
        Keeping(join.snapshot_keep_ms, join.snapshot_max_ms),
        goes_on,
        offer,
        lambda: unit.checkpoints.busy,
    )


def tidy(unit: "RunningUnit", checkpoint_seq: int) -> None:
    """Archive what is behind a checkpoint, and let go of what nobody needs."""
    unit.house.tidy(checkpoint_seq, keep_from_seq(unit), unit.runner.executor.time_ms)


def keep_from_seq(unit: "RunningUnit") -> int:
    """The oldest entry that the partner is being sent, still has to confirm, or may come back for."""
    core, snapshots = unit.driver.unit, unit.snapshots
    keep_seq = core.log.head_seq + 1
    if snapshots is not None and snapshots.held_seq is not None:
        keep_seq = min(keep_seq, snapshots.held_seq + 1)
    partner = core.partner
    if partner is None:
        return keep_seq
    if partner.snapshot:
        return min(keep_seq, core.log.checkpoint_seq + 1)  # the oldest snapshot that it could still be given
    return min(keep_seq, (partner.acked_seq or partner.received_seq) + 1)
