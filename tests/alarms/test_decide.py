"""When an alarm is raised and cleared: tables for the cases, properties for all others."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftnode.alarms.catalogue import ROWS, TABLE
from ftnode.alarms.decide import (
    FLAP_QUIET_S,
    FLAPS,
    Alarm,
    Condition,
    Sightings,
    Watch,
    after_restart,
    alarms,
    by_this_clock,
    key_of,
    merge,
    standing,
    teller,
)

CODES = sorted(ROWS)
State = dict[str, Watch]
Life = list[tuple[int, dict[int, list[tuple[str, int]]]]]  # seconds, then what each unit that is heard sees


def sees(*found: tuple[str, int]) -> list[Condition]:
    return [Condition(code, unit, f"{code} of unit {unit}") for code, unit in found]


class World:
    """One teller, a second at a time."""

    def __init__(self, me: int = 0) -> None:
        self.state: State = {}
        self.now_ms, self.me = 1_000_000, me
        self.told: list[tuple[str, str]] = []  # (raised | cleared, key)

    def pass_s(self, seconds: int, seen: Sightings) -> list[tuple[str, str]]:
        """Time goes by, and this is seen all the while; what was told meanwhile."""
        before = len(self.told)
        for _ in range(seconds):
            self.now_ms += 1000
            self.state, raised, cleared = alarms(self.state, seen, self.now_ms, self.me)
            self.told += [("raised", alarm.key) for alarm in raised]
            self.told += [("cleared", alarm.key) for alarm in cleared]
        return self.told[before:]


QUIET: Sightings = {0: [], 1: []}


@pytest.mark.parametrize("code", CODES)
def test_once_raised_and_once_cleared(code: str) -> None:
    """After its delay, not before; and over only when it has been gone for long enough."""
    row, world, key = ROWS[code], World(), key_of(code, 1)
    seen = {0: sees((code, 1)), 1: sees((code, 1))}
    assert world.pass_s(row.raise_after_s, seen) == []
    assert world.pass_s(1, seen) == [("raised", key)]
    assert world.pass_s(200, seen) == [], "told once"
    assert world.pass_s(row.clear_after_s, QUIET) == []
    assert world.pass_s(1, QUIET) == [("cleared", key)]
    assert world.pass_s(4000, QUIET) == []


def test_what_mends_itself_wakes_nobody() -> None:
    """A unit that is back in time; one that crashes again and again is told of all the same."""
    world, out = World(), {0: sees(("simplex", 1)), 1: []}
    world.pass_s(ROWS["simplex"].raise_after_s - 5, out)
    world.pass_s(ROWS["simplex"].clear_after_s + 5, QUIET)
    assert world.pass_s(ROWS["simplex"].raise_after_s - 5, out) == []
    world.pass_s(3600, QUIET)
    for _ in range(20):
        world.pass_s(4, out)
        world.pass_s(4, QUIET)
    assert world.told == [("raised", "unit1/simplex")]


def test_one_thing_is_one_alarm_whoever_sees_it() -> None:
    """Both units miss the witness; and that tills get no answer is so only if no unit knows better."""
    world = World(me=1)
    both = {0: sees(("witness-unreachable", 0)), 1: sees(("witness-unreachable", 1))}
    assert world.pass_s(200, both) == [("raised", "witness/witness-unreachable")]
    alarm = standing(world.state)["witness/witness-unreachable"]
    assert (alarm.told_by, alarm.seen_by) == (1, (0, 1))
    assert alarm.what == "witness-unreachable of unit 0; witness-unreachable of unit 1"
    assert World().pass_s(200, {0: sees(("no-answers", 0)), 1: []}) == []
    assert World().pass_s(200, {0: sees(("no-answers", 0))}) == [("raised", "pair/no-answers")]


def test_what_a_silent_unit_said_of_itself_is_unknown_not_over() -> None:
    """A unit that died with a full disk still has one; of others a silent unit has no say."""
    world = World()
    world.pass_s(100, {0: [], 1: sees(("disk-full", 1))})
    assert world.pass_s(5000, {0: []}) == []
    assert world.pass_s(100, QUIET) == [("cleared", "unit1/disk-full")]
    world.pass_s(100, {0: sees(("simplex", 1))})
    told = world.pass_s(100, {1: sees(("simplex", 0))})
    assert told == [("cleared", "unit1/simplex"), ("raised", "unit0/simplex")]


def test_what_goes_without_saying_is_not_said() -> None:
    """A unit taken out on purpose, or broken, is not also reported as out; later it may be."""
    world = World()
    maintenance = {0: sees(("simplex", 1)), 1: sees(("unit-offline", 1))}
    assert world.pass_s(3000, maintenance) == []
    assert world.pass_s(500, {0: sees(("simplex", 1))}) == [], "its machine was switched off for that"
    assert world.pass_s(200, maintenance) == [("raised", "unit1/unit-offline")], "forgotten"
    assert world.pass_s(50, {0: sees(("simplex", 1)), 1: []}) == [("cleared", "unit1/unit-offline")]
    assert world.pass_s(60, {0: sees(("simplex", 1)), 1: []}) == [("raised", "unit1/simplex")]
    broken = {0: sees(("simplex", 1)), 1: sees(("unit-broken", 1))}
    assert World().pass_s(3000, broken) == [("raised", "unit1/unit-broken")]
    other = {0: sees(("simplex", 1), ("unit-broken", 0))}
    assert ("raised", "unit1/simplex") in World().pass_s(100, other), "another unit's trouble hides nothing"


def test_what_comes_and_goes_stays_raised_until_it_is_quiet() -> None:
    """The third time within an hour it says so, and it is over after half an hour without."""
    world, out = World(), {0: sees(("unit-doubled", 1))}
    for _ in range(FLAPS):
        world.pass_s(5, out)
        world.pass_s(70, QUIET)
    assert world.told == [("raised", "unit1/unit-doubled"), ("cleared", "unit1/unit-doubled")] * (
        FLAPS - 1
    ) + [("raised", "unit1/unit-doubled")]
    assert standing(world.state)["unit1/unit-doubled"].comes_and_goes
    for _ in range(20):
        assert world.pass_s(5, out) + world.pass_s(70, QUIET) == []
    assert world.pass_s(FLAP_QUIET_S, QUIET) == [("cleared", "unit1/unit-doubled")]
    world.pass_s(3600, QUIET)
    world.pass_s(5, out)
    assert not standing(world.state)["unit1/unit-doubled"].comes_and_goes, "that was long ago"


def test_who_tells() -> None:
    """One of those who are heard; not one whose words do not get out, if the other one's do."""
    assert teller({0: True, 1: True}) == 0
    assert teller({1: False}) == 1
    assert teller({0: False, 1: True}) == 1
    assert teller({0: False, 1: False}) == 0


