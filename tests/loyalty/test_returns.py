"""Returns: refusals in their order, and any way of bringing goods back equals one full return."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty import commands as cmd
from loyalty.commands import Line, LineKind, ReturnLine, Shortfall, SpendMode
from loyalty.outcomes import Code, Movement, Rejected, ReturnLinesDone
from tests.loyalty.kit import DAY_MS, PHONE, Shop, expect, giving_back, goods, lots_of, receipt, recount
from tests.profile import examples

ANN = "p" + PHONE


def returning(**changes: Any) -> cmd.ReturnLines:
    """Line 1 of receipt 1 comes back; one thing or more is different."""
    fine = giving_back(1, (1, 1000), number=50)
    values = {name: getattr(fine, name) for name in cmd.ReturnLines.__struct_fields__}
    return cmd.ReturnLines(**(values | changes))


def lines(*pairs: tuple[int, int]) -> tuple[ReturnLine, ...]:
    return tuple(ReturnLine(line, milli) for line, milli in pairs)


REFUSED: list[tuple[dict[str, Any], Code, str]] = [  # receipt 1: 3 pieces, 1.234 kg; return 40 took 1 piece
    ({"return_receipt": receipt(0), "lines": ()}, Code.RECEIPT_MALFORMED, "return_receipt.number"),
    ({"receipt": receipt(1, day=20260230)}, Code.RECEIPT_MALFORMED, "receipt.business_day"),
    ({"lines": ()}, Code.NO_LINES, "lines"),
    ({"lines": lines(*[(1, 1)] * 201)}, Code.TOO_MANY_LINES, "lines"),
    ({"lines": lines((9, 0))}, Code.QUANTITY_OUT_OF_RANGE, "lines[1].quantity_milli"),
    ({"return_receipt": receipt(40, store=18), "receipt": receipt(99)}, Code.RETURN_TAKEN, "return_receipt"),
    (
        {"return_receipt": receipt(40, store=18), "lines": lines((1, 999))},
        Code.RETURN_TAKEN,
        "return_receipt",
    ),
    ({"return_receipt": receipt(1)}, Code.RETURN_TAKEN, "return_receipt"),  # a receipt's identity
    ({"receipt": receipt(99)}, Code.RECEIPT_UNKNOWN, "receipt"),
    ({"receipt": receipt(40, store=18)}, Code.RECEIPT_UNKNOWN, "receipt"),  # a return is no receipt
    ({"lines": lines((1, 1), (1, 1), (3, 1))}, Code.LINE_UNKNOWN, "lines[3].line"),
    ({"lines": lines((0, 1))}, Code.LINE_UNKNOWN, "lines[1].line"),
    ({"lines": lines((1, 9000), (1, 1))}, Code.LINE_REPEATED, "lines[2].line"),
    ({"lines": lines((1, 2001))}, Code.RETURN_OVER_BOUGHT, "lines[1].quantity_milli"),
    ({"lines": lines((1, 2000), (2, 1235))}, Code.RETURN_OVER_BOUGHT, "lines[2].quantity_milli"),
]


def bought() -> Shop:
    shop = Shop()
    shop.enrol()
    shop.buy(ANN, goods(9_000, 3000), goods(500, 1234), number=1, spend=400)
    shop.give_back(1, (1, 1000), number=40)
    return shop


@pytest.mark.parametrize(("changes", "code", "field"), REFUSED)
def test_what_cannot_be_returned(changes: dict[str, Any], code: Code, field: str) -> None:
    """One row per reason, in the order of the codes; nothing is written."""
    shop = bought()
    before = dict(shop.state.pairs)
    refused = expect(shop.run(returning(**changes)), Rejected)
    assert (refused.code, refused.field) == (code, field)
    assert refused.acceptable
    assert dict(shop.state.pairs) == before


def test_all_that_is_left_can_be_returned() -> None:
    """The boundary beside the last refusals; years later, at another store."""
    shop = bought().pass_days(1000)
    done = shop.give_back(1, (1, 2000), (2, 1234))
    assert [line.left_milli for line in done.returned.lines] == [0, 0]
    assert done.returned.points_back_ended == done.returned.points_back > 0  # into a lot that ended


def test_a_return_counts_once() -> None:
    """The same return again answers the same, and changes nothing."""
    shop = bought()
    first = shop.give_back(1, (2, 1000), number=50)
    before = dict(shop.state.pairs)
    again = expect(shop.run(giving_back(1, (2, 1000), number=50)), ReturnLinesDone)
    assert again.repeated
    assert again.returned == first.returned
    assert dict(shop.state.pairs) == before


def test_piece_by_piece_numbers_in_the_open() -> None:
    """Three pieces for 10.00, 100 points paid, 45 earned: no cent and no point is lost on the way."""
    shop = Shop()
    shop.enrol()
    bill = shop.buy(ANN, goods(1000, 3000), number=1, spend=100).bill
    assert (bill.paid_minor, bill.spent_points, bill.earned_points) == (900, 100, 45)
    steps = [shop.give_back(1, (1, 1000), number=number).returned.lines[0] for number in (2, 3, 4)]
    assert [step.refund_minor for step in steps] == [300, 300, 300]
    assert [step.points_back for step in steps] == [33, 33, 34]
    assert [step.points_taken for step in steps] == [15, 15, 15]
    assert [step.left_milli for step in steps] == [2000, 1000, 0]


def test_spent_points_go_back_to_the_lots_that_end_last_first() -> None:
    """With their own windows; what was taken last is given back first."""
    shop = Shop()
    shop.define(welcome_points=0, earn_points=1, earn_per_minor=1, earn_delay_days=0, lot_window_days=10)
    member = shop.enrol()
    shop.buy(ANN, goods(30), number=1)
    shop.pass_days(1).buy(ANN, goods(50), number=2, day=20261123)
    shop.define(earn_points=0, line_limit_basis_points=10_000, receipt_limit_basis_points=10_000)
    shop.buy(ANN, goods(60, 3000), number=3, day=20261123, spend=60)
    before = {lot.lot: (lot.active_from_ms, lot.active_until_ms) for lot, _ in lots_of(shop.state, member)}
    held = []
    for number in (4, 5, 6):
        shop.run(cmd.ReturnLines(receipt(number), receipt(3, day=20261123), lines((1, 1000))))
        held.append([lot.points for lot, _ in lots_of(shop.state, member)])
    assert held == [[0, 40], [10, 50], [30, 50]]  # 30 of the first and 30 of the second had paid
    assert {
        lot.lot: (lot.active_from_ms, lot.active_until_ms) for lot, _ in lots_of(shop.state, member)
    } == before


SHORTFALLS = [  # policy, spent of the 500 earned, taken back, of these owed
    (Shortfall.NEGATIVE, 500, 500, 500),
    (Shortfall.NEGATIVE, 200, 500, 200),
    (Shortfall.NEGATIVE, 0, 500, 0),
    (Shortfall.CLAMP, 500, 0, 0),
    (Shortfall.CLAMP, 200, 300, 0),
    (Shortfall.CLAMP, 0, 500, 0),
    (Shortfall.CASH, 500, 500, 0),  # 5.00 of the refund pay for them
    (Shortfall.CASH, 200, 500, 0),
    (Shortfall.CASH, 0, 500, 0),
]


@pytest.mark.parametrize(("shortfall", "spent", "taken", "owed"), SHORTFALLS)
def test_earned_points_that_are_spent_already(
    shortfall: Shortfall, spent: int, taken: int, owed: int
) -> None:
    """Owed, or forgiven: by the rules that the receipt was sold under, not those of today."""
    shop = Shop()
    shop.define(welcome_points=0, earn_delay_days=0, shortfall=shortfall)
    member = shop.enrol()
    shop.buy(ANN, goods(10_000), number=1)
    shop.define(shortfall=Shortfall.CLAMP if shortfall is Shortfall.NEGATIVE else Shortfall.NEGATIVE)
    shop.buy(ANN, goods(10_000), number=2, spend=spent)
    returned = shop.give_back(1, (1, 1000)).returned
    assert (returned.points_taken, returned.points_owed) == (taken, owed)
    assert shop.balance(member).debt_points == owed


OWED_AGAIN = [  # policy of receipt 3 (earned 100, of which 60 paid a debt), thirds: taken, of these owed
    (Shortfall.NEGATIVE, [(33, 0), (33, 26), (34, 34)]),
    (Shortfall.CLAMP, [(33, 19), (33, 20), (34, 21)]),
]


@pytest.mark.parametrize(("shortfall", "steps"), OWED_AGAIN)
def test_a_return_does_not_wipe_the_debt_that_the_purchase_paid(
    shortfall: Shortfall, steps: list[tuple[int, int]]
) -> None:
    """Under either policy: these points never were in the receipt's lot, so there is nothing to forgive."""
    shop = Shop()
    rules = {"welcome_points": 0, "earn_points": 1, "earn_per_minor": 100, "earn_delay_days": 0}
    shop.define(**rules)
    member = shop.enrol()
    shop.buy(ANN, goods(6_000), number=1)
    shop.buy(ANN, goods(1_000), number=2, spend=60, mode=SpendMode.EXACTLY)
    shop.give_back(1, (1, 1000))
    owed = shop.balance(member).debt_points
    shop.define(**rules, shortfall=shortfall)
    assert shop.buy(ANN, goods(10_000, 3000), number=3).bill.debt_paid_points == owed
    back = [shop.give_back(3, (1, 1000)).returned for _ in range(3)]
    assert [(one.points_taken, one.points_owed) for one in back] == steps
    assert shop.balance(member).debt_points == owed


