"""Tiers from turnover by month: up at once, down at a period's end and after the grace; never by buying."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from loyalty.commands import Policies, Rules, Tier, TierPeriod
from loyalty.commands.policies import TierBoundary
from loyalty.engine.calendar import add_months, month_of, month_start, parse_day, print_day
from loyalty.engine.programmes import BUILT_IN
from loyalty.engine.tiers import NextTier, Turnover, add_turnover, held_until_day, next_tier, tier_at
from tests.profile import examples

BLUE, SILVER, GOLD = 0, 1, 2
TIERS = (Tier("Blue", 0, 10_000), Tier("Silver", 500, 12_000), Tier("Gold", 1000, 15_000))
YEARS = replace(BUILT_IN.rules, tiers=TIERS)
YEARS_GRACE = replace(YEARS, tier_grace_days=31)
ABOVE = replace(YEARS, policies=Policies(tier_boundary=TierBoundary.ABOVE))
MONTHS = replace(YEARS, tier_period=TierPeriod.ROLLING_MONTHS, tier_months=12)
MONTHS_GRACE = replace(MONTHS, tier_grace_days=10)
THREE_LONG_GRACE = replace(MONTHS, tier_months=3, tier_grace_days=60)
NO_TIERS = replace(YEARS, tiers=())


def numbered(written: int) -> int:
    """A day, written as YYYYMMDD."""
    day = parse_day(written)
    assert day is not None
    return day


CASES: list[tuple[Rules, Turnover, int, int]] = [  # rules, turnover, day, tier
    (YEARS, (), 20260101, BLUE),
    (YEARS, ((202603, 499),), 20260331, BLUE),
    (YEARS, ((202603, 500),), 20260331, SILVER),  # exactly at the threshold
    (ABOVE, ((202603, 500),), 20260331, BLUE),
    (ABOVE, ((202603, 501),), 20260331, SILVER),
    (ABOVE, (), 20260331, BLUE),  # the first needs nothing to be above
    (YEARS, ((202601, 200), (202602, 300)), 20260228, SILVER),  # months of a year together
    (YEARS, ((202511, 300), (202601, 300)), 20260115, BLUE),  # but not two years
    (YEARS, ((202503, 1000),), 20250331, GOLD),  # at once
    (YEARS, ((202503, 1000),), 20261231, GOLD),  # and until the end of the next year
    (YEARS, ((202503, 1000),), 20270101, BLUE),
    (YEARS, ((202503, 1000), (202601, 500)), 20261231, GOLD),  # the better of two years
    (YEARS, ((202503, 1000), (202601, 500)), 20270101, SILVER),
    (YEARS_GRACE, ((202503, 1000),), 20270131, GOLD),
    (YEARS_GRACE, ((202503, 1000),), 20270201, BLUE),
    (YEARS_GRACE, ((202503, 1000), (202701, 500)), 20270201, SILVER),
    (YEARS, ((202603, -500),), 20260331, BLUE),  # more returned than is still counted
    (YEARS, ((202603, 500), (202609, 500)), 20260831, SILVER),  # a late receipt: September was to come
    (YEARS, ((202603, 500), (202609, 500)), 20260901, GOLD),
    (MONTHS, ((202503, 500),), 20260228, SILVER),  # March is among the twelve
    (MONTHS, ((202503, 500),), 20260301, BLUE),
    (MONTHS, ((202512, 300), (202601, 300)), 20260131, SILVER),  # whatever the year
    (MONTHS_GRACE, ((202503, 500),), 20260310, SILVER),
    (MONTHS_GRACE, ((202503, 500),), 20260311, BLUE),
    # Only January to March had 500 together, and sixty days from 1 April on are grace
    (THREE_LONG_GRACE, ((202601, 250), (202603, 250)), 20260228, BLUE),
    (THREE_LONG_GRACE, ((202601, 250), (202603, 250)), 20260301, SILVER),
    (THREE_LONG_GRACE, ((202601, 250), (202603, 250)), 20260415, SILVER),  # neither now nor sixty days ago
    (THREE_LONG_GRACE, ((202601, 250), (202603, 250)), 20260530, SILVER),
    (THREE_LONG_GRACE, ((202601, 250), (202603, 250)), 20260531, BLUE),
    (NO_TIERS, ((202503, 1000),), 20260228, 0),
]


@pytest.mark.parametrize(("rules", "turnover", "day", "tier"), CASES)
def test_the_tier_on_a_day(rules: Rules, turnover: Turnover, day: int, tier: int) -> None:
    """Numbers in the open."""
    assert tier_at(rules, turnover, numbered(day)) == tier


SCREEN: list[tuple[Rules, Turnover, int, NextTier | None, int | None]] = [
    # rules, turnover, day, what is next, the first day without the present tier
    (YEARS, (), 20260401, NextTier("Silver", 500), None),
    (YEARS, ((202603, 200),), 20260401, NextTier("Silver", 300), None),
    (ABOVE, ((202603, 200),), 20260401, NextTier("Silver", 301), None),
    (YEARS, ((202603, 1200),), 20260401, None, 20280101),
    (YEARS, ((202503, 600),), 20260401, NextTier("Gold", 1000), 20270101),  # last year's does not add up
    (YEARS, ((202503, 600), (202603, 700)), 20260401, NextTier("Gold", 300), 20280101),
    (YEARS, ((202503, 1000), (202603, 700)), 20260401, None, 20270101),
    (YEARS_GRACE, ((202503, 600),), 20270115, NextTier("Gold", 1000), 20270201),  # in the days of grace
    (MONTHS, ((202602, 600),), 20260215, NextTier("Gold", 400), 20270201),  # this month and eleven more
    (MONTHS, ((202503, 400), (202602, 300)), 20260215, NextTier("Gold", 300), 20260301),
    (MONTHS, ((202503, 400), (202602, 600)), 20260215, None, 20260301),  # then it is silver
    (MONTHS, ((202503, 400), (202602, 600)), 20260301, NextTier("Gold", 400), 20270201),
    (THREE_LONG_GRACE, ((202601, 250), (202603, 250)), 20260415, NextTier("Gold", 750), 20260531),
    (NO_TIERS, (), 20260401, None, None),
]


@pytest.mark.parametrize(("rules", "turnover", "day", "above", "lost"), SCREEN)
def test_what_a_member_is_told_of_his_tier(
    rules: Rules, turnover: Turnover, day: int, above: NextTier | None, lost: int | None
) -> None:
    """What is missing for the next one, and how long he keeps this one."""
    assert next_tier(rules, turnover, numbered(day)) == above
    until = held_until_day(rules, turnover, numbered(day))
    assert (until and print_day(until)) == lost


ADDED: list[tuple[Rules, Turnover, int, int, Turnover]] = [  # rules, before, day, amount, after
    (YEARS, (), 20261122, 500, ((202611, 500),)),
    (YEARS, ((202611, 500),), 20261101, 1, ((202611, 501),)),
    (YEARS, ((202611, 500),), 20261031, 7, ((202610, 7), (202611, 500))),  # a late receipt
    (YEARS, ((202610, 7), (202611, 500)), 20261031, -7, ((202611, 500),)),  # returned: as if it had not been
    (YEARS, ((202412, 1), (202501, 2)), 20261122, 3, ((202501, 2), (202611, 3))),  # 2024 matters no more
    (YEARS, ((202501, 2), (202611, 3)), 20241231, -1, ((202501, 2), (202611, 3))),  # nor its returns
    (YEARS_GRACE, ((202412, 1),), 20260115, 3, ((202412, 1), (202601, 3))),  # in January it still does
    (YEARS_GRACE, ((202412, 1),), 20260201, 3, ((202602, 3),)),
    (MONTHS, ((202511, 1), (202512, 2)), 20261122, 3, ((202512, 2), (202611, 3))),
    (MONTHS_GRACE, ((202511, 1),), 20261122, 3, ((202511, 1), (202611, 3))),
    (NO_TIERS, (), 20261122, 500, ()),
]


@pytest.mark.parametrize(("rules", "before", "day", "minor", "after"), ADDED)
def test_turnover_is_kept_by_month_while_it_can_matter(
    rules: Rules, before: Turnover, day: int, minor: int, after: Turnover
) -> None:
    """A purchase or a return goes into the purchase's own month."""
    assert add_turnover(before, numbered(day), minor, rules) == after