def test_the_other_unit_goes_on_where_the_teller_died() -> None:
    """It knows of the alarm, raises it no second time, and clears it."""
    zero, one = World(me=0), World(me=1)
    out = {0: sees(("witness-unreachable", 0)), 1: sees(("witness-unreachable", 1))}
    zero.pass_s(100, out)
    one.state, raised, cleared = merge(one.state, zero.state, lead=False)
    assert ([alarm.key for alarm in raised], cleared) == (["witness/witness-unreachable"], [])
    one.now_ms = zero.now_ms
    assert one.pass_s(100, {1: out[1]}) == []
    assert one.pass_s(40, {1: []}) == [("cleared", "witness/witness-unreachable")]
    zero.state = after_restart(zero.state)
    zero.state, raised, cleared = merge(zero.state, one.state, lead=True)
    assert (raised, [alarm.key for alarm in cleared]) == ([], ["witness/witness-unreachable"])


def test_a_unit_whose_clock_is_behind_can_raise_what_was_over() -> None:
    """Else its new alarm would be taken for the one that is over, and be told to nobody."""
    zero, one = World(me=0), World(me=1)
    one.now_ms = zero.now_ms - 900_000
    zero.pass_s(10, {0: sees(("state-rotten-alone", 1))})
    zero.pass_s(20, QUIET)
    one.state, *_ = merge(one.state, by_this_clock(zero.state, one.now_ms - zero.now_ms), lead=False)
    assert one.pass_s(20, {1: []}) == []
    assert one.pass_s(10, {1: sees(("state-rotten-alone", 1))}) == [("raised", "unit1/state-rotten-alone")]
    zero.state, raised, _ = merge(zero.state, one.state, lead=True)
    assert [alarm.key for alarm in raised] == ["unit1/state-rotten-alone"]


@pytest.mark.parametrize("ahead_s", [-7200, 0, 7200])
def test_delays_are_by_the_clock_of_who_goes_on(ahead_s: int) -> None:
    """The teller dies half-way, its clock hours off: the other one raises when the delay is over, not hours
    early or late."""
    zero, one = World(me=0), World(me=1)
    one.now_ms = zero.now_ms + 1000 * ahead_s
    seen = {1: sees(("simplex", 0))}
    zero.pass_s(30, seen | {0: []})
    one.now_ms += 30_000
    one.state, *_ = merge(one.state, by_this_clock(zero.state, one.now_ms - zero.now_ms), lead=False)
    assert one.pass_s(30, seen) == []
    assert one.pass_s(2, seen) == [("raised", "unit0/simplex")]