def test_points_given_back_at_the_very_end_of_their_lot_are_not_active() -> None:
    """The end is exclusive here too."""
    shop = bought()
    (welcome, _), _ = lots_of(shop.state, shop.enrol_id)
    shop.now_ms = welcome.active_until_ms - 1
    assert shop.give_back(1, (1, 1000)).returned.points_back_ended == 0
    shop.now_ms = welcome.active_until_ms
    returned = shop.give_back(1, (1, 1000)).returned
    assert returned.points_back_ended == returned.points_back > 0


def test_postings_of_a_purchase_and_its_return_in_the_open() -> None:
    """The store that took the points gives them back, wherever the goods are brought."""
    shop = Shop()
    shop.enrol()
    shop.buy(ANN, goods(1000), number=1, spend=100)  # at store 17; earns 45
    shop.give_back(1, (1, 1000), number=2)  # at store 18
    answer: Any = shop.ask(cmd.GetStatement(1, ANN, 9, 0, 0))
    booked = [[(post.account.name, post.ref, post.points) for post in item.postings] for item in answer.items]
    assert booked == [
        [("ACCEPTOR", 17, -100), ("MEMBER_LOT", 1, 100), ("MEMBER_LOT", 2, -45), ("ISSUER", 0, 45)],
        [("MEMBER_LOT", 1, -100), ("ACCEPTOR", 17, 100), ("ISSUER", 0, -45), ("MEMBER_LOT", 2, 45)],
        [("ISSUER", 0, -500), ("MEMBER_LOT", 1, 500)],
    ]


