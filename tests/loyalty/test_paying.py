"""The spending plan: numbers in the open, and beside every possible plan of small baskets."""

from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from loyalty.commands import SpendMode
from loyalty.commands.policies import Distribution
from loyalty.engine.paying import Payment, Purposed, SpendPlan, parts_of, plan_spending
from loyalty.engine.spread import spread
from loyalty.outcomes import Code, Rejected

UP_TO, EXACTLY, NONE = SpendMode.UP_TO, SpendMode.EXACTLY, SpendMode.NONE
EVEN, FIRST = Distribution.EVEN, Distribution.FIRST_TAKES_REST

# Three lines of 100.00, 50.00 and 10.00; a point is worth 0.01; 30 % of each and of all may be paid:
# 3000, 1500 and 300 points.
PLAIN = Payment((10_000, 5_000, 1_000), (True, True, True), 3000, 3000, 1, 1, 1, 10_000, 10_000, UP_TO)
HUNDREDS = replace(
    PLAIN, grain_points=100, grain_minor=100, unit_points=100
)  # only 100 points are worth 1.00


def lots(*pairs: tuple[int, str]) -> tuple[Purposed, ...]:
    """Lots with a purpose: points, and a letter per line, x where it matches."""
    return tuple([Purposed(points, [mark == "x" for mark in lines]) for points, lines in pairs])


def planned(payment: Payment) -> SpendPlan:
    """The plan of a wish that can be met."""
    plan = plan_spending(payment)
    assert isinstance(plan, SpendPlan)
    return plan


GENERAL = [  # payment, what is changed, grains per line, most points
    (PLAIN, {}, [3000, 1500, 300], 4800),  # every line to its limit
    (PLAIN, {"wish_points": 160}, [100, 50, 10], 4800),  # in proportion
    (PLAIN, {"wish_points": 161}, [101, 50, 10], 4800),  # 100.6, 50.3, 10.06: the largest remainder
    (PLAIN, {"wish_mode": NONE}, [0, 0, 0], 4800),
    (PLAIN, {"general_points": 160}, [100, 50, 10], 160),  # no more than there is
    (PLAIN, {"general_points": 0}, [0, 0, 0], 0),
    (PLAIN, {"payable": (True, False, True)}, [3000, 0, 300], 3300),  # what is excluded counts nowhere
    (PLAIN, {"payable": (False, False, False)}, [0, 0, 0], 0),
    (PLAIN, {"receipt_limit_basis_points": 1000}, [1000, 500, 100], 1600),
    (PLAIN, {"left_minor": (33, 33, 33)}, [9, 9, 9], 27),  # 9.9 each, rounded down
    (PLAIN, {"left_minor": (39, 39, 39), "receipt_limit_basis_points": 1000}, [4, 4, 3], 11),  # 11.7 in all
    (
        PLAIN,
        {"unit_points": 500},
        [2813, 1406, 281],
        4500,
    ),  # whole units of the 4800: 2812.5, 1406.25, 281.25
    (PLAIN, {"unit_points": 500, "wish_points": 1499}, [625, 313, 62], 4500),
    (HUNDREDS, {}, [30, 15, 3], 4800),
    (HUNDREDS, {"general_points": 1650}, [10, 5, 1], 1600),
    (HUNDREDS, {"unit_points": 30, "wish_points": 599}, [2, 1, 0], 4800),  # 300 is whole units, and money
    (PLAIN, {"distribution": EVEN, "wish_points": 160}, [54, 53, 53], 4800),
    (PLAIN, {"distribution": EVEN, "wish_points": 1200}, [450, 450, 300], 4800),  # the third has no room
    (PLAIN, {"distribution": FIRST, "wish_points": 159}, [101, 49, 9], 4800),  # 99.4, 49.7, 9.9
]


@pytest.mark.parametrize(("payment", "changes", "grains", "most"), GENERAL)
def test_points_without_a_purpose(
    payment: Payment, changes: dict[str, object], grains: list[int], most: int
) -> None:
    """Limits, units and spreading."""
    payment = replace(payment, **changes)
    plan = planned(payment)
    assert (plan.grains, plan.most_points) == (grains, most)
    assert plan.points == plan.general_points == sum(grains) * payment.grain_points
    assert plan.general_grains == grains