def test_a_clock_set_back_between_two_lives_delays_nothing() -> None:
    """What was kept with a time that has not come yet begins now."""
    world = World()
    world.pass_s(100, {0: sees(("disk-full", 0))})
    world.pass_s(2, {0: []})
    world.now_ms -= 7_200_000
    assert world.pass_s(70, {0: []}) == [("cleared", "unit0/disk-full")]


def test_a_mere_suspicion_of_the_other_unit_is_not_heard() -> None:
    """Else an old one of a unit that does not tell would cut a later delay short."""
    zero, one = World(), World()
    zero.pass_s(10, {0: sees(("simplex", 1))})
    one.state, *_ = merge(one.state, zero.state, lead=False)
    zero.pass_s(100, QUIET)
    zero.state, *_ = merge(zero.state, one.state, lead=True)
    assert zero.pass_s(55, {0: sees(("simplex", 1))}) == []


# ---------------------------------------------------------------- properties

CONDITIONS = st.lists(st.tuples(st.sampled_from(CODES), st.integers(0, 1)), max_size=4, unique=True)
SEEN = st.one_of(
    st.fixed_dictionaries({0: CONDITIONS, 1: CONDITIONS}),
    st.fixed_dictionaries({0: CONDITIONS}),
    st.fixed_dictionaries({1: CONDITIONS}),
)
LIVES = st.lists(st.tuples(st.integers(1, 4000), SEEN), max_size=25)


def lived(life: Life) -> Iterator[tuple[World, Sightings]]:
    world = World()
    for seconds, found in life:
        seen = {unit: sees(*conditions) for unit, conditions in found.items()}
        world.now_ms += 1000 * seconds - 1000
        world.pass_s(1, seen)
        yield world, seen


def after(life: Life) -> World:
    world = World()
    for each, _ in lived(life):
        world = each
    return world


@given(LIVES)
def test_raised_and_cleared_take_turns(life: Life) -> None:
    """For each key: raised, cleared, raised, ... and what stands is what was raised and not cleared."""
    last: dict[str, str] = {}
    for world, _ in lived(life):
        for verb, key in world.told:
            assert last.get(key, "cleared") != verb
            last[key] = verb
        world.told.clear()
        assert sorted(standing(world.state)) == sorted(key for key, verb in last.items() if verb == "raised")
        assert len(world.state) <= 2 * len(TABLE)


@given(LIVES)
def test_when_all_is_well_for_long_nothing_stands(
    life: Life,
) -> None:
    """No alarm stays for ever, and none is raised while nothing is seen."""
    world = after(life)
    before = len(world.told)
    world.pass_s(1, QUIET)
    world.now_ms += 1000 * FLAP_QUIET_S
    world.pass_s(1, QUIET)
    assert standing(world.state) == {}
    assert all(verb == "cleared" for verb, _ in world.told[before:])


@given(LIVES)
def test_what_lasts_is_told(life: Life) -> None:
    """Whatever went before: a condition that both see without an end stands, unless something hides it."""
    for world, seen in lived(life):
        longest_s = max(row.raise_after_s for row in TABLE)
        if set(seen) != {0, 1}:
            continue
        lasting = {condition for conditions in seen.values() for condition in conditions}
        hiding = {key_of(condition.code, condition.unit) for condition in lasting}
        ahead = World()
        ahead.state, ahead.now_ms = dict(world.state), world.now_ms
        ahead.pass_s(1, seen)
        ahead.now_ms += 1000 * longest_s
        ahead.pass_s(1, seen)
        ahead.now_ms += 1000 * (longest_s + FLAP_QUIET_S)
        ahead.pass_s(1, seen)
        for condition in lasting:
            row, key = ROWS[condition.code], key_of(condition.code, condition.unit)
            if row.all_see and not all(condition in seen[unit] for unit in (0, 1)):
                continue
            hidden = any(key_of(code, condition.unit) in hiding for code in row.hidden_by)
            assert hidden or key in standing(ahead.state)


@given(LIVES, LIVES, st.booleans())
def test_both_units_come_to_believe_the_same(
    one: Life,
    other: Life,
    lead: bool,
) -> None:
    """After one exchange, in either order, the same alarms stand; merging again changes nothing; whatever one
    of them cleared is cleared for both."""
    mine, theirs = after(one), after(other)
    here, raised, cleared = merge(mine.state, theirs.state, lead)
    there, *_ = merge(theirs.state, mine.state, not lead)
    assert here == there
    assert merge(here, there, lead) == (here, [], [])
    assert set(standing(here)) == (set(standing(mine.state)) | {alarm.key for alarm in raised}) - {
        alarm.key for alarm in cleared
    }
    for key, watch in here.items():
        assert watch.cleared_ms == max(
            side.state[key].cleared_ms if key in side.state else 0 for side in (mine, theirs)
        )
        assert watch.alarm is None or isinstance(watch.alarm, Alarm)
        assert watch.alarm is None or watch.alarm.raised_ms > watch.cleared_ms