BASKETS = st.lists(
    st.builds(
        Line,
        st.sampled_from(["a", "b"]),
        st.integers(1, 5000),
        st.integers(0, 20_000),
        st.sampled_from([LineKind.GOODS, LineKind.GOODS, LineKind.GOODS, LineKind.DELIVERY]),
    ),
    min_size=1,
    max_size=6,
)


@st.composite
def ways_back(draw: st.DrawFn) -> tuple[tuple[Line, ...], int, list[list[tuple[int, int]]]]:
    """A basket, points to pay, and the whole basket cut into returns of any pieces in any order."""
    basket = draw(BASKETS)
    pieces = []
    for number, line in enumerate(basket, 1):
        cuts = draw(st.lists(st.integers(0, line.quantity_milli), max_size=4).map(sorted))
        ends = [0, *cuts, line.quantity_milli]
        pieces += [(number, to - start) for start, to in pairwise(ends) if to > start]
    returns: list[list[tuple[int, int]]] = []
    for at, milli in draw(st.permutations(pieces)):
        if returns and all(at != other for other, _ in returns[-1]) and draw(st.booleans()):
            returns[-1].append((at, milli))
        else:
            returns.append([(at, milli)])
    return tuple(basket), draw(st.integers(0, 3000)), returns


def spender(points: int, basket: tuple[Line, ...], spent_before: int, shortfall: Shortfall) -> Shop:
    """A member with several lots who buys the basket as receipt 1, and may spend what it earned."""
    shop = Shop()
    shop.define(
        earn_delay_days=0, welcome_points=300, welcome_window_days=2, earn_points=20, shortfall=shortfall
    )
    shop.enrol()
    for number in (2, 3, 4):
        shop.now_ms += DAY_MS // 4
        shop.buy(ANN, goods(1700 * number), number=number)
    shop.define(
        earn_delay_days=0,
        earn_points=7,
        line_limit_basis_points=9000,
        receipt_limit_basis_points=8000,
        point_value_minor=1,
        point_value_points=3,
        spend_unit_points=3,
        shortfall=shortfall,
    )
    shop.buy(ANN, *basket, number=1, spend=points, mode=SpendMode.UP_TO)
    if spent_before:
        shop.buy(ANN, goods(100_000), number=5, spend=spent_before, mode=SpendMode.UP_TO)
    return shop