PURPOSES = [  # payment, lots with a purpose, what else is changed, points per lot, others' grains per line
    (PLAIN, lots((500, "x..")), {}, [500], [2500, 1500, 300]),  # first, and the others fill the lines up
    (PLAIN, lots((500, "x..")), {"wish_points": 200}, [200], [0, 0, 0]),
    (PLAIN, lots((500, "...")), {"wish_points": 160}, [0], [100, 50, 10]),  # it matches nothing here
    (PLAIN, lots((9000, ".x.")), {}, [1500], [3000, 0, 300]),  # not above its line's limit
    (PLAIN, lots((9000, "x..")), {"payable": (False, True, True)}, [0], [0, 1500, 300]),
    (PLAIN, lots((1000, ".x."), (1000, ".x.")), {}, [1000, 500], [3000, 0, 300]),
    (PLAIN, lots((1600, "xx."), (1500, ".x.")), {}, [1600, 1500], [1400, 0, 300]),  # the first gives way
    (PLAIN, lots((1500, ".x."), (1600, "xx.")), {}, [1500, 1600], [1400, 0, 300]),
    (PLAIN, lots((4000, "xx."), (1500, ".x.")), {}, [4000, 500], [0, 0, 300]),  # but never pays less
    (
        PLAIN,
        lots((300, "xx."), (300, ".xx"), (4500, "x.."), (1500, ".x.")),
        {},
        [300, 300, 3000, 1200],
        [0] * 3,
    ),
    # 300 on each of three lines: the third lot pushes the first to the second line, and that the second lot
    (PLAIN, lots((300, "xx."), (300, ".xx"), (300, "x..")), {"left_minor": (1000,) * 3}, [300] * 3, [0] * 3),
    (PLAIN, lots((1000, "x.."), (1000, ".x.")), {"receipt_limit_basis_points": 1000}, [1000, 600], [0, 0, 0]),
    (PLAIN, lots((700, "x..")), {"general_points": 0, "unit_points": 500}, [500], [0, 0, 0]),
    (PLAIN, lots((700, "x.."), (700, "x..")), {"general_points": 0, "unit_points": 500}, [700, 300], [0] * 3),
    (PLAIN, lots((700, "x..")), {"general_points": 350, "unit_points": 500}, [700], [182, 98, 20]),
    (
        HUNDREDS,
        lots((250, "x.."), (250, ".x.")),
        {"general_points": 199},
        [200, 200],
        [1, 0, 0],
    ),  # whole grains
    (PLAIN, lots((500, "x..")), {"wish_mode": NONE}, [0], [0, 0, 0]),
]


@pytest.mark.parametrize(("payment", "purposed", "changes", "paid", "general"), PURPOSES)
def test_points_with_a_purpose_come_first(
    payment: Payment,
    purposed: tuple[Purposed, ...],
    changes: dict[str, object],
    paid: list[int],
    general: list[int],
) -> None:
    """In their order, on lines that match, as much as fits."""
    payment = replace(payment, purposed=purposed, **changes)
    plan = planned(payment)
    assert (plan.purposed_points, plan.general_grains) == (paid, general)
    keeps_every_limit(payment, plan)


def test_a_lot_with_a_purpose_is_spread_over_its_lines() -> None:
    """By the programme's policy, while there is room."""
    payment = replace(PLAIN, general_points=0, purposed=lots((440, "x.x")))
    assert planned(payment).grains == [400, 0, 40]
    assert planned(replace(payment, distribution=EVEN)).grains == [220, 0, 220]


REFUSED = [  # what is changed, lots with a purpose, code, acceptable
    ({"unit_points": 100, "wish_points": 9_999}, (), Code.SPEND_NOT_WHOLE_UNITS, "a multiple of 100"),
    ({"unit_points": 1000, "wish_points": 5_000}, (), Code.SPEND_OVER_LIMIT, "at most 4000"),
    ({"wish_points": 4801, "general_points": 9}, (), Code.SPEND_OVER_LIMIT, "at most 9"),  # more is not there
    ({"wish_points": 1001, "general_points": 1000}, (), Code.BALANCE_TOO_LOW, "at most 1000"),
    (
        {"wish_points": 600, "general_points": 590, "unit_points": 100},
        (),
        Code.BALANCE_TOO_LOW,
        "at most 500",
    ),
    # 500 points for the third line, which takes 300
    ({"wish_points": 1301, "general_points": 1000}, lots((500, "..x")), Code.BALANCE_TOO_LOW, "at most 1300"),
]


@pytest.mark.parametrize(("changes", "purposed", "code", "acceptable"), REFUSED)
def test_a_wish_for_exactly_so_many_is_met_or_refused(
    changes: dict[str, object], purposed: tuple[Purposed, ...], code: Code, acceptable: str
) -> None:
    """With what would do, and that is met; up to so many never is refused."""
    payment = replace(PLAIN, wish_mode=EXACTLY, purposed=purposed, **changes)
    assert plan_spending(payment) == Rejected(code, "spend.points", acceptable)
    assert planned(replace(payment, wish_mode=UP_TO)).points <= payment.wish_points
    would_do = int(acceptable.split()[-1])
    assert planned(replace(payment, wish_points=would_do)).points == would_do


