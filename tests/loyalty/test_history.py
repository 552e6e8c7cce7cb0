"""Any history: points are conserved, postings sum to zero, and the sums equal a recount of the lots."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty import commands as cmd
from loyalty.engine import keys, records
from loyalty.outcomes import NEVER_MS, Account, ConfirmDone, Rejected, ReturnLinesDone
from tests.loyalty.history import STEPS, Step, opened, random_steps
from tests.loyalty.kit import Shop, lots_of, recount


def check_books(shop: Shop, member: int) -> None:
    """Statement, lots and sums of a member agree; every posting sums to zero."""
    items: list[Any] = []
    before_seq = -1
    while before_seq:
        page: Any = shop.ask(cmd.GetStatement(1, member, 200, max(before_seq, 0), 0))
        items += page.items
        before_seq = page.next_before_seq
    assert all(sum(posting.points for posting in item.postings) == 0 for item in items)
    lots: dict[int, int] = {}
    debt = 0
    for posting in [posting for item in items for posting in item.postings]:
        if posting.account is Account.MEMBER_LOT:
            lots[posting.ref] = lots.get(posting.ref, 0) + posting.points
        if posting.account is Account.MEMBER_DEBT:
            debt -= posting.points
    assert lots == {lot.lot: lot.points for lot, _ in lots_of(shop.state, member)}
    assert sum(item.points for item in items) == sum(lots.values()) - debt
    assert debt >= 0
    assert shop.balance(member) == recount(shop.state, member, shop.now_ms, debt)
    kept = records.member(shop.state.get(keys.of_member(1, member, b"M")) or b"")
    still_open = [
        lot for lot, _ in lots_of(shop.state, member) if lot.points and lot.active_until_ms > kept.as_of_ms
    ]
    assert kept.open_lots == len(still_open)
    assert kept.next_end_ms <= min([lot.active_until_ms for lot in still_open], default=NEVER_MS)


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, min_size=5, max_size=30))
def test_books_balance_over_any_history(steps: list[Step]) -> None:
    """From the statement alone and from the lots alone."""
    played, members = opened()
    for step in steps:
        played.play(step)
    for member in members:
        check_books(played.shop, member)


def test_books_balance_over_long_histories_with_everything_in_them() -> None:
    """And everything did happen: what the rules provide for was seen, not only imagined."""
    seen: Counter[str] = Counter()
    for seed in range(80):
        played, members = opened()
        for step in random_steps(seed, 80):
            _, answer = played.play(step)
            seen.update(what_happened(answer))
        for member in members:
            check_books(played.shop, member)
    facts = "spent many_draws debt_paid owed back ended taken repeated"
    refusals = "RECEIPT_TAKEN RETURN_TAKEN RETURN_OVER_BOUGHT"
    assert {name: seen[name] for name in (facts + " " + refusals).split() if seen[name] < 10} == {}


def what_happened(answer: Any) -> list[str]:
    """Names of what an answer shows."""
    if isinstance(answer, Rejected):
        return [answer.code.name]
    if isinstance(answer, ConfirmDone | ReturnLinesDone) and answer.repeated:
        return ["repeated"]
    if isinstance(answer, ConfirmDone):
        bill = answer.bill
        facts = {
            "spent": bill.spent_points,
            "many_draws": len(bill.draws) > 1,
            "debt_paid": bill.debt_paid_points,
        }
    elif isinstance(answer, ReturnLinesDone):
        returned = answer.returned
        facts = {
            "owed": returned.points_owed,
            "back": returned.points_back,
            "ended": returned.points_back_ended,
            "taken": returned.points_taken,
        }
    else:
        facts = {}
    return [name for name, fact in facts.items() if fact]


@pytest.mark.parametrize("seed", range(5))
def test_sums_kept_with_the_member_equal_a_recount_at_every_moment(seed: int) -> None:
    """Not only at the end: windows that begin and end between two commands are counted once."""
    played, members = opened()
    shop = played.shop
    for step in random_steps(seed, 100):
        played.play(step)
        for member in members:
            balance = shop.balance(member)
            assert balance == recount(shop.state, member, shop.now_ms, balance.debt_points)


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, min_size=5, max_size=20))
def test_everything_twice_is_everything_once(steps: list[Step]) -> None:
    """A history in which every purchase and return is sent twice leaves the same state, but for the seqs."""
    once, members = opened()
    twice, _ = opened()
    for step in steps:
        once.play(step)
        command, first = twice.play(step)
        if isinstance(first, ConfirmDone | ReturnLinesDone):
            again: Any = twice.shop.run(command)
            assert again.repeated
            if isinstance(first, ConfirmDone):
                assert again.bill == first.bill
            else:
                assert again.returned == first.returned
    for member in members:
        assert lots_of(once.shop.state, member) == lots_of(twice.shop.state, member)
        assert once.shop.balance(member) == twice.shop.balance(member)


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, min_size=5, max_size=20))
def test_a_rejection_changes_nothing(steps: list[Step]) -> None:
    """Not one byte."""
    played, _ = opened()
    for step in steps:
        before = dict(played.shop.state.pairs)
        _, answer = played.play(step)
        if isinstance(answer, Rejected) or getattr(answer, "repeated", False):
            assert dict(played.shop.state.pairs) == before
