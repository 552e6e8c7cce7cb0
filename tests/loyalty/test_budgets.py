"""What promotions gave so far: counted, reserved by holds, given back; of each member by day."""

from typing import Any, Final, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty.commands import limits as lim
from loyalty.commands.promotions import Caps
from loyalty.engine import book, budgets, coupons
from loyalty.engine.book import Candidates
from loyalty.engine.keys import OF_FUNDER, OF_PROMOTION
from loyalty.engine.promote import Best, Candidate, Spent
from loyalty.engine.records import MemberUsage, Usage, Use
from loyalty.engine.state import Question
from loyalty.outcomes import Applied, Search
from tests.loyalty.kit import DictState, Shop, receipt
from tests.loyalty.promotions import give_coupon, promotion

ANN: Final = 77  # a member
DAY: Final = 20_779
UNTIL: Final = 1000


def given_by(state: DictState, number: int, now_ms: int = 0, kind: bytes = OF_PROMOTION) -> Any:
    """Times, money off and points of an account, as of a time."""
    used = budgets.used(state, Question(now_ms, 1), kind, number)
    return used.times, used.minor, used.points


USES: Final = (Use(1, 5, 100, 0, True), Use(2, 5, 30, 7, False), Use(3, 0, 1, 0, False))


def test_a_purchase_counts_for_promotions_funders_and_the_member() -> None:
    """A funder of two promotions pays for both; given back, nothing is left of it."""
    state = DictState()
    book.count(state, 1, ANN, DAY, USES, 1)
    assert [given_by(state, number) for number in (1, 2, 3)] == [(1, 100, 0), (1, 30, 7), (1, 1, 0)]
    assert given_by(state, 5, kind=OF_FUNDER) == (1, 130, 7)
    assert budgets.used_by(state, 1, ANN, 1) == MemberUsage(1, ((DAY, 1),))
    assert budgets.used_by(state, 1, ANN, 2) == MemberUsage()  # nobody asked for its times by member
    book.count(state, 1, ANN, DAY, USES, -1)
    assert [given_by(state, number) for number in (1, 2, 3)] == [(0, 0, 0)] * 3
    assert given_by(state, 5, kind=OF_FUNDER) == (0, 0, 0)
    assert budgets.used_by(state, 1, ANN, 1) == MemberUsage()


def test_a_coupon_is_used_with_its_promotion() -> None:
    """And given back with it."""
    shop = Shop()
    give_coupon(shop, "SKI-10", 1, times=2)
    one = Use(1, 0, 100, 0, False, "SKI-10")
    for sign, used_times in ((1, 1), (1, 2), (-1, 1)):
        book.count(shop.state, 1, ANN, DAY, (one,), sign)
        coupon = coupons.read(shop.state, 1, "SKI-10")
        assert coupon is not None
        assert coupon.used_times == used_times


def test_a_hold_counts_until_its_time() -> None:
    """At its last millisecond it still does; then it is given back by whoever looks."""
    state = DictState()
    book.reserve(state, 1, ANN, DAY, USES, UNTIL, receipt(1))
    assert given_by(state, 5, UNTIL - 1, OF_FUNDER) == (1, 130, 7)
    assert given_by(state, 5, UNTIL, OF_FUNDER) == (0, 0, 0)
    assert given_by(state, 1, UNTIL) == (0, 0, 0)
    book.free(state, 1, ANN, DAY, USES, UNTIL, receipt(1))  # the member's turn comes later
    assert [given_by(state, number, UNTIL) for number in (1, 2, 3)] == [(0, 0, 0)] * 3
    assert budgets.used_by(state, 1, ANN, 1) == MemberUsage()


@pytest.mark.parametrize("captured", [True, False])
def test_a_hold_is_captured_or_cancelled(captured: bool) -> None:
    """Captured, it stays for ever; cancelled, it is as if it had never been."""
    state = DictState()
    book.reserve(state, 1, ANN, DAY, USES, UNTIL, receipt(1))
    book.reserve(state, 1, ANN, DAY, USES, UNTIL, receipt(2))
    if captured:
        book.keep(state, 1, USES, UNTIL, receipt(1))
    else:
        book.free(state, 1, ANN, DAY, USES, UNTIL, receipt(1))
    assert given_by(state, 1, UNTIL - 1) == ((2, 200, 0) if captured else (1, 100, 0))
    assert given_by(state, 1, UNTIL) == ((1, 100, 0) if captured else (0, 0, 0))
    assert budgets.used_by(state, 1, ANN, 1).times == (2 if captured else 1)


def test_a_look_without_ended_holds_reads_one_key() -> None:
    """The soonest end is known: reservations are gone through only when one has ended, a few at a time."""
    state = DictState()
    for number in range(1, 101):
        book.reserve(state, 1, ANN, DAY, (Use(3, 0, 1, 0, False),), UNTIL + number, receipt(number))
    state.reads = state.scanned = 0
    assert given_by(state, 3, UNTIL) == (100, 100, 0)
    assert (state.reads, state.scanned) == (1, 0)
    many = lim.RESERVATIONS_MAX_FOLDED
    assert given_by(state, 3, UNTIL + 200) == (100 - many, 100 - many, 0)  # never less than is given
    assert given_by(state, 3, UNTIL + 200) == (0, 0, 0)
    state.scanned = 0
    assert given_by(state, 3, UNTIL + 200) == (0, 0, 0)
    assert state.scanned == 0


