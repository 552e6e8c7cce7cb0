"""Any history: points are conserved, postings sum to zero, sums equal a recount, and no limit is passed."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty import commands as cmd
from loyalty.outcomes import (
    AdjustDone,
    CancelHoldDone,
    ConfirmDone,
    CorrectDone,
    HoldDone,
    MergeMembersDone,
    Rejected,
    ReturnLinesDone,
    UseServiceDone,
    VoidDone,
)
from tests.loyalty import bounds, ledger
from tests.loyalty.history import STEPS, Played, Step, opened, random_steps
from tests.loyalty.kit import lots_of, recount
from tests.loyalty.promotions import same_again
from tests.loyalty.world import HOUR_MS
from tests.profile import examples, seeds

SEEDS = st.integers(0, 2**16)


@examples(150)
@given(SEEDS, st.lists(STEPS, min_size=5, max_size=40))
def test_all_that_is_kept_equals_a_recount(seed: int, steps: list[Step]) -> None:
    """Lots, debts, holds, purses, the index of what is outstanding, budgets, coupons, names: see `ledger`."""
    played, _ = opened(seed)
    for step in steps:
        played.play(step)
    ledger.check(played.shop)


SEEN = """
    Confirm.ok Confirm.repeated Confirm.QUOTE_CHANGED Confirm.RECEIPT_TAKEN Confirm.COUPON_USED
    Confirm.MEMBER_BLOCKED Confirm.WALLET_NOT_HERE Confirm.SPEND_OVER_LIMIT Confirm.BALANCE_TOO_LOW
    Hold.ok Capture.ok Capture.HOLD_ENDED CancelHold.ok CancelHold.repeated
    VoidReceipt.ok VoidReceipt.RECEIPT_OF_ANOTHER_DAY CorrectReceipt.ok
    ReturnLines.ok ReturnLines.RETURN_OVER_BOUGHT ReturnLines.RECEIPT_VOIDED
    UseService.ok Adjust.ok Adjust.BALANCE_TOO_LOW MergeMembers.ok ChangeMember.ok
    PublishPromotion.ok PausePromotion.ok IssueCoupon.ok
    discount coupon funder service coupon_given several_earnings purposed_draw many_draws debt_paid
    another_currency wallet_1 wallet_2
    owed back ended taken settled kept_back services_taken
