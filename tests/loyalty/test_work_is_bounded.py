"""What one receipt can cost: every kind of work is counted, and none grows with what a member or book has."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from loyalty import commands as cmd
from loyalty.commands import SpendMode
from loyalty.commands import limits as lim
from loyalty.commands.policies import Distribution
from loyalty.commands.promotions import Bundle, BundlePart, PercentOff, PointsFixed
from loyalty.engine import book, flow
from loyalty.engine.paying import Payment, Purposed, SpendPlan, plan_spending
from loyalty.engine.promote import awards, best, bundle
from loyalty.engine.promote.scene import Spent
from tests.loyalty.kit import ENGINE
from tests.loyalty.promote.kit import candidate, goods, promotion, scene
from tests.loyalty.promotions import about, can, graz, publish, same_again
from tests.loyalty.promotions import promotion as plain

LOTS, LINES = lim.MEMBER_MAX_PURPOSE_LOTS, lim.RECEIPT_MAX_LINES


def counted(monkeypatch: pytest.MonkeyPatch, where: Any, name: str) -> list[None]:
    """One item for each call."""
    calls: list[None] = []
    real: Callable[..., Any] = getattr(where, name)

    def count(*args: Any) -> Any:
        calls.append(None)
        return real(*args)

    monkeypatch.setattr(where, name, count)
    return calls


def nested(wish_points: int, distribution: Distribution = Distribution.LARGEST_REMAINDER) -> Payment:
    """Each lot's lines are among those of the lot before it: every lot wants others to give way."""
    amounts = [1000 + 37 * at for at in range(LINES)]
    each = sum(amounts) * 3 // 10 // LOTS
    lots = [
        Purposed(each, [at < LINES - 3 * lot for at in range(LINES)]) for lot in range(LOTS)
    ]  # the last lot has eleven lines
    return Payment(
        amounts, [True] * LINES, 3000, 3000, 1, 1, 1, 0, wish_points, SpendMode.EXACTLY, distribution, lots
    )


@pytest.mark.parametrize("distribution", list(Distribution))
def test_lots_give_way_only_so_often(monkeypatch: pytest.MonkeyPatch, distribution: Distribution) -> None:
    """Whatever the purposes, and what the plan then says is the most can be spent to the point."""
    searches = counted(monkeypatch, flow, "_find_chain")
    asked = nested(10**9, distribution)
    refused = plan_spending(asked)
    assert not isinstance(refused, SpendPlan)
    assert len(searches) <= lim.SPEND_MAX_CHAINS + LOTS  # a search that finds nothing ends its lot
    most = plan_spending(replace(asked, wish_mode=SpendMode.UP_TO))
    assert isinstance(most, SpendPlan)
    for points in (most.points, most.points - 1, most.points // 2, 1):
        plan = plan_spending(replace(asked, wish_points=points))
        assert isinstance(plan, SpendPlan)
        assert plan.points == sum(plan.grains) == points


def test_the_search_counts_how_points_pay() -> None:
    """64 lots over 200 lines are planned once or twice, though 20 promotions could be tried together."""
    lines = [goods(10_000 + at) for at in range(LINES)]
    found = [candidate(promotion(n, PercentOff(100 * n), group=n % 5), range(LINES)) for n in range(1, 21)]
    planned: list[Sequence[int]] = []

    def spend(left: Sequence[int]) -> Spent:
        planned.append(left)
        return Spent([minor // 10 for minor in left], 0)

    cheap = scene(lines, found, spend=spend)
    best(cheap)
    often = len(planned)
    planned.clear()
    best(replace(cheap, spend_steps=LOTS))
    assert len(planned) <= 2
    assert len(planned) < often


def test_the_search_counts_choices_of_points(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which of many promotions of points fill a limit best is tried a thousand times for each leaf."""
    leaves = counted(monkeypatch, awards, "_try_all")
    lines = [goods(10_000)]
    points = [candidate(promotion(n, PointsFixed(0, 101 + 7 * n)), [0]) for n in range(1, 60)]
    money = [candidate(promotion(100 + n, PercentOff(100 + n)), [0]) for n in range(1, 15)]
    limited = scene(lines, [*points, *money], points_max=5003, worths={0: (1, 1)})
    assert best(limited).search.steps <= 2 * lim.SEARCH_MAX_STEPS
    assert len(leaves) <= 1 + lim.SEARCH_MAX_STEPS // 1000


def test_the_search_counts_the_parts_of_bundles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight parts that each fit 200 lines: few such bundles are dealt, and the rest are told as not tried."""
    deals = counted(monkeypatch, bundle, "_deal")
    parts = tuple([BundlePart(about("any"), 1 + n % 3) for n in range(lim.BUNDLE_MAX_PARTS)])
    lines = [goods(10_000 + at) for at in range(LINES)]
    every = [range(LINES)] * lim.BUNDLE_MAX_PARTS
    found = [candidate(promotion(n, Bundle(parts, 100)), (), parts=every) for n in range(1, 101)]
    chosen = best(scene(lines, found))
    assert not chosen.search.exact
    assert len(deals) <= 12
    assert len(chosen.applied) + len(chosen.passed_over) == 100


@given(
    st.lists(st.integers(1, 5), min_size=2, max_size=5).flatmap(
        lambda needs: st.tuples(
            st.just(needs),
            st.lists(
                st.tuples(
                    st.lists(st.integers(0, len(needs) - 1), min_size=1, max_size=5, unique=True),
                    st.integers(1, 9),
                ),
                min_size=1,
                max_size=8,
            ),
        )
    )
)
def test_how_many_bundles_is_as_hall_says(case: tuple[list[int], list[tuple[list[int], int]]]) -> None:
    """For every choice of parts, counted anew: the pieces that fit one of them."""
    needs, lines = case
    fit, pieces = {at: sorted(parts) for at, (parts, _) in enumerate(lines)}, [count for _, count in lines]
    choices = range(1, 1 << len(needs))
    wanted = min(
        sum(count for parts, count in lines if any(choice >> part & 1 for part in parts))
        // sum(need for part, need in enumerate(needs) if choice >> part & 1)
        for choice in choices
    )
    assert bundle._how_many(needs, fit, pieces) == wanted


def test_a_unit_that_starts_reads_the_books_before_the_first_basket() -> None:
    """Of every programme, also behind one without a book; then a basket reads none of the promotions."""
    shop = graz()
    publish(shop, *[plain(number) for number in range(1, 41)])
    elsewhere = 9
    shop.tenant = 4
    shop.define()
    shop.tenant = elsewhere
    shop.define()
    publish(shop, plain(1))
    shop.tenant = 1
    wanted = can(shop)

    book._kept.clear()
    ENGINE.warm(shop.state)
    assert len(book._kept) == 2
    shop.state.scanned = 0
    assert can(shop) == wanted
    assert shop.state.scanned < 10

    book._kept.clear()
    assert can(shop) == wanted
    assert shop.state.scanned >= 40  # without it the basket reads them all


def test_publications_between_baskets_are_not_read_anew() -> None:
    """However many there were: each has brought what is kept along, and left two books of the programme."""
    shop = graz()
    book._kept.clear()
    publish(shop, *[plain(number) for number in range(1, 41)])
    can(shop)
    for number in (7, 8, 9):
        publish(shop, plain(number, name="anew"))
    shop.run(cmd.PausePromotion(10, True, "sold out"))
    assert len(book._kept) == 2
    before = same_again(shop)
    publish(shop, plain(11, name="anew"))
    for one in (shop, before):  # as if the last publication had been undone
        one.state.scanned = 0
        assert can(one)
        assert one.state.scanned < 10
