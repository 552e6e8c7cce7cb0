"""What a standby lets pass of the active's log time. (rule 17)

One bad clock must not expire everybody's points: an entry whose time goes back is not taken, nor one
whose time ran faster than our own monotonic clock since the entries before it, unless two clocks that
we hear ourselves agree on it, or somebody set the time (`SET_TIME`), which is in the log.

Words come late, never early: the highest of some seconds is nearest to the truth.
"""

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from ftnode.core.clock import SLEW_PPM, LogClock, agreed_offset
from ftnode.core.pace import NEVER

SETTLE_MS: Final = 1_000  # after the first entry: a word that came in time may still follow a late one
HIGH_MS: Final = 10_000  # the highest of so long counts
DOUBT_MS: Final = 300  # withheld, not yet refused: the witness is asked, a late word may clear it


class Times(Struct, frozen=True, gc=False):
    """Log times of entries that came in one message."""

    first_ms: int
    last_ms: int
    ordered: bool  # none is below the one before it
    first_set: bool = False  # the first of them is a set-time
    set_ms: int = 0  # steps by set-time entries behind the first


class Bound(Struct, frozen=True, gc=False):
    """Log time minus our monotonic clock: what the active has shown."""

    ahead_ms: int = 0
    at_ms: int = NEVER  # of our monotonic clock; NEVER: nothing seen that others could be held against
    since_ms: int = NEVER  # watching began then
    high_ms: int = 0  # highest since `high_at_ms`
    high_at_ms: int = NEVER
    doubt_ms: int = NEVER  # entries are withheld since then


def limit_ms(bound: Bound, now_ms: int) -> int:
    """The highest log time that our own clock explains, without tolerance."""
    return now_ms + bound.ahead_ms + (now_ms - bound.at_ms) * SLEW_PPM // 1_000_000


def objection(bound: Bound, clock: LogClock, times: Times, now_ms: int, ahead_ms: int, near_ms: int) -> str:
    """Why these entries may not be taken; empty if they may.

    Args:
        ahead_ms: tolerance for what late words and rounding make of times.
        near_ms: two clocks this near to one another agree.
    """
    if not times.ordered or times.first_ms < clock.log_ms:
        at_ms = min(times.first_ms, times.last_ms)
        return f"log time goes back: {at_ms} after {max(clock.log_ms, times.first_ms)}"
    offset_ms = agreed_offset(clock, near_ms)
    if bound.at_ms != NEVER:
        before_ms = limit_ms(bound, now_ms)
    elif offset_ms is not None and clock.log_ms <= now_ms + offset_ms + ahead_ms:
        before_ms = now_ms + offset_ms
    else:
        return ""  # nothing to hold it against
    over_ms = times.last_ms - _set_by(clock, times) - before_ms
    if over_ms <= ahead_ms:
        return ""
    if offset_ms is None:
        return (
            f"log time {times.last_ms} is {over_ms} ms ahead of our own clock, and no two clocks agree on it"
        )
    agreed_ms = times.last_ms - now_ms - offset_ms
    if agreed_ms <= ahead_ms:
        return ""
    return (
        f"log time {times.last_ms} is {over_ms} ms ahead of our clock and {agreed_ms} ms of where two agree"
    )


def let_pass(bound: Bound, clock: LogClock, times: Times, now_ms: int, ahead_ms: int) -> Bound:
    """These entries are taken; `clock` is as before them. What tolerance let through raises nothing."""
    shown_ms = times.last_ms - now_ms
    if bound.at_ms == NEVER:
        return Bound(shown_ms, now_ms, now_ms, shown_ms, now_ms)
    set_ms = _set_by(clock, times)
    most_ms = limit_ms(bound, now_ms) - now_ms + set_ms
    settles = now_ms - bound.since_ms < SETTLE_MS and shown_ms > most_ms
    if settles or shown_ms - most_ms > ahead_ms:  # the latter: a step to where two clocks agree
        return Bound(shown_ms, now_ms, bound.since_ms, shown_ms, now_ms)
    high_ms = max(bound.high_ms + set_ms, shown_ms)
    if now_ms - bound.high_at_ms >= HIGH_MS:
        return Bound(min(most_ms, high_ms), now_ms, bound.since_ms, shown_ms, now_ms)
    if not set_ms and high_ms == bound.high_ms and bound.doubt_ms == NEVER:
        return bound
    return replace(bound, ahead_ms=bound.ahead_ms + set_ms, high_ms=high_ms, doubt_ms=NEVER)


def _set_by(clock: LogClock, times: Times) -> int:
    return times.set_ms + (times.first_ms - clock.log_ms if times.first_set else 0)
