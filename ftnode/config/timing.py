"""Deadlines and clocks of a unit. `relations.py` says how they must relate to one another."""

from dataclasses import dataclass

from ftnode.config.schema import number


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Deadlines and clocks."""

    heartbeat_ms: int = number(50, 5, 10_000, "A heartbeat is sent this often, out of the commit path.")
    silence_ms: int = number(400, 20, 60_000, "The peer is suspected after hearing nothing for so long.")
    standby_extra_ms: int = number(
        100, 5, 60_000, "The standby waits so much longer: of two healthy units the active wins the race."
    )
    closed_wait_ms: int = number(
        60,
        0,
        60_000,
        "Wait instead of silence_ms after the peer's connection closed without a goodbye; not at all if its "
        "host refuses calls.",
    )
    slow_standby_ms: int = number(
        800, 50, 60_000, "A standby is put out when a batch waits so long for it and our disk was in time."
    )
    probe_ms: int = number(250, 10, 10_000, "When idle, write, sync and execute a small probe this often.")
    disk_deadline_ms: int = number(
        700, 20, 60_000, "An active whose own fsync or execute takes longer says that it is sick and stops."
    )
    stall_ms: int = number(
        200, 10, 60_000, "After a gap of our own loop above this, timers are dropped and sockets read first."
    )
    witness_lost_ms: int = number(
        2000,
        100,
        600_000,
        "A duplex pair whose witness answered neither unit for so long names a designated survivor.",
    )
    boot_wait_ms: int = number(
        3000, 100, 600_000, "A booted unit looks so long for its peer before it may go on alone."
    )
    torn_boot_wait_ms: int = number(
        10_000, 100, 600_000, "The same if a boot cut a torn record from its log, until it has caught up."
    )
    session_open_ms: int = number(
        1000, 50, 60_000, "A connection that has not opened a session in this time is closed."
    )
    reconnect_min_ms: int = number(20, 1, 10_000, "First pause before connecting to the peer again.")
    reconnect_max_ms: int = number(
        250, 10, 60_000, "Longest pause before connecting again; pauses double up to it."
    )
    takeover_wait_ms: int = number(
        5000, 100, 60_000, "A request waits at most so long for a takeover to end; then it is unknown."
    )
    retry_pushback_ms: int = number(
        100, 1, 60_000, "What a refused client is told to wait before it asks again."
    )
    mark_ms: int = number(
        100, 1, 10_000, "When idle, the durable mark and the commit are written down within this time."
    )
    tick_ms: int = number(1000, 100, 600_000, "How often the active asks the state whether a timer is due.")
    clock_tolerance_ms: int = number(
        250, 1, 60_000, "Two clocks that differ by no more than this agree with one another."
    )
    arbitration_ms: int = number(
        15_000,
        1000,  # what was not heard is said again meanwhile, several times
        600_000,
        "After digests differed a unit that has not vouched for itself in this time is put out.",
    )
    unsure_reads_max: int = number(
        3,
        1,
        100,
        "So many times units that are both sound may answer a read differently before it is the application "
        "that is taken for unsure: such reads are then refused at once, without a trial.",
    )
    unsure_reads_ms: int = number(
        600_000, 1000, 86_400_000, "Two sound units' different answers are remembered for so long."
    )
    clock_alarm_ms: int = number(1000, 1, 600_000, "A wall clock that is off by more is reported.")
    clock_ahead_ms: int = number(
        1000,
        50,
        60_000,
        "A standby refuses entries whose time runs ahead of its own clock, and of where two agree, by more.",
    )
    clock_look_ms: int = number(
        2000, 100, 3000, "How often a standby asks the witness for its clock and the record."
    )
