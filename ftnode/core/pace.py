"""How fast another's monotonic clock runs beside ours, and whose is off. (rule 17)

Each word of the other carries its monotonic clock. What arrives late makes that clock look slow, never
fast: so of each second the best word counts. The origins mean nothing; only how the difference changes.
A leap (a host that slept or was restarted, a delay that begins or ends) is no rate: all begins anew.

A short window sees a bad fault soon, and that it is over; a long one sees a small fault.
"""

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

NEVER: Final = -1  # as in `state`, which knows the clocks
SAMPLE_MS: Final = 50  # words that come denser are not looked at
BUCKET_MS: Final = 1_000
SHORT_MS: Final = 16_000
LONG_MS: Final = 1_800_000
MARGIN_MS: Final = 500  # gained by late words alone, at most
RATE_PPM: Final = 1_000  # off by more: reported, and an active hands over
LEAP_MS: Final = 300  # between two seconds, beside a fifth of the time between them
FRESH_MS: Final = 6_000
ALIKE: Final = 4  # a window may hold a time before the fault: two rates of one fault differ by no more


class Window(Struct, frozen=True, gc=False):
    """A difference (theirs minus ours) and when it was so: at the beginning, and somewhere in the middle."""

    first_ms: int
    first_at_ms: int
    middle_ms: int
    middle_at_ms: int


class Pace(Struct, frozen=True, gc=False):
    """Differences in milliseconds, at moments of our monotonic clock."""

    best_ms: int = 0  # of the second that began at `bucket_ms`
    bucket_ms: int = NEVER
    heard_ms: int = NEVER
    last_ms: int = 0  # of the last whole second
    last_at_ms: int = NEVER
    short: Window | None = None
    long: Window | None = None


def hear(pace: Pace, offset_ms: int, now_ms: int) -> Pace:
    """One word: its sender's clock minus ours at arrival."""
    if pace.bucket_ms == NEVER or now_ms - pace.bucket_ms >= BUCKET_MS:
        closed = pace if pace.bucket_ms == NEVER else _closed(pace)
        return replace(closed, best_ms=offset_ms, bucket_ms=now_ms, heard_ms=now_ms)
    if now_ms - pace.heard_ms < SAMPLE_MS:
        return pace
    return replace(pace, best_ms=max(pace.best_ms, offset_ms), heard_ms=now_ms)


def _closed(pace: Pace) -> Pace:
    """The second is over: move the windows on."""
    value_ms, at_ms = pace.best_ms, pace.bucket_ms
    since_ms = at_ms - pace.last_at_ms
    if pace.short is not None and abs(value_ms - pace.last_ms) > LEAP_MS + since_ms // 5:
        pace = Pace()
    pace = replace(
        pace,
        last_ms=value_ms,
        last_at_ms=at_ms,
        short=_moved(pace.short, SHORT_MS, value_ms, at_ms),
        long=_moved(pace.long, LONG_MS, value_ms, at_ms),
    )
    return replace(pace, long=pace.short) if _is_over(pace) else pace


def _moved(window: Window | None, length_ms: int, value_ms: int, at_ms: int) -> Window:
    if window is None:
        return Window(value_ms, at_ms, value_ms, at_ms)
    if at_ms - window.middle_at_ms >= length_ms // 2:
        return Window(window.middle_ms, window.middle_at_ms, value_ms, at_ms)
    return window


def _is_over(pace: Pace) -> bool:
    """Does the short window contradict what the long one tells? Then the fault is of the past."""
    of_long, of_short = _rate(pace, pace.long), _rate(pace, pace.short)
    if of_long is None or of_short is None or not _beyond(pace, pace.long, of_long):
        return False
    return _beyond(pace, pace.short, of_long) and not _beyond(pace, pace.short, of_short)


def _rate(pace: Pace, window: Window | None) -> int | None:
    """In ppm, positive: theirs runs faster."""
    if window is None or pace.last_at_ms <= window.first_at_ms:
        return None
    return (pace.last_ms - window.first_ms) * 1_000_000 // (pace.last_at_ms - window.first_at_ms)


def _beyond(pace: Pace, window: Window | None, rate: int) -> bool:
    """Would so many ppm show in this window, whatever came late?"""
    if window is None:
        return False
    span_ms = pace.last_at_ms - window.first_at_ms
    return abs(rate) * span_ms > MARGIN_MS * 1_000_000 + RATE_PPM * span_ms


def rates_ppm(partner: Pace, witness: Pace, now_ms: int) -> tuple[int | None, int | None]:
    """How much faster each of the two runs than ours; 0: not beyond doubt; None: not heard lately.

    Both from one window: what the short one tells of either is now, what the long one tells may be past.
    """
    short = _seen(partner, partner.short, now_ms), _seen(witness, witness.short, now_ms)
    if any(short):
        return short
    return _seen(partner, partner.long, now_ms), _seen(witness, witness.long, now_ms)


def _seen(pace: Pace, window: Window | None, now_ms: int) -> int | None:
    rate = _rate(pace, window)
    if rate is None or now_ms - pace.last_at_ms > FRESH_MS:
        return None
    return rate if _beyond(pace, window, rate) else 0


def ours_is_odd(partner: Pace, witness: Pace, now_ms: int) -> int:
    """How fast (ppm, negative: slow) our clock runs if both others say so; else 0."""
    of_partner, of_witness = rates_ppm(partner, witness, now_ms)
    if not of_partner or not of_witness:
        return 0
    small, large = sorted((of_partner, of_witness), key=abs)
    return -large if small * large > 0 and abs(large) <= ALIKE * abs(small) else 0


def theirs_is_odd(partner: Pace, witness: Pace, now_ms: int) -> tuple[int, int]:
    """How fast (ppm) the partner's clock runs, and the witness's, if it alone is off: the third shows that
    ours is not. Else 0."""
    of_partner, of_witness = rates_ppm(partner, witness, now_ms)
    if of_partner and of_witness == 0 and _would_show(witness, of_partner):
        return of_partner, 0
    if of_witness and of_partner == 0 and _would_show(partner, of_witness):
        return 0, of_witness
    return 0, 0


def _would_show(pace: Pace, rate: int) -> bool:
    return _beyond(pace, pace.short, rate) or _beyond(pace, pace.long, rate)
