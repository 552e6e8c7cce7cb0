"""The core's deadlines, from a unit's settings."""

from ftnode.config import UnitSettings
from ftnode.core.state import Timing


def timing_of(settings: UnitSettings) -> Timing:
    """The core's deadlines from the settings."""
    at, limits = settings.timing, settings.limits
    return Timing(
        heartbeat_ms=at.heartbeat_ms,
        silence_ms=at.silence_ms,
        standby_extra_ms=at.standby_extra_ms,
        closed_wait_ms=at.closed_wait_ms,
        slow_standby_ms=at.slow_standby_ms,
        sick_ms=at.disk_deadline_ms,
        probe_ms=at.probe_ms,
        retry_ms=max(settings.witness.retry_min_ms, at.heartbeat_ms),
        hello_ms=at.heartbeat_ms,
        boot_wait_ms=at.boot_wait_ms,
        witness_lost_ms=at.witness_lost_ms,
        torn_wait_factor=max(1, at.torn_boot_wait_ms // at.boot_wait_ms),
        join_lag_entries=settings.join.lag_entries,
        chunk_entries=limits.batch_max_entries,
        unreleased_max_entries=2 * limits.batches_in_flight * limits.batch_max_entries,
        clock_tolerance_ms=at.clock_tolerance_ms,
        arbitration_ms=at.arbitration_ms,
        unsure_reads_max=at.unsure_reads_max,
        unsure_reads_ms=at.unsure_reads_ms,
        clock_alarm_ms=at.clock_alarm_ms,
        clock_ahead_ms=at.clock_ahead_ms,
        clock_look_ms=at.clock_look_ms,
    )
