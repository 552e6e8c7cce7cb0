"""When a unit takes a part of its own for ill, and when it stays out."""

from dataclasses import dataclass

from ftnode.config.schema import number


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardware:
    """What is bad in a part, for how long, and how often it may be."""

    look_ms: int = number(250, 50, 10_000, "The parts are looked at this often.")
    ill_after_ms: int = number(
        1000, 100, 600_000, "A part that was bad for so long without a break is ill: the unit gives up."
    )
    well_after_ms: int = number(
        10_000, 100, 3_600_000, "A part that was good for so long without a break is well again."
    )
    fsync_slow_ms: int = number(150, 1, 60_000, "A disk is slow whose fsyncs take longer in the mean.")
    loop_late_percent: int = number(
        45, 5, 100, "A processor is slow that keeps the event loop late for more of the time."
    )
    memory_min_bytes: int = number(
        48 * 1_048_576, 0, 1 << 40, "Memory runs out when less can still be had, of the machine or its group."
    )
    link_lost_per_s: int = number(
        8, 0, 1_000_000, "A link is bad over which more packets are sent again in a second."
    )
    fsync_fail_ms: int = number(
        10_000, 10, 600_000, "A disk whose fsync takes longer at the diagnostics fails them."
    )
    mtbf_faults: int = number(6, 2, 100, "So many faults are needed to speak of a mean time between them.")
    mtbf_min_ms: int = number(
        300_000,
        0,
        31_536_000_000,
        "A unit, or a part of it, with a shorter mean time between its last mtbf_faults faults stays out, "
        "until it is cleared. 0: never.",
    )
