"""How fast clocks run beside one another: seen soon if it is much, not at all if words only come late."""

import random

import pytest

from ftnode.core.pace import Pace, hear, ours_is_odd, rates_ppm, theirs_is_odd

MILLION = 1_000_000


def heard(
    seconds: int, fast_ppm: int, late_ms: int = 0, pace: Pace | None = None, since_ms: int = 0, seed: int = 1
) -> Pace:
    """A word each 100 ms, up to `late_ms` late, of a clock that runs `fast_ppm` faster than ours."""
    draw, pace = random.Random(seed), pace or Pace()
    start_ms = 7_000_000 + (pace.last_ms if pace.short else 0)
    for now_ms in range(since_ms, since_ms + seconds * 1000, 100):
        gained_ms = (now_ms - since_ms) * fast_ppm // MILLION
        pace = hear(pace, start_ms + gained_ms - draw.randint(0, late_ms), now_ms)
    return pace


SEEN = [  # seconds, ppm of theirs, how late words come at most; is it seen
    (8, 100_000, 0, True),  # 10 %: within eight seconds
    (8, -100_000, 0, True),
    (8, 100_000, 200, True),
    (600, 2_500, 50, True),
    (1_790, 1_400, 50, True),
    (1_790, 900, 50, False),  # within what is borne
    (60, 0, 400, False),  # nothing but late words
    (600, 150, 400, False),  # two healthy boards
]


@pytest.mark.parametrize(("seconds", "ppm", "late_ms", "seen"), SEEN)
def test_a_rate_is_seen(seconds: int, ppm: int, late_ms: int, seen: bool) -> None:
    """And about right; late words alone never look like one."""
    pace = heard(seconds, ppm, late_ms)
    rate, _ = rates_ppm(pace, pace, seconds * 1000)
    assert rate is not None
    assert (rate != 0) == seen
    assert not seen or 0.6 * abs(ppm) <= abs(rate) <= 1.4 * abs(ppm)


def test_a_leap_is_no_rate() -> None:
    """A host that slept, or was restarted: its clock stands elsewhere and runs as before."""
    pace = heard(20, 0)
    for now_ms in range(20_000, 40_000, 100):
        pace = hear(pace, 3_600_000, now_ms)
    assert rates_ppm(pace, pace, 40_000) == (0, 0)


def test_a_fault_that_is_over_is_forgotten() -> None:
    """Half a minute after a clock was mended nobody is blamed for it."""
    pace = heard(12, 100_000)
    assert rates_ppm(pace, pace, 12_000)[0]
    last_ms = pace.last_ms
    for now_ms in range(12_000, 45_000, 100):
        pace = hear(pace, last_ms, now_ms)
    assert rates_ppm(pace, pace, 45_000) == (0, 0)


def test_who_is_not_heard_proves_nothing() -> None:
    """A partner that is gone, a witness that is down."""
    fast, still = heard(10, 100_000), heard(10, 0)
    assert rates_ppm(fast, still, 30_000) == (None, None)
    assert ours_is_odd(fast, Pace(), 10_000) == 0
    assert theirs_is_odd(fast, Pace(), 10_000) == (0, 0)


ODD = [  # ppm of the partner's, of the witness's; ours is odd, theirs are
    (0, 0, False, (False, False)),
    (100_000, 100_000, True, (False, False)),  # both gain on us: ours is slow
    (-100_000, -100_000, True, (False, False)),
    (100_000, 0, False, (True, False)),
    (0, -100_000, False, (False, True)),
    (100_000, -100_000, False, (False, False)),  # nobody can tell
]


@pytest.mark.parametrize(("partner", "witness", "ours", "theirs"), ODD)
def test_the_odd_one_out_is_the_bad_one(
    partner: int, witness: int, ours: bool, theirs: tuple[bool, bool]
) -> None:
    """Of three; our own rate has the opposite sign of what others seem to do."""
    paces = heard(10, partner), heard(10, witness)
    rate = ours_is_odd(*paces, 10_000)
    assert (rate != 0) == ours
    assert not ours or rate * partner < 0
    of_partner, of_witness = theirs_is_odd(*paces, 10_000)
    assert (of_partner != 0, of_witness != 0) == theirs
