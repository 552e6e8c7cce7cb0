"""Log time: UTC milliseconds that never go back and follow no single clock blindly. (rule 17)

While a unit runs, log time follows its monotonic clock, corrected by at most 500 ppm towards
what the clocks agree on. After an outage it may step, only to where two clocks agree and never below
the last entry; if none do, the step is owed until two do. How fast the clocks run beside one another is in
`pace`, what a standby lets pass in `bound`.
"""

from typing import Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from ftnode.core.pace import Pace, hear

SLEW_PPM: Final = 500
CARRIED_US: Final = 1_000  # of an unspent correction: parts of a millisecond add up, no more
GAP_MS: Final = 1_000  # between two events of a live unit: it slept, or its monotonic clock leapt
FRESH_MS: Final = 10_000  # another's clock counts for so long after it was heard
UNKNOWN: Final = None

MINE: Final = "mine"
PARTNER: Final = "partner"
WITNESS: Final = "witness"
NOBODY: Final = ""  # nobody can tell which


class LogClock(Struct, frozen=True, gc=False):
    """Wall clocks are kept as offsets to our monotonic clock, as last heard."""

    log_ms: int = 0  # last log time given out or taken; 0: the log is empty
    mono_ms: int = 0  # our monotonic clock then
    slew_left_us: int = 0  # correction not yet spent, in microseconds
    owed: bool = False  # a step after an outage, as soon as two clocks agree
    mine_ms: int | None = UNKNOWN
    partner_ms: int | None = UNKNOWN
    witness_ms: int | None = UNKNOWN
    partner_at_ms: int = 0  # heard then
    witness_at_ms: int = 0
    partner_pace: Pace = Pace()
    witness_pace: Pace = Pace()


class Off(NamedTuple):
    """A wall clock that is off: whose (`NOBODY`: of two that differ nobody can tell), and by how much."""

    who: str
    by_ms: int  # positive: ahead of the others


def heard(clock: LogClock) -> list[int]:
    """Offsets of the clocks that are known now."""
    return [at for at in (clock.mine_ms, clock.partner_ms, clock.witness_ms) if at is not None]


def agreed_offset(clock: LogClock, tolerance_ms: int) -> int | None:
    """What to follow: a clock that at least one other shares within `tolerance_ms`, or None.

    Of three: their median. Of two: the active's own, which is the first that is heard here.
    """
    offsets = heard(clock)
    if len(offsets) == 3:
        low_ms, median_ms, high_ms = sorted(offsets)
        return median_ms if min(median_ms - low_ms, high_ms - median_ms) <= tolerance_ms else None
    if len(offsets) == 2 and abs(offsets[0] - offsets[1]) <= tolerance_ms:
        return offsets[0]
    return None


def odd_one(clock: LogClock, alarm_ms: int) -> Off | None:
    """The clock that is more than `alarm_ms` off the others; None if all known ones are near one another."""
    names = (MINE, PARTNER, WITNESS)
    offsets = (clock.mine_ms, clock.partner_ms, clock.witness_ms)
    known = sorted((at, name) for name, at in zip(names, offsets, strict=True) if at is not None)
    if len(known) < 2 or known[-1][0] - known[0][0] <= alarm_ms:
        return None
    if len(known) == 3:
        (low_ms, low), (median_ms, _), (high_ms, high) = known
        is_low, is_high = median_ms - low_ms > alarm_ms, high_ms - median_ms > alarm_ms
        if not (is_low and is_high):
            off = Off(low, low_ms - median_ms) if is_low else Off(high, high_ms - median_ms)
            return off if is_low or is_high else None
    return Off(NOBODY, known[-1][0] - known[0][0])


# --- hearing clocks --------------------------------------------------------------------------


def hear_partner(clock: LogClock, wall_ms: int, mono_ms: int, now_ms: int) -> LogClock:
    """The partner said what its clocks show; `mono_ms` 0: it does not say."""
    pace = hear(clock.partner_pace, mono_ms - now_ms, now_ms) if mono_ms else clock.partner_pace
    return replace(clock, partner_ms=wall_ms - now_ms, partner_at_ms=now_ms, partner_pace=pace)