FIRST, LAST = numbered(20230101), numbered(20261231)
DAYS = st.integers(FIRST, LAST)
PURCHASES = st.lists(st.tuples(DAYS, st.integers(1, 700)), max_size=12)
RULES = st.builds(
    lambda period, months, grace, boundary: replace(
        YEARS,
        tier_period=period,
        tier_months=months,
        tier_grace_days=grace,
        policies=Policies(tier_boundary=boundary),
    ),
    st.sampled_from(TierPeriod),
    st.sampled_from([1, 2, 3, 12, 36]),
    st.sampled_from([0, 1, 30, 31, 59, 90, 366]),
    st.sampled_from(TierBoundary),
)


def plain_tier(rules: Rules, bought: list[tuple[int, int]], day: int) -> int:
    """The tier without grace, of whole months up to the day's: written once more."""

    def reached(first_month: int, last_month: int) -> int:
        minor = sum(
            [minor for at, minor in bought if first_month <= month_of(at) <= min(last_month, month_of(day))]
        )
        minor -= rules.policies.tier_boundary is TierBoundary.ABOVE
        return GOLD if minor >= 1000 else SILVER if minor >= 500 else BLUE

    if rules.tier_period is TierPeriod.ROLLING_MONTHS:
        return reached(add_months(month_of(day), 1 - rules.tier_months), month_of(day))
    year = month_of(day) // 100 * 100
    return max(reached(year + 1, year + 12), reached(year - 99, year - 88))


