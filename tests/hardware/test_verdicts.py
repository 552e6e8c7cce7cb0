"""From readings to verdicts: where bad begins, how long it must last; what flickers changes nothing."""

from typing import Any

import pytest

from ftnode.hardware.parts import Part
from ftnode.hardware.verdicts import CASES, Cases, Limits, Readings, ailing, judge, put_out, verdicts

MIB = 1 << 20
LIMITS = Limits(
    fsync_slow_ms=150,
    loop_late_percent=60,
    memory_min_bytes=48 * MIB,
    link_lost_per_s=8,
    free_min_bytes=100 * MIB,
    ill_after_ms=1000,
    well_after_ms=5000,
)
EDGES = [  # a reading that is good, one that is bad, and the word that must be in the verdict
    (Part.DISK, {"fsync_ms": 150}, {"fsync_ms": 151}, "slow"),
    (Part.DISK, {"free_bytes": 100 * MIB}, {"free_bytes": 100 * MIB - 1}, "nearly full"),
    (Part.PROCESSOR, {"late_percent": 60}, {"late_percent": 61}, "processor"),
    (Part.MEMORY, {"memory_bytes": 48 * MIB}, {"memory_bytes": 48 * MIB - 1}, "memory"),
    (Part.LINK, {"lost_per_s": 8}, {"lost_per_s": 9}, "sent again"),
    (Part.CLOCK, {"clock_ms": -1000}, {"clock_ms": -1001}, "set by"),
]


def looked(cases: Cases, from_ms: int, to_ms: int, **read: Any) -> Cases:
    """A look each 250 ms, all with the same readings."""
    for at_ms in range(from_ms, to_ms + 1, 250):
        cases = judge(cases, Readings(at_ms, **read), LIMITS)
    return cases


def ills(cases: Cases) -> dict[Part, str]:
    """Only those that are ill."""
    return {one.part: one.ill for one in verdicts(cases) if one.ill}


@pytest.mark.parametrize(("part", "good", "bad", "word"), EDGES)
def test_where_bad_begins(part: Part, good: dict[str, int], bad: dict[str, int], word: str) -> None:
    """The limit itself is good; beyond it the part is ill once that lasted, and the reason has the number."""
    assert not ills(looked(CASES, 0, 10_000, **good))
    found = ills(looked(CASES, 0, 1000, **bad))
    assert list(found) == [part]
    assert word in found[part]


def test_what_flickers_changes_nothing() -> None:
    """Bad for less than it takes, again and again, is not ill; good for less than it takes is not well."""
    cases: Cases = CASES
    for at_ms in range(0, 20_000, 1000):
        cases = looked(cases, at_ms, at_ms + 500, fsync_ms=500)
        cases = looked(cases, at_ms + 750, at_ms + 750, fsync_ms=1)
    assert not ills(cases)
    cases = looked(cases, 20_000, 21_000, fsync_ms=500)
    verdict = ills(cases)
    for at_ms in range(21_250, 40_000, 4000):
        cases = looked(cases, at_ms, at_ms + 3500, fsync_ms=1)
        cases = looked(cases, at_ms + 3750, at_ms + 3750, fsync_ms=500)
        assert ills(cases) == verdict  # nor does its reason change with every reading
    assert not ills(looked(cases, 50_000, 55_000, fsync_ms=1))


def test_a_disk_that_fills_up_is_ill_at_once_and_well_only_with_some_room_to_spare() -> None:
    """Every moment costs room; and around the mark it does not go in and out."""
    cases = judge(CASES, Readings(0, free_bytes=99 * MIB), LIMITS)
    assert "nearly full: 99.0 MiB free" in ailing(cases)
    assert ailing(looked(cases, 250, 60_000, free_bytes=124 * MIB))
    assert not ailing(looked(cases, 250, 6_000, free_bytes=125 * MIB))


def test_nothing_known_is_neither_good_nor_bad() -> None:
    """A thread that has not read yet says nothing."""
    cases = looked(CASES, 0, 1000, fsync_ms=500)
    assert ills(looked(cases, 1250, 60_000)) == ills(cases)


def test_link_and_clock_are_no_reason_to_hand_over() -> None:
    """Over a bad link the standby goes out, whoever notices; a clock that was set is the core's matter."""
    cases = looked(CASES, 0, 2000, lost_per_s=50, clock_ms=5000)
    assert set(ills(cases)) == {Part.LINK, Part.CLOCK}
    assert ailing(cases) == ""


def test_a_bad_link_is_ill_at_once_when_the_unit_is_put_out() -> None:
    """Else it is back over the same link before the second look. A good one has nothing to do with it."""
    good = looked(CASES, 0, 0, lost_per_s=0)
    assert put_out(good, 10) == good
    bad = looked(good, 250, 250, lost_per_s=50)
    assert not bad[Part.LINK].ill
    ill = put_out(bad, 260)
    assert "50 packets sent again" in ill[Part.LINK].ill
    assert put_out(ill, 270) == ill
    assert not looked(ill, 500, 500 + LIMITS.well_after_ms, lost_per_s=0)[Part.LINK].ill