"""


def test_long_histories_with_everything_in_them() -> None:
    """Every bill within its limits, everything recounted on the way; and all of it was seen, not imagined."""
    seen: Counter[str] = Counter()
    for seed in seeds(60):
        played, _ = opened(seed)
        for at, step in enumerate(random_steps(seed, 100)):
            command, answer = played.play(step)
            seen.update(what_happened(command, answer))
            bounds.check(played.shop, command, answer)
            if at % 10 == 9:
                ledger.check(played.shop)
    assert {name: seen[name] for name in SEEN.split() if seen[name] < 2} == {}


def what_happened(command: cmd.Command, answer: Any) -> list[str]:
    """Names of what an answer shows."""
    name = type(command).__name__
    if isinstance(answer, Rejected):
        return [f"{name}.{answer.code.name}"]
    if getattr(answer, "repeated", False):
        return [f"{name}.repeated"]
    made = bounds.new_bill(command, answer)
    facts = _of_bill(made[2]) if made else {}
    if isinstance(answer, ReturnLinesDone | VoidDone):
        facts = _of_return(answer.returned)
    return [f"{name}.ok", *[fact for fact, holds in facts.items() if holds]]


def _of_bill(bill: Any) -> dict[str, Any]:
    return {
        "discount": bill.discount_minor,
        "coupon": any(one.coupon for one in bill.applied),
        "funder": any(one.funder for one in bill.applied),
        "service": bill.services,
        "coupon_given": bill.coupons,
        "several_earnings": len(bill.earnings) > 1,
        "purposed_draw": any(draw.purposed for draw in bill.draws),
        "many_draws": len(bill.draws) > 1,
        "debt_paid": bill.debt_paid_points,
        "another_currency": bill.currency,
        "wallet_1": bill.wallet == 1 and bill.spent_points,
        "wallet_2": bill.wallet == 2 and bill.spent_points,
    }


def _of_return(returned: Any) -> dict[str, Any]:
    return {
        "owed": returned.points_owed,
        "back": returned.points_back,
        "ended": returned.points_back_ended,
        "taken": returned.points_taken,
        "settled": returned.points_back_settled,
        "kept_back": returned.kept_back_minor,
        "services_taken": returned.services_taken,
    }


def test_no_command_of_a_history_reads_much() -> None:
    """Counted, not timed: keys asked for and pairs scanned, however long the history is by then."""
    most: Counter[str] = Counter()
    for seed in seeds(10):
        played, _ = opened(seed)
        state = played.shop.state
        for step in random_steps(seed, 200):
            played.shop.now_ms += step.hours * HOUR_MS
            command = played.command(step)
            before = state.reads + state.scanned
            played.run(command)
            name = type(command).__name__
            most[name] = max(most[name], state.reads + state.scanned - before)
    del most["MergeMembers"]  # reads all lots of the one who goes
    assert len(most) >= 14
    assert max(most.values()) <= 96, most


@examples(150)
@given(SEEDS, st.lists(STEPS, min_size=5, max_size=40))
def test_a_rejection_changes_not_one_byte(seed: int, steps: list[Step]) -> None:
    """Wherever it was found, also after what was due by time had been done."""
    played, _ = opened(seed)
    for step in steps:
        before = dict(played.shop.state.pairs)
        _, answer = played.play(step)
        if isinstance(answer, Rejected):
            assert played.shop.state.pairs == before


ONCE = (
    ConfirmDone,
    HoldDone,
    CancelHoldDone,
    ReturnLinesDone,
    VoidDone,
    CorrectDone,
    UseServiceDone,
    AdjustDone,
    MergeMembersDone,
)


def test_everything_twice_is_everything_once() -> None:
    """What is sent again at once changes not one byte, and gets the same answer, marked as repeated."""
    seen: Counter[str] = Counter()
    for seed in seeds(40):
        played, _ = opened(seed)
        for step in random_steps(seed, 100):
            command, first = played.play(step)
            if isinstance(first, ONCE):
                send_again(played, command, first)
                seen[type(command).__name__] += 1
    assert len(seen) == 10
    assert min(seen.values()) > 3


def send_again(played: Played, command: cmd.Command, first: Any) -> None:
    """As a till does that got no answer."""
    before = dict(played.shop.state.pairs)
    again: Any = played.shop.run(command)
    if isinstance(command, cmd.MergeMembers) and isinstance(command.source, str):
        return  # the card is the target's own now: he cannot be merged with himself
    assert type(again) is type(first)
    assert played.shop.state.pairs == before
    if isinstance(again, CorrectDone):
        again, first = again.confirmed, first.confirmed
    assert again.repeated
    for name in ("bill", "returned", "points", "lot", "draws", "left_times", "until_ms", "balance"):
        if name != "returned" or isinstance(again, ReturnLinesDone):  # of a voided receipt nothing is left
            assert getattr(again, name, None) == getattr(first, name, None)


@pytest.mark.parametrize("seed", seeds(8))
def test_a_balance_is_what_touching_the_member_makes_of_it(seed: int) -> None:
    """At any moment, with holds that end and gifts that begin: asked, and recounted after a command."""
    played, members = opened(seed)
    for at, step in enumerate(random_steps(seed, 80)):
        played.play(step)
        if at % 4:
            continue
        shop = same_again(played.shop)
        shop.now_ms += step.seed % (90 * 3_600_000)
        asked = {member: shop.ask(cmd.GetBalance(1, member)) for member in members}
        for member, answer in asked.items():
            shop.run(cmd.ChangeMember(member, "touched"))
            assert shop.ask(cmd.GetBalance(1, member)) == answer
            found: Any = answer
            wallets = [(0, found.balance), *[(one.wallet, one.balance) for one in found.wallets]]
            for wallet, balance in wallets:
                counted = recount(shop.state, found.member_id, shop.now_ms, balance.debt_points, 1, wallet)
                assert balance == counted
            purposed = [lot for lot, _ in lots_of(shop.state, found.member_id) if lot.purposed and lot.points]
            now = [lot for lot in purposed if lot.active_from_ms <= shop.now_ms < lot.active_until_ms]
            assert sorted(found.purposed, key=lambda lot: lot.lot) == now
        ledger.check(shop)