@st.composite
def payments(draw: st.DrawFn, most_lots: int, most_lines: int, most_grains: int) -> Payment:
    """Baskets of a few grains a line, so that limits and lots are in each other's way."""
    lines = draw(st.integers(1, most_lines))
    grain_minor = draw(st.integers(1, 3))
    few = st.integers(0, most_grains)
    grain_points = draw(st.sampled_from([1, 1, 3]))
    held = [
        Purposed(draw(few) * grain_points + draw(st.integers(0, grain_points - 1)), fits)
        for fits in draw(
            st.lists(st.lists(st.booleans(), min_size=lines, max_size=lines), max_size=most_lots)
        )
    ]
    return Payment(
        draw(st.lists(st.integers(0, most_grains * grain_minor), min_size=lines, max_size=lines)),
        draw(st.lists(st.sampled_from([True, True, True, False]), min_size=lines, max_size=lines)),
        draw(st.sampled_from([10_000, 10_000, 6_000])),
        draw(st.sampled_from([10_000, 10_000, 5_000, 0])),
        grain_points,
        grain_minor,
        draw(st.sampled_from([1, 1, 2, 6])),
        draw(few) * grain_points,
        draw(st.integers(1, 3 * most_grains * grain_points)),
        draw(st.sampled_from([UP_TO, UP_TO, EXACTLY])),
        draw(st.sampled_from(Distribution)),
        held,
    )