class Hold(NamedTuple):
    minor: int
    until_ms: int


STEPS: Final = st.lists(
    st.one_of(
        st.tuples(st.just("hold"), st.integers(0, 9), st.integers(1, 20)),  # money off, for how long
        st.tuples(st.sampled_from(["keep", "free"]), st.integers(0, 3), st.just(0)),  # which one
        st.tuples(st.just("buy"), st.integers(0, 9), st.just(0)),
        st.tuples(st.sampled_from(["wait", "look"]), st.integers(0, 15), st.just(0)),
    ),
    max_size=30,
)


@given(STEPS)
@settings(deadline=None)
def test_what_is_counted_is_what_was_bought_and_what_is_held(steps: list[tuple[str, int, int]]) -> None:
    """Whatever happens in whatever order: bought for good, plus the holds whose time is not over."""
    state, now_ms, bought = DictState(), 1, 0
    held: dict[int, Hold] = {}
    for at, (what, number, long_ms) in enumerate(steps, 1):
        if what == "hold":
            held[at] = Hold(number, now_ms + long_ms)
            book.reserve(state, 1, ANN, DAY, (Use(1, 5, number, 0, False),), now_ms + long_ms, receipt(at))
        elif what in ("keep", "free") and held:
            which = sorted(held)[number % len(held)]
            hold = held.pop(which)
            uses = (Use(1, 5, hold.minor, 0, False),)
            if what == "free":
                book.free(state, 1, ANN, DAY, uses, hold.until_ms, receipt(which))
            else:
                book.keep(state, 1, uses, hold.until_ms, receipt(which))
                bought += hold.minor
        elif what == "buy":
            book.count(state, 1, ANN, DAY, (Use(1, 5, number, 0, False),), 1)
            bought += number
        elif what == "wait":
            now_ms += number
        elif what == "look":
            given_by(state, 1, now_ms)  # a look changes nothing that can be seen
    wanted = bought + sum(hold.minor for hold in held.values() if now_ms < hold.until_ms)
    assert given_by(state, 1, now_ms)[1] == given_by(state, 5, now_ms, OF_FUNDER)[1] == wanted


def test_days_are_told_apart() -> None:
    """Late receipts count on their own day, as far back as eight days on which he had it."""
    state = DictState()
    for day in (DAY, DAY - 3, DAY, DAY + 1):
        budgets.use_by(state, 1, ANN, 1, day, 1)
    usage = budgets.used_by(state, 1, ANN, 1)
    times = [budgets.times_on(usage, day) for day in range(DAY - 4, DAY + 3)]
    assert times == [0, 1, 0, 0, 2, 1, 0]
    assert usage.times == 4


@given(st.lists(st.integers(1, 14), max_size=40), st.integers(1, 3))
def test_no_day_has_more_than_its_limit(days: list[int], limit: int) -> None:
    """Whatever order late receipts come in, and however many days there are."""
    state = DictState()
    taken: dict[int, int] = {}
    for day in days:
        if budgets.times_on(budgets.used_by(state, 1, ANN, 1), day) < limit:
            budgets.use_by(state, 1, ANN, 1, day, 1)
            taken[day] = taken.get(day, 0) + 1
    assert max(taken.values(), default=0) <= limit
    usage = budgets.used_by(state, 1, ANN, 1)
    assert usage.times == sum(taken.values())
    assert len(usage.days) <= lim.USAGE_MAX_DAYS


def test_what_applied_promotions_take() -> None:
    """Every one is counted; for the member only where a limit asks for it."""
    capped = [promotion(1, caps=Caps(member_times=9)), promotion(2, caps=Caps(member_day_times=9))]
    found = Candidates(tuple([Candidate(one, 1, (0,)) for one in [*capped, promotion(3)]]))
    applied = [
        Applied(1, 1, "One", 100, 0, 1, 5, (), "SKI-10"),
        Applied(2, 1, "Two", 0, 7, 1, 0, ()),
        Applied(3, 1, "Three", 30, 0, 1, 0, ()),
    ]
    best = Best((0,), Spent((0,), 0), (0,), tuple(applied), (), (0, 1), (), Search(True, 0, 0))
    assert book.uses_of(best, found) == (
        Use(1, 5, 100, 0, True, "SKI-10"),
        Use(2, 0, 0, 7, True),
        Use(3, 0, 30, 0, False),
    )


def test_a_merged_members_days_are_added() -> None:
    """So that two cards of one person do not have a promotion twice."""
    ours, theirs = MemberUsage(2, ((5, 1), (7, 1))), MemberUsage(3, ((6, 2), (7, 1)))
    assert budgets.joined(ours, theirs) == MemberUsage(5, ((5, 1), (6, 2), (7, 2)))


def test_an_account_is_empty_before_it_gives() -> None:
    """Nothing is kept of what was never applied."""
    state = DictState()
    assert budgets.used(state, Question(0, 1), OF_PROMOTION, 1) == Usage()
    assert len(state.pairs) == 0
