"""Mean time between faults, and when it is so short that a unit had better stay out. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from ftnode.hardware.parts import Fault, Part

HARD_WEIGHT = 2  # a hard fault counts as so many soft ones at the same time


class Threshold(NamedTuple):
    """As in the configuration: `hardware.mtbf_faults` and `hardware.mtbf_min_ms`."""

    faults: int  # nothing is said of fewer
    mtbf_min_ms: int  # 0: no unit is ever too unreliable


class Reliability(NamedTuple):
    """What the faults of a part, or of the whole unit, come to."""

    part: Part | None  # None: all parts together
    faults: int
    last_ms: int  # of the newest; 0: none
    mtbf_ms: int | None  # between the newest `threshold.faults`; None: too few to say


def worn(faults: Sequence[Fault], threshold: Threshold) -> str:
    """Why a unit with these faults stays out until it is cleared; empty if it need not."""
    if not threshold.mtbf_min_ms:
        return ""
    for known in overview(faults, threshold):
        if known.mtbf_ms is not None and known.mtbf_ms < threshold.mtbf_min_ms:
            name = known.part.value if known.part is not None else "all parts together"
            newest = [fault for fault in faults if known.part in (None, fault.part)][-1]
            return (
                f"MTBF of {known.mtbf_ms // 1000} s ({name}), below {threshold.mtbf_min_ms // 1000} s; "
                f"the last of {known.faults} faults: {newest.what}"
            )
    return ""


def overview(faults: Sequence[Fault], threshold: Threshold) -> list[Reliability]:
    """Each part's reliability, then the unit's; `faults` oldest first."""
    parts: list[Part | None] = [*Part, None]
    return [_of(part, [one for one in faults if part in (None, one.part)], threshold) for part in parts]


def _of(part: Part | None, faults: Sequence[Fault], threshold: Threshold) -> Reliability:
    last_ms = faults[-1].at_ms if faults else 0
    return Reliability(part, len(faults), last_ms, mtbf_ms(faults, threshold.faults))


def mtbf_ms(faults: Sequence[Fault], count: int) -> int | None:
    """Mean time between the newest `count` faults; None of fewer. A clock that was set back is no time."""
    times: list[int] = []
    for fault in faults:
        times += [fault.at_ms] * (HARD_WEIGHT if fault.kind == "hard" else 1)
    if count < 2 or len(times) < count:
        return None
    newest = sorted(times)[-count:]
    return (newest[-1] - newest[0]) // (count - 1)