def hear_witness(clock: LogClock, wall_ms: int, mono_ms: int, now_ms: int) -> LogClock:
    """The witness said what its clocks show; 0: this one gives no time."""
    if not wall_ms:
        return replace(clock, witness_ms=UNKNOWN)
    pace = hear(clock.witness_pace, mono_ms - now_ms, now_ms) if mono_ms else clock.witness_pace
    return replace(clock, witness_ms=wall_ms - now_ms, witness_at_ms=now_ms, witness_pace=pace)


def tick(clock: LogClock, wall_ms: int, now_ms: int) -> LogClock:
    """Look at our own wall clock, and forget others not heard for long: their offsets drift."""
    partner_ms = clock.partner_ms if now_ms - clock.partner_at_ms <= FRESH_MS else UNKNOWN
    witness_ms = clock.witness_ms if now_ms - clock.witness_at_ms <= FRESH_MS else UNKNOWN
    return replace(clock, mine_ms=wall_ms - now_ms, partner_ms=partner_ms, witness_ms=witness_ms)


def slept(clock: LogClock, gap_ms: int) -> LogClock:
    """Nothing happened here for so long, or our monotonic clock leapt: an outage, whose length two
    clocks must tell. What was heard of others is as old as that."""
    return replace(clock, mono_ms=clock.mono_ms + gap_ms, owed=True, partner_ms=UNKNOWN, witness_ms=UNKNOWN)


# --- giving out log time ---------------------------------------------------------------------


def stamp(clock: LogClock, now_ms: int, tolerance_ms: int) -> tuple[LogClock, int]:
    """The log time of an entry given out at `now_ms` of our monotonic clock."""
    elapsed_ms = max(0, now_ms - clock.mono_ms)
    offset = agreed_offset(clock, tolerance_ms)
    budget_us = min(clock.slew_left_us, CARRIED_US) + elapsed_ms * SLEW_PPM // 1000
    at_ms, owed = clock.log_ms + elapsed_ms, clock.owed
    if offset is not None:
        wanted_ms = now_ms + offset - at_ms
        step_ms = max(-(budget_us // 1000), min(budget_us // 1000, wanted_ms))
        at_ms += wanted_ms if owed else step_ms  # either way: no entry has the time since `log_ms`
        budget_us -= abs(step_ms) * 1000
        owed = False
    at_ms = max(at_ms, clock.log_ms)
    return replace(clock, log_ms=at_ms, mono_ms=now_ms, slew_left_us=budget_us, owed=owed), at_ms


def begin(clock: LogClock, now_ms: int, tolerance_ms: int) -> tuple[LogClock, str]:
    """Log time at the start of an epoch: step forward to where two clocks agree, never back.

    Returns the clock and what to say aloud, empty if there is nothing to say.
    """
    offset, offsets = agreed_offset(clock, tolerance_ms), heard(clock)
    if offset is not None:
        at_ms = max(clock.log_ms, now_ms + offset)
        return replace(clock, log_ms=at_ms, mono_ms=now_ms, slew_left_us=0, owed=False), ""
    if clock.log_ms == 0 and offsets:
        at_ms = now_ms + min(offsets)
        said = "no two clocks agree and the log is empty: starting at the earliest clock"
    else:
        at_ms = clock.log_ms + max(0, now_ms - clock.mono_ms)
        said = "no two clocks agree: log time goes on from the last entry at our own rate"
    return replace(clock, log_ms=at_ms, mono_ms=now_ms, slew_left_us=0, owed=True), said


def took(clock: LogClock, log_ms: int, now_ms: int) -> LogClock:
    """Our log now ends with an entry of this time. It decides, whatever was in our memory."""
    if log_ms == clock.log_ms:
        return clock
    return replace(clock, log_ms=log_ms, mono_ms=now_ms)
