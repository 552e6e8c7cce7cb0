"""Several receipts come back: what stands in lots and debt does not depend on which comes first."""

from dataclasses import dataclass
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty import commands as cmd
from loyalty.commands import Shortfall, SpendMode
from loyalty.outcomes import Balance
from tests.loyalty.kit import DAY_MS, NOON, PHONE, Shop, giving_back, goods, lots_of
from tests.loyalty.ledger import check
from tests.profile import examples

ANN = "p" + PHONE
EVERYTHING = {"line_limit_basis_points": 10_000, "receipt_limit_basis_points": 10_000}
IN_POINTS = [Shortfall.NEGATIVE, Shortfall.CLAMP]  # by CASH what is missing is paid, and may then stay
NOTHING_LEFT = Balance(0, 0, 0, 0)


def earned_and_spent(shortfall: Shortfall) -> Shop:
    """Receipt 1 earns 100 points that last 30 days; receipt 2 is paid with them."""
    shop = Shop()
    shop.define(
        welcome_points=0,
        earn_points=1,
        earn_per_minor=100,
        earn_delay_days=0,
        lot_window_days=30,
        shortfall=shortfall,
        **EVERYTHING,
    )
    shop.enrol()
    shop.buy(ANN, goods(10_000), number=1)
    shop.buy(ANN, goods(100), number=2, spend=100)
    return shop


@pytest.mark.parametrize("shortfall", IN_POINTS)
@pytest.mark.parametrize("between_days", [0, 40])
@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_points_given_back_pay_what_their_lot_owes(
    order: tuple[int, int], between_days: int, shortfall: Shortfall
) -> None:
    """Bought, spent, both brought back: nothing is left or owed, also if the lot ended between."""
    shop = earned_and_spent(shortfall)
    shop.give_back(order[0], (1, 1000))
    shop.pass_days(between_days)
    last = shop.give_back(order[1], (1, 1000))
    assert shop.balance(ANN) == last.balance == NOTHING_LEFT
    check(shop)
    shop.pass_days(40)
    assert shop.balance(ANN) == NOTHING_LEFT


def test_the_return_says_what_paid_at_once() -> None:
    """And the statement shows it, lot and debt."""
    shop = earned_and_spent(Shortfall.NEGATIVE)
    shop.give_back(1, (1, 1000))
    returned = shop.give_back(2, (1, 1000)).returned
    assert (returned.points_back, returned.points_back_settled, returned.points_back_ended) == (100, 100, 0)
    answer: Any = shop.ask(cmd.GetStatement(1, ANN, 1, 0, 0))
    booked = [(post.account.name, post.ref, post.points) for post in answer.items[0].postings]
    assert booked == [
        ("ACCEPTOR", 17, -100),
        ("MEMBER_DEBT", 0, 100),
    ]


def test_what_later_earnings_have_paid_is_not_paid_again() -> None:
    """The debt is gone: points that come back are the member's."""
    shop = earned_and_spent(Shortfall.NEGATIVE)
    shop.give_back(1, (1, 1000))
    shop.buy(ANN, goods(6_000), number=3)
    assert shop.balance(ANN).debt_points == 40
    returned = shop.give_back(2, (1, 1000)).returned
    assert returned.points_back_settled == 40
    assert shop.balance(ANN) == Balance(60, 60, 0, 0)
    check(shop)


@dataclass(frozen=True)
class Sale:
    """A purchase, under rules of its own."""

    hours: int  # that pass before it
    amount_minor: int
    milli: int
    points: int  # wished to spend
    delay_days: int
    window_days: int
    shortfall: Shortfall


SALES = st.lists(
    st.builds(
        Sale,
        st.sampled_from([0, 5, 24]),
        st.integers(0, 4000),
        st.integers(1, 3000),
        st.sampled_from([0, 50, 10**6]),
        st.sampled_from([0, 0, 1]),
        st.integers(0, 3),
        st.sampled_from(IN_POINTS),
    ),
    min_size=2,
    max_size=6,
)


def sold(sales: list[Sale]) -> Shop:
    shop = Shop()
    shop.enrol()
    for number, sale in enumerate(sales, 1):
        shop.define(
            welcome_points=0,
            earn_points=30,
            earn_delay_days=sale.delay_days,
            lot_window_days=sale.window_days,
            shortfall=sale.shortfall,
            late_receipt_max_days=99,
            **EVERYTHING,
        )
        shop.now_ms += sale.hours * DAY_MS // 24
        line = goods(sale.amount_minor, sale.milli)
        shop.buy(ANN, line, number=number, spend=sale.points, mode=SpendMode.UP_TO, sold_ms=NOON)
    return shop


@st.composite
def two_orders(draw: st.DrawFn) -> tuple[list[Sale], list[tuple[int, int]], list[tuple[int, int]]]:
    """Sales; parts of some of them, as (receipt, quantity), in two orders."""
    sales = draw(SALES)
    pieces: list[tuple[int, int]] = []
    for number, sale in enumerate(sales, 1):
        cut = draw(st.integers(0, sale.milli))
        pieces += [(number, milli) for milli in (cut, sale.milli - cut) if milli and draw(st.booleans())]
    return sales, draw(st.permutations(pieces)), draw(st.permutations(pieces))


@examples(200)
@given(two_orders(), st.sampled_from([0, 1, 3]))
def test_receipts_may_come_back_in_any_order(
    drawn: tuple[list[Sale], list[tuple[int, int]], list[tuple[int, int]]], days: int
) -> None:
    """Any parts of any receipts, at one moment: the same in every lot, in balance and in debt."""
    sales, *orders = drawn
    shop = sold(sales).pass_days(days)
    ends = []
    for order in orders:
        one = Shop(shop.state.copy(), shop.now_ms, shop.seq)
        for at, (number, milli) in enumerate(order):
            one.run(giving_back(number, (1, milli), number=100 + at))
        check(one)
        ends.append((one.balance(ANN), [lot for lot, _ in lots_of(one.state, shop.enrol_id)]))
    assert ends[0] == ends[1]


def test_three_receipts_that_paid_for_each_other_come_back_in_every_order() -> None:
    """A chain: 1 earned what paid 2, and 2 earned what paid 3."""
    shop = Shop()
    shop.define(welcome_points=0, earn_points=1, earn_per_minor=1, earn_delay_days=0, **EVERYTHING)
    shop.enrol()
    shop.buy(ANN, goods(1000), number=1)
    shop.buy(ANN, goods(1500), number=2, spend=1000)
    shop.buy(ANN, goods(700), number=3, spend=500)
    for order in permutations((1, 2, 3)):
        one = Shop(shop.state.copy(), shop.now_ms, shop.seq)
        for number in order:
            one.give_back(number, (1, 1000))
        assert one.balance(ANN) == NOTHING_LEFT
        check(one)