def limits(payment: Payment) -> tuple[list[int], int]:
    """Grains that points may pay: per line, and in all."""
    lefts = [left * pays for left, pays in zip(payment.left_minor, payment.payable, strict=True)]
    caps = [left * payment.line_limit_basis_points // 10_000 // payment.grain_minor for left in lefts]
    return caps, sum(lefts) * payment.receipt_limit_basis_points // 10_000 // payment.grain_minor


def every_outcome(payment: Payment) -> set[tuple[int, ...]]:
    """What each lot pays, the others together last, in every way to pay every line: tried one by one."""
    caps, most = limits(payment)
    held = [lot.points // payment.grain_points for lot in payment.purposed]
    held.append(payment.general_points // payment.grain_points)
    fits = [lot.lines for lot in payment.purposed] + [[True] * len(caps)]
    outcomes = {tuple([0] * len(held))}
    for at, cap in enumerate(caps):
        ways = [
            way for way in product(*[range(cap + 1 if lines[at] else 1) for lines in fits]) if sum(way) <= cap
        ]
        outcomes = {
            tuple([paid + more for paid, more in zip(outcome, way, strict=True)])
            for outcome in outcomes
            for way in ways
        }
        outcomes = {
            outcome
            for outcome in outcomes
            if sum(outcome) <= most and all(paid <= has for paid, has in zip(outcome, held, strict=True))
        }
    return outcomes


@given(payments(most_lots=3, most_lines=3, most_grains=3))
def test_no_plan_is_better(payment: Payment) -> None:
    """Of all that keep to limits, whole units and the wish: the greatest sum, and the greatest in order."""
    outcomes = every_outcome(payment)
    wished = [
        outcome
        for outcome in outcomes
        if sum(outcome) * payment.grain_points % payment.unit_points == 0
        and sum(outcome) * payment.grain_points <= payment.wish_points
    ]
    best = max(wished, key=lambda outcome: (sum(outcome), outcome))
    plan = plan_spending(payment)
    if isinstance(plan, Rejected):
        assert payment.wish_mode is EXACTLY
        assert payment.wish_points not in [sum(outcome) * payment.grain_points for outcome in wished]
        return
    paid = (*[points // payment.grain_points for points in plan.purposed_points], sum(plan.general_grains))
    assert paid == best
    assert best == max(outcome for outcome in outcomes if sum(outcome) <= sum(best))
    whole = [sum(outcome) * payment.grain_points for outcome in outcomes]
    assert plan.most_points == max(points for points in whole if points % payment.unit_points == 0)


def greatest_in_order(payment: Payment) -> list[int]:
    """By Hall: lots can pay so much together if no group of them pays more than its lines take."""
    caps, most = limits(payment)
    paid: list[int] = []
    for at, lot in enumerate(payment.purposed):
        can = min(lot.points // payment.grain_points, most - sum(paid))
        for size in range(at + 1):
            for others in combinations(range(at), size):
                group = [payment.purposed[other].lines for other in (*others, at)]
                takes = sum([cap for line, cap in enumerate(caps) if any(lines[line] for lines in group)])
                can = min(can, takes - sum([paid[other] for other in others]))
        paid.append(can)
    return paid


@given(payments(most_lots=7, most_lines=9, most_grains=5))
def test_more_lots_pay_what_no_group_of_them_exceeds(payment: Payment) -> None:
    """Larger baskets, where lots make room for others over several lines."""
    plan = planned(replace(payment, unit_points=1, wish_points=10**6, wish_mode=UP_TO))
    assert [points // payment.grain_points for points in plan.purposed_points] == greatest_in_order(payment)


def keeps_every_limit(payment: Payment, plan: SpendPlan) -> None:
    """Lines, receipt, purposes, what lots hold; and all sums agree."""
    caps, most = limits(payment)
    assert all(0 <= grains <= cap for grains, cap in zip(plan.grains, caps, strict=True))
    assert sum(plan.grains) <= most
    assert plan.points == sum(plan.grains) * payment.grain_points <= plan.most_points
    assert plan.points % payment.unit_points == 0
    assert plan.general_points == sum(plan.general_grains) * payment.grain_points <= payment.general_points
    assert plan.points == plan.general_points + sum(plan.purposed_points)
    for at, lot in enumerate(payment.purposed):
        mine = [payers.get(at, 0) for payers in plan.purposed_grains]
        assert sum(mine) * payment.grain_points == plan.purposed_points[at] <= lot.points
        assert all(fits or not grains for fits, grains in zip(lot.lines, mine, strict=True))


@given(payments(most_lots=9, most_lines=6, most_grains=9))
def test_a_plan_keeps_every_limit(payment: Payment) -> None:
    """Whatever is wished."""
    plan = plan_spending(payment)
    if isinstance(plan, SpendPlan):
        keeps_every_limit(payment, plan)


@given(payments(most_lots=0, most_lines=9, most_grains=10**9))
def test_without_purposes_the_points_are_simply_spread(payment: Payment) -> None:
    """As many as limits, balance and wish allow, by largest remainder over the lines' amounts."""
    payment = replace(payment, wish_mode=UP_TO, unit_points=payment.grain_points)
    caps, most = limits(payment)
    least = min(payment.general_points, payment.wish_points) // payment.grain_points
    weights = [left * pays for left, pays in zip(payment.left_minor, payment.payable, strict=True)]
    plan = planned(replace(payment, distribution=Distribution.LARGEST_REMAINDER))
    assert plan.grains == spread(min(sum(caps), most, least), weights, caps)


def test_parts_are_lots_in_spending_order_over_lines_in_their_order() -> None:
    """Draws are counted over the lots that pay: of the three with a purpose the second does not."""
    payment = replace(PLAIN, wish_points=560, purposed=lots((300, "xx."), (50, "..."), (100, "..x")))
    plan = planned(payment)
    assert plan.purposed_grains == [{0: 200}, {0: 100}, {2: 100}]
    assert plan.general_grains == [101, 50, 9]  # in proportion to 98.00, 49.00 and 9.00
    assert parts_of(plan, 1, [110, 50]) == (
        ((0, 200), (2, 101)),
        ((0, 100), (2, 9), (3, 41)),  # the third draw is used up here
        ((1, 100), (3, 9)),
    )


@given(payments(most_lots=4, most_lines=5, most_grains=9), st.data())
def test_parts_say_of_each_point_which_lot_paid_for_which_line(payment: Payment, data: st.DataObject) -> None:
    """Sums over lines are the lots' draws, sums over lots the lines' points."""
    plan = plan_spending(payment)
    if isinstance(plan, Rejected):
        return
    general = cut(data, plan.general_points)
    parts = parts_of(plan, payment.grain_points, general)
    draws = [points for points in plan.purposed_points if points] + general
    assert [sum(points for _, points in part) for part in parts] == [
        grains * payment.grain_points for grains in plan.grains
    ]
    paid = [0] * len(draws)
    for part in parts:
        assert list(part) == sorted(part)
        for draw, points in part:
            assert points > 0
            paid[draw] += points
    assert paid == draws


def cut(data: st.DataObject, points: int) -> list[int]:
    """Points in pieces of any sizes, each above 0."""
    pieces: list[int] = []
    while sum(pieces) < points:
        pieces.append(data.draw(st.integers(1, points - sum(pieces))))
    return pieces