def turnover_of(rules: Rules, bought: list[tuple[int, int]]) -> Turnover:
    """One purchase after the other."""
    turnover: Turnover = ()
    for day, minor in bought:
        turnover = add_turnover(turnover, day, minor, rules)
    return turnover


@examples(60)
@given(RULES, PURCHASES, st.integers(0, 800))
def test_a_tier_counts_as_it_was_on_any_day_of_grace(
    rules: Rules, bought: list[tuple[int, int]], later: int
) -> None:
    """Against trying every day of it; from the newest month on nothing is missing that was dropped."""
    newest = max([day for day, _ in bought], default=FIRST)
    day = month_start(month_of(newest)) + later
    known = [(at, minor) for at, minor in bought if month_of(at) <= month_of(day)]
    days = range(day - rules.tier_grace_days, day + 1)
    assert tier_at(rules, turnover_of(rules, bought), day) == max(
        [plain_tier(rules, known, at) for at in days]
    )


@given(RULES, PURCHASES, DAYS, st.integers(1, 700), st.integers(0, 800))
def test_nobody_goes_down_by_buying(
    rules: Rules, bought: list[tuple[int, int]], day: int, minor: int, later: int
) -> None:
    """On the day of the purchase or any later one; and by as much as is missing he goes up at once."""
    before = turnover_of(rules, bought)
    today = max([day, *[at for at, _ in bought]])
    after = add_turnover(before, day, minor, rules)
    assert tier_at(rules, after, today + later) >= tier_at(rules, before, today + later)
    above = next_tier(rules, before, today)
    if above is not None:
        tier = tier_at(rules, before, today)
        bought_enough = add_turnover(before, today, above.missing_minor, rules)
        bought_less = add_turnover(before, today, above.missing_minor - 1, rules)
        assert tier_at(rules, bought_enough, today) == tier + 1
        assert tier_at(rules, bought_less, today) == tier


@examples(40)
@given(RULES, PURCHASES, st.integers(0, 500))
def test_a_tier_is_held_until_the_day_that_was_told(
    rules: Rules, bought: list[tuple[int, int]], later: int
) -> None:
    """Against walking from day to day without buying."""
    turnover = turnover_of(rules, bought)
    day = max([day for day, _ in bought], default=FIRST) + later
    tier = tier_at(rules, turnover, day)
    walk = range(day, day + 4 * 366 + 36)
    lost = next((at for at in walk if tier_at(rules, turnover, at) < tier), None)
    assert held_until_day(rules, turnover, day) == lost


@given(RULES, PURCHASES, DAYS, st.integers(1, 700))
def test_what_is_returned_is_as_if_it_had_never_been_bought(
    rules: Rules, bought: list[tuple[int, int]], day: int, minor: int
) -> None:
    """Unless months were dropped meanwhile, and then no tier since the newest month differs."""
    before = turnover_of(rules, bought)
    after = add_turnover(add_turnover(before, day, minor, rules), day, -minor, rules)
    today = max([day, *[at for at, _ in bought]])
    assert set(after) <= set(before)
    assert tier_at(rules, after, today) == tier_at(rules, before, today)
