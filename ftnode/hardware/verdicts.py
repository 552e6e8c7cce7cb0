"""From readings of the parts to verdicts. Pure: no clock, no disk; the caller says when it is.

A part is ill when a reading was bad for so long without a break, and well again when none was bad for so
long: what flickers changes nothing, so one fault makes one verdict.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from ftnode.hardware.parts import Part

PERCENT: Final = 100
NEARLY_FULL: Final = "the disk is nearly full"
ROOM_AGAIN_PERCENT: Final = 125  # of the low-water mark: then there is room again


class Limits(NamedTuple):
    """Where bad begins; names and meanings as in the configuration's `hardware` and `log`."""

    fsync_slow_ms: int
    loop_late_percent: int
    memory_min_bytes: int
    link_lost_per_s: int
    free_min_bytes: int
    ill_after_ms: int
    well_after_ms: int


class Readings(NamedTuple):
    """What one look at the parts gave; None: nothing is known this time."""

    at_ms: int  # the unit's monotonic clock
    fsync_ms: int | None = None  # mean of the syncs since the last look, or age of the one under way
    late_percent: int | None = None  # of the time since the last look in which the loop was late
    memory_bytes: int | None = None  # that can still be had
    lost_per_s: int | None = None  # segments sent again to the other unit, in a second
    free_bytes: int | None = None  # on the disk of the unit's directory
    clock_ms: int | None = None  # by which wall and monotonic clock moved apart since the last look


class Verdict(NamedTuple):
    """One part: empty if it is well."""

    part: Part
    ill: str
    since_ms: int  # of this verdict
    reading: str  # what was last read, in words


class Case(NamedTuple):
    """What is remembered of one part."""

    ill: str = ""
    since_ms: int = 0
    bad_ms: int = -1  # bad without a break since
    good_ms: int = -1  # good without a break since
    reading: str = ""


Cases = Mapping[Part, Case]
CASES: Final[Cases] = {
    part: Case() for part in (Part.PROCESSOR, Part.MEMORY, Part.DISK, Part.LINK, Part.CLOCK)
}
CLOCK_STEP_MS: Final = 1000  # the wall clock was set: worth a word, nobody goes out for it


def judge(cases: Cases, seen: Readings, limits: Limits) -> Cases:
    """The cases after one more look."""
    after = dict(cases)
    for part, bad, reading in _signs(cases, seen, limits):
        after[part] = _weigh(cases[part], bad, reading, seen.at_ms, limits)
    return after


def put_out(cases: Cases, at_ms: int) -> Cases:
    """The cases of a unit that was put out just now: a link that is bad has done harm, and is ill at once."""
    case = cases[Part.LINK]
    if case.ill or case.bad_ms < 0:
        return cases
    return {**cases, Part.LINK: case._replace(ill=f"the link loses packets: {case.reading}", since_ms=at_ms)}


def verdicts(cases: Cases) -> list[Verdict]:
    """One for each part, in the order in which they are told."""
    return [Verdict(part, case.ill, case.since_ms, case.reading) for part, case in cases.items()]


def ailing(cases: Cases) -> str:
    """Why this unit had better not be waited for; the link's and the clock's are other matters."""
    parts = (Part.DISK, Part.PROCESSOR, Part.MEMORY)
    return "; ".join(cases[part].ill for part in parts if cases[part].ill)


def is_full(cases: Cases) -> bool:
    """Whether there is no room on this unit's disk: less than the low-water mark."""
    return NEARLY_FULL in cases[Part.DISK].ill


def _signs(cases: Cases, seen: Readings, limits: Limits) -> list[tuple[Part, str, str]]:
    """(part, what is bad in this look, what was read) for each part that something is known of."""
    signs: list[tuple[Part, str, str]] = []
    if seen.fsync_ms is not None or seen.free_bytes is not None:
        signs.append(_disk(cases[Part.DISK], seen, limits))
    if seen.late_percent is not None:
        limit = limits.loop_late_percent
        bad = f"the processor is slow: late {seen.late_percent} % of the time, at most {limit} %"
        signs.append(
            (Part.PROCESSOR, bad if seen.late_percent > limit else "", f"late {seen.late_percent} %")
        )
    if seen.memory_bytes is not None:
        read = f"{in_mib(seen.memory_bytes)} left"
        bad = f"memory runs out: {read}, below {in_mib(limits.memory_min_bytes)}"
        signs.append((Part.MEMORY, bad if seen.memory_bytes < limits.memory_min_bytes else "", read))
    if seen.lost_per_s is not None:
        read = f"{seen.lost_per_s} packets sent again in a second"
        bad = f"the link loses packets: {read}, at most {limits.link_lost_per_s}"
        signs.append((Part.LINK, bad if seen.lost_per_s > limits.link_lost_per_s else "", read))
    if seen.clock_ms is not None:
        read = f"{abs(seen.clock_ms)} ms apart"
        bad = f"the wall clock was set by {seen.clock_ms} ms"
        signs.append((Part.CLOCK, bad if abs(seen.clock_ms) > CLOCK_STEP_MS else "", read))
    return signs


def _disk(case: Case, seen: Readings, limits: Limits) -> tuple[Part, str, str]:
    """Room comes before speed: it does not come back by itself."""
    read: list[str] = []
    bad = ""
    if seen.fsync_ms is not None:
        read.append(f"fsync {seen.fsync_ms} ms")
        if seen.fsync_ms > limits.fsync_slow_ms:
            bad = f"the disk is slow: an fsync takes {seen.fsync_ms} ms, at most {limits.fsync_slow_ms} ms"
    if seen.free_bytes is not None:
        read.append(f"{in_mib(seen.free_bytes)} free")
        least = (
            limits.free_min_bytes * (ROOM_AGAIN_PERCENT if NEARLY_FULL in case.ill else PERCENT) // PERCENT
        )
        if seen.free_bytes < least:
            bad = f"{NEARLY_FULL}: {in_mib(seen.free_bytes)} free, want {in_mib(least)}"
    return Part.DISK, bad, ", ".join(read)


def _weigh(case: Case, bad: str, reading: str, at_ms: int, limits: Limits) -> Case:
    """One look at one part."""
    if bad:
        bad_ms = at_ms if case.bad_ms < 0 else case.bad_ms
        case = case._replace(bad_ms=bad_ms, good_ms=-1, reading=reading)
        urgent = NEARLY_FULL in bad  # it does not go by, and every moment costs room
        if not case.ill and (urgent or at_ms - bad_ms >= limits.ill_after_ms):
            return case._replace(ill=bad, since_ms=at_ms)
        return case
    good_ms = at_ms if case.good_ms < 0 else case.good_ms
    case = case._replace(bad_ms=-1, good_ms=good_ms, reading=reading)
    if case.ill and at_ms - good_ms >= limits.well_after_ms:
        return case._replace(ill="", since_ms=at_ms)
    return case


def in_mib(size_bytes: int) -> str:
    """A size for a person."""
    return f"{size_bytes / (1 << 20):.1f} MiB"
