"""Which clock is off, in words that both units give alike."""

import pytest
from msgspec.structs import replace

from ftnode.core.clock import LogClock
from ftnode.core.fsm import State
from ftnode.core.messages import Sid
from ftnode.core.state import Partner, Source, Stage, Timing, Unit, fresh
from ftnode.shell.clock_trouble import clock_problems, in_ppm, in_words
from tests.core.test_pace import heard

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
SID = Sid(1, 2, 3)


def unit(me: int, state: State, clock: LogClock) -> Unit:
    blank = fresh(Timing(), me, "shop")
    return replace(blank, state=state, clock=clock, timers=replace(blank.timers, now_ms=10_000))


def walls(me: int, zero: int | None, one: int | None, witness: int | None) -> LogClock:
    mine, partner = (zero, one) if me == 0 else (one, zero)
    return LogClock(mine_ms=mine, partner_ms=partner, witness_ms=witness)


WALLS = [  # unit 0's clock, unit 1's, the witness's; code, about, words
    (0, 100, 200, None, None, ""),
    (
        365 * DAY_MS,
        100,
        200,
        "clock-off",
        0,
        "unit 0's clock is 365 days ahead of unit 1's and the witness's",
    ),
    (0, -DAY_MS, 0, "clock-off", 1, "unit 1's clock is 24 h behind unit 0's and the witness's"),
    (0, 0, 5_000, "witness-clock-off", None, "the witness's clock is 5 s ahead of both units'"),
    (0, 2 * HOUR_MS, None, "clocks-differ", None, "clocks differ by 2 h"),
    (0, 2 * HOUR_MS, -2 * HOUR_MS, "clocks-differ", None, "clocks differ by 4 h"),
]


@pytest.mark.parametrize(("zero", "one", "witness", "code", "about", "words"), WALLS)
def test_both_units_name_the_same_clock_in_the_same_words(
    zero: int, one: int, witness: int | None, code: str | None, about: int | None, words: str
) -> None:
    """Then an operator reads it once. The standby says nothing of how the active keeps time."""
    told = []
    for me, state in ((0, State.ACTIVE), (1, State.STANDBY)):
        found = clock_problems(unit(me, state, walls(me, zero, one, witness)), since_ms=7)
        found = [problem for problem in found if problem.code != "time-unconfirmed"]
        assert [problem.code for problem in found] == ([code] if code else [])
        assert all(words in problem.what for problem in found)
        assert about is None or all(problem.unit == about for problem in found)
        told.append([problem.what for problem in found])
    assert told[0] == told[1]


ALONE = [  # unit 1's clock, the witness's, as the active hears them; said
    (0, 0, ""),
    (0, None, ""),  # two that agree
    (None, None, "it hears no other clock"),
    (500_000, None, "no two of 2 clocks agree"),
]


@pytest.mark.parametrize(("one", "witness", "words"), ALONE)
def test_an_active_that_goes_by_its_own_pace_says_so(
    one: int | None, witness: int | None, words: str
) -> None:
    found = clock_problems(unit(0, State.ACTIVE, walls(0, 0, one, witness)), since_ms=7)
    told = [problem.what for problem in found if problem.code == "time-unconfirmed"]
    assert bool(told) == bool(words)
    assert all(words in what for what in told)
    standby = clock_problems(unit(0, State.STANDBY, walls(0, 0, one, witness)), since_ms=7)
    assert not [problem for problem in standby if problem.code == "time-unconfirmed"]


RATES = [  # ppm of the partner's, of the witness's; code, about, words; unit 0 speaks
    (0, 0, None, 0, ""),
    (-100_000, -100_000, "clock-runs-off", 0, "unit 0's clock runs 10 % too fast"),
    (-100_000, 0, "clock-runs-off", 1, "unit 1's clock runs 10 % too slowly"),
    (0, 100_000, "witness-clock-off", 0, "the witness's clock runs 10 % too fast"),
    (100_000, -100_000, "clocks-differ", 0, "clocks run apart"),
]


@pytest.mark.parametrize(("partner", "witness", "code", "about", "words"), RATES)
def test_the_clock_that_runs_off_is_named(
    partner: int, witness: int, code: str | None, about: int, words: str
) -> None:
    clock = replace(walls(0, 0, 0, 0), partner_pace=heard(10, partner), witness_pace=heard(10, witness))
    found = clock_problems(unit(0, State.ACTIVE, clock), since_ms=7)
    assert [(problem.code, problem.unit) for problem in found] == ([(code, about)] if code else [])
    assert all(words in problem.what for problem in found)


def test_a_refused_time_is_told_by_both() -> None:
    """About the unit whose time it is."""
    clock = walls(0, 0, 0, 0)
    source = Source(SID, Stage.READY, 0, 0, refused="its log time 5 is 3 ms ahead")
    standby = replace(unit(1, State.STANDBY, clock), source=source)
    active = replace(unit(0, State.ACTIVE, clock), partner=Partner(SID, "aa", refused=source.refused))
    for told in (clock_problems(standby, 7), clock_problems(active, 7)):
        assert [(problem.code, problem.unit) for problem in told] == [("time-refused", 0)]
        assert "3 ms ahead" in told[0].what


WORDS = [(0, "0.0 s"), (1_240, "1.2 s"), (61_000, "61 s"), (DAY_MS, "24 h"), (3 * DAY_MS + 5, "3 days")]


@pytest.mark.parametrize(("ms", "text"), WORDS)
def test_lengths(ms: int, text: str) -> None:
    assert in_words(ms) == text


def test_rates() -> None:
    assert [in_ppm(ppm) for ppm in (100_000, 72_000, 1_500)] == ["10 %", "7 %", "0.1 %"]
