"""Log time: UTC milliseconds that never go back and follow no single clock blindly.

While a unit runs, log time follows its monotonic clock, corrected by at most 500 ppm towards
what the clocks agree on. After an outage it may step forward, only to where two clocks agree.
"""

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

SLEW_PPM: Final = 500
CARRIED_US: Final = 1_000  # of an unspent correction: parts of a millisecond add up, no more
UNKNOWN: Final = None


class LogClock(Struct, frozen=True, gc=False):
    """Wall clocks are kept as offsets to our monotonic clock, as last heard."""

    log_ms: int = 0  # last log time given out or seen; 0: the log is empty
    mono_ms: int = 0  # our monotonic clock then
    slew_left_us: int = 0  # correction not yet spent, in microseconds
    mine_ms: int | None = UNKNOWN
    partner_ms: int | None = UNKNOWN
    witness_ms: int | None = UNKNOWN


def agreed_offset(clock: LogClock, tolerance_ms: int) -> int | None:
    """The offset that at least two clocks share within `tolerance_ms`, or None.

    Three that agree: their median. Two: the earlier of the pair's names in the order
    ours, partner's, witness's, so that the active's own counts when it is one of them.
    """
    heard = [at for at in (clock.mine_ms, clock.partner_ms, clock.witness_ms) if at is not None]
    pairs = [(a, b) for i, a in enumerate(heard) for b in heard[i + 1 :] if abs(a - b) <= tolerance_ms]
    if len(pairs) == 3:
        return sorted(heard)[1]
    return pairs[0][0] if pairs else None


def stamp(clock: LogClock, now_ms: int, tolerance_ms: int) -> tuple[LogClock, int]:
    """The log time of an entry given out at `now_ms` of our monotonic clock."""
    elapsed_ms = max(0, now_ms - clock.mono_ms)
    offset = agreed_offset(clock, tolerance_ms)
    budget_us = min(clock.slew_left_us, CARRIED_US) + elapsed_ms * SLEW_PPM // 1000
    at_ms = clock.log_ms + elapsed_ms
    if offset is not None:
        wanted_ms = now_ms + offset - at_ms
        step_ms = max(-(budget_us // 1000), min(budget_us // 1000, wanted_ms))
        at_ms += step_ms
        budget_us -= abs(step_ms) * 1000
    at_ms = max(at_ms, clock.log_ms)
    return replace(clock, log_ms=at_ms, mono_ms=now_ms, slew_left_us=budget_us), at_ms


def begin(clock: LogClock, now_ms: int, tolerance_ms: int) -> tuple[LogClock, str]:
    """Log time at the start of an epoch: step forward to where two clocks agree, never back.

    Returns the clock and what to say aloud, empty if there is nothing to say.
    """
    offset = agreed_offset(clock, tolerance_ms)
    heard = [at for at in (clock.mine_ms, clock.partner_ms, clock.witness_ms) if at is not None]
    if offset is None and clock.log_ms == 0 and heard:
        first = replace(clock, log_ms=now_ms + min(heard), mono_ms=now_ms, slew_left_us=0)
        return first, "no two clocks agree and the log is empty: starting at the earliest clock"
    if offset is None:
        held = replace(clock, mono_ms=now_ms, slew_left_us=0)
        return held, "no two clocks agree: log time goes on from the last entry at our own rate"
    at_ms = max(clock.log_ms, now_ms + offset)
    return replace(clock, log_ms=at_ms, mono_ms=now_ms, slew_left_us=0), ""


def seen(clock: LogClock, log_ms: int, now_ms: int) -> LogClock:
    """A standby heard of this log time; hearing of it again is no news."""
    if log_ms <= clock.log_ms:
        return clock
    return replace(clock, log_ms=log_ms, mono_ms=now_ms)