@examples(200)
@given(ways_back(), st.integers(0, 4000), st.sampled_from(Shortfall), st.integers(0, 3))
def test_any_sequence_of_returns_equals_one_full_return(
    way: tuple[tuple[Line, ...], int, list[list[tuple[int, int]]]],
    spent_before: int,
    shortfall: Shortfall,
    days: int,
) -> None:
    """To the cent, the point and the lot: in money, in every lot, in debt; and the money is what was paid."""
    basket, points, returns = way
    at_once = spender(points, basket, spent_before, shortfall).pass_days(days)
    piecewise = Shop(at_once.state.copy(), at_once.now_ms, at_once.seq)
    whole = at_once.give_back(1, *[(at, line.quantity_milli) for at, line in enumerate(basket, 1)]).returned
    parts = [piecewise.give_back(1, *some, number=100 + at).returned for at, some in enumerate(returns)]

    assert sum(part.refund_minor for part in parts) == whole.refund_minor
    assert sum(part.points_back for part in parts) == whole.points_back
    assert sum(part.points_back_ended for part in parts) == whole.points_back_ended
    assert sum(part.points_taken for part in parts) == whole.points_taken
    assert sum(part.points_owed for part in parts) == whole.points_owed
    assert sum(part.kept_back_minor for part in parts) == whole.kept_back_minor
    member = next(iter(members_of(at_once)))
    assert lots_of(piecewise.state, member) == lots_of(at_once.state, member)
    balance = at_once.balance(member)
    assert piecewise.balance(member) == balance
    assert balance == recount(at_once.state, member, at_once.now_ms, balance.debt_points)
    bill = at_once.buy(ANN, *basket, number=1, spend=points, mode=SpendMode.UP_TO).bill
    assert whole.refund_minor + whole.kept_back_minor == bill.paid_minor
    assert whole.points_back == bill.spent_points
    if shortfall is not Shortfall.CLAMP:
        assert whole.points_taken == bill.earned_points
    if shortfall is not Shortfall.NEGATIVE:
        assert whole.points_owed == 0


def members_of(shop: Shop) -> list[int]:
    return [int.from_bytes(key[5:13]) for key in shop.state.pairs if key[4:5] + key[13:] == b"MM"]


def test_statement_names_both_receipts() -> None:
    """The return's own, and the purchase's."""
    shop = bought()
    answer: Any = shop.ask(cmd.GetStatement(1, ANN, 1, 0, 0))
    (item,) = answer.items
    assert item.movement is Movement.RETURN
    assert (item.receipt, item.returned_receipt) == (receipt(40, store=18), receipt(1))
